//===- Pull.cpp - The value of a tile at a chunk
//
// Part of the Tegula Project, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "mlir/Dialect/Math/IR/Math.h"
#include "mlir/Dialect/UB/IR/UBOps.h"
#include "mlir/Dialect/Vector/IR/VectorOps.h"
#include "targets/common/llvm/FloatConvert.h"
#include "targets/common/llvm/MathCall.h"
#include "targets/common/loops/Clip.h"
#include "targets/common/loops/Lowering.h"
#include "llvm/ADT/TypeSwitch.h"

using namespace mlir;
using namespace tegula;
using namespace tegula::loops;

bool Chunk::isScalar() const {
  return lanesDim < 0 &&
         llvm::none_of(
             coords,
             [](Value coord) { return isa<VectorType>(coord.getType()); });
}

Value Lowering::pullLanes(Value value, Chunk chunk, int64_t lanes) {
  if (chunk.isScalar())
    chunk.lanes = 1;
  return toVector(pull(value, chunk), lanes);
}

/// Values are made at the outermost level where their coordinates are known,
/// once: what a row shares is not computed again in each of its strips.
Value Lowering::pull(Value value, const Chunk &chunk) {
  unsigned level = levelOf(chunk);
  for (unsigned outer = level + 1; outer-- > 0;) {
    auto it = levels[outer].memo.find(value);
    if (it == levels[outer].memo.end())
      continue;
    for (auto &[known, result] : it->second)
      if (known == chunk)
        return result;
  }
  OpBuilder::InsertionGuard guard(b);
  Location before = b.getLoc();
  unsigned inner = current;
  if (level < current) {
    b.setInsertionPoint(levels[level].loop);
    current = level;
  }
  if (Operation *op = value.getDefiningOp())
    b.setLoc(op->getLoc());
  Value result = pullUncached(value, chunk);
  b.setLoc(before);
  current = inner;
  levels[level].memo[value].push_back({chunk, result});
  return result;
}

Value Lowering::pullUncached(Value value, const Chunk &chunk) {
  if (auto load = value.getDefiningOp<tile::LoadBoxOp>())
    prefetchNext(load, chunk); // also where the row has been copied
  auto it = ready.find(value);
  if (it != ready.end() && !isBeyond(chunk))
    return pullBuffered(value, it->second, chunk);
  Operation *op = value.getDefiningOp();
  if (!op || !isPullable(op)) {
    emitError(value.getLoc()) << "tile value is not available in its consumer";
    failedPull = true;
    return zero(chunkType(tile::elementTypeOf(value.getType()), chunk.lanes));
  }
  return TypeSwitch<Operation *, Value>(op)
      .Case([&](arith::ConstantOp op) { return pullConstant(op, chunk); })
      .Case([&](tile::RangeOp op) { return pullRange(op, chunk); })
      .Case([&](tile::SplatOp op) { return pullSplat(op, chunk); })
      .Case([&](tile::BroadcastOp op) { return pullBroadcast(op, chunk); })
      .Case([&](tile::ExpandDimsOp op) { return pullExpandDims(op, chunk); })
      .Case([&](tile::TransOp op) { return pullTrans(op, chunk); })
      .Case([&](tile::ReshapeOp op) { return pullReshape(op, chunk); })
      .Case([&](tile::JoinOp op) { return pullJoin(op, chunk); })
      .Case([&](tile::SplitOp op) { return pullSplit(op, value, chunk); })
      .Case([&](tile::CatOp op) { return pullCat(op, chunk); })
      .Case([&](tile::GatherOp op) { return pullGather(op, chunk); })
      .Case([&](tile::LoadOp op) { return pullLoad(op, chunk); })
      .Case([&](tile::LoadBoxOp op) { return pullLoadBox(op, chunk); })
      .Case([&](tile::PtrAddOp op) { return pullPtrAdd(op, chunk); })
      .Case([&](arith::SelectOp op) { return pullSelect(op, chunk); })
      .Case<arith::DivSIOp, arith::DivUIOp, arith::RemSIOp, arith::RemUIOp>(
          [&](Operation *op) { return pullDivision(op, chunk); })
      .Case<tile::PtrCastOp, tile::IntToPtrOp, tile::PtrToIntOp>(
          [&](auto op) { return pull(op.getSrc(), chunk); })
      .Case([&](ub::PoisonOp op) {
        return zero(chunkType(tile::elementTypeOf(op.getType()), chunk.lanes));
      })
      .Default([&](Operation *op) {
        return pullElementwise(op, chunk,
                               cast<OpResult>(value).getResultNumber());
      });
}

/// Beyond a bound of the condition nothing but the false value need be there.
Value Lowering::pullSelect(arith::SelectOp op, const Chunk &chunk) {
  for (auto [dim, coord] : llvm::enumerate(chunk.coords))
    if (const CoordFacts *facts = factsOf(coord);
        facts && facts->beyond &&
        isFalseBeyond(op.getCondition(), dim, facts->beyond))
      return pull(op.getFalseValue(), chunk);
  return pullElementwise(op, chunk);
}

/// Any op that works element by element: the same op on this chunk.
/// Rounds to bf16 for products alone, which flush denormals themselves, by the
/// machine's instruction that does too; null where that isn't so.
Value Lowering::truncateForProducts(arith::TruncFOp op, Value value) {
  bool isForProducts = tile::elementTypeOf(op.getType()).isBF16() &&
                       llvm::all_of(op->getUsers(), [&](Operation *user) {
                         auto dot = dyn_cast<tile::DotOp>(user);
                         return dot && dot.getC() != op.getResult() &&
                                chooseForm(dot).isGrouped();
                       });
  return isForProducts ? targets::emitFlushingConvert(
                             b, b.getLoc(), value, targets::floatSupport(desc))
                       : Value();
}

Value Lowering::pullElementwise(Operation *op, const Chunk &chunk,
                                unsigned result) {
  SmallVector<Value> operands;
  for (Value operand : op->getOperands())
    operands.push_back(isTensor(operand)
                           ? pull(operand, chunk)
                           : toVector(scalar(operand), chunk.lanes));
  Type element = tile::elementTypeOf(op->getResult(0).getType());
  if (auto convert = dyn_cast<tile::FpConvertOp>(op))
    return targets::emitFloatConvert(
        b, op->getLoc(), operands[0], element,
        convert.getRounding() == tile::Rounding::RTZ
            ? targets::RoundingMode::TowardZero
            : targets::RoundingMode::NearestEven,
        convert.getSaturate(), targets::floatSupport(desc));
  if (auto math = dyn_cast<tile::ExternMathOp>(op)) {
    FailureOr<Value> result =
        targets::emitMathCall(b, op->getLoc(), math.getName(), operands,
                              chunkType(element, chunk.lanes), desc);
    if (succeeded(result))
      return *result;
    failedPull = true;
    return zero(chunkType(element, chunk.lanes));
  }
  if (auto truncate = dyn_cast<arith::TruncFOp>(op))
    if (Value narrow = truncateForProducts(truncate, operands[0]))
      return narrow;
  if (auto division = dyn_cast<arith::DivFOp>(op))
    return divide(division, operands[0], operands[1]);
  OperationState state(op->getLoc(), op->getName());
  state.addOperands(operands);
  for (Type type : op->getResultTypes())
    state.addTypes(chunkType(tile::elementTypeOf(type), chunk.lanes));
  state.addAttributes(op->getAttrs());
  return b.create(state)->getResult(result);
}

/// Is no lane of `vector` but zeros closer to 0 than `bound`? As integers the
/// sizes of floats keep their order, and 0 - 1 is the largest.
Value Lowering::noneBelow(Value vector, Value bound) {
  auto type = cast<VectorType>(vector.getType());
  unsigned width = type.getElementTypeBitWidth();
  Type bits = b.getIntegerType(width);
  auto number = [&](const APInt &value) -> Value {
    return arith::ConstantOp::create(b, b.getIntegerAttr(bits, value));
  };
  int64_t lanes = type.getDimSize(0);
  Value one = number(APInt(width, 1));
  Value size = arith::BitcastOp::create(b, chunkType(bits, lanes), vector);
  size = arith::AndIOp::create(
      b, size, toVector(number(APInt::getSignedMaxValue(width)), lanes));
  size = arith::SubIOp::create(b, size, toVector(one, lanes));
  Value limit = arith::BitcastOp::create(b, bits, bound);
  limit = arith::SubIOp::create(b, limit, one);
  Value isBelow = arith::CmpIOp::create(b, arith::CmpIPredicate::ult, size,
                                        toVector(limit, lanes));
  Value any =
      vector::ReductionOp::create(b, vector::CombiningKind::OR, isBelow);
  return arith::XOrIOp::create(
      b, any, arith::ConstantOp::create(b, b.getBoolAttr(true)));
}

/// x / s for one s in all lanes: a product with 1/s, corrected by one step so
/// that it is rounded as the division would be (Markstein, "Computation of
/// elementary functions on the IBM RISC System/6000 processor", 1990). Divides
/// where s is so large or small, or a lane so small, that the correction would
/// be inexact.
Value Lowering::divide(arith::DivFOp op, Value lhs, Value rhs) {
  auto splat = rhs.getDefiningOp<vector::BroadcastOp>();
  Type element = tile::elementTypeOf(op.getType());
  if (!splat || !desc.hasFma || isa<VectorType>(splat.getSource().getType()) ||
      !(element.isF32() || element.isF64()))
    return arith::DivFOp::create(b, lhs, rhs);
  Value divisor = splat.getSource();
  int64_t lanes = cast<VectorType>(lhs.getType()).getDimSize(0);
  auto number = [&](double value) -> Value {
    return arith::ConstantOp::create(b, b.getFloatAttr(element, value));
  };
  Value size = math::AbsFOp::create(b, divisor);
  Value isModerate =
      arith::AndIOp::create(b,
                            arith::CmpFOp::create(b, arith::CmpFPredicate::OGT,
                                                  size, number(0x1p-64)),
                            arith::CmpFOp::create(b, arith::CmpFPredicate::OLT,
                                                  size, number(0x1p64)));
  // The remainder of a tiny dividend is no float, nor is the last place of a
  // subnormal quotient.
  bool isF32 = element.isF32();
  Value bound = arith::MaximumFOp::create(
      b, arith::MulFOp::create(b, size, number(isF32 ? 0x1p-125 : 0x1p-1021)),
      number(isF32 ? 0x1p-101 : 0x1p-968));
  Value isFast = arith::AndIOp::create(b, isModerate, noneBelow(lhs, bound));
  auto branch = scf::IfOp::create(b, lhs.getType(), isFast,
                                  /*withElseRegion=*/true);
  OpBuilder::InsertionGuard guard(b);
  b.setInsertionPointToStart(branch.thenBlock());
  Value inverse = toVector(arith::DivFOp::create(b, number(1), divisor), lanes);
  Value quotient = arith::MulFOp::create(b, lhs, inverse);
  Value rest =
      math::FmaOp::create(b, arith::NegFOp::create(b, quotient), rhs, lhs);
  Value better = math::FmaOp::create(b, rest, inverse, quotient);
  // Infinities and NaN leave a NaN rest, exact quotients (zeros too) none.
  Value isInexact = arith::CmpFOp::create(b, arith::CmpFPredicate::ONE, rest,
                                          toVector(number(0), lanes));
  scf::YieldOp::create(
      b, ValueRange(arith::SelectOp::create(b, isInexact, better, quotient)));
  b.setInsertionPointToStart(branch.elseBlock());
  scf::YieldOp::create(b, ValueRange(arith::DivFOp::create(b, lhs, rhs)));
  return branch.getResult(0);
}

Value Lowering::pullConstant(arith::ConstantOp op, const Chunk &chunk) {
  auto dense = cast<DenseElementsAttr>(op.getValue());
  Type element = dense.getElementType();
  if (dense.isSplat())
    return toVector(arith::ConstantOp::create(
                        b, cast<TypedAttr>(dense.getSplatValue<Attribute>())),
                    chunk.lanes);
  // A table: select among its elements by the linear index. Frontends make
  // such constants only for a handful of elements.
  Value index = bufferIndex(
      {0, element, SmallVector<int64_t, 4>(dense.getType().getShape())}, chunk);
  Value result = zero(chunkType(element, chunk.lanes));
  for (auto [position, value] : llvm::enumerate(dense.getValues<Attribute>())) {
    Value hit = arith::CmpIOp::create(
        b, arith::CmpIPredicate::eq, toVector(index, chunk.lanes),
        toVector(constant(position), chunk.lanes));
    Value here = toVector(arith::ConstantOp::create(b, cast<TypedAttr>(value)),
                          chunk.lanes);
    result = arith::SelectOp::create(b, hit, here, result);
  }
  return result;
}

Value Lowering::pullRange(tile::RangeOp op, const Chunk &chunk) {
  Value coord = chunk.coords[0];
  Type i32 = b.getI32Type();
  if (isa<VectorType>(coord.getType())) {
    Value narrow =
        arith::TruncIOp::create(b, VectorType::get({chunk.lanes}, i32), coord);
    Value start =
        arith::ConstantOp::create(b, b.getI32IntegerAttr(op.getStart()));
    return arith::AddIOp::create(b, narrow, toVector(start, chunk.lanes));
  }
  Value first = arith::TruncIOp::create(
      b, i32, add(coord, constant(static_cast<int32_t>(op.getStart()))));
  if (chunk.lanes == 1)
    return first;
  auto steps = llvm::to_vector(llvm::seq<int32_t>(0, chunk.lanes));
  Value lane = arith::ConstantOp::create(b, b.getI32VectorAttr(steps));
  return arith::AddIOp::create(b, toVector(first, chunk.lanes), lane);
}

Value Lowering::pullSplat(tile::SplatOp op, const Chunk &chunk) {
  Value value = scalar(op.getSrc());
  if (isa<LLVM::LLVMPointerType>(value.getType()))
    value = LLVM::PtrToIntOp::create(b, b.getI64Type(), value);
  return toVector(value, chunk.lanes);
}
