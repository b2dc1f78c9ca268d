//===- CpuExecutable.h - Shared objects in this process ---------*- C++ -*-===//
//
// Part of the Tegula Project, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef TEGULA_TARGETS_CPU_CPUEXECUTABLE_H
#define TEGULA_TARGETS_CPU_CPUEXECUTABLE_H

#include "targets/Target.h"

namespace tegula::targets {

/// Hands a shared object and its metadata to the runtime.
llvm::Expected<std::unique_ptr<Executable>> loadOnCpu(const Artifact &artifact);

} // namespace tegula::targets

#endif // TEGULA_TARGETS_CPU_CPUEXECUTABLE_H
