//===- AffineIndex.h - Tensors of indices as sums over dimensions -*- C++ -*-=//
//
// Part of the Tegula Project, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Pure analyses: IR in, a description or failure out.
//
//===----------------------------------------------------------------------===//

#ifndef TEGULA_IR_ANALYSIS_AFFINEINDEX_H
#define TEGULA_IR_ANALYSIS_AFFINEINDEX_H

#include "ir/analysis/Polynomial.h"

namespace tegula::ir {

/// What coordinate i of one dimension adds to an index:
///   Linear:  coefficient * i
///   Wrapped: coefficient * ((start + i) mod wrap)
///   Indexed: coefficient * index[i], a 1-D integer tensor
struct DimTerm {
  enum class Kind { Linear, Wrapped, Indexed };
  Kind kind = Kind::Linear;
  Polynomial coefficient, start, wrap;
  mlir::Value index;

  bool sameShapeAs(const DimTerm &other) const;
};

/// An integer tensor as `uniform + sum over d of terms[d](i_d)`.
struct AffineIndex {
  Polynomial uniform;
  llvm::SmallVector<llvm::SmallVector<DimTerm, 1>, 3> dims;

  static std::optional<AffineIndex> of(mlir::Value tensor);
  bool isUniform() const;
  AffineIndex operator+(const AffineIndex &other) const;
  AffineIndex scaled(const Polynomial &factor) const;
};

/// A tensor of pointers as one scalar pointer and an index in elements.
struct AffinePointer {
  mlir::Value base;
  AffineIndex offset;

  /// On failure `blocker` is the op that could not be seen through.
  static std::optional<AffinePointer> of(mlir::Value tensor,
                                         mlir::Operation *&blocker);
};

/// An i1 tensor as a conjunction: bounds for each dimension, uniform conditions
/// and what is neither. A coordinate is active where lower <= i < upper for all
/// bounds of its dimension, every condition holds and every rest tensor is
/// true.
struct MaskBounds {
  struct Dim {
    llvm::SmallVector<Polynomial, 1> lowers, uppers;
  };
  llvm::SmallVector<Dim, 3> dims;
  llvm::SmallVector<mlir::Value, 1> conditions; // i1 scalars
  llvm::SmallVector<mlir::Value, 1> rest; // i1 tensors of the mask's shape

  static MaskBounds of(mlir::Value mask);
};

} // namespace tegula::ir

#endif // TEGULA_IR_ANALYSIS_AFFINEINDEX_H
