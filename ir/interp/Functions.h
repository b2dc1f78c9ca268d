//===- Functions.h - Functions of floats ------------------------*- C++ -*-===//
//
// Part of the Tegula Project, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef TEGULA_IR_INTERP_FUNCTIONS_H
#define TEGULA_IR_INTERP_FUNCTIONS_H

#include "ir/interp/FloatLoops.h"
#include <cmath>

namespace tegula::ir::interp::functions {

/// A function that `tile.extern_math` may name.
struct Named {
  llvm::StringLiteral name;
  unsigned arity;
  FloatLoop loop, wide;
};

/// The function called `name`, or null.
const Named *find(llvm::StringRef name);

#define FUNCTION1(NAME, EXPRESSION)                                            \
  struct NAME {                                                                \
    template <typename T> static T apply(T x) { return EXPRESSION; }           \
  };
#define FUNCTION2(NAME, EXPRESSION)                                            \
  struct NAME {                                                                \
    template <typename T> static T apply(T x, T y) { return EXPRESSION; }      \
  };
FUNCTION1(Abs, std::fabs(x))
FUNCTION1(Ceil, std::ceil(x))
FUNCTION1(Floor, std::floor(x))
FUNCTION1(Round, std::round(x))
FUNCTION1(RoundEven, std::nearbyint(x))
FUNCTION1(Trunc, std::trunc(x))
FUNCTION1(Sqrt, std::sqrt(x))
FUNCTION1(IsFinite, std::isfinite(x))
FUNCTION1(IsInf, std::isinf(x))
FUNCTION1(IsNaN, std::isnan(x))
FUNCTION2(CopySign, std::copysign(x, y))
FUNCTION1(Rsqrt, T(1) / std::sqrt(x))
FUNCTION1(Cbrt, std::cbrt(x))
FUNCTION1(Exp, std::exp(x))
FUNCTION1(Exp2, std::exp2(x))
FUNCTION1(ExpM1, std::expm1(x))
FUNCTION1(Log, std::log(x))
FUNCTION1(Log10, std::log10(x))
FUNCTION1(Log1P, std::log1p(x))
FUNCTION1(Log2, std::log2(x))
FUNCTION2(Pow, std::pow(x, y))
FUNCTION1(Erf, std::erf(x))
FUNCTION1(Erfc, std::erfc(x))
FUNCTION1(Sin, std::sin(x))
FUNCTION1(Cos, std::cos(x))
FUNCTION1(Tan, std::tan(x))
FUNCTION1(Sinh, std::sinh(x))
FUNCTION1(Cosh, std::cosh(x))
FUNCTION1(Tanh, std::tanh(x))
FUNCTION1(Asin, std::asin(x))
FUNCTION1(Acos, std::acos(x))
FUNCTION1(Atan, std::atan(x))
FUNCTION2(Atan2, std::atan2(x, y))
FUNCTION1(Asinh, std::asinh(x))
FUNCTION1(Acosh, std::acosh(x))
FUNCTION1(Atanh, std::atanh(x))
#undef FUNCTION1
#undef FUNCTION2

struct Fma {
  template <typename T> static T apply(T a, T b, T c) {
    return std::fma(a, b, c);
  }
};
/// For results narrower than double.
struct FusedOdd {
  template <typename T> static T apply(T a, T b, T c) {
    return fusedRoundToOdd(a, b, c);
  }
};
/// NaN passes through; the bounds are not NaN.
struct Clamp {
  template <typename T> static T apply(T x, T low, T high) {
    if (std::isnan(x))
      return x;
    T raised = x < low ? low : x;
    return raised > high ? high : raised;
  }
};

} // namespace tegula::ir::interp::functions

#endif // TEGULA_IR_INTERP_FUNCTIONS_H
