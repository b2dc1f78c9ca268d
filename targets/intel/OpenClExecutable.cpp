//===- OpenClExecutable.cpp - SPIR-V on an OpenCL device ------------------===//
//
// Part of the Tegula Project, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "targets/intel/OpenClExecutable.h"
#include "runtime/opencl/Program.h"

using namespace tegula;
using namespace tegula::targets;
using runtime::opencl::KernelInfo;
using runtime::opencl::Program;

namespace {
class OpenClExecutable final : public Executable {
public:
  explicit OpenClExecutable(std::unique_ptr<Program> program)
      : program(std::move(program)) {}

  llvm::Error launch(const LaunchRequest &request) override {
    uint32_t grid[3];
    llvm::copy(request.grid, grid);
    Status status = program->launch(grid, {request.slots}, {request.extents});
    if (!status)
      return llvm::createStringError(status.message());
    return llvm::Error::success();
  }

private:
  std::unique_ptr<Program> program;
};
} // namespace

static KernelInfo describeKernel(const llvm::json::Object &metadata) {
  KernelInfo info;
  info.name = metadata.getString("name").value_or("kernel").str();
  info.arenaBytes = metadata.getInteger("arena_bytes").value_or(0);
  if (const llvm::json::Array *args = metadata.getArray("args"))
    for (const llvm::json::Value &arg : *args)
      if (const llvm::json::Object *object = arg.getAsObject())
        info.args.push_back(
            {object->getString("name").value_or("?").str(),
             object->getString("type").value_or("").starts_with("*")});
  return info;
}

llvm::Expected<std::unique_ptr<Executable>>
targets::loadOnOpenCl(const Artifact &artifact,
                      runtime::opencl::Device device) {
  Status status;
  std::unique_ptr<Program> program =
      Program::build(std::move(device), artifact.bytes,
                     describeKernel(artifact.metadata), status);
  if (!program)
    return llvm::createStringError(status.message());
  return std::make_unique<OpenClExecutable>(std::move(program));
}
