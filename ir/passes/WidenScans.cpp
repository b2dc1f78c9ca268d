//===- WidenScans.cpp - Carry running sums in f32
//
// Part of the Tegula Project, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "ir/passes/Passes.h"
#include "ir/tile/Tile.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/Dialect/Math/IR/Math.h"

using namespace mlir;
using namespace tegula;

namespace tegula::ir {
#define GEN_PASS_DEF_WIDENSCANS
#include "ir/passes/Passes.h.inc"
} // namespace tegula::ir

static bool isNarrow(Type type) {
  Type element = tile::elementTypeOf(type);
  return element.isF16() || element.isBF16();
}

static Type widened(Type type) {
  return isNarrow(type)
             ? tile::withElementType(type, Float32Type::get(type.getContext()))
             : type;
}

static bool touchesNarrow(Operation &op) {
  return llvm::any_of(op.getOperandTypes(), isNarrow) ||
         llvm::any_of(op.getResultTypes(), isNarrow);
}

static bool rounds(Operation &op) {
  return isa<arith::AddFOp, arith::SubFOp, arith::MulFOp, arith::DivFOp>(op) ||
         isa<math::MathDialect>(op.getDialect());
}

/// Something in the region loses bits at each step, and all of it can be done
/// on f32 instead. Casts mean the type that they name.
static bool canWiden(Block &combine) {
  bool isWorthIt = false;
  for (Operation &op : combine.without_terminator()) {
    if (op.getNumRegions())
      return false;
    if (!touchesNarrow(op) || op.hasTrait<OpTrait::ConstantLike>())
      continue;
    if (!op.hasTrait<OpTrait::Elementwise>() || isa<CastOpInterface>(op))
      return false;
    isWorthIt |= rounds(op);
  }
  return isWorthIt;
}

namespace {
/// Copies the combining region of a scan or a reduction, on f32.
class WideRegion {
public:
  WideRegion(Block &source, Region &target)
      : source(source), builder(source.getParentOp()->getContext()) {
    Block &block = target.emplaceBlock();
    for (BlockArgument argument : source.getArguments())
      mapping.map(argument, block.addArgument(widened(argument.getType()),
                                              argument.getLoc()));
    builder.setInsertionPointToStart(&block);
  }

  void copy() {
    for (Operation &op : source.without_terminator())
      if (touchesNarrow(op) && !op.hasTrait<OpTrait::ConstantLike>())
        copyWide(op);
      else
        builder.clone(op, mapping);
    Operation *yield = source.getTerminator();
    tile::YieldOp::create(builder, yield->getLoc(), operandsOf(*yield));
  }

private:
  SmallVector<Value> operandsOf(Operation &op) {
    SmallVector<Value> operands;
    for (Value operand : op.getOperands()) {
      Value value = mapping.lookupOrDefault(operand);
      if (isNarrow(value.getType())) // a constant, or from outside
        value = arith::ExtFOp::create(builder, op.getLoc(),
                                      widened(value.getType()), value);
      operands.push_back(value);
    }
    return operands;
  }

  void copyWide(Operation &op) {
    SmallVector<Type> types = llvm::map_to_vector(op.getResultTypes(), widened);
    OperationState state(op.getLoc(), op.getName(), operandsOf(op), types,
                         op.getAttrs());
    mapping.map(op.getResults(), builder.create(state)->getResults());
  }

  Block &source;
  OpBuilder builder;
  IRMapping mapping;
};

struct WidenScans final : ir::impl::WidenScansBase<WidenScans> {
  void runOnOperation() override {
    SmallVector<Operation *> ops;
    getOperation().walk([&](Operation *op) {
      if (isa<tile::ScanOp, tile::ReduceOp>(op) &&
          canWiden(op->getRegion(0).front()))
        ops.push_back(op);
    });
    for (Operation *op : ops)
      widen(op);
  }

  static void widen(Operation *op) {
    OpBuilder builder(op);
    OperationState state(op->getLoc(), op->getName());
    for (Value source : op->getOperands())
      state.operands.push_back(
          isNarrow(source.getType())
              ? arith::ExtFOp::create(builder, op->getLoc(),
                                      widened(source.getType()), source)
              : source);
    for (Type type : op->getResultTypes())
      state.addTypes(widened(type));
    state.addAttributes(op->getAttrs());
    WideRegion(op->getRegion(0).front(), *state.addRegion()).copy();
    Operation *wide = builder.create(state);
    for (auto [narrow, result] :
         llvm::zip(op->getResults(), wide->getResults())) {
      Value value = result;
      if (value.getType() != narrow.getType())
        value = arith::TruncFOp::create(builder, op->getLoc(), narrow.getType(),
                                        value);
      narrow.replaceAllUsesWith(value);
    }
    op->erase();
  }
};
} // namespace
