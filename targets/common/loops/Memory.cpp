//===- Memory.cpp - Loads and stores of scalars and vectors
//
// Part of the Tegula Project, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "mlir/Dialect/Vector/IR/VectorOps.h"
#include "targets/common/loops/Lowering.h"

using namespace mlir;
using namespace tegula;
using namespace tegula::loops;

/// The type of an element in memory: types that LLVM lacks are bytes there.
Type Lowering::memoryType(Type element) const {
  if (isa<tile::PtrType>(element))
    return IntegerType::get(element.getContext(), 64);
  unsigned bits = tile::storageBits(element);
  if (element.isInteger() || (isa<FloatType>(element) && bits == 8))
    return IntegerType::get(element.getContext(), bits);
  return element;
}

static Type likeShape(Value value, Type element) {
  if (auto vector = dyn_cast<VectorType>(value.getType()))
    return VectorType::get(vector.getShape(), element);
  return element;
}

Value Lowering::fromMemory(Value value, Type element) {
  Type memory = memoryType(element);
  if (memory == element || isa<tile::PtrType>(element))
    return value;
  if (isa<FloatType>(element))
    return arith::BitcastOp::create(b, likeShape(value, element), value);
  if (element.isInteger(1)) // any non-zero byte is true
    return arith::CmpIOp::create(b, arith::CmpIPredicate::ne, value,
                                 zero(value.getType()));
  return arith::TruncIOp::create(b, likeShape(value, element), value);
}

Value Lowering::toMemory(Value value, Type element) {
  Type memory = memoryType(element);
  if (memory == element || isa<tile::PtrType>(element))
    return value;
  if (isa<FloatType>(element))
    return arith::BitcastOp::create(b, likeShape(value, memory), value);
  return arith::ExtUIOp::create(b, likeShape(value, memory), value);
}

Value Lowering::elementPtr(Value base, Value index, Type element) {
  if (constantOf(index) == 0)
    return base;
  Type result = base.getType();
  if (auto vector = dyn_cast<VectorType>(index.getType()))
    result = VectorType::get(vector.getShape(), base.getType());
  return LLVM::GEPOp::create(b, result, memoryType(element), base,
                             ArrayRef<LLVM::GEPArg>{index});
}

//===----------------------------------------------------------------------===//
// Some lanes of a vector
//===----------------------------------------------------------------------===//

/// Whether loads and stores of vectors of this type take a mask. LLVM makes a
/// branch for each lane of those that don't.
static bool isMaskNative(const targets::TargetDesc &desc, VectorType type) {
  return desc.maskedBits && type.getElementTypeBitWidth() >= desc.maskedBits;
}

/// The n where `mask` is the first n lanes (Lowering::firstLanes), else null.
static Value countOfFirst(Value mask) {
  auto compare = mask.getDefiningOp<arith::CmpIOp>();
  if (!compare || compare.getPredicate() != arith::CmpIPredicate::slt)
    return {};
  DenseIntElementsAttr steps;
  auto count = compare.getRhs().getDefiningOp<vector::BroadcastOp>();
  if (!count || !matchPattern(compare.getLhs(), m_Constant(&steps)))
    return {};
  for (auto [lane, step] : llvm::enumerate(steps.getValues<APInt>()))
    if (step != lane)
      return {};
  return count.getSource();
}

/// Calls `access` with the first lane and the number of lanes of each register
/// of a vector. Of masked accesses to several registers LLVM makes a branch for
/// each lane where the masks are SVE's.
static void forEachRegister(const targets::TargetDesc &desc, VectorType type,
                            function_ref<void(int64_t, int64_t)> access) {
  int64_t all = type.getNumElements();
  int64_t lanes =
      std::min<int64_t>(all, desc.lanes(type.getElementTypeBitWidth()));
  for (int64_t first = 0; first < all; first += lanes)
    access(first, lanes);
}

static Value lanesOf(ImplicitLocOpBuilder &b, Value vector, int64_t first,
                     int64_t lanes) {
  if (lanes == cast<VectorType>(vector.getType()).getDimSize(0))
    return vector;
  return vector::ExtractStridedSliceOp::create(
      b, vector, ArrayRef(first), ArrayRef(lanes), ArrayRef<int64_t>{1});
}

static Value laneAddress(ImplicitLocOpBuilder &b, Value ptr, Type element,
                         int64_t lane) {
  if (lane == 0)
    return ptr;
  return LLVM::GEPOp::create(b, ptr.getType(), element, ptr,
                             ArrayRef<LLVM::GEPArg>{int32_t(lane)});
}

/// All lanes are loaded if the vector lies within a page that an active lane
/// lies in too, which can't fault, and the inactive ones are thrown away. The
/// lanes of others cost nothing: they aren't written, and nobody looks at what
/// a race put there.
Value Lowering::loadMasked(Value ptr, VectorType type, Value mask,
                           Value fallback, unsigned align) {
  Type element = type.getElementType();
  auto masked = [&] {
    Value result = fallback;
    forEachRegister(desc, type, [&](int64_t first, int64_t lanes) {
      Value part = LLVM::MaskedLoadOp::create(
          b, VectorType::get(lanes, element),
          laneAddress(b, ptr, element, first), lanesOf(b, mask, first, lanes),
          lanesOf(b, fallback, first, lanes), align);
      result = lanes == type.getNumElements()
                   ? part
                   : vector::InsertStridedSliceOp::create(b, part, result,
                                                          ArrayRef(first),
                                                          ArrayRef<int64_t>{1});
    });
    return result;
  };
  constexpr int64_t pageBytes = 4096; // The least that a processor has.
  int64_t bytes = type.getNumElements() * type.getElementTypeBitWidth() / 8;
  if (isMaskNative(desc, type) || bytes > pageBytes / 8)
    return masked();
  Value address = LLVM::PtrToIntOp::create(b, b.getI64Type(), ptr);
  Value inPage = arith::AndIOp::create(b, address, constant(pageBytes - 1));
  Value fits = arith::CmpIOp::create(b, arith::CmpIPredicate::sle, inPage,
                                     constant(pageBytes - bytes));
  Value any = vector::ReductionOp::create(b, vector::CombiningKind::OR, mask);
  auto choice = scf::IfOp::create(b, type, arith::AndIOp::create(b, fits, any),
                                  /*withElseRegion=*/true);
  OpBuilder::InsertionGuard guard(b);
  b.setInsertionPointToStart(choice.thenBlock());
  Value whole = LLVM::LoadOp::create(b, type, ptr, align);
  Value blended = arith::SelectOp::create(b, mask, whole, fallback);
  scf::YieldOp::create(b, blended);
  b.setInsertionPointToStart(choice.elseBlock());
  scf::YieldOp::create(b, masked());
  return choice.getResult(0);
}

/// The first n lanes go by halves: a branch for each bit of n. Nothing beyond
/// them is written, since another thread may own it.
void Lowering::storeMasked(Value ptr, Value value, Value mask, unsigned align) {
  auto type = cast<VectorType>(value.getType());
  Value count = isMaskNative(desc, type) ? Value() : countOfFirst(mask);
  if (!count) {
    forEachRegister(desc, type, [&](int64_t first, int64_t lanes) {
      LLVM::MaskedStoreOp::create(
          b, lanesOf(b, value, first, lanes),
          laneAddress(b, ptr, type.getElementType(), first),
          lanesOf(b, mask, first, lanes), align);
    });
    return;
  }
  for (int64_t half = type.getNumElements() / 2; half; half /= 2) {
    Value low = lanesOf(b, value, 0, half);
    Value high = lanesOf(b, value, half, half);
    Value bit = arith::AndIOp::create(
        b, count, arith::ConstantOp::create(b, b.getI32IntegerAttr(half)));
    Value isSet = arith::CmpIOp::create(
        b, arith::CmpIPredicate::ne, bit,
        arith::ConstantOp::create(b, b.getI32IntegerAttr(0)));
    auto piece = scf::IfOp::create(b, TypeRange{ptr.getType(), low.getType()},
                                   isSet, /*withElseRegion=*/true);
    OpBuilder::InsertionGuard guard(b);
    b.setInsertionPointToStart(piece.thenBlock());
    LLVM::StoreOp::create(b, low, ptr, align);
    Value next = laneAddress(b, ptr, type.getElementType(), half);
    scf::YieldOp::create(b, ValueRange{next, high});
    b.setInsertionPointToStart(piece.elseBlock());
    scf::YieldOp::create(b, ValueRange{ptr, low});
    ptr = piece.getResult(0);
    value = piece.getResult(1);
  }
}

//===----------------------------------------------------------------------===//
// Whole vectors
//===----------------------------------------------------------------------===//

/// Loads `lanes` elements from `ptr` on. Inactive lanes give `other` (a chunk
/// or null for 0) and touch no memory.
Value Lowering::loadVector(Value ptr, Type element, int64_t lanes, Value mask,
                           Value other, bool isArena) {
  Type memory = memoryType(element);
  unsigned align = tile::storageBits(element) / 8;
  Type type = lanes == 1 ? memory : Type(VectorType::get({lanes}, memory));
  if (!mask)
    return fromMemory(LLVM::LoadOp::create(b, type, ptr, align), element);
  Value fallback =
      other ? toMemory(toVector(other, lanes), element) : zero(type);
  if (lanes == 1) {
    auto branch = scf::IfOp::create(b, type, mask, /*withElseRegion=*/true);
    OpBuilder::InsertionGuard guard(b);
    b.setInsertionPointToStart(branch.thenBlock());
    scf::YieldOp::create(
        b, ValueRange(LLVM::LoadOp::create(b, type, ptr, align).getResult()));
    b.setInsertionPointToStart(branch.elseBlock());
    scf::YieldOp::create(b, ValueRange(fallback));
    b.setInsertionPointAfter(branch);
    return fromMemory(branch.getResult(0), element);
  }
  Value loaded = loadMasked(ptr, cast<VectorType>(type), toVector(mask, lanes),
                            fallback, align);
  return fromMemory(loaded, element);
}

Value Lowering::gatherLanes(Value ptrs, Type element, int64_t lanes, Value mask,
                            Value other, bool isArena) {
  if (lanes == 1)
    return loadVector(ptrs, element, 1, mask, other, isArena);
  auto type = VectorType::get({lanes}, memoryType(element));
  unsigned align = tile::storageBits(element) / 8;
  // Lanes beyond the end of a tail strip have no element behind them. Facts
  // about the strip's own coordinate say so; here its lanes may have become
  // addresses.
  auto maskType = VectorType::get({lanes}, b.getI1Type());
  if (!isArena)
    for (const auto &[coord, facts] : levels[current].facts)
      if (facts.tailMask && facts.tailMask.getType() == maskType)
        mask = andMasks(mask, facts.tailMask);
  if (!mask)
    mask = arith::ConstantOp::create(b, DenseElementsAttr::get(maskType, true));
  Value fallback =
      other ? toMemory(toVector(other, lanes), element) : zero(type);
  Value gathered = LLVM::masked_gather::create(
      b, type, ptrs, toVector(mask, lanes), ValueRange(fallback), align);
  return fromMemory(gathered, element);
}

void Lowering::storeVector(Value ptr, Value value, Type element, Value mask,
                           bool isArena) {
  unsigned align = tile::storageBits(element) / 8;
  Value stored = toMemory(value, element);
  auto vector = dyn_cast<VectorType>(stored.getType());
  if (!mask) {
    bool stream = streamStores && !isArena && vector;
    if (stream)
      align *= vector.getDimSize(0);
    LLVM::StoreOp::create(b, stored, ptr, align, /*isVolatile=*/false, stream);
    return;
  }
  if (vector) {
    return storeMasked(ptr, stored, toVector(mask, vector.getDimSize(0)),
                       align);
  }
  auto branch = scf::IfOp::create(b, mask, /*withElseRegion=*/false);
  OpBuilder::InsertionGuard guard(b);
  b.setInsertionPointToStart(branch.thenBlock());
  LLVM::StoreOp::create(b, stored, ptr, align);
}

void Lowering::scatterLanes(Value ptrs, Value value, Type element, Value mask,
                            bool isArena) {
  auto vector = dyn_cast<VectorType>(ptrs.getType());
  if (!vector)
    return storeVector(ptrs, value, element, mask, isArena);
  int64_t lanes = vector.getDimSize(0);
  if (!mask)
    mask = arith::ConstantOp::create(
        b,
        DenseElementsAttr::get(VectorType::get({lanes}, b.getI1Type()), true));
  LLVM::masked_scatter::create(b, toMemory(toVector(value, lanes), element),
                               ptrs, toVector(mask, lanes),
                               tile::storageBits(element) / 8);
}
