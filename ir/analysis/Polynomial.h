//===- Polynomial.h - Sums of products of scalar values ---------*- C++ -*-===//
//
// Part of the Tegula Project, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// What the same for all lanes of an index is: a polynomial over scalar SSA
// values with 64-bit coefficients. Two polynomials are equal exactly if their
// terms are, which is how equal bounds and strides are recognised.
//
//===----------------------------------------------------------------------===//

#ifndef TEGULA_IR_ANALYSIS_POLYNOMIAL_H
#define TEGULA_IR_ANALYSIS_POLYNOMIAL_H

#include "mlir/IR/Value.h"
#include "llvm/ADT/SmallVector.h"
#include <cstdint>
#include <map>
#include <optional>

namespace llvm {
class raw_ostream;
} // namespace llvm

namespace tegula::ir {

/// A value that a polynomial doesn't look into: a scalar integer or a tensor of
/// one. `isUnsigned` says how it is widened to 64 bits.
struct Leaf {
  mlir::Value value;
  bool isUnsigned = false;

  bool operator==(const Leaf &) const = default;
  bool operator<(const Leaf &other) const;
};

/// A product of leaves, sorted; a power stands as often as it counts.
using Monomial = llvm::SmallVector<Leaf, 2>;

class Polynomial {
public:
  Polynomial() = default;
  Polynomial(int64_t constant);
  explicit Polynomial(Leaf leaf);

  /// Terms without zeros; the empty monomial's is the constant.
  const std::map<Monomial, int64_t> &terms() const { return termsByMonomial; }

  bool isZero() const { return termsByMonomial.empty(); }
  bool isOne() const { return constant() == 1; }
  /// The value of a polynomial without leaves.
  std::optional<int64_t> constant() const;
  /// The leaf of a polynomial that is nothing else.
  std::optional<Leaf> asLeaf() const;
  /// The term without leaves, 0 if there is none.
  int64_t constantTerm() const;
  Polynomial withoutConstant() const;

  Polynomial operator+(const Polynomial &other) const;
  Polynomial operator-(const Polynomial &other) const;
  Polynomial operator*(const Polynomial &other) const;
  Polynomial operator-() const;
  bool operator==(const Polynomial &other) const = default;

  /// The quotient if `divisor` divides every coefficient.
  std::optional<Polynomial> dividedBy(int64_t divisor) const;
  /// The quotient by `leaf` if that stands in every term.
  std::optional<Polynomial> dividedBy(const Leaf &leaf) const;

  /// Do all leaves fulfil `predicate`?
  template <typename Predicate> bool allLeaves(Predicate predicate) const {
    for (const auto &[monomial, coefficient] : termsByMonomial)
      for (const Leaf &leaf : monomial)
        if (!predicate(leaf))
          return false;
    return true;
  }

  /// More terms than this are not worth carrying.
  static constexpr size_t kMaxTerms = 24;
  bool isTooLarge() const { return termsByMonomial.size() > kMaxTerms; }

  /// `4 * %a * %b + 7`, values as they are named in the IR.
  void print(llvm::raw_ostream &os) const;

private:
  void add(const Monomial &monomial, int64_t coefficient);
  std::map<Monomial, int64_t> termsByMonomial;
};

} // namespace tegula::ir

#endif // TEGULA_IR_ANALYSIS_POLYNOMIAL_H
