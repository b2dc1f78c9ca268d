//===- GenerateCompute.cpp - Element by element
//
// Part of the Tegula Project, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Math/IR/Math.h"
#include "tests/fuzz/Generator.h"
#include <cmath>

using namespace mlir;
using namespace tegula;
using namespace tegula::fuzz;

static bool isInt(Value value) {
  return isa<IntegerType>(tile::elementTypeOf(value.getType()));
}
/// Floats that arithmetic may be done on; the 8-bit ones are only converted.
static bool isFloat(Value value) {
  Type element = tile::elementTypeOf(value.getType());
  return isa<FloatType>(element) && element.getIntOrFloatBitWidth() > 8;
}

bool Generator::stepInt() {
  Value a = pick(isInt);
  if (!a)
    return false;
  Value b = chance(70) ? partner(a, isInt)
                       : constant(a.getType(), oneOf<int>({0, 1, 2, 3, 7, -1}));
  if (tile::elementTypeOf(a.getType()).isInteger(1) && chance(70)) {
    switch (below(3)) {
    case 0:
      add(make<arith::AndIOp>(a, b), {});
      return true;
    case 1:
      add(make<arith::OrIOp>(a, b), {});
      return true;
    default:
      add(make<arith::XOrIOp>(a, b), {});
      return true;
    }
  }
  const char *const names[] = {
      "arith.addi",  "arith.subi",  "arith.muli",  "arith.andi",  "arith.ori",
      "arith.xori",  "arith.divsi", "arith.divui", "arith.remsi", "arith.remui",
      "arith.shli",  "arith.shrsi", "arith.shrui", "arith.maxsi", "arith.maxui",
      "arith.minsi", "arith.minui"};
  OperationState state(location, names[below(std::size(names))]);
  state.addOperands({a, b});
  state.addTypes(a.getType());
  add(builder.create(state)->getResult(0), {});
  return true;
}

bool Generator::stepIntUnary() {
  Value a = pick([](Value value) {
    return isInt(value) && !tile::elementTypeOf(value.getType()).isInteger(1);
  });
  if (!a)
    return false;
  switch (below(3)) {
  case 0:
    add(make<math::AbsIOp>(a), {});
    return true;
  case 1: {
    if (!tile::elementTypeOf(a.getType()).isInteger(32))
      return false;
    auto both = make<arith::MulUIExtendedOp>(a, partner(a, isInt));
    add(both.getHigh(), {});
    return true;
  }
  default:
    add(make<arith::XOrIOp>(a, constant(a.getType(), -1)), {});
    return true;
  }
}

bool Generator::stepFloat() {
  Value a = pick(isFloat);
  if (!a)
    return false;
  Type type = a.getType();
  Value b = chance(75) ? partner(a, isFloat) : constant(type, 0.75);
  Facts fa = facts(a);
  Facts fb = known.count(b) ? facts(b) : Facts{0.75, 0, false};
  bool isExact = fa.error == 0 && fb.error == 0;
  if (!isExact && !(fa.isTame() && fb.isTame()))
    return false;
  double larger = std::max(fa.magnitude, fb.magnitude);
  double errors = fa.error + fb.error;
  known[b] = fb;
  switch (below(9)) {
  case 0:
    return addBasic(make<arith::AddFOp>(a, b), {a, b},
                    fa.magnitude + fb.magnitude, errors);
  case 1:
    return addBasic(make<arith::SubFOp>(a, b), {a, b},
                    fa.magnitude + fb.magnitude, errors);
  case 2:
    return addBasic(make<arith::MulFOp>(a, b), {a, b},
                    fa.magnitude * fb.magnitude,
                    fa.magnitude * fb.error + fb.magnitude * fa.error +
                        fa.error * fb.error);
  case 3: // Dividing by something inexact could give anything.
    if (!isExact || fb.zeroSignIsFree)
      return false;
    return addBasic(make<arith::DivFOp>(a, b), {a, b},
                    std::numeric_limits<double>::infinity(), 0);
  case 4:
    return addBasic(make<arith::NegFOp>(a), {a}, fa.magnitude, fa.error);
  case 5:
    return addBasic(make<math::AbsFOp>(a), {a}, fa.magnitude, fa.error);
  case 6:
    return addBasic(make<arith::MaximumFOp>(a, b), {a, b}, larger, errors);
  case 7:
    return addBasic(make<arith::MinimumFOp>(a, b), {a, b}, larger, errors);
  default: {
    Value both = chance(50) ? Value(make<arith::MaxNumFOp>(a, b))
                            : Value(make<arith::MinNumFOp>(a, b));
    if (!addBasic(both, {a, b}, larger, errors))
      return false;
    known[both].zeroSignIsFree = true;
    return true;
  }
  }
}

bool Generator::stepFma() {
  auto suits = [&](Value value) {
    return isFloat(value) && facts(value).error == 0;
  };
  Value a = pick(suits);
  if (!a)
    return false;
  Value b = partner(a, suits), c = partner(a, suits);
  return addBasic(make<math::FmaOp>(a, b, c), {a, b, c},
                  facts(a).magnitude * facts(b).magnitude + facts(c).magnitude,
                  0);
}

/// Functions within their comfortable range; each result is right to a few
/// units in the last place.
bool Generator::stepMath() {
  Value x = pick([&](Value value) {
    return isFloat(value) && facts(value).isTame() &&
           facts(value).magnitude < 50 && facts(value).error == 0;
  });
  if (!x)
    return false;
  double magnitude = facts(x).magnitude;
  Type element = tile::elementTypeOf(x.getType());
  // Roundings and the square root are basic operations.
  switch (below(10)) {
  case 0:
    return addBasic(make<math::FloorOp>(x), {x}, magnitude + 1, 0);
  case 1:
    return addBasic(make<math::CeilOp>(x), {x}, magnitude + 1, 0);
  case 2:
    return addBasic(make<math::SqrtOp>(make<math::AbsFOp>(x).getResult()), {x},
                    magnitude + 1, 0);
  default:
    break;
  }
  // Away from 0, where log and rsqrt are steep. Not tracked: it is exact.
  auto shifted = [&] {
    return make<arith::AddFOp>(make<math::AbsFOp>(x).getResult(),
                               constant(x.getType(), 1))
        .getResult();
  };
  Value y;
  double bound = 1;
  switch (below(9)) {
  case 0:
    if (magnitude > 6)
      return false;
    y = make<math::ExpOp>(x);
    bound = std::exp(magnitude);
    break;
  case 1:
    if (magnitude > 6)
      return false;
    y = make<math::Exp2Op>(x);
    bound = std::exp2(magnitude);
    break;
  case 2:
    y = make<math::LogOp>(shifted());
    bound = 5;
    break;
  case 3:
    y = make<math::Log2Op>(shifted());
    bound = 7;
    break;
  case 4:
    y = make<math::SinOp>(x);
    break;
  case 5:
    y = make<math::CosOp>(x);
    break;
  case 6:
    y = make<math::TanhOp>(x);
    break;
  case 7:
    y = make<math::ErfOp>(x);
    break;
  default:
    y = make<math::RsqrtOp>(shifted());
  }
  add(y, {bound, 16 * epsilonOf(element) * bound, true});
  return true;
}

bool Generator::stepCompare() {
  bool compareInts = chance(50);
  Value a = pick([&](Value value) {
    return compareInts ? isInt(value)
                       : isFloat(value) && facts(value).error == 0;
  });
  if (!a)
    return false;
  Value b = partner(a, [&](Value value) { return facts(value).error == 0; });
  if (compareInts) {
    add(make<arith::CmpIOp>(static_cast<arith::CmpIPredicate>(below(10)), a, b),
        {});
    return true;
  }
  add(make<arith::CmpFOp>(static_cast<arith::CmpFPredicate>(1 + below(14)), a,
                          b),
      {});
  return true;
}

bool Generator::stepSelect() {
  Value a = pickTensor([](Value) { return true; });
  if (!a)
    return false;
  Value b = partner(a, [](Value) { return true; });
  Type condition = tile::withElementType(a.getType(), builder.getI1Type());
  Value c = pick([&](Value value) { return value.getType() == condition; });
  if (!c)
    return false;
  Facts fa = facts(a), fb = facts(b);
  add(make<arith::SelectOp>(c, a, b),
      {std::max(fa.magnitude, fb.magnitude), std::max(fa.error, fb.error),
       fa.zeroSignIsFree || fb.zeroSignIsFree});
  return true;
}

/// To an integer type, from any exact value.
static Value castToInt(OpBuilder &b, Location loc, Value value, Type to,
                       bool isSigned) {
  Type from = tile::elementTypeOf(value.getType());
  unsigned before = from.getIntOrFloatBitWidth();
  unsigned after = tile::elementTypeOf(to).getIntOrFloatBitWidth();
  if (isa<FloatType>(from)) {
    if (isSigned)
      return arith::FPToSIOp::create(b, loc, to, value);
    return arith::FPToUIOp::create(b, loc, to, value);
  }
  if (after == before)
    return {};
  if (after < before)
    return arith::TruncIOp::create(b, loc, to, value);
  if (isSigned)
    return arith::ExtSIOp::create(b, loc, to, value);
  return arith::ExtUIOp::create(b, loc, to, value);
}

bool Generator::stepCast() {
  Value value = pick([](Value v) { return isInt(v) || isFloat(v); });
  if (!value)
    return false;
  bool toInt = chance(40), isSigned = chance(50);
  Facts before = facts(value);
  Type from = tile::elementTypeOf(value.getType());
  Type element = toInt ? anyInt() : anyFloat();
  if (!toInt && isFloat(value) && chance(15))
    element = chance(50) ? Type(Float8E5M2Type::get(builder.getContext()))
                         : Type(Float8E4M3FNType::get(builder.getContext()));
  Type to = tile::withElementType(value.getType(), element);
  if (toInt) {
    if (before.error > 0)
      return false;
    // Bits of a float that is never NaN are the same everywhere.
    if (isFloat(value) && before.isTame() && !before.zeroSignIsFree &&
        chance(20) &&
        from.getIntOrFloatBitWidth() == element.getIntOrFloatBitWidth()) {
      add(make<arith::BitcastOp>(to, value), {});
      return true;
    }
    Value cast = castToInt(builder, location, value, to, isSigned);
    if (cast)
      add(cast, {});
    return static_cast<bool>(cast);
  }
  if (isInt(value)) {
    Value cast = isSigned ? Value(make<arith::SIToFPOp>(to, value))
                          : Value(make<arith::UIToFPOp>(to, value));
    return addBasic(cast, {}, std::ldexp(1.0, from.getIntOrFloatBitWidth()), 0);
  }
  if (from == element || (before.error > 0 && !before.isTame()))
    return false;
  unsigned was = from.getIntOrFloatBitWidth();
  unsigned is = element.getIntOrFloatBitWidth();
  Value cast;
  if (was < is)
    cast = make<arith::ExtFOp>(to, value);
  else if (was > is && chance(60))
    cast = make<arith::TruncFOp>(to, value);
  else
    cast = make<tile::FpConvertOp>(
        to, value, chance(50) ? tile::Rounding::RTNE : tile::Rounding::RTZ,
        chance(40));
  if (!addBasic(cast, {value}, before.magnitude, before.error))
    return false;
  if (is == 8) { // Back at once: nothing else takes 8 bits.
    Value back = make<arith::ExtFOp>(value.getType(), cast);
    return addBasic(back, {cast}, facts(cast).magnitude, facts(cast).error);
  }
  return true;
}

/// Numbers of the whole program: indices, counts, their comparisons.
bool Generator::stepScalar() {
  Value scalar =
      pick([](Value value) { return !isa<RankedTensorType>(value.getType()); });
  if (!scalar)
    return false;
  add(splat(scalar, anyShape()), facts(scalar));
  return true;
}
