//===- Ulp.h - Errors of the inline maths in units of last place *- C++ -*-===//
//
// Part of the Tegula Project, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef TEGULA_TARGETS_COMMON_LLVM_TESTS_ULP_H
#define TEGULA_TARGETS_COMMON_LLVM_TESTS_ULP_H

#include "targets/common/llvm/tests/Harness.h"
#include <functional>
#include <string>
#include <vector>

namespace tegula::targets::tests {

/// A function, its exact value, and the error that the table promises.
struct MathFunction {
  std::string op;
  std::function<long double(long double)> exact;
  double maxUlpF32, maxUlpF64; ///< f64: 0 where it isn't inline
};
const std::vector<MathFunction> &mathFunctions();

struct UlpError {
  double max = 0;
  double where = 0;
  size_t wrongSpecials = 0; ///< NaN, infinity or a sign of zero that differs
};

/// Compares `got` with the exact function of x for all elements. Results that
/// are denormal count in units of the smallest denormal.
template <typename T>
void addErrors(UlpError &error,
               const std::function<long double(long double)> &exact,
               const std::vector<T> &x, const std::vector<T> &got);

/// A compiled f32 or f64 kernel of one function.
std::unique_ptr<LoadedObject> compileFunction(const std::string &op,
                                              const char *type,
                                              const TargetDesc &desc);

} // namespace tegula::targets::tests

#endif
