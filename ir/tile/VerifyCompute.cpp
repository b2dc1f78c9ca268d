//===- VerifyCompute.cpp - What the computing ops insist on
//
// Part of the Tegula Project, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "ir/tile/Tile.h"

using namespace mlir;
using namespace tegula::tile;

LogicalResult FpConvertOp::verify() {
  if (shapeOf(getSrc().getType()) != shapeOf(getType()))
    return emitOpError() << "expects source and result of one shape, found "
                         << getSrc().getType() << " and " << getType();
  return success();
}

LogicalResult ExternMathOp::verify() {
  for (Value arg : getArgs())
    if (shapeOf(arg.getType()) != shapeOf(getType()))
      return emitOpError() << "expects operands of the result's shape ("
                           << getType() << "), found " << arg.getType();
  if (getArgs().empty())
    return emitOpError() << "expects at least one operand";
  return success();
}

static LogicalResult verifyRegionTypes(Operation *op, Block &block,
                                       ArrayRef<Type> arguments,
                                       ArrayRef<Type> yielded) {
  if (TypeRange(block.getArgumentTypes()) != TypeRange(arguments))
    return op->emitOpError() << "expects a region with arguments (" << arguments
                             << "), found (" << block.getArgumentTypes() << ")";
  Operation *yield = block.getTerminator();
  if (TypeRange(yield->getOperandTypes()) != TypeRange(yielded))
    return yield->emitOpError()
           << "expects values of types (" << yielded << "), found ("
           << yield->getOperandTypes() << ")";
  return success();
}

LogicalResult MapElementwiseOp::verify() {
  if (getArgs().empty() || getOuts().empty())
    return emitOpError() << "expects at least one operand and one result";
  ArrayRef<int64_t> shape = shapeOf(getArgs().front().getType());
  SmallVector<Type> arguments, yielded;
  auto collect = [&](TypeRange types, SmallVector<Type> &elements) {
    for (Type type : types) {
      if (shapeOf(type) != shape)
        return failure();
      elements.append(getPack(), elementTypeOf(type));
    }
    return success();
  };
  if (failed(collect(getArgs().getTypes(), arguments)) ||
      failed(collect(getOuts().getTypes(), yielded)))
    return emitOpError() << "expects operands and results of one shape";
  int64_t elements =
      cast<ShapedType>(getArgs().front().getType()).getNumElements();
  if (static_cast<int32_t>(getPack()) < 1 || elements % getPack() != 0)
    return emitOpError() << "expects a pack that divides the " << elements
                         << " elements, found "
                         << static_cast<int32_t>(getPack());
  return verifyRegionTypes(*this, getBody().front(), arguments, yielded);
}

/// Reduce and scan: operands of one shape, an axis of it, and a combiner of two
/// groups of scalars.
static LogicalResult
verifyAxisRegion(Operation *op, OperandRange srcs, int64_t axis, Region &region,
                 function_ref<Type(RankedTensorType)> resultOf) {
  if (srcs.empty())
    return op->emitOpError() << "expects at least one operand";
  if (srcs.size() != op->getNumResults())
    return op->emitOpError()
           << "expects as many results as operands (" << srcs.size()
           << "), found " << op->getNumResults();
  auto first = cast<RankedTensorType>(srcs.front().getType());
  if (axis < 0 || axis >= first.getRank())
    return op->emitOpError() << "expects an axis in [0, " << first.getRank()
                             << "), found " << axis;
  SmallVector<Type> elements;
  for (auto [src, result] : llvm::zip(srcs, op->getResults())) {
    auto type = cast<RankedTensorType>(src.getType());
    if (type.getShape() != first.getShape())
      return op->emitOpError() << "expects operands of one shape, found "
                               << first << " and " << type;
    if (result.getType() != resultOf(type))
      return op->emitOpError() << "expects a result of type " << resultOf(type)
                               << ", found " << result.getType();
    elements.push_back(type.getElementType());
  }
  SmallVector<Type> arguments(elements);
  arguments.append(elements);
  return verifyRegionTypes(op, region.front(), arguments, elements);
}

LogicalResult ReduceOp::verify() {
  int64_t axis = static_cast<int32_t>(getAxis());
  return verifyAxisRegion(
      *this, getSrcs(), axis, getCombine(), [&](RankedTensorType type) -> Type {
        SmallVector<int64_t> shape(type.getShape());
        shape.erase(shape.begin() + axis);
        if (shape.empty())
          return type.getElementType();
        return RankedTensorType::get(shape, type.getElementType());
      });
}

LogicalResult ScanOp::verify() {
  return verifyAxisRegion(*this, getSrcs(), static_cast<int32_t>(getAxis()),
                          getCombine(),
                          [](RankedTensorType type) -> Type { return type; });
}

LogicalResult GatherOp::verify() {
  auto src = cast<RankedTensorType>(getSrc().getType());
  auto indices = cast<RankedTensorType>(getIndices().getType());
  if (!isIntLike(indices))
    return emitOpError() << "expects integer indices, found " << indices;
  if (src.getRank() != indices.getRank() ||
      getAxis() >= static_cast<uint64_t>(src.getRank()))
    return emitOpError() << "expects source and indices of one rank and an "
                            "axis within it, found "
                         << src << " and " << indices;
  for (int64_t dim = 0; dim < src.getRank(); ++dim)
    if (dim != static_cast<int64_t>(getAxis()) &&
        src.getDimSize(dim) != indices.getDimSize(dim))
      return emitOpError() << "expects source and indices to differ along the "
                              "axis alone, found "
                           << src << " and " << indices;
  if (getType() != indices.clone(src.getElementType()))
    return emitOpError() << "expects a result of type "
                         << indices.clone(src.getElementType()) << ", found "
                         << getType();
  return success();
}

LogicalResult HistogramOp::verify() {
  auto src = cast<RankedTensorType>(getSrc().getType());
  auto result = cast<RankedTensorType>(getType());
  if (!isIntLike(src) || !isIntLike(result) || result.getRank() != 1)
    return emitOpError() << "expects integers and a 1-D integer result, found "
                         << src << " and " << result;
  if (getMask() && (shapeOf(getMask().getType()) != src.getShape() ||
                    !isBoolLike(getMask().getType())))
    return emitOpError() << "expects an i1 mask of the source's shape, found "
                         << getMask().getType();
  return success();
}

//===----------------------------------------------------------------------===//
// Matrix products
//===----------------------------------------------------------------------===//

/// Checks B x M x K (or M x K), K x N and M x N; `packA`, `packB` say how many
/// elements one stored element holds along K.
static LogicalResult verifyProduct(Operation *op, RankedTensorType a,
                                   RankedTensorType b, RankedTensorType c,
                                   int64_t packAM, int64_t packAK,
                                   int64_t packBK, int64_t packBN) {
  int64_t rank = c.getRank();
  if (a.getRank() != rank || b.getRank() != rank || (rank != 2 && rank != 3))
    return op->emitOpError()
           << "expects three operands of rank 2, or of rank 3, found " << a
           << ", " << b << " and " << c;
  bool batches = rank == 2 || (a.getDimSize(0) == b.getDimSize(0) &&
                               a.getDimSize(0) == c.getDimSize(0));
  int64_t m = a.getDimSize(rank - 2) * packAM;
  int64_t ka = a.getDimSize(rank - 1) * packAK;
  int64_t kb = b.getDimSize(rank - 2) * packBK;
  int64_t n = b.getDimSize(rank - 1) * packBN;
  if (!batches || ka != kb || m != c.getDimSize(rank - 2) ||
      n != c.getDimSize(rank - 1))
    return op->emitOpError() << "expects MxK, KxN and MxN, found " << a << ", "
                             << b << " and " << c;
  return success();
}

LogicalResult DotOp::verify() {
  auto a = cast<RankedTensorType>(getA().getType());
  auto b = cast<RankedTensorType>(getB().getType());
  auto c = cast<RankedTensorType>(getC().getType());
  if (getType() != c)
    return emitOpError() << "expects a result of the accumulator's type " << c
                         << ", found " << getType();
  if (isIntLike(a) != isIntLike(b) || isIntLike(a) != isIntLike(c))
    return emitOpError() << "expects three integer or three float operands, "
                            "found "
                         << a << ", " << b << " and " << c;
  return verifyProduct(*this, a, b, c, 1, 1, 1, 1);
}

LogicalResult DotScaledOp::verify() {
  auto a = cast<RankedTensorType>(getA().getType());
  auto b = cast<RankedTensorType>(getB().getType());
  auto c = cast<RankedTensorType>(getC().getType());
  if (getType() != c)
    return emitOpError() << "expects a result of the accumulator's type " << c
                         << ", found " << getType();
  int64_t packA = getAFormat() == ScaledFormat::E2M1 ? 2 : 1;
  int64_t packB = getBFormat() == ScaledFormat::E2M1 ? 2 : 1;
  return verifyProduct(*this, a, b, c, getAKPack() ? 1 : packA,
                       getAKPack() ? packA : 1, getBKPack() ? packB : 1,
                       getBKPack() ? 1 : packB);
}

LogicalResult PrintOp::verify() {
  if (!getIsSigned().empty() && getIsSigned().size() != getArgs().size())
    return emitOpError() << "expects one is_signed entry for each argument ("
                         << getArgs().size() << "), found "
                         << getIsSigned().size();
  return success();
}
