//===- Signs.cpp - Which integers are never negative
//
// Part of the Tegula Project, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "ir/analysis/Signs.h"
#include "ir/tile/Tile.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/SCF/IR/SCF.h"
#include "mlir/IR/Matchers.h"

using namespace mlir;
using namespace tegula;
using namespace tegula::ir;

bool Signs::isNonNegative(Value value) {
  if (auto it = known.find(value); it != known.end())
    return it->second;
  // While a loop's value is looked at, it is taken to be what it must be shown
  // to stay: the induction over the iterations.
  known[value] = true;
  bool result = compute(value);
  if (result) {
    known[value] = true;
    return true;
  }
  // What relied on the wrong guess must be asked again.
  for (auto it = known.begin(), end = known.end(); it != end; ++it)
    if (it->second)
      known.erase(it);
  known[value] = false;
  return false;
}

bool Signs::compute(Value value) {
  if (auto argument = dyn_cast<BlockArgument>(value))
    return computeArgument(argument);
  return computeResult(cast<OpResult>(value));
}

bool Signs::computeArgument(BlockArgument argument) {
  auto loop = dyn_cast_or_null<scf::ForOp>(argument.getOwner()->getParentOp());
  if (!loop)
    return false;
  if (argument == loop.getInductionVar())
    return isNonNegative(loop.getLowerBound());
  unsigned position = argument.getArgNumber() - loop.getNumInductionVars();
  return isNonNegative(loop.getInitArgs()[position]) &&
         isNonNegative(loop.getYieldedValues()[position]);
}

static bool isNonNegativeConstant(Attribute attribute) {
  if (auto scalar = dyn_cast<IntegerAttr>(attribute))
    return !scalar.getValue().isNegative();
  auto dense = dyn_cast<DenseIntElementsAttr>(attribute);
  return dense && dense.isSplat() && !dense.getSplatValue<APInt>().isNegative();
}

static bool isPositiveConstant(Value value) {
  APInt constant;
  return matchPattern(value, m_ConstantInt(&constant)) &&
         constant.isStrictlyPositive();
}

/// Indices are assumed not to wrap (DESIGN: `check` flags it); data is not.
static bool mayWrap(Type type) {
  Type element = tile::elementTypeOf(type);
  return element.isInteger() && element.getIntOrFloatBitWidth() < 32;
}

bool Signs::computeResult(OpResult result) {
  Operation *op = result.getOwner();
  if (mayWrap(result.getType()) &&
      isa<arith::TruncIOp, arith::AddIOp, arith::MulIOp, arith::ShLIOp>(op))
    return false;
  auto operand = [&](unsigned i) { return isNonNegative(op->getOperand(i)); };
  if (auto constant = dyn_cast<arith::ConstantOp>(op))
    return isNonNegativeConstant(constant.getValue());
  if (auto range = dyn_cast<tile::RangeOp>(op))
    return range.getStart() <= static_cast<uint32_t>(INT32_MAX);
  if (auto branch = dyn_cast<scf::IfOp>(op))
    return isNonNegative(
               branch.thenYield().getOperand(result.getResultNumber())) &&
           isNonNegative(
               branch.elseYield().getOperand(result.getResultNumber()));
  if (auto loop = dyn_cast<scf::ForOp>(op))
    return isNonNegative(loop.getRegionIterArg(result.getResultNumber())) &&
           isNonNegative(loop.getInitArgs()[result.getResultNumber()]);
  if (isa<tile::ProgramIdOp, tile::NumProgramsOp>(op))
    return true;
  if (isa<arith::ExtUIOp>(op))
    return true;
  if (isa<tile::SplatOp, tile::UnsplatOp, tile::BroadcastOp, tile::ExpandDimsOp,
          tile::ReshapeOp, tile::TransOp, arith::ExtSIOp, arith::TruncIOp,
          arith::IndexCastOp, arith::ShRSIOp, arith::RemSIOp, arith::ShLIOp>(
          op))
    return operand(0);
  // The divisor is assumed not to be negative.
  if (isa<arith::DivSIOp>(op))
    return operand(0);
  if (isa<arith::ShRUIOp>(op))
    return operand(0) || isPositiveConstant(op->getOperand(1));
  if (isa<arith::AddIOp, arith::MulIOp, arith::MinSIOp, arith::OrIOp,
          arith::XOrIOp>(op))
    return operand(0) && operand(1);
  if (isa<arith::MaxSIOp, arith::AndIOp, arith::MinUIOp>(op))
    return operand(0) || operand(1);
  if (isa<arith::RemUIOp, arith::DivUIOp>(op))
    return operand(0);
  if (isa<arith::SelectOp>(op))
    return operand(1) && operand(2);
  return false;
}
