//===- Buffers.cpp - Host arrays on the device ----------------------------===//
//
// Part of the Tegula Project, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "runtime/opencl/Buffers.h"

#include <algorithm>

using namespace tegula;
using namespace tegula::runtime::opencl;

Buffers::~Buffers() {
  for (Range &range : ranges)
    if (range.buffer)
      cl->ReleaseMemObject(range.buffer);
}

void Buffers::add(uint64_t address, uint64_t bytes) {
  ranges.push_back({address, address + bytes});
}

std::vector<Buffers::Range> Buffers::merge(std::vector<Range> ranges) {
  std::sort(ranges.begin(), ranges.end(),
            [](const Range &a, const Range &b) { return a.begin < b.begin; });
  std::vector<Range> merged;
  for (const Range &range : ranges) {
    if (!merged.empty() && range.begin < merged.back().end)
      merged.back().end = std::max(merged.back().end, range.end);
    else
      merged.push_back(range);
  }
  return merged;
}

Status Buffers::copyIn() {
  ranges = merge(std::move(ranges));
  for (Range &range : ranges) {
    ClInt code = 0;
    range.buffer = cl->CreateBuffer(
        context, kClMemReadWrite | kClMemCopyHostPtr, range.end - range.begin,
        reinterpret_cast<void *>(range.begin), &code);
    if (Status status = checkCall(code, "CreateBuffer"); !status)
      return status;
  }
  return {};
}

Status Buffers::copyOut() {
  for (Range &range : ranges)
    if (Status status = checkCall(
            cl->EnqueueReadBuffer(
                queue, range.buffer, kClTrue, 0, range.end - range.begin,
                reinterpret_cast<void *>(range.begin), 0, nullptr, nullptr),
            "EnqueueReadBuffer");
        !status)
      return status;
  return {};
}

Buffers::Place Buffers::find(uint64_t address) const {
  for (const Range &range : ranges)
    if (address >= range.begin && address < range.end)
      return {range.buffer, address - range.begin};
  return {};
}
