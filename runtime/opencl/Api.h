//===- Api.h - The part of OpenCL that is called ----------------*- C++ -*-===//
//
// Part of the Tegula Project, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Declared here from the OpenCL 3.0 specification, so that building needs no
// headers of a vendor.
//
//===----------------------------------------------------------------------===//

#ifndef TEGULA_RUNTIME_OPENCL_API_H
#define TEGULA_RUNTIME_OPENCL_API_H

#include "tegula/Tegula.hpp"
#include <cstdint>
#include <memory>
#include <string>

namespace tegula::runtime::opencl {

using ClInt = int32_t;
using ClUint = uint32_t;
using ClBits = uint64_t;
using ClPlatform = struct ClPlatformTag *;
using ClDevice = struct ClDeviceTag *;
using ClContext = struct ClContextTag *;
using ClQueue = struct ClQueueTag *;
using ClProgram = struct ClProgramTag *;
using ClKernel = struct ClKernelTag *;
using ClMem = struct ClMemTag *;

enum ClConstant : ClBits {
  kClSuccess = 0,
  kClTrue = 1,
  kClDeviceTypeCpu = 1 << 1,
  kClDeviceTypeGpu = 1 << 2,
  kClMemReadWrite = 1 << 0,
  kClMemCopyHostPtr = 1 << 5,
  kClPlatformVendor = 0x0903,
  kClDeviceIlVersion = 0x105B,
  kClProgramBuildLog = 0x1183,
};

/// The functions, by their names in the library.
#define TEGULA_OPENCL_FUNCTIONS(X)                                             \
  X(GetPlatformIDs, ClInt(ClUint, ClPlatform *, ClUint *))                     \
  X(GetPlatformInfo, ClInt(ClPlatform, ClUint, size_t, void *, size_t *))      \
  X(GetDeviceIDs, ClInt(ClPlatform, ClBits, ClUint, ClDevice *, ClUint *))     \
  X(GetDeviceInfo, ClInt(ClDevice, ClUint, size_t, void *, size_t *))          \
  X(CreateContext, ClContext(const intptr_t *, ClUint, const ClDevice *,       \
                             void *, void *, ClInt *))                         \
  X(ReleaseContext, ClInt(ClContext))                                          \
  X(CreateCommandQueueWithProperties,                                          \
    ClQueue(ClContext, ClDevice, const ClBits *, ClInt *))                     \
  X(ReleaseCommandQueue, ClInt(ClQueue))                                       \
  X(CreateProgramWithIL, ClProgram(ClContext, const void *, size_t, ClInt *))  \
  X(BuildProgram,                                                              \
    ClInt(ClProgram, ClUint, const ClDevice *, const char *, void *, void *))  \
  X(GetProgramBuildInfo,                                                       \
    ClInt(ClProgram, ClDevice, ClUint, size_t, void *, size_t *))              \
  X(ReleaseProgram, ClInt(ClProgram))                                          \
  X(CreateKernel, ClKernel(ClProgram, const char *, ClInt *))                  \
  X(ReleaseKernel, ClInt(ClKernel))                                            \
  X(SetKernelArg, ClInt(ClKernel, ClUint, size_t, const void *))               \
  X(CreateBuffer, ClMem(ClContext, ClBits, size_t, void *, ClInt *))           \
  X(ReleaseMemObject, ClInt(ClMem))                                            \
  X(EnqueueReadBuffer, ClInt(ClQueue, ClMem, ClUint, size_t, size_t, void *,   \
                             ClUint, const void *, void *))                    \
  X(EnqueueNDRangeKernel,                                                      \
    ClInt(ClQueue, ClKernel, ClUint, const size_t *, const size_t *,           \
          const size_t *, ClUint, const void *, void *))                       \
  X(Finish, ClInt(ClQueue))

/// The library while it is open: an OpenCL loader, or a driver itself.
class Api {
public:
  /// Opens the library of this file name or path; null with `status` saying
  /// what is missing.
  static std::shared_ptr<Api> open(const std::string &library, Status &status);

  template <typename Function> using Pointer = Function *;
#define TEGULA_DECLARE(NAME, ...) Pointer<__VA_ARGS__> NAME = nullptr;
  TEGULA_OPENCL_FUNCTIONS(TEGULA_DECLARE)
#undef TEGULA_DECLARE
};

/// How a call ended: TEGULA_OUT_OF_MEMORY where a buffer didn't fit, else
/// TEGULA_DEVICE_FAILED, with the names of the call and of its code.
Status checkCall(ClInt code, const char *call);

} // namespace tegula::runtime::opencl

#endif // TEGULA_RUNTIME_OPENCL_API_H
