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
#include "targets/TargetDesc.h"

namespace tegula::targets {

enum class RoundingMode { NearestEven, TowardZero };

/// Which conversions to and from f32 are instructions of the machine; the
/// fields of TargetDesc.
struct FloatSupport {
  bool hasBf16Convert = false;
  bool hasF16Convert = false;
  std::string bf16FlushingConvert = {}, denormalTest = {};
  /// Lanes of f32 that these two take.
  unsigned lanes = 0;
};

FloatSupport floatSupport(const TargetDesc &desc);

/// Converts a vector of f32 to bf16, to nearest even, with denormals flushed to
/// zero, by the machine's instruction; null where it has none for the vector.
mlir::Value emitFlushingConvert(mlir::OpBuilder &builder, mlir::Location loc,
                                mlir::Value value, const FloatSupport &support);

/// Converts the float scalar or vector `value` to elements of type `to` (an
/// element type, or a type of the same shape). With `saturate`, what is too
/// large for the format, infinity included, becomes its largest finite number;
/// otherwise infinity, or NaN in a format without infinity. Toward zero, only
/// infinity overflows.
mlir::Value emitFloatConvert(mlir::OpBuilder &builder, mlir::Location loc,
                             mlir::Value value, mlir::Type to,
                             RoundingMode rounding = RoundingMode::NearestEven,
                             bool saturate = false,
                             const FloatSupport &support = {});

/// Converts an integer to a float, rounding once.
mlir::Value emitIntToFloat(mlir::OpBuilder &builder, mlir::Location loc,
                           mlir::Value value, mlir::Type to, bool isSigned,
                           const FloatSupport &support = {});

} // namespace tegula::targets

#endif // TEGULA_TARGETS_COMMON_LLVM_FLOATCONVERT_H
