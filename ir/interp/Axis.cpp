//===- Axis.cpp - Reductions, scans and mapped functions
//
// Part of the Tegula Project, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// A tensor is seen as `rows` along the axis, each of `width` elements (all
// other dimensions). A reduction combines neighbouring rows until one is left;
// a scan goes from row to row.
//
//===----------------------------------------------------------------------===//

#include "ir/interp/Compiler.h"
#include "ir/interp/Memory.h"
#include "ir/tile/Tile.h"
#include "mlir/Dialect/UB/IR/UBOps.h"
#include <cstring>

using namespace mlir;
using namespace tegula;
using namespace tegula::ir::interp;

bool tegula::ir::interp::isElementwise(Operation *op) {
  if (isa<tile::FpConvertOp, tile::ExternMathOp, tile::PtrAddOp,
          tile::PtrCastOp, tile::IntToPtrOp, tile::PtrToIntOp, ub::PoisonOp>(
          op))
    return true;
  StringRef dialect = op->getName().getDialectNamespace();
  return (dialect == "arith" || dialect == "math") && op->getNumRegions() == 0;
}

namespace {
/// Moves elements of `size` bytes; used for values and for taints.
using Mover = function_ref<void(unsigned size, const char *from, char *to)>;

/// In checked launches the taints of a slot that is taken apart must be there.
void needTaint(Program &program, Slot slot) {
  if (!program.isTainted(slot))
    std::memset(program.taint(slot), 0, slot.elements);
  program.setTainted(slot, true);
}

void move(Program &program, Slot from, Slot to, Mover mover) {
  mover(sizeOf(from.dtype), program.data<char>(from), program.data<char>(to));
  if (!program.launch.check)
    return;
  needTaint(program, from);
  needTaint(program, to);
  mover(1, reinterpret_cast<char *>(program.taint(from)),
        reinterpret_cast<char *>(program.taint(to)));
}

/// Drops the mark of a slot whose taints are all 0.
void settleTaint(Program &program, Slot slot) {
  if (program.launch.check)
    program.setTainted(slot, program.anyTaint(slot) != 0);
}

/// Runs a body on the first `lanes` elements of its arguments.
Flow runBody(Program &program, const Compiler::Body &body, uint32_t lanes) {
  uint32_t limit =
      std::exchange(program.laneLimit, std::min(program.laneLimit, lanes));
  uint32_t pc = 0;
  Flow flow;
  do // No one else has a turn within a body.
    flow = execute(program, *body.code, pc);
  while (flow == kYield);
  program.laneLimit = limit;
  return flow;
}

/// A reduction or scan; all slots of `work` are laid out row by row.
struct AxisOp {
  SmallVector<Slot> sources, work, results;
  Compiler::Body body;
  size_t rows = 1, width = 1, inner = 1;
  bool reverse = false;

  Flow reduce(Program &program) const;
  Flow scan(Program &program) const;

private:
  void takeRows(Program &program) const;
  void giveRows(Program &program) const;
  Flow combinePairs(Program &program, size_t pairs) const;
  /// Combines `width` elements from two places in `work` into a third one.
  Flow combineRow(Program &program, size_t a, size_t b, size_t to) const;
};
} // namespace

/// Calls `body(place in the tensor, place in the rows)` for runs of `inner`.
template <typename F>
static void forRuns(size_t rows, size_t width, size_t inner, F body) {
  size_t outer = width / inner;
  for (size_t o = 0; o < outer; ++o)
    for (size_t r = 0; r < rows; ++r)
      body((o * rows + r) * inner, r * width + o * inner);
}

void AxisOp::takeRows(Program &program) const {
  for (auto [source, target] : llvm::zip(sources, work))
    move(program, source, target,
         [&](unsigned size, const char *from, char *to) {
           if (width == inner) {
             std::memcpy(to, from, rows * width * size);
             return;
           }
           forRuns(rows, width, inner, [&](size_t place, size_t row) {
             std::memcpy(to + row * size, from + place * size, inner * size);
           });
         });
}

void AxisOp::giveRows(Program &program) const {
  for (auto [source, target] : llvm::zip(work, results)) {
    move(program, source, target,
         [&](unsigned size, const char *from, char *to) {
           forRuns(rows, width, inner, [&](size_t place, size_t row) {
             std::memcpy(to + place * size, from + row * size, inner * size);
           });
         });
    settleTaint(program, target);
  }
}

/// to[k] = from[2k + odd], rows of `width` elements.
template <typename T>
static void takeEvery(const char *from, char *to, size_t pairs, size_t width,
                      size_t odd) {
  const T *source = reinterpret_cast<const T *>(from);
  T *target = reinterpret_cast<T *>(to);
  for (size_t k = 0; k < pairs; ++k)
    for (size_t i = 0; i < width; ++i)
      target[k * width + i] = source[(2 * k + odd) * width + i];
}

static void takeEvery(unsigned size, const char *from, char *to, size_t pairs,
                      size_t width, size_t odd) {
  switch (size) {
  case 1:
    return takeEvery<uint8_t>(from, to, pairs, width, odd);
  case 2:
    return takeEvery<uint16_t>(from, to, pairs, width, odd);
  case 4:
    return takeEvery<uint32_t>(from, to, pairs, width, odd);
  default:
    return takeEvery<uint64_t>(from, to, pairs, width, odd);
  }
}

/// Row k of `work` becomes row 2k combined with row 2k + 1.
Flow AxisOp::combinePairs(Program &program, size_t pairs) const {
  size_t operands = work.size();
  for (size_t k = 0; k < operands; ++k)
    for (size_t odd = 0; odd < 2; ++odd)
      move(program, work[k], body.arguments[odd * operands + k],
           [&](unsigned size, const char *from, char *to) {
             takeEvery(size, from, to, pairs, width, odd);
           });
  if (Flow flow = runBody(program, body, pairs * width); flow != kNext)
    return flow;
  for (size_t k = 0; k < operands; ++k)
    move(program, body.yields[k], work[k],
         [&](unsigned size, const char *from, char *to) {
           std::memcpy(to, from, pairs * width * size);
         });
  return kNext;
}

Flow AxisOp::combineRow(Program &program, size_t a, size_t b, size_t to) const {
  size_t operands = work.size();
  for (size_t at = 0; at < width; at += body.batch) {
    size_t count = std::min<size_t>(body.batch, width - at);
    for (size_t k = 0; k < operands; ++k)
      for (size_t second = 0; second < 2; ++second)
        move(program, work[k], body.arguments[second * operands + k],
             [&](unsigned size, const char *from, char *target) {
               size_t row = second ? b : a;
               std::memcpy(target, from + (row * width + at) * size,
                           count * size);
             });
    if (Flow flow = runBody(program, body, count); flow != kNext)
      return flow;
    for (size_t k = 0; k < operands; ++k)
      move(program, body.yields[k], work[k],
           [&](unsigned size, const char *from, char *target) {
             std::memcpy(target + (to * width + at) * size, from, count * size);
           });
  }
  return kNext;
}

Flow AxisOp::reduce(Program &program) const {
  takeRows(program);
  for (size_t left = rows; left > 1; left -= left / 2) {
    size_t pairs = left / 2;
    if (pairs * width <= body.batch) {
      if (Flow flow = combinePairs(program, pairs); flow != kNext)
        return flow;
    } else {
      for (size_t k = 0; k < pairs; ++k)
        if (Flow flow = combineRow(program, 2 * k, 2 * k + 1, k); flow != kNext)
          return flow;
    }
    if (left % 2 == 0)
      continue;
    for (Slot slot : work)
      move(program, slot, slot, [&](unsigned size, const char *from, char *to) {
        std::memmove(to + pairs * width * size,
                     from + (left - 1) * width * size, width * size);
      });
  }
  for (auto [source, target] : llvm::zip(work, results)) {
    move(program, source, target,
         [&](unsigned size, const char *from, char *to) {
           std::memcpy(to, from, width * size);
         });
    settleTaint(program, target);
  }
  return kNext;
}

Flow AxisOp::scan(Program &program) const {
  takeRows(program);
  for (size_t k = 1; k < rows; ++k) {
    size_t row = reverse ? rows - 1 - k : k;
    size_t before = reverse ? row + 1 : row - 1;
    if (Flow flow = combineRow(program, before, row, row); flow != kNext)
      return flow;
  }
  giveRows(program);
  return kNext;
}

static Result compileAxisOp(Compiler &c, Operation *op, Region &region,
                            unsigned axis, bool isScan, bool reverse) {
  AxisOp made;
  made.reverse = reverse;
  ArrayRef<int64_t> shape = tile::shapeOf(op->getOperand(0).getType());
  made.rows = shape[axis];
  for (auto [dim, size] : llvm::enumerate(shape)) {
    made.width *= dim == axis ? 1 : size;
    made.inner *= dim > axis ? size : 1;
  }
  for (Value value : op->getOperands()) {
    made.sources.push_back(c.slot(value));
    made.work.push_back(
        c.makeSlot(made.sources.back().dtype, made.rows * made.width));
  }
  for (Value value : op->getResults())
    made.results.push_back(c.slot(value));
  size_t pairs = isScan ? 1 : std::max<size_t>(made.rows / 2, 1);
  if (!c.compileBody(region, pairs * made.width, made.body))
    return Result::Failed;
  uint64_t work =
      made.rows * made.width * (1 + region.front().getOperations().size());
  c.emit(
      [made, isScan](Program &program) {
        return isScan ? made.scan(program) : made.reduce(program);
      },
      {}, work);
  return Result::Done;
}

//===----------------------------------------------------------------------===//
// Mapped functions
//===----------------------------------------------------------------------===//

namespace {
struct MapOp {
  SmallVector<Slot> sources, results;
  Compiler::Body body;
  size_t elements, pack;
  Flow run(Program &program) const;
};
} // namespace

Flow MapOp::run(Program &program) const {
  size_t lanes = elements / pack;
  for (size_t at = 0; at < lanes; at += body.batch) {
    size_t count = std::min<size_t>(body.batch, lanes - at);
    for (size_t k = 0; k < sources.size() * pack; ++k)
      move(program, sources[k / pack], body.arguments[k],
           [&](unsigned size, const char *from, char *to) {
             for (size_t i = 0; i < count; ++i)
               std::memcpy(to + i * size,
                           from + ((at + i) * pack + k % pack) * size, size);
           });
    if (Flow flow = runBody(program, body, count); flow != kNext)
      return flow;
    for (size_t k = 0; k < results.size() * pack; ++k)
      move(program, body.yields[k], results[k / pack],
           [&](unsigned size, const char *from, char *to) {
             for (size_t i = 0; i < count; ++i)
               std::memcpy(to + ((at + i) * pack + k % pack) * size,
                           from + i * size, size);
           });
  }
  for (Slot slot : results)
    settleTaint(program, slot);
  return kNext;
}

static Result compileMap(Compiler &c, tile::MapElementwiseOp op) {
  MapOp made;
  made.pack = op.getPack();
  for (Value value : op.getArgs())
    made.sources.push_back(c.slot(value));
  for (Value value : op.getOuts())
    made.results.push_back(c.slot(value));
  made.elements = made.sources.front().elements;
  if (!c.compileBody(op.getBody(), made.elements / made.pack, made.body))
    return Result::Failed;
  c.emit([made](Program &program) { return made.run(program); }, {},
         made.elements * op.getBody().front().getOperations().size());
  return Result::Done;
}

Result tegula::ir::interp::compileAxis(Compiler &c, Operation *op) {
  if (!isa<tile::ReduceOp, tile::ScanOp, tile::MapElementwiseOp>(op))
    return Result::NotMine;
  bool waits = op->walk([](tile::AtomicPollOp) {
                   return WalkResult::interrupt();
                 }).wasInterrupted();
  if (waits)
    return c.fail(op, "waits for memory within its region, which isn't "
                      "supported by interp");
  if (auto reduce = dyn_cast<tile::ReduceOp>(op))
    return compileAxisOp(c, op, reduce.getCombine(), reduce.getAxis(),
                         /*isScan=*/false, /*reverse=*/false);
  if (auto scan = dyn_cast<tile::ScanOp>(op))
    return compileAxisOp(c, op, scan.getCombine(), scan.getAxis(),
                         /*isScan=*/true, scan.getReverse());
  return compileMap(c, cast<tile::MapElementwiseOp>(op));
}
