//===- LowerStore.cpp - Stores --------------------------------------------===//
//
// Part of the Tegula Project, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "mlir/Dialect/Vector/IR/VectorOps.h"
#include "targets/common/loops/Lowering.h"

using namespace mlir;
using namespace tegula;
using namespace tegula::loops;

/// Does `value` come from an array alone that varies along `dim` but is
/// contiguous along another dimension?
static bool readsAcross(Value value, int dim,
                        llvm::function_ref<bool(Value)> isReady) {
  Operation *op = value.getDefiningOp();
  while (
      op && !isReady(value) &&
      (isa<tile::TransOp, tile::FpConvertOp>(op) ||
       (op->hasTrait<OpTrait::Elementwise>() && op->getNumOperands() == 1))) {
    if (auto trans = dyn_cast<tile::TransOp>(op))
      dim = trans.getOrder()[dim];
    value = op->getOperand(0);
    op = value.getDefiningOp();
  }
  auto box = dyn_cast_or_null<tile::LoadBoxOp>(op);
  if (!box || isReady(value) || !box.getIndices().empty())
    return false;
  ArrayRef<int64_t> shape = box.getTileType().getShape();
  for (int other = 0, rank = shape.size(); other < rank; ++other)
    if (other != dim && shape[other] > 1 && shape[dim] > 1 &&
        matchPattern(box.getStrides()[other], m_One()))
      return !matchPattern(box.getStrides()[dim], m_One());
  return false;
}

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
  // Through a copy: every load comes before the first store.
  auto storeCopy = [&]() -> LogicalResult {
    Buffer copy = allocate(type.getElementType(), type.getShape());
    if (failed(materialize(op.getValue(), copy)))
      return failure();
    ready[op.getValue()] = copy;
    LogicalResult done = storeNest(op, lanesDim);
    ready.erase(op.getValue());
    return done;
  };
  auto storeAny = [&] {
    Value direct = mayInterleave(op);
    return direct
               ? choose(
                     direct, [&] { return storeNest(op, lanesDim); }, storeCopy)
               : storeNest(op, lanesDim);
  };
  // Where the nest would gather, a copy turns squares in registers; only stores
  // past the caches are so cheap that they need not overlap with the loads.
  auto isReady = [&](Value value) { return ready.contains(value); };
  if (lanesDim != type.getRank() - 1 ||
      !readsAcross(op.getValue(), lanesDim, isReady))
    return storeAny();
  int64_t lanes = lanesFor(type.getElementType(), type.getDimSize(lanesDim));
  Value stream = mayStream(op, lanesDim, lanes);
  return stream ? choose(stream, storeCopy, storeAny) : storeAny();
}

/// The nest itself, once with plain and once with streaming stores.
LogicalResult Lowering::storeNest(tile::StoreBoxOp op, int lanesDim) {
  RankedTensorType type = op.getTileType();
  SmallVector<Extent> extents;
  for (auto [lower, upper, size] :
       llvm::zip(op.getLowers(), op.getUppers(), type.getShape())) {
    auto low = constantOf(lower), high = constantOf(upper);
    extents.push_back({low && *low <= 0 ? Value() : lower,
                       high && *high >= size ? Value() : upper});
  }
  int64_t lanes = lanesFor(type.getElementType(), type.getDimSize(lanesDim));
  auto run = [&] {
    return nest(type.getShape(), lanesDim, lanes, extents,
                [&](const Chunk &chunk) {
                  writeBox(op, chunk, pull(op.getValue(), chunk));
                  return failure(failedPull);
                });
  };
  Value stream = mayStream(op, lanesDim, lanes);
  if (!stream)
    return run();
  auto branch = scf::IfOp::create(b, stream, /*withElseRegion=*/true);
  OpBuilder::InsertionGuard guard(b);
  b.setInsertionPointToStart(branch.thenBlock());
  streamStores = true;
  LogicalResult streamed = run();
  streamStores = false;
  if (failed(streamed))
    return failure();
  b.setInsertionPointToStart(branch.elseBlock());
  return run();
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
