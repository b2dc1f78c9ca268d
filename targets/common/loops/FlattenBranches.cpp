//===- FlattenBranches.cpp - Both sides of short branches -----------------===//
//
// Part of the Tegula Project, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// A loop that starts its sums in the first iteration,
//
//   mean = x if i == 0 else mean + (x - mean) / n
//
// has tiles as results of a branch, which have to lie in the arena. Where both
// sides are a few operations on elements, computing both and choosing is
// cheaper, and the loop is one that can carry its tiles in registers
// (LowerElementwiseLoop). If-conversion: Allen, Kennedy, Porterfield and
// Warren, "Conversion of control dependence to data dependence", 1983.
//
//===----------------------------------------------------------------------===//

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/SCF/IR/SCF.h"
#include "mlir/Interfaces/SideEffectInterfaces.h"
#include "targets/common/loops/Loops.h"
#include "targets/common/loops/Placement.h"

using namespace mlir;
using namespace tegula;
using namespace tegula::loops;

namespace tegula::loops {
#define GEN_PASS_DEF_FLATTENBRANCHES
#include "targets/common/loops/Passes.h.inc"
} // namespace tegula::loops

/// More than these are worth a branch.
static constexpr unsigned kMostOps = 16;

static bool isShort(Block &side) {
  auto ops = side.without_terminator();
  return std::distance(ops.begin(), ops.end()) <= kMostOps &&
         llvm::all_of(ops, [](Operation &op) {
           return op.getNumRegions() == 0 && isPure(&op) &&
                  op.hasTrait<OpTrait::Elementwise>();
         });
}

static bool makesTiles(scf::IfOp branch) {
  return llvm::any_of(branch.getResultTypes(), llvm::IsaPred<RankedTensorType>);
}

static void flatten(scf::IfOp branch) {
  SmallVector<Value> sides[2];
  for (Block *side : {branch.thenBlock(), branch.elseBlock()}) {
    sides[side == branch.elseBlock()] =
        SmallVector<Value>(side->getTerminator()->getOperands());
    for (Operation &op : llvm::make_early_inc_range(side->without_terminator()))
      op.moveBefore(branch);
  }
  OpBuilder b(branch);
  for (auto [result, then, otherwise] :
       llvm::zip(branch.getResults(), sides[0], sides[1]))
    result.replaceAllUsesWith(arith::SelectOp::create(
        b, branch.getLoc(), branch.getCondition(), then, otherwise));
  branch.erase();
}

namespace {
struct FlattenBranches : loops::impl::FlattenBranchesBase<FlattenBranches> {
  void runOnOperation() override {
    getOperation().walk([](scf::IfOp branch) {
      if (isa<scf::ForOp>(branch->getParentOp()) && makesTiles(branch) &&
          branch.elseBlock() && isShort(*branch.thenBlock()) &&
          isShort(*branch.elseBlock()))
        flatten(branch);
    });
  }
};
} // namespace
