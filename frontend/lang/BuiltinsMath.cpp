//===- BuiltinsMath.cpp - elementwise functions ---------------------------===//
#include "frontend/lang/Evaluator.h"

using namespace tegula::frontend;
using llvm::StringRef;
namespace arith = mlir::arith;
namespace math = mlir::math;
namespace tile = tegula::tile;

namespace {

/// "exp" of "tl.exp".
StringRef lastName(const Arguments &args) {
  return StringRef(args.info->name).rsplit('.').second;
}

/// The functions of tl take float32 and float64 only; narrower floats are
/// converted by the user, who then knows the precision.
bool isWideFloat(Evaluator &e, const Arguments &args, const Value &value) {
  if (value.isPoison())
    return false;
  if (value.type().isFloat() && value.type().bits() >= 32)
    return true;
  e.error("tl." + lastName(args) + " takes float32 or float64, not " +
              value.describe(),
          "convert it first: .to(tl.float32)");
  return false;
}

template <typename Op> Value unary(Evaluator &e, const Arguments &args) {
  Value x = e.emitter().toTensor(args[0]);
  if (!isWideFloat(e, args, x))
    return Value::poison();
  return e.emitter().make<Op>(x.type(), x.handle());
}

Value absolute(Evaluator &e, const Arguments &args) {
  Value x = e.emitter().toTensor(args[0]);
  if (x.isPoison())
    return x;
  if (x.type().isFloat())
    return e.emitter().make<math::AbsFOp>(x.type(), x.handle());
  if (x.type().isUnsigned())
    return x;
  if (!x.type().isInt())
    return e.error("tl.abs does not take " + x.describe());
  return e.emitter().make<math::AbsIOp>(x.type(), x.handle());
}

std::optional<bool> propagates(Evaluator &e, const Value &value) {
  if (value.isNone())
    return false;
  std::optional<std::string> mode = e.constantString(value, "propagate_nan");
  if (!mode)
    return std::nullopt;
  return StringRef(*mode).lower() == "all";
}

Value minMax(Evaluator &e, const Arguments &args) {
  std::optional<bool> nan = propagates(e, args[2]);
  if (!nan)
    return Value::poison();
  return e.emitter().minMax(lastName(args) == "maximum", args[0], args[1],
                            *nan);
}

Value clamp(Evaluator &e, const Arguments &args) {
  std::optional<bool> nan = propagates(e, args[3]);
  Values values{args[0], args[1], args[2]};
  if (!nan || !e.emitter().unifyAll(values))
    return Value::poison();
  // The value comes first, so that a NaN in it meets a bound and yields to it.
  Value low = e.emitter().minMax(true, values[0], values[1], *nan);
  return e.emitter().minMax(false, low, values[2], *nan);
}

Value where(Evaluator &e, const Arguments &args) {
  return e.emitter().where(args[0], args[1], args[2]);
}

Value fma(Evaluator &e, const Arguments &args) {
  Values values{args[0], args[1], args[2]};
  if (!e.emitter().unifyAll(values))
    return Value::poison();
  if (!values[0].type().isFloat())
    return e.error("tl.fma takes floats, not " + values[0].describe());
  return e.emitter().wrap(
      math::FmaOp::create(e.emitter().builder(), values[0].handle(),
                          values[1].handle(), values[2].handle()),
      values[0].type());
}

Value divide(Evaluator &e, const Arguments &args) {
  Value x = args[0], y = args[1];
  Emitter::Operands options;
  options.divOrMod = true;
  if (!e.emitter().unify(x, y, options))
    return Value::poison();
  if (!x.type().isFloat())
    return e.error("tl." + lastName(args) + " takes floats, not " +
                   x.describe());
  return e.emitter().wrap(
      arith::DivFOp::create(e.emitter().builder(), x.handle(), y.handle()),
      x.type());
}

Value binaryFunction(Evaluator &e, const Arguments &args) {
  StringRef name = lastName(args);
  BinaryOp op = name == "add"   ? BinaryOp::Add
                : name == "sub" ? BinaryOp::Sub
                                : BinaryOp::Mul;
  return e.emitter().binary(op, e.emitter().toTensor(args[0]), args[1]);
}

Value logicalFunction(Evaluator &e, const Arguments &args) {
  return e.emitter().logical(lastName(args) == "logical_and", args[0], args[1]);
}

/// The upper half of the full product.
Value umulhi(Evaluator &e, const Arguments &args) {
  Value x = args[0], y = args[1];
  if (!x.isTensor() && !y.isTensor())
    x = e.emitter().toTensor(x);
  if (!e.emitter().unify(x, y, {}))
    return Value::poison();
  if (!x.type().isInt() || x.type().bits() < 32)
    return e.error("tl.umulhi takes integers of 32 or 64 bits, not " +
                   x.describe());
  auto product = arith::MulUIExtendedOp::create(e.emitter().builder(),
                                                x.handle(), y.handle());
  return e.emitter().wrap(product.getHigh(), x.type());
}

constexpr BuiltinInfo table[] = {
    {"tl.exp", "x", unary<math::ExpOp>, true},
    {"tl.exp2", "x", unary<math::Exp2Op>, true},
    {"tl.log", "x", unary<math::LogOp>, true},
    {"tl.log2", "x", unary<math::Log2Op>, true},
    {"tl.sin", "x", unary<math::SinOp>, true},
    {"tl.cos", "x", unary<math::CosOp>, true},
    {"tl.sqrt", "x", unary<math::SqrtOp>, true},
    {"tl.sqrt_rn", "x", unary<math::SqrtOp>, true},
    {"tl.rsqrt", "x", unary<math::RsqrtOp>, true},
    {"tl.erf", "x", unary<math::ErfOp>, true},
    {"tl.floor", "x", unary<math::FloorOp>, true},
    {"tl.ceil", "x", unary<math::CeilOp>, true},
    {"tl.abs", "x", absolute, true},
    {"tl.maximum", "x, y, propagate_nan=None", minMax},
    {"tl.minimum", "x, y, propagate_nan=None", minMax},
    {"tl.clamp", "x, min, max, propagate_nan=None", clamp},
    {"tl.where", "condition, x, y", where},
    {"tl.fma", "x, y, z", fma, true},
    {"tl.fdiv", "x, y, ieee_rounding=False, approx=False", divide, true},
    {"tl.div_rn", "x, y", divide, true},
    {"tl.umulhi", "x, y", umulhi, true},
    {"tl.add", "x, y, sanitize_overflow=True", binaryFunction},
    {"tl.sub", "x, y, sanitize_overflow=True", binaryFunction},
    {"tl.mul", "x, y, sanitize_overflow=True", binaryFunction},
    {"tl.logical_and", "x, y", logicalFunction, true},
    {"tl.logical_or", "x, y", logicalFunction, true},
};

} // namespace

llvm::ArrayRef<BuiltinInfo> tegula::frontend::mathBuiltins() { return table; }
