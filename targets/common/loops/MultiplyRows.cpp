//===- MultiplyRows.cpp - Products of rows with rows ----------------------===//
//
// Part of the Tegula Project, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// A few rows times the transpose of a large matrix, as where a model writes one
// token after the other: both operands lie with K side by side, and the large
// one is read once. Turning it into panels would cost more than the product. So
// vectors run along K, of the large one as it lies, and the lanes of each sum
// are added up at the end of the step. The few rows are copied: as they lie,
// they often are in the same set of the first cache.
//
//===----------------------------------------------------------------------===//

#include "mlir/Dialect/Vector/IR/VectorOps.h"
#include "targets/common/loops/Demand.h"
#include "targets/common/loops/DotLoop.h"
#include "targets/common/loops/Lowering.h"

using namespace mlir;
using namespace tegula;
using namespace tegula::loops;

static constexpr int64_t columnsOfBlock = DotForm::columnsByRows;

/// A block of rows x columns, and where it lies.
struct Lowering::RowsBlock {
  Buffer a; // all rows
  Value row, column;
  int64_t rows;
  bool isWhole; // no column is beyond its bound
};

/// Pairs of vectors become one with their sums: lane i of a result that stands
/// for n vectors is a part of the sum of vector i % n.
static Value joinSums(ImplicitLocOpBuilder &b, Value lhs, Value rhs,
                      int64_t n) {
  int64_t lanes = cast<VectorType>(lhs.getType()).getDimSize(0);
  SmallVector<int64_t> even, odd;
  for (int64_t group = 0; group < lanes; group += 2 * n)
    for (int64_t from : {int64_t(0), lanes})
      for (int64_t i = 0; i < n; ++i) {
        even.push_back(from + group + i);
        odd.push_back(from + group + n + i);
      }
  return arith::AddFOp::create(b, vector::ShuffleOp::create(b, lhs, rhs, even),
                               vector::ShuffleOp::create(b, lhs, rhs, odd));
}

/// The sums over the lanes of each of 4 vectors, as one vector.
static Value sumLanes(ImplicitLocOpBuilder &b, ArrayRef<Value> vectors) {
  SmallVector<Value> sums(vectors);
  for (int64_t n = 1; sums.size() > 1; n *= 2) {
    for (size_t i = 0; i < sums.size() / 2; ++i)
      sums[i] = joinSums(b, sums[2 * i], sums[2 * i + 1], n);
    sums.resize(sums.size() / 2);
  }
  Value all = sums.front();
  int64_t count = vectors.size();
  for (int64_t lanes = cast<VectorType>(all.getType()).getDimSize(0);
       lanes > count; lanes /= 2) {
    auto half = [&](int64_t from) -> Value {
      return vector::ExtractStridedSliceOp::create(
          b, all, ArrayRef<int64_t>{from}, ArrayRef<int64_t>{lanes / 2},
          ArrayRef<int64_t>{1});
    };
    all = arith::AddFOp::create(b, half(0), half(lanes / 2));
  }
  return all;
}

/// Columns come from memory, where each is a run that the machine's own
/// prefetcher has to find first: the same place of the next block's is fetched.
void Lowering::prefetchColumn(DotOperand operand, Value step, Value column,
                              int64_t elements) {
  if (!desc.hasPrefetch)
    return;
  Chunk chunk;
  chunk.coords.resize(2);
  chunk.coords[operand.depthDim] = step;
  chunk.coords[1 - operand.depthDim] = column;
  chunk.lanesDim = operand.depthDim;
  chunk.lanes = elements;
  BoxAddress address = boxAddress(operand.box, chunk);
  Type element = tile::elementTypeOf(operand.box.getType());
  int64_t bytes = tile::storageBits(element) / 8;
  Value pitch = scalar(operand.box.getStrides()[1 - operand.depthDim]);
  emitPrefetch(b, elementPtr(address.base, address.index, element),
               mul(pitch, columnsOfBlock * bytes), elements * bytes,
               /*isNear=*/false);
}

/// Adds the products of one vector along K to the sums of the block.
SmallVector<Value> Lowering::multiplyRowsAt(tile::DotOp op, const DotForm &form,
                                            const RowsBlock &block, Value step,
                                            ValueRange sums, Value mask) {
  int64_t lanes = cast<VectorType>(sums[0].getType()).getDimSize(0);
  int64_t elements = lanes * form.group();
  auto traced = *traceOperand(op.getB(), 0);
  Value lastColumn = traced.box.getUppers()[1 - traced.depthDim];
  auto loadColumn = [&](int64_t i) -> Value {
    // A coordinate of its own, with its own facts.
    Value coord = arith::AddIOp::create(b, block.column, constant(i));
    levels[current].coords.insert(coord);
    if (block.isWhole) {
      levels[current].facts[coord].below.push_back(lastColumn);
      prefetchColumn(traced, step, coord, elements);
    }
    Chunk chunk;
    chunk.coords = {step, coord};
    chunk.lanesDim = 0;
    chunk.lanes = elements;
    Value value = toVector(pull(op.getB(), chunk), elements);
    Type type = VectorType::get({elements}, form.operand);
    return value.getType() == type
               ? value
               : Value(arith::ExtFOp::create(b, type, value));
  };
  SmallVector<Value> columns, next;
  for (int64_t i = 0; i < columnsOfBlock; ++i)
    columns.push_back(loadColumn(i));
  MicroTile tile{constant(0), constant(0), block.row, block.rows};
  for (int64_t i = 0; i < block.rows; ++i) {
    Value row =
        loadVector(bufferAddress(block.a, indexInA(block.a, tile, i, step)),
                   form.operand, elements, mask, {}, /*isArena=*/true);
    for (int64_t j = 0; j < columnsOfBlock; ++j)
      next.push_back(
          multiplyAdd(form, row, columns[j], sums[i * columnsOfBlock + j]));
  }
  return next;
}

/// The sums of the block, lane by lane, all along K.
SmallVector<Value> Lowering::multiplyRows(tile::DotOp op, const DotForm &form,
                                          const RowsBlock &block,
                                          int64_t lanes) {
  int64_t depth = tile::shapeOf(op.getA().getType()).back(),
          elements = lanes * form.group();
  Value end =
      form.depth ? clamp(scalar(form.depth), 0, depth) : constant(depth);
  Value fullEnd =
      form.depth ? Value(arith::AndIOp::create(b, end, constant(-elements)))
                 : end;
  SmallVector<Value> zeros(block.rows * columnsOfBlock,
                           zero(VectorType::get({lanes}, form.compute)));
  auto loop =
      scf::ForOp::create(b, constant(0), fullEnd, constant(elements), zeros);
  {
    OpBuilder::InsertionGuard guard(b);
    b.setInsertionPointToStart(loop.getBody());
    LevelScope scope(*this, loop);
    Value step = loop.getInductionVar();
    levels[current].coords.insert(step);
    if (form.depth)
      levels[current].facts[step].below.push_back(form.depth);
    scf::YieldOp::create(
        b, multiplyRowsAt(op, form, block, step, loop.getRegionIterArgs()));
  }
  if (!form.depth)
    return SmallVector<Value>(loop.getResults());
  Value isLeft =
      arith::CmpIOp::create(b, arith::CmpIPredicate::slt, fullEnd, end);
  auto tail = scf::IfOp::create(b, loop.getResultTypes(), isLeft,
                                /*withElseRegion=*/true);
  OpBuilder::InsertionGuard guard(b);
  b.setInsertionPointToStart(tail.elseBlock());
  scf::YieldOp::create(b, loop.getResults());
  b.setInsertionPointToStart(tail.thenBlock());
  LevelScope scope(*this, tail);
  Value count = arith::TruncIOp::create(b, b.getI32Type(), sub(end, fullEnd));
  Value step = arith::AddIOp::create(b, fullEnd, constant(0));
  levels[current].coords.insert(step);
  CoordFacts &facts = levels[current].facts[step];
  Value mask = facts.tailMask = firstLanes(count, elements);
  facts.tailBound = form.depth;
  scf::YieldOp::create(
      b, multiplyRowsAt(op, form, block, step, loop.getResults(), mask));
  return SmallVector<Value>(tail.getResults());
}

/// One block, and its sums added to what lies in `c`.
LogicalResult Lowering::addRowsBlock(tile::DotOp op, const DotForm &form,
                                     const Buffer &c, const RowsBlock &block,
                                     int64_t lanes) {
  SmallVector<Value> sums = multiplyRows(op, form, block, lanes);
  for (int64_t i = 0; i < block.rows; ++i) {
    Chunk chunk;
    chunk.coords = {add(block.row, constant(i)), block.column};
    chunk.lanesDim = 1;
    chunk.lanes = columnsOfBlock;
    Value sum =
        sumLanes(b, ArrayRef(sums).slice(i * columnsOfBlock, columnsOfBlock));
    storeBuffer(c, chunk, arith::AddFOp::create(b, loadBuffer(c, chunk), sum));
  }
  return failure(failedPull);
}

LogicalResult Lowering::lowerRowsProduct(tile::DotOp op, const DotForm &form) {
  ArrayRef<int64_t> shape = tile::shapeOf(op.getType());
  auto a = packRowsOnce(op, form);
  if (failed(a))
    return failure();
  Buffer c = resultBuffer(op, form);
  if (!isHeldIn(op.getC(), c) && failed(materialize(op.getC(), c)))
    return failure();
  int64_t depth = tile::shapeOf(op.getA().getType()).back();
  int64_t lanes = std::min(lanesFor(form.compute, depth), depth / form.group());
  int64_t rows = form.rows;
  SmallVector<Value> demand = findDemand(op);
  auto blocksOf = [&](Value live, int64_t size, int64_t block) {
    Extent extent;
    if (live)
      extent.upper =
          divRem(add(clamp(scalar(live), 0, size), constant(block - 1)), block)
              .first;
    return extent;
  };
  auto traced = *traceOperand(op.getB(), 0);
  Value lastColumn = scalar(traced.box.getUppers()[1 - traced.depthDim]);
  LogicalResult done = nest(
      {shape[1] / columnsOfBlock, shape[0] / rows}, -1, 1,
      {blocksOf(demand[1], shape[1], columnsOfBlock),
       blocksOf(demand[0], shape[0], rows)},
      [&](const Chunk &chunk) {
        RowsBlock block{*a, mul(chunk.coords[1], rows),
                        mul(chunk.coords[0], columnsOfBlock), rows, true};
        Value isWhole = arith::CmpIOp::create(
            b, arith::CmpIPredicate::sle,
            add(block.column, constant(columnsOfBlock)), lastColumn);
        auto emit = [&](bool whole) {
          block.isWhole = whole;
          return addRowsBlock(op, form, c, block, lanes);
        };
        return choose(
            isWhole, [&] { return emit(true); }, [&] { return emit(false); });
      });
  ready[op.getResult()] = c;
  return done;
}
