//===- PanelCache.cpp - What programs of a thread share -------------------===//
//
// Part of the Tegula Project, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "runtime/cpu/PanelCache.h"

#include <algorithm>

using namespace tegula::runtime;

static constexpr size_t numSlots = 4096;
static constexpr size_t mostEntries = numSlots / 2;

static uint64_t hashOf(const uint64_t *key, uint32_t words) {
  uint64_t hash = words;
  for (uint32_t i = 0; i < words; ++i) {
    hash = (hash ^ key[i]) * 0x9E3779B97F4A7C15u;
    hash ^= hash >> 32;
  }
  return hash;
}

bool PanelCache::isKey(const Entry &entry, const uint64_t *key,
                       uint32_t words) const {
  return entry.words == words &&
         std::equal(key, key + words, keys.begin() + entry.firstWord);
}

void PanelCache::clear() {
  // Programs that share next to nothing only fill the caches with panels that
  // nobody reads again.
  if (numNew >= numFinds - numFinds / 8)
    capacity = 0;
  std::fill(slots.begin(), slots.end(), 0);
  entries.clear();
  keys.clear();
  used = numFinds = numNew = 0;
  isFull = false;
}

void PanelCache::startProgram() {
  if (isFull)
    clear();
}

void *PanelCache::find(const uint64_t *key, uint32_t words, uint64_t bytes,
                       bool &isNew) {
  isNew = true;
  if (!memory && capacity) {
    memory = static_cast<char *>(lease.reserve(capacity));
    capacity = memory ? capacity : 0;
    slots.resize(numSlots);
  }
  if (bytes > capacity)
    return nullptr;
  ++numFinds;
  uint64_t hash = hashOf(key, words);
  size_t slot = hash % numSlots;
  for (; slots[slot]; slot = (slot + 1) % numSlots) {
    const Entry &entry = entries[slots[slot] - 1u];
    if (entry.hash != hash || !isKey(entry, key, words))
      continue;
    isNew = false;
    return memory + entry.offset;
  }
  ++numNew;
  uint64_t offset = used, rounded = (bytes + 63) / 64 * 64;
  if (isFull || rounded > capacity - used || entries.size() == mostEntries) {
    isFull = true;
    return nullptr;
  }
  used += rounded;
  entries.push_back({hash, offset, uint32_t(keys.size()), words});
  keys.insert(keys.end(), key, key + words);
  slots[slot] = uint16_t(entries.size());
  return memory + offset;
}
