//===- Arena.cpp - Scratch memory of running programs ---------------------===//
//
// Part of the Tegula Project, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "runtime/cpu/Arena.h"

#include <algorithm>
#include <cstdint>
#include <cstdlib>
#include <sys/mman.h>

using namespace tegula::runtime;

static constexpr size_t hugePage = size_t(2) << 20;

/// Large arenas are mapped, which keeps them apart from the heap: a whole
/// number of huge pages, and at the start of one. Null where there is no
/// memory.
static void *mapHuge(size_t bytes) {
  size_t mapped = bytes + hugePage;
  void *start = ::mmap(nullptr, mapped, PROT_READ | PROT_WRITE,
                       MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  if (start == MAP_FAILED)
    return nullptr;
  auto address = reinterpret_cast<uintptr_t>(start);
  size_t before = (hugePage - address % hugePage) % hugePage;
  char *memory = static_cast<char *>(start) + before;
  if (before)
    ::munmap(start, before);
  ::munmap(memory + bytes, hugePage - before);
  // Spilled tiles are walked in blocks: fewer TLB misses. Only a hint.
  (void)::madvise(memory, bytes, MADV_HUGEPAGE);
  return memory;
}

Arena::~Arena() { release(); }

void Arena::release() {
  if (capacity >= hugePage)
    ::munmap(memory, capacity);
  else
    std::free(memory);
  memory = nullptr;
  capacity = 0;
}

void *Arena::reserve(size_t bytes) {
  if (bytes <= capacity && memory)
    return memory;
  release();
  size_t unit = bytes >= hugePage ? hugePage : 64;
  size_t rounded = std::max(unit, (bytes + unit - 1) / unit * unit);
  memory = rounded >= hugePage ? mapHuge(rounded)
                               : std::aligned_alloc(unit, rounded);
  if (memory)
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
static ThreadArena &threadArena(ArenaUse use) {
  static thread_local ThreadArena arenas[2];
  return arenas[static_cast<size_t>(use)];
}

ArenaLease::ArenaLease(ArenaUse use) : use(use) {
  ThreadArena &mine = threadArena(use);
  owned = mine.leased;
  arena = owned ? new Arena : &mine.arena;
  if (!owned)
    mine.leased = true;
}

ArenaLease::~ArenaLease() {
  if (owned)
    delete arena;
  else
    threadArena(use).leased = false;
}
