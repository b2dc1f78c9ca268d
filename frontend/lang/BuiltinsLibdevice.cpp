//===- BuiltinsLibdevice.cpp - the math library by name -------------------===//
//
// `libdevice.f` and older spellings `tl.math.f`. What the math dialect has
// becomes its op; the rest becomes tile.extern_math under its usual C name.
// Narrow floats are computed in float32.
//
//===----------------------------------------------------------------------===//
#include "frontend/lang/Evaluator.h"
#include "llvm/ADT/StringSwitch.h"

using namespace tegula::frontend;
using llvm::StringRef;
namespace arith = mlir::arith;
namespace math = mlir::math;
namespace tile = tegula::tile;

namespace {

StringRef nameOf(const Arguments &args) {
  return StringRef(args.info->name).rsplit('.').second;
}

/// All arguments as floats of one type (float32 for narrow ones and integers)
/// and one shape.
bool floatOperands(Evaluator &e, const Arguments &args, Values &values) {
  values = args.values;
  if (!e.emitter().unifyAll(values))
    return false;
  for (Value &value : values) {
    if (value.type().isPointer()) {
      e.error("'" + nameOf(args) + "' does not take " + value.describe());
      return false;
    }
    if (!value.type().isFloat() || value.type().bits() < 32)
      value = e.emitter().cast(value, DType::Float32);
    if (value.isPoison())
      return false;
  }
  return true;
}

template <typename Op> Value mathOp(Evaluator &e, const Arguments &args) {
  Values values;
  if (!floatOperands(e, args, values))
    return Value::poison();
  mlir::ImplicitLocOpBuilder &b = e.emitter().builder();
  llvm::SmallVector<mlir::Value> handles;
  for (const Value &value : values)
    handles.push_back(value.handle());
  mlir::Type type = handles[0].getType();
  auto made = Op::create(b, mlir::TypeRange{type}, handles,
                         llvm::ArrayRef<mlir::NamedAttribute>{});
  return e.emitter().wrap(made->getResult(0), values[0].type());
}

/// Functions that the math dialect lacks.
Value external(Evaluator &e, const Arguments &args) {
  Values values;
  if (!floatOperands(e, args, values))
    return Value::poison();
  llvm::SmallVector<mlir::Value> handles;
  for (const Value &value : values)
    handles.push_back(value.handle());
  return e.emitter().wrap(tile::ExternMathOp::create(e.emitter().builder(),
                                                     handles[0].getType(),
                                                     nameOf(args), handles),
                          values[0].type());
}

/// isnan and its relatives; an int32, as libdevice returns it.
template <typename Op> Value classify(Evaluator &e, const Arguments &args) {
  Values values;
  if (!floatOperands(e, args, values))
    return Value::poison();
  Value flag = e.emitter().make<Op>(values[0].type().withScalar(DType::Int1),
                                    values[0].handle());
  return e.emitter().cast(flag, DType::Int32);
}

Value signBit(Evaluator &e, const Arguments &args) {
  Values values;
  if (!floatOperands(e, args, values))
    return Value::poison();
  bool wide = values[0].type().bits() == 64;
  Value bits =
      e.emitter().bitcast(values[0], wide ? DType::Int64 : DType::Int32);
  Value negative = e.emitter().compare(CompareOp::Lt, bits, Value::ofInt(0));
  return e.emitter().cast(negative, DType::Int32);
}

Value minMax(Evaluator &e, const Arguments &args) {
  return e.emitter().minMax(nameOf(args).contains("max"), args[0], args[1],
                            false);
}

/// Names that only mean another function of tl (fast_expf, div_rn, ...).
Value forwarded(Evaluator &e, const Arguments &args) {
  StringRef target = llvm::StringSwitch<StringRef>(nameOf(args))
                         .Cases({"fast_expf", "exp"}, "tl.exp")
                         .Case("fast_logf", "tl.log")
                         .Case("fast_log2f", "tl.log2")
                         .Case("fast_sinf", "tl.sin")
                         .Case("fast_cosf", "tl.cos")
                         .Case("fast_dividef", "tl.fdiv")
                         .Case("abs", "tl.abs")
                         .Case("mulhi", "tl.umulhi")
                         .Cases({"div_rn", "div_rz", "div_ru"}, "tl.fdiv")
                         .Default("");
  return e.call(Value::ofBuiltin(e.findBuiltin(target)), args.values);
}

Value populationCount(Evaluator &e, const Arguments &args) {
  Value x = e.emitter().toTensor(args[0]);
  if (x.isPoison())
    return x;
  if (!x.type().isInt())
    return e.error("'" + nameOf(args) + "' takes integers, not " +
                   x.describe());
  Value bits = x;
  if (nameOf(args) == "clz")
    bits = e.emitter().make<math::CountLeadingZerosOp>(x.type(), x.handle());
  else if (nameOf(args) == "ffs")
    return e.error("'ffs' is not supported");
  else
    bits = e.emitter().make<math::CtPopOp>(x.type(), x.handle());
  return e.emitter().cast(bits, DType::Int32);
}

Value fastPower(Evaluator &e, const Arguments &args) {
  return mathOp<math::PowFOp>(e, args);
}

constexpr BuiltinInfo table[] = {
    {"libdevice.exp", "x", forwarded},
    {"libdevice.fast_expf", "x", forwarded},
    {"libdevice.fast_logf", "x", forwarded},
    {"libdevice.fast_log2f", "x", forwarded},
    {"libdevice.fast_sinf", "x", forwarded},
    {"libdevice.fast_cosf", "x", forwarded},
    {"libdevice.fast_dividef", "x, y", forwarded},
    {"libdevice.div_rn", "x, y", forwarded},
    {"libdevice.abs", "x", forwarded},
    {"libdevice.mulhi", "x, y", forwarded},
    {"libdevice.fast_powf", "x, y", fastPower},
    {"libdevice.fast_tanhf", "x", mathOp<math::TanhOp>},
    {"libdevice.fast_tanf", "x", mathOp<math::TanOp>},
    {"libdevice.fabs", "x", mathOp<math::AbsFOp>},
    {"libdevice.acos", "x", mathOp<math::AcosOp>},
    {"libdevice.acosh", "x", mathOp<math::AcoshOp>},
    {"libdevice.asin", "x", mathOp<math::AsinOp>},
    {"libdevice.asinh", "x", mathOp<math::AsinhOp>},
    {"libdevice.atan", "x", mathOp<math::AtanOp>},
    {"libdevice.atan2", "x, y", mathOp<math::Atan2Op>},
    {"libdevice.atanh", "x", mathOp<math::AtanhOp>},
    {"libdevice.cbrt", "x", mathOp<math::CbrtOp>},
    {"libdevice.ceil", "x", mathOp<math::CeilOp>},
    {"libdevice.copysign", "x, y", mathOp<math::CopySignOp>},
    {"libdevice.cos", "x", mathOp<math::CosOp>},
    {"libdevice.cosh", "x", mathOp<math::CoshOp>},
    {"libdevice.erf", "x", mathOp<math::ErfOp>},
    {"libdevice.erfc", "x", mathOp<math::ErfcOp>},
    {"libdevice.exp2", "x", mathOp<math::Exp2Op>},
    {"libdevice.expm1", "x", mathOp<math::ExpM1Op>},
    {"libdevice.floor", "x", mathOp<math::FloorOp>},
    {"libdevice.fma", "x, y, z", mathOp<math::FmaOp>},
    {"libdevice.log", "x", mathOp<math::LogOp>},
    {"libdevice.log10", "x", mathOp<math::Log10Op>},
    {"libdevice.log1p", "x", mathOp<math::Log1pOp>},
    {"libdevice.log2", "x", mathOp<math::Log2Op>},
    {"libdevice.pow", "x, y", mathOp<math::PowFOp>},
    {"libdevice.round", "x", mathOp<math::RoundOp>},
    {"libdevice.rint", "x", mathOp<math::RoundEvenOp>},
    {"libdevice.nearbyint", "x", mathOp<math::RoundEvenOp>},
    {"libdevice.rsqrt", "x", mathOp<math::RsqrtOp>},
    {"libdevice.sin", "x", mathOp<math::SinOp>},
    {"libdevice.sinh", "x", mathOp<math::SinhOp>},
    {"libdevice.sqrt", "x", mathOp<math::SqrtOp>},
    {"libdevice.tan", "x", mathOp<math::TanOp>},
    {"libdevice.tanh", "x", mathOp<math::TanhOp>},
    {"libdevice.trunc", "x", mathOp<math::TruncOp>},
    {"libdevice.exp10", "x", external},
    {"libdevice.fdim", "x, y", external},
    {"libdevice.fmod", "x, y", mathOp<arith::RemFOp>},
    {"libdevice.hypot", "x, y", external},
    {"libdevice.lgamma", "x", external},
    {"libdevice.logb", "x", external},
    {"libdevice.nextafter", "x, y", external},
    {"libdevice.remainder", "x, y", external},
    {"libdevice.tgamma", "x", external},
    {"libdevice.erfinv", "x", external},
    {"libdevice.erfcinv", "x", external},
    {"libdevice.cyl_bessel_i0", "x", external},
    {"libdevice.cyl_bessel_i1", "x", external},
    {"libdevice.j0", "x", external},
    {"libdevice.j1", "x", external},
    {"libdevice.y0", "x", external},
    {"libdevice.y1", "x", external},
    {"libdevice.isnan", "x", classify<math::IsNaNOp>},
    {"libdevice.isinf", "x", classify<math::IsInfOp>},
    {"libdevice.isfinited", "x", classify<math::IsFiniteOp>},
    {"libdevice.finitef", "x", classify<math::IsFiniteOp>},
    {"libdevice.signbit", "x", signBit},
    {"libdevice.popc", "x", populationCount},
    {"libdevice.clz", "x", populationCount},
    {"libdevice.max", "x, y", minMax},
    {"libdevice.min", "x, y", minMax},
    {"libdevice.fmax", "x, y", minMax},
    {"libdevice.fmin", "x, y", minMax},
};

} // namespace

llvm::ArrayRef<BuiltinInfo> tegula::frontend::libdeviceBuiltins() {
  return table;
}
