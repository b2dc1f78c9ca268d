//===- Team.cpp - The threads of a launch ---------------------------------===//
//
// Part of the Tegula Project, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// The grid is an OpenMP team. GCC's runtime is called directly: it is the one
// that oneDNN, OpenBLAS and PyTorch bring too, and with the compiler's own
// -fopenmp a second one would come in beside it.
//
//===----------------------------------------------------------------------===//

#include "runtime/cpu/Launch.h"

#include <chrono>
#include <condition_variable>
#include <system_error>
#include <thread>
#include <vector>

extern "C" {
void GOMP_parallel(void (*body)(void *), void *data, unsigned numThreads,
                   unsigned flags);
int omp_get_thread_num(void);
}

using namespace tegula::runtime;

namespace {

/// Watches a launch of programs that wait for one another. Where no program
/// ends for a while, those that run may wait for one that has not started: more
/// threads start more programs.
class Helpers {
public:
  explicit Helpers(Launch &launch) : launch(launch) {
    try {
      watcher = std::thread([this] { watch(); });
    } catch (const std::system_error &) {
      // Without it only waits for programs that can't start may hang.
    }
  }
  ~Helpers() {
    {
      std::lock_guard lock(mutex);
      done = true;
    }
    wake.notify_all();
    if (watcher.joinable())
      watcher.join();
  }

private:
  void watch() {
    constexpr auto patience = std::chrono::milliseconds(20);
    std::vector<std::thread> threads;
    uint64_t seen = 0;
    std::unique_lock lock(mutex);
    while (!wake.wait_for(lock, patience, [&] { return done; })) {
      uint64_t finished = launch.finished.load(std::memory_order_relaxed);
      if (finished == seen)
        for (size_t more = threads.size() + 1; more; --more)
          start(threads);
      seen = finished;
    }
    lock.unlock();
    for (std::thread &thread : threads)
      thread.join();
  }

  void start(std::vector<std::thread> &threads) {
    constexpr size_t mostThreads = 4096;
    if (launch.next.load(std::memory_order_relaxed) >= launch.programs ||
        threads.size() >= mostThreads)
      return;
    auto index = launch.threads + static_cast<uint32_t>(threads.size());
    try {
      threads.emplace_back([this, index] { Worker(launch, index).runAll(); });
    } catch (const std::system_error &) {
      // The system has no more threads: the ones that run must do.
    }
  }

  Launch &launch;
  std::thread watcher;
  std::mutex mutex;
  std::condition_variable wake;
  bool done = false;
};

} // namespace

static void runMembers(Launch &launch) {
  if (launch.threads == 1) {
    Worker(launch, 0).runAll();
    return;
  }
  GOMP_parallel(
      [](void *data) {
        Worker(*static_cast<Launch *>(data), uint32_t(omp_get_thread_num()))
            .runAll();
      },
      &launch, launch.threads, /*flags=*/0);
}

void tegula::runtime::runTeam(Launch &launch) {
  if (!launch.module->usesWaits) {
    runMembers(launch);
    return;
  }
  Helpers helpers(launch);
  runMembers(launch);
}
