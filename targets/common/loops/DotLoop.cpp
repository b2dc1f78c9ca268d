//===- DotLoop.cpp - Loops that run a product along K ---------------------===//
//
// Part of the Tegula Project, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "targets/common/loops/DotLoop.h"
#include "ir/analysis/AffineIndex.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/IR/Matchers.h"

using namespace mlir;
using namespace tegula;
using namespace tegula::loops;

static std::optional<int64_t> constantOf(Value value) {
  APInt result;
  if (matchPattern(value, m_ConstantInt(&result)))
    return result.getSExtValue();
  return std::nullopt;
}

std::optional<DotOperand> loops::traceOperand(Value operand, int depthDim) {
  while (Operation *op = operand.getDefiningOp()) {
    if (!operand.hasOneUse())
      return std::nullopt;
    if (auto box = dyn_cast<tile::LoadBoxOp>(op)) {
      if (!box.getIndices().empty() || box.getMask() || box.getIsVolatile() ||
          (box.getOther() && !matchPattern(box.getOther(), m_Zero()) &&
           !matchPattern(box.getOther(), m_AnyZeroFloat())))
        return std::nullopt;
      return DotOperand{box, depthDim};
    }
    if (auto trans = dyn_cast<tile::TransOp>(op))
      depthDim = trans.getOrder()[depthDim];
    else if (!isa<arith::ExtFOp, arith::TruncFOp, arith::ExtSIOp,
                  arith::ExtUIOp, arith::SIToFPOp, arith::UIToFPOp,
                  tile::FpConvertOp>(op))
      return std::nullopt;
    operand = op->getOperand(0);
  }
  return std::nullopt;
}

Value loops::findDepth(tile::DotOp dot) {
  int rank = cast<RankedTensorType>(dot.getType()).getRank();
  auto a = traceOperand(dot.getA(), rank - 1);
  auto b = traceOperand(dot.getB(), rank - 2);
  if (!a || !b)
    return {};
  Value bound = a->box.getUppers()[a->depthDim];
  return bound == b->box.getUppers()[b->depthDim] && !constantOf(bound)
             ? bound
             : Value();
}

RankedTensorType loops::transposed(Type matrix) {
  auto type = cast<RankedTensorType>(matrix);
  return RankedTensorType::get({type.getDimSize(1), type.getDimSize(0)},
                               type.getElementType());
}

Value loops::createTransposed(OpBuilder &b, Location loc, Value matrix) {
  RankedTensorType type = transposed(matrix.getType());
  DenseElementsAttr dense;
  if (matchPattern(matrix, m_Constant(&dense)) && dense.isSplat())
    return arith::ConstantOp::create(
        b, loc, DenseElementsAttr::get(type, dense.getSplatValue<Attribute>()));
  return tile::TransOp::create(b, loc, type, matrix,
                               b.getDenseI32ArrayAttr({1, 0}));
}

/// Does this operand lie with K side by side, and not its other dimension?
static bool liesAlongK(Value operand, int depthDim) {
  auto traced = traceOperand(operand, depthDim);
  auto isOne = [&](int dim) {
    return matchPattern(traced->box.getStrides()[dim], m_One());
  };
  return traced && traced->box.getTileType().getRank() == 2 &&
         isOne(traced->depthDim) && !isOne(1 - traced->depthDim);
}

bool loops::isThinByRows(tile::DotOp dot) {
  constexpr int64_t mostRows = 32;
  auto type = cast<RankedTensorType>(dot.getType());
  Type sum = type.getElementType();
  return type.getRank() == 2 && type.getDimSize(0) <= mostRows &&
         type.getDimSize(0) <= type.getDimSize(1) && isa<FloatType>(sum) &&
         sum.getIntOrFloatBitWidth() >= 32 && liesAlongK(dot.getA(), 1) &&
         liesAlongK(dot.getB(), 0);
}

/// Do whole tiles cover the product? All registers have one shape then: code
/// that needs several can run out of registers of each.
static bool isTiledBy(tile::DotOp dot, const targets::GroupDot &unit) {
  auto type = cast<RankedTensorType>(dot.getType());
  int64_t depth = tile::shapeOf(dot.getA().getType()).back();
  int64_t rows = unit.tileRows;
  return unit && type.getDimSize(0) % rows == 0 &&
         type.getDimSize(1) % rows == 0 && depth % (rows * unit.size) == 0;
}

const targets::GroupDot *loops::findGroupDot(tile::DotOp dot,
                                             const targets::TargetDesc &desc) {
  auto type = cast<RankedTensorType>(dot.getType());
  Type element = type.getElementType();
  auto areBoth = [&](auto isWanted) {
    return isWanted(tile::elementTypeOf(dot.getA().getType())) &&
           isWanted(tile::elementTypeOf(dot.getB().getType()));
  };
  auto areBF16 = [](Type type) { return type.isBF16(); };
  auto areBytes = [](Type type) { return type.isInteger(8); };
  if (type.getRank() != 2)
    return nullptr;
  if (element.isF32() && areBoth(areBF16) && isTiledBy(dot, desc.bf16TileDot))
    return &desc.bf16TileDot;
  if (element.isF32() && areBoth([](Type type) { return type.isF16(); }) &&
      isTiledBy(dot, desc.f16TileDot))
    return &desc.f16TileDot;
  if (element.isInteger(32) && areBoth(areBytes) &&
      isTiledBy(dot, desc.i8TileDot))
    return &desc.i8TileDot;
  // Narrow accumulators are summed as f32.
  if (desc.bf16Dot &&
      (element.isF32() || element.isF16() || element.isBF16()) &&
      areBoth(areBF16))
    return &desc.bf16Dot;
  if (desc.i8Dot && element.isInteger(32) && areBoth(areBytes))
    return &desc.i8Dot;
  return nullptr;
}

int64_t loops::countParts(tile::DotOp dot, const targets::TargetDesc &desc) {
  auto type = cast<RankedTensorType>(dot.getType());
  if (!desc.splitsFloats || findGroupDot(dot, desc) || type.getRank() != 2 ||
      !type.getElementType().isF32() || !isTiledBy(dot, desc.bf16TileDot) ||
      dot->hasAttr(byRowsAttr))
    return 1;
  Type a = tile::elementTypeOf(dot.getA().getType()),
       b = tile::elementTypeOf(dot.getB().getType());
  // Smaller products don't repay the splitting. Where both operands come from
  // memory they also wait for the parts, which take more room than f32.
  int64_t rows = type.getDimSize(0), columns = type.getDimSize(1);
  bool streams = traceOperand(dot.getA(), 1) && traceOperand(dot.getB(), 0);
  if (a.isF32() && b.isF32() && rows >= 64 && columns >= 64 &&
      rows * columns >= 64 * (streams ? 128 : 64))
    return 3;
  return a.isF16() && b.isF16() && rows >= 32 && columns >= 32 ? 2 : 1;
}

namespace {
/// What changes from one step of a loop to the next.
class Steps {
public:
  Steps(scf::ForOp loop, int64_t step) : loop(loop), step(step) {}

  ir::IndexAnalysis &getAnalysis() { return analysis; }

  /// value(iv + step) - value(iv), if that is the same in every step.
  std::optional<ir::Polynomial> difference(const ir::Polynomial &polynomial) {
    ir::Polynomial result;
    for (const auto &[monomial, coefficient] : polynomial.terms()) {
      ir::Polynomial term(coefficient);
      unsigned powers = 0;
      for (const ir::Leaf &leaf : monomial) {
        if (leaf.value == loop.getInductionVar())
          ++powers;
        else if (loop.isDefinedOutsideOfLoop(leaf.value))
          term = term * ir::Polynomial(leaf);
        else
          return std::nullopt;
      }
      if (powers > 1)
        return std::nullopt;
      if (powers == 1)
        result = result + term * ir::Polynomial(step);
    }
    return result;
  }
  std::optional<ir::Polynomial> difference(Value value) {
    return difference(analysis.scalar(value));
  }
  bool isInvariant(Value value) {
    auto changed = difference(value);
    return changed && changed->isZero();
  }

private:
  scf::ForOp loop;
  int64_t step;
  ir::IndexAnalysis analysis;
};
} // namespace

/// Do the boxes of consecutive steps join along K, with the same bounds?
static bool joins(const DotOperand &operand, int64_t depth, Steps &steps) {
  tile::LoadBoxOp box = operand.box;
  auto pointer = steps.getAnalysis().pointer(box.getBase());
  if (!pointer || !pointer->offset.isUniform())
    return false;
  auto advance = steps.difference(pointer->offset.uniform);
  if (!advance)
    return false;
  for (int dim = 0, rank = box.getStarts().size(); dim < rank; ++dim) {
    bool isDepth = dim == operand.depthDim;
    Value upper = box.getUppers()[dim];
    auto start = steps.difference(box.getStarts()[dim]);
    if (!start || !steps.isInvariant(box.getStrides()[dim]) ||
        !steps.isInvariant(box.getLowers()[dim]))
      return false;
    ir::Polynomial stride = steps.getAnalysis().scalar(box.getStrides()[dim]);
    if (!box.getWraps().empty() && constantOf(box.getWraps()[dim]) != 0) {
      if (isDepth || !start->isZero() ||
          !steps.isInvariant(box.getWraps()[dim]))
        return false;
    }
    *advance = *advance + *start * stride;
    if (!isDepth) {
      if (!steps.isInvariant(upper))
        return false;
      continue;
    }
    // Unbounded, or what is left shrinks by what a step takes.
    auto lower = constantOf(box.getLowers()[dim]), known = constantOf(upper);
    auto left = steps.difference(upper);
    if (!lower || *lower > 0 || !left ||
        !(known ? *known >= depth : left->constant() == -depth))
      return false;
    *advance = *advance - stride * ir::Polynomial(depth);
  }
  return advance->isZero();
}

tile::DotOp loops::findCarriedDot(scf::ForOp loop) {
  if (loop.getNumResults() != 1)
    return {};
  Block &body = *loop.getBody();
  Value carried = loop.getRegionIterArg(0);
  auto dot = body.getTerminator()->getOperand(0).getDefiningOp<tile::DotOp>();
  if (!dot || dot->getBlock() != &body || dot.getC() != carried ||
      !carried.hasOneUse() || !dot.getResult().hasOneUse())
    return {};
  for (Operation &op : body.without_terminator()) {
    bool readsBefore =
        hasSingleEffect<MemoryEffects::Read>(&op) && op.isBeforeInBlock(dot);
    if (op.getNumRegions() != 0 || !(isPure(&op) || readsBefore))
      return {};
  }
  return dot;
}

std::optional<DotLoop> loops::matchDotLoop(scf::ForOp loop) {
  auto step = constantOf(loop.getStep());
  tile::DotOp dot = findCarriedDot(loop);
  if (!step || *step <= 0 || !dot)
    return std::nullopt;
  auto type = cast<RankedTensorType>(dot.getType());
  // Accumulators narrower than their sums are rounded once a step.
  if (type.getElementType().getIntOrFloatBitWidth() < 32)
    return std::nullopt;
  auto a = traceOperand(dot.getA(), type.getRank() - 1);
  auto b = traceOperand(dot.getB(), type.getRank() - 2);
  if (!a || !b || a->box->getBlock() != dot->getBlock() ||
      b->box->getBlock() != dot->getBlock())
    return std::nullopt;
  for (Operation &op : loop.getBody()->without_terminator())
    if (&op != a->box && &op != b->box && !isPure(&op))
      return std::nullopt;
  int64_t depth = tile::shapeOf(dot.getA().getType()).back();
  Steps steps(loop, *step);
  if (!joins(*a, depth, steps) || !joins(*b, depth, steps))
    return std::nullopt;
  return DotLoop{dot, *a, *b, depth};
}
