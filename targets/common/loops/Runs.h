//===- Runs.h - Indices that mostly step by one or not at all ---*- C++ -*-===//
//
// Part of the Tegula Project, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// The pixels of an image, `i / width * pitch + i % width`, follow each other in
// memory but where a row ends, and share a channel, `i / size`, for long.
// Whether some lanes of such an index lie side by side or are one is known when
// the kernel runs; here is told whether to ask.
//
//===----------------------------------------------------------------------===//

#ifndef TEGULA_TARGETS_COMMON_LOOPS_RUNS_H
#define TEGULA_TARGETS_COMMON_LOOPS_RUNS_H

#include "mlir/IR/Value.h"
#include <optional>

namespace tegula::loops {

/// By how much this index (1-D) goes up from element to element, 0 or 1, but
/// for breaks that are at least `length` apart as far as is known. Nothing
/// where that isn't so, and for indices that come from memory.
///
///     %i = tile.range 0 to 64        // 1, in runs of 64
///     %r = arith.remsi %i, %three    // 1, in runs of 3
///     %r = arith.remsi %i, %width    // 1, in long runs, for all we know
///     %q = arith.divsi %i, %width    // 0, in long runs
std::optional<int64_t> stepOf(mlir::Value index, int64_t length);

} // namespace tegula::loops

#endif // TEGULA_TARGETS_COMMON_LOOPS_RUNS_H
