//===- Program.cpp - Building and launching a SPIR-V kernel ---------------===//
//
// Part of the Tegula Project, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "runtime/opencl/Program.h"

#include "runtime/cpu/Launch.h"
#include "runtime/opencl/KernelForm.h"
#include <algorithm>

using namespace tegula;
using namespace tegula::runtime;
using namespace tegula::runtime::opencl;

//===----------------------------------------------------------------------===//
// Building
//===----------------------------------------------------------------------===//

std::unique_ptr<Program> Program::build(Device device, std::string_view spirv,
                                        KernelInfo info, Status &status) {
  std::unique_ptr<Program> result(
      new Program(std::move(device), std::move(info)));
  status = result->build(spirv);
  if (status)
    return result;
  status = {status.code(), result->info.name + ": " + status.message()};
  return nullptr;
}

Program::~Program() {
  if (kernel)
    cl->ReleaseKernel(kernel);
  if (program)
    cl->ReleaseProgram(program);
  if (queue)
    cl->ReleaseCommandQueue(queue);
  if (context)
    cl->ReleaseContext(context);
}

std::string Program::buildLog() const {
  size_t size = 0;
  cl->GetProgramBuildInfo(program, device, kClProgramBuildLog, 0, nullptr,
                          &size);
  std::string log(size, '\0');
  cl->GetProgramBuildInfo(program, device, kClProgramBuildLog, size, log.data(),
                          nullptr);
  return log.c_str();
}

Status Program::build(std::string_view spirv) {
  ClInt code = 0;
  context = cl->CreateContext(nullptr, 1, &device, nullptr, nullptr, &code);
  if (Status status = checkCall(code, "CreateContext"); !status)
    return status;
  queue = cl->CreateCommandQueueWithProperties(context, device, nullptr, &code);
  if (Status status = checkCall(code, "CreateCommandQueueWithProperties");
      !status)
    return status;
  program = cl->CreateProgramWithIL(context, spirv.data(), spirv.size(), &code);
  if (Status status = checkCall(code, "CreateProgramWithIL"); !status)
    return {TEGULA_BAD_MODULE, status.message()};
  // Division and square root round as IEEE says, as everywhere else.
  code = cl->BuildProgram(program, 1, &device,
                          "-cl-fp32-correctly-rounded-divide-sqrt", nullptr,
                          nullptr);
  if (Status status = checkCall(code, "BuildProgram"); !status)
    return {TEGULA_BAD_MODULE, status.message() + "\n" + buildLog()};
  kernel = cl->CreateKernel(program, kKernelSymbol, &code);
  if (Status status = checkCall(code, "CreateKernel"); !status)
    return {TEGULA_BAD_MODULE, status.message()};
  return {};
}

//===----------------------------------------------------------------------===//
// Launching
//===----------------------------------------------------------------------===//

/// What is wrong with the arguments, or "".
std::string Program::findFault(std::span<const uint64_t> slots,
                               std::span<const uint64_t> extents) const {
  if (slots.size() != info.args.size())
    return "takes " + std::to_string(info.args.size()) + " arguments, not " +
           std::to_string(slots.size());
  for (size_t i = 0; i < slots.size(); ++i) {
    if (!info.args[i].isPointer)
      continue;
    if (slots[i] == 0)
      return "argument '" + info.args[i].name + "' is a null pointer";
    if (i >= extents.size() || extents[i] == 0)
      return "the size of array '" + info.args[i].name +
             "' is not known, but it has to be copied to the device";
  }
  return "";
}

Status Program::setArguments(std::span<const uint64_t> slots,
                             const Buffers &buffers) {
  nextArgument = 0;
  for (size_t i = 0; i < slots.size(); ++i) {
    if (!info.args[i].isPointer) {
      if (Status status = setNext(slots[i]); !status)
        return status;
      continue;
    }
    Buffers::Place place = buffers.find(slots[i]);
    if (Status status = setNext(place.buffer); !status)
      return status;
    if (Status status = setNext(place.offset); !status)
      return status;
  }
  return {};
}

/// In order of the program index, `batch` at a time.
Status Program::runBatches(ClMem scratch, uint64_t each, uint64_t batch,
                           const uint32_t (&grid)[3], uint64_t programs) {
  uint64_t epoch = countInterruptions();
  ClUint launchArguments = nextArgument;
  for (uint64_t first = 0; first < programs; first += batch) {
    if (countInterruptions() != epoch)
      return {TEGULA_INTERRUPTED, "interrupted"};
    nextArgument = launchArguments;
    if (Status status = setNext(scratch); !status)
      return status;
    for (uint64_t value :
         {each, first, uint64_t(grid[0]), uint64_t(grid[1]), uint64_t(grid[2])})
      if (Status status = setNext(value); !status)
        return status;
    size_t count = std::min(batch, programs - first), one = 1;
    if (Status status = checkCall(
            cl->EnqueueNDRangeKernel(queue, kernel, 1, nullptr, &count, &one, 0,
                                     nullptr, nullptr),
            "EnqueueNDRangeKernel");
        !status)
      return status;
    if (Status status = checkCall(cl->Finish(queue), "Finish"); !status)
      return status;
  }
  return {};
}

/// As many programs at once as have scratch.
Status Program::runPrograms(const uint32_t (&grid)[3], uint64_t programs) {
  constexpr uint64_t scratchLimit = 256 << 20;
  uint64_t each = arenaOffset(info.args.size()) + info.arenaBytes;
  each = (each + 63) / 64 * 64;
  uint64_t batch =
      std::min(programs, std::max<uint64_t>(1, scratchLimit / each));
  ClInt code = 0;
  ClMem scratch =
      cl->CreateBuffer(context, kClMemReadWrite, batch * each, nullptr, &code);
  if (Status status = checkCall(code, "CreateBuffer"); !status)
    return status;
  Status result = runBatches(scratch, each, batch, grid, programs);
  cl->ReleaseMemObject(scratch);
  return result;
}

Status Program::runOnDevice(const uint32_t (&grid)[3], uint64_t programs,
                            std::span<const uint64_t> slots,
                            std::span<const uint64_t> extents) {
  std::lock_guard<std::mutex> lock(mutex);
  Buffers buffers(cl, context, queue);
  for (size_t i = 0; i < slots.size(); ++i)
    if (info.args[i].isPointer)
      buffers.add(slots[i], extents[i]);
  if (Status status = buffers.copyIn(); !status)
    return status;
  if (Status status = setArguments(slots, buffers); !status)
    return status;
  if (Status status = runPrograms(grid, programs); !status)
    return status;
  return buffers.copyOut();
}

Status Program::launch(const uint32_t (&grid)[3],
                       std::span<const uint64_t> slots,
                       std::span<const uint64_t> extents) {
  uint64_t programs = uint64_t(grid[0]) * grid[1];
  if (__builtin_mul_overflow(programs, uint64_t(grid[2]), &programs) ||
      programs > uint64_t(1) << 62)
    return {TEGULA_INVALID_ARGUMENT,
            info.name + ": the grid (" + std::to_string(grid[0]) + ", " +
                std::to_string(grid[1]) + ", " + std::to_string(grid[2]) +
                ") is too large"};
  if (programs == 0)
    return {};
  if (std::string fault = findFault(slots, extents); !fault.empty())
    return {TEGULA_INVALID_ARGUMENT, info.name + ": " + fault};
  Status status = runOnDevice(grid, programs, slots, extents);
  if (status)
    return {};
  return {status.code(), info.name + ": " + status.message()};
}
