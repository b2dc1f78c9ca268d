//===- Dtype.h - Element types ----------------------------------*- C++ -*-===//
//
// Part of the Tegula Project, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// The table behind every dtype name: size, kind, and for floats the layout of
// their bits. Conversions go by that layout, so all formats share one routine.
//
//===----------------------------------------------------------------------===//

#ifndef TEGULA_RUNTIME_ARRAYS_DTYPE_H
#define TEGULA_RUNTIME_ARRAYS_DTYPE_H

#include "tegula/abi.h"
#include <optional>
#include <span>
#include <string_view>

namespace tegula::runtime {

enum class DtypeKind : uint8_t { Bool, Signed, Unsigned, Float, Pointer };

/// What the patterns with the highest exponent mean.
enum class Specials : uint8_t {
  Ieee,       ///< infinities and NaNs
  FiniteOnly, ///< all ones is NaN, everything else is a number
  Unsigned0   ///< only the pattern of -0 is NaN
};

struct DtypeInfo {
  tegula_dtype dtype;
  const char *name;
  /// Bytes in memory; i1 takes a byte.
  uint8_t bytes;
  DtypeKind kind;
  /// The type in a .npy file without byte order; bf16 and fp8, which NumPy
  /// lacks, are the unsigned integers of their size.
  const char *numpy;
  uint8_t mantissaBits;
  int16_t bias;
  Specials specials;
};

std::span<const DtypeInfo> allDtypes();
const DtypeInfo &dtypeInfo(tegula_dtype dtype);

/// The dtype of a name as in "f8e4m3"; none where it isn't one.
std::optional<tegula_dtype> parseDtype(std::string_view name);

enum class Overflow : uint8_t {
  Special, ///< to infinity, or to NaN where there is none
  Saturate ///< to the largest finite number
};

/// Any float format, rounded to nearest even; NaN stays NaN.
uint64_t encodeFloat(double value, tegula_dtype dtype,
                     Overflow overflow = Overflow::Special);
double decodeFloat(uint64_t bits, tegula_dtype dtype);

/// One element in memory as a double; integers beyond 2^53 are rounded.
double loadAsDouble(const void *element, tegula_dtype dtype);

/// Writes one element: floats are rounded, integers truncated towards zero and
/// clamped to their range, NaN is 0 there.
void storeFromDouble(void *element, tegula_dtype dtype, double value);

} // namespace tegula::runtime

#endif // TEGULA_RUNTIME_ARRAYS_DTYPE_H
