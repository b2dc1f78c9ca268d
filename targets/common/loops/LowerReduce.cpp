//===- LowerReduce.cpp - Reductions and scans
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

/// Can the combiner work on vectors: is every op of it element by element?
static bool isLanewise(Block &block) {
  return llvm::all_of(block.without_terminator(), [](Operation &op) {
    return op.getNumRegions() == 0 &&
           (op.hasTrait<OpTrait::Elementwise>() || isa<arith::ConstantOp>(op));
  });
}

/// The op of a combiner that is one op on its two arguments, or null.
static Operation *onlyOp(Block &block) {
  if (!llvm::hasSingleElement(block.without_terminator()) ||
      block.getNumArguments() != 2)
    return nullptr;
  Operation &op = block.front();
  if (op.getNumOperands() != 2 || op.getNumResults() != 1 ||
      op.getOperand(0) == op.getOperand(1) ||
      !llvm::is_contained(block.getArguments(), op.getOperand(0)) ||
      !llvm::is_contained(block.getArguments(), op.getOperand(1)) ||
      block.getTerminator()->getOperand(0) != op.getResult(0))
    return nullptr;
  return &op;
}

/// The neutral element of a combiner of one op, if it has one.
static std::optional<TypedAttr> neutralElement(Block &block) {
  Operation *op = onlyOp(block);
  return op ? arith::getNeutralElement(op) : std::nullopt;
}

static Chunk withAxis(const Chunk &outer, int axis, Value coord, bool isLane,
                      int64_t lanes) {
  Chunk chunk = outer;
  chunk.coords.insert(chunk.coords.begin() + axis, coord);
  if (chunk.lanesDim >= axis)
    ++chunk.lanesDim;
  if (isLane) {
    chunk.lanesDim = axis;
    chunk.lanes = lanes;
  }
  return chunk;
}

/// Halves the lanes until one is left, combining the halves: the first with the
/// second where the order is free, else the even lanes with the odd ones.
void Lowering::combineLanes(Block &combiner, SmallVectorImpl<Value> &values,
                            int64_t lanes) {
  bool anyOrder = commutation.of(combiner);
  while (lanes > 1) {
    lanes /= 2;
    SmallVector<Value> arguments, results;
    for (int64_t half : {0, 1})
      for (Value value : values) {
        SmallVector<int64_t> from;
        for (int64_t lane = 0; lane < lanes; ++lane)
          from.push_back(anyOrder ? half * lanes + lane : 2 * lane + half);
        Value part = vector::ShuffleOp::create(b, value, value, from);
        if (lanes == 1)
          part = vector::ExtractOp::create(b, part, ArrayRef<int64_t>{0});
        arguments.push_back(part);
      }
    cloneRegion(combiner, arguments, lanes, results);
    values.assign(results.begin(), results.end());
  }
}

/// Combines all elements along the axis for one chunk of the other dimensions.
/// Beyond `upper` (null: nowhere) the sources are uniform.
LogicalResult Lowering::accumulate(tile::ReduceOp op, const Chunk &outer,
                                   int64_t axisLanes, Value upper,
                                   SmallVectorImpl<Value> &acc) {
  accumulateStrips(op, outer, axisLanes, upper, acc);
  if (axisLanes > 1 && commutation.of(op.getCombine().front()))
    combineLanes(op.getCombine().front(), acc, axisLanes);
  if (upper)
    accumulateBeyond(op, outer, upper, acc);
  return failure(failedPull);
}

/// The sources of a reduction at a strip along its axis, of which `facts` are
/// known; combined to one element each where the order matters.
SmallVector<Value> Lowering::pullStrip(tile::ReduceOp op, const Chunk &outer,
                                       int64_t axisLanes, Operation *loop,
                                       Value coord, const CoordFacts &facts) {
  LevelScope scope(*this, loop);
  levels[current].coords.insert(coord);
  levels[current].facts[coord] = facts;
  Chunk chunk = withAxis(outer, op.getAxis(), coord, axisLanes > 1, axisLanes);
  SmallVector<Value> values;
  for (Value src : op.getSrcs()) {
    values.push_back(toVector(pull(src, chunk), chunk.lanes));
    if (auto kept = pending.find(src); kept != pending.end())
      storeBuffer(kept->second, chunk, values.back());
  }
  Block &combiner = op.getCombine().front();
  if (axisLanes > 1 && !commutation.of(combiner))
    combineLanes(combiner, values, axisLanes);
  return values;
}

/// Combines the strips of [from, to) with `acc`.
void Lowering::accumulateLoop(tile::ReduceOp op, const Chunk &outer,
                              int64_t axisLanes, int64_t lanes, Value from,
                              Value to, const CoordFacts &facts,
                              SmallVectorImpl<Value> &acc) {
  if (auto end = constantOf(to), start = constantOf(from);
      start && end && *start >= *end)
    return;
  auto loop = scf::ForOp::create(b, from, to, constant(axisLanes), acc);
  OpBuilder::InsertionGuard guard(b);
  b.setInsertionPointToStart(loop.getBody());
  SmallVector<Value> arguments(loop.getRegionIterArgs().begin(),
                               loop.getRegionIterArgs().end());
  arguments.append(
      pullStrip(op, outer, axisLanes, loop, loop.getInductionVar(), facts));
  SmallVector<Value> results;
  cloneRegion(op.getCombine().front(), arguments, lanes, results);
  scf::YieldOp::create(b, results);
  acc.assign(loop.result_begin(), loop.result_end());
}

/// Combines one strip from `full` on, of which only the lanes below `last`
/// count, with `acc`.
void Lowering::accumulateTail(tile::ReduceOp op, const Chunk &outer,
                              int64_t axisLanes, int64_t lanes, Value full,
                              Value last, Value bound,
                              SmallVectorImpl<Value> &acc) {
  SmallVector<Type> types =
      llvm::map_to_vector(acc, [](Value value) { return value.getType(); });
  Value any = arith::CmpIOp::create(b, arith::CmpIPredicate::slt, full, last);
  auto tail = scf::IfOp::create(b, types, any, /*withElseRegion=*/true);
  OpBuilder::InsertionGuard guard(b);
  b.setInsertionPointToStart(tail.elseBlock());
  scf::YieldOp::create(b, acc);
  b.setInsertionPointToStart(tail.thenBlock());
  Value count = arith::TruncIOp::create(b, b.getI32Type(), sub(last, full));
  CoordFacts ragged;
  ragged.tailMask = firstLanes(count, axisLanes);
  ragged.tailBound = bound;
  Value coord = arith::AddIOp::create(b, full, constant(0));
  SmallVector<Value> arguments(acc.begin(), acc.end()), results;
  arguments.append(pullStrip(op, outer, axisLanes, tail, coord, ragged));
  cloneRegion(op.getCombine().front(), arguments, lanes, results);
  for (auto [result, before] : llvm::zip(results, acc))
    result = arith::SelectOp::create(b, ragged.tailMask, result, before);
  scf::YieldOp::create(b, results);
  acc.assign(tail.result_begin(), tail.result_end());
}

void Lowering::accumulateStrips(tile::ReduceOp op, const Chunk &outer,
                                int64_t axisLanes, Value upper,
                                SmallVectorImpl<Value> &acc) {
  int axis = op.getAxis();
  Block &combiner = op.getCombine().front();
  int64_t size = tile::shapeOf(op.getSrcs().front().getType())[axis];
  // Where the order matters each strip is combined to one element first.
  bool inOrder = axisLanes > 1 && !commutation.of(combiner);
  int64_t lanes = axisLanes == 1 ? outer.lanes : inOrder ? 1 : axisLanes;
  CoordFacts inside;
  if (upper)
    inside.below.push_back(upper);
  Value first = constant(0);
  Value last = upper ? clamp(scalar(upper), 0, size) : constant(size);
  Value full = upper && axisLanes > 1
                   ? Value(arith::AndIOp::create(b, last, constant(-axisLanes)))
               : upper ? last
                       : constant(size / axisLanes * axisLanes);
  if (auto neutral = neutralElement(combiner)) {
    acc.push_back(toVector(arith::ConstantOp::create(b, *neutral), lanes));
  } else {
    // The first strip starts the accumulation.
    auto once = scf::ExecuteRegionOp::create(
        b, llvm::map_to_vector(op.getSrcs(), [&](Value src) {
          return chunkType(tile::elementTypeOf(src.getType()), lanes);
        }));
    OpBuilder::InsertionGuard guard(b);
    b.createBlock(&once.getRegion());
    Value start = arith::ConstantOp::create(b, b.getI64IntegerAttr(0));
    scf::YieldOp::create(b,
                         pullStrip(op, outer, axisLanes, once, start, inside));
    acc.append(once.result_begin(), once.result_end());
    first = constant(axisLanes);
  }
  if (Value bound = upper ? Value() : boundAlong(op, axisLanes)) {
    // Strips below the bound need no masks.
    CoordFacts below;
    below.below.push_back(bound);
    Value end = arith::AndIOp::create(b, clamp(scalar(bound), 0, size),
                                      constant(-axisLanes));
    end = arith::MaxSIOp::create(b, end, first);
    accumulateLoop(op, outer, axisLanes, lanes, first, end, below, acc);
    first = end;
  }
  accumulateLoop(op, outer, axisLanes, lanes, first, full, inside, acc);
  if (full != last)
    accumulateTail(op, outer, axisLanes, lanes, full, last, upper, acc);
}

/// A bound of masked loads along the axis, if that is where the lanes are and
/// the strips are several.
Value Lowering::boundAlong(tile::ReduceOp op, int64_t axisLanes) {
  int axis = op.getAxis();
  if (axisLanes == 1 ||
      tile::shapeOf(op.getSrcs().front().getType())[axis] < 2 * axisLanes)
    return {};
  for (Value src : op.getSrcs())
    if (Value bound = findBound(src, axis))
      return bound;
  return {};
}

/// Combines the elements from `upper` to the end of the axis, which are equal:
/// once for a combiner that is idempotent, by a product for a sum.
void Lowering::accumulateBeyond(tile::ReduceOp op, const Chunk &outer,
                                Value upper, SmallVectorImpl<Value> &acc) {
  int axis = op.getAxis();
  Block &combiner = op.getCombine().front();
  int64_t size = tile::shapeOf(op.getSrcs().front().getType())[axis];
  Value count = sub(constant(size), clamp(scalar(upper), 0, size));
  Chunk chunk = withAxis(outer, axis, constant(0), false, 1);
  LevelScope scope(*this, count.getDefiningOp());
  Value same =
      toVector(pullBeyond(op.getSrcs()[0], chunk, axis, upper), outer.lanes);
  Value any =
      arith::CmpIOp::create(b, arith::CmpIPredicate::sgt, count, constant(0));
  Type element = tile::elementTypeOf(op.getSrcs()[0].getType());
  if (isa<arith::AddFOp>(combiner.front())) {
    // Narrow types may not have the count: 65535 * 0 would be a NaN in f16.
    Type wide = element.getIntOrFloatBitWidth() < 32 ? b.getF32Type() : element;
    if (wide != element)
      same = arith::ExtFOp::create(b, chunkType(wide, outer.lanes), same);
    Value times =
        toVector(arith::SIToFPOp::create(b, wide, count), outer.lanes);
    same = arith::MulFOp::create(b, same, times);
    if (wide != element)
      same = arith::TruncFOp::create(b, chunkType(element, outer.lanes), same);
  } else if (isa<arith::AddIOp>(combiner.front())) {
    Value times = element.isInteger(64) ? count
                  : element.getIntOrFloatBitWidth() > 64
                      ? count
                      : Value(arith::TruncIOp::create(b, element, count));
    same = arith::MulIOp::create(b, same, toVector(times, outer.lanes));
  }
  SmallVector<Value> results;
  cloneRegion(combiner, {acc[0], same}, outer.lanes, results);
  acc[0] = arith::SelectOp::create(b, any, results[0], acc[0]);
}

/// Can equal elements be combined all at once?
static bool isClippable(Block &combiner) {
  return neutralElement(combiner) &&
         isa<arith::AddFOp, arith::AddIOp, arith::MaxNumFOp, arith::MinNumFOp,
             arith::MaximumFOp, arith::MinimumFOp, arith::MaxSIOp,
             arith::MinSIOp, arith::MaxUIOp, arith::MinUIOp, arith::AndIOp,
             arith::OrIOp>(combiner.front());
}

LogicalResult Lowering::lowerReduce(tile::ReduceOp op) {
  int axis = op.getAxis();
  auto type = cast<RankedTensorType>(op.getSrcs().front().getType());
  Block &combiner = op.getCombine().front();
  SmallVector<Value> srcs(op.getSrcs());
  int lanesDim = chooseLanesDim(srcs, type.getRank());
  Type widest = type.getElementType();
  for (Value src : srcs)
    if (tile::storageBits(tile::elementTypeOf(src.getType())) >
        tile::storageBits(widest))
      widest = tile::elementTypeOf(src.getType());
  bool lanewise = isLanewise(combiner);
  int64_t lanes = lanewise ? lanesFor(widest, type.getDimSize(lanesDim)) : 1;
  int64_t axisLanes = 1;
  // Several vectors of accumulators hide the latency of the combiner; long
  // chains of ops hide it themselves and want the registers.
  int64_t vectors = placement.isCheap(srcs) ? 4 : 2;
  while (vectors > 1 && type.getDimSize(lanesDim) % (vectors * lanes) != 0)
    vectors /= 2;
  if (lanesDim != axis && lanes > 1)
    lanes *= vectors;
  if (lanesDim == axis) {
    axisLanes = lanes > 1 ? vectors * lanes : 1;
    // A strip that is combined in order has no lanes to spare.
    if (!commutation.of(combiner))
      axisLanes = lanes;
    while (!commutation.of(combiner) && type.getDimSize(axis) % axisLanes != 0)
      axisLanes /= 2;
    lanes = 1;
  }
  Value upper = isClippable(combiner) ? findClip(srcs, axis) : Value();
  for (Value src : srcs)
    if (auto kept = pending.find(src); kept != pending.end() && upper) {
      kept->second.clipDim = axis;
      kept->second.clipUpper = upper;
    }
  LogicalResult done = reduceNest(op, lanesDim, lanes, axisLanes, upper);
  for (Value src : srcs)
    if (auto kept = pending.find(src); kept != pending.end()) {
      ready[src] = kept->second;
      pending.erase(kept);
    }
  return done;
}

LogicalResult Lowering::reduceNest(tile::ReduceOp op, int lanesDim,
                                   int64_t lanes, int64_t axisLanes,
                                   Value upper) {
  int axis = op.getAxis();
  auto type = cast<RankedTensorType>(op.getSrcs().front().getType());
  if (type.getRank() == 1) {
    SmallVector<Value> results;
    if (failed(accumulate(op, Chunk(), axisLanes, upper, results)))
      return failure();
    levels[0] = Level();
    mapping.map(op.getResults(), results);
    return success();
  }
  SmallVector<int64_t> shape(type.getShape());
  shape.erase(shape.begin() + axis);
  SmallVector<Buffer> buffers;
  for (Value out : op.getOuts())
    buffers.push_back(allocate(tile::elementTypeOf(out.getType()), shape));
  int outerDim = lanesDim == axis ? -1 : lanesDim - (lanesDim > axis);
  if (failed(nest(shape, outerDim, lanes, {}, [&](const Chunk &chunk) {
        SmallVector<Value> results;
        if (failed(accumulate(op, chunk, axisLanes, upper, results)))
          return failure();
        for (auto [buffer, result] : llvm::zip(buffers, results))
          storeBuffer(buffer, chunk, result);
        return success();
      })))
    return failure();
  for (auto [out, buffer] : llvm::zip(op.getOuts(), buffers))
    ready[out] = buffer;
  return success();
}

/// Combines each lane with all before it (with `reverse`, all behind it) in
/// log2(lanes) steps (Hillis and Steele, "Data parallel algorithms", 1986).
void Lowering::scanLanes(Block &combiner, SmallVectorImpl<Value> &values,
                         int64_t lanes, bool reverse) {
  for (int64_t step = 1; step < lanes; step *= 2) {
    SmallVector<int64_t> from;
    SmallVector<bool> isInside;
    for (int64_t lane = 0; lane < lanes; ++lane) {
      int64_t other = reverse ? lane + step : lane - step;
      isInside.push_back(other >= 0 && other < lanes);
      from.push_back(isInside.back() ? other : lane);
    }
    SmallVector<Value> arguments, results;
    for (Value value : values)
      arguments.push_back(vector::ShuffleOp::create(b, value, value, from));
    arguments.append(values.begin(), values.end());
    cloneRegion(combiner, arguments, lanes, results);
    auto maskType = VectorType::get({lanes}, b.getI1Type());
    Value mask = arith::ConstantOp::create(
        b, DenseElementsAttr::get(maskType, ArrayRef<bool>(isInside)));
    for (auto [value, result] : llvm::zip(values, results))
      value = arith::SelectOp::create(b, mask, result, value);
  }
}

/// Scans one strip and stores it. `before` is what all strips before it combine
/// to, in all lanes (nothing for the first); returns the same for the next.
SmallVector<Value> Lowering::scanStrip(tile::ScanOp op,
                                       ArrayRef<Buffer> buffers,
                                       const Chunk &chunk, int64_t axisLanes,
                                       ValueRange before) {
  Block &combiner = op.getCombine().front();
  SmallVector<Value> values, results;
  for (Value src : op.getSrcs())
    values.push_back(toVector(pull(src, chunk), chunk.lanes));
  if (axisLanes > 1)
    scanLanes(combiner, values, axisLanes, op.getReverse());
  if (before.empty()) {
    results = values;
  } else {
    SmallVector<Value> arguments(before);
    arguments.append(values.begin(), values.end());
    cloneRegion(combiner, arguments, chunk.lanes, results);
  }
  for (auto [buffer, result] : llvm::zip(buffers, results))
    storeBuffer(buffer, chunk, result);
  if (axisLanes > 1) {
    SmallVector<int64_t> last(axisLanes, op.getReverse() ? 0 : axisLanes - 1);
    for (Value &result : results)
      result = vector::ShuffleOp::create(b, result, result, last);
  }
  return results;
}

LogicalResult Lowering::lowerScan(tile::ScanOp op) {
  int axis = op.getAxis();
  auto type = cast<RankedTensorType>(op.getSrcs().front().getType());
  int64_t size = type.getDimSize(axis), rank = type.getRank();
  SmallVector<int64_t> shape(type.getShape());
  shape.erase(shape.begin() + axis);
  Type widest = type.getElementType();
  for (Value src : op.getSrcs())
    if (tile::storageBits(tile::elementTypeOf(src.getType())) >
        tile::storageBits(widest))
      widest = tile::elementTypeOf(src.getType());
  // Vectors run along the last dimension, be it the axis or another; a combiner
  // that is more than vector ops takes one element after the other.
  bool lanewise = isLanewise(op.getCombine().front());
  int64_t lanes = 1, axisLanes = 1;
  if (lanewise && axis == rank - 1)
    axisLanes = lanesFor(widest, size);
  else if (lanewise)
    lanes = lanesFor(widest, shape.back());
  while (size % axisLanes != 0)
    axisLanes /= 2;
  SmallVector<Buffer> buffers;
  for (Value out : op.getOuts())
    buffers.push_back(
        allocate(tile::elementTypeOf(out.getType()), type.getShape()));
  auto stripAt = [&](const Chunk &outer, Value coord, ValueRange before) {
    return scanStrip(op, buffers,
                     withAxis(outer, axis, coord, axisLanes > 1, axisLanes),
                     axisLanes, before);
  };
  int outerDim = lanes > 1 ? static_cast<int>(rank) - 2 : -1;
  LogicalResult done =
      nest(shape, outerDim, lanes, {}, [&](const Chunk &outer) {
        int64_t first = op.getReverse() ? size - axisLanes : 0;
        SmallVector<Value> acc = stripAt(outer, constant(first), {});
        if (size == axisLanes)
          return failure(failedPull);
        auto loop = scf::ForOp::create(b, constant(axisLanes), constant(size),
                                       constant(axisLanes), acc);
        OpBuilder::InsertionGuard guard(b);
        b.setInsertionPointToStart(loop.getBody());
        LevelScope scope(*this, loop);
        Value coord = loop.getInductionVar();
        if (op.getReverse())
          coord = sub(constant(first), coord);
        levels[current].coords.insert(coord);
        scf::YieldOp::create(b,
                             stripAt(outer, coord, loop.getRegionIterArgs()));
        return failure(failedPull);
      });
  for (auto [out, buffer] : llvm::zip(op.getOuts(), buffers))
    ready[out] = buffer;
  return done;
}

/// Any pure scalar function: a plain loop over groups of `pack` elements.
LogicalResult Lowering::lowerMapElementwise(tile::MapElementwiseOp op) {
  auto type = cast<RankedTensorType>(op.getArgs().front().getType());
  SmallVector<Buffer> buffers;
  for (Value out : op.getOuts())
    buffers.push_back(
        allocate(tile::elementTypeOf(out.getType()), type.getShape()));
  int64_t pack = op.getPack(), elements = type.getNumElements();
  auto chunkAt = [&](Value linear) {
    Chunk chunk;
    chunk.coords.resize(type.getRank());
    for (int dim = type.getRank() - 1; dim > 0; --dim)
      std::tie(linear, chunk.coords[dim]) =
          divRem(linear, type.getDimSize(dim));
    chunk.coords[0] = linear;
    return chunk;
  };
  LogicalResult done =
      nest({elements / pack}, -1, 1, {}, [&](const Chunk &group) {
        SmallVector<Chunk> chunks;
        for (int64_t k = 0; k < pack; ++k)
          chunks.push_back(
              chunkAt(add(mul(group.coords[0], pack), constant(k))));
        SmallVector<Value> arguments, results;
        for (Value arg : op.getArgs())
          for (const Chunk &chunk : chunks)
            arguments.push_back(pull(arg, chunk));
        cloneRegion(op.getBody().front(), arguments, 1, results);
        for (auto [index, result] : llvm::enumerate(results))
          storeBuffer(buffers[index / pack], chunks[index % pack], result);
        return failure(failedPull);
      });
  for (auto [out, buffer] : llvm::zip(op.getOuts(), buffers))
    ready[out] = buffer;
  return done;
}
