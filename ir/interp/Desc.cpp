//===- Desc.cpp - Accesses through descriptors
//
// Part of the Tegula Project, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "ir/interp/Atomic.h"
#include <cmath>
#include <cstring>

using namespace mlir;
using namespace tegula;
using namespace tegula::ir::interp;

namespace {
/// A descriptor's slot holds 64-bit words: the base, the bits of the padding,
/// then the array's sizes and its strides.
enum { kBase = 0, kPadding = 1, kSizes = 2 };

/// A block of an array that an op touches.
struct ArrayBlock {
  Access access;
  Slot desc;
  SmallVector<int64_t> shape;
  SmallVector<Slot> indices; ///< one for each dimension
  std::optional<Slot> rows;  ///< numbers of the rows, in place of dimension 0
  uint64_t elements = 1;

  bool admit(Program &program) const;
  int64_t position(Program &program, size_t dim, int64_t i) const;
};
} // namespace

static int64_t readInteger(Program &program, Slot slot, size_t i) {
  int64_t value = 0;
  unsigned size = sizeOf(slot.dtype), unused = 64 - 8 * size;
  std::memcpy(&value, program.data<char>(slot) + i * size, size);
  return static_cast<int64_t>(static_cast<uint64_t>(value) << unused) >> unused;
}

int64_t ArrayBlock::position(Program &program, size_t dim, int64_t i) const {
  if (rows && dim == 0)
    return readInteger(program, *rows, i);
  return readInteger(program, indices[dim], 0) + i;
}

bool ArrayBlock::admit(Program &program) const {
  LaunchState &launch = program.launch;
  Lanes &lanes = launch.lanes;
  lanes.resize(elements);
  const int64_t *words = program.data<int64_t>(desc);
  const int64_t *sizes = words + kSizes, *strides = sizes + shape.size();
  lanes.addresses[0] = words[kBase];
  lanes.active[0] = 1;
  size_t count = 1;
  for (auto [dim, size] : llvm::enumerate(shape)) {
    for (size_t k = count; k-- > 0;) {
      uint64_t address = lanes.addresses[k];
      uint8_t active = lanes.active[k];
      for (int64_t i = size; i-- > 0;) {
        int64_t place = position(program, dim, i);
        lanes.addresses[k * size + i] =
            address + static_cast<uint64_t>(place) *
                          static_cast<uint64_t>(strides[dim]) * access.bytes;
        lanes.active[k * size + i] = active && place >= 0 && place < sizes[dim];
      }
    }
    count *= size;
  }
  if (launch.check) {
    uint8_t taint = program.anyTaint(desc);
    for (Slot index : indices)
      taint |= program.anyTaint(index);
    if (rows)
      taint |= program.anyTaint(*rows);
    launch.requireSpecified(program, *access.site, taint, "an address");
  }
  return launch.admit(program, access, elements, nullptr);
}

static ArrayBlock makeBlock(Compiler &c, Operation *op, Value desc,
                            ValueRange indices) {
  ArrayBlock block;
  auto type = cast<tile::DescType>(desc.getType());
  block.access.site = c.site(op, desc);
  block.access.bytes = tile::storageBits(type.getElementType()) / 8;
  block.desc = c.slot(desc);
  block.shape.assign(type.getShape().begin(), type.getShape().end());
  for (Value index : indices)
    block.indices.push_back(c.slot(index));
  for (int64_t size : block.shape)
    block.elements *= size;
  return block;
}

/// As a block of whole rows: `rows` and a column take the indices' place.
static ArrayBlock makeRows(Compiler &c, Operation *op, Value desc, Value rows,
                           Value column) {
  ArrayBlock block = makeBlock(c, op, desc, {rows, column});
  block.rows = c.slot(rows);
  block.indices[0] = block.indices[1];
  block.shape[0] = block.rows->elements;
  block.elements = block.shape[0] * block.shape[1];
  return block;
}

static Result emitRead(Compiler &c, Value value, const ArrayBlock &block) {
  Slot result = c.slot(value);
  c.emit(
      [=](Program &program) {
        if (!block.admit(program))
          return kStop;
        Fallback padding;
        padding.isUnspecified = false;
        padding.bits = program.data<uint64_t>(block.desc)[kPadding];
        readLanes(program, result, padding);
        return kNext;
      },
      {}, result.elements);
  return Result::Done;
}

static Result emitWrite(Compiler &c, Value written, ArrayBlock block) {
  Slot value = c.slot(written);
  block.access.writes = true;
  c.emit(
      [=](Program &program) {
        if (!block.admit(program))
          return kStop;
        writeLanes(program, *block.access.site, value);
        return kNext;
      },
      {}, value.elements);
  return Result::Done;
}

/// `add`, `min` and `max` on floats mean the float kinds.
static tile::AtomicKind kindFor(tile::AtomicKind kind, Dtype dtype) {
  if (!isFloat(dtype))
    return kind;
  switch (kind) {
  case tile::AtomicKind::Add:
    return tile::AtomicKind::FAdd;
  case tile::AtomicKind::Max:
    return tile::AtomicKind::FMax;
  case tile::AtomicKind::Min:
    return tile::AtomicKind::FMin;
  default:
    return kind;
  }
}

static Result compileReduce(Compiler &c, tile::DescReduceOp op) {
  ArrayBlock block = makeBlock(c, op, op.getDesc(), op.getIndices());
  Slot value = c.slot(op.getValue());
  block.access.writes = true;
  setOrder(block.access, tile::MemoryOrder::Relaxed, tile::MemoryScope::Gpu);
  tile::AtomicKind kind = kindFor(op.getKind(), value.dtype);
  c.emit(
      [=](Program &program) {
        if (!block.admit(program))
          return kStop;
        bool changed =
            updateLanes(program, kind, value, std::nullopt, *block.access.site);
        return afterAtomic(program, value.elements, changed);
      },
      {}, value.elements);
  return Result::Done;
}

static Result compileMake(Compiler &c, tile::MakeDescOp op) {
  Slot base = c.slot(op.getBase()), result = c.slot(op.getResult());
  uint64_t padding = 0;
  Type element = op.getType().getElementType();
  if (op.getPadding() == tile::Padding::NaN && isa<FloatType>(element)) {
    double nan = std::nan("");
    fromDouble(*dtypeOf(element), &nan, &padding, 1);
  }
  SmallVector<Slot> numbers;
  for (Value value : llvm::concat<Value>(SmallVector<Value>(op.getShape()),
                                         SmallVector<Value>(op.getStrides())))
    numbers.push_back(c.slot(value));
  c.emit([=](Program &program) {
    int64_t *words = program.data<int64_t>(result);
    words[kBase] = program.scalar<int64_t>(base);
    words[kPadding] = static_cast<int64_t>(padding);
    uint8_t taint = program.launch.check ? program.anyTaint(base) : 0;
    for (auto [i, number] : llvm::enumerate(numbers)) {
      words[kSizes + i] = readInteger(program, number, 0);
      if (program.launch.check)
        taint |= program.anyTaint(number);
    }
    program.setTainted(result, taint != 0);
    if (taint)
      std::memset(program.taint(result), taint, result.elements);
    return kNext;
  });
  return Result::Done;
}

Result tegula::ir::interp::compileDesc(Compiler &c, Operation *op) {
  return TypeSwitch<Operation *, Result>(op)
      .Case([&](tile::MakeDescOp make) { return compileMake(c, make); })
      .Case([&](tile::DescLoadOp load) {
        return emitRead(c, load.getResult(),
                        makeBlock(c, op, load.getDesc(), load.getIndices()));
      })
      .Case([&](tile::DescStoreOp store) {
        return emitWrite(c, store.getValue(),
                         makeBlock(c, op, store.getDesc(), store.getIndices()));
      })
      .Case([&](tile::DescReduceOp reduce) { return compileReduce(c, reduce); })
      .Case([&](tile::DescGatherOp gather) {
        return emitRead(c, gather.getResult(),
                        makeRows(c, op, gather.getDesc(), gather.getRows(),
                                 gather.getColumn()));
      })
      .Case([&](tile::DescScatterOp scatter) {
        return emitWrite(c, scatter.getValue(),
                         makeRows(c, op, scatter.getDesc(), scatter.getRows(),
                                  scatter.getColumn()));
      })
      .Default([](Operation *) { return Result::NotMine; });
}
