//===- Passes.h - From tile IR to raised tile IR ----------------*- C++ -*-===//
//
// Part of the Tegula Project, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef TEGULA_IR_PASSES_PASSES_H
#define TEGULA_IR_PASSES_PASSES_H

#include "ir/tile/Tile.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/Pass/Pass.h"
#include "mlir/Pass/PassManager.h"

namespace tegula::ir {

#define GEN_PASS_DECL
#include "ir/passes/Passes.h.inc"

/// Attribute of a memory op after raising: what kept it from a better tier, as
/// text for people ("arith.remsi at kernel.py:12").
inline constexpr llvm::StringLiteral kBlockedByAttr = "tile.blocked_by";

/// Everything between a frontend and a target; see Pipeline.cpp.
void buildRaisePipeline(mlir::OpPassManager &pm);

/// Registers the passes and the pipeline `--tegula-raise`.
void registerPasses();

} // namespace tegula::ir

#endif // TEGULA_IR_PASSES_PASSES_H
