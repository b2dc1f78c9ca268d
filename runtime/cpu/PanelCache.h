//===- PanelCache.h - What programs of a thread share -----------*- C++ -*-===//
//
// Part of the Tegula Project, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef TEGULA_RUNTIME_CPU_PANELCACHE_H
#define TEGULA_RUNTIME_CPU_PANELCACHE_H

#include "runtime/cpu/Arena.h"

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
  /// The memory of `key`, null where there is none. `isNew` if it was not
  /// there.
  void *find(const uint64_t *key, uint32_t words, uint64_t bytes, bool &isNew);

private:
  struct Entry {
    uint64_t hash, offset;
    uint32_t firstWord, words;
  };

  void clear();
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
};

} // namespace tegula::runtime

#endif // TEGULA_RUNTIME_CPU_PANELCACHE_H
