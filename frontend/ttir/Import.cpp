//===- Import.cpp - TTIR text to tile IR ----------------------------------===//
//
// Part of the Tegula Project, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "frontend/ttir/Import.h"
#include "frontend/ttir/Convert.h"
#include "ir/tile/Tile.h"
#include "mlir/Conversion/ControlFlowToSCF/ControlFlowToSCF.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/ControlFlow/IR/ControlFlow.h"
#include "mlir/Dialect/ControlFlow/IR/ControlFlowOps.h"
#include "mlir/Dialect/Func/Extensions/InlinerExtension.h"
#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/Dialect/GPU/IR/GPUDialect.h"
#include "mlir/Dialect/LLVMIR/LLVMDialect.h"
#include "mlir/Dialect/Math/IR/Math.h"
#include "mlir/Dialect/SCF/IR/SCF.h"
#include "mlir/Dialect/UB/IR/UBOps.h"
#include "mlir/IR/AttrTypeSubElements.h"
#include "mlir/IR/Verifier.h"
#include "mlir/Parser/Parser.h"
#include "mlir/Pass/PassManager.h"
#include "mlir/Transforms/Passes.h"

using namespace mlir;
using namespace tegula::frontend;

void tegula::frontend::registerTTIR(DialectRegistry &registry) {
  registry.insert<tt::TTDialect, tt::TTGDialect, tile::TileDialect,
                  arith::ArithDialect, cf::ControlFlowDialect,
                  func::FuncDialect, gpu::GPUDialect, LLVM::LLVMDialect,
                  math::MathDialect, scf::SCFDialect, ub::UBDialect>();
  func::registerInlinerExtension(registry);
}

bool tegula::frontend::looksLikeTTIR(StringRef text) {
  return text.contains("tt.func");
}

/// Does the module hold an op of this kind?
template <typename... Ops> static bool holds(ModuleOp module) {
  return module
      .walk([](Operation *op) {
        return isa<Ops...>(op) ? WalkResult::interrupt()
                               : WalkResult::advance();
      })
      .wasInterrupted();
}

static LogicalResult runPasses(ModuleOp module,
                               function_ref<void(OpPassManager &)> build) {
  PassManager passes(module.getContext());
  passes.enableVerifier(false);
  build(passes);
  return passes.run(module);
}

/// Branches become structured control flow, also within functions of elements.
static LogicalResult structureControlFlow(ModuleOp module) {
  if (!holds<cf::BranchOp, cf::CondBranchOp, cf::SwitchOp>(module))
    return success();
  return runPasses(module, [](OpPassManager &passes) {
    passes.addPass(createLiftControlFlowToSCFPass());
  });
}

static LogicalResult inlineCalls(ModuleOp module) {
  if (!holds<func::CallOp>(module))
    return success();
  return runPasses(module, [](OpPassManager &passes) {
    passes.addPass(createInlinerPass({}, [](OpPassManager &) {}));
    passes.addPass(createSymbolDCEPass());
  });
}

/// Triton's inliner leaves calls of nowhere, `callsite(unknown at k.py:3)`, for
/// what it has folded; those are at the caller's line. LLVM's line tables want
/// a file in each.
static void placeCalls(ModuleOp module) {
  AttrTypeReplacer replacer;
  replacer.addReplacement([](CallSiteLoc loc) -> std::optional<Attribute> {
    if (loc.getCallee()->findInstanceOf<FileLineColLoc>())
      return std::nullopt;
    return loc.getCaller();
  });
  replacer.recursivelyReplaceElementsIn(module, /*replaceAttrs=*/false,
                                        /*replaceLocs=*/true);
}

OwningOpRef<ModuleOp> tegula::frontend::importTTIR(MLIRContext *context,
                                                   StringRef text,
                                                   StringRef path) {
  context->loadDialect<tile::TileDialect, arith::ArithDialect,
                       func::FuncDialect, math::MathDialect, scf::SCFDialect>();
  auto module = parseSourceString<ModuleOp>(text, ParserConfig(context), path);
  if (!module || failed(tt::convertFunctions(*module)) ||
      failed(structureControlFlow(*module)) ||
      failed(tt::expandBlockPointers(*module)) ||
      failed(tt::convertToTile(*module)) || failed(verify(*module)) ||
      failed(inlineCalls(*module)))
    return nullptr;
  placeCalls(*module);
  return module;
}
