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
  Value loaded = LLVM::MaskedLoadOp::create(b, type, ptr, toVector(mask, lanes),
                                            fallback, align);
  return fromMemory(loaded, element);
}

Value Lowering::gatherLanes(Value ptrs, Type element, int64_t lanes, Value mask,
                            Value other, bool isArena) {
  if (lanes == 1)
    return loadVector(ptrs, element, 1, mask, other, isArena);
  auto type = VectorType::get({lanes}, memoryType(element));
  unsigned align = tile::storageBits(element) / 8;
  if (!mask)
    mask = arith::ConstantOp::create(
        b,
        DenseElementsAttr::get(VectorType::get({lanes}, b.getI1Type()), true));
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
    LLVM::MaskedStoreOp::create(b, stored, ptr,
                                toVector(mask, vector.getDimSize(0)), align);
    return;
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
