//===- EmulatedExecutable.cpp - Shared objects under QEMU -----------------===//
//
// Part of the Tegula Project, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "targets/cpu/EmulatedExecutable.h"
#include "targets/common/llvm/Emulation.h"
#include "llvm/Support/raw_ostream.h"

using namespace tegula;
using namespace tegula::targets;
using runtime::qemu::Machine;

namespace {
class EmulatedExecutable final : public Executable {
public:
  EmulatedExecutable(const Artifact &artifact, Machine machine)
      : machine(std::move(machine)), code(artifact.bytes) {
    llvm::raw_string_ostream(metadata)
        << llvm::json::Value(llvm::json::Object(artifact.metadata));
  }

  llvm::Error launch(const LaunchRequest &request) override {
    Status status = runtime::qemu::launch(
        machine, {code, metadata},
        {request.grid, request.slots, request.extents, request.threads});
    if (!status)
      return llvm::createStringError(status.message());
    return llvm::Error::success();
  }

private:
  Machine machine;
  std::string code, metadata;
};
} // namespace

Support targets::probeEmulator(const TargetDesc &desc) {
  Status status = runtime::qemu::probe(describeForQemu(desc));
  return status ? Support::yes() : Support::no(status.message());
}

std::unique_ptr<Executable> targets::loadOnEmulator(const Artifact &artifact,
                                                    const TargetDesc &desc) {
  return std::make_unique<EmulatedExecutable>(artifact, describeForQemu(desc));
}
