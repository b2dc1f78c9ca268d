//===- Alias.cpp - Stores that may overwrite what they still read ---------===//
//
// Part of the Tegula Project, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// A tile store happens after all loads of its value. Its nest mixes the two
// chunk by chunk, which is the same thing if no chunk reads what an earlier one
// wrote: the arrays are disjoint, or each element is read where it is written.
// Triton pointers may alias, so this is decided when the kernel runs: by the
// launch (flag NO_ALIAS) or by comparing the address ranges of the boxes.
//
//===----------------------------------------------------------------------===//

#include "targets/common/loops/Lowering.h"
#include "tegula/abi.h"

using namespace mlir;
using namespace tegula;
using namespace tegula::loops;

void Lowering::collectLoads(Value value, bool samePlace, PulledLoads &loads) {
  Operation *op = value.getDefiningOp();
  if (ready.contains(value) || !op || !isPullable(op) || !isTensor(value) ||
      !loads.seen.insert({value, int(samePlace)}).second)
    return;
  if (isa<tile::LoadOp, tile::LoadBoxOp>(op))
    loads.list.push_back({op, samePlace});
  bool keepsPlace = op->hasTrait<OpTrait::Elementwise>() ||
                    isa<tile::FpConvertOp, tile::ExternMathOp>(op);
  for (Value operand : op->getOperands())
    collectLoads(operand, samePlace && keepsPlace, loads);
}

/// Is each element of the box in the place where the store has its own?
template <typename BoxOp>
static bool isSameMap(BoxOp box, tile::StoreBoxOp store) {
  return box.getBase() == store.getBase() &&
         box.getStarts() == store.getStarts() &&
         box.getStrides() == store.getStrides() && box.getIndices().empty() &&
         store.getIndices().empty() && box.getWraps() == store.getWraps();
}

/// First and last byte address + 1 that a box may touch; null for boxes that go
/// through indices.
template <typename BoxOp>
std::optional<std::pair<Value, Value>> Lowering::addressRange(BoxOp op) {
  if (!op.getIndices().empty())
    return std::nullopt;
  Type element = op.getTileType().getElementType();
  int64_t bytes = tile::storageBits(element) / 8;
  Value low = LLVM::PtrToIntOp::create(b, b.getI64Type(), scalar(op.getBase()));
  Value high = add(low, constant(bytes));
  for (auto [dim, size] : llvm::enumerate(op.getTileType().getShape())) {
    Value start = scalar(op.getStarts()[dim]);
    Value first = add(start, clamp(scalar(op.getLowers()[dim]), 0, size - 1));
    Value last = add(
        start, sub(clamp(scalar(op.getUppers()[dim]), 1, size), constant(1)));
    if (!op.getWraps().empty() && constantOf(op.getWraps()[dim]) != 0) {
      first = constant(0);
      last = sub(scalar(op.getWraps()[dim]), constant(1));
    }
    Value stride = mul(scalar(op.getStrides()[dim]), bytes);
    Value a = mul(first, stride), z = mul(last, stride);
    low = add(low, arith::MinSIOp::create(b, a, z));
    high = add(high, arith::MaxSIOp::create(b, a, z));
  }
  return std::make_pair(low, high);
}

Value Lowering::launchFlag(uint32_t flag) {
  // Whoever launches finds out whether arrays overlap only where that is asked.
  if (flag == TEGULA_LAUNCH_NO_ALIAS)
    target->setAttr("tegula.uses_aliases", b.getUnitAttr());
  Value flags = programField(offsetof(tegula_program, flags), b.getI32Type());
  Value masked = arith::AndIOp::create(
      b, flags, arith::ConstantOp::create(b, b.getI32IntegerAttr(flag)));
  return arith::CmpIOp::create(
      b, arith::CmpIPredicate::ne, masked,
      arith::ConstantOp::create(b, b.getI32IntegerAttr(0)));
}

/// An i1 that says whether the nest of `stores` may read while it writes; null
/// if it always may.
Value Lowering::mayInterleave(ArrayRef<tile::StoreBoxOp> stores) {
  PulledLoads loads;
  for (tile::StoreBoxOp op : stores) {
    collectLoads(op.getValue(), /*samePlace=*/true, loads);
    if (op.getMask())
      collectLoads(op.getMask(), /*samePlace=*/true, loads);
  }
  using Range = std::pair<Value, Value>;
  Value disjoint;
  auto isBefore = [&](const Range &low, const Range &high) {
    return arith::CmpIOp::create(b, arith::CmpIPredicate::ule, low.second,
                                 high.first);
  };
  auto require = [&](const Range &one, const Range &other) {
    disjoint = andMasks(disjoint, arith::OrIOp::create(b, isBefore(one, other),
                                                       isBefore(other, one)));
  };
  // A range costs instructions, so it is made for the first that asks.
  SmallVector<std::optional<Range>> ranges(stores.size());
  auto written = [&](size_t i) {
    if (!ranges[i])
      ranges[i] = addressRange(stores[i]);
    return ranges[i];
  };
  for (auto [i, op] : llvm::enumerate(stores)) {
    for (const PulledLoad &load : loads.list) {
      auto box = dyn_cast<tile::LoadBoxOp>(load.op);
      if (box && load.samePlace && isSameMap(box, op))
        continue;
      auto write = written(i);
      auto read = box && write ? addressRange(box) : std::nullopt;
      if (!read)
        return launchFlag(TEGULA_LAUNCH_NO_ALIAS);
      require(*read, *write);
    }
    // Of two stores to one place the later one is what stays.
    for (size_t earlier = 0; earlier < i; ++earlier) {
      if (isSameMap(stores[earlier], op))
        continue;
      auto before = written(earlier), after = written(i);
      if (!before || !after)
        return launchFlag(TEGULA_LAUNCH_NO_ALIAS);
      require(*before, *after);
    }
  }
  return disjoint;
}

/// Does the value of `op` read the very elements that are stored? They are in
/// the first cache, and a store past the caches would only take them from it.
bool Lowering::readsItsPlace(tile::StoreBoxOp op) {
  PulledLoads loads;
  collectLoads(op.getValue(), /*samePlace=*/true, loads);
  return llvm::any_of(loads.list, [&](const PulledLoad &load) {
    auto box = dyn_cast<tile::LoadBoxOp>(load.op);
    return box && load.samePlace && isSameMap(box, op);
  });
}

/// An i1 that says whether every strip of the store is aligned to its size,
/// which is a vector or, of narrow elements, the part of one that fills with
/// the next. Null if they never are.
Value Lowering::areStripsAligned(tile::StoreBoxOp op, int lanesDim,
                                 int64_t lanes) {
  Type element = op.getTileType().getElementType();
  int64_t bytes = tile::storageBits(element) / 8;
  constexpr int64_t smallestStore = 16;
  if (desc.vectorBits == 0 || lanes * bytes < smallestStore ||
      lanes * bytes * 8 > desc.vectorBits || !op.getIndices().empty() ||
      !op.getWraps().empty() || constantOf(op.getStrides()[lanesDim]) != 1 ||
      constantOf(op.getLowers()[lanesDim]).value_or(1) > 0)
    return {};
  Value bits =
      LLVM::PtrToIntOp::create(b, b.getI64Type(), scalar(op.getBase()));
  for (int dim = 0, rank = op.getStarts().size(); dim < rank; ++dim) {
    Value stride = mul(scalar(op.getStrides()[dim]), bytes);
    bits = add(bits, mul(scalar(op.getStarts()[dim]), stride));
    if (dim != lanesDim)
      bits = arith::OrIOp::create(b, bits, stride);
  }
  Value rest = arith::AndIOp::create(b, bits, constant(lanes * bytes - 1));
  return arith::CmpIOp::create(b, arith::CmpIPredicate::eq, rest, constant(0));
}

/// An i1 that says whether whole strips may bypass the caches: the launch asks
/// for it and they are aligned. Null if they never may.
Value Lowering::mayStream(tile::StoreBoxOp op, int lanesDim, int64_t lanes) {
  Value aligned = areStripsAligned(op, lanesDim, lanes);
  return aligned ? andMasks(launchFlag(TEGULA_LAUNCH_NONTEMPORAL), aligned)
                 : Value();
}
