//===- Execution.h - The memory of one launch ---*- C++ -*-===//
//
// Part of the Tegula Project, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef TEGULA_FRONTEND_DRIVER_EXECUTION_H
#define TEGULA_FRONTEND_DRIVER_EXECUTION_H

#include "frontend/driver/Arguments.h"
#include "targets/Target.h"

namespace tegula::frontend {

/// The arrays of bound arguments and the slots that a launch passes.
class Execution {
public:
  static llvm::Expected<Execution> make(const BoundArguments &bound);

  /// Null when `name` is no array.
  Array *find(llvm::StringRef name);
  llvm::ArrayRef<std::pair<std::string, Array>> arrays() const { return named; }
  llvm::ArrayRef<uint64_t> slots() const { return slotValues; }
  llvm::ArrayRef<uint64_t> extents() const { return slotExtents; }
  targets::LaunchRequest request(const std::array<uint32_t, 3> &grid,
                                 unsigned threads) const {
    return {grid, slotValues, slotExtents, threads};
  }

private:
  std::vector<std::pair<std::string, Array>> named;
  std::vector<uint64_t> slotValues, slotExtents;
};

} // namespace tegula::frontend

#endif // TEGULA_FRONTEND_DRIVER_EXECUTION_H
