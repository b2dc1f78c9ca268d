//===- SplitOperand.cpp - Floats as sums of bf16 --------------------------===//
//
// Part of the Tegula Project, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// A unit that multiplies bf16 at many times the speed of f32 vectors multiplies
// f32 too, as sums of parts: x = x0 + x1 + x2, each rounded to the eight bits
// that its predecessors leave, is exact (Henry, Tang, Heinecke, "Leveraging the
// bfloat16 Artificial Intelligence Datatype For Higher-Precision Computations",
// 2019). Of the nine products of parts the six with i + j <= 2 are made: the
// others are below 2^-25 of the product, half of what rounding it to f32 takes.
// f16 has two parts, all four products of which are made.
//
// The unit takes denormal parts as zeros, and infinities times parts that are
// zero are not numbers. So packing notes the greatest magnitude of the operand:
// where that is not finite, or so small that flushed parts would count, the
// step is multiplied without splitting (LowerDot.cpp).
//
//===----------------------------------------------------------------------===//

#include "mlir/Dialect/Vector/IR/VectorOps.h"
#include "targets/common/loops/Lowering.h"

using namespace mlir;
using namespace tegula;
using namespace tegula::loops;

/// The upper half of the lanes' 32 bits.
static constexpr int32_t upperHalf = 0xFFFF0000;
/// 2^-60 and 2^127 as bits of f32: the greatest magnitude of an operand whose
/// parts are all there. What is flushed, 2^-126, is 2^-66 of the least.
static constexpr int32_t leastMagnitude = (127 - 60) << 23;
static constexpr int32_t endOfMagnitudes = (127 + 127) << 23;

static Value splat(OpBuilder &b, Location loc, int32_t value, Type type) {
  return arith::ConstantOp::create(
      b, loc,
      DenseElementsAttr::get(cast<VectorType>(type),
                             b.getI32IntegerAttr(value)));
}

/// The parts of a vector of floats, as the bits of f32 whose lower half is 0.
/// Ties round up: any rounding leaves an exact rest. Notes the magnitudes.
SmallVector<Value> Lowering::splitBits(const Buffer &buffer, Value value) {
  auto type = cast<VectorType>(value.getType());
  auto floats = type.clone(b.getF32Type()), words = type.clone(b.getI32Type());
  if (type != floats)
    value = arith::ExtFOp::create(b, floats, value);
  Value mask = splat(b, b.getLoc(), upperHalf, words),
        half = splat(b, b.getLoc(), 0x8000, words);
  noteMagnitudes(buffer, arith::BitcastOp::create(b, words, value));
  SmallVector<Value> parts;
  for (int64_t part = 0; part < buffer.parts; ++part) {
    Value bits = arith::BitcastOp::create(b, words, value);
    // Nothing is left of the last part to round.
    if (part + 1 < buffer.parts)
      bits =
          arith::AndIOp::create(b, arith::AddIOp::create(b, bits, half), mask);
    parts.push_back(bits);
    if (part + 1 < buffer.parts)
      value = arith::SubFOp::create(b, value,
                                    arith::BitcastOp::create(b, floats, bits));
  }
  return parts;
}

/// One part as a vector of bf16.
static Value narrow(ImplicitLocOpBuilder &b, Value bits) {
  auto words = cast<VectorType>(bits.getType());
  Value shift = splat(b, b.getLoc(), 16, words);
  Value halves = arith::TruncIOp::create(
      b, words.clone(b.getI16Type()), arith::ShRUIOp::create(b, bits, shift));
  return arith::BitcastOp::create(b, words.clone(b.getBF16Type()), halves);
}

Value Lowering::splitPart(const Buffer &buffer, Value value, int64_t part) {
  return narrow(b, splitBits(buffer, value)[part]);
}

//===----------------------------------------------------------------------===//
// Magnitudes
//===----------------------------------------------------------------------===//

Value Lowering::magnitudesAddress(const Buffer &buffer) {
  return bufferAddress(buffer, constant(buffer.parts * buffer.partElements()));
}

void Lowering::clearMagnitudes(const Buffer &buffer) {
  Type word = b.getI32Type();
  storeVector(magnitudesAddress(buffer),
              zero(VectorType::get({desc.lanes(32)}, word)), word, {},
              /*isArena=*/true);
}

/// Keeps the greatest magnitude of each lane.
void Lowering::noteMagnitudes(const Buffer &buffer, Value bits) {
  int64_t lanes = desc.lanes(32);
  auto type = cast<VectorType>(bits.getType());
  auto part = VectorType::get({lanes}, b.getI32Type());
  Value address = magnitudesAddress(buffer);
  Value most = loadVector(address, b.getI32Type(), lanes, {}, {},
                          /*isArena=*/true);
  Value magnitudes =
      arith::AndIOp::create(b, bits, splat(b, b.getLoc(), 0x7FFFFFFF, type));
  for (int64_t first = 0; first < type.getDimSize(0); first += lanes) {
    Value some = magnitudes;
    if (type != part)
      some = vector::ExtractStridedSliceOp::create(
          b, magnitudes, ArrayRef<int64_t>{first}, ArrayRef<int64_t>{lanes},
          ArrayRef<int64_t>{1});
    most = arith::MaxUIOp::create(b, most, some);
  }
  storeVector(address, most, b.getI32Type(), {}, /*isArena=*/true);
}

/// Do the parts of this operand hold all that counts?
Value Lowering::isRegular(const Buffer &buffer) {
  Value magnitudes = loadVector(magnitudesAddress(buffer), b.getI32Type(),
                                desc.lanes(32), {}, {}, /*isArena=*/true);
  Value most =
      vector::ReductionOp::create(b, vector::CombiningKind::MAXUI, magnitudes);
  auto compare = [&](arith::CmpIPredicate predicate, int32_t bound) -> Value {
    return arith::CmpIOp::create(
        b, predicate, most,
        arith::ConstantOp::create(b, b.getI32IntegerAttr(bound)));
  };
  Value isUsual = arith::AndIOp::create(
      b, compare(arith::CmpIPredicate::uge, leastMagnitude),
      compare(arith::CmpIPredicate::ult, endOfMagnitudes));
  return arith::OrIOp::create(b, isUsual, compare(arith::CmpIPredicate::eq, 0));
}

//===----------------------------------------------------------------------===//
// Packing
//===----------------------------------------------------------------------===//

/// The parts of a vector of A, which begins at `index` of the first part.
void Lowering::storeParts(const Buffer &buffer, Value index, Value value) {
  for (auto [part, bits] : llvm::enumerate(splitBits(buffer, value)))
    storeVector(bufferAddress(
                    buffer, add(index, constant(part * buffer.partElements()))),
                narrow(b, bits), buffer.element, {}, /*isArena=*/true);
}

/// The parts of A one after the other, each row by row up to the bound on K.
LogicalResult Lowering::splitRows(Value operand, const Buffer &buffer,
                                  const DotForm &form) {
  auto type = cast<RankedTensorType>(operand.getType());
  clearMagnitudes(buffer);
  int64_t square = desc.lanes(32);
  // What lies column by column is turned in registers.
  if (!form.depth && chooseLanesDim({operand}, 2) == 0 &&
      type.getDimSize(0) % square == 0 && type.getDimSize(1) % square == 0)
    return nestSquares(
        type.getShape(), 0, 1, square, {}, [&](const Chunk &chunk) {
          turnSquare(
              chunk, 1, [&](const Chunk &row) { return pull(operand, row); },
              [&](const Chunk &column, Value vector) {
                storeParts(buffer, bufferIndex(buffer, column), vector);
              });
          return failure(failedPull);
        });
  // What the unit multiplies in a step is written whole.
  int64_t lanes = form.step();
  SmallVector<Extent> extents(2);
  extents[1].upper = form.depth;
  return nest(type.getShape(), 1, lanes, extents, [&](const Chunk &chunk) {
    storeParts(buffer, bufferIndex(buffer, chunk),
               pullLanes(operand, chunk, lanes));
    return failure(failedPull);
  });
}

/// The parts of two rows of B, pair by pair.
void Lowering::storeSplitPair(const Buffer &buffer, Value index, Value even,
                              Value odd) {
  SmallVector<Value> lower = splitBits(buffer, even),
                     upper = splitBits(buffer, odd);
  auto words = cast<VectorType>(lower[0].getType());
  auto elements =
      VectorType::get({2 * words.getDimSize(0)}, memoryType(buffer.element));
  Value shift = splat(b, b.getLoc(), 16, words);
  for (int64_t part = 0; part < buffer.parts; ++part) {
    Value pair = arith::OrIOp::create(
        b, arith::ShRUIOp::create(b, lower[part], shift), upper[part]);
    storeVector(bufferAddress(
                    buffer, add(index, constant(part * buffer.partElements()))),
                vector::BitCastOp::create(b, elements, pair), buffer.element,
                {}, /*isArena=*/true);
  }
}
