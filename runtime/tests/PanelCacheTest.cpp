//===- PanelCacheTest.cpp - What programs of a thread share ---------------===//
//
// Part of the Tegula Project, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "runtime/cpu/PanelCache.h"

#include <doctest/doctest.h>
#include <initializer_list>

using tegula::runtime::PanelCache;

namespace {
using Found = PanelCache::Found;

Found find(PanelCache &cache, std::initializer_list<uint64_t> key,
           uint64_t bytes = 64) {
  return cache.find(key.begin(), uint32_t(key.size()), bytes);
}
} // namespace

TEST_CASE("a key finds its memory again, others get their own") {
  PanelCache cache(1 << 12);
  Found first = find(cache, {1, 2, 3}), other = find(cache, {1, 2, 4});
  CHECK(first.isNew);
  CHECK(other.isNew);
  CHECK(reinterpret_cast<uintptr_t>(first.memory) % 64 == 0);
  CHECK(static_cast<char *>(other.memory) >=
        static_cast<char *>(first.memory) + 64);
  CHECK(find(cache, {1, 2}).memory != first.memory);
  cache.startProgram();
  Found again = find(cache, {1, 2, 3});
  CHECK(!again.isNew);
  CHECK(again.memory == first.memory);
}

TEST_CASE("what does not fit is not kept until the next program") {
  PanelCache cache(128);
  Found first = find(cache, {1});
  find(cache, {2});
  CHECK(find(cache, {3}).memory == nullptr);
  CHECK(find(cache, {3}).isNew);
  // The program's own stay where they are.
  CHECK(find(cache, {1}).memory == first.memory);
  CHECK(!find(cache, {2}).isNew);
  cache.startProgram();
  CHECK(find(cache, {3}).memory == first.memory);
  CHECK(find(cache, {1}).isNew);
}

TEST_CASE("larger than all of it, and no memory at all") {
  PanelCache small(64), none(0);
  CHECK(find(small, {1}, 65).memory == nullptr);
  CHECK(find(small, {1}, 64).memory != nullptr);
  CHECK(find(none, {1}).memory == nullptr);
  CHECK(find(none, {1}).isNew);
}

TEST_CASE("programs that share nothing stop filling it") {
  PanelCache cache(128);
  for (uint64_t key = 0; key < 3; ++key)
    find(cache, {key});
  cache.startProgram();
  CHECK(find(cache, {7}).memory == nullptr);
}

TEST_CASE("many keys") {
  PanelCache cache(1 << 20);
  for (uint64_t key = 0; key < 2000; ++key)
    REQUIRE(find(cache, {key * 4096}).memory);
  for (uint64_t key = 0; key < 2000; ++key)
    REQUIRE(!find(cache, {key * 4096}).isNew);
}

TEST_CASE("what is found next is known from the last time") {
  PanelCache cache(1 << 12);
  void *a0 = find(cache, {0, 10}).memory, *b0 = find(cache, {1, 10}).memory;
  void *a1 = find(cache, {0, 11}).memory, *b1 = find(cache, {1, 11}).memory;
  CHECK(find(cache, {0, 10}).next == a1);
  CHECK(find(cache, {1, 10}).next == b1);
  // The end leads to the beginning.
  CHECK(find(cache, {0, 11}).next == a0);
  CHECK(find(cache, {1, 11}).next == b0);
  CHECK(find(cache, {0, 12}).next == nullptr);
  CHECK(find(cache, {0, 11}).next != a0);
}
