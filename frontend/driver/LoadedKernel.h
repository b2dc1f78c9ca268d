//===- LoadedKernel.h - Compiled code that can be launched ---*- C++ -*-===//
//
// Part of the Tegula Project, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// What `tegula run`, `bench`, `tune` and the conformance suite launch:
//
//   auto kernel = LoadedKernel::load(std::move(*compiled));
//   auto seconds = kernel->launch(memory, grid, /*threads=*/0);
//
//===----------------------------------------------------------------------===//

#ifndef TEGULA_FRONTEND_DRIVER_LOADEDKERNEL_H
#define TEGULA_FRONTEND_DRIVER_LOADEDKERNEL_H

#include "frontend/driver/Compile.h"
#include "frontend/driver/Execution.h"

namespace tegula::frontend {

class LoadedKernel {
public:
  static llvm::Expected<LoadedKernel> load(CompiledKernel compiled);

  /// Seconds of one launch. `threads` 0: those that tuning has found, else as
  /// many as the target takes by itself.
  llvm::Expected<double> launch(const Execution &memory,
                                const std::array<uint32_t, 3> &grid,
                                unsigned threads);

  const CompiledKernel &compiled() const { return code; }

private:
  LoadedKernel(CompiledKernel code,
               std::unique_ptr<targets::Executable> executable)
      : code(std::move(code)), executable(std::move(executable)) {}

  CompiledKernel code;
  std::unique_ptr<targets::Executable> executable;
};

} // namespace tegula::frontend

#endif // TEGULA_FRONTEND_DRIVER_LOADEDKERNEL_H
