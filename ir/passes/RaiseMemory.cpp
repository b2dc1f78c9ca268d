//===- RaiseMemory.cpp - Say which addresses loads and stores touch
//
// Part of the Tegula Project, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// First a plan for every access, made on IR that doesn't change; then the
// rewriting. Loads that are replaced live on until the end, because plans may
// still name their results.
//
//===----------------------------------------------------------------------===//

#include "ir/analysis/Blame.h"
#include "ir/passes/IndexBuilder.h"
#include "ir/passes/Passes.h"
#include "ir/tile/Tile.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/SCF/IR/SCF.h"

using namespace mlir;
using namespace tegula;
using namespace tegula::ir;

namespace tegula::ir {
#define GEN_PASS_DEF_RAISEMEMORY
#include "ir/passes/Passes.h.inc"
} // namespace tegula::ir

namespace {
enum class Tier { Box, Rows, Gather, Scalar };

struct Plan {
  Operation *op;
  Tier tier = Tier::Gather;
  Value blocker; // of the better tier
  PointerForm pointer;
  MaskForm mask;
};

struct BoxOperands {
  Value base, mask;
  SmallVector<Value> starts, strides, lowers, uppers, wraps, indices;
  SmallVector<int64_t> indexedDims;
};

class Raiser {
public:
  explicit Raiser(func::FuncOp function) : build(function) {}
  void plan(Operation *op);
  void rewrite();
  ArrayRef<Plan> getPlans() const { return plans; }

private:
  BoxOperands operandsOf(const Plan &plan, RankedTensorType tile);
  void addDim(const DimForm &dim, int64_t size, BoxOperands &box);
  void addBounds(const DimBounds &bounds, int64_t size, BoxOperands &box);
  Value restMask(ArrayRef<RestConjunct> rest, Operation *op);
  Operation *rewriteAccess(const Plan &plan);

  IndexAnalysis analysis;
  IndexBuilder build;
  std::vector<Plan> plans;
};
} // namespace

static StringRef nameOf(Tier tier) {
  switch (tier) {
  case Tier::Box:
    return "box";
  case Tier::Rows:
    return "rows";
  case Tier::Gather:
    return "gather";
  case Tier::Scalar:
    return "scalar";
  }
  llvm_unreachable("no such tier");
}

//===----------------------------------------------------------------------===//
// Plans
//===----------------------------------------------------------------------===//

static Value pointerOf(Operation *op) {
  if (auto load = dyn_cast<tile::LoadOp>(op))
    return load.getPtr();
  if (auto store = dyn_cast<tile::StoreOp>(op))
    return store.getPtr();
  if (auto atomic = dyn_cast<tile::AtomicRMWOp>(op))
    return atomic.getPtr();
  if (auto atomic = dyn_cast<tile::AtomicCASOp>(op))
    return atomic.getPtr();
  if (auto atomic = dyn_cast<tile::AtomicPollOp>(op))
    return atomic.getPtr();
  return {};
}

static Value maskOf(Operation *op) {
  if (auto load = dyn_cast<tile::LoadOp>(op))
    return load.getMask();
  return cast<tile::StoreOp>(op).getMask();
}

void Raiser::plan(Operation *op) {
  Value ptr = pointerOf(op);
  if (!ptr)
    return;
  Plan plan{op, Tier::Gather, {}, {}, {}};
  auto type = dyn_cast<RankedTensorType>(ptr.getType());
  if (!type) {
    plan.tier = Tier::Scalar;
  } else if (isa<tile::LoadOp, tile::StoreOp>(op)) {
    Expressed<PointerForm> form = analysis.pointer(ptr);
    if (form) {
      plan.tier = Tier::Box;
      plan.pointer = *form;
      for (const DimForm &dim : form->offset.dims)
        if (!dim.terms.empty() && !dim.asWrapped()) {
          plan.tier = Tier::Rows;
          plan.blocker = dim.terms.front().tensor.value;
        }
      if (Value mask = maskOf(op))
        plan.mask = analyzeMask(mask, analysis);
      plan.mask.dims.resize(type.getRank());
    } else {
      plan.blocker = form.blocker;
    }
  }
  plans.push_back(std::move(plan));
}

//===----------------------------------------------------------------------===//
// Rewriting
//===----------------------------------------------------------------------===//

void Raiser::addDim(const DimForm &dim, int64_t size, BoxOperands &box) {
  Value zero = build.constant(0);
  if (const IndexedTerm *wrapped = dim.asWrapped()) {
    box.starts.push_back(build.polynomial(wrapped->wrap->start));
    box.strides.push_back(build.polynomial(wrapped->coefficient));
    box.wraps.push_back(build.polynomial(wrapped->wrap->modulus));
    return;
  }
  box.starts.push_back(zero);
  box.wraps.push_back(zero);
  if (dim.terms.empty()) {
    box.strides.push_back(build.polynomial(dim.stride));
    return;
  }
  Polynomial scale;
  box.indexedDims.push_back(box.strides.size());
  box.indices.push_back(build.indexTensor(dim, size, scale));
  box.strides.push_back(build.polynomial(scale));
}

void Raiser::addBounds(const DimBounds &bounds, int64_t size,
                       BoxOperands &box) {
  Value lower, upper;
  for (const Limit &limit : bounds.lowers) {
    if (limit.constant().value_or(1) <= 0)
      continue; // Coordinates are never below 0.
    Value value = build.limit(limit);
    lower = lower ? build.after<arith::MaxSIOp>({lower, value}, lower, value)
                  : value;
  }
  for (const Limit &limit : bounds.uppers) {
    if (limit.constant().value_or(0) >= size)
      continue;
    Value value = build.limit(limit);
    upper = upper ? build.after<arith::MinSIOp>({upper, value}, upper, value)
                  : value;
  }
  box.lowers.push_back(lower ? lower : build.constant(0));
  box.uppers.push_back(upper ? upper : build.constant(size));
}

/// The conjunction of what is no bound, written in front of `op`.
Value Raiser::restMask(ArrayRef<RestConjunct> rest, Operation *op) {
  OpBuilder builder(op);
  Value mask;
  for (const RestConjunct &conjunct : rest) {
    Value part = build.resolve(conjunct.mask);
    if (conjunct.isNegated) {
      auto type = cast<RankedTensorType>(part.getType());
      Value truth = arith::ConstantOp::create(
          builder, op->getLoc(), DenseElementsAttr::get(type, true));
      part = arith::XOrIOp::create(builder, op->getLoc(), part, truth);
    }
    for (Operation *shapeOp : conjunct.shapeOps) {
      if (shapeOp->getOperand(0) == part) {
        part = shapeOp->getResult(0);
        continue;
      }
      IRMapping mapping;
      mapping.map(shapeOp->getOperand(0), part);
      part = builder.clone(*shapeOp, mapping)->getResult(0);
    }
    mask = mask ? builder.createOrFold<arith::AndIOp>(op->getLoc(), mask, part)
                : part;
  }
  return mask;
}

BoxOperands Raiser::operandsOf(const Plan &plan, RankedTensorType tile) {
  BoxOperands box;
  build.setLoc(plan.op->getLoc());
  box.base = build.pointer(plan.pointer.root, plan.pointer.offset.uniform);
  for (auto [d, size] : llvm::enumerate(tile.getShape())) {
    addDim(plan.pointer.offset.dims[d], size, box);
    addBounds(plan.mask.dims[d], size, box);
  }
  Value zero = build.constant(0);
  if (llvm::all_of(box.wraps, [&](Value wrap) { return wrap == zero; }))
    box.wraps.clear();
  Value condition;
  for (const UniformCondition &part : plan.mask.conditions) {
    Value value = build.condition(part);
    condition = condition ? build.after<arith::AndIOp>({condition, value},
                                                       condition, value)
                          : value;
  }
  if (condition && !box.uppers.empty())
    box.uppers[0] = build.select(condition, box.uppers[0], zero);
  box.mask = restMask(plan.mask.rest, plan.op);
  return box;
}

Operation *Raiser::rewriteAccess(const Plan &plan) {
  OpBuilder builder(plan.op);
  Location loc = plan.op->getLoc();
  if (auto load = dyn_cast<tile::LoadOp>(plan.op)) {
    auto type = cast<RankedTensorType>(load.getType());
    BoxOperands box = operandsOf(plan, type);
    auto raised = tile::LoadBoxOp::create(
        builder, loc, type, box.base, box.starts, box.strides, box.lowers,
        box.uppers, box.wraps, box.indices, box.mask, load.getOther(),
        box.indexedDims, load.getCache(), load.getEvict(),
        load.getIsVolatile());
    load.getResult().replaceAllUsesWith(raised.getResult());
    build.rename(load.getResult(), raised.getResult());
    return raised;
  }
  auto store = cast<tile::StoreOp>(plan.op);
  auto type = cast<RankedTensorType>(store.getValue().getType());
  BoxOperands box = operandsOf(plan, type);
  return tile::StoreBoxOp::create(
      builder, loc, box.base, store.getValue(), box.starts, box.strides,
      box.lowers, box.uppers, box.wraps, box.indices, box.mask, box.indexedDims,
      store.getCache(), store.getEvict());
}

void Raiser::rewrite() {
  SmallVector<Operation *> replaced;
  for (Plan &plan : plans) {
    Operation *op = plan.op;
    std::string blame = plan.blocker ? blameText(plan.blocker) : "";
    if (plan.tier == Tier::Box || plan.tier == Tier::Rows) {
      replaced.push_back(op);
      op = rewriteAccess(plan);
      plan.op = op;
    }
    OpBuilder builder(op);
    op->setAttr(tile::TileDialect::kTierAttr,
                builder.getStringAttr(nameOf(plan.tier)));
    if (!blame.empty())
      op->setAttr(kBlockedByAttr, builder.getStringAttr(blame));
  }
  // Nobody uses them: stores have no result, loads gave theirs away.
  for (Operation *op : llvm::reverse(replaced))
    op->erase();
}

//===----------------------------------------------------------------------===//
// Pass
//===----------------------------------------------------------------------===//

/// Where values are written assumes that blocks nest, as scf's do.
static bool isStructured(func::FuncOp function) {
  WalkResult result = function.walk([](Operation *op) {
    for (Region &region : op->getRegions())
      if (!region.empty() && !region.hasOneBlock())
        return WalkResult::interrupt();
    return WalkResult::advance();
  });
  return !result.wasInterrupted() && !function.getBody().empty();
}

namespace {
struct RaiseMemory : tegula::ir::impl::RaiseMemoryBase<RaiseMemory> {
  using RaiseMemoryBase::RaiseMemoryBase;

  void runOnOperation() override {
    func::FuncOp function = getOperation();
    if (!isStructured(function))
      return;
    Raiser raiser(function);
    function.walk([&](Operation *op) { raiser.plan(op); });
    raiser.rewrite();
    if (!remarks)
      return;
    for (const Plan &plan : raiser.getPlans()) {
      auto blame = plan.op->getAttrOfType<StringAttr>(kBlockedByAttr);
      auto remark = mlir::emitRemark(plan.op->getLoc())
                    << plan.op->getName().stripDialect() << " is of tier "
                    << nameOf(plan.tier);
      if (blame)
        remark << "; " << blame.getValue() << " stands in the way of a better";
    }
  }
};
} // namespace
