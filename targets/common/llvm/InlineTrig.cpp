//===- InlineTrig.cpp - Sine, cosine, tanh, erf as vector code ------------===//
//
// Part of the Tegula Project, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "targets/common/llvm/InlineMath.h"
#include "targets/common/llvm/MathCoefficients.h"

using namespace mlir;
using namespace tegula::targets;
using namespace tegula::targets::coefficients;

using IPred = arith::CmpIPredicate;

/// x - quadrant * pi/2, |result| <= pi/4, for |x| <= trigLimit.
Value InlineMath::reduceByHalfPi(Value x, Value &quadrant) {
  Value n = roundToInt(x, 0x1.45f306dc9c883p-1, quadrant);
  if (hasFma) {
    // Each product is exact inside its fma, and the first difference is too.
    auto subtract = [&](Value from, double part) {
      return b.op<math::FmaOp>(n, b.f(n, -part), from);
    };
    Value r = subtract(x, 0x1.921fb6p+0);
    return subtract(subtract(r, -0x1.777a5cp-25), -0x1.ee59dap-50);
  }
  Type f64 = b.f64Type(x);
  Value wide = b.op<arith::ExtFOp>(f64, x), k = b.op<arith::ExtFOp>(f64, n);
  Value r = b.subf(wide, b.mulf(k, 0x1.921fb544p+0));
  r = b.subf(r, b.mulf(k, 0x1.0b4611a626331p-34));
  return b.op<arith::TruncFOp>(x.getType(), r);
}

Value InlineMath::sinOrCos(Value x, bool isCos) {
  Value quadrant, r = reduceByHalfPi(x, quadrant);
  if (isCos)
    quadrant = b.addi(quadrant, 1);
  Value z = b.mulf(r, r);
  Value sine = mulAdd(b.mulf(z, r), horner(z, kSin), r);
  Value cosine =
      mulAdd(b.mulf(z, z), horner(z, kCos), mulAdd(z, -0.5, b.f(z, 1.0)));
  Value isOdd = b.cmpi(IPred::ne, b.andi(quadrant, 1), 0);
  Value result = b.select(isOdd, cosine, sine);
  // Quadrants 2 and 3 are negative: bit 1 moves to the sign.
  Value sign = b.shl(b.andi(quadrant, 2), 30);
  result = b.bitcast(x.getType(), b.xori(b.bits(result), sign));
  if (isCos)
    return result;
  // The reduction makes +0 of -0.
  return b.select(b.cmpf(arith::CmpFPredicate::OEQ, x, 0.0), x, result);
}

/// 1 - 2 / (e^2x + 1), which cancels near 0: there the odd polynomial, where
/// NaN goes, too.
Value InlineMath::tanh(Value x) {
  Value size = b.absf(x), z = b.mulf(x, x);
  Value small = mulAdd(b.mulf(z, size), horner(z, kTanh), size);
  Value power = exp2Normal(b.mulf(atMost(size, 9.02), 0x1.71547652b82fep+1));
  Value large = b.subf(b.f(x, 1.0), b.divf(b.f(x, 2.0), b.addf(power, 1.0)));
  Value isLarge = b.cmpf(arith::CmpFPredicate::OGE, size, 0.625);
  return b.copysign(b.select(isLarge, large, small), x);
}

/// Near 0 the odd polynomial; beyond, 1 less a power whose error counts little.
/// From 3.93 on the result rounds to 1.
Value InlineMath::erf(Value x) {
  Value size = b.absf(x), z = b.mulf(x, x);
  Value small = mulAdd(size, horner(z, kErf), size);
  Value limited = atMost(size, 3.93);
  Value rest = exp2Normal(b.mulf(limited, horner(limited, kErfTail)));
  Value large = b.subf(b.f(x, 1.0), rest);
  Value isLarge = b.cmpf(arith::CmpFPredicate::OGE, size, 0.921875);
  return b.copysign(b.select(isLarge, large, small), x);
}
