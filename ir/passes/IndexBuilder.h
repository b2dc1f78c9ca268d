//===- IndexBuilder.h - Forms of indices back to values ---------*- C++ -*-===//
//
// Part of the Tegula Project, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Writes what an analysis found as i64 values. Each op stands right after the
// last of its operands, so it is outside of every loop it doesn't depend on,
// and a polynomial that is asked for twice is one value. All values that are
// asked for together must be visible at one place.
//
//===----------------------------------------------------------------------===//

#ifndef TEGULA_IR_PASSES_INDEXBUILDER_H
#define TEGULA_IR_PASSES_INDEXBUILDER_H

#include "ir/analysis/AffineIndex.h"
#include "ir/analysis/MaskBounds.h"
#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/IR/Builders.h"

namespace tegula::ir {

class IndexBuilder {
public:
  explicit IndexBuilder(mlir::func::FuncOp function);

  /// New ops get this location from now on.
  void setLoc(mlir::Location location) { loc = location; }
  /// Forms that name `from` mean `to` from now on.
  void rename(mlir::Value from, mlir::Value to) { renamed[from] = to; }
  mlir::Value resolve(mlir::Value value) const;

  mlir::Value constant(int64_t value);
  mlir::Value polynomial(const Polynomial &polynomial);
  mlir::Value limit(const Limit &limit);
  /// An i1.
  mlir::Value condition(const UniformCondition &condition);
  mlir::Value pointer(mlir::Value root, const Polynomial &offset);
  /// The 1-D tensor `sum of scale * tensor` (and `stride * coordinate`) of a
  /// dimension with terms; `scale` is the stride that remains to be applied.
  mlir::Value indexTensor(const DimForm &dim, int64_t size, Polynomial &scale);

  /// An op right after the last of its operands.
  template <typename Op, typename... Args>
  mlir::Value after(mlir::ValueRange operands, Args &&...args) {
    setInsertionPoint(operands);
    return builder.createOrFold<Op>(loc, std::forward<Args>(args)...);
  }
  mlir::Value add(mlir::Value a, mlir::Value b);
  mlir::Value sub(mlir::Value a, mlir::Value b);
  mlir::Value mul(mlir::Value a, mlir::Value b);
  mlir::Value select(mlir::Value condition, mlir::Value a, mlir::Value b);
  mlir::OpBuilder &getBuilder() { return builder; }

private:
  bool isLater(mlir::Value a, mlir::Value b) const;
  void setInsertionPoint(mlir::ValueRange operands);
  mlir::Value widen(const Leaf &leaf);
  mlir::Value product(mlir::ArrayRef<Leaf> leaves, int64_t coefficient);
  mlir::Value widenTensor(const Leaf &leaf, int64_t size);
  mlir::Value scaleTensor(mlir::Value tensor, const Polynomial &factor);

  mlir::func::FuncOp function;
  mlir::OpBuilder builder;
  mlir::Location loc;
  llvm::DenseMap<mlir::Value, mlir::Value> renamed;
  llvm::DenseMap<int64_t, mlir::Value> constants;
  std::map<Leaf, mlir::Value> widened;
  std::map<std::map<Monomial, int64_t>, mlir::Value> polynomials;
};

} // namespace tegula::ir

#endif // TEGULA_IR_PASSES_INDEXBUILDER_H
