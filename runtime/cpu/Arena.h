//===- Arena.h - Scratch memory of running programs -------------*- C++ -*-===//
//
// Part of the Tegula Project, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef TEGULA_RUNTIME_CPU_ARENA_H
#define TEGULA_RUNTIME_CPU_ARENA_H

#include <cstddef>

namespace tegula::runtime {

/// A block of memory, 64-byte aligned, that only grows.
class Arena {
public:
  Arena() = default;
  Arena(const Arena &) = delete;
  Arena &operator=(const Arena &) = delete;
  ~Arena();

  /// Null if there is no memory. The contents are not kept.
  void *reserve(size_t bytes);

private:
  void release();

  void *memory = nullptr;
  size_t capacity = 0;
};

/// What a thread needs memory for: a program's own, or what its programs share.
enum class ArenaUse { Scratch, Panels };

/// The arena of the calling thread while a launch uses it. A launch from
/// within a launch (e.g. from a print callback) gets one of its own, because
/// the outer programs' values lie in the thread's.
class ArenaLease {
public:
  explicit ArenaLease(ArenaUse use = ArenaUse::Scratch);
  ArenaLease(const ArenaLease &) = delete;
  ArenaLease &operator=(const ArenaLease &) = delete;
  ~ArenaLease();
  void *reserve(size_t bytes) { return arena->reserve(bytes); }

private:
  Arena *arena;
  ArenaUse use;
  bool owned;
};

} // namespace tegula::runtime

#endif // TEGULA_RUNTIME_CPU_ARENA_H
