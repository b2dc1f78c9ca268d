//===- InlineMath.h - Elementary functions as vector code -------*- C++ -*-===//
//
// Part of the Tegula Project, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Polynomials and rationals for what sits in hot loops, for scalars and
// vectors of any length alike. Every function covers its whole domain:
// denormals, infinities, NaN, signed zero. README.md has the measured errors.
//
//===----------------------------------------------------------------------===//

#ifndef TEGULA_TARGETS_COMMON_LLVM_INLINEMATH_H
#define TEGULA_TARGETS_COMMON_LLVM_INLINEMATH_H

#include "targets/TargetDesc.h"
#include "targets/common/llvm/Build.h"
#include "llvm/ADT/ArrayRef.h"
#include "llvm/ADT/STLFunctionalExtras.h"

namespace tegula::targets {

struct LogBase;

class InlineMath {
public:
  using Value = mlir::Value;
  using Type = mlir::Type;

  /// `hasFma` and `hasFastLdexp` as in TargetDesc.
  InlineMath(mlir::OpBuilder &builder, mlir::Location loc, bool hasFma,
             bool hasFastLdexp)
      : b(builder, loc), hasFma(hasFma), hasFastLdexp(hasFastLdexp) {}

  // f32 and f64.
  Value exp(Value x);
  Value exp2(Value x);
  Value log(Value x);
  Value log2(Value x);
  Value log10(Value x);
  Value rsqrt(Value x);
  // f32 only.
  Value expm1(Value x);
  Value log1p(Value x);
  Value tanh(Value x);
  Value erf(Value x);
  Value pow(Value x, Value y);
  /// Sine or cosine for |x| <= trigLimit; beyond, the caller has a slow path.
  Value sin(Value x) { return sinOrCos(x, false); }
  Value cos(Value x) { return sinOrCos(x, true); }
  static constexpr double trigLimit = 100000.0;

private:
  /// A positive finite number as 2^exponent * (1 + fraction), with
  /// sqrt(1/2) <= 1 + fraction <= sqrt(2); `exponent` as a float.
  struct Split {
    Value exponent, fraction;
  };

  bool isF64(Value x) { return Build::element(x).isF64(); }
  Value mulAdd(Value a, Value b, Value c);
  Value mulAdd(Value a, double c1, Value c2) {
    return mulAdd(a, b.f(a, c1), c2);
  }
  Value horner(Value x, llvm::ArrayRef<double> coefficients);
  Value atMost(Value x, double high);
  Value clamp(Value x, double low, double high);
  Value zeroBelow(Value x, double low, llvm::function_ref<Value(Value)> finite);
  bool fillsRegisters(Value x);
  Value perRegister(mlir::ValueRange values,
                    llvm::function_ref<Value(mlir::ValueRange)> make);
  Value scaleWhere(Value condition, Value x, Value exponent);
  Value fractionToNearest(Value x);
  Value roundToInt(Value x, double scale, Value &integer);
  Value ldexp(Value x, Value exponent);
  Value powerOfTwo(Value exponent, Type type);
  Value reduceByLn2(Value x, Value &n, Value &integer);
  Value exp2Normal(Value x);
  Split split(Value x);
  Value fixLog(Value result, Value x, double zero);
  Value logTail(Value f);
  Value logTailF64(Value f, Value half);
  Value logInBase(Value x, const LogBase &base);
  Value sinOrCos(Value x, bool isCos);
  Value reduceByHalfPi(Value x, Value &quadrant);
  Value log2ForPow(Value x);
  Value exp2ForPow(Value x);

  Build b;
  bool hasFma, hasFastLdexp;
};

} // namespace tegula::targets

#endif // TEGULA_TARGETS_COMMON_LLVM_INLINEMATH_H
