//===- PullShape.cpp - Chunks through changes of shape
//
// Part of the Tegula Project, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "mlir/Dialect/Vector/IR/VectorOps.h"
#include "targets/common/loops/Lowering.h"

using namespace mlir;
using namespace tegula;
using namespace tegula::loops;

Value Lowering::pullBroadcast(tile::BroadcastOp op, const Chunk &chunk) {
  Chunk inner = chunk;
  ArrayRef<int64_t> from = tile::shapeOf(op.getSrc().getType());
  ArrayRef<int64_t> to = tile::shapeOf(op.getType());
  for (int dim = 0, rank = from.size(); dim < rank; ++dim) {
    if (from[dim] == to[dim])
      continue;
    inner.coords[dim] = constant(0);
    if (inner.lanesDim == dim)
      inner.lanesDim = -1;
  }
  return pullLanes(op.getSrc(), inner, chunk.lanes);
}

Value Lowering::pullExpandDims(tile::ExpandDimsOp op, const Chunk &chunk) {
  int axis = op.getAxis();
  Chunk inner = chunk;
  inner.coords.erase(inner.coords.begin() + axis);
  if (inner.lanesDim == axis)
    inner.lanesDim = -1;
  else if (inner.lanesDim > axis)
    --inner.lanesDim;
  return pullLanes(op.getSrc(), inner, chunk.lanes);
}

Value Lowering::pullTrans(tile::TransOp op, const Chunk &chunk) {
  Chunk inner = chunk;
  for (auto [dim, from] : llvm::enumerate(op.getOrder())) {
    inner.coords[from] = chunk.coords[dim];
    if (chunk.lanesDim == static_cast<int>(dim))
      inner.lanesDim = from;
  }
  return pull(op.getSrc(), inner);
}

static int64_t productOf(ArrayRef<int64_t> shape) {
  int64_t product = 1;
  for (int64_t size : shape)
    product *= size;
  return product;
}

Value Lowering::pullReshape(tile::ReshapeOp op, const Chunk &chunk) {
  ArrayRef<int64_t> from = tile::shapeOf(op.getSrc().getType());
  ArrayRef<int64_t> to = tile::shapeOf(op.getType());
  Chunk inner;
  inner.lanes = chunk.lanes;
  inner.coords.resize(from.size());
  // Lanes stay contiguous if a strip of them never leaves a row of the source.
  // Strips start at multiples of their lanes, sizes are powers of two.
  bool trailing =
      chunk.lanesDim >= 0 && productOf(to.drop_front(chunk.lanesDim + 1)) == 1;
  bool contiguous = trailing && from.back() % chunk.lanes == 0 &&
                    to[chunk.lanesDim] % chunk.lanes == 0 &&
                    llvm::all_of(chunk.coords, [](Value c) {
                      return !isa<VectorType>(c.getType());
                    });
  bool isScalar = chunk.isScalar();
  Buffer linear{0, op.getType(), SmallVector<int64_t, 4>(to)};
  Value index;
  if (contiguous || isScalar) {
    Chunk first = chunk;
    first.lanesDim = -1;
    first.lanes = 1;
    index = bufferIndex(linear, first);
    inner.lanesDim = isScalar ? -1 : static_cast<int>(from.size()) - 1;
  } else {
    Chunk each = chunk;
    for (unsigned dim = 0; dim < to.size(); ++dim)
      each.coords[dim] = perLane(chunk, dim);
    each.lanesDim = -1;
    index = bufferIndex(linear, each);
  }
  for (int dim = from.size() - 1; dim > 0; --dim)
    std::tie(index, inner.coords[dim]) = divRem(index, from[dim]);
  inner.coords[0] = index;
  return pullLanes(op.getSrc(), inner, chunk.lanes);
}

Value Lowering::pullJoin(tile::JoinOp op, const Chunk &chunk) {
  if (!isTensor(op.getLhs())) {
    Value which = perLane(chunk, 0);
    Value isLeft = arith::CmpIOp::create(b, arith::CmpIPredicate::eq, which,
                                         toVector(constant(0), chunk.lanes));
    return arith::SelectOp::create(b, isLeft,
                                   toVector(scalar(op.getLhs()), chunk.lanes),
                                   toVector(scalar(op.getRhs()), chunk.lanes));
  }
  unsigned last = chunk.coords.size() - 1;
  Chunk inner = chunk;
  Value which = perLane(chunk, last);
  inner.coords.pop_back();
  if (chunk.lanesDim == static_cast<int>(last))
    inner.lanesDim = -1;
  if (auto known = constantOf(chunk.coords[last]);
      known && chunk.lanesDim != static_cast<int>(last))
    return pullLanes(*known == 0 ? op.getLhs() : op.getRhs(), inner,
                     chunk.lanes);
  Value lhs = pullLanes(op.getLhs(), inner, chunk.lanes);
  Value rhs = pullLanes(op.getRhs(), inner, chunk.lanes);
  Value isLeft = arith::CmpIOp::create(b, arith::CmpIPredicate::eq, which,
                                       toVector(constant(0), chunk.lanes));
  return arith::SelectOp::create(b, isLeft, lhs, rhs);
}

Value Lowering::pullSplit(tile::SplitOp op, Value result, const Chunk &chunk) {
  Chunk inner = chunk;
  inner.coords.push_back(constant(result == op.getLhs() ? 0 : 1));
  return pullLanes(op.getSrc(), inner, chunk.lanes);
}

Value Lowering::pullCat(tile::CatOp op, const Chunk &chunk) {
  int64_t leftSize = tile::shapeOf(op.getLhs().getType()).front();
  int64_t rightSize = tile::shapeOf(op.getRhs().getType()).front();
  // Strips may straddle the seam only if it is not a multiple of the lanes;
  // then each lane goes its own way.
  Chunk lanes = chunk;
  if (chunk.lanesDim == 0 && leftSize % chunk.lanes != 0) {
    for (unsigned dim = 0; dim < chunk.coords.size(); ++dim)
      lanes.coords[dim] = perLane(chunk, dim);
    lanes.lanesDim = -1;
  }
  Value coord = lanes.coords[0];
  auto vector = dyn_cast<VectorType>(coord.getType());
  int64_t width = vector ? vector.getDimSize(0) : 1;
  auto operand = [&](int64_t value) {
    return toVector(constant(value), width);
  };
  int64_t span = lanes.lanesDim == 0 ? chunk.lanes : 1;
  Value isLeft = arith::CmpIOp::create(b, arith::CmpIPredicate::slt, coord,
                                       operand(leftSize));
  Chunk left = lanes, right = lanes;
  left.coords[0] = arith::MinSIOp::create(b, coord, operand(leftSize - span));
  right.coords[0] = arith::MinSIOp::create(
      b,
      arith::MaxSIOp::create(
          b, arith::SubIOp::create(b, coord, operand(leftSize)), operand(0)),
      operand(std::max<int64_t>(0, rightSize - span)));
  Value lhs = pullLanes(op.getLhs(), left, chunk.lanes);
  Value rhs = pullLanes(op.getRhs(), right, chunk.lanes);
  return arith::SelectOp::create(b, isLeft, lhs, rhs);
}

/// The bits that are flipped in the position of each element, an i64 on the
/// machine, where that is what a gather does: the exchange of a sorting
/// network.
Value Lowering::findFlip(tile::GatherOp op) {
  auto flip = op.getIndices().getDefiningOp<arith::XOrIOp>();
  int64_t size = tile::shapeOf(op.getType()).front();
  if (!flip || op.getType().getRank() != 1 || !llvm::isPowerOf2_64(size) ||
      tile::shapeOf(op.getSrc().getType()).front() != size)
    return {};
  Value bits = flip.getRhs();
  auto range = flip.getLhs().getDefiningOp<tile::RangeOp>();
  if (!range) {
    range = flip.getRhs().getDefiningOp<tile::RangeOp>();
    bits = flip.getLhs();
  }
  if (!range || range.getStart() != 0)
    return {};
  DenseElementsAttr numbers;
  if (matchPattern(bits, m_Constant(&numbers)) && numbers.isSplat())
    return constant(numbers.getSplatValue<APInt>().getZExtValue());
  auto splat = bits.getDefiningOp<tile::SplatOp>();
  if (!splat)
    return {};
  Value number = scalar(splat.getSrc());
  return number.getType().isInteger(64)
             ? number
             : arith::ExtUIOp::create(b, b.getI64Type(), number);
}

/// The chunk with the bits of `flip` flipped in each position: the high ones
/// choose another strip, the low ones other lanes of it.
Value Lowering::pullFlipped(Value src, Value flip, const Chunk &chunk) {
  int64_t lanes = chunk.lanes, size = tile::shapeOf(src.getType()).front();
  auto known = constantOf(flip);
  // A position outside gives some element, never a fault.
  auto bits = [&](int64_t mask) -> Value {
    return known ? constant(*known & mask)
                 : arith::AndIOp::create(b, flip, constant(mask));
  };
  Chunk strip = chunk;
  Value other = bits((size - 1) & -lanes);
  if (constantOf(other) != 0) {
    strip.coords[0] = arith::XOrIOp::create(b, chunk.coords[0], other);
    levels[current].coords.insert(strip.coords[0]);
  }
  Value result = toVector(pull(src, strip), lanes);
  auto exchange = [&](int64_t bit) -> Value {
    auto from = llvm::map_to_vector(llvm::seq<int64_t>(0, lanes),
                                    [&](int64_t lane) { return lane ^ bit; });
    return vector::ShuffleOp::create(b, result, result, from);
  };
  if (known)
    return *known & (lanes - 1) ? exchange(*known & (lanes - 1)) : result;
  for (int64_t bit = 1; bit < lanes; bit *= 2) {
    Value isSet = arith::CmpIOp::create(b, arith::CmpIPredicate::ne, bits(bit),
                                        constant(0));
    auto branch = scf::IfOp::create(b, result.getType(), isSet,
                                    /*withElseRegion=*/true);
    OpBuilder::InsertionGuard guard(b);
    b.setInsertionPointToStart(branch.thenBlock());
    scf::YieldOp::create(b, exchange(bit));
    b.setInsertionPointToStart(branch.elseBlock());
    scf::YieldOp::create(b, result);
    result = branch.getResult(0);
  }
  return result;
}

Value Lowering::pullGather(tile::GatherOp op, const Chunk &chunk) {
  if (Value flip = findFlip(op); flip && chunk.lanesDim == 0 && chunk.lanes > 1)
    return pullFlipped(op.getSrc(), flip, chunk);
  int64_t size = tile::shapeOf(op.getSrc().getType())[op.getAxis()];
  Value index = pull(op.getIndices(), chunk);
  Type i64 = chunkType(b.getI64Type(), chunk.lanes);
  if (index.getType() != i64)
    index = arith::ExtSIOp::create(b, i64, index);
  // An index outside gives some element, never a fault.
  index = arith::MinUIOp::create(b, index,
                                 toVector(constant(size - 1), chunk.lanes));
  Chunk inner = chunk;
  for (unsigned dim = 0; dim < chunk.coords.size(); ++dim)
    inner.coords[dim] = dim == op.getAxis() ? index : perLane(chunk, dim);
  inner.lanesDim = -1;
  return pullLanes(op.getSrc(), inner, chunk.lanes);
}
