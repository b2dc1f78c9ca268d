//===- Arena.cpp - Scratch memory of running programs ---------------------===//
//
// Part of the Tegula Project, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "runtime/cpu/Arena.h"

#include <cstdlib>
#include <sys/mman.h>

using namespace tegula::runtime;

static constexpr size_t hugePage = size_t(2) << 20;

Arena::~Arena() { std::free(memory); }

void *Arena::reserve(size_t bytes) {
  if (bytes <= capacity && memory)
    return memory;
  size_t alignment = bytes >= hugePage ? hugePage : 64;
  size_t rounded = (bytes + alignment - 1) / alignment * alignment;
  if (rounded == 0)
    rounded = alignment;
  void *grown = std::aligned_alloc(alignment, rounded);
  if (!grown)
    return nullptr;
  // Spilled tiles are walked in blocks: fewer TLB misses. Only a hint.
  if (alignment == hugePage)
    (void)::madvise(grown, rounded, MADV_HUGEPAGE);
  std::free(memory);
  memory = grown;
  capacity = rounded;
  return memory;
}

namespace {
struct ThreadArena {
  Arena arena;
  bool leased = false;
};
} // namespace

/// Owned by the thread, freed when it ends.
static ThreadArena &threadArena() {
  static thread_local ThreadArena arena;
  return arena;
}

ArenaLease::ArenaLease() {
  ThreadArena &mine = threadArena();
  owned = mine.leased;
  arena = owned ? new Arena : &mine.arena;
  if (!owned)
    mine.leased = true;
}

ArenaLease::~ArenaLease() {
  if (owned)
    delete arena;
  else
    threadArena().leased = false;
}
