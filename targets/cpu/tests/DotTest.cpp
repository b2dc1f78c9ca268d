//===- DotTest.cpp - Matrix products, block-scaled ones included ----------===//
//
// Part of the Tegula Project, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "targets/cpu/tests/Differential.h"
#include <cmath>
#include <doctest/doctest.h>
#include <random>

using tegula::test::Differential;

/// Loads `rows x columns` elements from `%name` as `%t_name`.
static std::string loadTile(const std::string &name, int rows, int columns,
                            const std::string &element) {
  std::string n = std::to_string(rows * columns);
  std::string shape = std::to_string(rows) + "x" + std::to_string(columns);
  std::string ptrs = "tensor<" + n + "x!tile.ptr<" + element + ">>";
  return "  %i_" + name + " = tile.range 0 to " + n + " : tensor<" + n +
         "xi32>\n  %s_" + name + " = tile.splat %" + name + " : !tile.ptr<" +
         element + "> -> " + ptrs + "\n  %p_" + name + " = tile.ptr_add %s_" +
         name + ", %i_" + name + " : " + ptrs + ", tensor<" + n +
         "xi32>\n  %f_" + name + " = tile.load %p_" + name + " : " + ptrs +
         "\n  %t_" + name + " = tile.reshape %f_" + name + " : tensor<" + n +
         "x" + element + "> -> tensor<" + shape + "x" + element + ">\n";
}

static std::string storeTile(const std::string &name, const std::string &value,
                             int rows, int columns) {
  std::string n = std::to_string(rows * columns);
  std::string shape = std::to_string(rows) + "x" + std::to_string(columns);
  return "  %out = tile.reshape %" + value + " : tensor<" + shape +
         "xf32> -> tensor<" + n + "xf32>\n  tile.store %p_" + name +
         ", %out : tensor<" + n + "x!tile.ptr<f32>>\n  return\n}\n";
}

namespace {
constexpr int kM = 16, kN = 32, kK = 64;

struct Scaled {
  std::string aFormat, bFormat;
  bool aPack = true, bPack = true;
  /// Element type of the scales, or nothing.
  std::string aScale = "i8", bScale = "i8";
};

bool isPacked(const std::string &format) { return format == "e2m1"; }
std::string elementOf(const std::string &format) {
  return format == "bf16" ? "bf16" : format == "fp16" ? "f16" : "i8";
}
int groups(const std::string &scale) {
  return scale == "i8" ? kK / 32 : kK / 16;
}

std::string kernel(const Scaled &k) {
  int aRows = kM, aColumns = kK, bRows = kK, bColumns = kN;
  if (isPacked(k.aFormat))
    (k.aPack ? aColumns : aRows) /= 2;
  if (isPacked(k.bFormat))
    (k.bPack ? bRows : bColumns) /= 2;
  std::string aType = elementOf(k.aFormat), bType = elementOf(k.bFormat);
  auto tensor = [](int rows, int columns, const std::string &element) {
    return "tensor<" + std::to_string(rows) + "x" + std::to_string(columns) +
           "x" + element + ">";
  };
  std::string text =
      "func.func @k(%a: !tile.ptr<" + aType + ">, %b: !tile.ptr<" + bType +
      ">, %u: !tile.ptr<" + (k.aScale.empty() ? "i8" : k.aScale) +
      ">, %v: !tile.ptr<" + (k.bScale.empty() ? "i8" : k.bScale) +
      ">, %c: !tile.ptr<f32>) {\n" + loadTile("a", aRows, aColumns, aType) +
      loadTile("b", bRows, bColumns, bType) + loadTile("c", kM, kN, "f32");
  std::string left = "%t_a", right = "%t_b";
  if (!k.aScale.empty()) {
    text += loadTile("u", kM, groups(k.aScale), k.aScale);
    left += " scale %t_u : " + tensor(kM, groups(k.aScale), k.aScale);
  }
  if (!k.bScale.empty()) {
    text += loadTile("v", kN, groups(k.bScale), k.bScale);
    right += " scale %t_v : " + tensor(kN, groups(k.bScale), k.bScale);
  }
  auto flag = [](bool value) { return value ? "true" : "false"; };
  return text + "  %d = tile.dot_scaled " + left + ", " + right + ", %t_c " +
         k.aFormat + " " + k.bFormat + " {a_k_pack = " + flag(k.aPack) +
         ", b_k_pack = " + flag(k.bPack) +
         "} : " + tensor(aRows, aColumns, aType) + ", " +
         tensor(bRows, bColumns, bType) + ", " + tensor(kM, kN, "f32") +
         " -> " + tensor(kM, kN, "f32") + "\n" + storeTile("c", "d", kM, kN);
}

/// Bytes that are no NaN or infinity in the format, as 16-bit floats where it
/// is one.
std::vector<uint8_t> elements(const std::string &format, std::mt19937 &random) {
  std::vector<uint8_t> bytes;
  for (int i = 0; i < kK * kN; ++i) {
    uint8_t byte = random();
    if (format == "e4m3" && (byte & 0x7F) == 0x7F)
      byte = 0x80;
    if (format == "e5m2" && (byte & 0x7C) == 0x7C)
      byte = 0x01;
    if (format == "bf16" || format == "fp16") {
      bytes.push_back(byte);
      bytes.push_back((random() & 0x83) | 0x3C);
    } else {
      bytes.push_back(byte);
    }
  }
  return bytes;
}

std::vector<uint8_t> scaleBytes(const std::string &type, std::mt19937 &random) {
  std::vector<uint8_t> bytes(kN * kK / 16);
  for (uint8_t &byte : bytes)
    byte = type == "i8" ? 120 + random() % 14 : 0x30 + random() % 16;
  return bytes;
}

std::vector<float> check(const Scaled &k) {
  CAPTURE(k.aFormat);
  CAPTURE(k.bFormat);
  std::mt19937 random(7);
  return Differential(kernel(k))
      .array(elements(k.aFormat, random))
      .array(elements(k.bFormat, random))
      .array(scaleBytes(k.aScale, random))
      .array(scaleBytes(k.bScale, random))
      .array(std::vector<float>(kM * kN, 0.5f), 1e-5)
      .run<float>();
}
} // namespace

TEST_CASE("scaled products of every format") {
  for (const char *format :
       {"e4m3", "e5m2", "e2m3", "e3m2", "e2m1", "bf16", "fp16"}) {
    check({format, "e4m3"});
    check({"e5m2", format});
  }
}

TEST_CASE("packed pairs along K or along the other dimension") {
  for (bool aPack : {false, true})
    for (bool bPack : {false, true})
      check({"e2m1", "e2m1", aPack, bPack});
}

TEST_CASE("scales: floats, on one side, none") {
  check({"e2m1", "e2m1", true, true, "f8E4M3FN", "f8E4M3FN"});
  check({"e2m1", "bf16", true, true, "i8", ""});
  check({"fp16", "e4m3", true, true, "", "f8E4M3FN"});
  check({"e3m2", "e2m3", true, true, "", ""});
}

TEST_CASE("the ends of the exponent scale") {
  Scaled k{"e4m3", "e4m3", true, true, "i8", ""};
  // 1.0 (0x38) everywhere, so that an element of the product is the sum of 32
  // times each of its row's two scales.
  std::vector<uint8_t> ones(kK * kN, 0x38), scales(kN * kK / 16, 127);
  scales[0] = 0;   // 2^-127, subnormal
  scales[1] = 0;   //
  scales[2] = 255; // NaN
  scales[4] = 254; // 2^127
  scales[5] = 1;
  auto found = Differential(kernel(k))
                   .array(ones)
                   .array(ones)
                   .array(scales)
                   .array(scales)
                   .array(std::vector<float>(kM * kN, 0.0f))
                   .run<float>();
  CHECK(found[0] == std::ldexp(64.0f, -127));
  CHECK(std::isnan(found[kN]));
  CHECK(std::isinf(found[2 * kN]));
  CHECK(found[3 * kN] == 64.0f);
}

static std::vector<float> waves(int count) {
  std::vector<float> values(count);
  for (int i = 0; i < count; ++i)
    values[i] = std::sin(0.3f * static_cast<float>(i));
  return values;
}

TEST_CASE("sizes that no block of registers divides") {
  for (auto [m, k, n] : {std::array{1, 1, 1},
                         {1, 16, 16},
                         {3, 5, 7},
                         {15, 16, 17},
                         {17, 2, 48},
                         {31, 33, 9}}) {
    CAPTURE(m);
    CAPTURE(k);
    CAPTURE(n);
    auto size = [](int rows, int columns) {
      return "tensor<" + std::to_string(rows) + "x" + std::to_string(columns) +
             "xf32>";
    };
    std::string text =
        "func.func @k(%a: !tile.ptr<f32>, %b: !tile.ptr<f32>, %c: "
        "!tile.ptr<f32>) {\n" +
        loadTile("a", m, k, "f32") + loadTile("b", k, n, "f32") +
        loadTile("c", m, n, "f32") +
        "  %d = tile.dot %t_a, %t_b, %t_c : " + size(m, k) + ", " + size(k, n) +
        " -> " + size(m, n) + "\n" + storeTile("c", "d", m, n);
    Differential(text)
        .array(waves(m * k))
        .array(waves(k * n))
        .array(waves(m * n), 1e-5)
        .run<float>();
  }
}

TEST_CASE("a masked operand that a reduction reads too") {
  // The exponentials are kept for both, but only below the mask's bound.
  std::string text = R"(
func.func @k(%a: !tile.ptr<f32>, %b: !tile.ptr<f32>, %c: !tile.ptr<f32>, %n: i32) {
  %range = tile.range 0 to 32 : tensor<32xi32>
  %row = tile.expand_dims %range axis 1 : tensor<32xi32> -> tensor<32x1xi32>
  %column = tile.expand_dims %range axis 0 : tensor<32xi32> -> tensor<1x32xi32>
  %stride = arith.constant dense<32> : tensor<32x1xi32>
  %begin = arith.muli %row, %stride : tensor<32x1xi32>
  %begins = tile.broadcast %begin : tensor<32x1xi32> -> tensor<32x32xi32>
  %columns = tile.broadcast %column : tensor<1x32xi32> -> tensor<32x32xi32>
  %offsets = arith.addi %begins, %columns : tensor<32x32xi32>
  %bound = tile.splat %n : i32 -> tensor<1x32xi32>
  %inside = arith.cmpi slt, %column, %bound : tensor<1x32xi32>
  %mask = tile.broadcast %inside : tensor<1x32xi1> -> tensor<32x32xi1>
  %zeros = arith.constant dense<0.0> : tensor<32x32xf32>
  %as = tile.splat %a : !tile.ptr<f32> -> tensor<32x32x!tile.ptr<f32>>
  %pa = tile.ptr_add %as, %offsets : tensor<32x32x!tile.ptr<f32>>, tensor<32x32xi32>
  %x = tile.load %pa mask %mask other %zeros : tensor<32x32x!tile.ptr<f32>>
  %e = math.exp %x : tensor<32x32xf32>
  %sum = tile.reduce %e axis 1 : (tensor<32x32xf32>) -> tensor<32xf32> {
  ^bb0(%left: f32, %right: f32):
    %both = arith.addf %left, %right : f32
    tile.yield %both : f32
  }
  %bs = tile.splat %b : !tile.ptr<f32> -> tensor<32x32x!tile.ptr<f32>>
  %pb = tile.ptr_add %bs, %offsets : tensor<32x32x!tile.ptr<f32>>, tensor<32x32xi32>
  %y = tile.load %pb : tensor<32x32x!tile.ptr<f32>>
  %d = tile.dot %e, %y, %zeros : tensor<32x32xf32>, tensor<32x32xf32> -> tensor<32x32xf32>
  %s = tile.expand_dims %sum axis 1 : tensor<32xf32> -> tensor<32x1xf32>
  %sums = tile.broadcast %s : tensor<32x1xf32> -> tensor<32x32xf32>
  %q = arith.divf %d, %sums : tensor<32x32xf32>
  %cs = tile.splat %c : !tile.ptr<f32> -> tensor<32x32x!tile.ptr<f32>>
  %pc = tile.ptr_add %cs, %offsets : tensor<32x32x!tile.ptr<f32>>, tensor<32x32xi32>
  tile.store %pc, %q : tensor<32x32x!tile.ptr<f32>>
  return
})";
  for (int bound : {0, 1, 7, 16, 31, 32})
    Differential(text)
        .array(waves(32 * 32))
        .array(waves(32 * 32))
        .array(std::vector<float>(32 * 32), 1e-5)
        .scalar(bound)
        .run<float>();
}
