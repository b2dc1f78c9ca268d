//===- Registry.cpp - The list of targets -----------------------*- C++ -*-===//
//
// Part of the Tegula Project, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "targets/Registry.h"
#include "mlir/Pass/PassRegistry.h"
#include "targets/common/llvm/Passes.h"
#include "targets/common/loops/Loops.h"
#include "llvm/ADT/StringExtras.h"

namespace tegula::targets {

#define TEGULA_TARGET(name) std::unique_ptr<Target> create_##name();
#include "targets/BuiltTargets.def"

Registry::Registry() {
#define TEGULA_TARGET(name) all.push_back(create_##name());
#include "targets/BuiltTargets.def"
}

Registry::~Registry() = default;

llvm::Expected<const Target &> Registry::find(llvm::StringRef name) const {
  for (const std::unique_ptr<Target> &target : all)
    if (target->name() == name)
      return *target;
  std::string known = llvm::join(
      llvm::map_range(all, [](const auto &t) { return t->name().str(); }),
      ", ");
  return llvm::createStringError("unknown target '%s'; known: %s",
                                 name.str().c_str(), known.c_str());
}

/// `--tegula-cpu-loops="arch=x86-64-v3"`: one MLIR stage of one target.
static void registerStage(std::shared_ptr<Registry> registry,
                          const Target &target, llvm::StringRef stage) {
  std::string argument = ("tegula-" + target.name() + "-" + stage).str();
  auto build =
      [registry, &target, stage = stage.str()](
          mlir::OpPassManager &pm, llvm::StringRef options,
          llvm::function_ref<mlir::LogicalResult(const llvm::Twine &)> onError)
      -> mlir::LogicalResult {
    llvm::StringRef arch, features;
    llvm::SmallVector<llvm::StringRef> words;
    llvm::SplitString(options, words);
    for (llvm::StringRef word : words) {
      auto [key, value] = word.split('=');
      if (key != "arch" && key != "features")
        return onError("unknown option '" + key + "'; known: arch, features");
      (key == "arch" ? arch : features) = value;
    }
    llvm::Expected<TargetDesc> desc = target.describe(arch, features);
    if (!desc)
      return onError(llvm::toString(desc.takeError()));
    target.buildPipeline(pm, *desc, stage);
    return mlir::success();
  };
  std::string summary = ("From the stage before '" + stage + "' to it, for " +
                         target.name() + " (arch=, features=)")
                            .str();
  mlir::registerPassPipeline(
      argument, summary, build,
      [](llvm::function_ref<void(const mlir::detail::PassOptions &)>) {});
}

void registerPasses() {
  registerTegulaLLVMPasses();
  loops::registerPasses();
  auto registry = std::make_shared<Registry>();
  for (const std::unique_ptr<Target> &target : registry->targets())
    for (const Stage &stage : target->stages())
      if (stage.kind == Stage::Kind::Mlir)
        registerStage(registry, *target, stage.name);
}

} // namespace tegula::targets
