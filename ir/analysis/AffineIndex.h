//===- AffineIndex.h - Index tensors as sums over coordinates ---*- C++ -*-===//
//
// Part of the Tegula Project, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Expresses an integer tensor as
//
//   uniform + sum over d of (stride[d] * coordinate[d] + terms of dimension d)
//
// where a term is a coefficient times a tensor that varies along d alone: an
// index that was loaded, or a wrapped position (start + coordinate) % modulus.
// A tensor of pointers is one scalar pointer plus such an offset. The analysis
// reads IR and changes nothing; where it can't express a value it names the
// value that stands in the way.
//
// Index arithmetic is taken not to wrap (ir/tile says so), so widening and
// truncation to 32 bits and more are looked through. Narrower integers are
// data.
//
//===----------------------------------------------------------------------===//

#ifndef TEGULA_IR_ANALYSIS_AFFINEINDEX_H
#define TEGULA_IR_ANALYSIS_AFFINEINDEX_H

#include "ir/analysis/Polynomial.h"
#include "ir/analysis/Signs.h"
#include "llvm/ADT/DenseMap.h"

namespace tegula::ir {

/// `coefficient * tensor`, where `tensor` has one dimension that isn't 1.
struct IndexedTerm {
  /// tensor = (start + coordinate) % modulus, and start + coordinate >= 0.
  struct Wrap {
    Polynomial start, modulus;
    bool operator==(const Wrap &) const = default;
  };
  Polynomial coefficient;
  Leaf tensor;
  std::optional<Wrap> wrap;

  bool operator==(const IndexedTerm &) const = default;
};

/// What an index does along one dimension; a dimension of size 1 does nothing.
struct DimForm {
  Polynomial stride;
  llvm::SmallVector<IndexedTerm, 1> terms;

  bool isZero() const { return stride.isZero() && terms.empty(); }
  /// The only term of a wrapped dimension, or null.
  const IndexedTerm *asWrapped() const;
  bool operator==(const DimForm &) const = default;
};

struct AffineForm {
  Polynomial uniform;
  llvm::SmallVector<DimForm, 3> dims;

  bool isUniform() const;
  /// The only dimension that does something, or -1.
  int onlyDim() const;
  AffineForm scaledBy(const Polynomial &factor) const;
  AffineForm operator+(const AffineForm &other) const;
  AffineForm operator-(const AffineForm &other) const;
  bool operator==(const AffineForm &) const = default;
  bool isTooLarge() const;
};

/// A form, or the value that has none.
template <typename Form> struct Expressed {
  std::optional<Form> form;
  mlir::Value blocker;

  Expressed(Form form) : form(std::move(form)) {}
  static Expressed blockedBy(mlir::Value value) { return Expressed(value); }
  explicit operator bool() const { return form.has_value(); }
  const Form &operator*() const { return *form; }
  const Form *operator->() const { return &*form; }

private:
  explicit Expressed(mlir::Value blocker) : blocker(blocker) {}
};

struct PointerForm {
  /// A scalar pointer that is no sum itself.
  mlir::Value root;
  AffineForm offset;
};

/// Answers for the values of one function; keep it only while the IR stays.
class IndexAnalysis {
public:
  /// A scalar integer. With `isUnsigned`, as it is when read as unsigned.
  Polynomial scalar(mlir::Value value, bool isUnsigned = false);
  /// A tensor of integers (or a scalar: a form without dimensions).
  Expressed<AffineForm> index(mlir::Value value, bool isUnsigned = false);
  /// A tensor of pointers or a scalar pointer.
  Expressed<PointerForm> pointer(mlir::Value value);

  bool isNonNegative(const Polynomial &polynomial);
  bool isNonNegative(const AffineForm &form);
  Signs &getSigns() { return signs; }

private:
  Polynomial scalarUncached(mlir::Value value, bool isUnsigned);
  Expressed<AffineForm> indexUncached(mlir::Value value, bool isUnsigned);
  Expressed<AffineForm> opaque(mlir::Value value, bool isUnsigned,
                               mlir::Value blocker = {});
  Expressed<AffineForm> arithmetic(mlir::Value value, bool isUnsigned);
  std::optional<AffineForm> remainder(mlir::Operation *op, bool isUnsigned);
  std::optional<AffineForm> quotient(mlir::Operation *op, bool isUnsigned);
  Leaf leaf(mlir::Value value, bool isUnsigned);

  Signs signs;
  llvm::DenseMap<std::pair<mlir::Value, unsigned>, Polynomial> scalars;
  llvm::DenseMap<std::pair<mlir::Value, unsigned>, Expressed<AffineForm>>
      indices;
};

/// The form seen through an op that only changes the shape, or nothing.
std::optional<AffineForm> reshapeForm(const AffineForm &form,
                                      mlir::Operation *shapeOp);

/// Are the factors of a size that tiles and arrays have? Where not, as in the
/// steps of a random number generator, the arithmetic may be meant to wrap, and
/// what isn't an address must not be taken apart.
bool isIndexLike(const Polynomial &polynomial);

/// An op that only moves elements: broadcast, expand_dims, trans, reshape.
bool isShapeOp(mlir::Operation *op);

} // namespace tegula::ir

#endif // TEGULA_IR_ANALYSIS_AFFINEINDEX_H
