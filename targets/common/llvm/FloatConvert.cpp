//===- FloatConvert.cpp - Conversions between float formats ---------------===//
//
// Part of the Tegula Project, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "targets/common/llvm/FloatConvert.h"

#include "mlir/Dialect/LLVMIR/LLVMDialect.h"
#include "mlir/Dialect/SCF/IR/SCF.h"
#include "mlir/Dialect/UB/IR/UBOps.h"
#include "mlir/Dialect/Vector/IR/VectorOps.h"
#include "targets/common/llvm/Build.h"

using namespace mlir;
using namespace tegula::targets;
using llvm::APFloat;
using llvm::APInt;
using llvm::fltSemantics;

using IPred = arith::CmpIPredicate;
using FPred = arith::CmpFPredicate;

namespace {

/// A float format as integers. Magnitudes are bit patterns without the sign.
struct Format {
  explicit Format(FloatType type) {
    const fltSemantics &semantics = type.getFloatSemantics();
    width = type.getWidth();
    mantissaBits = APFloat::semanticsPrecision(semantics) - 1;
    minExponent = APFloat::semanticsMinExponent(semantics);
    hasInf = APFloat::semanticsHasInf(semantics);
    APInt largest = APFloat::getLargest(semantics).bitcastToAPInt();
    maxFinite = largest.getZExtValue();
    APInt nanBits = APFloat::getNaN(semantics).bitcastToAPInt();
    isUnsignedZero = nanBits.isSignMask();
    nan = nanBits.getZExtValue();
    inf =
        hasInf ? APFloat::getInf(semantics).bitcastToAPInt().getZExtValue() : 0;
  }
  int64_t bias() const { return 1 - minExponent; }

  unsigned width, mantissaBits;
  int minExponent;
  bool hasInf, isUnsignedZero;
  uint64_t maxFinite, nan, inf;
};

} // namespace

//===----------------------------------------------------------------------===//
// Widening: always exact
//===----------------------------------------------------------------------===//

/// From a format of at most 16 bits to f32.
static Value widen(Build &b, Value value, const Format &from) {
  Value wide = b.zext(b.bits(value), 32);
  Type f32 = b.f32Type(value);
  if (from.width == 16 && from.mantissaBits == 7)
    return b.bitcast(f32, b.shl(wide, 16));
  unsigned shift = 23 - from.mantissaBits;
  int64_t signBit = int64_t(1) << (from.width - 1);
  Value sign = b.shl(b.andi(wide, signBit), 32 - from.width);
  Value magnitude = b.andi(wide, signBit - 1);
  Value moved = b.shl(magnitude, shift);
  // A denormal m * 2^(min - bits) is (1.m - 1) * 2^min, exactly.
  Value normal = b.addi(moved, (127 - from.bias()) << 23);
  double smallestNormal = std::ldexp(1.0, from.minExponent);
  Value denormal = b.subf(
      b.bitcast(f32, b.addi(moved, (128 - from.bias()) << 23)), smallestNormal);
  Value isDenormal =
      b.cmpi(IPred::ult, magnitude, int64_t(1) << from.mantissaBits);
  Value result = b.select(isDenormal, b.bits(denormal), normal);
  if (from.hasInf) {
    Value isSpecial = b.cmpi(IPred::uge, magnitude, from.inf);
    result = b.select(isSpecial, b.ori(moved, 0x7F800000), result);
  } else if (from.isUnsignedZero) {
    Value isNan = b.cmpi(IPred::eq, wide, signBit);
    return b.bitcast(
        f32, b.select(isNan, b.i(wide, 0x7FC00000), b.ori(result, sign)));
  } else {
    Value isNan = b.cmpi(IPred::eq, magnitude, from.nan);
    result = b.select(isNan, b.i(wide, 0x7FC00000), result);
  }
  return b.bitcast(f32, b.ori(result, sign));
}

//===----------------------------------------------------------------------===//
// Narrowing: rounds once
//===----------------------------------------------------------------------===//

namespace {
/// One narrowing from f32 or f64, in integers of the source's width.
struct Narrow {
  Build &b;
  Format from, to;
  RoundingMode rounding;
  bool saturate;

  Value run(Value value);

private:
  Value roundHalf(Value value);
  Value roundNormal(Value magnitude);
  Value roundDenormal(Value magnitude, Type floatType);
  Value nanOf(Value magnitude);
};
} // namespace

/// Rounds away the low mantissa bits; the carry moves into the exponent.
Value Narrow::roundNormal(Value magnitude) {
  unsigned shift = from.mantissaBits - to.mantissaBits;
  int64_t rebias = (from.bias() - to.bias()) << to.mantissaBits;
  Value rounded = magnitude;
  if (rounding == RoundingMode::NearestEven) {
    Value odd = b.andi(b.shrui(magnitude, shift), 1);
    rounded = b.addi(b.addi(magnitude, (int64_t(1) << (shift - 1)) - 1), odd);
  }
  Value result = b.shrui(rounded, shift);
  return rebias ? b.subi(result, rebias) : result;
}

/// Denormals of the result: adding a power of two whose last place is the
/// smallest denormal makes the float adder round, and leaves the integer.
Value Narrow::roundDenormal(Value magnitude, Type floatType) {
  double magic = std::ldexp(1.0, to.minExponent - int(to.mantissaBits) +
                                     int(from.mantissaBits));
  Value small = b.bitcast(floatType, magnitude);
  Value sum = b.addf(small, magic);
  Value result = b.subi(b.bits(sum), b.bits(b.f(sum, magic)));
  if (rounding == RoundingMode::TowardZero) {
    Value tooLarge = b.cmpf(FPred::OGT, b.subf(sum, magic), small);
    result = b.select(tooLarge, b.subi(result, 1), result);
  }
  return result;
}

/// IEEE formats keep the first bits of the payload, and NaN is quiet.
Value Narrow::nanOf(Value magnitude) {
  if (!to.hasInf)
    return b.i(magnitude, to.nan);
  unsigned shift = from.mantissaBits - to.mantissaBits;
  Value payload =
      b.andi(b.shrui(magnitude, shift), (int64_t(1) << to.mantissaBits) - 1);
  return b.ori(payload,
               int64_t(to.inf | (uint64_t(1) << (to.mantissaBits - 1))));
}

/// The first half of the bits, where formats differ in nothing else: a carry
/// reaches the sign only from a NaN, which keeps its first bits and is quiet.
Value Narrow::roundHalf(Value value) {
  Value bits = b.bits(value);
  Value first = b.shrui(bits, from.mantissaBits - to.mantissaBits);
  Value quiet = b.ori(first, int64_t(1) << (to.mantissaBits - 1));
  return b.zext(b.select(b.isNan(value), quiet, roundNormal(bits)), to.width);
}

Value Narrow::run(Value value) {
  bool toLargest = saturate || rounding == RoundingMode::TowardZero;
  if (from.minExponent == to.minExponent && to.hasInf && !toLargest)
    return roundHalf(value);
  Value bits = b.bits(value);
  APInt mask = APInt::getSignedMaxValue(from.width);
  Value magnitude = b.andi(bits, b.constInt(bits.getType(), mask));
  Value result = roundNormal(magnitude);
  if (from.minExponent != to.minExponent) {
    int64_t minNormal = (int64_t(to.minExponent) + from.bias())
                        << from.mantissaBits;
    result = b.select(b.cmpi(IPred::ult, magnitude, minNormal),
                      roundDenormal(magnitude, value.getType()), result);
  }
  uint64_t overflow = toLargest ? to.maxFinite : to.hasInf ? to.inf : to.nan;
  // Between bf16 and f32 the exponents are the same: infinity comes by itself.
  if (from.minExponent != to.minExponent || toLargest)
    result = b.select(b.cmpi(IPred::ugt, result, to.maxFinite),
                      b.i(result, overflow), result);
  if (toLargest && !saturate)
    result = b.select(b.cmpi(IPred::eq, magnitude, from.inf),
                      b.i(result, to.hasInf ? to.inf : to.nan), result);
  result = b.select(b.isNan(value), nanOf(magnitude), result);
  Value sign = b.andi(b.shrui(bits, from.width - to.width),
                      int64_t(1) << (to.width - 1));
  Value withSign = b.ori(result, sign);
  if (to.isUnsignedZero) // The pattern of -0 is the NaN.
    withSign = b.select(b.cmpi(IPred::eq, result, 0), b.i(result, 0), withSign);
  return b.zext(withSign, to.width);
}

/// f64 to f32, where the machine rounds to nearest.
static Value narrowToF32(Build &b, Value value, RoundingMode rounding,
                         bool saturate) {
  Value nearest = b.op<arith::TruncFOp>(b.f32Type(value), value);
  if (rounding == RoundingMode::NearestEven && !saturate)
    return nearest;
  Value result = nearest;
  if (rounding == RoundingMode::TowardZero) {
    Value back = b.op<arith::ExtFOp>(value.getType(), nearest);
    Value tooLarge = b.cmpf(FPred::OGT, b.absf(back), b.absf(value));
    Value bits = b.bits(nearest);
    Value smaller = b.bitcast(nearest.getType(), b.subi(bits, 1));
    result = b.select(tooLarge, smaller, nearest);
  }
  if (!saturate)
    return result;
  double most = std::numeric_limits<float>::max();
  Value isInf = b.cmpf(FPred::OEQ, b.absf(result), INFINITY);
  return b.select(isInf, b.copysign(b.f(result, most), result), result);
}

//===----------------------------------------------------------------------===//
// Any to any
//===----------------------------------------------------------------------===//

FloatSupport tegula::targets::floatSupport(const TargetDesc &desc) {
  return {desc.hasBf16Convert, desc.hasF16Convert, desc.bf16FlushingConvert,
          desc.denormalTest, desc.lanes(32)};
}

/// Calls `apply` for each part of as many lanes as the machine's vectors have.
static void forEachPart(OpBuilder &builder, Location loc, Value value,
                        int64_t lanes,
                        function_ref<void(Value, int64_t)> apply) {
  int64_t size = cast<VectorType>(value.getType()).getDimSize(0);
  for (int64_t lane = 0; lane < size; lane += lanes)
    apply(size == lanes ? value
                        : vector::ExtractStridedSliceOp::create(
                              builder, loc, value, lane, lanes, 1)
                              .getResult(),
          lane);
}

static bool hasFlushingConvert(Value value, const FloatSupport &support) {
  auto type = dyn_cast<VectorType>(value.getType());
  return type && !support.bf16FlushingConvert.empty() && type.getRank() == 1 &&
         type.getElementType().isF32() &&
         type.getDimSize(0) % support.lanes == 0;
}

Value tegula::targets::emitFlushingConvert(OpBuilder &builder, Location loc,
                                           Value value,
                                           const FloatSupport &support) {
  if (!hasFlushingConvert(value, support))
    return {};
  auto type = cast<VectorType>(value.getType());
  Type bf16 = builder.getBF16Type();
  auto part = VectorType::get({support.lanes}, bf16);
  Value result;
  forEachPart(builder, loc, value, support.lanes, [&](Value f32, int64_t lane) {
    Value narrow =
        LLVM::CallIntrinsicOp::create(
            builder, loc, part,
            builder.getStringAttr(support.bf16FlushingConvert), ValueRange{f32})
            .getResult(0);
    if (part.getShape() == type.getShape()) {
      result = narrow;
      return;
    }
    if (!result)
      result = ub::PoisonOp::create(builder, loc,
                                    VectorType::get(type.getShape(), bf16));
    result = vector::InsertStridedSliceOp::create(builder, loc, narrow, result,
                                                  lane, 1);
  });
  return result;
}

/// Is any lane denormal?
static Value anyDenormal(OpBuilder &builder, Location loc, Value value,
                         const FloatSupport &support) {
  Type lanes = VectorType::get({support.lanes}, builder.getI1Type());
  Value denormal =
      arith::ConstantOp::create(builder, loc, builder.getI32IntegerAttr(0x20));
  Value any;
  forEachPart(builder, loc, value, support.lanes, [&](Value f32, int64_t) {
    Value found =
        LLVM::CallIntrinsicOp::create(
            builder, loc, lanes, builder.getStringAttr(support.denormalTest),
            ValueRange{f32, denormal})
            .getResult(0);
    any = any ? arith::OrIOp::create(builder, loc, any, found).getResult()
              : found;
  });
  return vector::ReductionOp::create(builder, loc, vector::CombiningKind::OR,
                                     any);
}

/// bf16 by the instruction that flushes denormals, and where there are any,
/// which is hardly ever, by integers.
static Value convertUnlessDenormal(OpBuilder &builder, Location loc,
                                   Value value, const FloatSupport &support,
                                   function_ref<Value()> exact) {
  Type type = VectorType::get(cast<VectorType>(value.getType()).getShape(),
                              builder.getBF16Type());
  auto branch = scf::IfOp::create(builder, loc, type,
                                  anyDenormal(builder, loc, value, support),
                                  /*withElseRegion=*/true);
  OpBuilder::InsertionGuard guard(builder);
  builder.setInsertionPointToStart(branch.thenBlock());
  scf::YieldOp::create(builder, loc, exact());
  builder.setInsertionPointToStart(branch.elseBlock());
  scf::YieldOp::create(builder, loc,
                       emitFlushingConvert(builder, loc, value, support));
  return branch.getResult(0);
}

Value tegula::targets::emitFloatConvert(OpBuilder &builder, Location loc,
                                        Value value, Type to,
                                        RoundingMode rounding, bool saturate,
                                        const FloatSupport &support) {
  Build b(builder, loc);
  auto fromType = cast<FloatType>(Build::element(value));
  auto toType = cast<FloatType>(getElementTypeOrSelf(to));
  if (fromType == toType)
    return value;
  Type result = withElement(value.getType(), toType);
  if (fromType.getWidth() < 32) {
    // Widening bf16 is a shift everywhere, and LLVM makes no fpext out of it,
    // which SVE can't select from bf16 to f64.
    bool isNative = fromType.isF16() && support.hasF16Convert;
    value = isNative ? b.op<arith::ExtFOp>(b.f32Type(value), value)
                     : widen(b, value, Format(fromType));
    fromType = b.builder.getF32Type();
  }
  if (toType.isF32() && fromType.isF32())
    return value;
  if (toType.isF64())
    return b.op<arith::ExtFOp>(result, value);
  if (toType.isF32())
    return narrowToF32(b, value, rounding, saturate);
  bool isNative = fromType.isF32() && !saturate &&
                  rounding == RoundingMode::NearestEven &&
                  ((toType.isF16() && support.hasF16Convert) ||
                   (toType.isBF16() && support.hasBf16Convert));
  if (isNative)
    return b.op<arith::TruncFOp>(result, value);
  Narrow narrow{b, Format(fromType), Format(toType), rounding, saturate};
  auto exact = [&] { return b.bitcast(result, narrow.run(value)); };
  if (toType.isBF16() && rounding == RoundingMode::NearestEven && !saturate &&
      hasFlushingConvert(value, support))
    return convertUnlessDenormal(builder, loc, value, support, exact);
  return exact();
}

Value tegula::targets::emitIntToFloat(OpBuilder &builder, Location loc,
                                      Value value, Type to, bool isSigned,
                                      const FloatSupport &support) {
  Build b(builder, loc);
  auto toType = cast<FloatType>(getElementTypeOrSelf(to));
  auto convert = [&](Value v, Type type) -> Value {
    return isSigned ? b.op<arith::SIToFPOp>(type, v)
                    : b.op<arith::UIToFPOp>(type, v);
  };
  if (toType.getWidth() >= 32)
    return convert(value, withElement(value.getType(), toType));
  unsigned width = Build::width(value);
  if (width == 64) {
    // Integers that f64 can't hold are made odd in their last place: the
    // second rounding then goes where a single one would have gone.
    Value low = b.andi(value, 0x7FF);
    Value high = b.subi(value, low);
    Value isInexact = b.cmpi(IPred::ne, low, 0);
    Value odd = b.select(isInexact, b.ori(high, 0x800), high);
    APInt limit = APInt::getOneBitSet(64, 53);
    Value isLarge =
        isSigned ? b.cmpi(IPred::ugt, b.addi(value, limit.getSExtValue()),
                          2 * limit.getSExtValue())
                 : b.cmpi(IPred::ugt, value, limit.getSExtValue());
    value = b.select(isLarge, odd, value);
  }
  Type exact = width <= 16 ? b.f32Type(value) : b.f64Type(value);
  return emitFloatConvert(builder, loc, convert(value, exact), toType,
                          RoundingMode::NearestEven, false, support);
}
