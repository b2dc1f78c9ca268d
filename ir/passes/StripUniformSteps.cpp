//===- StripUniformSteps.cpp - Carry uniform steps as scalars
//
// Part of the Tegula Project, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "ir/analysis/AffineIndex.h"
#include "ir/passes/Passes.h"
#include "mlir/Dialect/SCF/IR/SCF.h"
#include "mlir/IR/PatternMatch.h"

using namespace mlir;
using namespace tegula;

namespace tegula::ir {
#define GEN_PASS_DEF_STRIPUNIFORMSTEPS
#include "ir/passes/Passes.h.inc"
} // namespace tegula::ir

namespace {
/// The sum of uniform steps that lead from `argument` to `yielded`.
std::optional<ir::Polynomial> uniformStep(Value argument, Value yielded) {
  ir::Polynomial sum;
  while (yielded != argument) {
    Operation *op = yielded.getDefiningOp();
    if (!isa_and_nonnull<tile::PtrAddOp, arith::AddIOp>(op))
      return std::nullopt;
    auto step = ir::AffineIndex::of(op->getOperand(1));
    Value next = op->getOperand(0);
    if (!step || !step->isUniform()) {
      // Addition of integers commutes.
      if (!isa<arith::AddIOp>(op))
        return std::nullopt;
      step = ir::AffineIndex::of(op->getOperand(0));
      next = op->getOperand(1);
      if (!step || !step->isUniform())
        return std::nullopt;
    }
    sum = sum + step->uniform;
    yielded = next;
  }
  return sum;
}

/// `start` moved by the scalar `offset` in all lanes.
Value moved(OpBuilder &builder, Location loc, Value start, Value offset) {
  auto type = cast<RankedTensorType>(start.getType());
  if (tile::isPtrLike(type)) {
    Value splat = tile::SplatOp::create(
        builder, loc, type.clone(builder.getI64Type()), offset);
    return tile::PtrAddOp::create(builder, loc, start, splat);
  }
  if (type.getElementType() != builder.getI64Type())
    offset =
        arith::TruncIOp::create(builder, loc, type.getElementType(), offset);
  Value splat = tile::SplatOp::create(builder, loc, type, offset);
  return arith::AddIOp::create(builder, loc, start, splat);
}

struct StripUniformSteps : ir::impl::StripUniformStepsBase<StripUniformSteps> {
  void runOnOperation() override {
    SmallVector<scf::ForOp> loops;
    getOperation().walk([&](scf::ForOp loop) { loops.push_back(loop); });
    IRRewriter rewriter(&getContext());
    for (scf::ForOp loop : loops)
      if (failed(strip(loop, rewriter)))
        return signalPassFailure();
  }

  LogicalResult strip(scf::ForOp loop, IRRewriter &rewriter) {
    SmallVector<unsigned> carried;
    SmallVector<ir::Polynomial> steps;
    auto yield = cast<scf::YieldOp>(loop.getBody()->getTerminator());
    for (auto [index, argument] : llvm::enumerate(loop.getRegionIterArgs())) {
      auto type = dyn_cast<RankedTensorType>(argument.getType());
      if (!type || (!tile::isPtrLike(type) && !tile::isIntLike(type)) ||
          tile::isBoolLike(type))
        continue;
      if (auto step = uniformStep(argument, yield.getOperand(index))) {
        carried.push_back(index);
        steps.push_back(*step);
      }
    }
    if (carried.empty())
      return success();
    Location loc = loop.getLoc();
    rewriter.setInsertionPoint(loop);
    Value zero =
        arith::ConstantOp::create(rewriter, loc, rewriter.getI64IntegerAttr(0));
    SmallVector<Value> zeros(carried.size(), zero);
    unsigned before = loop.getNumRegionIterArgs();
    auto newYields = [&](OpBuilder &builder, Location yieldLoc,
                         ArrayRef<BlockArgument> offsets) {
      SmallVector<Value> next;
      for (auto [offset, step] : llvm::zip(offsets, steps))
        next.push_back(arith::AddIOp::create(
            builder, yieldLoc, offset, step.materialize(builder, yieldLoc)));
      return next;
    };
    auto replaced = loop.replaceWithAdditionalYields(
        rewriter, zeros, /*replaceInitOperandUsesInLoop=*/false, newYields);
    if (failed(replaced))
      return failure();
    loop = cast<scf::ForOp>(replaced->getOperation());
    for (auto [position, index] : llvm::enumerate(carried)) {
      Value start = loop.getInitArgs()[index];
      rewriter.setInsertionPointToStart(loop.getBody());
      BlockArgument old = loop.getRegionIterArg(index);
      Value here =
          moved(rewriter, loc, start, loop.getRegionIterArg(before + position));
      // The old carry becomes its own initial value, which canonicalisation
      // removes.
      auto terminator = cast<scf::YieldOp>(loop.getBody()->getTerminator());
      rewriter.replaceAllUsesWith(old, here);
      rewriter.modifyOpInPlace(terminator,
                               [&] { terminator.setOperand(index, old); });
      rewriter.setInsertionPointAfter(loop);
      Value after =
          moved(rewriter, loc, start, loop.getResult(before + position));
      rewriter.replaceAllUsesWith(loop.getResult(index), after);
    }
    return success();
  }
};
} // namespace
