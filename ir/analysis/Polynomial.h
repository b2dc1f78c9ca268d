//===- Polynomial.h - Uniform index expressions -----------------*- C++ -*-===//
//
// Part of the Tegula Project, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Integers that are the same in all lanes, as sums of products of scalar SSA
// values: `3*%pid*%stride + %k - 1`. The form is canonical up to the order of
// terms, so equal expressions compare equal however they were written. Index
// arithmetic is assumed not to wrap (see TileDialect.td), hence sign extensions
// and truncations are transparent.
//
//===----------------------------------------------------------------------===//

#ifndef TEGULA_IR_ANALYSIS_POLYNOMIAL_H
#define TEGULA_IR_ANALYSIS_POLYNOMIAL_H

#include "mlir/IR/Builders.h"
#include "mlir/IR/Value.h"
#include "llvm/ADT/SmallVector.h"
#include <optional>

namespace tegula::ir {

class Polynomial {
public:
  Polynomial() = default;
  Polynomial(int64_t constant);
  /// The polynomial of a scalar integer: looks through additions, products,
  /// constants and casts; anything else is a variable.
  static Polynomial of(mlir::Value scalar);

  Polynomial operator+(const Polynomial &other) const;
  Polynomial operator-(const Polynomial &other) const;
  Polynomial operator*(const Polynomial &other) const;
  bool operator==(const Polynomial &other) const;

  bool isZero() const { return terms.empty(); }
  std::optional<int64_t> constant() const;
  /// Is it provably >= 0 (program ids, loop counters from 0, products and sums
  /// of such)?
  bool isNonNegative() const;
  /// The expression as an i64 at the builder's place; its variables must
  /// dominate that place.
  mlir::Value materialize(mlir::OpBuilder &builder, mlir::Location loc) const;

private:
  struct Term {
    llvm::SmallVector<mlir::Value, 2> factors; // sorted by address
    int64_t coefficient;
  };
  static Polynomial of(mlir::Value scalar, unsigned depth);
  void addTerm(Term term);
  llvm::SmallVector<Term, 2> terms; // in order of first use: stable output
};

/// Is the integer scalar provably >= 0?
bool isNonNegative(mlir::Value scalar, unsigned depth = 0);

} // namespace tegula::ir

#endif // TEGULA_IR_ANALYSIS_POLYNOMIAL_H
