//===- Buffers.h - Host arrays on the device --------------------*- C++ -*-===//
//
// Part of the Tegula Project, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef TEGULA_RUNTIME_OPENCL_BUFFERS_H
#define TEGULA_RUNTIME_OPENCL_BUFFERS_H

#include "runtime/opencl/Api.h"
#include <vector>

namespace tegula::runtime::opencl {

/// The arrays of one launch. Arrays that overlap on the host share a buffer,
/// so that a kernel sees the same aliasing there.
class Buffers {
public:
  struct Place {
    ClMem buffer = nullptr;
    uint64_t offset = 0;
  };

  Buffers(std::shared_ptr<Api> cl, ClContext context, ClQueue queue)
      : cl(std::move(cl)), context(context), queue(queue) {}
  Buffers(const Buffers &) = delete;
  ~Buffers();

  void add(uint64_t address, uint64_t bytes);
  Status copyIn();
  Status copyOut();
  /// Where a host address lies; null for null.
  Place find(uint64_t address) const;

  /// Host memory of one buffer.
  struct Range {
    uint64_t begin, end;
    ClMem buffer = nullptr;
  };
  /// Sorted, with overlapping ranges made one.
  static std::vector<Range> merge(std::vector<Range> ranges);

private:
  std::shared_ptr<Api> cl;
  ClContext context;
  ClQueue queue;
  std::vector<Range> ranges;
};

} // namespace tegula::runtime::opencl

#endif // TEGULA_RUNTIME_OPENCL_BUFFERS_H
