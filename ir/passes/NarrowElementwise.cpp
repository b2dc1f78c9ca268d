//===- NarrowElementwise.cpp - Compute on the smallest shape
//
// Part of the Tegula Project, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "ir/passes/Passes.h"
#include "ir/tile/Tile.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/SCF/IR/SCF.h"
#include "mlir/IR/Matchers.h"
#include "mlir/Transforms/GreedyPatternRewriteDriver.h"

using namespace mlir;
using namespace tegula;

namespace tegula::ir {
#define GEN_PASS_DEF_NARROWELEMENTWISE
#include "ir/passes/Passes.h.inc"
} // namespace tegula::ir

/// Ops with one tensor result whose element i depends on the elements i of the
/// operands alone.
static bool isElementwise(Operation *op) {
  if (op->getNumResults() != 1 || op->getNumRegions() != 0 ||
      !isa<RankedTensorType>(op->getResult(0).getType()) ||
      op->getNumOperands() == 0 || !isPure(op))
    return false;
  return op->hasTrait<OpTrait::Elementwise>() ||
         isa<tile::PtrAddOp, tile::PtrCastOp, tile::PtrToIntOp,
             tile::IntToPtrOp, tile::FpConvertOp, tile::ExternMathOp>(op);
}

/// The scalar that a tensor has in every element, as a value or a constant.
static OpFoldResult splatScalar(Value value) {
  if (!isa<RankedTensorType>(value.getType()))
    return value;
  if (auto splat = value.getDefiningOp<tile::SplatOp>())
    return splat.getSrc();
  DenseElementsAttr dense;
  if (matchPattern(value, m_Constant(&dense)) && dense.isSplat())
    return dense.getSplatValue<Attribute>();
  return {};
}

static Value toValue(OpBuilder &builder, Location loc, OpFoldResult scalar) {
  if (auto value = dyn_cast<Value>(scalar))
    return value;
  return arith::ConstantOp::create(builder, loc,
                                   cast<TypedAttr>(cast<Attribute>(scalar)));
}

/// The same op on other operands, with a result of `type`.
static Value cloneOn(OpBuilder &builder, Operation *op, ValueRange operands,
                     Type type) {
  OperationState state(op->getLoc(), op->getName(), operands, type,
                       op->getAttrs());
  return builder.create(state)->getResult(0);
}

namespace {
/// op(splat a, splat b) -> splat(op(a, b))
struct ScalarizeUniform : RewritePattern {
  ScalarizeUniform(MLIRContext *context)
      : RewritePattern(MatchAnyOpTypeTag(), 1, context) {}

  LogicalResult matchAndRewrite(Operation *op,
                                PatternRewriter &rewriter) const override {
    if (!isElementwise(op))
      return failure();
    SmallVector<OpFoldResult> scalars;
    for (Value operand : op->getOperands())
      if (OpFoldResult scalar = splatScalar(operand))
        scalars.push_back(scalar);
      else
        return failure();
    if (llvm::all_of(scalars, [](OpFoldResult s) { return isa<Attribute>(s); }))
      return failure(); // Folding's work.
    SmallVector<Value> operands;
    for (OpFoldResult scalar : scalars)
      operands.push_back(toValue(rewriter, op->getLoc(), scalar));
    Type type = op->getResult(0).getType();
    Value scalar = cloneOn(rewriter, op, operands, tile::elementTypeOf(type));
    rewriter.replaceOpWithNewOp<tile::SplatOp>(op, type, scalar);
    return success();
  }
};

/// op(expand_dims a, expand_dims b, splat c) -> expand_dims(op(a, b, splat c)),
/// and the same for broadcasts.
struct NarrowShape : RewritePattern {
  NarrowShape(MLIRContext *context)
      : RewritePattern(MatchAnyOpTypeTag(), 1, context) {}

  /// The op that all shaped operands went through, null if there is none.
  static Operation *commonShapeOp(Operation *op) {
    Operation *common = nullptr;
    for (Value operand : op->getOperands()) {
      if (splatScalar(operand))
        continue;
      Operation *shapeOp = operand.getDefiningOp();
      if (!isa_and_nonnull<tile::ExpandDimsOp, tile::BroadcastOp>(shapeOp))
        return nullptr;
      if (common && (common->getName() != shapeOp->getName() ||
                     common->getAttrs() != shapeOp->getAttrs() ||
                     tile::shapeOf(common->getOperand(0).getType()) !=
                         tile::shapeOf(shapeOp->getOperand(0).getType())))
        return nullptr;
      common = shapeOp;
    }
    return common;
  }

  LogicalResult matchAndRewrite(Operation *op,
                                PatternRewriter &rewriter) const override {
    Operation *shapeOp = isElementwise(op) ? commonShapeOp(op) : nullptr;
    if (!shapeOp)
      return failure();
    Type narrow = shapeOp->getOperand(0).getType();
    SmallVector<Value> operands;
    for (Value operand : op->getOperands()) {
      OpFoldResult scalar = splatScalar(operand);
      if (!scalar)
        operands.push_back(operand.getDefiningOp()->getOperand(0));
      else if (!isa<RankedTensorType>(operand.getType()))
        operands.push_back(operand);
      else
        operands.push_back(rewriter.createOrFold<tile::SplatOp>(
            op->getLoc(),
            tile::withElementType(narrow,
                                  tile::elementTypeOf(operand.getType())),
            toValue(rewriter, op->getLoc(), scalar)));
    }
    Type type = op->getResult(0).getType();
    Value result =
        cloneOn(rewriter, op, operands,
                tile::withElementType(narrow, tile::elementTypeOf(type)));
    OperationState state(op->getLoc(), shapeOp->getName(), result, type,
                         shapeOp->getAttrs());
    rewriter.replaceOp(op, rewriter.create(state));
    return success();
  }
};

/// A change of shape leaves a splat a splat.
struct ReshapeSplat : RewritePattern {
  ReshapeSplat(MLIRContext *context)
      : RewritePattern(MatchAnyOpTypeTag(), 1, context) {}

  LogicalResult matchAndRewrite(Operation *op,
                                PatternRewriter &rewriter) const override {
    if (!isa<tile::BroadcastOp, tile::ExpandDimsOp, tile::ReshapeOp,
             tile::TransOp>(op))
      return failure();
    auto splat = op->getOperand(0).getDefiningOp<tile::SplatOp>();
    if (!splat)
      return failure();
    rewriter.replaceOpWithNewOp<tile::SplatOp>(op, op->getResult(0).getType(),
                                               splat.getSrc());
    return success();
  }
};

/// A range of one element is a constant.
struct FoldRangeOfOne : OpRewritePattern<tile::RangeOp> {
  using OpRewritePattern::OpRewritePattern;
  LogicalResult matchAndRewrite(tile::RangeOp op,
                                PatternRewriter &rewriter) const override {
    auto type = cast<RankedTensorType>(op.getType());
    if (type.getNumElements() != 1)
      return failure();
    rewriter.replaceOpWithNewOp<arith::ConstantOp>(
        op, DenseElementsAttr::get(type,
                                   rewriter.getI32IntegerAttr(op.getStart())));
    return success();
  }
};

struct NarrowElementwise
    : tegula::ir::impl::NarrowElementwiseBase<NarrowElementwise> {
  void runOnOperation() override {
    RewritePatternSet patterns(&getContext());
    patterns.add<ScalarizeUniform, NarrowShape, ReshapeSplat, FoldRangeOfOne>(
        &getContext());
    if (failed(applyPatternsGreedily(getOperation(), std::move(patterns))))
      signalPassFailure();
  }
};
} // namespace
