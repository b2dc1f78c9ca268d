//===- Functions.cpp - What tile.extern_math may name
//
// Part of the Tegula Project, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "ir/interp/Functions.h"
#include "ir/interp/FunctionNames.h"
#include <limits>
#include <numbers>

using namespace tegula::ir::interp;
using namespace tegula::ir::interp::functions;

#define FUNCTION1(NAME, EXPRESSION)                                            \
  struct NAME {                                                                \
    template <typename T> static T apply(T x) { return EXPRESSION; }           \
  };
#define FUNCTION2(NAME, EXPRESSION)                                            \
  struct NAME {                                                                \
    template <typename T> static T apply(T x, T y) { return EXPRESSION; }      \
  };
#define FUNCTION3(NAME, EXPRESSION)                                            \
  struct NAME {                                                                \
    template <typename T> static T apply(T x, T y, T z) { return EXPRESSION; } \
  };

namespace {
template <typename T> constexpr T kPi = std::numbers::pi_v<T>;

/// sin(pi x), exact where x is a multiple of a half.
template <typename T> T sinPi(T x) {
  if (!std::isfinite(x))
    return std::numeric_limits<T>::quiet_NaN();
  T turn = std::remainder(x, T(2)); // In [-1, 1].
  if (turn > T(0.5))
    turn = T(1) - turn;
  else if (turn < T(-0.5))
    turn = T(-1) - turn;
  return std::sin(kPi<T> * turn);
}

template <typename T> T cosPi(T x) {
  if (!std::isfinite(x))
    return std::numeric_limits<T>::quiet_NaN();
  T turn = std::fabs(std::remainder(x, T(2)));
  return turn <= T(0.25) ? std::cos(kPi<T> * turn) : sinPi(T(0.5) - turn);
}

/// exp(x * x) * erfc(x), by a continued fraction where erfc gets too small.
template <typename T> T scaledErfc(T x) {
  if (x < T(10))
    return std::exp(x * x) * std::erfc(x);
  T tail = x;
  for (int k = 60; k > 0; --k)
    tail = x + (T(k) / 2) / tail;
  return T(1) / (tail * std::sqrt(kPi<T>));
}

template <typename T> T normalCdf(T x) {
  return std::erfc(-x / std::numbers::sqrt2_v<T>) / 2;
}

/// Newton's steps from a rough start: y such that erfc(y) = x, 0 < x < 2.
template <typename T> T inverseErfc(T x) {
  if (!(x >= 0) || x > 2)
    return std::numeric_limits<T>::quiet_NaN();
  if (x == 0 || x == 2)
    return x == 0 ? std::numeric_limits<T>::infinity()
                  : -std::numeric_limits<T>::infinity();
  bool isSmall = x < 1;
  T tail = isSmall ? x : 2 - x;
  T y = tail < T(0.5) ? std::sqrt(-std::log(tail)) : T(0);
  for (int step = 0; step < 60; ++step) {
    // Newton on log(erfc): quick and stable for small tails.
    T value = std::erfc(y);
    T slope = -2 / std::sqrt(kPi<T>) * std::exp(-y * y);
    T change = (std::log(value) - std::log(tail)) * value / slope;
    if (!(std::fabs(change) > std::fabs(y) * std::numeric_limits<T>::epsilon()))
      break;
    y -= change;
  }
  return isSmall ? y : -y;
}

/// y such that erf(y) = x; near 0 without the loss of 1 - x.
template <typename T> T inverseErf(T x) {
  if (std::fabs(x) > T(0.5))
    return x > 0 ? inverseErfc(1 - x) : -inverseErfc(1 + x);
  T y = x * std::sqrt(kPi<T>) / 2;
  for (int step = 0; step < 30; ++step)
    y -= (std::erf(y) - x) * std::sqrt(kPi<T>) / 2 * std::exp(y * y);
  return y;
}

/// The modified Bessel function of order 0 or 1 by its series.
template <typename T> T besselI(int order, T x) {
  T half = x / 2, term = order ? half : T(1), sum = term;
  for (int k = 1; k < 2000; ++k) {
    term *= half * half / (T(k) * (k + order));
    T before = sum;
    sum += term;
    if (sum == before)
      break;
  }
  return sum;
}

FUNCTION1(SinPi, sinPi(x))
FUNCTION1(CosPi, cosPi(x))
FUNCTION1(TanPi, sinPi(x) / cosPi(x))
FUNCTION1(Exp10, std::pow(T(10), x))
FUNCTION1(Rcbrt, T(1) / std::cbrt(x))
FUNCTION1(ErfCx, scaledErfc(x))
FUNCTION1(ErfInv, inverseErf(x))
FUNCTION1(ErfcInv, inverseErfc(x))
FUNCTION1(NormCdf, normalCdf(x))
FUNCTION1(NormCdfInv, -std::numbers::sqrt2_v<T> *inverseErfc(2 * x))
FUNCTION1(BesselI0, besselI<T>(0, x))
FUNCTION1(BesselI1, besselI<T>(1, x))
FUNCTION1(J0, ::j0(x))
FUNCTION1(J1, ::j1(x))
FUNCTION1(Y0, ::y0(x))
FUNCTION1(Y1, ::y1(x))
FUNCTION2(Jn, ::jn(static_cast<int>(x), y))
FUNCTION2(Yn, ::yn(static_cast<int>(x), y))
FUNCTION1(LGamma, std::lgamma(x))
FUNCTION1(TGamma, std::tgamma(x))
FUNCTION1(LogB, std::logb(x))
FUNCTION1(ILogB, std::ilogb(x))
FUNCTION1(SignBit, std::signbit(x))
FUNCTION1(Saturate, x >= 1 ? T(1) : x > 0 ? x : T(0))
FUNCTION1(RoundToInteger, std::round(x))
FUNCTION2(FMod, std::fmod(x, y))
FUNCTION2(Remainder, std::remainder(x, y))
FUNCTION2(Hypot, std::hypot(x, y))
FUNCTION2(RHypot, T(1) / std::hypot(x, y))
FUNCTION2(FDim, std::fdim(x, y))
FUNCTION2(FMax, std::isnan(x) ? y : std::isnan(y) ? x : x < y ? y : x)
FUNCTION2(FMin, std::isnan(x) ? y : std::isnan(y) ? x : y < x ? y : x)
FUNCTION2(Divide, x / y)
FUNCTION2(ScaleB, std::ldexp(x, static_cast<int>(std::fmin(std::fmax(y, -40000),
                                                           40000))))
FUNCTION3(Norm3, std::hypot(x, y, z))
FUNCTION3(RNorm3, T(1) / std::hypot(x, y, z))
#undef FUNCTION1
#undef FUNCTION2
#undef FUNCTION3

struct Norm4 {
  template <typename T> static T apply(T a, T b, T c, T d) {
    return std::hypot(std::hypot(a, b), std::hypot(c, d));
  }
};
struct RNorm4 {
  template <typename T> static T apply(T a, T b, T c, T d) {
    return T(1) / Norm4::apply(a, b, c, d);
  }
};

template <typename Op, unsigned arity>
constexpr Named entry(llvm::StringLiteral name) {
  return {name, arity, floatLoop<Op, double, arity>,
          floatLoop<Op, long double, arity>};
}
/// Basic operations and roundings: f64 needs no more than double.
template <typename Op, unsigned arity>
constexpr Named basic(llvm::StringLiteral name) {
  return {name, arity, floatLoop<Op, double, arity>,
          floatLoop<Op, double, arity>};
}

constexpr Named kNamed[] = {
    basic<Abs, 1>("fabs"),
    basic<Ceil, 1>("ceil"),
    basic<Floor, 1>("floor"),
    basic<Round, 1>("round"),
    basic<RoundEven, 1>("nearbyint"),
    basic<RoundEven, 1>("rint"),
    basic<RoundEven, 1>("roundeven"),
    basic<RoundEven, 1>("llrint"),
    basic<RoundToInteger, 1>("llround"),
    basic<Trunc, 1>("trunc"),
    basic<Sqrt, 1>("sqrt"),
    basic<IsFinite, 1>("isfinite"),
    basic<IsFinite, 1>("finite"),
    basic<IsInf, 1>("isinf"),
    basic<IsNaN, 1>("isnan"),
    basic<SignBit, 1>("signbit"),
    basic<LogB, 1>("logb"),
    basic<ILogB, 1>("ilogb"),
    basic<Saturate, 1>("saturate"),
    basic<CopySign, 2>("copysign"),
    basic<FMod, 2>("fmod"),
    basic<Remainder, 2>("remainder"),
    basic<FDim, 2>("fdim"),
    basic<FMax, 2>("fmax"),
    basic<FMin, 2>("fmin"),
    basic<Divide, 2>("fdividef"),
    basic<Divide, 2>("div_rn"),
    basic<Sqrt, 1>("sqrt_rn"),
    basic<ScaleB, 2>("ldexp"),
    basic<ScaleB, 2>("scalbn"),
    basic<Fma, 3>("fma"),
    entry<Rsqrt, 1>("rsqrt"),
    entry<Cbrt, 1>("cbrt"),
    entry<Rcbrt, 1>("rcbrt"),
    entry<Exp, 1>("exp"),
    entry<Exp2, 1>("exp2"),
    entry<Exp10, 1>("exp10"),
    entry<ExpM1, 1>("expm1"),
    entry<Log, 1>("log"),
    entry<Log2, 1>("log2"),
    entry<Log10, 1>("log10"),
    entry<Log1P, 1>("log1p"),
    entry<Sin, 1>("sin"),
    entry<Cos, 1>("cos"),
    entry<Tan, 1>("tan"),
    entry<SinPi, 1>("sinpi"),
    entry<CosPi, 1>("cospi"),
    entry<TanPi, 1>("tanpi"),
    entry<Sinh, 1>("sinh"),
    entry<Cosh, 1>("cosh"),
    entry<Tanh, 1>("tanh"),
    entry<Asin, 1>("asin"),
    entry<Acos, 1>("acos"),
    entry<Atan, 1>("atan"),
    entry<Asinh, 1>("asinh"),
    entry<Acosh, 1>("acosh"),
    entry<Atanh, 1>("atanh"),
    entry<Erf, 1>("erf"),
    entry<Erfc, 1>("erfc"),
    entry<ErfCx, 1>("erfcx"),
    entry<ErfInv, 1>("erfinv"),
    entry<ErfcInv, 1>("erfcinv"),
    entry<NormCdf, 1>("normcdf"),
    entry<NormCdfInv, 1>("normcdfinv"),
    entry<LGamma, 1>("lgamma"),
    entry<TGamma, 1>("tgamma"),
    entry<BesselI0, 1>("cyl_bessel_i0"),
    entry<BesselI1, 1>("cyl_bessel_i1"),
    basic<J0, 1>("j0"),
    basic<J1, 1>("j1"),
    basic<Jn, 2>("jn"),
    basic<Y0, 1>("y0"),
    basic<Y1, 1>("y1"),
    basic<Yn, 2>("yn"),
    entry<Pow, 2>("pow"),
    entry<Pow, 2>("powi"),
    entry<Atan2, 2>("atan2"),
    entry<Hypot, 2>("hypot"),
    entry<RHypot, 2>("rhypot"),
    entry<Norm3, 3>("norm3d"),
    entry<RNorm3, 3>("rnorm3d"),
    entry<Norm4, 4>("norm4d"),
    entry<RNorm4, 4>("rnorm4d"),
};
} // namespace

const Named *tegula::ir::interp::functions::find(llvm::StringRef name) {
  for (const Named &function : kNamed)
    if (function.name == name)
      return &function;
  return nullptr;
}

std::optional<unsigned> tegula::ir::operandsOfFunction(llvm::StringRef name) {
  const Named *function = find(name);
  return function ? std::optional(function->arity) : std::nullopt;
}
