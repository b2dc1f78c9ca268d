//===- Main.cpp - The table of errors and speeds in README.md -------------===//
//
// Part of the Tegula Project, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// tegula-math-table [STRIDE [ARCH]]: for every inline function the worst error
// over all f32 inputs (or every STRIDE-th bit pattern), and the time for one
// element of an array in L1, on ARCH (this processor unless given).
//
//===----------------------------------------------------------------------===//

#include "targets/common/llvm/Machine.h"
#include "targets/common/llvm/tests/Ulp.h"
#include <chrono>
#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <cstring>

using namespace tegula::targets;
using namespace tegula::targets::tests;

namespace {

UlpError measureErrors(const MathFunction &function, const LoadedObject &object,
                       uint64_t stride) {
  constexpr size_t block = 1 << 16;
  std::vector<float> x(block), out(block);
  UlpError error;
  uint64_t bits = 0;
  while (bits < uint64_t(1) << 32) {
    for (float &value : x) {
      uint32_t pattern = uint32_t(std::min<uint64_t>(bits, UINT32_MAX));
      memcpy(&value, &pattern, 4);
      bits += stride;
    }
    object.call({x.data(), out.data(), (void *)x.size()});
    addErrors(error, function.exact, x, out);
  }
  return error;
}

/// Nanoseconds for one element: the best of many runs over 2048.
template <typename T> double measureTime(const LoadedObject &object) {
  constexpr size_t count = 2048;
  std::vector<T> x(count), out(count);
  for (size_t i = 0; i < count; ++i)
    x[i] = T(0.1 + 4.0 * double(i) / count);
  double best = 1e9;
  for (int run = 0; run < 300; ++run) {
    auto start = std::chrono::steady_clock::now();
    for (int i = 0; i < 20; ++i)
      object.call({x.data(), out.data(), (void *)count});
    std::chrono::duration<double, std::nano> time =
        std::chrono::steady_clock::now() - start;
    best = std::min(best, time.count() / (20 * count));
  }
  return best;
}

} // namespace

int main(int argc, char **argv) {
  uint64_t stride = argc > 1 ? std::strtoull(argv[1], nullptr, 0) : 1;
  if (stride == 0) {
    std::fprintf(stderr, "usage: tegula-math-table [STRIDE [ARCH]]\n");
    return 2;
  }
  auto desc = describeProcessor(argc > 2 ? argv[2] : "native");
  if (!desc) {
    std::fprintf(stderr, "%s\n", llvm::toString(desc.takeError()).c_str());
    return 2;
  }
  std::printf("| function | max ulp (f32) | at | ns/element f32 | f64 |\n"
              "|---|---|---|---|---|\n");
  for (const MathFunction &function : mathFunctions()) {
    auto single = compileFunction(function.op, "f32", *desc);
    auto twice = compileFunction(function.op, "f64", *desc);
    if (!single || !twice)
      return 1;
    UlpError error = measureErrors(function, *single, stride);
    std::printf("| %s | %.2f | %.6g | %.2f | %.2f |\n", function.op.c_str() + 5,
                error.max, error.where, measureTime<float>(*single),
                measureTime<double>(*twice));
    std::fflush(stdout);
    if (error.wrongSpecials)
      std::printf("%zu wrong special values\n", error.wrongSpecials);
  }
}
