#include "kernels/Expression.h"

#include <doctest/doctest.h>

using namespace tegula::corpus;

static ExpressionScope makeScope() {
  ExpressionScope scope;
  scope.numbers = {{"n", 1000}, {"BLOCK", 256}, {"half", 0.5}};
  scope.arrays["x"] = {{3, 40}, 2};
  return scope;
}

static double valueOf(const char *text) {
  double value = -1;
  MaybeError error = evaluateOne(text, makeScope(), value);
  CHECK_MESSAGE(!error, (error ? *error : ""));
  return value;
}

static std::string errorOf(const char *text) {
  double value;
  MaybeError error = evaluateOne(text, makeScope(), value);
  return error ? *error : "no error";
}

TEST_CASE("expressions have Python's values") {
  CHECK(valueOf("2 + 3 * 4 - 1") == 13);
  CHECK(valueOf("(2 + 3) * 4") == 20);
  CHECK(valueOf("7 // 2 + -7 // 2") == -1);
  CHECK(valueOf("-7 % 4") == 1);
  CHECK(valueOf("7 / 2") == 3.5);
  CHECK(valueOf("-2 ** 2") == -4);
  CHECK(valueOf("2 ** 3 ** 2") == 512);
  CHECK(valueOf("2 ** -1") == 0.5);
  CHECK(valueOf("cdiv(n, BLOCK)") == 4);
  CHECK(valueOf("max(min(n, 7), 3) * half") == 3.5);
  CHECK(valueOf("x.size + x.shape[1] + x.nbytes + x.itemsize") == 402);
  CHECK(valueOf("1e3") == 1000);
}

TEST_CASE("grids are one to three positive integers") {
  std::vector<int64_t> grid;
  REQUIRE(!evaluateGrid("cdiv(n, BLOCK), 2, x.shape[0]", makeScope(), grid));
  CHECK(grid == std::vector<int64_t>{4, 2, 3});
  CHECK(*evaluateGrid("0", makeScope(), grid) ==
        "a grid needs integers from 1 to 2147483647; '0' gives 0");
  CHECK(evaluateGrid("half", makeScope(), grid));
  CHECK(evaluateGrid("1,2,3,4", makeScope(), grid));
}

TEST_CASE("wrong expressions are refused with the place") {
  CHECK(errorOf("n +") == "expected a value at column 4 of 'n +'");
  CHECK(errorOf("m") == "unknown name 'm' at column 1 of 'm'");
  CHECK(errorOf("n n") == "unexpected 'n' at column 3 of 'n n'");
  CHECK(errorOf("(n") == "expected ')' at column 3 of '(n'");
  CHECK(errorOf("n // 0").starts_with("division by zero"));
  CHECK(errorOf("x").find("x.size") != std::string::npos);
  CHECK(errorOf("x.shape[2]").find("2 dimensions") != std::string::npos);
  CHECK(errorOf("n.size").find("not an array") != std::string::npos);
  CHECK(errorOf("f(1, 2)").find("unknown function 'f'") != std::string::npos);
  CHECK(errorOf("").starts_with("expected a value"));
  CHECK(errorOf("1, 2").starts_with("expected one value"));
  CHECK(errorOf(std::string(5000, '(').c_str()).starts_with("too deeply"));
}
