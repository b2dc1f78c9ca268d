//===- Origin.cpp - Where addresses come from
//
// Part of the Tegula Project, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "ir/interp/Compiler.h"
#include "ir/tile/Tile.h"
#include "mlir/Interfaces/ControlFlowInterfaces.h"
#include "llvm/ADT/SetVector.h"

using namespace mlir;
using namespace tegula;
using namespace tegula::ir::interp;

namespace {
/// The values that may become `value` through loops, branches and selects.
/// False if some can't be told.
bool predecessors(Value value, SmallVectorImpl<Value> &into) {
  if (auto argument = dyn_cast<BlockArgument>(value)) {
    Operation *parent = argument.getOwner()->getParentOp();
    unsigned number = argument.getArgNumber();
    if (auto loop = dyn_cast<scf::ForOp>(parent)) {
      if (number == 0)
        return false;
      into.push_back(loop.getInitArgs()[number - 1]);
      into.push_back(loop.getYieldedValues()[number - 1]);
      return true;
    }
    if (auto loop = dyn_cast<scf::WhileOp>(parent)) {
      if (argument.getOwner() == loop.getAfterBody()) {
        into.push_back(loop.getConditionOp().getArgs()[number]);
        return true;
      }
      into.push_back(loop.getInits()[number]);
      into.push_back(loop.getYieldOp().getOperand(number));
      return true;
    }
    if (argument.getOwner()->isEntryBlock())
      return false;
    for (auto it = argument.getOwner()->pred_begin(),
              end = argument.getOwner()->pred_end();
         it != end; ++it) {
      auto branch = dyn_cast<BranchOpInterface>((*it)->getTerminator());
      if (!branch)
        return false;
      SuccessorOperands operands =
          branch.getSuccessorOperands(it.getSuccessorIndex());
      into.push_back(operands[number]);
    }
    return true;
  }
  auto result = cast<OpResult>(value);
  unsigned number = result.getResultNumber();
  Operation *op = result.getOwner();
  if (auto loop = dyn_cast<scf::ForOp>(op)) {
    into.push_back(loop.getInitArgs()[number]);
    into.push_back(loop.getYieldedValues()[number]);
    return true;
  }
  if (auto loop = dyn_cast<scf::WhileOp>(op)) {
    into.push_back(loop.getConditionOp().getArgs()[number]);
    return true;
  }
  if (isa<scf::IfOp, scf::ExecuteRegionOp, scf::IndexSwitchOp>(op)) {
    for (Region &region : op->getRegions())
      for (Block &block : region)
        if (auto yield = dyn_cast<scf::YieldOp>(block.getTerminator()))
          into.push_back(yield.getOperand(number));
    return true;
  }
  if (auto select = dyn_cast<arith::SelectOp>(op)) {
    into.append({select.getTrueValue(), select.getFalseValue()});
    return true;
  }
  return false;
}

/// The values that an op only moves or moves along.
bool isMove(Operation *op) {
  return isa<tile::SplatOp, tile::UnsplatOp, tile::BroadcastOp,
             tile::ExpandDimsOp, tile::ReshapeOp, tile::TransOp, tile::JoinOp,
             tile::SplitOp, tile::CatOp>(op);
}
} // namespace

int tegula::ir::interp::originOf(Value pointer, Operation *kernel) {
  SetVector<Value> seen;
  seen.insert(pointer);
  int origin = -1;
  for (size_t next = 0; next < seen.size(); ++next) {
    Value value = seen[next];
    SmallVector<Value> before;
    Operation *op = value.getDefiningOp();
    if (op && isMove(op)) {
      before.append(op->operand_begin(), op->operand_end());
    } else if (op &&
               isa<tile::PtrAddOp, tile::PtrCastOp, tile::MakeDescOp>(op)) {
      before.push_back(op->getOperand(0));
    } else if (!predecessors(value, before)) {
      auto argument = dyn_cast<BlockArgument>(value);
      if (!argument || argument.getOwner()->getParentOp() != kernel ||
          !argument.getOwner()->isEntryBlock())
        return -1;
      int number = argument.getArgNumber();
      if (origin >= 0 && origin != number)
        return -1;
      origin = number;
    }
    seen.insert(before.begin(), before.end());
  }
  return origin;
}

DenseSet<Operation *>
tegula::ir::interp::findAddressArithmetic(Operation *root) {
  SetVector<Value> values;
  root->walk([&](Operation *op) {
    if (auto add = dyn_cast<tile::PtrAddOp>(op))
      values.insert(add.getOffset());
    auto addBox = [&](auto box) {
      for (OperandRange range : {box.getStarts(), box.getStrides()})
        values.insert(range.begin(), range.end());
      values.insert(box.getIndices().begin(), box.getIndices().end());
    };
    if (auto box = dyn_cast<tile::LoadBoxOp>(op))
      addBox(box);
    if (auto box = dyn_cast<tile::StoreBoxOp>(op))
      addBox(box);
  });
  DenseSet<Operation *> found;
  for (size_t next = 0; next < values.size(); ++next) {
    SmallVector<Value> before;
    Operation *op = values[next].getDefiningOp();
    // What comes out of a remainder, a shift right or a bit operation (a hash)
    // may have wrapped before on purpose.
    if (op && isa<arith::AddIOp, arith::SubIOp, arith::MulIOp>(op)) {
      found.insert(op);
      before.append(op->operand_begin(), op->operand_end());
    } else if (op &&
               (isMove(op) || isa<arith::ExtSIOp, arith::IndexCastOp>(op))) {
      before.append(op->operand_begin(), op->operand_end());
    } else {
      predecessors(values[next], before);
    }
    values.insert(before.begin(), before.end());
  }
  return found;
}
