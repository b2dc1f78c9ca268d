//===- LowerElementwiseLoop.cpp - Loops that carry tiles in registers
//
// Part of the Tegula Project, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
//   acc = tl.zeros((BLOCK,), tl.float32)
//   for i in range(0, n, BLOCK):
//       acc += tl.load(x + i + offsets, mask=...)
//
// Each element of what such a loop carries depends on that element alone, so
// the nest over the tile may go around the loop: a chunk stays in registers
// from the first iteration to the last. With the loop outside, each iteration
// loads and stores the tile, twice where one of several carried tiles is made
// from the others (Welford's mean and variance).
//
//===----------------------------------------------------------------------===//

#include "mlir/Dialect/Vector/IR/VectorOps.h"
#include "targets/common/loops/Clip.h"
#include "targets/common/loops/Lowering.h"
#include "llvm/Support/SaveAndRestore.h"

using namespace mlir;
using namespace tegula;
using namespace tegula::loops;

/// Can the body's op be done again for each chunk: does it read memory at most,
/// with nothing in a nest of its own or in the arena?
static bool isRepeatable(Operation &op, const Placement &placement) {
  if (op.getNumRegions() != 0)
    return false;
  auto load = dyn_cast<tile::LoadOp>(op);
  auto box = dyn_cast<tile::LoadBoxOp>(op);
  if ((load && load.getIsVolatile()) || (box && box.getIsVolatile()))
    return false;
  if (llvm::none_of(op.getResultTypes(), llvm::IsaPred<RankedTensorType>))
    return isa<tile::LoadOp, tile::PtrAddOp, arith::ConstantOp>(op) ||
           isa<tile::FpConvertOp, tile::ExternMathOp>(op) ||
           op.hasTrait<OpTrait::Elementwise>();
  return isPullable(&op) && llvm::none_of(op.getResults(), [&](Value result) {
           return placement.inArena(result);
         });
}

namespace {
/// Are a loop's carried tiles read at the element that is being made alone?
class CarriedReads {
public:
  explicit CarriedReads(scf::ForOp loop) : loop(loop) {}

  bool areInPlace(Value value, bool samePlace = true) {
    if (!isTensor(value) || !seen.insert({value, samePlace}).second)
      return true;
    if (auto argument = dyn_cast<BlockArgument>(value);
        argument && argument.getOwner() == loop.getBody()) {
      return samePlace;
    }
    Operation *op = value.getDefiningOp();
    if (!op || op->getBlock() != loop.getBody())
      return true;
    bool same =
        samePlace &&
        (op->hasTrait<OpTrait::Elementwise>() ||
         isa<tile::PtrAddOp, tile::FpConvertOp, tile::ExternMathOp,
             tile::PtrCastOp, tile::IntToPtrOp, tile::PtrToIntOp, tile::LoadOp>(
             op));
    return llvm::all_of(op->getOperands(), [&](Value operand) {
      return areInPlace(operand, same);
    });
  }

private:
  scf::ForOp loop;
  DenseSet<std::pair<Value, int>> seen;
};
} // namespace

/// Does the body read nothing but rows or columns that it repeats over the
/// tile, as sums of outer products do? An iteration finds them in the registers
/// and the first cache for all of the tile, a chunk would read them again.
static bool readsRepeatedOnly(scf::ForOp op, int64_t elements) {
  bool reads = false;
  for (Operation &inner : *op.getBody())
    if (isa<tile::LoadOp, tile::LoadBoxOp>(inner))
      if (auto type =
              dyn_cast<RankedTensorType>(inner.getResult(0).getType())) {
        if (type.getNumElements() == elements)
          return false;
        reads = true;
      }
  return reads;
}

/// The carried tiles and what they become, if the loop may go into the nest.
std::optional<Lowering::ElementwiseLoop>
Lowering::findElementwiseLoop(scf::ForOp op) const {
  ElementwiseLoop result;
  CarriedReads reads(op);
  auto yield = cast<scf::YieldOp>(op.getBody()->getTerminator());
  for (auto [argument, init, next, after] :
       llvm::zip(op.getRegionIterArgs(), op.getInitArgs(), yield.getOperands(),
                 op.getResults())) {
    if (!isTensor(argument)) {
      // Each chunk has a loop of its own, with scalars of its own.
      if (!after.use_empty())
        return std::nullopt;
      continue;
    }
    if (!reads.areInPlace(next) ||
        tile::shapeOf(argument.getType()) !=
            tile::shapeOf(result.tiles.empty()
                              ? argument.getType()
                              : result.tiles.front().getType()))
      return std::nullopt;
    result.tiles.push_back(argument);
    result.inits.push_back(init);
    result.next.push_back(next);
  }
  if (result.tiles.empty() ||
      readsRepeatedOnly(op,
                        cast<RankedTensorType>(result.tiles.front().getType())
                            .getNumElements()) ||
      !llvm::all_of(op.getBody()->without_terminator(), [&](Operation &inner) {
        return isRepeatable(inner, placement);
      }))
    return std::nullopt;
  return result;
}

/// How many vectors of each carried tile stay in registers, side by side. Half
/// of the registers are for them; what is long to compute wants its own.
int64_t Lowering::vectorsInRegisters(const ElementwiseLoop &loop, int64_t lanes,
                                     int64_t size) {
  if (lanes == 1)
    return 1;
  uint64_t vectors = desc.numVectorRegisters / 2 / loop.tiles.size();
  if (!placement.isCheap(loop.next))
    vectors = std::min<uint64_t>(vectors, 4);
  vectors = llvm::bit_floor(std::max<uint64_t>(vectors, 1));
  while (vectors > 1 && size % (lanes * vectors) != 0)
    vectors /= 2;
  return vectors;
}

/// One iteration on a chunk: what the carried tiles become. The coordinates get
/// a level of their own inside of `marker`, the op around the code, so that
/// nothing of an earlier iteration is found again. They lie below `bounds`.
SmallVector<Value> Lowering::elementwiseStep(const ElementwiseLoop &loop,
                                             const Chunk &chunk,
                                             ValueRange carried,
                                             ArrayRef<Value> bounds,
                                             Operation *marker) {
  LevelScope scope(*this, marker);
  Level &level = levels[current];
  Chunk inner = chunk;
  for (auto [outer, coord, bound] :
       llvm::zip(chunk.coords, inner.coords, bounds)) {
    coord = arith::AddIOp::create(b, outer, constant(0));
    level.coords.insert(coord);
    if (const CoordFacts *facts = factsOf(outer))
      level.facts[coord] = *facts;
    if (const Digit *digit = digitOf(outer))
      level.digits[coord] = *digit;
    if (bound)
      level.facts[coord].below.push_back(bound);
  }
  for (auto [tile, value] : llvm::zip(loop.tiles, carried))
    level.memo[tile].push_back({inner, value});
  return llvm::map_to_vector(loop.next, [&](Value next) {
    return toVector(pull(next, inner), inner.lanes);
  });
}

/// One iteration on a chunk that lies across a bound, vector by vector through
/// the arena: masks of all vectors at once would take the registers away.
SmallVector<Value> Lowering::maskedStep(const ElementwiseLoop &loop,
                                        const Chunk &chunk, int64_t lanes,
                                        ValueRange carried,
                                        ArrayRef<Buffer> buffers,
                                        Operation *marker) {
  SmallVector<Value> none(chunk.coords.size());
  if (chunk.lanes <= lanes)
    return elementwiseStep(loop, chunk, carried, none, marker);
  // In the pieces that are loaded below: LLVM takes one of them out of a wide
  // store lane by lane.
  Chunk piece = chunk;
  piece.lanes = lanes;
  Value first = chunk.coords[chunk.lanesDim];
  for (int64_t lane = 0; lane < chunk.lanes; lane += lanes) {
    piece.coords[chunk.lanesDim] = add(first, constant(lane));
    for (auto [buffer, value] : llvm::zip(buffers, carried))
      storeBuffer(buffer, piece,
                  vector::ExtractStridedSliceOp::create(b, value, {lane},
                                                        {lanes}, {1}));
  }
  auto vectors = scf::ForOp::create(b, constant(0), constant(chunk.lanes),
                                    constant(lanes));
  {
    OpBuilder::InsertionGuard guard(b);
    b.setInsertionPointToStart(vectors.getBody());
    piece.coords[chunk.lanesDim] =
        arith::AddIOp::create(b, first, vectors.getInductionVar());
    SmallVector<Value> loaded =
        llvm::map_to_vector(buffers, [&](const Buffer &buffer) {
          return loadBuffer(buffer, piece);
        });
    SmallVector<Value> next =
        elementwiseStep(loop, piece, loaded, none, vectors);
    for (auto [buffer, value] : llvm::zip(buffers, next))
      storeBuffer(buffer, piece, value);
  }
  return llvm::map_to_vector(
      buffers, [&](const Buffer &buffer) { return loadBuffer(buffer, chunk); });
}

/// Without masks for a chunk below all bounds, else with them.
SmallVector<Value> Lowering::boundedStep(const ElementwiseLoop &loop,
                                         const Chunk &chunk, int64_t lanes,
                                         ValueRange carried,
                                         ArrayRef<Buffer> buffers,
                                         Operation *marker) {
  SmallVector<Value> bounds(chunk.coords.size());
  Value fits;
  for (auto [dim, coord] : llvm::enumerate(chunk.coords)) {
    for (Value next : loop.next)
      if (!bounds[dim])
        bounds[dim] = findBound(next, dim);
    if (!bounds[dim])
      continue;
    int64_t size = int(dim) == chunk.lanesDim ? chunk.lanes : 1;
    fits = andMasks(fits, arith::CmpIOp::create(b, arith::CmpIPredicate::sle,
                                                add(coord, constant(size)),
                                                scalar(bounds[dim])));
  }
  if (!fits)
    return elementwiseStep(loop, chunk, carried, bounds, marker);
  auto branch = scf::IfOp::create(b, carried.getTypes(), fits,
                                  /*withElseRegion=*/true);
  OpBuilder::InsertionGuard guard(b);
  b.setInsertionPointToStart(branch.thenBlock());
  scf::YieldOp::create(b,
                       elementwiseStep(loop, chunk, carried, bounds, branch));
  b.setInsertionPointToStart(branch.elseBlock());
  scf::YieldOp::create(
      b, maskedStep(loop, chunk, lanes, carried, buffers, branch));
  return branch.getResults();
}

/// The loop for one chunk of the tiles, which ends with them in `buffers`.
LogicalResult Lowering::elementwiseLoop(scf::ForOp op,
                                        const ElementwiseLoop &loop,
                                        const Chunk &chunk, int64_t lanes,
                                        ArrayRef<Buffer> buffers) {
  SmallVector<Value> start = scalars(op.getInitArgs());
  size_t numScalars = start.size();
  for (Value init : loop.inits)
    start.push_back(toVector(pull(init, chunk), chunk.lanes));
  auto made = scf::ForOp::create(b, scalar(op.getLowerBound()),
                                 scalar(op.getUpperBound()),
                                 scalar(op.getStep()), start);
  mapping.map(op.getInductionVar(), made.getInductionVar());
  auto arguments =
      llvm::make_filter_range(op.getRegionIterArgs(), [](Value argument) {
        return !isTensor(argument);
      });
  for (auto [argument, value] : llvm::zip(arguments, made.getRegionIterArgs()))
    mapping.map(argument, value);
  {
    OpBuilder::InsertionGuard guard(b);
    b.setInsertionPointToStart(made.getBody());
    for (Operation &inner : op.getBody()->without_terminator())
      if (llvm::none_of(inner.getResults(), isTensor) &&
          failed(lowerScalar(&inner)))
        return failure();
    llvm::SaveAndRestore mark(
        innerLoopStart,
        arith::ConstantOp::create(b, b.getI64IntegerAttr(0)).getOperation());
    SmallVector<Value> next = boundedStep(
        loop, chunk, lanes, made.getRegionIterArgs().drop_front(numScalars),
        buffers, made);
    auto yield = cast<scf::YieldOp>(op.getBody()->getTerminator());
    SmallVector<Value> yielded = scalars(yield.getOperands());
    yielded.append(next);
    scf::YieldOp::create(b, yielded);
  }
  for (auto [buffer, value] :
       llvm::zip(buffers, made.getResults().drop_front(numScalars)))
    storeBuffer(buffer, chunk, value);
  return failure(failedPull);
}

LogicalResult Lowering::lowerElementwiseLoop(scf::ForOp op,
                                             const ElementwiseLoop &loop) {
  SmallVector<Buffer> buffers;
  Type widest = tile::elementTypeOf(loop.tiles.front().getType());
  for (Value tile : loop.tiles) {
    Type element = tile::elementTypeOf(tile.getType());
    if (tile::storageBits(element) > tile::storageBits(widest))
      widest = element;
    buffers.push_back(allocate(element, tile::shapeOf(tile.getType())));
  }
  for (Operation &inner : op.getBody()->without_terminator())
    for (Value result : inner.getResults())
      if (isTensor(result))
        describePlacement(result);
  ArrayRef<int64_t> shape = tile::shapeOf(loop.tiles.front().getType());
  int lanesDim = chooseLanesDim(loop.next, shape.size());
  int64_t lanes = lanesFor(widest, shape[lanesDim]);
  int64_t vectors = vectorsInRegisters(loop, lanes, shape[lanesDim]);
  LogicalResult done =
      nest(shape, lanesDim, lanes * vectors, {}, [&](const Chunk &chunk) {
        return elementwiseLoop(op, loop, chunk, lanes, buffers);
      });
  auto results = llvm::make_filter_range(op.getResults(), isTensor);
  for (auto [result, buffer] : llvm::zip(results, buffers))
    ready[result] = buffer;
  return done;
}
