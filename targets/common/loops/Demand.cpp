//===- Demand.cpp - Which part of a tile anyone reads ---------------------===//
//
// Part of the Tegula Project, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "targets/common/loops/Demand.h"
#include "ir/tile/Tile.h"
#include "mlir/Dialect/SCF/IR/SCF.h"
#include "mlir/IR/Dominance.h"
#include "mlir/IR/Matchers.h"

using namespace mlir;
using namespace tegula;
using namespace tegula::loops;

namespace {
/// The tiles that take their elements from the same place of one tile, and the
/// bounds of the stores at their ends.
class Demand {
public:
  /// Follows all uses of `tile`; fails if one of them may read anything.
  LogicalResult add(Value tile);
  /// The bound that all stores have along `dim`.
  Value bound(int dim) const;

private:
  LogicalResult addUse(OpOperand &use);
  LogicalResult carry(scf::ForOp loop, unsigned index);

  SmallVector<OperandRange> stores; // uppers of each
  SmallVector<scf::ForOp> loops;    // that carry the tile
  DenseSet<Value> seen;
};
} // namespace

LogicalResult Demand::carry(scf::ForOp loop, unsigned index) {
  loops.push_back(loop);
  return success(succeeded(add(loop.getRegionIterArg(index))) &&
                 succeeded(add(loop.getResult(index))));
}

LogicalResult Demand::addUse(OpOperand &use) {
  Operation *user = use.getOwner();
  if (auto store = dyn_cast<tile::StoreBoxOp>(user)) {
    if (use.get() != store.getValue())
      return failure();
    stores.push_back(store.getUppers());
    return success();
  }
  if (auto dot = dyn_cast<tile::DotOp>(user))
    return success(use.getOperandNumber() ==
                       dot.getCMutable().getOperandNumber() &&
                   succeeded(add(dot.getResult())));
  if (auto loop = dyn_cast<scf::ForOp>(user))
    return carry(loop, loop.getTiedLoopResult(&use).getResultNumber());
  if (isa<scf::YieldOp>(user)) {
    auto loop = dyn_cast<scf::ForOp>(user->getParentOp());
    return loop ? carry(loop, use.getOperandNumber()) : failure();
  }
  // Pure ops take whatever lies in elements that nobody reads.
  if ((user->hasTrait<OpTrait::Elementwise>() ||
       isa<tile::FpConvertOp>(user)) &&
      isPure(user) && user->getNumResults() == 1)
    return add(user->getResult(0));
  return failure();
}

LogicalResult Demand::add(Value tile) {
  if (!seen.insert(tile).second)
    return success();
  for (OpOperand &use : tile.getUses())
    if (failed(addUse(use)))
      return failure();
  return success();
}

Value Demand::bound(int dim) const {
  Value bound;
  for (OperandRange uppers : stores) {
    if (bound && uppers[dim] != bound)
      return {};
    bound = uppers[dim];
  }
  // What one turn makes, the next one may store up to a bound of its own.
  if (!bound || matchPattern(bound, m_Constant()) ||
      llvm::any_of(loops, [&](scf::ForOp loop) {
        return !loop.isDefinedOutsideOfLoop(bound);
      }))
    return {};
  return bound;
}

SmallVector<Value> loops::findDemand(Value tile) {
  int rank = cast<RankedTensorType>(tile.getType()).getRank();
  SmallVector<Value> bounds(rank);
  Demand demand;
  if (failed(demand.add(tile)))
    return bounds;
  DominanceInfo dominance;
  for (auto [dim, bound] : llvm::enumerate(bounds))
    if (Value found = demand.bound(dim);
        found && dominance.properlyDominates(found, tile.getDefiningOp()))
      bound = found;
  return bounds;
}
