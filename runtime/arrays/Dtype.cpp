//===- Dtype.cpp - Element types ------------------------------------------===//
//
// Part of the Tegula Project, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "runtime/arrays/Dtype.h"
#include <cmath>
#include <cstring>
#include <limits>

using namespace tegula::runtime;

using enum DtypeKind;
static constexpr Specials ieee = Specials::Ieee;

// In the order of tegula_dtype.
static constexpr DtypeInfo table[] = {
    {TEGULA_I1, "i1", 1, Bool, "b1", 0, 0, ieee},
    {TEGULA_I8, "i8", 1, Signed, "i1", 0, 0, ieee},
    {TEGULA_I16, "i16", 2, Signed, "i2", 0, 0, ieee},
    {TEGULA_I32, "i32", 4, Signed, "i4", 0, 0, ieee},
    {TEGULA_I64, "i64", 8, Signed, "i8", 0, 0, ieee},
    {TEGULA_U8, "u8", 1, Unsigned, "u1", 0, 0, ieee},
    {TEGULA_U16, "u16", 2, Unsigned, "u2", 0, 0, ieee},
    {TEGULA_U32, "u32", 4, Unsigned, "u4", 0, 0, ieee},
    {TEGULA_U64, "u64", 8, Unsigned, "u8", 0, 0, ieee},
    {TEGULA_F16, "f16", 2, Float, "f2", 10, 15, ieee},
    {TEGULA_BF16, "bf16", 2, Float, "u2", 7, 127, ieee},
    {TEGULA_F32, "f32", 4, Float, "f4", 23, 127, ieee},
    {TEGULA_F64, "f64", 8, Float, "f8", 52, 1023, ieee},
    {TEGULA_F8E4M3, "f8e4m3", 1, Float, "u1", 3, 7, Specials::FiniteOnly},
    {TEGULA_F8E5M2, "f8e5m2", 1, Float, "u1", 2, 15, ieee},
    {TEGULA_F8E4M3FNUZ, "f8e4m3fnuz", 1, Float, "u1", 3, 8,
     Specials::Unsigned0},
    {TEGULA_F8E5M2FNUZ, "f8e5m2fnuz", 1, Float, "u1", 2, 16,
     Specials::Unsigned0},
    {TEGULA_POINTER, "pointer", 8, Pointer, "u8", 0, 0, ieee},
};

std::span<const DtypeInfo> tegula::runtime::allDtypes() {
  return std::span(table).first(TEGULA_POINTER);
}

const DtypeInfo &tegula::runtime::dtypeInfo(tegula_dtype dtype) {
  return table[dtype];
}

std::optional<tegula_dtype> tegula::runtime::parseDtype(std::string_view name) {
  for (const DtypeInfo &info : allDtypes())
    if (name == info.name)
      return info.dtype;
  return std::nullopt;
}

static uint64_t quietNaN(const DtypeInfo &info) {
  uint64_t sign = uint64_t(1) << (8 * info.bytes - 1);
  switch (info.specials) {
  case Specials::Unsigned0:
    return sign;
  case Specials::FiniteOnly:
    return sign - 1;
  case Specials::Ieee:
    return (sign - 1) & ~((uint64_t(1) << (info.mantissaBits - 1)) - 1);
  }
  __builtin_unreachable();
}

/// The pattern of the largest finite number.
static uint64_t largest(const DtypeInfo &info) {
  uint64_t ones = (uint64_t(1) << (8 * info.bytes - 1)) - 1;
  switch (info.specials) {
  case Specials::Unsigned0:
    return ones;
  case Specials::FiniteOnly:
    return ones - 1;
  case Specials::Ieee:
    return ones - (uint64_t(1) << info.mantissaBits);
  }
  __builtin_unreachable();
}

double tegula::runtime::decodeFloat(uint64_t bits, tegula_dtype dtype) {
  const DtypeInfo &info = table[dtype];
  uint64_t sign = uint64_t(1) << (8 * info.bytes - 1);
  bits &= sign | (sign - 1);
  uint64_t magnitude = bits & (sign - 1);
  if (info.specials == Specials::Unsigned0 ? bits == sign
                                           : magnitude > largest(info)) {
    uint64_t infinity = (sign - 1) >> info.mantissaBits << info.mantissaBits;
    if (info.specials != Specials::Ieee || magnitude != infinity)
      return std::numeric_limits<double>::quiet_NaN();
    return bits & sign ? -HUGE_VAL : HUGE_VAL;
  }
  uint64_t exponent = magnitude >> info.mantissaBits;
  uint64_t mantissa = magnitude & ((uint64_t(1) << info.mantissaBits) - 1);
  if (exponent)
    mantissa |= uint64_t(1) << info.mantissaBits;
  else
    exponent = 1;
  double value =
      std::ldexp(static_cast<double>(mantissa),
                 static_cast<int>(exponent) - info.bias - info.mantissaBits);
  return bits & sign ? -value : value;
}

uint64_t tegula::runtime::encodeFloat(double value, tegula_dtype dtype,
                                      Overflow overflow) {
  const DtypeInfo &info = table[dtype];
  uint64_t sign = uint64_t(1) << (8 * info.bytes - 1);
  if (std::isnan(value))
    return quietNaN(info);
  if (!std::signbit(value))
    sign = 0;
  uint64_t magnitude = largest(info) + 1;
  if (std::isfinite(value)) {
    // value = mantissa * 2^(exponent - 53), mantissa of 53 bits.
    int exponent;
    auto mantissa = static_cast<uint64_t>(
        std::ldexp(std::frexp(std::fabs(value), &exponent), 53));
    // The exponent field that the number has here; 0: it is subnormal.
    int field = mantissa ? exponent - 1 + info.bias : 0;
    int drop = 52 - info.mantissaBits + (field < 1 ? 1 - field : 0);
    if (drop > 63)
      drop = 63;
    uint64_t kept = mantissa >> drop;
    uint64_t rest = mantissa - (kept << drop);
    uint64_t half = drop ? uint64_t(1) << (drop - 1) : 0;
    if (drop && (rest > half || (rest == half && kept & 1)))
      ++kept;
    // The leading one of a normal number adds 1 to the field below it, and a
    // carry out of the mantissa another one.
    uint64_t below = field < 1 ? 0 : static_cast<uint64_t>(field - 1);
    if (below < 4096)
      magnitude = (below << info.mantissaBits) + kept;
  }
  if (magnitude > largest(info)) {
    if (overflow == Overflow::Saturate)
      return sign | largest(info);
    if (info.specials != Specials::Ieee)
      return quietNaN(info) |
             (info.specials == Specials::FiniteOnly ? sign : 0);
    magnitude = largest(info) + 1;
  }
  // Formats without -0 have only one zero.
  if (info.specials == Specials::Unsigned0 && !magnitude)
    return 0;
  return sign | magnitude;
}

template <typename T> static T loadAs(const void *element) {
  T value;
  memcpy(&value, element, sizeof value);
  return value;
}

static uint64_t loadBits(const void *element, size_t bytes) {
  uint64_t bits = 0;
  memcpy(&bits, element, bytes);
  return bits;
}

double tegula::runtime::loadAsDouble(const void *element, tegula_dtype dtype) {
  const DtypeInfo &info = table[dtype];
  if (dtype == TEGULA_F32)
    return loadAs<float>(element);
  if (dtype == TEGULA_F64)
    return loadAs<double>(element);
  uint64_t bits = loadBits(element, info.bytes);
  if (info.kind == Float)
    return decodeFloat(bits, dtype);
  if (info.kind == Bool)
    return bits != 0;
  if (info.kind != Signed)
    return static_cast<double>(bits);
  int unused = 64 - 8 * info.bytes;
  return static_cast<double>(static_cast<int64_t>(bits << unused) >> unused);
}

void tegula::runtime::storeFromDouble(void *element, tegula_dtype dtype,
                                      double value) {
  const DtypeInfo &info = table[dtype];
  uint64_t bits = 0;
  if (info.kind == Float) {
    bits = encodeFloat(value, dtype);
  } else if (info.kind == Bool) {
    bits = value != 0;
  } else if (!std::isnan(value)) {
    bool isSigned = info.kind == Signed;
    int width = 8 * info.bytes - isSigned;
    double above = std::ldexp(1.0, width);
    uint64_t most = UINT64_MAX >> (64 - width);
    if (value >= above)
      bits = most;
    else if (isSigned)
      bits = value < -above ? ~most : static_cast<uint64_t>(int64_t(value));
    else
      bits = value <= 0 ? 0 : static_cast<uint64_t>(value);
  }
  memcpy(element, &bits, info.bytes);
}
