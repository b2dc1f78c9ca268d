//===- CommutesTest.cpp - Which combiners take any order ------------------===//
//
// Part of the Tegula Project, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "targets/common/loops/Commutes.h"
#include "ir/tile/Tile.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/Dialect/Math/IR/Math.h"
#include "mlir/IR/BuiltinOps.h"
#include "mlir/Parser/Parser.h"
#include <doctest/doctest.h>

using namespace mlir;
using namespace tegula;

/// Does a function of these arguments, with this body, commute?
static bool commute(const std::string &arguments, const std::string &results,
                    const std::string &body) {
  MLIRContext context;
  context
      .loadDialect<arith::ArithDialect, func::FuncDialect, math::MathDialect>();
  auto module = parseSourceString<ModuleOp>(
      "func.func @f(" + arguments + ") -> (" + results + ") {\n" + body + "\n}",
      &context);
  REQUIRE(module);
  auto func = cast<func::FuncOp>(module->getBody()->front());
  return loops::commutes(func.getBody().front());
}

TEST_CASE("one operation commutes or not") {
  auto binary = [](const std::string &op, const std::string &type) {
    return commute("%a: " + type + ", %b: " + type, type,
                   "%r = " + op + " %a, %b : " + type +
                       "\n return %r : " + type);
  };
  CHECK(binary("arith.addf", "f32"));
  CHECK(binary("arith.mulf", "bf16"));
  CHECK(binary("arith.maximumf", "f64"));
  CHECK(binary("arith.muli", "i32"));
  CHECK(binary("arith.minui", "i8"));
  CHECK(binary("arith.maxui", "i1"));
  CHECK(binary("arith.ori", "i1"));
  CHECK(!binary("arith.subf", "f32"));
  CHECK(!binary("arith.divf", "f16"));
  CHECK(!binary("arith.subi", "i64"));
  // Not an operation that is known.
  CHECK(!binary("math.powf", "f32"));
  CHECK(!binary("arith.shli", "i32"));
}

TEST_CASE("the first and the last are no commuting choices") {
  CHECK(!commute("%a: f32, %b: f32", "f32", "return %a : f32"));
  CHECK(!commute("%a: i32, %b: i32", "i32", "return %b : i32"));
}

static std::string argmax(const std::string &tie) {
  return "%m = arith.cmpf ogt, %v, %w : f32\n"
         "%e = arith.cmpf oeq, %v, %w : f32\n"
         "%l = arith.cmpi " +
         tie +
         "\n%t = arith.andi %e, %l : i1\n"
         "%c = arith.ori %m, %t : i1\n"
         "%r = arith.select %c, %v, %w : f32\n"
         "%s = arith.select %c, %i, %j : i32\n"
         "return %r, %s : f32, i32";
}

TEST_CASE("argmax commutes if ties are decided") {
  const char *arguments = "%v: f32, %i: i32, %w: f32, %j: i32";
  CHECK(commute(arguments, "f32, i32", argmax("slt, %i, %j : i32")));
  CHECK(commute(arguments, "f32, i32", argmax("ugt, %i, %j : i32")));
  // Of equals the second, whatever it is.
  CHECK(!commute(arguments, "f32, i32",
                 "%c = arith.cmpf ogt, %v, %w : f32\n"
                 "%r = arith.select %c, %v, %w : f32\n"
                 "%s = arith.select %c, %i, %j : i32\n"
                 "return %r, %s : f32, i32"));
  // The smaller index with the larger value, crosswise.
  CHECK(!commute(arguments, "f32, i32",
                 "%c = arith.cmpf ogt, %v, %w : f32\n"
                 "%r = arith.select %c, %v, %w : f32\n"
                 "%s = arith.select %c, %j, %i : i32\n"
                 "return %r, %s : f32, i32"));
  // Compared with something else than its like.
  CHECK(!commute("%v: f32, %i: f32, %w: f32, %j: f32", "f32, f32",
                 "%c = arith.cmpf ogt, %v, %j : f32\n"
                 "%r = arith.select %c, %v, %w : f32\n"
                 "return %r, %r : f32, f32"));
}

TEST_CASE("products of complex numbers commute, of matrices they don't") {
  const char *arguments = "%a: f32, %b: f32, %c: f32, %d: f32";
  CHECK(commute(arguments, "f32, f32",
                "%ac = arith.mulf %a, %c : f32\n"
                "%bd = arith.mulf %b, %d : f32\n"
                "%ad = arith.mulf %a, %d : f32\n"
                "%bc = arith.mulf %b, %c : f32\n"
                "%r = arith.subf %ac, %bd : f32\n"
                "%i = arith.addf %ad, %bc : f32\n"
                "return %r, %i : f32, f32"));
  // Affine maps, one after the other (a linear recurrence).
  CHECK(!commute(arguments, "f32, f32",
                 "%ac = arith.mulf %a, %c : f32\n"
                 "%bc = arith.mulf %b, %c : f32\n"
                 "%i = arith.addf %bc, %d : f32\n"
                 "return %ac, %i : f32, f32"));
}

TEST_CASE("a test for zero is looked into") {
  // A sum that starts again at flags: the same but where a flag is zero.
  CHECK(!commute("%v: f32, %f: f32, %w: f32, %g: f32", "f32, f32",
                 "%z = arith.constant 0.0 : f32\n"
                 "%s = arith.addf %v, %w : f32\n"
                 "%h = arith.addf %f, %g : f32\n"
                 "%c = arith.cmpf oeq, %g, %z : f32\n"
                 "%r = arith.select %c, %v, %s : f32\n"
                 "return %r, %h : f32, f32"));
  // Other numbers aren't tried.
  CHECK(!commute("%v: f32, %w: f32", "f32",
                 "%o = arith.constant 1.0 : f32\n"
                 "%s = arith.addf %v, %w : f32\n"
                 "%c = arith.cmpf oeq, %w, %o : f32\n"
                 "%r = arith.select %c, %v, %s : f32\n"
                 "return %r : f32"));
}

static std::string welford(const std::string &share) {
  return "%z = arith.constant 0.0 : f32\n"
         "%delta = arith.subf %m2, %m1 : f32\n"
         "%n = arith.addf %n1, %n2 : f32\n"
         "%q = arith.divf " +
         share +
         " : f32\n"
         "%none = arith.cmpf oeq, %n, %z : f32\n"
         "%w = arith.select %none, %z, %q : f32\n"
         "%d = arith.mulf %delta, %w : f32\n"
         "%m = arith.addf %m1, %d : f32\n"
         "%s = arith.addf %s1, %s2 : f32\n"
         "%e = arith.mulf %delta, %d : f32\n"
         "%g = arith.mulf %e, %n1 : f32\n"
         "%t = arith.addf %s, %g : f32\n"
         "return %m, %t, %n : f32, f32, f32";
}

TEST_CASE("means and variances are merged in any order") {
  const char *arguments = "%m1: f32, %s1: f32, %n1: f32, "
                          "%m2: f32, %s2: f32, %n2: f32";
  CHECK(commute(arguments, "f32, f32, f32", welford("%n2, %n")));
  CHECK(!commute(arguments, "f32, f32, f32", welford("%n1, %n")));
}
