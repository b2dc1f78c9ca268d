//===- Polynomial.cpp - Sums of products of scalar values
//
// Part of the Tegula Project, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "ir/analysis/Polynomial.h"
#include "mlir/IR/AsmState.h"
#include "mlir/IR/Operation.h"
#include "llvm/ADT/STLExtras.h"
#include "llvm/Support/raw_ostream.h"

using namespace tegula::ir;

// Coefficients wrap as the machine's integers do: addresses are computed with
// the same 64 bits.
static int64_t wrappingAdd(int64_t a, int64_t b) {
  return static_cast<int64_t>(static_cast<uint64_t>(a) +
                              static_cast<uint64_t>(b));
}
static int64_t wrappingMul(int64_t a, int64_t b) {
  return static_cast<int64_t>(static_cast<uint64_t>(a) *
                              static_cast<uint64_t>(b));
}

bool Leaf::operator<(const Leaf &other) const {
  const void *left = value.getAsOpaquePointer();
  const void *right = other.value.getAsOpaquePointer();
  return std::tie(left, isUnsigned) < std::tie(right, other.isUnsigned);
}

Polynomial::Polynomial(int64_t constant) { add({}, constant); }

Polynomial::Polynomial(Leaf leaf) { add({leaf}, 1); }

void Polynomial::add(const Monomial &monomial, int64_t coefficient) {
  if (coefficient == 0)
    return;
  auto [it, inserted] = termsByMonomial.try_emplace(monomial, coefficient);
  if (inserted)
    return;
  it->second = wrappingAdd(it->second, coefficient);
  if (it->second == 0)
    termsByMonomial.erase(it);
}

std::optional<int64_t> Polynomial::constant() const {
  if (isZero())
    return 0;
  if (termsByMonomial.size() == 1 && termsByMonomial.begin()->first.empty())
    return termsByMonomial.begin()->second;
  return std::nullopt;
}

std::optional<Leaf> Polynomial::asLeaf() const {
  if (termsByMonomial.size() != 1)
    return std::nullopt;
  const auto &[monomial, coefficient] = *termsByMonomial.begin();
  if (coefficient != 1 || monomial.size() != 1)
    return std::nullopt;
  return monomial.front();
}

int64_t Polynomial::constantTerm() const {
  auto it = termsByMonomial.find({});
  return it == termsByMonomial.end() ? 0 : it->second;
}

Polynomial Polynomial::withoutConstant() const {
  Polynomial result = *this;
  result.termsByMonomial.erase(Monomial());
  return result;
}

Polynomial Polynomial::operator+(const Polynomial &other) const {
  Polynomial result = *this;
  for (const auto &[monomial, coefficient] : other.termsByMonomial)
    result.add(monomial, coefficient);
  return result;
}

Polynomial Polynomial::operator-() const {
  Polynomial result;
  for (const auto &[monomial, coefficient] : termsByMonomial)
    result.add(monomial, wrappingMul(coefficient, -1));
  return result;
}

Polynomial Polynomial::operator-(const Polynomial &other) const {
  return *this + -other;
}

Polynomial Polynomial::operator*(const Polynomial &other) const {
  Polynomial result;
  for (const auto &[left, leftCoefficient] : termsByMonomial)
    for (const auto &[right, rightCoefficient] : other.termsByMonomial) {
      Monomial product = left;
      llvm::append_range(product, right);
      llvm::sort(product);
      result.add(product, wrappingMul(leftCoefficient, rightCoefficient));
    }
  return result;
}

std::optional<Polynomial> Polynomial::dividedBy(int64_t divisor) const {
  if (divisor == 0 || divisor == -1)
    return divisor ? std::optional(-*this) : std::nullopt;
  Polynomial result;
  for (const auto &[monomial, coefficient] : termsByMonomial) {
    if (coefficient % divisor != 0)
      return std::nullopt;
    result.add(monomial, coefficient / divisor);
  }
  return result;
}

std::optional<Polynomial> Polynomial::dividedBy(const Leaf &leaf) const {
  Polynomial result;
  for (const auto &[monomial, coefficient] : termsByMonomial) {
    auto it = llvm::find(monomial, leaf);
    if (it == monomial.end())
      return std::nullopt;
    Monomial rest = monomial;
    rest.erase(rest.begin() + (it - monomial.begin()));
    result.add(rest, coefficient);
  }
  return result;
}

void Polynomial::print(llvm::raw_ostream &os) const {
  // The map is sorted by addresses: print in an order that doesn't vary.
  llvm::SmallVector<std::string> lines;
  for (const auto &[monomial, coefficient] : termsByMonomial) {
    std::string text;
    llvm::raw_string_ostream stream(text);
    llvm::SmallVector<std::string> factors;
    for (const Leaf &leaf : monomial) {
      std::string factor;
      llvm::raw_string_ostream factorStream(factor);
      leaf.value.printAsOperand(factorStream, mlir::OpPrintingFlags());
      factors.push_back((leaf.isUnsigned ? "unsigned " : "") + factor);
    }
    llvm::sort(factors);
    if (coefficient != 1 || monomial.empty())
      factors.insert(factors.begin(), std::to_string(coefficient));
    llvm::interleave(factors, stream, " * ");
    lines.push_back(text);
  }
  llvm::sort(lines);
  llvm::interleave(lines, os, " + ");
  if (lines.empty())
    os << 0;
}
