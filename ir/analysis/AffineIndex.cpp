//===- AffineIndex.cpp - Tensors of indices as sums over dimensions -------===//
//
// Part of the Tegula Project, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "ir/analysis/AffineIndex.h"
#include "ir/tile/Tile.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/IR/Matchers.h"
#include "llvm/ADT/TypeSwitch.h"

using namespace mlir;
using namespace tegula;
using namespace tegula::ir;

static constexpr unsigned kMaxDepth = 64;

bool DimTerm::sameShapeAs(const DimTerm &other) const {
  return kind == other.kind && start == other.start && wrap == other.wrap &&
         index == other.index;
}

bool AffineIndex::isUniform() const {
  return llvm::all_of(dims, [](const auto &terms) { return terms.empty(); });
}

AffineIndex AffineIndex::operator+(const AffineIndex &other) const {
  AffineIndex sum = *this;
  sum.uniform = uniform + other.uniform;
  for (auto [mine, theirs] : llvm::zip(sum.dims, other.dims))
    for (const DimTerm &term : theirs) {
      auto same = llvm::find_if(
          mine, [&](const DimTerm &t) { return t.sameShapeAs(term); });
      if (same == mine.end()) {
        mine.push_back(term);
        continue;
      }
      same->coefficient = same->coefficient + term.coefficient;
      if (same->coefficient.isZero())
        mine.erase(same);
    }
  return sum;
}

AffineIndex AffineIndex::scaled(const Polynomial &factor) const {
  AffineIndex result = *this;
  result.uniform = uniform * factor;
  for (auto &terms : result.dims) {
    for (DimTerm &term : terms)
      term.coefficient = term.coefficient * factor;
    llvm::erase_if(terms,
                   [](const DimTerm &t) { return t.coefficient.isZero(); });
  }
  return result;
}

//===----------------------------------------------------------------------===//
// Shape changes, the same for indices, pointers and masks
//===----------------------------------------------------------------------===//

/// Which dimension of the source each dimension of the result is; -1 for a new
/// one of size 1. Fails where a dimension is cut or merged.
static std::optional<SmallVector<int>> dimensionMap(Operation *op) {
  SmallVector<int> map;
  if (auto expand = dyn_cast<tile::ExpandDimsOp>(op)) {
    int rank = tile::shapeOf(expand.getType()).size();
    for (int dim = 0, from = 0; dim < rank; ++dim)
      map.push_back(dim == static_cast<int>(expand.getAxis()) ? -1 : from++);
    return map;
  }
  if (auto trans = dyn_cast<tile::TransOp>(op)) {
    map.assign(trans.getOrder().begin(), trans.getOrder().end());
    return map;
  }
  if (auto broadcast = dyn_cast<tile::BroadcastOp>(op)) {
    ArrayRef<int64_t> from = tile::shapeOf(broadcast.getSrc().getType());
    for (int dim = 0, rank = from.size(); dim < rank; ++dim)
      map.push_back(dim);
    return map;
  }
  auto reshape = dyn_cast<tile::ReshapeOp>(op);
  if (!reshape)
    return std::nullopt;
  // Only dimensions of size 1 come and go.
  ArrayRef<int64_t> from = tile::shapeOf(reshape.getSrc().getType());
  int next = 0, rank = from.size();
  for (int64_t size : tile::shapeOf(reshape.getType())) {
    while (next < rank && from[next] == 1 && size != 1)
      ++next;
    if (next < rank && from[next] == size)
      map.push_back(next++);
    else if (size == 1)
      map.push_back(-1);
    else
      return std::nullopt;
  }
  while (next < rank && from[next] == 1)
    ++next;
  return next == rank ? std::optional(map) : std::nullopt;
}

/// Terms of a dimension of size 1 are constants: only linear ones are known.
static bool dropUnitTerms(AffineIndex &index, ArrayRef<int64_t> shape) {
  for (auto [terms, size] : llvm::zip(index.dims, shape)) {
    if (size != 1)
      continue;
    for (const DimTerm &term : terms)
      if (term.kind != DimTerm::Kind::Linear)
        return false;
    terms.clear();
  }
  return true;
}

static std::optional<AffineIndex> reshaped(AffineIndex index, Operation *op) {
  auto map = dimensionMap(op);
  if (!map || !dropUnitTerms(index, tile::shapeOf(op->getOperand(0).getType())))
    return std::nullopt;
  AffineIndex result;
  result.uniform = index.uniform;
  for (int from : *map) {
    result.dims.emplace_back();
    if (from >= 0)
      result.dims.back() = index.dims[from];
  }
  return result;
}

//===----------------------------------------------------------------------===//
// Indices
//===----------------------------------------------------------------------===//

static AffineIndex uniformIndex(Polynomial value, unsigned rank) {
  AffineIndex index;
  index.uniform = std::move(value);
  index.dims.resize(rank);
  return index;
}

static std::optional<AffineIndex> affine(Value value, unsigned depth);

/// x mod n: kept as a wrapped term if x walks one dimension by steps of 1 and
/// is never negative.
static std::optional<AffineIndex> wrapped(Operation *op, unsigned depth) {
  auto lhs = affine(op->getOperand(0), depth);
  auto rhs = affine(op->getOperand(1), depth);
  if (!lhs || !rhs || !rhs->isUniform() || !lhs->uniform.isNonNegative())
    return std::nullopt;
  DimTerm *walked = nullptr;
  for (auto &terms : lhs->dims)
    for (DimTerm &term : terms) {
      if (walked || term.kind != DimTerm::Kind::Linear ||
          term.coefficient.constant() != 1)
        return std::nullopt;
      walked = &term;
    }
  if (!walked)
    return std::nullopt;
  walked->kind = DimTerm::Kind::Wrapped;
  walked->start = lhs->uniform;
  walked->wrap = rhs->uniform;
  lhs->uniform = Polynomial();
  return lhs;
}

static std::optional<AffineIndex> affineOfOp(Operation *op, unsigned depth) {
  unsigned rank = tile::shapeOf(op->getResult(0).getType()).size();
  auto operand = [&](unsigned i) { return affine(op->getOperand(i), depth); };
  if (auto range = dyn_cast<tile::RangeOp>(op)) {
    AffineIndex index =
        uniformIndex(Polynomial(static_cast<int32_t>(range.getStart())), rank);
    DimTerm term;
    term.coefficient = Polynomial(1);
    index.dims[0].push_back(term);
    return index;
  }
  if (auto splat = dyn_cast<tile::SplatOp>(op))
    return uniformIndex(Polynomial::of(splat.getSrc()), rank);
  DenseElementsAttr dense;
  if (matchPattern(op->getResult(0), m_Constant(&dense)) && dense.isSplat())
    return uniformIndex(Polynomial(dense.getSplatValue<APInt>().getSExtValue()),
                        rank);
  if (isa<tile::BroadcastOp, tile::ExpandDimsOp, tile::TransOp,
          tile::ReshapeOp>(op)) {
    auto inner = operand(0);
    return inner ? reshaped(*inner, op) : std::nullopt;
  }
  if (isa<arith::ExtSIOp, arith::TruncIOp, arith::IndexCastOp>(op)) {
    if (tile::isBoolLike(op->getOperand(0).getType()))
      return std::nullopt;
    return operand(0);
  }
  if (isa<arith::RemSIOp, arith::RemUIOp>(op))
    return wrapped(op, depth);
  if (!isa<arith::AddIOp, arith::SubIOp, arith::MulIOp, arith::ShLIOp>(op))
    return std::nullopt;
  auto lhs = operand(0), rhs = operand(1);
  if (!lhs || !rhs)
    return std::nullopt;
  if (isa<arith::AddIOp>(op))
    return *lhs + *rhs;
  if (isa<arith::SubIOp>(op))
    return *lhs + rhs->scaled(Polynomial(-1));
  if (isa<arith::ShLIOp>(op)) {
    auto shift = rhs->isUniform() ? rhs->uniform.constant() : std::nullopt;
    if (!shift || *shift < 0 || *shift > 30)
      return std::nullopt;
    return lhs->scaled(Polynomial(int64_t(1) << *shift));
  }
  if (rhs->isUniform())
    return lhs->scaled(rhs->uniform);
  if (lhs->isUniform())
    return rhs->scaled(lhs->uniform);
  return std::nullopt;
}

static std::optional<AffineIndex> affine(Value value, unsigned depth) {
  auto type = dyn_cast<RankedTensorType>(value.getType());
  if (!type || !tile::isIntLike(type) || depth > kMaxDepth)
    return std::nullopt;
  if (Operation *op = value.getDefiningOp())
    if (auto index = affineOfOp(op, depth + 1))
      return index;
  // Any 1-D tensor can be read along its dimension.
  if (type.getRank() != 1 || tile::isBoolLike(type))
    return std::nullopt;
  AffineIndex index = uniformIndex(Polynomial(), 1);
  DimTerm term;
  term.kind = DimTerm::Kind::Indexed;
  term.coefficient = Polynomial(1);
  term.index = value;
  index.dims[0].push_back(term);
  return index;
}

std::optional<AffineIndex> AffineIndex::of(Value tensor) {
  return affine(tensor, 0);
}

//===----------------------------------------------------------------------===//
// Pointers
//===----------------------------------------------------------------------===//

static std::optional<AffinePointer> pointer(Value value, unsigned depth,
                                            Operation *&blocker) {
  Operation *op = value.getDefiningOp();
  blocker = op ? op : value.getParentBlock()->getParentOp();
  if (!op || depth > kMaxDepth)
    return std::nullopt;
  unsigned rank = tile::shapeOf(value.getType()).size();
  if (auto splat = dyn_cast<tile::SplatOp>(op))
    return AffinePointer{splat.getSrc(), uniformIndex(Polynomial(), rank)};
  if (auto add = dyn_cast<tile::PtrAddOp>(op)) {
    auto base = pointer(add.getPtr(), depth + 1, blocker);
    if (!base)
      return std::nullopt;
    auto offset = AffineIndex::of(add.getOffset());
    if (!offset) {
      Operation *source = add.getOffset().getDefiningOp();
      blocker = source ? source : op;
      return std::nullopt;
    }
    base->offset = base->offset + *offset;
    return base;
  }
  if (isa<tile::BroadcastOp, tile::ExpandDimsOp, tile::TransOp,
          tile::ReshapeOp>(op)) {
    auto inner = pointer(op->getOperand(0), depth + 1, blocker);
    if (!inner)
      return std::nullopt;
    auto index = reshaped(inner->offset, op);
    blocker = op;
    if (!index)
      return std::nullopt;
    inner->offset = *index;
    return inner;
  }
  return std::nullopt;
}

std::optional<AffinePointer> AffinePointer::of(Value tensor,
                                               Operation *&blocker) {
  return pointer(tensor, 0, blocker);
}

//===----------------------------------------------------------------------===//
// Masks
//===----------------------------------------------------------------------===//

/// Adds what `difference (predicate) 0` says, if it bounds one dimension.
static bool addBound(MaskBounds &mask, arith::CmpIPredicate predicate,
                     const AffineIndex &difference) {
  int walked = -1;
  for (auto [dim, terms] : llvm::enumerate(difference.dims)) {
    if (terms.empty())
      continue;
    if (walked >= 0 || terms.size() != 1 ||
        terms[0].kind != DimTerm::Kind::Linear)
      return false;
    walked = dim;
  }
  if (walked < 0)
    return false;
  auto coefficient = difference.dims[walked][0].coefficient.constant();
  if (coefficient != 1 && coefficient != -1)
    return false;
  // u + i < 0 is i < -u; u - i < 0 is i > u, that is i >= u + 1.
  const Polynomial &u = difference.uniform;
  MaskBounds::Dim &bounds = mask.dims[walked];
  bool up = coefficient == 1;
  auto below = [&](Polynomial bound) { bounds.uppers.push_back(bound); };
  auto from = [&](Polynomial bound) { bounds.lowers.push_back(bound); };
  Polynomial minus = Polynomial() - u, one(1);
  switch (predicate) {
  case arith::CmpIPredicate::slt:
    return up ? below(minus) : from(u + one), true;
  case arith::CmpIPredicate::sle:
    return up ? below(minus + one) : from(u), true;
  case arith::CmpIPredicate::sgt:
    return up ? from(minus + one) : below(u), true;
  case arith::CmpIPredicate::sge:
    return up ? from(minus) : below(u + one), true;
  case arith::CmpIPredicate::eq:
    from(up ? minus : u);
    below((up ? minus : u) + one);
    return true;
  default:
    return false;
  }
}

/// Unsigned comparisons of values that are never negative are signed ones.
static std::optional<arith::CmpIPredicate>
signedPredicate(arith::CmpIPredicate predicate, bool nonNegative) {
  switch (predicate) {
  case arith::CmpIPredicate::ult:
    predicate = arith::CmpIPredicate::slt;
    break;
  case arith::CmpIPredicate::ule:
    predicate = arith::CmpIPredicate::sle;
    break;
  case arith::CmpIPredicate::ugt:
    predicate = arith::CmpIPredicate::sgt;
    break;
  case arith::CmpIPredicate::uge:
    predicate = arith::CmpIPredicate::sge;
    break;
  default:
    return predicate;
  }
  if (!nonNegative)
    return std::nullopt;
  return predicate;
}

static bool isNeverNegative(const AffineIndex &index) {
  for (const auto &terms : index.dims)
    for (const DimTerm &term : terms)
      if (term.kind != DimTerm::Kind::Linear ||
          !term.coefficient.isNonNegative())
        return false;
  return index.uniform.isNonNegative();
}

static MaskBounds wholeAsRest(Value mask, unsigned rank) {
  MaskBounds bounds;
  bounds.dims.resize(rank);
  bounds.rest.push_back(mask);
  return bounds;
}

static MaskBounds boundsOf(Value mask, unsigned depth) {
  unsigned rank = tile::shapeOf(mask.getType()).size();
  MaskBounds bounds;
  bounds.dims.resize(rank);
  Operation *op = mask.getDefiningOp();
  if (!op || depth > kMaxDepth)
    return wholeAsRest(mask, rank);
  DenseElementsAttr dense;
  if (matchPattern(mask, m_Constant(&dense)) && dense.isSplat() &&
      dense.getSplatValue<bool>())
    return bounds;
  if (auto splat = dyn_cast<tile::SplatOp>(op)) {
    bounds.conditions.push_back(splat.getSrc());
    return bounds;
  }
  if (isa<arith::AndIOp>(op)) {
    for (Value operand : op->getOperands()) {
      MaskBounds part = boundsOf(operand, depth + 1);
      for (auto [mine, theirs] : llvm::zip(bounds.dims, part.dims)) {
        mine.lowers.append(theirs.lowers);
        mine.uppers.append(theirs.uppers);
      }
      bounds.conditions.append(part.conditions);
      bounds.rest.append(part.rest);
    }
    return bounds;
  }
  if (isa<tile::BroadcastOp, tile::ExpandDimsOp, tile::TransOp,
          tile::ReshapeOp>(op)) {
    auto map = dimensionMap(op);
    MaskBounds inner = boundsOf(op->getOperand(0), depth + 1);
    if (!map || !inner.rest.empty())
      return wholeAsRest(mask, rank);
    ArrayRef<int64_t> from = tile::shapeOf(op->getOperand(0).getType());
    ArrayRef<int64_t> to = tile::shapeOf(mask.getType());
    bounds.conditions = inner.conditions;
    for (auto [dim, source] : llvm::enumerate(*map)) {
      if (source < 0)
        continue;
      bool repeats = from[source] != to[dim];
      if (repeats && (!inner.dims[source].lowers.empty() ||
                      !inner.dims[source].uppers.empty()))
        return wholeAsRest(mask, rank);
      bounds.dims[dim] = inner.dims[source];
    }
    return bounds;
  }
  auto compare = dyn_cast<arith::CmpIOp>(op);
  if (!compare)
    return wholeAsRest(mask, rank);
  auto lhs = AffineIndex::of(compare.getLhs());
  auto rhs = AffineIndex::of(compare.getRhs());
  if (!lhs || !rhs)
    return wholeAsRest(mask, rank);
  auto predicate = signedPredicate(
      compare.getPredicate(), isNeverNegative(*lhs) && isNeverNegative(*rhs));
  if (!predicate ||
      !addBound(bounds, *predicate, *lhs + rhs->scaled(Polynomial(-1))))
    return wholeAsRest(mask, rank);
  return bounds;
}

MaskBounds MaskBounds::of(Value mask) { return boundsOf(mask, 0); }
