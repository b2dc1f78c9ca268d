//===- Device.h - Finding a device that takes SPIR-V -------------*- C++
//-*-===//
//
// Part of the Tegula Project, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef TEGULA_RUNTIME_OPENCL_DEVICE_H
#define TEGULA_RUNTIME_OPENCL_DEVICE_H

#include "runtime/opencl/Api.h"

namespace tegula::runtime::opencl {

/// `Cpu` is a processor seen through an OpenCL driver.
enum class DeviceKind { Gpu, Cpu };

struct Device {
  std::shared_ptr<Api> api; ///< Null: there is none.
  ClDevice device = nullptr;
};

/// The first device of this kind whose vendor's name holds `vendor` and that
/// takes SPIR-V; without one, `status` says what was looked for and what to do.
/// TEGULA_OPENCL names the one library that is looked into. Else that is the
/// system's loader and, for a processor, what `./bootstrap test` has fetched.
Device findDevice(DeviceKind kind, const std::string &vendor, Status &status);

} // namespace tegula::runtime::opencl

#endif // TEGULA_RUNTIME_OPENCL_DEVICE_H
