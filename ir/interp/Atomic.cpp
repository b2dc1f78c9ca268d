//===- Atomic.cpp - Atomic ops
//
// Part of the Tegula Project, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Programs take turns only between instructions, so every instruction is atomic
// by itself; what these ops add is the order in which programs run.
//
//===----------------------------------------------------------------------===//

#include "ir/interp/Atomic.h"
#include "llvm/ADT/bit.h"
#include <cmath>
#include <cstring>

using namespace mlir;
using namespace tegula;
using namespace tegula::ir::interp;
using tile::AtomicKind;

static int64_t signExtend(uint64_t bits, Dtype dtype) {
  unsigned unused = 64 - widthOf(dtype);
  return static_cast<int64_t>(bits << unused) >> unused;
}

static uint64_t updateFloat(AtomicKind kind, Dtype dtype, uint64_t old,
                            uint64_t operand) {
  double a, b, result;
  toDouble(dtype, &old, &a, 1);
  toDouble(dtype, &operand, &b, 1);
  if (kind == AtomicKind::FAdd)
    result = a + b;
  else if (std::isnan(a) || std::isnan(b))
    result = std::isnan(a) ? b : a;
  else
    result = (kind == AtomicKind::FMax) == (a < b) ? b : a;
  uint64_t bits = 0;
  fromDouble(dtype, &result, &bits, 1);
  return bits;
}

uint64_t tegula::ir::interp::updatedBits(AtomicKind kind, Dtype dtype,
                                         uint64_t old, uint64_t operand) {
  int64_t a = signExtend(old, dtype), b = signExtend(operand, dtype);
  switch (kind) {
  case AtomicKind::And:
    return old & operand;
  case AtomicKind::Or:
    return old | operand;
  case AtomicKind::Xor:
    return old ^ operand;
  case AtomicKind::Add:
    return old + operand;
  case AtomicKind::Max:
    return std::max(a, b);
  case AtomicKind::Min:
    return std::min(a, b);
  case AtomicKind::UMax:
    return std::max(old, operand);
  case AtomicKind::UMin:
    return std::min(old, operand);
  case AtomicKind::Xchg:
    return operand;
  case AtomicKind::Inc:
    return old >= operand ? 0 : old + 1;
  case AtomicKind::Dec:
    return old == 0 || old > operand ? operand : old - 1;
  default:
    return updateFloat(kind, dtype, old, operand);
  }
}

bool tegula::ir::interp::updateLanes(Program &program, AtomicKind kind,
                                     Slot operand, std::optional<Slot> result,
                                     const Site &site) {
  LaunchState &launch = program.launch;
  unsigned size = sizeOf(operand.dtype);
  uint64_t keep = widthOf(operand.dtype) >= 8
                      ? ~uint64_t(0)
                      : (uint64_t(1) << widthOf(operand.dtype)) - 1;
  bool changed = false;
  bool hasTaint = launch.check && program.isTainted(operand);
  if (result) {
    std::memset(program.data(*result), 0, result->bytes());
    program.setTainted(*result, false);
  }
  for (size_t i = 0; i < operand.elements; ++i) {
    if (!launch.lanes.active[i])
      continue;
    if (hasTaint)
      launch.requireSpecified(program, site, program.taint(operand)[i],
                              "the operand of an atomic");
    void *place = reinterpret_cast<void *>(launch.lanes.addresses[i]);
    uint64_t old = 0, value = 0;
    std::memcpy(&old, place, size);
    std::memcpy(&value, program.data<char>(operand) + i * size, size);
    uint64_t updated =
        updatedBits(kind, operand.dtype, old & keep, value) & keep;
    changed |= std::memcmp(&updated, &old, size) != 0;
    std::memcpy(place, &updated, size);
    if (result)
      std::memcpy(program.data<char>(*result) + i * size, &old, size);
  }
  launch.progress += changed;
  return changed;
}

void tegula::ir::interp::setOrder(Access &access, tile::MemoryOrder order,
                                  tile::MemoryScope scope) {
  access.atomic = true;
  bool isShared = scope != tile::MemoryScope::Cta;
  bool isBoth = order == tile::MemoryOrder::AcqRel;
  access.acquires = isShared && (isBoth || order == tile::MemoryOrder::Acquire);
  access.releases = isShared && (isBoth || order == tile::MemoryOrder::Release);
}

Flow tegula::ir::interp::afterAtomic(Program &program, size_t lanes,
                                     bool changed) {
  if (program.launch.switchAtAtomics)
    return kYield;
  return lanes <= kMaxSyncLanes && !changed ? kYield : kNext;
}

//===----------------------------------------------------------------------===//
// Ops
//===----------------------------------------------------------------------===//

static Result compileUpdate(Compiler &c, tile::AtomicRMWOp op) {
  Access access;
  access.site = c.site(op, op.getPtr());
  access.writes = true;
  setOrder(access, op.getOrder(), op.getScope());
  Slot pointer = c.slot(op.getPtr()), operand = c.slot(op.getValue());
  Slot result = c.slot(op.getResult());
  access.bytes = sizeOf(operand.dtype);
  std::optional<Slot> mask;
  if (op.getMask())
    mask = c.slot(op.getMask());
  AtomicKind kind = op.getKind();
  c.emit(
      [=](Program &program) {
        if (!admitPointers(program, access, pointer, mask))
          return kStop;
        bool changed =
            updateLanes(program, kind, operand, result, *access.site);
        return afterAtomic(program, operand.elements, changed);
      },
      {}, result.elements);
  return Result::Done;
}

static Result compileExchange(Compiler &c, tile::AtomicCASOp op) {
  Access access;
  access.site = c.site(op, op.getPtr());
  access.writes = true;
  setOrder(access, op.getOrder(), op.getScope());
  Slot pointer = c.slot(op.getPtr()), expected = c.slot(op.getExpected());
  Slot value = c.slot(op.getValue()), result = c.slot(op.getResult());
  access.bytes = sizeOf(value.dtype);
  c.emit(
      [=](Program &program) {
        LaunchState &launch = program.launch;
        if (!admitPointers(program, access, pointer, std::nullopt))
          return kStop;
        if (launch.check)
          launch.requireSpecified(program, *access.site,
                                  program.anyTaint(expected) |
                                      program.anyTaint(value),
                                  "the operand of an atomic");
        program.setTainted(result, false);
        std::memset(program.data(result), 0, result.bytes());
        bool changed = false;
        for (size_t i = 0; i < value.elements; ++i) {
          if (!launch.lanes.active[i])
            continue;
          void *place = reinterpret_cast<void *>(launch.lanes.addresses[i]);
          size_t at = i * access.bytes;
          std::memcpy(program.data<char>(result) + at, place, access.bytes);
          if (std::memcmp(place, program.data<char>(expected) + at,
                          access.bytes) != 0)
            continue;
          changed |= std::memcmp(place, program.data<char>(value) + at,
                                 access.bytes) != 0;
          std::memcpy(place, program.data<char>(value) + at, access.bytes);
        }
        launch.progress += changed;
        return afterAtomic(program, value.elements, changed);
      },
      {}, result.elements);
  return Result::Done;
}

static Result compilePoll(Compiler &c, tile::AtomicPollOp op) {
  Access access;
  access.site = c.site(op, op.getPtr());
  setOrder(access, op.getOrder(), op.getScope());
  Slot pointer = c.slot(op.getPtr()), expected = c.slot(op.getExpected());
  Slot result = c.slot(op.getResult());
  access.bytes = sizeOf(expected.dtype);
  bool canExpire = static_cast<bool>(op.getTimeout());
  c.emit([=](Program &program) {
    LaunchState &launch = program.launch;
    if (!admitPointers(program, access, pointer, std::nullopt))
      return kStop;
    if (launch.check)
      launch.requireSpecified(program, *access.site, program.anyTaint(expected),
                              "the operand of an atomic");
    bool isThere =
        launch.lanes.active[0] &&
        std::memcmp(reinterpret_cast<void *>(launch.lanes.addresses[0]),
                    program.data(expected), access.bytes) == 0;
    // Time has no meaning here: a timeout passes when nobody else can go on.
    if (!isThere && !(canExpire && launch.expireTimeouts))
      return kRetry;
    program.scalar<uint8_t>(result) = isThere;
    program.setTainted(result, false);
    return launch.switchAtAtomics ? kYield : kNext;
  });
  return Result::Done;
}

Result tegula::ir::interp::compileAtomic(Compiler &c, Operation *op) {
  return TypeSwitch<Operation *, Result>(op)
      .Case([&](tile::AtomicRMWOp update) { return compileUpdate(c, update); })
      .Case([&](tile::AtomicCASOp cas) { return compileExchange(c, cas); })
      .Case([&](tile::AtomicPollOp poll) { return compilePoll(c, poll); })
      .Default([](Operation *) { return Result::NotMine; });
}
