//===- DLPack.h - How libraries show their arrays to C ----------*- C++ -*-===//
//
// Part of the Tegula Project, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// The part of DLPack 1.x that a launch needs, by its specification
// (https://dmlc.github.io/dlpack): no header of it is in Debian 12. A library
// puts a capsule `dlpack_exchange_api` on the type of its arrays, whose
// function describes an array in some 20 ns, where asking for its attributes
// takes 200.
//
//===----------------------------------------------------------------------===//

#ifndef TEGULA_FRONTEND_PYTHON_NATIVE_DLPACK_H
#define TEGULA_FRONTEND_PYTHON_NATIVE_DLPACK_H

#include <cstdint>

namespace tegula::python::dlpack {

constexpr int32_t deviceCPU = 1;
constexpr uint8_t codeComplex = 5;
constexpr uint32_t majorVersion = 1;

struct Tensor {
  void *data;
  int32_t deviceType, deviceId;
  int32_t rank;
  uint8_t code, bits;
  uint16_t lanes;
  int64_t *shape, *strides;
  uint64_t byteOffset;
};

struct ExchangeAPI {
  uint32_t major, minor;
  ExchangeAPI *previous;
  void *allocate, *managedFromObject, *managedToObject;
  /// 0, or -1 with a Python error set. The tensor lives as long as `object`.
  int (*tensorFromObject)(void *object, Tensor *tensor);
  void *currentStream;
};

} // namespace tegula::python::dlpack

#endif // TEGULA_FRONTEND_PYTHON_NATIVE_DLPACK_H
