//===- Launch.cpp - Running a grid of programs ----------------------------===//
//
// Part of the Tegula Project, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Threads take chunks of the linear index from one counter: equal shares lose
// up to 1.4x where programs differ in work (causal attention). A launch whose
// whole work is below the price of waking a thread stays on the caller's.
//
//===----------------------------------------------------------------------===//

#include "runtime/cpu/Launch.h"
#include "runtime/Environment.h"
#include "runtime/cpu/Machine.h"

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <iterator>

using namespace tegula::runtime;

/// Below this much work, waking other threads costs more than they save.
static constexpr double breakEvenNs = 10'000;

/// Counts interruptions: a launch stops when it differs from its own start, so
/// nobody has to reset anything.
static std::atomic<uint64_t> interruptions{0};
static_assert(std::atomic<uint64_t>::is_always_lock_free,
              "tegula_interrupt is called from signal handlers");

void tegula_interrupt(void) {
  interruptions.fetch_add(1, std::memory_order_relaxed);
}

uint64_t tegula::runtime::countInterruptions() {
  return interruptions.load(std::memory_order_relaxed);
}

/// Returns what is wrong with the arguments, or nothing.
static std::string findFault(const tegula_module &module, const uint64_t *slots,
                             size_t numSlots,
                             const tegula_launch_options &options) {
  if (numSlots && !slots)
    return "the argument slots are a null pointer";
  if (!module.hasArgs)
    return "";
  if (numSlots != module.args.size())
    return "takes " + std::to_string(module.args.size()) +
           " arguments, but the launch passes " + std::to_string(numSlots);
  for (size_t i = 0; i < numSlots; ++i) {
    bool hasExtent = options.extents && options.extents[i];
    if (module.args[i].isPointer() && !slots[i] &&
        (hasExtent || !options.allow_null))
      return "argument `" + module.args[i].name + "` is a null pointer";
  }
  return "";
}

/// Do no two pointer arguments reach the same byte? Unknown extents may.
static bool areDisjoint(const tegula_module &module, const uint64_t *slots,
                        const uint64_t *extents) {
  const auto &args = module.args;
  for (size_t i = 0; i < args.size(); ++i) {
    if (!args[i].isPointer())
      continue;
    if (!extents[i] || extents[i] > UINT64_MAX - slots[i])
      return false;
    for (size_t j = 0; j < i; ++j)
      if (args[j].isPointer() && slots[i] < slots[j] + extents[j] &&
          slots[j] < slots[i] + extents[i])
        return false;
  }
  return true;
}

/// How much of the last level is a thread's, as a multiple of its own second
/// level: all of it where a few cores share 32 MB, but not of the hundreds of
/// MB that all cores of a server share, however few of them one may use.
static constexpr uint64_t shareOfLastLevel = 16;

/// Whether the arrays exceed the caches that `threads` threads reach; one that
/// is passed twice counts once. Stores past the caches were measured to win
/// from two thirds of that on, on Zen 4 (11 MB for one thread, 21 MB for two),
/// and earlier on a Xeon with a mesh (from 3 MB, by 1.6x at 6 MB).
static bool exceedsCache(const uint64_t *slots, const uint64_t *extents,
                         size_t numSlots, uint64_t threads) {
  uint64_t cache = machine().lastLevelCache, footprint = 0;
  if (uint64_t own = machine().secondLevelCache)
    cache = std::min(cache, own * shareOfLastLevel * threads);
  for (size_t i = 0; i < numSlots; ++i) {
    bool repeated = false;
    for (size_t j = 0; j < i; ++j)
      repeated |= extents[j] && slots[i] == slots[j];
    if (!repeated && __builtin_add_overflow(footprint, extents[i], &footprint))
      return true;
  }
  return cache && footprint > cache / 3 * 2;
}

static uint32_t chooseFlags(const Launch &launch, size_t numSlots) {
  const tegula_launch_options &options = *launch.options;
  uint32_t flags = 0;
  if (options.extents) {
    if (exceedsCache(launch.slots, options.extents, numSlots, launch.threads))
      flags |= TEGULA_LAUNCH_NONTEMPORAL;
    if (launch.module->hasArgs &&
        areDisjoint(*launch.module, launch.slots, options.extents))
      flags |= TEGULA_LAUNCH_NO_ALIAS;
  }
  flags = (flags | options.flags_on) & ~options.flags_off;
  return flags & ~uint32_t(TEGULA_LAUNCH_ALONE);
}

/// Programs with atomics run alone if they can, at first; those that wait for
/// others cannot. A launch from within a program is a part of that one.
static void beginAlone(Launch &launch) {
  if (!launch.module->usesAtomics || isInsideLaunch())
    return;
  launch.solitude.emplace(
      /*mayBeAlone=*/!launch.module->usesWaits &&
      !(launch.options->flags_off & TEGULA_LAUNCH_ALONE));
  if (launch.solitude->isAlone())
    launch.flags |= TEGULA_LAUNCH_ALONE;
}

void tegula::runtime::endAlone(Launch &launch) {
  launch.flags &= ~uint32_t(TEGULA_LAUNCH_ALONE);
  if (launch.solitude)
    launch.solitude->share();
}

//===----------------------------------------------------------------------===//
// The schedule
//===----------------------------------------------------------------------===//

static uint32_t chooseThreads(const Launch &launch) {
  uint32_t threads = launch.options->threads;
  if (launch.programs == 1 || threads == 1 || !mayUseTeam())
    return 1;
  if (!threads)
    threads = numThreadsFromEnvironment();
  if (!threads)
    threads = machine().threads;
  return uint32_t(std::min<uint64_t>(threads, launch.programs));
}

/// Runs programs in this thread in growing steps, as long as that is quick: an
/// estimate below the break-even may be wrong.
static void runWhileQuick(Launch &launch) {
  using Clock = std::chrono::steady_clock;
  Worker worker(launch, 0);
  Clock::time_point start = Clock::now();
  double elapsed = 0;
  uint64_t done = 0;
  for (uint64_t step = 1; done < launch.programs && elapsed < breakEvenNs;) {
    uint64_t last = std::min(launch.programs, done + step);
    worker.run(done, last);
    done = last;
    elapsed =
        std::chrono::duration<double, std::nano>(Clock::now() - start).count();
    // Four times as many, unless that would overshoot by far.
    double perProgram = elapsed / double(done);
    step = std::clamp<uint64_t>(
        uint64_t(std::min(breakEvenNs / (perProgram + 1e-3), 1e9)), 1,
        step * 4);
  }
  launch.next.store(done, std::memory_order_relaxed);
  bool isAlone = launch.flags & TEGULA_LAUNCH_ALONE;
  (isAlone ? launch.module->aloneNs : launch.module->measuredNs)
      .store(float(elapsed / double(done)), std::memory_order_relaxed);
}

/// Chunks shrink as the grid runs out (Polychronopoulos and Kuck, "Guided
/// self-scheduling", 1987): few of them, and a last one that is short even
/// where the last programs are the heaviest, as in causal attention.
uint64_t Launch::takeChunk(uint64_t &first) {
  first = next.load(std::memory_order_relaxed);
  uint64_t size;
  do {
    if (first >= programs)
      return 0;
    // Programs that wait for earlier ones start one at a time, in order.
    size = module->usesWaits
               ? 1
               : std::max<uint64_t>(1, (programs - first) / (threads * 4ull));
  } while (!next.compare_exchange_weak(first, first + size,
                                       std::memory_order_relaxed));
  return size;
}

static void runTimed(Launch &launch) {
  using Clock = std::chrono::steady_clock;
  uint64_t first = launch.next.load(std::memory_order_relaxed);
  Clock::time_point start = Clock::now();
  runTeam(launch);
  std::chrono::duration<double, std::nano> elapsed = Clock::now() - start;
  launch.module->measuredNs.store(
      float(elapsed.count() * launch.threads / double(launch.programs - first)),
      std::memory_order_relaxed);
}

/// Is one thread without locked instructions quicker than all with them?
static bool isQuickerAlone(const Launch &launch) {
  if (!(launch.flags & TEGULA_LAUNCH_ALONE))
    return false;
  float alone = launch.module->aloneNs.load(std::memory_order_relaxed);
  float together = launch.module->measuredNs.load(std::memory_order_relaxed);
  return alone > 0 && together > 0 && alone * float(launch.threads) < together;
}

static void runGrid(Launch &launch) {
  if (launch.module->usesWaits && launch.programs > 1)
    return runTeam(launch);
  if (launch.threads == 1) {
    Worker(launch, 0).run(0, launch.programs);
    return;
  }
  double programNs = launch.module->measuredNs.load(std::memory_order_relaxed);
  if (programNs == 0)
    programNs = launch.module->costNs;
  // What runs alone is measured, too, so that the next launch can choose.
  bool isSmall =
      programNs > 0 && programNs * double(launch.programs) < breakEvenNs;
  if (isSmall || (launch.flags & TEGULA_LAUNCH_ALONE)) {
    runWhileQuick(launch);
    if (launch.next.load(std::memory_order_relaxed) >= launch.programs ||
        launch.stopped)
      return;
    if (isQuickerAlone(launch)) {
      Worker(launch, 0).runAll();
      return;
    }
    endAlone(launch);
  }
  runTimed(launch);
}

static tegula_status finishLaunch(Launch &launch, char *message, size_t size) {
  if (launch.module->usesPrint && !launch.options->write)
    std::fflush(stdout);
  if (launch.status == TEGULA_OK && launch.stopped) {
    launch.status = TEGULA_INTERRUPTED;
    launch.message = launch.module->name + ": interrupted";
  }
  setMessage(message, size, launch.message);
  return launch.status;
}

tegula_status tegula_launch(const tegula_module *module, const uint32_t grid[3],
                            const uint64_t *slots, size_t n_slots,
                            const tegula_launch_options *options, char *message,
                            size_t message_size) {
  static constexpr tegula_launch_options defaults = {};
  if (!options)
    options = &defaults;
  if (!module || !grid) {
    setMessage(message, message_size, "tegula_launch: a null argument");
    return TEGULA_INVALID_ARGUMENT;
  }
  std::string fault;
  // A grid with a zero is no launch, so its pointers don't matter.
  if (grid[0] && grid[1] && grid[2])
    fault = findFault(*module, slots, n_slots, *options);
  uint64_t programs = uint64_t(grid[0]) * grid[1];
  if (__builtin_mul_overflow(programs, uint64_t(grid[2]), &programs) ||
      programs > uint64_t(1) << 62)
    fault = "the grid (" + std::to_string(grid[0]) + ", " +
            std::to_string(grid[1]) + ", " + std::to_string(grid[2]) +
            ") is too large";
  if (!fault.empty()) {
    setMessage(message, message_size, module->name + ": " + fault);
    return TEGULA_INVALID_ARGUMENT;
  }
  setMessage(message, message_size, "");
  if (programs == 0)
    return TEGULA_OK;
  Launch launch;
  launch.module = module;
  launch.slots = slots;
  launch.options = options;
  std::copy_n(grid, 3, launch.grid);
  launch.programs = programs;
  launch.end = programs;
  launch.threads = chooseThreads(launch);
  launch.flags = chooseFlags(launch, n_slots);
  launch.epoch = countInterruptions();
  beginAlone(launch);
  runGrid(launch);
  return finishLaunch(launch, message, message_size);
}

const char *tegula_status_name(tegula_status status) {
  static constexpr const char *names[] = {
      "TEGULA_OK",           "TEGULA_INVALID_ARGUMENT",
      "TEGULA_BAD_MODULE",   "TEGULA_ASSERTION_FAILED",
      "TEGULA_INTERRUPTED",  "TEGULA_OUT_OF_MEMORY",
      "TEGULA_DEVICE_FAILED"};
  return size_t(status) < std::size(names) ? names[status]
                                           : "unknown tegula_status";
}
