//===- Nest.cpp - Loops over a tile, chunk by chunk
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
// Levels: what is known inside which loop
//===----------------------------------------------------------------------===//

Lowering::LevelScope::LevelScope(Lowering &lowering, Operation *loop)
    : lowering(lowering), depth(lowering.current) {
  lowering.levels.resize(depth + 1);
  lowering.levels[depth].loop = loop;
  lowering.levels.emplace_back();
  lowering.current = depth + 1;
}

Lowering::LevelScope::~LevelScope() {
  lowering.levels.resize(depth + 1);
  lowering.levels[depth].loop = nullptr;
  lowering.current = depth;
}

/// The outermost level at which every coordinate of the chunk is known.
unsigned Lowering::levelOf(const Chunk &chunk) const {
  unsigned innermost = 0;
  for (Value coord : chunk.coords) {
    unsigned level = current;
    while (level > 0 && !levels[level].coords.contains(coord))
      --level;
    if (Operation *op = coord.getDefiningOp();
        level == 0 && op && !matchPattern(coord, m_Constant()) &&
        !isa<func::FuncOp>(op->getParentOp()))
      return current; // A derived coordinate: stay where it was made.
    innermost = std::max(innermost, level);
  }
  return innermost;
}

const CoordFacts *Lowering::factsOf(Value coord) const {
  for (unsigned level = current + 1; level-- > 0;) {
    auto it = levels[level].facts.find(coord);
    if (it != levels[level].facts.end())
      return &it->second;
  }
  return nullptr;
}

const Digit *Lowering::digitOf(Value coord) const {
  for (unsigned level = current + 1; level-- > 0;) {
    auto it = levels[level].digits.find(coord);
    if (it != levels[level].digits.end())
      return &it->second;
  }
  return nullptr;
}

//===----------------------------------------------------------------------===//
// Nests
//===----------------------------------------------------------------------===//

/// More loops than these in one another become one: what LLVM's loop passes
/// take grows faster than with the square of the depth, and a sort has one
/// dimension of 2 for each bit of its size.
static constexpr int kMaxDepth = 3;

/// The dimensions from the start of `order` that one loop can run over.
static ArrayRef<int> joinable(ArrayRef<int64_t> shape, ArrayRef<int> order,
                              int lanesDim, ArrayRef<Extent> extents) {
  auto isLong = [](int64_t size) { return size > 1; };
  if (llvm::count_if(shape, isLong) <= kMaxDepth)
    return {};
  return order.take_while([&](int dim) {
    return dim != lanesDim && (extents.empty() || extents[dim].isWhole());
  });
}

LogicalResult Lowering::nest(ArrayRef<int64_t> shape, int lanesDim,
                             int64_t lanes, ArrayRef<Extent> extents,
                             Body body) {
  // The vector dimension is innermost, the others as they stand.
  SmallVector<int> order;
  for (int dim = 0, rank = shape.size(); dim < rank; ++dim)
    if (dim != lanesDim)
      order.push_back(dim);
  if (lanesDim >= 0)
    order.push_back(lanesDim);
  Chunk chunk;
  chunk.coords.resize(shape.size());
  chunk.lanesDim = lanes > 1 ? lanesDim : -1;
  chunk.lanes = lanes > 1 ? lanes : 1;
  LogicalResult result = nestDim(shape, order, 0, lanes, extents, chunk, body);
  // Nothing outlives the nest: memory may change before the next one.
  if (current == 0)
    levels[0] = Level();
  return result;
}

LogicalResult Lowering::nestDim(ArrayRef<int64_t> shape, ArrayRef<int> order,
                                unsigned depth, int64_t lanes,
                                ArrayRef<Extent> extents, Chunk &chunk,
                                Body body) {
  if (depth == order.size())
    return body(chunk);
  auto inside = [&](unsigned next) {
    return nestDim(shape, order, next, lanes, extents, chunk, body);
  };
  ArrayRef<int> joined =
      joinable(shape, order.drop_front(depth), chunk.lanesDim, extents);
  if (joined.size() > 1)
    return joinedLoop(joined, shape, chunk, [&](const Chunk &) {
      return inside(depth + joined.size());
    });
  int dim = order[depth];
  Extent extent = extents.empty() ? Extent{} : extents[dim];
  int64_t step = dim == chunk.lanesDim ? lanes : 1;
  return strips(dim, shape[dim], step, extent, chunk,
                [&](const Chunk &) { return inside(depth + 1); });
}

/// One loop over several whole dimensions; their coordinates are the digits of
/// its counter.
LogicalResult Lowering::joinedLoop(ArrayRef<int> dims, ArrayRef<int64_t> shape,
                                   Chunk &chunk, Body body) {
  int64_t total = 1;
  for (int dim : dims)
    total *= shape[dim];
  auto loop = scf::ForOp::create(b, constant(0), constant(total), constant(1));
  OpBuilder::InsertionGuard guard(b);
  b.setInsertionPointToStart(loop.getBody());
  LevelScope scope(*this, loop);
  Level &level = levels[current];
  Value number = loop.getInductionVar(), rest = number;
  int64_t place = 1;
  for (int dim : llvm::reverse(dims)) {
    int64_t size = shape[dim];
    if (size == 1) {
      chunk.coords[dim] = constant(0);
      continue;
    }
    std::tie(rest, chunk.coords[dim]) = divRem(rest, size);
    level.coords.insert(chunk.coords[dim]);
    level.digits[chunk.coords[dim]] = {number, place, size};
    place *= size;
  }
  return body(chunk);
}

/// Two loops over whole strips: those below the bound, which need no masks, and
/// the others.
LogicalResult Lowering::splitStrips(int dim, int64_t size, int64_t lanes,
                                    Value bound, Chunk &chunk, Body body) {
  Value end =
      arith::AndIOp::create(b, clamp(scalar(bound), 0, size), constant(-lanes));
  for (bool isBelow : {true, false}) {
    auto loop =
        scf::ForOp::create(b, isBelow ? constant(0) : end,
                           isBelow ? end : constant(size), constant(lanes));
    OpBuilder::InsertionGuard guard(b);
    b.setInsertionPointToStart(loop.getBody());
    LevelScope scope(*this, loop);
    Level &level = levels[current];
    chunk.coords[dim] = loop.getInductionVar();
    level.coords.insert(chunk.coords[dim]);
    if (isBelow)
      level.facts[chunk.coords[dim]].below.push_back(bound);
    if (failed(body(chunk)))
      return failure();
  }
  return success();
}

/// One loop: strips of `lanes` lanes without masks, then one tail strip.
LogicalResult Lowering::strips(int dim, int64_t size, int64_t lanes,
                               const Extent &extent, Chunk &chunk, Body body) {
  if (extent.split && lanes > 1 && size > lanes && size % lanes == 0)
    return splitStrips(dim, size, lanes, extent.split, chunk, body);
  bool isBlock = extent.blockSize != 0;
  Value lower = isBlock        ? extent.lower
                : extent.lower ? clamp(scalar(extent.lower), 0, size)
                               : constant(0);
  Value upper = isBlock        ? extent.upper
                : extent.upper ? clamp(scalar(extent.upper), 0, size)
                               : constant(size);
  // Strips start at multiples of their lanes, as changes of shape expect; lanes
  // below the lower bound are masked.
  if (extent.lower && lanes > 1 && !isBlock) {
    auto known = constantOf(lower);
    lower = known ? constant(*known / lanes * lanes)
                  : arith::AndIOp::create(b, lower, constant(-lanes));
  }
  auto run = [&](Operation *loop, Value coord, Value tailMask) {
    LevelScope scope(*this, loop);
    Level &level = levels[current];
    level.coords.insert(coord);
    CoordFacts &facts = level.facts[coord];
    if (extent.lower && lanes == 1)
      facts.notBelow.push_back(extent.lower);
    if (extent.upper && !tailMask)
      facts.below.push_back(extent.upper);
    if (extent.bound && !tailMask)
      facts.below.push_back(extent.bound);
    facts.tailMask = tailMask;
    if (tailMask && extent.upper)
      facts.tailBound = extent.bound ? extent.bound : extent.upper;
    if (isBlock) {
      facts.block = extent.block;
      facts.inBlock = sub(coord, extent.lower);
      facts.blockSize = extent.blockSize;
    }
    chunk.coords[dim] = coord;
    return body(chunk);
  };

  auto lowerKnown = constantOf(lower), upperKnown = constantOf(upper);
  if (lowerKnown && upperKnown && *upperKnown - *lowerKnown == lanes) {
    // One strip: no loop, but a level of its own for what is known in it.
    // Everything stays at this point, so the marker op is the next one.
    auto once = scf::ExecuteRegionOp::create(b, TypeRange{});
    OpBuilder::InsertionGuard guard(b);
    b.createBlock(&once.getRegion());
    Value coord =
        arith::ConstantOp::create(b, b.getI64IntegerAttr(*lowerKnown));
    if (failed(run(once, coord, Value())))
      return failure();
    scf::YieldOp::create(b);
    return success();
  }

  Value span = sub(upper, lower);
  Value fullEnd = upper;
  if (lanes > 1) {
    auto known = constantOf(span);
    fullEnd =
        known ? add(lower, constant(*known / lanes * lanes))
              : add(lower, Value(arith::AndIOp::create(
                               b, arith::MaxSIOp::create(b, span, constant(0)),
                               constant(-lanes))));
  }
  auto loop = scf::ForOp::create(b, lower, fullEnd, constant(lanes));
  {
    OpBuilder::InsertionGuard guard(b);
    b.setInsertionPointToStart(loop.getBody());
    if (failed(run(loop, loop.getInductionVar(), Value())))
      return failure();
  }
  auto known = constantOf(span);
  if (lanes == 1 || (known && *known % lanes == 0))
    return success();
  Value left =
      arith::CmpIOp::create(b, arith::CmpIPredicate::slt, fullEnd, upper);
  auto tail = scf::IfOp::create(b, left, /*withElseRegion=*/false);
  OpBuilder::InsertionGuard guard(b);
  b.setInsertionPointToStart(tail.thenBlock());
  Value count = arith::TruncIOp::create(b, b.getI32Type(), sub(upper, fullEnd));
  Value mask = firstLanes(count, lanes);
  // A coordinate of its own, so that nothing of the full strips is found again.
  Value coord = arith::AddIOp::create(b, fullEnd, constant(0));
  return run(tail, coord, mask);
}

int64_t Lowering::lanesFor(Type element, int64_t size) const {
  unsigned bits = std::max(32u, tile::storageBits(element));
  int64_t lanes = std::min<int64_t>(desc.lanes(bits), size);
  return std::max<int64_t>(1, llvm::bit_floor(static_cast<uint64_t>(lanes)));
}

//===----------------------------------------------------------------------===//
// The vector dimension
//===----------------------------------------------------------------------===//

namespace {
/// Votes of the memory behind values for the dimensions of a nest.
class Votes {
public:
  Votes(int64_t rank, function_ref<bool(Value)> isUnitStride,
        function_ref<bool(Value)> inArena)
      : votes(rank, 0), isUnitStride(isUnitStride), inArena(inArena) {}

  /// `map[d]` is the nest's dimension of dimension d of `value`, or -1.
  void add(Value value, ArrayRef<int> map);
  /// The dimension with the most votes, `otherwise` or the last of equals.
  int best(int otherwise) const;

private:
  SmallVector<int> votes;
  function_ref<bool(Value)> isUnitStride, inArena;
  /// Values are shared: each is asked once for each map.
  DenseMap<Value, SmallVector<SmallVector<int>, 1>> asked;
};
} // namespace

void Votes::add(Value value, ArrayRef<int> map) {
  auto type = dyn_cast<RankedTensorType>(value.getType());
  if (!type || llvm::is_contained(asked[value], map))
    return;
  asked[value].emplace_back(map);
  Operation *op = value.getDefiningOp();
  auto cast = [&](unsigned dim, int weight) {
    if (dim < map.size() && map[dim] >= 0 && type.getDimSize(dim) > 1)
      votes[map[dim]] += weight;
  };
  if (inArena(value) || !op)
    return cast(type.getRank() - 1, 1);
  if (auto box = dyn_cast<tile::LoadBoxOp>(op)) {
    // Fewer lanes than in the longest vector are not worth the question.
    constexpr int64_t leastRun = 16;
    for (auto [dim, stride] : llvm::enumerate(box.getStrides())) {
      int64_t index = box.indexOperandOf(dim);
      if (isUnitStride(stride) && index < 0)
        cast(dim, 4);
      else if (isUnitStride(stride) &&
               stepOf(box.getIndices()[index], leastRun) == 1)
        cast(dim, 2);
    }
    return;
  }
  SmallVector<int> inner(map);
  if (auto expand = dyn_cast<tile::ExpandDimsOp>(op))
    inner.erase(inner.begin() + expand.getAxis());
  else if (auto trans = dyn_cast<tile::TransOp>(op))
    for (auto [dim, from] : llvm::enumerate(trans.getOrder()))
      inner[from] = map[dim];
  else if (!op->hasTrait<OpTrait::Elementwise>() && !isa<tile::BroadcastOp>(op))
    return;
  for (Value operand : op->getOperands())
    add(operand, inner);
}

int Votes::best(int otherwise) const {
  int best = otherwise;
  for (int dim = votes.size() - 1; dim >= 0; --dim)
    if (votes[dim] > votes[best])
      best = dim;
  return best;
}

int Lowering::chooseLanesDim(ArrayRef<Value> values, int64_t rank,
                             std::optional<int> otherwise) {
  auto isUnitStride = [&](Value stride) { return constantOf(stride) == 1; };
  auto inArena = [&](Value inner) { return ready.contains(inner); };
  Votes votes(rank, isUnitStride, inArena);
  auto identity = llvm::to_vector(llvm::seq<int>(0, rank));
  for (Value value : values)
    votes.add(value, identity);
  return votes.best(otherwise.value_or(rank - 1));
}
