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
  last.fill(0);
  used = numFinds = numNew = 0;
  isFull = false;
}

void PanelCache::startProgram() {
  if (isFull)
    clear();
}

PanelCache::Found PanelCache::follow(uint16_t entry, uint64_t firstWord,
                                     bool isNew) {
  uint16_t &before = last[firstWord % last.size()];
  if (before)
    entries[before - 1u].next = uint16_t(entry + 1);
  before = uint16_t(entry + 1);
  const Entry &found = entries[entry];
  const void *next =
      found.next ? memory + entries[found.next - 1u].offset : nullptr;
  return {memory + found.offset, isNew, next};
}

PanelCache::Found PanelCache::find(const uint64_t *key, uint32_t words,
                                   uint64_t bytes) {
  if (!memory && capacity) {
    memory = static_cast<char *>(lease.reserve(capacity));
    capacity = memory ? capacity : 0;
    slots.resize(numSlots);
  }
  if (bytes > capacity)
    return {};
  ++numFinds;
  uint64_t hash = hashOf(key, words);
  size_t slot = hash % numSlots;
  for (; slots[slot]; slot = (slot + 1) % numSlots) {
    uint16_t entry = slots[slot] - 1u;
    if (entries[entry].hash == hash && isKey(entries[entry], key, words))
      return follow(entry, key[0], /*isNew=*/false);
  }
  ++numNew;
  uint64_t offset = used, rounded = (bytes + 63) / 64 * 64;
  if (isFull || rounded > capacity - used || entries.size() == mostEntries) {
    isFull = true;
    return {};
  }
  used += rounded;
  entries.push_back({hash, offset, uint32_t(keys.size()), words, 0});
  keys.insert(keys.end(), key, key + words);
  slots[slot] = uint16_t(entries.size());
  return follow(slots[slot] - 1u, key[0], /*isNew=*/true);
}
