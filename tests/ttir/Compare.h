//===- Compare.h - Are two memories equal? ----------------------*- C++ -*-===//
//
// Part of the Tegula Project, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef TEGULA_TESTS_TTIR_COMPARE_H
#define TEGULA_TESTS_TTIR_COMPARE_H

#include "mlir/IR/BuiltinOps.h"
#include "tests/ttir/LazyMemory.h"
#include <map>
#include <string>
#include <vector>

namespace tegula::replay {

using Pages = std::map<uint64_t, std::vector<char>>;

/// What the ops of a module leave open.
struct Tolerance {
  /// Sums in any order: errors are relative to the largest element.
  bool sums = false;
  /// Functions with an error of some ulp.
  bool functions = false;
  /// Bits of precision of the narrowest float that anything is computed in.
  unsigned digits = 53;
};

Tolerance toleranceOf(mlir::ModuleOp module);

/// Numbers that the ops of a module can do something with.
Contents contentsFor(mlir::ModuleOp module, uint64_t seed);

/// Empty, or the first element that differs.
std::string findDifference(const Pages &expected, const Pages &found,
                           mlir::Type element, Tolerance tolerance);

} // namespace tegula::replay

#endif // TEGULA_TESTS_TTIR_COMPARE_H
