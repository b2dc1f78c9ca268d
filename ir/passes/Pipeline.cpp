//===- Pipeline.cpp - From a frontend's IR to what targets lower
//
// Part of the Tegula Project, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "ir/passes/Passes.h"
#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/Pass/PassManager.h"
#include "mlir/Transforms/Passes.h"

using namespace mlir;

static void tidy(OpPassManager &pm) {
  // Canonicalisation takes time quadratic in the number of equal constants.
  pm.addPass(createCSEPass());
  pm.addPass(createCanonicalizerPass());
  pm.addPass(createCSEPass());
}

void tegula::ir::buildRaisePipeline(OpPassManager &pm) {
  // One function per kernel, with uniform work on scalars and outside loops.
  pm.addPass(createInlinerPass({}, [](OpPassManager &) {}));
  pm.addPass(createSymbolDCEPass());
  pm.addNestedPass<func::FuncOp>(createExpandDotScaled());
  pm.addNestedPass<func::FuncOp>(createWidenScans());
  tidy(pm);
  pm.addNestedPass<func::FuncOp>(createAccumulateDots());
  pm.addNestedPass<func::FuncOp>(createFlattenCubes());
  tidy(pm);
  pm.addPass(createNarrowElementwise());
  pm.addPass(createLoopInvariantCodeMotionPass());
  tidy(pm);

  // Loops that walk pointers: afterwards definitions alone tell an address.
  pm.addNestedPass<func::FuncOp>(createSplitDescriptors());
  pm.addNestedPass<func::FuncOp>(createSimplifyLoopCarried());
  pm.addNestedPass<func::FuncOp>(createCarryAddresses());
  tidy(pm);
  pm.addPass(createNarrowElementwise());

  // What each access touches.
  pm.addNestedPass<func::FuncOp>(createRaiseDescriptors());
  pm.addNestedPass<func::FuncOp>(createRaiseMemory());

  // Pointers and masks that were taken apart are dead now, equal bounds become
  // one value, and what a loop doesn't change leaves it.
  tidy(pm);
  pm.addPass(createLoopInvariantCodeMotionPass());
  tidy(pm);
  pm.addNestedPass<func::FuncOp>(createVerifyRaised());
}
