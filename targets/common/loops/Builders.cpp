//===- Builders.cpp - Constants, index arithmetic and vectors
//
// Part of the Tegula Project, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "mlir/Dialect/Vector/IR/VectorOps.h"
#include "mlir/IR/Matchers.h"
#include "targets/common/loops/Lowering.h"

using namespace mlir;
using namespace tegula;
using namespace tegula::loops;

std::optional<int64_t> Lowering::constantOf(Value value) const {
  APInt result;
  if (value && matchPattern(value, m_ConstantInt(&result)))
    return result.getSExtValue();
  return std::nullopt;
}

/// One op per constant, at the head of the function: coordinates are compared
/// by identity.
Value Lowering::constant(int64_t value) {
  Value &known = constants[value];
  if (known)
    return known;
  OpBuilder::InsertionGuard guard(b);
  Block &entry = target.getBody().front();
  if (constantsEnd)
    b.setInsertionPointAfter(constantsEnd);
  else
    b.setInsertionPointToStart(&entry);
  auto op = arith::ConstantOp::create(b, b.getI64IntegerAttr(value));
  constantsEnd = op;
  return known = op.getResult();
}

Value Lowering::add(Value lhs, Value rhs) {
  auto l = constantOf(lhs), r = constantOf(rhs);
  if (l && r)
    return constant(*l + *r);
  if (l == 0)
    return rhs;
  if (r == 0)
    return lhs;
  return arith::AddIOp::create(b, lhs, rhs);
}

Value Lowering::sub(Value lhs, Value rhs) {
  auto l = constantOf(lhs), r = constantOf(rhs);
  if (l && r)
    return constant(*l - *r);
  if (r == 0)
    return lhs;
  return arith::SubIOp::create(b, lhs, rhs);
}

Value Lowering::mul(Value lhs, Value rhs) {
  auto l = constantOf(lhs), r = constantOf(rhs);
  if (l && r)
    return constant(*l * *r);
  if (l == 1)
    return rhs;
  if (r == 1)
    return lhs;
  if (l == 0 || r == 0)
    return constant(0);
  return arith::MulIOp::create(b, lhs, rhs);
}

/// Like add and mul, `value` may hold one index for each lane.
Value Lowering::mul(Value lhs, int64_t rhs) {
  if (auto vector = dyn_cast<VectorType>(lhs.getType()))
    return rhs == 1
               ? lhs
               : arith::MulIOp::create(
                     b, lhs, toVector(constant(rhs), vector.getDimSize(0)));
  return mul(lhs, constant(rhs));
}

std::pair<Value, Value> Lowering::divRem(Value lhs, int64_t rhs) {
  if (rhs == 1)
    return {lhs, mul(lhs, constant(0))};
  auto vector = dyn_cast<VectorType>(lhs.getType());
  if (auto known = vector ? std::nullopt : constantOf(lhs))
    return {constant(*known / rhs), constant(*known % rhs)};
  if (const CoordFacts *facts = factsOf(lhs); facts && facts->blockSize == rhs)
    return {facts->block, facts->inBlock};
  auto operand = [&](int64_t value) {
    return vector ? toVector(constant(value), vector.getDimSize(0))
                  : constant(value);
  };
  if (llvm::isPowerOf2_64(rhs))
    return {arith::ShRUIOp::create(b, lhs, operand(llvm::Log2_64(rhs))),
            arith::AndIOp::create(b, lhs, operand(rhs - 1))};
  return {arith::DivUIOp::create(b, lhs, operand(rhs)),
          arith::RemUIOp::create(b, lhs, operand(rhs))};
}

Value Lowering::clamp(Value value, int64_t low, int64_t high) {
  if (auto known = constantOf(value))
    return constant(std::clamp(*known, low, high));
  Value atLeast = arith::MaxSIOp::create(b, value, constant(low));
  return arith::MinSIOp::create(b, atLeast, constant(high));
}

Type Lowering::chunkType(Type element, int64_t lanes) const {
  if (isa<tile::PtrType>(element))
    element = IntegerType::get(element.getContext(), 64);
  return lanes == 1 ? element : VectorType::get({lanes}, element);
}

Value Lowering::toVector(Value value, int64_t lanes) {
  if (lanes == 1 || isa<VectorType>(value.getType()))
    return value;
  return vector::BroadcastOp::create(
      b, VectorType::get({lanes}, value.getType()), value);
}

Value Lowering::laneIndex(int64_t lanes) {
  return laneNumbers(VectorType::get({lanes}, b.getI64Type()));
}

/// 0, 1, ... in this vector of integers.
Value Lowering::laneNumbers(VectorType type) {
  SmallVector<APInt> steps;
  for (int64_t lane = 0; lane < type.getDimSize(0); ++lane)
    steps.push_back(APInt(type.getElementTypeBitWidth(), lane));
  return arith::ConstantOp::create(b, DenseElementsAttr::get(type, steps));
}

/// The coordinate of each lane along `dim`.
Value Lowering::perLane(const Chunk &chunk, unsigned dim) {
  Value coord = chunk.coords[dim];
  if (chunk.lanes == 1 || isa<VectorType>(coord.getType()))
    return coord;
  Value splat = toVector(coord, chunk.lanes);
  if (static_cast<int>(dim) != chunk.lanesDim)
    return splat;
  return arith::AddIOp::create(b, splat, laneIndex(chunk.lanes));
}

Value Lowering::zero(Type type) {
  return arith::ConstantOp::create(b, b.getZeroAttr(type));
}

Value Lowering::andMasks(Value lhs, Value rhs) {
  if (!lhs || !rhs)
    return lhs ? lhs : rhs;
  int64_t lanes = 1;
  for (Value mask : {lhs, rhs})
    if (auto vector = dyn_cast<VectorType>(mask.getType()))
      lanes = vector.getDimSize(0);
  return arith::AndIOp::create(b, toVector(lhs, lanes), toVector(rhs, lanes));
}

Value Lowering::firstLanes(Value count, int64_t lanes) {
  auto steps = llvm::to_vector(llvm::seq<int32_t>(0, lanes));
  return arith::CmpIOp::create(
      b, arith::CmpIPredicate::slt,
      arith::ConstantOp::create(b, b.getI32VectorAttr(steps)),
      toVector(count, lanes));
}

//===----------------------------------------------------------------------===//
// Functions of elements
//===----------------------------------------------------------------------===//

/// Scalars from outside stand for themselves in a function of elements.
void Lowering::mapOutside(ValueRange values, IRMapping &inner) {
  for (Value value : values)
    if (!inner.contains(value))
      inner.map(value, scalar(value));
}

/// Clones an op with regions, for one element: lanes would go different ways.
void Lowering::cloneStructured(Operation &op, IRMapping &inner) {
  mapOutside(op.getOperands(), inner);
  Operation *clone = b.insert(op.cloneWithoutRegions(inner));
  for (auto [from, to] : llvm::zip(op.getRegions(), clone->getRegions()))
    for (Block &block : from) {
      OpBuilder::InsertionGuard guard(b);
      SmallVector<Location> locations(block.getNumArguments(), op.getLoc());
      Block *made = b.createBlock(&to, {}, block.getArgumentTypes(), locations);
      inner.map(block.getArguments(), made->getArguments());
      cloneOps(block, 1, inner);
      mapOutside(block.getTerminator()->getOperands(), inner);
      b.clone(*block.getTerminator(), inner);
    }
}

/// Clones the ops of a block, but for its end, for vectors of `lanes` lanes.
void Lowering::cloneOps(Block &block, int64_t lanes, IRMapping &inner) {
  for (Operation &op : block.without_terminator()) {
    if (op.getNumRegions() != 0) {
      assert(lanes == 1 && "combiners with branches take one element");
      cloneStructured(op, inner);
      continue;
    }
    mapOutside(op.getOperands(), inner);
    auto operands = llvm::map_to_vector(op.getOperands(), [&](Value value) {
      return toVector(inner.lookup(value), lanes);
    });
    if (auto assertion = dyn_cast<tile::AssertOp>(op)) {
      requireAll(assertion, operands.front());
      continue;
    }
    if (lanes == 1 || isa<arith::ConstantOp>(op)) {
      b.clone(op, inner);
      continue;
    }
    OperationState state(op.getLoc(), op.getName());
    state.addOperands(operands);
    for (Type type : op.getResultTypes())
      state.addTypes(chunkType(type, lanes));
    state.addAttributes(op.getAttrs());
    inner.map(op.getResults(), b.create(state)->getResults());
  }
}

/// Clones a function of elements for vectors of `lanes` lanes; its scalars from
/// outside are repeated.
Value Lowering::cloneRegion(Block &block, ValueRange arguments, int64_t lanes,
                            SmallVectorImpl<Value> &results) {
  IRMapping inner;
  inner.map(block.getArguments(), arguments);
  cloneOps(block, lanes, inner);
  mapOutside(block.getTerminator()->getOperands(), inner);
  for (Value value : block.getTerminator()->getOperands())
    results.push_back(toVector(inner.lookup(value), lanes));
  return results.empty() ? Value() : results.front();
}
