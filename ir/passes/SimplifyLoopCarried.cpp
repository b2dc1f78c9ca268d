//===- SimplifyLoopCarried.cpp - Carry steps instead of tensors
//
// Part of the Tegula Project, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Each rewrite leaves the old carried value in place, unchanged by the loop;
// canonicalisation removes it. Inner ops first, until nothing changes: a branch
// inside a loop, or a loop inside a loop, is simple once its inside is.
//
//===----------------------------------------------------------------------===//

#include "ir/passes/Passes.h"
#include "ir/passes/Steps.h"
#include "mlir/Dialect/SCF/IR/SCF.h"
#include "mlir/IR/PatternMatch.h"

using namespace mlir;
using namespace tegula;
using namespace tegula::ir;

namespace tegula::ir {
#define GEN_PASS_DEF_SIMPLIFYLOOPCARRIED
#include "ir/passes/Passes.h.inc"
} // namespace tegula::ir

//===----------------------------------------------------------------------===//
// scf.for
//===----------------------------------------------------------------------===//

static Value zeroOf(OpBuilder &builder, Location loc, Type type) {
  return arith::ConstantOp::create(builder, loc, builder.getZeroAttr(type));
}

namespace {
/// One value that a loop carries, and how each iteration moves it.
struct Carried {
  unsigned position;
  Steps steps;
};
} // namespace

/// The step in all lanes as a multiple of the induction variable's, if the
/// final value isn't asked for: then nothing needs to be carried.
static Value offsetFromInduction(scf::ForOp loop, const Carried &carried,
                                 Type stepType, IndexBuilder &build) {
  if (!loop.getResult(carried.position).use_empty())
    return {};
  IndexAnalysis analysis;
  std::optional<int64_t> step = analysis.scalar(loop.getStep()).constant();
  std::optional<Polynomial> perUnit;
  Polynomial delta = carried.steps.uniform(analysis);
  bool isInvariant = delta.allLeaves([&](const Leaf &leaf) {
    return loop.isDefinedOutsideOfLoop(leaf.value);
  });
  if (!step || *step <= 0 || !isInvariant)
    return {};
  perUnit = delta.dividedBy(*step);
  if (!perUnit)
    return {};
  Polynomial walked = analysis.scalar(loop.getInductionVar()) -
                      analysis.scalar(loop.getLowerBound());
  Value offset = build.polynomial(walked * *perUnit);
  if (offset.getType() != stepType)
    offset = build.after<arith::TruncIOp>(offset, stepType, offset);
  return offset;
}

/// Carries a sum of `type`, which starts at 0 and grows by `step`.
static scf::ForOp carrySum(scf::ForOp loop, Type type, RewriterBase &rewriter,
                           function_ref<Value(OpBuilder &)> step) {
  Location loc = loop.getLoc();
  rewriter.setInsertionPoint(loop);
  Value zero = zeroOf(rewriter, loc, type);
  auto yields = [&](OpBuilder &builder, Location yieldLoc,
                    ArrayRef<BlockArgument> sums) -> SmallVector<Value> {
    return {
        arith::AddIOp::create(builder, yieldLoc, sums.front(), step(builder))};
  };
  FailureOr<LoopLikeOpInterface> replaced = loop.replaceWithAdditionalYields(
      rewriter, zero, /*replaceInitOperandUsesInLoop=*/false, yields);
  return cast<scf::ForOp>(replaced->getOperation());
}

/// Makes the carried value its initial one, moved by `offset` in the loop and
/// by `final` behind it.
static void uncarry(scf::ForOp loop, unsigned position, RewriterBase &rewriter,
                    function_ref<Value(OpBuilder &, bool isInside)> moved) {
  BlockArgument argument = loop.getRegionIterArg(position);
  rewriter.setInsertionPointToStart(loop.getBody());
  Value here = moved(rewriter, true);
  rewriter.replaceAllUsesWith(argument, here);
  auto yield = cast<scf::YieldOp>(loop.getBody()->getTerminator());
  yield.setOperand(position, argument);
  if (loop.getResult(position).use_empty())
    return;
  rewriter.setInsertionPointAfter(loop);
  rewriter.replaceAllUsesWith(loop.getResult(position), moved(rewriter, false));
}

static bool simplifyCarried(scf::ForOp &loop, const Carried &carried,
                            IRRewriter &rewriter) {
  unsigned position = carried.position;
  auto type = cast<RankedTensorType>(loop.getResult(position).getType());
  Type stepType = stepElementType(type);
  Value init = loop.getInitArgs()[position];
  const Steps &steps = carried.steps;
  bool isVaryingInvariant =
      llvm::all_of(steps.varying, [&](const Steps::Varying &step) {
        return loop.isDefinedOutsideOfLoop(step.tensor);
      });
  // Integers whose lanes move apart are fine as they are.
  if (!isVaryingInvariant && !tile::isPtrLike(type))
    return false;

  if (!isVaryingInvariant) {
    // The distance from the initial pointers, lane by lane.
    auto distance = type.clone(stepType);
    unsigned sum = loop.getNumRegionIterArgs();
    loop = carrySum(loop, distance, rewriter, [&](OpBuilder &builder) {
      return steps.asTensor(builder, loop.getLoc(), distance);
    });
    uncarry(loop, position, rewriter, [&](OpBuilder &builder, bool isInside) {
      Value moved = isInside ? Value(loop.getRegionIterArg(sum))
                             : Value(loop.getResult(sum));
      return tile::PtrAddOp::create(builder, loop.getLoc(), init, moved);
    });
    return true;
  }

  IndexBuilder build(loop->getParentOfType<func::FuncOp>());
  Value fromInduction;
  std::optional<unsigned> sum, count;
  if (steps.varying.empty())
    fromInduction = offsetFromInduction(loop, carried, stepType, build);
  if (!fromInduction && !steps.isOnlyVarying()) {
    sum = loop.getNumRegionIterArgs();
    loop = carrySum(loop, stepType, rewriter, [&](OpBuilder &builder) {
      return steps.asScalar(builder, loop.getLoc(), stepType);
    });
  }
  if (!steps.varying.empty()) {
    count = loop.getNumRegionIterArgs();
    loop = carrySum(loop, stepType, rewriter, [&](OpBuilder &builder) -> Value {
      return arith::ConstantOp::create(builder, loop.getLoc(),
                                       builder.getIntegerAttr(stepType, 1));
    });
  }
  uncarry(loop, position, rewriter, [&](OpBuilder &builder, bool isInside) {
    auto carriedValue = [&](unsigned index) {
      return isInside ? Value(loop.getRegionIterArg(index))
                      : Value(loop.getResult(index));
    };
    if (fromInduction && fromInduction.getParentBlock() == loop.getBody())
      builder.setInsertionPointAfterValue(fromInduction);
    Value scalar = fromInduction ? fromInduction
                   : sum         ? carriedValue(*sum)
                                 : Value();
    Value moved = init;
    if (scalar)
      moved = moveBy(builder, loop.getLoc(), moved, scalar);
    if (count)
      moved = steps.moveByVarying(builder, loop.getLoc(), moved,
                                  carriedValue(*count));
    return moved;
  });
  return true;
}

static bool simplifyFor(scf::ForOp loop, IRRewriter &rewriter) {
  bool changed = false;
  for (unsigned i = 0, e = loop.getNumRegionIterArgs(); i < e; ++i) {
    BlockArgument argument = loop.getRegionIterArg(i);
    Value yielded = loop.getYieldedValues()[i];
    if (!isMovable(argument.getType()) || yielded == argument)
      continue;
    if (std::optional<Steps> steps = Steps::between(argument, yielded))
      changed |= simplifyCarried(loop, {i, *steps}, rewriter);
  }
  return changed;
}

//===----------------------------------------------------------------------===//
// scf.while
//===----------------------------------------------------------------------===//

/// Adds a scalar to what a loop carries: from `init` to the first region, on
/// through the condition to the second, and back.
static scf::WhileOp carryThroughWhile(scf::WhileOp loop, Value init,
                                      IRRewriter &rewriter) {
  rewriter.setInsertionPoint(loop);
  SmallVector<Value> inits(loop.getInits());
  SmallVector<Type> types(loop.getResultTypes());
  inits.push_back(init);
  types.push_back(init.getType());
  auto replacement =
      scf::WhileOp::create(rewriter, loop.getLoc(), types, inits);
  replacement.getBefore().takeBody(loop.getBefore());
  replacement.getAfter().takeBody(loop.getAfter());
  replacement.getBefore().front().addArgument(init.getType(), loop.getLoc());
  replacement.getAfter().front().addArgument(init.getType(), loop.getLoc());
  rewriter.replaceOp(loop, replacement.getResults().drop_back());
  return replacement;
}

/// The position in the second region that carries on `argument` of the first.
static std::optional<unsigned> forwardedPosition(scf::WhileOp loop,
                                                 BlockArgument argument) {
  for (auto [i, value] : llvm::enumerate(loop.getConditionOp().getArgs()))
    if (value == argument)
      return i;
  return std::nullopt;
}

static bool simplifyWhile(scf::WhileOp loop, IRRewriter &rewriter) {
  for (unsigned i = 0, e = loop.getInits().size(); i < e; ++i) {
    BlockArgument before = loop.getBeforeArguments()[i];
    if (!isMovable(before.getType()))
      continue;
    std::optional<unsigned> position = forwardedPosition(loop, before);
    if (!position)
      continue;
    BlockArgument after = loop.getAfterArguments()[*position];
    Value yielded = loop.getYieldOp().getOperand(i);
    std::optional<Steps> steps = Steps::between(after, yielded);
    if (yielded == after || !steps || !steps->varying.empty())
      continue;

    Type stepType = stepElementType(before.getType());
    Location loc = loop.getLoc();
    Value init = loop.getInits()[i];
    rewriter.setInsertionPoint(loop);
    loop = carryThroughWhile(loop, zeroOf(rewriter, loc, stepType), rewriter);
    Block &first = loop.getBefore().front(), &second = loop.getAfter().front();
    auto replace = [&](Value old, Value sum) {
      rewriter.replaceAllUsesWith(old, moveBy(rewriter, loc, init, sum));
    };
    rewriter.setInsertionPoint(loop.getYieldOp());
    Value next =
        arith::AddIOp::create(rewriter, loc, second.getArguments().back(),
                              steps->asScalar(rewriter, loc, stepType));
    rewriter.setInsertionPointToStart(&first);
    replace(before, first.getArguments().back());
    rewriter.setInsertionPointToStart(&second);
    replace(after, second.getArguments().back());
    rewriter.setInsertionPointAfter(loop);
    replace(loop.getResult(*position), loop.getResults().back());
    loop.getConditionOp().getArgsMutable().append(first.getArguments().back());
    loop.getConditionOp().getArgsMutable()[*position].set(init);
    loop.getYieldOp().getResultsMutable().append(next);
    loop.getYieldOp().setOperand(i, init);
    return true;
  }
  return false;
}

//===----------------------------------------------------------------------===//
// scf.if and arith.select
//===----------------------------------------------------------------------===//

static bool isVisibleAt(Value value, Operation *op) {
  Region *region = value.getParentRegion();
  return region->isAncestor(op->getParentRegion());
}

/// Results that are one base moved differently yield how far.
static bool simplifyIf(scf::IfOp branch, IRRewriter &rewriter) {
  for (unsigned i = 0, e = branch.getNumResults(); i < e; ++i) {
    Type type = branch.getResult(i).getType();
    if (!isMovable(type) || branch.getResult(i).use_empty())
      continue;
    Steps::Origin yes = Steps::originOf(branch.thenYield().getOperand(i));
    Steps::Origin no = Steps::originOf(branch.elseYield().getOperand(i));
    if (yes.base != no.base || !isVisibleAt(yes.base, branch))
      continue;
    // Integers that move apart gain nothing.
    bool isUniform = yes.steps.varying.empty() && no.steps.varying.empty();
    if (!isUniform && !tile::isPtrLike(type))
      continue;
    Location loc = branch.getLoc();
    Type element = stepElementType(type);
    Type moved = isUniform ? element : tile::withElementType(type, element);
    auto distance = [&](Steps &steps, Operation *at) {
      rewriter.setInsertionPoint(at);
      return isUniform ? steps.asScalar(rewriter, loc, element)
                       : steps.asTensor(rewriter, loc, moved);
    };
    Value yesValue = distance(yes.steps, branch.thenYield());
    Value noValue = distance(no.steps, branch.elseYield());
    branch.thenYield().getResultsMutable().append(yesValue);
    branch.elseYield().getResultsMutable().append(noValue);
    SmallVector<Type> types(branch.getResultTypes());
    types.push_back(moved);
    rewriter.setInsertionPoint(branch);
    auto replacement =
        scf::IfOp::create(rewriter, loc, types, branch.getCondition());
    replacement.getThenRegion().takeBody(branch.getThenRegion());
    replacement.getElseRegion().takeBody(branch.getElseRegion());
    rewriter.setInsertionPointAfter(replacement);
    Value result =
        moveBy(rewriter, loc, yes.base, replacement.getResults().back());
    SmallVector<Value> results(replacement.getResults().drop_back());
    results[i] = result;
    rewriter.replaceOp(branch, results);
    return true;
  }
  return false;
}

static bool simplifySelect(arith::SelectOp select, IRRewriter &rewriter) {
  Type type = select.getType();
  if (!isMovable(type))
    return false;
  Steps::Origin yes = Steps::originOf(select.getTrueValue());
  Steps::Origin no = Steps::originOf(select.getFalseValue());
  bool isUniform = !isa<RankedTensorType>(select.getCondition().getType()) &&
                   yes.steps.varying.empty() && no.steps.varying.empty();
  if (yes.base != no.base || (!isUniform && !tile::isPtrLike(type)))
    return false;
  Location loc = select.getLoc();
  Type element = stepElementType(type);
  Type moved = isUniform ? element : tile::withElementType(type, element);
  rewriter.setInsertionPoint(select);
  auto distance = [&](Steps &steps) {
    return isUniform ? steps.asScalar(rewriter, loc, element)
                     : steps.asTensor(rewriter, loc, moved);
  };
  Value chosen =
      arith::SelectOp::create(rewriter, loc, select.getCondition(),
                              distance(yes.steps), distance(no.steps));
  rewriter.replaceOp(select, moveBy(rewriter, loc, yes.base, chosen));
  return true;
}

//===----------------------------------------------------------------------===//
// Pass
//===----------------------------------------------------------------------===//

namespace {
struct SimplifyLoopCarried
    : tegula::ir::impl::SimplifyLoopCarriedBase<SimplifyLoopCarried> {
  void runOnOperation() override {
    // Each round makes at least one carried tensor simpler; the limit only
    // guards against a kernel that is never finished.
    for (int round = 0; round < 64 && simplifyOne(); ++round)
      ;
  }

  bool simplifyOne() {
    IRRewriter rewriter(&getContext());
    SmallVector<Operation *> ops;
    getOperation().walk<WalkOrder::PostOrder>([&](Operation *op) {
      if (isa<scf::ForOp, scf::WhileOp, scf::IfOp, arith::SelectOp>(op))
        ops.push_back(op);
    });
    for (Operation *op : ops) {
      bool changed = false;
      if (auto loop = dyn_cast<scf::ForOp>(op))
        changed = simplifyFor(loop, rewriter);
      else if (auto loop = dyn_cast<scf::WhileOp>(op))
        changed = simplifyWhile(loop, rewriter);
      else if (auto branch = dyn_cast<scf::IfOp>(op))
        changed = simplifyIf(branch, rewriter);
      else
        changed = simplifySelect(cast<arith::SelectOp>(op), rewriter);
      if (changed)
        return true;
    }
    return false;
  }
};
} // namespace
