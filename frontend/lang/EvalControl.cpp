//===- EvalControl.cpp - if, for, while -----------------------------------===//
#include "frontend/lang/Carried.h"
#include "frontend/lang/Evaluator.h"
#include "frontend/lang/SpanScope.h"
#include "mlir/Dialect/SCF/IR/SCF.h"
#include "llvm/Support/SaveAndRestore.h"

using namespace tegula::frontend;
using llvm::dyn_cast;
namespace scf = mlir::scf;

//===----------------------------------------------------------------------===//
// if
//===----------------------------------------------------------------------===//

namespace {

/// Can running these statements leave the function or the current loop body
/// early? `continue` of an inner loop stays inside.
bool escapes(const Stmts &stmts, bool insideLoop = false) {
  for (const Stmt *stmt : stmts) {
    if (llvm::isa<ReturnStmt>(stmt))
      return true;
    if (!insideLoop && llvm::isa<ContinueStmt, BreakStmt>(stmt))
      return true;
    if (const auto *s = dyn_cast<IfStmt>(stmt))
      if (escapes(s->then, insideLoop) || escapes(s->otherwise, insideLoop))
        return true;
    if (const auto *s = dyn_cast<ForStmt>(stmt))
      if (escapes(s->body, true))
        return true;
    if (const auto *s = dyn_cast<WhileStmt>(stmt))
      if (escapes(s->body, true))
        return true;
  }
  return false;
}

} // namespace

Flow Evaluator::runIf(const IfStmt *stmt, Rest rest) {
  Value condition = eval(stmt->condition);
  if (condition.isPoison()) {
    // Both arms are looked at, so that their errors show in the same run.
    return Flow::Fell;
  }
  if (!condition.isTensor()) {
    bool holds = false;
    if (!truth(condition, holds))
      return Flow::Fell;
    return run(holds ? stmt->then : stmt->otherwise, rest);
  }
  if (condition.type().numElements() != 1) {
    error("the condition of an 'if' must be a scalar, not " +
              condition.describe(),
          "use tl.where or a mask to choose element by element");
    return Flow::Fell;
  }
  Value flag = emit->toBool(emit->unsplat(condition));
  if (flag.isPoison())
    return Flow::Fell;
  if (escapes(stmt->then) || escapes(stmt->otherwise))
    return runEscapingIf(stmt, flag.handle(), rest);
  auto nothing = []() { return Flow::Fell; };
  emitScopedIf(
      flag.handle(), [&] { run(stmt->then, nothing); },
      [&] { run(stmt->otherwise, nothing); });
  return Flow::Fell;
}

/// An `if` out of which a `return` or `continue` leads: each branch runs all
/// that follows it as well, so nothing is left to do behind the scf.if.
Flow Evaluator::runEscapingIf(const IfStmt *stmt, mlir::Value condition,
                              Rest rest) {
  auto branch = [&](const Stmts &stmts) {
    Flow flow = run(stmts, rest);
    if (flow == Flow::Fell)
      flow = rest();
    if (flow == Flow::Broke)
      refuseBreak();
    if (flow == Flow::Continued && frame->unrolling)
      error("a 'continue' that depends on a run-time value is not supported "
            "in an unrolled loop",
            "put the rest of the body into an 'if'");
  };
  if (frame->runtimeLoops) {
    emitScopedIf(
        condition, [&] { branch(stmt->then); },
        [&] { branch(stmt->otherwise); });
    return Flow::Ended;
  }
  Scope before = frame->scope;
  auto value = [&](const Stmts &stmts) {
    frame->scope = before;
    frame->returned = Value::none();
    branch(stmts);
    return frame->returned;
  };
  std::optional<Value> merged = emitIf(
      condition, [&] { return value(stmt->then); },
      [&] { return value(stmt->otherwise); });
  frame->returned = merged ? *merged : Value::poison();
  return Flow::Ended;
}

void Evaluator::refuseBreak() {
  SpanScope at(*this, frame->broke);
  error("'break' cannot end a loop that runs at run time, here as in Triton",
        "put the condition into the loop's own: while i < n and running: ...");
}

//===----------------------------------------------------------------------===//
// for
//===----------------------------------------------------------------------===//

Flow Evaluator::runFor(const ForStmt *stmt, Rest rest) {
  Value iterable = eval(stmt->iterable);
  if (iterable.isPoison() || iterable.isUnknown())
    return Flow::Fell;
  if (!stmt->otherwise.empty() && !inHost())
    error("a loop in a kernel has no 'else'");
  bool isRange = iterable.is(Value::Kind::Range);
  if (isRange && !iterable.range().isStatic && !inHost() && canEmit()) {
    runRuntimeFor(stmt, iterable.range());
    return Flow::Fell;
  }
  Value items = iterate(iterable);
  if (items.isPoison())
    return Flow::Fell;
  return runUnrolled(stmt, items.elements(), 0, rest);
}

Flow Evaluator::runUnrolled(const ForStmt *stmt, const Values &items,
                            size_t first, Rest rest) {
  llvm::SaveAndRestore<bool> unrolling(frame->unrolling, true);
  for (size_t i = first; i < items.size(); ++i) {
    if (exhausted)
      return Flow::Returned;
    assign(stmt->target, items[i], /*asConstant=*/true);
    auto following = [&]() -> Flow {
      Flow flow = runUnrolled(stmt, items, i + 1, rest);
      return flow == Flow::Fell ? rest() : flow;
    };
    Flow flow = run(stmt->body, following);
    if (flow == Flow::Broke)
      return Flow::Fell;
    if (flow == Flow::Returned || flow == Flow::Ended)
      return flow;
  }
  if (inHost() && first == 0)
    return run(stmt->otherwise, rest);
  return Flow::Fell;
}

namespace {

struct LoopBounds {
  Value lower, upper, step;
  bool reversed = false;
  DType type = DType::Int32;
};

} // namespace

void Evaluator::runRuntimeFor(const ForStmt *stmt,
                              const Value::RangeData &range) {
  LoopBounds bounds{range.start, range.stop, range.step};
  if (bounds.step.isInt() && bounds.step.integer() == 0) {
    error("the step of a range must not be 0");
    return;
  }
  // A falling loop runs as a rising one whose variable is mirrored.
  if (bounds.step.isInt() && bounds.step.integer() < 0) {
    bounds.reversed = true;
    bounds.step = Value::ofInt(-bounds.step.integer());
    std::swap(bounds.lower, bounds.upper);
  }
  Value *parts[] = {&bounds.lower, &bounds.upper, &bounds.step};
  std::optional<DType> type;
  for (Value *part : parts) {
    *part = emit->unsplat(emit->toTensor(*part));
    if (part->isPoison())
      return;
    if (!part->type().isInt()) {
      error("the bounds and the step of a range must be integers, not " +
            part->describe());
      return;
    }
    type = type ? promoteIntegers(*type, part->type().element)
                : part->type().element;
  }
  bounds.type = *type == DType::Int1 ? DType::Int32 : *type;
  for (Value *part : parts)
    *part = emit->cast(*part, bounds.type);

  const auto *target = dyn_cast<NameExpr>(stmt->target);
  if (!target) {
    error("the loop variable of a range must be one name");
    return;
  }
  mlir::ImplicitLocOpBuilder &b = emit->builder();
  Carried carried = collectCarried(stmt->body, target->name);
  auto loop =
      scf::ForOp::create(b, bounds.lower.handle(), bounds.upper.handle(),
                         bounds.step.handle(), carried.initial());
  if (isUnsigned(bounds.type))
    loop.setUnsignedCmp(true);
  for (const auto &[name, value] : range.hints)
    loop->setAttr(name, b.getI32IntegerAttr(value));
  if (!loop.getBody()->empty())
    loop.getBody()->back().erase();

  Scope outer = frame->scope;
  {
    mlir::OpBuilder::InsertionGuard guard(b);
    b.setInsertionPointToEnd(loop.getBody());
    mlir::Value variable = loop.getInductionVar();
    if (bounds.reversed) {
      variable =
          mlir::arith::SubIOp::create(b, bounds.upper.handle(), variable);
      variable =
          mlir::arith::AddIOp::create(b, variable, bounds.lower.handle());
    }
    adoptCarried(carried, loop.getRegionIterArgs());
    assignName(target->name, Value::ofTensor(variable, bounds.type));
    ++frame->runtimeLoops;
    llvm::SaveAndRestore<bool> unrolling(frame->unrolling, false);
    Flow flow = run(stmt->body, []() { return Flow::Fell; });
    --frame->runtimeLoops;
    if (flow == Flow::Broke)
      refuseBreak();
    llvm::SmallVector<mlir::Value> yielded;
    finishLoopBody(carried, yielded);
    scf::YieldOp::create(b, yielded);
  }
  leaveLoop(outer, carried, loop.getResults());
}

//===----------------------------------------------------------------------===//
// while
//===----------------------------------------------------------------------===//

Flow Evaluator::runWhile(const WhileStmt *stmt, Rest rest) {
  if (inHost() || !canEmit())
    return runHostWhile(stmt);
  if (!stmt->otherwise.empty())
    error("a loop in a kernel has no 'else'");
  runRuntimeWhile(stmt);
  return Flow::Fell;
}

Flow Evaluator::runHostWhile(const WhileStmt *stmt) {
  auto nothing = []() { return Flow::Fell; };
  while (!outOfBudget()) {
    bool holds = false;
    if (!truth(eval(stmt->condition), holds))
      return Flow::Returned;
    if (!holds)
      return run(stmt->otherwise, nothing);
    Flow flow = run(stmt->body, nothing);
    if (flow == Flow::Broke)
      return Flow::Fell;
    if (flow == Flow::Returned || flow == Flow::Ended)
      return flow;
  }
  return Flow::Returned;
}

void Evaluator::runRuntimeWhile(const WhileStmt *stmt) {
  mlir::ImplicitLocOpBuilder &b = emit->builder();
  Carried carried = collectCarried(stmt->body, "");
  llvm::SmallVector<mlir::Value> initial = carried.initial();
  llvm::SmallVector<mlir::Type> types;
  llvm::SmallVector<mlir::Location> locations;
  for (mlir::Value value : initial) {
    types.push_back(value.getType());
    locations.push_back(b.getLoc());
  }
  auto loop = scf::WhileOp::create(b, types, initial);
  Scope outer = frame->scope;
  bool valid = true;
  {
    mlir::OpBuilder::InsertionGuard guard(b);
    mlir::Block *before =
        b.createBlock(&loop.getBefore(), {}, types, locations);
    adoptCarried(carried, before->getArguments());
    ++frame->runtimeLoops;
    Value condition = eval(stmt->condition);
    if (condition.is(Value::Kind::Object))
      condition = attribute(condition, "condition");
    valid = !condition.isPoison();
    if (valid && condition.isTensor() && condition.type().numElements() != 1) {
      error("the condition of a 'while' must be a scalar, not " +
            condition.describe());
      valid = false;
    }
    if (valid && !condition.isTensor() && condition.truthy()) {
      error("the condition of this loop is always true, and a loop in a "
            "kernel has no other end",
            "loop on a run-time condition");
      valid = false;
    }
    Value flag = valid ? emit->toBool(emit->unsplat(condition))
                       : emit->constantInt(0, DType::Int1);
    valid = valid && !flag.isPoison();
    if (!valid)
      flag = emit->constantInt(0, DType::Int1);
    scf::ConditionOp::create(b, flag.handle(), before->getArguments());

    mlir::Block *after = b.createBlock(&loop.getAfter(), {}, types, locations);
    frame->scope = outer;
    adoptCarried(carried, after->getArguments());
    llvm::SaveAndRestore<bool> unrolling(frame->unrolling, false);
    Flow flow = run(stmt->body, []() { return Flow::Fell; });
    --frame->runtimeLoops;
    if (flow == Flow::Broke)
      refuseBreak();
    llvm::SmallVector<mlir::Value> yielded;
    finishLoopBody(carried, yielded);
    scf::YieldOp::create(b, yielded);
  }
  leaveLoop(outer, carried, loop.getResults());
}
