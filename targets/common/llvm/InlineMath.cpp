//===- InlineMath.cpp - Exponentials and logarithms as vector code --------===//
//
// Part of the Tegula Project, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "targets/common/llvm/InlineMath.h"

#include "targets/common/llvm/MathCoefficients.h"

#include "mlir/Dialect/LLVMIR/LLVMDialect.h"
#include "mlir/Dialect/Vector/IR/VectorOps.h"

using namespace mlir;
using namespace tegula::targets;
using namespace tegula::targets::coefficients;

using IPred = arith::CmpIPredicate;
using FPred = arith::CmpFPredicate;

//===----------------------------------------------------------------------===//
// Pieces
//===----------------------------------------------------------------------===//

/// a * b + c, which the machine may fuse.
Value InlineMath::mulAdd(Value x, Value y, Value z) {
  auto contract = arith::FastMathFlagsAttr::get(b.builder.getContext(),
                                                arith::FastMathFlags::contract);
  Value product = b.op<arith::MulFOp>(x, y, contract);
  return b.op<arith::AddFOp>(product, z, contract);
}

/// The polynomial of `coefficients`, lowest power first.
Value InlineMath::horner(Value x, ArrayRef<double> coefficients) {
  Value result = b.f(x, coefficients.back());
  for (double c : llvm::reverse(coefficients.drop_back()))
    result = mulAdd(result, x, b.f(x, c));
  return result;
}

/// Keeps NaN: a comparison with it is false.
Value InlineMath::atMost(Value x, double high) {
  Value most = b.f(x, high);
  return b.select(b.cmpf(FPred::OLT, most, x), most, x);
}

Value InlineMath::clamp(Value x, double low, double high) {
  Value least = b.f(x, low);
  x = atMost(x, high);
  return b.select(b.cmpf(FPred::OGT, least, x), least, x);
}

/// The integer nearest to x * scale, as a float and as an integer: adding a
/// number whose last place is 1 rounds and leaves the integer in the low bits.
/// Unlike a conversion instruction this is defined for NaN.
Value InlineMath::roundToInt(Value x, double scale, Value &integer) {
  double magic = isF64(x) ? 0x1.8p52 : 0x1.8p23;
  Value rounded =
      scale == 1.0 ? b.addf(x, magic) : mulAdd(x, scale, b.f(x, magic));
  integer = b.subi(b.bits(rounded), b.bits(b.f(x, magic)));
  return b.subf(rounded, magic);
}

/// 2^exponent for the exponent of a normal number.
Value InlineMath::powerOfTwo(Value exponent, Type type) {
  bool wide = getElementTypeOrSelf(type).isF64();
  Value biased = b.addi(exponent, wide ? 1023 : 127);
  return b.bitcast(type, b.shl(biased, wide ? 52 : 23));
}

/// x * 2^exponent, rounded once, for exponents to twice the normal range.
Value InlineMath::ldexp(Value x, Value exponent) {
  if (hasFastLdexp)
    return LLVM::CallIntrinsicOp::create(b.builder, b.loc, x.getType(),
                                         b.builder.getStringAttr("llvm.ldexp"),
                                         ValueRange{x, b.sext(exponent, 32)})
        .getResult(0);
  Value half = b.shrsi(exponent, 1), rest = b.subi(exponent, half);
  return b.mulf(b.mulf(x, powerOfTwo(half, x.getType())),
                powerOfTwo(rest, x.getType()));
}

//===----------------------------------------------------------------------===//
// Whole AVX-512 registers
//===----------------------------------------------------------------------===//

static constexpr int64_t registerBits = 512;

/// Do AVX-512's own instructions work on `x`, a register at a time?
bool InlineMath::fillsRegisters(Value x) {
  auto type = dyn_cast<VectorType>(x.getType());
  return hasFastLdexp && type && type.getRank() == 1 &&
         type.getDimSize(0) * b.width(x) % registerBits == 0;
}

/// `make` of each register of `values`, the first of which is a float.
Value InlineMath::perRegister(ValueRange values,
                              llvm::function_ref<Value(ValueRange)> make) {
  int64_t all = cast<VectorType>(values[0].getType()).getDimSize(0);
  int64_t lanes = registerBits / b.width(values[0]);
  if (all == lanes)
    return make(values);
  Value result = b.f(values[0], 0.0);
  for (int64_t first = 0; first < all; first += lanes) {
    Value part = make(llvm::map_to_vector(values, [&](Value value) {
      return b.op<vector::ExtractStridedSliceOp>(value, first, lanes, 1);
    }));
    result = b.op<vector::InsertStridedSliceOp>(part, result, first, 1);
  }
  return result;
}

/// The operand that leaves the rounding mode as it is.
static Value currentRounding(Build &b) {
  return b.op<LLVM::ConstantOp>(b.builder.getI32IntegerAttr(4));
}

/// AVX-512's `name` of this element type.
static Value callAVX512(Build &b, StringRef name, ValueRange operands) {
  Type type = operands[0].getType();
  std::string full = ("llvm.x86.avx512.mask." + name +
                      (b.width(operands[0]) == 64 ? ".pd.512" : ".ps.512"))
                         .str();
  return LLVM::CallIntrinsicOp::create(b.builder, b.loc, type,
                                       b.builder.getStringAttr(full), operands)
      .getResult(0);
}

/// x * 2^exponent for a whole `exponent`, 0 where the condition doesn't hold:
/// there nothing is computed, so nothing underflows.
Value InlineMath::scaleWhere(Value condition, Value x, Value exponent) {
  return perRegister({x, exponent, condition}, [&](ValueRange parts) {
    int64_t lanes = cast<VectorType>(parts[0].getType()).getDimSize(0);
    Value mask =
        b.op<LLVM::BitcastOp>(b.builder.getIntegerType(lanes), parts[2]);
    Value zero = b.f(parts[0], 0.0);
    return callAVX512(b, "scalef",
                      {parts[0], parts[1], zero, mask, currentRounding(b)});
  });
}

/// x - the integer nearest to x; 0 of an infinity.
Value InlineMath::fractionToNearest(Value x) {
  return perRegister(x, [&](ValueRange parts) {
    int64_t lanes = cast<VectorType>(parts[0].getType()).getDimSize(0);
    Value all = b.op<LLVM::ConstantOp>(
        b.builder.getIntegerAttr(b.builder.getIntegerType(lanes), -1));
    Value toNearest = b.op<LLVM::ConstantOp>(b.builder.getI32IntegerAttr(0));
    return callAVX512(b, "reduce",
                      {parts[0], toNearest, parts[0], all, currentRounding(b)});
  });
}

//===----------------------------------------------------------------------===//
// Exponentials
//===----------------------------------------------------------------------===//

/// x - n * ln(2), |result| <= ln(2) / 2, for a whole `n`, also as an integer.
/// The first part of ln(2) has so few bits that its product is exact without
/// fma, too.
Value InlineMath::reduceByLn2(Value x, Value &n, Value &integer) {
  n = roundToInt(x, 0x1.71547652b82fep+0, integer);
  double high = isF64(x) ? 0x1.62e42fefa3800p-1 : 0x1.62e4p-1;
  double low = isF64(x) ? 0x1.ef35793c76730p-45 : 0x1.7f7d1cf79abcap-20;
  return mulAdd(n, -low, mulAdd(n, -high, x));
}

/// `finite` where x >= low, else 0. `finite` gets 0 for such x, so that it does
/// not underflow: that takes x86 some 200 cycles, and x is -inf in each masked
/// lane of a softmax.
Value InlineMath::zeroBelow(Value x, double low,
                            llvm::function_ref<Value(Value)> finite) {
  Value zero = b.f(x, 0.0);
  Value isBelow = b.cmpf(FPred::OLT, x, low); // not for NaN
  return b.select(isBelow, zero, finite(b.select(isBelow, zero, x)));
}

Value InlineMath::exp(Value x) {
  // Beyond these limits the result is 0 or infinity.
  double low = isF64(x) ? -746.0 : -104.0, high = isF64(x) ? 710.0 : 88.8;
  auto expOf = [&](Value r) {
    Value p = isF64(x) ? horner(r, kExpF64) : horner(r, kExp);
    Value one = b.f(x, 1.0);
    return mulAdd(mulAdd(p, r, one), r, one);
  };
  Value n;
  if (fillsRegisters(x)) {
    Value nearest, r = reduceByLn2(atMost(x, high), nearest, n);
    return scaleWhere(b.cmpf(FPred::UGE, x, low), expOf(r), nearest);
  }
  return zeroBelow(x, low, [&](Value limited) {
    Value nearest, r = reduceByLn2(atMost(limited, high), nearest, n);
    return ldexp(expOf(r), n);
  });
}

Value InlineMath::exp2(Value x) {
  double low = isF64(x) ? -1076.0 : -151.0;
  auto exp2Of = [&](Value r) {
    Value p = isF64(x) ? horner(r, kExp2F64) : horner(r, kExp2);
    return mulAdd(p, r, b.f(x, 1.0));
  };
  if (fillsRegisters(x)) {
    Value r = fractionToNearest(x);
    return scaleWhere(b.cmpf(FPred::UGE, x, low), exp2Of(r), b.subf(x, r));
  }
  return zeroBelow(x, low, [&](Value limited) {
    limited = atMost(limited, isF64(x) ? 1024.0 : 128.0);
    Value n, nearest = roundToInt(limited, 1.0, n);
    return ldexp(exp2Of(b.subf(limited, nearest)), n);
  });
}

/// 2^x of an f32 whose result is a normal number; anything for NaN.
Value InlineMath::exp2Normal(Value x) {
  Value n, nearest = roundToInt(x, 1.0, n), r = b.subf(x, nearest);
  Value significand = mulAdd(horner(r, kExp2), r, b.f(x, 1.0));
  return b.bitcast(x.getType(), b.addi(b.bits(significand), b.shl(n, 23)));
}

/// 2^n * (e^r - 1) + (2^n - 1), computed at half size so that 2^n is finite.
Value InlineMath::expm1(Value x) {
  Value nearest, n, r = reduceByLn2(clamp(x, -17.5, 88.8), nearest, n);
  Value em1 = mulAdd(b.mulf(r, r), horner(r, kExp), r);
  Value half = powerOfTwo(b.subi(n, 1), x.getType());
  Value sum = mulAdd(em1, half, b.subf(half, 0.5));
  return b.copysign(b.addf(sum, sum), x);
}

//===----------------------------------------------------------------------===//
// Logarithms
//===----------------------------------------------------------------------===//

InlineMath::Split InlineMath::split(Value x) {
  bool wide = isF64(x);
  double tiny = wide ? 0x1p-1022 : 0x1p-126, scale = wide ? 0x1p54 : 0x1p25;
  unsigned mantissaBits = wide ? 52 : 23;
  Value isTiny = b.cmpf(FPred::OLT, x, tiny);
  Value bits = b.bits(b.select(isTiny, b.mulf(x, scale), x));
  // Counted from sqrt(1/2), so that the exponent changes there.
  APInt root = wide ? APInt(64, 0x3FE6A09E667F3BCD) : APInt(32, 0x3F3504F3);
  Value offset = b.subi(bits, b.constInt(bits.getType(), root));
  Value exponent = b.shrsi(offset, mantissaBits);
  Value mantissa = b.subi(bits, b.shl(exponent, mantissaBits));
  Value k = b.op<arith::SIToFPOp>(x.getType(),
                                  wide ? b.sext(exponent, 32) : exponent);
  k = b.select(isTiny, b.subf(k, std::log2(scale)), k);
  return {k, b.subf(b.bitcast(x.getType(), mantissa), 1.0)};
}

/// A logarithm's values at and outside the ends of its domain, which begins
/// at `zero`.
Value InlineMath::fixLog(Value result, Value x, double zero) {
  result = b.select(b.cmpf(FPred::OEQ, x, INFINITY), x, result);
  Value outside =
      b.select(b.cmpf(FPred::OEQ, x, zero), b.f(x, -INFINITY), b.f(x, NAN));
  return b.select(b.cmpf(FPred::OGT, x, zero), result, outside);
}

/// log(1 + f) - f + f^2 / 2, in f32.
Value InlineMath::logTail(Value f) {
  return b.mulf(b.mulf(b.mulf(f, f), f), horner(f, kLog));
}

/// The same in f64: s = f / (2 + f) makes a series in s^2 alone, and
/// 2s = f - s * f.
Value InlineMath::logTailF64(Value f, Value half) {
  Value s = b.divf(f, b.addf(f, 2.0)), z = b.mulf(s, s);
  return b.mulf(s, mulAdd(z, horner(z, kLogF64), half));
}

Value InlineMath::log(Value x) {
  Split parts = split(x);
  Value f = parts.fraction, k = parts.exponent;
  if (isF64(x)) {
    Value half = b.mulf(b.mulf(f, f), 0.5);
    Value low = mulAdd(k, 0x1.ef35793c76730p-45, logTailF64(f, half));
    Value rest = b.subf(b.subf(half, low), f);
    return fixLog(b.subf(b.mulf(k, 0x1.62e42fefa3800p-1), rest), x, 0.0);
  }
  Value y = mulAdd(k, 0x1.7f7d1cf79abcap-20, logTail(f));
  y = mulAdd(b.mulf(f, f), -0.5, y);
  return fixLog(mulAdd(k, 0x1.62e4p-1, b.addf(f, y)), x, 0.0);
}

namespace tegula::targets {
/// A base of logarithms: 1 / ln(base) and log(2) in that base, each in two
/// parts of which the first has few bits.
struct LogBase {
  double scaleHigh, scaleLow, exponentHigh, exponentLow;
};
} // namespace tegula::targets

/// The leading bits of log(1 + f) and of the scale multiply exactly; all else
/// is small enough to round.
Value InlineMath::logInBase(Value x, const LogBase &base) {
  Split parts = split(x);
  Value f = parts.fraction, k = parts.exponent;
  Value half = b.mulf(b.mulf(f, f), 0.5);
  Value tail = isF64(x) ? logTailF64(f, half) : logTail(f);
  int64_t leading = isF64(x) ? int64_t(0xFFFFFFFF00000000) : ~int64_t(0xFFF);
  Value high = b.bitcast(x.getType(), b.andi(b.bits(b.subf(f, half)), leading));
  Value low = b.addf(b.subf(b.subf(f, high), half), tail);
  Value small = b.mulf(b.addf(high, low), base.scaleLow);
  small = mulAdd(low, base.scaleHigh, small);
  if (base.exponentLow != 0.0)
    small = mulAdd(k, base.exponentLow, small);
  Value main = b.mulf(high, base.scaleHigh);
  Value kPart = b.mulf(k, base.exponentHigh);
  Value whole = b.addf(kPart, main);
  Value lost = b.addf(b.subf(kPart, whole), main);
  return fixLog(b.addf(whole, b.addf(small, lost)), x, 0.0);
}

Value InlineMath::log2(Value x) {
  if (isF64(x))
    return logInBase(x, {0x1.71547p+0, 0x1.94ae0bf85ddf4p-22, 1.0, 0.0});
  return logInBase(x,
                   {0x1.714p+0, 0x1.71547652b82fep+0 - 0x1.714p+0, 1.0, 0.0});
}

Value InlineMath::log10(Value x) {
  if (isF64(x))
    return logInBase(x, {0x1.bcb7bp-2, 0x1.526e50e32a6abp-26,
                         0x1.34413509f6000p-2, 0x1.9fef311f12b36p-42});
  return logInBase(x, {0x1.bcap-2, 0x1.bcb7b1526e50ep-2 - 0x1.bcap-2,
                       0x1.344p-2, 0x1.3509f79fef312p-18});
}

/// log(1 + x), where u = 1 + x lost the error c: the fraction of u gets it
/// back at u's scale.
Value InlineMath::log1p(Value x) {
  Value u = b.addf(x, 1.0);
  Value back = b.subf(u, x);
  Value c = b.addf(b.subf(x, b.subf(u, back)), b.subf(b.f(x, 1.0), back));
  Split parts = split(u);
  Value k = parts.exponent;
  // 2^-k from the bits of u; where k is large c doesn't count.
  Value exponent = b.shrsi(
      b.subi(b.bits(u), b.constInt(b.intType(x, 32), APInt(32, 0x3F3504F3))),
      23);
  Value scale =
      powerOfTwo(b.subi(b.i(exponent, 0), b.minsi(exponent, 100)), x.getType());
  Value f = mulAdd(c, scale, parts.fraction);
  Value y = mulAdd(k, 0x1.7f7d1cf79abcap-20, logTail(f));
  y = mulAdd(b.mulf(f, f), -0.5, y);
  Value result = mulAdd(k, 0x1.62e4p-1, b.addf(f, y));
  result = b.copysign(b.absf(result), x);
  return fixLog(result, x, -1.0);
}

//===----------------------------------------------------------------------===//
// Powers
//===----------------------------------------------------------------------===//

Value InlineMath::rsqrt(Value x) {
  return b.divf(b.f(x, 1.0), b.op<math::SqrtOp>(x));
}

/// log2 of |x| in f64, to 2^-38: enough for y * log2(x) up to 128 in f32.
Value InlineMath::log2ForPow(Value x) {
  Split parts = split(x);
  Value s = b.divf(parts.fraction, b.addf(parts.fraction, 2.0));
  Value z = b.mulf(s, s);
  Value ln = b.mulf(s, mulAdd(z, horner(z, kLogPow), b.f(s, 2.0)));
  return mulAdd(ln, 0x1.71547652b82fep+0, parts.exponent);
}

Value InlineMath::exp2ForPow(Value x) {
  // In f32 these are 0 and infinity; in f64 they are normal numbers.
  Value limited = clamp(x, -200.0, 200.0);
  Value n, nearest = roundToInt(limited, 1.0, n);
  Value r = b.subf(limited, nearest);
  Value p = mulAdd(horner(r, kExp2Pow), r, b.f(r, 1.0));
  return b.bitcast(x.getType(), b.addi(b.bits(p), b.shl(n, 52)));
}

Value InlineMath::pow(Value x, Value y) {
  Type f64 = b.f64Type(x);
  Value magnitude = b.op<arith::ExtFOp>(f64, b.absf(x));
  Value exponent = b.op<arith::ExtFOp>(f64, y);
  Value lg = log2ForPow(magnitude);
  lg = b.select(b.cmpf(FPred::OEQ, magnitude, 0.0), b.f(lg, -INFINITY), lg);
  lg = b.select(b.cmpf(FPred::OEQ, magnitude, INFINITY), b.f(lg, INFINITY), lg);
  // 1 to the infinity is 1.
  Value product = b.select(b.cmpf(FPred::OEQ, magnitude, 1.0), b.f(lg, 0.0),
                           b.mulf(exponent, lg));
  Value result = b.op<arith::TruncFOp>(x.getType(), exp2ForPow(product));
  // A negative base: odd exponents keep the sign, fractions have no value.
  Value isInteger = b.cmpf(FPred::OEQ, b.op<math::RoundEvenOp>(y), y);
  Value half = b.mulf(y, 0.5);
  Value isHalfWhole = b.cmpf(FPred::OEQ, b.op<math::RoundEvenOp>(half), half);
  Value isOdd = b.andi(isInteger, b.noti(isHalfWhole));
  result = b.select(isOdd, b.copysign(result, x), result);
  Value isNegative =
      b.andi(b.cmpf(FPred::OLT, x, 0.0), b.cmpf(FPred::ONE, x, -INFINITY));
  Value undefined =
      b.ori(b.andi(isNegative, b.noti(isInteger)), b.cmpf(FPred::UNO, x, y));
  result = b.select(undefined, b.f(x, NAN), result);
  Value isOne = b.ori(b.cmpf(FPred::OEQ, x, 1.0), b.cmpf(FPred::OEQ, y, 0.0));
  return b.select(isOne, b.f(x, 1.0), result);
}
