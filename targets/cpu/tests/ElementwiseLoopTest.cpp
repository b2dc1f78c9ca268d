//===- ElementwiseLoopTest.cpp - Loops that carry tiles in registers ------===//
//
// Part of the Tegula Project, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Sums of strips as kernels write them, of any length: chunks below the bound,
// across it and beyond it, and loops of no iteration.
//
//===----------------------------------------------------------------------===//

#include "targets/cpu/tests/Differential.h"
#include <doctest/doctest.h>

using tegula::test::Differential;

static std::vector<float> numbers(size_t count) {
  std::vector<float> result(count);
  for (size_t i = 0; i < count; ++i)
    result[i] = float(int(i * 37 % 101) - 50) / 8;
  return result;
}

/// Sums of columns of strips of BLOCK, from 1 on.
static std::string sums(const std::string &block) {
  std::string text = R"(
func.func @k(%x: !tile.ptr<f32>, %z: !tile.ptr<f32>, %n: i64) {
  %c0 = arith.constant 0 : i64
  %c1 = arith.constant 1 : i64
  %block = arith.constant BLOCK : i64
  %one = arith.constant dense<1.0> : tensor<BLOCKxf32>
  %minus = arith.constant dense<-2.0> : tensor<BLOCKxf32>
  %r = scf.for %i = %c0 to %n step %block iter_args(%v = %one) -> (tensor<BLOCKxf32>) : i64 {
    %left = arith.subi %n, %i : i64
    %a = tile.load_box %x start(%i) stride(%c1) lower(%c0) upper(%left) other %minus : tensor<BLOCKxf32> {tile.tier = "box"}
      : !tile.ptr<f32> -> tensor<BLOCKxf32>
    %w = arith.addf %v, %a : tensor<BLOCKxf32>
    scf.yield %w : tensor<BLOCKxf32>
  }
  tile.store_box %z, %r start(%c0) stride(%c1) lower(%c0) upper(%block) {tile.tier = "box"}
      : !tile.ptr<f32>, tensor<BLOCKxf32>
  return
})";
  for (size_t at = 0; (at = text.find("BLOCK", at)) != std::string::npos;)
    text.replace(at, 5, block);
  return text;
}

TEST_CASE("strips of any length are summed in registers") {
  for (int block : {1, 2, 16, 64, 512, 1024})
    for (int64_t n : {0, 1, 15, 16, 17, 64, 100, 513, 2000}) {
      CAPTURE(block);
      CAPTURE(n);
      auto sum = Differential(sums(std::to_string(block)))
                     .array(numbers(n + 1))
                     .array(std::vector<float>(block))
                     .scalar(n)
                     .run<float>();
      CHECK((n > 0 || sum[0] == 1));
    }
}

TEST_CASE("tiles that are made from each other change at once") {
  // A running mean and the sum of squares about it, over the rows of a matrix
  // of which some columns and rows are outside.
  Differential welford(R"(
func.func @k(%x: !tile.ptr<f32>, %mean: !tile.ptr<f32>, %m2: !tile.ptr<f32>, %rows: i64, %n: i64) {
  %c0 = arith.constant 0 : i64
  %c1 = arith.constant 1 : i64
  %c8 = arith.constant 8 : i64
  %c64 = arith.constant 64 : i64
  %zero = arith.constant dense<0.0> : tensor<8x64xf32>
  %one = arith.constant dense<1.0> : tensor<8x64xf32>
  %r:3 = scf.for %i = %c0 to %n step %c64 iter_args(%m = %zero, %s = %zero, %w = %zero)
      -> (tensor<8x64xf32>, tensor<8x64xf32>, tensor<8x64xf32>) : i64 {
    %left = arith.subi %n, %i : i64
    %v = tile.load_box %x start(%c0, %i) stride(%n, %c1) lower(%c0, %c0) upper(%rows, %left) other %one : tensor<8x64xf32> {tile.tier = "box"}
      : !tile.ptr<f32> -> tensor<8x64xf32>
    %w1 = arith.addf %w, %one : tensor<8x64xf32>
    %d = arith.subf %v, %m : tensor<8x64xf32>
    %q = arith.divf %d, %w1 : tensor<8x64xf32>
    %m1 = arith.addf %m, %q : tensor<8x64xf32>
    %e = arith.subf %v, %m1 : tensor<8x64xf32>
    %p = arith.mulf %d, %e : tensor<8x64xf32>
    %s1 = arith.addf %s, %p : tensor<8x64xf32>
    scf.yield %m1, %s1, %w1 : tensor<8x64xf32>, tensor<8x64xf32>, tensor<8x64xf32>
  }
  tile.store_box %mean, %r#0 start(%c0, %c0) stride(%c64, %c1) lower(%c0, %c0) upper(%c8, %c64) {tile.tier = "box"}
      : !tile.ptr<f32>, tensor<8x64xf32>
  tile.store_box %m2, %r#1 start(%c0, %c0) stride(%c64, %c1) lower(%c0, %c0) upper(%c8, %c64) {tile.tier = "box"}
      : !tile.ptr<f32>, tensor<8x64xf32>
  return
})");
  for (int64_t rows : {1, 5, 8})
    for (int64_t n : {30, 64, 200}) {
      CAPTURE(rows);
      CAPTURE(n);
      Differential copy = welford;
      auto squares = copy.array(numbers(rows * n))
                         .array(std::vector<float>(512), 1e-6)
                         .array(std::vector<float>(512), 1e-6)
                         .scalar(rows)
                         .scalar(n)
                         .run<float>();
      CHECK((n <= 64 || squares[0] > 0));
    }
}

TEST_CASE("half precision, integers and offsets of gathers are carried") {
  auto sum = Differential(R"(
func.func @k(%x: !tile.ptr<f16>, %z: !tile.ptr<f32>, %n: i32) {
  %c0 = arith.constant 0 : i64
  %c1 = arith.constant 1 : i64
  %c32 = arith.constant 32 : i64
  %i0 = arith.constant 0 : i32
  %i1 = arith.constant 1 : i32
  %step = arith.constant dense<7> : tensor<32xi32>
  %size = arith.constant dense<100> : tensor<32xi32>
  %start = tile.range 0 to 32 : tensor<32xi32>
  %zero = arith.constant dense<0.0> : tensor<32xf16>
  %p = tile.splat %x : !tile.ptr<f16> -> tensor<32x!tile.ptr<f16>>
  %r:2 = scf.for %i = %i0 to %n step %i1 iter_args(%v = %zero, %o = %start) -> (tensor<32xf16>, tensor<32xi32>) : i32 {
    %q = tile.ptr_add %p, %o : tensor<32x!tile.ptr<f16>>, tensor<32xi32>
    %a = tile.load %q {tile.tier = "gather"} : tensor<32x!tile.ptr<f16>>
    %w = arith.addf %v, %a : tensor<32xf16>
    %next = arith.addi %o, %step : tensor<32xi32>
    %in = arith.remsi %next, %size : tensor<32xi32>
    scf.yield %w, %in : tensor<32xf16>, tensor<32xi32>
  }
  %last = arith.sitofp %r#1 : tensor<32xi32> to tensor<32xf32>
  %wide = arith.extf %r#0 : tensor<32xf16> to tensor<32xf32>
  %both = arith.addf %wide, %last : tensor<32xf32>
  tile.store_box %z, %both start(%c0) stride(%c1) lower(%c0) upper(%c32) {tile.tier = "box"}
      : !tile.ptr<f32>, tensor<32xf32>
  return
})")
                 .array(std::vector<uint16_t>(100, 0x3c00)) // ones
                 .array(std::vector<float>(32))
                 .scalar(9)
                 .run<float>();
  CHECK(sum[0] == 9 + 63);
}
