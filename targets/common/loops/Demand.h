//===- Demand.h - Which part of a tile anyone reads -------------*- C++ -*-===//
//
// Part of the Tegula Project, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// A product of 128 x 128 whose masked store writes 5 columns need not make the
// other 123. This analysis follows a tile through elementwise ops and loops to
// the stores that use it. Pure: where it does not know, all of the tile is
// demanded.
//
//===----------------------------------------------------------------------===//

#ifndef TEGULA_TARGETS_COMMON_LOOPS_DEMAND_H
#define TEGULA_TARGETS_COMMON_LOOPS_DEMAND_H

#include "mlir/IR/Value.h"
#include "llvm/ADT/SmallVector.h"

namespace tegula::loops {

/// For each dimension of `tile` a bound (an i64 of the IR that is there before
/// `tile`) at and beyond which nobody reads its elements, null if there is none
/// known:
///
///   %d = tile.dot %a, %b, %c : ... -> tensor<128x128xf32>       // [%m, null]
///   tile.store_box %p, %d ... upper(%m, %c128) : <f32>, tensor<128x128xf32>
llvm::SmallVector<mlir::Value> findDemand(mlir::Value tile);

} // namespace tegula::loops

#endif // TEGULA_TARGETS_COMMON_LOOPS_DEMAND_H
