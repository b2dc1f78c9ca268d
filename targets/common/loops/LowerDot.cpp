//===- LowerDot.cpp - Register-blocked matrix products
//
// Part of the Tegula Project, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "targets/common/loops/Lowering.h"
//
// The blocking is that of Goto and van de Geijn ("Anatomy of High-Performance
// Matrix Multiplication", 2008) inside one tile: B lies in panels of NR
// columns, k-major; A lies row-major and is broadcast; MR x NR accumulators
// stay in registers while k runs. MR is the balanced split of M, so there is
// never a thin last block. Where the machine multiplies groups along K (pairs
// of bf16, four bytes), a group takes the place of an element. Operands are
// packed by PackOperand.cpp.
//
//===----------------------------------------------------------------------===//

#include "mlir/Dialect/Math/IR/Math.h"
#include "mlir/Dialect/Vector/IR/VectorOps.h"
#include "targets/common/loops/Demand.h"
#include "targets/common/loops/DotLoop.h"

using namespace mlir;
using namespace tegula;
using namespace tegula::loops;

/// The type in which products are summed for an accumulator of this type.
static Type computeType(Type accumulator) {
  if (accumulator.isF16() || accumulator.isBF16())
    return Float32Type::get(accumulator.getContext());
  return accumulator;
}

/// Do the rows of this operand lie in memory as they do in the tile?
static bool isRowMajor(Value operand) {
  int last = cast<RankedTensorType>(operand.getType()).getRank() - 1;
  auto traced = traceOperand(operand, last);
  return !traced ||
         matchPattern(traced->box.getStrides()[traced->depthDim], m_One());
}

/// Depends on the op alone: an operand may be packed before a loop and used in
/// it.
DotForm Lowering::chooseForm(tile::DotOp op, bool maySplit) const {
  auto type = cast<RankedTensorType>(op.getType());
  int64_t columns = type.getShape().back(),
          depth = tile::shapeOf(op.getA().getType()).back();
  DotForm form;
  form.compute = form.operand = computeType(type.getElementType());
  int64_t lanes = lanesFor(form.compute, columns);
  form.depth = findDepth(op);
  const targets::GroupDot *group = findGroupDot(op, desc);
  int64_t parts = maySplit ? countParts(op, desc) : 1;
  if (parts > 1)
    group = &desc.bf16TileDot;
  bool fillsVectors =
      lanes * 32 == desc.vectorBits && columns % lanes == 0 && depth % 16 == 0;
  // Pairs of a column of user memory would be gathered one by one.
  bool isReadable =
      form.compute.isInteger() ||
      (isRowMajor(op.getA()) &&
       (isRowMajor(op.getB()) || (group && canTurnGroups(op.getB(), *group))));
  // Steps that whole vectors divide, but for the last one.
  form.byRows = op->hasAttr(byRowsAttr) && lanes > 1 &&
                columns % DotForm::columnsByRows == 0 &&
                depth % desc.lanes(16) == 0 && !callsLibrary(op);
  if (form.byRows) {
    form.panel = 0;
    // As many sums as the registers hold beside the vectors of the columns.
    int64_t sums = desc.microTile.rows * desc.microTile.vectors;
    form.rows = std::clamp<int64_t>(
        llvm::bit_floor<uint64_t>(sums / DotForm::columnsByRows), 1,
        type.getDimSize(0));
    if (group && group->accumulates && group->tileRows == 1) {
      form.dot = group;
      form.operand = tile::elementTypeOf(op.getA().getType());
    }
    return form;
  }
  if (group && fillsVectors && isReadable) {
    form.dot = group;
    form.operand = tile::elementTypeOf(op.getA().getType());
    form.parts = parts;
    if (form.operand.isInteger())
      form.operand = IntegerType::get(op.getContext(), group->bits);
    if (form.isSplit())
      form.operand = BFloat16Type::get(op.getContext());
  }
  // Two by two tiles are what eight registers hold beside their operands.
  targets::MicroTile block = desc.microTile;
  if (form.isTiled())
    block = {2 * group->tileRows, 2};
  int64_t unit = form.rowsTogether();
  form.rows = std::max<int64_t>(unit, llvm::alignDown(block.rows, unit));
  form.panel =
      std::min<int64_t>(lanes * block.vectors, llvm::PowerOf2Ceil(columns));
  return form;
}

/// Where A's element at `row` of a block and K = `step` lies.
Value Lowering::indexInA(const Buffer &a, const MicroTile &tile, int64_t row,
                         Value step) {
  int64_t m = a.rows(), k = a.shape.back();
  if (a.pitch)
    return add(mul(add(tile.row, constant(row)), a.pitch), step);
  Value first = mul(tile.batch, m * k);
  if (a.byColumns)
    return add(add(add(first, tile.row), mul(step, m)), constant(row));
  return add(add(add(first, mul(tile.row, k)), mul(step, a.rowsTogether)),
             constant(row * k));
}

/// Operands that programs share come from the outer caches. While a block is
/// multiplied, the next rows of A and, shared out over all blocks of rows, the
/// next panel of B are fetched to the second level. Beyond the last ones this
/// touches memory that is not the operand's, which a prefetch may.
void Lowering::prefetchPanels(const Buffer &a, const Buffer &bPacked,
                              const MicroTile &tile, Value step) {
  int64_t k = a.shape.back(), panelSize = bPacked.rows() * bPacked.panel;
  // How many elements of A the panel has been through.
  Value done = add(mul(tile.row, k), mul(step, tile.rows));
  auto fetch = [&](const Buffer &buffer, Value index) {
    if (buffer.base && desc.hasPrefetch)
      LLVM::Prefetch::create(b, bufferAddress(buffer, index), /*rw=*/0,
                             /*hint=*/2, /*cache=*/1);
  };
  // Rows that lie by columns are at the same place of each column.
  Value rowsBefore = mul(tile.batch, a.rows() * k);
  fetch(a, a.byColumns ? indexInA(a, tile, tile.rows, step)
                       : add(add(rowsBefore, done), constant(tile.rows * k)));
  Value panelsBefore = add(mul(tile.batch, bPacked.panels()), tile.panel);
  fetch(bPacked, add(mul(add(panelsBefore, constant(1)), panelSize),
                     divRem(mul(done, bPacked.panel), a.rows()).first));
}

/// What A's shift adds to a vector of the panel's sums (see sumShifts).
Value Lowering::loadShifts(const DotForm &form, const Buffer &bPacked,
                           const MicroTile &tile, int64_t vector) {
  int64_t lanes = lanesFor(form.compute, form.panel);
  int64_t last = bPacked.rows() - form.group();
  Value at = add(mul(tile.panel, bPacked.rows() * form.panel),
                 constant(last * form.panel + vector * lanes * form.group()));
  return loadVector(bufferAddress(bPacked, at), form.compute, lanes, {}, {},
                    /*isArena=*/true);
}

/// Adds the products of one block's rows with a panel, all along K.
SmallVector<Value> Lowering::multiplyPanel(const DotForm &form, const Buffer &a,
                                           const Buffer &bPacked,
                                           const MicroTile &tile,
                                           ValueRange accumulators) {
  int64_t nr = form.panel, k = a.shape.back();
  int64_t lanes = std::min<int64_t>(lanesFor(form.compute, nr), nr);
  int64_t vectors = nr / lanes, elements = lanes * form.group();
  Value bBase = mul(add(mul(tile.batch, bPacked.panels()), tile.panel),
                    bPacked.rows() * nr);
  Value end = constant(k);
  if (form.depth)
    end = clamp(scalar(form.depth), 0, k);
  // A group that reaches beyond the end has zeros there.
  auto loop = scf::ForOp::create(b, constant(0), end, constant(form.group()),
                                 accumulators);
  OpBuilder::InsertionGuard guard(b);
  b.setInsertionPointToStart(loop.getBody());
  Value step = loop.getInductionVar();
  Value bAt = add(bBase, mul(step, nr));
  if (form.isPaired()) {
    scf::YieldOp::create(b, multiplyPairs(form, a, bPacked, tile, step, bAt,
                                          loop.getRegionIterArgs()));
    return SmallVector<Value>(loop.getResults());
  }
  SmallVector<Value> columns, next;
  for (int64_t v = 0; v < vectors; ++v)
    columns.push_back(
        loadVector(bufferAddress(bPacked, add(bAt, constant(v * elements))),
                   form.operand, elements, {}, {}, true));
  prefetchPanels(a, bPacked, tile, step);
  // A group along K is one broadcast unit.
  Type unit = form.operand;
  if (form.isGrouped())
    unit = b.getI32Type();
  for (int64_t r = 0; r < tile.rows; ++r) {
    Value element =
        toVector(loadVector(bufferAddress(a, indexInA(a, tile, r, step)), unit,
                            1, {}, {}, true),
                 lanes);
    if (form.isGrouped())
      element = vector::BitCastOp::create(
          b, VectorType::get({elements}, form.operand), element);
    for (int64_t v = 0; v < vectors; ++v)
      next.push_back(multiplyAdd(form, element, columns[v],
                                 loop.getRegionIterArg(r * vectors + v)));
  }
  scf::YieldOp::create(b, next);
  return SmallVector<Value>(loop.getResults());
}

static bool isZeroTile(Value value) {
  return matchPattern(value, m_AnyZeroFloat()) || matchPattern(value, m_Zero());
}

bool Lowering::DotTask::isZero() const { return start && isZeroTile(start); }

/// May the product make its accumulator at `start` on its way, instead of
/// reading it from a buffer? Then `start` is a few ops on tiles of the arena.
bool Lowering::startsInRegisters(Value start, const Buffer &buffer) const {
  // They are repeated for every register of the block.
  constexpr unsigned mostStartOps = 6;
  if (isZeroTile(start))
    return true;
  // Lanes beyond the last column have no element.
  if (buffer.shape.back() % buffer.panel != 0)
    return false;
  unsigned ops = 0;
  SmallVector<Value> todo{start};
  while (!todo.empty()) {
    Value next = todo.pop_back_val();
    if (!isTensor(next) || ready.contains(next))
      continue;
    Operation *op = next.getDefiningOp();
    if (!op || pending.contains(next) || ++ops > mostStartOps ||
        !(isa<tile::BroadcastOp, tile::ExpandDimsOp, tile::SplatOp>(op) ||
          (isa<arith::ArithDialect>(op->getDialect()) &&
           op->hasTrait<OpTrait::Elementwise>())))
      return false;
    todo.append(op->operand_begin(), op->operand_end());
  }
  return true;
}

/// C[row .. row+rows) of one panel = start + A rows * B panel, accumulators in
/// registers. No start: the one that lies in C, or 0 if `isFirst` holds.
void Lowering::microKernel(const DotForm &form, const Buffer &a,
                           const Buffer &bPacked, const Buffer &c,
                           const MicroTile &tile, Value start, Value isFirst) {
  int64_t nr = form.panel;
  int64_t lanes = std::min<int64_t>(lanesFor(form.compute, nr), nr);
  int64_t vectors = nr / lanes;
  Value cBase =
      add(mul(add(mul(tile.batch, c.panels()), tile.panel), c.rows() * nr),
          mul(tile.row, nr));
  auto addressOf = [&](int64_t i) {
    int64_t row = i / vectors, vector = i % vectors;
    return bufferAddress(c, add(cBase, constant(row * nr + vector * lanes)));
  };
  auto startAt = [&](int64_t i) {
    Chunk chunk;
    if (c.shape.size() == 3)
      chunk.coords.push_back(tile.batch);
    chunk.coords.push_back(add(tile.row, constant(i / vectors)));
    chunk.coords.push_back(
        add(mul(tile.panel, nr), constant(i % vectors * lanes)));
    chunk.lanesDim = lanes > 1 ? c.shape.size() - 1 : -1;
    chunk.lanes = lanes;
    return pullLanes(start, chunk, lanes);
  };
  Type narrow = c.element, type = chunkType(form.compute, lanes);
  int64_t count = tile.rows * vectors;
  auto startAll = [&] {
    return llvm::map_to_vector(llvm::seq(count), [&](int64_t i) -> Value {
      Value value = start ? startAt(i)
                          : loadVector(addressOf(i), narrow, lanes, {}, {},
                                       /*isArena=*/true);
      return value.getType() == type ? value
                                     : arith::ExtFOp::create(b, type, value);
    });
  };
  SmallVector<Value> accumulators;
  if (isFirst) {
    auto branch = scf::IfOp::create(b, SmallVector<Type>(count, type), isFirst,
                                    /*withElseRegion=*/true);
    OpBuilder::InsertionGuard guard(b);
    b.setInsertionPointToStart(branch.thenBlock());
    scf::YieldOp::create(b, SmallVector<Value>(count, zero(type)));
    b.setInsertionPointToStart(branch.elseBlock());
    scf::YieldOp::create(b, startAll());
    accumulators.assign(branch.result_begin(), branch.result_end());
  } else {
    accumulators = startAll();
  }
  if (form.isShifted())
    for (auto [i, value] : llvm::enumerate(accumulators))
      value = arith::SubIOp::create(
          b, value, loadShifts(form, bPacked, tile, i % vectors));
  if (form.isPaired())
    turnPairs(accumulators, vectors);
  accumulators = multiplyPanel(form, a, bPacked, tile, accumulators);
  if (form.isPaired())
    turnPairs(accumulators, vectors);
  for (auto [i, value] : llvm::enumerate(accumulators)) {
    if (narrow != form.compute)
      value = arith::TruncFOp::create(b, chunkType(narrow, lanes), value);
    storeVector(addressOf(i), value, narrow, {}, /*isArena=*/true);
  }
}

Value Lowering::multiplyAdd(const DotForm &form, Value lhs, Value rhs,
                            Value acc) {
  if (form.isGrouped()) {
    SmallVector<Value> operands{lhs, rhs};
    if (form.dot->accumulates)
      operands.insert(operands.begin(), acc);
    Value sums =
        LLVM::CallIntrinsicOp::create(
            b, acc.getType(), b.getStringAttr(form.dot->intrinsic), operands)
            .getResult(0);
    return form.dot->accumulates ? sums : arith::AddIOp::create(b, acc, sums);
  }
  if (isa<IntegerType>(getElementTypeOrSelf(acc.getType())))
    return arith::AddIOp::create(b, arith::MulIOp::create(b, lhs, rhs), acc);
  if (desc.hasFma)
    return math::FmaOp::create(b, lhs, rhs, acc);
  return arith::AddFOp::create(b, arith::MulFOp::create(b, lhs, rhs), acc);
}

/// Where the product's result is wanted, or a place of its own.
Buffer Lowering::resultBuffer(tile::DotOp op, const DotForm &form) {
  auto chosen = wanted.find(op.getResult());
  if (chosen != wanted.end())
    return chosen->second;
  return allocate(tile::elementTypeOf(op.getType()),
                  tile::shapeOf(op.getType()), form.panel);
}

bool Lowering::isHeldIn(Value value, const Buffer &buffer) const {
  auto held = ready.find(value);
  return held != ready.end() && held->second.offset == buffer.offset;
}

/// What the product adds to, if it makes that on its way; null where it lies in
/// the result's buffer.
FailureOr<Value> Lowering::startOf(tile::DotOp op, const Buffer &c) {
  if (isHeldIn(op.getC(), c))
    return Value();
  if (startsInRegisters(op.getC(), c))
    return op.getC();
  if (failed(materialize(op.getC(), c)))
    return failure();
  return Value();
}

/// All blocks of rows of one panel.
LogicalResult Lowering::multiplyRowBlocks(const DotTask &task,
                                          const DotForm &form, const Buffer &a,
                                          const Buffer &bPacked,
                                          const MicroTile &all) {
  int64_t unit = form.rowsTogether(), m = all.rows;
  int64_t blocks = llvm::divideCeil(m, form.rows);
  int64_t small = m / unit / blocks * unit, large = small + unit;
  int64_t largeBlocks = m / unit % blocks;
  auto rowsLoop = [&](int64_t from, int64_t count,
                      int64_t rows) -> LogicalResult {
    if (count == 0)
      return success();
    Value end = constant(from + count * rows);
    if (task.liveRows)
      end = arith::MinSIOp::create(b, end, task.liveRows);
    auto loop = scf::ForOp::create(b, constant(from), end, constant(rows));
    OpBuilder::InsertionGuard guard(b);
    b.setInsertionPointToStart(loop.getBody());
    LevelScope scope(*this, loop);
    levels[current].coords.insert(loop.getInductionVar());
    MicroTile tile{all.batch, all.panel, loop.getInductionVar(), rows};
    if (form.isTiled())
      multiplyTiles(form, a, bPacked, task.c, tile, task.isZero(),
                    task.isFirst);
    else
      microKernel(form, a, bPacked, task.c, tile, task.start, task.isFirst);
    return task.storesByPanel ? success() : storeIfLast(task, tile);
  };
  if (failed(rowsLoop(0, largeBlocks, large)))
    return failure();
  return rowsLoop(largeBlocks * large, blocks - largeBlocks, small);
}

LogicalResult Lowering::storeIfLast(const DotTask &task,
                                    const MicroTile &tile) {
  if (!task.epilogue)
    return success();
  auto last = scf::IfOp::create(b, task.isLast, /*withElseRegion=*/false);
  OpBuilder::InsertionGuard guard(b);
  b.setInsertionPointToStart(last.thenBlock());
  return storeBlock(*task.epilogue, task.c, tile);
}

/// Operands of a product that must not be split, in the arena. Packed only if
/// one of the split ones is not regular.
LogicalResult Lowering::packExact(tile::DotOp op, Value isRegular,
                                  ExactProduct &exact) {
  exact.form = chooseForm(op, /*maySplit=*/false);
  auto bufferOf = [&](Value operand, int64_t panel) {
    return allocate(exact.form.operand, tile::shapeOf(operand.getType()),
                    panel);
  };
  exact.isRegular = isRegular;
  exact.a = bufferOf(op.getA(), 0);
  exact.b = bufferOf(op.getB(), exact.form.panel);
  auto branch = scf::IfOp::create(b, isRegular, /*withElseRegion=*/true);
  OpBuilder::InsertionGuard guard(b);
  b.setInsertionPointToStart(branch.elseBlock());
  if (failed(packRows(op.getA(), exact.a, 1, exact.form.depth)))
    return failure();
  return packRows(op.getB(), exact.b, 0, exact.form.depth);
}

LogicalResult Lowering::lowerDot(tile::DotOp op) {
  if (callsLibrary(op))
    return callDot(op);
  auto type = cast<RankedTensorType>(op.getType());
  DotForm form = chooseForm(op);
  if (form.byRows)
    return lowerRowsProduct(op, form);
  int64_t rank = type.getRank();
  auto a = packA(op);
  auto bPacked = packB(op);
  if (failed(a) || failed(bPacked))
    return failure();
  std::optional<ExactProduct> exact;
  if (form.isSplit()) {
    Value regular = andMasks(isRegular(*a), isRegular(*bPacked));
    if (failed(packExact(op, regular, exact.emplace())))
      return failure();
  }
  DotTask task{resultBuffer(op, form)};
  auto start = startOf(op, task.c);
  if (failed(start))
    return failure();
  task.start = *start;
  task.storesByPanel = form.isTiled();
  auto found = epilogues.find(op);
  if (found != epilogues.end()) {
    const Epilogue &epilogue = found->second;
    task.epilogue = &epilogue;
    if (epilogue.startsAtZero)
      task.isFirst = isFirstStep(epilogue);
    task.isLast = andMasks(isLastStep(epilogue.loop), epilogue.mayInterleave);
  }
  // Blocks of registers that lie beyond what is demanded are left out.
  SmallVector<Value> demand = findDemand(op);
  int64_t m = type.getDimSize(rank - 2);
  if (Value liveRows = demand[rank - 2])
    task.liveRows = clamp(scalar(liveRows), 0, m);
  // Panels outside, rows inside: the panel of B stays in the L1 cache.
  int64_t batches = rank == 3 ? type.getDimSize(0) : 1;
  Extent panels;
  if (Value liveColumns = demand[rank - 1]) {
    Value columns = clamp(scalar(liveColumns), 0, type.getDimSize(rank - 1));
    panels.upper =
        divRem(add(columns, constant(form.panel - 1)), form.panel).first;
  }
  LogicalResult done =
      nest({batches, task.c.panels()}, -1, 1, {Extent(), panels},
           [&](const Chunk &chunk) {
             return multiplyWholePanel(
                 task, form, *a, *bPacked, exact,
                 {chunk.coords[0], chunk.coords[1], constant(0), m});
           });
  ready[op.getResult()] = task.c;
  return done;
}

/// C's panel: of split operands by vectors where they are not regular.
LogicalResult Lowering::multiplyWholePanel(
    DotTask task, const DotForm &form, const Buffer &a, const Buffer &bPacked,
    const std::optional<ExactProduct> &exact, const MicroTile &all) {
  // Vectors and tiles take turns panel by panel: what the ones stored the
  // others can't load before it is in the cache.
  if (form.isTiled() && task.start && !task.isZero()) {
    storeStart(task.c, all, task.start);
    task.start = {};
  }
  auto multiply = [&] {
    return multiplyRowBlocks(task, form, a, bPacked, all);
  };
  LogicalResult done = success();
  if (exact)
    done = choose(exact->isRegular, multiply, [&] {
      return multiplyRowBlocks(task, exact->form, exact->a, exact->b, all);
    });
  else
    done = multiply();
  if (failed(done) || !task.storesByPanel)
    return done;
  return storeIfLast(task, all);
}
