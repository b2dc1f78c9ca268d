//===- GenerateControl.cpp - Loops and branches
//
// Part of the Tegula Project, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/SCF/IR/SCF.h"
#include "tests/fuzz/Generator.h"

using namespace mlir;
using namespace tegula;
using namespace tegula::fuzz;

/// A loop carries exact values alone: errors would grow with each iteration.
bool Generator::stepLoop() {
  if (depth >= 2)
    return false;
  SmallVector<Value> carried;
  for (unsigned i = 0, count = 1 + below(3); i < count; ++i) {
    Value value = pick([&](Value v) {
      return facts(v).error == 0 &&
             tile::elementTypeOf(v.getType()).getIntOrFloatBitWidth() != 8;
    });
    if (value)
      carried.push_back(value);
  }
  if (carried.empty())
    return false;
  Type i32 = builder.getI32Type();
  Value lower = constant(i32, below(2)), step = constant(i32, 1 + below(3));
  Value upper = constant(i32, below(6));
  // A bound that is only known at run time: at most 4.
  if (Value number =
          chance(30) ? pick([](Value v) { return v.getType().isInteger(32); })
                     : Value())
    upper = make<arith::RemUIOp>(number, constant(i32, 5));
  auto loop = make<scf::ForOp>(lower, upper, step, carried);
  size_t poolSize = pool.size();
  ++depth;
  {
    OpBuilder::InsertionGuard guard(builder);
    builder.setInsertionPointToStart(loop.getBody());
    add(loop.getInductionVar(), {});
    // Whatever it may have become; zeros included.
    Facts anything;
    anything.zeroSignIsFree = true;
    for (Value argument : loop.getRegionIterArgs())
      add(argument, anything);
    grow(2 + below(8));
    SmallVector<Value> yields;
    for (Value argument : loop.getRegionIterArgs()) {
      Value next = pickNewest([&](Value v) {
        return v.getType() == argument.getType() && facts(v).error == 0;
      });
      yields.push_back(next ? next : argument);
    }
    make<scf::YieldOp>(yields);
  }
  --depth;
  pool.resize(poolSize);
  for (Value value : loop.getResults()) {
    Facts anything;
    anything.zeroSignIsFree = true;
    add(value, anything);
  }
  return true;
}

bool Generator::stepIf() {
  if (depth >= 2)
    return false;
  Value number = pick([](Value v) { return v.getType().isInteger(32); });
  Value sample = pick([](Value) { return true; });
  if (!number || !sample)
    return false;
  Value condition = make<arith::CmpIOp>(
      oneOf({arith::CmpIPredicate::slt, arith::CmpIPredicate::eq,
             arith::CmpIPredicate::ugt}),
      number, constant(number.getType(), below(4)));
  auto branch = make<scf::IfOp>(TypeRange(sample.getType()), condition,
                                /*withElseRegion=*/true);
  Facts made = {0, 0, false};
  size_t poolSize = pool.size();
  ++depth;
  for (Region *region : {&branch.getThenRegion(), &branch.getElseRegion()}) {
    OpBuilder::InsertionGuard guard(builder);
    if (region->empty())
      builder.createBlock(region);
    builder.setInsertionPointToEnd(&region->front());
    grow(1 + below(5));
    Value value =
        pickNewest([&](Value v) { return v.getType() == sample.getType(); });
    make<scf::YieldOp>(value);
    Facts side = facts(value);
    made.magnitude = std::max(made.magnitude, side.magnitude);
    made.error = std::max(made.error, side.error);
    made.zeroSignIsFree |= side.zeroSignIsFree;
    pool.resize(poolSize);
  }
  --depth;
  add(branch.getResult(0), made);
  return true;
}
