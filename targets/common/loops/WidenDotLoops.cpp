//===- WidenDotLoops.cpp - Longer steps along K ---------------------------===//
//
// Part of the Tegula Project, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// A kernel written for a GPU runs along K in steps of 32 or 64. A processor
// wants longer ones: accumulators leave the registers once a step, and a step's
// operands are what programs share. Several steps of a recognised loop become
// one of the same form, so nothing behind this pass knows of it.
//
//===----------------------------------------------------------------------===//

#include "ir/analysis/AffineIndex.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/IR/ImplicitLocOpBuilder.h"
#include "mlir/IR/Matchers.h"
#include "targets/common/loops/DotLoop.h"
#include "targets/common/loops/Loops.h"

using namespace mlir;
using namespace tegula;
using namespace tegula::loops;

namespace tegula::loops {
#define GEN_PASS_DECL_WIDENDOTLOOPS
#define GEN_PASS_DEF_WIDENDOTLOOPS
#include "targets/common/loops/Passes.h.inc"
} // namespace tegula::loops

/// How many steps become one: up to `depth` multiply-adds along K, of `group`
/// elements each, while the operands of a step fit into three quarters of the
/// cache.
static int64_t chooseFactor(const DotLoop &loop, int64_t depth, int64_t group,
                            int64_t cacheBytes) {
  tile::DotOp dot = loop.dot;
  Type element = tile::elementTypeOf(dot.getType());
  int64_t elements = 0;
  for (Value operand : {dot.getA(), dot.getB()})
    elements += cast<RankedTensorType>(operand.getType()).getNumElements();
  // A group takes as many bytes as a sum.
  int64_t bytes = elements * (tile::storageBits(element) / 8) / group;
  depth *= group;
  int64_t factor = 1;
  while (2 * factor * loop.depth <= depth &&
         2 * factor * bytes <= cacheBytes / 4 * 3)
    factor *= 2;
  return factor;
}

/// Elements along K until the loop ends: the last of the longer steps may reach
/// beyond them.
static Value elementsLeft(scf::ForOp loop, int64_t step, int64_t depth) {
  ImplicitLocOpBuilder b(loop.getLoc(), loop.getBodyRegion());
  b.setInsertionPointToStart(loop.getBody());
  auto constant = [&](int64_t value) {
    return arith::ConstantOp::create(b, b.getI64IntegerAttr(value));
  };
  auto asI64 = [&](Value value) -> Value {
    if (value.getType().isInteger(64))
      return value;
    return arith::ExtSIOp::create(b, b.getI64Type(), value);
  };
  Value left = arith::SubIOp::create(b, asI64(loop.getUpperBound()),
                                     asI64(loop.getInductionVar()));
  // Positive within the loop, so this rounds up.
  left = arith::AddIOp::create(b, left, constant(step - 1));
  left = arith::DivUIOp::create(b, left, constant(step));
  return arith::MulIOp::create(b, left, constant(depth));
}

/// Is the bound on K of this box at most what the loop has left, (end - iv)?
static bool endsWithLoop(scf::ForOp loop, Value upper) {
  ir::IndexAnalysis analysis;
  return analysis.scalar(upper) == analysis.scalar(loop.getUpperBound()) -
                                       analysis.scalar(loop.getInductionVar());
}

/// Gives `value`, whose dimension `depthDim` runs along K, and all down to its
/// box the longer shape, and the box a bound.
static void widenOperand(Value value, int depthDim, int64_t factor,
                         function_ref<Value(tile::LoadBoxOp, Value)> bound) {
  auto type = cast<RankedTensorType>(value.getType());
  SmallVector<int64_t> shape(type.getShape());
  shape[depthDim] *= factor;
  value.setType(RankedTensorType::get(shape, type.getElementType()));
  Operation *op = value.getDefiningOp();
  if (auto box = dyn_cast<tile::LoadBoxOp>(op)) {
    box.getOtherMutable().clear(); // it was zero
    OpOperand &upper = box.getUppersMutable()[depthDim];
    upper.set(bound(box, upper.get()));
    return;
  }
  if (auto trans = dyn_cast<tile::TransOp>(op))
    depthDim = trans.getOrder()[depthDim];
  widenOperand(op->getOperand(0), depthDim, factor, bound);
}

static void widen(scf::ForOp loop, const DotLoop &match, int64_t factor) {
  APInt known;
  matchPattern(loop.getStep(), m_ConstantInt(&known));
  int64_t step = known.getSExtValue();
  Value left;
  DenseMap<Value, Value> bounds; // by old bound: both operands keep one
  auto bound = [&](tile::LoadBoxOp box, Value upper) -> Value {
    if (step == match.depth && endsWithLoop(loop, upper))
      return upper;
    Value &result = bounds[upper];
    if (result)
      return result;
    if (!left)
      left = elementsLeft(loop, step, match.depth);
    // Without a mask the old bound is the old size, which bounds nothing.
    APInt size;
    if (matchPattern(upper, m_ConstantInt(&size)) &&
        size.getSExtValue() >= match.depth)
      return result = left;
    OpBuilder b(box);
    return result = arith::MinSIOp::create(b, box.getLoc(), upper, left);
  };
  tile::DotOp dot = match.dot;
  int rank = cast<RankedTensorType>(dot.getType()).getRank();
  widenOperand(dot.getA(), rank - 1, factor, bound);
  widenOperand(dot.getB(), rank - 2, factor, bound);
  OpBuilder b(loop);
  loop.setStep(arith::ConstantOp::create(
      b, loop.getLoc(),
      b.getIntegerAttr(loop.getStep().getType(), factor * step)));
}

/// Elements along K of which the product's few rows fill two thirds of a first
/// cache of 48 KB.
static int64_t longestRows(tile::DotOp dot) {
  constexpr int64_t cacheBytes = 32768;
  auto type = cast<RankedTensorType>(dot.getA().getType());
  return cacheBytes /
         (type.getDimSize(0) * (tile::storageBits(type.getElementType()) / 8));
}

namespace {
struct WidenDotLoops : loops::impl::WidenDotLoopsBase<WidenDotLoops> {
  using WidenDotLoopsBase::WidenDotLoopsBase;
  explicit WidenDotLoops(const targets::TargetDesc &desc) : desc(desc) {
    depth = desc.dotDepth;
    cacheBytes = desc.l2Bytes;
  }

  void runOnOperation() override {
    getOperation().walk([&](scf::ForOp loop) {
      std::optional<DotLoop> match = matchDotLoop(loop);
      if (!match)
        return;
      const targets::GroupDot *group = findGroupDot(match->dot, desc);
      // Tiles of A come from the second cache at the speed of the unit, if the
      // panel of B leaves them room in the first.
      int64_t most = group && group->ownRegisters ? depth / 2 : int64_t(depth);
      // Lanes are added up once a step; all rows stay in the first cache.
      if (match->dot->hasAttr(byRowsAttr))
        most = std::max(most, longestRows(match->dot));
      // The parts of a panel stay in the first cache together.
      int64_t parts = countParts(match->dot, desc);
      if (parts > 1)
        most = depth / 2;
      int64_t factor =
          chooseFactor(*match, most, group ? group->size : 1, cacheBytes);
      if (factor > 1)
        widen(loop, *match, factor);
    });
  }

  targets::TargetDesc desc;
};
} // namespace

std::unique_ptr<Pass>
loops::createWidenDotLoopsPass(const targets::TargetDesc &desc) {
  return std::make_unique<WidenDotLoops>(desc);
}
