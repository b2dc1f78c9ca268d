//===- Math.cpp - math on floats and functions by name
//
// Part of the Tegula Project, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "ir/interp/FloatLoops.h"
#include "ir/interp/Functions.h"
#include "ir/tile/Tile.h"

using namespace mlir;
using namespace tegula;
using namespace tegula::ir::interp;
namespace f = tegula::ir::interp::functions;

/// One rounding, whatever the format: see fusedRoundToOdd.
static Result compileFma(Compiler &c, Operation *op) {
  bool isDouble = c.slot(op->getResult(0)).dtype == Dtype::F64;
  emitFloatLoop(c, op->getOperands(), op->getResult(0),
                isDouble ? floatLoop<f::Fma, double, 3>
                         : floatLoop<f::FusedOdd, double, 3>);
  return Result::Done;
}

static Result compileExternMath(Compiler &c, tile::ExternMathOp op) {
  const f::Named *function = f::find(op.getName());
  if (!function)
    return c.fail(op, "\"" + op.getName() +
                          "\" is no function that is supported by interp");
  if (function->arity != op.getArgs().size())
    return c.fail(op, "\"" + op.getName() + "\" takes " +
                          Twine(function->arity) + " operands, found " +
                          Twine(op.getArgs().size()));
  if (function->arity == 3 && op.getName() == "fma")
    return compileFma(c, op);
  bool isWide = llvm::any_of(op.getArgs(), [&](Value value) {
    return c.slot(value).dtype == Dtype::F64;
  });
  for (Value value : llvm::concat<Value>(SmallVector<Value>(op.getArgs()),
                                         SmallVector<Value>(op->getResults())))
    if (!isa<IntegerType, FloatType>(tile::elementTypeOf(value.getType())))
      return c.fail(op, "expects numbers");
  emitFloatLoop(c, op.getArgs(), op.getResult(),
                isWide ? function->wide : function->loop);
  return Result::Done;
}

static Result compileSinCos(Compiler &c, Operation *op) {
  emitFloat<f::Sin, 1>(c, op, Precision::Wide, 0);
  return emitFloat<f::Cos, 1>(c, op, Precision::Wide, 1);
}

Result tegula::ir::interp::compileMath(Compiler &c, Operation *op) {
  constexpr Precision wide = Precision::Wide;
  return TypeSwitch<Operation *, Result>(op)
      .Case(
          [&](tile::ExternMathOp named) { return compileExternMath(c, named); })
      .Case([&](math::FmaOp) { return compileFma(c, op); })
      .Case([&](math::SincosOp) { return compileSinCos(c, op); })
      .Case([&](math::AbsFOp) { return emitFloat<f::Abs, 1>(c, op); })
      .Case([&](math::CeilOp) { return emitFloat<f::Ceil, 1>(c, op); })
      .Case([&](math::FloorOp) { return emitFloat<f::Floor, 1>(c, op); })
      .Case([&](math::RoundOp) { return emitFloat<f::Round, 1>(c, op); })
      .Case(
          [&](math::RoundEvenOp) { return emitFloat<f::RoundEven, 1>(c, op); })
      .Case([&](math::TruncOp) { return emitFloat<f::Trunc, 1>(c, op); })
      .Case([&](math::SqrtOp) { return emitFloat<f::Sqrt, 1>(c, op); })
      .Case([&](math::IsFiniteOp) { return emitFloat<f::IsFinite, 1>(c, op); })
      .Case([&](math::IsInfOp) { return emitFloat<f::IsInf, 1>(c, op); })
      .Case([&](math::IsNaNOp) { return emitFloat<f::IsNaN, 1>(c, op); })
      .Case([&](math::CopySignOp) { return emitFloat<f::CopySign, 2>(c, op); })
      .Case([&](math::ClampFOp) { return emitFloat<f::Clamp, 3>(c, op); })
      .Case([&](math::RsqrtOp) { return emitFloat<f::Rsqrt, 1>(c, op, wide); })
      .Case([&](math::CbrtOp) { return emitFloat<f::Cbrt, 1>(c, op, wide); })
      .Case([&](math::ExpOp) { return emitFloat<f::Exp, 1>(c, op, wide); })
      .Case([&](math::Exp2Op) { return emitFloat<f::Exp2, 1>(c, op, wide); })
      .Case([&](math::ExpM1Op) { return emitFloat<f::ExpM1, 1>(c, op, wide); })
      .Case([&](math::LogOp) { return emitFloat<f::Log, 1>(c, op, wide); })
      .Case([&](math::Log10Op) { return emitFloat<f::Log10, 1>(c, op, wide); })
      .Case([&](math::Log1pOp) { return emitFloat<f::Log1P, 1>(c, op, wide); })
      .Case([&](math::Log2Op) { return emitFloat<f::Log2, 1>(c, op, wide); })
      .Case([&](math::PowFOp) { return emitFloat<f::Pow, 2>(c, op, wide); })
      .Case([&](math::FPowIOp) { return emitFloat<f::Pow, 2>(c, op, wide); })
      .Case([&](math::ErfOp) { return emitFloat<f::Erf, 1>(c, op, wide); })
      .Case([&](math::ErfcOp) { return emitFloat<f::Erfc, 1>(c, op, wide); })
      .Case([&](math::SinOp) { return emitFloat<f::Sin, 1>(c, op, wide); })
      .Case([&](math::CosOp) { return emitFloat<f::Cos, 1>(c, op, wide); })
      .Case([&](math::TanOp) { return emitFloat<f::Tan, 1>(c, op, wide); })
      .Case([&](math::SinhOp) { return emitFloat<f::Sinh, 1>(c, op, wide); })
      .Case([&](math::CoshOp) { return emitFloat<f::Cosh, 1>(c, op, wide); })
      .Case([&](math::TanhOp) { return emitFloat<f::Tanh, 1>(c, op, wide); })
      .Case([&](math::AsinOp) { return emitFloat<f::Asin, 1>(c, op, wide); })
      .Case([&](math::AcosOp) { return emitFloat<f::Acos, 1>(c, op, wide); })
      .Case([&](math::AtanOp) { return emitFloat<f::Atan, 1>(c, op, wide); })
      .Case([&](math::Atan2Op) { return emitFloat<f::Atan2, 2>(c, op, wide); })
      .Case([&](math::AsinhOp) { return emitFloat<f::Asinh, 1>(c, op, wide); })
      .Case([&](math::AcoshOp) { return emitFloat<f::Acosh, 1>(c, op, wide); })
      .Case([&](math::AtanhOp) { return emitFloat<f::Atanh, 1>(c, op, wide); })
      .Default([](Operation *) { return Result::NotMine; });
}
