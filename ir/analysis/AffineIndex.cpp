//===- AffineIndex.cpp - Index tensors as sums over coordinates
//
// Part of the Tegula Project, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "ir/analysis/AffineIndex.h"
#include "ir/tile/Tile.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/IR/Matchers.h"
#include "llvm/ADT/STLExtras.h"
#include "llvm/ADT/TypeSwitch.h"

using namespace mlir;
using namespace tegula;
using namespace tegula::ir;

//===----------------------------------------------------------------------===//
// Scalars
//===----------------------------------------------------------------------===//

/// Integers of these widths are taken for indices, narrower ones for data.
static bool isIndexWidth(Type type) {
  Type element = tile::elementTypeOf(type);
  return element.isIndex() ||
         (element.isInteger() && element.getIntOrFloatBitWidth() >= 32 &&
          element.getIntOrFloatBitWidth() <= 64);
}

static std::optional<int64_t> constantOf(Value value) {
  APInt constant;
  if (matchPattern(value, m_ConstantInt(&constant)) &&
      constant.getBitWidth() <= 64)
    return constant.getSExtValue();
  return std::nullopt;
}

/// The factor of a left shift by a constant.
static std::optional<int64_t> shiftFactor(Value amount) {
  std::optional<int64_t> bits = constantOf(amount);
  if (bits && *bits >= 0 && *bits < 32)
    return int64_t(1) << *bits;
  return std::nullopt;
}

Leaf IndexAnalysis::leaf(Value value, bool isUnsigned) {
  Type element = tile::elementTypeOf(value.getType());
  bool matters = element.isInteger() && element.getIntOrFloatBitWidth() < 64;
  return {value, isUnsigned && matters && !signs.isNonNegative(value)};
}

Polynomial IndexAnalysis::scalar(Value value, bool isUnsigned) {
  auto key = std::make_pair(value, unsigned(isUnsigned));
  if (auto it = scalars.find(key); it != scalars.end())
    return it->second;
  Polynomial result = scalarUncached(value, isUnsigned);
  if (result.isTooLarge())
    result = Polynomial(leaf(value, isUnsigned));
  scalars.try_emplace(key, result);
  return result;
}

Polynomial IndexAnalysis::scalarUncached(Value value, bool isUnsigned) {
  Operation *op = value.getDefiningOp();
  Polynomial self(leaf(value, isUnsigned));
  if (!op || !isIndexWidth(value.getType()))
    return self;
  if (std::optional<int64_t> constant = constantOf(value))
    return *constant;
  auto operand = [&](unsigned i) {
    return scalar(op->getOperand(i), isUnsigned);
  };
  // A widened narrow integer is a leaf with the sign of its widening.
  auto widened = [&](bool fromUnsigned) {
    Value source = op->getOperand(0);
    return isIndexWidth(source.getType())
               ? scalar(source, fromUnsigned)
               : Polynomial(leaf(source, fromUnsigned));
  };
  return llvm::TypeSwitch<Operation *, Polynomial>(op)
      .Case<arith::AddIOp>([&](auto) { return operand(0) + operand(1); })
      .Case<arith::SubIOp>([&](auto) { return operand(0) - operand(1); })
      .Case<arith::MulIOp>([&](auto) { return operand(0) * operand(1); })
      .Case<arith::ShLIOp>([&](auto) {
        auto factor = shiftFactor(op->getOperand(1));
        return factor ? operand(0) * Polynomial(*factor) : self;
      })
      .Case<arith::ExtSIOp>([&](auto) { return widened(false); })
      .Case<arith::ExtUIOp>([&](auto) { return widened(true); })
      .Case<arith::TruncIOp, arith::IndexCastOp>([&](auto) {
        return isIndexWidth(op->getOperand(0).getType()) ? operand(0) : self;
      })
      .Case<arith::DivSIOp>([&](auto) {
        std::optional<int64_t> divisor = constantOf(op->getOperand(1));
        if (!divisor || *divisor <= 0)
          return self;
        return operand(0).dividedBy(*divisor).value_or(self);
      })
      .Default([&](auto) { return self; });
}

//===----------------------------------------------------------------------===//
// Forms
//===----------------------------------------------------------------------===//

const IndexedTerm *DimForm::asWrapped() const {
  return stride.isZero() && terms.size() == 1 && terms.front().wrap
             ? &terms.front()
             : nullptr;
}

bool AffineForm::isUniform() const {
  return llvm::all_of(dims, [](const DimForm &dim) { return dim.isZero(); });
}

int AffineForm::onlyDim() const {
  int found = -1;
  for (auto [d, dim] : llvm::enumerate(dims)) {
    if (dim.isZero())
      continue;
    if (found >= 0)
      return -1;
    found = d;
  }
  return found;
}

bool AffineForm::isTooLarge() const {
  return uniform.isTooLarge() || llvm::any_of(dims, [](const DimForm &dim) {
           return dim.stride.isTooLarge() || dim.terms.size() > 4;
         });
}

AffineForm AffineForm::scaledBy(const Polynomial &factor) const {
  AffineForm result;
  result.uniform = uniform * factor;
  for (const DimForm &dim : dims) {
    DimForm &scaled = result.dims.emplace_back();
    scaled.stride = dim.stride * factor;
    if (factor.isZero())
      continue;
    for (IndexedTerm term : dim.terms) {
      term.coefficient = term.coefficient * factor;
      scaled.terms.push_back(term);
    }
  }
  return result;
}

AffineForm AffineForm::operator+(const AffineForm &other) const {
  AffineForm result = *this;
  result.uniform = uniform + other.uniform;
  for (auto [dim, more] : llvm::zip(result.dims, other.dims)) {
    dim.stride = dim.stride + more.stride;
    for (const IndexedTerm &term : more.terms) {
      auto same = llvm::find_if(dim.terms, [&](const IndexedTerm &candidate) {
        return candidate.tensor == term.tensor;
      });
      if (same == dim.terms.end()) {
        dim.terms.push_back(term);
        continue;
      }
      same->coefficient = same->coefficient + term.coefficient;
      if (same->coefficient.isZero())
        dim.terms.erase(same);
    }
  }
  return result;
}

AffineForm AffineForm::operator-(const AffineForm &other) const {
  return *this + other.scaledBy(-1);
}

//===----------------------------------------------------------------------===//
// Shapes
//===----------------------------------------------------------------------===//

bool tegula::ir::isShapeOp(Operation *op) {
  return isa_and_nonnull<tile::BroadcastOp, tile::ExpandDimsOp, tile::TransOp,
                         tile::ReshapeOp>(op);
}

/// Cuts one dimension of the source, of `size`, into `parts` (their product).
/// Only a strided dimension can be cut.
static bool splitDim(const DimForm &dim, ArrayRef<int64_t> parts,
                     SmallVectorImpl<DimForm> &out) {
  int64_t inner = 1;
  size_t first = out.size();
  bool single = llvm::count_if(parts, [](int64_t p) { return p != 1; }) <= 1;
  if (!single && !dim.terms.empty())
    return false;
  out.resize(first + parts.size());
  for (size_t k = parts.size(); k-- > 0;) {
    if (parts[k] == 1)
      continue;
    out[first + k].stride = dim.stride * Polynomial(inner);
    out[first + k].terms = dim.terms;
    inner *= parts[k];
  }
  return true;
}

/// Joins dimensions of `sizes` into one, if each steps over the next.
static std::optional<DimForm> joinDims(ArrayRef<DimForm> dims,
                                       ArrayRef<int64_t> sizes) {
  DimForm joined;
  int64_t inner = 1;
  bool first = true;
  for (size_t k = dims.size(); k-- > 0;) {
    if (sizes[k] == 1)
      continue;
    if (first)
      joined = dims[k];
    else if (!joined.terms.empty() || !dims[k].terms.empty() ||
             dims[k].stride != joined.stride * Polynomial(inner))
      return std::nullopt;
    first = false;
    inner *= sizes[k];
  }
  return joined;
}

static std::optional<AffineForm> reshapeDims(const AffineForm &form,
                                             ArrayRef<int64_t> from,
                                             ArrayRef<int64_t> to) {
  AffineForm result;
  result.uniform = form.uniform;
  size_t i = 0, j = 0;
  while (i < from.size() || j < to.size()) {
    // The shortest run on both sides with the same number of elements.
    size_t firstFrom = i, firstTo = j;
    int64_t left = i < from.size() ? from[i++] : 1;
    int64_t right = j < to.size() ? to[j++] : 1;
    while (left != right) {
      if (left < right && i < from.size())
        left *= from[i++];
      else if (right < left && j < to.size())
        right *= to[j++];
      else
        return std::nullopt;
    }
    ArrayRef<DimForm> dims(form.dims);
    std::optional<DimForm> joined =
        joinDims(dims.slice(firstFrom, i - firstFrom),
                 from.slice(firstFrom, i - firstFrom));
    if (!joined ||
        !splitDim(*joined, to.slice(firstTo, j - firstTo), result.dims))
      return std::nullopt;
  }
  return result;
}

std::optional<AffineForm> tegula::ir::reshapeForm(const AffineForm &form,
                                                  Operation *shapeOp) {
  AffineForm result;
  result.uniform = form.uniform;
  if (isa<tile::BroadcastOp>(shapeOp))
    return form; // A dimension of size 1 does nothing, nor does its copy.
  if (auto expand = dyn_cast<tile::ExpandDimsOp>(shapeOp)) {
    result.dims = form.dims;
    result.dims.insert(result.dims.begin() + expand.getAxis(), DimForm());
    return result;
  }
  if (auto trans = dyn_cast<tile::TransOp>(shapeOp)) {
    for (int32_t from : trans.getOrder())
      result.dims.push_back(form.dims[from]);
    return result;
  }
  auto reshape = cast<tile::ReshapeOp>(shapeOp);
  return reshapeDims(form, tile::shapeOf(reshape.getSrc().getType()),
                     tile::shapeOf(reshape.getType()));
}

//===----------------------------------------------------------------------===//
// Tensors
//===----------------------------------------------------------------------===//

bool IndexAnalysis::isNonNegative(const Polynomial &polynomial) {
  for (const auto &[monomial, coefficient] : polynomial.terms())
    if (coefficient < 0)
      return false;
  return polynomial.allLeaves([&](const Leaf &leaf) {
    return leaf.isUnsigned || signs.isNonNegative(leaf.value);
  });
}

bool IndexAnalysis::isNonNegative(const AffineForm &form) {
  return isNonNegative(form.uniform) &&
         llvm::all_of(form.dims, [&](const DimForm &dim) {
           return isNonNegative(dim.stride) &&
                  llvm::all_of(dim.terms, [&](const IndexedTerm &term) {
                    return isNonNegative(term.coefficient) &&
                           (term.tensor.isUnsigned ||
                            signs.isNonNegative(term.tensor.value));
                  });
         });
}

Expressed<AffineForm> IndexAnalysis::index(Value value, bool isUnsigned) {
  auto key = std::make_pair(value, unsigned(isUnsigned));
  if (auto it = indices.find(key); it != indices.end())
    return it->second;
  Expressed<AffineForm> result = indexUncached(value, isUnsigned);
  if (result && result->isTooLarge())
    result = opaque(value, isUnsigned);
  indices.try_emplace(key, result);
  return result;
}

/// A value that isn't looked into: a leaf if it has one element, a term of its
/// dimension if it varies along one, otherwise it has no form.
Expressed<AffineForm> IndexAnalysis::opaque(Value value, bool isUnsigned,
                                            Value blocker) {
  ArrayRef<int64_t> shape = tile::shapeOf(value.getType());
  AffineForm form;
  form.dims.resize(shape.size());
  int varying = -1;
  for (auto [d, size] : llvm::enumerate(shape)) {
    if (size == 1)
      continue;
    if (varying >= 0)
      return Expressed<AffineForm>::blockedBy(blocker ? blocker : value);
    varying = d;
  }
  if (varying < 0)
    form.uniform = Polynomial(leaf(value, isUnsigned));
  else
    form.dims[varying].terms.push_back({1, leaf(value, isUnsigned), {}});
  return form;
}

/// `x % n`: a wrap-around if x steps by 1 along one dimension and isn't
/// negative, x itself if it is a constant range below n.
std::optional<AffineForm> IndexAnalysis::remainder(Operation *op,
                                                   bool isUnsigned) {
  Expressed<AffineForm> lhs = index(op->getOperand(0), isUnsigned);
  Expressed<AffineForm> rhs = index(op->getOperand(1));
  // As unsigned, a modulus that is negative is a large one.
  if (isa<arith::RemUIOp>(op) && rhs && !isNonNegative(*rhs)) {
    rhs = index(op->getOperand(1), /*isUnsigned=*/true);
    if (!rhs || !rhs->uniform.asLeaf())
      return std::nullopt;
  }
  if (!lhs || !rhs || !rhs->isUniform() || !isNonNegative(*lhs))
    return std::nullopt;
  int dim = lhs->onlyDim();
  if (dim < 0 || !lhs->dims[dim].terms.empty() ||
      !lhs->dims[dim].stride.isOne() || !isIndexLike(lhs->uniform))
    return std::nullopt;
  int64_t size = tile::shapeOf(op->getResult(0).getType())[dim];
  std::optional<int64_t> modulus = rhs->uniform.constant();
  if (modulus && *modulus > 0) {
    // Whole multiples of the modulus don't count; what is left may never reach
    // it.
    Polynomial rest = lhs->uniform.withoutConstant();
    int64_t last = lhs->uniform.constantTerm() + size - 1;
    if (rest.dividedBy(*modulus) && last < *modulus) {
      AffineForm result = *lhs;
      result.uniform = lhs->uniform.constantTerm();
      return result;
    }
  }
  AffineForm result;
  result.dims.resize(lhs->dims.size());
  result.dims[dim].terms.push_back(
      {1, leaf(op->getResult(0), isUnsigned),
       IndexedTerm::Wrap{lhs->uniform, rhs->uniform}});
  return result;
}

/// `x / c` where c divides all of x, or all but a part that stays below c.
std::optional<AffineForm> IndexAnalysis::quotient(Operation *op,
                                                  bool isUnsigned) {
  std::optional<int64_t> divisor = constantOf(op->getOperand(1));
  Expressed<AffineForm> lhs = index(op->getOperand(0), isUnsigned);
  if (!lhs || !divisor || *divisor <= 0 || !isIndexLike(lhs->uniform) ||
      (isa<arith::DivUIOp>(op) && !isNonNegative(*lhs)))
    return std::nullopt;
  AffineForm result;
  result.dims.resize(lhs->dims.size());
  int64_t last = lhs->uniform.constantTerm() % *divisor;
  bool exact = last == 0;
  result.uniform = lhs->uniform.constantTerm() / *divisor;
  auto uniform = lhs->uniform.withoutConstant().dividedBy(*divisor);
  if (!uniform || last < 0)
    return std::nullopt;
  result.uniform = result.uniform + *uniform;
  ArrayRef<int64_t> shape = tile::shapeOf(op->getResult(0).getType());
  for (auto [from, to, size] : llvm::zip(lhs->dims, result.dims, shape)) {
    if (!from.terms.empty())
      return std::nullopt;
    if (auto stride = from.stride.dividedBy(*divisor)) {
      to.stride = *stride;
      continue;
    }
    std::optional<int64_t> step = from.stride.constant();
    if (!step || *step < 0 || *step >= *divisor)
      return std::nullopt;
    exact = false;
    last += *step * (size - 1);
  }
  // Truncation and floor agree only where nothing is negative.
  if (exact || (last < *divisor && isNonNegative(*lhs)))
    return result;
  return std::nullopt;
}

Expressed<AffineForm> IndexAnalysis::indexUncached(Value value,
                                                   bool isUnsigned) {
  auto type = dyn_cast<RankedTensorType>(value.getType());
  if (!type)
    return AffineForm{scalar(value, isUnsigned), {}};
  Operation *op = value.getDefiningOp();
  if (!op || !isIndexWidth(type))
    return opaque(value, isUnsigned);
  AffineForm form;
  form.dims.resize(type.getRank());
  if (std::optional<int64_t> constant = constantOf(value)) {
    form.uniform = *constant;
    return form;
  }
  if (auto range = dyn_cast<tile::RangeOp>(op)) {
    form.uniform = static_cast<int32_t>(range.getStart());
    form.dims[0].stride = type.getDimSize(0) == 1 ? 0 : 1;
    return form;
  }
  if (auto splat = dyn_cast<tile::SplatOp>(op)) {
    form.uniform = scalar(splat.getSrc(), isUnsigned);
    return form;
  }
  if (isShapeOp(op)) {
    Expressed<AffineForm> source = index(op->getOperand(0), isUnsigned);
    if (!source)
      return opaque(value, isUnsigned, source.blocker);
    if (auto reshaped = reshapeForm(*source, op))
      return *reshaped;
    return opaque(value, isUnsigned);
  }
  if (isa<arith::RemSIOp, arith::RemUIOp>(op)) {
    auto result = remainder(op, isUnsigned);
    return result ? *result : opaque(value, isUnsigned);
  }
  if (isa<arith::DivSIOp, arith::DivUIOp>(op)) {
    auto result = quotient(op, isUnsigned);
    return result ? *result : opaque(value, isUnsigned);
  }
  return arithmetic(value, isUnsigned);
}

Expressed<AffineForm> IndexAnalysis::arithmetic(Value value, bool isUnsigned) {
  Operation *op = value.getDefiningOp();
  if (!isa<arith::AddIOp, arith::SubIOp, arith::MulIOp, arith::ShLIOp,
           arith::ExtSIOp, arith::ExtUIOp, arith::TruncIOp, arith::IndexCastOp>(
          op))
    return opaque(value, isUnsigned);
  if (!isIndexWidth(op->getOperand(0).getType()))
    return opaque(value, isUnsigned);
  if (isa<arith::ExtSIOp>(op))
    isUnsigned = false;
  if (isa<arith::ExtUIOp>(op))
    isUnsigned = true;
  Expressed<AffineForm> lhs = index(op->getOperand(0), isUnsigned);
  if (!lhs)
    return opaque(value, isUnsigned, lhs.blocker);
  if (op->getNumOperands() == 1)
    return lhs;
  Expressed<AffineForm> rhs = index(op->getOperand(1), isUnsigned);
  if (!rhs)
    return opaque(value, isUnsigned, rhs.blocker);
  if (isa<arith::AddIOp>(op))
    return *lhs + *rhs;
  if (isa<arith::SubIOp>(op))
    return *lhs - *rhs;
  if (isa<arith::MulIOp>(op) && rhs->isUniform())
    return lhs->scaledBy(rhs->uniform);
  if (isa<arith::MulIOp>(op) && lhs->isUniform())
    return rhs->scaledBy(lhs->uniform);
  if (auto factor = shiftFactor(op->getOperand(1));
      isa<arith::ShLIOp>(op) && factor)
    return lhs->scaledBy(*factor);
  return opaque(value, isUnsigned);
}

//===----------------------------------------------------------------------===//
// Pointers
//===----------------------------------------------------------------------===//

Expressed<PointerForm> IndexAnalysis::pointer(Value value) {
  Operation *op = value.getDefiningOp();
  bool isScalar = !isa<RankedTensorType>(value.getType());
  if (auto add = dyn_cast_or_null<tile::PtrAddOp>(op)) {
    Expressed<PointerForm> base = pointer(add.getPtr());
    Expressed<AffineForm> offset = index(add.getOffset());
    if (!base)
      return base;
    if (!offset)
      return Expressed<PointerForm>::blockedBy(offset.blocker);
    return PointerForm{base->root, base->offset + *offset};
  }
  if (isScalar)
    return PointerForm{value, {}};
  if (auto splat = dyn_cast_or_null<tile::SplatOp>(op)) {
    Expressed<PointerForm> base = pointer(splat.getSrc());
    AffineForm form = base->offset;
    form.dims.resize(cast<RankedTensorType>(value.getType()).getRank());
    return PointerForm{base->root, form};
  }
  if (isShapeOp(op)) {
    Expressed<PointerForm> source = pointer(op->getOperand(0));
    if (!source)
      return source;
    if (auto reshaped = reshapeForm(source->offset, op))
      return PointerForm{source->root, *reshaped};
  }
  return Expressed<PointerForm>::blockedBy(value);
}

//===----------------------------------------------------------------------===//
// What looks like an index
//===----------------------------------------------------------------------===//

bool tegula::ir::isIndexLike(const Polynomial &polynomial) {
  for (const auto &[monomial, coefficient] : polynomial.terms()) {
    uint64_t magnitude =
        coefficient < 0 ? -static_cast<uint64_t>(coefficient) : coefficient;
    bool isPowerOf2 = (magnitude & (magnitude - 1)) == 0;
    if (!monomial.empty() && magnitude > (1u << 20) &&
        (!isPowerOf2 || magnitude > (uint64_t(1) << 32)))
      return false;
  }
  return true;
}
