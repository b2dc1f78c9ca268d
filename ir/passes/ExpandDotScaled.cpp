//===- ExpandDotScaled.cpp - Block-scaled products as plain ones
//
// Part of the Tegula Project, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Every format here is a subset of f32, and a power of two times an element is
// exact in it, so a scaled operand is an f32 tensor made element by element.
//
//===----------------------------------------------------------------------===//

#include "ir/passes/Passes.h"

using namespace mlir;
using namespace tegula;

namespace tegula::ir {
#define GEN_PASS_DEF_EXPANDDOTSCALED
#include "ir/passes/Passes.h.inc"
} // namespace tegula::ir

namespace {
/// Writes elementwise ops on whole tensors at one place.
class Expander {
public:
  explicit Expander(tile::DotScaledOp op) : op(op), b(op.getLoc(), op) {}

  LogicalResult run();

private:
  Value operand(Value value, tile::ScaledFormat format, bool packsLast);
  Value unpackPairs(Value bytes, bool packsLast);
  Value decodeSmall(Value bits, unsigned exponent, unsigned mantissa);
  FailureOr<Value> scales(Value scale, ArrayRef<int64_t> shape);
  Value scaleNumbers(Value scale);
  Value swapLast(Value value);

  RankedTensorType typeOf(Value value) const {
    return cast<RankedTensorType>(value.getType());
  }
  Type like(Value value, Type element) const {
    return typeOf(value).clone(element);
  }
  Value reshape(Value value, ArrayRef<int64_t> shape) {
    return tile::ReshapeOp::create(b, typeOf(value).clone(shape), value,
                                   /*allow_reorder=*/false);
  }
  /// An i32 or f32 tensor of the shape of `shaped`.
  Value integers(Value shaped, int32_t value) {
    return arith::ConstantOp::create(
        b, DenseElementsAttr::get(
               cast<ShapedType>(like(shaped, b.getI32Type())), value));
  }
  Value floats(Value shaped, float value) {
    return arith::ConstantOp::create(
        b, DenseElementsAttr::get(
               cast<ShapedType>(like(shaped, b.getF32Type())), value));
  }

  tile::DotScaledOp op;
  ImplicitLocOpBuilder b;
};
} // namespace

/// Exchanges the last two dimensions.
Value Expander::swapLast(Value value) {
  SmallVector<int64_t> shape(typeOf(value).getShape());
  size_t rank = shape.size();
  auto order = llvm::to_vector(llvm::seq<int32_t>(0, rank));
  std::swap(order[rank - 1], order[rank - 2]);
  std::swap(shape[rank - 1], shape[rank - 2]);
  return tile::TransOp::create(b, typeOf(value).clone(shape), value, order);
}

/// The number of a format without infinities and NaNs, from an i32 that has its
/// bits lowest. Shifting an integer avoids subnormal f32 numbers on the way.
Value Expander::decodeSmall(Value bits, unsigned exponent, unsigned mantissa) {
  auto constant = [&](int32_t value) { return integers(bits, value); };
  Value power = arith::AndIOp::create(
      b, arith::ShRUIOp::create(b, bits, constant(mantissa)),
      constant((1 << exponent) - 1));
  Value fraction =
      arith::AndIOp::create(b, bits, constant((1 << mantissa) - 1));
  // The leading 1, which subnormal numbers (power 0, read as 1) lack.
  Value isNormal = arith::MinUIOp::create(b, power, constant(1));
  Value leading = arith::ShLIOp::create(b, isNormal, constant(mantissa));
  Value shift = arith::SubIOp::create(b, power, isNormal);
  Value whole = arith::ShLIOp::create(
      b, arith::AddIOp::create(b, fraction, leading), shift);
  Value number = arith::UIToFPOp::create(b, like(bits, b.getF32Type()), whole);
  int bias = (1 << (exponent - 1)) - 1;
  float unit = std::ldexp(1.0f, 1 - bias - static_cast<int>(mantissa));
  number = arith::MulFOp::create(b, number, floats(bits, unit));
  Value sign =
      arith::AndIOp::create(b, bits, constant(1 << (exponent + mantissa)));
  Value isNegative =
      arith::CmpIOp::create(b, arith::CmpIPredicate::ne, sign, constant(0));
  return arith::SelectOp::create(b, isNegative,
                                 arith::NegFOp::create(b, number), number);
}

/// The halves of each byte as neighbours along the last dimension, or along the
/// one before it.
Value Expander::unpackPairs(Value bytes, bool packsLast) {
  Value bits = arith::ExtUIOp::create(b, like(bytes, b.getI32Type()), bytes);
  Value low =
      decodeSmall(arith::AndIOp::create(b, bits, integers(bits, 15)), 2, 1);
  Value high =
      decodeSmall(arith::ShRUIOp::create(b, bits, integers(bits, 4)), 2, 1);
  SmallVector<int64_t> shape(typeOf(bytes).getShape());
  shape.push_back(2);
  Value pairs = tile::JoinOp::create(b, typeOf(low).clone(shape), low, high);
  shape.pop_back();
  if (!packsLast)
    pairs = swapLast(pairs);
  shape[shape.size() - (packsLast ? 1 : 2)] *= 2;
  return reshape(pairs, shape);
}

/// The elements of an operand as f32, without their scales.
Value Expander::operand(Value value, tile::ScaledFormat format,
                        bool packsLast) {
  auto wide = [&](Value narrow, FloatType type) -> Value {
    if (isa<IntegerType>(typeOf(narrow).getElementType()))
      narrow = arith::BitcastOp::create(b, like(narrow, type), narrow);
    return arith::ExtFOp::create(b, like(narrow, b.getF32Type()), narrow);
  };
  auto small = [&](unsigned exponent, unsigned mantissa) {
    return decodeSmall(
        arith::ExtUIOp::create(b, like(value, b.getI32Type()), value), exponent,
        mantissa);
  };
  switch (format) {
  case tile::ScaledFormat::E2M1:
    return unpackPairs(value, packsLast);
  case tile::ScaledFormat::E2M3:
    return small(2, 3);
  case tile::ScaledFormat::E3M2:
    return small(3, 2);
  case tile::ScaledFormat::E4M3:
    return wide(value, Float8E4M3FNType::get(b.getContext()));
  case tile::ScaledFormat::E5M2:
    return wide(value, Float8E5M2Type::get(b.getContext()));
  case tile::ScaledFormat::BF16:
    return wide(value, b.getBF16Type());
  case tile::ScaledFormat::FP16:
    return wide(value, b.getF16Type());
  }
  return {};
}

/// Scales as f32: E8M0 exponents 2^(s-127), which are the exponent of an f32
/// but for the smallest and for NaN, or floats.
Value Expander::scaleNumbers(Value scale) {
  Type f32 = like(scale, b.getF32Type());
  if (isa<Float8E4M3FNType>(typeOf(scale).getElementType()))
    return arith::ExtFOp::create(b, f32, scale);
  if (isa<FloatType>(typeOf(scale).getElementType()))
    scale = arith::BitcastOp::create(b, like(scale, b.getI8Type()), scale);
  Value bits = arith::ExtUIOp::create(b, like(scale, b.getI32Type()), scale);
  auto replace = [&](int32_t exponent, int32_t by, Value otherwise) -> Value {
    Value hit = arith::CmpIOp::create(b, arith::CmpIPredicate::eq, bits,
                                      integers(bits, exponent));
    return arith::SelectOp::create(b, hit, integers(bits, by), otherwise);
  };
  Value shifted = arith::ShLIOp::create(b, bits, integers(bits, 23));
  shifted = replace(0, 1 << 22, shifted);
  shifted = replace(255, 0x7FC00000, shifted);
  return arith::BitcastOp::create(b, f32, shifted);
}

/// The scale of each element of a tensor of `shape`, whose last dimension is K.
FailureOr<Value> Expander::scales(Value scale, ArrayRef<int64_t> shape) {
  Type element = typeOf(scale).getElementType();
  bool isExponent = element.isInteger(8) || isa<Float8E8M0FNUType>(element);
  if (!isExponent && !isa<Float8E4M3FNType>(element))
    return op.emitOpError()
           << "expects scales of i8 (exponents) or f8E4M3FN, found " << element;
  int64_t group = std::min<int64_t>(isExponent ? 32 : 16, shape.back());
  if (!isExponent && typeOf(scale).getShape().back() * 32 == shape.back())
    group = 32;
  SmallVector<int64_t> wanted(shape);
  wanted.back() /= group;
  if (typeOf(scale).getShape() != ArrayRef(wanted) || shape.back() % group != 0)
    return op.emitOpError()
           << "expects a scale for each " << group
           << " elements along K: " << typeOf(scale).clone(wanted) << ", found "
           << typeOf(scale);
  Value numbers = scaleNumbers(scale);
  wanted.push_back(1);
  Value column = tile::ExpandDimsOp::create(b, typeOf(numbers).clone(wanted),
                                            numbers, wanted.size() - 1);
  wanted.back() = group;
  Value repeated =
      tile::BroadcastOp::create(b, typeOf(numbers).clone(wanted), column);
  return reshape(repeated, shape);
}

LogicalResult Expander::run() {
  Value a = operand(op.getA(), op.getAFormat(), op.getAKPack());
  Value right = operand(op.getB(), op.getBFormat(), !op.getBKPack());
  if (op.getAScale()) {
    auto scale = scales(op.getAScale(), typeOf(a).getShape());
    if (failed(scale))
      return failure();
    a = arith::MulFOp::create(b, a, *scale);
  }
  if (op.getBScale()) {
    // The scales of b are N x K/32.
    SmallVector<int64_t> shape(typeOf(right).getShape());
    std::swap(shape[shape.size() - 1], shape[shape.size() - 2]);
    auto scale = scales(op.getBScale(), shape);
    if (failed(scale))
      return failure();
    right = arith::MulFOp::create(b, right, swapLast(*scale));
  }
  Value c = op.getC();
  auto type = typeOf(c);
  if (!isa<FloatType>(type.getElementType()))
    return op.emitOpError() << "expects an accumulator of floats, found "
                            << type.getElementType();
  bool isNarrow = type.getElementTypeBitWidth() < 32;
  if (isNarrow)
    c = arith::ExtFOp::create(b, like(c, b.getF32Type()), c);
  Value product = tile::DotOp::create(b, c.getType(), a, right, c);
  if (isNarrow)
    product = arith::TruncFOp::create(b, type, product);
  op.replaceAllUsesWith(product);
  op.erase();
  return success();
}

namespace {
struct ExpandDotScaled
    : tegula::ir::impl::ExpandDotScaledBase<ExpandDotScaled> {
  void runOnOperation() override {
    SmallVector<tile::DotScaledOp> ops;
    getOperation().walk([&](tile::DotScaledOp op) { ops.push_back(op); });
    for (tile::DotScaledOp op : ops)
      if (failed(Expander(op).run()))
        return signalPassFailure();
  }
};
} // namespace
