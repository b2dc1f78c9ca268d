//===- RaiseMemory.cpp - Say what each memory op touches
//
// Part of the Tegula Project, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "ir/analysis/AffineIndex.h"
#include "ir/passes/Passes.h"
#include "llvm/ADT/StringExtras.h"

using namespace mlir;
using namespace tegula;

namespace tegula::ir {
#define GEN_PASS_DEF_RAISEMEMORY
#include "ir/passes/Passes.h.inc"
} // namespace tegula::ir

namespace {
/// "arith.remsi at softmax.py:12".
std::string describe(Operation *op) {
  std::string text = op->getName().getStringRef().str();
  if (auto where = op->getLoc()->findInstanceOf<FileLineColLoc>())
    text += " at " + where.getFilename().getValue().rsplit('/').second.str() +
            ":" + std::to_string(where.getLine());
  return text;
}

/// The operands of a box, made from what the analyses found.
struct Box {
  Value base;
  SmallVector<Value> starts, strides, lowers, uppers, wraps, indices;
  SmallVector<int64_t> indexedDims;
  Value mask;
};

class BoxBuilder {
public:
  BoxBuilder(OpBuilder &builder, Location loc) : builder(builder), loc(loc) {}

  /// Fails, naming the dimension's trouble, if a dimension is more than one
  /// term.
  std::optional<Box> build(const ir::AffinePointer &pointer,
                           RankedTensorType tile, Value mask) {
    Box box;
    for (const auto &terms : pointer.offset.dims)
      if (terms.size() > 1)
        return std::nullopt;
    Value offset = pointer.offset.uniform.materialize(builder, loc);
    box.base =
        pointer.offset.uniform.isZero()
            ? pointer.base
            : Value(tile::PtrAddOp::create(builder, loc, pointer.base, offset));
    bool anyWrap = false;
    for (auto [dim, terms] : llvm::enumerate(pointer.offset.dims)) {
      ir::DimTerm term = terms.empty() ? ir::DimTerm() : terms.front();
      box.strides.push_back(term.coefficient.materialize(builder, loc));
      bool wraps = term.kind == ir::DimTerm::Kind::Wrapped;
      anyWrap |= wraps;
      box.starts.push_back(
          (wraps ? term.start : ir::Polynomial()).materialize(builder, loc));
      box.wraps.push_back(
          (wraps ? term.wrap : ir::Polynomial()).materialize(builder, loc));
      if (term.kind == ir::DimTerm::Kind::Indexed) {
        box.indexedDims.push_back(dim);
        box.indices.push_back(term.index);
      }
    }
    if (!anyWrap)
      box.wraps.clear();
    addBounds(box, tile, mask);
    return box;
  }

private:
  Value constant(int64_t value) {
    return arith::ConstantOp::create(builder, loc,
                                     builder.getI64IntegerAttr(value));
  }

  template <typename MinMax>
  Value combine(ArrayRef<ir::Polynomial> bounds, int64_t none) {
    Value result;
    for (const ir::Polynomial &bound : bounds) {
      Value value = bound.materialize(builder, loc);
      result =
          result ? Value(MinMax::create(builder, loc, result, value)) : value;
    }
    return result ? result : constant(none);
  }

  void addBounds(Box &box, RankedTensorType tile, Value mask) {
    ir::MaskBounds bounds;
    bounds.dims.resize(tile.getRank());
    if (mask)
      bounds = ir::MaskBounds::of(mask);
    for (auto [dim, bound] : llvm::enumerate(bounds.dims)) {
      box.lowers.push_back(combine<arith::MaxSIOp>(bound.lowers, 0));
      box.uppers.push_back(
          combine<arith::MinSIOp>(bound.uppers, tile.getDimSize(dim)));
    }
    // A uniform condition that fails leaves an empty range.
    for (Value condition : bounds.conditions)
      box.uppers[0] = arith::SelectOp::create(builder, loc, condition,
                                              box.uppers[0], constant(0));
    for (Value rest : bounds.rest)
      box.mask =
          box.mask ? Value(arith::AndIOp::create(builder, loc, box.mask, rest))
                   : rest;
  }

  OpBuilder &builder;
  Location loc;
};

struct RaiseMemory : ir::impl::RaiseMemoryBase<RaiseMemory> {
  using RaiseMemoryBase::RaiseMemoryBase;

  void runOnOperation() override {
    SmallVector<Operation *> accesses;
    getOperation().walk([&](Operation *op) {
      if (isa<tile::LoadOp, tile::StoreOp, tile::AtomicRMWOp,
              tile::AtomicCASOp>(op))
        accesses.push_back(op);
    });
    for (Operation *op : accesses) {
      if (auto load = dyn_cast<tile::LoadOp>(op))
        raise(load, load.getType());
      else if (auto store = dyn_cast<tile::StoreOp>(op))
        raise(store, store.getValue().getType());
      else
        mark(op, isa<RankedTensorType>(op->getResult(0).getType()) ? "gather"
                                                                   : "scalar");
    }
  }

  void mark(Operation *op, StringRef tier, Operation *blocker = nullptr) {
    Builder builder(op->getContext());
    op->setAttr(tile::TileDialect::kTierAttr, builder.getStringAttr(tier));
    std::string why;
    if (blocker) {
      why = describe(blocker);
      op->setAttr("tile.blocked_by", builder.getStringAttr(why));
    }
    if (remarks) {
      auto remark = op->emitRemark()
                    << "memory access of tier '" << tier << "'";
      if (blocker)
        remark << ", blocked by " << why;
    }
  }

  template <typename Access> void raise(Access op, Type valueType) {
    auto tile = dyn_cast<RankedTensorType>(valueType);
    if (!tile)
      return mark(op, "scalar");
    Operation *blocker = nullptr;
    auto pointer = ir::AffinePointer::of(op.getPtr(), blocker);
    if (!pointer)
      return mark(op, "gather", blocker);
    OpBuilder builder(op);
    auto box =
        BoxBuilder(builder, op.getLoc()).build(*pointer, tile, op.getMask());
    if (!box)
      return mark(op, "gather", op.getPtr().getDefiningOp());
    Operation *raised = replace(op, *box, builder);
    mark(raised, box->indices.empty() ? "box" : "rows",
         box->indices.empty() ? nullptr : box->indices[0].getDefiningOp());
  }

  Operation *replace(tile::LoadOp op, const Box &box, OpBuilder &builder) {
    auto raised = tile::LoadBoxOp::create(
        builder, op.getLoc(), op.getType(), box.base, box.starts, box.strides,
        box.lowers, box.uppers, box.wraps, box.indices, box.mask, op.getOther(),
        box.indexedDims, op.getCache(), op.getEvict(), op.getIsVolatile());
    op.getResult().replaceAllUsesWith(raised.getResult());
    op.erase();
    return raised;
  }

  Operation *replace(tile::StoreOp op, const Box &box, OpBuilder &builder) {
    auto raised = tile::StoreBoxOp::create(
        builder, op.getLoc(), box.base, op.getValue(), box.starts, box.strides,
        box.lowers, box.uppers, box.wraps, box.indices, box.mask,
        box.indexedDims, op.getCache(), op.getEvict());
    op.erase();
    return raised;
  }
};
} // namespace
