//===- FloatLoops.h - Loops over elements read as doubles -------*- C++ -*-===//
//
// Part of the Tegula Project, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// A function of floats is a struct with a template `apply`. It is instantiated
// for double, which serves every format up to f32 (one rounding at the end),
// and for long double, which serves f64 where the function is transcendental:
//
//   struct Exp {
//     template <typename T> static T apply(T x) { return std::exp(x); }
//   };
//   emitFloat<Exp, 1>(compiler, op, Precision::Wide);
//
//===----------------------------------------------------------------------===//

#ifndef TEGULA_IR_INTERP_FLOATLOOPS_H
#define TEGULA_IR_INTERP_FLOATLOOPS_H

#include "ir/interp/Compiler.h"
#include <utility>

namespace tegula::ir::interp {

/// out[i] = f(in[0][i], in[1][i], ...).
using FloatLoop = void (*)(const double *const *in, double *out, size_t count);

template <typename Op, typename T, unsigned arity>
void floatLoop(const double *const *in, double *out, size_t count) {
  auto run = [&]<size_t... I>(std::index_sequence<I...>) {
    for (size_t i = 0; i < count; ++i)
      out[i] = static_cast<double>(Op::apply(static_cast<T>(in[I][i])...));
  };
  run(std::make_index_sequence<arity>());
}

/// Exact: f64 is computed in double (a basic operation, or a rounding).
/// Wide: f64 is computed in long double and rounded.
enum class Precision { Exact, Wide };

/// An instruction on the operands' elements, integers read as signed. An i1
/// result is "not zero", another integer result is saturated.
void emitFloatLoop(Compiler &compiler, mlir::ValueRange operands,
                   mlir::Value result, FloatLoop loop);

template <typename Op, unsigned arity>
Result emitFloat(Compiler &compiler, mlir::Operation *op,
                 Precision precision = Precision::Exact, unsigned result = 0) {
  if (op->getNumOperands() != arity)
    return compiler.fail(op, "expects " + llvm::Twine(arity) + " operands");
  bool isWide = precision == Precision::Wide &&
                llvm::any_of(op->getOperands(), [&](mlir::Value operand) {
                  return compiler.slot(operand).dtype == Dtype::F64;
                });
  emitFloatLoop(compiler, op->getOperands(), op->getResult(result),
                isWide ? floatLoop<Op, long double, arity>
                       : floatLoop<Op, double, arity>);
  return Result::Done;
}

} // namespace tegula::ir::interp

#endif // TEGULA_IR_INTERP_FLOATLOOPS_H
