//===- PullDivision.cpp - Divided indices ---------------------------------===//
//
// Part of the Tegula Project, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Kernels take a pixel's row, column and channel from its number by divisions
// by sizes that are known when they run. A vector of neighbours has at most two
// quotients if the divisor is not smaller than the vector: one scalar division
// and a comparison take the place of one in each lane. Of quotients that are
// divided again mostly all are the same.
//
//===----------------------------------------------------------------------===//

#include "mlir/Dialect/Vector/IR/VectorOps.h"
#include "targets/common/loops/Lowering.h"
#include "targets/common/loops/Runs.h"

using namespace mlir;
using namespace tegula;
using namespace tegula::loops;

/// The scalar that fills `value`, unless it is a constant, by which LLVM
/// multiplies.
static Value runtimeDivisor(Value value) {
  auto splat = value.getDefiningOp<tile::SplatOp>();
  return splat && !matchPattern(splat.getSrc(), m_Constant()) ? splat.getSrc()
                                                              : Value();
}

/// `op` on other operands, all of one type.
static Value createLike(OpBuilder &b, Operation *op, ValueRange operands) {
  OperationState state(op->getLoc(), op->getName());
  state.addOperands(operands);
  state.addTypes(operands.front().getType());
  state.addAttributes(op->getAttrs());
  return b.create(state)->getResult(0);
}

/// The quotients or remainders of `first`, `first` + 1, ...: not negative, by a
/// divisor of at least as many as there are lanes.
Value Lowering::divideNeighbours(Operation *op, Value first, Value divisor,
                                 int64_t lanes) {
  Value lane = laneNumbers(VectorType::get({lanes}, first.getType()));
  Value quotient = arith::DivUIOp::create(b, first, divisor);
  Value rest = arith::SubIOp::create(
      b, first, arith::MulIOp::create(b, quotient, divisor));
  Value rests = arith::AddIOp::create(b, toVector(rest, lanes), lane);
  Value divisors = toVector(divisor, lanes);
  Value isNext =
      arith::CmpIOp::create(b, arith::CmpIPredicate::uge, rests, divisors);
  if (isa<arith::RemSIOp, arith::RemUIOp>(op))
    return arith::SelectOp::create(
        b, isNext, arith::SubIOp::create(b, rests, divisors), rests);
  Value one = arith::ConstantOp::create(b, b.getOneAttr(first.getType()));
  return arith::SelectOp::create(
      b, isNext, toVector(arith::AddIOp::create(b, quotient, one), lanes),
      toVector(quotient, lanes));
}

/// A division of indices that step by one or not at all by one number.
Value Lowering::pullDivision(Operation *op, const Chunk &chunk) {
  auto type = cast<RankedTensorType>(op->getResult(0).getType());
  Value divisorOf = runtimeDivisor(op->getOperand(1));
  auto step = chunk.lanesDim == 0 && type.getRank() == 1 && divisorOf
                  ? stepOf(op->getOperand(0), chunk.lanes)
                  : std::nullopt;
  if (!step || !type.getElementType().isInteger(32))
    return pullElementwise(op, chunk);
  int64_t lanes = chunk.lanes;
  Value dividend = toVector(pull(op->getOperand(0), chunk), lanes);
  Value divisor = scalar(divisorOf);
  Value first = vector::ExtractOp::create(b, dividend, 0);
  Value isPlain = areSteps(dividend, first, *step);
  auto number = [&](int64_t value) -> Value {
    return arith::ConstantOp::create(b, b.getI32IntegerAttr(value));
  };
  auto require = [&](arith::CmpIPredicate predicate, Value lhs, int64_t rhs) {
    Value holds = arith::CmpIOp::create(b, predicate, lhs, number(rhs));
    isPlain = arith::AndIOp::create(b, isPlain, holds);
  };
  if (*step == 1) {
    constexpr int64_t most = std::numeric_limits<int32_t>::max();
    require(arith::CmpIPredicate::sge, first, 0);
    require(arith::CmpIPredicate::sle, first, most - lanes);
    require(arith::CmpIPredicate::sge, divisor, lanes);
  }
  auto branch = scf::IfOp::create(b, dividend.getType(), isPlain,
                                  /*withElseRegion=*/true);
  OpBuilder::InsertionGuard guard(b);
  auto emit = [&](Block *block, function_ref<Value()> make) {
    b.setInsertionPointToStart(block);
    Value result = make();
    scf::YieldOp::create(b, ValueRange(result));
  };
  emit(branch.thenBlock(), [&] {
    if (*step == 1)
      return divideNeighbours(op, first, divisor, lanes);
    return toVector(createLike(b, op, {first, divisor}), lanes);
  });
  emit(branch.elseBlock(),
       [&] { return createLike(b, op, {dividend, toVector(divisor, lanes)}); });
  return branch.getResult(0);
}
