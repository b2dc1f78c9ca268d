//===- MachineTest.cpp - Tests of what is read of the machine -------------===//
//
// Part of the Tegula Project, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "runtime/cpu/Machine.h"
#include <doctest/doctest.h>

using namespace tegula::runtime;

TEST_CASE("a cgroup's limit is rounded up to processors") {
  CHECK(parseCpuMax("max 100000") == 0);
  CHECK(parseCpuMax("200000 100000") == 2);
  CHECK(parseCpuMax("150000 100000") == 2);
  CHECK(parseCpuMax("5000 100000") == 1);
  // Version 1 says -1 for no limit.
  CHECK(parseCpuMax("-1 100000") == 0);
  CHECK(parseCpuMax("100000 0") == 0);
  CHECK(parseCpuMax("") == 0);
  CHECK(parseCpuMax("a b") == 0);
}

TEST_CASE("cache sizes as sysfs writes them") {
  CHECK(parseCacheSize("32K") == 32768);
  CHECK(parseCacheSize("32M") == uint64_t(32) << 20);
  CHECK(parseCacheSize("100") == 100);
  CHECK(parseCacheSize("") == 0);
  CHECK(parseCacheSize("K") == 0);
}

TEST_CASE("this machine has processors") {
  CHECK(machine().threads >= 1);
  CHECK(&machine() == &machine());
}
