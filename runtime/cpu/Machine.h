//===- Machine.h - What the runtime must know of this machine ---*- C++ -*-===//
//
// Part of the Tegula Project, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef TEGULA_RUNTIME_CPU_MACHINE_H
#define TEGULA_RUNTIME_CPU_MACHINE_H

#include <cstdint>
#include <string>

namespace tegula::runtime {

struct Machine {
  /// Threads that a launch uses unless told otherwise: OpenMP's number
  /// (OMP_NUM_THREADS, affinity), but no more than a container's limit.
  uint32_t threads;
  /// Bytes of the last-level cache, 0 where unknown.
  uint64_t lastLevelCache;
  /// Bytes of the second level, which is a core's own; 0 where unknown.
  uint64_t secondLevelCache;
};

/// The machine as it was at the first call.
const Machine &machine();

/// Processors that a cgroup's limit amounts to, rounded up; `text` is the
/// "quota period" of a cpu.max file. 0: there is no limit.
uint32_t parseCpuMax(const std::string &text);

/// A size as sysfs writes it: "512K", "32M", "100". 0: not a size.
uint64_t parseCacheSize(const std::string &text);

} // namespace tegula::runtime

#endif // TEGULA_RUNTIME_CPU_MACHINE_H
