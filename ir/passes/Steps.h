//===- Steps.h - How far a tensor was moved ---------------------*- C++ -*-===//
//
// Part of the Tegula Project, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef TEGULA_IR_PASSES_STEPS_H
#define TEGULA_IR_PASSES_STEPS_H

#include "ir/passes/IndexBuilder.h"

namespace tegula::ir {

/// A tensor of pointers, or of integers that are wide enough for an index.
bool isMovable(mlir::Type type);
/// What distances between elements of `type` are: i64 for pointers.
mlir::Type stepElementType(mlir::Type type);
/// `value` moved by `distance`, a scalar for all lanes or a tensor.
mlir::Value moveBy(mlir::OpBuilder &builder, mlir::Location loc,
                   mlir::Value value, mlir::Value distance);

/// A sum of additions to a tensor.
struct Steps {
  struct Uniform {
    mlir::Value scalar; // or null, and
    int64_t constant = 0;
    bool isNegative = false;
  };
  struct Varying {
    mlir::Value tensor;
    bool isNegative = false;
  };
  llvm::SmallVector<Uniform, 2> uniforms;
  llvm::SmallVector<Varying, 1> varying;

  struct Origin;
  /// The value behind all additions, and their sum.
  static Origin originOf(mlir::Value value);
  /// What was added to `from` to make `to`; nothing if `to` isn't such a sum.
  static std::optional<Steps> between(mlir::Value from, mlir::Value to);

  bool isOnlyVarying() const { return uniforms.empty() && !varying.empty(); }
  Polynomial uniform(IndexAnalysis &analysis) const;
  /// The sum of the uniform steps.
  mlir::Value asScalar(mlir::OpBuilder &builder, mlir::Location loc,
                       mlir::Type element) const;
  /// The sum of all steps.
  mlir::Value asTensor(mlir::OpBuilder &builder, mlir::Location loc,
                       mlir::Type tensor) const;
  /// `value` moved by `count` times the steps that vary between lanes.
  mlir::Value moveByVarying(mlir::OpBuilder &builder, mlir::Location loc,
                            mlir::Value value, mlir::Value count) const;
};

struct Steps::Origin {
  mlir::Value base;
  Steps steps;
};

} // namespace tegula::ir

#endif // TEGULA_IR_PASSES_STEPS_H
