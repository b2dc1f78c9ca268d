//===- IntelTarget.cpp - Intel GPUs through SPIR-V and OpenCL -------------===//
//
// Part of the Tegula Project, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// A correct first version: the shared loop lowering makes scalar code, and one
// work-item runs one program.
//
//===----------------------------------------------------------------------===//

#include "ir/tile/Tile.h"
#include "targets/common/llvm/Metadata.h"
#include "targets/common/loops/Loops.h"
#include "targets/intel/OpenClExecutable.h"

using namespace mlir;
using namespace tegula;
using namespace tegula::targets;
namespace opencl = tegula::runtime::opencl;
using llvm::StringRef;

/// LLVM's number of OpenCL's global memory.
static constexpr unsigned kGlobalMemory = 1;

static opencl::Device findDevice(const TargetDesc &desc, Status &status) {
  return opencl::findDevice(desc.place == Place::Emulation
                                ? opencl::DeviceKind::Cpu
                                : opencl::DeviceKind::Gpu,
                            "Intel", status);
}

/// Functions that OpenCL C lacks.
static bool lacksFunction(StringRef name) {
  return llvm::is_contained({"j0", "j1", "y0", "y1", "jn", "yn"}, name);
}

namespace {
class IntelTarget final : public Target {
public:
  StringRef name() const override { return "intel"; }
  StringRef description() const override {
    return "Intel GPUs through OpenCL: scalar code, one work-item a program";
  }

  llvm::Expected<TargetDesc> describe(StringRef arch,
                                      StringRef features) const override {
    bool isCpu = arch == "cpu";
    if (!isCpu && !arch.empty() &&
        !llvm::is_contained({"pvc", "dg2", "bmg", "mtl", "lnl"}, arch))
      return llvm::createStringError(
          "unknown architecture '%s' of intel; known: pvc, dg2, bmg, mtl, lnl, "
          "cpu",
          arch.str().c_str());
    if (!features.empty())
      return llvm::createStringError("intel has no features, but '%s' is given",
                                     features.str().c_str());
    TargetDesc desc;
    desc.name = "intel:" + (arch.empty() ? "pvc" : arch.str());
    if (!isCpu)
      desc.standIn = "intel:cpu";
    desc.triple = "spirv64v1.2-unknown-unknown";
    // Every work-item has an arena of its own: operands stay small.
    desc.dotDepth = 0;
    desc.callingForm = CallingForm::OpenClKernel;
    desc.place = isCpu ? Place::Emulation : Place::Device;
    desc.hasFma = true;
    desc.hasF16Convert = true;
    desc.mathLibrary = MathLibrary::OpenCl;
    desc.globalAddressSpace = desc.arenaAddressSpace = kGlobalMemory;
    return desc;
  }

  Support supports(Operation *op, const TargetDesc &desc) const override;

  llvm::ArrayRef<Stage> stages() const override {
    static constexpr Stage list[] = {{"loops", Stage::Kind::Mlir},
                                     {"lowered", Stage::Kind::Mlir},
                                     {"llvm", Stage::Kind::Text},
                                     {"asm", Stage::Kind::Text},
                                     {"spirv", Stage::Kind::Binary}};
    return list;
  }

  void buildPipeline(OpPassManager &pm, const TargetDesc &desc,
                     StringRef stage) const override {
    loops::buildPipelineTo(stage, pm, desc);
  }

  llvm::Expected<Artifact> emit(ModuleOp module, const TargetDesc &desc,
                                StringRef stage) const override {
    return emitArtifact(module, desc, stage);
  }

  Support probe(const TargetDesc &desc) const override {
    Status status;
    findDevice(desc, status);
    return status ? Support::yes() : Support::no(status.message());
  }

  llvm::Expected<std::unique_ptr<Executable>>
  load(const Artifact &artifact, const TargetDesc &desc) const override {
    Status status;
    opencl::Device device = findDevice(desc, status);
    if (!status)
      return llvm::createStringError(status.message());
    return loadOnOpenCl(artifact, std::move(device));
  }
};
} // namespace

Support IntelTarget::supports(Operation *op, const TargetDesc &desc) const {
  if (isa<tile::PrintOp, tile::AssertOp>(op))
    return Support::no("a device can't call back to print or to report");
  bool isAtomic =
      isa<tile::AtomicRMWOp, tile::AtomicCASOp, tile::AtomicPollOp>(op);
  if (isa<tile::AtomicPollOp>(op) ||
      (isAtomic && op->getParentOfType<scf::WhileOp>()))
    return Support::no("a program that waits for another may wait for ever: "
                       "OpenCL promises no progress between work-items");
  if (isAtomic && op->getNumResults() == 1) {
    Type element = tile::elementTypeOf(op->getResult(0).getType());
    if (element.isIntOrFloat() && element.getIntOrFloatBitWidth() < 32)
      return Support::no("OpenCL has no atomics on fewer than 32 bits");
  }
  if (auto math = dyn_cast<tile::ExternMathOp>(op))
    if (lacksFunction(math.getName()))
      return Support::no("OpenCL has no function " + math.getName().str());
  return loops::supports(op);
}

namespace tegula::targets {
std::unique_ptr<Target> create_intel() {
  return std::make_unique<IntelTarget>();
}
} // namespace tegula::targets
