//===- Buffers.cpp - Host arrays on the device ----------------------------===//
//
// Part of the Tegula Project, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "targets/intel/Buffers.h"

#include <algorithm>

using namespace tegula::targets::intel;

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

llvm::Error Buffers::copyIn() {
  ranges = merge(std::move(ranges));
  for (Range &range : ranges) {
    ClInt code = 0;
    range.buffer = cl->CreateBuffer(
        context, kClMemReadWrite | kClMemCopyHostPtr, range.end - range.begin,
        reinterpret_cast<void *>(range.begin), &code);
    if (llvm::Error error = checkCall(code, "CreateBuffer"))
      return error;
  }
  return llvm::Error::success();
}

llvm::Error Buffers::copyOut() {
  for (Range &range : ranges)
    if (llvm::Error error = checkCall(
            cl->EnqueueReadBuffer(
                queue, range.buffer, kClTrue, 0, range.end - range.begin,
                reinterpret_cast<void *>(range.begin), 0, nullptr, nullptr),
            "EnqueueReadBuffer"))
      return error;
  return llvm::Error::success();
}

Buffers::Place Buffers::find(uint64_t address) const {
  for (const Range &range : ranges)
    if (address >= range.begin && address < range.end)
      return {range.buffer, address - range.begin};
  return {};
}
