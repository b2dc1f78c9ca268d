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
  if (it != packed.end() && it->second.buffer.element == form.element &&
      (it->second.block == here ||
       it->second.block->findAncestorOpInBlock(*here->getParentOp())))
    return it->second.buffer;
  auto known = ready.find(operand);
  if (known != ready.end() && known->second.panel == form.panel &&
      known->second.holdsAll(form.element) && !form.byColumns &&
      !form.isShifted && (!form.panel || !chooseForm(op).isGrouped()))
    return known->second;
  Buffer buffer = allocate(form.element, form.shape, form.panel);
  buffer.byColumns = form.byColumns;
  buffer.isShifted = form.isShifted;
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
  buffer.isShifted = form.isShifted();
  // Groups along K lie side by side; single elements are taken as they come.
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
  // Below the last group of each panel: what A's shift adds to the sums.
  if (form.isShifted())
    buffer.shape.end()[-2] += form.group();
  return packOnce(op.getB(), buffer, op, [&](const Buffer &to) {
    return form.isGrouped()
               ? packGroups(op.getB(), to, form)
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
  // Narrow elements that are not converted fill a whole register.
  int64_t bits = tile::storageBits(buffer.element);
  if (desc.maskedBits && bits >= desc.maskedBits &&
      buffer.element == type.getElementType())
    lanes = std::min<int64_t>(
        desc.lanes(bits), llvm::bit_floor<uint64_t>(type.getDimSize(lanesDim)));
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

/// The elements of `rows`, one of each in turn.
static Value interleaveRows(OpBuilder &b, Location loc, ArrayRef<Value> rows) {
  if (rows.size() == 1)
    return rows.front();
  SmallVector<Value> even, odd;
  for (auto [i, row] : llvm::enumerate(rows))
    (i % 2 ? odd : even).push_back(row);
  return vector::InterleaveOp::create(b, loc, interleaveRows(b, loc, even),
                                      interleaveRows(b, loc, odd));
}

/// The rows of a group of each panel element by element in turn.
LogicalResult Lowering::packGroups(Value operand, const Buffer &buffer,
                                   const DotForm &form) {
  auto type = cast<RankedTensorType>(operand.getType());
  int64_t size = form.group(), k = type.getDimSize(0);
  int64_t lanes = lanesFor(type.getElementType(), type.getDimSize(1));
  SmallVector<int64_t> groups{k / size, type.getDimSize(1)};
  auto run = [&](Extent extent, bool isWhole) {
    return nest(groups, 1, lanes, {extent, Extent()}, [&](const Chunk &chunk) {
      SmallVector<Value> rows;
      for (int64_t i = 0; i < size; ++i) {
        Chunk row = chunk;
        // A coordinate of its own, with its own facts.
        row.coords[0] =
            arith::AddIOp::create(b, mul(chunk.coords[0], size), constant(i));
        if (isWhole && form.depth)
          levels[current].facts[row.coords[0]].below.push_back(form.depth);
        rows.push_back(widened(pullLanes(operand, row, lanes), buffer, lanes));
      }
      auto [panel, column] = divRem(chunk.coords[1], buffer.panel);
      Value index =
          add(mul(add(mul(panel, buffer.rows()), mul(chunk.coords[0], size)),
                  buffer.panel),
              mul(column, size));
      storeVector(bufferAddress(buffer, index),
                  interleaveRows(b, b.getLoc(), rows), buffer.element, {},
                  /*isArena=*/true);
      return failure(failedPull);
    });
  };
  if (!form.depth) {
    if (failed(run(Extent(), true)))
      return failure();
  } else {
    Value bound = clamp(scalar(form.depth), 0, k);
    Extent first, rest;
    first.upper = rest.lower = divRem(bound, size).first;
    rest.upper = divRem(add(bound, constant(size - 1)), size).first;
    if (failed(run(first, true)) || failed(run(rest, false)))
      return failure();
  }
  return form.isShifted() ? sumShifts(buffer, form) : success();
}

/// What 128 in place of each element of A would give, behind each panel.
LogicalResult Lowering::sumShifts(const Buffer &buffer, const DotForm &form) {
  int64_t columns = buffer.shape.back(), size = form.group();
  int64_t lanes = lanesFor(form.compute, columns), elements = lanes * size;
  int64_t k = buffer.rows() - size;
  Value shift = arith::ConstantOp::create(
      b, DenseElementsAttr::get(VectorType::get({elements}, form.operand),
                                APInt(8, 128)));
  Value end = constant(k);
  if (form.depth)
    end = clamp(scalar(form.depth), 0, k);
  return nest({columns}, 0, lanes, {}, [&](const Chunk &chunk) {
    auto [panel, column] = divRem(chunk.coords[0], buffer.panel);
    Value first =
        add(mul(panel, buffer.rows() * buffer.panel), mul(column, size));
    auto addressAt = [&](Value row) {
      return bufferAddress(buffer, add(first, mul(row, buffer.panel)));
    };
    auto loop =
        scf::ForOp::create(b, constant(0), end, constant(size),
                           zero(VectorType::get({lanes}, form.compute)));
    {
      OpBuilder::InsertionGuard guard(b);
      b.setInsertionPointToStart(loop.getBody());
      Value group = loadVector(addressAt(loop.getInductionVar()), form.operand,
                               elements, {}, {}, true);
      Value sums = multiplyAdd(form, shift, group, loop.getRegionIterArg(0));
      scf::YieldOp::create(b, sums);
    }
    storeVector(addressAt(constant(k)), loop.getResult(0), form.compute, {},
                /*isArena=*/true);
    return success();
  });
}

/// Operands that a loop does not change are packed before it.
LogicalResult Lowering::packInvariantOperands(Operation *loop) {
  WalkResult walked = loop->walk([&](tile::DotOp dot) {
    auto isOutside = [&](Value value) {
      return !value || !loop->isAncestor(value.getParentBlock()->getParentOp());
    };
    if (callsLibrary(dot) || !isOutside(chooseForm(dot).depth))
      return WalkResult::advance();
    if (isOutside(dot.getA()) && failed(packA(dot)))
      return WalkResult::interrupt();
    if (isOutside(dot.getB()) && failed(packB(dot)))
      return WalkResult::interrupt();
    return WalkResult::advance();
  });
  return failure(walked.wasInterrupted());
}
