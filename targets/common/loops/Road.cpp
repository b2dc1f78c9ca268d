//===- Road.cpp - What targets on these loops have in common --------------===//
//
// Part of the Tegula Project, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "ir/tile/Tile.h"
#include "targets/common/llvm/Emit.h"
#include "targets/common/loops/Loops.h"

using namespace mlir;
using namespace tegula;
using namespace tegula::targets;

void loops::buildPipelineTo(StringRef stage, OpPassManager &pm,
                            const TargetDesc &desc) {
  if (stage == "loops") {
    pm.addPass(createFlattenBranches());
    pm.addPass(createOrientDotsPass(desc));
    pm.addPass(createVersionThinDotsPass(desc));
    pm.addPass(createWidenDotLoopsPass(desc));
    pm.addPass(createLowerToLoopsPass(desc));
  }
  if (stage == "lowered")
    buildLowerToLLVMPipeline(pm, desc);
}

Support loops::supports(Operation *op) {
  if (isa<tile::MakeDescOp, tile::DescLoadOp, tile::DescStoreOp,
          tile::DescReduceOp, tile::DescGatherOp, tile::DescScatterOp>(op))
    return Support::no("descriptors are expected to have been raised");
  return Support::yes();
}
