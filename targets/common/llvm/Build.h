//===- Build.h - Short names for building elementwise code ------*- C++ -*-===//
//
// Part of the Tegula Project, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Numeric expansions are formulas: with this builder they read as such. Every
// function takes scalars and vectors alike; constants take the shape of the
// value that they are used with.
//
//===----------------------------------------------------------------------===//

#ifndef TEGULA_TARGETS_COMMON_LLVM_BUILD_H
#define TEGULA_TARGETS_COMMON_LLVM_BUILD_H

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Math/IR/Math.h"
#include "mlir/IR/Builders.h"
#include "mlir/IR/Matchers.h"

namespace tegula::targets {

/// The type `like` (scalar or vector) with another element type.
inline mlir::Type withElement(mlir::Type like, mlir::Type element) {
  if (auto vector = mlir::dyn_cast<mlir::VectorType>(like))
    return vector.clone(element);
  return element;
}

/// Builds elementwise operations at one place.
class Build {
public:
  using Value = mlir::Value;
  using Type = mlir::Type;
  using IPred = mlir::arith::CmpIPredicate;
  using FPred = mlir::arith::CmpFPredicate;

  Build(mlir::OpBuilder &builder, mlir::Location loc)
      : builder(builder), loc(loc) {}

  mlir::OpBuilder &builder;
  mlir::Location loc;

  template <typename Op, typename... Args> Value op(Args &&...args) {
    return Op::create(builder, loc, std::forward<Args>(args)...);
  }

  //===--- Types and constants --------------------------------------------===//

  static Type element(Value v) { return mlir::getElementTypeOrSelf(v); }
  static unsigned width(Value v) { return element(v).getIntOrFloatBitWidth(); }
  Type intType(Value like, unsigned bits) {
    return withElement(like.getType(), builder.getIntegerType(bits));
  }
  Type f32Type(Value like) {
    return withElement(like.getType(), builder.getF32Type());
  }
  Type f64Type(Value like) {
    return withElement(like.getType(), builder.getF64Type());
  }
  Value constant(Type type, mlir::TypedAttr element) {
    mlir::TypedAttr attr = element;
    if (auto shaped = mlir::dyn_cast<mlir::ShapedType>(type))
      attr = mlir::DenseElementsAttr::get(
          shaped, llvm::ArrayRef<mlir::Attribute>(element));
    return op<mlir::arith::ConstantOp>(attr);
  }
  Value constInt(Type type, const llvm::APInt &value) {
    return constant(
        type, builder.getIntegerAttr(mlir::getElementTypeOrSelf(type), value));
  }
  /// The integer `value`, cut to the width of `type`'s elements.
  Value constInt(Type type, int64_t value) {
    unsigned bits = mlir::getElementTypeOrSelf(type).getIntOrFloatBitWidth();
    return constInt(type, llvm::APInt(64, value, true).sextOrTrunc(bits));
  }
  Value constFloat(Type type, double value) {
    return constant(
        type, builder.getFloatAttr(mlir::getElementTypeOrSelf(type), value));
  }
  Value constFloat(Type type, const llvm::APFloat &value) {
    return constant(
        type, builder.getFloatAttr(mlir::getElementTypeOrSelf(type), value));
  }
  /// A constant with the type of `like`: i for integers, f for floats.
  Value i(Value like, int64_t value) { return constInt(like.getType(), value); }
  Value f(Value like, double value) {
    return constFloat(like.getType(), value);
  }

  //===--- Integers -------------------------------------------------------===//

  Value addi(Value a, Value b) { return op<mlir::arith::AddIOp>(a, b); }
  Value addi(Value a, int64_t b) { return addi(a, i(a, b)); }
  Value subi(Value a, Value b) { return op<mlir::arith::SubIOp>(a, b); }
  Value subi(Value a, int64_t b) { return subi(a, i(a, b)); }
  Value muli(Value a, Value b) { return op<mlir::arith::MulIOp>(a, b); }
  Value muli(Value a, int64_t b) { return muli(a, i(a, b)); }
  Value andi(Value a, Value b) { return op<mlir::arith::AndIOp>(a, b); }
  Value andi(Value a, int64_t b) { return andi(a, i(a, b)); }
  Value ori(Value a, Value b) { return op<mlir::arith::OrIOp>(a, b); }
  Value ori(Value a, int64_t b) { return ori(a, i(a, b)); }
  Value xori(Value a, Value b) { return op<mlir::arith::XOrIOp>(a, b); }
  Value xori(Value a, int64_t b) { return xori(a, i(a, b)); }
  Value noti(Value a) { return xori(a, -1); }
  /// Shift amounts here are below the width: what may not be is guarded first.
  Value shl(Value a, Value b) { return op<mlir::arith::ShLIOp>(a, b); }
  Value shl(Value a, int64_t b) { return shl(a, i(a, b)); }
  Value shrui(Value a, Value b) { return op<mlir::arith::ShRUIOp>(a, b); }
  Value shrui(Value a, int64_t b) { return shrui(a, i(a, b)); }
  Value shrsi(Value a, Value b) { return op<mlir::arith::ShRSIOp>(a, b); }
  Value shrsi(Value a, int64_t b) { return shrsi(a, i(a, b)); }
  Value minsi(Value a, int64_t b) {
    return op<mlir::arith::MinSIOp>(a, i(a, b));
  }
  Value maxsi(Value a, int64_t b) {
    return op<mlir::arith::MaxSIOp>(a, i(a, b));
  }
  Value minui(Value a, int64_t b) {
    return op<mlir::arith::MinUIOp>(a, i(a, b));
  }
  Value cmpi(IPred predicate, Value a, Value b) {
    return op<mlir::arith::CmpIOp>(predicate, a, b);
  }
  Value cmpi(IPred predicate, Value a, int64_t b) {
    return cmpi(predicate, a, i(a, b));
  }
  /// Zero-extends or truncates to `bits`.
  Value zext(Value a, unsigned bits) {
    if (bits == width(a))
      return a;
    Type type = intType(a, bits);
    return bits > width(a) ? op<mlir::arith::ExtUIOp>(type, a)
                           : op<mlir::arith::TruncIOp>(type, a);
  }
  Value sext(Value a, unsigned bits) {
    if (bits == width(a))
      return a;
    Type type = intType(a, bits);
    return bits > width(a) ? op<mlir::arith::ExtSIOp>(type, a)
                           : op<mlir::arith::TruncIOp>(type, a);
  }

  //===--- Floats ---------------------------------------------------------===//

  Value addf(Value a, Value b) { return op<mlir::arith::AddFOp>(a, b); }
  Value addf(Value a, double b) { return addf(a, f(a, b)); }
  Value subf(Value a, Value b) { return op<mlir::arith::SubFOp>(a, b); }
  Value subf(Value a, double b) { return subf(a, f(a, b)); }
  Value mulf(Value a, Value b) { return op<mlir::arith::MulFOp>(a, b); }
  Value mulf(Value a, double b) { return mulf(a, f(a, b)); }
  Value divf(Value a, Value b) { return op<mlir::arith::DivFOp>(a, b); }
  Value negf(Value a) { return op<mlir::arith::NegFOp>(a); }
  Value absf(Value a) { return op<mlir::math::AbsFOp>(a); }
  Value copysign(Value magnitude, Value sign) {
    return op<mlir::math::CopySignOp>(magnitude, sign);
  }
  Value cmpf(FPred predicate, Value a, Value b) {
    return op<mlir::arith::CmpFOp>(predicate, a, b);
  }
  Value cmpf(FPred predicate, Value a, double b) {
    return cmpf(predicate, a, f(a, b));
  }
  Value isNan(Value a) { return cmpf(FPred::UNO, a, a); }

  //===--- Both -----------------------------------------------------------===//

  Value select(Value condition, Value a, Value b) {
    return op<mlir::arith::SelectOp>(condition, a, b);
  }
  Value bitcast(Type type, Value a) {
    if (type == a.getType())
      return a;
    return op<mlir::arith::BitcastOp>(type, a);
  }
  /// The bits of a float as an integer of its width.
  Value bits(Value a) { return bitcast(intType(a, width(a)), a); }
};

} // namespace tegula::targets

#endif // TEGULA_TARGETS_COMMON_LLVM_BUILD_H
