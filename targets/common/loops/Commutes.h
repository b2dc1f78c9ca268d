//===- Commutes.h - Combiners that take any order ---------------*- C++ -*-===//
//
// Part of the Tegula Project, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// A reduction may bracket its elements as it likes. If f(a, b) is f(b, a) too,
// it may combine them in any order: the lanes of a vector each keep a result of
// their own until the end. Whether a combiner of several values is such a
// function is found out by evaluating it:
//
//   - One of nothing but comparisons, choices, minima and maxima depends on the
//     order of its arguments alone, so one example of each order is a proof
//     (argmax with ties to the left).
//   - One of arithmetic and tests for equality that agrees at random points is
//     the same rational function (Schwartz 1980, "Fast probabilistic algorithms
//     for verification of polynomial identities"); zeros are tried wherever a
//     test may look for them.
//   - One that merges counts, means and sums of squares as Chan, Golub and
//     LeVeque do ("Updating formulae and a pairwise algorithm for computing
//     sample variances", 1979) takes any order although the mean of two empty
//     sets is that of the first.
//
// Floats commute if they do up to rounding and the sign of zero, numbers aside
// that are none: what a comparison makes of NaN depends on the order that a GPU
// happens to take, too.
//
//===----------------------------------------------------------------------===//

#ifndef TEGULA_TARGETS_COMMON_LOOPS_COMMUTES_H
#define TEGULA_TARGETS_COMMON_LOOPS_COMMUTES_H

#include "mlir/IR/Block.h"
#include "llvm/ADT/DenseMap.h"

namespace tegula::loops {

/// Does this combiner, arguments a1.. b1.. and a result for each pair, give the
/// same for (a, b) and (b, a)? False where that isn't known. Pure.
bool commutes(mlir::Block &combiner);

/// Remembers the answers.
class Commutation {
public:
  bool of(mlir::Block &combiner) {
    auto [it, isNew] = known.try_emplace(&combiner, false);
    if (isNew)
      it->second = commutes(combiner);
    return it->second;
  }

private:
  llvm::DenseMap<mlir::Block *, bool> known;
};

} // namespace tegula::loops

#endif // TEGULA_TARGETS_COMMON_LOOPS_COMMUTES_H
