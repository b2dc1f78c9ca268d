//===- ConstEval.cpp - Python's operators on compile-time values ----------===//
#include "frontend/lang/ConstEval.h"
#include "llvm/ADT/StringExtras.h"
#include <cmath>

using namespace tegula::frontend;

llvm::StringRef tegula::frontend::spelling(BinaryOp op) {
  constexpr llvm::StringLiteral names[] = {
      "+", "-", "*", "/", "//", "%", "**", "@", "<<", ">>", "&", "|", "^"};
  return names[static_cast<unsigned>(op)];
}

llvm::StringRef tegula::frontend::spelling(CompareOp op) {
  constexpr llvm::StringLiteral names[] = {
      "==", "!=", "<", "<=", ">", ">=", "is", "is not", "in", "not in"};
  return names[static_cast<unsigned>(op)];
}

//===----------------------------------------------------------------------===//
// Numbers
//===----------------------------------------------------------------------===//

namespace {

ConstResult tooBig() {
  return ConstResult::fail("the integer result is too big");
}

ConstResult boundedInt(__int128 value) {
  // Far above 64 bits, far below where 128 bits wrap.
  constexpr __int128 limit = static_cast<__int128>(1) << 120;
  if (value > limit || value < -limit)
    return tooBig();
  return Value::ofInt(value);
}

__int128 floorDiv(__int128 a, __int128 b) {
  __int128 quotient = a / b;
  return (a % b != 0 && ((a < 0) != (b < 0))) ? quotient - 1 : quotient;
}

ConstResult intPower(__int128 base, __int128 exponent) {
  if (exponent < 0)
    return Value::ofFloat(std::pow(double(base), double(exponent)));
  __int128 result = 1;
  for (; exponent > 0; exponent >>= 1) {
    if ((exponent & 1) && __builtin_mul_overflow(result, base, &result))
      return tooBig();
    if (exponent > 1 && __builtin_mul_overflow(base, base, &base))
      return tooBig();
  }
  return boundedInt(result);
}

ConstResult intBinary(BinaryOp op, __int128 a, __int128 b) {
  __int128 result = 0;
  switch (op) {
  case BinaryOp::Add:
    return boundedInt(a + b);
  case BinaryOp::Sub:
    return boundedInt(a - b);
  case BinaryOp::Mul:
    if (__builtin_mul_overflow(a, b, &result))
      return tooBig();
    return boundedInt(result);
  case BinaryOp::Div:
    if (!b)
      return ConstResult::fail("division by zero");
    return Value::ofFloat(double(a) / double(b));
  case BinaryOp::FloorDiv:
    if (!b)
      return ConstResult::fail("division by zero");
    return Value::ofInt(floorDiv(a, b));
  case BinaryOp::Mod:
    if (!b)
      return ConstResult::fail("remainder by zero");
    return Value::ofInt(a - floorDiv(a, b) * b);
  case BinaryOp::Pow:
    return intPower(a, b);
  case BinaryOp::Shl:
    if (b < 0)
      return ConstResult::fail("negative shift count");
    if (b > 120 ||
        __builtin_mul_overflow(a, static_cast<__int128>(1) << b, &result))
      return a == 0 ? ConstResult(Value::ofInt(0)) : tooBig();
    return boundedInt(result);
  case BinaryOp::Shr:
    if (b < 0)
      return ConstResult::fail("negative shift count");
    return Value::ofInt(b > 126 ? (a < 0 ? -1 : 0) : a >> b);
  case BinaryOp::And:
    return Value::ofInt(a & b);
  case BinaryOp::Or:
    return Value::ofInt(a | b);
  case BinaryOp::Xor:
    return Value::ofInt(a ^ b);
  case BinaryOp::MatMul:
    break;
  }
  return ConstResult::fail("unsupported operator");
}

ConstResult floatBinary(BinaryOp op, double a, double b) {
  switch (op) {
  case BinaryOp::Add:
    return Value::ofFloat(a + b);
  case BinaryOp::Sub:
    return Value::ofFloat(a - b);
  case BinaryOp::Mul:
    return Value::ofFloat(a * b);
  case BinaryOp::Div:
    if (b == 0)
      return ConstResult::fail("division by zero");
    return Value::ofFloat(a / b);
  case BinaryOp::FloorDiv:
    if (b == 0)
      return ConstResult::fail("division by zero");
    return Value::ofFloat(std::floor(a / b));
  case BinaryOp::Mod: {
    if (b == 0)
      return ConstResult::fail("remainder by zero");
    double rest = std::fmod(a, b);
    if (rest != 0 && (rest < 0) != (b < 0))
      rest += b;
    return Value::ofFloat(rest);
  }
  case BinaryOp::Pow:
    return Value::ofFloat(std::pow(a, b));
  default:
    return ConstResult::fail("unsupported operator");
  }
}

ConstResult repeat(const Value &sequence, __int128 count) {
  constexpr size_t limit = 1 << 20;
  if (count < 0)
    count = 0;
  size_t size = sequence.isString() ? sequence.string().size()
                                    : sequence.elements().size();
  if (count > static_cast<__int128>(limit) ||
      size * static_cast<size_t>(count) > limit)
    return ConstResult::fail("the repeated sequence is too long");
  if (sequence.isString()) {
    std::string text;
    for (__int128 i = 0; i < count; ++i)
      text += sequence.string();
    return Value::ofString(std::move(text));
  }
  Values elements;
  for (__int128 i = 0; i < count; ++i)
    elements.insert(elements.end(), sequence.elements().begin(),
                    sequence.elements().end());
  return Value::ofTuple(std::move(elements), sequence.tuple().isList);
}

} // namespace

//===----------------------------------------------------------------------===//
// Operators
//===----------------------------------------------------------------------===//

ConstResult tegula::frontend::constBinary(BinaryOp op, const Value &lhs,
                                          const Value &rhs) {
  if (lhs.isInt() && rhs.isInt()) {
    ConstResult result = intBinary(op, lhs.integer(), rhs.integer());
    bool bitwise =
        op == BinaryOp::And || op == BinaryOp::Or || op == BinaryOp::Xor;
    if (bitwise && lhs.is(Value::Kind::Bool) && rhs.is(Value::Kind::Bool))
      return Value::ofBool(result.value.integer() != 0);
    return result;
  }
  if (lhs.isNumber() && rhs.isNumber()) {
    ConstResult result = floatBinary(op, lhs.asDouble(), rhs.asDouble());
    if (result.ok() || result.problem != "unsupported operator")
      return result;
  }
  if (op == BinaryOp::Add && lhs.isString() && rhs.isString())
    return Value::ofString(lhs.string() + rhs.string());
  if (op == BinaryOp::Add && lhs.isTuple() && rhs.isTuple()) {
    Values elements = lhs.elements();
    elements.insert(elements.end(), rhs.elements().begin(),
                    rhs.elements().end());
    return Value::ofTuple(std::move(elements), lhs.tuple().isList);
  }
  if (op == BinaryOp::Mul && (lhs.isTuple() || lhs.isString()) && rhs.isInt())
    return repeat(lhs, rhs.integer());
  if (op == BinaryOp::Mul && (rhs.isTuple() || rhs.isString()) && lhs.isInt())
    return repeat(rhs, lhs.integer());
  if (op == BinaryOp::Or && lhs.is(Value::Kind::Dict) &&
      rhs.is(Value::Kind::Dict)) {
    Value::DictData merged = lhs.dict();
    for (const auto &item : rhs.dict().items)
      merged.items.insert(merged.items.begin(), item);
    return Value::ofDict(std::move(merged));
  }
  return ConstResult::fail(("operator '" + spelling(op) + "' does not take " +
                            lhs.describe() + " and " + rhs.describe())
                               .str());
}

namespace {

/// -1, 0 or 1; nothing for values without an order, 2 for NaN.
std::optional<int> order(const Value &a, const Value &b) {
  auto sign = [](auto x, auto y) { return x < y ? -1 : x > y ? 1 : 0; };
  if (a.isInt() && b.isInt())
    return sign(a.integer(), b.integer());
  if (a.isNumber() && b.isNumber()) {
    double x = a.asDouble(), y = b.asDouble();
    return std::isnan(x) || std::isnan(y) ? 2 : sign(x, y);
  }
  if (a.isString() && b.isString())
    return sign(a.string(), b.string());
  if (a.isTuple() && b.isTuple()) {
    const Values &x = a.elements(), &y = b.elements();
    for (size_t i = 0; i < x.size() && i < y.size(); ++i) {
      std::optional<int> step = order(x[i], y[i]);
      if (!step || *step)
        return step;
    }
    return sign(x.size(), y.size());
  }
  return std::nullopt;
}

std::optional<bool> contains(const Value &element, const Value &container) {
  if (container.isTuple()) {
    for (const Value &candidate : container.elements())
      if (candidate.equals(element))
        return true;
    return false;
  }
  if (container.is(Value::Kind::Dict))
    return container.dict().find(element) != nullptr;
  if (container.isString() && element.isString())
    return container.string().find(element.string()) != std::string::npos;
  return std::nullopt;
}

} // namespace

ConstResult tegula::frontend::constCompare(CompareOp op, const Value &lhs,
                                           const Value &rhs) {
  auto refuse = [&] {
    return ConstResult::fail(("'" + spelling(op) + "' does not take " +
                              lhs.describe() + " and " + rhs.describe())
                                 .str());
  };
  switch (op) {
  case CompareOp::Eq:
  case CompareOp::Ne: {
    bool nan = (lhs.is(Value::Kind::Float) && std::isnan(lhs.real())) ||
               (rhs.is(Value::Kind::Float) && std::isnan(rhs.real()));
    bool equal = !nan && lhs.equals(rhs);
    return Value::ofBool(equal == (op == CompareOp::Eq));
  }
  case CompareOp::Is:
  case CompareOp::IsNot: {
    bool same = lhs.kind() == rhs.kind() && lhs.equals(rhs);
    return Value::ofBool(same == (op == CompareOp::Is));
  }
  case CompareOp::In:
  case CompareOp::NotIn: {
    std::optional<bool> found = contains(lhs, rhs);
    if (!found)
      return refuse();
    return Value::ofBool(*found == (op == CompareOp::In));
  }
  default:
    break;
  }
  std::optional<int> sign = order(lhs, rhs);
  if (!sign)
    return refuse();
  if (*sign == 2)
    return Value::ofBool(false);
  switch (op) {
  case CompareOp::Lt:
    return Value::ofBool(*sign < 0);
  case CompareOp::Le:
    return Value::ofBool(*sign <= 0);
  case CompareOp::Gt:
    return Value::ofBool(*sign > 0);
  default:
    return Value::ofBool(*sign >= 0);
  }
}

ConstResult tegula::frontend::constUnary(UnaryOp op, const Value &operand) {
  if (op == UnaryOp::Not)
    return Value::ofBool(!operand.truthy());
  if (operand.isInt()) {
    __int128 value = operand.integer();
    return Value::ofInt(op == UnaryOp::Minus    ? -value
                        : op == UnaryOp::Invert ? ~value
                                                : value);
  }
  if (operand.is(Value::Kind::Float) && op != UnaryOp::Invert)
    return Value::ofFloat(op == UnaryOp::Minus ? -operand.real()
                                               : operand.real());
  return ConstResult::fail("this operator does not take " + operand.describe());
}

//===----------------------------------------------------------------------===//
// Subscripts
//===----------------------------------------------------------------------===//

namespace {

struct SliceRange {
  int64_t start, stop, step;
};

std::optional<SliceRange> resolve(const Value::SliceData &slice, int64_t size) {
  auto isInt = [](const Value &value) {
    return value.isNone() || value.isInt();
  };
  if (!isInt(slice.lower) || !isInt(slice.upper) || !isInt(slice.step))
    return std::nullopt;
  int64_t step = slice.step.isNone() ? 1 : int64_t(slice.step.integer());
  if (step == 0)
    return std::nullopt;
  int64_t low = step > 0 ? 0 : -1, high = step > 0 ? size : size - 1;
  auto bound = [&](const Value &value, int64_t missing) {
    if (value.isNone())
      return missing;
    __int128 number = value.integer();
    if (number < 0)
      number += size;
    return int64_t(std::min<__int128>(std::max<__int128>(number, low), high));
  };
  return SliceRange{bound(slice.lower, step > 0 ? low : high),
                    bound(slice.upper, step > 0 ? high : low), step};
}

template <typename Visit>
void forEachIndex(const SliceRange &range, Visit visit) {
  for (int64_t i = range.start;
       range.step > 0 ? i < range.stop : i > range.stop; i += range.step)
    visit(i);
}

} // namespace

ConstResult tegula::frontend::constSubscript(const Value &object,
                                             const Value &index) {
  if (object.is(Value::Kind::Dict)) {
    if (const Value *found = object.dict().find(index))
      return *found;
    return ConstResult::fail("the dictionary has no key " + index.str());
  }
  if (!object.isTuple() && !object.isString())
    return ConstResult::fail(object.describe() + " cannot be indexed");
  int64_t size =
      object.isTuple() ? object.elements().size() : object.string().size();
  if (index.is(Value::Kind::Slice)) {
    std::optional<SliceRange> range = resolve(index.slice(), size);
    if (!range)
      return ConstResult::fail("the bounds of this slice are no constants");
    Values elements;
    std::string text;
    forEachIndex(*range, [&](int64_t i) {
      if (object.isTuple())
        elements.push_back(object.elements()[i]);
      else
        text += object.string()[i];
    });
    if (object.isString())
      return Value::ofString(std::move(text));
    return Value::ofTuple(std::move(elements), object.tuple().isList);
  }
  if (!index.isInt())
    return ConstResult::fail("an index must be a constant integer, not " +
                             index.describe());
  __int128 i = index.integer();
  if (i < 0)
    i += size;
  if (i < 0 || i >= size)
    return ConstResult::fail("index " + index.str() + " is outside of " +
                             object.describe());
  if (object.isTuple())
    return object.elements()[size_t(i)];
  return Value::ofString(std::string(1, object.string()[size_t(i)]));
}

//===----------------------------------------------------------------------===//
// Conversions
//===----------------------------------------------------------------------===//

ConstResult tegula::frontend::constInt(const Value &value) {
  if (value.isInt())
    return Value::ofInt(value.integer());
  if (value.is(Value::Kind::Float)) {
    if (!(std::fabs(value.real()) < 1e36))
      return ConstResult::fail("cannot make an integer of " + value.str());
    return Value::ofInt(static_cast<__int128>(value.real()));
  }
  if (value.isString()) {
    Literal literal = Literal::parse(value.string());
    if (literal.kind == Literal::Kind::Int)
      return Value::ofInt(literal.integer);
  }
  return ConstResult::fail("cannot make an integer of " + value.describe());
}

ConstResult tegula::frontend::constFloat(const Value &value) {
  if (value.isNumber())
    return Value::ofFloat(value.asDouble());
  if (value.isString()) {
    std::string text = llvm::StringRef(value.string()).trim().lower();
    char *end = nullptr;
    double number = std::strtod(text.c_str(), &end);
    if (!text.empty() && !*end)
      return Value::ofFloat(number);
  }
  return ConstResult::fail("cannot make a float of " + value.describe());
}
