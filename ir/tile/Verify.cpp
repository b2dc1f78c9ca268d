//===- Verify.cpp - What the ops of the dialect insist on
//
// Part of the Tegula Project, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "ir/tile/Tile.h"

using namespace mlir;
using namespace tegula::tile;

/// Says which op expected what and what it found, in one form everywhere.
static InFlightDiagnostic mismatch(Operation *op, const Twine &what,
                                   Type expected, Type found) {
  return op->emitOpError() << "expects " << what << " of type " << expected
                           << ", found " << found;
}

static LogicalResult expectType(Operation *op, const Twine &what, Type expected,
                                Type found) {
  return expected == found ? success() : mismatch(op, what, expected, found);
}

static LogicalResult expectShape(Operation *op, const Twine &what,
                                 Type expected, Type found) {
  if (shapeOf(expected) == shapeOf(found) &&
      isa<RankedTensorType>(expected) == isa<RankedTensorType>(found))
    return success();
  return op->emitOpError() << "expects " << what << " of the shape of "
                           << expected << ", found " << found;
}

static Type boolLike(Type type) {
  return withElementType(type, IntegerType::get(type.getContext(), 1));
}

//===----------------------------------------------------------------------===//
// Shapes
//===----------------------------------------------------------------------===//

LogicalResult RangeOp::verify() {
  // The accessors of I32Attr are unsigned; a range may start below 0.
  auto start = static_cast<int32_t>(getStart());
  auto end = static_cast<int32_t>(getEnd());
  int64_t size = static_cast<int64_t>(end) - start;
  if (size <= 0)
    return emitOpError() << "expects start < end, found " << start << " to "
                         << end;
  return expectType(
      *this, "a result",
      RankedTensorType::get(size, IntegerType::get(getContext(), 32)),
      getType());
}

LogicalResult SplatOp::verify() {
  return expectType(*this, "a scalar", elementTypeOf(getType()),
                    getSrc().getType());
}

LogicalResult UnsplatOp::verify() {
  if (cast<ShapedType>(getSrc().getType()).getNumElements() != 1)
    return emitOpError() << "expects a tensor of one element, found "
                         << getSrc().getType();
  return expectType(*this, "a result", elementTypeOf(getSrc().getType()),
                    getType());
}

LogicalResult BroadcastOp::verify() {
  ArrayRef<int64_t> from = shapeOf(getSrc().getType());
  ArrayRef<int64_t> to = shapeOf(getType());
  if (from.size() != to.size())
    return emitOpError() << "expects source and result of the same rank, found "
                         << getSrc().getType() << " and " << getType();
  for (auto [dim, source, result] : llvm::enumerate(from, to))
    if (source != result && source != 1)
      return emitOpError() << "expects dimension " << dim << " to be 1 or "
                           << result << ", found " << source;
  return success();
}

LogicalResult ExpandDimsOp::verify() {
  SmallVector<int64_t> expected(shapeOf(getSrc().getType()));
  if (getAxis() > expected.size())
    return emitOpError() << "expects an axis in [0, " << expected.size()
                         << "], found " << static_cast<int32_t>(getAxis());
  expected.insert(expected.begin() + getAxis(), 1);
  return expectType(
      *this, "a result",
      RankedTensorType::get(expected, elementTypeOf(getSrc().getType())),
      getType());
}

LogicalResult ReshapeOp::verify() {
  auto from = cast<ShapedType>(getSrc().getType());
  auto to = cast<ShapedType>(getType());
  if (from.getNumElements() != to.getNumElements())
    return emitOpError() << "expects as many elements as its source has ("
                         << from.getNumElements() << "), found "
                         << to.getNumElements() << " in " << to;
  return success();
}

LogicalResult TransOp::verify() {
  auto from = cast<RankedTensorType>(getSrc().getType());
  SmallVector<bool> seen(from.getRank(), false);
  SmallVector<int64_t> expected;
  if (static_cast<int64_t>(getOrder().size()) != from.getRank())
    return emitOpError() << "expects an order of " << from.getRank()
                         << " dimensions, found " << getOrder().size();
  for (int32_t dim : getOrder()) {
    if (dim < 0 || dim >= from.getRank() || seen[dim])
      return emitOpError() << "expects a permutation of the dimensions; " << dim
                           << " is out of range or stands twice";
    seen[dim] = true;
    expected.push_back(from.getDimSize(dim));
  }
  return expectType(*this, "a result",
                    RankedTensorType::get(expected, from.getElementType()),
                    getType());
}

static Type joined(Type half) {
  SmallVector<int64_t> shape(shapeOf(half));
  shape.push_back(2);
  return RankedTensorType::get(shape, elementTypeOf(half));
}

LogicalResult JoinOp::verify() {
  if (failed(expectType(*this, "a right operand", getLhs().getType(),
                        getRhs().getType())))
    return failure();
  return expectType(*this, "a result", joined(getLhs().getType()), getType());
}

LogicalResult SplitOp::verify() {
  if (failed(expectType(*this, "a second result", getLhs().getType(),
                        getRhs().getType())))
    return failure();
  return expectType(*this, "a source", joined(getLhs().getType()),
                    getSrc().getType());
}

LogicalResult CatOp::verify() {
  SmallVector<int64_t> expected(shapeOf(getLhs().getType()));
  ArrayRef<int64_t> rhs = shapeOf(getRhs().getType());
  if (expected.empty() || expected.size() != rhs.size() ||
      ArrayRef(expected).drop_front() != rhs.drop_front())
    return emitOpError() << "expects operands that differ in the first "
                            "dimension alone, found "
                         << getLhs().getType() << " and " << getRhs().getType();
  expected.front() += rhs.front();
  return expectType(
      *this, "a result",
      RankedTensorType::get(expected, elementTypeOf(getLhs().getType())),
      getType());
}

//===----------------------------------------------------------------------===//
// Pointers
//===----------------------------------------------------------------------===//

LogicalResult PtrAddOp::verify() {
  return expectShape(*this, "an offset", getPtr().getType(),
                     getOffset().getType());
}

LogicalResult PtrCastOp::verify() {
  if (!isPtrLike(getType()))
    return emitOpError() << "expects a pointer as its result, found "
                         << getType();
  return expectShape(*this, "a result", getSrc().getType(), getType());
}

LogicalResult IntToPtrOp::verify() {
  if (!isPtrLike(getType()) || !elementTypeOf(getSrc().getType()).isInteger(64))
    return emitOpError() << "expects an i64 and a pointer, found "
                         << getSrc().getType() << " and " << getType();
  return expectShape(*this, "a result", getSrc().getType(), getType());
}

LogicalResult PtrToIntOp::verify() {
  if (!elementTypeOf(getType()).isInteger(64))
    return emitOpError() << "expects an i64 result, found " << getType();
  return expectShape(*this, "a result", getSrc().getType(), getType());
}

//===----------------------------------------------------------------------===//
// Memory
//===----------------------------------------------------------------------===//

static Type pointeeLike(Type ptrType) {
  return withElementType(
      ptrType, cast<PtrType>(elementTypeOf(ptrType)).getPointeeType());
}

static LogicalResult verifyMask(Operation *op, Value mask, Type tile) {
  return mask ? expectType(op, "a mask", boolLike(tile), mask.getType())
              : success();
}

LogicalResult LoadOp::verify() {
  Type tile = pointeeLike(getPtr().getType());
  if (failed(expectType(*this, "a result", tile, getType())) ||
      failed(verifyMask(*this, getMask(), tile)))
    return failure();
  if (!getOther())
    return success();
  if (!getMask())
    return emitOpError() << "expects a mask where it has an 'other' value";
  return expectType(*this, "an 'other' value", tile, getOther().getType());
}

LogicalResult StoreOp::verify() {
  Type tile = pointeeLike(getPtr().getType());
  if (failed(expectType(*this, "a value", tile, getValue().getType())))
    return failure();
  return verifyMask(*this, getMask(), tile);
}

template <typename BoxOp> static LogicalResult verifyBox(BoxOp op) {
  RankedTensorType tile = op.getTileType();
  size_t rank = tile.getRank();
  auto checkCount = [&](StringRef what, size_t count) -> LogicalResult {
    if (count == rank)
      return success();
    return op.emitOpError()
           << "expects one " << what << " for each of the tile's " << rank
           << " dimensions, found " << count;
  };
  if (failed(checkCount("start", op.getStarts().size())) ||
      failed(checkCount("stride", op.getStrides().size())) ||
      failed(checkCount("lower bound", op.getLowers().size())) ||
      failed(checkCount("upper bound", op.getUppers().size())) ||
      (!op.getWraps().empty() &&
       failed(checkCount("wrap", op.getWraps().size()))))
    return failure();
  if (failed(expectType(op, "a tile element",
                        op.getBase().getType().getPointeeType(),
                        tile.getElementType())))
    return failure();
  if (op.getIndices().size() != op.getIndexedDims().size())
    return op.emitOpError() << "expects as many index tensors as indexed_dims";
  for (auto [index, dim] : llvm::zip(op.getIndices(), op.getIndexedDims())) {
    auto type = cast<RankedTensorType>(index.getType());
    if (dim < 0 || dim >= tile.getRank() || !isIntLike(type) ||
        type.getRank() != 1 || type.getDimSize(0) != tile.getDimSize(dim))
      return op.emitOpError()
             << "expects the index of dimension " << dim
             << " to be a 1-D integer tensor of that dimension's size, found "
             << type;
  }
  return verifyMask(op, op.getMask(), tile);
}

LogicalResult LoadBoxOp::verify() {
  if (failed(verifyBox(*this)))
    return failure();
  return getOther() ? expectType(*this, "an 'other' value", getType(),
                                 getOther().getType())
                    : success();
}

LogicalResult StoreBoxOp::verify() { return verifyBox(*this); }

LogicalResult MakeDescOp::verify() {
  DescType desc = getType();
  size_t rank = desc.getShape().size();
  if (getShape().size() != rank || getStrides().size() != rank)
    return emitOpError() << "expects " << rank
                         << " sizes and strides, one for each dimension of the "
                            "block, found "
                         << getShape().size() << " and " << getStrides().size();
  return expectType(*this, "a base", PtrType::get(desc.getElementType()),
                    getBase().getType());
}

static LogicalResult verifyBlock(Operation *op, DescType desc, size_t indices,
                                 Type tile) {
  if (indices != desc.getShape().size())
    return op->emitOpError() << "expects " << desc.getShape().size()
                             << " indices, found " << indices;
  auto type = cast<RankedTensorType>(tile);
  if (type.getElementType() != desc.getElementType() ||
      type.getNumElements() != desc.getBlockType().getNumElements())
    return mismatch(op, "a tile", desc.getBlockType(), tile);
  return success();
}

LogicalResult DescLoadOp::verify() {
  return verifyBlock(*this, getDesc().getType(), getIndices().size(),
                     getType());
}
LogicalResult DescStoreOp::verify() {
  return verifyBlock(*this, getDesc().getType(), getIndices().size(),
                     getValue().getType());
}
LogicalResult DescReduceOp::verify() {
  return verifyBlock(*this, getDesc().getType(), getIndices().size(),
                     getValue().getType());
}

static LogicalResult verifyRows(Operation *op, DescType desc, Type rows,
                                Type tile) {
  auto type = cast<RankedTensorType>(tile);
  auto rowsType = cast<RankedTensorType>(rows);
  if (desc.getShape().size() != 2 || desc.getShape().front() != 1)
    return op->emitOpError()
           << "expects a descriptor of blocks 1xN, found " << desc;
  if (rowsType.getRank() != 1 || !isIntLike(rows))
    return op->emitOpError()
           << "expects a 1-D integer tensor of rows, found " << rows;
  return expectType(
      op, "a tile",
      RankedTensorType::get({rowsType.getDimSize(0), desc.getShape().back()},
                            desc.getElementType()),
      type);
}

LogicalResult DescGatherOp::verify() {
  return verifyRows(*this, getDesc().getType(), getRows().getType(), getType());
}
LogicalResult DescScatterOp::verify() {
  return verifyRows(*this, getDesc().getType(), getRows().getType(),
                    getValue().getType());
}

LogicalResult AtomicRMWOp::verify() {
  Type tile = pointeeLike(getPtr().getType());
  if (failed(expectType(*this, "a value", tile, getValue().getType())) ||
      failed(expectType(*this, "a result", tile, getType())) ||
      failed(verifyMask(*this, getMask(), tile)))
    return failure();
  bool wantsFloat = llvm::is_contained(
      {AtomicKind::FAdd, AtomicKind::FMax, AtomicKind::FMin}, getKind());
  if (getKind() != AtomicKind::Xchg && wantsFloat != isFloatLike(tile))
    return emitOpError() << stringifyAtomicKind(getKind()) << " expects "
                         << (wantsFloat ? "floats" : "integers") << ", found "
                         << tile;
  return success();
}

LogicalResult AtomicCASOp::verify() {
  Type tile = pointeeLike(getPtr().getType());
  if (failed(expectType(*this, "a value", tile, getValue().getType())))
    return failure();
  return expectType(*this, "a result", tile, getType());
}

LogicalResult AtomicPollOp::verify() {
  return expectType(*this, "an expected value",
                    getPtr().getType().getPointeeType(),
                    getExpected().getType());
}
