//===- OpenCl.cpp - SPIR-V programs through OpenCL ------------------------===//
//
// Part of the Tegula Project, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "targets/intel/OpenCl.h"

#include "targets/common/llvm/Emit.h"
#include "targets/intel/Buffers.h"
#include "targets/intel/OpenClApi.h"
#include <mutex>

using namespace tegula::targets;
using namespace tegula::targets::intel;

namespace {
struct Found {
  std::shared_ptr<OpenClApi> api;
  ClDevice device = nullptr;
};
} // namespace

static std::string textOf(OpenClApi &api, ClDevice device, ClUint what) {
  size_t size = 0;
  if (api.GetDeviceInfo(device, what, 0, nullptr, &size) != 0 || size == 0)
    return "";
  std::string text(size, '\0');
  api.GetDeviceInfo(device, what, size, text.data(), nullptr);
  return text.c_str();
}

static bool isIntel(OpenClApi &api, ClPlatform platform) {
  char vendor[256] = "";
  api.GetPlatformInfo(platform, kClPlatformVendor, sizeof vendor - 1, vendor,
                      nullptr);
  return llvm::StringRef(vendor).contains("Intel");
}

/// The first Intel device of the kind that takes SPIR-V.
static llvm::Expected<Found> findDevice(DeviceKind kind) {
  auto api = OpenClApi::open();
  if (!api)
    return api.takeError();
  OpenClApi &cl = **api;
  ClUint count = 0;
  if (llvm::Error error =
          checkCall(cl.GetPlatformIDs(0, nullptr, &count), "GetPlatformIDs"))
    return error;
  std::vector<ClPlatform> platforms(count);
  cl.GetPlatformIDs(count, platforms.data(), nullptr);
  ClBits type = kind == DeviceKind::Gpu ? kClDeviceTypeGpu : kClDeviceTypeCpu;
  for (ClPlatform platform : platforms) {
    ClDevice device = nullptr;
    if (isIntel(cl, platform) &&
        cl.GetDeviceIDs(platform, type, 1, &device, nullptr) == 0 &&
        llvm::StringRef(textOf(cl, device, kClDeviceIlVersion))
            .contains("SPIR-V"))
      return Found{*api, device};
  }
  return llvm::createStringError(
      kind == DeviceKind::Gpu
          ? "OpenCL lists no Intel GPU"
          : "OpenCL lists no Intel CPU device (intel-opencl-rt)");
}

Support tegula::targets::intel::probeDevice(DeviceKind kind) {
  auto found = findDevice(kind);
  if (!found)
    return Support::no(llvm::toString(found.takeError()));
  return Support::yes();
}

//===----------------------------------------------------------------------===//
// A loaded program
//===----------------------------------------------------------------------===//

namespace {

class OpenClExecutable final : public Executable {
public:
  OpenClExecutable(Found found, const llvm::json::Object &metadata);
  ~OpenClExecutable() override;
  llvm::Error build(llvm::StringRef spirv);
  llvm::Error launch(const LaunchRequest &request) override;

private:
  llvm::Error checkRequest(const LaunchRequest &request) const;
  llvm::Error setArguments(const LaunchRequest &request,
                           const Buffers &buffers);
  llvm::Error runPrograms(const LaunchRequest &request);
  template <typename T> llvm::Error setNext(const T &value) {
    return checkCall(
        cl->SetKernelArg(kernel, nextArgument++, sizeof(T), &value),
        "SetKernelArg");
  }

  std::shared_ptr<OpenClApi> cl;
  ClDevice device;
  ClContext context = nullptr;
  ClQueue queue = nullptr;
  ClProgram program = nullptr;
  ClKernel kernel = nullptr;
  ClUint nextArgument = 0;
  std::string kernelName;
  std::vector<std::string> argNames;
  std::vector<bool> isPointer;
  uint64_t arenaBytes = 0;
  // A kernel's arguments are its state: one launch at a time.
  std::mutex mutex;
};

} // namespace

OpenClExecutable::OpenClExecutable(Found found,
                                   const llvm::json::Object &metadata)
    : cl(std::move(found.api)), device(found.device) {
  kernelName = metadata.getString("name").value_or("kernel").str();
  arenaBytes = metadata.getInteger("arena_bytes").value_or(0);
  if (const llvm::json::Array *args = metadata.getArray("args"))
    for (const llvm::json::Value &arg : *args)
      if (const llvm::json::Object *object = arg.getAsObject()) {
        argNames.push_back(object->getString("name").value_or("?").str());
        isPointer.push_back(
            object->getString("type").value_or("").starts_with("*"));
      }
}

OpenClExecutable::~OpenClExecutable() {
  if (kernel)
    cl->ReleaseKernel(kernel);
  if (program)
    cl->ReleaseProgram(program);
  if (queue)
    cl->ReleaseCommandQueue(queue);
  if (context)
    cl->ReleaseContext(context);
}

llvm::Error OpenClExecutable::build(llvm::StringRef spirv) {
  ClInt code = 0;
  context = cl->CreateContext(nullptr, 1, &device, nullptr, nullptr, &code);
  if (llvm::Error error = checkCall(code, "CreateContext"))
    return error;
  queue = cl->CreateCommandQueueWithProperties(context, device, nullptr, &code);
  if (llvm::Error error = checkCall(code, "CreateCommandQueueWithProperties"))
    return error;
  program = cl->CreateProgramWithIL(context, spirv.data(), spirv.size(), &code);
  if (llvm::Error error = checkCall(code, "CreateProgramWithIL"))
    return error;
  // Division and square root round as IEEE says, as everywhere else.
  code = cl->BuildProgram(program, 1, &device,
                          "-cl-fp32-correctly-rounded-divide-sqrt", nullptr,
                          nullptr);
  if (code != ClInt(kClSuccess)) {
    char log[4096] = "";
    cl->GetProgramBuildInfo(program, device, kClProgramBuildLog, sizeof log - 1,
                            log, nullptr);
    return llvm::createStringError(
        "%s: %s", llvm::toString(checkCall(code, "BuildProgram")).c_str(), log);
  }
  kernel = cl->CreateKernel(program, std::string(kOpenClKernelSymbol).c_str(),
                            &code);
  return checkCall(code, "CreateKernel");
}

llvm::Error OpenClExecutable::checkRequest(const LaunchRequest &request) const {
  if (request.slots.size() != isPointer.size())
    return llvm::createStringError("kernel %s takes %zu arguments, not %zu",
                                   kernelName.c_str(), isPointer.size(),
                                   request.slots.size());
  for (size_t i = 0; i < isPointer.size(); ++i)
    if (isPointer[i] && request.slots[i] != 0 &&
        (i >= request.extents.size() || request.extents[i] == 0))
      return llvm::createStringError(
          "kernel %s: the size of array '%s' is not known, but it has to be "
          "copied to the device",
          kernelName.c_str(), argNames[i].c_str());
  return llvm::Error::success();
}

llvm::Error OpenClExecutable::setArguments(const LaunchRequest &request,
                                           const Buffers &buffers) {
  nextArgument = 0;
  for (size_t i = 0; i < isPointer.size(); ++i) {
    if (!isPointer[i]) {
      if (llvm::Error error = setNext(request.slots[i]))
        return error;
      continue;
    }
    Buffers::Place place = buffers.find(request.slots[i]);
    if (llvm::Error error = setNext(place.buffer))
      return error;
    if (llvm::Error error = setNext(place.offset))
      return error;
  }
  return llvm::Error::success();
}

/// Batches in order of the program index, as many at once as have scratch.
llvm::Error OpenClExecutable::runPrograms(const LaunchRequest &request) {
  constexpr uint64_t scratchLimit = 256 << 20;
  uint64_t each = openClArenaOffset(isPointer.size()) + arenaBytes;
  each = (each + 63) / 64 * 64;
  uint64_t total = 1;
  for (uint32_t size : request.grid)
    total *= size;
  uint64_t batch = std::min(total, std::max<uint64_t>(1, scratchLimit / each));
  ClInt code = 0;
  ClMem scratch =
      cl->CreateBuffer(context, kClMemReadWrite, batch * each, nullptr, &code);
  if (llvm::Error error = checkCall(code, "CreateBuffer"))
    return error;
  ClUint launchArguments = nextArgument;
  llvm::Error result = llvm::Error::success();
  for (uint64_t first = 0; first < total && !result; first += batch) {
    nextArgument = launchArguments;
    result = setNext(scratch);
    for (uint64_t value :
         {each, first, uint64_t(request.grid[0]), uint64_t(request.grid[1]),
          uint64_t(request.grid[2])})
      if (!result)
        result = setNext(value);
    size_t count = std::min(batch, total - first), one = 1;
    if (!result)
      result =
          checkCall(cl->EnqueueNDRangeKernel(queue, kernel, 1, nullptr, &count,
                                             &one, 0, nullptr, nullptr),
                    "EnqueueNDRangeKernel");
    if (!result)
      result = checkCall(cl->Finish(queue), "Finish");
  }
  cl->ReleaseMemObject(scratch);
  return result;
}

llvm::Error OpenClExecutable::launch(const LaunchRequest &request) {
  if (llvm::Error error = checkRequest(request))
    return error;
  if (llvm::is_contained(request.grid, 0u))
    return llvm::Error::success();
  std::lock_guard<std::mutex> lock(mutex);
  Buffers buffers(cl, context, queue);
  for (size_t i = 0; i < isPointer.size(); ++i)
    if (isPointer[i] && request.slots[i])
      buffers.add(request.slots[i], request.extents[i]);
  if (llvm::Error error = buffers.copyIn())
    return error;
  if (llvm::Error error = setArguments(request, buffers))
    return error;
  if (llvm::Error error = runPrograms(request))
    return llvm::createStringError("kernel %s: %s", kernelName.c_str(),
                                   llvm::toString(std::move(error)).c_str());
  return buffers.copyOut();
}

llvm::Expected<std::unique_ptr<Executable>>
tegula::targets::intel::loadProgram(const Artifact &artifact, DeviceKind kind) {
  auto found = findDevice(kind);
  if (!found)
    return found.takeError();
  auto executable =
      std::make_unique<OpenClExecutable>(std::move(*found), artifact.metadata);
  if (llvm::Error error = executable->build(artifact.bytes))
    return error;
  return executable;
}
