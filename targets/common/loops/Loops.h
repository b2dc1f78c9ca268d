//===- Loops.h - Tiles to loop nests for any LLVM machine -------*- C++ -*-===//
//
// Part of the Tegula Project, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef TEGULA_TARGETS_COMMON_LOOPS_LOOPS_H
#define TEGULA_TARGETS_COMMON_LOOPS_LOOPS_H

#include "mlir/Pass/Pass.h"
#include "targets/Target.h"

namespace tegula::loops {

/// Raised tile IR to loop nests for the described machine; see Passes.td and
/// targets/common/loops/tests.
std::unique_ptr<mlir::Pass>
createLowerToLoopsPass(const targets::TargetDesc &desc);

/// The passes of the road that every machine on these loops takes: to `loops`,
/// and from there to `lowered`, the LLVM dialect.
void buildPipelineTo(llvm::StringRef stage, mlir::OpPassManager &pm,
                     const targets::TargetDesc &desc);

/// Whether the lowering has a form for this op of a raised kernel.
targets::Support supports(mlir::Operation *op);

/// Longer steps along K for the loops of matrix products, on raised tile IR.
std::unique_ptr<mlir::Pass>
createWidenDotLoopsPass(const targets::TargetDesc &desc);

/// Products transposed where their rows are reduced, on raised tile IR.
std::unique_ptr<mlir::Pass>
createOrientDotsPass(const targets::TargetDesc &desc);

/// A form of their own for products of few rows, on raised tile IR.
std::unique_ptr<mlir::Pass>
createVersionThinDotsPass(const targets::TargetDesc &desc);

/// Choices instead of short branches on tiles, on raised tile IR.
std::unique_ptr<mlir::Pass> createFlattenBranches();

/// Registers these passes with tegula-opt.
void registerPasses();

} // namespace tegula::loops

#endif // TEGULA_TARGETS_COMMON_LOOPS_LOOPS_H
