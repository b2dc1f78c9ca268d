//===- LowerStore.cpp - Stores --------------------------------------------===//
//
// Part of the Tegula Project, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "mlir/Dialect/Vector/IR/VectorOps.h"
#include "targets/common/loops/Lowering.h"
#include "tegula/abi.h"

using namespace mlir;
using namespace tegula;
using namespace tegula::loops;

/// Code for both answers to a question of the launch.
LogicalResult Lowering::choose(Value condition, Emit then, Emit otherwise) {
  auto branch = scf::IfOp::create(b, condition, /*withElseRegion=*/true);
  OpBuilder::InsertionGuard guard(b);
  b.setInsertionPointToStart(branch.thenBlock());
  if (failed(then()))
    return failure();
  b.setInsertionPointToStart(branch.elseBlock());
  return otherwise();
}

LogicalResult Lowering::lowerStoreBox(tile::StoreBoxOp op) {
  for (auto &[dot, epilogue] : epilogues)
    if (epilogue.store == op)
      return finishEpilogue(epilogue);
  if (auto group = placement.storeGroups().startingAt(op); !group.empty())
    return lowerStoreGroup(group);
  return storeAll(op);
}

LogicalResult Lowering::storeAll(tile::StoreBoxOp op) {
  RankedTensorType type = op.getTileType();
  // Lanes run where the array is contiguous, else where its source is.
  int lanesDim = -1;
  for (int dim = 0, rank = type.getRank(); dim < rank; ++dim)
    if (constantOf(op.getStrides()[dim]) == 1 && type.getDimSize(dim) > 1 &&
        op.indexOperandOf(dim) < 0 &&
        (op.getWraps().empty() || constantOf(op.getWraps()[dim]) == 0))
      lanesDim = dim;
  if (lanesDim < 0)
    lanesDim = chooseLanesDim({op.getValue()}, type.getRank());
  auto storeCopy = [&] { return storeThroughCopies(op, lanesDim); };
  auto storeAny = [&] {
    Value direct = mayInterleave(op);
    return direct
               ? choose(
                     direct, [&] { return storeNest(op, lanesDim); }, storeCopy)
               : storeNest(op, lanesDim);
  };
  // Squares are turned in registers. Of narrow elements their rows are shorter
  // than a line, and past the caches only whole lines are quick.
  int64_t lanes = lanesFor(type.getElementType(), type.getDimSize(lanesDim));
  int64_t bytes = lanes * tile::storageBits(type.getElementType()) / 8;
  Value stream;
  if (findSquares(op, lanesDim, lanes) && bytes < 64)
    stream = mayStream(op, lanesDim, lanes);
  return stream ? choose(stream, storeCopy, storeAny) : storeAny();
}

/// The dimension along which the value is contiguous, if that is another one
/// than the array's and both have whole squares of `lanes`.
std::optional<int> Lowering::findSquares(tile::StoreBoxOp op, int lanesDim,
                                         int64_t lanes) {
  ArrayRef<int64_t> shape = op.getTileType().getShape();
  int across = chooseLanesDim({op.getValue()}, shape.size(), lanesDim);
  auto isWhole = [&](int dim) {
    return shape[dim] % lanes == 0 &&
           constantOf(op.getLowers()[dim]).value_or(1) <= 0;
  };
  if (across == lanesDim || lanes <= 2 || !isWhole(across) ||
      !isWhole(lanesDim))
    return std::nullopt;
  return across;
}

/// Emits stores twice: those that bypass the caches if `stream` holds, and
/// plain ones.
LogicalResult Lowering::storeBothWays(Value stream, Emit emit) {
  return choose(
      stream,
      [&] {
        streamStores = true;
        LogicalResult done = emit();
        streamStores = false;
        return done;
      },
      emit);
}

/// The part of its tile that a store covers.
SmallVector<Extent> Lowering::storeExtents(tile::StoreBoxOp op) {
  SmallVector<Extent> extents;
  for (auto [lower, upper, size] :
       llvm::zip(op.getLowers(), op.getUppers(), op.getTileType().getShape())) {
    auto low = constantOf(lower), high = constantOf(upper);
    extents.push_back({low && *low <= 0 ? Value() : lower,
                       high && *high >= size ? Value() : upper});
  }
  return extents;
}

/// The nest itself.
LogicalResult Lowering::storeNest(tile::StoreBoxOp op, int lanesDim) {
  RankedTensorType type = op.getTileType();
  SmallVector<Extent> extents = storeExtents(op);
  int64_t lanes = lanesFor(type.getElementType(), type.getDimSize(lanesDim));
  auto strips = [&](ArrayRef<Extent> extents) {
    return nest(type.getShape(), lanesDim, lanes, extents,
                [&](const Chunk &chunk) {
                  writeBox(op, chunk, pull(op.getValue(), chunk));
                  return failure(failedPull);
                });
  };
  Value aligned;
  if (!readsItsPlace(op))
    aligned = areStripsAligned(op, lanesDim, lanes);
  if (!aligned)
    return strips(extents);
  Value stream = launchFlag(TEGULA_LAUNCH_NONTEMPORAL);
  auto across = findSquares(op, lanesDim, lanes);
  if (!across)
    return storeBothWays(andMasks(stream, aligned),
                         [&] { return strips(extents); });
  // Loads wait for stores in flight that agree in the last bits of the address,
  // and those that cross lines are long in flight: where rows are not aligned,
  // gathering is up to twice as fast.
  return choose(
      aligned,
      [&] {
        return storeBothWays(stream, [&] {
          return storeSquares(op, lanesDim, *across, lanes, extents, strips);
        });
      },
      [&] { return strips(extents); });
}

LogicalResult Lowering::lowerStore(tile::StoreOp op) {
  auto type = dyn_cast<RankedTensorType>(op.getValue().getType());
  if (!type) {
    Value mask = op.getMask() ? scalar(op.getMask()) : Value();
    storeVector(scalar(op.getPtr()), scalar(op.getValue()),
                op.getValue().getType(), mask, /*isArena=*/false);
    return success();
  }
  int lanesDim = chooseLanesDim({op.getValue()}, type.getRank());
  int64_t lanes = lanesFor(type.getElementType(), type.getDimSize(lanesDim));
  return nest(type.getShape(), lanesDim, lanes, {}, [&](const Chunk &chunk) {
    Value mask = op.getMask() ? pull(op.getMask(), chunk) : Value();
    if (chunk.lanesDim >= 0)
      if (const CoordFacts *facts = factsOf(chunk.coords[chunk.lanesDim]))
        mask = andMasks(mask, facts->tailMask);
    Value value = pull(op.getValue(), chunk);
    scatterLanes(addresses(op.getPtr(), chunk), value, type.getElementType(),
                 mask, /*isArena=*/false);
    return failure(failedPull);
  });
}

/// The chunk of a tensor of pointers as pointers (i64 lanes otherwise).
Value Lowering::addresses(Value ptrs, const Chunk &chunk) {
  Type type = LLVM::LLVMPointerType::get(b.getContext());
  if (chunk.lanes > 1)
    type = VectorType::get({chunk.lanes}, type);
  return LLVM::IntToPtrOp::create(b, type, pull(ptrs, chunk));
}
