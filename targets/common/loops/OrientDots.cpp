//===- OrientDots.cpp - Products made transposed --------------------------===//
//
// Part of the Tegula Project, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// The micro-kernel wants its left operand by rows or by columns, as it comes,
// the right one in panels, and vectors run along the rows of the result. The
// scores of attention, S = Q K^T, are better made as S^T = K Q^T: K is read as
// it lies and Q, which the loop does not change, is turned once; the rows'
// maxima and sums run from vector to vector instead of within one; and the
// weights come out as the left operand of the next product by columns. So a
// product and all that is computed from it element by element are transposed
// where that turns reductions within vectors into reductions across them, and
// nothing else has to be turned back.
//
//===----------------------------------------------------------------------===//

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/SCF/IR/SCF.h"
#include "mlir/IR/IRMapping.h"
#include "mlir/IR/Matchers.h"
#include "mlir/Interfaces/LoopLikeInterface.h"
#include "mlir/Transforms/RegionUtils.h"
#include "targets/common/loops/DotLoop.h"
#include "targets/common/loops/Loops.h"

using namespace mlir;
using namespace tegula;
using namespace tegula::loops;

namespace tegula::loops {
#define GEN_PASS_DECL_ORIENTDOTS
#define GEN_PASS_DEF_ORIENTDOTS
#include "targets/common/loops/Passes.h.inc"
} // namespace tegula::loops

static bool isMatrix(Value value) {
  auto type = dyn_cast<RankedTensorType>(value.getType());
  return type && type.getRank() == 2;
}

/// A pure op whose result's elements come from its operands' at the same place.
static bool isElementwise(Operation *op) {
  return op->getNumRegions() == 0 && op->getNumResults() == 1 && isPure(op) &&
         (op->hasTrait<OpTrait::Elementwise>() || isa<tile::FpConvertOp>(op));
}

namespace {
/// One product and what is computed from it.
class Orientation {
public:
  Orientation(tile::DotOp dot, bool hasPairs, bool hasF16Pairs)
      : dot(dot), hasPairs(hasPairs), hasF16Pairs(hasF16Pairs) {}

  /// Can all of it be transposed, and does that pay?
  bool pays();
  void transpose();

private:
  bool follow(Value value);
  bool addUse(OpOperand &use);
  bool canTranspose(Value value);
  bool isPair(tile::DotOp product) const;
  Value make(OpBuilder &b, Value value);

  tile::DotOp dot;
  bool hasPairs, hasF16Pairs;
  llvm::SetVector<Operation *> members; // the product and elementwise ops
  SmallVector<tile::ReduceOp> reductions;
  SmallVector<OpOperand *> leftOperands; // of other products
  IRMapping made;
};
} // namespace

/// Pairs along K must lie side by side in rows of the left operand.
bool Orientation::isPair(tile::DotOp product) const {
  Type element = tile::elementTypeOf(product.getA().getType());
  return (hasPairs && element.isBF16()) || (hasF16Pairs && element.isF16());
}

bool Orientation::addUse(OpOperand &use) {
  Operation *user = use.getOwner();
  if (auto reduce = dyn_cast<tile::ReduceOp>(user)) {
    // Combiners of one op; others carry indices and run along one dimension.
    if (reduce.getSrcs().size() != 1 || reduce.getAxis() != 1 ||
        !llvm::hasSingleElement(
            reduce.getCombine().front().without_terminator()))
      return false;
    reductions.push_back(reduce);
    return true;
  }
  if (auto product = dyn_cast<tile::DotOp>(user)) {
    if (use.getOperandNumber() != product.getAMutable().getOperandNumber() ||
        isPair(product))
      return false;
    leftOperands.push_back(&use);
    return true;
  }
  if (!isElementwise(user) || !isMatrix(user->getResult(0)))
    return false;
  return members.contains(user) ||
         (members.insert(user) && follow(user->getResult(0)));
}

/// Collects everything that reads `value`.
bool Orientation::follow(Value value) {
  return llvm::all_of(value.getUses(),
                      [&](OpOperand &use) { return addUse(use); });
}

/// Can `value`, which is not computed from the product, be made transposed for
/// nothing?
bool Orientation::canTranspose(Value value) {
  Operation *op = value.getDefiningOp();
  if (!isMatrix(value) || (op && members.contains(op)))
    return true;
  DenseElementsAttr dense;
  if (matchPattern(value, m_Constant(&dense)))
    return dense.isSplat();
  if (!op)
    return false;
  if (isa<tile::SplatOp, tile::ExpandDimsOp>(op))
    return true;
  return (isElementwise(op) || isa<tile::BroadcastOp>(op)) &&
         llvm::all_of(op->getOperands(),
                      [&](Value operand) { return canTranspose(operand); });
}

bool Orientation::pays() {
  if (!isMatrix(dot.getResult()) || isPair(dot))
    return false;
  // The left operand, which has to be turned, must not change in the loop.
  auto loop = dot->getParentOfType<LoopLikeOpInterface>();
  if (!loop || !loop.isDefinedOutsideOfLoop(dot.getA()))
    return false;
  members.insert(dot);
  if (!follow(dot.getResult()) || reductions.empty())
    return false;
  return canTranspose(dot.getC()) && llvm::all_of(members, [&](Operation *op) {
           return op == dot ||
                  llvm::all_of(op->getOperands(), [&](Value operand) {
                    return canTranspose(operand);
                  });
         });
}

/// The transpose of `value` made where `value` is, once for all products.
static Value turnOnce(OpBuilder &b, Value value) {
  for (Operation *user : value.getUsers())
    if (auto trans = dyn_cast<tile::TransOp>(user);
        trans && trans->getBlock() == value.getParentBlock())
      return trans;
  OpBuilder::InsertionGuard guard(b);
  b.setInsertionPointAfterValue(value);
  return createTransposed(b, value.getLoc(), value);
}

/// `op` on other operands, with a result of another type.
static Value cloneAs(OpBuilder &b, Operation *op, ValueRange operands,
                     Type type) {
  Operation *clone = b.clone(*op);
  clone->setOperands(operands);
  clone->getResult(0).setType(type);
  return clone->getResult(0);
}

/// The transpose of `value`, made at the insertion point or earlier.
Value Orientation::make(OpBuilder &b, Value value) {
  if (!isMatrix(value))
    return value;
  if (Value known = made.lookupOrNull(value))
    return known;
  Operation *op = value.getDefiningOp();
  OpBuilder::InsertionGuard guard(b);
  b.setInsertionPoint(op);
  Location loc = op->getLoc();
  Type type = transposed(value.getType());
  Value result;
  if (matchPattern(value, m_Constant())) {
    result = createTransposed(b, loc, value);
  } else if (auto expand = dyn_cast<tile::ExpandDimsOp>(op)) {
    result = tile::ExpandDimsOp::create(b, loc, type, expand.getSrc(),
                                        1 - expand.getAxis());
  } else if (op == dot) {
    Value operands[] = {createTransposed(b, loc, dot.getB()),
                        turnOnce(b, dot.getA()), make(b, dot.getC())};
    result = cloneAs(b, op, operands, type);
  } else {
    SmallVector<Value> operands = llvm::map_to_vector(
        op->getOperands(), [&](Value operand) { return make(b, operand); });
    result = cloneAs(b, op, operands, type);
  }
  made.map(value, result);
  return result;
}

void Orientation::transpose() {
  OpBuilder b(dot);
  for (tile::ReduceOp reduce : reductions) {
    reduce.getSrcsMutable().assign(make(b, reduce.getSrcs().front()));
    reduce.setAxis(0);
  }
  for (OpOperand *use : leftOperands) {
    Operation *user = use->getOwner();
    Value turned = make(b, use->get());
    b.setInsertionPoint(user);
    use->set(createTransposed(b, user->getLoc(), turned));
  }
}

namespace {
struct OrientDots : loops::impl::OrientDotsBase<OrientDots> {
  using OrientDotsBase::OrientDotsBase;

  void runOnOperation() override {
    SmallVector<tile::DotOp> dots;
    getOperation().walk([&](tile::DotOp dot) { dots.push_back(dot); });
    for (tile::DotOp dot : dots) {
      Orientation orientation(dot, hasPairs, hasF16Pairs);
      if (orientation.pays())
        orientation.transpose();
    }
    IRRewriter rewriter(&getContext());
    (void)runRegionDCE(rewriter, getOperation()->getRegions());
  }
};
} // namespace

std::unique_ptr<Pass>
loops::createOrientDotsPass(const targets::TargetDesc &desc) {
  OrientDotsOptions options;
  options.hasPairs = desc.bf16Dot || desc.bf16TileDot;
  options.hasF16Pairs = bool(desc.f16TileDot);
  return std::make_unique<OrientDots>(options);
}
