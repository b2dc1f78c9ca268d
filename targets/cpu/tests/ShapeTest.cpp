//===- ShapeTest.cpp - Changes of shape, element for element --------------===//
//
// Part of the Tegula Project, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "targets/cpu/tests/Differential.h"
#include <doctest/doctest.h>
#include <numeric>

using tegula::test::Differential;

static std::vector<int32_t> iota(size_t size) {
  std::vector<int32_t> values(size);
  std::iota(values.begin(), values.end(), 1);
  return values;
}

/// A kernel that loads 64 numbers as %a and stores the 64 of %r where
/// `low <= i < high`.
static std::string kernel(const std::string &body) {
  return R"(
func.func @k(%x: !tile.ptr<i32>, %y: !tile.ptr<i32>, %low: i32, %high: i32) {
  %i = tile.range 0 to 64 : tensor<64xi32>
  %xs = tile.splat %x : !tile.ptr<i32> -> tensor<64x!tile.ptr<i32>>
  %ys = tile.splat %y : !tile.ptr<i32> -> tensor<64x!tile.ptr<i32>>
  %xp = tile.ptr_add %xs, %i : tensor<64x!tile.ptr<i32>>, tensor<64xi32>
  %yp = tile.ptr_add %ys, %i : tensor<64x!tile.ptr<i32>>, tensor<64xi32>
  %lows = tile.splat %low : i32 -> tensor<64xi32>
  %highs = tile.splat %high : i32 -> tensor<64xi32>
  %below = arith.cmpi slt, %i, %highs : tensor<64xi32>
  %above = arith.cmpi sge, %i, %lows : tensor<64xi32>
  %m = arith.andi %above, %below : tensor<64xi1>
  %a = tile.load %xp : tensor<64x!tile.ptr<i32>>
)" + body +
         R"(
  tile.store %yp, %r mask %m : tensor<64x!tile.ptr<i32>>
  return
}
)";
}

static void check(const std::string &body) {
  for (auto [low, high] :
       {std::pair{0, 64}, {3, 64}, {5, 61}, {0, 7}, {17, 18}, {40, 3}}) {
    CAPTURE(low);
    CAPTURE(high);
    Differential(kernel(body))
        .array(iota(64))
        .array(std::vector<int32_t>(64, -1))
        .scalar(low)
        .scalar(high)
        .run<int32_t>();
  }
}

TEST_CASE("reshaped tiles that are narrower than a vector") {
  check(R"(
    %s = tile.reshape %a : tensor<64xi32> -> tensor<16x4xi32>
    %t = tile.trans %s [1, 0] : tensor<16x4xi32> -> tensor<4x16xi32>
    %r = tile.reshape %t : tensor<4x16xi32> -> tensor<64xi32>)");
  check(R"(
    %s = tile.reshape %a : tensor<64xi32> -> tensor<2x4x8xi32>
    %t = tile.trans %s [2, 0, 1] : tensor<2x4x8xi32> -> tensor<8x2x4xi32>
    %r = tile.reshape %t : tensor<8x2x4xi32> -> tensor<64xi32>)");
}

TEST_CASE("the reference reads a transposed tile row by row") {
  auto found = Differential(kernel(R"(
        %s = tile.reshape %a : tensor<64xi32> -> tensor<16x4xi32>
        %t = tile.trans %s [1, 0] : tensor<16x4xi32> -> tensor<4x16xi32>
        %r = tile.reshape %t : tensor<4x16xi32> -> tensor<64xi32>)"))
                   .array(iota(64))
                   .array(std::vector<int32_t>(64, -1))
                   .scalar(0)
                   .scalar(64)
                   .run<int32_t>();
  for (int i = 0; i < 64; ++i)
    CHECK(found[i] == i % 16 * 4 + i / 16 + 1);
}

TEST_CASE("split, join and cat") {
  check(R"(
    %s = tile.reshape %a : tensor<64xi32> -> tensor<32x2xi32>
    %l, %h = tile.split %s : tensor<32x2xi32> -> tensor<32xi32>, tensor<32xi32>
    %j = tile.join %h, %l : tensor<32xi32>, tensor<32xi32> -> tensor<32x2xi32>
    %r = tile.reshape %j : tensor<32x2xi32> -> tensor<64xi32>)");
  check(R"(
    %s = tile.reshape %a : tensor<64xi32> -> tensor<32x2xi32>
    %l, %h = tile.split %s : tensor<32x2xi32> -> tensor<32xi32>, tensor<32xi32>
    %r = tile.cat %h, %l : tensor<32xi32>, tensor<32xi32> -> tensor<64xi32>)");
  check(R"(
    %s = tile.reshape %a : tensor<64xi32> -> tensor<16x4xi32>
    %c = tile.cat %s, %s : tensor<16x4xi32>, tensor<16x4xi32> -> tensor<32x4xi32>
    %v = tile.reshape %c : tensor<32x4xi32> -> tensor<64x2xi32>
    %l, %r = tile.split %v : tensor<64x2xi32> -> tensor<64xi32>, tensor<64xi32>)");
}

TEST_CASE("gathers along either axis") {
  check(R"(
    %k63 = arith.constant dense<63> : tensor<64xi32>
    %back = arith.subi %k63, %i : tensor<64xi32>
    %r = tile.gather %a[%back] axis 0 : tensor<64xi32>, tensor<64xi32> -> tensor<64xi32>)");
  check(R"(
    %s = tile.reshape %a : tensor<64xi32> -> tensor<8x8xi32>
    %k3 = arith.constant dense<3> : tensor<64xi32>
    %i3 = arith.andi %i, %k3 : tensor<64xi32>
    %n = tile.reshape %i3 : tensor<64xi32> -> tensor<8x8xi32>
    %g = tile.gather %s[%n] axis 1 : tensor<8x8xi32>, tensor<8x8xi32> -> tensor<8x8xi32>
    %h = tile.gather %g[%n] axis 0 : tensor<8x8xi32>, tensor<8x8xi32> -> tensor<8x8xi32>
    %r = tile.reshape %h : tensor<8x8xi32> -> tensor<64xi32>)");
}
