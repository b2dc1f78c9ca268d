//===- Runs.cpp - Indices that mostly step by one or not at all -----------===//
//
// Part of the Tegula Project, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "targets/common/loops/Runs.h"
#include "ir/tile/Tile.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/IR/Matchers.h"

using namespace mlir;
using namespace tegula;

namespace {
/// Within `length` elements each is `slope` more than the one before.
struct Run {
  int64_t slope, length;
};
} // namespace

static constexpr int64_t unbroken = std::numeric_limits<int64_t>::max();

/// The number that all elements are, if it is known.
static std::optional<int64_t> uniformValue(Value value) {
  while (auto splat = value.getDefiningOp<tile::SplatOp>())
    value = splat.getSrc();
  APInt number;
  if (matchPattern(value, m_ConstantInt(&number)))
    return number.getSExtValue();
  return std::nullopt;
}

static std::optional<Run> runOf(Value value) {
  Operation *op = value.getDefiningOp();
  if (!op)
    return std::nullopt;
  if (isa<tile::SplatOp>(op) || uniformValue(value))
    return Run{0, unbroken};
  if (isa<tile::RangeOp>(op))
    return Run{1, unbroken};
  if (isa<arith::ExtSIOp, arith::ExtUIOp, arith::TruncIOp>(op))
    return runOf(op->getOperand(0));
  if (op->getNumOperands() != 2)
    return std::nullopt;
  auto lhs = runOf(op->getOperand(0)), rhs = runOf(op->getOperand(1));
  if (!lhs || !rhs)
    return std::nullopt;
  int64_t length = std::min(lhs->length, rhs->length);
  if (isa<arith::AddIOp>(op))
    return Run{lhs->slope + rhs->slope, length};
  if (isa<arith::SubIOp>(op))
    return Run{lhs->slope - rhs->slope, length};
  if (isa<arith::MulIOp>(op)) {
    if (lhs->slope == 0 && rhs->slope == 0)
      return Run{0, length};
    auto factor = uniformValue(op->getOperand(rhs->slope == 0 ? 1 : 0));
    if (!factor || (lhs->slope != 0 && rhs->slope != 0))
      return std::nullopt;
    return Run{(lhs->slope + rhs->slope) * *factor, length};
  }
  bool isRemainder = isa<arith::RemSIOp, arith::RemUIOp>(op);
  if (!isRemainder && !isa<arith::DivSIOp, arith::DivUIOp>(op))
    return std::nullopt;
  if (rhs->slope != 0 || (lhs->slope != 0 && lhs->slope != 1))
    return std::nullopt;
  if (lhs->slope == 1)
    length =
        std::min(length, uniformValue(op->getOperand(1)).value_or(unbroken));
  return Run{isRemainder ? lhs->slope : 0, length};
}

std::optional<int64_t> loops::stepOf(Value index, int64_t length) {
  auto run = runOf(index);
  if (!run || run->length < length || (run->slope != 0 && run->slope != 1))
    return std::nullopt;
  return run->slope;
}
