//===- LazyMemory.h - Arrays that grow where they are touched ---*- C++ -*-===//
//
// Part of the Tegula Project, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// A recorded module says nothing of its arrays' sizes. Each pointer argument
// gets the middle of a large reserved range; a page comes to life, with
// contents that depend on its place alone, when it is touched for the first
// time. What an interpreter run has touched is then all that another run may
// touch.
//
//===----------------------------------------------------------------------===//

#ifndef TEGULA_TESTS_TTIR_LAZYMEMORY_H
#define TEGULA_TESTS_TTIR_LAZYMEMORY_H

#include "mlir/IR/Types.h"
#include <csignal>
#include <cstdint>
#include <map>
#include <string>
#include <vector>

namespace tegula::replay {

/// What random elements look like. Floats lie in [-2, 2).
struct Contents {
  uint64_t seed = 0;
  /// Integers lie in [lowest, lowest + count): they may be indices.
  int64_t lowest = -8, count = 64;
  /// The same for bytes, which may be floats or their exponents.
  int64_t lowestByte = -128, countBytes = 256;
};

class LazyMemory {
public:
  static constexpr size_t kPageBytes = 4096;

  explicit LazyMemory(Contents contents);
  ~LazyMemory();
  LazyMemory(const LazyMemory &) = delete;
  LazyMemory &operator=(const LazyMemory &) = delete;

  /// An array of `element`s; gives the address of element 0.
  uint64_t addArray(mlir::Type element);
  mlir::Type elementOf(size_t array) const { return ranges[array].element; }
  size_t arrays() const { return ranges.size(); }

  /// Until then a touch outside of the pages that live ends the process.
  void allowGrowth(bool allowed) { growing = allowed; }
  /// Gives all living pages their first contents again.
  void reset();
  /// The living pages of an array, by address.
  const std::map<uint64_t, std::vector<char>> snapshot(size_t array) const;

private:
  struct Range {
    uint64_t begin = 0, end = 0;
    mlir::Type element;
    std::vector<uint64_t> pages;
  };
  static void handleFault(int, siginfo_t *, void *);
  bool bringToLife(uint64_t address);
  void fill(const Range &range, uint64_t page);

  Contents contents;
  std::vector<Range> ranges;
  bool growing = true;
};

} // namespace tegula::replay

#endif // TEGULA_TESTS_TTIR_LAZYMEMORY_H
