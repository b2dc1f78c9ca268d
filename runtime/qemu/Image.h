//===- Image.h - The file that host and guest share -------------*- C++ -*-===//
//
// Part of the Tegula Project, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// One launch as a memory file: a Header, then `numSlots` Slots and `numRegions`
// Regions, then the kernel's code and its metadata, then the pages of each
// region. Both sides are little-endian 64-bit machines.
//
//===----------------------------------------------------------------------===//

#ifndef TEGULA_RUNTIME_QEMU_IMAGE_H
#define TEGULA_RUNTIME_QEMU_IMAGE_H

#include <cstdint>

namespace tegula::runtime::qemu {

/// Where the guest finds the file.
inline constexpr int kImageDescriptor = 3;
inline constexpr uint64_t kPage = 4096;

struct Header {
  uint32_t grid[3];
  uint32_t threads;
  uint32_t numSlots, numRegions;
  uint64_t codeBytes, metadataBytes; ///< The latter without a terminator.
  /// The answer.
  int32_t status;
  char message[1028];
};

struct Slot {
  static constexpr uint64_t kNoRegion = ~uint64_t(0);
  /// As it is, or an offset from the region's first page.
  uint64_t value;
  uint64_t region;
  uint64_t extent;
};

/// Memory that arrays share with nothing else. The guest puts a page that can't
/// be touched on either side.
struct Region {
  uint64_t offset; ///< Of the first page in the file.
  uint64_t bytes;  ///< Whole pages.
};

} // namespace tegula::runtime::qemu

#endif // TEGULA_RUNTIME_QEMU_IMAGE_H
