//===- ConvertShape.cpp - Programs, shapes and pointers -------------------===//
//
// Part of the Tegula Project, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "frontend/ttir/Convert.h"
#include "ir/tile/Tile.h"
#include "mlir/Dialect/Arith/IR/Arith.h"

using namespace mlir;
using namespace tegula::frontend;
namespace tile = tegula::tile;

static tile::Axis axisOf(tt::Axis axis) {
  return static_cast<tile::Axis>(axis); // The numbers are those of the grid.
}

static LogicalResult convertProgramId(tt::GetProgramIdOp op,
                                      PatternRewriter &rewriter) {
  rewriter.replaceOpWithNewOp<tile::ProgramIdOp>(op, op.getType(),
                                                 axisOf(op.getAxis()));
  return success();
}

static LogicalResult convertNumPrograms(tt::GetNumProgramsOp op,
                                        PatternRewriter &rewriter) {
  rewriter.replaceOpWithNewOp<tile::NumProgramsOp>(op, op.getType(),
                                                   axisOf(op.getAxis()));
  return success();
}

static LogicalResult convertRange(tt::MakeRangeOp op,
                                  PatternRewriter &rewriter) {
  rewriter.replaceOpWithNewOp<tile::RangeOp>(
      op, op.getType(), op.getStartAttr(), op.getEndAttr());
  return success();
}

/// Ops of one operand and one result that mean the same in both dialects.
template <typename From, typename To>
static LogicalResult convertUnary(From op, PatternRewriter &rewriter) {
  rewriter.replaceOpWithNewOp<To>(op, op.getType(), op.getSrc());
  return success();
}

static LogicalResult convertExpandDims(tt::ExpandDimsOp op,
                                       PatternRewriter &rewriter) {
  rewriter.replaceOpWithNewOp<tile::ExpandDimsOp>(op, op.getType(), op.getSrc(),
                                                  op.getAxisAttr());
  return success();
}

static LogicalResult convertReshape(tt::ReshapeOp op,
                                    PatternRewriter &rewriter) {
  rewriter.replaceOpWithNewOp<tile::ReshapeOp>(op, op.getType(), op.getSrc(),
                                               op.getAllowReorder());
  return success();
}

static LogicalResult convertTrans(tt::TransOp op, PatternRewriter &rewriter) {
  rewriter.replaceOpWithNewOp<tile::TransOp>(op, op.getType(), op.getSrc(),
                                             op.getOrder());
  return success();
}

template <typename From, typename To>
static LogicalResult convertPair(From op, PatternRewriter &rewriter) {
  rewriter.replaceOpWithNewOp<To>(op, op.getType(), op.getLhs(), op.getRhs());
  return success();
}

static LogicalResult convertSplit(tt::SplitOp op, PatternRewriter &rewriter) {
  rewriter.replaceOpWithNewOp<tile::SplitOp>(
      op, op.getLhs().getType(), op.getRhs().getType(), op.getSrc());
  return success();
}

static LogicalResult convertAddPtr(tt::AddPtrOp op, PatternRewriter &rewriter) {
  rewriter.replaceOpWithNewOp<tile::PtrAddOp>(op, op.getPtr(), op.getOffset());
  return success();
}

static LogicalResult convertBitcast(tt::BitcastOp op,
                                    PatternRewriter &rewriter) {
  Type from = op.getSrc().getType(), to = op.getType();
  if (from == to)
    rewriter.replaceOp(op, op.getSrc());
  else if (tt::isPtrLike(from) && tt::isPtrLike(to))
    rewriter.replaceOpWithNewOp<tile::PtrCastOp>(op, to, op.getSrc());
  else
    rewriter.replaceOpWithNewOp<arith::BitcastOp>(op, to, op.getSrc());
  return success();
}

void tt::addShapePatterns(RewritePatternSet &patterns) {
  patterns.add(convertProgramId);
  patterns.add(convertNumPrograms);
  patterns.add(convertRange);
  patterns.add(convertUnary<tt::SplatOp, tile::SplatOp>);
  patterns.add(convertUnary<tt::UnsplatOp, tile::UnsplatOp>);
  patterns.add(convertUnary<tt::BroadcastOp, tile::BroadcastOp>);
  patterns.add(convertUnary<tt::IntToPtrOp, tile::IntToPtrOp>);
  patterns.add(convertUnary<tt::PtrToIntOp, tile::PtrToIntOp>);
  patterns.add(convertExpandDims);
  patterns.add(convertReshape);
  patterns.add(convertTrans);
  patterns.add(convertPair<tt::JoinOp, tile::JoinOp>);
  patterns.add(convertPair<tt::CatOp, tile::CatOp>);
  patterns.add(convertSplit);
  patterns.add(convertAddPtr);
  patterns.add(convertBitcast);
}
