//===- Program.h - A SPIR-V kernel on a device ------------------*- C++ -*-===//
//
// Part of the Tegula Project, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef TEGULA_RUNTIME_OPENCL_PROGRAM_H
#define TEGULA_RUNTIME_OPENCL_PROGRAM_H

#include "runtime/opencl/Buffers.h"
#include "runtime/opencl/Device.h"
#include <mutex>
#include <span>

namespace tegula::runtime::opencl {

/// What a launch must know of the kernel.
struct KernelInfo {
  struct Arg {
    std::string name;
    bool isPointer = false;
  };
  std::string name;
  std::vector<Arg> args;
  uint64_t arenaBytes = 0; ///< Scratch memory that a program needs.
};

/// A kernel of the form that KernelForm.h describes, built for one device.
///
/// Example:
///   Device device = findDevice(DeviceKind::Cpu, "Intel", status);
///   auto program = Program::build(device, spirv, {"add", {{"x", true}}}, ...);
///   status = program->launch(grid, slots, extents);
class Program {
public:
  /// Null with `status` where the device refuses the module; the message ends
  /// with the log of its compiler.
  static std::unique_ptr<Program> build(Device device, std::string_view spirv,
                                        KernelInfo info, Status &status);
  Program(const Program &) = delete;
  ~Program();

  /// Copies the arrays to the device, runs all programs, waits, and copies the
  /// arrays back. Slots are packed as in tegula/abi.h; `extents` has the bytes
  /// behind each pointer. Any number of threads may call it; launches of one
  /// program follow each other. Messages begin with the kernel's name.
  Status launch(const uint32_t (&grid)[3], std::span<const uint64_t> slots,
                std::span<const uint64_t> extents);

private:
  Program(Device device, KernelInfo info)
      : cl(std::move(device.api)), device(device.device),
        info(std::move(info)) {}
  Status build(std::string_view spirv);
  std::string buildLog() const;
  std::string findFault(std::span<const uint64_t> slots,
                        std::span<const uint64_t> extents) const;
  Status setArguments(std::span<const uint64_t> slots, const Buffers &buffers);
  Status runPrograms(const uint32_t (&grid)[3], uint64_t programs);
  Status runBatches(ClMem scratch, uint64_t each, uint64_t batch,
                    const uint32_t (&grid)[3], uint64_t programs);
  Status runOnDevice(const uint32_t (&grid)[3], uint64_t programs,
                     std::span<const uint64_t> slots,
                     std::span<const uint64_t> extents);
  template <typename T> Status setNext(const T &value) {
    return checkCall(
        cl->SetKernelArg(kernel, nextArgument++, sizeof(T), &value),
        "SetKernelArg");
  }

  std::shared_ptr<Api> cl;
  ClDevice device;
  ClContext context = nullptr;
  ClQueue queue = nullptr;
  ClProgram program = nullptr;
  ClKernel kernel = nullptr;
  ClUint nextArgument = 0;
  KernelInfo info;
  // A kernel's arguments are its state: one launch at a time.
  std::mutex mutex;
};

} // namespace tegula::runtime::opencl

#endif // TEGULA_RUNTIME_OPENCL_PROGRAM_H
