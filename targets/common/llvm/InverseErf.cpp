//===- InverseErf.cpp - The inverse of the error function -----------------===//
//
// Part of the Tegula Project, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "targets/common/llvm/InverseErf.h"

using namespace mlir;
using namespace tegula::targets;

using FPred = arith::CmpFPredicate;

/// Winitzki's closed form, within 0.2 %: erf(y)^2 is nearly
/// 1 - exp(-y^2 (4/pi + a y^2) / (1 + a y^2)), a = 0.147, solved for y.
static Value firstGuess(Build &b, Value center, Value tail) {
  constexpr double a = 0.147, twoOverPiA = 2 / (3.14159265358979 * a);
  // 1 - center^2 = tail * (2 - tail).
  Value product = b.mulf(tail, b.subf(b.f(tail, 2.0), tail));
  Value lg = b.op<math::LogOp>(product);
  Value mean = b.addf(b.mulf(lg, 0.5), twoOverPiA);
  Value inner =
      b.op<math::SqrtOp>(b.subf(b.mulf(mean, mean), b.mulf(lg, 1 / a)));
  Value far = b.op<math::SqrtOp>(b.subf(inner, mean));
  // Near 0, where the form cancels, erf is a line.
  Value near = b.mulf(center, 0x1.c5bf891b4ef6ap-1);
  return b.select(b.cmpf(FPred::OLT, center, 0.01), near, far);
}

Value tegula::targets::emitInverseErf(Build &b, Value center, Value tail) {
  Value y = firstGuess(b, center, tail);
  Value isNear = b.cmpf(FPred::OLT, center, 0.5);
  // Halley's steps triple the digits: 3, 8, 16.
  for (int step = 0; step < 3; ++step) {
    Value near = b.subf(b.op<math::ErfOp>(y), center);
    Value far = b.subf(tail, b.op<math::ErfcOp>(y));
    Value residual = b.select(isNear, near, far);
    Value density = b.op<math::ExpOp>(b.negf(b.mulf(y, y)));
    Value u = b.divf(residual, b.mulf(density, 0x1.20dd750429b6dp+0));
    y = b.subf(y, b.divf(u, b.addf(b.mulf(y, u), 1.0)));
  }
  Value infinite = b.f(y, INFINITY), undefined = b.f(y, NAN);
  y = b.select(b.cmpf(FPred::OEQ, tail, 0.0), infinite, y);
  Value isInside = b.cmpf(FPred::OGE, tail, 0.0);
  y = b.select(isInside, y, undefined);
  return b.select(b.cmpf(FPred::OEQ, center, 0.0), center, y);
}
