//===- Shrink.cpp - Makes a failing program small
//
// Part of the Tegula Project, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "ir/tile/Tile.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/SCF/IR/SCF.h"
#include "mlir/IR/Verifier.h"
#include "mlir/Interfaces/SideEffectInterfaces.h"
#include "tests/fuzz/Runner.h"

using namespace mlir;
using namespace tegula;
using namespace tegula::fuzz;

static void eraseDead(ModuleOp module) {
  bool changed = true;
  while (changed) {
    changed = false;
    SmallVector<Operation *> dead;
    module.walk([&](Operation *op) {
      if (isOpTriviallyDead(op))
        dead.push_back(op);
    });
    for (Operation *op : dead) {
      op->erase();
      changed = true;
    }
  }
}

/// A zero of a number's type.
static Value makeZero(OpBuilder &builder, Location location, Type type) {
  Type element = tile::elementTypeOf(type);
  if (!isa<IntegerType, FloatType>(element))
    return {};
  TypedAttr zero = builder.getZeroAttr(type);
  return arith::ConstantOp::create(builder, location, zero);
}

/// One way to simplify an op; false if it has no such way.
static bool simplify(Operation *op, unsigned way) {
  if (op->hasTrait<OpTrait::IsTerminator>())
    return false;
  OpBuilder builder(op);
  switch (way) {
  case 0: // Leave it out.
    if (!op->use_empty() || isa<arith::ConstantOp>(op))
      return false;
    op->erase();
    return true;
  case 1:
  case 2: // Its first or last operand of the same type in its place.
    for (OpResult result : op->getResults()) {
      Value stand;
      for (Value operand : op->getOperands())
        if (operand.getType() == result.getType() && (way == 2 || !stand))
          stand = operand;
      if (!stand && !result.use_empty())
        return false;
      if (stand)
        result.replaceAllUsesWith(stand);
    }
    if (op->getNumResults() == 0)
      return false;
    op->erase();
    return true;
  case 3: // Zeros in its place.
    if (isa<arith::ConstantOp>(op) || op->getNumResults() == 0)
      return false;
    for (OpResult result : op->getResults()) {
      if (result.use_empty())
        continue;
      Value zero = makeZero(builder, op->getLoc(), result.getType());
      if (!zero)
        return false;
      result.replaceAllUsesWith(zero);
    }
    op->erase();
    return true;
  case 4: { // A branch without its condition.
    auto branch = dyn_cast<scf::IfOp>(op);
    if (!branch)
      return false;
    Block &body = branch.getThenRegion().front();
    Operation *yield = body.getTerminator();
    op->replaceAllUsesWith(yield->getOperands());
    yield->erase();
    op->getBlock()->getOperations().splice(Block::iterator(op),
                                           body.getOperations());
    op->erase();
    return true;
  }
  default:
    return false;
  }
}

/// The op number `index` in the order of a walk.
static Operation *findOp(ModuleOp module, size_t index) {
  Operation *found = nullptr;
  size_t count = 0;
  module.walk([&](Operation *op) {
    if (count++ == index)
      found = op;
  });
  return found;
}

static size_t countOps(ModuleOp module) {
  size_t count = 0;
  module.walk([&](Operation *) { ++count; });
  return count;
}

static void dropUnusedArguments(Case &test) {
  func::FuncOp kernel = test.kernel();
  for (unsigned index = kernel.getNumArguments(); index-- > 0;) {
    if (!kernel.getArgument(index).use_empty())
      continue;
    if (failed(kernel.eraseArgument(index)))
      return;
    test.arguments.erase(test.arguments.begin() + index);
  }
}

Case tegula::fuzz::shrink(Case test,
                          llvm::function_ref<bool(const Case &)> stillFails) {
  for (uint32_t fewer : {1u, 2u}) {
    if (fewer >= test.programs)
      break;
    uint32_t before = std::exchange(test.programs, fewer);
    if (stillFails(test))
      break;
    test.programs = before;
  }
  bool changed = true;
  while (changed) {
    changed = false;
    // From the back: what comes late has few uses.
    for (size_t index = countOps(*test.module); index-- > 0;) {
      for (unsigned way = 0; way < 5; ++way) {
        Case smaller = test.clone();
        Operation *op = findOp(*smaller.module, index);
        if (!op || isa<ModuleOp, func::FuncOp>(op) || !simplify(op, way))
          continue;
        eraseDead(*smaller.module);
        if (failed(verify(*smaller.module)) || !stillFails(smaller))
          continue;
        test = std::move(smaller);
        changed = true;
        break;
      }
      index = std::min(index, countOps(*test.module));
    }
  }
  dropUnusedArguments(test);
  return test;
}
