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

namespace {
/// Builds the intrinsics of whole tiles, which have one shape.
class TileUnit {
public:
  TileUnit(ImplicitLocOpBuilder &b, const targets::GroupDot &dot,
           int64_t rowBytes)
      : b(b), dot(dot), type(LLVM::LLVMX86AMXType::get(b.getContext())) {
    rows = arith::ConstantOp::create(b, b.getI16IntegerAttr(dot.tileRows));
    bytes = arith::ConstantOp::create(b, b.getI16IntegerAttr(rowBytes));
  }

  /// Rows that lie `stride` bytes apart.
  Value load(Value address, Value stride) {
    return make("llvm.x86.tileloadd64.internal",
                {rows, bytes, address, stride});
  }
  Value zeros() { return make("llvm.x86.tilezero.internal", {rows, bytes}); }
  Value multiplyAdd(Value sums, Value lhs, Value rhs) {
    return make(dot.intrinsic, {rows, bytes, bytes, sums, lhs, rhs});
  }
  void store(Value sums, Value address, Value stride) {
    LLVM::CallIntrinsicOp::create(
        b, b.getStringAttr("llvm.x86.tilestored64.internal"),
        ValueRange{rows, bytes, address, stride, sums});
  }
  Type getType() const { return type; }

private:
  Value make(StringRef intrinsic, ArrayRef<Value> operands) {
    return LLVM::CallIntrinsicOp::create(b, type, b.getStringAttr(intrinsic),
                                         operands)
        .getResult(0);
  }

  ImplicitLocOpBuilder &b;
  const targets::GroupDot &dot;
  Type type;
  Value rows, bytes;
};
} // namespace

/// Computes the block's rows of `start` into the result's buffer. For all rows
/// of a panel at once: registers can't be loaded from what vectors have just
/// stored before that is in the cache.
void Lowering::storeStart(const Buffer &c, const MicroTile &tile, Value start) {
  int64_t lanes = lanesFor(c.element, c.panel);
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
/// of the caches. Of B the next panel, if any, shared out over the blocks; the
/// lines of three parts are too many to ask for, and mostly there. Of A what is
/// next in its place: the tile that followed the packed one the last time, or
/// rows in place of the loop's next step along K or of the next program.
void Lowering::prefetchTiles(const DotForm &form, const Buffer &a,
                             const Buffer &bPacked, const MicroTile &tile,
                             Value at) {
  if (!desc.hasPrefetch)
    return;
  if (bPacked.base && bPacked.panels() > 1 && form.parts < 3)
    prefetchNextPanel(form, a, bPacked, tile, at);
  if (a.ahead && a.pitch)
    prefetchRowsAhead(a, bPacked, tile, at);
  else if (a.ahead)
    prefetchPackedAhead(form, a, bPacked, tile, at);
}

static constexpr int64_t lineBytes = 64;

/// The place in the next panel, of each part, that the block has reached.
void Lowering::prefetchNextPanel(const DotForm &form, const Buffer &a,
                                 const Buffer &bPacked, const MicroTile &tile,
                                 Value at) {
  int64_t k = a.shape.back(), blocks = llvm::divideCeil(a.rows(), tile.rows);
  int64_t elements = form.step() * form.panel / blocks;
  int64_t bytes = elements * tile::storageBits(form.operand) / 8;
  Value next = mul(add(tile.panel, constant(1)), bPacked.rows() * form.panel);
  Value done =
      divRem(add(mul(tile.row, k), mul(at, tile.rows)), a.rows()).first;
  Value first = add(next, mul(done, form.panel));
  for (int64_t part = 0; part < form.parts; ++part)
    emitPrefetch(
        b,
        bufferAddress(bPacked,
                      add(first, constant(part * bPacked.partElements()))),
        constant(0), bytes, /*isNear=*/false);
}

/// The same rows further on, shared out over the panels.
void Lowering::prefetchRowsAhead(const Buffer &a, const Buffer &bPacked,
                                 const MicroTile &tile, Value at) {
  int64_t rows = llvm::divideCeil(tile.rows, bPacked.panels());
  Value row = mul(tile.panel, rows);
  for (int64_t i = 0; i < rows; ++i)
    emitPrefetch(
        b,
        bufferAddress(
            a, add(mul(add(add(tile.row, row), constant(i)), a.pitch), at)),
        a.ahead, lineBytes, /*isNear=*/false);
}

/// All of the next tile, shared out over the steps of all blocks.
void Lowering::prefetchPackedAhead(const DotForm &form, const Buffer &a,
                                   const Buffer &bPacked, const MicroTile &tile,
                                   Value at) {
  int64_t k = a.shape.back(), step = form.step(), m = a.rows();
  int64_t shares = bPacked.panels() * llvm::divideCeil(m, tile.rows) *
                   llvm::divideCeil(k, step);
  int64_t lines = llvm::divideCeil(a.elements() * tile::storageBits(a.element),
                                   8 * lineBytes);
  int64_t bytes = llvm::divideCeil(lines, shares) * lineBytes;
  Value done =
      add(mul(add(mul(tile.panel, m), tile.row), k), mul(at, tile.rows));
  Value share = divRem(done, tile.rows * step).first;
  emitPrefetch(b, bufferAddress(a, constant(0)),
               add(a.ahead, mul(share, bytes)), bytes, /*isNear=*/false);
}

/// The tiles of C's block of one panel, row by row: what lies in C, or zeros
/// where they start from zero, always or if `isFirst` holds.
static SmallVector<Value> startTiles(TileUnit &unit, ImplicitLocOpBuilder &b,
                                     ArrayRef<Value> addresses, Value stride,
                                     bool isZero, Value isFirst) {
  auto zeros = [&] {
    return llvm::map_to_vector(addresses, [&](Value) { return unit.zeros(); });
  };
  auto held = [&] {
    return llvm::map_to_vector(
        addresses, [&](Value address) { return unit.load(address, stride); });
  };
  if (isZero)
    return zeros();
  if (!isFirst)
    return held();
  SmallVector<Type> types(addresses.size(), unit.getType());
  auto branch = scf::IfOp::create(b, types, isFirst, /*withElseRegion=*/true);
  OpBuilder::InsertionGuard guard(b);
  b.setInsertionPointToStart(branch.thenBlock());
  scf::YieldOp::create(b, zeros());
  b.setInsertionPointToStart(branch.elseBlock());
  scf::YieldOp::create(b, held());
  return SmallVector<Value>(branch.getResults());
}

namespace {
/// The registers of one operand, each with the part of it that was loaded last.
class HeldTiles {
public:
  using Load = llvm::function_ref<Value(int64_t index, int64_t part)>;
  HeldTiles(int64_t count, Load load)
      : load(load), tiles(count), parts(count, -1) {}

  Value get(int64_t index, int64_t part) {
    if (parts[index] != part)
      tiles[index] = load(index, parts[index] = part);
    return tiles[index];
  }

private:
  Load load;
  SmallVector<Value> tiles;
  SmallVector<int64_t> parts;
};
} // namespace

/// Which parts of A and B are multiplied, in turn so that one of the two stays
/// in its registers: all of two parts, of three those that count.
static SmallVector<std::pair<int64_t, int64_t>> partProducts(int64_t parts) {
  SmallVector<std::pair<int64_t, int64_t>> products;
  for (int64_t i = 0; i < parts; ++i) {
    int64_t count = parts == 3 ? parts - i : parts;
    for (int64_t j = 0; j < count; ++j)
      products.emplace_back(i, i % 2 ? count - 1 - j : j);
  }
  return products;
}

/// C's block of one panel = start + A's rows * B's panel. The start lies in C,
/// but for zeros, always or if `isFirst` holds.
void Lowering::multiplyTiles(const DotForm &form, const Buffer &a,
                             const Buffer &bPacked, const Buffer &c,
                             const MicroTile &tile, bool isZero,
                             Value isFirst) {
  int64_t lanes = lanesFor(form.compute, form.panel), k = a.shape.back();
  int64_t across = form.panel / lanes, down = tile.rows / form.dot->tileRows;
  TileUnit unit(b, *form.dot, bytesOf(form.compute, lanes));
  // Bytes from row to row.
  Value sumStride = constant(bytesOf(form.compute, form.panel)),
        rhsStride = constant(bytesOf(form.operand, form.panel * form.group())),
        lhsStride =
            mul(a.pitch ? a.pitch : constant(a.rowGroup ? a.rowGroup : k),
                bytesOf(form.operand, 1));
  SmallVector<Value> addresses;
  Value block = mul(add(mul(tile.panel, c.rows()), tile.row), form.panel);
  for (int64_t i = 0; i < down * across; ++i)
    addresses.push_back(bufferAddress(
        c, add(block, constant(i / across * form.dot->tileRows * form.panel +
                               i % across * lanes))));
  SmallVector<Value> sums =
      startTiles(unit, b, addresses, sumStride, isZero, isFirst);

  Value end = constant(k);
  if (form.depth)
    end = clamp(scalar(form.depth), 0, k);
  Value panel = mul(tile.panel, bPacked.rows() * form.panel);
  auto loop =
      scf::ForOp::create(b, constant(0), end, constant(form.step()), sums);
  {
    OpBuilder::InsertionGuard guard(b);
    b.setInsertionPointToStart(loop.getBody());
    Value at = loop.getInductionVar();
    auto loadRows = [&](int64_t i, int64_t part) {
      Value index = indexInA(a, tile, i * form.dot->tileRows, at);
      index = add(index, constant(part * a.partElements()));
      return unit.load(bufferAddress(a, index), lhsStride);
    };
    auto loadColumns = [&](int64_t i, int64_t part) {
      Value index = add(
          add(panel, mul(at, form.panel)),
          constant(i * lanes * form.group() + part * bPacked.partElements()));
      return unit.load(bufferAddress(bPacked, index), rhsStride);
    };
    // Each register is loaded right before the first product that needs it, and
    // what is fetched ahead comes after that: the loads of the one and the
    // products of the other run at the same time.
    HeldTiles lhs(down, loadRows), rhs(across, loadColumns);
    SmallVector<Value> next(loop.getRegionIterArgs());
    for (auto [i, j] : partProducts(form.parts))
      for (int64_t column = 0; column < across; ++column)
        for (int64_t row = 0; row < down; ++row) {
          Value &sum = next[row * across + column];
          sum = unit.multiplyAdd(sum, lhs.get(row, i), rhs.get(column, j));
          if (i + j + row + column == 0)
            prefetchTiles(form, a, bPacked, tile, at);
        }
    scf::YieldOp::create(b, next);
  }
  for (auto [address, sum] : llvm::zip_equal(addresses, loop.getResults()))
    unit.store(sum, address, sumStride);
}
