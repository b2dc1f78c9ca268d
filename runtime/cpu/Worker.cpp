//===- Worker.cpp - One thread's part of a launch -------------------------===//
//
// Part of the Tegula Project, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "runtime/cpu/Launch.h"

#include <algorithm>
#include <cstdio>
#include <pthread.h>
#if defined(__x86_64__)
#include <immintrin.h>
#endif

extern "C" int omp_in_parallel(void);

using namespace tegula::runtime;

/// True while the thread runs programs, so that launches don't nest teams.
static thread_local bool isLaunching = false;

/// A child made by fork inherits the state of GCC's team but not its threads,
/// and would wait for them for ever.
static std::atomic<bool> isTeamLost{false};

bool tegula::runtime::isInsideLaunch() { return isLaunching; }

bool tegula::runtime::mayUseTeam() {
  static const bool watched =
      ::pthread_atfork(nullptr, nullptr, [] { isTeamLost = true; }) == 0;
  return watched && !isLaunching && !omp_in_parallel() &&
         !isTeamLost.load(std::memory_order_relaxed);
}

static void reportNoMemory(Launch &launch) {
  launch.stopped = true;
  launch.end = 0;
  std::lock_guard lock(launch.mutex);
  launch.status = TEGULA_OUT_OF_MEMORY;
  launch.message = launch.module->name + ": no memory for " +
                   std::to_string(launch.module->arenaBytes) +
                   " bytes of scratch space per thread";
}

Worker::Worker(Launch &launch, uint32_t thread)
    : launch(launch), isOuterLaunching(isLaunching) {
  isLaunching = true;
  std::copy_n(launch.grid, 3, program.grid);
  program.flags = launch.flags;
  program.thread = thread;
  program.services = services();
  program.launch = this;
  program.arena = arena.reserve(launch.module->arenaBytes);
  if (!program.arena)
    reportNoMemory(launch);
}

Worker::~Worker() {
  isLaunching = isOuterLaunching;
#if defined(__x86_64__)
  // Non-temporal stores are weakly ordered; the caller may not see them yet.
  if (launch.flags & TEGULA_LAUNCH_NONTEMPORAL)
    _mm_sfence();
#endif
}

/// A failed assertion and a wait that was given up come back here by longjmp.
/// Nothing is left to do then: launch.end or launch.stopped say so.
[[gnu::noinline]] void Worker::runChunk(uint64_t first, uint64_t last) {
  const tegula_entry entry = launch.module->entry;
  const uint64_t *const slots = launch.slots;
  const bool waits = launch.module->usesWaits;
  if (_setjmp(failed) != 0)
    return;
  for (uint64_t next = first; next < last; ++next) {
    if (next >= launch.end.load(std::memory_order_relaxed))
      return;
    if (countInterruptions() != launch.epoch) {
      launch.stopped = true;
      return;
    }
    if ((program.flags & TEGULA_LAUNCH_ALONE) && launch.solitude->isAsked()) {
      endAlone(launch);
      program.flags = launch.flags;
    }
    if (panels)
      panels->startProgram();
    entry(slots, &program);
    if (!printed.empty())
      flush();
    if (waits)
      launch.finished.fetch_add(1, std::memory_order_relaxed);
    if (++program.id[0] < program.grid[0])
      continue;
    program.id[0] = 0;
    if (++program.id[1] < program.grid[1])
      continue;
    program.id[1] = 0;
    ++program.id[2];
  }
}

void Worker::run(uint64_t first, uint64_t last) {
  program.id[0] = uint32_t(first % program.grid[0]);
  uint64_t rows = first / program.grid[0];
  program.id[1] = uint32_t(rows % program.grid[1]);
  program.id[2] = uint32_t(rows / program.grid[1]);
  runChunk(first, last);
  // What a failed program printed before it failed.
  if (!printed.empty())
    flush();
}

void Worker::runAll() {
  while (!launch.stopped.load(std::memory_order_relaxed)) {
    uint64_t first, size = launch.takeChunk(first);
    if (size == 0 || first >= launch.end.load(std::memory_order_relaxed))
      break;
    run(first, first + size);
  }
}

void Worker::flush() {
  {
    std::lock_guard lock(launch.mutex);
    if (launch.options->write)
      launch.options->write(launch.options->write_context, printed.data(),
                            printed.size());
    else
      std::fwrite(printed.data(), 1, printed.size(), stdout);
  }
  printed.clear();
}
