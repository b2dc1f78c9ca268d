//===- ConvertExternInteger.cpp - libdevice's functions of integers -------===//
//
// Part of the Tegula Project, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "frontend/ttir/Convert.h"
#include "ir/tile/Tile.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Math/IR/Math.h"
#include "mlir/IR/ImplicitLocOpBuilder.h"

using namespace mlir;
using namespace tegula::frontend;
namespace tile = tegula::tile;

TypedAttr tt::splatOf(OpBuilder &b, Type type, int64_t value) {
  Type element = tile::elementTypeOf(type);
  TypedAttr one = isa<FloatType>(element)
                      ? TypedAttr(b.getFloatAttr(element, value))
                      : TypedAttr(b.getIntegerAttr(element, value));
  if (auto tensor = dyn_cast<RankedTensorType>(type))
    return DenseElementsAttr::get(tensor, Attribute(one));
  return one;
}

namespace {

/// One call, being written as ops of arith and math.
class Call {
public:
  Call(OpBuilder &builder, tt::ExternElementwiseOp op)
      : b(op.getLoc(), builder), op(op) {}

  Value operand(unsigned i) { return op.getSrcs()[i]; }
  template <typename Op> Value make(ValueRange operands) {
    return Op::create(b, TypeRange{operands.front().getType()}, operands,
                      ArrayRef<NamedAttribute>{})
        ->getResult(0);
  }
  Value constant(int64_t value) {
    return arith::ConstantOp::create(
        b, tt::splatOf(b, operand(0).getType(), value));
  }
  /// Counts of bits are i32 for any operand.
  Value resized(Value value) {
    unsigned from = width(),
             to = tile::elementTypeOf(op.getType()).getIntOrFloatBitWidth();
    if (from == to)
      return value;
    if (from > to)
      return arith::TruncIOp::create(b, op.getType(), value);
    return arith::ExtUIOp::create(b, op.getType(), value);
  }
  unsigned width() {
    return tile::elementTypeOf(operand(0).getType()).getIntOrFloatBitWidth();
  }

  ImplicitLocOpBuilder b;

private:
  tt::ExternElementwiseOp op;
};

using Maker = Value (*)(Call &);

template <typename Op> Value unary(Call &c) {
  return c.make<Op>({c.operand(0)});
}
template <typename Op> Value binary(Call &c) {
  return c.make<Op>({c.operand(0), c.operand(1)});
}
template <typename Op> Value count(Call &c) {
  return c.resized(c.make<Op>({c.operand(0)}));
}
template <typename Op> Value high(Call &c) {
  return Op::create(c.b, c.operand(0), c.operand(1)).getHigh();
}

/// Swaps neighbouring bits, then pairs, then groups of four, ...: H. Warren,
/// "Hacker's Delight", 7-1.
Value reverseBits(Call &c) {
  Value x = c.operand(0);
  unsigned width = c.width();
  for (unsigned step = 1; step < width; step *= 2) {
    llvm::APInt low = llvm::APInt::getSplat(
        width, llvm::APInt::getLowBitsSet(2 * step, step));
    Value mask = c.constant(low.getSExtValue()), by = c.constant(step);
    Value down = c.make<arith::AndIOp>({c.make<arith::ShRUIOp>({x, by}), mask});
    Value up = c.make<arith::ShLIOp>({c.make<arith::AndIOp>({x, mask}), by});
    x = c.make<arith::OrIOp>({down, up});
  }
  return x;
}

/// The place of the lowest set bit, from 1; 0 if there is none.
Value findFirstSet(Call &c) {
  Value zeros = c.make<math::CountTrailingZerosOp>({c.operand(0)});
  Value place = c.make<arith::AddIOp>({zeros, c.constant(1)});
  Value isZero = arith::CmpIOp::create(c.b, arith::CmpIPredicate::eq,
                                       c.operand(0), c.constant(0));
  return c.resized(arith::SelectOp::create(c.b, isZero, c.constant(0), place));
}

/// The low 32 bits of the product of the operands' low 24.
template <typename Shift> Value multiply24(Call &c) {
  auto low = [&](Value x) {
    Value by = c.constant(8);
    return c.make<Shift>({c.make<arith::ShLIOp>({x, by}), by});
  };
  return c.make<arith::MulIOp>({low(c.operand(0)), low(c.operand(1))});
}

/// (x + y) / 2 downwards, without overflow.
template <typename Shift> Value halvingAdd(Call &c) {
  Value x = c.operand(0), y = c.operand(1);
  Value half = c.make<Shift>({c.make<arith::XOrIOp>({x, y}), c.constant(1)});
  return c.make<arith::AddIOp>({c.make<arith::AndIOp>({x, y}), half});
}

/// (x + y + 1) / 2 downwards, without overflow.
template <typename Shift> Value roundedHalvingAdd(Call &c) {
  Value x = c.operand(0), y = c.operand(1);
  Value half = c.make<Shift>({c.make<arith::XOrIOp>({x, y}), c.constant(1)});
  return c.make<arith::SubIOp>({c.make<arith::OrIOp>({x, y}), half});
}

/// |x - y| + z.
template <typename Max, typename Min> Value sumOfDifferences(Call &c) {
  Value x = c.operand(0), y = c.operand(1);
  Value difference =
      c.make<arith::SubIOp>({c.make<Max>({x, y}), c.make<Min>({x, y})});
  return c.make<arith::AddIOp>({difference, c.operand(2)});
}

struct Entry {
  StringRef symbol;
  size_t operands;
  Maker make;
};

ArrayRef<Entry> table() {
  static constexpr Entry entries[] = {
      {"abs", 1, unary<math::AbsIOp>},
      {"llabs", 1, unary<math::AbsIOp>},
      {"brev", 1, reverseBits},
      {"brevll", 1, reverseBits},
      {"clz", 1, count<math::CountLeadingZerosOp>},
      {"clzll", 1, count<math::CountLeadingZerosOp>},
      {"ffs", 1, findFirstSet},
      {"ffsll", 1, findFirstSet},
      {"popc", 1, count<math::CtPopOp>},
      {"popcll", 1, count<math::CtPopOp>},
      {"max", 2, binary<arith::MaxSIOp>},
      {"llmax", 2, binary<arith::MaxSIOp>},
      {"umax", 2, binary<arith::MaxUIOp>},
      {"ullmax", 2, binary<arith::MaxUIOp>},
      {"min", 2, binary<arith::MinSIOp>},
      {"llmin", 2, binary<arith::MinSIOp>},
      {"umin", 2, binary<arith::MinUIOp>},
      {"ullmin", 2, binary<arith::MinUIOp>},
      {"mulhi", 2, high<arith::MulSIExtendedOp>},
      {"mul64hi", 2, high<arith::MulSIExtendedOp>},
      {"umulhi", 2, high<arith::MulUIExtendedOp>},
      {"umul64hi", 2, high<arith::MulUIExtendedOp>},
      {"mul24", 2, multiply24<arith::ShRSIOp>},
      {"umul24", 2, multiply24<arith::ShRUIOp>},
      {"hadd", 2, halvingAdd<arith::ShRSIOp>},
      {"uhadd", 2, halvingAdd<arith::ShRUIOp>},
      {"rhadd", 2, roundedHalvingAdd<arith::ShRSIOp>},
      {"urhadd", 2, roundedHalvingAdd<arith::ShRUIOp>},
      {"sad", 3, sumOfDifferences<arith::MaxSIOp, arith::MinSIOp>},
      {"usad", 3, sumOfDifferences<arith::MaxUIOp, arith::MinUIOp>},
  };
  return entries;
}

/// int_as_float and its like.
bool isReinterpretation(StringRef symbol) {
  return symbol == "int_as_float" || symbol == "uint_as_float" ||
         symbol == "longlong_as_double";
}

} // namespace

Value tt::makeOfIntegers(OpBuilder &builder, tt::ExternElementwiseOp op) {
  StringRef symbol = op.getSymbol();
  if (!symbol.consume_front("__nv_"))
    symbol.consume_front("__imf_");
  Type element = tile::elementTypeOf(op.getSrcs().front().getType());
  if (!isa<IntegerType>(element))
    return {};
  if (isReinterpretation(symbol) && op.getSrcs().size() == 1)
    return arith::BitcastOp::create(builder, op.getLoc(), op.getType(),
                                    op.getSrcs().front());
  for (const Entry &entry : table())
    if (entry.symbol == symbol && entry.operands == op.getSrcs().size()) {
      Call call(builder, op);
      return entry.make(call);
    }
  return {};
}
