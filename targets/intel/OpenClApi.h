//===- OpenClApi.h - The part of OpenCL that is called ----------*- C++ -*-===//
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

#ifndef TEGULA_TARGETS_INTEL_OPENCLAPI_H
#define TEGULA_TARGETS_INTEL_OPENCLAPI_H

#include "llvm/Support/Error.h"
#include <cstdint>
#include <memory>

namespace tegula::targets::intel {

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

/// The library while it is open.
class OpenClApi {
public:
  static llvm::Expected<std::shared_ptr<OpenClApi>> open();
  ~OpenClApi();

  template <typename Function> using Pointer = Function *;
#define TEGULA_DECLARE(NAME, ...) Pointer<__VA_ARGS__> NAME = nullptr;
  TEGULA_OPENCL_FUNCTIONS(TEGULA_DECLARE)
#undef TEGULA_DECLARE

private:
  void *library = nullptr;
};

/// An error that names the call and the code, unless it succeeded.
llvm::Error checkCall(ClInt code, const char *call);

} // namespace tegula::targets::intel

#endif // TEGULA_TARGETS_INTEL_OPENCLAPI_H
