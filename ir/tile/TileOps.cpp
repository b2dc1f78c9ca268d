//===- TileOps.cpp - Building, printing and folding
//
// Part of the Tegula Project, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "ir/tile/Tile.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/IR/Builders.h"
#include "mlir/IR/Matchers.h"
#include "mlir/IR/PatternMatch.h"

using namespace mlir;
using namespace tegula::tile;

#define GET_OP_CLASSES
#include "ir/tile/TileOps.cpp.inc"

//===----------------------------------------------------------------------===//
// tile.load, tile.store
//===----------------------------------------------------------------------===//

static Type pointeeLike(Type ptrType) {
  return withElementType(
      ptrType, cast<PtrType>(elementTypeOf(ptrType)).getPointeeType());
}

void LoadOp::build(OpBuilder &builder, OperationState &state, Value ptr,
                   Value mask, Value other) {
  build(builder, state, pointeeLike(ptr.getType()), ptr, mask, other,
        CacheModifier::None, EvictionPolicy::Normal, /*is_volatile=*/false);
}

// The types of mask, other and value follow from the pointer's: only that one
// is written.
static ParseResult parseMaskedAccess(OpAsmParser &parser,
                                     OperationState &result, bool isLoad) {
  OpAsmParser::UnresolvedOperand ptr, value, mask, other;
  bool hasMask = false, hasOther = false;
  if (parser.parseOperand(ptr))
    return failure();
  if (!isLoad && (parser.parseComma() || parser.parseOperand(value)))
    return failure();
  if (succeeded(parser.parseOptionalKeyword("mask"))) {
    hasMask = true;
    if (parser.parseOperand(mask))
      return failure();
  }
  if (isLoad && succeeded(parser.parseOptionalKeyword("other"))) {
    hasOther = true;
    if (parser.parseOperand(other))
      return failure();
  }
  Type ptrType;
  SMLoc typeLoc;
  if (parser.parseOptionalAttrDict(result.attributes) || parser.parseColon() ||
      parser.getCurrentLocation(&typeLoc) || parser.parseType(ptrType))
    return failure();
  if (!isPtrLike(ptrType))
    return parser.emitError(typeLoc)
           << "expected a pointer or a tensor of pointers, found " << ptrType;
  Type valueType = pointeeLike(ptrType);
  Type maskType = withElementType(ptrType, parser.getBuilder().getI1Type());
  if (parser.resolveOperand(ptr, ptrType, result.operands) ||
      (!isLoad && parser.resolveOperand(value, valueType, result.operands)) ||
      (hasMask && parser.resolveOperand(mask, maskType, result.operands)) ||
      (hasOther && parser.resolveOperand(other, valueType, result.operands)))
    return failure();
  if (isLoad)
    result.addTypes(valueType);
  if (isLoad)
    result.addAttribute(
        "operandSegmentSizes",
        parser.getBuilder().getDenseI32ArrayAttr({1, hasMask, hasOther}));
  return success();
}

static void printHints(OpAsmPrinter &printer, Operation *op, Value mask,
                       Value other) {
  if (mask)
    printer << " mask " << mask;
  if (other)
    printer << " other " << other;
  SmallVector<StringRef> elided = {"operandSegmentSizes"};
  if (auto cache = op->getAttrOfType<CacheModifierAttr>("cache");
      cache && cache.getValue() == CacheModifier::None)
    elided.push_back("cache");
  if (auto evict = op->getAttrOfType<EvictionPolicyAttr>("evict");
      evict && evict.getValue() == EvictionPolicy::Normal)
    elided.push_back("evict");
  printer.printOptionalAttrDict(op->getAttrs(), elided);
}

ParseResult LoadOp::parse(OpAsmParser &parser, OperationState &result) {
  return parseMaskedAccess(parser, result, /*isLoad=*/true);
}

void LoadOp::print(OpAsmPrinter &printer) {
  printer << ' ' << getPtr();
  printHints(printer, *this, getMask(), getOther());
  printer << " : " << getPtr().getType();
}

ParseResult StoreOp::parse(OpAsmParser &parser, OperationState &result) {
  return parseMaskedAccess(parser, result, /*isLoad=*/false);
}

void StoreOp::print(OpAsmPrinter &printer) {
  printer << ' ' << getPtr() << ", " << getValue();
  printHints(printer, *this, getMask(), {});
  printer << " : " << getPtr().getType();
}

namespace {
bool isConstantMask(Value mask, bool value) {
  DenseElementsAttr dense;
  if (mask && matchPattern(mask, m_Constant(&dense)))
    return dense.isSplat() && dense.getSplatValue<bool>() == value;
  IntegerAttr scalar;
  if (mask && matchPattern(mask, m_Constant(&scalar)))
    return scalar.getValue().getBoolValue() == value;
  return false;
}

struct FoldLoadMask : OpRewritePattern<LoadOp> {
  using OpRewritePattern::OpRewritePattern;
  LogicalResult matchAndRewrite(LoadOp op,
                                PatternRewriter &rewriter) const override {
    if (isConstantMask(op.getMask(), true)) {
      rewriter.modifyOpInPlace(op, [&] {
        op.getOtherMutable().clear();
        op.getMaskMutable().clear();
      });
      return success();
    }
    if (isConstantMask(op.getMask(), false) && op.getOther() &&
        !op.getIsVolatile()) {
      rewriter.replaceOp(op, op.getOther());
      return success();
    }
    return rewriter.notifyMatchFailure(op, "the mask is not constant");
  }
};

struct FoldStoreMask : OpRewritePattern<StoreOp> {
  using OpRewritePattern::OpRewritePattern;
  LogicalResult matchAndRewrite(StoreOp op,
                                PatternRewriter &rewriter) const override {
    if (isConstantMask(op.getMask(), true)) {
      rewriter.modifyOpInPlace(op, [&] { op.getMaskMutable().clear(); });
      return success();
    }
    if (isConstantMask(op.getMask(), false)) {
      rewriter.eraseOp(op);
      return success();
    }
    return rewriter.notifyMatchFailure(op, "the mask is not constant");
  }
};
} // namespace

void LoadOp::getCanonicalizationPatterns(RewritePatternSet &patterns,
                                         MLIRContext *context) {
  patterns.add<FoldLoadMask>(context);
}
void StoreOp::getCanonicalizationPatterns(RewritePatternSet &patterns,
                                          MLIRContext *context) {
  patterns.add<FoldStoreMask>(context);
}

//===----------------------------------------------------------------------===//
// Boxes
//===----------------------------------------------------------------------===//

static int64_t findIndexOperand(ArrayRef<int64_t> indexedDims, int64_t dim) {
  auto it = llvm::find(indexedDims, dim);
  return it == indexedDims.end() ? -1 : it - indexedDims.begin();
}

RankedTensorType LoadBoxOp::getTileType() {
  return cast<RankedTensorType>(getResult().getType());
}
int64_t LoadBoxOp::indexOperandOf(int64_t dim) {
  return findIndexOperand(getIndexedDims(), dim);
}
RankedTensorType StoreBoxOp::getTileType() {
  return cast<RankedTensorType>(getValue().getType());
}
int64_t StoreBoxOp::indexOperandOf(int64_t dim) {
  return findIndexOperand(getIndexedDims(), dim);
}

//===----------------------------------------------------------------------===//
// Folders
//===----------------------------------------------------------------------===//

OpFoldResult SplatOp::fold(FoldAdaptor adaptor) {
  Attribute scalar = adaptor.getSrc();
  if (!isa_and_nonnull<IntegerAttr, FloatAttr>(scalar))
    return {};
  return SplatElementsAttr::get(cast<ShapedType>(getType()), scalar);
}

OpFoldResult UnsplatOp::fold(FoldAdaptor adaptor) {
  if (auto dense = dyn_cast_or_null<SplatElementsAttr>(adaptor.getSrc()))
    return dense.getSplatValue<Attribute>();
  if (auto splat = getSrc().getDefiningOp<SplatOp>())
    return splat.getSrc();
  return {};
}

/// The fold of an op that only changes the shape: splats stay splats.
static OpFoldResult foldShapeChange(Attribute source, Value value,
                                    Type result) {
  if (value.getType() == result)
    return value;
  if (auto splat = dyn_cast_or_null<SplatElementsAttr>(source))
    return splat.resizeSplat(cast<ShapedType>(result));
  return {};
}

OpFoldResult BroadcastOp::fold(FoldAdaptor adaptor) {
  if (auto inner = getSrc().getDefiningOp<BroadcastOp>()) {
    getSrcMutable().assign(inner.getSrc());
    return getResult();
  }
  return foldShapeChange(adaptor.getSrc(), getSrc(), getType());
}

OpFoldResult ExpandDimsOp::fold(FoldAdaptor adaptor) {
  return foldShapeChange(adaptor.getSrc(), getSrc(), getType());
}

OpFoldResult ReshapeOp::fold(FoldAdaptor adaptor) {
  if (auto inner = getSrc().getDefiningOp<ReshapeOp>();
      inner && !inner.getAllowReorder()) {
    getSrcMutable().assign(inner.getSrc());
    return getResult();
  }
  return foldShapeChange(adaptor.getSrc(), getSrc(), getType());
}

OpFoldResult TransOp::fold(FoldAdaptor adaptor) {
  bool identity = true;
  for (auto [dim, from] : llvm::enumerate(getOrder()))
    identity &= static_cast<int64_t>(dim) == from;
  if (identity)
    return getSrc();
  if (getSrc().getType() == getType() && !adaptor.getSrc())
    return {}; // A square transpose changes no type but moves elements.
  if (auto splat = dyn_cast_or_null<SplatElementsAttr>(adaptor.getSrc()))
    return splat.resizeSplat(cast<ShapedType>(getType()));
  return {};
}

OpFoldResult PtrAddOp::fold(FoldAdaptor adaptor) {
  if (matchPattern(getOffset(), m_Zero()))
    return getPtr();
  return {};
}
