//===- ConvertCompute.cpp - Elements, axes, products, messages ------------===//
//
// Part of the Tegula Project, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "frontend/ttir/Convert.h"
#include "ir/tile/Tile.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Math/IR/Math.h"

using namespace mlir;
using namespace tegula::frontend;
namespace tile = tegula::tile;

//===----------------------------------------------------------------------===//
// Element by element
//===----------------------------------------------------------------------===//

/// As the language frontend does: a float of 8 bits saturates.
static LogicalResult convertFpToFp(tt::FpToFpOp op, PatternRewriter &rewriter) {
  Type from = tile::elementTypeOf(op.getSrc().getType());
  Type to = tile::elementTypeOf(op.getType());
  if (!isa<FloatType>(from) || !isa<FloatType>(to))
    return op.emitError() << "expects floats, found " << from << " and " << to;
  if (to.getIntOrFloatBitWidth() > from.getIntOrFloatBitWidth()) {
    rewriter.replaceOpWithNewOp<arith::ExtFOp>(op, op.getType(), op.getSrc());
    return success();
  }
  auto rounding = op.getRounding() == tt::Rounding::RTZ ? tile::Rounding::RTZ
                                                        : tile::Rounding::RTNE;
  rewriter.replaceOpWithNewOp<tile::FpConvertOp>(
      op, op.getType(), op.getSrc(), rounding,
      /*saturate=*/to.getIntOrFloatBitWidth() == 8 &&
          rounding == tile::Rounding::RTNE);
  return success();
}

static LogicalResult convertClamp(tt::ClampFOp op, PatternRewriter &rewriter) {
  Location loc = op.getLoc();
  if (op.getPropagateNan() == tt::PropagateNan::All) {
    Value above =
        arith::MaximumFOp::create(rewriter, loc, op.getX(), op.getMin());
    rewriter.replaceOpWithNewOp<arith::MinimumFOp>(op, above, op.getMax());
    return success();
  }
  Value above = arith::MaxNumFOp::create(rewriter, loc, op.getX(), op.getMin());
  rewriter.replaceOpWithNewOp<arith::MinNumFOp>(op, above, op.getMax());
  return success();
}

static LogicalResult convertSqrt(tt::PreciseSqrtOp op,
                                 PatternRewriter &rewriter) {
  rewriter.replaceOpWithNewOp<math::SqrtOp>(op, op.getX());
  return success();
}

static LogicalResult convertDivide(tt::PreciseDivFOp op,
                                   PatternRewriter &rewriter) {
  rewriter.replaceOpWithNewOp<arith::DivFOp>(op, op.getX(), op.getY());
  return success();
}

static LogicalResult convertMulhi(tt::MulhiUIOp op, PatternRewriter &rewriter) {
  auto product = arith::MulUIExtendedOp::create(rewriter, op.getLoc(),
                                                op.getX(), op.getY());
  rewriter.replaceOp(op, product.getHigh());
  return success();
}

static LogicalResult convertMap(tt::MapElementwiseOp op,
                                PatternRewriter &rewriter) {
  if (!op.getBody().hasOneBlock())
    return op.emitError() << "the branches of this function of elements can't "
                             "be made structured";
  auto made = tile::MapElementwiseOp::create(
      rewriter, op.getLoc(), op.getResultTypes(), op.getSrcs(), op.getPack());
  made.getBody().takeBody(op.getBody());
  rewriter.replaceOp(op, made);
  return success();
}

//===----------------------------------------------------------------------===//
// Along an axis
//===----------------------------------------------------------------------===//

static LogicalResult convertReduce(tt::ReduceOp op, PatternRewriter &rewriter) {
  auto made = tile::ReduceOp::create(rewriter, op.getLoc(), op.getResultTypes(),
                                     op.getSrcs(), op.getAxis());
  made.getCombine().takeBody(op.getCombine());
  rewriter.replaceOp(op, made);
  return success();
}

static LogicalResult convertScan(tt::ScanOp op, PatternRewriter &rewriter) {
  auto made = tile::ScanOp::create(rewriter, op.getLoc(), op.getResultTypes(),
                                   op.getSrcs(), op.getAxis(), op.getReverse());
  made.getCombine().takeBody(op.getCombine());
  rewriter.replaceOp(op, made);
  return success();
}

template <typename Op>
static LogicalResult convertYield(Op op, PatternRewriter &rewriter) {
  rewriter.replaceOpWithNewOp<tile::YieldOp>(op, op.getValues());
  return success();
}

static LogicalResult convertGather(tt::GatherOp op, PatternRewriter &rewriter) {
  rewriter.replaceOpWithNewOp<tile::GatherOp>(op, op.getType(), op.getSrc(),
                                              op.getIndices(), op.getAxis());
  return success();
}

static LogicalResult convertHistogram(tt::HistogramOp op,
                                      PatternRewriter &rewriter) {
  rewriter.replaceOpWithNewOp<tile::HistogramOp>(op, op.getType(), op.getSrc(),
                                                 op.getMask());
  return success();
}

//===----------------------------------------------------------------------===//
// Products
//===----------------------------------------------------------------------===//

static LogicalResult convertDot(tt::DotOp op, PatternRewriter &rewriter) {
  tt::InputPrecision wanted =
      op.getAllowTF32() ? tt::InputPrecision::TF32 : op.getInputPrecision();
  auto precision =
      *tile::symbolizeDotPrecision(tt::stringifyInputPrecision(wanted));
  rewriter.replaceOpWithNewOp<tile::DotOp>(op, op.getType(), op.getA(),
                                           op.getB(), op.getC(), precision,
                                           op.getMaxNumImpreciseAcc());
  return success();
}

static LogicalResult convertDotScaled(tt::DotScaledOp op,
                                      PatternRewriter &rewriter) {
  auto format = [](tt::ScaledFormat format) {
    return *tile::symbolizeScaledFormat(tt::stringifyScaledFormat(format));
  };
  rewriter.replaceOpWithNewOp<tile::DotScaledOp>(
      op, op.getType(), op.getA(), op.getB(), op.getC(), op.getAScale(),
      op.getBScale(), format(op.getAElemType()), format(op.getBElemType()),
      op.getFastMath(), op.getLhsKPack(), op.getRhsKPack());
  return success();
}

//===----------------------------------------------------------------------===//
// Messages
//===----------------------------------------------------------------------===//

static LogicalResult convertAssert(tt::AssertOp op, PatternRewriter &rewriter) {
  rewriter.replaceOpWithNewOp<tile::AssertOp>(op, op.getCondition(),
                                              op.getMessage());
  return success();
}

static LogicalResult convertPrint(tt::PrintOp op, PatternRewriter &rewriter) {
  rewriter.replaceOpWithNewOp<tile::PrintOp>(op, op.getPrefix(), op.getArgs(),
                                             op.getHex(), op.getIsSigned());
  return success();
}

void tt::addComputePatterns(RewritePatternSet &patterns) {
  patterns.add(convertFpToFp);
  patterns.add(convertClamp);
  patterns.add(convertSqrt);
  patterns.add(convertDivide);
  patterns.add(convertMulhi);
  patterns.add(convertMap);
  patterns.add(convertReduce);
  patterns.add(convertScan);
  patterns.add(convertYield<tt::ReduceReturnOp>);
  patterns.add(convertYield<tt::ScanReturnOp>);
  patterns.add(convertYield<tt::MapElementwiseReturnOp>);
  patterns.add(convertGather);
  patterns.add(convertHistogram);
  patterns.add(convertDot);
  patterns.add(convertDotScaled);
  patterns.add(convertAssert);
  patterns.add(convertPrint);
}
