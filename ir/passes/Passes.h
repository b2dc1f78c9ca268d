//===- Passes.h - From frontends' tile IR to raised tile IR -----*- C++ -*-===//
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

/// The road from what a frontend wrote to raised tile IR: afterwards a lowering
/// needs to look only at the op it lowers.
void buildRaisePipeline(mlir::OpPassManager &pm);

/// Registers every pass and the pipeline `tegula-raise`.
void registerPasses();

} // namespace tegula::ir

#endif // TEGULA_IR_PASSES_PASSES_H
