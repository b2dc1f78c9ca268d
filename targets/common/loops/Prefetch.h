//===- Prefetch.h - The rows that come next ---------------------*- C++ -*-===//
//
// Part of the Tegula Project, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// A row kernel reads its row from memory in its first nest and from the caches
// in those that follow, so memory idles while it computes. A nest that reads a
// row again therefore asks for the same place of the next row: that of the next
// program, or of the next iteration of a loop that holds both nests. The next
// address is the computation of this one with the next id in it; a guess that
// is wrong asks for a line in vain and does nothing else.
//
//===----------------------------------------------------------------------===//

#ifndef TEGULA_TARGETS_COMMON_LOOPS_PREFETCH_H
#define TEGULA_TARGETS_COMMON_LOOPS_PREFETCH_H

#include "ir/tile/Tile.h"
#include "mlir/Dialect/SCF/IR/SCF.h"
#include "mlir/IR/ImplicitLocOpBuilder.h"
#include "targets/common/loops/Placement.h"
#include "llvm/ADT/SmallPtrSet.h"

namespace tegula::loops {

/// Which nests read what an earlier nest has read. Pure.
class RowReuse {
public:
  RowReuse(mlir::func::FuncOp func, const Placement &placement);

  struct Again {
    /// The loop whose next iteration reads the next row; null: the program.
    mlir::scf::ForOp loop;
    /// The whole row is in this tile.
    bool isWholeRow;
  };
  /// Does the nest of `root` read the array of `load` again?
  std::optional<Again> find(tile::LoadBoxOp load, mlir::Operation *root) const;
  /// Is its array read by several nests?
  bool isReadAgain(tile::LoadBoxOp load) const;
  /// How many arrays the nest of `root` reads.
  unsigned numArrays(mlir::Operation *root) const {
    auto it = arrays.find(root);
    return it == arrays.end() ? 0 : it->second.size();
  }

private:
  llvm::DenseMap<mlir::Operation *, unsigned> order;
  /// The first root that reads an array, by the array's pointer.
  llvm::DenseMap<mlir::Value, mlir::Operation *> firstReader;
  llvm::DenseSet<mlir::Value> readAgain;
  llvm::DenseMap<mlir::Operation *, llvm::SmallPtrSet<mlir::Value, 4>> arrays;
};

/// The values of one block of code as they will be once some of them have
/// changed: pure ops that depend on those are cloned, all else stays.
class Substitution {
public:
  Substitution(mlir::OpBuilder &b) : b(b) {}
  void change(mlir::Value from, mlir::Value to) { known[from] = to; }
  mlir::Value of(mlir::Value value);

private:
  mlir::OpBuilder &b;
  llvm::DenseMap<mlir::Value, mlir::Value> known;
};

/// Asks for the lines of the `bytes` bytes that lie `distance` bytes (an i64)
/// behind `address`, into the first or the second level of the caches.
void emitPrefetch(mlir::ImplicitLocOpBuilder &b, mlir::Value address,
                  mlir::Value distance, int64_t bytes, bool isNear);

} // namespace tegula::loops

#endif // TEGULA_TARGETS_COMMON_LOOPS_PREFETCH_H
