//===- AtomicTest.cpp - Atomics and the order of programs
//
// Part of the Tegula Project, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "ir/interp/tests/Harness.h"
#include <cmath>

using namespace tegula::ir;
using namespace tegula::ir::test;

namespace {
template <typename T> struct Update {
  const char *kind;
  T old, operand, wanted;
};

template <typename T>
void testKinds(const std::string &type, std::vector<Update<T>> updates) {
  for (const Update<T> &update : updates) {
    INFO(update.kind << " : " << type);
    Kernel kernel("func.func @rmw(%p: !tile.ptr<" + type + ">, %o: !tile.ptr<" +
                  type + ">, %v: " + type + ") {\n%r = tile.atomic_rmw " +
                  update.kind + " relaxed gpu %p, %v : !tile.ptr<" + type +
                  ">, " + type + " -> " + type +
                  "\ntile.store %o, %r : !tile.ptr<" + type + ">\nreturn\n}");
    std::vector<T> memory = {update.old}, result(1);
    kernel.array(memory).array(result).scalar(update.operand);
    CHECK(kernel.run() == "");
    CHECK(memory[0] == update.wanted);
    CHECK((result[0] == update.old || update.old != update.old));
  }
}
} // namespace

TEST_CASE("every kind of update") {
  testKinds<int32_t>("i32", {{"add", INT32_MAX, 1, INT32_MIN},
                             {"and", 12, 10, 8},
                             {"or", 12, 10, 14},
                             {"xor", 12, 10, 6},
                             {"max", -3, 2, 2},
                             {"min", -3, 2, -3},
                             {"umax", -3, 2, -3},
                             {"umin", -3, 2, 2},
                             {"xchg", 5, 9, 9},
                             {"inc", 5, 9, 6},
                             {"inc", 9, 9, 0},
                             {"dec", 5, 9, 4},
                             {"dec", 0, 9, 9},
                             {"dec", 12, 9, 9}});
  testKinds<int8_t>(
      "i8", {{"add", 127, 1, -128}, {"umax", -1, 1, -1}, {"max", -1, 1, 1}});
  testKinds<float>("f32", {{"fadd", 1.5f, 2, 3.5f},
                           {"fmax", -1, 2, 2},
                           {"fmin", -1, 2, -1},
                           {"fmax", NAN, 2, 2},
                           {"fmin", 3, NAN, 3},
                           {"xchg", 3, 4, 4}});
  testKinds<uint16_t>("bf16", {{"fadd", 0x4380, 0x3F80, 0x4380}});
}

TEST_CASE("lanes of one update see each other; inactive ones give 0") {
  Kernel kernel(R"(
    func.func @lanes(%p: !tile.ptr<i32>, %o: !tile.ptr<i32>) {
      %r = tile.range 0 to 4 : tensor<4xi32>
      %m = arith.constant dense<[true, false, true, true]> : tensor<4xi1>
      %one = arith.constant dense<1> : tensor<4xi32>
      %ps = tile.splat %p : !tile.ptr<i32> -> tensor<4x!tile.ptr<i32>>
      %old = tile.atomic_rmw add relaxed gpu %ps, %one mask %m : tensor<4xi1>
        : tensor<4x!tile.ptr<i32>>, tensor<4xi32> -> tensor<4xi32>
      %os = tile.splat %o : !tile.ptr<i32> -> tensor<4x!tile.ptr<i32>>
      %op = tile.ptr_add %os, %r : tensor<4x!tile.ptr<i32>>, tensor<4xi32>
      tile.store %op, %old : tensor<4x!tile.ptr<i32>>
      return
    })");
  std::vector<int32_t> counter = {10}, out(4, -1);
  CHECK(kernel.array(counter).array(out).run() == "");
  CHECK(counter[0] == 13);
  CHECK(out == std::vector<int32_t>{10, 0, 11, 12});
}

TEST_CASE("compare and swap compares bits") {
  Kernel kernel(R"(
    func.func @cas(%p: !tile.ptr<f32>, %o: !tile.ptr<f32>, %e: f32, %v: f32) {
      %old = tile.atomic_cas acq_rel gpu %p, %e, %v : !tile.ptr<f32>, f32 -> f32
      tile.store %o, %old : !tile.ptr<f32>
      return
    })");
  std::vector<float> memory = {0.0f}, out(1);
  kernel.array(memory).array(out).scalar(-0.0f).scalar(7.0f);
  CHECK(kernel.run() == "");
  CHECK(memory[0] == 0);
  memory[0] = -0.0f;
  CHECK(kernel.run() == "");
  CHECK(memory[0] == 7);
}

/// Each program takes a lock, changes a counter without atomics, gives it back.
static const char *const kLock = R"(
  func.func @lock(%lock: !tile.ptr<i32>, %sum: !tile.ptr<i32>) {
    %zero = arith.constant 0 : i32
    %one = arith.constant 1 : i32
    %pid = tile.program_id x : i32
    scf.while : () -> () {
      %old = tile.atomic_cas acquire gpu %lock, %zero, %one : !tile.ptr<i32>, i32 -> i32
      %held = arith.cmpi ne, %old, %zero : i32
      scf.condition(%held)
    } do {
      scf.yield
    }
    %s = tile.load %sum : !tile.ptr<i32>
    // Here another program has its turn in random order.
    %u = tile.atomic_rmw add relaxed gpu %lock, %zero : !tile.ptr<i32>, i32 -> i32
    %t = arith.addi %s, %pid : i32
    tile.store %sum, %t : !tile.ptr<i32>
    %v = tile.atomic_rmw xchg release gpu %lock, %zero : !tile.ptr<i32>, i32 -> i32
    return
  })";

TEST_CASE("a lock protects a sum in every order") {
  Kernel kernel(kLock);
  std::vector<int32_t> lock(1), sum(1);
  kernel.array(lock).array(sum);
  CHECK(kernel.run(100) == "");
  CHECK(sum[0] == 4950);
  kernel.options.order = InterpreterOptions::Order::Random;
  for (uint64_t seed = 0; seed < 20; ++seed) {
    kernel.options.seed = seed;
    sum[0] = 0;
    CHECK(kernel.run(100) == "");
    CHECK(sum[0] == 4950);
  }
  CHECK(kernel.check(100).empty());
}

/// Without the lock the same sum is wrong in some orders, and always a race.
TEST_CASE("the seed decides the order") {
  Kernel kernel(R"(
  func.func @unlocked(%word: !tile.ptr<i32>, %sum: !tile.ptr<i32>) {
    %zero = arith.constant 0 : i32
    %one = arith.constant 1 : i32
    %s = tile.load %sum : !tile.ptr<i32>
    %u = tile.atomic_rmw add relaxed gpu %word, %zero : !tile.ptr<i32>, i32 -> i32
    %t = arith.addi %s, %one : i32
    tile.store %sum, %t : !tile.ptr<i32>
    return
  })");
  std::vector<int32_t> word(1), sum(1);
  kernel.array(word).array(sum);
  kernel.options.order = InterpreterOptions::Order::Random;
  std::vector<int32_t> results;
  for (uint64_t seed : {1, 2, 3, 1, 2, 3}) {
    kernel.options.seed = seed;
    sum[0] = 0;
    CHECK(kernel.run(64) == "");
    results.push_back(sum[0]);
  }
  CHECK(results[0] < 64);
  CHECK(results[0] == results[3]);
  CHECK(results[1] == results[4]);
  CHECK((results[0] != results[1] || results[1] != results[2]));
}

TEST_CASE("a program waits for one that starts later") {
  Kernel kernel(R"(
  func.func @wait(%flags: !tile.ptr<i32>, %o: !tile.ptr<i32>) {
    %one = arith.constant 1 : i32
    %pid = tile.program_id x : i32
    %n = tile.num_programs x : i32
    %next = arith.addi %pid, %one : i32
    %isLast = arith.cmpi eq, %next, %n : i32
    scf.if %isLast {
    } else {
      %p = tile.ptr_add %flags, %next : !tile.ptr<i32>, i32
      %ok = tile.atomic_poll acquire gpu %p, %one : !tile.ptr<i32>, i32
      %q = tile.ptr_add %o, %next : !tile.ptr<i32>, i32
      %v = tile.load %q : !tile.ptr<i32>
      %w = arith.addi %v, %one : i32
      %mine = tile.ptr_add %o, %pid : !tile.ptr<i32>, i32
      tile.store %mine, %w : !tile.ptr<i32>
    }
    %f = tile.ptr_add %flags, %pid : !tile.ptr<i32>, i32
    %r = tile.atomic_rmw xchg release gpu %f, %one : !tile.ptr<i32>, i32 -> i32
    return
  })");
  constexpr int kPrograms = 90;
  std::vector<int32_t> flags(kPrograms), out(kPrograms);
  kernel.array(flags).array(out);
  for (auto order :
       {InterpreterOptions::Order::Linear, InterpreterOptions::Order::Random}) {
    kernel.options.order = order;
    std::fill(flags.begin(), flags.end(), 0);
    std::fill(out.begin(), out.end(), 0);
    CHECK(kernel.run(kPrograms) == "");
    for (int i = 0; i < kPrograms; ++i)
      CHECK(out[i] == kPrograms - 1 - i);
  }
  std::fill(flags.begin(), flags.end(), 0);
  CHECK(kernel.check(kPrograms).empty()); // The flags order what they publish.
}

TEST_CASE("a deadlock is reported, a timeout passes") {
  const char *text = R"(
  func.func @stuck(%flag: !tile.ptr<i32>, %o: !tile.ptr<i1>) {
    %one = arith.constant 1 : i32
    %t = arith.constant 1000 : i64
    %ok = tile.atomic_poll acquire gpu %flag, %one TIMEOUT : !tile.ptr<i32>, i32
    tile.store %o, %ok : !tile.ptr<i1>
    return
  })";
  auto withTimeout = [&](const char *what) {
    std::string copy = text;
    copy.replace(copy.find("TIMEOUT"), 7, what);
    return copy;
  };
  std::vector<int32_t> flag(1);
  std::vector<uint8_t> out = {1};
  Kernel forever(withTimeout(""));
  CHECK(forever.array(flag).array(out).run(3) ==
        "kernel `stuck`, program (0, 0, 0): no progress: 3 programs wait for "
        "memory that nobody changes");
  Kernel limited(withTimeout("timeout %t"));
  CHECK(limited.array(flag).array(out).run(3) == "");
  CHECK(out[0] == 0);
  flag[0] = 1;
  CHECK(limited.run(3) == "");
  CHECK(out[0] == 1);
}

TEST_CASE("thousands of programs") {
  Kernel kernel(R"(
  func.func @count(%c: !tile.ptr<i32>) {
    %r = tile.range 0 to 1024 : tensor<1024xi32>
    %k = arith.constant dense<3> : tensor<1024xi32>
    %m = arith.remui %r, %k : tensor<1024xi32>
    %s = tile.reduce %m axis 0 : (tensor<1024xi32>) -> i32 {
    ^bb0(%a: i32, %b: i32):
      %t = arith.addi %a, %b : i32
      tile.yield %t : i32
    }
    %old = tile.atomic_rmw add relaxed gpu %c, %s : !tile.ptr<i32>, i32 -> i32
    return
  })");
  std::vector<int32_t> counter(1);
  kernel.array(counter);
  CHECK(kernel.run({20, 20, 10}) == "");
  CHECK(counter[0] == 4000 * 1023);
  kernel.options.order = InterpreterOptions::Order::Random;
  CHECK(kernel.run(4000) == "");
  CHECK(counter[0] == 8000 * 1023);
  CHECK(kernel.run(0) == "");
  CHECK(counter[0] == 8000 * 1023);
}
