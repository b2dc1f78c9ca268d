//===- PanelCache.h - What programs of a thread share -----------*- C++ -*-===//
//
// Part of the Tegula Project, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef TEGULA_RUNTIME_CPU_PANELCACHE_H
#define TEGULA_RUNTIME_CPU_PANELCACHE_H

#include "runtime/cpu/Arena.h"

#include <array>
#include <cstdint>
#include <vector>

namespace tegula::runtime {

/// Operands of matrix products in the form that the kernel reads, found again
/// by the scalars they were made from. One thread's, for one launch. Fills a
/// block of memory from the start; when it is full, what follows is not kept
/// until the program ends, and the next program starts with an empty one.
class PanelCache {
public:
  /// Keeps to `capacity` bytes, which are taken at the first find.
  explicit PanelCache(uint64_t capacity) : capacity(capacity) {}

  /// Says that another program starts: what it holds may be dropped from here.
  void startProgram();
  struct Found {
    void *memory = nullptr; ///< Null where there is none.
    bool isNew = true;      ///< It was not there.
    /// What was found after it the last time, among keys with the same first
    /// word; null if nothing was.
    const void *next = nullptr;
  };
  Found find(const uint64_t *key, uint32_t words, uint64_t bytes);

private:
  struct Entry {
    uint64_t hash, offset;
    uint32_t firstWord, words;
    uint16_t next; ///< entry + 1
  };

  void clear();
  /// `entry` is found, for a key that begins with this word.
  Found follow(uint16_t entry, uint64_t firstWord, bool isNew);
  bool isKey(const Entry &entry, const uint64_t *key, uint32_t words) const;

  ArenaLease lease{ArenaUse::Panels};
  char *memory = nullptr;
  uint64_t capacity, used = 0;
  bool isFull = false;
  /// Finds since the last clearing, and how many of them were new.
  uint64_t numFinds = 0, numNew = 0;
  std::vector<Entry> entries;
  std::vector<uint64_t> keys;  ///< The words of all entries.
  std::vector<uint16_t> slots; ///< By hash: entry + 1, open addressing.
  /// The entry + 1 that was found last, by the key's first word. Words that
  /// share a place spoil each other's guesses and nothing else.
  std::array<uint16_t, 8> last = {};
};

} // namespace tegula::runtime

#endif // TEGULA_RUNTIME_CPU_PANELCACHE_H
