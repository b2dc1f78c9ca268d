//===- Placement.h - Where each tile value lives ----------------*- C++ -*-===//
//
// Part of the Tegula Project, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// A tile value is *virtual* (recomputed inside the nest of each consumer) or
// *in the arena* (computed once, stored, read back). This analysis decides; it
// changes nothing. The rule is Halide's choice between inlining and
// compute_root, made by cost: with e evaluations of a value that costs c
// instructions a chunk, the arena wins if (c - 1) * (e - 1) > 2, that is when
// the work saved exceeds one store and e loads. What only repeats another value
// is virtual: that one is kept.
//
//===----------------------------------------------------------------------===//

#ifndef TEGULA_TARGETS_COMMON_LOOPS_PLACEMENT_H
#define TEGULA_TARGETS_COMMON_LOOPS_PLACEMENT_H

#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "targets/common/loops/StoreGroups.h"
#include "llvm/ADT/DenseMap.h"
#include "llvm/ADT/DenseSet.h"
#include "llvm/ADT/SmallPtrSet.h"

namespace tegula::loops {

class Placement {
public:
  explicit Placement(mlir::func::FuncOp func);

  /// Must `value` be computed once and kept in the arena?
  bool inArena(mlir::Value value) const { return arena.contains(value); }
  /// Are these a few instructions a chunk, loads included?
  bool isCheap(mlir::ValueRange values);
  /// One phrase on why, for `explain`.
  llvm::StringRef reason(mlir::Value value) const;
  const StoreGroups &storeGroups() const { return groups; }
  /// The ops whose nests evaluate `value`.
  const llvm::SmallPtrSet<mlir::Operation *, 4> &roots(mlir::Value value) const;

private:
  void place(mlir::Operation *op);
  void place(mlir::Value value);
  void keep(mlir::Value value, llvm::StringRef why);
  double evaluations(mlir::Value value) const;
  double cost(mlir::Value value);

  StoreGroups groups;
  llvm::DenseMap<mlir::Value, llvm::StringRef> arena;
  llvm::DenseMap<mlir::Value, llvm::SmallPtrSet<mlir::Operation *, 4>> rootsOf;
  /// What a nest evaluates once for each row of a tile of higher rank.
  llvm::DenseSet<mlir::Value> repeated;
  llvm::DenseMap<mlir::Value, double> costs;
  llvm::SmallPtrSet<mlir::Operation *, 4> none;
};

/// Does `op` end a chain of virtual values: has it a nest of its own?
bool isRoot(mlir::Operation *op);
/// Can the value of this op be recomputed chunk by chunk at any place?
bool isPullable(mlir::Operation *op);

} // namespace tegula::loops

#endif // TEGULA_TARGETS_COMMON_LOOPS_PLACEMENT_H
