//===- Launcher.h - Python's arguments to kernels ---------------*- C++ -*-===//
//
// Part of the Tegula Project, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// The path of a warm launch, from Python objects to the runtime. Exceptions
// carry Python errors here, as everywhere behind nanobind.
//
//===----------------------------------------------------------------------===//

#ifndef TEGULA_FRONTEND_PYTHON_NATIVE_LAUNCHER_H
#define TEGULA_FRONTEND_PYTHON_NATIVE_LAUNCHER_H

#include "tegula/runtime.h"
#include <array>
#include <memory>
#include <nanobind/nanobind.h>
// Casts must mean the same in every file.
#include <map>
#include <nanobind/stl/pair.h>
#include <nanobind/stl/string.h>
#include <nanobind/stl/vector.h>
#include <optional>
#include <string>
#include <vector>

namespace tegula::python {

using Grid = std::array<uint32_t, 3>;

/// A grid as Python gives it: one to three numbers from 0 to 2^32 - 1.
Grid gridOf(nanobind::handle grid);

/// Python's exceptions of this module.
struct Errors {
  PyObject *compile, *unavailable, *launch, *assertion;
  static Errors &get();
};

/// A kernel in memory. Any number of threads may launch it.
class Kernel {
public:
  Kernel(const std::string &bytes, const std::string &metadata);

  const tegula_module *get() const { return module.get(); }
  std::string name() const { return tegula_module_name(get()); }
  /// (name, type) of each argument.
  std::vector<std::pair<std::string, std::string>> arguments() const;

  /// Numbers and addresses by the types of the kernel's arguments; `extents`
  /// has the bytes behind each address, 0 where unknown, or is empty.
  void launch(nanobind::handle grid, nanobind::sequence values,
              const std::vector<uint64_t> &extents, uint32_t threads) const;

  /// Without the interpreter's lock.
  void launchSlots(const Grid &grid, const uint64_t *slots, size_t count,
                   const tegula_launch_options &options) const;

private:
  struct Unload {
    void operator()(tegula_module *module) const {
      tegula_module_unload(module);
    }
  };
  std::unique_ptr<tegula_module, Unload> module;
};

/// One entry of a signature as Triton writes it.
struct Passed {
  enum class Form { Nothing, Pointer, Integer, Float, Tuple, Descriptor };
  Form form = Form::Nothing;
  /// Integer, Float: the type of the slot.
  tegula_dtype dtype = TEGULA_I32;
  /// Pointer, Descriptor: the size of an element, 0 where it isn't known.
  unsigned elementBits = 0;
  /// Descriptor: its number of dimensions.
  unsigned rank = 0;
  /// Tuple: the types of the elements.
  std::vector<Passed> elements;

  /// `type` is "constexpr", "*fp32", "i32", "tensordesc<fp16[64, 32]>", a tuple
  /// of such.
  static Passed parse(nanobind::handle type);
};

/// Launches one kernel with the arguments that stock Triton has bound.
class Launcher {
public:
  /// `signature`: the type of each parameter. `isConstant`: for each, whether
  /// the function declares it `tl.constexpr`; callers may leave those out.
  /// `asksForAliases`: the kernel is faster where its arrays share no memory.
  /// `origin` has `checked(code)`, the same code if it is whole, and
  /// `pad_with_nan(numbers)`, (code, metadata) of the kernel for these
  /// descriptors of the host that pad with NaN.
  Launcher(std::string metadata, nanobind::sequence signature,
           std::vector<bool> isConstant, bool asksForAliases,
           nanobind::object origin);

  /// As stock Triton calls it: (x, y, z, stream, code, packed metadata, launch
  /// metadata, enter hook, exit hook, argument...).
  void operator()(nanobind::args all);

private:
  void loadCode(nanobind::handle code);
  /// The kernel for these descriptors, one bit each, that pad with NaN.
  const Kernel &kernelFor(uint64_t nanDescriptors);
  const std::vector<const Passed *> &parametersFor(size_t count) const;

  std::string metadata;
  bool asksForAliases;
  std::unique_ptr<Kernel> kernel;
  nanobind::object origin;
  std::map<uint64_t, std::unique_ptr<Kernel>> paddedKernels;
  std::vector<Passed> signature;
  /// The whole signature, and without declared constants.
  std::vector<const Passed *> every, declared;
};

} // namespace tegula::python

#endif // TEGULA_FRONTEND_PYTHON_NATIVE_LAUNCHER_H
