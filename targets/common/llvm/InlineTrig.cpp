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

Value InlineMath::tanh(Value x) {
  Value limited = clamp(x, -9.02, 9.02), z = b.mulf(limited, limited);
  Value top = b.mulf(limited, horner(z, kTanhTop));
  return clamp(b.divf(top, horner(z, kTanhBottom)), -1.0, 1.0);
}

Value InlineMath::erf(Value x) {
  Value limited = clamp(x, -3.93, 3.93), z = b.mulf(limited, limited);
  Value top = b.mulf(limited, horner(z, kErfTop));
  return clamp(b.divf(top, horner(z, kErfBottom)), -1.0, 1.0);
}
