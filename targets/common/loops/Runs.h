//===- Runs.h - Indices that mostly step by one -----------------*- C++ -*-===//
//
// Part of the Tegula Project, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// The pixels of an image, `i / width * pitch + i % width`, follow each other in
// memory but where a row ends. Whether some lanes of such an index lie side by
// side is known when the kernel runs; here is told whether to ask.
//
//===----------------------------------------------------------------------===//

#ifndef TEGULA_TARGETS_COMMON_LOOPS_RUNS_H
#define TEGULA_TARGETS_COMMON_LOOPS_RUNS_H

#include "mlir/IR/Value.h"

namespace tegula::loops {

/// Does this index (1-D) go up by one from element to element, but for breaks
/// that are at least `length` apart as far as is known? False for indices that
/// come from memory.
///
///     %i = tile.range 0 to 64           // runs of 64
///     %r = arith.remsi %i, %three       // runs of 3
///     %r = arith.remsi %i, %width       // long runs: the width isn't known
bool stepsByOne(mlir::Value index, int64_t length);

} // namespace tegula::loops

#endif // TEGULA_TARGETS_COMMON_LOOPS_RUNS_H
