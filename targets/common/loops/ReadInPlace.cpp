//===- ReadInPlace.cpp - Operands that products take from user memory -----===//
//
// Part of the Tegula Project, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Registers that hold tiles are loaded row by row from anywhere, so a left
// operand needs no copy: which one is read in place the form says, and whether
// it is whole, so that nothing beyond its bounds is read, is decided at run
// time.
//
//===----------------------------------------------------------------------===//

#include "mlir/IR/Matchers.h"
#include "targets/common/loops/Lowering.h"
#include "tegula/abi.h"

using namespace mlir;
using namespace tegula;
using namespace tegula::loops;

/// The left operand, if it is a matrix in user memory whose rows can be loaded
/// into tiles from where they lie; else null.
tile::LoadBoxOp Lowering::findRowsInMemory(tile::DotOp op,
                                           const DotForm &form) const {
  auto box = op.getA().getDefiningOp<tile::LoadBoxOp>();
  auto isAtMostZero = [](Value bound) {
    APInt value;
    return matchPattern(bound, m_ConstantInt(&value)) &&
           !value.isStrictlyPositive();
  };
  if (!form.isTiled() || !box || ready.contains(box.getResult()) ||
      placement.inArena(box.getResult()) || box.getMask() ||
      box.getIsVolatile() || !box.getIndices().empty() ||
      tile::elementTypeOf(box.getType()) != form.operand ||
      !matchPattern(box.getStrides()[1], m_One()) ||
      !llvm::all_of(box.getLowers(), isAtMostZero))
    return {};
  return box;
}

/// Are all elements of the box that the product reads inside of its bounds, and
/// one after the other? Null: always.
Value Lowering::isWhole(tile::LoadBoxOp box, const DotForm &form) {
  Value whole;
  auto require = [&](arith::CmpIPredicate predicate, Value a, Value b_) {
    whole = andMasks(whole, arith::CmpIOp::create(b, predicate, a, b_));
  };
  ArrayRef<int64_t> shape = tile::shapeOf(box.getType());
  for (auto [dim, size] : llvm::enumerate(shape)) {
    Value bound = box.getUppers()[dim];
    if (auto known = constantOf(bound); known && *known >= size)
      continue;
    Value upper = clamp(scalar(bound), 0, size);
    // Along K, the last step of the micro-kernel must not reach beyond.
    if (dim == 1 && bound == form.depth)
      require(arith::CmpIPredicate::eq, divRem(upper, form.step()).second,
              constant(0));
    else
      require(arith::CmpIPredicate::eq, upper, constant(size));
  }
  for (auto [dim, wrap] : llvm::enumerate(box.getWraps())) {
    if (constantOf(wrap) == 0)
      continue;
    Value start = scalar(box.getStarts()[dim]);
    require(arith::CmpIPredicate::sge, start, constant(0));
    require(arith::CmpIPredicate::sle, add(start, constant(shape[dim])),
            scalar(wrap));
  }
  return whole;
}

/// Rows in the arrays if the box is whole, else packed.
FailureOr<Buffer> Lowering::readInPlace(tile::LoadBoxOp box, tile::DotOp op,
                                        const DotForm &form) {
  Value whole = isWhole(box, form);
  // Blocks of results are stored while the operands are still read.
  if (epilogues.contains(op))
    whole = andMasks(whole, launchFlag(TEGULA_LAUNCH_NO_ALIAS));
  Value pitch = scalar(box.getStrides()[0]);
  Value index =
      add(mul(scalar(box.getStarts()[0]), pitch), scalar(box.getStarts()[1]));
  Value base = elementPtr(scalar(box.getBase()), index, form.operand);
  Buffer rows{0, form.operand,
              SmallVector<int64_t, 4>(tile::shapeOf(box.getType()))};
  if (whole) {
    auto branch =
        scf::IfOp::create(b, TypeRange{base.getType(), pitch.getType()}, whole,
                          /*withElseRegion=*/true);
    OpBuilder::InsertionGuard guard(b);
    b.setInsertionPointToStart(branch.thenBlock());
    scf::YieldOp::create(b, ValueRange{base, pitch});
    b.setInsertionPointToStart(branch.elseBlock());
    auto copy = packRowsOnce(op, form);
    if (failed(copy))
      return failure();
    scf::YieldOp::create(b, ValueRange{bufferAddress(*copy, constant(0)),
                                       constant(rows.shape.back())});
    base = branch.getResult(0);
    pitch = branch.getResult(1);
  }
  rows.base = base;
  rows.pitch = pitch;
  if (auto loop = op->getParentOfType<scf::ForOp>();
      loop && loop == box->getParentOfType<scf::ForOp>())
    rows.ahead = distanceAcross(box, loop);
  return rows;
}
