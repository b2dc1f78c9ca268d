//===- Passes.cpp - Registration of passes on tile IR
//
// Part of the Tegula Project, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "ir/passes/Passes.h"
#include "mlir/Pass/PassManager.h"
#include "mlir/Pass/PassRegistry.h"

namespace tegula::ir {
#define GEN_PASS_REGISTRATION
#include "ir/passes/Passes.h.inc"
} // namespace tegula::ir

void tegula::ir::registerPasses() {
  registerTegulaIRPasses();
  mlir::PassPipelineRegistration<>(
      "tegula-raise", "Raise tile IR as far as it goes", buildRaisePipeline);
}
