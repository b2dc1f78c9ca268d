//===- RaiseDescriptors.cpp - Accesses through descriptors as boxes
//
// Part of the Tegula Project, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "ir/passes/Passes.h"

using namespace mlir;
using namespace tegula;

namespace tegula::ir {
#define GEN_PASS_DEF_RAISEDESCRIPTORS
#include "ir/passes/Passes.h.inc"
} // namespace tegula::ir

namespace {
/// One access through a descriptor, being rewritten.
class BlockAccess {
public:
  BlockAccess(Operation *op, tile::MakeDescOp desc)
      : builder(op), loc(op->getLoc()), desc(desc) {}

  OpBuilder builder;
  Location loc;
  tile::MakeDescOp desc;
  Value base;
  SmallVector<Value> starts, strides, lowers, uppers;

  Value constant(int64_t value) {
    return arith::ConstantOp::create(builder, loc,
                                     builder.getI64IntegerAttr(value));
  }
  Value wide(Value value) {
    return arith::ExtSIOp::create(builder, loc, builder.getI64Type(), value);
  }

  /// The block that begins at `indices`.
  void place(ValueRange indices) {
    Value offset = constant(0), zero = constant(0);
    for (auto [index, size, stride] :
         llvm::zip(indices, desc.getShape(), desc.getStrides())) {
      Value first = wide(index);
      offset = arith::AddIOp::create(
          builder, loc, offset,
          arith::MulIOp::create(builder, loc, first, stride));
      starts.push_back(zero);
      strides.push_back(stride);
      lowers.push_back(arith::SubIOp::create(builder, loc, zero, first));
      uppers.push_back(arith::SubIOp::create(builder, loc, wide(size), first));
    }
    base = tile::PtrAddOp::create(builder, loc, desc.getBase(), offset);
  }

  /// Rows `rows` of the array, columns from `column` on.
  void placeRows(Value column) {
    Value first = wide(column), zero = constant(0);
    Value offset =
        arith::MulIOp::create(builder, loc, first, desc.getStrides()[1]);
    base = tile::PtrAddOp::create(builder, loc, desc.getBase(), offset);
    strides.assign(desc.getStrides().begin(), desc.getStrides().end());
    starts.assign(2, zero);
    lowers = {zero, arith::SubIOp::create(builder, loc, zero, first)};
    uppers = {zero, arith::SubIOp::create(builder, loc,
                                          wide(desc.getShape()[1]), first)};
  }

  /// Rows outside the array are inactive.
  Value rowMask(Value rows, RankedTensorType tile) {
    auto type = cast<RankedTensorType>(rows.getType());
    auto splat = [&](Value scalar) -> Value {
      if (scalar.getType() != type.getElementType())
        scalar = arith::TruncIOp::create(builder, loc, type.getElementType(),
                                         scalar);
      return tile::SplatOp::create(builder, loc, type, scalar);
    };
    Value size = desc.getShape()[0];
    if (type.getElementTypeBitWidth() > 32)
      size = wide(size);
    // Unsigned: negative rows are outside as well.
    Value inside = arith::CmpIOp::create(
        builder, loc, arith::CmpIPredicate::ult, rows, splat(size));
    auto column =
        RankedTensorType::get({type.getDimSize(0), 1}, builder.getI1Type());
    Value expanded =
        tile::ExpandDimsOp::create(builder, loc, column, inside, 1);
    return tile::BroadcastOp::create(builder, loc,
                                     tile.clone(builder.getI1Type()), expanded);
  }

  /// What the descriptor gives outside its array.
  Value padding(RankedTensorType tile) {
    auto floatType = dyn_cast<FloatType>(tile.getElementType());
    if (desc.getPadding() == tile::Padding::Zero || !floatType)
      return {};
    return arith::ConstantOp::create(
        builder, loc,
        DenseElementsAttr::get(tile,
                               APFloat::getNaN(floatType.getFloatSemantics())));
  }

  Value load(RankedTensorType tile, ValueRange rows = {}) {
    SmallVector<int64_t> indexed(rows.size(), 0);
    Value mask = rows.empty() ? Value() : rowMask(rows[0], tile);
    return tile::LoadBoxOp::create(
        builder, loc, tile, base, starts, strides, lowers, uppers, ValueRange(),
        rows, mask, padding(tile), indexed, tile::CacheModifier::None,
        tile::EvictionPolicy::Normal, false);
  }

  void store(Value value, ValueRange rows = {}) {
    SmallVector<int64_t> indexed(rows.size(), 0);
    auto tile = cast<RankedTensorType>(value.getType());
    Value mask = rows.empty() ? Value() : rowMask(rows[0], tile);
    tile::StoreBoxOp::create(builder, loc, base, value, starts, strides, lowers,
                             uppers, ValueRange(), rows, mask, indexed,
                             tile::CacheModifier::None,
                             tile::EvictionPolicy::Normal);
  }

  Value reshaped(Value value, RankedTensorType type) {
    if (value.getType() == type)
      return value;
    return tile::ReshapeOp::create(builder, loc, type, value, false);
  }

  /// Pointers and mask of the whole block, for atomic updates.
  std::pair<Value, Value> pointers(RankedTensorType tile) {
    auto i64 = tile.clone(builder.getI64Type());
    Value offset, mask;
    for (int64_t dim = 0, rank = tile.getRank(); dim < rank; ++dim) {
      Value range = tile::RangeOp::create(
          builder, loc,
          RankedTensorType::get({tile.getDimSize(dim)}, builder.getI32Type()),
          0, tile.getDimSize(dim));
      SmallVector<int64_t> shape(rank, 1);
      shape[dim] = tile.getDimSize(dim);
      Value wideRange = arith::ExtSIOp::create(
          builder, loc,
          RankedTensorType::get({tile.getDimSize(dim)}, builder.getI64Type()),
          range);
      Value coord = tile::BroadcastOp::create(
          builder, loc, i64,
          tile::ReshapeOp::create(
              builder, loc, RankedTensorType::get(shape, builder.getI64Type()),
              wideRange, false));
      auto splat = [&](Value scalar) {
        return tile::SplatOp::create(builder, loc, i64, scalar);
      };
      auto compare = [&](arith::CmpIPredicate predicate, Value bound) {
        Value holds =
            arith::CmpIOp::create(builder, loc, predicate, coord, splat(bound));
        mask = mask ? Value(arith::AndIOp::create(builder, loc, mask, holds))
                    : holds;
      };
      compare(arith::CmpIPredicate::sge, lowers[dim]);
      compare(arith::CmpIPredicate::slt, uppers[dim]);
      Value part =
          arith::MulIOp::create(builder, loc, coord, splat(strides[dim]));
      offset = offset ? Value(arith::AddIOp::create(builder, loc, offset, part))
                      : part;
    }
    Value bases =
        tile::SplatOp::create(builder, loc, tile.clone(base.getType()), base);
    return {tile::PtrAddOp::create(builder, loc, bases, offset), mask};
  }
};

struct RaiseDescriptors : ir::impl::RaiseDescriptorsBase<RaiseDescriptors> {
  void runOnOperation() override {
    SmallVector<Operation *> accesses;
    getOperation().walk([&](Operation *op) {
      if (isa<tile::DescLoadOp, tile::DescStoreOp, tile::DescReduceOp,
              tile::DescGatherOp, tile::DescScatterOp>(op))
        accesses.push_back(op);
    });
    for (Operation *op : accesses)
      if (failed(raise(op)))
        return signalPassFailure();
  }

  LogicalResult raise(Operation *op) {
    Value handle = isa<tile::DescReduceOp, tile::DescLoadOp, tile::DescStoreOp,
                       tile::DescGatherOp, tile::DescScatterOp>(op)
                       ? op->getOperand(0)
                       : Value();
    auto desc = handle.getDefiningOp<tile::MakeDescOp>();
    if (!desc)
      return op->emitError()
             << "cannot see which descriptor this access uses: expected one "
                "that "
                "is made by make_tensor_descriptor in this kernel, outside of "
                "branches and loop-carried variables";
    BlockAccess access(op, desc);
    RankedTensorType block = desc.getType().getBlockType();
    if (auto load = dyn_cast<tile::DescLoadOp>(op)) {
      access.place(load.getIndices());
      Value tile = access.load(block);
      load.getResult().replaceAllUsesWith(
          access.reshaped(tile, cast<RankedTensorType>(load.getType())));
    } else if (auto store = dyn_cast<tile::DescStoreOp>(op)) {
      access.place(store.getIndices());
      access.store(access.reshaped(store.getValue(), block));
    } else if (auto gather = dyn_cast<tile::DescGatherOp>(op)) {
      access.placeRows(gather.getColumn());
      auto tile = cast<RankedTensorType>(gather.getType());
      access.uppers[0] = access.constant(tile.getDimSize(0));
      gather.getResult().replaceAllUsesWith(
          access.load(tile, gather.getRows()));
    } else if (auto scatter = dyn_cast<tile::DescScatterOp>(op)) {
      access.placeRows(scatter.getColumn());
      auto tile = cast<RankedTensorType>(scatter.getValue().getType());
      access.uppers[0] = access.constant(tile.getDimSize(0));
      access.store(scatter.getValue(), scatter.getRows());
    } else if (auto reduce = dyn_cast<tile::DescReduceOp>(op)) {
      access.place(reduce.getIndices());
      auto [pointers, mask] = access.pointers(block);
      Value value = access.reshaped(reduce.getValue(), block);
      tile::AtomicKind kind = reduce.getKind();
      if (isa<FloatType>(block.getElementType()))
        kind = kind == tile::AtomicKind::Add   ? tile::AtomicKind::FAdd
               : kind == tile::AtomicKind::Max ? tile::AtomicKind::FMax
               : kind == tile::AtomicKind::Min ? tile::AtomicKind::FMin
                                               : kind;
      tile::AtomicRMWOp::create(access.builder, access.loc, block, kind,
                                tile::MemoryOrder::Relaxed,
                                tile::MemoryScope::Gpu, pointers, value, mask);
    }
    op->erase();
    return success();
  }
};
} // namespace
