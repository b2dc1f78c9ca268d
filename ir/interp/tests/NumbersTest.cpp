//===- NumbersTest.cpp - Conversions against llvm::APFloat
//
// Part of the Tegula Project, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "ir/interp/Numbers.h"
#include "llvm/ADT/APFloat.h"
#include <cmath>
#include <doctest/doctest.h>
#include <random>

using namespace tegula::ir::interp;
using llvm::APFloat;

namespace {
struct Format {
  const char *name;
  Dtype dtype;
  const llvm::fltSemantics &semantics;
};

const Format kFormats[] = {
    {"f8E4M3FN", Dtype::F8E4M3FN, APFloat::Float8E4M3FN()},
    {"f8E5M2", Dtype::F8E5M2, APFloat::Float8E5M2()},
    {"f8E4M3FNUZ", Dtype::F8E4M3FNUZ, APFloat::Float8E4M3FNUZ()},
    {"f8E5M2FNUZ", Dtype::F8E5M2FNUZ, APFloat::Float8E5M2FNUZ()},
    {"f16", Dtype::F16, APFloat::IEEEhalf()},
    {"bf16", Dtype::BF16, APFloat::BFloat()},
    {"f32", Dtype::F32, APFloat::IEEEsingle()},
};

uint64_t encode(const Format &format, double value, RoundTo rounding,
                bool saturate = false) {
  uint64_t bits = 0;
  fromDouble(format.dtype, &value, &bits, 1, rounding, saturate);
  return bits;
}

uint64_t expected(const Format &format, double value, RoundTo rounding) {
  APFloat exact(value);
  bool losesInfo;
  exact.convert(format.semantics,
                rounding == RoundTo::Zero
                    ? llvm::RoundingMode::TowardZero
                    : llvm::RoundingMode::NearestTiesToEven,
                &losesInfo);
  return exact.bitcastToAPInt().getZExtValue();
}

/// Numbers around every representable one: itself, the middles, and a hair
/// to both sides.
std::vector<double> interesting(const Format &format) {
  std::vector<double> values;
  unsigned bits = APFloat::getSizeInBits(format.semantics);
  uint64_t step = bits == 32 ? 65521 : 1;
  for (uint64_t i = 0; i < uint64_t(1) << bits; i += step) {
    double value, next;
    uint64_t after = i + 1;
    toDouble(format.dtype, &i, &value, 1);
    toDouble(format.dtype, &after, &next, 1);
    double middle = value + (next - value) / 2;
    for (double v : {value, middle})
      values.insert(values.end(),
                    {v, std::nextafter(v, 1e300), std::nextafter(v, -1e300)});
  }
  std::mt19937_64 random(1);
  for (int i = 0; i < 20000; ++i) {
    uint64_t pattern = random();
    double value;
    std::memcpy(&value, &pattern, sizeof(value));
    values.push_back(value);
    values.push_back(std::ldexp(value / std::ldexp(1.0, std::ilogb(value)),
                                static_cast<int>(pattern % 300) - 160));
  }
  for (double v : {0.0, -0.0, double(INFINITY), -double(INFINITY)})
    values.push_back(v);
  return values;
}
} // namespace

TEST_CASE("widening is exact") {
  for (const Format &format : kFormats) {
    INFO(format.name);
    unsigned bits = APFloat::getSizeInBits(format.semantics);
    uint64_t step = bits == 32 ? 99991 : 1;
    for (uint64_t i = 0; i < uint64_t(1) << bits; i += step) {
      double value;
      toDouble(format.dtype, &i, &value, 1);
      APFloat oracle(format.semantics, llvm::APInt(bits, i));
      bool losesInfo;
      oracle.convert(APFloat::IEEEdouble(),
                     llvm::RoundingMode::NearestTiesToEven, &losesInfo);
      double wanted = oracle.convertToDouble();
      bool same =
          std::isnan(wanted)
              ? std::isnan(value)
              : value == wanted && std::signbit(value) == std::signbit(wanted);
      REQUIRE_MESSAGE(same, i, " is ", wanted, ", not ", value);
    }
  }
}

TEST_CASE("narrowing rounds once") {
  for (const Format &format : kFormats) {
    INFO(format.name);
    for (double value : interesting(format)) {
      if (std::isnan(value)) {
        uint64_t bits = encode(format, value, RoundTo::NearestEven);
        double back;
        toDouble(format.dtype, &bits, &back, 1);
        REQUIRE(std::isnan(back));
        continue;
      }
      for (RoundTo rounding : {RoundTo::NearestEven, RoundTo::Zero})
        REQUIRE_MESSAGE(encode(format, value, rounding) ==
                            expected(format, value, rounding),
                        value);
    }
  }
}

TEST_CASE("saturation") {
  for (const Format &format : kFormats) {
    INFO(format.name);
    uint64_t largest =
        APFloat::getLargest(format.semantics).bitcastToAPInt().getZExtValue();
    uint64_t lowest = APFloat::getLargest(format.semantics, /*Negative=*/true)
                          .bitcastToAPInt()
                          .getZExtValue();
    for (double value : {1e39, double(INFINITY)}) {
      CHECK(encode(format, value, RoundTo::NearestEven, true) == largest);
      CHECK(encode(format, -value, RoundTo::Zero, true) == lowest);
    }
    uint64_t bits = encode(format, NAN, RoundTo::NearestEven, true);
    double back;
    toDouble(format.dtype, &bits, &back, 1);
    CHECK(std::isnan(back));
    CHECK(encode(format, 1.0, RoundTo::NearestEven, true) ==
          expected(format, 1.0, RoundTo::NearestEven));
  }
}

TEST_CASE("64-bit integers round once") {
  std::mt19937_64 random(2);
  for (int i = 0; i < 200000; ++i) {
    uint64_t value = random() >> (random() % 64);
    if (i % 3 == 0) // Just beside the middle of two floats.
      value = (value & ~uint64_t(0xFFFFFFFFFF)) | (uint64_t(1) << 39) |
              (i % 2 ? 1 : 0);
    REQUIRE(static_cast<float>(roundToOdd(value)) == static_cast<float>(value));
    int64_t negative = static_cast<int64_t>(value);
    REQUIRE(static_cast<float>(roundToOdd(negative)) ==
            static_cast<float>(negative));
  }
  CHECK(static_cast<float>(roundToOdd(UINT64_MAX)) == 0x1p64f);
  CHECK(roundToOdd(INT64_MIN) == -0x1p63);
}

TEST_CASE("fused products round once") {
  std::mt19937_64 random(3);
  auto number = [&] {
    uint32_t pattern = static_cast<uint32_t>(random());
    // Exponents close to each other, so that sums cancel and straddle.
    pattern = (pattern & 0x807FFFFF) | ((120 + random() % 16) << 23);
    float value;
    std::memcpy(&value, &pattern, 4);
    return value;
  };
  for (int i = 0; i < 200000; ++i) {
    float a = number(), b = number(), c = number();
    if (i % 2)
      c = std::ldexp(c, -24 - int(random() % 30));
    REQUIRE(static_cast<float>(fusedRoundToOdd(a, b, c)) == std::fma(a, b, c));
  }
}

TEST_CASE("floats saturate to integers") {
  CHECK(toSigned(1e30, 32) == INT32_MAX);
  CHECK(toSigned(-1e30, 32) == INT32_MIN);
  CHECK(toSigned(-2147483648.0, 32) == INT32_MIN);
  CHECK(toSigned(NAN, 64) == 0);
  CHECK(toSigned(0x1p63, 64) == INT64_MAX);
  CHECK(toSigned(-1.9, 8) == -1);
  CHECK(toSigned(-1.0, 1) == -1);
  CHECK(toSigned(1.0, 1) == 0);
  CHECK(toUnsigned(-0.5, 8) == 0);
  CHECK(toUnsigned(255.9, 8) == 255);
  CHECK(toUnsigned(256, 8) == 255);
  CHECK(toUnsigned(0x1p64, 64) == UINT64_MAX);
  CHECK(toUnsigned(NAN, 16) == 0);
  CHECK(toUnsigned(3, 1) == 1);
}
