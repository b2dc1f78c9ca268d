//===- Runner.cpp - Runs a case on several targets
//
// Part of the Tegula Project, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "tests/fuzz/Runner.h"
#include "ir/interp/Interpreter.h"
#include "ir/passes/Passes.h"
#include "mlir/IR/Diagnostics.h"

using namespace mlir;
using namespace tegula;
using namespace tegula::fuzz;

llvm::Error Runner::runReference(const Case &test, Buffers &buffers) {
  auto interpreter = ir::Interpreter::create(test.kernel());
  if (!interpreter)
    return interpreter.takeError();
  Slots slots = makeSlots(test, buffers);
  return (*interpreter)
      ->launch({{test.programs, 1, 1}, slots.slots, slots.extents});
}

/// Runs a pipeline; what MLIR says becomes the error.
template <typename Build>
static llvm::Error runPasses(ModuleOp module, const std::string &what,
                             Build build) {
  std::string problems;
  ScopedDiagnosticHandler handler(
      module.getContext(), [&](Diagnostic &diagnostic) {
        if (diagnostic.getSeverity() == DiagnosticSeverity::Error)
          problems += diagnostic.str() + "\n";
      });
  PassManager pm(module.getContext());
  build(pm);
  if (failed(pm.run(module)))
    return llvm::createStringError(what + " failed: " + problems);
  return llvm::Error::success();
}

llvm::Error Runner::runTarget(const Case &test, StringRef spelling,
                              Buffers &buffers) {
  auto [name, rest] = spelling.split(':');
  auto [arch, features] = rest.split(':');
  auto target = registry.find(name);
  if (!target)
    return target.takeError();
  auto desc = target->describe(arch, features);
  if (!desc)
    return desc.takeError();
  OwningOpRef<ModuleOp> module = test.module.get().clone();
  if (auto error = runPasses(*module, "raising", [](PassManager &pm) {
        ir::buildRaisePipeline(pm);
      }))
    return error;
  std::string refused;
  module->walk([&](Operation *op) {
    if (targets::Support support = target->supports(op, *desc);
        !support && refused.empty())
      refused = support.reason;
  });
  if (!refused.empty())
    return llvm::createStringError("refused: " + refused);
  for (const targets::Stage &stage : target->stages())
    if (stage.kind == targets::Stage::Kind::Mlir)
      if (auto error = runPasses(*module, ("stage " + stage.name).str(),
                                 [&](PassManager &pm) {
                                   target->buildPipeline(pm, *desc, stage.name);
                                 }))
        return error;
  auto artifact = target->emit(*module, *desc, target->stages().back().name);
  if (!artifact)
    return artifact.takeError();
  auto executable = target->load(*artifact, *desc);
  if (!executable)
    return executable.takeError();
  Slots slots = makeSlots(test, buffers);
  targets::LaunchRequest request;
  request.grid = {test.programs, 1, 1};
  request.slots = slots.slots;
  request.extents = slots.extents;
  return (*executable)->launch(request);
}

std::string Runner::run(const Case &test) {
  Buffers expected = makeBuffers(test);
  if (llvm::Error error = runReference(test, expected))
    return "interp (not raised): " + llvm::toString(std::move(error));
  for (const std::string &name : names) {
    Buffers found = makeBuffers(test);
    if (llvm::Error error = runTarget(test, name, found))
      return name + ": " + llvm::toString(std::move(error));
    std::string difference = compare(test, expected, found);
    if (!difference.empty())
      return name + ": " + difference;
  }
  return "";
}
