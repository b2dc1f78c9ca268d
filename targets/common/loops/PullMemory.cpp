//===- PullMemory.cpp - Chunks of arrays in memory
//
// Part of the Tegula Project, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "mlir/Dialect/Vector/IR/VectorOps.h"
#include "targets/common/loops/Lowering.h"
#include "targets/common/loops/Runs.h"

using namespace mlir;
using namespace tegula;
using namespace tegula::loops;

//===----------------------------------------------------------------------===//
// Tensors of pointers: addresses are i64 lanes
//===----------------------------------------------------------------------===//

static Type ptrType(MLIRContext *context) {
  return LLVM::LLVMPointerType::get(context);
}

Value Lowering::pullPtrAdd(tile::PtrAddOp op, const Chunk &chunk) {
  Value address = pull(op.getPtr(), chunk);
  Value offset = pull(op.getOffset(), chunk);
  if (offset.getType() != address.getType())
    offset = arith::ExtSIOp::create(b, address.getType(), offset);
  Type pointee =
      cast<tile::PtrType>(tile::elementTypeOf(op.getType())).getPointeeType();
  return arith::AddIOp::create(b, address,
                               mul(offset, tile::storageBits(pointee) / 8));
}

/// A volatile load reads memory each time: nothing of what is known of it
/// passes this point, which has no code.
void Lowering::forgetMemory(bool isVolatile) {
  if (isVolatile)
    LLVM::FenceOp::create(b, LLVM::AtomicOrdering::seq_cst, "singlethread");
}

Value Lowering::pullLoad(tile::LoadOp op, const Chunk &chunk) {
  forgetMemory(op.getIsVolatile());
  Value address = pull(op.getPtr(), chunk);
  Value mask = op.getMask() ? pull(op.getMask(), chunk) : Value();
  Value other = op.getOther() ? pull(op.getOther(), chunk) : Value();
  Type type = ptrType(b.getContext());
  if (chunk.lanes > 1)
    type = VectorType::get({chunk.lanes}, type);
  Value ptrs = LLVM::IntToPtrOp::create(b, type, address);
  return gatherLanes(ptrs, tile::elementTypeOf(op.getType()), chunk.lanes, mask,
                     other, /*isArena=*/false);
}

//===----------------------------------------------------------------------===//
// Boxes
//===----------------------------------------------------------------------===//

/// Lanes within [lower, upper) along `dim`; null where the nest has already
/// seen to it.
Value Lowering::boundMask(Value lower, Value upper, int64_t size,
                          const Chunk &chunk, int dim) {
  Value coord = chunk.coords[dim];
  const CoordFacts *facts = factsOf(coord);
  Value mask;
  auto known = constantOf(upper);
  bool isLane = chunk.lanesDim == dim || isa<VectorType>(coord.getType());
  auto upperBound = scalar(upper), lowerBound = scalar(lower);
  if (facts)
    mask = facts->tailMask;
  auto require = [&](Value active) { mask = andMasks(mask, active); };
  if ((known && *known >= size) ||
      (facts && (llvm::is_contained(facts->below, upper) ||
                 facts->tailBound == upper))) {
    // Every lane, or every lane of the tail mask, is below.
  } else if (isa<VectorType>(coord.getType()) || !isLane) {
    require(arith::CmpIOp::create(b, arith::CmpIPredicate::slt, coord,
                                  isa<VectorType>(coord.getType())
                                      ? toVector(upperBound, chunk.lanes)
                                      : upperBound));
  } else {
    Value left = arith::TruncIOp::create(
        b, b.getI32Type(), clamp(sub(upperBound, coord), 0, chunk.lanes));
    require(firstLanes(left, chunk.lanes));
  }
  known = constantOf(lower);
  if ((known && *known <= 0) ||
      (facts && llvm::is_contained(facts->notBelow, lower)))
    return mask;
  Value position = isLane ? perLane(chunk, dim) : coord;
  int64_t lanes = isLane ? chunk.lanes : 1;
  return andMasks(mask,
                  arith::CmpIOp::create(b, arith::CmpIPredicate::sge, position,
                                        toVector(lowerBound, lanes)));
}

template <typename BoxOp>
Value Lowering::boxMask(BoxOp op, const Chunk &chunk) {
  Value mask = op.getMask() ? pull(op.getMask(), chunk) : Value();
  ArrayRef<int64_t> shape = op.getTileType().getShape();
  for (int dim = 0, rank = shape.size(); dim < rank; ++dim)
    mask = andMasks(mask, boundMask(op.getLowers()[dim], op.getUppers()[dim],
                                    shape[dim], chunk, dim));
  return mask;
}

/// (start + coord) mod wrap; positions are not negative before the modulo.
static Value wrapped(ImplicitLocOpBuilder &b, Value position, Value wrap) {
  return arith::RemUIOp::create(b, position, wrap);
}

/// Is each lane of `index` more by `step`, 0 or 1, than the one before, from
/// `first` on?
Value Lowering::areSteps(Value index, Value first, int64_t step) {
  auto type = cast<VectorType>(index.getType());
  Value steps = toVector(first, type.getDimSize(0));
  if (step == 1)
    steps = arith::AddIOp::create(b, steps, laneNumbers(type));
  Value same = arith::CmpIOp::create(b, arith::CmpIPredicate::eq, index, steps);
  return vector::ReductionOp::create(b, vector::CombiningKind::AND, same);
}

template <typename BoxOp>
Lowering::BoxAddress Lowering::boxAddress(BoxOp op, const Chunk &chunk) {
  BoxAddress address;
  address.base = scalar(op.getBase());
  Value sum = constant(0);
  Value laneSum; // what differs from lane to lane
  auto accumulate = [&](Value position, Value stride) {
    if (auto vector = dyn_cast<VectorType>(position.getType())) {
      Value part =
          constantOf(stride) == 1
              ? position
              : arith::MulIOp::create(b, position,
                                      toVector(stride, vector.getDimSize(0)));
      laneSum = laneSum ? arith::AddIOp::create(b, laneSum, part) : part;
    } else {
      sum = add(sum, mul(position, stride));
    }
  };
  address.contiguous = chunk.lanes > 1;
  for (int dim = 0, rank = chunk.coords.size(); dim < rank; ++dim) {
    Value start = scalar(op.getStarts()[dim]);
    Value stride = scalar(op.getStrides()[dim]);
    Value coord = chunk.coords[dim];
    bool isLane = chunk.lanesDim == dim;
    Value wrap;
    if (!op.getWraps().empty() && constantOf(op.getWraps()[dim]) != 0)
      wrap = scalar(op.getWraps()[dim]);
    int64_t indexOperand = op.indexOperandOf(dim);
    if (indexOperand >= 0) {
      Chunk along;
      along.coords = {coord};
      along.lanesDim = isLane ? 0 : -1;
      along.lanes = along.isScalar() ? 1 : chunk.lanes;
      Value index = pull(op.getIndices()[indexOperand], along);
      Type i64 = chunkType(b.getI64Type(), along.lanes);
      if (index.getType() != i64)
        index = arith::ExtSIOp::create(b, i64, index);
      auto step = along.lanesDim == 0
                      ? stepOf(op.getIndices()[indexOperand], chunk.lanes)
                      : std::nullopt;
      if (step == 0 || (step == 1 && constantOf(stride) == 1)) {
        Value first = vector::ExtractOp::create(b, index, 0);
        address.fits = areSteps(index, first, *step);
        address.contiguousIndex = mul(add(first, start), stride);
        address.isOne = *step == 0;
      }
      accumulate(arith::AddIOp::create(b, index, toVector(start, along.lanes)),
                 stride);
      address.contiguous &= along.lanes == 1;
      continue;
    }
    if (isa<VectorType>(coord.getType())) {
      Value position =
          arith::AddIOp::create(b, coord, toVector(start, chunk.lanes));
      accumulate(wrap ? wrapped(b, position, toVector(wrap, chunk.lanes))
                      : position,
                 stride);
      address.contiguous = false;
      continue;
    }
    Value position = add(coord, start);
    if (!isLane) {
      accumulate(wrap ? wrapped(b, position, wrap) : position, stride);
      continue;
    }
    bool unit = constantOf(stride) == 1;
    if (!wrap && unit) {
      accumulate(position, stride);
      continue;
    }
    Value lanePositions = arith::AddIOp::create(
        b, toVector(position, chunk.lanes), laneIndex(chunk.lanes));
    if (!wrap) {
      accumulate(lanePositions, stride);
      address.contiguous = false;
      continue;
    }
    Value first = wrapped(b, position, wrap);
    if (unit) {
      // Contiguous unless the strip crosses the wrap point.
      address.fits =
          arith::CmpIOp::create(b, arith::CmpIPredicate::sle,
                                add(first, constant(chunk.lanes)), wrap);
      address.contiguousIndex = first;
    }
    accumulate(wrapped(b, lanePositions, toVector(wrap, chunk.lanes)), stride);
    address.contiguous = false;
  }
  if (address.fits)
    address.contiguousIndex = add(sum, address.contiguousIndex);
  address.index = sum;
  if (laneSum)
    address.index =
        arith::AddIOp::create(b, laneSum, toVector(sum, chunk.lanes));
  // Lanes that all read one address.
  if (!laneSum && chunk.lanes > 1 && !address.contiguous)
    address.index = toVector(sum, chunk.lanes);
  return address;
}

/// All ids as they are in the program that follows.
Substitution Lowering::inNextProgram() {
  Substitution next(b);
  for (Value id : programIds) {
    Value one = arith::ConstantOp::create(b, b.getI32IntegerAttr(1));
    next.change(id, arith::AddIOp::create(b, id, one));
  }
  return next;
}

/// All values of `loop` as they are in its next step.
Substitution Lowering::inNextStep(scf::ForOp loop) {
  Substitution next(b);
  Value here = scalar(loop.getInductionVar());
  next.change(here, arith::AddIOp::create(b, here, scalar(loop.getStep())));
  return next;
}

/// Bytes from where the box lies to where the next one does: computed again
/// with the next id. Null if that is the same place.
Value Lowering::distanceToNext(tile::LoadBoxOp op, scf::ForOp loop) {
  // Where all scalars that the box depends on are known.
  Operation *place = innerLoopStart ? innerLoopStart : levels[0].loop;
  auto [it, isNew] = distances.try_emplace({op, place});
  if (!isNew)
    return it->second;
  OpBuilder::InsertionGuard guard(b);
  b.setInsertionPoint(place);
  Value distance = distanceTo(op, loop ? inNextStep(loop) : inNextProgram());
  if (constantOf(distance) == 0)
    distance = {};
  return distances[{op, place}] = distance;
}

/// Bytes from where the box lies to where it will once scalars have changed.
Value Lowering::distanceTo(tile::LoadBoxOp op, Substitution next) {
  Value distance = constant(0);
  Value base = scalar(op.getBase()), nextBase = next.of(base);
  if (base != nextBase)
    distance = sub(LLVM::PtrToIntOp::create(b, b.getI64Type(), nextBase),
                   LLVM::PtrToIntOp::create(b, b.getI64Type(), base));
  int64_t bytes = tile::storageBits(tile::elementTypeOf(op.getType())) / 8;
  for (auto [startOf, strideOf] : llvm::zip(op.getStarts(), op.getStrides())) {
    Value start = scalar(startOf), nextStart = next.of(start);
    if (start != nextStart)
      distance = add(distance,
                     mul(sub(nextStart, start), mul(scalar(strideOf), bytes)));
  }
  return distance;
}

/// Bytes from where a box of this loop lies to where the next step's does, or,
/// in the last step, that of the next program's first.
Value Lowering::distanceAcross(tile::LoadBoxOp op, scf::ForOp loop) {
  Substitution first = inNextProgram();
  first.change(scalar(loop.getInductionVar()), scalar(loop.getLowerBound()));
  return arith::SelectOp::create(b, isLastStep(loop), distanceTo(op, first),
                                 distanceTo(op, inNextStep(loop)));
}

/// A nest that finds its row in the caches leaves memory free for the next row.
/// Short rows go to the first level: they don't push out the one at hand.
void Lowering::prefetchNext(tile::LoadBoxOp op, const Chunk &chunk) {
  auto again = reuse.find(op, root);
  if (!desc.hasPrefetch || !again || !levels[0].loop || chunk.lanes == 1 ||
      !op.getIndices().empty())
    return;
  Value distance = distanceToNext(op, again->loop);
  if (!distance)
    return;
  BoxAddress address = boxAddress(op, chunk);
  if (!address.contiguous)
    return;
  auto type = cast<RankedTensorType>(op.getType());
  Type element = type.getElementType();
  int64_t bytes = tile::storageBits(element) / 8;
  bool isShort = again->isWholeRow && type.getNumElements() * bytes <= 4096;
  emitPrefetch(b, elementPtr(address.base, address.index, element), distance,
               chunk.lanes * bytes, isShort);
}

/// Are the values that the nest of `store` stores a few instructions each?
bool Lowering::isCheapNest(tile::StoreBoxOp store) {
  auto group = placement.storeGroups().startingAt(store);
  if (group.empty())
    return placement.isCheap(store.getValue());
  return llvm::all_of(group, [&](tile::StoreBoxOp each) {
    return placement.isCheap(each.getValue());
  });
}

/// Where all of a box is one run of memory, what follows is read next: by this
/// nest or by the next program's. The machine's own prefetcher stops at pages,
/// and where much is computed in between, loads wait for what it has not begun.
/// All arrays of a nest share what the core can wait for at once.
void Lowering::prefetchAhead(tile::LoadBoxOp op, const Chunk &chunk,
                             const BoxAddress &address) {
  constexpr int64_t bytesAhead = 2048, lineBytes = 64;
  ArrayRef<int64_t> shape = tile::shapeOf(op.getType());
  bool isRun =
      llvm::all_of(shape.drop_back(), [](int64_t size) { return size == 1; });
  auto store = dyn_cast_or_null<tile::StoreBoxOp>(root);
  if (!desc.hasPrefetch || !levels[0].loop || chunk.lanes == 1 ||
      !address.contiguous || !isRun || reuse.isReadAgain(op) || !store ||
      isCheapNest(store))
    return;
  Type element = tile::elementTypeOf(op.getType());
  int64_t distance = llvm::alignTo(
      bytesAhead / std::max(reuse.numArrays(root), 1u), lineBytes);
  emitPrefetch(b, elementPtr(address.base, address.index, element),
               constant(distance),
               chunk.lanes * (tile::storageBits(element) / 8), /*isNear=*/true);
}

Value Lowering::pullLoadBox(tile::LoadBoxOp op, const Chunk &chunk) {
  forgetMemory(op.getIsVolatile());
  Type element = tile::elementTypeOf(op.getType());
  for (auto [coord, upper] : llvm::zip(chunk.coords, op.getUppers()))
    if (const CoordFacts *facts = factsOf(coord);
        facts && facts->beyond == upper)
      return op.getOther() ? pull(op.getOther(), chunk)
                           : zero(chunkType(element, chunk.lanes));
  Value mask = boxMask(op, chunk);
  Value other = op.getOther() ? pull(op.getOther(), chunk) : Value();
  BoxAddress address = boxAddress(op, chunk);
  auto gather = [&] {
    return gatherLanes(elementPtr(address.base, address.index, element),
                       element, chunk.lanes, mask, other, /*isArena=*/false);
  };
  prefetchAhead(op, chunk, address);
  if (chunk.lanes == 1 || address.contiguous)
    return loadVector(elementPtr(address.base, address.index, element), element,
                      chunk.lanes, mask, other, /*isArena=*/false);
  if (!address.fits)
    return gather();
  // One element is read only if a lane asks for it.
  if (address.isOne && mask)
    address.fits = arith::AndIOp::create(
        b, address.fits,
        vector::ReductionOp::create(b, vector::CombiningKind::OR, mask));
  auto branch = scf::IfOp::create(b, chunkType(element, chunk.lanes),
                                  address.fits, /*withElseRegion=*/true);
  OpBuilder::InsertionGuard guard(b);
  b.setInsertionPointToStart(branch.thenBlock());
  Value first = elementPtr(address.base, address.contiguousIndex, element);
  Value whole =
      address.isOne
          ? toVector(loadVector(first, element, 1, {}, {}, /*isArena=*/false),
                     chunk.lanes)
          : loadVector(first, element, chunk.lanes, mask, other,
                       /*isArena=*/false);
  if (address.isOne && mask)
    whole = arith::SelectOp::create(
        b, mask, whole, other ? other : zero(chunkType(element, chunk.lanes)));
  scf::YieldOp::create(b, ValueRange(whole));
  b.setInsertionPointToStart(branch.elseBlock());
  scf::YieldOp::create(b, ValueRange(gather()));
  return branch.getResult(0);
}

void Lowering::writeBox(tile::StoreBoxOp op, const Chunk &chunk, Value value) {
  Type element = tile::elementTypeOf(op.getValue().getType());
  Value mask = boxMask(op, chunk);
  BoxAddress address = boxAddress(op, chunk);
  Value ptr = elementPtr(address.base, address.index, element);
  if (chunk.lanes == 1 || address.contiguous)
    return storeVector(ptr, value, element, mask, /*isArena=*/false);
  if (!address.fits || address.isOne)
    return scatterLanes(ptr, value, element, mask, /*isArena=*/false);
  auto branch = scf::IfOp::create(b, address.fits, /*withElseRegion=*/true);
  OpBuilder::InsertionGuard guard(b);
  b.setInsertionPointToStart(branch.thenBlock());
  storeVector(elementPtr(address.base, address.contiguousIndex, element), value,
              element, mask, /*isArena=*/false);
  b.setInsertionPointToStart(branch.elseBlock());
  scatterLanes(ptr, value, element, mask, /*isArena=*/false);
}
