//===- Arguments.h - Python objects as slots of a launch --------*- C++ -*-===//
//
// Part of the Tegula Project, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// One number or one array at a time. Exceptions carry Python errors here, as
// everywhere behind nanobind.
//
//===----------------------------------------------------------------------===//

#ifndef TEGULA_FRONTEND_PYTHON_NATIVE_ARGUMENTS_H
#define TEGULA_FRONTEND_PYTHON_NATIVE_ARGUMENTS_H

#include "tegula/runtime.h"
#include <nanobind/nanobind.h>
#include <optional>
#include <string>

namespace tegula::python {

[[noreturn]] void raise(PyObject *type, const std::string &message);

/// The object, or the Python error that is set.
PyObject *checked(PyObject *object);

nanobind::object attribute(nanobind::handle object, PyObject *name);

/// Attribute names, made once.
struct Names {
  PyObject *base, *calls, *dataPtr, *device, *exchange, *isCpu, *nbytes,
      *padding, *shape, *storage, *strides;
  static const Names &get();
};

/// How a message speaks of an object: "a torch.Tensor".
std::string describe(nanobind::handle object);

/// A number as the slot of an argument of type `dtype`; else a TypeError or an
/// OverflowError. An integer may be given for a float, not the other way round.
uint64_t integerBits(nanobind::handle object, tegula_dtype dtype);
uint64_t floatBits(nanobind::handle object, tegula_dtype dtype);

/// A pointer argument: where it points to, and how many bytes its object has
/// from there on; 0 where that isn't known.
struct Pointer {
  uint64_t address = 0, bytes = 0;
};

/// Of None, an integer, or an object with data_ptr(), whose memory must be the
/// processor's. `bits`: the size of the elements that the kernel expects, which
/// must be the object's where it tells; 0 expects nothing.
Pointer pointerOf(nanobind::handle object, unsigned bits = 0);

/// All of the memory that a tensor is a view of, where that is known: a kernel
/// may leave the view that it is given.
struct Memory {
  uint64_t begin, bytes;
};
std::optional<Memory> memoryOf(nanobind::handle object);

} // namespace tegula::python

#endif // TEGULA_FRONTEND_PYTHON_NATIVE_ARGUMENTS_H
