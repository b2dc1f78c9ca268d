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
// never a thin last block.
//
//===----------------------------------------------------------------------===//

#include "mlir/Dialect/Math/IR/Math.h"
#include "mlir/Dialect/Vector/IR/VectorOps.h"

using namespace mlir;
using namespace tegula;
using namespace tegula::loops;

/// The type in which products are summed for an accumulator of this type.
static Type computeType(Type accumulator) {
  if (accumulator.isF16() || accumulator.isBF16())
    return Float32Type::get(accumulator.getContext());
  return accumulator;
}

/// Columns of a panel: as many vectors as the micro-tile has.
int64_t Lowering::panelWidth(tile::DotOp op) const {
  auto type = cast<RankedTensorType>(op.getType());
  Type compute = computeType(type.getElementType());
  int64_t lanes = lanesFor(compute, type.getShape().back());
  return std::min<int64_t>(lanes * desc.microTile.vectors,
                           llvm::PowerOf2Ceil(type.getShape().back()));
}

FailureOr<Buffer> Lowering::packOperand(Value operand, Type compute,
                                        int64_t panel) {
  auto key = std::make_pair(operand, panel);
  auto it = packed.find(key);
  if (it != packed.end() && it->second.block->findAncestorOpInBlock(
                                *b.getInsertionBlock()->getParentOp()))
    return it->second.buffer;
  if (it != packed.end() && it->second.block == b.getInsertionBlock())
    return it->second.buffer;
  auto known = ready.find(operand);
  // The kernel reads the buffer as it is: all of it must be there.
  if (known != ready.end() && known->second.panel == panel &&
      known->second.element == compute && known->second.clipDim < 0)
    return known->second;
  Buffer buffer = allocate(compute, tile::shapeOf(operand.getType()), panel);
  if (failed(materialize(operand, buffer)))
    return failure();
  packed[key] = {buffer, b.getInsertionBlock()};
  return buffer;
}

/// Operands that a loop does not change are packed before it.
LogicalResult Lowering::packInvariantOperands(Operation *loop) {
  WalkResult walked = loop->walk([&](tile::DotOp dot) {
    Type compute = computeType(tile::elementTypeOf(dot.getC().getType()));
    auto isOutside = [&](Value value) {
      return !loop->isAncestor(value.getParentBlock()->getParentOp());
    };
    if (isOutside(dot.getA()) && failed(packOperand(dot.getA(), compute, 0)))
      return WalkResult::interrupt();
    if (isOutside(dot.getB()) &&
        failed(packOperand(dot.getB(), compute, panelWidth(dot))))
      return WalkResult::interrupt();
    return WalkResult::advance();
  });
  return failure(walked.wasInterrupted());
}

/// C[row .. row+rows) of one panel += A rows * B panel, accumulators in
/// registers.
void Lowering::microKernel(const Buffer &a, const Buffer &bPacked,
                           const Buffer &c, Value batch, Value panel, Value row,
                           int64_t rows, Type compute, bool fromZero) {
  int64_t nr = c.panel, k = a.shape.back(), m = c.rows();
  int64_t lanes = std::min<int64_t>(lanesFor(compute, nr), nr);
  int64_t vectors = nr / lanes;
  Value aBase = add(mul(batch, a.rows() * k), mul(row, k));
  Value bBase = mul(add(mul(batch, bPacked.panels()), panel), k * nr);
  Value cBase =
      add(mul(add(mul(batch, c.panels()), panel), m * nr), mul(row, nr));
  auto accumulatorAt = [&](int64_t r, int64_t v) {
    return bufferAddress(c, add(cBase, constant(r * nr + v * lanes)));
  };
  Type narrow = c.element;
  SmallVector<Value> acc;
  for (int64_t r = 0; r < rows; ++r)
    for (int64_t v = 0; v < vectors; ++v) {
      if (fromZero) {
        acc.push_back(zero(chunkType(compute, lanes)));
        continue;
      }
      Value value =
          loadVector(accumulatorAt(r, v), narrow, lanes, {}, {}, true);
      if (narrow != compute)
        value = arith::ExtFOp::create(b, chunkType(compute, lanes), value);
      acc.push_back(value);
    }
  auto loop = scf::ForOp::create(b, constant(0), constant(k), constant(1), acc);
  {
    OpBuilder::InsertionGuard guard(b);
    b.setInsertionPointToStart(loop.getBody());
    Value step = loop.getInductionVar();
    SmallVector<Value> columns, next;
    Value bAt = add(bBase, mul(step, nr));
    for (int64_t v = 0; v < vectors; ++v)
      columns.push_back(
          loadVector(bufferAddress(bPacked, add(bAt, constant(v * lanes))),
                     compute, lanes, {}, {}, true));
    Value aAt = add(aBase, step);
    for (int64_t r = 0; r < rows; ++r) {
      Value element =
          toVector(loadVector(bufferAddress(a, add(aAt, constant(r * k))),
                              compute, 1, {}, {}, true),
                   lanes);
      for (int64_t v = 0; v < vectors; ++v)
        next.push_back(multiplyAdd(element, columns[v],
                                   loop.getRegionIterArg(r * vectors + v)));
    }
    scf::YieldOp::create(b, next);
  }
  for (int64_t r = 0; r < rows; ++r)
    for (int64_t v = 0; v < vectors; ++v) {
      Value value = loop.getResult(r * vectors + v);
      if (narrow != compute)
        value = arith::TruncFOp::create(b, chunkType(narrow, lanes), value);
      storeVector(accumulatorAt(r, v), value, narrow, {}, true);
    }
}

Value Lowering::multiplyAdd(Value lhs, Value rhs, Value acc) {
  if (isa<IntegerType>(getElementTypeOrSelf(acc.getType())))
    return arith::AddIOp::create(b, arith::MulIOp::create(b, lhs, rhs), acc);
  if (desc.hasFma)
    return math::FmaOp::create(b, lhs, rhs, acc);
  return arith::AddFOp::create(b, arith::MulFOp::create(b, lhs, rhs), acc);
}

LogicalResult Lowering::lowerDot(tile::DotOp op) {
  auto type = cast<RankedTensorType>(op.getType());
  Type compute = computeType(type.getElementType());
  int64_t rank = type.getRank(), nr = panelWidth(op);
  auto a = packOperand(op.getA(), compute, 0);
  auto bPacked = packOperand(op.getB(), compute, nr);
  if (failed(a) || failed(bPacked))
    return failure();
  auto chosen = wanted.find(op.getResult());
  Buffer c = chosen != wanted.end()
                 ? chosen->second
                 : allocate(type.getElementType(), type.getShape(), nr);
  auto held = ready.find(op.getC());
  bool fromZero = matchPattern(op.getC(), m_AnyZeroFloat()) ||
                  matchPattern(op.getC(), m_Zero());
  if (!fromZero && (held == ready.end() || held->second.offset != c.offset) &&
      failed(materialize(op.getC(), c)))
    return failure();
  int64_t m = type.getDimSize(rank - 2);
  int64_t most = std::max<int64_t>(1, desc.microTile.rows);
  int64_t blocks = llvm::divideCeil(m, most);
  int64_t small = m / blocks, large = small + 1, largeBlocks = m % blocks;
  auto rowsLoop = [&](Value batch, Value panel, int64_t from, int64_t count,
                      int64_t rows) {
    if (count == 0)
      return;
    auto loop = scf::ForOp::create(
        b, constant(from), constant(from + count * rows), constant(rows));
    OpBuilder::InsertionGuard guard(b);
    b.setInsertionPointToStart(loop.getBody());
    microKernel(*a, *bPacked, c, batch, panel, loop.getInductionVar(), rows,
                compute, fromZero);
  };
  // Panels outside, rows inside: the panel of B stays in the L1 cache.
  int64_t batches = rank == 3 ? type.getDimSize(0) : 1;
  LogicalResult done =
      nest({batches, c.panels()}, -1, 1, {}, [&](const Chunk &chunk) {
        rowsLoop(chunk.coords[0], chunk.coords[1], 0, largeBlocks, large);
        rowsLoop(chunk.coords[0], chunk.coords[1], largeBlocks * large,
                 blocks - largeBlocks, small);
        return success();
      });
  ready[op.getResult()] = c;
  return done;
}
