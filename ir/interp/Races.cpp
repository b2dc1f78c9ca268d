//===- Races.cpp - Which accesses of two programs are ordered
//
// Part of the Tegula Project, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "ir/interp/Memory.h"

using namespace tegula::ir::interp;

RaceDetector::Cell &RaceDetector::cell(uint64_t address) {
  uint64_t number = address / kPageBytes;
  if (number != lastPageNumber) {
    std::unique_ptr<Page> &page = pages[number];
    if (!page)
      page = std::make_unique<Page>();
    lastPage = page.get();
    lastPageNumber = number;
  }
  return (*lastPage)[address % kPageBytes];
}

static uint32_t timeOf(const Clock &clock, uint64_t program) {
  return program < clock.size() ? clock[program] : 0;
}

static void raise(Clock &clock, const Clock &to) {
  if (clock.size() < to.size())
    clock.resize(to.size());
  for (size_t i = 0; i < to.size(); ++i)
    clock[i] = std::max(clock[i], to[i]);
}

/// The time of a program starts at 1: 0 means "nothing known".
uint32_t RaceDetector::now(uint64_t program) {
  Clock &clock = clocks[program];
  if (clock.size() <= program)
    clock.resize(program + 1);
  if (clock[program] == 0)
    clock[program] = 1;
  return clock[program];
}

bool RaceDetector::isOrdered(Epoch before, uint64_t program) {
  if (before.program < 0 || static_cast<uint64_t>(before.program) == program)
    return true;
  return timeOf(clocks[program], before.program) >= before.time;
}

void RaceDetector::acquire(uint64_t program, uint64_t address) {
  now(program);
  raise(clocks[program], words[address]);
}

void RaceDetector::release(uint64_t program, uint64_t address) {
  now(program);
  raise(words[address], clocks[program]);
  // What the program does from here on is not published by this release.
  ++clocks[program][program];
}

int64_t RaceDetector::touch(uint64_t program, uint64_t address,
                            const Access &access) {
  Epoch current = {static_cast<int32_t>(program), now(program)};
  int64_t culprit = -1;
  auto require = [&](Epoch before) {
    if (!isOrdered(before, program))
      culprit = before.program;
  };
  for (uint64_t byte = address; byte < address + access.bytes; ++byte) {
    Cell &seen = cell(byte);
    require(seen.writer);
    if (!access.atomic)
      require(seen.atomicWriter);
    if (access.writes) {
      for (Epoch reader : seen.readers)
        require(reader);
      if (!access.atomic)
        require(seen.atomicReader);
      (access.atomic ? seen.atomicWriter : seen.writer) = current;
    } else if (access.atomic) {
      seen.atomicReader = current;
    } else {
      // The last reader and one more of another program are kept.
      if (seen.readers[0].program != current.program)
        seen.readers[1] = seen.readers[0];
      seen.readers[0] = current;
    }
  }
  return culprit;
}
