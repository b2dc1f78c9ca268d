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

#include "targets/common/loops/DotLoop.h"
#include "targets/common/loops/Lowering.h"

using namespace mlir;
using namespace tegula;
using namespace tegula::loops;

/// An operand smaller than this is packed as fast as it is found.
static constexpr int64_t leastShared = 4096;
/// More scalars than this are not worth comparing.
static constexpr size_t mostKeyWords = 24;

/// The form that an operand was given where it is known here too.
std::optional<Buffer> Lowering::findPacked(Value operand, int64_t panel) {
  auto it = packed.find({operand, panel});
  Block *here = b.getInsertionBlock();
  if (it == packed.end() ||
      (it->second.block != here &&
       !it->second.block->findAncestorOpInBlock(*here->getParentOp())))
    return std::nullopt;
  return it->second.buffer;
}

FailureOr<Buffer>
Lowering::packOnce(Value operand, Buffer form, tile::DotOp op,
                   function_ref<LogicalResult(const Buffer &)> pack) {
  Block *here = b.getInsertionBlock();
  if (auto before = findPacked(operand, form.panel);
      before && before->element == form.element && before->parts == form.parts)
    return *before;
  auto known = ready.find(operand);
  if (known != ready.end() && known->second.panel == form.panel &&
      known->second.holdsAll(form.element) && !form.byColumns &&
      !form.isShifted && form.parts == 1 &&
      (form.rowsTogether == 1 || chooseForm(op).isTiled()) &&
      (!form.panel || !chooseForm(op).isGrouped()))
    return known->second;
  Buffer buffer = allocate(form);
  int64_t bytes = buffer.elements() * (tile::storageBits(form.element) / 8);
  std::optional<llvm::SetVector<Value>> key;
  if (desc.sharesPanels && bytes >= leastShared &&
      op->getParentOfType<LoopLikeOpInterface>())
    key = launchConstants.keyOf(operand);
  LogicalResult done = success();
  if (key && key->size() <= mostKeyWords) {
    Value isNew = callShare(key->getArrayRef(), mayFindAgain(*key, op), buffer);
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

/// May a program come to this key that another one packed, or itself? Null:
/// yes.
Value Lowering::mayFindAgain(const llvm::SetVector<Value> &key,
                             tile::DotOp op) {
  auto axes = axesOfKey(key, op);
  if (!axes || axes->none())
    return {};
  Value isShared = arith::ConstantOp::create(b, b.getBoolAttr(/*value=*/false));
  for (unsigned axis = 0; axis < axes->size(); ++axis) {
    if (axes->test(axis))
      continue;
    Value areMany = arith::CmpIOp::create(
        b, arith::CmpIPredicate::sgt, numPrograms(axis),
        arith::ConstantOp::create(b, b.getI32IntegerAttr(1)));
    isShared = arith::OrIOp::create(b, isShared, areMany);
  }
  return isShared;
}

/// A tile of the arena that is read transposed lies there by columns.
static void turn(Buffer &buffer) {
  buffer.byColumns = !buffer.byColumns;
  std::swap(buffer.shape.end()[-2], buffer.shape.end()[-1]);
}

FailureOr<Buffer> Lowering::packA(tile::DotOp op) {
  DotForm form = chooseForm(op);
  tile::LoadBoxOp box = findRowsInMemory(op, form);
  if (!box)
    return packRowsOnce(op, form, form.rowsTogether());
  if (auto known = findPacked(op.getA(), 0))
    return *known;
  Block *here = b.getInsertionBlock();
  auto rows = readInPlace(box, op, form);
  if (succeeded(rows))
    packed[{op.getA(), 0}] = {*rows, here};
  return rows;
}

FailureOr<Buffer> Lowering::packRowsOnce(tile::DotOp op, const DotForm &form,
                                         int64_t rowsTogether) {
  auto type = cast<RankedTensorType>(op.getA().getType());
  Buffer buffer{0, form.operand, SmallVector<int64_t, 4>(type.getShape())};
  int last = type.getRank() - 1;
  buffer.isShifted = form.isShifted();
  buffer.parts = form.parts;
  if (rowsTogether > 1) {
    buffer.rowsTogether = rowsTogether;
    buffer.rowGroup = form.isTiled() ? form.step() : form.group();
  }
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
    return form.isSplit() ? splitRows(op.getA(), to, form)
           : form.isPaired()
               ? packRowPairs(op.getA(), to, form)
               : packRows(op.getA(), to, type.getRank() - 1, form.depth);
  });
}

FailureOr<Buffer> Lowering::packB(tile::DotOp op) {
  DotForm form = chooseForm(op);
  auto type = cast<RankedTensorType>(op.getB().getType());
  Buffer buffer{0, form.operand, SmallVector<int64_t, 4>(type.getShape()),
                form.panel};
  buffer.parts = form.parts;
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

/// Operands that a loop does not change are packed before it.
LogicalResult Lowering::packInvariantOperands(Operation *loop) {
  WalkResult walked = loop->walk([&](tile::DotOp dot) {
    auto isOutside = [&](Value value) {
      return !value || !loop->isAncestor(value.getParentBlock()->getParentOp());
    };
    DotForm form = chooseForm(dot);
    if (callsLibrary(dot) || form.byRows || !isOutside(form.depth))
      return WalkResult::advance();
    if (isOutside(dot.getA()) && failed(packA(dot)))
      return WalkResult::interrupt();
    if (isOutside(dot.getB()) && failed(packB(dot)))
      return WalkResult::interrupt();
    return WalkResult::advance();
  });
  return failure(walked.wasInterrupted());
}
