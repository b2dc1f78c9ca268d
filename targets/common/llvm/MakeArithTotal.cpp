//===- MakeArithTotal.cpp - Define what arith leaves undefined ------------===//
//
// Part of the Tegula Project, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "targets/common/llvm/Build.h"
#include "targets/common/llvm/Passes.h"

#include "mlir/Dialect/Arith/Transforms/Passes.h"
#include "mlir/Transforms/GreedyPatternRewriteDriver.h"

using namespace mlir;
using namespace tegula::targets;

namespace tegula::targets {
#define GEN_PASS_DEF_MAKEARITHTOTAL
#include "targets/common/llvm/Passes.h.inc"
} // namespace tegula::targets

using IPred = arith::CmpIPredicate;
using FPred = arith::CmpFPredicate;

/// Whether every lane of the constant `value` satisfies `predicate`.
static bool allLanes(Value value,
                     llvm::function_ref<bool(const APInt &)> predicate) {
  if (auto broadcast = value.getDefiningOp<vector::BroadcastOp>())
    return allLanes(broadcast.getSource(), predicate);
  Attribute attr;
  if (!matchPattern(value, m_Constant(&attr)))
    return false;
  if (auto integer = dyn_cast<IntegerAttr>(attr))
    return predicate(integer.getValue());
  auto dense = dyn_cast<DenseIntElementsAttr>(attr);
  return dense && llvm::all_of(dense.getValues<APInt>(), predicate);
}

//===----------------------------------------------------------------------===//
// Division
//===----------------------------------------------------------------------===//

/// The scalar that fills all lanes of `value`, null if there is none.
static Value uniformNumber(Value value) {
  auto broadcast = value.getDefiningOp<vector::BroadcastOp>();
  return broadcast && !isa<VectorType>(broadcast.getSourceType())
             ? broadcast.getSource()
             : Value();
}

/// The quotient of vectors through a float division that is wide enough to be
/// exact once truncated: a non-integer quotient differs from every integer by
/// at least 1/b, which exceeds the rounding error. LLVM's own lowering is one
/// `idiv` for each lane.
///
/// One number that divides all lanes is inverted once, where it is made. Half
/// is added to the dividend's magnitude, since the inverse may be a bit too
/// small: the quotient then differs from integers by half of 1/b.
static Value divideThroughFloat(Build &b, Value dividend, Value divisor,
                                bool isSigned) {
  auto toFloat = [&](Value v) {
    Type type = Build::width(v) <= 16 ? b.f32Type(v) : b.f64Type(v);
    return isSigned ? b.op<arith::SIToFPOp>(type, v)
                    : b.op<arith::UIToFPOp>(type, v);
  };
  Value x = toFloat(dividend), quotient;
  if (Value number = uniformNumber(divisor)) {
    Value divides = toFloat(number);
    Value inverse = b.op<vector::BroadcastOp>(
        x.getType(), b.divf(b.f(divides, 1.0), divides));
    Value half = b.f(x, 0.5);
    quotient =
        b.mulf(b.addf(x, isSigned ? b.copysign(half, x) : half), inverse);
  } else {
    quotient = b.divf(x, toFloat(divisor));
  }
  return isSigned ? b.op<arith::FPToSIOp>(dividend.getType(), quotient)
                  : b.op<arith::FPToUIOp>(dividend.getType(), quotient);
}

/// x / 0 = 0 and MIN / -1 = MIN.
static Value divideTotally(Build &b, Value dividend, Value divisor,
                           bool isSigned, bool hasVectorForm) {
  unsigned width = Build::width(dividend);
  if (width == 1)
    return b.andi(dividend, divisor);
  Value isZero = b.cmpi(IPred::eq, divisor, 0), isOverflow;
  if (isSigned) {
    Value isMin =
        b.cmpi(IPred::eq, dividend,
               b.constInt(dividend.getType(), APInt::getSignedMinValue(width)));
    isOverflow = b.andi(isMin, b.cmpi(IPred::eq, divisor, -1));
  }
  bool throughFloat =
      isa<VectorType>(dividend.getType()) && width <= 32 && !hasVectorForm;
  if (throughFloat && uniformNumber(divisor)) {
    Value quotient = divideThroughFloat(b, dividend, divisor, isSigned);
    if (isOverflow)
      quotient = b.select(isOverflow, dividend, quotient);
    return b.select(isZero, b.i(dividend, 0), quotient);
  }
  // MIN / 1 is what MIN / -1 is defined to be.
  Value isUnsafe = isOverflow ? b.ori(isZero, isOverflow) : isZero;
  Value safe = b.select(isUnsafe, b.i(divisor, 1), divisor);
  Value quotient;
  if (throughFloat)
    quotient = divideThroughFloat(b, dividend, safe, isSigned);
  else if (isSigned)
    quotient = b.op<arith::DivSIOp>(dividend, safe);
  else
    quotient = b.op<arith::DivUIOp>(dividend, safe);
  return b.select(isZero, b.i(dividend, 0), quotient);
}

/// Division by a constant that is safe needs no guard: LLVM multiplies.
static bool isSafeDivisor(Value divisor, bool isSigned) {
  return allLanes(divisor, [&](const APInt &v) {
    return !v.isZero() && !(isSigned && v.isAllOnes());
  });
}

static Value makeDivisionTotal(Build &b, Operation *op, bool hasVectorForm) {
  Value dividend = op->getOperand(0), divisor = op->getOperand(1);
  if (!getElementTypeOrSelf(dividend).isInteger())
    return {};
  bool isSigned = isa<arith::DivSIOp, arith::RemSIOp>(op);
  if (isSafeDivisor(divisor, isSigned))
    return {};
  Value quotient = divideTotally(b, dividend, divisor, isSigned, hasVectorForm);
  if (isa<arith::DivSIOp, arith::DivUIOp>(op))
    return quotient;
  // As x / 0 = 0, this is x for a zero divisor, and 0 for MIN % -1.
  return b.subi(dividend, b.muli(quotient, divisor));
}

//===----------------------------------------------------------------------===//
// Shifts
//===----------------------------------------------------------------------===//

/// Shifts by the width or more leave 0, or copies of the sign.
static Value makeShiftTotal(Build &b, Operation *op) {
  Value value = op->getOperand(0), amount = op->getOperand(1);
  if (!getElementTypeOrSelf(value).isInteger())
    return {};
  unsigned width = Build::width(value);
  if (allLanes(amount, [&](const APInt &v) { return v.ult(width); }))
    return {};
  APInt limit(width, width - 1);
  if (isa<arith::ShRSIOp>(op)) {
    Value most = b.constInt(amount.getType(), limit);
    return b.shrsi(value, b.op<arith::MinUIOp>(amount, most));
  }
  Value shifted =
      isa<arith::ShLIOp>(op) ? b.shl(value, amount) : b.shrui(value, amount);
  Value inRange =
      b.cmpi(IPred::ule, amount, b.constInt(amount.getType(), limit));
  return b.select(inRange, shifted, b.i(value, 0));
}

//===----------------------------------------------------------------------===//
// Float to integer
//===----------------------------------------------------------------------===//

/// Conversions saturate; NaN becomes 0.
static Value makeConversionTotal(Build &b, Operation *op) {
  Value value = op->getOperand(0);
  Type type = op->getResult(0).getType();
  // Every limit below is a finite float in f32 and f64, not in narrower types.
  if (Build::width(value) < 32)
    value = b.op<arith::ExtFOp>(b.f32Type(value), value);
  unsigned width = getElementTypeOrSelf(type).getIntOrFloatBitWidth();
  bool isSigned = isa<arith::FPToSIOp>(op);
  Value converted = isSigned ? b.op<arith::FPToSIOp>(type, value)
                             : b.op<arith::FPToUIOp>(type, value);
  double above = std::ldexp(1.0, isSigned ? width - 1 : width);
  APInt most =
      isSigned ? APInt::getSignedMaxValue(width) : APInt::getMaxValue(width);
  Value result = b.select(b.cmpf(FPred::OLT, value, above), converted,
                          b.constInt(type, most));
  if (!isSigned)
    // Not greater than -1: negative or NaN.
    return b.select(b.cmpf(FPred::OGT, value, -1.0), result,
                    b.constInt(type, 0));
  // MIN - 1 rounds to MIN in most float types: MIN itself may go either way.
  APInt least = APInt::getSignedMinValue(width);
  double below = -std::ldexp(1.0, width - 1);
  bool hasFraction = width < 32 || Build::width(value) == 64;
  Value isBelow = hasFraction ? b.cmpf(FPred::OLE, value, below - 1)
                              : b.cmpf(FPred::OLE, value, below);
  result = b.select(isBelow, b.constInt(type, least), result);
  return b.select(b.isNan(value), b.constInt(type, 0), result);
}

//===----------------------------------------------------------------------===//
// The pass
//===----------------------------------------------------------------------===//

static Value makeTotal(Build &b, Operation *op, bool hasIntegerDivide) {
  return llvm::TypeSwitch<Operation *, Value>(op)
      .Case<arith::DivSIOp, arith::DivUIOp, arith::RemSIOp, arith::RemUIOp>(
          [&](Operation *op) {
            return makeDivisionTotal(b, op, hasIntegerDivide);
          })
      .Case<arith::ShLIOp, arith::ShRUIOp, arith::ShRSIOp>(
          [&](Operation *op) { return makeShiftTotal(b, op); })
      .Case<arith::FPToSIOp, arith::FPToUIOp>(
          [&](Operation *op) { return makeConversionTotal(b, op); })
      .Default(Value());
}

/// Divisions that round up or down become plain ones first.
static LogicalResult expandRoundedDivisions(Operation *root) {
  bool hasAny = false;
  root->walk([&](Operation *op) {
    hasAny |=
        isa<arith::CeilDivSIOp, arith::CeilDivUIOp, arith::FloorDivSIOp>(op);
  });
  if (!hasAny)
    return success();
  RewritePatternSet patterns(root->getContext());
  arith::populateCeilFloorDivExpandOpsPatterns(patterns);
  return applyPatternsGreedily(
      root, std::move(patterns),
      GreedyRewriteConfig().enableFolding(false).setRegionSimplificationLevel(
          GreedySimplifyRegionLevel::Disabled));
}

namespace {
struct MakeArithTotal
    : tegula::targets::impl::MakeArithTotalBase<MakeArithTotal> {
  using MakeArithTotalBase::MakeArithTotalBase;
  void runOnOperation() override {
    if (failed(expandRoundedDivisions(getOperation())))
      return signalPassFailure();
    SmallVector<Operation *> ops;
    getOperation()->walk([&](Operation *op) { ops.push_back(op); });
    for (Operation *op : ops) {
      OpBuilder builder(op);
      Build b(builder, op->getLoc());
      if (Value total = makeTotal(b, op, hasIntegerDivide)) {
        op->replaceAllUsesWith(ValueRange(total));
        op->erase();
      }
    }
  }
};
} // namespace
