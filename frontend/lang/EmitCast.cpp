//===- EmitCast.cpp - constants and conversions ---------------------------===//
#include "frontend/lang/Emitter.h"
#include "llvm/ADT/APFloat.h"

using namespace tegula::frontend;
namespace arith = mlir::arith;

namespace {

mlir::TypedAttr floatAttribute(mlir::Type type, double value) {
  llvm::APFloat exact(value);
  bool inexact = false;
  exact.convert(mlir::cast<mlir::FloatType>(type).getFloatSemantics(),
                llvm::APFloat::rmNearestTiesToEven, &inexact);
  return mlir::FloatAttr::get(type, exact);
}

mlir::TypedAttr intAttribute(mlir::Type type, __int128 value) {
  unsigned bits = mlir::cast<mlir::IntegerType>(type).getWidth();
  auto raw = static_cast<unsigned __int128>(value);
  uint64_t words[2] = {static_cast<uint64_t>(raw),
                       static_cast<uint64_t>(raw >> 64)};
  return mlir::IntegerAttr::get(type, llvm::APInt(128, words).trunc(bits));
}

} // namespace

Value Emitter::constant(const Value &number, DType type) {
  if (!number.isNumber())
    return number.isPoison()
               ? number
               : error("expected a number, got " + number.describe());
  mlir::Type mlirType = frontend::toMlir(type, context());
  mlir::TypedAttr attribute;
  if (isFloat(type)) {
    attribute = floatAttribute(mlirType, number.asDouble());
  } else {
    __int128 value = number.integer();
    if (number.is(Value::Kind::Float)) {
      if (number.real() != 0)
        return error("the float " + number.str() + " is no constant of type " +
                         languageName(type),
                     "convert it with int(...) or give a float type");
      value = 0;
    }
    if (type == DType::Int1)
      value = value != 0;
    attribute = intAttribute(mlirType, value);
  }
  return wrap(arith::ConstantOp::create(b, attribute), type);
}

Value Emitter::toTensor(const Value &value) {
  switch (value.kind()) {
  case Value::Kind::Tensor:
  case Value::Kind::Poison:
    return value;
  case Value::Kind::Bool:
    return constant(value, DType::Int1);
  case Value::Kind::Int: {
    std::optional<DType> type = typeOfInt(value.integer());
    if (!type)
      return error("the integer " + value.str() + " does not fit into 64 bits");
    return constant(value, *type);
  }
  case Value::Kind::Float:
    return constant(value, typeOfFloat(value.real()));
  default:
    return error("expected a tensor or a number, got " + value.describe());
  }
}

//===----------------------------------------------------------------------===//
// Conversions that keep the value
//===----------------------------------------------------------------------===//

Value Emitter::castFloat(const Value &value, const Type &to,
                         tile::Rounding rounding) {
  Type from = value.type().scalar();
  mlir::Type result = mlirType(to);
  DType source = from.element, target = to.element;
  bool half = (source == DType::Float16 && target == DType::BFloat16) ||
              (source == DType::BFloat16 && target == DType::Float16);
  bool special = half || rounding != tile::Rounding::RTNE ||
                 bitWidth(source) == bitWidth(target);
  if (special)
    return wrap(tile::FpConvertOp::create(b, result, value.handle(), rounding,
                                          /*saturate=*/false),
                to);
  // A float8 that overflows saturates, as the hardware conversions do.
  if (bitWidth(target) == 8)
    return wrap(tile::FpConvertOp::create(b, result, value.handle(), rounding,
                                          /*saturate=*/true),
                to);
  if (bitWidth(source) > bitWidth(target))
    return wrap(arith::TruncFOp::create(b, result, value.handle()), to);
  return wrap(arith::ExtFOp::create(b, result, value.handle()), to);
}

Value Emitter::castInt(const Value &value, const Type &to) {
  Type from = value.type();
  mlir::Type result = mlirType(to);
  mlir::Value handle = value.handle();
  if (to.isFloat()) {
    if (from.isUnsigned())
      return wrap(arith::UIToFPOp::create(b, result, handle), to);
    return wrap(arith::SIToFPOp::create(b, result, handle), to);
  }
  unsigned fromBits = from.bits(), toBits = to.bits();
  if (fromBits == toBits)
    return wrap(handle, to);
  if (fromBits > toBits)
    return wrap(arith::TruncIOp::create(b, result, handle), to);
  if (from.isUnsigned())
    return wrap(arith::ExtUIOp::create(b, result, handle), to);
  return wrap(arith::ExtSIOp::create(b, result, handle), to);
}

Value Emitter::castPointer(const Value &value, const Type &to) {
  mlir::Type result = mlirType(to);
  const Type &from = value.type();
  if (from.isPointer() && to.isPointer()) {
    if (result == value.handle().getType())
      return wrap(value.handle(), to);
    return wrap(tile::PtrCastOp::create(b, result, value.handle()), to);
  }
  if (to.isPointer()) {
    if (!from.isInt())
      return error("cannot make a pointer from " + from.str());
    Value address =
        cast(value, from.isUnsigned() ? DType::UInt64 : DType::Int64);
    return wrap(tile::IntToPtrOp::create(b, result, address.handle()), to);
  }
  if (to.isBool()) {
    Value address = cast(value, DType::Int64);
    return compare(CompareOp::Ne, address, constantInt(0, DType::Int64));
  }
  if (!to.isInt() || to.bits() != 64)
    return error("cannot convert " + from.str() + " to " + to.scalar().str(),
                 to.isFloat() ? "this is an address; tl.load gives what stands "
                                "there"
                              : "an address is an integer of 64 bits");
  return wrap(tile::PtrToIntOp::create(b, result, value.handle()), to);
}

Value Emitter::cast(const Value &value, const Type &scalar,
                    tile::Rounding rounding) {
  if (value.isPoison())
    return value;
  Type from = value.type();
  Type to = from.withScalar(scalar.scalar());
  if (from == to)
    return value;
  if (from.isPointer() || to.isPointer())
    return castPointer(value, to);
  bool narrowing = from.isFloat() && to.isFloat() && to.bits() < from.bits();
  if (rounding != tile::Rounding::RTNE && !narrowing)
    return error("fp_downcast_rounding is for conversions to a narrower "
                 "float; this one is from " +
                 from.scalar().str() + " to " + to.scalar().str());
  if (to.element == DType::Void || from.element == DType::Void)
    return error("cannot convert " + from.str() + " to " + to.str());
  if (to.isBool()) {
    Value zero = constant(Value::ofInt(0), from.element);
    return compare(CompareOp::Ne, value, zero);
  }
  if (from.isFloat() && to.isFloat())
    return castFloat(value, to, rounding);
  if (from.isInt())
    return castInt(value, to);
  if (to.isUnsigned())
    return wrap(arith::FPToUIOp::create(b, mlirType(to), value.handle()), to);
  return wrap(arith::FPToSIOp::create(b, mlirType(to), value.handle()), to);
}

//===----------------------------------------------------------------------===//
// Conversions that keep the bits
//===----------------------------------------------------------------------===//

Value Emitter::bitcast(const Value &value, const Type &scalar) {
  if (value.isPoison())
    return value;
  Type from = value.type();
  Type to = from.withScalar(scalar.scalar());
  if (from == to)
    return value;
  if (from.isPointer() || to.isPointer())
    return cast(value, scalar);
  if (from.bits() != to.bits())
    return error("cannot reinterpret " + from.scalar().str() + " (" +
                 llvm::Twine(from.bits()) + " bits) as " + to.scalar().str() +
                 " (" + llvm::Twine(to.bits()) + " bits)");
  mlir::Type result = mlirType(to);
  if (result == value.handle().getType())
    return wrap(value.handle(), to);
  return wrap(arith::BitcastOp::create(b, result, value.handle()), to);
}
