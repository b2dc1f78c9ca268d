//===- Pipeline.cpp - The raising pipeline
//
// Part of the Tegula Project, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "ir/passes/Passes.h"
#include "mlir/Pass/PassRegistry.h"
#include "mlir/Transforms/Passes.h"

using namespace mlir;
using namespace tegula;

namespace tegula::ir {
#define GEN_PASS_REGISTRATION
#include "ir/passes/Passes.h.inc"
} // namespace tegula::ir

void ir::buildRaisePipeline(OpPassManager &pm) {
  // Calls first: what a helper does to its pointers belongs to the kernel.
  pm.addPass(createInlinerPass());
  pm.addPass(createSymbolDCEPass());
  pm.addPass(createCanonicalizerPass());
  pm.addPass(createCSEPass());

  // Loops that walk pointers: afterwards definitions alone tell an address.
  pm.addNestedPass<func::FuncOp>(createStripUniformSteps());
  pm.addPass(createCanonicalizerPass());
  pm.addPass(createCSEPass());

  // Every access says what it touches.
  pm.addNestedPass<func::FuncOp>(createRaiseDescriptors());
  pm.addNestedPass<func::FuncOp>(createRaiseMemory());

  // Equal bounds become the same value, as lowerings expect; what a loop does
  // not change leaves it.
  pm.addPass(createCanonicalizerPass());
  pm.addPass(createCSEPass());
  pm.addPass(createLoopInvariantCodeMotionPass());
  pm.addPass(createCSEPass());
  pm.addPass(createCanonicalizerPass());
}

void ir::registerPasses() {
  registerRaisePasses();
  PassPipelineRegistration<>("tegula-raise",
                             "Frontend tile IR to raised tile IR",
                             [](OpPassManager &pm) { buildRaisePipeline(pm); });
}
