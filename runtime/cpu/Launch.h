//===- Launch.h - The state of one launch -----------------------*- C++ -*-===//
//
// Part of the Tegula Project, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef TEGULA_RUNTIME_CPU_LAUNCH_H
#define TEGULA_RUNTIME_CPU_LAUNCH_H

#include "runtime/cpu/Arena.h"
#include "runtime/cpu/Module.h"
#include "runtime/cpu/PanelCache.h"
#include "runtime/cpu/Solitude.h"

#include <atomic>
#include <csetjmp>
#include <mutex>
#include <optional>
#include <string>

namespace tegula::runtime {

/// Shared by the threads of one launch; lives on the caller's stack.
struct Launch {
  const tegula_module *module;
  const uint64_t *slots;
  const tegula_launch_options *options;
  uint32_t grid[3];
  uint64_t programs; ///< grid[0] * grid[1] * grid[2]
  uint32_t threads = 1;
  uint32_t flags; ///< Of the programs that start.
  uint64_t epoch; ///< Number of interruptions before the launch.
  /// Of a kernel with atomics.
  std::optional<Solitude> solitude;

  /// Takes some of the programs that nobody has taken: how many, from `first`
  /// on. None are left if there are 0.
  uint64_t takeChunk(uint64_t &first);

  std::atomic<uint64_t> next{0};     ///< First program that nobody has taken.
  std::atomic<uint64_t> end;         ///< No program from here on starts.
  std::atomic<bool> stopped{false};  ///< Interrupted or out of memory.
  std::atomic<uint64_t> finished{0}; ///< Counted only for kernels that wait.

  std::mutex mutex;         ///< Guards what follows, and the printing.
  uint64_t failure = ~0ull; ///< Linear id of the lowest failed program.
  tegula_status status = TEGULA_OK;
  std::string message;
};

/// One thread's part of a launch; `tegula_program::launch` points to it.
struct Worker {
  Worker(Launch &launch, uint32_t thread);
  Worker(const Worker &) = delete;
  ~Worker();

  /// Runs the programs [first, last) of those that still may start.
  void run(uint64_t first, uint64_t last);
  /// Takes chunks until there are none.
  void runAll();
  /// Hands what the program has printed to the launch's sink.
  void flush();

  Launch &launch;
  tegula_program program = {};
  std::jmp_buf failed; ///< Where a program that can't go on goes.
  /// What the current program has printed, and which operand comes next.
  std::string printed;
  uint32_t operand = 0;
  /// What the programs share, from the first that asks on.
  std::optional<PanelCache> panels;

private:
  void runChunk(uint64_t first, uint64_t last);

  ArenaLease arena;
  bool isOuterLaunching;
};

const tegula_services *services();

/// The service of that name (Multiply.cpp), on this thread alone.
void multiply(const tegula_program *program, const tegula_product *product);

/// How often tegula_interrupt was called.
uint64_t countInterruptions();

/// Lets other launches with atomics run beside this one.
void endAlone(Launch &launch);

/// Does this thread run a program?
bool isInsideLaunch();

/// False inside a launch, inside somebody's parallel region, and in a child
/// made by fork.
bool mayUseTeam();

/// Runs the programs from launch.next on by a team of launch.threads.
void runTeam(Launch &launch);

} // namespace tegula::runtime

#endif // TEGULA_RUNTIME_CPU_LAUNCH_H
