//===- KernelTest.cpp - Small whole kernels
//
// Part of the Tegula Project, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "ir/interp/tests/Harness.h"
#include <cmath>

using namespace tegula::ir;
using namespace tegula::ir::test;

TEST_CASE("vecadd with a masked tail") {
  Kernel kernel(R"(
    func.func @add(%x: !tile.ptr<f32>, %y: !tile.ptr<f32>, %o: !tile.ptr<f32>, %n: i32) {
      %c64 = arith.constant 64 : i32
      %pid = tile.program_id x : i32
      %start = arith.muli %pid, %c64 : i32
      %r = tile.range 0 to 64 : tensor<64xi32>
      %s = tile.splat %start : i32 -> tensor<64xi32>
      %i = arith.addi %s, %r : tensor<64xi32>
      %ns = tile.splat %n : i32 -> tensor<64xi32>
      %m = arith.cmpi slt, %i, %ns : tensor<64xi32>
      %xs = tile.splat %x : !tile.ptr<f32> -> tensor<64x!tile.ptr<f32>>
      %xp = tile.ptr_add %xs, %i : tensor<64x!tile.ptr<f32>>, tensor<64xi32>
      %a = tile.load %xp mask %m : tensor<64x!tile.ptr<f32>>
      %ys = tile.splat %y : !tile.ptr<f32> -> tensor<64x!tile.ptr<f32>>
      %yp = tile.ptr_add %ys, %i : tensor<64x!tile.ptr<f32>>, tensor<64xi32>
      %b = tile.load %yp mask %m : tensor<64x!tile.ptr<f32>>
      %c = arith.addf %a, %b : tensor<64xf32>
      %os = tile.splat %o : !tile.ptr<f32> -> tensor<64x!tile.ptr<f32>>
      %op = tile.ptr_add %os, %i : tensor<64x!tile.ptr<f32>>, tensor<64xi32>
      tile.store %op, %c mask %m : tensor<64x!tile.ptr<f32>>
      return
    })");
  std::vector<float> x(150), y(150), out(150, -1);
  for (int i = 0; i < 150; ++i)
    x[i] = 0.25f * i, y[i] = 1000 - i;
  kernel.array(x).array(y).array(out).scalar(int32_t(150));
  CHECK(kernel.run(3) == "");
  for (int i = 0; i < 150; ++i)
    CHECK(out[i] == x[i] + y[i]);

  SUBCASE("nothing to report") { CHECK(kernel.check(3).empty()); }
  SUBCASE("a program beyond the array is masked") {
    CHECK(kernel.run(7) == "");
  }
  SUBCASE("a wrong length is refused") {
    kernel.slots[3] = 151;
    CHECK(kernel.run(3) ==
          "kernel.mlir:13:12: kernel `add`, program (2, 0, 0): out of bounds: "
          "read of 'arg0' at index 150, outside its 150 elements");
  }
}

TEST_CASE("softmax of rows") {
  Kernel kernel(R"(
    func.func @softmax(%x: !tile.ptr<f32>, %o: !tile.ptr<f32>, %n: i32) {
      %ninf = arith.constant dense<0xFF800000> : tensor<128xf32>
      %row = tile.program_id x : i32
      %start = arith.muli %row, %n : i32
      %r = tile.range 0 to 128 : tensor<128xi32>
      %ns = tile.splat %n : i32 -> tensor<128xi32>
      %m = arith.cmpi slt, %r, %ns : tensor<128xi32>
      %base = tile.ptr_add %x, %start : !tile.ptr<f32>, i32
      %xs = tile.splat %base : !tile.ptr<f32> -> tensor<128x!tile.ptr<f32>>
      %xp = tile.ptr_add %xs, %r : tensor<128x!tile.ptr<f32>>, tensor<128xi32>
      %a = tile.load %xp mask %m other %ninf : tensor<128x!tile.ptr<f32>>
      %max = tile.reduce %a axis 0 : (tensor<128xf32>) -> f32 {
      ^bb0(%p: f32, %q: f32):
        %c = arith.maximumf %p, %q : f32
        tile.yield %c : f32
      }
      %ms = tile.splat %max : f32 -> tensor<128xf32>
      %d = arith.subf %a, %ms : tensor<128xf32>
      %e = math.exp %d : tensor<128xf32>
      %sum = tile.reduce %e axis 0 : (tensor<128xf32>) -> f32 {
      ^bb0(%p: f32, %q: f32):
        %c = arith.addf %p, %q : f32
        tile.yield %c : f32
      }
      %ss = tile.splat %sum : f32 -> tensor<128xf32>
      %y = arith.divf %e, %ss : tensor<128xf32>
      %obase = tile.ptr_add %o, %start : !tile.ptr<f32>, i32
      %os = tile.splat %obase : !tile.ptr<f32> -> tensor<128x!tile.ptr<f32>>
      %op = tile.ptr_add %os, %r : tensor<128x!tile.ptr<f32>>, tensor<128xi32>
      tile.store %op, %y mask %m : tensor<128x!tile.ptr<f32>>
      return
    })");
  constexpr int kRows = 5, kCols = 77;
  std::vector<float> x(kRows * kCols), out(kRows * kCols);
  for (size_t i = 0; i < x.size(); ++i)
    x[i] = std::sin(i * 0.7f) * 5;
  kernel.array(x).array(out).scalar(int32_t(kCols));
  CHECK(kernel.check(kRows).empty());
  for (int row = 0; row < kRows; ++row) {
    double sum = 0;
    for (int i = 0; i < kCols; ++i)
      sum += std::exp(double(x[row * kCols + i]));
    for (int i = 0; i < kCols; ++i)
      CHECK(out[row * kCols + i] ==
            doctest::Approx(std::exp(double(x[row * kCols + i])) / sum)
                .epsilon(1e-6));
  }
}

TEST_CASE("matmul with a loop-carried tile") {
  Kernel kernel(R"(
    func.func @matmul(%a: !tile.ptr<f32>, %b: !tile.ptr<f32>, %c: !tile.ptr<f32>, %k: i64) {
      %c0 = arith.constant 0 : i64
      %c1 = arith.constant 1 : i64
      %c8 = arith.constant 8 : i64
      %c16 = arith.constant 16 : i64
      %zero = arith.constant dense<0.0> : tensor<16x16xf32>
      %acc = scf.for %i = %c0 to %k step %c8 iter_args(%sum = %zero) -> tensor<16x16xf32> : i64 {
        %left = arith.subi %k, %i : i64
        %x = tile.load_box %a start(%c0, %i) stride(%k, %c1) lower(%c0, %c0)
               upper(%c16, %left) : !tile.ptr<f32> -> tensor<16x8xf32>
        %y = tile.load_box %b start(%i, %c0) stride(%c16, %c1) lower(%c0, %c0)
               upper(%left, %c16) : !tile.ptr<f32> -> tensor<8x16xf32>
        %d = tile.dot %x, %y, %sum : tensor<16x8xf32>, tensor<8x16xf32> -> tensor<16x16xf32>
        scf.yield %d : tensor<16x16xf32>
      }
      tile.store_box %c, %acc start(%c0, %c0) stride(%c16, %c1) lower(%c0, %c0)
        upper(%c16, %c16) : !tile.ptr<f32>, tensor<16x16xf32>
      return
    })");
  constexpr int kDepth = 27;
  std::vector<float> a(16 * kDepth), b(kDepth * 16), c(256);
  for (size_t i = 0; i < a.size(); ++i)
    a[i] = int(i * 7 % 13) - 6, b[i] = int(i * 5 % 11) - 5;
  kernel.array(a).array(b).array(c).scalar(int64_t(kDepth));
  CHECK(kernel.run() == "");
  for (int i = 0; i < 16; ++i)
    for (int j = 0; j < 16; ++j) {
      float sum = 0;
      for (int k = 0; k < kDepth; ++k)
        sum += a[i * kDepth + k] * b[k * 16 + j];
      CHECK(c[i * 16 + j] == sum);
    }
}
