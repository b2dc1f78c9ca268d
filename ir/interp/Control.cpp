//===- Control.cpp - Loops, branches and calls
//
// Part of the Tegula Project, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "ir/interp/Compiler.h"
#include "ir/interp/Memory.h"
#include <cstring>

using namespace mlir;
using namespace tegula;
using namespace tegula::ir::interp;

static SmallVector<Slot> slotsOf(Compiler &compiler, ValueRange values) {
  SmallVector<Slot> slots;
  for (Value value : values)
    slots.push_back(compiler.slot(value));
  return slots;
}

static void copyValues(Compiler &compiler, ValueRange from, ValueRange to) {
  compiler.emitCopies(slotsOf(compiler, from), slotsOf(compiler, to));
}

namespace {
/// A counted loop's numbers: how often is decided on entry.
struct LoopRange {
  Slot lower, upper, step, variable, count;
  bool isUnsigned;
  const Site *site;

  int64_t read(Program &program, Slot slot) const {
    uint64_t bits = 0;
    std::memcpy(&bits, program.data(slot), sizeOf(slot.dtype));
    unsigned unused = 64 - widthOf(slot.dtype);
    return isUnsigned ? static_cast<int64_t>(bits)
                      : static_cast<int64_t>(bits << unused) >> unused;
  }
  Flow enter(Program &program) const;
  Flow advance(Program &program, Flow head) const;
};
} // namespace

Flow LoopRange::enter(Program &program) const {
  if (program.launch.check)
    program.launch.requireSpecified(program, *site,
                                    program.anyTaint(lower) |
                                        program.anyTaint(upper) |
                                        program.anyTaint(step),
                                    "a loop bound");
  int64_t from = read(program, lower), to = read(program, upper);
  int64_t by = read(program, step);
  uint64_t trips = 0;
  bool isEmpty = isUnsigned
                     ? static_cast<uint64_t>(from) >= static_cast<uint64_t>(to)
                     : from >= to;
  if (!isEmpty && by <= 0) {
    program.launch.report(program, *site, ir::Report::Kind::Deadlock,
                          "a loop needs a step above 0, found " + Twine(by));
    return kStop;
  }
  if (!isEmpty) {
    uint64_t distance =
        static_cast<uint64_t>(to) - static_cast<uint64_t>(from) - 1;
    trips = distance / static_cast<uint64_t>(by) + 1;
  }
  program.scalar<uint64_t>(count) = trips;
  std::memcpy(program.data(variable), program.data(lower),
              sizeOf(variable.dtype));
  program.setTainted(variable, false);
  return kNext;
}

Flow LoopRange::advance(Program &program, Flow head) const {
  --program.scalar<uint64_t>(count);
  uint64_t value = read(program, variable) + read(program, step);
  std::memcpy(program.data(variable), &value, sizeOf(variable.dtype));
  return head;
}

static Result compileFor(Compiler &c, scf::ForOp op) {
  LoopRange range;
  range.lower = c.slot(op.getLowerBound());
  range.upper = c.slot(op.getUpperBound());
  range.step = c.slot(op.getStep());
  range.variable = c.slot(op.getInductionVar());
  range.count = c.makeSlot(Dtype::I64, 1);
  range.isUnsigned = op.getUnsignedCmp();
  range.site = c.site(op);
  c.emit([range](Program &program) { return range.enter(program); });
  copyValues(c, op.getInitArgs(), op.getRegionIterArgs());
  int32_t head = c.newLabel(), exit = c.newLabel();
  c.bind(head);
  Slot count = range.count;
  Flow leave = static_cast<Flow>(exit), again = static_cast<Flow>(head);
  c.emit([=](Program &program) {
    return program.scalar<uint64_t>(count) ? kNext : leave;
  });
  bool done = c.compileRegion(op.getRegion(), [&](Operation *yield) {
    copyValues(c, yield->getOperands(), op.getRegionIterArgs());
    return true;
  });
  c.emit([=](Program &program) { return range.advance(program, again); });
  c.bind(exit);
  copyValues(c, op.getRegionIterArgs(), op.getResults());
  return done ? Result::Done : Result::Failed;
}

static Result compileWhile(Compiler &c, scf::WhileOp op) {
  copyValues(c, op.getInits(), op.getBeforeArguments());
  int32_t head = c.newLabel(), exit = c.newLabel();
  c.bind(head);
  bool done = c.compileRegion(op.getBefore(), [&](Operation *last) {
    auto condition = cast<scf::ConditionOp>(last);
    copyValues(c, condition.getArgs(), op.getResults());
    c.emitJumpUnless(c.slot(condition.getCondition()), exit, op);
    return true;
  });
  copyValues(c, op.getResults(), op.getAfterArguments());
  done = done && c.compileRegion(op.getAfter(), [&](Operation *yield) {
    copyValues(c, yield->getOperands(), op.getBeforeArguments());
    return true;
  });
  c.emitJump(head);
  c.bind(exit);
  return done ? Result::Done : Result::Failed;
}

/// A region that yields the results of `op`.
static bool compileYielding(Compiler &c, Region &region, Operation *op) {
  return c.compileRegion(region, [&](Operation *yield) {
    copyValues(c, yield->getOperands(), op->getResults());
    return true;
  });
}

static Result compileIf(Compiler &c, scf::IfOp op) {
  int32_t otherwise = c.newLabel(), exit = c.newLabel();
  c.emitJumpUnless(c.slot(op.getCondition()), otherwise, op);
  bool done = compileYielding(c, op.getThenRegion(), op);
  c.emitJump(exit);
  c.bind(otherwise);
  if (!op.getElseRegion().empty())
    done = done && compileYielding(c, op.getElseRegion(), op);
  c.bind(exit);
  return done ? Result::Done : Result::Failed;
}

static Result compileSwitch(Compiler &c, scf::IndexSwitchOp op) {
  Slot value = c.slot(op.getArg());
  const Site *site = c.site(op);
  SmallVector<std::pair<int64_t, Flow>> cases;
  for (int64_t label : op.getCases())
    cases.push_back({label, static_cast<Flow>(c.newLabel())});
  Flow standard = static_cast<Flow>(c.newLabel());
  int32_t exit = c.newLabel();
  c.emit([=](Program &program) {
    if (program.launch.check)
      program.launch.requireSpecified(program, *site, program.anyTaint(value),
                                      "a condition");
    for (auto [label, target] : cases)
      if (program.scalar<int64_t>(value) == label)
        return target;
    return standard;
  });
  bool done = true;
  for (auto [entry, region] : llvm::zip(cases, op.getCaseRegions())) {
    c.bind(entry.second);
    done = done && compileYielding(c, region, op);
    c.emitJump(exit);
  }
  c.bind(standard);
  done = done && compileYielding(c, op.getDefaultRegion(), op);
  c.bind(exit);
  return done ? Result::Done : Result::Failed;
}

/// Calls are inlined: the callee's values get slots of the caller's frame.
static Result compileCall(Compiler &c, func::CallOp op) {
  auto callee = SymbolTable::lookupNearestSymbolFrom<func::FuncOp>(
      op, op.getCalleeAttr());
  if (!callee || callee.isExternal())
    return c.fail(op, "calls '" + op.getCallee() + "', which has no body here");
  if (llvm::is_contained(c.callStack, callee.getOperation()))
    return c.fail(op, "calls '" + op.getCallee() +
                          "' within itself; recursion isn't supported");
  if (c.callStack.size() > 64)
    return c.fail(op, "is nested too deeply");
  c.callStack.push_back(callee);
  copyValues(c, op.getOperands(), callee.getArguments());
  bool done = c.compileRegion(callee.getBody(), [&](Operation *last) {
    copyValues(c, last->getOperands(), op.getResults());
    return true;
  });
  c.callStack.pop_back();
  return done ? Result::Done : Result::Failed;
}

Result tegula::ir::interp::compileControl(Compiler &c, Operation *op) {
  return TypeSwitch<Operation *, Result>(op)
      .Case([&](scf::ForOp loop) { return compileFor(c, loop); })
      .Case([&](scf::WhileOp loop) { return compileWhile(c, loop); })
      .Case([&](scf::IfOp branch) { return compileIf(c, branch); })
      .Case([&](scf::IndexSwitchOp choice) { return compileSwitch(c, choice); })
      .Case([&](scf::ExecuteRegionOp execute) {
        return compileYielding(c, execute.getRegion(), op) ? Result::Done
                                                           : Result::Failed;
      })
      .Case([&](func::CallOp call) { return compileCall(c, call); })
      .Default([](Operation *) { return Result::NotMine; });
}
