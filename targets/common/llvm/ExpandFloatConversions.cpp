//===- ExpandFloatConversions.cpp - Narrow floats as integers -------------===//
//
// Part of the Tegula Project, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Two steps. Arithmetic on formats that the machine lacks is done in f32 and
// rounded after each operation. What is left only moves such values, and they
// then become integers of their width, which every machine moves well (LLVM
// takes vectors of bf16 apart lane by lane where bf16 is not legal).
//
//===----------------------------------------------------------------------===//

#include "targets/common/llvm/Build.h"
#include "targets/common/llvm/FloatConvert.h"
#include "targets/common/llvm/Passes.h"

#include "mlir/Interfaces/FunctionInterfaces.h"

using namespace mlir;
using namespace tegula::targets;

namespace tegula::targets {
#define GEN_PASS_DEF_EXPANDFLOATCONVERSIONS
#include "targets/common/llvm/Passes.h.inc"
} // namespace tegula::targets

namespace {

class Expander {
public:
  explicit Expander(FloatSupport support) : support(support) {}
  /// Replaces an operation on a narrow format; failure if it can't be.
  LogicalResult expand(Operation *op);
  bool isNarrow(Type type) const;

private:
  Value widened(Build &b, Value value);
  Value convert(Build &b, Value value, Type to);
  Value expandConversion(Build &b, Operation *op);
  Value expandSignOp(Build &b, Operation *op);
  Value promote(Build &b, Operation *op);

  FloatSupport support;
};

} // namespace

/// Whether LLVM shall not see arithmetic on this type.
bool Expander::isNarrow(Type type) const {
  auto element = dyn_cast<FloatType>(getElementTypeOrSelf(type));
  if (!element || element.getWidth() >= 32)
    return false;
  return !(element.isF16() && support.hasF16Convert);
}

Value Expander::convert(Build &b, Value value, Type to) {
  return emitFloatConvert(b.builder, b.loc, value, to,
                          RoundingMode::NearestEven, false, support);
}

Value Expander::widened(Build &b, Value value) {
  return isNarrow(value.getType()) ? convert(b, value, b.builder.getF32Type())
                                   : value;
}

/// arith's conversions with a narrow format, or f16 rounded from more than
/// f32, which LLVM does in two steps or by a library call.
Value Expander::expandConversion(Build &b, Operation *op) {
  Value in = op->getOperand(0);
  Type to = op->getResult(0).getType();
  bool isSigned = isa<arith::SIToFPOp>(op);
  if (isa<arith::SIToFPOp, arith::UIToFPOp>(op)) {
    if (getElementTypeOrSelf(to).getIntOrFloatBitWidth() >= 32)
      return {};
    if (getElementTypeOrSelf(in).isIndex())
      in = b.op<arith::IndexCastOp>(b.intType(in, 64), in);
    return emitIntToFloat(b.builder, b.loc, in, to, isSigned, support);
  }
  if (isa<arith::FPToSIOp, arith::FPToUIOp>(op)) {
    if (!isNarrow(in.getType()))
      return {};
    op->setOperand(0, widened(b, in));
    return {};
  }
  auto rounding = RoundingMode::NearestEven;
  if (auto trunc = dyn_cast<arith::TruncFOp>(op))
    if (trunc.getRoundingmode() == arith::RoundingMode::toward_zero)
      rounding = RoundingMode::TowardZero;
  bool isF64ToF16 = Build::element(in).isF64() &&
                    getElementTypeOrSelf(to).getIntOrFloatBitWidth() < 32;
  if (!isNarrow(in.getType()) && !isNarrow(to) && !isF64ToF16 &&
      rounding == RoundingMode::NearestEven)
    return {};
  return emitFloatConvert(b.builder, b.loc, in, to, rounding, false, support);
}

/// Operations on the sign bit alone.
Value Expander::expandSignOp(Build &b, Operation *op) {
  Value in = op->getOperand(0), bits = b.bits(in);
  APInt signMask = APInt::getSignMask(Build::width(in));
  Value sign = b.constInt(bits.getType(), signMask);
  Value rest = b.constInt(bits.getType(), ~signMask);
  Value result =
      isa<arith::NegFOp>(op) ? b.xori(bits, sign) : b.andi(bits, rest);
  if (isa<math::CopySignOp>(op))
    result = b.ori(result, b.andi(b.bits(op->getOperand(1)), sign));
  return b.bitcast(in.getType(), result);
}

/// The operation on f32, its result rounded.
Value Expander::promote(Build &b, Operation *op) {
  SmallVector<Value> operands;
  for (Value operand : op->getOperands())
    operands.push_back(widened(b, operand));
  Type type = op->getResult(0).getType();
  Type wide = isNarrow(type) ? withElement(type, b.builder.getF32Type()) : type;
  OperationState state(op->getLoc(), op->getName(), operands, wide,
                       op->getAttrs());
  state.propertiesAttr = op->getPropertiesAsAttribute();
  Value result = b.builder.create(state)->getResult(0);
  bool isChoice = isa<arith::MaximumFOp, arith::MinimumFOp, arith::MaxNumFOp,
                      arith::MinNumFOp>(op);
  if (isChoice && getElementTypeOrSelf(type).isBF16())
    // One of the operands: nothing to round.
    return b.bitcast(type, b.zext(b.shrui(b.bits(result), 16), 16));
  return wide == type ? result : convert(b, result, type);
}

/// Operations that only move values: any type will do.
static bool isMovement(Operation *op) {
  if (isa<arith::ConstantOp, arith::SelectOp, arith::BitcastOp>(op))
    return true;
  if (isa<vector::ReductionOp, vector::FMAOp>(op))
    return false;
  return !isa<arith::ArithDialect, math::MathDialect>(op->getDialect());
}

LogicalResult Expander::expand(Operation *op) {
  auto isNarrowValue = [&](Value v) { return isNarrow(v.getType()); };
  bool isConversion =
      isa<arith::ExtFOp, arith::TruncFOp, arith::SIToFPOp, arith::UIToFPOp,
          arith::FPToSIOp, arith::FPToUIOp>(op);
  bool touches = llvm::any_of(op->getOperands(), isNarrowValue) ||
                 llvm::any_of(op->getResults(), isNarrowValue);
  if (!isConversion && (!touches || isMovement(op)))
    return success();
  OpBuilder builder(op);
  Build b(builder, op->getLoc());
  if (auto trunc = dyn_cast<arith::TruncFOp>(op)) {
    auto mode = trunc.getRoundingmode();
    if (mode && *mode != arith::RoundingMode::to_nearest_even &&
        *mode != arith::RoundingMode::toward_zero)
      return op->emitError("only rounding to nearest even and toward zero is "
                           "supported");
  }
  Value result;
  if (isConversion)
    result = expandConversion(b, op);
  else if (isa<arith::NegFOp, math::AbsFOp, math::CopySignOp>(op))
    result = expandSignOp(b, op);
  else if (op->getNumResults() == 1 && op->getNumRegions() == 0)
    result = promote(b, op);
  else
    return op->emitError("not supported on 8-bit floats or bfloat16");
  if (result) {
    op->replaceAllUsesWith(ValueRange(result));
    op->erase();
  }
  return success();
}

//===----------------------------------------------------------------------===//
// Values become integers
//===----------------------------------------------------------------------===//

namespace {

/// Retypes every value of a narrow format.
class Retyper {
public:
  explicit Retyper(const Expander &expander) : expander(expander) {
    replacer.addReplacement([this](FloatType type) -> std::optional<Type> {
      if (!this->expander.isNarrow(type))
        return std::nullopt;
      return IntegerType::get(type.getContext(), type.getWidth());
    });
    replacer.addReplacement([this](FloatAttr attr) -> std::optional<Attribute> {
      if (!this->expander.isNarrow(attr.getType()))
        return std::nullopt;
      return IntegerAttr::get(replacer.replace(attr.getType()),
                              attr.getValue().bitcastToAPInt());
    });
    replacer.addReplacement(
        [this](DenseFPElementsAttr attr) -> std::optional<Attribute> {
          if (!this->expander.isNarrow(attr.getType()))
            return std::nullopt;
          return attr.bitcast(replacer.replace(attr.getElementType()));
        });
  }
  /// All of `ops`, which stand for every op that has such values.
  void retype(ArrayRef<Operation *> ops);

private:
  void keepOperands(Operation *op);
  void keepResults(Operation *op);
  const Expander &expander;
  AttrTypeReplacer replacer;
};

} // namespace

/// Instructions that want the float type itself: casts around them.
void Retyper::keepOperands(Operation *op) {
  OpBuilder builder(op);
  for (OpOperand &operand : op->getOpOperands()) {
    Type original = operand.get().getType();
    Type integer = replacer.replace(original);
    if (original == integer)
      continue;
    // The operand's own type changes when its definition is visited.
    auto cast =
        LLVM::BitcastOp::create(builder, op->getLoc(), original, operand.get());
    operand.set(cast);
  }
}

void Retyper::keepResults(Operation *op) {
  OpBuilder builder(op);
  builder.setInsertionPointAfter(op);
  for (Value result : op->getResults()) {
    Type integer = replacer.replace(result.getType());
    if (integer == result.getType())
      continue;
    auto cast = LLVM::BitcastOp::create(builder, op->getLoc(), integer, result);
    result.replaceAllUsesExcept(cast, cast);
  }
}

static bool wantsFloats(Operation *op) {
  return isa<LLVM::CallIntrinsicOp, LLVM::CallOp, arith::TruncFOp,
             arith::ExtFOp>(op);
}

void Retyper::retype(ArrayRef<Operation *> ops) {
  // While the operands still have the types that are wanted, which the results
  // of others of these don't have afterwards.
  for (Operation *op : ops)
    if (wantsFloats(op))
      keepOperands(op);
  for (Operation *op : ops)
    if (wantsFloats(op))
      keepResults(op);
  for (Operation *op : ops)
    if (!wantsFloats(op))
      replacer.replaceElementsIn(op, /*replaceAttrs=*/true,
                                 /*replaceLocs=*/false, /*replaceTypes=*/true);
}

namespace {
struct ExpandFloatConversions
    : tegula::targets::impl::ExpandFloatConversionsBase<
          ExpandFloatConversions> {
  using ExpandFloatConversionsBase::ExpandFloatConversionsBase;
  void runOnOperation() override {
    Expander expander(
        {nativeBf16, nativeF16, flushingBf16, denormalTest, lanes});
    SmallVector<Operation *> ops;
    getOperation()->walk([&](Operation *op) { ops.push_back(op); });
    for (Operation *op : ops)
      if (failed(expander.expand(op)))
        return signalPassFailure();
    ops.clear();
    getOperation()->walk([&](Operation *op) {
      if (op != getOperation())
        ops.push_back(op);
    });
    Retyper(expander).retype(ops);
    getOperation()->walk([](arith::BitcastOp cast) {
      if (cast.getType() != cast.getIn().getType())
        return;
      cast.replaceAllUsesWith(cast.getIn());
      cast.erase();
    });
  }
};
} // namespace
