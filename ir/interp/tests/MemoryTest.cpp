//===- MemoryTest.cpp - Loads, stores, boxes, descriptors
//
// Part of the Tegula Project, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "ir/interp/tests/Harness.h"
#include <cmath>
#include <numeric>

using namespace tegula::ir;
using namespace tegula::ir::test;
using Ints = std::vector<int32_t>;

TEST_CASE("masked lanes touch nothing") {
  Kernel kernel(R"(
    func.func @masked(%x: !tile.ptr<i32>, %o: !tile.ptr<i32>) {
      %r = tile.range -2 to 6 : tensor<8xi32>
      %lo = arith.constant dense<0> : tensor<8xi32>
      %hi = arith.constant dense<4> : tensor<8xi32>
      %a = arith.cmpi sge, %r, %lo : tensor<8xi32>
      %b = arith.cmpi slt, %r, %hi : tensor<8xi32>
      %m = arith.andi %a, %b : tensor<8xi1>
      %other = arith.constant dense<-5> : tensor<8xi32>
      %xs = tile.splat %x : !tile.ptr<i32> -> tensor<8x!tile.ptr<i32>>
      %p = tile.ptr_add %xs, %r : tensor<8x!tile.ptr<i32>>, tensor<8xi32>
      %v = tile.load %p mask %m other %other : tensor<8x!tile.ptr<i32>>
      %z = tile.load %p mask %m : tensor<8x!tile.ptr<i32>>
      %two = arith.constant dense<2> : tensor<8xi32>
      %q = arith.addi %r, %two : tensor<8xi32>
      %os = tile.splat %o : !tile.ptr<i32> -> tensor<8x!tile.ptr<i32>>
      %op = tile.ptr_add %os, %q : tensor<8x!tile.ptr<i32>>, tensor<8xi32>
      tile.store %op, %v : tensor<8x!tile.ptr<i32>>
      %eight = arith.constant dense<8> : tensor<8xi32>
      %op2 = tile.ptr_add %op, %eight : tensor<8x!tile.ptr<i32>>, tensor<8xi32>
      tile.store %op2, %z : tensor<8x!tile.ptr<i32>>
      tile.store %op2, %other mask %a : tensor<8x!tile.ptr<i32>>
      return
    })");
  Ints x = {1, 2, 3, 4}, out(16);
  CHECK(kernel.array(x).array(out).run() == "");
  CHECK(out == Ints{-5, -5, 1, 2, 3, 4, -5, -5, 0, 0, -5, -5, -5, -5, -5, -5});
}

TEST_CASE("scalar accesses and pointers from memory") {
  Kernel kernel(R"(
    func.func @indirect(%table: !tile.ptr<i64>, %o: !tile.ptr<f32>) {
      %one = arith.constant 1 : i32
      %at = tile.ptr_add %table, %one : !tile.ptr<i64>, i32
      %bits = tile.load %at : !tile.ptr<i64>
      %p = tile.int_to_ptr %bits : i64 -> !tile.ptr<i32>
      %q = tile.ptr_cast %p : !tile.ptr<i32> -> !tile.ptr<f32>
      %v = tile.load %q : !tile.ptr<f32>
      tile.store %o, %v : !tile.ptr<f32>
      %back = tile.ptr_to_int %q : !tile.ptr<f32> -> i64
      tile.store %table, %back : !tile.ptr<i64>
      return
    })");
  std::vector<float> value = {2.5f}, out(1);
  std::vector<uint64_t> table = {0, reinterpret_cast<uint64_t>(value.data())};
  kernel.array(table).array(out);
  // The array behind the table is none of the launch's: as all extents are
  // known, reading it is refused.
  CHECK(kernel.run().find("outside every array of the launch") !=
        std::string::npos);
  kernel.extents[1] = 0;
  CHECK(kernel.run() == "");
  CHECK(out[0] == 2.5f);
  CHECK(table[0] == table[1]);
}

/// The elements that a box description means, one coordinate at a time.
TEST_CASE("boxes: bounds, strides, wrap-around, masks") {
  Kernel kernel(R"(
    func.func @box(%x: !tile.ptr<i32>, %o: !tile.ptr<i32>, %s0: i64, %s1: i64,
                   %d0: i64, %d1: i64, %l0: i64, %l1: i64, %u0: i64, %u1: i64,
                   %w1: i64, %mp: !tile.ptr<i1>) {
      %c0 = arith.constant 0 : i64
      %c1 = arith.constant 1 : i64
      %c8 = arith.constant 8 : i64
      %m = tile.load_box %mp start(%c0, %c0) stride(%c8, %c1) lower(%c0, %c0)
             upper(%c8, %c8) : !tile.ptr<i1> -> tensor<4x8xi1>
      %k = arith.constant dense<-1> : tensor<4x8xi32>
      %v = tile.load_box %x start(%s0, %s1) stride(%d0, %d1) lower(%l0, %l1)
             upper(%u0, %u1) wrap(%c0, %w1) mask %m : tensor<4x8xi1>
             other %k : tensor<4x8xi32> : !tile.ptr<i32> -> tensor<4x8xi32>
      tile.store_box %o, %v start(%c0, %c0) stride(%c8, %c1) lower(%c0, %c0)
        upper(%c8, %c8) : !tile.ptr<i32>, tensor<4x8xi32>
      %z = arith.constant dense<-9> : tensor<4x8xi32>
      tile.store_box %x, %z start(%s0, %s1) stride(%d0, %d1) lower(%l0, %l1)
        upper(%u0, %u1) wrap(%c0, %w1) mask %m : tensor<4x8xi1>
        : !tile.ptr<i32>, tensor<4x8xi32>
      return
    })");
  struct Case {
    int64_t s0, s1, d0, d1, l0, l1, u0, u1, w1;
  };
  for (Case c :
       {Case{0, 0, 10, 1, 0, 0, 4, 8, 0}, Case{2, 5, 10, 1, -3, 2, 9, 7, 7},
        Case{3, 1, -10, 2, 0, 0, 4, 3, 0}, Case{1, 9, 10, 1, 1, 0, 3, 8, 10},
        Case{0, 0, 0, 0, 0, 0, 1, 1, 0}, Case{5, 0, 1, 10, 2, 3, 1, 8, 0}}) {
    Ints x(200), out(32), wantedOut(32, -1);
    std::iota(x.begin(), x.end(), 0);
    Ints wantedX = x;
    std::vector<uint8_t> mask(32);
    for (int i = 0; i < 4; ++i)
      for (int j = 0; j < 8; ++j) {
        mask[i * 8 + j] = (i + j) % 5 != 0;
        bool active =
            mask[i * 8 + j] && i >= c.l0 && i < c.u0 && j >= c.l1 && j < c.u1;
        int64_t column = c.w1 ? (c.s1 + j) % c.w1 : c.s1 + j;
        int64_t at = (c.s0 + i) * c.d0 + column * c.d1;
        if (active)
          wantedOut[i * 8 + j] = at + 100, wantedX.at(at + 100) = -9;
      }
    kernel.slots.clear(), kernel.extents.clear();
    kernel.array(x).array(out);
    kernel.slots[0] += 100 * sizeof(int32_t);
    kernel.extents[0] = 0; // The base lies within the array.
    for (int64_t v : {c.s0, c.s1, c.d0, c.d1, c.l0, c.l1, c.u0, c.u1, c.w1})
      kernel.scalar(v);
    kernel.array(mask);
    CHECK(kernel.run() == "");
    CHECK(out == wantedOut);
    CHECK(x == wantedX);
  }
}

TEST_CASE("boxes with rows given by an index") {
  Kernel kernel(R"(
    func.func @rows(%x: !tile.ptr<i32>, %i: !tile.ptr<i32>, %o: !tile.ptr<i32>) {
      %c0 = arith.constant 0 : i64
      %c1 = arith.constant 1 : i64
      %c2 = arith.constant 2 : i64
      %c3 = arith.constant 3 : i64
      %c5 = arith.constant 5 : i64
      %idx = tile.load_box %i start(%c0) stride(%c1) lower(%c0) upper(%c3)
               : !tile.ptr<i32> -> tensor<4xi32>
      %v = tile.load_box %x start(%c1, %c2) stride(%c5, %c1) lower(%c0, %c0)
             upper(%c3, %c2) index(%idx : tensor<4xi32>)
             {indexed_dims = array<i64: 0>} : !tile.ptr<i32> -> tensor<4x2xi32>
      tile.store_box %o, %v start(%c0, %c0) stride(%c2, %c1) lower(%c0, %c0)
        upper(%c3, %c2) : !tile.ptr<i32>, tensor<4x2xi32>
      return
    })");
  Ints x(25), index = {3, 0, -1}, out(6);
  std::iota(x.begin(), x.end(), 0);
  CHECK(kernel.array(x).array(index).array(out).run() == "");
  CHECK(out == Ints{22, 23, 7, 8, 2, 3});
  kernel.options.check = true;
  kernel.run();
  CHECK(kernel.reports.empty());
  index[1] = 4;
  kernel.options.check = false;
  CHECK(kernel.run().find("read of 'arg0' at index 27") != std::string::npos);
}

TEST_CASE("descriptors pad what they read and clip what they write") {
  for (const char *padding : {"zero", "nan"}) {
    Kernel kernel(std::string(R"(
    func.func @desc(%x: !tile.ptr<f32>, %o: !tile.ptr<f32>, %i: i32, %j: i32) {
      %c0 = arith.constant 0 : i32
      %m = arith.constant 3 : i32
      %n = arith.constant 5 : i32
      %one = arith.constant 1 : i64
      %ld = arith.constant 6 : i64
      %four = arith.constant 4 : i32
      %l4 = arith.constant 4 : i64
      %d = tile.make_desc %x shape(%m, %n) stride(%ld, %one) padding )") +
                  padding + R"(
             : !tile.ptr<f32> -> !tile.desc<2x4xf32>
      %v = tile.desc_load %d[%i, %j] : !tile.desc<2x4xf32> -> tensor<2x4xf32>
      %two = arith.constant 2 : i32
      %e = tile.make_desc %o shape(%two, %four) stride(%l4, %one)
             : !tile.ptr<f32> -> !tile.desc<2x4xf32>
      tile.desc_store %e[%c0, %c0], %v : !tile.desc<2x4xf32>, tensor<2x4xf32>
      %k = arith.constant dense<100.0> : tensor<2x4xf32>
      tile.desc_reduce add %d[%i, %j], %k : !tile.desc<2x4xf32>, tensor<2x4xf32>
      return
    })");
    for (auto [i, j] : {std::pair(0, 0), {2, 3}, {-1, -2}, {5, 0}}) {
      std::vector<float> x(18), out(8, -1);
      std::iota(x.begin(), x.end(), 0);
      std::vector<float> before = x;
      kernel.slots.clear(), kernel.extents.clear();
      kernel.array(x).array(out).scalar(i).scalar(j);
      CHECK(kernel.run() == "");
      std::vector<float> wanted = before;
      for (int r = 0; r < 2; ++r)
        for (int c = 0; c < 4; ++c) {
          int row = i + r, column = j + c;
          if (row >= 0 && row < 3 && column >= 0 && column < 5) {
            CHECK(out[r * 4 + c] == before[row * 6 + column]);
            wanted[row * 6 + column] += 100;
          } else if (padding[0] == 'n') {
            CHECK(std::isnan(out[r * 4 + c]));
          } else {
            CHECK(out[r * 4 + c] == 0);
          }
        }
      CHECK(x == wanted);
    }
  }
}

TEST_CASE("rows of a descriptor by number") {
  Kernel kernel(R"(
    func.func @rows(%x: !tile.ptr<i32>, %o: !tile.ptr<i32>, %y: i32) {
      %m = arith.constant 4 : i32
      %n = arith.constant 5 : i32
      %one = arith.constant 1 : i64
      %ld = arith.constant 5 : i64
      %l3 = arith.constant 3 : i64
      %three = arith.constant 3 : i32
      %c0 = arith.constant 0 : i32
      %rows = arith.constant dense<[3, 7, 1]> : tensor<3xi32>
      %all = tile.range 0 to 3 : tensor<3xi32>
      %d = tile.make_desc %x shape(%m, %n) stride(%ld, %one)
             : !tile.ptr<i32> -> !tile.desc<1x3xi32>
      %v = tile.desc_gather %d[%rows, %y] : !tile.desc<1x3xi32>, tensor<3xi32> -> tensor<3x3xi32>
      %e = tile.make_desc %o shape(%three, %three) stride(%l3, %one)
             : !tile.ptr<i32> -> !tile.desc<1x3xi32>
      tile.desc_scatter %e[%all, %c0], %v : !tile.desc<1x3xi32>, tensor<3xi32>, tensor<3x3xi32>
      return
    })");
  Ints x(20), out(9, -1);
  std::iota(x.begin(), x.end(), 0);
  CHECK(kernel.array(x).array(out).scalar(int32_t(3)).run() == "");
  CHECK(out == Ints{18, 19, 0, 0, 0, 0, 8, 9, 0});
}

TEST_CASE("a null pointer is refused, not followed") {
  Kernel kernel(R"(
    func.func @null(%x: !tile.ptr<f64>) {
      %v = tile.load %x : !tile.ptr<f64>
      return
    })");
  CHECK(kernel.scalar(uint64_t(0)).run() ==
        "kernel.mlir:3:12: kernel `null`, program (0, 0, 0): out of bounds: "
        "read through a null pointer");
}
