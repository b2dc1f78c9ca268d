//===- EmitArith.cpp - arithmetic, comparison, selection ------------------===//
#include "frontend/lang/ConstEval.h"
#include "frontend/lang/Emitter.h"

using namespace tegula::frontend;
using llvm::StringRef;
namespace arith = mlir::arith;

//===----------------------------------------------------------------------===//
// Operand types
//===----------------------------------------------------------------------===//

/// The element type an operand brings into promotion; nothing after an error.
std::optional<DType> Emitter::scalarType(const Value &value) {
  if (value.isTensor())
    return value.type().element;
  if (value.is(Value::Kind::Bool))
    return DType::Int1;
  if (value.is(Value::Kind::Float))
    return typeOfFloat(value.real());
  if (value.is(Value::Kind::Int)) {
    if (std::optional<DType> type = typeOfInt(value.integer()))
      return type;
    error("the integer " + value.str() + " does not fit into 64 bits");
    return std::nullopt;
  }
  if (!value.isPoison())
    error("expected a tensor or a number, got " + value.describe());
  return std::nullopt;
}

Value Emitter::toComputationType(const Value &value, DType type) {
  if (value.isTensor())
    return cast(value, type);
  if (value.isInt() && isInteger(type) && type != DType::Int1) {
    __int128 number = value.integer();
    if (number < minValue(type) || number > maxValue(type))
      return error("the number " + value.str() + " is out of range for " +
                       languageName(type),
                   "convert the tensor to a wider type first");
  }
  return constant(value, type);
}

bool Emitter::unify(Value &lhs, Value &rhs, Operands options) {
  std::optional<DType> left = scalarType(lhs);
  std::optional<DType> right = left ? scalarType(rhs) : std::nullopt;
  if (!left || !right)
    return false;
  bool leftPointer = lhs.isTensor() && lhs.type().isPointer();
  bool rightPointer = rhs.isTensor() && rhs.type().isPointer();
  if (leftPointer || rightPointer) {
    bool allowed = (!leftPointer || options.lhsPointer) &&
                   (!rightPointer || options.rhsPointer);
    bool mixed = leftPointer && rightPointer &&
                 !(lhs.type().scalar() == rhs.type().scalar());
    bool withFloat = (leftPointer && !rightPointer && isFloat(*right)) ||
                     (rightPointer && !leftPointer && isFloat(*left));
    if (!allowed || mixed || withFloat) {
      error("these types cannot be combined: " + lhs.describe() + " and " +
            rhs.describe());
      return false;
    }
    lhs = toTensor(lhs);
    rhs = toTensor(rhs);
    return broadcast(lhs, rhs);
  }
  Promotion meet = promote(*left, !lhs.isTensor(), *right, !rhs.isTensor(),
                           options.divOrMod);
  if (!meet.type) {
    error(meet.problem + ": " + lhs.describe() + " and " + rhs.describe(),
          options.divOrMod ? "convert one operand so that both are signed or "
                             "both unsigned"
                           : "convert one operand with .to(...)");
    return false;
  }
  lhs = toComputationType(lhs, *meet.type);
  rhs = toComputationType(rhs, *meet.type);
  return broadcast(lhs, rhs);
}

bool Emitter::unifyAll(Values &values) {
  // Numbers stay weak against every tensor, whatever the order.
  std::optional<DType> strong, weak;
  for (const Value &value : values) {
    std::optional<DType> type = scalarType(value);
    if (!type)
      return false;
    std::optional<DType> &kind = value.isTensor() ? strong : weak;
    kind = kind ? promote(*kind, !value.isTensor(), *type, !value.isTensor(),
                          false)
                      .type
                : type;
    if (!kind) {
      error("no common type for these arguments");
      return false;
    }
  }
  std::optional<DType> meet = strong ? strong : weak;
  if (strong && weak)
    meet = promote(*strong, false, *weak, true, false).type;
  for (Value &value : values)
    value = toComputationType(value, *meet);
  return broadcastAll(values);
}

//===----------------------------------------------------------------------===//
// Binary operators
//===----------------------------------------------------------------------===//

Value Emitter::addPointer(const Value &pointer, const Value &offset) {
  Value steps = offset;
  if (!offset.type().isInt())
    return error("a pointer moves by integers, not by " + offset.describe());
  // The op reads offsets as signed.
  if (offset.type().isUnsigned() && offset.type().bits() < 64)
    steps = cast(offset, DType::Int64);
  return wrap(tile::PtrAddOp::create(b, pointer.handle(), steps.handle()),
              pointer.type());
}

namespace {

StringRef operatorHint(BinaryOp op) {
  switch (op) {
  case BinaryOp::FloorDiv:
    return "divide with '/' and round with tl.floor";
  case BinaryOp::Pow:
    return "multiply, or take libdevice.pow";
  case BinaryOp::MatMul:
    return "matrices are multiplied by tl.dot";
  default:
    return "";
  }
}

} // namespace

Value Emitter::floatBinary(BinaryOp op, const Value &lhs, const Value &rhs) {
  const Type &type = lhs.type();
  mlir::Value l = lhs.handle(), r = rhs.handle();
  switch (op) {
  case BinaryOp::Add:
    return wrap(arith::AddFOp::create(b, l, r), type);
  case BinaryOp::Sub:
    return wrap(arith::SubFOp::create(b, l, r), type);
  case BinaryOp::Mul:
    return wrap(arith::MulFOp::create(b, l, r), type);
  case BinaryOp::Div:
    return wrap(arith::DivFOp::create(b, l, r), type);
  case BinaryOp::Mod:
    return wrap(arith::RemFOp::create(b, l, r), type);
  default:
    return error("operator '" + spelling(op) + "' does not take floats: " +
                     lhs.describe() + " and " + rhs.describe(),
                 operatorHint(op));
  }
}

Value Emitter::intBinary(BinaryOp op, const Value &lhs, const Value &rhs) {
  const Type &type = lhs.type();
  mlir::Value l = lhs.handle(), r = rhs.handle();
  bool isUnsigned = type.isUnsigned();
  switch (op) {
  case BinaryOp::Add:
    return wrap(arith::AddIOp::create(b, l, r), type);
  case BinaryOp::Sub:
    return wrap(arith::SubIOp::create(b, l, r), type);
  case BinaryOp::Mul:
    return wrap(arith::MulIOp::create(b, l, r), type);
  case BinaryOp::Div: {
    Value a = cast(lhs, DType::Float32), c = cast(rhs, DType::Float32);
    return wrap(arith::DivFOp::create(b, a.handle(), c.handle()), a.type());
  }
  case BinaryOp::FloorDiv:
    if (isUnsigned)
      return wrap(arith::DivUIOp::create(b, l, r), type);
    return wrap(arith::DivSIOp::create(b, l, r), type);
  case BinaryOp::Mod:
    if (isUnsigned)
      return wrap(arith::RemUIOp::create(b, l, r), type);
    return wrap(arith::RemSIOp::create(b, l, r), type);
  case BinaryOp::And:
    return wrap(arith::AndIOp::create(b, l, r), type);
  case BinaryOp::Or:
    return wrap(arith::OrIOp::create(b, l, r), type);
  case BinaryOp::Xor:
    return wrap(arith::XOrIOp::create(b, l, r), type);
  case BinaryOp::Shl:
    return wrap(arith::ShLIOp::create(b, l, r), type);
  case BinaryOp::Shr:
    if (isUnsigned)
      return wrap(arith::ShRUIOp::create(b, l, r), type);
    return wrap(arith::ShRSIOp::create(b, l, r), type);
  default:
    return error("operator '" + spelling(op) + "' does not take tensors: " +
                     lhs.describe() + " and " + rhs.describe(),
                 operatorHint(op));
  }
}

Value Emitter::bitwise(BinaryOp op, Value lhs, Value rhs) {
  auto isInt = [](const Value &value) {
    return value.isTensor() ? value.type().isInt() : value.isInt();
  };
  if (!isInt(lhs) || !isInt(rhs))
    return error("operator '" + spelling(op) + "' takes integers, not " +
                     lhs.describe() + " and " + rhs.describe(),
                 "reinterpret floats with .to(tl.int32, bitcast=True)");
  // `x >> n` shifts in the sign of x, whatever the promoted type is.
  bool isSigned = lhs.isTensor() ? !lhs.type().isUnsigned() : true;
  Value count = rhs;
  if (!unify(lhs, rhs, {}))
    return Value::poison();
  bool shift = op == BinaryOp::Shr || op == BinaryOp::Shl;
  if (shift && count.isInt() &&
      (count.integer() < 0 || count.integer() >= lhs.type().bits()))
    reporter.warning("this shifts " + lhs.type().scalar().str() + " by " +
                     count.str() + " bits: nothing is left of it");
  if (op == BinaryOp::Shr && isSigned && lhs.type().isUnsigned())
    return wrap(arith::ShRSIOp::create(b, lhs.handle(), rhs.handle()),
                lhs.type());
  return intBinary(op, lhs, rhs);
}

Value Emitter::binary(BinaryOp op, const Value &left, const Value &right) {
  if (left.isPoison() || right.isPoison())
    return Value::poison();
  Value lhs = left, rhs = right;
  switch (op) {
  case BinaryOp::And:
  case BinaryOp::Or:
  case BinaryOp::Xor:
  case BinaryOp::Shl:
  case BinaryOp::Shr:
    return bitwise(op, lhs, rhs);
  default:
    break;
  }
  Operands options;
  options.lhsPointer = op == BinaryOp::Add || op == BinaryOp::Sub;
  options.rhsPointer = op == BinaryOp::Add;
  options.divOrMod =
      op == BinaryOp::Div || op == BinaryOp::Mod || op == BinaryOp::FloorDiv;
  if (!unify(lhs, rhs, options))
    return Value::poison();
  bool leftPointer = lhs.type().isPointer(),
       rightPointer = rhs.type().isPointer();
  if (leftPointer && rightPointer)
    return error("two pointers cannot be added: " + lhs.describe() + " and " +
                 rhs.describe());
  if (rightPointer)
    return addPointer(rhs, lhs);
  if (leftPointer)
    return addPointer(lhs, op == BinaryOp::Sub ? minus(rhs) : rhs);
  return lhs.type().isFloat() ? floatBinary(op, lhs, rhs)
                              : intBinary(op, lhs, rhs);
}

//===----------------------------------------------------------------------===//
// Comparison
//===----------------------------------------------------------------------===//

namespace {

arith::CmpIPredicate intPredicate(CompareOp op, bool isUnsigned) {
  using P = arith::CmpIPredicate;
  switch (op) {
  case CompareOp::Ne:
    return P::ne;
  case CompareOp::Lt:
    return isUnsigned ? P::ult : P::slt;
  case CompareOp::Le:
    return isUnsigned ? P::ule : P::sle;
  case CompareOp::Gt:
    return isUnsigned ? P::ugt : P::sgt;
  case CompareOp::Ge:
    return isUnsigned ? P::uge : P::sge;
  default:
    return P::eq;
  }
}

arith::CmpFPredicate floatPredicate(CompareOp op) {
  using P = arith::CmpFPredicate;
  switch (op) {
  case CompareOp::Ne:
    return P::UNE;
  case CompareOp::Lt:
    return P::OLT;
  case CompareOp::Le:
    return P::OLE;
  case CompareOp::Gt:
    return P::OGT;
  case CompareOp::Ge:
    return P::OGE;
  default:
    return P::OEQ;
  }
}

} // namespace

Value Emitter::compare(CompareOp op, const Value &left, const Value &right) {
  if (left.isPoison() || right.isPoison())
    return Value::poison();
  if (op == CompareOp::In || op == CompareOp::NotIn)
    return error("'in' does not take run-time values: " + left.describe() +
                 " and " + right.describe());
  Value lhs = left, rhs = right;
  Operands options;
  if (lhs.isTensor() && rhs.isTensor() && lhs.type().isPointer() &&
      rhs.type().isPointer()) {
    lhs = cast(lhs, DType::Int64);
    rhs = cast(rhs, DType::Int64);
  }
  if (!unify(lhs, rhs, options))
    return Value::poison();
  Type type = lhs.type().withScalar(DType::Int1);
  if (lhs.type().isFloat())
    return wrap(arith::CmpFOp::create(b, floatPredicate(op), lhs.handle(),
                                      rhs.handle()),
                type);
  return wrap(arith::CmpIOp::create(b,
                                    intPredicate(op, lhs.type().isUnsigned()),
                                    lhs.handle(), rhs.handle()),
              type);
}

//===----------------------------------------------------------------------===//
// Unary operators, selection
//===----------------------------------------------------------------------===//

Value Emitter::minus(const Value &value) {
  if (value.isPoison())
    return value;
  if (value.type().isPointer())
    return error("a pointer has no negative: " + value.describe());
  if (value.type().isFloat())
    return make<arith::NegFOp>(value.type(), value.handle());
  Value zero = splat(constantInt(0, value.type().element), value.type().shape);
  return intBinary(BinaryOp::Sub, zero, value);
}

Value Emitter::invert(const Value &value) {
  if (value.isPoison())
    return value;
  if (!value.type().isInt())
    return error("operator '~' takes integers, not " + value.describe());
  Value ones = splat(constantInt(-1, value.type().element), value.type().shape);
  return intBinary(BinaryOp::Xor, value, ones);
}

Value Emitter::logicalNot(const Value &value) { return invert(toBool(value)); }

Value Emitter::logical(bool isAnd, const Value &lhs, const Value &rhs) {
  return binary(isAnd ? BinaryOp::And : BinaryOp::Or, toBool(lhs), toBool(rhs));
}

Value Emitter::where(const Value &condition, const Value &x, const Value &y) {
  Value mask = toBool(condition), a = x, c = y;
  if (mask.isPoison() || !unify(a, c, {true, true, false}))
    return Value::poison();
  Values values{mask, a, c};
  if (mask.type().isBlock
          ? !broadcastAll(values)
          : (a.type().isBlock && !broadcast(values[0], values[1])))
    return Value::poison();
  return wrap(arith::SelectOp::create(b, values[0].handle(), values[1].handle(),
                                      values[2].handle()),
              values[1].type());
}

Value Emitter::minMax(bool isMax, const Value &left, const Value &right,
                      bool propagateNan) {
  Value lhs = left, rhs = right;
  if (!unify(lhs, rhs, {}))
    return Value::poison();
  const Type &type = lhs.type();
  mlir::Value l = lhs.handle(), r = rhs.handle();
  auto pick = [&]<typename Max, typename Min>() -> Value {
    if (isMax)
      return wrap(Max::create(b, l, r), type);
    return wrap(Min::create(b, l, r), type);
  };
  if (type.isFloat() && propagateNan)
    return pick.operator()<arith::MaximumFOp, arith::MinimumFOp>();
  if (type.isFloat())
    return pick.operator()<arith::MaxNumFOp, arith::MinNumFOp>();
  if (type.isUnsigned())
    return pick.operator()<arith::MaxUIOp, arith::MinUIOp>();
  return pick.operator()<arith::MaxSIOp, arith::MinSIOp>();
}
