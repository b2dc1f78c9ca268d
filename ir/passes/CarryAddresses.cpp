//===- CarryAddresses.cpp - No tensor of pointers is chosen or carried
//
// Part of the Tegula Project, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "ir/passes/Passes.h"
#include "mlir/Dialect/SCF/IR/SCF.h"

using namespace mlir;
using namespace tegula;

namespace tegula::ir {
#define GEN_PASS_DEF_CARRYADDRESSES
#include "ir/passes/Passes.h.inc"
} // namespace tegula::ir

static bool isPtrTensor(Type type) {
  return isa<RankedTensorType>(type) && tile::isPtrLike(type);
}

static Type addressType(Type type) {
  return tile::withElementType(type, IntegerType::get(type.getContext(), 64));
}

/// Makes an operand the address of what it is.
static void toAddress(OpOperand &operand) {
  OpBuilder builder(operand.getOwner());
  Value value = operand.get();
  operand.set(tile::PtrToIntOp::create(builder, operand.getOwner()->getLoc(),
                                       addressType(value.getType()), value));
}

/// Makes a value an address, its users still see pointers.
static void fromAddress(Value value) {
  Type pointers = value.getType();
  value.setType(addressType(pointers));
  OpBuilder builder(value.getContext());
  builder.setInsertionPointAfterValue(value);
  auto back =
      tile::IntToPtrOp::create(builder, value.getLoc(), pointers, value);
  value.replaceAllUsesExcept(back, back);
}

static void convertFor(scf::ForOp loop) {
  auto yield = cast<scf::YieldOp>(loop.getBody()->getTerminator());
  for (unsigned i = 0, e = loop.getNumRegionIterArgs(); i < e; ++i) {
    if (!isPtrTensor(loop.getResult(i).getType()))
      continue;
    toAddress(loop.getInitArgsMutable()[i]);
    fromAddress(loop.getRegionIterArg(i));
    toAddress(yield->getOpOperand(i));
    fromAddress(loop.getResult(i));
  }
}

static void convertWhile(scf::WhileOp loop) {
  for (unsigned i = 0, e = loop.getInits().size(); i < e; ++i) {
    if (!isPtrTensor(loop.getBeforeArguments()[i].getType()))
      continue;
    toAddress(loop.getInitsMutable()[i]);
    fromAddress(loop.getBeforeArguments()[i]);
    toAddress(loop.getYieldOp()->getOpOperand(i));
  }
  for (unsigned i = 0, e = loop.getNumResults(); i < e; ++i) {
    if (!isPtrTensor(loop.getResult(i).getType()))
      continue;
    toAddress(loop.getConditionOp().getArgsMutable()[i]);
    fromAddress(loop.getAfterArguments()[i]);
    fromAddress(loop.getResult(i));
  }
}

static void convertIf(scf::IfOp branch) {
  for (unsigned i = 0, e = branch.getNumResults(); i < e; ++i) {
    if (!isPtrTensor(branch.getResult(i).getType()))
      continue;
    toAddress(branch.thenYield()->getOpOperand(i));
    toAddress(branch.elseYield()->getOpOperand(i));
    fromAddress(branch.getResult(i));
  }
}

static void convertSelect(arith::SelectOp select) {
  if (!isPtrTensor(select.getType()))
    return;
  toAddress(select.getTrueValueMutable());
  toAddress(select.getFalseValueMutable());
  fromAddress(select.getResult());
}

namespace {
struct CarryAddresses : tegula::ir::impl::CarryAddressesBase<CarryAddresses> {
  void runOnOperation() override {
    getOperation().walk([](Operation *op) {
      if (auto loop = dyn_cast<scf::ForOp>(op))
        convertFor(loop);
      else if (auto loop = dyn_cast<scf::WhileOp>(op))
        convertWhile(loop);
      else if (auto branch = dyn_cast<scf::IfOp>(op))
        convertIf(branch);
      else if (auto select = dyn_cast<arith::SelectOp>(op))
        convertSelect(select);
    });
    // Addresses that went through pointers and back.
    getOperation().walk([](tile::PtrToIntOp op) {
      if (auto pointer = op.getSrc().getDefiningOp<tile::IntToPtrOp>()) {
        op.replaceAllUsesWith(pointer.getSrc());
        op.erase();
      }
    });
  }
};
} // namespace
