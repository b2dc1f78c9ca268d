//===- Main.cpp - The table of errors and speeds in README.md -------------===//
//
// Part of the Tegula Project, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// tegula-math-table [STRIDE [ARCH[:FEATURES]]...]: for every inline function
// the worst error over all f32 inputs (or every STRIDE-th bit pattern) on each
// ARCH (this processor unless given; others under QEMU), and on this processor
// the time for one element of an array in L1.
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

UlpError measureErrors(const MathFunction &function,
                       const CompiledFunction &compiled, uint64_t stride) {
  // Large: under QEMU, each is a process.
  constexpr uint64_t largest = 1 << 22, patterns = uint64_t(1) << 32;
  size_t block = std::min(largest, llvm::alignTo(patterns / stride + 1, 64));
  std::vector<float> x(block), out(block);
  UlpError error;
  uint64_t bits = 0;
  while (bits < patterns) {
    for (float &value : x) {
      uint32_t pattern = uint32_t(std::min<uint64_t>(bits, UINT32_MAX));
      memcpy(&value, &pattern, 4);
      bits += stride;
    }
    compiled.run(x, out);
    addErrors(error, function, x, out);
  }
  return error;
}

/// Nanoseconds for one element: the best of many runs over 2048.
template <typename T> double measureTime(const CompiledFunction &compiled) {
  constexpr size_t count = 2048;
  std::vector<T> x(count), out(count);
  for (size_t i = 0; i < count; ++i)
    x[i] = T(0.1 + 4.0 * double(i) / count);
  double best = 1e9;
  for (int run = 0; run < 300; ++run) {
    auto start = std::chrono::steady_clock::now();
    for (int i = 0; i < 20; ++i)
      compiled.run(x, out);
    std::chrono::duration<double, std::nano> time =
        std::chrono::steady_clock::now() - start;
    best = std::min(best, time.count() / (20 * count));
  }
  return best;
}

/// One row: an error for each machine, then the times.
bool printRow(const MathFunction &function, uint64_t stride,
              const std::vector<TargetDesc> &machines, bool isTimed) {
  std::printf("| %s |", function.op.c_str() + 5);
  size_t wrong = 0;
  for (const TargetDesc &desc : machines) {
    auto compiled = CompiledFunction::compile(function.op, "f32", desc);
    if (!compiled)
      return false;
    UlpError error = measureErrors(function, *compiled, stride);
    std::printf(" %.2f (%.6g) |", error.max, error.where);
    std::fflush(stdout);
    wrong += error.wrongSpecials;
  }
  if (isTimed) {
    auto single = CompiledFunction::compile(function.op, "f32", machines[0]);
    auto twice = CompiledFunction::compile(function.op, "f64", machines[0]);
    if (!single || !twice)
      return false;
    std::printf(" %.2f | %.2f |", measureTime<float>(*single),
                measureTime<double>(*twice));
  }
  std::printf("\n");
  if (wrong)
    std::printf("%zu wrong special values\n", wrong);
  return true;
}

} // namespace

int main(int argc, char **argv) {
  uint64_t stride = argc > 1 ? std::strtoull(argv[1], nullptr, 0) : 1;
  if (stride == 0) {
    std::fprintf(stderr,
                 "usage: tegula-math-table [STRIDE [ARCH[:FEATURES]]...]\n");
    return 2;
  }
  std::vector<TargetDesc> machines;
  std::printf("| function |");
  for (int i = 2; i < std::max(argc, 3); ++i) {
    auto [arch, features] =
        llvm::StringRef(i < argc ? argv[i] : "native").split(':');
    auto desc = describeProcessor(arch, features);
    if (!desc) {
      std::fprintf(stderr, "%s\n", llvm::toString(desc.takeError()).c_str());
      return 2;
    }
    std::printf(" %s: max ulp (at) |", desc->name.c_str() + 4);
    machines.push_back(std::move(*desc));
  }
  bool isTimed = argc <= 2;
  std::printf("%s\n|---|", isTimed ? " ns/element f32 | f64 |" : "");
  for (size_t i = 0; i < machines.size() + (isTimed ? 2 : 0); ++i)
    std::printf("---|");
  std::printf("\n");
  for (const MathFunction &function : mathFunctions())
    if (!printRow(function, stride, machines, isTimed))
      return 1;
}
