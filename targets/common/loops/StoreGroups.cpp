//===- StoreGroups.cpp - Stores that share a nest -------------------------===//
//
// Part of the Tegula Project, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "targets/common/loops/StoreGroups.h"
#include "mlir/Dialect/SCF/IR/SCF.h"
#include "mlir/IR/Matchers.h"
#include "mlir/Interfaces/SideEffectInterfaces.h"
#include "targets/common/loops/Chunk.h"
#include "targets/common/loops/Placement.h"
#include "llvm/ADT/SetVector.h"

using namespace mlir;
using namespace tegula;
using namespace tegula::loops;

namespace {
/// What the value of a store is made of.
struct Sources {
  llvm::SetVector<Operation *> loads;
  llvm::SmallPtrSet<Operation *, 16> seen;
};
} // namespace

/// A box whose address range is known and whose rows lie as the tile's do.
template <typename BoxOp> static bool isPlain(BoxOp box) {
  bool isThin = box.getTileType().getShape().back() == 1;
  return !box.getMask() && box.getIndices().empty() && box.getWraps().empty() &&
         (isThin || matchPattern(box.getStrides().back(), m_One()));
}

/// Collects the loads; fails if a part of `value` can't be made chunk by chunk
/// beside another store, or is the result of a loop or a product, which have
/// ways of their own to be stored.
static bool collect(Value value, Sources &sources) {
  if (!isTensor(value))
    return true;
  Operation *op = value.getDefiningOp();
  if (!op || isa<scf::ForOp, scf::WhileOp, scf::IfOp, tile::DotOp>(op))
    return false;
  if (isRoot(op) || !sources.seen.insert(op).second)
    return true;
  if (auto box = dyn_cast<tile::LoadBoxOp>(op)) {
    sources.loads.insert(op);
    return isPlain(box) && !box.getIsVolatile() &&
           (!box.getOther() || collect(box.getOther(), sources));
  }
  if (isa<tile::LoadOp, tile::GatherOp, tile::ReshapeOp, tile::TransOp,
          tile::JoinOp, tile::SplitOp, tile::CatOp>(op))
    return false;
  return llvm::all_of(op->getOperands(),
                      [&](Value operand) { return collect(operand, sources); });
}

/// Does `op` neither touch memory nor need a nest?
static bool isHarmless(Operation *op) {
  if (isPullable(op) && llvm::any_of(op->getResults(), isTensor))
    return !isa<tile::LoadOp, tile::LoadBoxOp>(op);
  return op->getNumRegions() == 0 && isPure(op) &&
         llvm::none_of(op->getOperands(), isTensor);
}

static bool coverTheSame(tile::StoreBoxOp a, tile::StoreBoxOp b) {
  return a.getTileType().getShape() == b.getTileType().getShape() &&
         a.getLowers() == b.getLowers() && a.getUppers() == b.getUppers();
}

StoreGroups::StoreGroups(func::FuncOp func) {
  func.walk([&](Block *block) {
    Stores stores;
    llvm::SetVector<Operation *> loads;
    auto finish = [&] {
      add(stores);
      stores.clear();
      loads.clear();
    };
    for (Operation &op : *block) {
      auto store = dyn_cast<tile::StoreBoxOp>(op);
      if (!store) {
        if (!isHarmless(&op))
          finish();
        continue;
      }
      Sources sources;
      bool fits = isPlain(store) && collect(store.getValue(), sources);
      bool shares = llvm::any_of(
          sources.loads, [&](Operation *load) { return loads.contains(load); });
      if (!fits || !shares || !coverTheSame(stores.front(), store))
        finish();
      if (!fits)
        continue;
      stores.push_back(store);
      loads.insert(sources.loads.begin(), sources.loads.end());
    }
    finish();
  });
}

void StoreGroups::add(Stores &stores) {
  if (stores.size() < 2)
    return;
  for (tile::StoreBoxOp store : stores)
    leaders[store] = stores.front();
  groups[stores.front()] = stores;
}

ArrayRef<tile::StoreBoxOp>
StoreGroups::startingAt(tile::StoreBoxOp first) const {
  auto it = groups.find(first);
  return it == groups.end() ? ArrayRef<tile::StoreBoxOp>() : it->second;
}

Operation *StoreGroups::leaderOf(Operation *root) const {
  auto it = leaders.find(root);
  return it == leaders.end() ? root : it->second;
}
