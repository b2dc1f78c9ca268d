//===- MemoryEffectsTest.cpp - What memory ops do to each other
//
// Part of the Tegula Project, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "ir/analysis/MemoryEffects.h"
#include "ir/analysis/tests/AnalysisTest.h"

using namespace mlir;
using namespace tegula::ir;
using namespace tegula::ir::test;

/// A kernel of 8 elements: %a reads x, then `body`.
static std::string kernel(const std::string &body) {
  return R"(
    func.func @k(%x: !tile.ptr<f32>, %y: !tile.ptr<f32>, %n: i64, %c: i1, %flag: !tile.ptr<i32>) {
      %c0 = arith.constant 0 : i64
      %c1 = arith.constant 1 : i64
      %c7 = arith.constant 7 : i64
      %c8 = arith.constant 8 : i64
      %one = arith.constant 1 : i32
      %near = tile.ptr_add %x, %c7 : !tile.ptr<f32>, i64
      %far = tile.ptr_add %x, %c8 : !tile.ptr<f32>, i64
      %a = tile.load_box %x start(%c0) stride(%c1) lower(%c0) upper(%c8) {name = "load"} : !tile.ptr<f32> -> tensor<8xf32>
)" + body +
         "  return\n}\n";
}

static std::string store(const std::string &base, const std::string &name) {
  return "tile.store_box " + base +
         ", %a start(%c0) stride(%c1) lower(%c0) upper(%n) {name = \"" + name +
         "\"} : !tile.ptr<f32>, tensor<8xf32>\n";
}

static bool canReevaluate(const std::string &body) {
  Parsed parsed(kernel(body));
  IndexAnalysis analysis;
  return canReevaluate(parsed.find("load"), parsed.find("use"), analysis);
}

TEST_CASE("a load is read again only where nothing was written between") {
  CHECK(canReevaluate(store("%y", "use")));
  CHECK(canReevaluate(store("%x", "use")));
  CHECK(!canReevaluate(store("%y", "write") + store("%y", "use")));
  CHECK(!canReevaluate(store("%near", "write") + store("%y", "use")));
  CHECK(canReevaluate(store("%far", "write") + store("%y", "use")));
  CHECK(canReevaluate("tile.assert %c, \"no\" : i1\n" + store("%y", "use")));
  CHECK(!canReevaluate("%old = tile.atomic_rmw add relaxed gpu %flag, %one : "
                       "!tile.ptr<i32>, i32 -> i32\n" +
                       store("%y", "use")));
}

TEST_CASE("a loop brings writes before the load is read again") {
  std::string loop = "scf.for %i = %c0 to %n step %c1 : i64 {\n";
  CHECK(!canReevaluate(loop + store("%y", "use") + "}\n"));
  CHECK(
      !canReevaluate(loop + store("%y", "write") + "}\n" + store("%y", "use")));
  std::string reduction =
      "%s = tile.reduce %a axis 0 {name = \"use\"} : (tensor<8xf32>) -> f32 {\n"
      "^bb0(%p: f32, %q: f32):\n %r = arith.addf %p, %q : f32\n"
      " tile.yield %r : f32\n}\n";
  CHECK(canReevaluate(loop + reduction + "}\n"));
  CHECK(!canReevaluate(loop + reduction + store("%y", "write") + "}\n"));
}

TEST_CASE("a branch runs once") {
  CHECK(canReevaluate("scf.if %c {\n" + store("%y", "use") + "}\n"));
  CHECK(!canReevaluate("scf.if %c {\n" + store("%y", "write") + "}\n" +
                       store("%y", "use")));
}

TEST_CASE("maps") {
  auto relate = [](const std::string &base) {
    Parsed parsed(kernel(store(base, "store")));
    IndexAnalysis analysis;
    return relateMaps(parsed.find("load"), parsed.find("store"), analysis);
  };
  CHECK(relate("%x") == MapRelation::Identical);
  CHECK(relate("%far") == MapRelation::Disjoint);
  CHECK(relate("%near") == MapRelation::Unknown);
  CHECK(relate("%y") == MapRelation::Unknown);
}

TEST_CASE("root arguments") {
  Parsed parsed(kernel(store("%far", "store")));
  CHECK(rootArgument(pointerOf(parsed.find("store"))) ==
        parsed.function.getArgument(0));
  Parsed chosen(kernel("%z = arith.select %c, %x, %y : !tile.ptr<f32>\n" +
                       store("%z", "store")));
  CHECK(!rootArgument(pointerOf(chosen.find("store"))));
}

TEST_CASE("kernels that wait") {
  auto waits = [](const std::string &body) {
    return kernelWaits(Parsed(kernel(body)).function);
  };
  std::string add = "%old = tile.atomic_rmw add acq_rel gpu %flag, %one : "
                    "!tile.ptr<i32>, i32 -> i32\n";
  std::string spin = "%w = scf.while (%v = %one) : (i32) -> i32 {\n";
  std::string again = "%go = arith.cmpi ne, %old, %one : i32\n"
                      "scf.condition(%go) %old : i32\n} do {\n"
                      "^bb0(%u: i32):\n scf.yield %u : i32\n}\n";
  CHECK(!waits(""));
  CHECK(!waits(add));
  CHECK(waits(spin + add + again));
  CHECK(waits(spin +
              "%old = tile.atomic_rmw add relaxed gpu %flag, %one : "
              "!tile.ptr<i32>, i32 -> i32\n" +
              again));
  CHECK(waits(spin +
              "%old = tile.atomic_cas acq_rel gpu %flag, %one, %one : "
              "!tile.ptr<i32>, i32 -> i32\n" +
              again));
  CHECK(waits(spin + "%old = tile.load %flag : !tile.ptr<i32>\n" + again));
  CHECK(!waits(spin +
               "%p = tile.ptr_add %flag, %v : !tile.ptr<i32>, i32\n"
               "%old = tile.load %p : !tile.ptr<i32>\n" +
               again));
}
