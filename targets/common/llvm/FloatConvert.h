//===- FloatConvert.h - Conversions between float formats -------*- C++ -*-===//
//
// Part of the Tegula Project, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Exact conversions between every float format of the tile dialect (f64, f32,
// f16, bf16, the four 8-bit ones), as integer vector code where the machine
// has no instruction. Each rounds once, to nearest even or toward zero, keeps
// NaN, and either overflows as the format does or saturates:
//
// Uses the arith and math dialects, which the calling pass has to declare.
//
//   Value small = emitFloatConvert(builder, loc, x, bf16Type);
//
//===----------------------------------------------------------------------===//

#ifndef TEGULA_TARGETS_COMMON_LLVM_FLOATCONVERT_H
#define TEGULA_TARGETS_COMMON_LLVM_FLOATCONVERT_H

#include "mlir/IR/Builders.h"
#include "mlir/IR/Value.h"

namespace tegula::targets {

enum class RoundingMode { NearestEven, TowardZero };

/// Which conversions to and from f32 are instructions of the machine; the
/// fields of TargetDesc.
struct FloatSupport {
  bool hasBf16Convert = false;
  bool hasF16Convert = false;
};

/// Converts the float scalar or vector `value` to elements of type `to` (an
/// element type, or a type of the same shape). With `saturate`, what is too
/// large for the format, infinity included, becomes its largest finite number;
/// otherwise infinity, or NaN in a format without infinity. Toward zero, only
/// infinity overflows.
mlir::Value emitFloatConvert(mlir::OpBuilder &builder, mlir::Location loc,
                             mlir::Value value, mlir::Type to,
                             RoundingMode rounding = RoundingMode::NearestEven,
                             bool saturate = false, FloatSupport support = {});

/// Converts an integer to a float, rounding once.
mlir::Value emitIntToFloat(mlir::OpBuilder &builder, mlir::Location loc,
                           mlir::Value value, mlir::Type to, bool isSigned,
                           FloatSupport support = {});

} // namespace tegula::targets

#endif // TEGULA_TARGETS_COMMON_LLVM_FLOATCONVERT_H
