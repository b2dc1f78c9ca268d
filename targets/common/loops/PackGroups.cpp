//===- PackGroups.cpp - Panels of groups along K --------------------------===//
//
// Part of the Tegula Project, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Instructions that multiply groups of neighbours along K (pairs of bf16, four
// bytes) read them as one element of 32 bits: of the rows of B that a group
// takes, each panel holds one element of each in turn.
//
//===----------------------------------------------------------------------===//

#include "mlir/Dialect/Vector/IR/VectorOps.h"
#include "targets/common/loops/Clip.h"
#include "targets/common/loops/Lowering.h"

using namespace mlir;
using namespace tegula;
using namespace tegula::loops;

/// The elements of `rows`, one of each in turn.
static Value interleaveRows(OpBuilder &b, Location loc, ArrayRef<Value> rows) {
  if (rows.size() == 1)
    return rows.front();
  SmallVector<Value> even, odd;
  for (auto [i, row] : llvm::enumerate(rows))
    (i % 2 ? odd : even).push_back(row);
  return vector::InterleaveOp::create(b, loc, interleaveRows(b, loc, even),
                                      interleaveRows(b, loc, odd));
}

/// Where the groups lie that begin at an element of B.
Value Lowering::groupIndex(const Buffer &buffer, Value row, Value at,
                           int64_t size) {
  auto [panel, column] = divRem(at, buffer.panel);
  return add(mul(add(mul(panel, buffer.rows()), row), buffer.panel),
             mul(column, size));
}

/// The rows of a group of each panel element by element in turn.
LogicalResult Lowering::interleaveGroups(Value operand, const Buffer &buffer,
                                         const DotForm &form, Extent extent,
                                         bool isWhole) {
  auto type = cast<RankedTensorType>(operand.getType());
  int64_t size = form.group();
  int64_t columns = type.getDimSize(1);
  int64_t lanes = lanesFor(type.getElementType(), columns);
  // Narrow elements that are not converted fill a whole register.
  int64_t bits = tile::storageBits(buffer.element);
  int64_t wide = std::min<int64_t>(desc.lanes(bits), buffer.panel);
  if (desc.maskedBits && bits >= desc.maskedBits && columns % wide == 0 &&
      buffer.element == type.getElementType())
    lanes = wide;
  SmallVector<int64_t> groups{type.getDimSize(0) / size, columns};
  Extent across;
  across.split = findBound(operand, 1);
  return nest(groups, 1, lanes, {extent, across}, [&](const Chunk &chunk) {
    Value first = mul(chunk.coords[0], size);
    SmallVector<Value> rows;
    for (int64_t i = 0; i < size; ++i) {
      Chunk row = chunk;
      // A coordinate of its own, with its own facts.
      row.coords[0] = arith::AddIOp::create(b, first, constant(i));
      if (isWhole && form.depth)
        levels[current].facts[row.coords[0]].below.push_back(form.depth);
      rows.push_back(pullLanes(operand, row, lanes));
    }
    Value index = groupIndex(buffer, first, chunk.coords[1], size);
    if (form.isSplit()) {
      storeSplitPair(buffer, index, rows[0], rows[1]);
      return failure(failedPull);
    }
    for (Value &row : rows)
      row = widened(row, buffer, lanes);
    storeVector(bufferAddress(buffer, index),
                interleaveRows(b, b.getLoc(), rows), buffer.element, {},
                /*isArena=*/true);
    return failure(failedPull);
  });
}

/// Can squares of groups be turned in registers?
bool Lowering::canTurnGroups(Value operand,
                             const targets::GroupDot &dot) const {
  auto type = cast<RankedTensorType>(operand.getType());
  int64_t lanes = desc.lanes(dot.size * dot.bits);
  return lanes > 1 && type.getRank() == 2 &&
         type.getDimSize(0) % (lanes * dot.size) == 0 &&
         type.getDimSize(1) % lanes == 0;
}

/// Where K is contiguous in memory, groups are elements, of which squares are
/// turned in registers.
LogicalResult Lowering::turnGroups(Value operand, const Buffer &buffer,
                                   const DotForm &form, Extent extent,
                                   bool isWhole) {
  auto type = cast<RankedTensorType>(operand.getType());
  int64_t size = form.group(), bits = size * form.dot->bits;
  int64_t lanes = desc.lanes(bits);
  SmallVector<int64_t> groups{type.getDimSize(0) / size, type.getDimSize(1)};
  auto groupType = VectorType::get({lanes}, b.getIntegerType(bits));
  auto elements = VectorType::get({lanes * size}, memoryType(buffer.element));
  return nestSquares(
      groups, 0, 1, lanes, {extent, Extent()}, [&](const Chunk &square) {
        // A coordinate of its own, with its own facts.
        Value first =
            arith::MulIOp::create(b, square.coords[0], constant(size));
        levels[current].coords.insert(first);
        if (isWhole && form.depth)
          levels[current].facts[first].below.push_back(form.depth);
        for (int64_t part = 0; part < form.parts; ++part)
          turnSquare(
              square, 1,
              [&](const Chunk &row) -> Value {
                Chunk along = row;
                along.coords[0] = first;
                along.lanes = lanes * size;
                Value value = pullLanes(operand, along, along.lanes);
                value = form.isSplit() ? splitPart(buffer, value, part)
                                       : widened(value, buffer, along.lanes);
                return vector::BitCastOp::create(b, groupType, value);
              },
              [&](const Chunk &column, Value vector) {
                Value index = groupIndex(buffer, mul(column.coords[0], size),
                                         column.coords[1], size);
                storeVector(
                    bufferAddress(
                        buffer,
                        add(index, constant(part * buffer.partElements()))),
                    vector::BitCastOp::create(b, elements, vector),
                    buffer.element, {}, /*isArena=*/true);
              });
        return failure(failedPull);
      });
}

/// Panels of groups along K, up to the product's bound on K; what the last step
/// multiplies is written whole.
LogicalResult Lowering::packGroups(Value operand, const Buffer &buffer,
                                   const DotForm &form) {
  auto type = cast<RankedTensorType>(operand.getType());
  int64_t size = form.group(), k = type.getDimSize(0);
  if (form.isSplit())
    clearMagnitudes(buffer);
  bool turns =
      canTurnGroups(operand, *form.dot) && chooseLanesDim({operand}, 2) == 0;
  // Elements along K that are packed at once.
  int64_t unit = turns ? size * desc.lanes(size * form.dot->bits) : size;
  auto run = [&](Extent extent, bool isWhole) {
    return turns ? turnGroups(operand, buffer, form, extent, isWhole)
                 : interleaveGroups(operand, buffer, form, extent, isWhole);
  };
  if (!form.depth) {
    if (failed(run(Extent(), true)))
      return failure();
  } else {
    Value bound = clamp(scalar(form.depth), 0, k);
    int64_t written = std::max(unit, form.step());
    Extent first, rest;
    first.upper = rest.lower = divRem(bound, unit).first;
    rest.upper = mul(divRem(add(bound, constant(written - 1)), written).first,
                     written / unit);
    if (failed(run(first, true)) || failed(run(rest, false)))
      return failure();
  }
  return form.isShifted() ? sumShifts(buffer, form) : success();
}

/// What 128 in place of each element of A would give, behind each panel.
LogicalResult Lowering::sumShifts(const Buffer &buffer, const DotForm &form) {
  int64_t columns = buffer.shape.back(), size = form.group();
  int64_t lanes = lanesFor(form.compute, columns), elements = lanes * size;
  int64_t k = buffer.rows() - size;
  Value shift = arith::ConstantOp::create(
      b, DenseElementsAttr::get(VectorType::get({elements}, form.operand),
                                APInt(8, 128)));
  Value end = constant(k);
  if (form.depth)
    end = clamp(scalar(form.depth), 0, k);
  return nest({columns}, 0, lanes, {}, [&](const Chunk &chunk) {
    auto [panel, column] = divRem(chunk.coords[0], buffer.panel);
    Value first =
        add(mul(panel, buffer.rows() * buffer.panel), mul(column, size));
    auto addressAt = [&](Value row) {
      return bufferAddress(buffer, add(first, mul(row, buffer.panel)));
    };
    auto loop =
        scf::ForOp::create(b, constant(0), end, constant(size),
                           zero(VectorType::get({lanes}, form.compute)));
    {
      OpBuilder::InsertionGuard guard(b);
      b.setInsertionPointToStart(loop.getBody());
      Value group = loadVector(addressAt(loop.getInductionVar()), form.operand,
                               elements, {}, {}, true);
      Value sums = multiplyAdd(form, shift, group, loop.getRegionIterArg(0));
      scf::YieldOp::create(b, sums);
    }
    storeVector(addressAt(constant(k)), loop.getResult(0), form.compute, {},
                /*isArena=*/true);
    return success();
  });
}

/// The rows of A two by two, group by group in turn. The last group that the
/// product's bound on K cuts is written whole.
LogicalResult Lowering::packRowPairs(Value operand, const Buffer &buffer,
                                     const DotForm &form) {
  auto type = cast<RankedTensorType>(operand.getType());
  int64_t size = form.group(), bits = size * form.dot->bits;
  int64_t groups = desc.lanes(bits), lanes = groups * size;
  if (type.getDimSize(1) % lanes != 0)
    groups = 1, lanes = size;
  SmallVector<int64_t> pairs{type.getDimSize(0) / 2, type.getDimSize(1)};
  auto groupType = VectorType::get({groups}, b.getIntegerType(bits));
  auto elements = VectorType::get({2 * lanes}, memoryType(buffer.element));
  Extent depth;
  depth.upper = form.depth;
  return nest(pairs, 1, lanes, {Extent(), depth}, [&](const Chunk &chunk) {
    Value rows[2];
    for (auto [i, row] : llvm::enumerate(rows)) {
      Chunk along = chunk;
      // A coordinate of its own.
      along.coords[0] =
          arith::AddIOp::create(b, mul(chunk.coords[0], 2), constant(i));
      levels[current].coords.insert(along.coords[0]);
      Value value = widened(pullLanes(operand, along, lanes), buffer, lanes);
      row = vector::BitCastOp::create(b, groupType, value);
    }
    Value index = mul(add(mul(chunk.coords[0], pairs[1]), chunk.coords[1]), 2);
    Value both = vector::InterleaveOp::create(b, rows[0], rows[1]);
    storeVector(bufferAddress(buffer, index),
                vector::BitCastOp::create(b, elements, both), buffer.element,
                {}, /*isArena=*/true);
    return failure(failedPull);
  });
}
