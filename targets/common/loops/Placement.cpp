//===- Placement.cpp - Where each tile value lives ------------------------===//
//
// Part of the Tegula Project, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "targets/common/loops/Placement.h"
#include "ir/tile/Tile.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Math/IR/Math.h"
#include "mlir/Dialect/SCF/IR/SCF.h"
#include "mlir/Dialect/UB/IR/UBOps.h"
#include "targets/common/loops/Chunk.h"
#include "llvm/ADT/TypeSwitch.h"

using namespace mlir;
using namespace tegula;
using namespace tegula::loops;

bool loops::isPullable(Operation *op) {
  if (op->getNumRegions() != 0)
    return false;
  if (isa<tile::RangeOp, tile::SplatOp, tile::BroadcastOp, tile::ExpandDimsOp,
          tile::ReshapeOp, tile::TransOp, tile::JoinOp, tile::SplitOp,
          tile::CatOp, tile::PtrAddOp, tile::PtrCastOp, tile::IntToPtrOp,
          tile::PtrToIntOp, tile::FpConvertOp, tile::ExternMathOp,
          tile::GatherOp, tile::LoadOp, tile::LoadBoxOp, ub::PoisonOp>(op))
    return true;
  return op->hasTrait<OpTrait::Elementwise>() || isa<arith::ConstantOp>(op);
}

bool loops::isRoot(Operation *op) { return !isPullable(op); }

//===----------------------------------------------------------------------===//
// Cost: instructions for one vector of the value
//===----------------------------------------------------------------------===//

static double ownCost(Operation *op) {
  if (isa<math::ExpOp, math::Exp2Op, math::ExpM1Op, math::LogOp, math::Log2Op,
          math::Log10Op, math::Log1pOp, math::SinOp, math::CosOp, math::TanOp,
          math::TanhOp, math::ErfOp, math::PowFOp, tile::ExternMathOp>(op))
    return 14;
  if (isa<arith::DivFOp, math::SqrtOp, math::RsqrtOp, arith::DivSIOp,
          arith::DivUIOp, arith::RemSIOp, arith::RemUIOp, arith::RemFOp>(op))
    return 4;
  if (isa<tile::LoadOp, tile::GatherOp>(op))
    return 8;
  if (auto box = dyn_cast<tile::LoadBoxOp>(op))
    return box.getIndices().empty() ? 1 : 2;
  if (isa<tile::SplatOp, arith::ConstantOp, tile::BroadcastOp,
          tile::ExpandDimsOp, tile::TransOp, ub::PoisonOp>(op))
    return 0;
  // Reshapes, joins and splits may turn a vector load into a gather.
  if (isa<tile::ReshapeOp, tile::JoinOp, tile::SplitOp, tile::CatOp>(op))
    return 2;
  Type element = tile::elementTypeOf(op->getResult(0).getType());
  return isa<FloatType>(element) ? 1 : 0.25;
}

double Placement::cost(Value value) {
  if (!isTensor(value))
    return 0;
  if (arena.contains(value))
    return 1;
  Operation *op = value.getDefiningOp();
  if (!op || isRoot(op))
    return 1;
  auto known = costs.find(value);
  if (known != costs.end())
    return known->second;
  double total = ownCost(op);
  for (Value operand : op->getOperands())
    total += cost(operand);
  total = std::min(total, 1e6);
  costs[value] = total;
  return total;
}

//===----------------------------------------------------------------------===//
// Who evaluates a value, and how often
//===----------------------------------------------------------------------===//

/// Loops around `user` that do not contain `value`: each is taken to run often.
static double loopFactor(Value value, Operation *user) {
  double factor = 1;
  Region *home = value.getParentRegion();
  for (Region *region = user->getParentRegion(); region && region != home;
       region = region->getParentRegion())
    if (isa_and_nonnull<scf::ForOp, scf::WhileOp>(region->getParentOp()))
      factor *= 8;
  return factor;
}

double Placement::evaluations(Value value) const {
  double total = 0;
  for (Operation *root : roots(value))
    total += loopFactor(value, root);
  return total;
}

const SmallPtrSet<Operation *, 4> &Placement::roots(Value value) const {
  auto it = rootsOf.find(value);
  return it == rootsOf.end() ? none : it->second;
}

bool Placement::isCheap(ValueRange values) {
  double total = 0;
  for (Value value : values)
    total += cost(value);
  return total < 8;
}

StringRef Placement::reason(Value value) const {
  if (auto it = arena.find(value); it != arena.end())
    return it->second;
  if (evaluations(value) == 0)
    return "nothing needs it";
  if (evaluations(value) == 1)
    return "one nest needs it, once";
  if (isa_and_nonnull<tile::LoadOp, tile::LoadBoxOp>(value.getDefiningOp()))
    return "read again where it is needed";
  return "cheaper to compute again than to keep";
}

void Placement::keep(Value value, StringRef why) {
  arena.try_emplace(value, why);
}

//===----------------------------------------------------------------------===//
// Effects
//===----------------------------------------------------------------------===//

static bool writesMemory(Operation *op) {
  return isa<tile::StoreOp, tile::StoreBoxOp, tile::AtomicRMWOp,
             tile::AtomicCASOp, tile::AtomicPollOp>(op);
}

static bool anyWrite(Operation *op) {
  return op
      ->walk([](Operation *inner) {
        return writesMemory(inner) ? WalkResult::interrupt()
                                   : WalkResult::advance();
      })
      .wasInterrupted();
}

/// May memory change between `load` and the time `root` reads it again? The
/// root's own writes do not count: its nest sees to them.
static bool clobberedBefore(Operation *load, Operation *root) {
  // Only these know how to read before they write.
  if (writesMemory(root) && !isa<tile::StoreBoxOp, tile::AtomicRMWOp>(root))
    return true;
  Operation *top = root;
  while (top && top->getBlock() != load->getBlock()) {
    Operation *parent = top->getParentOp();
    // A loop between the two runs its writes before the next evaluation.
    if (isa_and_nonnull<scf::ForOp, scf::WhileOp>(parent) && anyWrite(parent))
      return true;
    for (Operation &before : *top->getBlock()) {
      if (&before == top)
        break;
      if (anyWrite(&before))
        return true;
    }
    top = parent;
  }
  if (!top)
    return true;
  for (Operation *op = load->getNextNode(); op && op != top;
       op = op->getNextNode())
    if (anyWrite(op))
      return true;
  return false;
}

static bool changesMap(Operation *op) {
  return isa<tile::ReshapeOp, tile::TransOp, tile::BroadcastOp, tile::JoinOp,
             tile::SplitOp, tile::CatOp, tile::GatherOp>(op);
}

/// Does each row of a box ask for this index?
static bool isRowsIndex(OpOperand &use) {
  auto box = dyn_cast<tile::LoadBoxOp>(use.getOwner());
  return box && box.getTileType().getRank() > 1 &&
         llvm::is_contained(box.getIndices(), use.get());
}

//===----------------------------------------------------------------------===//
// The decision
//===----------------------------------------------------------------------===//

void Placement::place(Value value) {
  SmallPtrSet<Operation *, 4> sites;
  // Consumers that see the value through different maps share nothing.
  unsigned maps = 0;
  bool plainUse = false;
  for (OpOperand &use : value.getUses()) {
    Operation *user = use.getOwner();
    if (isRoot(user)) {
      sites.insert(groups.leaderOf(user));
      continue;
    }
    if (changesMap(user))
      ++maps;
    else
      plainUse = true;
    if (isa<tile::GatherOp>(user) && use.getOperandNumber() == 0)
      keep(value, "source of a gather");
    for (Value result : user->getResults()) {
      if (!isTensor(result))
        continue; // tile.unsplat makes a scalar of it.
      if (arena.contains(result)) {
        sites.insert(user);
        continue;
      }
      if (isa<tile::BroadcastOp>(user) || isRowsIndex(use) ||
          repeated.contains(result))
        repeated.insert(value);
      const auto &further = rootsOf[result];
      sites.insert(further.begin(), further.end());
    }
  }
  rootsOf[value] = sites;
  Operation *op = value.getDefiningOp();
  if (!op || isRoot(op)) {
    keep(value, "the result of a loop nest");
    return;
  }
  // Whatever it repeats is kept instead.
  if (isa<tile::SplatOp, tile::ExpandDimsOp, tile::BroadcastOp>(op))
    return;
  double each = cost(value);
  if (isa<tile::LoadOp, tile::LoadBoxOp>(op))
    for (Operation *root : roots(value))
      if (clobberedBefore(op, root)) {
        keep(value, "memory may change before its last use");
        return;
      }
  double times = evaluations(value) + maps - (maps && !plainUse ? 1 : 0);
  // What is repeated over another dimension is evaluated once a row.
  if (each > 3 && repeated.contains(value))
    times *= 8;
  if ((each - 1) * (times - 1) > 2)
    keep(value, "cheaper to keep than to compute again");
}

void Placement::place(Operation *op) {
  for (Value result : op->getResults())
    if (isTensor(result))
      place(result);
  for (Region &region : op->getRegions()) {
    if (isa<tile::ReduceOp, tile::ScanOp, tile::MapElementwiseOp>(op))
      continue;
    for (Block &block : region) {
      for (Operation &inner : llvm::reverse(block))
        place(&inner);
      for (BlockArgument argument : block.getArguments())
        if (isTensor(argument))
          place(argument);
    }
  }
}

Placement::Placement(func::FuncOp func) : groups(func) {
  place(func.getOperation());
}
