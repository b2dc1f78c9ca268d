//===- PolynomialTest.cpp - Sums of products
//
// Part of the Tegula Project, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "ir/analysis/Polynomial.h"
#include "mlir/IR/Block.h"
#include "mlir/IR/Builders.h"
#include "mlir/IR/BuiltinTypes.h"
#include <doctest/doctest.h>

using namespace mlir;
using namespace tegula::ir;

TEST_CASE("polynomials") {
  MLIRContext context(MLIRContext::Threading::DISABLED);
  Type i32 = IntegerType::get(&context, 32);
  Block block;
  Location unknown = UnknownLoc::get(&context);
  Polynomial x(Leaf{block.addArgument(i32, unknown)});
  Leaf yLeaf{block.addArgument(i32, unknown)};
  Polynomial y(yLeaf), zero;

  SUBCASE("equal sums are equal") {
    CHECK((x + y) * (x - y) == x * x - y * y);
    CHECK(x + 3 - x == Polynomial(3));
    CHECK((x - x).isZero());
    CHECK(!(x == y));
    Polynomial unsignedY(Leaf{yLeaf.value, true});
    CHECK(!(unsignedY == y));
  }
  SUBCASE("constants") {
    CHECK(zero.constant() == 0);
    CHECK((x * 0).constant() == 0);
    CHECK(Polynomial(7).constant() == 7);
    CHECK(!x.constant());
    CHECK((x * 2 + 5).constantTerm() == 5);
    CHECK((x * 2 + 5).withoutConstant() == x * 2);
    CHECK(Polynomial(1).isOne());
  }
  SUBCASE("coefficients wrap like addresses do") {
    Polynomial large(INT64_MAX);
    CHECK((large + 1).constant() == INT64_MIN);
    CHECK((Polynomial(INT64_MIN) * -1).constant() == INT64_MIN);
    CHECK(!x.dividedBy(0));
    CHECK(Polynomial(INT64_MIN).dividedBy(-1)->constant() == INT64_MIN);
  }
  SUBCASE("division is exact or fails") {
    CHECK(*(x * 6 + 9).dividedBy(3) == x * 2 + 3);
    CHECK(!(x * 6 + 8).dividedBy(3));
    CHECK(*(x * y * 2 + y).dividedBy(yLeaf) == x * 2 + 1);
    CHECK(!(x + y).dividedBy(yLeaf));
  }
  SUBCASE("leaves") {
    CHECK(y.asLeaf() == yLeaf);
    CHECK(!(y * 2).asLeaf());
    CHECK(!(y + 1).asLeaf());
    CHECK(!zero.asLeaf());
  }
}
