//===- Commutes.cpp - Combiners that take any order -----------------------===//
//
// Part of the Tegula Project, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "targets/common/loops/Commutes.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/IR/BuiltinAttributes.h"
#include "mlir/IR/Matchers.h"
#include "llvm/ADT/STLExtras.h"
#include <cmath>
#include <random>

using namespace mlir;
using namespace tegula;

namespace {

using Point = SmallVector<Attribute, 8>;

/// Evaluates a combiner by folding its ops.
class Evaluator {
public:
  explicit Evaluator(Block &block) : block(block) {
    // A fold may change its op.
    for (Operation &op : block.without_terminator())
      copies.push_back(op.clone());
  }
  ~Evaluator() {
    for (Operation *copy : copies)
      copy->destroy();
  }

  /// Empty if an op does not fold.
  Point at(ArrayRef<Attribute> arguments) {
    values.clear();
    for (auto [argument, value] : llvm::zip(block.getArguments(), arguments))
      values[argument] = value;
    for (auto [op, copy] : llvm::zip(block.without_terminator(), copies)) {
      Point operands = valuesOf(op.getOperands());
      SmallVector<OpFoldResult> folded;
      if (llvm::is_contained(operands, Attribute()) ||
          failed(copy->fold(operands, folded)) ||
          folded.size() != op.getNumResults())
        return {};
      for (auto [result, fold] : llvm::zip(op.getResults(), folded))
        values[result] = isa<Attribute>(fold)
                             ? cast<Attribute>(fold)
                             : values.lookup(cast<Value>(fold));
    }
    Point results = valuesOf(block.getTerminator()->getOperands());
    return llvm::is_contained(results, Attribute()) ? Point() : results;
  }

private:
  Point valuesOf(ValueRange range) const {
    return Point(llvm::map_range(range, [&](Value value) {
      auto it = values.find(value);
      if (it != values.end())
        return it->second;
      // Constants of the kernel lie outside of its combiners.
      Attribute constant;
      matchPattern(value, m_Constant(&constant));
      return constant;
    }));
  }

  Block &block;
  SmallVector<Operation *> copies;
  DenseMap<Value, Attribute> values;
};

Attribute number(Type type, double value) {
  if (auto floating = dyn_cast<FloatType>(type))
    return FloatAttr::get(floating, value);
  return IntegerAttr::get(type, static_cast<int64_t>(value));
}

double toDouble(Attribute value) {
  if (auto floating = dyn_cast<FloatAttr>(value))
    return floating.getValueAsDouble();
  return static_cast<double>(cast<IntegerAttr>(value).getInt());
}

/// The same number, up to rounding, or neither a number.
bool isClose(Attribute a, Attribute b) {
  auto floating = dyn_cast<FloatAttr>(a);
  if (!floating)
    return a == b;
  double x = toDouble(a), y = toDouble(b);
  if (std::isnan(x) || std::isnan(y))
    return std::isnan(x) && std::isnan(y);
  if (x == y)
    return true;
  unsigned digits = cast<FloatType>(floating.getType()).getFPMantissaWidth();
  return std::fabs(x - y) <=
         std::ldexp(std::max({1.0, std::fabs(x), std::fabs(y)}),
                    5 - static_cast<int>(digits));
}

bool areClose(ArrayRef<Attribute> a, ArrayRef<Attribute> b) {
  return !a.empty() && a.size() == b.size() && llvm::all_of_zip(a, b, isClose);
}

bool agreesAt(Evaluator &combiner, ArrayRef<Attribute> point) {
  size_t half = point.size() / 2;
  Point swapped(point.drop_front(half));
  swapped.append(point.begin(), point.begin() + half);
  return areClose(combiner.at(point), combiner.at(swapped));
}

//===----------------------------------------------------------------------===//
// Comparisons and choices
//===----------------------------------------------------------------------===//

bool isTruth(Type type) { return type.isInteger(1); }

/// Are the operands a pair of the block's arguments, or one of a pair?
bool comparesPair(Operation &op, Block &block) {
  unsigned half = block.getNumArguments() / 2;
  std::optional<unsigned> pair;
  for (Value operand : op.getOperands()) {
    auto argument = dyn_cast<BlockArgument>(operand);
    if (!argument || argument.getOwner() != &block)
      return false;
    unsigned index = argument.getArgNumber() % half;
    if (pair.value_or(index) != index)
      return false;
    pair = index;
  }
  return true;
}

/// Functions of truth values, chosen among the arguments by how the two of a
/// pair compare?
bool isOrderOnly(Block &block) {
  return llvm::all_of(block.without_terminator(), [&](Operation &op) {
    if (isa<arith::CmpFOp, arith::CmpIOp, arith::MaxNumFOp, arith::MinNumFOp,
            arith::MaximumFOp, arith::MinimumFOp, arith::MaxSIOp,
            arith::MinSIOp, arith::MaxUIOp, arith::MinUIOp>(op))
      return isTruth(op.getOperand(0).getType()) || comparesPair(op, block);
    return isa<arith::SelectOp>(op) ||
           (isa<arith::AndIOp, arith::OrIOp, arith::XOrIOp, arith::ConstantOp>(
                op) &&
            isTruth(op.getResult(0).getType()));
  });
}

/// Every order of every pair of arguments, signed and unsigned, with numbers
/// that no other pair has.
bool agreesInEveryOrder(Evaluator &combiner, TypeRange types) {
  // Beside each pair: less, equal, greater, and for integers with other signs.
  constexpr std::array<std::array<double, 2>, 5> orders = {
      {{0, 1}, {1, 1}, {1, 0}, {-1, 1}, {1, -1}}};
  size_t half = types.size() / 2, total = 1;
  for (size_t i = 0; i < half; ++i)
    total *= orders.size();
  for (size_t code = 0; code < total; ++code) {
    Point point(types.size());
    size_t rest = code;
    for (size_t i = 0; i < half; ++i, rest /= orders.size()) {
      const auto &pair = orders[rest % orders.size()];
      for (size_t side : {0, 1}) {
        double away = 8.0 * i * (pair[side] < 0 ? -1 : 1);
        point[side * half + i] = number(types[i], pair[side] + away);
      }
    }
    if (!agreesAt(combiner, point))
      return false;
  }
  return true;
}

//===----------------------------------------------------------------------===//
// Arithmetic
//===----------------------------------------------------------------------===//

bool isArithmetic(Block &block) {
  return llvm::all_of(block.without_terminator(), [](Operation &op) {
    // Zeros are tried, other numbers that a test may look for aren't.
    if (auto compare = dyn_cast<arith::CmpFOp>(op))
      return llvm::is_contained(
                 {arith::CmpFPredicate::OEQ, arith::CmpFPredicate::UNE,
                  arith::CmpFPredicate::ONE, arith::CmpFPredicate::UEQ},
                 compare.getPredicate()) &&
             llvm::none_of(op.getOperands(), [](Value operand) {
               return matchPattern(operand, m_Constant()) &&
                      !matchPattern(operand, m_AnyZeroFloat());
             });
    return isa<arith::AddFOp, arith::SubFOp, arith::MulFOp, arith::DivFOp,
               arith::NegFOp, arith::AddIOp, arith::SubIOp, arith::MulIOp,
               arith::ExtFOp, arith::TruncFOp, arith::SelectOp,
               arith::ConstantOp>(op);
  });
}

class Random {
public:
  /// Between 1 and 2 for floats: no difference is lost in rounding.
  Attribute of(Type type) {
    if (isa<FloatType>(type))
      return number(type, 1 + double(engine() % 4096) / 4096);
    return number(type, double(engine() % 127));
  }

private:
  std::minstd_rand engine{1};
};

constexpr int kTrials = 4;

/// At random points with zeros at every choice of places.
bool agreesAtRandom(Evaluator &combiner, TypeRange types) {
  Random random;
  for (unsigned zeros = 0; zeros < 1u << types.size(); ++zeros)
    for (int trial = 0; trial < kTrials; ++trial) {
      Point point;
      for (auto [index, type] : llvm::enumerate(types))
        point.push_back(zeros >> index & 1 ? number(type, 0) : random.of(type));
      if (!agreesAt(combiner, point))
        return false;
    }
  return true;
}

/// Means, sums of squares about them and counts, merged.
bool isChansUpdate(Evaluator &combiner, TypeRange types) {
  if (types.size() != 6 || !llvm::all_equal(types) ||
      !isa<FloatType>(types.front()))
    return false;
  Random random;
  for (unsigned zeros = 0; zeros < 1u << types.size(); ++zeros) {
    Point point;
    for (auto [index, type] : llvm::enumerate(types))
      point.push_back(zeros >> index & 1 ? number(type, 0) : random.of(type));
    auto value = [&](int index) { return toDouble(point[index]); };
    double count = value(2) + value(5);
    Point result = combiner.at(point), expected;
    if (result.empty())
      return false;
    if (count == 0) {
      // No elements: any of the two means.
      expected = {result[0], number(types[0], value(1) + value(4)),
                  number(types[0], 0)};
      if (!isClose(result[0], point[0]) && !isClose(result[0], point[3]))
        return false;
    } else {
      double delta = value(3) - value(0), share = value(5) / count;
      for (double exact :
           {value(0) + delta * share,
            value(1) + value(4) + delta * delta * value(2) * share, count})
        expected.push_back(number(types[0], exact));
    }
    if (!areClose(result, expected))
      return false;
  }
  return true;
}

} // namespace

/// One operation that is known to commute, on the two arguments?
static bool isCommutativeOp(Block &block) {
  if (!llvm::hasSingleElement(block.without_terminator()) ||
      block.getNumArguments() != 2)
    return false;
  Operation &op = block.front();
  return op.hasTrait<OpTrait::IsCommutative>() && op.getNumOperands() == 2 &&
         op.getOperand(0) != op.getOperand(1) &&
         llvm::is_contained(block.getArguments(), op.getOperand(0)) &&
         llvm::is_contained(block.getArguments(), op.getOperand(1)) &&
         llvm::equal(block.getTerminator()->getOperands(), op.getResults());
}

bool loops::commutes(Block &combiner) {
  if (isCommutativeOp(combiner))
    return true;
  SmallVector<Type> types(combiner.getArgumentTypes());
  auto isScalar = [](Type type) {
    return isa<FloatType>(type) ||
           (isa<IntegerType>(type) && type.getIntOrFloatBitWidth() >= 8);
  };
  if (types.size() % 2 != 0 || types.size() > 8 ||
      !llvm::all_of(types, isScalar))
    return false;
  Evaluator evaluator(combiner);
  if (isOrderOnly(combiner))
    return agreesInEveryOrder(evaluator, types);
  return isArithmetic(combiner) &&
         (agreesAtRandom(evaluator, types) || isChansUpdate(evaluator, types));
}
