//===- ShapeTest.cpp - Shapes, elements by number, axes
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

static Ints count(size_t n) {
  Ints values(n);
  std::iota(values.begin(), values.end(), 100);
  return values;
}

TEST_CASE("shapes") {
  Ints x = count(24);
  Ints broadcast = evaluate<int32_t>(
      {"2x1x3xi32"}, "2x4x3xi32",
      "%r = tile.broadcast %a0 : tensor<2x1x3xi32> -> tensor<2x4x3xi32>",
      count(6));
  Ints trans = evaluate<int32_t>(
      {"2x3x4xi32"}, "4x2x3xi32",
      "%r = tile.trans %a0 [2, 0, 1] : tensor<2x3x4xi32> -> tensor<4x2x3xi32>",
      x);
  for (int i = 0; i < 2; ++i)
    for (int j = 0; j < 4; ++j)
      for (int k = 0; k < 3; ++k) {
        CHECK(broadcast[(i * 4 + j) * 3 + k] == 100 + i * 3 + k);
        CHECK(trans[(j * 2 + i) * 3 + k] == x[(i * 3 + k) * 4 + j]);
      }
  CHECK(evaluate<int32_t>(
            {"6xi32"}, "6xi32",
            "%e = tile.expand_dims %a0 axis 0 : tensor<6xi32> -> "
            "tensor<1x6xi32>\n"
            "%s = tile.reshape %e : tensor<1x6xi32> -> tensor<3x2xi32>\n"
            "%r = tile.reshape %s : tensor<3x2xi32> -> tensor<6xi32>",
            count(6)) == count(6));
  CHECK(evaluate<int32_t>({"1x1xi32"}, "3xi32",
                          "%u = tile.unsplat %a0 : tensor<1x1xi32> -> i32\n"
                          "%r = tile.splat %u : i32 -> tensor<3xi32>",
                          Ints{7}) == Ints{7, 7, 7});
}

TEST_CASE("join, split and cat") {
  Ints a = {1, 2, 3}, b = {4, 5, 6};
  CHECK(evaluate<int32_t>({"3xi32", "3xi32"}, "3x2xi32",
                          "%r = tile.join %a0, %a1 : tensor<3xi32>, "
                          "tensor<3xi32> -> tensor<3x2xi32>",
                          a, b) == Ints{1, 4, 2, 5, 3, 6});
  CHECK(evaluate<int32_t>(
            {"3x2xi32"}, "6xi32",
            "%l, %h = tile.split %a0 : tensor<3x2xi32> -> tensor<3xi32>, "
            "tensor<3xi32>\n"
            "%r = tile.cat %h, %l : tensor<3xi32>, tensor<3xi32> -> "
            "tensor<6xi32>",
            Ints{1, 4, 2, 5, 3, 6}) == Ints{4, 5, 6, 1, 2, 3});
  CHECK(
      evaluate<int32_t>({"2xi32"}, "2xi32",
                        "%l, %h = tile.split %a0 : tensor<2xi32> -> i32, i32\n"
                        "%r = tile.join %h, %l : i32, i32 -> tensor<2xi32>",
                        Ints{8, 9}) == Ints{9, 8});
}

TEST_CASE("range, program ids and constants") {
  Kernel kernel(R"(
    func.func @ids(%o: !tile.ptr<i32>) {
      %x = tile.program_id x : i32
      %y = tile.program_id y : i32
      %z = tile.program_id z : i32
      %nx = tile.num_programs x : i32
      %ny = tile.num_programs y : i32
      %nz = tile.num_programs z : i32
      %a = arith.muli %z, %ny : i32
      %b = arith.addi %a, %y : i32
      %c = arith.muli %b, %nx : i32
      %linear = arith.addi %c, %x : i32
      %four = arith.constant 4 : i32
      %at = arith.muli %linear, %four : i32
      %r = tile.range -1 to 3 : tensor<4xi32>
      %k = arith.constant dense<[10, 20, 30, 40]> : tensor<4xi32>
      %s = arith.addi %r, %k : tensor<4xi32>
      %l = tile.splat %linear : i32 -> tensor<4xi32>
      %v = arith.addi %s, %l : tensor<4xi32>
      %one = arith.constant dense<1> : tensor<4xi32>
      %base = tile.ptr_add %o, %at : !tile.ptr<i32>, i32
      %bs = tile.splat %base : !tile.ptr<i32> -> tensor<4x!tile.ptr<i32>>
      %i = arith.addi %r, %one : tensor<4xi32>
      %p = tile.ptr_add %bs, %i : tensor<4x!tile.ptr<i32>>, tensor<4xi32>
      tile.store %p, %v : tensor<4x!tile.ptr<i32>>
      return
    })");
  Ints out(2 * 3 * 4 * 4);
  CHECK(kernel.array(out).run({2, 3, 4}) == "");
  for (int i = 0; i < 24; ++i)
    for (int k = 0; k < 4; ++k)
      CHECK(out[4 * i + k] == 10 * (k + 1) + k - 1 + i);
}

TEST_CASE("gather and histogram") {
  Ints x = count(12), index = {2, 0, 1, 1, 0, 0, 2, 2};
  Ints result = evaluate<int32_t>(
      {"3x4xi32", "2x4xi32"}, "2x4xi32",
      "%r = tile.gather %a0[%a1] axis 0 : tensor<3x4xi32>, tensor<2x4xi32> -> "
      "tensor<2x4xi32>",
      x, index);
  for (int i = 0; i < 2; ++i)
    for (int j = 0; j < 4; ++j)
      CHECK(result[i * 4 + j] == x[index[i * 4 + j] * 4 + j]);
  CHECK(evaluate<int32_t>({"8xi32", "8xi1"}, "4xi32",
                          "%r = tile.histogram %a0 mask %a1 : tensor<8xi1> : "
                          "tensor<8xi32> -> tensor<4xi32>",
                          Ints{0, 1, 3, 3, 3, -1, 4, 0},
                          Ints{0x01010101, 0x00010101}) == Ints{1, 1, 0, 3});
}

//===----------------------------------------------------------------------===//
// Along an axis
//===----------------------------------------------------------------------===//

TEST_CASE("a reduction keeps the sides of a combiner") {
  // "First that isn't zero" is associative but not commutative.
  const char *body = R"(
    %r = tile.reduce %a0 axis 1 : (tensor<3x7x2xi32>) -> tensor<3x2xi32> {
    ^bb0(%p: i32, %q: i32):
      %z = arith.constant 0 : i32
      %isz = arith.cmpi eq, %p, %z : i32
      %c = arith.select %isz, %q, %p : i32
      tile.yield %c : i32
    })";
  Ints x(42);
  for (int i = 0; i < 42; ++i)
    x[i] = i * 7 % 5 < 2 ? 0 : i + 1;
  Ints result = evaluate<int32_t>({"3x7x2xi32"}, "3x2xi32", body, x);
  for (int i = 0; i < 3; ++i)
    for (int k = 0; k < 2; ++k) {
      int first = 0;
      for (int j = 0; j < 7 && !first; ++j)
        first = x[(i * 7 + j) * 2 + k];
      CHECK(result[i * 2 + k] == first);
    }
}

TEST_CASE("a reduction of two tensors whose combiner branches") {
  // argmax; the earlier index wins among equals. scf.if can't be batched.
  const char *body = R"(
    %i = tile.range 0 to 9 : tensor<9xi32>
    %v, %k = tile.reduce %a0, %i axis 0 : (tensor<9xf32>, tensor<9xi32>) -> (f32, i32) {
    ^bb0(%va: f32, %ia: i32, %vb: f32, %ib: i32):
      %gt = arith.cmpf ogt, %vb, %va : f32
      %w, %j = scf.if %gt -> (f32, i32) {
        scf.yield %vb, %ib : f32, i32
      } else {
        scf.yield %va, %ia : f32, i32
      }
      tile.yield %w, %j : f32, i32
    }
    %r = tile.splat %k : i32 -> tensor<1xi32>)";
  std::vector<float> x = {1, 5, 2, 9, 3, 9, 9, 0, 4};
  CHECK(evaluate<int32_t>({"9xf32"}, "1xi32", body, x) == Ints{3});
}

TEST_CASE("a combiner may use values from outside") {
  const char *body = R"(
    %m = arith.constant 1000 : i32
    %r = tile.reduce %a0 axis 0 : (tensor<5x2xi32>) -> tensor<2xi32> {
    ^bb0(%p: i32, %q: i32):
      %s = arith.addi %p, %q : i32
      %c = arith.remsi %s, %m : i32
      tile.yield %c : i32
    })";
  CHECK(evaluate<int32_t>({"5x2xi32"}, "2xi32", body,
                          Ints{900, 1, 900, 2, 900, 3, 900, 4, 900, 5}) ==
        Ints{500, 15});
}

TEST_CASE("scans run both ways") {
  const char *forward = R"(
    %r = tile.scan %a0 axis 1 : (tensor<2x5xi32>) -> tensor<2x5xi32> {
    ^bb0(%p: i32, %q: i32):
      %ten = arith.constant 10 : i32
      %t = arith.muli %p, %ten : i32
      %c = arith.addi %t, %q : i32
      tile.yield %c : i32
    })";
  Ints x = {1, 2, 3, 4, 5, 6, 7, 8, 9, 1};
  CHECK(evaluate<int32_t>({"2x5xi32"}, "2x5xi32", forward, x) ==
        Ints{1, 12, 123, 1234, 12345, 6, 67, 678, 6789, 67891});
  std::string backward = forward;
  backward.replace(backward.find("axis 1"), 6, "axis 1 reverse");
  CHECK(evaluate<int32_t>({"2x5xi32"}, "2x5xi32", backward, x) ==
        Ints{54321, 5432, 543, 54, 5, 19876, 1987, 198, 19, 1});
}

TEST_CASE("map_elementwise takes packs of neighbours") {
  const char *body = R"(
    %s, %r = tile.map_elementwise %a0, %a1 pack 2
        : (tensor<6xi32>, tensor<6xi32>) -> (tensor<6xi32>, tensor<6xi32>) {
    ^bb0(%x0: i32, %x1: i32, %y0: i32, %y1: i32):
      %c = arith.cmpi slt, %x0, %y1 : i32
      %d = scf.if %c -> i32 {
        %e = arith.subi %x1, %y0 : i32
        scf.yield %e : i32
      } else {
        scf.yield %x0 : i32
      }
      tile.yield %x0, %x1, %d, %y1 : i32, i32, i32, i32
    })";
  CHECK(evaluate<int32_t>(
            {"6xi32", "6xi32"}, "6xi32", body, Ints{1, 2, 3, 4, 5, 6},
            Ints{10, 20, 30, 2, 50, 60}) == Ints{-8, 20, 3, 2, -44, 60});
}

//===----------------------------------------------------------------------===//
// Products
//===----------------------------------------------------------------------===//

TEST_CASE("a batch of products of f16 with f32 sums") {
  std::vector<uint16_t> a(2 * 3 * 4), b(2 * 4 * 5);
  auto half = [](int i) { // 0, 1, 2, 3 as f16.
    const uint16_t bits[] = {0, 0x3C00, 0x4000, 0x4200};
    return bits[i % 4];
  };
  std::vector<float> c(2 * 3 * 5, 0.5f);
  for (size_t i = 0; i < a.size(); ++i)
    a[i] = half(i * 7);
  for (size_t i = 0; i < b.size(); ++i)
    b[i] = half(i * 3 + 1);
  Kernel kernel(unit({"2x3x4xf16", "2x4x5xf16", "2x3x5xf32"}, "2x3x5xf32",
                     "%r = tile.dot %a0, %a1, %a2 : tensor<2x3x4xf16>, "
                     "tensor<2x4x5xf16> -> tensor<2x3x5xf32>"));
  std::vector<float> out(30);
  REQUIRE(kernel.array(a).array(b).array(c).array(out).run() == "");
  for (int n = 0; n < 2; ++n)
    for (int i = 0; i < 3; ++i)
      for (int j = 0; j < 5; ++j) {
        float sum = 0.5f;
        for (int k = 0; k < 4; ++k)
          sum += float(((n * 3 + i) * 4 + k) * 7 % 4) *
                 float((((n * 4 + k) * 5 + j) * 3 + 1) % 4);
        CHECK(out[(n * 3 + i) * 5 + j] == sum);
      }
}

TEST_CASE("integer products wrap in the accumulator's type") {
  std::vector<int8_t> a = {-128, 127, 3, 4}, b = {-128, 5, 127, -6};
  Kernel kernel(unit({"2x2xi8", "2x2xi8", "2x2xi32"}, "2x2xi32",
                     "%r = tile.dot %a0, %a1, %a2 : tensor<2x2xi8>, "
                     "tensor<2x2xi8> -> tensor<2x2xi32>"));
  Ints c = {INT32_MAX, 0, 1, 2}, out(4);
  REQUIRE(kernel.array(a).array(b).array(c).array(out).run() == "");
  CHECK(out == Ints{INT32_MIN + 16384 + 16129 - 1, -128 * 5 - 127 * 6,
                    -384 + 508 + 1, 15 - 24 + 2});
}

TEST_CASE("block-scaled products") {
  // a: 2 x 64 in e2m1, two to a byte along K; b: 64 x 2 bytes of e4m3.
  const float e2m1[] = {0, 0.5f, 1, 1.5f, 2, 3, 4, 6};
  std::vector<uint8_t> a(2 * 32), b(64 * 2), as = {127, 129, 126, 128},
                                             bs = {127, 127, 130, 120};
  for (size_t i = 0; i < a.size(); ++i)
    a[i] = i * 37 + 11;
  for (size_t i = 0; i < b.size(); ++i)
    b[i] = 0x30 + i % 16 + (i % 3 ? 0 : 0x80);
  Kernel kernel(unit(
      {"2x32xi8", "64x2xi8", "2x2xi8", "2x2xi8"}, "2x2xf32",
      "%c = arith.constant dense<1.0> : tensor<2x2xf32>\n"
      "%r = tile.dot_scaled %a0 scale %a2 : tensor<2x2xi8>, %a1 scale %a3 : "
      "tensor<2x2xi8>, %c e2m1 e4m3 : tensor<2x32xi8>, tensor<64x2xi8>, "
      "tensor<2x2xf32> -> tensor<2x2xf32>"));
  std::vector<float> out(4);
  REQUIRE_MESSAGE(kernel.interpreter, kernel.error);
  REQUIRE(kernel.array(a).array(b).array(as).array(bs).array(out).run() == "");
  for (int m = 0; m < 2; ++m)
    for (int n = 0; n < 2; ++n) {
      double sum = 1;
      for (int k = 0; k < 64; ++k) {
        int nibble = (a[m * 32 + k / 2] >> (k % 2 * 4)) & 15;
        double x = (nibble & 8 ? -1 : 1) * e2m1[nibble & 7];
        int byte = b[k * 2 + n]; // All normal numbers of e4m3.
        double y = (byte & 0x80 ? -1 : 1) * (1 + (byte & 7) / 8.0) *
                   std::exp2((byte >> 3 & 15) - 7);
        sum += x * std::exp2(as[m * 2 + k / 32] - 127) * y *
               std::exp2(bs[n * 2 + k / 32] - 127);
      }
      CHECK(out[m * 2 + n] == doctest::Approx(sum).epsilon(1e-6));
    }
}

TEST_CASE("scales that are floats stand for 16 or 32 elements") {
  for (size_t scales : {4, 2}) {
    // Ones of e4m3, scaled by 1, 2, 1, 2.
    std::vector<uint8_t> ones(64, 0x38), scale(scales, 0x38);
    for (size_t i = 1; i < scales; i += 2)
      scale[i] = 0x40;
    std::string type = "1x" + std::to_string(scales) + "xf8E4M3FN";
    Kernel kernel(
        unit({"1x64xi8", "64x1xi8", type}, "1x1xf32",
             "%c = arith.constant dense<0.0> : tensor<1x1xf32>\n"
             "%r = tile.dot_scaled %a0 scale %a2 : tensor<" +
                 type +
                 ">, %a1, %c e4m3 e4m3 : tensor<1x64xi8>, tensor<64x1xi8>, "
                 "tensor<1x1xf32> -> tensor<1x1xf32>"));
    std::vector<float> out(1);
    REQUIRE_MESSAGE(kernel.interpreter, kernel.error);
    REQUIRE(kernel.array(ones).array(ones).array(scale).array(out).run() == "");
    CHECK(out[0] == 96);
  }
}
