//===- MaskBounds.cpp - Masks as bounds of coordinates
//
// Part of the Tegula Project, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "ir/analysis/MaskBounds.h"
#include "ir/tile/Tile.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/IR/Matchers.h"

using namespace mlir;
using namespace tegula;
using namespace tegula::ir;

std::optional<int64_t> Limit::constant() const {
  std::optional<int64_t> value = numerator.constant();
  if (!value)
    return std::nullopt;
  int64_t floor = *value / divisor - (*value % divisor < 0 ? 1 : 0);
  return floor + (*value % divisor != 0 ? 1 : 0);
}

namespace {
class MaskAnalyzer {
public:
  MaskAnalyzer(IndexAnalysis &analysis) : analysis(analysis) {}
  MaskForm visit(Value mask, bool isNegated);

private:
  MaskForm conjunction(Value lhs, Value rhs, bool isNegated);
  MaskForm restOf(Value mask, bool isNegated);
  std::optional<MaskForm> compare(arith::CmpIOp op, bool isNegated);
  std::optional<MaskForm> throughShape(Operation *op, bool isNegated);
  std::optional<AffineForm> side(Value value, bool isUnsigned);
  bool addNegative(const AffineForm &difference, MaskForm &form);
  IndexAnalysis &analysis;
};
} // namespace

static size_t rankOf(Value value) {
  return tile::shapeOf(value.getType()).size();
}

MaskForm MaskAnalyzer::restOf(Value mask, bool isNegated) {
  MaskForm form;
  form.dims.resize(rankOf(mask));
  form.rest.push_back({mask, isNegated, {}});
  return form;
}

MaskForm MaskAnalyzer::conjunction(Value lhs, Value rhs, bool isNegated) {
  MaskForm form = visit(lhs, isNegated);
  MaskForm other = visit(rhs, isNegated);
  for (auto [dim, more] : llvm::zip(form.dims, other.dims)) {
    llvm::append_range(dim.lowers, more.lowers);
    llvm::append_range(dim.uppers, more.uppers);
  }
  llvm::append_range(form.conditions, other.conditions);
  llvm::append_range(form.rest, other.rest);
  return form;
}

//===----------------------------------------------------------------------===//
// Comparisons
//===----------------------------------------------------------------------===//

/// Adds `difference < 0`; false if it is no bound of a single dimension.
bool MaskAnalyzer::addNegative(const AffineForm &difference, MaskForm &form) {
  if (difference.isUniform()) {
    form.conditions.push_back({{}, false, difference.uniform});
    return true;
  }
  int dim = difference.onlyDim();
  if (dim < 0 || !difference.dims[dim].terms.empty())
    return false;
  std::optional<int64_t> step = difference.dims[dim].stride.constant();
  if (!step || *step == INT64_MIN)
    return false;
  // step * i + u < 0: i < ceil(-u / step), or i >= ceil((u + 1) / -step).
  if (*step > 0)
    form.dims[dim].uppers.push_back({-difference.uniform, *step});
  else
    form.dims[dim].lowers.push_back({difference.uniform + 1, -*step});
  return true;
}

static bool isUnsignedPredicate(arith::CmpIPredicate predicate) {
  using enum arith::CmpIPredicate;
  return predicate == ult || predicate == ule || predicate == ugt ||
         predicate == uge;
}

static bool isSigned(const Leaf &leaf) { return !leaf.isUnsigned; }

/// Can a comparison of this side be taken apart? Sums of values that were read
/// as unsigned may have wrapped on purpose.
static bool isComparable(const AffineForm &form) {
  if (!isIndexLike(form.uniform) || !form.uniform.allLeaves(isSigned))
    return false;
  return llvm::all_of(form.dims, [](const DimForm &dim) {
    std::optional<int64_t> step = dim.stride.constant();
    return (!step || (*step < (1 << 20) && *step > -(1 << 20))) &&
           dim.stride.allLeaves(isSigned);
  });
}

/// One side of a comparison as integers that compare as signed.
std::optional<AffineForm> MaskAnalyzer::side(Value value, bool isUnsigned) {
  Expressed<AffineForm> form = analysis.index(value);
  // Read as unsigned, what is negative would be large.
  if (form && isComparable(*form) &&
      (!isUnsigned || analysis.isNonNegative(*form)))
    return *form;
  // A single unsigned value is what it is.
  form = analysis.index(value, isUnsigned);
  if (form && form->isUniform() && form->uniform.asLeaf())
    return *form;
  return std::nullopt;
}

std::optional<MaskForm> MaskAnalyzer::compare(arith::CmpIOp op,
                                              bool isNegated) {
  using enum arith::CmpIPredicate;
  arith::CmpIPredicate predicate =
      isNegated ? arith::invertPredicate(op.getPredicate()) : op.getPredicate();
  Type element = tile::elementTypeOf(op.getLhs().getType());
  if (!element.isIndex() && element.getIntOrFloatBitWidth() < 32)
    return std::nullopt;
  bool isUnsigned = isUnsignedPredicate(predicate);
  std::optional<AffineForm> lhs = side(op.getLhs(), isUnsigned);
  std::optional<AffineForm> rhs = side(op.getRhs(), isUnsigned);
  if (!lhs || !rhs)
    return std::nullopt;
  AffineForm less = *lhs, more = *rhs;
  if (predicate == sgt || predicate == sge || predicate == ugt ||
      predicate == uge)
    std::swap(less, more);

  MaskForm form;
  form.dims.resize(rankOf(op));
  AffineForm difference = less - more;
  AffineForm orEqual = difference; // less <= more is less - 1 < more
  orEqual.uniform = orEqual.uniform - 1;
  bool valid = false;
  if (predicate == slt || predicate == sgt || predicate == ult ||
      predicate == ugt) {
    valid = addNegative(difference, form);
  } else if (predicate == eq) {
    AffineForm opposite = (more - less);
    opposite.uniform = opposite.uniform - 1;
    valid = addNegative(orEqual, form) && addNegative(opposite, form);
  } else if (predicate != ne) {
    valid = addNegative(orEqual, form);
  }
  return valid ? std::optional(form) : std::nullopt;
}

//===----------------------------------------------------------------------===//
// Structure
//===----------------------------------------------------------------------===//

/// Moves the bounds of the source of a broadcast, expand_dims or trans to the
/// dimensions of its result; the rest remembers the op.
std::optional<MaskForm> MaskAnalyzer::throughShape(Operation *op,
                                                   bool isNegated) {
  Value source = op->getOperand(0);
  MaskForm inner = visit(source, isNegated);
  MaskForm form;
  form.conditions = inner.conditions;
  if (isa<tile::BroadcastOp>(op)) {
    // A bound of a dimension of size 1 would be lost or misread on its copies.
    for (auto [dim, size] :
         llvm::zip(inner.dims, tile::shapeOf(source.getType())))
      if (size == 1 && !(dim.lowers.empty() && dim.uppers.empty()))
        return std::nullopt;
    form.dims = inner.dims;
  } else if (auto expand = dyn_cast<tile::ExpandDimsOp>(op)) {
    form.dims = inner.dims;
    form.dims.insert(form.dims.begin() + expand.getAxis(), DimBounds());
  } else if (auto trans = dyn_cast<tile::TransOp>(op)) {
    for (int32_t from : trans.getOrder())
      form.dims.push_back(inner.dims[from]);
  } else {
    return std::nullopt;
  }
  form.rest = inner.rest;
  for (RestConjunct &conjunct : form.rest)
    conjunct.shapeOps.push_back(op);
  return form;
}

MaskForm MaskAnalyzer::visit(Value mask, bool isNegated) {
  Operation *op = mask.getDefiningOp();
  if (!op)
    return restOf(mask, isNegated);
  MaskForm form;
  form.dims.resize(rankOf(mask));
  APInt constant;
  if (matchPattern(mask, m_ConstantInt(&constant))) {
    if (constant.getBoolValue() == isNegated)
      form.conditions.push_back({{}, false, Polynomial()}); // 0 < 0: never
    return form;
  }
  if (auto splat = dyn_cast<tile::SplatOp>(op)) {
    form.conditions.push_back({splat.getSrc(), isNegated, {}});
    return form;
  }
  if (isNegated ? isa<arith::OrIOp>(op) : isa<arith::AndIOp>(op))
    return conjunction(op->getOperand(0), op->getOperand(1), isNegated);
  if (isa<arith::XOrIOp>(op) &&
      matchPattern(op->getOperand(1), m_ConstantInt(&constant)))
    return visit(op->getOperand(0), isNegated ^ constant.getBoolValue());
  if (auto compare = dyn_cast<arith::CmpIOp>(op))
    if (auto bounds = this->compare(compare, isNegated))
      return *bounds;
  if (isShapeOp(op))
    if (auto bounds = throughShape(op, isNegated))
      return *bounds;
  return restOf(mask, isNegated);
}

MaskForm tegula::ir::analyzeMask(Value mask, IndexAnalysis &analysis) {
  return MaskAnalyzer(analysis).visit(mask, /*isNegated=*/false);
}
