//===- StoreGroups.h - Stores that share a nest -----------------*- C++ -*-===//
//
// Part of the Tegula Project, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// An optimiser's step loads a gradient and two moments once and stores three
// arrays. A nest for each of them would read the loads three times, and keep
// in the arena what the first store overwrites. Stores that follow each other
// with no load and no other nest in between, that cover the same part of their
// tiles and whose values share a load become one nest. This analysis finds
// them; whether their chunks may be mixed is decided as for one store
// (Alias.cpp). It changes nothing.
//
//===----------------------------------------------------------------------===//

#ifndef TEGULA_TARGETS_COMMON_LOOPS_STOREGROUPS_H
#define TEGULA_TARGETS_COMMON_LOOPS_STOREGROUPS_H

#include "ir/tile/Tile.h"
#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "llvm/ADT/DenseMap.h"

namespace tegula::loops {

class StoreGroups {
public:
  using Stores = llvm::SmallVector<tile::StoreBoxOp, 4>;

  explicit StoreGroups(mlir::func::FuncOp func);

  /// The stores of the nest that `first` begins, two or more in the order of
  /// the program; none if it has a nest of its own.
  llvm::ArrayRef<tile::StoreBoxOp> startingAt(tile::StoreBoxOp first) const;
  /// The op whose nest does the work of `root`: itself, mostly.
  mlir::Operation *leaderOf(mlir::Operation *root) const;

private:
  void add(Stores &stores);

  llvm::DenseMap<mlir::Operation *, Stores> groups;
  llvm::DenseMap<mlir::Operation *, mlir::Operation *> leaders;
};

} // namespace tegula::loops

#endif // TEGULA_TARGETS_COMMON_LOOPS_STOREGROUPS_H
