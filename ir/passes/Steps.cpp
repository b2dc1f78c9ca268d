//===- Steps.cpp - How far a tensor was moved
//
// Part of the Tegula Project, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "ir/passes/Steps.h"
#include "ir/tile/Tile.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/IR/Matchers.h"

using namespace mlir;
using namespace tegula;
using namespace tegula::ir;

bool tegula::ir::isMovable(Type type) {
  if (!isa<RankedTensorType>(type))
    return false;
  Type element = tile::elementTypeOf(type);
  return isa<tile::PtrType>(element) ||
         (element.isInteger() && element.getIntOrFloatBitWidth() >= 32 &&
          element.getIntOrFloatBitWidth() <= 64);
}

Type tegula::ir::stepElementType(Type type) {
  Type element = tile::elementTypeOf(type);
  return isa<tile::PtrType>(element) ? IntegerType::get(type.getContext(), 64)
                                     : element;
}

/// A scalar or tensor of integers as one of `element`; steps are signed.
static Value resized(OpBuilder &builder, Location loc, Value value,
                     Type element) {
  Type from = tile::elementTypeOf(value.getType());
  Type type = tile::withElementType(value.getType(), element);
  if (from == element)
    return value;
  if (from.getIntOrFloatBitWidth() < element.getIntOrFloatBitWidth())
    return arith::ExtSIOp::create(builder, loc, type, value);
  return arith::TruncIOp::create(builder, loc, type, value);
}

static Value splatLike(OpBuilder &builder, Location loc, Value scalar,
                       Type like) {
  Type type = tile::withElementType(like, scalar.getType());
  return builder.createOrFold<tile::SplatOp>(loc, type, scalar);
}

Value tegula::ir::moveBy(OpBuilder &builder, Location loc, Value value,
                         Value distance) {
  if (!isa<RankedTensorType>(distance.getType()))
    distance = splatLike(builder, loc, distance, value.getType());
  if (tile::isPtrLike(value.getType()))
    return tile::PtrAddOp::create(builder, loc, value, distance);
  return arith::AddIOp::create(builder, loc, value, distance);
}

static std::optional<Steps::Uniform> asUniform(Value addend, bool isNegative) {
  if (auto splat = addend.getDefiningOp<tile::SplatOp>())
    return Steps::Uniform{splat.getSrc(), 0, isNegative};
  APInt constant;
  if (matchPattern(addend, m_ConstantInt(&constant)))
    return Steps::Uniform{{}, constant.getSExtValue(), isNegative};
  return std::nullopt;
}

Steps::Origin Steps::originOf(Value value) {
  Origin origin{value, {}};
  while (Operation *op = origin.base.getDefiningOp()) {
    bool isSub = isa<arith::SubIOp>(op);
    if (!isSub && !isa<tile::PtrAddOp, arith::AddIOp>(op))
      break;
    Value addend = op->getOperand(1), next = op->getOperand(0);
    // Integer sums commute: what is uniform is the step.
    if (isa<arith::AddIOp>(op) && !asUniform(addend, false) &&
        asUniform(next, false))
      std::swap(addend, next);
    if (auto uniform = asUniform(addend, isSub))
      origin.steps.uniforms.push_back(*uniform);
    else if (isa<tile::PtrAddOp>(op))
      origin.steps.varying.push_back({addend, false});
    else
      break; // Which side is the base can't be told.
    origin.base = next;
  }
  return origin;
}

std::optional<Steps> Steps::between(Value from, Value to) {
  Steps steps;
  while (to != from) {
    Operation *op = to.getDefiningOp();
    bool isSub = isa_and_nonnull<arith::SubIOp>(op);
    if (!isSub && !isa_and_nonnull<tile::PtrAddOp, arith::AddIOp>(op))
      return std::nullopt;
    Value addend = op->getOperand(1), next = op->getOperand(0);
    if (isa<arith::AddIOp>(op) &&
        (addend == from ||
         (!asUniform(addend, false) && asUniform(next, false))))
      std::swap(addend, next);
    if (auto uniform = asUniform(addend, isSub))
      steps.uniforms.push_back(*uniform);
    else
      steps.varying.push_back({addend, isSub});
    to = next;
  }
  return steps;
}

Polynomial Steps::uniform(IndexAnalysis &analysis) const {
  Polynomial sum;
  for (const Uniform &step : uniforms) {
    Polynomial value =
        step.scalar ? analysis.scalar(step.scalar) : Polynomial(step.constant);
    sum = step.isNegative ? sum - value : sum + value;
  }
  return sum;
}

Value Steps::asScalar(OpBuilder &builder, Location loc, Type element) const {
  Value sum =
      arith::ConstantOp::create(builder, loc, builder.getZeroAttr(element));
  for (const Uniform &step : uniforms) {
    Value value = step.scalar
                      ? resized(builder, loc, step.scalar, element)
                      : Value(arith::ConstantOp::create(
                            builder, loc,
                            builder.getIntegerAttr(element, step.constant)));
    sum = step.isNegative
              ? builder.createOrFold<arith::SubIOp>(loc, sum, value)
              : builder.createOrFold<arith::AddIOp>(loc, sum, value);
  }
  return sum;
}

Value Steps::asTensor(OpBuilder &builder, Location loc, Type tensor) const {
  Type element = tile::elementTypeOf(tensor);
  Value sum = splatLike(builder, loc, asScalar(builder, loc, element), tensor);
  for (const Varying &step : varying) {
    Value value = resized(builder, loc, step.tensor, element);
    sum = step.isNegative
              ? builder.createOrFold<arith::SubIOp>(loc, sum, value)
              : builder.createOrFold<arith::AddIOp>(loc, sum, value);
  }
  return sum;
}

Value Steps::moveByVarying(OpBuilder &builder, Location loc, Value value,
                           Value count) const {
  for (const Varying &step : varying) {
    Value distance = resized(builder, loc, step.tensor, count.getType());
    if (step.isNegative)
      distance = arith::SubIOp::create(
          builder, loc,
          arith::ConstantOp::create(builder, loc,
                                    builder.getZeroAttr(distance.getType())),
          distance);
    distance = arith::MulIOp::create(
        builder, loc, distance,
        splatLike(builder, loc, count, distance.getType()));
    value = moveBy(builder, loc, value, distance);
  }
  return value;
}
