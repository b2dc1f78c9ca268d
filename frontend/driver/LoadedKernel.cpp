//===- LoadedKernel.cpp - Compiled code that can be launched ---*- C++ -*-===//
//
// Part of the Tegula Project, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "frontend/driver/LoadedKernel.h"
#include <chrono>

namespace tegula::frontend {

llvm::Expected<LoadedKernel> LoadedKernel::load(CompiledKernel compiled) {
  auto executable = compiled.target->load(compiled.artifact, compiled.desc);
  if (!executable)
    return executable.takeError();
  return LoadedKernel(std::move(compiled), std::move(*executable));
}

llvm::Expected<double> LoadedKernel::launch(const Execution &memory,
                                            const std::array<uint32_t, 3> &grid,
                                            unsigned threads) {
  using Clock = std::chrono::steady_clock;
  auto start = Clock::now();
  if (llvm::Error error = executable->launch(
          memory.request(grid, threads ? threads : code.threads)))
    return error;
  return std::chrono::duration<double>(Clock::now() - start).count();
}

} // namespace tegula::frontend
