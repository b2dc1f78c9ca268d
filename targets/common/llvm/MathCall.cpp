//===- MathCall.cpp - Maths functions by name -----------------------------===//
//
// Part of the Tegula Project, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "targets/common/llvm/MathCall.h"

#include "targets/common/llvm/Build.h"
#include "targets/common/llvm/InverseErf.h"
#include "targets/common/llvm/LibraryCall.h"

#include "mlir/Dialect/LLVMIR/LLVMDialect.h"

using namespace mlir;
using namespace tegula::targets;
using llvm::StringRef;

using IPred = arith::CmpIPredicate;
using FPred = arith::CmpFPredicate;

namespace {

/// One call that is being built; floats are f32 or f64 here.
struct Call {
  Build b;
  StringRef name;
  SmallVector<Value> args;
  Type resultType;
  MathSupport support;

  Value x() const { return args[0]; }
  Value y() const { return args[1]; }
  Value library(StringRef base, ValueRange operands, Type type = {}) {
    return emitLibraryCall(b.builder, b.loc, base, operands,
                           type ? type : operands[0].getType(), support);
  }
  /// A float operand in f64, where f32 functions get their last bits from.
  Value wide(Value v) {
    return Build::element(v).isF64() ? v : b.op<arith::ExtFOp>(b.f64Type(v), v);
  }
  Value narrow(Value v, Value like) {
    return v.getType() == like.getType()
               ? v
               : b.op<arith::TruncFOp>(like.getType(), v);
  }
};

using Emitter = Value (*)(Call &);

/// A function of the table: operands are `arity` floats, or integers.
struct Entry {
  StringRef name;
  unsigned arity;
  bool onFloats;
  Emitter emit;
};

template <typename Op> Value mathOp(Call &c) {
  return c.b.op<Op>(ValueRange(c.args));
}
template <typename Op> Value binaryOp(Call &c) {
  return c.b.op<Op>(c.x(), c.y());
}
Value libraryCall(Call &c) { return c.library(c.name, c.args); }

//===----------------------------------------------------------------------===//
// Floats
//===----------------------------------------------------------------------===//

/// sin(pi * r) for |r| <= 1: folded to half a period, where the product with
/// pi costs nothing in relative accuracy.
Value sinPiReduced(Call &c, Value r) {
  Build &b = c.b;
  Value one = b.copysign(b.f(r, 1.0), r);
  Value isFar = b.cmpf(FPred::OGT, b.absf(r), 0.5);
  Value folded = b.select(isFar, b.subf(one, r), r);
  return b.op<math::SinOp>(b.mulf(folded, 0x1.921fb54442d18p+1));
}

/// x without its whole periods of 2; exact.
Value reducePeriods(Call &c) {
  Build &b = c.b;
  Value periods = b.op<math::RoundEvenOp>(b.mulf(c.x(), 0.5));
  return b.subf(c.x(), b.mulf(periods, 2.0));
}

Value sinPi(Call &c) {
  Value result = sinPiReduced(c, reducePeriods(c));
  return c.b.select(c.b.cmpf(FPred::OEQ, c.x(), 0.0), c.x(), result);
}

Value cosPi(Call &c) {
  Build &b = c.b;
  Value r = b.absf(reducePeriods(c));
  return sinPiReduced(c, b.subf(b.f(r, 0.5), r));
}

Value exp10(Call &c) {
  if (Build::element(c.x()).isF64())
    return libraryCall(c);
  return c.b.op<math::PowFOp>(c.b.f(c.x(), 10.0), c.x());
}

Value reciprocal(Build &b, Value x) { return b.divf(b.f(x, 1.0), x); }

/// The root of the sum of squares; f64 neither overflows nor loses bits.
Value norm(Call &c) {
  Build &b = c.b;
  if (Build::element(c.x()).isF64()) {
    Value result = c.library("hypot", {c.args[0], c.args[1]});
    for (Value next : ArrayRef(c.args).drop_front(2))
      result = c.library("hypot", {result, next});
    return result;
  }
  Value sum, isInfinite;
  for (Value arg : c.args) {
    Value w = c.wide(arg), square = b.mulf(w, w);
    sum = sum ? b.addf(sum, square) : square;
    Value inf = b.cmpf(FPred::OEQ, b.absf(arg), INFINITY);
    isInfinite = isInfinite ? b.ori(isInfinite, inf) : inf;
  }
  Value root = c.narrow(b.op<math::SqrtOp>(sum), c.x());
  // Infinity wins over NaN.
  return b.select(isInfinite, b.f(c.x(), INFINITY), root);
}
Value reciprocalNorm(Call &c) { return reciprocal(c.b, norm(c)); }

Value fdim(Call &c) {
  Build &b = c.b;
  return b.select(b.cmpf(FPred::OLE, c.x(), c.y()), b.f(c.x(), 0.0),
                  b.subf(c.x(), c.y()));
}

/// x * 2^n, rounded once: f64 holds every such product of an f32.
Value ldexp(Call &c) {
  Build &b = c.b;
  if (Build::element(c.x()).isF64())
    return c.library("ldexp", {c.x(), b.sext(c.y(), 32)});
  Value n = b.sext(b.maxsi(b.minsi(b.sext(c.y(), 32), 300), -300), 64);
  Value power =
      b.bitcast(b.f64Type(c.x()), b.shl(b.addi(n, 1023), int64_t(52)));
  return c.narrow(b.mulf(c.wide(c.x()), power), c.x());
}

/// NaN becomes 0.
Value saturate(Call &c) {
  Build &b = c.b;
  Value most = b.op<arith::MinNumFOp>(c.x(), b.f(c.x(), 1.0));
  Value isPositive = b.cmpf(FPred::OGT, c.x(), 0.0);
  return b.select(isPositive, most, b.f(c.x(), 0.0));
}

Value toInteger(Call &c, Value rounded) {
  return c.b.op<arith::FPToSIOp>(c.resultType, rounded);
}

/// A question's answer in the integer type that the caller wants.
Value answer(Call &c, Value yes) {
  unsigned bits = getElementTypeOrSelf(c.resultType).getIntOrFloatBitWidth();
  return c.b.zext(yes, bits);
}

Value signBit(Call &c) {
  Value bits = c.b.bits(c.x());
  return answer(c, c.b.cmpi(IPred::slt, bits, 0));
}

/// The library's functions that return int.
Value ilogb(Call &c) {
  return c.library("ilogb", c.x(), c.b.intType(c.x(), 32));
}

/// Half the probability that erfc gives.
Value normCdf(Call &c) {
  Build &b = c.b;
  Value scaled = b.mulf(c.wide(c.x()), -0x1.6a09e667f3bcdp-1);
  return c.narrow(b.mulf(b.op<math::ErfcOp>(scaled), 0.5), c.x());
}

Value erfInv(Call &c) {
  Build &b = c.b;
  Value w = c.wide(c.x()), magnitude = b.absf(w);
  Value tail = b.subf(b.f(w, 1.0), magnitude);
  return c.narrow(b.copysign(emitInverseErf(b, magnitude, tail), w), c.x());
}

/// For a probability `w` in f64: both it and 1 - w, the smaller one exact.
Value erfcInvWide(Build &b, Value w) {
  Value center = b.subf(b.f(w, 1.0), w);
  Value other = b.subf(b.f(w, 2.0), w);
  Value tail = b.select(b.cmpf(FPred::OLT, w, 1.0), w, other);
  return b.copysign(emitInverseErf(b, b.absf(center), tail), center);
}

Value erfcInv(Call &c) {
  return c.narrow(erfcInvWide(c.b, c.wide(c.x())), c.x());
}

Value normCdfInv(Call &c) {
  Value doubled = c.b.mulf(c.wide(c.x()), 2.0);
  Value result = c.b.mulf(erfcInvWide(c.b, doubled), -0x1.6a09e667f3bcdp+0);
  return c.narrow(result, c.x());
}

Value erfcx(Call &c) {
  Build &b = c.b;
  Value w = c.wide(c.x()), square = b.mulf(w, w);
  Value direct = b.mulf(b.op<math::ExpOp>(square), b.op<math::ErfcOp>(w));
  // Large arguments: the asymptotic series in 1 / (2 w^2).
  Value t = b.divf(b.f(w, 0.5), square), series = b.f(w, 1.0);
  for (int k = 15; k >= 1; k -= 2)
    series = b.subf(b.f(w, 1.0), b.mulf(b.mulf(t, double(k)), series));
  Value far = b.divf(b.mulf(series, 0x1.20dd750429b6dp-1), w);
  Value isFar = b.cmpf(FPred::OGT, w, 12.0);
  return c.narrow(b.select(isFar, far, direct), c.x());
}

//===----------------------------------------------------------------------===//
// Integers
//===----------------------------------------------------------------------===//

Value resized(Call &c, Value v) {
  return c.b.zext(v,
                  getElementTypeOrSelf(c.resultType).getIntOrFloatBitWidth());
}

Value findFirstSet(Call &c) {
  Build &b = c.b;
  Value position = b.addi(b.op<math::CountTrailingZerosOp>(c.x()), 1);
  Value isZero = b.cmpi(IPred::eq, c.x(), 0);
  return resized(c, b.select(isZero, b.i(c.x(), 0), position));
}

template <bool isSigned> Value mulHigh(Call &c) {
  Build &b = c.b;
  unsigned bits = Build::width(c.x());
  if (bits == 64) {
    OpBuilder &builder = b.builder;
    if (isSigned)
      return arith::MulSIExtendedOp::create(builder, b.loc, c.x(), c.y())
          .getHigh();
    return arith::MulUIExtendedOp::create(builder, b.loc, c.x(), c.y())
        .getHigh();
  }
  auto extend = [&](Value v) {
    return isSigned ? b.sext(v, 64) : b.zext(v, 64);
  };
  Value product = b.muli(extend(c.x()), extend(c.y()));
  return b.zext(b.shrui(product, bits), bits);
}

Value mul24(Call &c) {
  Build &b = c.b;
  auto low = [&](Value v) { return b.shrsi(b.shl(v, 8), 8); };
  return b.muli(low(c.x()), low(c.y()));
}

Value sumOfDifferences(Call &c) {
  Build &b = c.b;
  Value isLess = b.cmpi(IPred::slt, c.x(), c.y());
  Value difference =
      b.select(isLess, b.subi(c.y(), c.x()), b.subi(c.x(), c.y()));
  return b.addi(difference, c.args[2]);
}

/// The mean without overflow, rounded down or up.
Value halvingAdd(Call &c) {
  Build &b = c.b;
  return b.addi(b.andi(c.x(), c.y()), b.shrsi(b.xori(c.x(), c.y()), 1));
}
Value roundedHalvingAdd(Call &c) {
  Build &b = c.b;
  return b.subi(b.ori(c.x(), c.y()), b.shrsi(b.xori(c.x(), c.y()), 1));
}

Value reinterpret(Call &c) { return c.b.bitcast(c.resultType, c.x()); }

} // namespace

//===----------------------------------------------------------------------===//
// The table
//===----------------------------------------------------------------------===//

static ArrayRef<Entry> table() {
  constexpr bool F = true, I = false;
  static const Entry entries[] = {
      // One operation of the math dialect.
      {"abs", 1, F, mathOp<math::AbsFOp>},
      {"acos", 1, F, mathOp<math::AcosOp>},
      {"acosh", 1, F, mathOp<math::AcoshOp>},
      {"asin", 1, F, mathOp<math::AsinOp>},
      {"asinh", 1, F, mathOp<math::AsinhOp>},
      {"atan", 1, F, mathOp<math::AtanOp>},
      {"atan2", 2, F, mathOp<math::Atan2Op>},
      {"atanh", 1, F, mathOp<math::AtanhOp>},
      {"cbrt", 1, F, mathOp<math::CbrtOp>},
      {"ceil", 1, F, mathOp<math::CeilOp>},
      {"copysign", 2, F, mathOp<math::CopySignOp>},
      {"cos", 1, F, mathOp<math::CosOp>},
      {"cosh", 1, F, mathOp<math::CoshOp>},
      {"erf", 1, F, mathOp<math::ErfOp>},
      {"erfc", 1, F, mathOp<math::ErfcOp>},
      {"exp", 1, F, mathOp<math::ExpOp>},
      {"exp2", 1, F, mathOp<math::Exp2Op>},
      {"expm1", 1, F, mathOp<math::ExpM1Op>},
      {"fabs", 1, F, mathOp<math::AbsFOp>},
      {"floor", 1, F, mathOp<math::FloorOp>},
      {"fma", 3, F, mathOp<math::FmaOp>},
      {"log", 1, F, mathOp<math::LogOp>},
      {"log10", 1, F, mathOp<math::Log10Op>},
      {"log1p", 1, F, mathOp<math::Log1pOp>},
      {"log2", 1, F, mathOp<math::Log2Op>},
      {"nearbyint", 1, F, mathOp<math::RoundEvenOp>},
      {"pow", 2, F, mathOp<math::PowFOp>},
      {"rint", 1, F, mathOp<math::RoundEvenOp>},
      {"round", 1, F, mathOp<math::RoundOp>},
      {"rsqrt", 1, F, mathOp<math::RsqrtOp>},
      {"sin", 1, F, mathOp<math::SinOp>},
      {"sinh", 1, F, mathOp<math::SinhOp>},
      {"sqrt", 1, F, mathOp<math::SqrtOp>},
      {"tan", 1, F, mathOp<math::TanOp>},
      {"tanh", 1, F, mathOp<math::TanhOp>},
      {"trunc", 1, F, mathOp<math::TruncOp>},
      // arith. Plain arithmetic already rounds to nearest even.
      {"add_rn", 2, F, binaryOp<arith::AddFOp>},
      {"div_rn", 2, F, binaryOp<arith::DivFOp>},
      {"fma_rn", 3, F, mathOp<math::FmaOp>},
      {"fmax", 2, F, binaryOp<arith::MaxNumFOp>},
      {"fmin", 2, F, binaryOp<arith::MinNumFOp>},
      {"fmod", 2, F, binaryOp<arith::RemFOp>},
      {"mul_rn", 2, F, binaryOp<arith::MulFOp>},
      {"rcp_rn", 1, F, [](Call &c) { return reciprocal(c.b, c.x()); }},
      {"rsqrt_rn", 1, F, mathOp<math::RsqrtOp>},
      {"sqrt_rn", 1, F, mathOp<math::SqrtOp>},
      {"sub_rn", 2, F, binaryOp<arith::SubFOp>},
      {"fast_dividef", 2, F, binaryOp<arith::DivFOp>},
      {"fast_exp10f", 1, F, exp10},
      {"fast_expf", 1, F, mathOp<math::ExpOp>},
      {"fast_log10f", 1, F, mathOp<math::Log10Op>},
      {"fast_log2f", 1, F, mathOp<math::Log2Op>},
      {"fast_logf", 1, F, mathOp<math::LogOp>},
      {"fast_powf", 2, F, mathOp<math::PowFOp>},
      {"fast_sinf", 1, F, mathOp<math::SinOp>},
      {"fast_cosf", 1, F, mathOp<math::CosOp>},
      {"fast_tanf", 1, F, mathOp<math::TanOp>},
      {"fast_tanhf", 1, F, mathOp<math::TanhOp>},
      // Several operations.
      {"cospi", 1, F, cosPi},
      {"erfcinv", 1, F, erfcInv},
      {"erfcx", 1, F, erfcx},
      {"erfinv", 1, F, erfInv},
      {"exp10", 1, F, exp10},
      {"fdim", 2, F, fdim},
      {"hypot", 2, F, norm},
      {"ldexp", 2, F, ldexp},
      {"norm3d", 3, F, norm},
      {"norm4d", 4, F, norm},
      {"normcdf", 1, F, normCdf},
      {"normcdfinv", 1, F, normCdfInv},
      {"rcbrt", 1, F,
       [](Call &c) { return reciprocal(c.b, c.b.op<math::CbrtOp>(c.x())); }},
      {"rhypot", 2, F, reciprocalNorm},
      {"rnorm3d", 3, F, reciprocalNorm},
      {"rnorm4d", 4, F, reciprocalNorm},
      {"saturatef", 1, F, saturate},
      {"scalbn", 2, F, ldexp},
      {"sinpi", 1, F, sinPi},
      // Questions and integers from floats.
      {"finite", 1, F,
       [](Call &c) { return answer(c, c.b.op<math::IsFiniteOp>(c.x())); }},
      {"isfinite", 1, F,
       [](Call &c) { return answer(c, c.b.op<math::IsFiniteOp>(c.x())); }},
      {"isfinited", 1, F,
       [](Call &c) { return answer(c, c.b.op<math::IsFiniteOp>(c.x())); }},
      {"isinf", 1, F,
       [](Call &c) { return answer(c, c.b.op<math::IsInfOp>(c.x())); }},
      {"isnan", 1, F,
       [](Call &c) { return answer(c, c.b.op<math::IsNaNOp>(c.x())); }},
      {"signbit", 1, F, signBit},
      {"ilogb", 1, F, ilogb},
      {"llrint", 1, F,
       [](Call &c) { return toInteger(c, c.b.op<math::RoundEvenOp>(c.x())); }},
      {"llround", 1, F,
       [](Call &c) { return toInteger(c, c.b.op<math::RoundOp>(c.x())); }},
      // libm.
      {"j0", 1, F, libraryCall},
      {"j1", 1, F, libraryCall},
      {"lgamma", 1, F, libraryCall},
      {"logb", 1, F, libraryCall},
      {"nextafter", 2, F, libraryCall},
      {"remainder", 2, F, libraryCall},
      {"tgamma", 1, F, libraryCall},
      {"y0", 1, F, libraryCall},
      {"y1", 1, F, libraryCall},
      // Integers.
      {"abs", 1, I, mathOp<math::AbsIOp>},
      {"brev", 1, I,
       [](Call &c) {
         return c.b.op<LLVM::BitReverseOp>(c.x().getType(), c.x());
       }},
      {"clz", 1, I,
       [](Call &c) {
         return resized(c, c.b.op<math::CountLeadingZerosOp>(c.x()));
       }},
      {"ffs", 1, I, findFirstSet},
      {"hadd", 2, I, halvingAdd},
      {"mul24", 2, I, mul24},
      {"mul64hi", 2, I, mulHigh<true>},
      {"mulhi", 2, I, mulHigh<true>},
      {"popc", 1, I,
       [](Call &c) { return resized(c, c.b.op<math::CtPopOp>(c.x())); }},
      {"rhadd", 2, I, roundedHalvingAdd},
      {"sad", 3, I, sumOfDifferences},
      {"umul64hi", 2, I, mulHigh<false>},
      {"umulhi", 2, I, mulHigh<false>},
      // Bits.
      {"double_as_longlong", 1, F, reinterpret},
      {"float_as_int", 1, F, reinterpret},
      {"float_as_uint", 1, F, reinterpret},
      {"int_as_float", 1, I, reinterpret},
      {"longlong_as_double", 1, I, reinterpret},
      {"uint_as_float", 1, I, reinterpret},
  };
  return entries;
}

/// The entry of `name` for operands of this kind; libdevice's prefix, and its
/// suffix for f32, are left out of the table.
static const Entry *findEntry(StringRef name, std::optional<bool> onFloats) {
  name.consume_front("__nv_");
  for (StringRef spelling :
       {name, name.ends_with("f") ? name.drop_back() : name,
        name.ends_with("ll") ? name.drop_back(2) : name})
    for (const Entry &entry : table())
      if (entry.name == spelling && (!onFloats || entry.onFloats == *onFloats))
        return &entry;
  return nullptr;
}

bool tegula::targets::isKnownMathCall(StringRef name) {
  return findEntry(name, std::nullopt) != nullptr;
}

//===----------------------------------------------------------------------===//
// The call
//===----------------------------------------------------------------------===//

/// Functions of narrow floats compute in f32; the passes round the result.
static Value widenNarrow(Build &b, Value v) {
  auto type = dyn_cast<FloatType>(Build::element(v));
  if (!type || type.getWidth() >= 32)
    return v;
  return b.op<arith::ExtFOp>(b.f32Type(v), v);
}

FailureOr<Value> tegula::targets::emitMathCall(OpBuilder &builder, Location loc,
                                               StringRef name, ValueRange args,
                                               Type resultType,
                                               const TargetDesc &desc) {
  bool onFloats =
      !args.empty() && isa<FloatType>(getElementTypeOrSelf(args[0]));
  const Entry *entry = findEntry(name, onFloats);
  if (!entry) {
    if (isKnownMathCall(name))
      return emitError(loc) << "math function '" << name << "' takes "
                            << (onFloats ? "integers" : "floats");
    return emitError(loc) << "unknown math function '" << name << "'";
  }
  if (args.size() != entry->arity)
    return emitError(loc) << "math function '" << name << "' takes "
                          << entry->arity << " operands, not " << args.size();
  Build b(builder, loc);
  bool isReinterpretation = entry->emit == reinterpret;
  Call call{
      b, entry->name, {}, resultType, {desc.mathLibrary, desc.vectorBits}};
  for (Value arg : args)
    call.args.push_back(isReinterpretation ? arg : widenNarrow(b, arg));
  if (isReinterpretation &&
      getElementTypeOrSelf(resultType).getIntOrFloatBitWidth() !=
          Build::width(args[0]))
    return emitError(loc) << "math function '" << name
                          << "' keeps the width of its operand";
  Value result = entry->emit(call);
  if (result.getType() == resultType)
    return result;
  auto from = dyn_cast<FloatType>(Build::element(result));
  auto to = dyn_cast<FloatType>(getElementTypeOrSelf(resultType));
  if (from && to && from.getWidth() > to.getWidth())
    return b.op<arith::TruncFOp>(resultType, result);
  if (!from && !to)
    return b.sext(result,
                  getElementTypeOrSelf(resultType).getIntOrFloatBitWidth());
  return emitError(loc) << "math function '" << name << "' gives "
                        << result.getType() << ", not " << resultType;
}
