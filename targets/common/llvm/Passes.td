//===- Passes.td - Passes of every LLVM-backed machine -----*- tablegen -*-===//
//
// Part of the Tegula Project, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef TEGULA_TARGETS_COMMON_LLVM_PASSES
#define TEGULA_TARGETS_COMMON_LLVM_PASSES

include "mlir/Pass/PassBase.td"

def ConvertToLLVM : Pass<"tegula-convert-to-llvm", "::mlir::ModuleOp"> {
  let summary = "Lower arith, math, vector, cf and func to the LLVM dialect";
  let description = [{
    One conversion for all dialects that a lowered kernel may hold, in place of
    upstream's one pass for each dialect: the module is walked once. Anything
    left over is an error that names the operation.
  }];
  let dependentDialects = ["::mlir::LLVM::LLVMDialect",
                           "::mlir::vector::VectorDialect",
                           "::mlir::ub::UBDialect"];
}

#endif // TEGULA_TARGETS_COMMON_LLVM_PASSES
