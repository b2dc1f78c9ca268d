#include "kernels/Expression.h"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <cstdio>

namespace tegula::corpus {
namespace {

bool isNameStart(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_';
}
bool isDigit(char c) { return c >= '0' && c <= '9'; }

// Recursive descent. After the first error every function returns 0 at once,
// so that no caller has to check.
class Parser {
public:
  Parser(std::string_view text, const ExpressionScope &scope)
      : text(text), scope(scope) {}

  MaybeError run(std::vector<double> &values) {
    do
      values.push_back(sum());
    while (!error && accept(","));
    skipSpace();
    if (!error && position != text.size())
      fail("unexpected '" + std::string(1, text[position]) + "'");
    return error;
  }

private:
  double fail(const std::string &why) { return failAt(position, why); }

  double failAt(size_t where, const std::string &why) {
    if (!error)
      error = why + " at column " + std::to_string(where + 1) + " of '" +
              std::string(text) + "'";
    return 0;
  }

  void skipSpace() {
    while (position < text.size() && text[position] == ' ')
      ++position;
  }

  bool accept(std::string_view token) {
    skipSpace();
    if (error || text.substr(position, token.size()) != token)
      return false;
    position += token.size();
    return true;
  }

  double expect(std::string_view token) {
    return accept(token) ? 0 : fail("expected '" + std::string(token) + "'");
  }

  double sum() {
    double left = product();
    while (!error) {
      if (accept("+"))
        left += product();
      else if (accept("-"))
        left -= product();
      else
        break;
    }
    return left;
  }

  double divide(double left, double right, bool floor) {
    if (right == 0)
      return fail("division by zero");
    return floor ? std::floor(left / right) : left / right;
  }

  double product() {
    double left = unary();
    while (!error) {
      if (accept("//"))
        left = divide(left, unary(), true);
      else if (accept("/"))
        left = divide(left, unary(), false);
      else if (accept("%")) {
        double right = unary();
        left -= divide(left, right, true) * right;
      } else if (accept("*"))
        left *= unary();
      else
        break;
    }
    return left;
  }

  // The depth is bounded so that "((((…" cannot overflow the stack.
  double unary() {
    if (depth > 64)
      return fail("too deeply nested");
    ++depth;
    double value = accept("-") ? -unary() : power();
    --depth;
    return value;
  }

  double power() {
    double base = primary();
    return accept("**") ? std::pow(base, unary()) : base;
  }

  double primary() {
    skipSpace();
    if (error || position == text.size())
      return fail("expected a value");
    if (accept("(")) {
      double value = sum();
      expect(")");
      return value;
    }
    if (isDigit(text[position]) || text[position] == '.')
      return number();
    if (isNameStart(text[position]))
      return named();
    return fail("expected a value");
  }

  double number() {
    double value = 0;
    auto result = std::from_chars(text.data() + position,
                                  text.data() + text.size(), value);
    if (result.ec != std::errc())
      return fail("bad number");
    position = result.ptr - text.data();
    return value;
  }

  std::string name() {
    size_t begin = position;
    while (position < text.size() &&
           (isNameStart(text[position]) || isDigit(text[position])))
      ++position;
    return std::string(text.substr(begin, position - begin));
  }

  double named() {
    size_t begin = position;
    std::string id = name();
    if (accept("("))
      return call(begin, id);
    if (accept("."))
      return attribute(begin, id);
    auto found = scope.numbers.find(id);
    if (found != scope.numbers.end())
      return found->second;
    if (scope.arrays.count(id))
      return fail("'" + id + "' is an array: write " + id + ".size, " + id +
                  ".nbytes, " + id + ".itemsize or " + id + ".shape[i]");
    return failAt(begin, "unknown name '" + id + "'");
  }

  double call(size_t begin, const std::string &id) {
    double left = sum();
    expect(",");
    double right = sum();
    expect(")");
    if (id == "cdiv")
      return -divide(-left, right, true);
    if (id == "min")
      return std::min(left, right);
    if (id == "max")
      return std::max(left, right);
    return failAt(begin,
                  "unknown function '" + id + "' (known: cdiv, min, max)");
  }

  double attribute(size_t begin, const std::string &id) {
    std::string field = name();
    auto found = scope.arrays.find(id);
    if (found == scope.arrays.end())
      return failAt(begin, "'" + id + "' is not an array");
    const ExpressionScope::Array &array = found->second;
    double size = 1;
    for (int64_t extent : array.shape)
      size *= double(extent);
    if (field == "size")
      return size;
    if (field == "nbytes")
      return size * double(array.itemBytes);
    if (field == "itemsize")
      return double(array.itemBytes);
    if (field != "shape")
      return fail("unknown attribute '" + field + "'");
    expect("[");
    double index = sum();
    expect("]");
    if (!(index >= 0 && index < double(array.shape.size())))
      return fail("'" + id + "' has " + std::to_string(array.shape.size()) +
                  " dimensions; no such index");
    return double(array.shape[size_t(index)]);
  }

  std::string_view text;
  const ExpressionScope &scope;
  size_t position = 0;
  int depth = 0;
  MaybeError error;
};

} // namespace

MaybeError evaluate(std::string_view text, const ExpressionScope &scope,
                    std::vector<double> &values) {
  values.clear();
  return Parser(text, scope).run(values);
}

MaybeError evaluateOne(std::string_view text, const ExpressionScope &scope,
                       double &value) {
  std::vector<double> values;
  if (MaybeError error = evaluate(text, scope, values))
    return error;
  if (values.size() != 1)
    return "expected one value in '" + std::string(text) + "'";
  value = values[0];
  return std::nullopt;
}

MaybeError evaluateGrid(std::string_view text, const ExpressionScope &scope,
                        std::vector<int64_t> &grid) {
  std::vector<double> values;
  if (MaybeError error = evaluate(text, scope, values))
    return error;
  if (values.size() > 3)
    return "a grid has at most three values: '" + std::string(text) + "'";
  grid.clear();
  for (double value : values) {
    if (!(value >= 1 && value <= 2147483647.0) || value != std::floor(value)) {
      char number[32];
      std::snprintf(number, sizeof number, "%g", value);
      return "a grid needs integers from 1 to 2147483647; '" +
             std::string(text) + "' gives " + number;
    }
    grid.push_back(int64_t(value));
  }
  return std::nullopt;
}

} // namespace tegula::corpus
