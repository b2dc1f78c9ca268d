//===- ControlTest.cpp - Loops, branches, calls
//
// Part of the Tegula Project, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "ir/interp/tests/Harness.h"

using namespace tegula::ir;
using namespace tegula::ir::test;

/// Runs a kernel of one i32 argument that writes one i64.
static int64_t run(Kernel &kernel, int32_t argument) {
  std::vector<int64_t> out(1);
  kernel.slots.clear(), kernel.extents.clear();
  kernel.array(out).scalar(argument);
  CHECK(kernel.run() == "");
  return out[0];
}

TEST_CASE("a loop carries values that change places") {
  Kernel kernel(R"(
    func.func @fibonacci(%o: !tile.ptr<i64>, %n: i32) {
      %c0 = arith.constant 0 : i32
      %c1 = arith.constant 1 : i32
      %z = arith.constant 0 : i64
      %u = arith.constant 1 : i64
      %a, %b = scf.for %i = %c0 to %n step %c1 iter_args(%x = %z, %y = %u) -> (i64, i64) : i32 {
        %s = arith.addi %x, %y : i64
        scf.yield %y, %s : i64, i64
      }
      tile.store %o, %a : !tile.ptr<i64>
      return
    })");
  CHECK(run(kernel, 0) == 0);
  CHECK(run(kernel, -3) == 0);
  CHECK(run(kernel, 1) == 1);
  CHECK(run(kernel, 50) == 12586269025);
}

TEST_CASE("nested loops, steps that overshoot, unsigned bounds") {
  Kernel kernel(R"(
    func.func @sum(%o: !tile.ptr<i64>, %n: i32) {
      %c0 = arith.constant 0 : i32
      %c3 = arith.constant 3 : i32
      %near = arith.constant -2 : i32
      %max = arith.constant -1 : i32
      %z = arith.constant 0 : i64
      %s = scf.for %i = %c0 to %n step %c3 iter_args(%x = %z) -> (i64) : i32 {
        %t = scf.for %j = %c0 to %i step %c3 iter_args(%y = %x) -> (i64) : i32 {
          %w = arith.extsi %j : i32 to i64
          %a = arith.addi %y, %w : i64
          scf.yield %a : i64
        }
        %w = arith.extsi %i : i32 to i64
        %a = arith.addi %t, %w : i64
        scf.yield %a : i64
      }
      // From 2^32 - 2 to 2^32 - 1: once. The variable must not wrap round.
      %t = scf.for unsigned %i = %near to %max step %c3 iter_args(%x = %s) -> (i64) : i32 {
        %k = arith.constant 1000 : i64
        %a = arith.addi %x, %k : i64
        scf.yield %a : i64
      }
      tile.store %o, %t : !tile.ptr<i64>
      return
    })");
  // i = 0, 3, 6: inner sums 0, 0, 0 + 3.
  CHECK(run(kernel, 8) == 0 + 3 + 6 + 3 + 1000);
}

TEST_CASE("while and if") {
  Kernel kernel(R"(
    func.func @collatz(%o: !tile.ptr<i64>, %n: i32) {
      %z = arith.constant 0 : i64
      %one = arith.constant 1 : i32
      %two = arith.constant 2 : i32
      %three = arith.constant 3 : i32
      %zero = arith.constant 0 : i32
      %steps = scf.while (%x = %n, %k = %z) : (i32, i64) -> (i64) {
        %more = arith.cmpi ne, %x, %one : i32
        %next = scf.if %more -> i32 {
          %bit = arith.andi %x, %one : i32
          %even = arith.cmpi eq, %bit, %zero : i32
          %h = scf.if %even -> i32 {
            %d = arith.divui %x, %two : i32
            scf.yield %d : i32
          } else {
            %m = arith.muli %x, %three : i32
            %p = arith.addi %m, %one : i32
            scf.yield %p : i32
          }
          scf.yield %h : i32
        } else {
          scf.yield %x : i32
        }
        tile.store %o, %k : !tile.ptr<i64>
        %w = arith.extsi %next : i32 to i64
        %hi = arith.constant 32 : i64
        %ws = arith.shli %w, %hi : i64
        %packed = arith.ori %ws, %k : i64
        scf.condition(%more) %packed : i64
      } do {
      ^bb0(%packed: i64):
        %hi = arith.constant 32 : i64
        %w = arith.shrui %packed, %hi : i64
        %x = arith.trunci %w : i64 to i32
        %low = arith.trunci %packed : i64 to i32
        %k = arith.extsi %low : i32 to i64
        %u = arith.constant 1 : i64
        %l = arith.addi %k, %u : i64
        scf.yield %x, %l : i32, i64
      }
      return
    })");
  CHECK(run(kernel, 1) == 0);
  CHECK(run(kernel, 27) == 111);
}

TEST_CASE("switches, inner branches, early returns and calls") {
  Kernel kernel(R"(
    func.func @choose(%o: !tile.ptr<i64>, %n: i32) {
      %zero = arith.constant 0 : i32
      %neg = arith.cmpi slt, %n, %zero : i32
      cf.cond_br %neg, ^early, ^rest(%n : i32)
    ^early:
      %m = arith.constant -1 : i64
      tile.store %o, %m : !tile.ptr<i64>
      return
    ^rest(%x: i32):
      %i = arith.index_cast %x : i32 to index
      %v = scf.index_switch %i -> i64
      case 2 {
        %k = arith.constant 20 : i64
        scf.yield %k : i64
      }
      case 5 {
        %k = scf.execute_region -> i64 {
          %a = arith.constant 50 : i64
          cf.br ^next(%a : i64)
        ^next(%b: i64):
          scf.yield %b : i64
        }
        scf.yield %k : i64
      }
      default {
        %k = func.call @twice(%x) : (i32) -> i64
        %l = func.call @twice(%zero) : (i32) -> i64
        %s = arith.addi %k, %l : i64
        scf.yield %s : i64
      }
      tile.store %o, %v : !tile.ptr<i64>
      return
    }
    func.func private @twice(%x: i32) -> i64 {
      %ten = arith.constant 10 : i32
      %big = arith.cmpi sgt, %x, %ten : i32
      cf.cond_br %big, ^yes, ^no
    ^yes:
      %h = arith.constant 99 : i64
      return %h : i64
    ^no:
      %w = arith.extsi %x : i32 to i64
      %t = arith.addi %w, %w : i64
      return %t : i64
    })");
  CHECK(run(kernel, -4) == -1);
  CHECK(run(kernel, 2) == 20);
  CHECK(run(kernel, 5) == 50);
  CHECK(run(kernel, 7) == 14);
  CHECK(run(kernel, 11) == 99);
}

TEST_CASE("what never ends is given up") {
  const char *forever = R"(
    func.func @spin(%o: !tile.ptr<i64>, %n: i32) {
      %t = arith.constant true
      scf.while : () -> () {
        scf.condition(%t)
      } do {
        scf.yield
      }
      return
    })";
  Kernel kernel(forever);
  std::vector<int64_t> out(1);
  kernel.options.maxIdleWork = 100000;
  CHECK(kernel.array(out).scalar(1).run().find(
            "no progress: the program runs on without changing memory") !=
        std::string::npos);
  Kernel step(R"(
    func.func @step(%n: i32) {
      %z = arith.constant 0 : i32
      %one = arith.constant 1 : i32
      scf.for %i = %z to %one step %n : i32 {
      }
      return
    })");
  CHECK(step.scalar(0).run().find("a loop needs a step above 0, found 0") !=
        std::string::npos);
}

TEST_CASE("what can't be executed is refused with its place") {
  Kernel recursive(R"(
    func.func @f(%n: i32) {
      func.call @f(%n) : (i32) -> ()
      return
    })");
  CHECK(recursive.error ==
        "kernel.mlir:3:7: 'func.call' calls 'f' within itself; recursion isn't "
        "supported");
  Kernel wide(R"(
    func.func @f(%n: i128) {
      return
    })");
  CHECK(wide.error == "values of type i128 aren't supported by interp");
  Kernel tensor(R"(
    func.func @f(%n: tensor<4xf32>) {
      return
    })");
  CHECK(tensor.error ==
        "kernel f: argument 0 is neither a number nor a pointer");
  Kernel other(R"(
    func.func @f(%n: index) {
      scf.parallel (%i) = (%n) to (%n) step (%n) {
      }
      return
    })");
  CHECK(other.error ==
        "kernel.mlir:3:7: 'scf.parallel' isn't supported by interp");
  Kernel fine(R"(
    func.func @f(%n: i32) {
      return
    })");
  CHECK(fine.run() == "kernel f takes 1 arguments, 0 were given");
}
