//===- ConvertExtern.cpp - Functions of math libraries by name ------------===//
//
// Part of the Tegula Project, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "frontend/ttir/Convert.h"
#include "ir/interp/FunctionNames.h"
#include "ir/tile/Tile.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Math/IR/Math.h"
#include "llvm/ADT/StringMap.h"

using namespace mlir;
using namespace tegula::frontend;
namespace tile = tegula::tile;

/// The C name behind a vendor's symbol: `__nv_expf`, `__ocml_exp_f32` and
/// `__imf_expf` are exp.
static StringRef plainName(StringRef symbol, bool isFloat32) {
  if (symbol.consume_front("__ocml_")) {
    symbol.consume_back("_f32") || symbol.consume_back("_f64");
    return symbol;
  }
  if (!symbol.consume_front("__nv_"))
    symbol.consume_front("__imf_");
  symbol.consume_back("_rn");
  if (isFloat32)
    symbol.consume_back("f");
  symbol.consume_front("fast_");
  return symbol;
}

using Maker = Value (*)(OpBuilder &, tt::ExternElementwiseOp);

template <typename Op>
static Value make(OpBuilder &b, tt::ExternElementwiseOp op) {
  return Op::create(b, op.getLoc(), TypeRange{op.getType()}, op.getSrcs(),
                    ArrayRef<NamedAttribute>{})
      ->getResult(0);
}

/// isnan and its like give an i32 in C.
template <typename Op>
static Value classify(OpBuilder &b, tt::ExternElementwiseOp op) {
  Value source = op.getSrcs().front();
  Value flag = Op::create(b, op.getLoc(), tt::maskOf(source.getType()), source);
  return arith::ExtUIOp::create(b, op.getLoc(), op.getType(), flag);
}

static Value reciprocal(OpBuilder &b, tt::ExternElementwiseOp op) {
  Value one = arith::ConstantOp::create(b, op.getLoc(),
                                        tt::splatOf(b, op.getType(), 1));
  return arith::DivFOp::create(b, op.getLoc(), one, op.getSrcs().front());
}

/// Into [0, 1]; NaN to 0.
static Value saturate(OpBuilder &b, tt::ExternElementwiseOp op) {
  Location loc = op.getLoc();
  Value zero =
      arith::ConstantOp::create(b, loc, tt::splatOf(b, op.getType(), 0));
  Value one =
      arith::ConstantOp::create(b, loc, tt::splatOf(b, op.getType(), 1));
  Value above = arith::MaxNumFOp::create(b, loc, op.getSrcs().front(), zero);
  return arith::MinNumFOp::create(b, loc, above, one);
}

/// What arith and math have; the rest becomes tile.extern_math.
static Maker findMaker(StringRef name, size_t operands) {
  struct Entry {
    StringRef name;
    size_t operands;
    Maker make;
  };
  static constexpr Entry entries[] = {
      {"abs", 1, make<math::AbsFOp>},
      {"fabs", 1, make<math::AbsFOp>},
      {"acos", 1, make<math::AcosOp>},
      {"acosh", 1, make<math::AcoshOp>},
      {"asin", 1, make<math::AsinOp>},
      {"asinh", 1, make<math::AsinhOp>},
      {"atan", 1, make<math::AtanOp>},
      {"atan2", 2, make<math::Atan2Op>},
      {"atanh", 1, make<math::AtanhOp>},
      {"cbrt", 1, make<math::CbrtOp>},
      {"ceil", 1, make<math::CeilOp>},
      {"cos", 1, make<math::CosOp>},
      {"cosh", 1, make<math::CoshOp>},
      {"erf", 1, make<math::ErfOp>},
      {"erfc", 1, make<math::ErfcOp>},
      {"exp", 1, make<math::ExpOp>},
      {"exp2", 1, make<math::Exp2Op>},
      {"expm1", 1, make<math::ExpM1Op>},
      {"floor", 1, make<math::FloorOp>},
      {"fma", 3, make<math::FmaOp>},
      {"log", 1, make<math::LogOp>},
      {"log10", 1, make<math::Log10Op>},
      {"log1p", 1, make<math::Log1pOp>},
      {"log2", 1, make<math::Log2Op>},
      {"pow", 2, make<math::PowFOp>},
      {"round", 1, make<math::RoundOp>},
      {"rint", 1, make<math::RoundEvenOp>},
      {"rsqrt", 1, make<math::RsqrtOp>},
      {"sin", 1, make<math::SinOp>},
      {"sinh", 1, make<math::SinhOp>},
      {"sqrt", 1, make<math::SqrtOp>},
      {"tan", 1, make<math::TanOp>},
      {"tanh", 1, make<math::TanhOp>},
      {"trunc", 1, make<math::TruncOp>},
      {"fmod", 2, make<arith::RemFOp>},
      {"fdiv", 2, make<arith::DivFOp>},
      {"ddiv", 2, make<arith::DivFOp>},
      {"divide", 2, make<arith::DivFOp>},
      {"fdivide", 2, make<arith::DivFOp>},
      {"frcp", 1, reciprocal},
      {"drcp", 1, reciprocal},
      {"frsqrt", 1, make<math::RsqrtOp>},
      {"saturate", 1, saturate},
      {"fadd", 2, make<arith::AddFOp>},
      {"dadd", 2, make<arith::AddFOp>},
      {"fmul", 2, make<arith::MulFOp>},
      {"dmul", 2, make<arith::MulFOp>},
      {"fsub", 2, make<arith::SubFOp>},
      {"dsub", 2, make<arith::SubFOp>},
      {"fsqrt", 1, make<math::SqrtOp>},
      {"dsqrt", 1, make<math::SqrtOp>},
      {"fmax", 2, make<arith::MaxNumFOp>},
      {"fmin", 2, make<arith::MinNumFOp>},
      {"nearbyint", 1, make<math::RoundEvenOp>},
      {"copysign", 2, make<math::CopySignOp>},
      {"isnan", 1, classify<math::IsNaNOp>},
      {"isnand", 1, classify<math::IsNaNOp>},
      {"isinf", 1, classify<math::IsInfOp>},
      {"isinfd", 1, classify<math::IsInfOp>},
      {"finite", 1, classify<math::IsFiniteOp>},
      {"isfinited", 1, classify<math::IsFiniteOp>},
      {"float_as_int", 1, make<arith::BitcastOp>},
      {"float_as_uint", 1, make<arith::BitcastOp>},
      {"double_as_longlong", 1, make<arith::BitcastOp>},
  };
  for (const Entry &entry : entries)
    if (entry.name == name && entry.operands == operands)
      return entry.make;
  return nullptr;
}

static LogicalResult convertExtern(tt::ExternElementwiseOp op,
                                   PatternRewriter &rewriter) {
  StringRef symbol = op.getSymbol();
  size_t operands = op.getSrcs().size();
  if (operands == 0)
    return op.emitError() << "'" << symbol << "' has no operands";
  Type element = tile::elementTypeOf(op.getSrcs().front().getType());
  StringRef name = plainName(symbol, element.isF32());
  if (Value made = tt::makeOfIntegers(rewriter, op)) {
    rewriter.replaceOp(op, made);
    return success();
  }
  if (Maker make = findMaker(name, operands); make && isa<FloatType>(element)) {
    rewriter.replaceOp(op, make(rewriter, op));
    return success();
  }
  if (!isa<FloatType>(element) ||
      tegula::ir::operandsOfFunction(name) != operands)
    return op.emitError() << "the external function '" << symbol << "' on "
                          << (isa<FloatType>(element) ? "floats" : "integers")
                          << " isn't supported";
  rewriter.replaceOpWithNewOp<tile::ExternMathOp>(op, op.getType(), name,
                                                  op.getSrcs());
  return success();
}

void tt::addExternPatterns(RewritePatternSet &patterns) {
  patterns.add(convertExtern);
}
