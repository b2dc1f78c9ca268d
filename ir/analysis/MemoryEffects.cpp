//===- MemoryEffects.cpp - What memory ops do to each other
//
// Part of the Tegula Project, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "ir/analysis/MemoryEffects.h"
#include "ir/tile/Tile.h"
#include "mlir/Dialect/SCF/IR/SCF.h"

using namespace mlir;
using namespace tegula;
using namespace tegula::ir;

//===----------------------------------------------------------------------===//
// Which memory
//===----------------------------------------------------------------------===//

Value tegula::ir::pointerOf(Operation *op) {
  for (Value operand : op->getOperands())
    if (isa<tile::LoadOp, tile::StoreOp, tile::LoadBoxOp, tile::StoreBoxOp,
            tile::AtomicRMWOp, tile::AtomicCASOp, tile::AtomicPollOp,
            tile::DescLoadOp, tile::DescStoreOp, tile::DescReduceOp,
            tile::DescGatherOp, tile::DescScatterOp>(op) &&
        (tile::isPtrLike(operand.getType()) ||
         isa<tile::DescType>(operand.getType())))
      return operand; // It is the first one of every memory op.
  return {};
}

BlockArgument tegula::ir::rootArgument(Value pointer) {
  while (Operation *op = pointer.getDefiningOp()) {
    if (!isShapeOp(op) && !isa<tile::PtrAddOp, tile::PtrCastOp, tile::SplatOp,
                               tile::UnsplatOp, tile::MakeDescOp>(op))
      return {};
    pointer = op->getOperand(0);
  }
  auto argument = cast<BlockArgument>(pointer);
  bool isOfKernel =
      isa<FunctionOpInterface>(argument.getOwner()->getParentOp());
  return isOfKernel ? argument : BlockArgument();
}

bool tegula::ir::writesMemory(Operation *op) {
  if (isa<tile::AssertOp, tile::PrintOp>(op))
    return false; // They talk to the user, not to arrays.
  if (auto effects = dyn_cast<MemoryEffectOpInterface>(op))
    return effects.hasEffect<mlir::MemoryEffects::Write>();
  return !op->hasTrait<OpTrait::HasRecursiveMemoryEffects>() &&
         !op->hasTrait<OpTrait::IsTerminator>();
}

//===----------------------------------------------------------------------===//
// Maps
//===----------------------------------------------------------------------===//

template <typename Load, typename Store>
static bool isSameMap(Load load, Store store) {
  return load.getBase() == store.getBase() &&
         load.getTileType().getShape() == store.getTileType().getShape() &&
         load.getStarts() == store.getStarts() &&
         load.getStrides() == store.getStrides() &&
         load.getWraps() == store.getWraps() &&
         load.getIndices() == store.getIndices() &&
         load.getIndexedDims() == store.getIndexedDims();
}

/// The least and greatest distance from the base, in elements; nothing if that
/// isn't a constant.
template <typename Box>
static std::optional<std::pair<int64_t, int64_t>>
extentOf(Box box, IndexAnalysis &analysis) {
  if (!box.getIndices().empty())
    return std::nullopt;
  int64_t least = 0, greatest = 0;
  for (auto [d, size] : llvm::enumerate(box.getTileType().getShape())) {
    auto stride = analysis.scalar(box.getStrides()[d]).constant();
    auto start = analysis.scalar(box.getStarts()[d]).constant();
    bool isWrapped =
        !box.getWraps().empty() &&
        analysis.scalar(box.getWraps()[d]).constant() != std::optional(0);
    // Keeps the arithmetic far from overflow.
    constexpr int64_t kLimit = int64_t(1) << 40;
    if (!stride || !start || isWrapped || *stride > kLimit ||
        *stride < -kLimit || *start > (1 << 20) || *start < -(1 << 20))
      return std::nullopt;
    int64_t first = *start * *stride, last = (*start + size - 1) * *stride;
    least += std::min(first, last);
    greatest += std::max(first, last);
  }
  return std::make_pair(least, greatest);
}

MapRelation tegula::ir::relateMaps(Operation *loadOp, Operation *storeOp,
                                   IndexAnalysis &analysis) {
  auto load = dyn_cast<tile::LoadBoxOp>(loadOp);
  auto store = dyn_cast<tile::StoreBoxOp>(storeOp);
  if (!load || !store)
    return MapRelation::Unknown;
  if (isSameMap(load, store))
    return MapRelation::Identical;
  Expressed<PointerForm> from = analysis.pointer(load.getBase());
  Expressed<PointerForm> to = analysis.pointer(store.getBase());
  if (!from || !to || from->root != to->root)
    return MapRelation::Unknown;
  auto distance = (to->offset.uniform - from->offset.uniform).constant();
  auto read = extentOf(load, analysis), written = extentOf(store, analysis);
  if (!distance || !read || !written || *distance > INT64_MAX / 2 ||
      *distance < INT64_MIN / 2)
    return MapRelation::Unknown;
  bool isApart = read->second < *distance + written->first ||
                 *distance + written->second < read->first;
  return isApart ? MapRelation::Disjoint : MapRelation::Unknown;
}

//===----------------------------------------------------------------------===//
// Order
//===----------------------------------------------------------------------===//

/// May anything in `op` change what `load` reads?
static bool mayDisturb(Operation *op, Operation *load, Operation *except,
                       IndexAnalysis &analysis) {
  WalkResult result = op->walk([&](Operation *inner) {
    if (inner == except || !writesMemory(inner))
      return WalkResult::advance();
    // Only within one block do both have their addresses at the same time.
    if (inner->getBlock() == load->getBlock() &&
        relateMaps(load, inner, analysis) == MapRelation::Disjoint)
      return WalkResult::advance();
    return WalkResult::interrupt();
  });
  return result.wasInterrupted();
}

bool tegula::ir::canReevaluate(Operation *load, Operation *consumer,
                               IndexAnalysis &analysis) {
  if (auto plain = dyn_cast<tile::LoadOp>(load); plain && plain.getIsVolatile())
    return false;
  if (auto box = dyn_cast<tile::LoadBoxOp>(load); box && box.getIsVolatile())
    return false;
  Operation *outer = load->getBlock()->findAncestorOpInBlock(*consumer);
  if (!outer || outer == load || !load->isBeforeInBlock(outer))
    return false;
  for (Operation *op = load->getNextNode(); op != outer; op = op->getNextNode())
    if (mayDisturb(op, load, nullptr, analysis))
      return false;
  if (outer == consumer)
    return true;
  // In a loop the consumer runs again after all writes of the loop, its own
  // included; in a branch it runs once.
  bool repeats = false;
  for (Operation *op = consumer->getParentOp(); op != load->getParentOp();
       op = op->getParentOp())
    repeats |= !isa<scf::IfOp>(op);
  return !mayDisturb(outer, load, repeats ? nullptr : consumer, analysis);
}

//===----------------------------------------------------------------------===//
// Waiting
//===----------------------------------------------------------------------===//

bool tegula::ir::isAtomic(Operation *op) {
  return isa<tile::AtomicRMWOp, tile::AtomicCASOp, tile::AtomicPollOp>(op);
}

/// Does the loop read the same place until it changes?
static bool spins(tile::LoadOp load, scf::WhileOp loop) {
  bool sameAddress =
      !loop->isAncestor(load.getPtr().getParentBlock()->getParentOp());
  return load.getIsVolatile() || sameAddress;
}

bool tegula::ir::mayWait(scf::WhileOp loop) {
  return loop
      .walk([&](Operation *op) {
        auto load = dyn_cast<tile::LoadOp>(op);
        return isAtomic(op) || (load && spins(load, loop))
                   ? WalkResult::interrupt()
                   : WalkResult::advance();
      })
      .wasInterrupted();
}

bool tegula::ir::kernelWaits(func::FuncOp kernel) {
  return kernel
      .walk([](Operation *op) {
        auto loop = dyn_cast<scf::WhileOp>(op);
        return isa<tile::AtomicPollOp>(op) || (loop && mayWait(loop))
                   ? WalkResult::interrupt()
                   : WalkResult::advance();
      })
      .wasInterrupted();
}
