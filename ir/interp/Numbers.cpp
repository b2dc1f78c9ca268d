//===- Numbers.cpp - Element types and exact conversions
//
// Part of the Tegula Project, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "ir/interp/Numbers.h"
#include "ir/tile/Tile.h"
#include "llvm/ADT/TypeSwitch.h"
#include "llvm/ADT/bit.h"
#include <cmath>
#include <cstring>
#include <limits>

using namespace mlir;
using namespace tegula::ir::interp;

std::optional<Dtype> tegula::ir::interp::dtypeOf(Type element) {
  if (isa<IndexType, tile::PtrType>(element))
    return Dtype::I64;
  if (auto integer = dyn_cast<IntegerType>(element)) {
    switch (integer.getWidth()) {
    case 1:
      return Dtype::I1;
    case 4:
      return Dtype::I4;
    case 8:
      return Dtype::I8;
    case 16:
      return Dtype::I16;
    case 32:
      return Dtype::I32;
    case 64:
      return Dtype::I64;
    default:
      return std::nullopt;
    }
  }
  using Answer = std::optional<Dtype>;
  return TypeSwitch<Type, Answer>(element)
      .Case([](Float8E4M3FNType) { return Dtype::F8E4M3FN; })
      .Case([](Float8E5M2Type) { return Dtype::F8E5M2; })
      .Case([](Float8E4M3FNUZType) { return Dtype::F8E4M3FNUZ; })
      .Case([](Float8E5M2FNUZType) { return Dtype::F8E5M2FNUZ; })
      .Case([](Float16Type) { return Dtype::F16; })
      .Case([](BFloat16Type) { return Dtype::BF16; })
      .Case([](Float32Type) { return Dtype::F32; })
      .Case([](Float64Type) { return Dtype::F64; })
      .Default([](Type) { return std::nullopt; });
}

//===----------------------------------------------------------------------===//
// Formats
//===----------------------------------------------------------------------===//

namespace {
/// A float format of at most 32 bits. Formats without infinity have
/// `infinity == nan`; those without a negative zero have `nan` in its place.
struct Format {
  int mantissa, bias;
  uint32_t sign, largest, infinity, nan;
  bool hasNegativeZero() const { return nan != sign; }
};

template <Dtype type> constexpr Format formatOf() {
  switch (type) {
  case Dtype::F8E4M3FN:
    return {3, 7, 0x80, 0x7E, 0x7F, 0x7F};
  case Dtype::F8E5M2:
    return {2, 15, 0x80, 0x7B, 0x7C, 0x7E};
  case Dtype::F8E4M3FNUZ:
    return {3, 8, 0x80, 0x7F, 0x80, 0x80};
  case Dtype::F8E5M2FNUZ:
    return {2, 16, 0x80, 0x7F, 0x80, 0x80};
  case Dtype::F16:
    return {10, 15, 0x8000, 0x7BFF, 0x7C00, 0x7E00};
  case Dtype::BF16:
    return {7, 127, 0x8000, 0x7F7F, 0x7F80, 0x7FC0};
  default:
    return {23, 127, 0x80000000, 0x7F7FFFFF, 0x7F800000, 0x7FC00000};
  }
}

constexpr uint64_t kMantissaMask = (uint64_t(1) << 52) - 1;

/// The bits of a positive finite double (without its sign) in the format, as if
/// exponents went on beyond the largest one.
uint64_t roundMagnitude(uint64_t bits, Format format, RoundTo rounding) {
  int exponent = static_cast<int>(bits >> 52) - 1023;
  if (exponent == -1023)
    return 0; // Zero, or too small for every format.
  int smallest = 1 - format.bias;
  int shift = 52 - format.mantissa;
  if (exponent < smallest)
    shift += smallest - exponent;
  if (shift > 53)
    return 0;
  uint64_t significand = (bits & kMantissaMask) | (kMantissaMask + 1);
  uint64_t kept = significand >> shift;
  uint64_t rest = significand & ((uint64_t(1) << shift) - 1);
  uint64_t half = uint64_t(1) << (shift - 1);
  if (rounding == RoundTo::NearestEven)
    kept += rest > half || (rest == half && (kept & 1));
  if (exponent < smallest)
    return kept;
  uint64_t hidden = uint64_t(1) << format.mantissa;
  return (static_cast<uint64_t>(exponent + format.bias) << format.mantissa) +
         kept - hidden;
}

uint32_t encode(double value, Format format, RoundTo rounding, bool saturate) {
  uint64_t bits = llvm::bit_cast<uint64_t>(value);
  uint32_t sign = (bits >> 63) ? format.sign : 0;
  bits &= ~(uint64_t(1) << 63);
  if (bits > uint64_t(0x7FF) << 52)
    return format.hasNegativeZero() ? (sign | format.nan) : format.nan;
  bool isInfinite = bits == uint64_t(0x7FF) << 52;
  uint64_t rounded =
      isInfinite ? UINT64_MAX : roundMagnitude(bits, format, rounding);
  if (rounded > format.largest) {
    if (saturate || (rounding == RoundTo::Zero && !isInfinite))
      return sign | format.largest;
    return format.hasNegativeZero() ? (sign | format.infinity)
                                    : format.infinity;
  }
  if (rounded == 0 && !format.hasNegativeZero())
    return 0;
  return sign | static_cast<uint32_t>(rounded);
}

double decode(uint32_t bits, Format format) {
  uint32_t magnitude = bits & (format.sign - 1);
  double sign = (bits & format.sign) ? -1.0 : 1.0;
  if (!format.hasNegativeZero() && bits == format.nan)
    return std::numeric_limits<double>::quiet_NaN();
  if (magnitude > format.largest)
    return magnitude == format.infinity && format.infinity != format.nan
               ? sign * std::numeric_limits<double>::infinity()
               : std::copysign(std::numeric_limits<double>::quiet_NaN(), sign);
  int exponent = static_cast<int>(magnitude >> format.mantissa);
  double mantissa = magnitude & ((1u << format.mantissa) - 1);
  if (exponent == 0)
    exponent = 1;
  else
    mantissa += 1u << format.mantissa;
  return sign * std::ldexp(mantissa, exponent - format.bias - format.mantissa);
}

template <Dtype type, typename Storage>
void widen(const void *from, double *to, size_t count) {
  const auto *source = static_cast<const Storage *>(from);
  for (size_t i = 0; i < count; ++i)
    to[i] = decode(source[i], formatOf<type>());
}

template <Dtype type, typename Storage>
void narrow(const double *from, void *to, size_t count, RoundTo rounding,
            bool saturate) {
  auto *target = static_cast<Storage *>(to);
  for (size_t i = 0; i < count; ++i)
    target[i] = encode(from[i], formatOf<type>(), rounding, saturate);
}

/// f16 by shifting its fields into place; the scale puts subnormals right.
double decodeHalf(uint16_t bits) {
  uint32_t magnitude = bits & 0x7FFF;
  uint32_t sign = static_cast<uint32_t>(bits & 0x8000) << 16;
  if (magnitude >= 0x7C00)
    return llvm::bit_cast<float>(sign | 0x7F800000 |
                                 ((magnitude & 0x3FF) << 13));
  float scaled = llvm::bit_cast<float>(magnitude << 13) * 0x1p112f;
  return llvm::bit_cast<float>(llvm::bit_cast<uint32_t>(scaled) | sign);
}
} // namespace

void tegula::ir::interp::toDouble(Dtype type, const void *from, double *to,
                                  size_t count) {
  switch (type) {
  case Dtype::F8E4M3FN:
    return widen<Dtype::F8E4M3FN, uint8_t>(from, to, count);
  case Dtype::F8E5M2:
    return widen<Dtype::F8E5M2, uint8_t>(from, to, count);
  case Dtype::F8E4M3FNUZ:
    return widen<Dtype::F8E4M3FNUZ, uint8_t>(from, to, count);
  case Dtype::F8E5M2FNUZ:
    return widen<Dtype::F8E5M2FNUZ, uint8_t>(from, to, count);
  case Dtype::F16:
    for (size_t i = 0; i < count; ++i)
      to[i] = decodeHalf(static_cast<const uint16_t *>(from)[i]);
    return;
  case Dtype::BF16:
    for (size_t i = 0; i < count; ++i)
      to[i] = llvm::bit_cast<float>(
          static_cast<uint32_t>(static_cast<const uint16_t *>(from)[i]) << 16);
    return;
  case Dtype::F32:
    for (size_t i = 0; i < count; ++i)
      to[i] = static_cast<const float *>(from)[i];
    return;
  default:
    std::memcpy(to, from, count * sizeof(double));
  }
}

void tegula::ir::interp::fromDouble(Dtype type, const double *from, void *to,
                                    size_t count, RoundTo rounding,
                                    bool saturate) {
  switch (type) {
  case Dtype::F8E4M3FN:
    return narrow<Dtype::F8E4M3FN, uint8_t>(from, to, count, rounding,
                                            saturate);
  case Dtype::F8E5M2:
    return narrow<Dtype::F8E5M2, uint8_t>(from, to, count, rounding, saturate);
  case Dtype::F8E4M3FNUZ:
    return narrow<Dtype::F8E4M3FNUZ, uint8_t>(from, to, count, rounding,
                                              saturate);
  case Dtype::F8E5M2FNUZ:
    return narrow<Dtype::F8E5M2FNUZ, uint8_t>(from, to, count, rounding,
                                              saturate);
  case Dtype::F16:
    return narrow<Dtype::F16, uint16_t>(from, to, count, rounding, saturate);
  case Dtype::BF16:
    return narrow<Dtype::BF16, uint16_t>(from, to, count, rounding, saturate);
  case Dtype::F32:
    if (rounding == RoundTo::Zero || saturate)
      return narrow<Dtype::F32, uint32_t>(from, to, count, rounding, saturate);
    for (size_t i = 0; i < count; ++i)
      static_cast<float *>(to)[i] = static_cast<float>(from[i]);
    return;
  default:
    std::memcpy(to, from, count * sizeof(double));
    if (saturate)
      for (size_t i = 0; i < count; ++i)
        if (std::isinf(from[i]))
          static_cast<double *>(to)[i] =
              std::copysign(std::numeric_limits<double>::max(), from[i]);
  }
}

//===----------------------------------------------------------------------===//
// Integers
//===----------------------------------------------------------------------===//

/// Of the two doubles around an inexact result the one with an odd significand;
/// `rounded` is the nearer one and `error` the exact result minus it.
static double makeOdd(double rounded, bool errorIsPositive) {
  if (llvm::bit_cast<uint64_t>(rounded) & 1)
    return rounded;
  double infinity = std::numeric_limits<double>::infinity();
  return std::nextafter(rounded, errorIsPositive ? infinity : -infinity);
}

double tegula::ir::interp::roundToOdd(uint64_t value) {
  double rounded = static_cast<double>(value);
  if (rounded >= 0x1p64)
    return makeOdd(rounded, /*errorIsPositive=*/false);
  uint64_t back = static_cast<uint64_t>(rounded);
  return back == value ? rounded : makeOdd(rounded, value > back);
}

double tegula::ir::interp::roundToOdd(int64_t value) {
  if (value >= 0)
    return roundToOdd(static_cast<uint64_t>(value));
  return -roundToOdd(uint64_t(0) - static_cast<uint64_t>(value));
}

double tegula::ir::interp::fusedRoundToOdd(double a, double b, double c) {
  double product = a * b;
  double sum = product + c;
  if (!std::isfinite(sum))
    return sum;
  // The rounding error of a sum of two doubles is a double itself.
  double fromC = sum - product;
  double error = (product - (sum - fromC)) + (c - fromC);
  return error == 0 ? sum : makeOdd(sum, error > 0);
}

int64_t tegula::ir::interp::toSigned(double value, unsigned width) {
  double limit = std::ldexp(1.0, static_cast<int>(width) - 1);
  if (std::isnan(value))
    return 0;
  if (value >= limit)
    return static_cast<int64_t>((uint64_t(1) << (width - 1)) - 1);
  if (value <= -limit)
    return static_cast<int64_t>(~uint64_t(0) << (width - 1));
  return static_cast<int64_t>(value);
}

uint64_t tegula::ir::interp::toUnsigned(double value, unsigned width) {
  if (!(value > 0)) // Negative values and NaN.
    return 0;
  if (value >= std::ldexp(1.0, static_cast<int>(width)))
    return width == 64 ? ~uint64_t(0) : (uint64_t(1) << width) - 1;
  return static_cast<uint64_t>(value);
}
