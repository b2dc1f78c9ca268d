//===- LowerControl.cpp - Loops and branches that carry tiles
//
// Part of the Tegula Project, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "ir/analysis/MemoryEffects.h"
#include "targets/common/loops/Lowering.h"
#include "llvm/Support/SaveAndRestore.h"

using namespace mlir;
using namespace tegula;
using namespace tegula::loops;

static SmallVector<Value> tensorsOf(ValueRange values) {
  return llvm::filter_to_vector(values, isTensor);
}

static SmallVector<Value> scalarsOf(ValueRange values) {
  return llvm::filter_to_vector(values, [](Value v) { return !isTensor(v); });
}

SmallVector<Value> Lowering::scalars(ValueRange values) {
  return llvm::map_to_vector(scalarsOf(values),
                             [&](Value value) { return scalar(value); });
}

/// Moves tiles into the buffers of a loop or a branch. Tiles that are there
/// already cost nothing; a tile whose buffer another one still reads goes
/// through a copy.
LogicalResult Lowering::storeTiles(ValueRange values,
                                   ArrayRef<Buffer> targets) {
  auto isThere = [&](size_t i) {
    auto it = ready.find(values[i]);
    return it != ready.end() && it->second.offset == targets[i].offset;
  };
  SmallVector<std::optional<Buffer>> copies(values.size());
  for (size_t i = 0; i < values.size(); ++i) {
    if (isThere(i))
      continue;
    bool conflict = !readsInPlace(values[i], targets[i]);
    for (size_t j = 0; j < values.size() && !conflict; ++j)
      conflict = j != i && !isThere(j) && reads(values[j], targets[i]);
    if (!conflict)
      continue;
    copies[i] =
        allocate(targets[i].element, targets[i].shape, targets[i].panel);
    if (failed(materialize(values[i], *copies[i])))
      return failure();
  }
  for (size_t i = 0; i < values.size(); ++i)
    if (!isThere(i) && !copies[i] && failed(materialize(values[i], targets[i])))
      return failure();
  for (size_t i = 0; i < values.size(); ++i)
    if (copies[i]) {
      auto before = ready.find(values[i]) != ready.end()
                        ? std::optional<Buffer>(ready[values[i]])
                        : std::nullopt;
      ready[values[i]] = *copies[i];
      if (failed(materialize(values[i], targets[i])))
        return failure();
      if (before)
        ready[values[i]] = *before;
      else
        ready.erase(values[i]);
    }
  return success();
}

/// The product that this loop accumulates into `arg`, if nothing else reads it.
static tile::DotOp accumulatingDot(scf::ForOp loop, unsigned index,
                                   const Placement &placement) {
  auto yield = cast<scf::YieldOp>(loop.getBody()->getTerminator());
  auto dot = yield.getOperand(index).getDefiningOp<tile::DotOp>();
  if (!dot || dot->getBlock() != loop.getBody() || !dot.getResult().hasOneUse())
    return {};
  const auto &roots = placement.roots(loop.getRegionIterArg(index));
  if (roots.size() != 1 || *roots.begin() != dot)
    return {};
  return dot;
}

LogicalResult Lowering::lowerFor(scf::ForOp op) {
  if (auto elementwise = findElementwiseLoop(op))
    return lowerElementwiseLoop(op, *elementwise);
  if (failed(packInvariantOperands(op)))
    return failure();
  SmallVector<Value> inits = tensorsOf(op.getInitArgs());
  SmallVector<Buffer> buffers;
  for (auto [index, arg] : llvm::enumerate(op.getRegionIterArgs())) {
    if (!isTensor(arg))
      continue;
    auto type = cast<RankedTensorType>(arg.getType());
    tile::DotOp dot = accumulatingDot(op, index, placement);
    Buffer buffer =
        allocate(type.getElementType(), type.getShape(),
                 dot && !callsLibrary(dot) ? chooseForm(dot).panel : 0);
    buffers.push_back(buffer);
    ready[arg] = buffer;
    // In place only if the product reads the tile nowhere but at the element
    // that it updates.
    if (dot && readsInPlace(dot.getC(), buffer) && !reads(dot.getA(), buffer) &&
        !reads(dot.getB(), buffer)) {
      wanted[dot.getResult()] = buffer;
      beginEpilogue(op, dot, buffer);
      if (auto it = epilogues.find(dot);
          it != epilogues.end() && it->second.startsAtZero)
        continue;
    }
    if (failed(materialize(op.getInitArgs()[index], buffer)))
      return failure();
  }
  int64_t top = arenaTop;
  auto loop = scf::ForOp::create(
      b, scalar(op.getLowerBound()), scalar(op.getUpperBound()),
      scalar(op.getStep()), scalars(op.getInitArgs()));
  mapping.map(op.getInductionVar(), loop.getInductionVar());
  SmallVector<Value> args(op.getRegionIterArgs().begin(),
                          op.getRegionIterArgs().end());
  mapping.map(scalarsOf(args), loop.getRegionIterArgs());
  {
    OpBuilder::InsertionGuard guard(b);
    b.setInsertionPointToStart(loop.getBody());
    auto yield = cast<scf::YieldOp>(op.getBody()->getTerminator());
    if (failed(lowerBlock(*op.getBody())) ||
        failed(storeTiles(tensorsOf(yield.getOperands()), buffers)))
      return failure();
    if (!loop.getRegionIterArgs().empty() || loop.getBody()->empty() ||
        !loop.getBody()->back().hasTrait<OpTrait::IsTerminator>())
      scf::YieldOp::create(b, scalars(yield.getOperands()));
  }
  arenaTop = top;
  SmallVector<Value> results(op.getResults());
  mapping.map(scalarsOf(results), loop.getResults());
  for (auto [result, buffer] : llvm::zip(tensorsOf(results), buffers))
    ready[result] = buffer;
  return success();
}

LogicalResult Lowering::lowerIf(scf::IfOp op) {
  SmallVector<Value> results(op.getResults());
  SmallVector<Buffer> buffers;
  for (Value result : tensorsOf(results))
    buffers.push_back(allocate(tile::elementTypeOf(result.getType()),
                               tile::shapeOf(result.getType())));
  SmallVector<Type> types = llvm::map_to_vector(
      scalarsOf(results), [&](Value v) { return scalarType(v.getType()); });
  bool hasElse = !op.getElseRegion().empty();
  auto branch = scf::IfOp::create(b, types, scalar(op.getCondition()), hasElse);
  auto fill = [&](Block *from, Block *to) -> LogicalResult {
    OpBuilder::InsertionGuard guard(b);
    if (!to->empty() && to->back().hasTrait<OpTrait::IsTerminator>())
      to->back().erase();
    b.setInsertionPointToEnd(to);
    Operation *yield = from->getTerminator();
    llvm::SaveAndRestore keep(arenaTop);
    if (failed(lowerBlock(*from)) ||
        failed(storeTiles(tensorsOf(yield->getOperands()), buffers)))
      return failure();
    scf::YieldOp::create(b, scalars(yield->getOperands()));
    return success();
  };
  if (failed(fill(op.thenBlock(), branch.thenBlock())) ||
      (hasElse && failed(fill(op.elseBlock(), branch.elseBlock()))))
    return failure();
  mapping.map(scalarsOf(results), branch.getResults());
  for (auto [result, buffer] : llvm::zip(tensorsOf(results), buffers))
    ready[result] = buffer;
  return success();
}

LogicalResult Lowering::lowerWhile(scf::WhileOp op) {
  auto bufferFor = [&](Value value) {
    return allocate(tile::elementTypeOf(value.getType()),
                    tile::shapeOf(value.getType()));
  };
  SmallVector<Value> before(op.getBeforeArguments()),
      after(op.getAfterArguments()), results(op.getResults());
  SmallVector<Buffer> beforeBuffers =
      llvm::map_to_vector(tensorsOf(before), bufferFor);
  SmallVector<Buffer> afterBuffers =
      llvm::map_to_vector(tensorsOf(after), bufferFor);
  if (failed(storeTiles(tensorsOf(op.getInits()), beforeBuffers)))
    return failure();
  for (auto [arg, buffer] : llvm::zip(tensorsOf(before), beforeBuffers))
    ready[arg] = buffer;
  for (auto [arg, buffer] : llvm::zip(tensorsOf(after), afterBuffers))
    ready[arg] = buffer;
  for (auto [result, buffer] : llvm::zip(tensorsOf(results), afterBuffers))
    ready[result] = buffer;

  SmallVector<Type> types = llvm::map_to_vector(
      scalarsOf(results), [&](Value v) { return scalarType(v.getType()); });
  SmallVector<Value> inits = scalars(op.getInits());
  auto loop = scf::WhileOp::create(b, types, inits);
  auto fill = [&](Region &region, Block &from, ArrayRef<Value> args,
                  TypeRange argTypes, ArrayRef<Buffer> targets,
                  bool isCondition) -> LogicalResult {
    OpBuilder::InsertionGuard guard(b);
    SmallVector<Location> locs(argTypes.size(), b.getLoc());
    Block *to = b.createBlock(&region, region.end(), argTypes, locs);
    mapping.map(scalarsOf(args), to->getArguments());
    Operation *end = from.getTerminator();
    if (!isCondition && ir::mayWait(op))
      callYield();
    llvm::SaveAndRestore keep(arenaTop);
    ValueRange passed = isCondition ? cast<scf::ConditionOp>(end).getArgs()
                                    : ValueRange(end->getOperands());
    if (failed(lowerBlock(from)) ||
        failed(storeTiles(tensorsOf(passed), targets)))
      return failure();
    if (isCondition)
      scf::ConditionOp::create(
          b, scalar(cast<scf::ConditionOp>(end).getCondition()),
          scalars(passed));
    else
      scf::YieldOp::create(b, scalars(passed));
    return success();
  };
  if (failed(fill(loop.getBefore(), *op.getBeforeBody(), before,
                  ValueRange(inits).getTypes(), afterBuffers, true)) ||
      failed(fill(loop.getAfter(), *op.getAfterBody(), after, types,
                  beforeBuffers, false)))
    return failure();
  mapping.map(scalarsOf(results), loop.getResults());
  return success();
}
