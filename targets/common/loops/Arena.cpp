//===- Arena.cpp - Tiles in the thread's arena
//
// Part of the Tegula Project, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "mlir/Dialect/Vector/IR/VectorOps.h"
#include "targets/common/loops/Clip.h"
#include "targets/common/loops/Lowering.h"

using namespace mlir;
using namespace tegula;
using namespace tegula::loops;

int64_t Buffer::partElements() const {
  int64_t product = 1;
  for (int64_t size : shape)
    product *= size;
  return panel ? product / shape.back() * panels() * panel : product;
}

int64_t Buffer::elements() const {
  if (parts == 1)
    return partElements();
  // A line for the magnitudes.
  constexpr int64_t lineBits = 512;
  return parts * partElements() + lineBits / tile::storageBits(element);
}

Buffer Lowering::allocate(Type element, ArrayRef<int64_t> shape,
                          int64_t panel) {
  return allocate(Buffer{0, element, SmallVector<int64_t, 4>(shape), panel});
}

Buffer Lowering::allocate(Buffer buffer) {
  buffer.offset = arenaTop;
  int64_t bytes = buffer.elements() * (tile::storageBits(buffer.element) / 8);
  // One vector of slack: a strip may read past the last element.
  int64_t slack = std::max(64u, desc.vectorBits / 8);
  arenaTop += llvm::alignTo(bytes + slack, 64);
  arenaSize = std::max(arenaSize, arenaTop);
  return buffer;
}

/// How many of the first coordinates are adjacent digits of one number.
unsigned Lowering::countDigits(ArrayRef<Value> coords,
                               ArrayRef<int64_t> shape) const {
  const Digit *last = nullptr;
  for (unsigned dim = 0; dim < coords.size(); ++dim) {
    const Digit *digit = digitOf(coords[dim]);
    if (!digit || digit->size != shape[dim] ||
        (last && (digit->number != last->number ||
                  digit->place * digit->size != last->place)))
      return dim;
    last = digit;
  }
  return coords.size();
}

/// Position of a chunk's first element (of each lane's, if its coordinates are
/// vectors) in `buffer`. Lanes of `lanesDim` are left to the caller.
Value Lowering::bufferIndex(const Buffer &buffer, const Chunk &chunk) {
  int64_t lanes = 1;
  for (Value coord : chunk.coords)
    if (isa<VectorType>(coord.getType()))
      lanes = chunk.lanes;
  auto addAll = [&](Value lhs, Value rhs) -> Value {
    if (lanes == 1)
      return add(lhs, rhs);
    return arith::AddIOp::create(b, toVector(lhs, lanes), toVector(rhs, lanes));
  };
  if (buffer.rowsTogether > 1) {
    int64_t together = buffer.rowsTogether, group = buffer.rowGroup;
    auto [rows, row] = divRem(chunk.coords[0], together);
    auto [groups, element] = divRem(chunk.coords[1], group);
    Value before = addAll(mul(rows, together * buffer.shape[1]),
                          mul(groups, together * group));
    return addAll(before, addAll(mul(row, group), element));
  }
  Value index;
  int64_t rank = buffer.shape.size(), outer = buffer.panel ? rank - 2 : rank;
  SmallVector<int64_t, 4> shape = buffer.shape;
  SmallVector<Value, 4> coords = chunk.coords;
  if (buffer.byColumns) {
    std::swap(shape[rank - 2], shape[rank - 1]);
    std::swap(coords[rank - 2], coords[rank - 1]);
  }
  for (int64_t dim = 0, count; dim < outer; dim += count) {
    Value coord = coords[dim];
    int64_t size = shape[dim];
    count = countDigits(ArrayRef(coords).slice(dim, outer - dim),
                        ArrayRef(shape).slice(dim, outer - dim));
    if (count > 1) {
      const Digit *first = digitOf(coord),
                  *last = digitOf(coords[dim + count - 1]);
      size = first->place / last->place * first->size;
      coord = divRem(divRem(first->number, last->place).first, size).second;
    }
    count = std::max<int64_t>(count, 1);
    index = index ? addAll(mul(index, size), coord) : coord;
  }
  if (!buffer.panel)
    return index ? index : constant(0);
  Value row = rank > 1 ? chunk.coords[rank - 2] : constant(0);
  auto [panel, column] = divRem(chunk.coords[rank - 1], buffer.panel);
  Value within = mul(panel, buffer.rows());
  within = mul(addAll(within, row), buffer.panel);
  within = addAll(within, column);
  return index ? addAll(
                     mul(index, buffer.rows() * buffer.panels() * buffer.panel),
                     within)
               : within;
}

Value Lowering::bufferAddress(const Buffer &buffer, Value index) {
  Value base = buffer.base;
  if (!base)
    base = LLVM::GEPOp::create(b, arenaBase.getType(), b.getI8Type(), arenaBase,
                               ArrayRef<LLVM::GEPArg>{constant(buffer.offset)});
  return elementPtr(base, index, buffer.element);
}

/// Do the lanes of this chunk lie side by side in the buffer?
static bool lanesContiguous(const Buffer &buffer, const Chunk &chunk) {
  if (chunk.lanesDim != buffer.contiguousDim())
    return false;
  for (Value coord : chunk.coords)
    if (isa<VectorType>(coord.getType()))
      return false;
  return (!buffer.panel || buffer.panel % chunk.lanes == 0) &&
         buffer.rowGroup % chunk.lanes == 0;
}

/// Do the lanes of this chunk fill whole panels, all of which exist?
static bool lanesFillPanels(const Buffer &buffer, const Chunk &chunk) {
  int last = buffer.shape.size() - 1;
  return buffer.panel && chunk.lanesDim == last &&
         chunk.lanes % buffer.panel == 0 &&
         buffer.shape[last] % chunk.lanes == 0 &&
         llvm::none_of(chunk.coords, [](Value coord) {
           return isa<VectorType>(coord.getType());
         });
}

/// One vector of the lanes of `pieces`, a power of two of them, in order.
static Value concatenate(OpBuilder &b, Location loc, ArrayRef<Value> pieces) {
  if (pieces.size() == 1)
    return pieces.front();
  size_t half = pieces.size() / 2;
  Value low = concatenate(b, loc, pieces.take_front(half));
  Value high = concatenate(b, loc, pieces.drop_front(half));
  int64_t lanes = cast<VectorType>(low.getType()).getDimSize(0);
  auto order = llvm::to_vector(llvm::seq<int64_t>(0, 2 * lanes));
  return vector::ShuffleOp::create(b, loc, low, high, order);
}

static Chunk lanewise(const Chunk &chunk,
                      function_ref<Value(unsigned)> perLane) {
  Chunk result = chunk;
  for (unsigned dim = 0; dim < chunk.coords.size(); ++dim)
    result.coords[dim] = perLane(dim);
  result.lanesDim = -1;
  return result;
}

Value Lowering::loadBuffer(const Buffer &buffer, const Chunk &chunk) {
  if (chunk.lanes == 1 || lanesContiguous(buffer, chunk))
    return loadVector(bufferAddress(buffer, bufferIndex(buffer, chunk)),
                      buffer.element, chunk.lanes, {}, {}, /*isArena=*/true);
  if (lanesFillPanels(buffer, chunk))
    return loadPanels(buffer, chunk);
  Chunk each =
      lanewise(chunk, [&](unsigned dim) { return perLane(chunk, dim); });
  return gatherLanes(bufferAddress(buffer, bufferIndex(buffer, each)),
                     buffer.element, chunk.lanes, {}, {}, /*isArena=*/true);
}

/// A row's lanes of several panels, one after the other.
Value Lowering::loadPanels(const Buffer &buffer, const Chunk &chunk) {
  Value first = bufferIndex(buffer, chunk);
  SmallVector<Value> pieces;
  for (int64_t lane = 0; lane < chunk.lanes; lane += buffer.panel)
    pieces.push_back(loadVector(
        bufferAddress(buffer, add(first, constant(lane * buffer.rows()))),
        buffer.element, buffer.panel, {}, {}, /*isArena=*/true));
  return concatenate(b, b.getLoc(), pieces);
}

bool Lowering::isBeyond(const Chunk &chunk) const {
  return llvm::any_of(chunk.coords, [&](Value coord) {
    const CoordFacts *facts = factsOf(coord);
    return facts && facts->beyond;
  });
}

Value Lowering::pullBeyond(Value value, Chunk chunk, int dim, Value upper) {
  // A coordinate of its own, known for nothing but being outside.
  Value outside = arith::MaxSIOp::create(b, scalar(upper), constant(0));
  if (outside == scalar(upper))
    outside = arith::AddIOp::create(b, outside, constant(0));
  chunk.coords[dim] = outside;
  if (chunk.lanesDim == dim)
    chunk.lanesDim = -1;
  levels[current].coords.insert(outside);
  levels[current].facts[outside].beyond = upper;
  if (chunk.isScalar())
    chunk.lanes = 1;
  return pull(value, chunk);
}

Value Lowering::pullBuffered(Value value, const Buffer &buffer,
                             const Chunk &chunk) {
  Value loaded = loadBuffer(buffer, chunk);
  if (buffer.clipDim < 0)
    return loaded;
  const CoordFacts *facts = factsOf(chunk.coords[buffer.clipDim]);
  if (facts && (llvm::is_contained(facts->below, buffer.clipUpper) ||
                facts->tailBound == buffer.clipUpper))
    return loaded;
  Value there = boundMask(constant(0), buffer.clipUpper,
                          buffer.shape[buffer.clipDim], chunk, buffer.clipDim);
  if (!there)
    return loaded;
  Value rest = pullBeyond(value, chunk, buffer.clipDim, buffer.clipUpper);
  return arith::SelectOp::create(b, toVector(there, chunk.lanes), loaded,
                                 toVector(rest, chunk.lanes));
}

void Lowering::storeBuffer(const Buffer &buffer, const Chunk &chunk,
                           Value value) {
  Value mask;
  if (chunk.lanesDim >= 0)
    if (const CoordFacts *facts = factsOf(chunk.coords[chunk.lanesDim]))
      mask = facts->tailMask;
  if (chunk.lanes == 1 || lanesContiguous(buffer, chunk))
    return storeVector(bufferAddress(buffer, bufferIndex(buffer, chunk)), value,
                       buffer.element, mask, /*isArena=*/true);
  Chunk each =
      lanewise(chunk, [&](unsigned dim) { return perLane(chunk, dim); });
  scatterLanes(bufferAddress(buffer, bufferIndex(buffer, each)), value,
               buffer.element, mask, /*isArena=*/true);
}

/// `element` as it is held in `buffer`, which may be wider (operands of a
/// product).
Value Lowering::widened(Value element, const Buffer &buffer, int64_t lanes) {
  Type wanted = chunkType(buffer.element, lanes);
  if (buffer.isShifted) {
    Value sign = toVector(
        arith::ConstantOp::create(
            b, b.getIntegerAttr(buffer.element, APInt::getSignMask(8))),
        lanes);
    return arith::XOrIOp::create(b, element, sign);
  }
  if (element.getType() == wanted)
    return element;
  if (isa<FloatType>(buffer.element))
    return arith::ExtFOp::create(b, wanted, element);
  return arith::ExtSIOp::create(b, wanted, element);
}

LogicalResult Lowering::materialize(Value value, const Buffer &buffer) {
  auto type = cast<RankedTensorType>(value.getType());
  int last = type.getRank() - 1;
  int lanesDim = chooseLanesDim({value}, type.getRank());
  int64_t lanes = lanesFor(type.getElementType(), type.getDimSize(lanesDim));
  if (lanesDim != last && !buffer.byColumns && buffer.clipDim < 0 &&
      lanes > 2 && type.getDimSize(last) % lanes == 0 &&
      type.getDimSize(lanesDim) % lanes == 0 &&
      (!buffer.panel || buffer.panel % lanes == 0))
    return materializeTransposed(value, buffer, lanesDim, lanes);
  SmallVector<Extent> extents(type.getRank());
  if (buffer.clipDim >= 0)
    extents[buffer.clipDim].upper = buffer.clipUpper;
  if (lanesDim != buffer.clipDim)
    extents[lanesDim].split = findBound(value, lanesDim);
  return nest(type.getShape(), lanesDim, lanes, extents,
              [&](const Chunk &chunk) {
                storeBuffer(buffer, chunk,
                            widened(pull(value, chunk), buffer, chunk.lanes));
                return failure(failedPull);
              });
}

//===----------------------------------------------------------------------===//
// Reads of a buffer within a tree of virtual values
//===----------------------------------------------------------------------===//

bool Lowering::reads(Value value, const Buffer &buffer) const {
  SmallVector<Value> todo{value};
  DenseSet<Value> seen;
  while (!todo.empty()) {
    Value next = todo.pop_back_val();
    if (!isTensor(next) || !seen.insert(next).second)
      continue;
    if (auto it = ready.find(next); it != ready.end()) {
      if (it->second.offset == buffer.offset)
        return true;
      continue;
    }
    if (Operation *op = next.getDefiningOp(); op && isPullable(op))
      todo.append(op->operand_begin(), op->operand_end());
  }
  return false;
}

bool Lowering::readsInPlace(Value value, const Buffer &buffer) const {
  SmallVector<Value> todo{value};
  DenseSet<Value> seen;
  while (!todo.empty()) {
    Value next = todo.pop_back_val();
    Operation *op = next.getDefiningOp();
    if (!isTensor(next) || !seen.insert(next).second || ready.contains(next) ||
        !op || !isPullable(op))
      continue;
    bool sameMap = op->hasTrait<OpTrait::Elementwise>() ||
                   isa<tile::PtrAddOp, tile::FpConvertOp, tile::ExternMathOp,
                       tile::PtrCastOp, tile::IntToPtrOp, tile::PtrToIntOp>(op);
    if (sameMap)
      todo.append(op->operand_begin(), op->operand_end());
    else if (llvm::any_of(op->getOperands(), [&](Value operand) {
               return reads(operand, buffer);
             }))
      return false;
  }
  return true;
}
