//===- Ulp.h - Errors of the inline maths in units of last place *- C++ -*-===//
//
// Part of the Tegula Project, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef TEGULA_TARGETS_COMMON_LLVM_TESTS_ULP_H
#define TEGULA_TARGETS_COMMON_LLVM_TESTS_ULP_H

#include "targets/common/llvm/Emulation.h"
#include "targets/common/llvm/tests/Harness.h"
#include <string>
#include <vector>

namespace tegula::targets::tests {

/// A function, its value in types that are wider by far than that of the result
/// (all floats are visited by way of double, ten times as fast as long double),
/// and the error that the table promises.
struct MathFunction {
  std::string op;
  long double (*exactF64)(long double);
  double (*exactF32)(double);
  double maxUlpF32, maxUlpF64; ///< f64: 0 where it isn't inline

  long double exact(double x) const { return exactF64(x); }
  double exact(float x) const { return exactF32(x); }
};
const std::vector<MathFunction> &mathFunctions();

struct UlpError {
  double max = 0;
  double where = 0;
  size_t wrongSpecials = 0; ///< NaN, infinity or a sign of zero that differs
};

/// Compares `got` with the function of x for all elements. Results that are
/// denormal count in units of the smallest denormal.
template <typename T>
void addErrors(UlpError &error, const MathFunction &function,
               const std::vector<T> &x, const std::vector<T> &got);

/// A kernel of one function, here or under QEMU.
class CompiledFunction {
public:
  /// `type` is "f32" or "f64". Null, with the reason on stderr, if `desc` can't
  /// run here in either way.
  static std::unique_ptr<CompiledFunction>
  compile(const std::string &op, const char *type, const TargetDesc &desc);
  template <typename T>
  void run(const std::vector<T> &x, std::vector<T> &out) const {
    run(x.data(), out.data(), x.size(), sizeof(T));
  }

private:
  void run(const void *x, void *out, size_t count, size_t elementBytes) const;

  std::unique_ptr<LoadedObject> object; ///< Null: emulated
  std::string code;
  runtime::qemu::Machine machine;
};

/// The descriptions of `archs` (arch[:features]) that run here or under QEMU.
std::vector<TargetDesc> runnable(std::vector<const char *> archs);

} // namespace tegula::targets::tests

#endif
