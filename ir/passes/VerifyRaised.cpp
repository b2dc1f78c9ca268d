//===- VerifyRaised.cpp - Refuse what no lowering expects
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
#define GEN_PASS_DEF_VERIFYRAISED
#include "ir/passes/Passes.h.inc"
} // namespace tegula::ir

static bool isMemoryOp(Operation *op) {
  return isa<tile::LoadOp, tile::StoreOp, tile::LoadBoxOp, tile::StoreBoxOp,
             tile::AtomicRMWOp, tile::AtomicCASOp, tile::AtomicPollOp>(op);
}

static LogicalResult verifyControlFlow(Operation *op) {
  for (Region &region : op->getRegions())
    if (!region.empty() && !region.hasOneBlock())
      return op->emitError()
             << "has blocks that branch to each other; expected "
                "control flow to be scf ops";
  if (!isa<scf::ForOp, scf::WhileOp, scf::IfOp, arith::SelectOp>(op))
    return success();
  for (Type type : op->getResultTypes())
    if (isa<RankedTensorType>(type) && tile::isPtrLike(type))
      return op->emitError()
             << "gives a tensor of pointers; expected a base and offsets, or "
                "addresses";
  return success();
}

static LogicalResult verifyOp(Operation *op) {
  if (isa<func::CallOp>(op))
    return op->emitError() << "is a call that could not be inlined; recursive "
                              "functions are not supported";
  auto isDesc = [](Type type) { return isa<tile::DescType>(type); };
  if (llvm::any_of(op->getResultTypes(), isDesc) ||
      llvm::any_of(op->getOperandTypes(), isDesc))
    return op->emitError()
           << "uses a tensor descriptor in a way that is not supported: only "
              "loads, stores, gathers, scatters and reductions of a descriptor "
              "that is made in the kernel or passed to it";
  if (isMemoryOp(op) && !op->hasAttr(tile::TileDialect::kTierAttr))
    return op->emitError() << "has no tier; expected it from raising";
  return verifyControlFlow(op);
}

namespace {
struct VerifyRaised : tegula::ir::impl::VerifyRaisedBase<VerifyRaised> {
  void runOnOperation() override {
    // All errors, not only the first.
    bool isValid = true;
    getOperation().walk(
        [&](Operation *op) { isValid &= succeeded(verifyOp(op)); });
    if (!isValid)
      signalPassFailure();
    markAllAnalysesPreserved();
  }
};
} // namespace
