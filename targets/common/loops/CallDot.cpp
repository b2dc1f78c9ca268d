//===- CallDot.cpp - Products by the runtime's library --------------------===//
//
// Part of the Tegula Project, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// The other provider of products of whole tiles, chosen by the description
// (`dotLibrary`, which `tegula tune` tries): one call of `multiply` of abi.h
// adds A B to a row-major accumulator in the arena. An operand that is a box of
// an array is passed where it lies, cut to its bounds; any other is stored in
// the arena first.
//
//===----------------------------------------------------------------------===//

#include "ir/analysis/AffineIndex.h"
#include "mlir/IR/Matchers.h"
#include "targets/common/loops/Demand.h"
#include "targets/common/loops/DotLoop.h"
#include "targets/common/loops/Lowering.h"

using namespace mlir;
using namespace tegula;
using namespace tegula::loops;

bool Lowering::callsLibrary(tile::DotOp op) const {
  auto isF32 = [](Value value) {
    return tile::elementTypeOf(value.getType()).isF32();
  };
  return desc.dotLibrary && isF32(op.getA()) && isF32(op.getB()) &&
         isF32(op.getResult()) &&
         cast<RankedTensorType>(op.getType()).getRank() == 2;
}

/// The box behind an operand that can be passed as it lies: nothing is
/// computed on the way, and it is an array with plain bounds.
static tile::LoadBoxOp plainBox(Value operand, bool &isTurned) {
  if (auto trans = operand.getDefiningOp<tile::TransOp>()) {
    isTurned = trans.getOrder()[0] == 1;
    operand = trans.getSrc();
  }
  auto box = operand.getDefiningOp<tile::LoadBoxOp>();
  if (!box || !box.getIndices().empty() || box.getMask() ||
      box.getIsVolatile() ||
      (box.getOther() && !matchPattern(box.getOther(), m_AnyZeroFloat())))
    return {};
  auto isZero = [](Value value) { return matchPattern(value, m_Zero()); };
  if (!llvm::all_of(box.getLowers(), isZero) ||
      !llvm::all_of(box.getWraps(), isZero) ||
      !llvm::any_of(box.getStrides(),
                    [](Value stride) { return matchPattern(stride, m_One()); }))
    return {};
  return box;
}

/// May a tile of `size` along a dimension be cut at `upper`: is nothing asked
/// for beyond it? Zeros there would still meet what is infinite.
static bool isCutLegal(Value upper, int64_t size, Value demand) {
  APInt known;
  if (matchPattern(upper, m_ConstantInt(&known)))
    return known.getSExtValue() >= size;
  if (!demand)
    return false;
  ir::IndexAnalysis analysis;
  return upper == demand || analysis.scalar(upper) == analysis.scalar(demand);
}

/// `depthDim` of the operand runs along K; `demand` is the bound on what is
/// read of the result along its other dimension.
std::optional<Lowering::Matrix>
Lowering::boxMatrix(tile::DotOp op, Value operand, int depthDim, Value demand) {
  bool isTurned = false;
  tile::LoadBoxOp box = plainBox(operand, isTurned);
  if (!box || ready.contains(operand) || ready.contains(box.getResult()) ||
      pending.contains(box.getResult()))
    return std::nullopt;
  auto shape = cast<RankedTensorType>(operand.getType()).getShape();
  auto dimOf = [&](int dim) { return isTurned ? 1 - dim : dim; };
  auto upper = [&](int dim) { return box.getUppers()[dimOf(dim)]; };
  if (!isCutLegal(upper(1 - depthDim), shape[1 - depthDim], demand) ||
      !isCutLegal(upper(depthDim), shape[depthDim], findDepth(op)))
    return std::nullopt;
  Matrix matrix;
  Value index = constant(0);
  for (auto [start, stride] : llvm::zip(box.getStarts(), box.getStrides()))
    index = add(index, mul(scalar(start), scalar(stride)));
  matrix.address = elementPtr(scalar(box.getBase()), index, b.getF32Type());
  for (int dim : {0, 1}) {
    matrix.strides[dim] = scalar(box.getStrides()[dimOf(dim)]);
    matrix.extents[dim] = clamp(scalar(upper(dim)), 0, shape[dim]);
  }
  return matrix;
}

FailureOr<Lowering::Matrix> Lowering::arenaMatrix(Value operand) {
  auto type = cast<RankedTensorType>(operand.getType());
  auto held = ready.find(operand);
  Buffer buffer;
  if (held != ready.end() && held->second.holdsAll(type.getElementType()) &&
      !held->second.panel) {
    buffer = held->second;
  } else {
    buffer = allocate(type.getElementType(), type.getShape());
    if (failed(materialize(operand, buffer)))
      return failure();
  }
  Matrix matrix;
  matrix.address = bufferAddress(buffer, constant(0));
  for (int dim : {0, 1})
    matrix.extents[dim] = constant(type.getDimSize(dim));
  matrix.strides[buffer.byColumns] =
      constant(type.getDimSize(buffer.byColumns ? 0 : 1));
  matrix.strides[!buffer.byColumns] = constant(1);
  return matrix;
}

LogicalResult Lowering::callDot(tile::DotOp op) {
  auto type = cast<RankedTensorType>(op.getType());
  SmallVector<Value> demand = findDemand(op);
  auto operandMatrix = [&](Value operand, int depthDim, Value bound) {
    std::optional<Matrix> box = boxMatrix(op, operand, depthDim, bound);
    return box ? FailureOr<Matrix>(*box) : arenaMatrix(operand);
  };
  FailureOr<Matrix> left = operandMatrix(op.getA(), 1, demand[0]);
  FailureOr<Matrix> right = operandMatrix(op.getB(), 0, demand[1]);
  if (failed(left) || failed(right))
    return failure();
  auto chosen = wanted.find(op.getResult());
  Buffer c = chosen != wanted.end()
                 ? chosen->second
                 : allocate(type.getElementType(), type.getShape());
  auto held = ready.find(op.getC());
  if ((held == ready.end() || held->second.offset != c.offset) &&
      failed(materialize(op.getC(), c)))
    return failure();
  Value depth = arith::MinSIOp::create(b, left->extents[1], right->extents[0]);
  Value words[] = {left->extents[0],
                   right->extents[1],
                   depth,
                   left->address,
                   left->strides[0],
                   left->strides[1],
                   right->address,
                   right->strides[0],
                   right->strides[1],
                   bufferAddress(c, constant(0)),
                   constant(type.getDimSize(1))};
  callMultiply(words);
  ready[op.getResult()] = c;
  return success();
}
