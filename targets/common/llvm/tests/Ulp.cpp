//===- Ulp.cpp - Errors of the inline maths in units of last place --------===//
//
// Part of the Tegula Project, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "targets/common/llvm/tests/Ulp.h"

#include <cmath>
#include <cstdio>
#include <limits>

using namespace tegula::targets;
using namespace tegula::targets::tests;

const std::vector<MathFunction> &tegula::targets::tests::mathFunctions() {
  using F = long double;
  static const std::vector<MathFunction> functions = {
      {"math.exp", [](F x) { return expl(x); }, 1.0, 1.0},
      {"math.exp2", [](F x) { return exp2l(x); }, 1.0, 1.0},
      {"math.expm1", [](F x) { return expm1l(x); }, 1.6, 0},
      {"math.log", [](F x) { return logl(x); }, 1.0, 1.0},
      {"math.log2", [](F x) { return log2l(x); }, 1.0, 1.0},
      {"math.log10", [](F x) { return log10l(x); }, 1.0, 1.0},
      {"math.log1p", [](F x) { return log1pl(x); }, 1.5, 0},
      {"math.tanh", [](F x) { return tanhl(x); }, 2.0, 0},
      {"math.erf", [](F x) { return erfl(x); }, 2.0, 0},
      {"math.sin", [](F x) { return sinl(x); }, 1.6, 0},
      {"math.cos", [](F x) { return cosl(x); }, 1.6, 0},
      {"math.rsqrt", [](F x) { return 1 / sqrtl(x); }, 1.5, 1.5},
  };
  return functions;
}

/// The distance between neighbours of type T at `value`.
template <typename T> static long double ulpAt(long double value) {
  using Limits = std::numeric_limits<T>;
  int exponent;
  std::frexp(value, &exponent);
  exponent = std::max(exponent, Limits::min_exponent);
  return std::ldexp(1.0L, exponent - Limits::digits);
}

template <typename T>
void tegula::targets::tests::addErrors(
    UlpError &error, const std::function<long double(long double)> &exact,
    const std::vector<T> &x, const std::vector<T> &got) {
  for (size_t i = 0; i < x.size(); ++i) {
    long double truth = exact(x[i]);
    T rounded = T(truth);
    bool isSpecial = !std::isfinite(rounded) || truth == 0;
    if (std::isnan(rounded) && std::isnan(got[i]))
      continue;
    if (isSpecial || !std::isfinite(got[i])) {
      // Next to overflow, one unit decides between the largest number and
      // infinity.
      bool isEdge = std::isinf(got[i]) != std::isinf(rounded) &&
                    std::fabs(truth) > std::numeric_limits<T>::max() * 0.999L &&
                    std::fabs(truth) < std::numeric_limits<T>::max() * 1.001L;
      bool isSame =
          got[i] == rounded && std::signbit(got[i]) == std::signbit(rounded);
      if (!isSame && !isEdge && error.wrongSpecials++ < 3)
        std::printf("special: f(%a) gave %a, wanted %a\n", double(x[i]),
                    double(got[i]), double(rounded));
      continue;
    }
    double ulps = double(std::fabs(got[i] - truth) / ulpAt<T>(truth));
    if (ulps > error.max)
      error.max = ulps, error.where = double(x[i]);
  }
}
template void tegula::targets::tests::addErrors(
    UlpError &, const std::function<long double(long double)> &,
    const std::vector<float> &, const std::vector<float> &);
template void tegula::targets::tests::addErrors(
    UlpError &, const std::function<long double(long double)> &,
    const std::vector<double> &, const std::vector<double> &);

std::unique_ptr<LoadedObject>
tegula::targets::tests::compileFunction(const std::string &op, const char *type,
                                        const TargetDesc &desc) {
  unsigned lanes = desc.lanes(type[1] == '6' ? 64 : 32);
  auto object = compileAndLoad(
      elementwiseKernel("%r = " + op + " %x : $V", type, type, lanes), desc);
  if (!object) {
    std::fprintf(stderr, "%s\n", llvm::toString(object.takeError()).c_str());
    return nullptr;
  }
  return std::move(*object);
}
