//===- Literal.cpp - compile-time values ----------------------------------===//
#include "frontend/lang/Literal.h"
#include "llvm/ADT/StringExtras.h"
#include <cmath>
#include <cstdio>
#include <cstdlib>

using namespace tegula::frontend;
using llvm::StringRef;

Literal Literal::ofBool(bool value) {
  Literal literal;
  literal.kind = Kind::Bool;
  literal.boolean = value;
  return literal;
}
Literal Literal::ofInt(__int128 value) {
  Literal literal;
  literal.kind = Kind::Int;
  literal.integer = value;
  return literal;
}
Literal Literal::ofFloat(double value) {
  Literal literal;
  literal.kind = Kind::Float;
  literal.real = value;
  return literal;
}
Literal Literal::ofString(StringRef value) {
  Literal literal;
  literal.kind = Kind::String;
  literal.string = value.str();
  return literal;
}
Literal Literal::ofType(DType value, bool pointer) {
  Literal literal;
  literal.kind = Kind::Type;
  literal.type = value;
  literal.pointer = pointer;
  return literal;
}
Literal Literal::ofTuple(std::vector<Literal> elements) {
  Literal literal;
  literal.kind = Kind::Tuple;
  literal.elements = std::move(elements);
  return literal;
}

int64_t Literal::asInt() const {
  switch (kind) {
  case Kind::Bool:
    return boolean;
  case Kind::Int:
    return static_cast<int64_t>(integer);
  case Kind::Float:
    return std::fabs(real) < 9.2e18 ? static_cast<int64_t>(real) : 0;
  default:
    return 0;
  }
}

double Literal::asDouble() const {
  switch (kind) {
  case Kind::Bool:
    return boolean;
  case Kind::Int:
    return static_cast<double>(integer);
  case Kind::Float:
    return real;
  default:
    return 0;
  }
}

namespace {

std::string intText(__int128 value) {
  if (value == 0)
    return "0";
  bool negative = value < 0;
  unsigned __int128 rest = negative ? -static_cast<unsigned __int128>(value)
                                    : static_cast<unsigned __int128>(value);
  std::string digits;
  for (; rest; rest /= 10)
    digits.insert(digits.begin(), static_cast<char>('0' + rest % 10));
  return (negative ? "-" : "") + digits;
}

/// The shortest text that reads back as the same double, as repr() has it.
std::string floatText(double value) {
  if (std::isnan(value))
    return "nan";
  if (std::isinf(value))
    return value < 0 ? "-inf" : "inf";
  char buffer[64];
  for (int digits = 1; digits <= 17; ++digits) {
    std::snprintf(buffer, sizeof buffer, "%.*g", digits, value);
    if (std::strtod(buffer, nullptr) == value)
      break;
  }
  std::string text = buffer;
  if (text.find_first_of(".e") == std::string::npos)
    text += ".0";
  return text;
}

} // namespace

std::string Literal::str() const {
  switch (kind) {
  case Kind::None:
    return "None";
  case Kind::Bool:
    return boolean ? "True" : "False";
  case Kind::Int:
    return intText(integer);
  case Kind::Float:
    return floatText(real);
  case Kind::String:
    return "'" + string + "'";
  case Kind::Type:
    return (pointer ? "*" : "") + shortName(type).str();
  case Kind::Tuple: {
    std::string text = "(";
    for (size_t i = 0; i < elements.size(); ++i)
      text += (i ? ", " : "") + elements[i].str();
    return text + (elements.size() == 1 ? ",)" : ")");
  }
  case Kind::Dict: {
    std::string text = "{";
    for (size_t i = 0; i + 1 < elements.size(); i += 2)
      text +=
          (i ? ", " : "") + elements[i].str() + ": " + elements[i + 1].str();
    return text + "}";
  }
  }
  return "None";
}

Literal Literal::parse(StringRef text) {
  text = text.trim();
  if (text == "None")
    return none();
  if (text == "True" || text == "true")
    return ofBool(true);
  if (text == "False" || text == "false")
    return ofBool(false);
  if (text.size() >= 2 && (text.front() == '"' || text.front() == '\'') &&
      text.back() == text.front())
    return ofString(text.drop_front().drop_back());
  if (text.size() >= 2 && text.front() == '(' && text.back() == ')') {
    std::vector<Literal> elements;
    llvm::SmallVector<StringRef, 4> parts;
    text.drop_front().drop_back().split(parts, ',', -1, false);
    for (StringRef part : parts)
      elements.push_back(parse(part));
    return ofTuple(std::move(elements));
  }
  if (std::optional<DType> type = parseDType(text))
    return ofType(*type);
  if (text.starts_with("*"))
    if (std::optional<DType> type = parseDType(text.drop_front()))
      return ofType(*type, /*pointer=*/true);
  llvm::APInt integer;
  StringRef digits = text;
  bool negative = digits.consume_front("-");
  if (!digits.getAsInteger(0, integer) && integer.getActiveBits() <= 64) {
    __int128 value = integer.getZExtValue();
    return ofInt(negative ? -value : value);
  }
  std::string copy = text.str();
  char *end = nullptr;
  double real = std::strtod(copy.c_str(), &end);
  if (!copy.empty() && !*end)
    return ofFloat(real);
  return ofString(text);
}
