//===- Shape.cpp - Programs, shapes and pointers
//
// Part of the Tegula Project, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "ir/interp/Compiler.h"
#include "ir/interp/Memory.h"
#include "ir/tile/Tile.h"
#include <cstring>
#include <numeric>

using namespace mlir;
using namespace tegula;
using namespace tegula::ir::interp;

/// For each element of a tensor of shape `shape`, in row-major order, the sum
/// of its coordinates times `strides`.
static std::vector<uint32_t> placesOf(ArrayRef<int64_t> shape,
                                      ArrayRef<int64_t> strides,
                                      int64_t start = 0) {
  std::vector<uint32_t> map = {static_cast<uint32_t>(start)};
  for (auto [size, stride] : llvm::zip(shape, strides)) {
    std::vector<uint32_t> longer;
    longer.reserve(map.size() * size);
    for (uint32_t base : map)
      for (int64_t i = 0; i < size; ++i)
        longer.push_back(base + i * stride);
    map = std::move(longer);
  }
  return map;
}

static SmallVector<int64_t> rowMajorStrides(ArrayRef<int64_t> shape) {
  SmallVector<int64_t> strides(shape.size(), 1);
  for (size_t d = shape.size(); d-- > 1;)
    strides[d - 1] = strides[d] * shape[d];
  return strides;
}

static Result emitMove(Compiler &compiler, Value from, Value to,
                       std::vector<uint32_t> map) {
  compiler.emitMove(compiler.slot(from), compiler.slot(to), std::move(map));
  return Result::Done;
}

/// The same elements in the same order.
static Result emitCopy(Compiler &compiler, Operation *op) {
  compiler.emitCopies({compiler.slot(op->getOperand(0))},
                      {compiler.slot(op->getResult(0))});
  return Result::Done;
}

static Result compileBroadcast(Compiler &compiler, tile::BroadcastOp op) {
  ArrayRef<int64_t> from = tile::shapeOf(op.getSrc().getType());
  SmallVector<int64_t> strides = rowMajorStrides(from);
  for (auto [stride, size] : llvm::zip(strides, from))
    if (size == 1)
      stride = 0;
  return emitMove(compiler, op.getSrc(), op.getResult(),
                  placesOf(tile::shapeOf(op.getType()), strides));
}

static Result compileTrans(Compiler &compiler, tile::TransOp op) {
  SmallVector<int64_t> source =
      rowMajorStrides(tile::shapeOf(op.getSrc().getType()));
  SmallVector<int64_t> strides;
  for (int32_t dim : op.getOrder())
    strides.push_back(source[dim]);
  return emitMove(compiler, op.getSrc(), op.getResult(),
                  placesOf(tile::shapeOf(op.getType()), strides));
}

/// Puts the elements of `from` to the places first, first + step, ... of `to`.
static void emitScatter(Compiler &compiler, Slot from, Slot to, size_t first,
                        size_t step, bool isFirst) {
  unsigned size = sizeOf(from.dtype);
  compiler.emit(
      [=](Program &program) {
        const char *source = program.data<char>(from);
        char *target = program.data<char>(to) + first * size;
        for (size_t i = 0; i < from.elements; ++i)
          std::memcpy(target + i * step * size, source + i * size, size);
        return kNext;
      },
      [=](Program &program) {
        if (isFirst || !program.isTainted(to)) {
          program.setTainted(to, isFirst ? false : program.isTainted(from));
          std::memset(program.taint(to), 0, to.elements);
        }
        if (!program.isTainted(from))
          return;
        program.setTainted(to, true);
        for (size_t i = 0; i < from.elements; ++i)
          program.taint(to)[first + i * step] = program.taint(from)[i];
      },
      from.elements);
}

static Result compileJoin(Compiler &compiler, tile::JoinOp op) {
  Slot result = compiler.slot(op.getResult());
  emitScatter(compiler, compiler.slot(op.getLhs()), result, 0, 2, true);
  emitScatter(compiler, compiler.slot(op.getRhs()), result, 1, 2, false);
  return Result::Done;
}

static Result compileCat(Compiler &compiler, tile::CatOp op) {
  Slot result = compiler.slot(op.getResult());
  Slot lhs = compiler.slot(op.getLhs());
  emitScatter(compiler, lhs, result, 0, 1, true);
  emitScatter(compiler, compiler.slot(op.getRhs()), result, lhs.elements, 1,
              false);
  return Result::Done;
}

static Result compileSplit(Compiler &compiler, tile::SplitOp op) {
  int64_t half = compiler.slot(op.getSrc()).elements / 2;
  emitMove(compiler, op.getSrc(), op.getLhs(), placesOf({half}, {2}, 0));
  return emitMove(compiler, op.getSrc(), op.getRhs(), placesOf({half}, {2}, 1));
}

static Result compileRange(Compiler &compiler, tile::RangeOp op) {
  Slot slot = compiler.slot(op.getResult());
  int32_t start = op.getStart();
  // A constant: nothing else writes the slot.
  compiler.function.constants.instructions.push_back(
      {[=](Program &program) {
         int32_t *to = program.data<int32_t>(slot);
         std::iota(to, to + slot.elements, start);
         return kNext;
       },
       {},
       1});
  return Result::Done;
}

static Result compileProgram(Compiler &compiler, Value result, tile::Axis axis,
                             bool isCount) {
  Slot slot = compiler.slot(result);
  unsigned dim = static_cast<unsigned>(axis);
  compiler.emit([=](Program &program) {
    program.scalar<uint32_t>(slot) =
        isCount ? program.launch.request.grid[dim] : program.id[dim];
    return kNext;
  });
  return Result::Done;
}

template <typename T>
static void addOffsets(const uint64_t *pointers, const char *offsets,
                       uint64_t *result, size_t count, uint64_t size) {
  for (size_t i = 0; i < count; ++i)
    result[i] = pointers[i] + static_cast<uint64_t>(static_cast<int64_t>(
                                  reinterpret_cast<const T *>(offsets)[i])) *
                                  size;
}

static Result compilePtrAdd(Compiler &compiler, tile::PtrAddOp op) {
  Slot p = compiler.slot(op.getPtr()), o = compiler.slot(op.getOffset());
  Slot r = compiler.slot(op.getResult());
  auto pointer = cast<tile::PtrType>(tile::elementTypeOf(op.getType()));
  uint64_t size = tile::storageBits(pointer.getPointeeType()) / 8;
  using Loop = decltype(&addOffsets<int8_t>);
  Loop loop = nullptr;
  switch (o.dtype) {
  case Dtype::I8:
    loop = addOffsets<int8_t>;
    break;
  case Dtype::I16:
    loop = addOffsets<int16_t>;
    break;
  case Dtype::I32:
    loop = addOffsets<int32_t>;
    break;
  case Dtype::I64:
    loop = addOffsets<int64_t>;
    break;
  default:
    return compiler.fail(op, "has offsets of fewer than 8 bits, which aren't "
                             "supported by interp");
  }
  compiler.emitElementwise(
      {p, o}, r,
      [=](Program &program) {
        loop(program.data<uint64_t>(p), program.data<char>(o),
             program.data<uint64_t>(r), program.lanes(r), size);
        return kNext;
      },
      kUnspecified | kOverflowed);
  return Result::Done;
}

//===----------------------------------------------------------------------===//
// Elements by number
//===----------------------------------------------------------------------===//

static int64_t readIndex(Slot slot, const char *data, size_t i) {
  switch (sizeOf(slot.dtype)) {
  case 1:
    return reinterpret_cast<const int8_t *>(data)[i];
  case 2:
    return reinterpret_cast<const int16_t *>(data)[i];
  case 4:
    return reinterpret_cast<const int32_t *>(data)[i];
  default:
    return reinterpret_cast<const int64_t *>(data)[i];
  }
}

namespace {
/// A gather's slots and the extents around its axis.
struct Gather {
  Slot source, indices, result;
  int64_t inner, sourceAxis, resultAxis;
  const Site *site;

  Flow run(Program &program) const;
  bool reportIndex(Program &program, int64_t index) const {
    return program.launch.report(program, *site, ir::Report::Kind::GatherIndex,
                                 "index " + Twine(index) +
                                     " is outside an axis of " +
                                     Twine(sourceAxis) + " elements");
  }
};
} // namespace

Flow Gather::run(Program &program) const {
  const bool check = program.launch.check;
  unsigned size = sizeOf(source.dtype);
  const char *from = program.data<char>(source);
  const char *positions = program.data<char>(indices);
  char *to = program.data<char>(result);
  bool indexTaint = check && program.isTainted(indices);
  bool sourceTaint = check && program.isTainted(source);
  program.setTainted(result, indexTaint || sourceTaint);
  for (size_t i = 0; i < result.elements; ++i) {
    int64_t index = readIndex(indices, positions, i);
    uint8_t taint = indexTaint ? program.taint(indices)[i] & kUnspecified : 0;
    if (index < 0 || index >= sourceAxis) {
      // An index that nobody uses may hold anything.
      if (check && !taint)
        reportIndex(program, index);
      index = 0;
      taint |= kUnspecified;
      if (check && !program.isTainted(result)) {
        std::memset(program.taint(result), 0, result.elements);
        program.setTainted(result, true);
      }
    }
    int64_t outer = static_cast<int64_t>(i) / inner / resultAxis;
    int64_t place = (outer * sourceAxis + index) * inner + i % inner;
    std::memcpy(to + i * size, from + place * size, size);
    if (check && program.isTainted(result))
      program.taint(result)[i] =
          taint | (sourceTaint ? program.taint(source)[place] : 0);
  }
  return kNext;
}

static Result compileGather(Compiler &compiler, tile::GatherOp op) {
  Gather gather;
  gather.source = compiler.slot(op.getSrc());
  gather.indices = compiler.slot(op.getIndices());
  gather.result = compiler.slot(op.getResult());
  gather.site = compiler.site(op);
  ArrayRef<int64_t> shape = tile::shapeOf(op.getType());
  gather.sourceAxis = tile::shapeOf(op.getSrc().getType())[op.getAxis()];
  gather.resultAxis = shape[op.getAxis()];
  gather.inner = 1;
  for (int64_t size : shape.drop_front(op.getAxis() + 1))
    gather.inner *= size;
  compiler.emit([gather](Program &program) { return gather.run(program); }, {},
                gather.result.elements);
  return Result::Done;
}

static Result compileHistogram(Compiler &compiler, tile::HistogramOp op) {
  Slot source = compiler.slot(op.getSrc());
  Slot result = compiler.slot(op.getResult());
  std::optional<Slot> mask;
  if (op.getMask())
    mask = compiler.slot(op.getMask());
  compiler.emit(
      [=](Program &program) {
        std::vector<uint64_t> bins(result.elements);
        const char *values = program.data<char>(source);
        const uint8_t *active = mask ? program.data<uint8_t>(*mask) : nullptr;
        bool isUnknown = false;
        for (size_t i = 0; i < source.elements; ++i) {
          if (active && !active[i])
            continue;
          isUnknown |= program.launch.check && program.isTainted(source) &&
                       program.taint(source)[i];
          uint64_t bin = readIndex(source, values, i);
          if (bin < bins.size())
            ++bins[bin];
        }
        unsigned size = sizeOf(result.dtype);
        for (size_t i = 0; i < result.elements; ++i)
          std::memcpy(program.data<char>(result) + i * size, &bins[i], size);
        if (program.launch.check) {
          isUnknown |= mask && program.anyTaint(*mask);
          program.setTainted(result, isUnknown);
          std::memset(program.taint(result), isUnknown ? kUnspecified : 0,
                      result.elements);
        }
        return kNext;
      },
      {}, source.elements);
  return Result::Done;
}

Result tegula::ir::interp::compileShape(Compiler &c, Operation *op) {
  return TypeSwitch<Operation *, Result>(op)
      .Case([&](tile::ProgramIdOp id) {
        return compileProgram(c, id.getResult(), id.getAxis(), false);
      })
      .Case([&](tile::NumProgramsOp count) {
        return compileProgram(c, count.getResult(), count.getAxis(), true);
      })
      .Case([&](tile::RangeOp range) { return compileRange(c, range); })
      .Case([&](tile::SplatOp splat) {
        c.emitSplat(c.slot(splat.getSrc()), c.slot(splat.getResult()));
        return Result::Done;
      })
      .Case<tile::UnsplatOp, tile::ExpandDimsOp, tile::ReshapeOp>(
          [&](auto) { return emitCopy(c, op); })
      .Case([&](tile::BroadcastOp broadcast) {
        return compileBroadcast(c, broadcast);
      })
      .Case([&](tile::TransOp trans) { return compileTrans(c, trans); })
      .Case([&](tile::JoinOp join) { return compileJoin(c, join); })
      .Case([&](tile::SplitOp split) { return compileSplit(c, split); })
      .Case([&](tile::CatOp cat) { return compileCat(c, cat); })
      .Case([&](tile::PtrAddOp add) { return compilePtrAdd(c, add); })
      .Case([&](tile::GatherOp gather) { return compileGather(c, gather); })
      .Case([&](tile::HistogramOp histogram) {
        return compileHistogram(c, histogram);
      })
      .Default([](Operation *) { return Result::NotMine; });
}
