//===- LaunchConstants.h - Tiles that a launch does not change --*- C++ -*-===//
//
// Part of the Tegula Project, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// A tile that is made of arrays which no program of the launch writes depends
// on a few scalars alone: programs that agree in them may share it. Pure: reads
// IR and changes nothing.
//
//===----------------------------------------------------------------------===//

#ifndef TEGULA_TARGETS_COMMON_LOOPS_LAUNCHCONSTANTS_H
#define TEGULA_TARGETS_COMMON_LOOPS_LAUNCHCONSTANTS_H

#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "llvm/ADT/SetVector.h"

#include <bitset>
#include <optional>

namespace tegula::loops {

class LaunchConstants {
public:
  explicit LaunchConstants(mlir::func::FuncOp kernel);

  /// The scalars that determine `tile`, those that are constants in the IR
  /// aside; nothing if it may change during a launch whose arguments do not
  /// overlap (TEGULA_LAUNCH_NO_ALIAS).
  std::optional<llvm::SetVector<mlir::Value>> keyOf(mlir::Value tile) const;

private:
  bool collect(mlir::Value tile, llvm::SetVector<mlir::Value> &key,
               llvm::DenseSet<mlir::Value> &seen) const;

  llvm::DenseSet<mlir::Value> written; // arguments
  bool mayWriteAnything = false;
};

/// The axes of the grid along which no two programs have the same key: their
/// ids are terms of its scalars. Nothing if one program may come to a key twice
/// at `here`, because a loop around it counts something else. (Where a term's
/// factor is 0, the keys agree after all, and so do the tiles.)
std::optional<std::bitset<3>> axesOfKey(const llvm::SetVector<mlir::Value> &key,
                                        mlir::Operation *here);

} // namespace tegula::loops

#endif // TEGULA_TARGETS_COMMON_LOOPS_LAUNCHCONSTANTS_H
