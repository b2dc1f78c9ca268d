//===- EmulatedExecutable.h - Shared objects under QEMU ---------*- C++ -*-===//
//
// Part of the Tegula Project, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef TEGULA_TARGETS_CPU_EMULATEDEXECUTABLE_H
#define TEGULA_TARGETS_CPU_EMULATEDEXECUTABLE_H

#include "targets/Target.h"

namespace tegula::targets {

/// Whether code for `desc` can be emulated here.
Support probeEmulator(const TargetDesc &desc);

/// Each launch is a process that runs the shared object. Arrays need extents.
std::unique_ptr<Executable> loadOnEmulator(const Artifact &artifact,
                                           const TargetDesc &desc);

} // namespace tegula::targets

#endif // TEGULA_TARGETS_CPU_EMULATEDEXECUTABLE_H
