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
#include "runtime/cpu/Arena.h"

#include <algorithm>
#include <cstdio>
#include <fstream>
#include <pthread.h>
#include <unistd.h>
#if defined(__x86_64__)
#include <immintrin.h>
#endif

// libgomp's own interface: the runtime needs threads, not a compiler with
// OpenMP switched on.
extern "C" {
void GOMP_parallel(void (*body)(void *), void *data, unsigned numThreads,
                   unsigned flags);
int omp_get_thread_num(void);
int omp_get_max_threads(void);
int omp_in_parallel(void);
}

using namespace tegula::runtime;

//===----------------------------------------------------------------------===//
// State of the process
//===----------------------------------------------------------------------===//

/// Counts interruptions: a launch stops when it differs from its own start.
static std::atomic<uint64_t> interruptions{0};
static_assert(std::atomic<uint64_t>::is_always_lock_free,
              "tegula_interrupt is called from signal handlers");

void tegula_interrupt(void) {
  interruptions.fetch_add(1, std::memory_order_relaxed);
}

/// A forked child inherits libgomp's pool but not its threads and would wait
/// for them for ever.
static std::atomic<bool> isForkedChild{false};

static bool mayUseThreads() {
  static const bool watched =
      ::pthread_atfork(nullptr, nullptr, [] { isForkedChild = true; }) == 0;
  return watched && !isForkedChild.load(std::memory_order_relaxed) &&
         !omp_in_parallel();
}

/// True while the thread runs programs, so that launches don't nest teams.
static thread_local bool isLaunching = false;

static uint64_t lastLevelCacheBytes() {
  static const uint64_t bytes = [] {
    long size = ::sysconf(_SC_LEVEL3_CACHE_SIZE);
    if (size > 0)
      return uint64_t(size);
    uint64_t largest = 0;
    for (int index = 0; index < 8; ++index) {
      std::ifstream file("/sys/devices/system/cpu/cpu0/cache/index" +
                         std::to_string(index) + "/size");
      uint64_t kibibytes = 0;
      if (file >> kibibytes)
        largest = std::max(largest, kibibytes << 10);
    }
    return largest ? largest : uint64_t(32) << 20;
  }();
  return bytes;
}

//===----------------------------------------------------------------------===//
// One thread's part
//===----------------------------------------------------------------------===//

/// Runs programs [first, last). Kept apart from the code that owns memory: a
/// failed assertion comes back here by longjmp and nothing is left to do, since
/// it has lowered launch.end.
[[gnu::noinline]] static void runChunk(Worker &worker, tegula_program &program,
                                       uint64_t first, uint64_t last) {
  Launch &launch = *worker.launch;
  const tegula_entry entry = launch.module->entry;
  const uint32_t sizeX = launch.grid[0], sizeY = launch.grid[1];
  program.id[0] = uint32_t(first % sizeX);
  program.id[1] = uint32_t(first / sizeX % sizeY);
  program.id[2] = uint32_t(first / sizeX / sizeY);
  if (_setjmp(worker.failed) != 0)
    return;
  for (uint64_t next = first; next < last; ++next) {
    if (next >= launch.end.load(std::memory_order_relaxed))
      return;
    if (interruptions.load(std::memory_order_relaxed) != launch.epoch) {
      launch.stopped = true;
      return;
    }
    entry(launch.slots, &program);
    if (!worker.printed.empty())
      flushPrinted(worker);
    if (++program.id[0] < sizeX)
      continue;
    program.id[0] = 0;
    if (++program.id[1] < sizeY)
      continue;
    program.id[1] = 0;
    ++program.id[2];
  }
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

static void runThread(Launch &launch, uint32_t thread) {
  ArenaLease arena;
  tegula_program program = {};
  std::copy_n(launch.grid, 3, program.grid);
  program.flags = launch.flags;
  program.thread = thread;
  program.services = services();
  program.arena = arena.reserve(launch.module->arenaBytes);
  if (!program.arena)
    return reportNoMemory(launch);
  Worker worker;
  worker.launch = &launch;
  program.launch = &worker;
  bool outer = isLaunching;
  isLaunching = true;
  while (!launch.stopped.load(std::memory_order_relaxed)) {
    uint64_t first =
        launch.next.fetch_add(launch.chunk, std::memory_order_relaxed);
    if (first >= launch.end.load(std::memory_order_relaxed))
      break;
    runChunk(worker, program, first,
             std::min(first + launch.chunk, launch.programs));
    // What a failed program printed before it failed.
    if (!worker.printed.empty())
      flushPrinted(worker);
  }
  isLaunching = outer;
#if defined(__x86_64__)
  // Non-temporal stores are weakly ordered; the caller may not see them yet.
  if (launch.flags & TEGULA_LAUNCH_NONTEMPORAL)
    _mm_sfence();
#endif
}

//===----------------------------------------------------------------------===//
// The launch
//===----------------------------------------------------------------------===//

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
  for (size_t i = 0; i < numSlots && options.extents; ++i)
    if (module.args[i].isPointer() && !slots[i] && options.extents[i])
      return "argument `" + module.args[i].name +
             "` is a null pointer, but is said to hold " +
             std::to_string(options.extents[i]) + " bytes";
  return "";
}

static uint32_t chooseFlags(size_t numSlots,
                            const tegula_launch_options &options) {
  uint32_t flags = 0;
  if (options.extents) {
    uint64_t footprint = 0;
    for (size_t i = 0; i < numSlots; ++i)
      footprint += options.extents[i];
    if (footprint > lastLevelCacheBytes() / 3 * 2)
      flags |= TEGULA_LAUNCH_NONTEMPORAL;
  }
  return (flags | options.flags_on) & ~options.flags_off;
}

static uint32_t chooseThreads(const Launch &launch) {
  constexpr double parallelNs = 10'000;
  uint32_t threads = launch.options->threads;
  if (launch.programs == 1 || threads == 1 || isLaunching || !mayUseThreads())
    return 1;
  // No estimate means a kernel of unknown length, not one of length zero.
  double costNs = launch.module->costNs;
  if (costNs > 0 && costNs * double(launch.programs) < parallelNs)
    return 1;
  if (!threads)
    threads = numThreadsFromEnvironment();
  if (!threads)
    threads = uint32_t(std::max(1, omp_get_max_threads()));
  return uint32_t(std::min<uint64_t>(threads, launch.programs));
}

static void runGrid(Launch &launch) {
  uint32_t threads = chooseThreads(launch);
  launch.chunk = launch.programs;
  if (threads == 1)
    return runThread(launch, 0);
  // A program that waits for an earlier one must not sit in front of it in a
  // chunk: one at a time keeps the order of starting.
  launch.chunk =
      launch.module->usesWaits
          ? 1
          : std::max<uint64_t>(1, launch.programs / (uint64_t(threads) * 8));
  GOMP_parallel(
      [](void *data) {
        runThread(*static_cast<Launch *>(data), uint32_t(omp_get_thread_num()));
      },
      &launch, threads, /*flags=*/0);
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
  std::string fault = findFault(*module, slots, n_slots, *options);
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
  launch.flags = chooseFlags(n_slots, *options);
  launch.epoch = interruptions.load(std::memory_order_relaxed);
  runGrid(launch);
  return finishLaunch(launch, message, message_size);
}

const char *tegula_status_name(tegula_status status) {
  static constexpr const char *names[] = {
      "TEGULA_OK",          "TEGULA_INVALID_ARGUMENT",
      "TEGULA_BAD_MODULE",  "TEGULA_ASSERTION_FAILED",
      "TEGULA_INTERRUPTED", "TEGULA_OUT_OF_MEMORY"};
  return size_t(status) < std::size(names) ? names[status]
                                           : "unknown tegula_status";
}
