//===- MultiplyTiles.cpp - Products on a unit for matrices ----------------===//
//
// Part of the Tegula Project, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// The micro-kernel of processors with tile registers (x86's AMX: eight of 16
// rows of 64 bytes). A block of 2x2 tiles of sums stays in registers while K
// runs; a step loads two tiles of rows of A and two of groups of B, which lie
// in panels as they do for instructions on vectors of groups (PackOperand.cpp).
// LLVM assigns the registers and configures them.
//
//===----------------------------------------------------------------------===//

#include "mlir/Dialect/LLVMIR/LLVMDialect.h"
#include "targets/common/loops/Lowering.h"

using namespace mlir;
using namespace tegula;
using namespace tegula::loops;

static int64_t bytesOf(Type element, int64_t count) {
  return count * (tile::storageBits(element) / 8);
}

Value Lowering::tileSize(int64_t size) {
  return arith::ConstantOp::create(b, b.getI16IntegerAttr(size));
}

/// A tile that the intrinsic `name` makes.
Value Lowering::tileIntrinsic(StringRef name, ValueRange operands) {
  return LLVM::CallIntrinsicOp::create(
             b, Type(LLVM::LLVMX86AMXType::get(b.getContext())),
             b.getStringAttr(name), operands)
      .getResult(0);
}

namespace {
/// The part of a block that one tile of sums holds.
struct TileSlot {
  int64_t row, rows, column;
};
} // namespace

static SmallVector<TileSlot> slotsOf(const DotForm &form, int64_t rows,
                                     int64_t lanes) {
  SmallVector<TileSlot> slots;
  int64_t most = form.dot->tileRows;
  for (int64_t row = 0; row < rows; row += most)
    for (int64_t column = 0; column < form.panel; column += lanes)
      slots.push_back({row, std::min(most, rows - row), column});
  return slots;
}

/// Computes the block's rows of `start` into the result's buffer.
void Lowering::storeStart(const Buffer &c, const MicroTile &tile, Value start,
                          int64_t lanes) {
  auto rows = scf::ForOp::create(
      b, tile.row, add(tile.row, constant(tile.rows)), constant(1));
  OpBuilder::InsertionGuard guard(b);
  b.setInsertionPointToStart(rows.getBody());
  LevelScope scope(*this, rows);
  Value row = rows.getInductionVar();
  levels[current].coords.insert(row);
  for (int64_t column = 0; column < c.panel; column += lanes) {
    Chunk chunk;
    chunk.coords = {row, add(mul(tile.panel, c.panel), constant(column))};
    chunk.lanesDim = 1;
    chunk.lanes = lanes;
    storeVector(bufferAddress(c, bufferIndex(c, chunk)),
                pullLanes(start, chunk, lanes), c.element, {},
                /*isArena=*/true);
  }
}

/// While a block is multiplied, what comes next is fetched to the second level
/// of the caches: of B the next panel, shared out over the blocks of rows, and
/// of A the same rows of the loop's next step along K, shared out over the
/// panels.
void Lowering::prefetchTiles(const DotForm &form, const Buffer &a,
                             const Buffer &bPacked, const MicroTile &tile,
                             Value at) {
  if (!desc.hasPrefetch)
    return;
  auto fetch = [&](Value address) {
    LLVM::Prefetch::create(b, address, /*rw=*/0, /*hint=*/2, /*cache=*/1);
  };
  int64_t k = a.shape.back(), step = form.step(k);
  constexpr int64_t lineBytes = 64;
  if (bPacked.base) {
    int64_t blocks = llvm::divideCeil(a.rows(), tile.rows);
    int64_t elements = step * form.panel / blocks;
    int64_t line = lineBytes * 8 / tile::storageBits(form.operand);
    Value next = mul(add(tile.panel, constant(1)), bPacked.rows() * form.panel);
    Value done =
        divRem(add(mul(tile.row, k), mul(at, tile.rows)), a.rows()).first;
    Value first = add(next, mul(done, form.panel));
    for (int64_t i = 0; i < elements; i += line)
      fetch(bufferAddress(bPacked, add(first, constant(i))));
  }
  if (a.pitch) {
    int64_t rows = llvm::divideCeil(tile.rows, bPacked.panels());
    Value row = mul(tile.panel, rows);
    for (int64_t i = 0; i < rows; ++i)
      fetch(bufferAddress(
          a, add(mul(add(add(tile.row, row), constant(i)), a.pitch),
                 add(at, constant(k)))));
  }
}

/// C's block of one panel = start + A's rows * B's panel. No start: the one
/// that lies in C, or 0 if `isFirst` holds.
void Lowering::multiplyTiles(const DotForm &form, const Buffer &a,
                             const Buffer &bPacked, const Buffer &c,
                             const MicroTile &tile, Value start,
                             Value isFirst) {
  int64_t lanes = lanesFor(form.compute, form.panel), k = a.shape.back();
  int64_t step = form.step(k), groups = step / form.group();
  SmallVector<TileSlot> slots = slotsOf(form, tile.rows, lanes);
  Value sumBytes = tileSize(bytesOf(form.compute, lanes)),
        lhsBytes = tileSize(bytesOf(form.operand, step));
  // Bytes from row to row, which LLVM knows to be small and positive.
  Value sumStride = constant(bytesOf(form.compute, form.panel)),
        lhsStride =
            mul(a.pitch ? a.pitch : constant(k), bytesOf(form.operand, 1)),
        rhsStride = constant(bytesOf(form.operand, form.panel * form.group()));
  auto load = [&](int64_t rows, Value bytes, Value address, Value stride) {
    return tileIntrinsic("llvm.x86.tileloadd64.internal",
                         {tileSize(rows), bytes, address, stride});
  };
  auto addressOf = [&](const TileSlot &slot) {
    Value block =
        add(mul(tile.panel, c.rows() * form.panel), mul(tile.row, form.panel));
    return bufferAddress(
        c, add(block, constant(slot.row * form.panel + slot.column)));
  };
  auto zeros = [&] {
    return llvm::map_to_vector(slots, [&](const TileSlot &slot) {
      return tileIntrinsic("llvm.x86.tilezero.internal",
                           {tileSize(slot.rows), sumBytes});
    });
  };
  auto held = [&] {
    return llvm::map_to_vector(slots, [&](const TileSlot &slot) {
      return load(slot.rows, sumBytes, addressOf(slot), sumStride);
    });
  };

  SmallVector<Value> sums;
  if (isFirst) {
    SmallVector<Type> types(slots.size(),
                            LLVM::LLVMX86AMXType::get(b.getContext()));
    auto branch = scf::IfOp::create(b, types, isFirst, /*withElseRegion=*/true);
    OpBuilder::InsertionGuard guard(b);
    b.setInsertionPointToStart(branch.thenBlock());
    scf::YieldOp::create(b, zeros());
    b.setInsertionPointToStart(branch.elseBlock());
    scf::YieldOp::create(b, held());
    sums.assign(branch.result_begin(), branch.result_end());
  } else if (start && (matchPattern(start, m_AnyZeroFloat()) ||
                       matchPattern(start, m_Zero()))) {
    sums = zeros();
  } else {
    if (start)
      storeStart(c, tile, start, lanes);
    sums = held();
  }

  Value end = constant(k);
  if (form.depth)
    end = clamp(scalar(form.depth), 0, k);
  Value panel = mul(tile.panel, bPacked.rows() * form.panel);
  auto loop = scf::ForOp::create(b, constant(0), end, constant(step), sums);
  {
    OpBuilder::InsertionGuard guard(b);
    b.setInsertionPointToStart(loop.getBody());
    Value at = loop.getInductionVar();
    SmallVector<Value> lhs, rhs, next;
    for (const TileSlot &slot : slots) {
      if (slot.column == 0)
        lhs.push_back(load(slot.rows, lhsBytes,
                           bufferAddress(a, indexInA(a, tile, slot.row, at)),
                           lhsStride));
      if (slot.row == 0)
        rhs.push_back(load(
            groups, sumBytes,
            bufferAddress(bPacked, add(add(panel, mul(at, form.panel)),
                                       constant(slot.column * form.group()))),
            rhsStride));
    }
    prefetchTiles(form, a, bPacked, tile, at);
    for (auto [i, slot] : llvm::enumerate(slots))
      next.push_back(tileIntrinsic(form.dot->intrinsic,
                                   {tileSize(slot.rows), sumBytes, lhsBytes,
                                    loop.getRegionIterArg(i),
                                    lhs[i / rhs.size()], rhs[i % rhs.size()]}));
    scf::YieldOp::create(b, next);
  }
  for (auto [slot, sum] : llvm::zip_equal(slots, loop.getResults()))
    LLVM::CallIntrinsicOp::create(
        b, b.getStringAttr("llvm.x86.tilestored64.internal"),
        ValueRange{tileSize(slot.rows), sumBytes, addressOf(slot), sumStride,
                   sum});
}
