//===- Main.cpp - The program that QEMU runs ------------------------------===//
//
// Part of the Tegula Project, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Compiled for the emulated processor together with the runtime: does what the
// image of descriptor 3 asks for, and writes the answer into it.
//
//===----------------------------------------------------------------------===//

#include "runtime/qemu/Image.h"
#include "tegula/runtime.h"

#include <cstdio>
#include <string>
#include <sys/mman.h>
#include <sys/stat.h>
#include <vector>

using namespace tegula::runtime::qemu;

static int fail(const char *what) {
  std::perror(what);
  return 1;
}

/// Maps the pages of a region between two that can't be touched.
static char *mapRegion(const Region &region) {
  void *room = ::mmap(nullptr, region.bytes + 2 * kPage, PROT_NONE,
                      MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  if (room == MAP_FAILED)
    return nullptr;
  void *pages = ::mmap(static_cast<char *>(room) + kPage, region.bytes,
                       PROT_READ | PROT_WRITE, MAP_SHARED | MAP_FIXED,
                       kImageDescriptor, static_cast<off_t>(region.offset));
  return pages == MAP_FAILED ? nullptr : static_cast<char *>(pages);
}

static int run(Header &header) {
  auto *slots = reinterpret_cast<const Slot *>(&header + 1);
  auto *regions = reinterpret_cast<const Region *>(slots + header.numSlots);
  auto *code = reinterpret_cast<const char *>(regions + header.numRegions);
  std::string metadata(code + header.codeBytes, header.metadataBytes);

  std::vector<char *> mapped;
  for (uint32_t i = 0; i < header.numRegions; ++i) {
    mapped.push_back(mapRegion(regions[i]));
    if (!mapped.back())
      return fail("guest: mapping an array");
  }
  std::vector<uint64_t> values, extents;
  for (uint32_t i = 0; i < header.numSlots; ++i) {
    bool isArray = slots[i].region != Slot::kNoRegion;
    values.push_back(isArray ? reinterpret_cast<uint64_t>(
                                   mapped[slots[i].region] + slots[i].value)
                             : slots[i].value);
    extents.push_back(slots[i].extent);
  }

  tegula_module *module = nullptr;
  header.status =
      tegula_module_load(code, header.codeBytes, metadata.c_str(), &module,
                         header.message, sizeof header.message);
  if (header.status != TEGULA_OK)
    return 0;
  tegula_launch_options options = {};
  options.threads = header.threads;
  options.extents = extents.data();
  header.status =
      tegula_launch(module, header.grid, values.data(), values.size(), &options,
                    header.message, sizeof header.message);
  return 0;
}

int main() {
  struct stat file;
  if (::fstat(kImageDescriptor, &file) != 0)
    return fail("guest: no image");
  void *image = ::mmap(nullptr, static_cast<size_t>(file.st_size),
                       PROT_READ | PROT_WRITE, MAP_SHARED, kImageDescriptor, 0);
  if (image == MAP_FAILED)
    return fail("guest: mapping the image");
  return run(*static_cast<Header *>(image));
}
