//===- Polynomial.cpp - Uniform index expressions -------------------------===//
//
// Part of the Tegula Project, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "ir/analysis/Polynomial.h"
#include "ir/tile/Tile.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/SCF/IR/SCF.h"
#include "mlir/IR/Matchers.h"

using namespace mlir;
using namespace tegula;
using namespace tegula::ir;

// Deep enough for real index expressions, shallow enough for any input.
static constexpr unsigned kMaxDepth = 32;
static constexpr unsigned kMaxTerms = 32;

static std::optional<int64_t> constantOf(Value value) {
  APInt number;
  if (matchPattern(value, m_ConstantInt(&number)) && number.getBitWidth() <= 64)
    return number.getSExtValue();
  return std::nullopt;
}

Polynomial::Polynomial(int64_t constant) {
  if (constant)
    terms.push_back({{}, constant});
}

void Polynomial::addTerm(Term term) {
  for (auto it = terms.begin(); it != terms.end(); ++it) {
    if (it->factors != term.factors)
      continue;
    it->coefficient += term.coefficient;
    if (it->coefficient == 0)
      terms.erase(it);
    return;
  }
  if (term.coefficient)
    terms.push_back(std::move(term));
}

Polynomial Polynomial::operator+(const Polynomial &other) const {
  Polynomial sum = *this;
  for (const Term &term : other.terms)
    sum.addTerm(term);
  return sum;
}

Polynomial Polynomial::operator-(const Polynomial &other) const {
  return *this + other * Polynomial(-1);
}

Polynomial Polynomial::operator*(const Polynomial &other) const {
  Polynomial product;
  for (const Term &a : terms)
    for (const Term &b : other.terms) {
      Term term{a.factors, a.coefficient * b.coefficient};
      term.factors.append(b.factors.begin(), b.factors.end());
      llvm::sort(term.factors, [](Value x, Value y) {
        return x.getAsOpaquePointer() < y.getAsOpaquePointer();
      });
      product.addTerm(std::move(term));
    }
  return product;
}

bool Polynomial::operator==(const Polynomial &other) const {
  return (*this - other).isZero();
}

std::optional<int64_t> Polynomial::constant() const {
  if (terms.empty())
    return 0;
  if (terms.size() == 1 && terms.front().factors.empty())
    return terms.front().coefficient;
  return std::nullopt;
}

Polynomial Polynomial::of(Value scalar) { return of(scalar, 0); }

Polynomial Polynomial::of(Value scalar, unsigned depth) {
  Polynomial variable;
  variable.terms.push_back({{scalar}, 1});
  Operation *op = scalar.getDefiningOp();
  if (auto known = constantOf(scalar))
    return Polynomial(*known);
  if (!op || depth > kMaxDepth)
    return variable;
  auto operand = [&](unsigned i) { return of(op->getOperand(i), depth + 1); };
  Polynomial result;
  if (isa<arith::AddIOp>(op))
    result = operand(0) + operand(1);
  else if (isa<arith::SubIOp>(op))
    result = operand(0) - operand(1);
  else if (isa<arith::MulIOp>(op))
    result = operand(0) * operand(1);
  else if (isa<arith::ExtSIOp, arith::TruncIOp, arith::IndexCastOp>(op) &&
           !op->getOperand(0).getType().isInteger(1) &&
           !scalar.getType().isInteger(1))
    result = operand(0);
  else if (auto shift = constantOf(isa<arith::ShLIOp>(op) ? op->getOperand(1)
                                                          : Value(scalar));
           isa<arith::ShLIOp>(op) && shift && *shift >= 0 && *shift < 31)
    result = operand(0) * Polynomial(int64_t(1) << *shift);
  else
    return variable;
  return result.terms.size() > kMaxTerms ? variable : result;
}

bool ir::isNonNegative(Value scalar, unsigned depth) {
  if (auto known = constantOf(scalar))
    return *known >= 0;
  if (depth > kMaxDepth)
    return false;
  auto recurse = [&](Value value) { return isNonNegative(value, depth + 1); };
  if (auto argument = dyn_cast<BlockArgument>(scalar)) {
    auto loop = dyn_cast<scf::ForOp>(argument.getOwner()->getParentOp());
    return loop && scalar == loop.getInductionVar() &&
           recurse(loop.getLowerBound());
  }
  Operation *op = scalar.getDefiningOp();
  if (isa<tile::ProgramIdOp, tile::NumProgramsOp, arith::ExtUIOp>(op))
    return true;
  // The remainder has the sign of the dividend.
  if (isa<arith::RemSIOp, arith::ExtSIOp, arith::TruncIOp, arith::ShRSIOp,
          arith::IndexCastOp>(op))
    return recurse(op->getOperand(0));
  if (isa<arith::AddIOp, arith::MulIOp, arith::MinSIOp>(op))
    return recurse(op->getOperand(0)) && recurse(op->getOperand(1));
  if (isa<arith::MaxSIOp>(op))
    return recurse(op->getOperand(0)) || recurse(op->getOperand(1));
  // A divisor is a count of something: tiles, groups, heads.
  if (isa<arith::DivSIOp, arith::CeilDivSIOp>(op))
    return recurse(op->getOperand(0));
  return false;
}

bool Polynomial::isNonNegative() const {
  return llvm::all_of(terms, [](const Term &term) {
    return term.coefficient >= 0 && llvm::all_of(term.factors, [](Value v) {
             return ir::isNonNegative(v);
           });
  });
}

static Value toI64(OpBuilder &builder, Location loc, Value value) {
  Type i64 = builder.getI64Type();
  if (value.getType() == i64)
    return value;
  if (isa<IndexType>(value.getType()))
    return arith::IndexCastOp::create(builder, loc, i64, value);
  return arith::ExtSIOp::create(builder, loc, i64, value);
}

Value Polynomial::materialize(OpBuilder &builder, Location loc) const {
  Value sum;
  int64_t offset = 0;
  for (const Term &term : terms) {
    if (term.factors.empty()) {
      offset = term.coefficient;
      continue;
    }
    Value product;
    for (Value factor : term.factors) {
      Value wide = toI64(builder, loc, factor);
      product = product
                    ? Value(arith::MulIOp::create(builder, loc, product, wide))
                    : wide;
    }
    bool negate = term.coefficient == -1 && sum;
    if (term.coefficient != 1 && !negate)
      product = arith::MulIOp::create(
          builder, loc, product,
          arith::ConstantOp::create(
              builder, loc, builder.getI64IntegerAttr(term.coefficient)));
    if (!sum)
      sum = product;
    else if (negate)
      sum = arith::SubIOp::create(builder, loc, sum, product);
    else
      sum = arith::AddIOp::create(builder, loc, sum, product);
  }
  if (sum && offset == 0)
    return sum;
  Value constant = arith::ConstantOp::create(builder, loc,
                                             builder.getI64IntegerAttr(offset));
  return sum ? Value(arith::AddIOp::create(builder, loc, sum, constant))
             : constant;
}
