//===- OpenCl.h - SPIR-V programs through OpenCL ----------------*- C++ -*-===//
//
// Part of the Tegula Project, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// The library is opened when it is needed, never linked. An OpenCL loader finds
// drivers by the files of a folder, which OCL_ICD_VENDORS can name.
//
//===----------------------------------------------------------------------===//

#ifndef TEGULA_TARGETS_INTEL_OPENCL_H
#define TEGULA_TARGETS_INTEL_OPENCL_H

#include "targets/Target.h"

namespace tegula::targets::intel {

enum class DeviceKind { Gpu, Cpu };

/// Success if there is an Intel device of this kind that takes SPIR-V, else
/// what is missing.
Support probeDevice(DeviceKind kind);

/// Builds the artifact's program on the first such device.
llvm::Expected<std::unique_ptr<Executable>>
loadProgram(const Artifact &artifact, DeviceKind kind);

} // namespace tegula::targets::intel

#endif // TEGULA_TARGETS_INTEL_OPENCL_H
