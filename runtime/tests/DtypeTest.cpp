//===- DtypeTest.cpp - Tests of the element types -------------------------===//
//
// Part of the Tegula Project, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "runtime/arrays/Dtype.h"
#include <cmath>
#include <cstring>
#include <doctest/doctest.h>
#include <limits>

using namespace tegula::runtime;

static constexpr tegula_dtype narrowFloats[] = {
    TEGULA_F16,    TEGULA_BF16,       TEGULA_F8E4M3,
    TEGULA_F8E5M2, TEGULA_F8E4M3FNUZ, TEGULA_F8E5M2FNUZ};

static bool same(double a, double b) {
  return (std::isnan(a) && std::isnan(b)) ||
         (a == b && std::signbit(a) == std::signbit(b));
}

TEST_CASE("dtype names are known and in the order of their codes") {
  int code = 0;
  for (const DtypeInfo &info : allDtypes()) {
    CHECK(info.dtype == code++);
    CHECK(parseDtype(info.name) == info.dtype);
  }
  CHECK(code == TEGULA_POINTER);
  CHECK_FALSE(parseDtype("float32"));
  CHECK_FALSE(parseDtype("pointer"));
  CHECK_FALSE(parseDtype(""));
}

TEST_CASE("f16, f32 and f64 are the processor's own") {
  for (uint32_t bits = 0; bits < 65536; ++bits) {
    auto half = static_cast<uint16_t>(bits);
    _Float16 value;
    memcpy(&value, &half, 2);
    CHECK(same(decodeFloat(bits, TEGULA_F16), double(value)));
  }
  uint64_t random = 1;
  for (int i = 0; i < 300'000; ++i) {
    random = random * 6364136223846793005u + 1442695040888963407u;
    auto high = static_cast<uint32_t>(random >> 32);
    float single;
    memcpy(&single, &high, 4);
    double wide;
    memcpy(&wide, &random, 8);
    CHECK(same(decodeFloat(high, TEGULA_F32), single));
    CHECK(same(decodeFloat(random, TEGULA_F64), wide));
    if (std::isnan(single) || std::isnan(wide))
      continue;
    CHECK(encodeFloat(single, TEGULA_F32) == high);
    CHECK(encodeFloat(wide, TEGULA_F64) == random);
    auto rounded = static_cast<float>(wide);
    CHECK(
        same(decodeFloat(encodeFloat(wide, TEGULA_F32), TEGULA_F32), rounded));
    auto half = static_cast<_Float16>(single);
    CHECK(same(decodeFloat(encodeFloat(single, TEGULA_F16), TEGULA_F16),
               double(half)));
  }
}

TEST_CASE("known patterns of the narrow formats") {
  struct {
    tegula_dtype dtype;
    uint64_t bits;
    double value;
  } cases[] = {
      {TEGULA_BF16, 0x3F80, 1},           {TEGULA_BF16, 0x7F7F, 0x1.FEp127},
      {TEGULA_BF16, 0x0001, 0x1p-133},    {TEGULA_F8E4M3, 0x7E, 448},
      {TEGULA_F8E4M3, 0x01, 0x1p-9},      {TEGULA_F8E4M3, 0x38, 1},
      {TEGULA_F8E5M2, 0x7B, 57344},       {TEGULA_F8E5M2, 0x7C, HUGE_VAL},
      {TEGULA_F8E5M2, 0x01, 0x1p-16},     {TEGULA_F8E4M3FNUZ, 0x7F, 240},
      {TEGULA_F8E4M3FNUZ, 0x01, 0x1p-10}, {TEGULA_F8E4M3FNUZ, 0x40, 1},
      {TEGULA_F8E5M2FNUZ, 0x7F, 57344},   {TEGULA_F8E5M2FNUZ, 0x01, 0x1p-17},
      {TEGULA_F8E5M2FNUZ, 0x40, 1},
  };
  for (const auto &known : cases) {
    CAPTURE(dtypeInfo(known.dtype).name);
    CAPTURE(known.bits);
    CHECK(decodeFloat(known.bits, known.dtype) == known.value);
    CHECK(encodeFloat(known.value, known.dtype) == known.bits);
  }
  for (uint64_t nan : {0x7F, 0xFF})
    CHECK(std::isnan(decodeFloat(nan, TEGULA_F8E4M3)));
  for (tegula_dtype dtype : {TEGULA_F8E4M3FNUZ, TEGULA_F8E5M2FNUZ}) {
    CHECK(std::isnan(decodeFloat(0x80, dtype)));
    CHECK(encodeFloat(-0.0, dtype) == 0);
    CHECK(encodeFloat(-1e-30, dtype) == 0);
  }
}

TEST_CASE("every pattern survives and every tie goes to even") {
  for (tegula_dtype dtype : narrowFloats) {
    const DtypeInfo &info = dtypeInfo(dtype);
    CAPTURE(info.name);
    uint64_t sign = uint64_t(1) << (8 * info.bytes - 1);
    unsigned wrong = 0;
    for (uint64_t bits = 0; bits < 2 * sign; ++bits) {
      double value = decodeFloat(bits, dtype);
      if (std::isnan(value))
        wrong += !std::isnan(decodeFloat(encodeFloat(value, dtype), dtype));
      else
        wrong += encodeFloat(value, dtype) != bits;
    }
    for (uint64_t bits = 0; bits + 1 < sign; ++bits) {
      double low = decodeFloat(bits, dtype);
      double high = decodeFloat(bits + 1, dtype);
      if (!std::isfinite(low) || !std::isfinite(high))
        continue;
      double middle = low + (high - low) / 2;
      double inf = std::numeric_limits<double>::infinity();
      uint64_t even = bits & 1 ? bits + 1 : bits;
      wrong += low >= high;
      wrong += encodeFloat(middle, dtype) != even;
      wrong += encodeFloat(std::nextafter(middle, 0), dtype) != bits;
      wrong += encodeFloat(std::nextafter(middle, inf), dtype) != bits + 1;
      if (bits) {
        wrong += encodeFloat(-middle, dtype) != (even | sign);
        wrong +=
            encodeFloat(-std::nextafter(middle, 0), dtype) != (bits | sign);
      }
    }
    CHECK(wrong == 0);
  }
}

TEST_CASE("what is too large") {
  for (tegula_dtype dtype : narrowFloats) {
    const DtypeInfo &info = dtypeInfo(dtype);
    CAPTURE(info.name);
    for (double value : {1e39, HUGE_VAL}) {
      double plain = decodeFloat(encodeFloat(value, dtype), dtype);
      if (info.specials == Specials::Ieee)
        CHECK(plain == HUGE_VAL);
      else
        CHECK(std::isnan(plain));
      double clamped =
          decodeFloat(encodeFloat(-value, dtype, Overflow::Saturate), dtype);
      CHECK(std::isfinite(clamped));
      CHECK(clamped < -200);
    }
  }
  CHECK(encodeFloat(464, TEGULA_F8E4M3) == 0x7E);
  CHECK(encodeFloat(465, TEGULA_F8E4M3) == 0x7F);
  CHECK(encodeFloat(465, TEGULA_F8E4M3, Overflow::Saturate) == 0x7E);
  CHECK(encodeFloat(65519, TEGULA_F16) == 0x7BFF);
  CHECK(encodeFloat(65520, TEGULA_F16) == 0x7C00);
}

TEST_CASE("integers are truncated and clamped") {
  auto store = [](tegula_dtype dtype, double value) {
    uint64_t bits = 0;
    storeFromDouble(&bits, dtype, value);
    return loadAsDouble(&bits, dtype);
  };
  CHECK(store(TEGULA_I8, -1.9) == -1);
  CHECK(store(TEGULA_I8, 1000) == 127);
  CHECK(store(TEGULA_I8, -1000) == -128);
  CHECK(store(TEGULA_U8, -5) == 0);
  CHECK(store(TEGULA_U16, 1e9) == 65535);
  CHECK(store(TEGULA_I64, -0x1p63) == -0x1p63);
  CHECK(store(TEGULA_I64, 1e30) == 0x1p63);
  CHECK(store(TEGULA_U64, 0x1p63) == 0x1p63);
  CHECK(store(TEGULA_I32, std::nan("")) == 0);
  CHECK(store(TEGULA_I1, 0.5) == 1);
  CHECK(store(TEGULA_I1, 0) == 0);
}
