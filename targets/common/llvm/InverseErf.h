//===- InverseErf.h - The inverse of the error function ---------*- C++ -*-===//
//
// Part of the Tegula Project, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef TEGULA_TARGETS_COMMON_LLVM_INVERSEERF_H
#define TEGULA_TARGETS_COMMON_LLVM_INVERSEERF_H

#include "targets/common/llvm/Build.h"

namespace tegula::targets {

/// The y >= 0 with erf(y) = `center`, in f64; `tail` is 1 - center, given
/// apart because the smaller of the two carries the accuracy.
mlir::Value emitInverseErf(Build &b, mlir::Value center, mlir::Value tail);

} // namespace tegula::targets

#endif // TEGULA_TARGETS_COMMON_LLVM_INVERSEERF_H
