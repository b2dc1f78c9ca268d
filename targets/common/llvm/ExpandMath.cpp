//===- ExpandMath.cpp - math operations as vector code or calls -----------===//
//
// Part of the Tegula Project, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "targets/common/llvm/InlineMath.h"
#include "targets/common/llvm/LibraryCall.h"
#include "targets/common/llvm/Passes.h"

using namespace mlir;
using namespace tegula::targets;

namespace tegula::targets {
#define GEN_PASS_DEF_EXPANDMATH
#include "targets/common/llvm/Passes.h.inc"
} // namespace tegula::targets

namespace {

class MathExpander {
public:
  MathExpander(MathSupport support, bool hasFma, bool hasFastLdexp)
      : support(support), hasFma(hasFma), hasFastLdexp(hasFastLdexp) {}

  /// The value that replaces `op`; null if LLVM lowers it well.
  Value expand(Operation *op);

private:
  Value promote(OpBuilder &builder, Operation *op);
  Value expandInline(OpBuilder &builder, Operation *op);
  Value expandTrig(OpBuilder &builder, Operation *op, bool isCos);
  Value callLibrary(OpBuilder &builder, Operation *op, StringRef name);

  MathSupport support;
  bool hasFma, hasFastLdexp;
};

} // namespace

/// Operations that the code generators do by instructions.
static bool isNative(Operation *op) {
  return isa<math::AbsFOp, math::AbsIOp, math::CeilOp, math::CopySignOp,
             math::CountLeadingZerosOp, math::CountTrailingZerosOp,
             math::CtPopOp, math::FloorOp, math::FmaOp, math::IsFiniteOp,
             math::IsNaNOp, math::IsNormalOp, math::RoundOp, math::RoundEvenOp,
             math::SqrtOp, math::TruncOp>(op);
}

/// The C function of an operation.
static StringRef libraryName(Operation *op) {
  return llvm::TypeSwitch<Operation *, StringRef>(op)
      .Case<math::AcosOp>([](auto) { return "acos"; })
      .Case<math::AcoshOp>([](auto) { return "acosh"; })
      .Case<math::AsinOp>([](auto) { return "asin"; })
      .Case<math::AsinhOp>([](auto) { return "asinh"; })
      .Case<math::AtanOp>([](auto) { return "atan"; })
      .Case<math::Atan2Op>([](auto) { return "atan2"; })
      .Case<math::AtanhOp>([](auto) { return "atanh"; })
      .Case<math::CbrtOp>([](auto) { return "cbrt"; })
      .Case<math::CosOp>([](auto) { return "cos"; })
      .Case<math::CoshOp>([](auto) { return "cosh"; })
      .Case<math::ErfOp>([](auto) { return "erf"; })
      .Case<math::ErfcOp>([](auto) { return "erfc"; })
      .Case<math::ExpOp>([](auto) { return "exp"; })
      .Case<math::Exp2Op>([](auto) { return "exp2"; })
      .Case<math::ExpM1Op>([](auto) { return "expm1"; })
      .Case<math::LogOp>([](auto) { return "log"; })
      .Case<math::Log10Op>([](auto) { return "log10"; })
      .Case<math::Log1pOp>([](auto) { return "log1p"; })
      .Case<math::Log2Op>([](auto) { return "log2"; })
      .Case<math::PowFOp>([](auto) { return "pow"; })
      .Case<math::SinOp>([](auto) { return "sin"; })
      .Case<math::SinhOp>([](auto) { return "sinh"; })
      .Case<math::TanOp>([](auto) { return "tan"; })
      .Case<math::TanhOp>([](auto) { return "tanh"; })
      .Case<arith::RemFOp>([](auto) { return "fmod"; })
      .Default(StringRef());
}

/// a * b + c of a narrow format, rounded once. In the wide type the product is
/// exact; the sum is rounded to odd there, so that the narrow rounding sees
/// whether anything was lost (Boldo and Melquiond, "Emulation of FMA and
/// correctly rounded sums: proved algorithms using rounding to odd", 2008).
static Value multiplyAddNarrow(OpBuilder &builder, math::FmaOp op) {
  Build b(builder, op.getLoc());
  // bf16 has the exponents of f32: a product of two needs those of f64.
  bool isBF16 = Build::element(op.getResult()).isBF16();
  Type wide = isBF16 ? b.f64Type(op.getResult()) : b.f32Type(op.getResult());
  auto widened = [&](Value v) { return b.op<arith::ExtFOp>(wide, v); };
  Value product = b.mulf(widened(op.getA()), widened(op.getB()));
  Value c = widened(op.getC()), sum = b.addf(product, c);
  // The error of the sum (Knuth's TwoSum); NaN where the sum is no number.
  Value part = b.subf(sum, product);
  Value error = b.addf(b.subf(product, b.subf(sum, part)), b.subf(c, part));
  Value bits = b.bits(sum);
  Value isEven = b.cmpi(Build::IPred::eq, b.andi(bits, 1), 0);
  Value isInexact = b.cmpf(Build::FPred::ONE, error, 0.0);
  Value isAway = b.cmpi(Build::IPred::slt, b.xori(bits, b.bits(error)), 0);
  Value odd = b.select(isAway, b.subi(bits, 1), b.addi(bits, 1));
  bits = b.select(b.andi(isEven, isInexact), odd, bits);
  return b.op<arith::TruncFOp>(op.getType(), b.bitcast(wide, bits));
}

Value MathExpander::expand(Operation *op) {
  bool isRemainder = isa<arith::RemFOp>(op);
  if (!isRemainder && !isa_and_nonnull<math::MathDialect>(op->getDialect()))
    return {};
  if (op->getNumResults() != 1 || op->getNumOperands() == 0)
    return {};
  auto element = dyn_cast<FloatType>(getElementTypeOrSelf(op->getOperand(0)));
  if (!element)
    return {};
  OpBuilder builder(op);
  if (isa<math::IsInfOp>(op)) {
    Build b(builder, op->getLoc());
    return b.cmpf(arith::CmpFPredicate::OEQ, b.absf(op->getOperand(0)),
                  INFINITY);
  }
  if (auto fma = dyn_cast<math::FmaOp>(op); fma && element.getWidth() < 32)
    return multiplyAddNarrow(builder, fma);
  if (element.getWidth() < 32)
    return promote(builder, op);
  if (isNative(op))
    return {};
  if (Value inlined = expandInline(builder, op))
    return inlined;
  StringRef name = libraryName(op);
  return name.empty() ? Value() : callLibrary(builder, op, name);
}

/// Narrow formats compute in f32 and round: each function has one rounding
/// more, which the f32 result's extra bits make harmless.
Value MathExpander::promote(OpBuilder &builder, Operation *op) {
  // A bit of the value, or a question about it.
  if (isa<math::AbsFOp, math::CopySignOp>(op) ||
      !isa<FloatType>(getElementTypeOrSelf(op->getResult(0))))
    return {};
  if (isNative(op) && getElementTypeOrSelf(op->getOperand(0)).isBF16())
    return {}; // ExpandFloatConversions promotes all bf16 arithmetic.
  Build b(builder, op->getLoc());
  SmallVector<Value> operands;
  for (Value operand : op->getOperands()) {
    bool isFloat = isa<FloatType>(Build::element(operand));
    operands.push_back(
        isFloat ? b.op<arith::ExtFOp>(b.f32Type(operand), operand) : operand);
  }
  Type type = op->getResult(0).getType();
  OperationState state(op->getLoc(), op->getName(), operands,
                       withElement(type, builder.getF32Type()), op->getAttrs());
  state.propertiesAttr = op->getPropertiesAsAttribute();
  Operation *wide = builder.create(state);
  Value result = wide->getResult(0);
  if (Value expanded = expand(wide)) {
    wide->erase();
    result = expanded;
  }
  return b.op<arith::TruncFOp>(type, result);
}

/// Huge arguments need more of pi than vectors have: if any lane has one, all
/// go through the library. The branch is uniform and almost never taken.
Value MathExpander::expandTrig(OpBuilder &builder, Operation *op, bool isCos) {
  Build b(builder, op->getLoc());
  Value x = op->getOperand(0);
  Value isHuge =
      b.cmpf(arith::CmpFPredicate::OGE, b.absf(x), InlineMath::trigLimit);
  if (isa<VectorType>(x.getType()))
    isHuge = b.op<vector::ReductionOp>(vector::CombiningKind::OR, isHuge);
  auto choice = scf::IfOp::create(builder, op->getLoc(), x.getType(), isHuge,
                                  /*withElseRegion=*/true);
  builder.setInsertionPointToStart(choice.thenBlock());
  Value slow = emitLibraryCall(builder, op->getLoc(), isCos ? "cos" : "sin", x,
                               x.getType(), support);
  scf::YieldOp::create(builder, op->getLoc(), slow);
  builder.setInsertionPointToStart(choice.elseBlock());
  InlineMath math(builder, op->getLoc(), hasFma, hasFastLdexp);
  scf::YieldOp::create(builder, op->getLoc(),
                       isCos ? math.cos(x) : math.sin(x));
  builder.setInsertionPointAfter(choice);
  return choice.getResult(0);
}

Value MathExpander::expandInline(OpBuilder &builder, Operation *op) {
  Value x = op->getOperand(0);
  bool isF64 = Build::element(x).isF64();
  InlineMath math(builder, op->getLoc(), hasFma, hasFastLdexp);
  if (isa<math::RsqrtOp>(op))
    return math.rsqrt(x);
  // OpenCL's own functions are the device's best.
  if (support.library == MathLibrary::OpenCl)
    return {};
  if (isa<math::ExpOp>(op))
    return math.exp(x);
  if (isa<math::Exp2Op>(op))
    return math.exp2(x);
  if (isa<math::LogOp>(op))
    return math.log(x);
  if (isa<math::Log2Op>(op))
    return math.log2(x);
  if (isa<math::Log10Op>(op))
    return math.log10(x);
  if (isF64)
    return {};
  if (isa<math::ExpM1Op>(op))
    return math.expm1(x);
  if (isa<math::Log1pOp>(op))
    return math.log1p(x);
  if (isa<math::TanhOp>(op))
    return math.tanh(x);
  if (isa<math::ErfOp>(op))
    return math.erf(x);
  if (isa<math::PowFOp>(op))
    return math.pow(x, op->getOperand(1));
  if (isa<math::SinOp, math::CosOp>(op))
    return expandTrig(builder, op, isa<math::CosOp>(op));
  return {};
}

Value MathExpander::callLibrary(OpBuilder &builder, Operation *op,
                                StringRef name) {
  return emitLibraryCall(builder, op->getLoc(), name, op->getOperands(),
                         op->getResult(0).getType(), support);
}

namespace {
struct ExpandMath : tegula::targets::impl::ExpandMathBase<ExpandMath> {
  using ExpandMathBase::ExpandMathBase;
  void runOnOperation() override {
    MathExpander expander({MathLibrary(unsigned(library)), vectorBits}, hasFma,
                          hasFastLdexp);
    SmallVector<Operation *> ops;
    getOperation()->walk([&](Operation *op) { ops.push_back(op); });
    for (Operation *op : ops)
      if (Value expanded = expander.expand(op)) {
        op->replaceAllUsesWith(ValueRange(expanded));
        op->erase();
      }
  }
};
} // namespace
