//===- Prefetch.cpp - The rows that come next -----------------------------===//
//
// Part of the Tegula Project, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "targets/common/loops/Prefetch.h"
#include "mlir/Dialect/LLVMIR/LLVMDialect.h"
#include "mlir/Interfaces/SideEffectInterfaces.h"

using namespace mlir;
using namespace tegula;
using namespace tegula::loops;

//===----------------------------------------------------------------------===//
// Who reads again
//===----------------------------------------------------------------------===//

/// The pointer that the addresses of a box start from.
static Value arrayOf(tile::LoadBoxOp load) {
  Value base = load.getBase();
  while (auto add = base.getDefiningOp<tile::PtrAddOp>())
    base = add.getPtr();
  return base;
}

RowReuse::RowReuse(func::FuncOp func, const Placement &placement) {
  unsigned next = 0;
  func.walk<WalkOrder::PreOrder>([&](Operation *op) { order[op] = next++; });
  func.walk([&](tile::LoadBoxOp load) {
    for (Operation *root : placement.roots(load)) {
      arrays[root].insert(arrayOf(load));
      Operation *&first = firstReader[arrayOf(load)];
      if (first && first != root)
        readAgain.insert(arrayOf(load));
      if (!first || order[root] < order[first])
        first = root;
    }
  });
}

bool RowReuse::isReadAgain(tile::LoadBoxOp load) const {
  return readAgain.contains(arrayOf(load));
}

std::optional<RowReuse::Again> RowReuse::find(tile::LoadBoxOp load,
                                              Operation *root) const {
  Operation *first = firstReader.lookup(arrayOf(load));
  if (!first || !root || order.lookup(root) <= order.lookup(first))
    return std::nullopt;
  auto loop = root->getParentOfType<scf::ForOp>();
  while (loop && !loop->isAncestor(first))
    loop = loop->getParentOfType<scf::ForOp>();
  return Again{loop, load->getParentOfType<scf::ForOp>() == loop};
}

//===----------------------------------------------------------------------===//
// Where the next row is
//===----------------------------------------------------------------------===//

Value Substitution::of(Value value) {
  auto [it, isNew] = known.try_emplace(value, value);
  if (!isNew)
    return it->second;
  Operation *op = value.getDefiningOp();
  if (!op || op->getNumRegions() != 0 || !isPure(op))
    return value;
  IRMapping operands;
  bool depends = false;
  for (Value operand : op->getOperands()) {
    Value changed = of(operand);
    operands.map(operand, changed);
    depends |= changed != operand;
  }
  if (!depends)
    return value;
  Operation *clone = b.clone(*op, operands);
  for (auto [before, after] : llvm::zip(op->getResults(), clone->getResults()))
    known[before] = after;
  return known[value];
}

void loops::emitPrefetch(ImplicitLocOpBuilder &b, Value address, Value distance,
                         int64_t bytes, bool isNear) {
  constexpr int64_t line = 64;
  Value there = LLVM::GEPOp::create(b, address.getType(), b.getI8Type(),
                                    address, ArrayRef<LLVM::GEPArg>{distance});
  for (int64_t offset = 0; offset < bytes; offset += line) {
    Value at = LLVM::GEPOp::create(
        b, address.getType(), b.getI8Type(), there,
        ArrayRef<LLVM::GEPArg>{static_cast<int32_t>(offset)});
    LLVM::Prefetch::create(b, at, /*rw=*/0, /*hint=*/isNear ? 3 : 2,
                           /*cache=*/1);
  }
}
