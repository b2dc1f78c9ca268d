//===- PackOperand.cpp - Operands of products as the micro-kernel reads them //
//
// Part of the Tegula Project, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// A is copied row by row, in the type it is multiplied in: user memory with a
// stride of a power of two would fall into few sets of the cache. B is cut into
// panels. Both stop at the product's bound on K. An operand that the launch
// does not change is packed once for all programs that agree in its scalars
// (the runtime keeps it), and one that a loop does not change before the loop.
//
//===----------------------------------------------------------------------===//

#include "mlir/Dialect/Vector/IR/VectorOps.h"
#include "targets/common/loops/DotLoop.h"
#include "targets/common/loops/Lowering.h"

using namespace mlir;
using namespace tegula;
using namespace tegula::loops;

/// An operand smaller than this is packed as fast as it is found.
static constexpr int64_t leastShared = 4096;
/// More scalars than this are not worth comparing.
static constexpr size_t mostKeyWords = 24;

FailureOr<Buffer>
Lowering::packOnce(Value operand, Buffer form, tile::DotOp op,
                   function_ref<LogicalResult(const Buffer &)> pack) {
  Block *here = b.getInsertionBlock();
  auto it = packed.find({operand, form.panel});
  if (it != packed.end() &&
      (it->second.block == here ||
       it->second.block->findAncestorOpInBlock(*here->getParentOp())))
    return it->second.buffer;
  auto known = ready.find(operand);
  if (known != ready.end() && known->second.panel == form.panel &&
      known->second.holdsAll(form.element) && !form.byColumns &&
      (!form.panel || !chooseForm(op).isGrouped()))
    return known->second;
  Buffer buffer = allocate(form.element, form.shape, form.panel);
  buffer.byColumns = form.byColumns;
  int64_t bytes = buffer.elements() * (tile::storageBits(form.element) / 8);
  std::optional<llvm::SetVector<Value>> key;
  if (desc.sharesPanels && bytes >= leastShared &&
      op->getParentOfType<LoopLikeOpInterface>())
    key = launchConstants.keyOf(operand);
  LogicalResult done = success();
  if (key && key->size() <= mostKeyWords) {
    auto [base, isNew] = callShare(key->getArrayRef(), buffer);
    buffer.base = base;
    auto branch = scf::IfOp::create(b, isNew, /*withElseRegion=*/false);
    OpBuilder::InsertionGuard guard(b);
    b.setInsertionPointToStart(branch.thenBlock());
    done = pack(buffer);
  } else {
    done = pack(buffer);
  }
  packed[{operand, form.panel}] = {buffer, here};
  if (failed(done))
    return failure();
  return buffer;
}

/// A tile of the arena that is read transposed lies there by columns.
static void turn(Buffer &buffer) {
  buffer.byColumns = !buffer.byColumns;
  std::swap(buffer.shape.end()[-2], buffer.shape.end()[-1]);
}

FailureOr<Buffer> Lowering::packA(tile::DotOp op) {
  DotForm form = chooseForm(op);
  auto type = cast<RankedTensorType>(op.getA().getType());
  Buffer buffer{0, form.operand, SmallVector<int64_t, 4>(type.getShape())};
  int last = type.getRank() - 1;
  // Pairs along K lie side by side; elements are taken as they come.
  if (!form.isGrouped()) {
    auto trans = op.getA().getDefiningOp<tile::TransOp>();
    if (trans && trans.getOrder()[last] == last - 1 &&
        trans.getOrder()[last - 1] == last)
      if (auto held = ready.find(trans.getSrc());
          held != ready.end() && held->second.holdsAll(form.operand) &&
          !held->second.panel && !held->second.byColumns) {
        Buffer source = held->second;
        turn(source);
        return source;
      }
    buffer.byColumns = chooseLanesDim({op.getA()}, type.getRank()) == last - 1;
  }
  return packOnce(op.getA(), buffer, op, [&](const Buffer &to) {
    return packRows(op.getA(), to, type.getRank() - 1, form.depth);
  });
}

FailureOr<Buffer> Lowering::packB(tile::DotOp op) {
  DotForm form = chooseForm(op);
  auto type = cast<RankedTensorType>(op.getB().getType());
  Buffer buffer{0, form.operand, SmallVector<int64_t, 4>(type.getShape()),
                form.panel};
  return packOnce(op.getB(), buffer, op, [&](const Buffer &to) {
    return form.isGrouped()
               ? packPairs(op.getB(), to, form.depth)
               : packRows(op.getB(), to, type.getRank() - 2, form.depth);
  });
}

/// Element by element, up to the bound along K. The last strip along K is
/// written whole: what lies beyond the bound is zero.
LogicalResult Lowering::packRows(Value operand, const Buffer &buffer,
                                 int depthDim, Value depth) {
  auto type = cast<RankedTensorType>(operand.getType());
  int lanesDim = chooseLanesDim({operand}, type.getRank());
  if (!depth || lanesDim != buffer.contiguousDim())
    return materialize(operand, buffer);
  int64_t lanes = lanesFor(type.getElementType(), type.getDimSize(lanesDim));
  if (type.getDimSize(lanesDim) % lanes != 0 ||
      (buffer.panel && buffer.panel % lanes != 0))
    return materialize(operand, buffer);
  SmallVector<Extent> extents(type.getRank());
  extents[depthDim].upper = depth;
  return nest(
      type.getShape(), lanesDim, lanes, extents, [&](const Chunk &chunk) {
        Value value = widened(pull(operand, chunk), buffer, chunk.lanes);
        storeVector(bufferAddress(buffer, bufferIndex(buffer, chunk)), value,
                    buffer.element, {}, /*isArena=*/true);
        return failure(failedPull);
      });
}

/// Rows 2i and 2i+1 of each panel element by element in turn.
LogicalResult Lowering::packPairs(Value operand, const Buffer &buffer,
                                  Value depth) {
  auto type = cast<RankedTensorType>(operand.getType());
  int64_t lanes = lanesFor(type.getElementType(), type.getDimSize(1));
  SmallVector<int64_t> pairs{type.getDimSize(0) / 2, type.getDimSize(1)};
  auto run = [&](Extent extent, bool isWhole) {
    return nest(pairs, 1, lanes, {extent, Extent()}, [&](const Chunk &chunk) {
      Value rows[2];
      for (int64_t i = 0; i < 2; ++i) {
        Chunk row = chunk;
        // A coordinate of its own, with its own facts.
        row.coords[0] =
            arith::AddIOp::create(b, mul(chunk.coords[0], 2), constant(i));
        if (isWhole && depth)
          levels[current].facts[row.coords[0]].below.push_back(depth);
        rows[i] = pullLanes(operand, row, lanes);
      }
      auto [panel, column] = divRem(chunk.coords[1], buffer.panel);
      Value index =
          add(mul(add(mul(panel, pairs[0]), chunk.coords[0]), 2 * buffer.panel),
              mul(column, 2));
      storeVector(bufferAddress(buffer, index),
                  vector::InterleaveOp::create(b, rows[0], rows[1]),
                  buffer.element, {}, /*isArena=*/true);
      return failure(failedPull);
    });
  };
  if (!depth)
    return run(Extent(), true);
  Value bound = clamp(scalar(depth), 0, type.getDimSize(0));
  Value whole = arith::ShRUIOp::create(b, bound, constant(1));
  Value all = arith::ShRUIOp::create(b, add(bound, constant(1)), constant(1));
  Extent first, rest;
  first.upper = rest.lower = whole;
  rest.upper = all;
  return success(succeeded(run(first, true)) && succeeded(run(rest, false)));
}

/// Operands that a loop does not change are packed before it.
LogicalResult Lowering::packInvariantOperands(Operation *loop) {
  WalkResult walked = loop->walk([&](tile::DotOp dot) {
    auto isOutside = [&](Value value) {
      return !value || !loop->isAncestor(value.getParentBlock()->getParentOp());
    };
    if (!isOutside(chooseForm(dot).depth))
      return WalkResult::advance();
    if (isOutside(dot.getA()) && failed(packA(dot)))
      return WalkResult::interrupt();
    if (isOutside(dot.getB()) && failed(packB(dot)))
      return WalkResult::interrupt();
    return WalkResult::advance();
  });
  return failure(walked.wasInterrupted());
}
