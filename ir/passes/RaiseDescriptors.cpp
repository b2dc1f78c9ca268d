//===- RaiseDescriptors.cpp - Accesses through descriptors as boxes
//
// Part of the Tegula Project, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "ir/passes/IndexBuilder.h"
#include "ir/passes/Passes.h"

using namespace mlir;
using namespace tegula;
using namespace tegula::ir;

namespace tegula::ir {
#define GEN_PASS_DEF_RAISEDESCRIPTORS
#include "ir/passes/Passes.h.inc"
} // namespace tegula::ir

//===----------------------------------------------------------------------===//
// Accesses
//===----------------------------------------------------------------------===//

namespace {
/// One access through a descriptor, being rewritten.
class BlockAccess {
public:
  BlockAccess(Operation *op, tile::MakeDescOp desc, IndexAnalysis &analysis,
              IndexBuilder &build)
      : builder(op), loc(op->getLoc()), desc(desc), analysis(analysis),
        build(build) {
    build.setLoc(loc);
  }

  void place(ValueRange indices);
  void placeRows(Value rows, Value column, int64_t count);
  Value load(RankedTensorType tile, tile::CacheModifier cache,
             tile::EvictionPolicy evict);
  void store(Value value);
  void reduce(tile::AtomicKind kind, Value value);
  Value reshaped(Value value, RankedTensorType type) {
    return value.getType() == type
               ? value
               : tile::ReshapeOp::create(builder, loc, type, value, false);
  }

private:
  void bound(const Polynomial &first, Value size);
  Value rowMask(RankedTensorType tile);
  Value padding(RankedTensorType tile);
  std::pair<Value, Value> pointers(RankedTensorType tile);
  Value splat(Value scalar, Type like) {
    return builder.createOrFold<tile::SplatOp>(
        loc, tile::withElementType(like, scalar.getType()), scalar);
  }
  void mark(Operation *op) {
    op->setAttr(tile::TileDialect::kTierAttr,
                builder.getStringAttr(rows.empty() ? "box" : "rows"));
  }

  OpBuilder builder;
  Location loc;
  tile::MakeDescOp desc;
  IndexAnalysis &analysis;
  IndexBuilder &build;
  Value base;
  SmallVector<Value> starts, strides, lowers, uppers, rows;
  SmallVector<int64_t> indexedDims;
};
} // namespace

/// Coordinates that stand inside the array, which begins `first` before the
/// block and has `size` elements.
void BlockAccess::bound(const Polynomial &first, Value size) {
  bool isInside = analysis.isNonNegative(first);
  lowers.push_back(build.polynomial(isInside ? Polynomial() : -first));
  uppers.push_back(build.polynomial(analysis.scalar(size) - first));
}

/// The block that begins at `indices`.
void BlockAccess::place(ValueRange indices) {
  Polynomial offset;
  for (auto [index, size, stride] :
       llvm::zip(indices, desc.getShape(), desc.getStrides())) {
    Polynomial first = analysis.scalar(index), step = analysis.scalar(stride);
    offset = offset + first * step;
    starts.push_back(build.constant(0));
    strides.push_back(build.polynomial(step));
    bound(first, size);
  }
  base = build.pointer(desc.getBase(), offset);
}

/// `count` rows with the given numbers, columns from `column` on.
void BlockAccess::placeRows(Value rowNumbers, Value column, int64_t count) {
  rows.push_back(rowNumbers);
  indexedDims.push_back(0);
  Polynomial first = analysis.scalar(column);
  base = build.pointer(desc.getBase(),
                       first * analysis.scalar(desc.getStrides()[1]));
  starts.assign(2, build.constant(0));
  for (Value stride : desc.getStrides())
    strides.push_back(build.polynomial(analysis.scalar(stride)));
  lowers.push_back(build.constant(0));
  uppers.push_back(build.constant(count));
  bound(first, desc.getShape()[1]);
}

/// Rows outside the array are inactive.
Value BlockAccess::rowMask(RankedTensorType tile) {
  if (rows.empty())
    return {};
  auto type = cast<RankedTensorType>(rows.front().getType());
  auto wide = type.clone(builder.getI64Type());
  Value numbers = rows.front();
  if (type != wide)
    numbers = arith::ExtSIOp::create(builder, loc, wide, numbers);
  Value size = build.polynomial(analysis.scalar(desc.getShape()[0]));
  // Unsigned: negative rows are outside as well.
  Value inside = arith::CmpIOp::create(builder, loc, arith::CmpIPredicate::ult,
                                       numbers, splat(size, wide));
  auto column =
      RankedTensorType::get({type.getDimSize(0), 1}, builder.getI1Type());
  return tile::BroadcastOp::create(
      builder, loc, tile.clone(builder.getI1Type()),
      tile::ExpandDimsOp::create(builder, loc, column, inside, 1));
}

/// What the descriptor gives outside its array.
Value BlockAccess::padding(RankedTensorType tile) {
  auto floatType = dyn_cast<FloatType>(tile.getElementType());
  if (desc.getPadding() == tile::Padding::Zero || !floatType)
    return {};
  return arith::ConstantOp::create(
      builder, loc,
      DenseElementsAttr::get(tile,
                             APFloat::getNaN(floatType.getFloatSemantics())));
}

Value BlockAccess::load(RankedTensorType tile, tile::CacheModifier cache,
                        tile::EvictionPolicy evict) {
  auto box = tile::LoadBoxOp::create(
      builder, loc, tile, base, starts, strides, lowers, uppers, ValueRange(),
      rows, rowMask(tile), padding(tile), indexedDims, cache, evict,
      /*is_volatile=*/false);
  mark(box);
  return box;
}

void BlockAccess::store(Value value) {
  auto tile = cast<RankedTensorType>(value.getType());
  mark(tile::StoreBoxOp::create(
      builder, loc, base, value, starts, strides, lowers, uppers, ValueRange(),
      rows, rowMask(tile), indexedDims, tile::CacheModifier::None,
      tile::EvictionPolicy::Normal));
}

/// Pointers and mask of the whole block.
std::pair<Value, Value> BlockAccess::pointers(RankedTensorType tile) {
  auto i64 = tile.clone(builder.getI64Type());
  Value offset, mask;
  for (int64_t dim = 0, rank = tile.getRank(); dim < rank; ++dim) {
    int64_t size = tile.getDimSize(dim);
    SmallVector<int64_t> shape(rank, 1);
    shape[dim] = size;
    Value range = tile::RangeOp::create(
        builder, loc, RankedTensorType::get(size, builder.getI32Type()), 0,
        size);
    Value wide = arith::ExtSIOp::create(
        builder, loc, RankedTensorType::get(size, builder.getI64Type()), range);
    Value line = tile::ReshapeOp::create(
        builder, loc, RankedTensorType::get(shape, builder.getI64Type()), wide,
        false);
    Value coord = tile::BroadcastOp::create(builder, loc, i64, line);
    auto require = [&](arith::CmpIPredicate predicate, Value limit) {
      Value holds = arith::CmpIOp::create(builder, loc, predicate, coord,
                                          splat(limit, i64));
      mask = mask ? arith::AndIOp::create(builder, loc, mask, holds) : holds;
    };
    require(arith::CmpIPredicate::sge, lowers[dim]);
    require(arith::CmpIPredicate::slt, uppers[dim]);
    Value part =
        arith::MulIOp::create(builder, loc, coord, splat(strides[dim], i64));
    offset = offset ? arith::AddIOp::create(builder, loc, offset, part) : part;
  }
  Value bases = splat(base, i64);
  return {tile::PtrAddOp::create(builder, loc, bases, offset), mask};
}

void BlockAccess::reduce(tile::AtomicKind kind, Value value) {
  using tile::AtomicKind;
  auto tile = cast<RankedTensorType>(value.getType());
  if (isa<FloatType>(tile.getElementType()))
    kind = kind == AtomicKind::Add   ? AtomicKind::FAdd
           : kind == AtomicKind::Max ? AtomicKind::FMax
           : kind == AtomicKind::Min ? AtomicKind::FMin
                                     : kind;
  auto [ptrs, mask] = pointers(tile);
  tile::AtomicRMWOp::create(builder, loc, tile, kind,
                            tile::MemoryOrder::Relaxed, tile::MemoryScope::Gpu,
                            ptrs, value, mask);
}

//===----------------------------------------------------------------------===//
// Pass
//===----------------------------------------------------------------------===//

namespace {
struct RaiseDescriptors
    : tegula::ir::impl::RaiseDescriptorsBase<RaiseDescriptors> {
  void runOnOperation() override {
    func::FuncOp function = getOperation();
    if (function.isExternal())
      return;
    SmallVector<Operation *> accesses;
    function.walk([&](Operation *op) {
      if (isa<tile::DescLoadOp, tile::DescStoreOp, tile::DescReduceOp,
              tile::DescGatherOp, tile::DescScatterOp>(op))
        accesses.push_back(op);
    });
    IndexAnalysis analysis;
    IndexBuilder build(function);
    for (Operation *op : accesses)
      if (failed(raise(op, analysis, build)))
        return signalPassFailure();
    for (Operation *op : accesses)
      op->erase();
  }

  /// Writes the access anew; the old op stays, without uses.
  LogicalResult raise(Operation *op, IndexAnalysis &analysis,
                      IndexBuilder &build) {
    auto desc = op->getOperand(0).getDefiningOp<tile::MakeDescOp>();
    if (!desc)
      return op->emitError()
             << "cannot see which descriptor this access uses; expected one "
                "that is an argument of the kernel or that "
                "tl.make_tensor_descriptor makes";
    BlockAccess access(op, desc, analysis, build);
    RankedTensorType block = desc.getType().getBlockType();
    if (auto load = dyn_cast<tile::DescLoadOp>(op)) {
      access.place(load.getIndices());
      Value tile = access.load(block, load.getCache(), load.getEvict());
      replace(load.getResult(),
              access.reshaped(tile, cast<RankedTensorType>(load.getType())),
              build);
    } else if (auto store = dyn_cast<tile::DescStoreOp>(op)) {
      access.place(store.getIndices());
      access.store(access.reshaped(store.getValue(), block));
    } else if (auto gather = dyn_cast<tile::DescGatherOp>(op)) {
      auto tile = cast<RankedTensorType>(gather.getType());
      access.placeRows(gather.getRows(), gather.getColumn(),
                       tile.getDimSize(0));
      replace(gather.getResult(),
              access.load(tile, tile::CacheModifier::None,
                          tile::EvictionPolicy::Normal),
              build);
    } else if (auto scatter = dyn_cast<tile::DescScatterOp>(op)) {
      access.placeRows(scatter.getRows(), scatter.getColumn(),
                       tile::shapeOf(scatter.getValue().getType())[0]);
      access.store(scatter.getValue());
    } else if (auto reduce = dyn_cast<tile::DescReduceOp>(op)) {
      access.place(reduce.getIndices());
      access.reduce(reduce.getKind(),
                    access.reshaped(reduce.getValue(), block));
    }
    return success();
  }

  static void replace(Value from, Value to, IndexBuilder &build) {
    from.replaceAllUsesWith(to);
    build.rename(from, to);
  }
};
} // namespace
