//===- Access.cpp - Loads and stores through pointers
//
// Part of the Tegula Project, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "ir/interp/Access.h"
#include "ir/tile/Tile.h"
#include <cstring>

using namespace mlir;
using namespace tegula;
using namespace tegula::ir::interp;

void tegula::ir::interp::readMask(Program &program, const Site &site,
                                  std::optional<Slot> mask, size_t count) {
  LaunchState &launch = program.launch;
  launch.lanes.resize(count);
  uint8_t *active = launch.lanes.active.data();
  if (!mask) {
    std::memset(active, 1, count);
    return;
  }
  std::memcpy(active, program.data(*mask), count);
  if (launch.check && program.isTainted(*mask))
    launch.requireSpecified(program, site, program.anyTaint(*mask), "a mask");
}

bool tegula::ir::interp::admitPointers(Program &program, const Access &access,
                                       Slot pointer, std::optional<Slot> mask) {
  LaunchState &launch = program.launch;
  readMask(program, *access.site, mask, pointer.elements);
  std::memcpy(launch.lanes.addresses.data(), program.data(pointer),
              pointer.bytes());
  bool hasTaint = launch.check && program.isTainted(pointer);
  return launch.admit(program, access, pointer.elements,
                      hasTaint ? program.taint(pointer) : nullptr);
}

//===----------------------------------------------------------------------===//
// Elements
//===----------------------------------------------------------------------===//

template <typename T>
static void readElements(const Lanes &lanes, T *to, size_t count) {
  for (size_t i = 0; i < count; ++i)
    if (lanes.active[i])
      std::memcpy(to + i, reinterpret_cast<const void *>(lanes.addresses[i]),
                  sizeof(T));
}

template <typename T>
static bool writeElements(const Lanes &lanes, const T *from, size_t count) {
  bool changes = false;
  for (size_t i = 0; i < count; ++i) {
    if (!lanes.active[i])
      continue;
    void *to = reinterpret_cast<void *>(lanes.addresses[i]);
    changes |= std::memcmp(to, from + i, sizeof(T)) != 0;
    std::memcpy(to, from + i, sizeof(T));
  }
  return changes;
}

static void fillFallback(Program &program, Slot result,
                         const Fallback &fallback) {
  if (fallback.other) {
    std::memcpy(program.data(result), program.data(*fallback.other),
                result.bytes());
    return;
  }
  if (fallback.bits == 0) {
    std::memset(program.data(result), 0, result.bytes());
    return;
  }
  unsigned size = sizeOf(result.dtype);
  for (size_t i = 0; i < result.elements; ++i)
    std::memcpy(program.data<char>(result) + i * size, &fallback.bits, size);
}

static void taintFallback(Program &program, Slot result,
                          const Fallback &fallback) {
  const std::vector<uint8_t> &active = program.launch.lanes.active;
  bool hasTaint = fallback.other ? program.isTainted(*fallback.other)
                                 : fallback.isUnspecified;
  bool any = false;
  uint8_t *taint = program.taint(result);
  if (hasTaint) {
    for (size_t i = 0; i < result.elements; ++i) {
      taint[i] = active[i]        ? 0
                 : fallback.other ? program.taint(*fallback.other)[i]
                                  : kUnspecified;
      any |= taint[i] != 0;
    }
  }
  program.setTainted(result, any);
}

void tegula::ir::interp::readLanes(Program &program, Slot result,
                                   const Fallback &fallback) {
  const Lanes &lanes = program.launch.lanes;
  size_t count = result.elements;
  fillFallback(program, result, fallback);
  switch (sizeOf(result.dtype)) {
  case 1:
    readElements(lanes, program.data<uint8_t>(result), count);
    break;
  case 2:
    readElements(lanes, program.data<uint16_t>(result), count);
    break;
  case 4:
    readElements(lanes, program.data<uint32_t>(result), count);
    break;
  default:
    readElements(lanes, program.data<uint64_t>(result), count);
  }
  // A byte in memory may hold more than the type does.
  if (result.dtype == Dtype::I1 || result.dtype == Dtype::I4)
    for (size_t i = 0; i < count; ++i) {
      uint8_t &byte = program.data<uint8_t>(result)[i];
      byte = result.dtype == Dtype::I1 ? byte != 0 : byte & 15;
    }
  if (program.launch.check)
    taintFallback(program, result, fallback);
}

/// Lanes of one store that meet leave one of their values: any of them.
static void checkMeetingLanes(Program &program, const Site &site, Slot value) {
  const Lanes &lanes = program.launch.lanes;
  unsigned size = sizeOf(value.dtype);
  const char *data = program.data<char>(value);
  llvm::DenseMap<uint64_t, size_t> first;
  for (size_t i = 0; i < value.elements; ++i) {
    if (!lanes.active[i])
      continue;
    auto [known, isNew] = first.try_emplace(lanes.addresses[i], i);
    if (isNew ||
        std::memcmp(data + i * size, data + known->second * size, size) == 0)
      continue;
    program.launch.report(program, site, ir::Report::Kind::Race,
                          "two lanes of one store write different values to "
                          "one address",
                          lanes.addresses[i]);
    return;
  }
}

void tegula::ir::interp::writeLanes(Program &program, const Site &site,
                                    Slot value) {
  LaunchState &launch = program.launch;
  size_t count = value.elements;
  bool changes = false;
  if (launch.check)
    checkMeetingLanes(program, site, value);
  if (launch.check && program.isTainted(value))
    for (size_t i = 0; i < count; ++i)
      if (launch.lanes.active[i] && (program.taint(value)[i] & kUnspecified)) {
        launch.report(program, site, Report::Kind::UnspecifiedLane,
                      "a stored value depends on an element that a masked load "
                      "without 'other' left unspecified",
                      launch.lanes.addresses[i]);
        break;
      }
  switch (sizeOf(value.dtype)) {
  case 1:
    changes = writeElements(launch.lanes, program.data<uint8_t>(value), count);
    break;
  case 2:
    changes = writeElements(launch.lanes, program.data<uint16_t>(value), count);
    break;
  case 4:
    changes = writeElements(launch.lanes, program.data<uint32_t>(value), count);
    break;
  default:
    changes = writeElements(launch.lanes, program.data<uint64_t>(value), count);
  }
  launch.progress += changes;
}

//===----------------------------------------------------------------------===//
// Ops
//===----------------------------------------------------------------------===//

static std::optional<Slot> optionalSlot(Compiler &compiler, Value value) {
  if (!value)
    return std::nullopt;
  return compiler.slot(value);
}

static Result compileLoad(Compiler &compiler, tile::LoadOp op) {
  Access access;
  access.site = compiler.site(op, op.getPtr());
  access.atomic = op.getIsVolatile(); // As PTX has it: relaxed.
  Slot pointer = compiler.slot(op.getPtr());
  Slot result = compiler.slot(op.getResult());
  access.bytes = sizeOf(result.dtype);
  std::optional<Slot> mask = optionalSlot(compiler, op.getMask());
  Fallback fallback;
  fallback.other = optionalSlot(compiler, op.getOther());
  // Others must have their turn where a program watches memory.
  Flow after = op.getIsVolatile() ? kYield : kNext;
  compiler.emit(
      [=](Program &program) {
        if (!admitPointers(program, access, pointer, mask))
          return kStop;
        readLanes(program, result, fallback);
        return after;
      },
      {}, result.elements);
  return Result::Done;
}

static Result compileStore(Compiler &compiler, tile::StoreOp op) {
  Access access;
  access.site = compiler.site(op, op.getPtr());
  access.writes = true;
  Slot pointer = compiler.slot(op.getPtr());
  Slot value = compiler.slot(op.getValue());
  access.bytes = sizeOf(value.dtype);
  std::optional<Slot> mask = optionalSlot(compiler, op.getMask());
  compiler.emit(
      [=](Program &program) {
        if (!admitPointers(program, access, pointer, mask))
          return kStop;
        writeLanes(program, *access.site, value);
        return kNext;
      },
      {}, value.elements);
  return Result::Done;
}

Result tegula::ir::interp::compileMemory(Compiler &compiler, Operation *op) {
  if (auto load = dyn_cast<tile::LoadOp>(op))
    return compileLoad(compiler, load);
  if (auto store = dyn_cast<tile::StoreOp>(op))
    return compileStore(compiler, store);
  return Result::NotMine;
}
