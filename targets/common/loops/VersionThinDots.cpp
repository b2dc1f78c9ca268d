//===- VersionThinDots.cpp - A form of their own for few rows -------------===//
//
// Part of the Tegula Project, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// A few rows times the transpose of a large matrix, as where a model writes one
// token after the other: C = A W^T. As it stands all of W would be turned into
// panels for no more than a block of rows. Where the machine multiplies tiles,
// C^T = W A^T loads W's as they lie, and turns A, which is small and the same
// for all programs. Vectors run along K instead (MultiplyRows.cpp).
//
// If other programs multiply further rows by the same W, panels pay after all,
// since programs share them. Whether there are any is known at the launch: the
// loop and what follows it is there twice.
//
//===----------------------------------------------------------------------===//

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/IR/IRMapping.h"
#include "mlir/IR/Matchers.h"
#include "targets/common/loops/DotLoop.h"
#include "targets/common/loops/Loops.h"

using namespace mlir;
using namespace tegula;
using namespace tegula::loops;

namespace tegula::loops {
#define GEN_PASS_DECL_VERSIONTHINDOTS
#define GEN_PASS_DEF_VERSIONTHINDOTS
#include "targets/common/loops/Passes.h.inc"
} // namespace tegula::loops

/// Turns an operand that traces back to a box, and the box; nothing else reads
/// either.
static Value turnOperand(Value value) {
  Operation *op = value.getDefiningOp();
  if (auto trans = dyn_cast<tile::TransOp>(op))
    return trans.getSrc();
  value.setType(transposed(value.getType()));
  auto box = dyn_cast<tile::LoadBoxOp>(op);
  if (!box) {
    op->setOperand(0, turnOperand(op->getOperand(0)));
    return value;
  }
  box.getOtherMutable().clear(); // it was zero
  for (MutableOperandRange range :
       {box.getStartsMutable(), box.getStridesMutable(), box.getLowersMutable(),
        box.getUppersMutable(), box.getWrapsMutable()})
    if (!range.empty()) {
      Value first = range[0].get();
      range[0].set(range[1].get());
      range[1].set(first);
    }
  return value;
}

/// Makes `loop` carry the transpose of its sum.
static void turnLoop(scf::ForOp loop, tile::DotOp dot) {
  OpBuilder b(loop);
  RankedTensorType type = transposed(dot.getType());
  loop.getInitArgsMutable()[0].set(
      createTransposed(b, loop.getLoc(), loop.getInitArgs()[0]));
  loop.getRegionIterArg(0).setType(type);
  loop.getResult(0).setType(type);
  Value a = turnOperand(dot.getB()), rhs = turnOperand(dot.getA());
  dot.getAMutable().set(a);
  dot.getBMutable().set(rhs);
  dot.getResult().setType(type);
  b.setInsertionPointAfter(loop);
  Value sum = createTransposed(b, loop.getLoc(), loop.getResult(0));
  loop.getResult(0).replaceAllUsesExcept(sum, sum.getDefiningOp());
}

/// How many rows there are below the block's first one, or in all: a bound of
/// the left operand. Null: not known before the loop.
static Value findRowsLeft(scf::ForOp loop, DotOperand a) {
  int dim = 1 - a.depthDim;
  Value rows = a.box.getUppers()[dim];
  if (!a.box.getWraps().empty() &&
      !matchPattern(a.box.getWraps()[dim], m_Zero()))
    rows = a.box.getWraps()[dim];
  bool isKnown = matchPattern(rows, m_Constant());
  return !isKnown && loop.isDefinedOutsideOfLoop(rows) ? rows : Value();
}

/// Puts `loop` and all that follows it into both branches of a choice; returns
/// the loop of the first one.
static scf::ForOp version(scf::ForOp loop, Value condition) {
  OpBuilder b(loop);
  Block *block = loop->getBlock();
  SmallVector<Operation *> tail;
  for (Operation *op = loop; op != block->getTerminator();
       op = op->getNextNode())
    tail.push_back(op);
  auto branch = scf::IfOp::create(b, loop.getLoc(), condition,
                                  /*withElseRegion=*/true);
  b.setInsertionPointToStart(branch.thenBlock());
  IRMapping mapping;
  Operation *first = nullptr;
  for (Operation *op : tail) {
    Operation *copy = b.clone(*op, mapping);
    first = first ? first : copy;
    op->moveBefore(branch.elseBlock()->getTerminator());
  }
  return cast<scf::ForOp>(first);
}

namespace {
struct VersionThinDots : loops::impl::VersionThinDotsBase<VersionThinDots> {
  VersionThinDots() = default;
  explicit VersionThinDots(const targets::TargetDesc &desc) : desc(desc) {}

  void runOnOperation() override {
    SmallVector<scf::ForOp> loops;
    getOperation().walk([&](scf::ForOp loop) { loops.push_back(loop); });
    for (scf::ForOp loop : loops)
      if (auto match = matchDotLoop(loop); match && isThinByRows(match->dot))
        if (scf::ForOp thin = findThin(loop, *match))
          makeThin(thin);
  }

private:
  /// The loop that only few rows reach: this one or a copy; null: none.
  scf::ForOp findThin(scf::ForOp loop, DotLoop match);
  void makeThin(scf::ForOp loop);

  targets::TargetDesc desc;
};
} // namespace

scf::ForOp VersionThinDots::findThin(scf::ForOp loop, DotLoop match) {
  // The smallest block there is in Triton is chosen where there is little to
  // do.
  constexpr int64_t fewestRows = 16;
  int64_t rows = tile::shapeOf(match.dot.getType())[0];
  Value left = findRowsLeft(loop, match.a);
  if (!left || !isa<func::FuncOp>(loop->getParentOp()))
    return rows <= fewestRows ? loop : scf::ForOp();
  OpBuilder b(loop);
  Value most = arith::ConstantOp::create(
      b, loop.getLoc(), b.getIntegerAttr(left.getType(), rows));
  Value isThin = arith::CmpIOp::create(b, loop.getLoc(),
                                       arith::CmpIPredicate::sle, left, most);
  return version(loop, isThin);
}

void VersionThinDots::makeThin(scf::ForOp loop) {
  tile::DotOp dot = findCarriedDot(loop);
  // A tile takes as many rows as columns.
  const targets::GroupDot *unit = findGroupDot(dot, desc);
  if (unit && unit->ownRegisters)
    turnLoop(loop, dot);
  else
    dot->setAttr(byRowsAttr, UnitAttr::get(&getContext()));
}

std::unique_ptr<Pass>
loops::createVersionThinDotsPass(const targets::TargetDesc &desc) {
  return std::make_unique<VersionThinDots>(desc);
}
