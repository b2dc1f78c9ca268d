//===- DotLoopTest.cpp - Matrix products as kernels write them ------------===//
//
// Part of the Tegula Project, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Loops along K in many programs: their steps are made longer, programs share
// what they pack, and what lies outside the result is not computed.
//
//===----------------------------------------------------------------------===//

#include "targets/cpu/tests/Differential.h"
#include "llvm/ADT/APFloat.h"
#include "llvm/ADT/StringExtras.h"
#include <cmath>
#include <cstring>
#include <doctest/doctest.h>
#include <limits>

using tegula::test::Differential;

namespace {
constexpr int kBlockM = 32, kBlockK = 32;

struct Product {
  int m, n, k;
  bool isTransposed = false; // B lies as n x k
  int blockN = 48;
  bool isScaled = false; // by the program's id before each step
  bool isTurned = false; // A lies as k x m
  int blockM = kBlockM;
};

int ceilDiv(int a, int b) { return (a + b - 1) / b; }
uint32_t programs(const Product &p) {
  return ceilDiv(p.m, p.blockM) * ceilDiv(p.n, p.blockN);
}
} // namespace

/// `text` with ELEMENT and the block's sizes in place.
static std::string instantiate(std::string text, const Product &p,
                               llvm::StringRef element) {
  auto replace = [&](llvm::StringRef name, const std::string &value) {
    for (size_t at = 0; (at = text.find(name, at)) != std::string::npos;)
      text.replace(at, name.size(), value);
  };
  replace("BM", std::to_string(p.blockM));
  replace("BN", std::to_string(p.blockN));
  replace("BK", std::to_string(kBlockK));
  replace("ELEMENT", element.str());
  replace("STRIDE_A", p.isTurned ? "%c1, %m" : "%wide, %c1");
  replace("START", p.isScaled ? "%scaled" : "%sum");
  return text;
}

static constexpr const char *scaledSum = R"(
    %factor = arith.sitofp %id : i32 to f32
    %factors = tile.splat %factor : f32 -> tensor<BMxBNxf32>
    %scaled = arith.mulf %sum, %factors : tensor<BMxBNxf32>)";

/// C = A * B, one block of C a program. `loadB` makes %y, the block of B, and
/// `store` does something with the result, %acc.
static std::string kernel(const Product &p, llvm::StringRef element,
                          llvm::StringRef loadB, llvm::StringRef store) {
  std::string text = R"(
func.func @k(%a: !tile.ptr<ELEMENT>, %b: !tile.ptr<ELEMENT>, %c: !tile.ptr<f32>, %m: i64, %n: i64, %k: i32) {
  %c0 = arith.constant 0 : i64
  %c1 = arith.constant 1 : i64
  %i0 = arith.constant 0 : i32
  %step = arith.constant BK : i32
  %rows = arith.constant BM : i64
  %columns = arith.constant BN : i64
  %zero = arith.constant dense<0.0> : tensor<BMxBNxf32>
  %wide = arith.extsi %k : i32 to i64
  %id = tile.program_id x : i32
  %id64 = arith.extsi %id : i32 to i64
  %across = arith.ceildivsi %n, %columns : i64
  %tile_m = arith.divsi %id64, %across : i64
  %tile_n = arith.remsi %id64, %across : i64
  %row = arith.muli %tile_m, %rows : i64
  %column = arith.muli %tile_n, %columns : i64
  %left_m = arith.subi %m, %row : i64
  %left_n = arith.subi %n, %column : i64
  %acc = scf.for %i = %i0 to %k step %step iter_args(%sum = %zero) -> (tensor<BMxBNxf32>) : i32 {
    %at = arith.extsi %i : i32 to i64
    %left = arith.subi %wide, %at : i64
    %x = tile.load_box %a start(%row, %at) stride(STRIDE_A) lower(%c0, %c0) upper(%left_m, %left) {tile.tier = "box"} : !tile.ptr<ELEMENT> -> tensor<BMxBKxELEMENT>
)" + loadB.str() + R"(
)" + (p.isScaled ? scaledSum : "") +
                     R"(
    %d = tile.dot %x, %y, START : tensor<BMxBKxELEMENT>, tensor<BKxBNxELEMENT> -> tensor<BMxBNxf32>
    scf.yield %d : tensor<BMxBNxf32>
  }
)" + store.str();
  return instantiate(text, p, element);
}

static constexpr llvm::StringLiteral plainB = R"(
    %y = tile.load_box %b start(%at, %column) stride(%n, %c1) lower(%c0, %c0) upper(%left, %left_n) {tile.tier = "box"} : !tile.ptr<ELEMENT> -> tensor<BKxBNxELEMENT>)";
static constexpr llvm::StringLiteral transposedB = R"(
    %r = tile.load_box %b start(%column, %at) stride(%wide, %c1) lower(%c0, %c0) upper(%left_n, %left) {tile.tier = "box"} : !tile.ptr<ELEMENT> -> tensor<BNxBKxELEMENT>
    %y = tile.trans %r [1, 0] : tensor<BNxBKxELEMENT> -> tensor<BKxBNxELEMENT>)";
static constexpr llvm::StringLiteral asItIs = R"(
  tile.store_box %c, %acc start(%row, %column) stride(%n, %c1) lower(%c0, %c0) upper(%left_m, %left_n) {tile.tier = "box"} : !tile.ptr<f32>, tensor<BMxBNxf32>
  return
})";

// Adds what was there: each element's own, or the first row's to all rows.
static constexpr llvm::StringLiteral plusOld = R"(
  %old = tile.load_box %c start(%row, %column) stride(%n, %c1) lower(%c0, %c0) upper(%left_m, %left_n) {tile.tier = "box"} : !tile.ptr<f32> -> tensor<BMxBNxf32>
  %both = arith.addf %acc, %old : tensor<BMxBNxf32>
  tile.store_box %c, %both start(%row, %column) stride(%n, %c1) lower(%c0, %c0) upper(%left_m, %left_n) {tile.tier = "box"} : !tile.ptr<f32>, tensor<BMxBNxf32>
  return
})";
static constexpr llvm::StringLiteral plusFirstRow = R"(
  %one = arith.constant 1 : i64
  %old = tile.load_box %c start(%row, %column) stride(%n, %c1) lower(%c0, %c0) upper(%one, %left_n) {tile.tier = "box"} : !tile.ptr<f32> -> tensor<1xBNxf32>
  %olds = tile.broadcast %old : tensor<1xBNxf32> -> tensor<BMxBNxf32>
  %both = arith.addf %acc, %olds : tensor<BMxBNxf32>
  tile.store_box %c, %both start(%row, %column) stride(%n, %c1) lower(%c0, %c0) upper(%left_m, %left_n) {tile.tier = "box"} : !tile.ptr<f32>, tensor<BMxBNxf32>
  return
})";

// Stores less than the loads read, in a form that needs the rest or not.
static constexpr llvm::StringLiteral firstRows = R"(
  %c5 = arith.constant 5 : i64
  %first = arith.minsi %left_m, %c5 : i64
  %some = arith.minsi %left_n, %c5 : i64
  %two = arith.constant dense<2.0> : tensor<BMxBNxf32>
  %half = arith.divf %acc, %two : tensor<BMxBNxf32>
  tile.store_box %c, %half start(%row, %column) stride(%n, %c1) lower(%c0, %c0) upper(%first, %some) {tile.tier = "box"} : !tile.ptr<f32>, tensor<BMxBNxf32>
  return
})";
static constexpr llvm::StringLiteral belowLargest = R"(
  %c5 = arith.constant 5 : i64
  %first = arith.minsi %left_m, %c5 : i64
  %largest = tile.reduce %acc axis 0 : (tensor<BMxBNxf32>) -> tensor<BNxf32> {
  ^bb0(%x: f32, %y: f32):
    %max = arith.maxnumf %x, %y : f32
    tile.yield %max : f32
  }
  %line = tile.expand_dims %largest axis 0 : tensor<BNxf32> -> tensor<1xBNxf32>
  %lines = tile.broadcast %line : tensor<1xBNxf32> -> tensor<BMxBNxf32>
  %below = arith.subf %acc, %lines : tensor<BMxBNxf32>
  tile.store_box %c, %below start(%row, %column) stride(%n, %c1) lower(%c0, %c0) upper(%first, %left_n) {tile.tier = "box"} : !tile.ptr<f32>, tensor<BMxBNxf32>
  return
})";

static constexpr llvm::StringLiteral partOfSum = R"(
  %total = tile.reduce %acc axis 1 : (tensor<BMxBNxf32>) -> tensor<BMxf32> {
  ^bb0(%x: f32, %y: f32):
    %both = arith.addf %x, %y : f32
    tile.yield %both : f32
  }
  %line = tile.expand_dims %total axis 1 : tensor<BMxf32> -> tensor<BMx1xf32>
  %lines = tile.broadcast %line : tensor<BMx1xf32> -> tensor<BMxBNxf32>
  %part = arith.subf %acc, %lines : tensor<BMxBNxf32>
  tile.store_box %c, %part start(%row, %column) stride(%n, %c1) lower(%c0, %c0) upper(%left_m, %left_n) {tile.tier = "box"} : !tile.ptr<f32>, tensor<BMxBNxf32>
  return
})";

static std::vector<float> waves(int count) {
  std::vector<float> values(count);
  for (int i = 0; i < count; ++i)
    values[i] = std::sin(0.3f * static_cast<float>(i));
  return values;
}

static std::vector<uint16_t> asF16(const std::vector<float> &values) {
  std::vector<uint16_t> result;
  for (float value : values) {
    llvm::APFloat number(value);
    bool losesInfo = false;
    number.convert(llvm::APFloat::IEEEhalf(),
                   llvm::APFloat::rmNearestTiesToEven, &losesInfo);
    result.push_back(number.bitcastToAPInt().getZExtValue());
  }
  return result;
}

/// The upper halves of the numbers, which are their bf16 rounded to zero.
static std::vector<uint16_t> asBF16(const std::vector<float> &values) {
  std::vector<uint16_t> result;
  for (float value : values)
    result.push_back(llvm::bit_cast<uint32_t>(value) >> 16);
  return result;
}

static void check(const Product &p, llvm::StringRef element,
                  llvm::StringRef store) {
  CAPTURE(p.m);
  CAPTURE(p.n);
  CAPTURE(p.k);
  CAPTURE(p.isTransposed);
  // An array without elements has no address.
  std::vector<float> a = waves(std::max(1, p.m * p.k)),
                     b = waves(std::max(1, p.k * p.n));
  Differential run(
      kernel(p, element, p.isTransposed ? transposedB : plainB, store));
  if (element == "bf16")
    run.array(asBF16(a)).array(asBF16(b));
  else
    run.array(a).array(b);
  run.array(std::vector<float>(p.m * p.n, 7.0f), 1e-4)
      .scalar<int64_t>(p.m)
      .scalar<int64_t>(p.n)
      .scalar<int32_t>(p.k)
      .run<float>(programs(p));
}

/// Bytes are summed as i32.
static void checkBytes(const Product &p) {
  CAPTURE(p.m);
  CAPTURE(p.isTransposed);
  CAPTURE(p.isTurned);
  std::string text =
      kernel(p, "i8", p.isTransposed ? transposedB : plainB, asItIs);
  for (auto [from, to] : {std::pair("f32", "i32"), {"dense<0.0>", "dense<0>"}})
    for (size_t at = 0; (at = text.find(from, at)) != std::string::npos;)
      text.replace(at, std::strlen(from), to);
  auto bytes = [](int count) {
    std::vector<int8_t> values(count);
    for (int i = 0; i < count; ++i)
      values[i] = static_cast<int8_t>(i * 37 + i / 7);
    return values;
  };
  Differential(text)
      .array(bytes(p.m * p.k))
      .array(bytes(p.k * p.n))
      .array(std::vector<int32_t>(p.m * p.n, 7))
      .scalar<int64_t>(p.m)
      .scalar<int64_t>(p.n)
      .scalar<int32_t>(p.k)
      .run<int32_t>(programs(p));
}

TEST_CASE("bytes are multiplied in groups along K") {
  checkBytes({33, 49, 70});
  checkBytes({70, 100, 1027, false, 64});
  checkBytes({45, 61, 130, true, 64});
  checkBytes({45, 61, 130, false, 64, false, true});
}

TEST_CASE("a left operand that lies by columns") {
  check({45, 61, 300, false, 48, false, true}, "f32", asItIs);
  check({45, 61, 31, true, 64, false, true}, "bf16", asItIs);
}

TEST_CASE("products of bf16") {
  // Whole boxes and cut ones, sums that stay in registers and ones that don't.
  for (const Product &p : {Product{64, 128, 320, false, 64},
                           {70, 100, 1027, false, 64},
                           {64, 64, 96, true, 64},
                           {45, 61, 130, true, 64},
                           {64, 128, 96, false, 64, true},
                           {45, 61, 90, true, 64, true}})
    check(p, "bf16", asItIs);
  for (int k : {0, 32, 640})
    check({96, 128, k, false, 64}, "bf16", plusOld);
}

/// Products whose operands a machine may split into parts of fewer bits.
static void checkParts(const Product &p, llvm::StringRef element,
                       const std::vector<float> &a, const std::vector<float> &b,
                       llvm::StringRef store = asItIs) {
  CAPTURE(p.m);
  CAPTURE(p.k);
  CAPTURE(element.str());
  Differential run(
      kernel(p, element, p.isTransposed ? transposedB : plainB, store));
  if (element == "f16")
    run.array(asF16(a)).array(asF16(b));
  else
    run.array(a).array(b);
  run.array(std::vector<float>(p.m * p.n, 7.0f), 1e-5)
      .scalar<int64_t>(p.m)
      .scalar<int64_t>(p.n)
      .scalar<int32_t>(p.k)
      .run<float>(programs(p));
}

static std::vector<float> scaled(std::vector<float> values, float factor) {
  for (float &value : values)
    value *= factor;
  return values;
}

TEST_CASE("products of floats that are as precise in parts") {
  for (llvm::StringRef element : {"f32", "f16"})
    for (const Product &p :
         {Product{64, 256, 160, false, 128, false, false, 64},
          {100, 200, 227, false, 128, false, false, 64},
          {64, 256, 96, true, 128, false, false, 64},
          {77, 130, 130, true, 128, false, false, 64},
          {128, 128, 96, false, 128, true, false, 64}}) {
      checkParts(p, element, waves(p.m * p.k), waves(p.k * p.n));
      checkParts(p, element, waves(p.m * p.k), waves(p.k * p.n), plusOld);
    }
}

TEST_CASE("numbers that parts don't hold") {
  Product p{64, 128, 192, false, 128, false, false, 64};
  const std::vector<float> a = waves(p.m * p.k), b = waves(p.k * p.n);
  float infinity = std::numeric_limits<float>::infinity();
  for (llvm::StringRef element : {"f32", "f16"})
    for (float value : {infinity, -infinity, std::nanf("")}) {
      std::vector<float> some = a;
      some[3 * p.k + 70] = value;
      checkParts(p, element, some, b);
      some = b;
      some[150 * p.n + 5] = value;
      checkParts(p, element, a, some);
    }
  // Parts of such small numbers are denormal, though the products are not.
  checkParts(p, "f32", scaled(a, 0x1p-110f), scaled(b, 0x1p110f));
  checkParts(p, "f32", scaled(a, 0x1p120f), scaled(b, 0x1p-122f));
  checkParts(p, "f32", scaled(a, 0.0f), b);
  // Rounding the greatest number up gives infinity.
  std::vector<float> some = scaled(a, 0.0f);
  some[0] = std::numeric_limits<float>::max();
  checkParts(p, "f32", some, scaled(b, 0x1p-126f));
}

TEST_CASE("a product in the place of its left operand") {
  // Blocks of rows are stored while others have still to be read.
  std::string text = kernel({64, 64, 32, false, 64}, "bf16", plainB, R"(
  %narrow = arith.truncf %acc : tensor<BMxBNxf32> to tensor<BMxBNxbf16>
  tile.store_box %a, %narrow start(%row, %column) stride(%n, %c1) lower(%c0, %c0) upper(%left_m, %left_n) {tile.tier = "box"} : !tile.ptr<bf16>, tensor<BMxBNxbf16>
  return
})");
  Differential(text)
      .array(asBF16(waves(32 * 32)))
      .array(asBF16(waves(32 * 32)))
      .array(std::vector<float>(1))
      .scalar<int64_t>(32)
      .scalar<int64_t>(32)
      .scalar<int32_t>(32)
      .run<uint16_t>();
}

TEST_CASE("programs share operands of odd sizes") {
  // A step is up to 256 long after widening: less than one, two, three.
  check({33, 49, 300}, "f32", asItIs);
  check({97, 5, 31}, "f32", asItIs);
  check({45, 61, 513, true}, "f32", asItIs);
  check({70, 100, 257}, "bf16", asItIs);
}

TEST_CASE("no step along K leaves zeros") { check({33, 49, 0}, "f32", asItIs); }

TEST_CASE("what no store demands is not needed elsewhere") {
  check({70, 100, 33}, "f32", firstRows);
  check({70, 100, 33}, "f32", belowLargest);
}

TEST_CASE("results are stored block by block in the last step") {
  for (int blockN : {48, 64})
    for (int k : {0, 33, 600}) {
      check({70, 100, k, false, blockN}, "f32", asItIs);
      check({70, 100, k, false, blockN}, "f32", plusOld);
      check({70, 100, k, false, blockN}, "f32", plusFirstRow);
    }
}

TEST_CASE("rows that lie in several panels") {
  for (int blockN : {48, 64, 128})
    check({70, 150, 33, false, blockN}, "f32", partOfSum);
}

TEST_CASE("sums that are scaled before each step") {
  for (int blockN : {48, 64})
    check({70, 150, 90, false, blockN, true}, "f32", asItIs);
}
