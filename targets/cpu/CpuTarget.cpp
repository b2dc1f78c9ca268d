//===- CpuTarget.cpp - Vectorised loops on a processor --------------------===//
//
// Part of the Tegula Project, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// x86-64, AArch64 and RISC-V: the shared loop lowering with the processor's
// description, then LLVM, lld and the runtime's OpenMP grid.
//
//===----------------------------------------------------------------------===//

#include "runtime/cpu/Features.h"
#include "targets/Target.h"
#include "targets/common/llvm/Machine.h"
#include "targets/common/llvm/Metadata.h"
#include "targets/common/loops/Loops.h"
#include "targets/cpu/CpuExecutable.h"
#include "targets/cpu/EmulatedExecutable.h"
#include "llvm/TargetParser/Triple.h"

using namespace mlir;
using namespace tegula;
using namespace tegula::targets;

/// What the runtime checks before it runs the code.
static llvm::json::Object describeRequirements(const TargetDesc &desc) {
  std::string architecture =
      llvm::Triple::getArchTypeName(llvm::Triple(desc.triple).getArch()).str();
  std::span<const char *const> names = runtime::codeFeatures(architecture);
  return llvm::json::Object{
      {"architecture", architecture},
      {"features", presentFeatures(desc, {names.data(), names.size()})},
      {"vector_bits", desc.vscale ? desc.vectorBits : 0}};
}

namespace {
class CpuTarget final : public Target {
public:
  StringRef name() const override { return "cpu"; }
  StringRef description() const override {
    return "this or another processor: vectorised loops, one program a thread";
  }

  llvm::Expected<TargetDesc> describe(StringRef arch,
                                      StringRef features) const override {
    llvm::Expected<TargetDesc> desc = describeProcessor(arch, features);
    if (!desc)
      return desc.takeError();
    return desc;
  }

  Support supports(Operation *op, const TargetDesc &desc) const override {
    return loops::supports(op);
  }

  llvm::ArrayRef<Stage> stages() const override {
    static constexpr Stage list[] = {
        {"loops", Stage::Kind::Mlir}, {"lowered", Stage::Kind::Mlir},
        {"llvm", Stage::Kind::Text},  {"asm", Stage::Kind::Text},
        {"obj", Stage::Kind::Binary}, {"so", Stage::Kind::Binary}};
    return list;
  }

  void buildPipeline(OpPassManager &pm, const TargetDesc &desc,
                     StringRef stage) const override {
    loops::buildPipelineTo(stage, pm, desc);
  }

  llvm::Expected<Artifact> emit(ModuleOp module, const TargetDesc &desc,
                                StringRef stage) const override {
    auto artifact = emitArtifact(module, desc, stage);
    if (artifact)
      artifact->metadata["requires"] = describeRequirements(desc);
    return artifact;
  }

  Support probe(const TargetDesc &desc) const override {
    if (desc.place == Place::Emulation)
      return probeEmulator(desc);
    if (llvm::Error error = hostSupports(desc))
      return Support::no(llvm::toString(std::move(error)));
    return Support::yes();
  }

  llvm::Expected<std::unique_ptr<Executable>>
  load(const Artifact &artifact, const TargetDesc &desc) const override {
    if (desc.place == Place::Emulation)
      return loadOnEmulator(artifact, desc);
    return loadOnCpu(artifact);
  }
};
} // namespace

namespace tegula::targets {
std::unique_ptr<Target> create_cpu() { return std::make_unique<CpuTarget>(); }
} // namespace tegula::targets
