//===- CpuExecutable.cpp - Shared objects in this process -----------------===//
//
// Part of the Tegula Project, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "targets/cpu/CpuExecutable.h"
#include "tegula/runtime.h"
#include "llvm/Support/raw_ostream.h"

using namespace tegula;
using namespace tegula::targets;

namespace {
class CpuExecutable final : public Executable {
public:
  explicit CpuExecutable(tegula_module *module) : module(module) {}
  ~CpuExecutable() override { tegula_module_unload(module); }

  llvm::Error launch(const LaunchRequest &request) override {
    tegula_launch_options options = {};
    options.threads = request.threads;
    if (request.extents.size() == request.slots.size())
      options.extents = request.extents.data();
    char message[1024] = "";
    if (tegula_launch(module, request.grid.data(), request.slots.data(),
                      request.slots.size(), &options, message,
                      sizeof message) == TEGULA_OK)
      return llvm::Error::success();
    return llvm::createStringError(message);
  }

private:
  tegula_module *module;
};
} // namespace

llvm::Expected<std::unique_ptr<Executable>>
targets::loadOnCpu(const Artifact &artifact) {
  std::string metadata;
  llvm::raw_string_ostream(metadata)
      << llvm::json::Value(llvm::json::Object(artifact.metadata));
  tegula_module *module = nullptr;
  char message[1024] = "";
  if (tegula_module_load(artifact.bytes.data(), artifact.bytes.size(),
                         metadata.c_str(), &module, message,
                         sizeof message) != TEGULA_OK)
    return llvm::createStringError(message);
  return std::make_unique<CpuExecutable>(module);
}
