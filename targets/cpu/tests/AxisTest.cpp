//===- AxisTest.cpp - Reductions, scans and histograms --------------------===//
//
// Part of the Tegula Project, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "targets/cpu/tests/Differential.h"
#include <cmath>
#include <doctest/doctest.h>

using tegula::test::Differential;

static std::vector<float> wave(size_t size) {
  std::vector<float> values(size);
  for (size_t i = 0; i < size; ++i)
    values[i] = std::sin(0.7f * static_cast<float>(i) + 1.0f);
  return values;
}

/// Loads 16 rows of 32 f32 as %a, stores %r of `shape`.
static std::string kernel(const std::string &body, const std::string &shape,
                          int count) {
  std::string n = std::to_string(count);
  return R"(
func.func @k(%x: !tile.ptr<f32>, %y: !tile.ptr<f32>) {
  %i = tile.range 0 to 512 : tensor<512xi32>
  %xs = tile.splat %x : !tile.ptr<f32> -> tensor<512x!tile.ptr<f32>>
  %xp = tile.ptr_add %xs, %i : tensor<512x!tile.ptr<f32>>, tensor<512xi32>
  %flat = tile.load %xp : tensor<512x!tile.ptr<f32>>
  %a = tile.reshape %flat : tensor<512xf32> -> tensor<16x32xf32>
)" + body +
         "%o = tile.reshape %r : tensor<" + shape + "xf32> -> tensor<" + n +
         "xf32>\n  %j = tile.range 0 to " + n + " : tensor<" + n +
         "xi32>\n  %ys = tile.splat %y : !tile.ptr<f32> -> " + "tensor<" + n +
         "x!tile.ptr<f32>>\n  %yp = tile.ptr_add %ys, %j : " + "tensor<" + n +
         "x!tile.ptr<f32>>, tensor<" + n + "xi32>\n" +
         "  tile.store %yp, %o : tensor<" + n +
         "x!tile.ptr<f32>>\n  return\n}\n";
}

static std::vector<float> check(const std::string &body,
                                const std::string &shape, int count,
                                double tolerance = 1e-5) {
  return Differential(kernel(body, shape, count))
      .array(wave(512))
      .array(std::vector<float>(count, -7.0f), tolerance)
      .run<float>();
}

TEST_CASE("sums and maxima along both axes") {
  for (const char *op : {"addf", "mulf", "maximumf", "minnumf"})
    for (int axis : {0, 1}) {
      std::string out = axis ? "16" : "32";
      check("%r = tile.reduce %a axis " + std::to_string(axis) +
                " : (tensor<16x32xf32>) -> tensor<" + out +
                "xf32> {\n^bb0(%p: f32, %q: f32):\n%s = arith." + op +
                " %p, %q : f32\ntile.yield %s : f32\n}\n",
            out, std::stoi(out));
    }
}

/// Composition of the maps t -> p*t + u, the left one first: associative, not
/// commutative.
static const char *kCompose = R"({
  ^bb0(%p: f32, %u: f32, %q: f32, %v: f32):
    %s = arith.mulf %p, %q : f32
    %t = arith.mulf %u, %q : f32
    %w = arith.addf %t, %v : f32
    tile.yield %s, %w : f32, f32
  }
)";

TEST_CASE("a combiner that does not commute keeps its order") {
  for (int axis : {0, 1}) {
    std::string out = axis ? "16" : "32";
    check("%k = arith.constant dense<1.0> : tensor<16x32xf32>\n"
          "%b = arith.addf %a, %k : tensor<16x32xf32>\n"
          "%m, %r = tile.reduce %a, %b axis " +
              std::to_string(axis) +
              " : (tensor<16x32xf32>, tensor<16x32xf32>) -> (tensor<" + out +
              "xf32>, tensor<" + out + "xf32>) " + kCompose,
          out, std::stoi(out));
  }
}

TEST_CASE("scans in both directions") {
  for (const char *way : {"", " reverse"})
    for (int axis : {0, 1})
      check("%m, %r = tile.scan %a, %a axis " + std::to_string(axis) + way +
                " : (tensor<16x32xf32>, tensor<16x32xf32>) -> "
                "(tensor<16x32xf32>, tensor<16x32xf32>) " +
                kCompose,
            "16x32", 512);
}

TEST_CASE("an f16 sum of a long row that is nearly empty") {
  // The elements beyond the bound are accounted for at once: 65533 of them, a
  // number that f16 does not have.
  std::string text = R"(
func.func @k(%x: !tile.ptr<f32>, %y: !tile.ptr<f32>, %n: i32) {
  %i = tile.range 0 to 65536 : tensor<65536xi32>
  %ns = tile.splat %n : i32 -> tensor<65536xi32>
  %m = arith.cmpi slt, %i, %ns : tensor<65536xi32>
  %xs = tile.splat %x : !tile.ptr<f32> -> tensor<65536x!tile.ptr<f32>>
  %xp = tile.ptr_add %xs, %i : tensor<65536x!tile.ptr<f32>>, tensor<65536xi32>
  %v = tile.load %xp mask %m : tensor<65536x!tile.ptr<f32>>
  %h = arith.truncf %v : tensor<65536xf32> to tensor<65536xf16>
  %s = tile.reduce %h axis 0 : (tensor<65536xf16>) -> f16 {
  ^bb0(%p: f16, %q: f16):
    %t = arith.addf %p, %q : f16
    tile.yield %t : f16
  }
  %r = arith.extf %s : f16 to f32
  tile.store %y, %r : !tile.ptr<f32>
  return
}
)";
  auto found = Differential(text)
                   .array(std::vector<float>{1, 2, 3})
                   .array(std::vector<float>{0})
                   .scalar(int32_t(3))
                   .run<float>();
  CHECK(found[0] == 6.0f);
}
