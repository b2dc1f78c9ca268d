//===- Loops.h - Tiles to loop nests for any LLVM machine -------*- C++ -*-===//
//
// Part of the Tegula Project, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef TEGULA_TARGETS_COMMON_LOOPS_LOOPS_H
#define TEGULA_TARGETS_COMMON_LOOPS_LOOPS_H

#include "mlir/Pass/Pass.h"
#include "targets/TargetDesc.h"

namespace tegula::loops {

/// Raised tile IR to loop nests for the described machine; see Passes.td and
/// targets/common/loops/tests.
std::unique_ptr<mlir::Pass>
createLowerToLoopsPass(const targets::TargetDesc &desc);

/// Registers `--tegula-lower-to-loops`.
void registerPasses();

} // namespace tegula::loops

#endif // TEGULA_TARGETS_COMMON_LOOPS_LOOPS_H
