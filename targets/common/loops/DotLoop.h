//===- DotLoop.h - Loops that run a product along K -------------*- C++ -*-===//
//
// Part of the Tegula Project, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Recognises the loop of a matrix product,
//
//   for k = 0 to K step BK { acc += dot(A[m, k : k + BK], B[k : k + BK, n]) },
//
// where the boxes of consecutive steps lie side by side along K. Pure: reads IR
// and changes nothing.
//
//===----------------------------------------------------------------------===//

#ifndef TEGULA_TARGETS_COMMON_LOOPS_DOTLOOP_H
#define TEGULA_TARGETS_COMMON_LOOPS_DOTLOOP_H

#include "ir/tile/Tile.h"
#include "mlir/Dialect/SCF/IR/SCF.h"
#include "targets/TargetDesc.h"

namespace tegula::loops {

/// An operand of a product that is a box of an array, perhaps transposed and
/// converted element by element.
struct DotOperand {
  tile::LoadBoxOp box;
  /// The box's dimension that runs along K.
  int depthDim;
};

/// The box behind an operand whose dimension `depthDim` runs along K, if all
/// between the two keeps zeros and is read by nothing else.
std::optional<DotOperand> traceOperand(mlir::Value operand, int depthDim);

/// A bound on K (an i64 of the IR) at and beyond which both operands are zero,
/// so that nothing is added to the accumulator; null if none is known.
mlir::Value findDepth(tile::DotOp dot);

/// The type of a matrix (a tensor) with its dimensions exchanged.
mlir::RankedTensorType transposed(mlir::Type matrix);

/// The transpose of a matrix at the insertion point; of a constant whose
/// elements are one number, a constant.
mlir::Value createTransposed(mlir::OpBuilder &b, mlir::Location loc,
                             mlir::Value matrix);

/// Is this a product of few rows, of floats that both lie in memory with K side
/// by side? It is not worth turning either operand.
///
///     C[16, N] = A[16, K] * W[N, K]^T
bool isThinByRows(tile::DotOp dot);

/// Marks such a product where vectors run along K (MultiplyRows.cpp).
inline constexpr llvm::StringLiteral byRowsAttr = "tegula.by_rows";

/// The instruction of `desc` that multiplies groups of the operands' elements
/// along K; null if there is none.
const targets::GroupDot *findGroupDot(tile::DotOp dot,
                                      const targets::TargetDesc &desc);

/// Into how many bf16 parts the operands are split for `desc.bf16TileDot` (see
/// SplitOperand.cpp): 3 of f32, 2 of f16, 1 where they aren't.
int64_t countParts(tile::DotOp dot, const targets::TargetDesc &desc);

struct DotLoop {
  tile::DotOp dot;
  DotOperand a, b;
  /// Elements along K of one step.
  int64_t depth;
};

/// The product whose sum is all that `loop` returns, if nothing but the sum can
/// tell whether a step's product was the last thing that it did: other ops at
/// most read memory, and do so before. Null if there is none.
tile::DotOp findCarriedDot(mlir::scf::ForOp loop);

/// The product that `loop` does and nothing else; nothing if the loop does
/// more, or if its steps do not join up.
std::optional<DotLoop> matchDotLoop(mlir::scf::ForOp loop);

} // namespace tegula::loops

#endif // TEGULA_TARGETS_COMMON_LOOPS_DOTLOOP_H
