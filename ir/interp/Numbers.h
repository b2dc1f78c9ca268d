//===- Numbers.h - Element types and exact conversions ----------*- C++ -*-===//
//
// Part of the Tegula Project, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Every float format of the dialect fits into a double without loss, so the
// interpreter computes in doubles and rounds once, here. The routines work on
// bits alone: they behave the same on every host.
//
//===----------------------------------------------------------------------===//

#ifndef TEGULA_IR_INTERP_NUMBERS_H
#define TEGULA_IR_INTERP_NUMBERS_H

#include "mlir/IR/Types.h"
#include <cstdint>
#include <optional>

namespace tegula::ir::interp {

/// How an element is stored. `index` and pointers are I64; i1 is a byte of 0 or
/// 1, i4 a byte of 0 to 15.
enum class Dtype : uint8_t {
  I1,
  I4,
  I8,
  I16,
  I32,
  I64,
  F8E4M3FN,
  F8E5M2,
  F8E4M3FNUZ,
  F8E5M2FNUZ,
  F16,
  BF16,
  F32,
  F64
};

/// The storage of an element type (not of a tensor), if there is one.
std::optional<Dtype> dtypeOf(mlir::Type element);

inline bool isFloat(Dtype type) { return type >= Dtype::F8E4M3FN; }

/// Bytes of one element.
inline unsigned sizeOf(Dtype type) {
  switch (type) {
  case Dtype::I16:
  case Dtype::F16:
  case Dtype::BF16:
    return 2;
  case Dtype::I32:
  case Dtype::F32:
    return 4;
  case Dtype::I64:
  case Dtype::F64:
    return 8;
  default:
    return 1;
  }
}

/// Bits of an integer type.
inline unsigned widthOf(Dtype type) {
  return type == Dtype::I1 ? 1 : type == Dtype::I4 ? 4 : 8 * sizeOf(type);
}

enum class RoundTo { NearestEven, Zero };

/// Widens `count` floats; exact.
void toDouble(Dtype type, const void *from, double *to, size_t count);

/// Rounds `count` doubles to `type`. What lies beyond the largest finite value
/// becomes infinity (NaN in a format without one), or with `saturate` that
/// value; toward zero only infinity itself lies beyond.
void fromDouble(Dtype type, const double *from, void *to, size_t count,
                RoundTo rounding = RoundTo::NearestEven, bool saturate = false);

/// The integer as a double rounded to odd: rounding that to any narrower format
/// gives what rounding the integer itself would.
double roundToOdd(int64_t value);
double roundToOdd(uint64_t value);
/// a * b + c rounded to odd, for a product that is exact in a double.
double fusedRoundToOdd(double a, double b, double c);

/// Saturates; NaN gives 0.
int64_t toSigned(double value, unsigned width);
uint64_t toUnsigned(double value, unsigned width);

} // namespace tegula::ir::interp

#endif // TEGULA_IR_INTERP_NUMBERS_H
