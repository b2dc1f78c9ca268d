//===- ExpandBlockPointers.cpp - Pointers to blocks, taken apart ----------===//
//
// Part of the Tegula Project, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Up to Triton 3.8 `!tt.ptr<tensor<MxNxT>>` is a value that loops carry. It
// becomes 1 + 3 * rank values: base, shape, strides (i64) and offsets (i32). A
// load or store makes tensors of pointers and a mask of them, as the language
// frontend does, which raising recognises as a box.
//
//===----------------------------------------------------------------------===//

#include "frontend/ttir/Convert.h"
#include "ir/tile/Tile.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/SCF/Transforms/Patterns.h"
#include "mlir/IR/ImplicitLocOpBuilder.h"
#include "mlir/Transforms/DialectConversion.h"

using namespace mlir;
using namespace tegula::frontend;
namespace tile = tegula::tile;

namespace {

/// The values that stand for a pointer to a block.
struct Parts {
  explicit Parts(ValueRange all)
      : base(all.front()), shape(part(all, 0)), strides(part(all, 1)),
        offsets(part(all, 2)) {}
  Value base;
  ValueRange shape, strides, offsets;

private:
  static ValueRange part(ValueRange all, size_t which) {
    size_t rank = (all.size() - 1) / 3;
    return all.slice(1 + which * rank, rank);
  }
};

LogicalResult convertBlockPtr(Type type, SmallVectorImpl<Type> &parts) {
  auto pointer = cast<tt::PtrType>(type);
  size_t rank = cast<RankedTensorType>(pointer.getPointeeType()).getRank();
  Builder b(type.getContext());
  parts.push_back(tt::baseOf(type));
  parts.append(2 * rank, b.getI64Type());
  parts.append(rank, b.getI32Type());
  return success();
}

/// Pointers and a mask of a whole block.
class BlockAccess {
public:
  BlockAccess(ImplicitLocOpBuilder &b, Parts parts, RankedTensorType block,
              ArrayRef<int32_t> checked)
      : b(b), block(block) {
    Type pointers = block.clone(parts.base.getType());
    pointer = tile::SplatOp::create(b, pointers, parts.base);
    for (int64_t dim = 0; dim < block.getRank(); ++dim)
      addDimension(parts, dim, llvm::is_contained(checked, dim));
  }
  Value pointer, mask;

  /// What elements outside of the array read; null where nothing is checked.
  Value padding(std::optional<tt::Padding> padding) {
    if (!mask)
      return {};
    Type element = block.getElementType();
    auto real = dyn_cast<FloatType>(element);
    Attribute value =
        real && padding == tt::Padding::NaN
            ? Attribute(b.getFloatAttr(
                  real, APFloat::getNaN(real.getFloatSemantics())))
            : Attribute(b.getZeroAttr(element));
    return arith::ConstantOp::create(b, DenseElementsAttr::get(block, value));
  }

private:
  Value spread(Value vector, int64_t dim) {
    auto type = cast<RankedTensorType>(vector.getType());
    SmallVector<int64_t> shape(block.getRank(), 1);
    shape[dim] = type.getDimSize(0);
    Type element = type.getElementType();
    Value reshaped = tile::ReshapeOp::create(
        b, RankedTensorType::get(shape, element), vector, false);
    return tile::BroadcastOp::create(b, block.clone(element), reshaped);
  }

  void addDimension(const Parts &parts, int64_t dim, bool isChecked) {
    int64_t size = block.getDimSize(dim);
    auto narrow = RankedTensorType::get(size, b.getI32Type());
    auto wide = RankedTensorType::get(size, b.getI64Type());
    auto splat = [&](Value scalar) {
      return tile::SplatOp::create(b, wide, scalar);
    };
    Value range = tile::RangeOp::create(b, narrow, 0, size);
    Value position = arith::AddIOp::create(
        b, arith::ExtSIOp::create(b, wide, range),
        splat(arith::ExtSIOp::create(b, b.getI64Type(), parts.offsets[dim])));
    Value steps = arith::MulIOp::create(b, position, splat(parts.strides[dim]));
    pointer = tile::PtrAddOp::create(b, pointer, spread(steps, dim));
    if (!isChecked)
      return;
    using arith::CmpIPredicate;
    Value zero = arith::ConstantOp::create(b, b.getZeroAttr(wide));
    Value inside = arith::AndIOp::create(
        b, arith::CmpIOp::create(b, CmpIPredicate::sge, position, zero),
        arith::CmpIOp::create(b, CmpIPredicate::slt, position,
                              splat(parts.shape[dim])));
    inside = spread(inside, dim);
    mask = mask ? Value(arith::AndIOp::create(b, mask, inside)) : inside;
  }

  ImplicitLocOpBuilder &b;
  RankedTensorType block;
};

LogicalResult checkDims(Operation *op, ArrayRef<int32_t> checked,
                        RankedTensorType block) {
  for (int32_t dim : checked)
    if (dim < 0 || dim >= block.getRank())
      return op->emitError() << "boundaryCheck names dimension " << dim
                             << " of a block with " << block.getRank();
  return success();
}

struct ExpandMake : OpConversionPattern<tt::MakeTensorPtrOp> {
  using OpConversionPattern::OpConversionPattern;
  LogicalResult
  matchAndRewrite(tt::MakeTensorPtrOp op, OneToNOpAdaptor,
                  ConversionPatternRewriter &rewriter) const override {
    auto block = cast<RankedTensorType>(op.getType().getPointeeType());
    if (int64_t(op.getShape().size()) != block.getRank())
      return op.emitError()
             << "expects " << block.getRank()
             << " sizes, strides and offsets, found " << op.getShape().size();
    SmallVector<Value> parts(op.getOperands());
    rewriter.replaceOpWithMultiple(op, {parts});
    return success();
  }
};

struct ExpandAdvance : OpConversionPattern<tt::AdvanceOp> {
  using OpConversionPattern::OpConversionPattern;
  LogicalResult
  matchAndRewrite(tt::AdvanceOp op, OneToNOpAdaptor adaptor,
                  ConversionPatternRewriter &rewriter) const override {
    SmallVector<Value> values(adaptor.getPtr());
    size_t rank = (values.size() - 1) / 3;
    if (op.getOffsets().size() != rank)
      return op.emitError() << "expects " << rank << " offsets, found "
                            << op.getOffsets().size();
    for (auto [value, step] :
         llvm::zip(MutableArrayRef(values).take_back(rank), op.getOffsets()))
      value = arith::AddIOp::create(rewriter, op.getLoc(), value, step);
    rewriter.replaceOpWithMultiple(op, {values});
    return success();
  }
};

struct ExpandLoad : OpConversionPattern<tt::LoadOp> {
  using OpConversionPattern::OpConversionPattern;
  LogicalResult
  matchAndRewrite(tt::LoadOp op, OneToNOpAdaptor adaptor,
                  ConversionPatternRewriter &rewriter) const override {
    auto block = cast<RankedTensorType>(op.getType());
    if (failed(checkDims(op, op.getBoundaryCheck(), block)))
      return failure();
    ImplicitLocOpBuilder b(op.getLoc(), rewriter);
    BlockAccess access(b, Parts(adaptor.getPtr()), block,
                       op.getBoundaryCheck());
    auto made = tt::LoadOp::create(
        b, block, access.pointer, access.mask, access.padding(op.getPadding()),
        op.getCache(), op.getEvict(), op.getCachePolicyAttr(),
        /*boundaryCheck=*/ArrayRef<int32_t>{}, /*padding=*/tt::PaddingAttr{},
        op.getIsVolatile());
    rewriter.replaceOp(op, made);
    return success();
  }
};

struct ExpandStore : OpConversionPattern<tt::StoreOp> {
  using OpConversionPattern::OpConversionPattern;
  LogicalResult
  matchAndRewrite(tt::StoreOp op, OneToNOpAdaptor adaptor,
                  ConversionPatternRewriter &rewriter) const override {
    auto block = cast<RankedTensorType>(op.getValue().getType());
    if (failed(checkDims(op, op.getBoundaryCheck(), block)))
      return failure();
    ImplicitLocOpBuilder b(op.getLoc(), rewriter);
    BlockAccess access(b, Parts(adaptor.getPtr()), block,
                       op.getBoundaryCheck());
    auto made = tt::StoreOp::create(
        b, access.pointer, op.getValue(), access.mask, op.getCache(),
        op.getEvict(), op.getCachePolicyAttr(),
        /*boundaryCheck=*/ArrayRef<int32_t>{}, /*padding=*/tt::PaddingAttr{},
        op.getIgnoreCta());
    rewriter.replaceOp(op, made);
    return success();
  }
};

} // namespace

LogicalResult tt::expandBlockPointers(ModuleOp module) {
  bool found =
      module.walk([](tt::MakeTensorPtrOp) { return WalkResult::interrupt(); })
          .wasInterrupted();
  if (!found)
    return success();
  MLIRContext *context = module.getContext();
  TypeConverter types;
  types.addConversion([](Type type) { return type; });
  types.addConversion(
      [](Type type,
         SmallVectorImpl<Type> &parts) -> std::optional<LogicalResult> {
        if (!tt::isBlockPtr(type))
          return std::nullopt;
        return convertBlockPtr(type, parts);
      });
  RewritePatternSet patterns(context);
  patterns.add<ExpandMake, ExpandAdvance, ExpandLoad, ExpandStore>(types,
                                                                   context);
  ConversionTarget target(*context);
  scf::populateSCFStructuralTypeConversionsAndLegality(types, patterns, target);
  target.markUnknownOpDynamicallyLegal([](Operation *op) {
    return llvm::none_of(op->getOperandTypes(), tt::isBlockPtr) &&
           llvm::none_of(op->getResultTypes(), tt::isBlockPtr);
  });
  return applyFullConversion(module, target, std::move(patterns));
}
