//===- OpenClExecutable.h - SPIR-V on an OpenCL device ----------*- C++ -*-===//
//
// Part of the Tegula Project, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef TEGULA_TARGETS_INTEL_OPENCLEXECUTABLE_H
#define TEGULA_TARGETS_INTEL_OPENCLEXECUTABLE_H

#include "runtime/opencl/Device.h"
#include "targets/Target.h"

namespace tegula::targets {

/// Hands a SPIR-V module and its metadata to the runtime.
llvm::Expected<std::unique_ptr<Executable>>
loadOnOpenCl(const Artifact &artifact, runtime::opencl::Device device);

} // namespace tegula::targets

#endif // TEGULA_TARGETS_INTEL_OPENCLEXECUTABLE_H
