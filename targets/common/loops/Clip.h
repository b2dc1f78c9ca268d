//===- Clip.h - Where a tile becomes uniform --------------------*- C++ -*-===//
//
// Part of the Tegula Project, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// A kernel for 1024 columns that meets a row of 100 computes 924 lanes that all
// hold the same value: what the masked load gives there, sent through the same
// ops. This analysis finds the bound from which on a tile is uniform along a
// dimension, so that nests stop there and account for the rest at once. Pure:
// it returns null where nothing is known.
//
//===----------------------------------------------------------------------===//

#ifndef TEGULA_TARGETS_COMMON_LOOPS_CLIP_H
#define TEGULA_TARGETS_COMMON_LOOPS_CLIP_H

#include "mlir/IR/Value.h"

namespace tegula::loops {

/// The upper bound that a masked load among what `value` is made of has along
/// `dim`, the first one found; null if there is none.
mlir::Value findBound(mlir::Value value, int dim);

/// The upper bound (an i64 of the IR) beyond which all of `values`, tiles of
/// one shape, are uniform along `dim`; null if there is none.
mlir::Value findClip(mlir::ValueRange values, int dim);

/// Is `mask`, a tile of i1, false everywhere beyond the bound `upper` along
/// `dim`? A choice by it has a uniform rest even where the chosen has none.
bool isFalseBeyond(mlir::Value mask, int dim, mlir::Value upper);

} // namespace tegula::loops

#endif // TEGULA_TARGETS_COMMON_LOOPS_CLIP_H
