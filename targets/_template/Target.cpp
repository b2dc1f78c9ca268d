//===- Target.cpp - A machine that doesn't exist yet ------------*- C++ -*-===//
//
// Part of the Tegula Project, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// The skeleton of a target: it compiles, stands in the registry and goes
// through the conformance suite, and refuses everything with a reason.
// `tegula new-target NAME` copies this folder. Then run
//
//   tegula run kernels/vecadd --target NAME
//
// and replace the refusal that it prints, one after the other. README.md says
// what a first version can borrow from targets/common.
//
//===----------------------------------------------------------------------===//

#include "targets/Target.h"

namespace tegula::targets {

namespace {

class TemplateTarget : public Target {
public:
  llvm::StringRef name() const override { return "_template"; }

  llvm::StringRef description() const override {
    return "A skeleton that refuses every kernel";
  }

  // The machine as data. If LLVM has a back end for it: triple, cpu and
  // features; else only the sizes that the shared lowerings read.
  llvm::Expected<TargetDesc> describe(llvm::StringRef arch,
                                      llvm::StringRef features) const override {
    if (!arch.empty() && arch != "v1")
      return llvm::createStringError("unknown architecture '%s'; known: v1",
                                     arch.str().c_str());
    if (!features.empty())
      return llvm::createStringError("unknown feature '%s'; known: none",
                                     features.str().c_str());
    TargetDesc desc;
    desc.name = "_template:v1";
    // Place::Device once there is a real one: it then wins over the processor.
    desc.place = Place::Emulation;
    return desc;
  }

  // Asked for every operation of a raised kernel. Say yes to what is lowered;
  // the reason of a refusal names the limit ("only f32 dots", "64 KiB").
  Support supports(mlir::Operation *op, const TargetDesc &) const override {
    return Support::no("no lowering for " + op->getName().getStringRef().str());
  }

  // The MLIR stages of the road, then what emit() makes, e.g.
  // {"loops", Mlir}, {"llvm", Text}, {"obj", Binary}.
  llvm::ArrayRef<Stage> stages() const override {
    static constexpr Stage road[] = {{"obj", Stage::Kind::Binary}};
    return road;
  }

  // One case for each MLIR stage. buildLoopsPipeline of targets/common/loops
  // gives a correct start for everything that LLVM has a back end for.
  void buildPipeline(mlir::OpPassManager &, const TargetDesc &,
                     llvm::StringRef) const override {}

  // emitCode of targets/common/llvm, or an own printer or assembler.
  llvm::Expected<Artifact> emit(mlir::ModuleOp, const TargetDesc &desc,
                                llvm::StringRef stage) const override {
    return llvm::createStringError("%s: making '%s' isn't written yet",
                                   desc.name.c_str(), stage.str().c_str());
  }

  // dlopen the driver here, and say what is missing: "libfoo.so was not found".
  Support probe(const TargetDesc &) const override {
    return Support::no("it is a skeleton, there is no such machine");
  }

  // The artifact's loader: allocates, copies, launches, waits.
  llvm::Expected<std::unique_ptr<Executable>>
  load(const Artifact &, const TargetDesc &desc) const override {
    return llvm::createStringError("%s: loading isn't written yet",
                                   desc.name.c_str());
  }
};

} // namespace

// Named like the folder; targets/Targets.def has the same name.
std::unique_ptr<Target> create__template();
std::unique_ptr<Target> create__template() {
  return std::make_unique<TemplateTarget>();
}

} // namespace tegula::targets
