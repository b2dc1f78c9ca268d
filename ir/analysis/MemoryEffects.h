//===- MemoryEffects.h - What memory ops do to each other -------*- C++ -*-===//
//
// Part of the Tegula Project, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Pointers of a kernel may alias unless the opposite is seen in the IR. What is
// Unknown here is decided when the kernel is launched, by comparing address
// ranges.
//
//===----------------------------------------------------------------------===//

#ifndef TEGULA_IR_ANALYSIS_MEMORYEFFECTS_H
#define TEGULA_IR_ANALYSIS_MEMORYEFFECTS_H

#include "ir/analysis/AffineIndex.h"
#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/Dialect/SCF/IR/SCF.h"

namespace tegula::ir {

/// The pointer or descriptor through which `op` touches memory, null if it
/// touches none (or all).
mlir::Value pointerOf(mlir::Operation *op);

/// The argument that a pointer (or a tensor of them) was computed from; null if
/// it comes from memory, an integer or a choice.
mlir::BlockArgument rootArgument(mlir::Value pointer);

/// May `op`, itself and not its regions, change a kernel's arrays?
bool writesMemory(mlir::Operation *op);

enum class MapRelation {
  Identical, // element i of both is the same address
  Disjoint,  // no address is touched by both
  Unknown
};

/// How the addresses of a load and a store of boxes relate, each evaluated once
/// with the same values of what they share.
MapRelation relateMaps(mlir::Operation *load, mlir::Operation *store,
                       IndexAnalysis &analysis);

/// May `consumer` (in the load's block or nested in it) read the load's memory
/// again and see the same? The consumer's own write doesn't count, unless a
/// loop brings the consumer back to the load's memory after it.
bool canReevaluate(mlir::Operation *load, mlir::Operation *consumer,
                   IndexAnalysis &analysis);

bool isAtomic(mlir::Operation *op);

/// May a turn of this loop do nothing but look at what other programs write?
bool mayWait(mlir::scf::WhileOp loop);

/// May a program of this kernel wait for what other programs write? Such
/// kernels keep the order of their programs.
bool kernelWaits(mlir::func::FuncOp kernel);

} // namespace tegula::ir

#endif // TEGULA_IR_ANALYSIS_MEMORYEFFECTS_H
