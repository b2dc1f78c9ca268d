//===- Box.cpp - Loads and stores of boxes
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

namespace {
/// The slots of a box.
struct Box {
  struct Dim {
    int64_t size;
    Slot start, stride, lower, upper;
    std::optional<Slot> wrap, index;
  };
  Access access;
  Slot base;
  SmallVector<Dim, 3> dims;
  std::optional<Slot> mask;
  uint64_t elements = 1;

  bool admit(Program &program) const;

private:
  int64_t positionOf(Program &program, const Dim &dim, int64_t i) const;
  /// Adds a dimension: each of the `count` addresses becomes `dim.size` ones.
  void expand(Program &program, const Dim &dim, size_t count) const;
  uint8_t scalarTaint(Program &program) const;
};
} // namespace

static int64_t indexAt(Program &program, Slot slot, int64_t i) {
  const char *data = program.data<char>(slot);
  switch (slot.dtype) {
  case Dtype::I8:
    return reinterpret_cast<const int8_t *>(data)[i];
  case Dtype::I16:
    return reinterpret_cast<const int16_t *>(data)[i];
  case Dtype::I32:
    return reinterpret_cast<const int32_t *>(data)[i];
  case Dtype::I64:
    return reinterpret_cast<const int64_t *>(data)[i];
  default:
    return data[i];
  }
}

int64_t Box::positionOf(Program &program, const Dim &dim, int64_t i) const {
  int64_t start = program.scalar<int64_t>(dim.start);
  if (dim.index)
    return indexAt(program, *dim.index, i) + start;
  int64_t wrap = dim.wrap ? program.scalar<int64_t>(*dim.wrap) : 0;
  return wrap ? (start + i) % wrap : start + i;
}

void Box::expand(Program &program, const Dim &dim, size_t count) const {
  Lanes &lanes = program.launch.lanes;
  int64_t stride = program.scalar<int64_t>(dim.stride);
  int64_t lower = program.scalar<int64_t>(dim.lower);
  int64_t upper = program.scalar<int64_t>(dim.upper);
  // From the back, so that what is read has not been overwritten yet.
  std::vector<uint64_t> moves(dim.size);
  for (int64_t i = 0; i < dim.size; ++i)
    moves[i] = static_cast<uint64_t>(positionOf(program, dim, i)) *
               static_cast<uint64_t>(stride) * access.bytes;
  for (size_t k = count; k-- > 0;) {
    uint64_t address = lanes.addresses[k];
    uint8_t active = lanes.active[k];
    for (int64_t i = dim.size; i-- > 0;) {
      lanes.addresses[k * dim.size + i] = address + moves[i];
      lanes.active[k * dim.size + i] = active && i >= lower && i < upper;
    }
  }
}

uint8_t Box::scalarTaint(Program &program) const {
  uint8_t taint = program.anyTaint(base);
  for (const Dim &dim : dims) {
    for (Slot slot : {dim.start, dim.stride, dim.lower, dim.upper})
      taint |= program.anyTaint(slot);
    if (dim.wrap)
      taint |= program.anyTaint(*dim.wrap);
  }
  return taint;
}

bool Box::admit(Program &program) const {
  LaunchState &launch = program.launch;
  Lanes &lanes = launch.lanes;
  lanes.resize(elements);
  lanes.addresses[0] = program.scalar<uint64_t>(base);
  lanes.active[0] = 1;
  size_t count = 1;
  for (const Dim &dim : dims) {
    expand(program, dim, count);
    count *= dim.size;
  }
  if (mask) {
    const uint8_t *given = program.data<uint8_t>(*mask);
    for (size_t i = 0; i < elements; ++i)
      lanes.active[i] &= given[i];
  }
  if (!launch.check)
    return launch.admit(program, access, elements, nullptr);
  if (mask)
    launch.requireSpecified(program, *access.site, program.anyTaint(*mask),
                            "a mask");
  std::vector<uint8_t> taints(elements, scalarTaint(program));
  size_t inner = elements;
  for (const Dim &dim : dims) {
    inner /= dim.size;
    if (dim.index && program.isTainted(*dim.index))
      for (size_t i = 0; i < elements; ++i)
        taints[i] |= program.taint(*dim.index)[i / inner % dim.size];
  }
  return launch.admit(program, access, elements, taints.data());
}

template <typename BoxOp> static Box makeBox(Compiler &c, BoxOp op) {
  Box box;
  RankedTensorType type = op.getTileType();
  box.access.site = c.site(op, op.getBase());
  box.access.bytes = sizeOf(*dtypeOf(type.getElementType()));
  box.base = c.slot(op.getBase());
  box.elements = type.getNumElements();
  for (int64_t d = 0; d < type.getRank(); ++d) {
    Box::Dim dim = {type.getDimSize(d),
                    c.slot(op.getStarts()[d]),
                    c.slot(op.getStrides()[d]),
                    c.slot(op.getLowers()[d]),
                    c.slot(op.getUppers()[d]),
                    std::nullopt,
                    std::nullopt};
    if (!op.getWraps().empty())
      dim.wrap = c.slot(op.getWraps()[d]);
    if (int64_t k = op.indexOperandOf(d); k >= 0)
      dim.index = c.slot(op.getIndices()[k]);
    box.dims.push_back(dim);
  }
  if (op.getMask())
    box.mask = c.slot(op.getMask());
  return box;
}

static Result compileLoadBox(Compiler &compiler, tile::LoadBoxOp op) {
  Slot result = compiler.slot(op.getResult());
  Box box = makeBox(compiler, op);
  Fallback fallback;
  if (op.getOther())
    fallback.other = compiler.slot(op.getOther());
  Flow after = op.getIsVolatile() ? kYield : kNext;
  compiler.emit(
      [=](Program &program) {
        if (!box.admit(program))
          return kStop;
        readLanes(program, result, fallback);
        return after;
      },
      {}, result.elements);
  return Result::Done;
}

static Result compileStoreBox(Compiler &compiler, tile::StoreBoxOp op) {
  Slot value = compiler.slot(op.getValue());
  Box box = makeBox(compiler, op);
  box.access.writes = true;
  compiler.emit(
      [=](Program &program) {
        if (!box.admit(program))
          return kStop;
        writeLanes(program, *box.access.site, value);
        return kNext;
      },
      {}, value.elements);
  return Result::Done;
}

Result tegula::ir::interp::compileBox(Compiler &compiler, Operation *op) {
  if (auto load = dyn_cast<tile::LoadBoxOp>(op))
    return compileLoadBox(compiler, load);
  if (auto store = dyn_cast<tile::StoreBoxOp>(op))
    return compileStoreBox(compiler, store);
  return Result::NotMine;
}
