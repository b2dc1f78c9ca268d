//===- Solitude.cpp - Launches with atomics that run alone ----------------===//
//
// Part of the Tegula Project, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "runtime/cpu/Solitude.h"

#include <atomic>
#include <cstdint>
#include <pthread.h>

using namespace tegula::runtime;

/// All launches with atomics: `isAlone` if one of them is, `isAsked` if another
/// waits for it, and their number in steps of `one`.
static std::atomic<uint32_t> state{0};
static constexpr uint32_t isAloneBit = 1, isAskedBit = 2, one = 4;

/// A child made by fork has none of its parent's launches.
static bool watchForks() {
  static const bool watched =
      ::pthread_atfork(nullptr, nullptr, [] { state = 0; }) == 0;
  return watched;
}

Solitude::Solitude(bool mayBeAlone) {
  mayBeAlone &= watchForks();
  uint32_t seen = state.load(std::memory_order_relaxed), next;
  do {
    alone = mayBeAlone && seen == 0;
    next = seen + one;
    if (alone)
      next |= isAloneBit;
    else if (seen & isAloneBit)
      next |= isAskedBit;
  } while (!state.compare_exchange_weak(seen, next, std::memory_order_acq_rel,
                                        std::memory_order_relaxed));
  while (!alone && (next & isAloneBit)) {
    state.wait(next, std::memory_order_acquire);
    next = state.load(std::memory_order_acquire);
  }
}

bool Solitude::isAsked() const {
  return state.load(std::memory_order_relaxed) & isAskedBit;
}

void Solitude::share() {
  if (!alone)
    return;
  alone = false;
  uint32_t before = state.fetch_and(~(isAloneBit | isAskedBit));
  if (before & isAskedBit)
    state.notify_all();
}

Solitude::~Solitude() {
  share();
  state.fetch_sub(one, std::memory_order_release);
}
