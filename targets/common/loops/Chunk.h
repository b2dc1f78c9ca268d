//===- Chunk.h - What nests are made of -------------------------*- C++ -*-===//
//
// Part of the Tegula Project, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// The words of the lowering: chunks of a tile, the buffers that tiles lie in,
// the form of a product, and what is known of a nest's coordinates.
//
//===----------------------------------------------------------------------===//

#ifndef TEGULA_TARGETS_COMMON_LOOPS_CHUNK_H
#define TEGULA_TARGETS_COMMON_LOOPS_CHUNK_H

#include "mlir/IR/BuiltinTypes.h"
#include "mlir/IR/Value.h"
#include "targets/TargetDesc.h"
#include "llvm/ADT/SmallVector.h"

namespace tegula::loops {

/// Is this a tile, not a scalar?
inline bool isTensor(mlir::Value value) {
  return mlir::isa<mlir::RankedTensorType>(value.getType());
}

/// Which elements of a tile one vector holds. `coords[d]` is the coordinate of
/// lane 0 along dimension d (an i64), or one coordinate for each lane
/// (vector<lanes x i64>). Along `lanesDim` (-1: none) lane l stands l further.
/// A chunk without lanes is a scalar.
struct Chunk {
  llvm::SmallVector<mlir::Value, 4> coords;
  int lanesDim = -1;
  int64_t lanes = 1;

  bool operator==(const Chunk &) const = default;
  /// No lanes run and no coordinate is a vector: the element is one scalar.
  bool isScalar() const;
};

/// A tile kept in the arena, dense and row-major, or with the last dimension
/// cut into panels of `panel` columns: element (.., i, j) of panel j / panel
/// stands at row i, column j % panel of that panel.
struct Buffer {
  int64_t offset = 0; // bytes from the start of the arena
  mlir::Type element; // in memory: i1 takes a byte
  llvm::SmallVector<int64_t, 4> shape;
  int64_t panel = 0;
  /// Where the tile starts if it does not lie in the arena (a pointer).
  mlir::Value base = {};
  /// Elements from one row to the next, where that isn't the last dimension.
  mlir::Value pitch = {};
  /// Bytes from here to what is likely to be read next in its place; null:
  /// unknown.
  mlir::Value ahead = {};
  /// So many rows lie side by side, `rowGroup` elements of each at a time.
  int64_t rowsTogether = 1, rowGroup = 0;
  /// Only elements below `clipUpper` along `clipDim` are there; beyond, the
  /// tile is uniform (see Clip.h).
  int clipDim = -1;
  mlir::Value clipUpper = {};
  /// Each matrix lies column by column: the last two dimensions change places.
  bool byColumns = false;
  /// Bytes with 128 added to each, as unsigned ones.
  bool isShifted = false;
  /// The tile is there so many times, each time one part of its numbers, and
  /// after them the greatest magnitudes (see SplitOperand.cpp).
  int64_t parts = 1;

  int64_t rows() const {
    return shape.size() < 2 ? 1 : shape[shape.size() - 2];
  }
  /// The dimension along which neighbours lie side by side.
  int contiguousDim() const { return shape.size() - 1 - byColumns; }
  /// Are all elements there, in this type?
  bool holdsAll(mlir::Type type) const {
    return element == type && clipDim < 0;
  }
  int64_t panels() const { return (shape.back() + panel - 1) / panel; }
  /// Of one part, and of all that is stored.
  int64_t partElements() const;
  int64_t elements() const;
};

/// How a product is computed (LowerDot.cpp).
struct DotForm {
  mlir::Type compute;     // of the sums
  mlir::Type operand;     // of the packed operands
  int64_t panel;          // columns of a panel of B and of the result
  int64_t rows;           // at most, of a block of registers
  mlir::Value depth = {}; // the bound on K (of the IR), null: all of it
  /// Multiplies groups of elements along K; null: single ones.
  const targets::GroupDot *dot = nullptr;
  /// The operands are sums of so many parts (SplitOperand.cpp).
  int64_t parts = 1;
  /// Rows of A by columns of B that both lie along K (MultiplyRows.cpp).
  bool byRows = false;
  /// Such a block has so many columns: their sums are one vector at the end.
  static constexpr int64_t columnsByRows = 4;

  /// Panels and rows of groups, of the packed forms of B and A.
  bool isGrouped() const { return dot; }
  int64_t group() const { return dot ? dot->size : 1; }
  /// Do registers of their own hold the operands and sums?
  bool isTiled() const { return dot && dot->ownRegisters; }
  /// Rows that are multiplied at once.
  int64_t rowsTogether() const { return dot ? dot->tileRows : 1; }
  /// Are the sums of two rows and two columns in one vector?
  bool isPaired() const { return rowsTogether() == 2; }
  /// Elements along K that one step of the micro-kernel multiplies.
  int64_t step() const { return group() * (isTiled() ? dot->tileRows : 1); }
  bool isSplit() const { return parts > 1; }
  /// Must 128 be added to A's elements, and taken from the sums again?
  bool isShifted() const { return dot && dot->unsignedLhs; }
};

/// What is known of a nest's coordinate while its body runs.
struct CoordFacts {
  llvm::SmallVector<mlir::Value, 2> below;    // every lane is < each of these
  llvm::SmallVector<mlir::Value, 2> notBelow; // every lane is >= each of these
  /// In a tail strip: the lanes that are < `tailBound`.
  mlir::Value tailMask, tailBound;
  /// The coordinate stands for all that are >= this bound.
  mlir::Value beyond;
  /// Where the extent is one block: the coordinate divided by the block's size.
  mlir::Value block, inBlock;
  int64_t blockSize = 0;
};

/// The extent of one dimension of a nest: [lower, upper) clamped to the tile.
struct Extent {
  mlir::Value lower, upper; // as they stand in the IR; null: the tile's own
  mlir::Value bound = {};   // of the IR, that `upper` is at most
  /// Strips below it need no masks and have a loop of their own. Of a dimension
  /// that is whole: the nest goes on beyond.
  mlir::Value split = {};
  /// [lower, upper) lies in the block of this number of as many coordinates,
  /// and starts where it does.
  mlir::Value block = {};
  int64_t blockSize = 0;
  bool isWhole() const { return !lower && !upper && !split; }
};

/// A coordinate that is `number / place % size`.
struct Digit {
  mlir::Value number;
  int64_t place, size;
};

} // namespace tegula::loops

#endif // TEGULA_TARGETS_COMMON_LOOPS_CHUNK_H
