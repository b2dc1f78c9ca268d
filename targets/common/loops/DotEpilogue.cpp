//===- DotEpilogue.cpp - Results stored block by block --------------------===//
//
// Part of the Tegula Project, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// A loop that runs a product along K mostly ends in one store of its result. In
// the loop's last step that is done block by block, when the registers of the
// block have just been written and are in the first cache: the misses of the
// stores overlap with the products of the next block. In the same way the first
// step starts from zeros instead of reading them.
//
//===----------------------------------------------------------------------===//

#include "targets/common/loops/DotLoop.h"
#include "targets/common/loops/Lowering.h"

using namespace mlir;
using namespace tegula;
using namespace tegula::loops;

/// Do all uses of `value` lead, element by element, to what `store` stores?
static bool leadsTo(Value value, tile::StoreBoxOp store,
                    const Placement &placement) {
  return llvm::all_of(value.getUses(), [&](OpOperand &use) {
    Operation *user = use.getOwner();
    if (user == store)
      return use.get() == store.getValue();
    return user->getBlock() == store->getBlock() && isPullable(user) &&
           isPure(user) && user->getNumResults() == 1 &&
           (user->hasTrait<OpTrait::Elementwise>() ||
            isa<tile::FpConvertOp>(user)) &&
           !placement.inArena(user->getResult(0)) &&
           leadsTo(user->getResult(0), store, placement);
  });
}

/// A whole matrix stored row by row, as it lies in the tile.
static bool isPlain(tile::StoreBoxOp store) {
  auto isAtMostZero = [](Value bound) {
    APInt value;
    return matchPattern(bound, m_ConstantInt(&value)) &&
           !value.isStrictlyPositive();
  };
  return store.getTileType().getRank() == 2 && !store.getMask() &&
         store.getIndices().empty() && store.getWraps().empty() &&
         matchPattern(store.getStrides()[1], m_One()) &&
         llvm::all_of(store.getLowers(), isAtMostZero);
}

/// The store that ends what `loop` does, with nothing in between but scalars
/// and tiles that are computed in the store's nest; null if there is none.
static tile::StoreBoxOp findStore(scf::ForOp loop, const Placement &placement) {
  for (Operation *op = loop->getNextNode(); op; op = op->getNextNode()) {
    if (auto store = dyn_cast<tile::StoreBoxOp>(op))
      return isPlain(store) && leadsTo(loop.getResult(0), store, placement)
                 ? store
                 : tile::StoreBoxOp();
    bool makesTile = llvm::any_of(op->getResults(), isTensor);
    if (makesTile ? !isPullable(op) ||
                        llvm::any_of(op->getResults(),
                                     [&](Value result) {
                                       return placement.inArena(result);
                                     })
                  : op->getNumRegions() != 0 || !isPure(op) ||
                        llvm::any_of(op->getOperands(), isTensor))
      return {};
  }
  return {};
}

/// Prepares for storing the result of `loop` in its last step: the scalars that
/// the store needs are computed before the loop.
void Lowering::beginEpilogue(scf::ForOp loop, tile::DotOp dot,
                             const Buffer &buffer) {
  tile::StoreBoxOp store;
  // Neither libraries nor products by rows leave panels.
  if (buffer.panel && buffer.shape.back() % buffer.panel == 0 &&
      findCarriedDot(loop) == dot)
    store = findStore(loop, placement);
  if (!store)
    return;
  for (Operation *op = loop->getNextNode(); op != store; op = op->getNextNode())
    if (!llvm::any_of(op->getResults(), isTensor)) {
      if (failed(lowerScalar(op)))
        failedPull = true;
      lowered.insert(op);
    }
  ready[loop.getResult(0)] = buffer;
  Value init = loop.getInitArgs()[0];
  bool startsAtZero =
      matchPattern(init, m_AnyZeroFloat()) || matchPattern(init, m_Zero());
  Value begin = scalar(loop.getLowerBound()),
        end = scalar(loop.getUpperBound());
  Value isEmpty =
      arith::CmpIOp::create(b, arith::CmpIPredicate::sge, begin, end);
  Type element = store.getTileType().getElementType();
  epilogues[dot] = {loop,
                    store,
                    mayInterleave(store),
                    isEmpty,
                    startsAtZero,
                    mayStream(store, 1, lanesFor(element, buffer.panel))};
}

/// Is this the loop's first step, and is it its last?
Value Lowering::isFirstStep(const Epilogue &epilogue) {
  scf::ForOp loop = epilogue.loop;
  return arith::CmpIOp::create(b, arith::CmpIPredicate::eq,
                               scalar(loop.getInductionVar()),
                               scalar(loop.getLowerBound()));
}

Value Lowering::isLastStep(scf::ForOp loop) {
  Value left = arith::SubIOp::create(b, scalar(loop.getUpperBound()),
                                     scalar(loop.getInductionVar()));
  return arith::CmpIOp::create(b, arith::CmpIPredicate::ule, left,
                               scalar(loop.getStep()));
}

/// Stores one block, which lies in the result's buffer.
LogicalResult Lowering::storeBlock(const Epilogue &epilogue,
                                   const Buffer &result,
                                   const MicroTile &tile) {
  tile::StoreBoxOp store = epilogue.store;
  RankedTensorType type = store.getTileType();
  auto bounded = [&](Value from, int64_t size, int dim) {
    Extent extent;
    extent.lower = from;
    extent.upper = add(from, constant(size));
    Value bound = store.getUppers()[dim];
    auto known = constantOf(bound);
    if (known && *known >= type.getDimSize(dim))
      return extent;
    extent.upper = arith::MinSIOp::create(b, extent.upper, scalar(bound));
    extent.bound = bound;
    return extent;
  };
  Extent rows = bounded(tile.row, tile.rows, 0);
  Extent columns = bounded(mul(tile.panel, result.panel), result.panel, 1);
  columns.block = tile.panel;
  columns.blockSize = result.panel;
  int64_t lanes = lanesFor(type.getElementType(), result.panel);
  auto strips = [&] {
    return nest(type.getShape(), 1, lanes, {rows, columns},
                [&](const Chunk &chunk) {
                  writeBox(store, chunk, pull(store.getValue(), chunk));
                  return failure(failedPull);
                });
  };
  return epilogue.mayStream ? storeBothWays(epilogue.mayStream, strips)
                            : strips();
}

/// What is left of a store whose blocks are stored in the loop: all of it, if
/// the loop had no step or if it may overwrite what it still reads.
LogicalResult Lowering::finishEpilogue(const Epilogue &epilogue) {
  auto when = [&](Value condition, function_ref<LogicalResult()> then) {
    auto branch = scf::IfOp::create(b, condition, /*withElseRegion=*/false);
    OpBuilder::InsertionGuard guard(b);
    b.setInsertionPointToStart(branch.thenBlock());
    return then();
  };
  scf::ForOp loop = epilogue.loop;
  if (epilogue.startsAtZero && failed(when(epilogue.isEmpty, [&] {
        return materialize(loop.getInitArgs()[0], ready[loop.getResult(0)]);
      })))
    return failure();
  Value isLeft = epilogue.isEmpty;
  if (epilogue.mayInterleave)
    isLeft = arith::OrIOp::create(
        b, isLeft,
        arith::XOrIOp::create(
            b, epilogue.mayInterleave,
            arith::ConstantOp::create(b, b.getBoolAttr(true))));
  return when(isLeft, [&] { return storeAll(epilogue.store); });
}
