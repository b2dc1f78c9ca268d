//===- Clip.cpp - Where a tile becomes uniform ----------------------------===//
//
// Part of the Tegula Project, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "targets/common/loops/Clip.h"
#include "ir/analysis/MaskBounds.h"
#include "ir/tile/Tile.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/IR/Matchers.h"
#include "targets/common/loops/Chunk.h"

using namespace mlir;
using namespace tegula;
using namespace tegula::loops;

/// The dimension of the operand that dimension `dim` of the result walks: -1 if
/// the operand does not vary along it, nothing if the op is not of this kind.
static std::optional<int> operandDim(Operation *op, int dim) {
  if (op->hasTrait<OpTrait::Elementwise>() ||
      isa<tile::FpConvertOp, tile::ExternMathOp>(op))
    return dim;
  if (auto expand = dyn_cast<tile::ExpandDimsOp>(op)) {
    int axis = expand.getAxis();
    return dim == axis ? -1 : dim - (dim > axis);
  }
  if (auto trans = dyn_cast<tile::TransOp>(op))
    return trans.getOrder()[dim];
  if (auto broadcast = dyn_cast<tile::BroadcastOp>(op)) {
    bool repeats = tile::shapeOf(broadcast.getSrc().getType())[dim] !=
                   tile::shapeOf(broadcast.getType())[dim];
    return repeats ? -1 : dim;
  }
  return std::nullopt;
}

static bool isConstant(Value value) {
  return matchPattern(value, m_Constant());
}

/// The first bound that a masked load of the tree has along `dim`.
static Value firstBound(Value value, int dim,
                        DenseSet<std::pair<Value, int>> &seen) {
  Operation *op = value.getDefiningOp();
  if (!op || dim < 0 || !isTensor(value) || !seen.insert({value, dim}).second)
    return {};
  if (auto box = dyn_cast<tile::LoadBoxOp>(op)) {
    Value upper = box.getUppers()[dim];
    return isConstant(upper) ? Value() : upper;
  }
  auto inner = operandDim(op, dim);
  if (!inner)
    return {};
  for (Value operand : op->getOperands())
    if (Value bound = firstBound(operand, *inner, seen))
      return bound;
  return {};
}

namespace {
class Uniformity {
public:
  explicit Uniformity(Value upper)
      : upper(upper), bound{analysis.scalar(upper)} {}

  /// Do all elements of `value` beyond the bound along `dim` agree?
  bool isUniform(Value value, int dim) {
    auto [known, isNew] = answers.try_emplace({value, dim}, false);
    if (!isNew)
      return known->second;
    bool answer = decide(value, dim);
    answers[{value, dim}] = answer;
    return answer;
  }

  /// Is the mask false everywhere beyond the bound?
  bool isFalse(Value mask, int dim) {
    if (!isTensor(mask))
      return false;
    ir::MaskForm bounds = ir::analyzeMask(mask, analysis);
    return llvm::is_contained(bounds.dims[dim].uppers, bound);
  }

private:
  bool decide(Value value, int dim) {
    auto type = dyn_cast<RankedTensorType>(value.getType());
    if (!type || dim < 0 || isConstant(value))
      return !type || !isConstant(value) || isSplat(value);
    Operation *op = value.getDefiningOp();
    if (!op)
      return false;
    if (isa<tile::SplatOp>(op))
      return true;
    if (auto box = dyn_cast<tile::LoadBoxOp>(op))
      return box.getUppers()[dim] == upper &&
             (!box.getOther() || isUniform(box.getOther(), dim));
    auto inner = operandDim(op, dim);
    if (!inner)
      return false;
    if (auto select = dyn_cast<arith::SelectOp>(op);
        select && isFalse(select.getCondition(), dim))
      return isUniform(select.getFalseValue(), dim);
    return llvm::all_of(op->getOperands(), [&](Value operand) {
      return isUniform(operand, *inner);
    });
  }

  static bool isSplat(Value value) {
    DenseElementsAttr dense;
    return matchPattern(value, m_Constant(&dense)) && dense.isSplat();
  }

  ir::IndexAnalysis analysis;
  Value upper;
  ir::Limit bound;
  /// Values are shared: each is decided once for each dimension.
  DenseMap<std::pair<Value, int>, bool> answers;
};
} // namespace

Value loops::findBound(Value value, int dim) {
  DenseSet<std::pair<Value, int>> seen;
  return firstBound(value, dim, seen);
}

Value loops::findClip(ValueRange values, int dim) {
  // Nothing to save, and what is made elsewhere has no value outside.
  if (tile::shapeOf(values.front().getType())[dim] == 1)
    return {};
  Value upper;
  DenseSet<std::pair<Value, int>> seen;
  for (Value value : values)
    if (!upper)
      upper = firstBound(value, dim, seen);
  if (!upper)
    return {};
  Uniformity uniformity(upper);
  for (Value value : values)
    if (!uniformity.isUniform(value, dim))
      return {};
  return upper;
}

bool loops::isFalseBeyond(Value mask, int dim, Value upper) {
  return Uniformity(upper).isFalse(mask, dim);
}
