//===- AccumulateDots.cpp - Products that start from their sum ------------===//
//
// Part of the Tegula Project, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "ir/passes/Passes.h"
#include "ir/tile/Tile.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/IR/Matchers.h"

using namespace mlir;
using namespace tegula;

namespace tegula::ir {
#define GEN_PASS_DEF_ACCUMULATEDOTS
#include "ir/passes/Passes.h.inc"
} // namespace tegula::ir

/// The product that makes `term` of a sum in the block of `sum`, if it starts
/// from zero and nothing else reads it.
static tile::DotOp findProduct(Value term, Operation *sum) {
  auto dot = term.getDefiningOp<tile::DotOp>();
  Type element = tile::elementTypeOf(term.getType());
  bool isWide = element.isF32() || element.isF64() || element.isInteger(32);
  return dot && isWide && term.hasOneUse() &&
                 dot->getBlock() == sum->getBlock() &&
                 (matchPattern(dot.getC(), m_AnyZeroFloat()) ||
                  matchPattern(dot.getC(), m_Zero()))
             ? dot
             : tile::DotOp();
}

namespace {
struct AccumulateDots : ir::impl::AccumulateDotsBase<AccumulateDots> {
  void runOnOperation() override {
    getOperation().walk([](Operation *op) {
      if (!isa<arith::AddFOp, arith::AddIOp>(op))
        return;
      for (OpOperand &operand : op->getOpOperands()) {
        tile::DotOp dot = findProduct(operand.get(), op);
        if (!dot)
          continue;
        Value other = op->getOperand(1 - operand.getOperandNumber());
        dot->moveBefore(op);
        dot.getCMutable().assign(other);
        op->replaceAllUsesWith(dot);
        op->erase();
        return;
      }
    });
  }
};
} // namespace
