//===- Signs.h - Which integers are never negative --------------*- C++ -*-===//
//
// Part of the Tegula Project, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// A modulo of an index may be taken for a wrap-around only where the index is
// not negative. Two things are assumed rather than proven, and nothing else:
// index arithmetic doesn't wrap, and what divides an index that isn't negative
// isn't negative either (sizes and counts are what kernels divide by).
//
//===----------------------------------------------------------------------===//

#ifndef TEGULA_IR_ANALYSIS_SIGNS_H
#define TEGULA_IR_ANALYSIS_SIGNS_H

#include "mlir/IR/Value.h"
#include "llvm/ADT/DenseMap.h"

namespace tegula::ir {

class Signs {
public:
  /// Is every element of this integer (or tensor of them) known to be >= 0?
  bool isNonNegative(mlir::Value value);

private:
  bool compute(mlir::Value value);
  bool computeArgument(mlir::BlockArgument argument);
  bool computeResult(mlir::OpResult result);
  llvm::DenseMap<mlir::Value, bool> known;
};

} // namespace tegula::ir

#endif // TEGULA_IR_ANALYSIS_SIGNS_H
