//===- LaunchConstants.cpp - Tiles that a launch does not change ----------===//
//
// Part of the Tegula Project, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "targets/common/loops/LaunchConstants.h"
#include "ir/analysis/MemoryEffects.h"
#include "ir/tile/Tile.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/SCF/IR/SCF.h"
#include "mlir/IR/Matchers.h"
#include "targets/common/loops/Chunk.h"
#include "targets/common/loops/Placement.h"

using namespace mlir;
using namespace tegula;
using namespace tegula::loops;

LaunchConstants::LaunchConstants(func::FuncOp kernel) {
  kernel.getBody().walk([&](Operation *op) {
    if (!ir::writesMemory(op))
      return;
    Value pointer = ir::pointerOf(op);
    BlockArgument root = pointer ? ir::rootArgument(pointer) : BlockArgument();
    // Atomics order programs: what one of them publishes, another may read.
    if (!root || !isa<tile::StoreOp, tile::StoreBoxOp>(op))
      mayWriteAnything = true;
    else
      written.insert(root);
  });
}

static void addScalars(ValueRange values, llvm::SetVector<Value> &key) {
  for (Value value : values)
    if (!matchPattern(value, m_Constant()))
      key.insert(value);
}

bool LaunchConstants::collect(Value tile, llvm::SetVector<Value> &key,
                              DenseSet<Value> &seen) const {
  if (!isTensor(tile) || !seen.insert(tile).second)
    return true;
  Operation *op = tile.getDefiningOp();
  if (!op || !isPullable(op) || isa<tile::LoadOp>(op))
    return false;
  if (auto box = dyn_cast<tile::LoadBoxOp>(op)) {
    BlockArgument root = ir::rootArgument(box.getBase());
    if (!root || written.contains(root) || box.getIsVolatile())
      return false;
  }
  for (Value operand : op->getOperands()) {
    if (!isTensor(operand))
      addScalars(operand, key);
    else if (!collect(operand, key, seen))
      return false;
  }
  return true;
}

std::optional<llvm::SetVector<Value>> LaunchConstants::keyOf(Value tile) const {
  llvm::SetVector<Value> key;
  DenseSet<Value> seen;
  if (mayWriteAnything || !collect(tile, key, seen))
    return std::nullopt;
  return key;
}

/// Collects the program ids and the arguments of blocks that `value` is a sum
/// of multiples of.
static void collectTerms(Value value, llvm::SetVector<Value> &terms) {
  Operation *op = value.getDefiningOp();
  if (!op || isa<tile::ProgramIdOp>(op)) {
    terms.insert(value);
    return;
  }
  if (isa<arith::AddIOp, arith::SubIOp, arith::MulIOp, arith::ExtSIOp,
          arith::ExtUIOp, tile::PtrAddOp>(op))
    for (Value operand : op->getOperands())
      collectTerms(operand, terms);
}

std::optional<std::bitset<3>>
loops::axesOfKey(const llvm::SetVector<Value> &key, Operation *here) {
  llvm::SetVector<Value> terms;
  for (Value value : key)
    collectTerms(value, terms);
  for (Operation *parent = here->getParentOp(); !isa<func::FuncOp>(parent);
       parent = parent->getParentOp()) {
    auto loop = dyn_cast<scf::ForOp>(parent);
    if (loop ? !terms.contains(loop.getInductionVar())
             : isa<LoopLikeOpInterface>(parent))
      return std::nullopt;
  }
  std::bitset<3> axes;
  for (Value term : terms)
    if (auto id = term.getDefiningOp<tile::ProgramIdOp>())
      axes.set(static_cast<unsigned>(id.getAxis()));
  return axes;
}
