//===- LazyMemory.cpp - Arrays that grow where they are touched -----------===//
//
// Part of the Tegula Project, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "tests/ttir/LazyMemory.h"
#include "mlir/IR/BuiltinTypes.h"
#include "llvm/ADT/APFloat.h"
#include <cstring>
#include <sys/mman.h>

using namespace tegula::replay;

/// Each array has this much room on both sides of element 0: enough for an
/// unsigned index of 32 bits.
static constexpr uint64_t kRoom = uint64_t(1) << 36;

/// The one memory of this process, for the signal handler.
static LazyMemory *current = nullptr;

static uint64_t mix(uint64_t x) {
  // splitmix64.
  x += 0x9e3779b97f4a7c15;
  x = (x ^ (x >> 30)) * 0xbf58476d1ce4e5b9;
  x = (x ^ (x >> 27)) * 0x94d049bb133111eb;
  return x ^ (x >> 31);
}

void LazyMemory::handleFault(int, siginfo_t *info, void *) {
  auto address = reinterpret_cast<uint64_t>(info->si_addr);
  if (current && current->bringToLife(address))
    return;
  // Not ours: happens again, and ends the process.
  signal(SIGSEGV, SIG_DFL);
}

LazyMemory::LazyMemory(Contents contents) : contents(contents) {
  ranges.reserve(64); // The handler must not see it move.
  current = this;
  struct sigaction action = {};
  action.sa_sigaction = &handleFault;
  action.sa_flags = SA_SIGINFO | SA_NODEFER;
  sigaction(SIGSEGV, &action, nullptr);
}

LazyMemory::~LazyMemory() {
  signal(SIGSEGV, SIG_DFL);
  current = nullptr;
  for (const Range &range : ranges)
    munmap(reinterpret_cast<void *>(range.begin), range.end - range.begin);
}

uint64_t LazyMemory::addArray(mlir::Type element) {
  void *base = mmap(nullptr, 2 * kRoom, PROT_NONE,
                    MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
  auto begin = reinterpret_cast<uint64_t>(base);
  ranges.push_back({begin, begin + 2 * kRoom, element, {}});
  return begin + kRoom;
}

bool LazyMemory::bringToLife(uint64_t address) {
  for (Range &range : ranges) {
    if (!growing || address < range.begin || address >= range.end)
      continue;
    uint64_t page = address / kPageBytes * kPageBytes;
    if (mprotect(reinterpret_cast<void *>(page), kPageBytes,
                 PROT_READ | PROT_WRITE))
      return false;
    range.pages.push_back(page);
    fill(range, page);
    return true;
  }
  return false;
}

void LazyMemory::reset() {
  for (const Range &range : ranges)
    for (uint64_t page : range.pages)
      fill(range, page);
}

const std::map<uint64_t, std::vector<char>>
LazyMemory::snapshot(size_t array) const {
  std::map<uint64_t, std::vector<char>> pages;
  for (uint64_t page : ranges[array].pages) {
    auto bytes = reinterpret_cast<const char *>(page);
    pages[page] = std::vector<char>(bytes, bytes + kPageBytes);
  }
  return pages;
}

void LazyMemory::fill(const Range &range, uint64_t page) {
  unsigned bits = range.element.isIntOrFloat()
                      ? std::max(8u, range.element.getIntOrFloatBitWidth())
                      : 64;
  size_t size = bits / 8;
  uint64_t place = (&range - ranges.data()) << 40 ^ (page - range.begin);
  auto real = mlir::dyn_cast<mlir::FloatType>(range.element);
  for (size_t offset = 0; offset < kPageBytes; offset += size) {
    uint64_t random = mix(contents.seed ^ mix(place + offset));
    uint64_t value;
    if (real) {
      // In [-2, 2), with some zeros.
      double number = double(int64_t(random) >> 11) * 0x1p-51;
      llvm::APFloat exact(random % 61 ? number : 0.0);
      bool inexact;
      exact.convert(real.getFloatSemantics(),
                    llvm::APFloat::rmNearestTiesToEven, &inexact);
      value = exact.bitcastToAPInt().getZExtValue();
    } else if (range.element.isInteger(1)) {
      value = random & 1;
    } else if (range.element.isInteger(8)) {
      value = contents.lowestByte + int64_t(random % contents.countBytes);
    } else {
      value = contents.lowest + int64_t(random % contents.count);
    }
    std::memcpy(reinterpret_cast<void *>(page + offset), &value, size);
  }
}
