//===- MaskBounds.h - Masks as bounds of coordinates ------------*- C++ -*-===//
//
// Part of the Tegula Project, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Every tensor of i1 is the conjunction of bounds of single dimensions
// (lower <= coordinate < upper), of conditions that are the same for all lanes,
// and of a rest: whatever is neither. No conjunct is ever dropped.
//
//===----------------------------------------------------------------------===//

#ifndef TEGULA_IR_ANALYSIS_MASKBOUNDS_H
#define TEGULA_IR_ANALYSIS_MASKBOUNDS_H

#include "ir/analysis/AffineIndex.h"

namespace tegula::ir {

/// ceil(numerator / divisor), divisor > 0.
struct Limit {
  Polynomial numerator;
  int64_t divisor = 1;

  std::optional<int64_t> constant() const;
  bool operator==(const Limit &) const = default;
};

/// Active coordinates are >= each lower limit and < each upper one.
struct DimBounds {
  llvm::SmallVector<Limit, 1> lowers, uppers;
};

/// Either a scalar i1 (or its opposite), or `negative < 0`.
struct UniformCondition {
  mlir::Value scalar;
  bool isNegated = false;
  Polynomial negative;
};

/// A conjunct as a tensor of i1 (or its opposite) on which `shapeOps`, first to
/// last, were used before it joined the mask.
struct RestConjunct {
  mlir::Value mask;
  bool isNegated = false;
  llvm::SmallVector<mlir::Operation *, 2> shapeOps;
};

struct MaskForm {
  llvm::SmallVector<DimBounds, 3> dims;
  llvm::SmallVector<UniformCondition, 1> conditions;
  llvm::SmallVector<RestConjunct, 1> rest;
};

/// Takes `mask`, a tensor of i1, apart.
MaskForm analyzeMask(mlir::Value mask, IndexAnalysis &analysis);

} // namespace tegula::ir

#endif // TEGULA_IR_ANALYSIS_MASKBOUNDS_H
