//===- IndexBuilder.cpp - Forms of indices back to values
//
// Part of the Tegula Project, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "ir/passes/IndexBuilder.h"
#include "ir/tile/Tile.h"
#include "mlir/Dialect/Arith/IR/Arith.h"

using namespace mlir;
using namespace tegula;
using namespace tegula::ir;

IndexBuilder::IndexBuilder(func::FuncOp function)
    : function(function), builder(function.getContext()),
      loc(function.getLoc()) {}

Value IndexBuilder::resolve(Value value) const {
  while (Value next = renamed.lookup(value))
    value = next;
  return value;
}

//===----------------------------------------------------------------------===//
// Places
//===----------------------------------------------------------------------===//

static unsigned depthOf(Block *block) {
  unsigned depth = 0;
  for (Operation *op = block->getParentOp(); op; op = op->getParentOp())
    ++depth;
  return depth;
}

/// Is `a` defined after `b`? Both are visible at one place, so one of them
/// stands in a block that holds the other's, or in the same.
bool IndexBuilder::isLater(Value a, Value b) const {
  Block *blockA = a.getParentBlock(), *blockB = b.getParentBlock();
  if (blockA != blockB)
    return depthOf(blockA) > depthOf(blockB);
  Operation *opA = a.getDefiningOp(), *opB = b.getDefiningOp();
  if (opA && opB)
    return opA != opB && opB->isBeforeInBlock(opA);
  if (!opA && !opB)
    return cast<BlockArgument>(a).getArgNumber() >
           cast<BlockArgument>(b).getArgNumber();
  return opA != nullptr;
}

void IndexBuilder::setInsertionPoint(ValueRange operands) {
  Value last;
  for (Value operand : operands)
    if (!last || isLater(operand, last))
      last = operand;
  if (!last)
    builder.setInsertionPointToStart(&function.getBody().front());
  else
    builder.setInsertionPointAfterValue(last);
}

//===----------------------------------------------------------------------===//
// Scalars
//===----------------------------------------------------------------------===//

Value IndexBuilder::constant(int64_t value) {
  Value &known = constants[value];
  if (!known) {
    builder.setInsertionPointToStart(&function.getBody().front());
    known = arith::ConstantOp::create(builder, function.getLoc(),
                                      builder.getI64IntegerAttr(value));
  }
  return known;
}

Value IndexBuilder::add(Value a, Value b) {
  return after<arith::AddIOp>({a, b}, a, b);
}
Value IndexBuilder::sub(Value a, Value b) {
  return after<arith::SubIOp>({a, b}, a, b);
}
Value IndexBuilder::mul(Value a, Value b) {
  return after<arith::MulIOp>({a, b}, a, b);
}
Value IndexBuilder::select(Value condition, Value a, Value b) {
  return after<arith::SelectOp>({condition, a, b}, condition, a, b);
}

Value IndexBuilder::widen(const Leaf &leaf) {
  Value value = resolve(leaf.value);
  auto [it, isNew] = widened.try_emplace({value, leaf.isUnsigned});
  if (!isNew)
    return it->second;
  Value result = value;
  if (isa<RankedTensorType>(value.getType()))
    result = after<tile::UnsplatOp>(
        result, tile::elementTypeOf(value.getType()), result);
  Type type = result.getType(), i64 = builder.getI64Type();
  if (type.isIndex())
    result = after<arith::IndexCastOp>(result, i64, result);
  else if (type.getIntOrFloatBitWidth() < 64 && leaf.isUnsigned)
    result = after<arith::ExtUIOp>(result, i64, result);
  else if (type.getIntOrFloatBitWidth() < 64)
    result = after<arith::ExtSIOp>(result, i64, result);
  return widened[{value, leaf.isUnsigned}] = result;
}

/// `coefficient * leaves`, what is known early multiplied first.
Value IndexBuilder::product(ArrayRef<Leaf> leaves, int64_t coefficient) {
  Value result;
  for (const Leaf &leaf : leaves) {
    Value factor = widen(leaf);
    if (!result)
      result = coefficient == 1 ? factor : mul(factor, constant(coefficient));
    else
      result = mul(result, factor);
  }
  return result;
}

Value IndexBuilder::polynomial(const Polynomial &polynomial) {
  if (std::optional<int64_t> value = polynomial.constant())
    return constant(*value);
  auto [known, isNew] = polynomials.try_emplace(polynomial.terms());
  if (!isNew)
    return known->second;

  // What is known in an outer loop comes first; the order doesn't depend on
  // addresses.
  auto isEarlier = [&](const Leaf &a, const Leaf &b) {
    Value left = resolve(a.value), right = resolve(b.value);
    if (left == right)
      return a.isUnsigned < b.isUnsigned;
    return isLater(right, left);
  };
  using Term = std::pair<Monomial, int64_t>;
  SmallVector<Term> terms;
  for (const auto &[monomial, coefficient] : polynomial.terms()) {
    if (monomial.empty())
      continue;
    llvm::sort(terms.emplace_back(monomial, coefficient).first, isEarlier);
  }
  llvm::sort(terms, [&](const Term &a, const Term &b) {
    // Compares the latest leaves first.
    return std::lexicographical_compare(a.first.rbegin(), a.first.rend(),
                                        b.first.rbegin(), b.first.rend(),
                                        isEarlier);
  });
  Value sum;
  int64_t start = polynomial.constantTerm();
  for (const auto &[leaves, coefficient] : terms) {
    bool subtract = coefficient < 0 && (sum || start);
    Value term = product(leaves, subtract ? -coefficient : coefficient);
    if (!sum && start)
      sum = constant(start);
    if (!sum)
      sum = term;
    else
      sum = subtract ? sub(sum, term) : add(sum, term);
  }
  return polynomials[polynomial.terms()] = sum;
}

Value IndexBuilder::limit(const Limit &limit) {
  if (std::optional<int64_t> value = limit.constant())
    return constant(*value);
  if (limit.divisor == 1)
    return polynomial(limit.numerator);
  // Towards zero rather than up makes 0 of a negative limit: the same for
  // coordinates, which aren't negative.
  Value numerator = polynomial(limit.numerator + (limit.divisor - 1));
  Value divisor = constant(limit.divisor);
  return after<arith::DivSIOp>({numerator, divisor}, numerator, divisor);
}

Value IndexBuilder::condition(const UniformCondition &condition) {
  if (!condition.scalar) {
    Value value = polynomial(condition.negative), zero = constant(0);
    return after<arith::CmpIOp>({value, zero}, arith::CmpIPredicate::slt, value,
                                zero);
  }
  Value scalar = resolve(condition.scalar);
  if (!condition.isNegated)
    return scalar;
  setInsertionPoint(scalar);
  Value truth =
      arith::ConstantOp::create(builder, loc, builder.getBoolAttr(true));
  return builder.createOrFold<arith::XOrIOp>(loc, scalar, truth);
}

Value IndexBuilder::pointer(Value root, const Polynomial &offset) {
  root = resolve(root);
  if (offset.isZero())
    return root;
  Value elements = polynomial(offset);
  return after<tile::PtrAddOp>({root, elements}, root, elements);
}

//===----------------------------------------------------------------------===//
// Index tensors
//===----------------------------------------------------------------------===//

Value IndexBuilder::widenTensor(const Leaf &leaf, int64_t size) {
  Value value = resolve(leaf.value);
  auto type = cast<RankedTensorType>(value.getType());
  if (type.getRank() != 1)
    value = after<tile::ReshapeOp>(
        value, RankedTensorType::get(size, type.getElementType()), value,
        /*allow_reorder=*/false);
  auto wide = RankedTensorType::get(size, builder.getI64Type());
  if (type.getElementType().isIndex())
    return after<arith::IndexCastOp>(value, wide, value);
  if (type.getElementTypeBitWidth() == 64)
    return value;
  return leaf.isUnsigned ? after<arith::ExtUIOp>(value, wide, value)
                         : after<arith::ExtSIOp>(value, wide, value);
}

Value IndexBuilder::scaleTensor(Value tensor, const Polynomial &factor) {
  if (factor.isOne())
    return tensor;
  Value scalar = polynomial(factor);
  Value splat = after<tile::SplatOp>({scalar}, tensor.getType(), scalar);
  return mul(tensor, splat);
}

Value IndexBuilder::indexTensor(const DimForm &dim, int64_t size,
                                Polynomial &scale) {
  // A factor that all parts share becomes the stride.
  scale = dim.terms.front().coefficient;
  for (const IndexedTerm &term : dim.terms)
    if (!(term.coefficient == scale))
      scale = 1;
  if (!dim.stride.isZero() && !(dim.stride == scale))
    scale = 1;
  auto rest = [&](const Polynomial &factor) {
    return factor == scale ? Polynomial(1) : factor;
  };
  Value sum;
  for (const IndexedTerm &term : dim.terms) {
    Value part =
        scaleTensor(widenTensor(term.tensor, size), rest(term.coefficient));
    sum = sum ? add(sum, part) : part;
  }
  if (dim.stride.isZero())
    return sum;
  setInsertionPoint({});
  Value range = tile::RangeOp::create(
      builder, loc, RankedTensorType::get(size, builder.getI32Type()), 0, size);
  return add(sum,
             scaleTensor(widenTensor({range, false}, size), rest(dim.stride)));
}
