//===- CheckTest.cpp - What `check` finds, and what it must not
//
// Part of the Tegula Project, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "ir/interp/tests/Harness.h"

using namespace tegula::ir;
using namespace tegula::ir::test;
using Kind = Report::Kind;
using Ints = std::vector<int32_t>;

/// A kernel of 8 lanes: %x and %o are arrays of i32, %n a number, %r the lanes
/// 0 to 7, %m is %r < %n, %v the elements x[r] where %m is true (no `other`).
static std::string lanes(const std::string &body) {
  return R"(
    func.func @lanes(%x: !tile.ptr<i32> {tile.name = "x"},
                     %o: !tile.ptr<i32> {tile.name = "out"}, %n: i32) {
      %r = tile.range 0 to 8 : tensor<8xi32>
      %ns = tile.splat %n : i32 -> tensor<8xi32>
      %m = arith.cmpi slt, %r, %ns : tensor<8xi32>
      %xs = tile.splat %x : !tile.ptr<i32> -> tensor<8x!tile.ptr<i32>>
      %xp = tile.ptr_add %xs, %r : tensor<8x!tile.ptr<i32>>, tensor<8xi32>
      %v = tile.load %xp mask %m : tensor<8x!tile.ptr<i32>>
      %os = tile.splat %o : !tile.ptr<i32> -> tensor<8x!tile.ptr<i32>>
      %op = tile.ptr_add %os, %r : tensor<8x!tile.ptr<i32>>, tensor<8xi32>
      %zero = arith.constant dense<0> : tensor<8xi32>
      )" +
         body + R"(
      return
    })";
}

/// What is found with arrays of 8 elements and n = 5, as texts.
static std::vector<std::string> find(const std::string &body,
                                     uint32_t programs = 1, int32_t n = 5) {
  Kernel kernel(lanes(body));
  REQUIRE_MESSAGE(kernel.interpreter, kernel.error);
  Ints x = {5, 1, 2, 3, 4, 5, 6, 7}, out(8);
  kernel.array(x).array(out).scalar(n);
  std::vector<std::string> texts;
  for (const Report &report : kernel.check(programs))
    texts.push_back(
        stringifyReportKind(report.kind).str() + ": " + report.message +
        (report.array.empty()
             ? ""
             : " [" + report.array + " " + std::to_string(report.index) + "]"));
  return texts;
}
static const std::string kUnspecified = " depends on an element that a masked "
                                        "load without 'other' left unspecified";

TEST_CASE("unspecified lanes may be computed with, not used") {
  std::string add = "%w = arith.addi %v, %r : tensor<8xi32>\n";
  SUBCASE("a masked store of them is fine") {
    CHECK(find(add + "tile.store %op, %w mask %m : tensor<8x!tile.ptr<i32>>")
              .empty());
  }
  SUBCASE("an unmasked store is not") {
    CHECK(find(add + "tile.store %op, %w : tensor<8x!tile.ptr<i32>>") ==
          std::vector{"unspecified element: a stored value" + kUnspecified +
                      " [out 5]"});
  }
  SUBCASE("a select hides them") {
    CHECK(find(add +
               "%s = arith.select %m, %w, %r : tensor<8xi1>, tensor<8xi32>\n"
               "tile.store %op, %s : tensor<8x!tile.ptr<i32>>")
              .empty());
  }
  SUBCASE("a select shows them") {
    CHECK(find(add +
               "%s = arith.select %m, %r, %w : tensor<8xi1>, tensor<8xi32>\n"
               "tile.store %op, %s : tensor<8x!tile.ptr<i32>>")
              .size() == 1);
  }
  SUBCASE("a product with the mask hides them") {
    CHECK(find("%k = arith.extui %m : tensor<8xi1> to tensor<8xi32>\n"
               "%w = arith.muli %v, %k : tensor<8xi32>\n"
               "tile.store %op, %w : tensor<8x!tile.ptr<i32>>")
              .empty());
  }
  SUBCASE("a product of floats does not: the element may be infinite") {
    CHECK(find("%k = arith.uitofp %m : tensor<8xi1> to tensor<8xf32>\n"
               "%f = arith.bitcast %v : tensor<8xi32> to tensor<8xf32>\n"
               "%g = arith.mulf %f, %k : tensor<8xf32>\n"
               "%w = arith.bitcast %g : tensor<8xf32> to tensor<8xi32>\n"
               "tile.store %op, %w : tensor<8x!tile.ptr<i32>>")
              .size() == 1);
  }
  SUBCASE("a sum of what a select has hidden is fine") {
    CHECK(find("%w = arith.select %m, %v, %zero : tensor<8xi1>, "
               "tensor<8xi32>\n"
               "%s = tile.reduce %w axis 0 : (tensor<8xi32>) -> i32 {\n"
               "^bb0(%a: i32, %b: i32):\n%c = arith.addi %a, %b : i32\n"
               "tile.yield %c : i32\n}\n"
               "tile.store %o, %s : !tile.ptr<i32>")
              .empty());
  }
  SUBCASE("a sum of all lanes is unspecified") {
    CHECK(find("%s = tile.reduce %v axis 0 : (tensor<8xi32>) -> i32 {\n"
               "^bb0(%a: i32, %b: i32):\n%c = arith.addi %a, %b : i32\n"
               "tile.yield %c : i32\n}\n"
               "tile.store %o, %s : !tile.ptr<i32>") ==
          std::vector{"unspecified element: a stored value" + kUnspecified +
                      " [out 0]"});
  }
  SUBCASE("a scan is, from the first such lane on") {
    CHECK(find("%s = tile.scan %v axis 0 : (tensor<8xi32>) -> tensor<8xi32> {\n"
               "^bb0(%a: i32, %b: i32):\n%c = arith.addi %a, %b : i32\n"
               "tile.yield %c : i32\n}\n"
               "tile.store %op, %s mask %m : tensor<8x!tile.ptr<i32>>")
              .empty());
  }
  SUBCASE("moves take them along") {
    CHECK(
        find("%a = tile.reshape %v : tensor<8xi32> -> tensor<2x4xi32>\n"
             "%t = tile.trans %a [1, 0] : tensor<2x4xi32> -> tensor<4x2xi32>\n"
             "%f = tile.reshape %t : tensor<4x2xi32> -> tensor<8xi32>\n"
             "tile.store %op, %f : tensor<8x!tile.ptr<i32>>") ==
        std::vector{"unspecified element: a stored value" + kUnspecified +
                    " [out 3]"});
  }
  SUBCASE("an address") {
    CHECK(find("%p = tile.ptr_add %os, %v : tensor<8x!tile.ptr<i32>>, "
               "tensor<8xi32>\n"
               "tile.store %p, %r : tensor<8x!tile.ptr<i32>>")[0] ==
          "unspecified element: an address" + kUnspecified);
  }
  SUBCASE("a masked address is fine") {
    CHECK(find("%p = tile.ptr_add %os, %v : tensor<8x!tile.ptr<i32>>, "
               "tensor<8xi32>\n"
               "tile.store %p, %r mask %m : tensor<8x!tile.ptr<i32>>")
              .empty());
  }
  SUBCASE("a mask") {
    CHECK(find("%c = arith.cmpi sgt, %v, %zero : tensor<8xi32>\n"
               "tile.store %op, %r mask %c : tensor<8x!tile.ptr<i32>>") ==
          std::vector{"unspecified element: a mask" + kUnspecified});
  }
  SUBCASE("a mask that is known to be false there is fine") {
    CHECK(find("%c = arith.cmpi sgt, %v, %zero : tensor<8xi32>\n"
               "%d = arith.andi %c, %m : tensor<8xi1>\n"
               "tile.store %op, %r mask %d : tensor<8x!tile.ptr<i32>>")
              .empty());
  }
  SUBCASE("a condition") {
    CHECK(find("%s = tile.reduce %v axis 0 : (tensor<8xi32>) -> i32 {\n"
               "^bb0(%a: i32, %b: i32):\n%c = arith.maxsi %a, %b : i32\n"
               "tile.yield %c : i32\n}\n%c = arith.cmpi sgt, %s, %n : i32\n"
               "scf.if %c {\n}") ==
          std::vector{"unspecified element: a condition" + kUnspecified});
  }
  SUBCASE("ub.poison") {
    CHECK(find("%u = ub.poison : i32\ntile.store %o, %u : !tile.ptr<i32>")
              .size() == 1);
  }
  SUBCASE("a product, element by element") {
    CHECK(
        find(
            "%a = tile.reshape %v : tensor<8xi32> -> tensor<2x4xi32>\n"
            "%b = tile.reshape %r : tensor<8xi32> -> tensor<4x2xi32>\n"
            "%c = arith.constant dense<0> : tensor<2x2xi32>\n"
            "%d = tile.dot %a, %b, %c : tensor<2x4xi32>, tensor<4x2xi32> -> "
            "tensor<2x2xi32>\n"
            "%f = tile.reshape %d : tensor<2x2xi32> -> tensor<4xi32>\n"
            "%q = tile.range 0 to 4 : tensor<4xi32>\n"
            "%qs = tile.splat %o : !tile.ptr<i32> -> tensor<4x!tile.ptr<i32>>\n"
            "%qp = tile.ptr_add %qs, %q : tensor<4x!tile.ptr<i32>>, "
            "tensor<4xi32>\n"
            "tile.store %qp, %f : tensor<4x!tile.ptr<i32>>") ==
        std::vector{"unspecified element: a stored value" + kUnspecified +
                    " [out 2]"});
  }
}

TEST_CASE("bounds") {
  CHECK(find("tile.store %op, %r mask %m : tensor<8x!tile.ptr<i32>>", 1, 5)
            .empty());
  auto reports = find(
      "%one = arith.constant dense<1> : tensor<8xi32>\n"
      "%p = tile.ptr_add %op, %one : tensor<8x!tile.ptr<i32>>, tensor<8xi32>\n"
      "tile.store %p, %r : tensor<8x!tile.ptr<i32>>",
      1, 8);
  CHECK(reports == std::vector<std::string>{
                       "out of bounds: write of 'out' at index 8, outside its "
                       "8 elements [out 8]"});
}

TEST_CASE("a report counts, and says where") {
  Kernel kernel(lanes(
      "%k = arith.constant dense<-4> : tensor<8xi32>\n"
      "%p = tile.ptr_add %op, %k : tensor<8x!tile.ptr<i32>>, tensor<8xi32>\n"
      "tile.store %p, %r : tensor<8x!tile.ptr<i32>>"));
  Ints x(8), out(8);
  kernel.array(x).array(out).scalar(int32_t(8));
  REQUIRE(kernel.check(3).size() == 2); // The writes race as well.
  const Report &report = kernel.reports[0];
  CHECK(report.kind == Kind::OutOfBounds);
  CHECK(report.count == 12);
  CHECK(report.array == "out");
  CHECK(report.index == -4);
  CHECK(report.line == 15);
  CHECK(out == Ints{4, 5, 6, 7, 0, 0, 0, 0});
  CHECK(report.text() ==
        "kernel.mlir:15:1: kernel `lanes`, program (0, 0, 0): out of bounds: "
        "write of 'out' at index -4, outside its 8 elements (12 times)");
}

TEST_CASE("races") {
  std::string pid = "%pid = tile.program_id x : i32\n"
                    "%p = tile.ptr_add %o, %pid : !tile.ptr<i32>, i32\n"
                    "%one = arith.constant 1 : i32\n";
  SUBCASE("programs that write different elements") {
    CHECK(find(pid + "tile.store %p, %pid : !tile.ptr<i32>", 8).empty());
  }
  SUBCASE("lanes that write different values to one element") {
    CHECK(find("%q = arith.shrui %r, %r : tensor<8xi32>\n" // 0, 0, 0, ...
               "%p = tile.ptr_add %os, %q : tensor<8x!tile.ptr<i32>>, "
               "tensor<8xi32>\n"
               "tile.store %p, %q : tensor<8x!tile.ptr<i32>>\n"
               "tile.store %p, %r : tensor<8x!tile.ptr<i32>>") ==
          std::vector<std::string>{"race: two lanes of one store write "
                                   "different values to one address [out 0]"});
  }
  SUBCASE("programs that write the same element") {
    CHECK(find(pid + "tile.store %o, %n : !tile.ptr<i32>", 2) ==
          std::vector<std::string>{
              "race: write races with program 0 (linear id): both touch one "
              "address, one of them writes, and nothing orders them [out 0]"});
  }
  SUBCASE("one reads what another wrote") {
    CHECK(find(pid + "tile.store %p, %pid : !tile.ptr<i32>\n"
                     "%w = tile.load %o : !tile.ptr<i32>",
               3) ==
          std::vector<std::string>{
              "race: read races with program 0 (linear id): both touch one "
              "address, one of them writes, and nothing orders them [out 0]"});
  }
  SUBCASE("one writes what another has read") {
    CHECK(find(pid + "%w = tile.load %xp : tensor<8x!tile.ptr<i32>>\n"
                     "%q = tile.ptr_add %x, %pid : !tile.ptr<i32>, i32\n"
                     "tile.store %q, %pid : !tile.ptr<i32>",
               2, 8)
              .size() == 3); // Program 1 reads [0] twice and writes [1].
  }
  SUBCASE("reading together is fine") {
    CHECK(find("%w = tile.load %xp : tensor<8x!tile.ptr<i32>>", 5).empty());
  }
  SUBCASE("atomics together are fine") {
    CHECK(find(pid + "%w = tile.atomic_rmw add relaxed gpu %o, %one : "
                     "!tile.ptr<i32>, i32 -> i32",
               5)
              .empty());
  }
  SUBCASE("an atomic and a plain read are not") {
    CHECK(find(pid + "%w = tile.atomic_rmw add relaxed gpu %o, %one : "
                     "!tile.ptr<i32>, i32 -> i32\n"
                     "%y = tile.load %o : !tile.ptr<i32>",
               2)
              .size() == 1);
  }
  SUBCASE("an atomic update does not hide a plain one before it") {
    std::string reset = "%c0 = arith.constant 0 : i32\n"
                        "%first = arith.cmpi eq, %pid, %c0 : i32\n"
                        "scf.if %first {\n"
                        "tile.store %o, %c0 : !tile.ptr<i32>\n}\n";
    CHECK(find(pid + reset +
                   "%w = tile.atomic_rmw add relaxed gpu %o, %one : "
                   "!tile.ptr<i32>, i32 -> i32",
               3) ==
          std::vector<std::string>{
              "race: write races with program 0 (linear id): both touch one "
              "address, one of them writes, and nothing orders them [out 0]"});
  }
  // Program 0 writes out[0] and raises the flag x[7], which holds 7; the
  // others wait for 8 and read.
  auto flag = [&](const std::string &order, const std::string &scope,
                  const std::string &after) {
    return pid +
           "%c0 = arith.constant 0 : i32\n%seven = arith.constant 7 : i32\n"
           "%eight = arith.constant 8 : i32\n"
           "%f = tile.ptr_add %x, %seven : !tile.ptr<i32>, i32\n"
           "%first = arith.cmpi eq, %pid, %c0 : i32\n"
           "scf.if %first {\n"
           "  tile.store %o, %seven : !tile.ptr<i32>\n"
           "  %u = tile.atomic_rmw xchg " +
           order + " " + scope +
           " %f, %eight : !tile.ptr<i32>, i32 -> i32\n"
           "} else {\n"
           "  %ok = tile.atomic_poll acquire " +
           scope +
           " %f, %eight : !tile.ptr<i32>, i32\n"
           "  %d = tile.load %o : !tile.ptr<i32>\n" +
           after + "}";
  };
  SUBCASE("a flag that is released orders what it guards, and itself") {
    CHECK(find(flag("release", "gpu", "  %e = tile.load %f : !tile.ptr<i32>\n"),
               3)
              .empty());
  }
  SUBCASE("a relaxed flag orders nothing") {
    CHECK(find(flag("relaxed", "gpu", ""), 3).size() == 1);
  }
  SUBCASE("nor does one that other programs need not see") {
    CHECK(find(flag("release", "cta", ""), 3).size() == 1);
  }
  SUBCASE("what a lock protects is ordered by it") {
    // while (cas(x[7], 7, 1) != 7); out[0] += 1; xchg(x[7], 7)
    auto locked = [&](const std::string &unlock) {
      return pid +
             "%seven = arith.constant 7 : i32\n"
             "%l = tile.ptr_add %x, %seven : !tile.ptr<i32>, i32\n"
             "scf.while : () -> () {\n"
             "  %c = tile.atomic_cas acquire gpu %l, %seven, %one : "
             "!tile.ptr<i32>, i32 -> i32\n"
             "  %again = arith.cmpi ne, %c, %seven : i32\n"
             "  scf.condition(%again)\n} do {\n  scf.yield\n}\n"
             "%w = tile.load %o : !tile.ptr<i32>\n"
             "%w1 = arith.addi %w, %one : i32\n"
             "tile.store %o, %w1 : !tile.ptr<i32>\n" +
             unlock;
    };
    CHECK(find(locked("%u = tile.atomic_rmw xchg release gpu %l, %seven : "
                      "!tile.ptr<i32>, i32 -> i32"),
               5)
              .empty());
    CHECK(!find(locked("%u = tile.atomic_rmw xchg relaxed gpu %l, %seven : "
                       "!tile.ptr<i32>, i32 -> i32"),
                5)
               .empty());
  }
  SUBCASE("the last to arrive may read what all have published") {
    // x[7] counts arrivals, out[i] belongs to program i until all are there.
    CHECK(find(pid + "tile.store %p, %pid : !tile.ptr<i32>\n"
                     "%seven = arith.constant 7 : i32\n"
                     "%count = tile.ptr_add %x, %seven : !tile.ptr<i32>, i32\n"
                     "%c = tile.atomic_rmw add acq_rel gpu %count, %one : "
                     "!tile.ptr<i32>, i32 -> i32\n"
                     "%last = arith.constant 14 : i32\n"
                     "%isLast = arith.cmpi eq, %c, %last : i32\n"
                     "scf.if %isLast {\n"
                     "%all = tile.load %op : tensor<8x!tile.ptr<i32>>\n}",
               8)
              .empty());
  }
}

TEST_CASE("alignment, gathers, assertions, overflow") {
  CHECK(find("%c = tile.ptr_cast %o : !tile.ptr<i32> -> !tile.ptr<i8>\n"
             "%k = arith.constant 2 : i32\n"
             "%d = tile.ptr_add %c, %k : !tile.ptr<i8>, i32\n"
             "%e = tile.ptr_cast %d : !tile.ptr<i8> -> !tile.ptr<i32>\n"
             "tile.store %e, %k : !tile.ptr<i32>")[0]
            .find("is not a multiple of the element's 4 bytes") !=
        std::string::npos);
  CHECK(
      find("%i = arith.addi %r, %ns : tensor<8xi32>\n"
           "%g = tile.gather %r[%i] axis 0 : tensor<8xi32>, tensor<8xi32> -> "
           "tensor<8xi32>") ==
      std::vector<std::string>{"gather index out of range: index 8 is outside "
                               "an axis of 8 elements"});
  CHECK(find("tile.assert %m, \"too far\" : tensor<8xi1>\n"
             "tile.store %o, %n : !tile.ptr<i32>") ==
        std::vector<std::string>{"assertion failed: too far"});
  CHECK(find("tile.assert %m, \"too far\" : tensor<8xi1>", 1, 8).empty());
  std::string product =
      "%big = arith.constant 2000000000 : i32\n"
      "%a = arith.addi %big, %n : i32\n%b = arith.addi %a, %n : i32\n"
      "%bs = tile.splat %b : i32 -> tensor<8xi32>\n"
      "%i = arith.addi %r, %bs : tensor<8xi32>\n";
  std::string store =
      "%p = tile.ptr_add %os, %i : tensor<8x!tile.ptr<i32>>, tensor<8xi32>\n"
      "tile.store %p, %r mask %m : tensor<8x!tile.ptr<i32>>";
  auto reports = find(product + store, 1, 100000000);
  REQUIRE(reports.size() == 2);
  CHECK(reports[0].find("address overflow: the arithmetic of an address "
                        "overflowed its integer type") == 0);
  CHECK(reports[1].find("out of bounds") == 0);
  SUBCASE("overflow that is masked off, or no address, is fine") {
    CHECK(find(product + store, 1, -2000000000).empty());
    CHECK(find(product + "tile.store %op, %i : tensor<8x!tile.ptr<i32>>", 1,
               100000000)
              .empty());
  }
}

TEST_CASE("an assertion names the kernel, the line and the program") {
  Kernel kernel(R"(
    func.func @guard(%n: i32) {
      %pid = tile.program_id y : i32
      %ok = arith.cmpi slt, %pid, %n : i32
      tile.assert %ok, "row out of range" : i1
      return
    })");
  kernel.scalar(int32_t(2));
  CHECK(kernel.run({1, 3, 1}) == "kernel.mlir:5:7: kernel `guard`, program (0, "
                                 "2, 0): assertion failed: row out of range");
}

TEST_CASE("prints, line by line") {
  Kernel kernel(R"(
    func.func @say(%n: i32, %p: !tile.ptr<i8>) {
      %r = tile.range 9 to 11 : tensor<2xi32>
      %e = tile.expand_dims %r axis 1 : tensor<2xi32> -> tensor<2x1xi32>
      %f = arith.constant dense<[0.5, -2.0]> : tensor<2xf16>
      %b = arith.constant -1 : i8
      %t = arith.constant true
      tile.print "here"()
      tile.print "r: "(%e, %f) {is_signed = array<i32: 1, 0>} : tensor<2x1xi32>, tensor<2xf16>
      tile.print "b: "(%b, %b) {is_signed = array<i32: 1, 0>} : i8, i8
      tile.print "x: "(%n) {hex, is_signed = array<i32: 1>} : i32
      tile.print "t: "(%t, %p) {is_signed = array<i32: 0, 0>} : i1, !tile.ptr<i8>
      tile.print ": "(%f) {hex, is_signed = array<i32: 0>} : tensor<2xf16>
      return
    })");
  std::string text;
  kernel.options.print = [&](llvm::StringRef line) {
    text += line.str() + "\n";
  };
  kernel.scalar(int32_t(-2)).scalar(uint64_t(0x1234));
  CHECK(kernel.run({1, 1, 1}) == "");
  CHECK(text == "pid (0, 0, 0) here\n"
                "pid (0, 0, 0) idx (0, 0) r: (operand 0) 9\n"
                "pid (0, 0, 0) idx (1, 0) r: (operand 0) 10\n"
                "pid (0, 0, 0) idx (0) r: (operand 1) 0.500000\n"
                "pid (0, 0, 0) idx (1) r: (operand 1) -2.000000\n"
                "pid (0, 0, 0) idx () b: (operand 0) -1\n"
                "pid (0, 0, 0) idx () b: (operand 1) 255\n"
                "pid (0, 0, 0) idx () x: 0xfffffffe\n"
                "pid (0, 0, 0) idx () t: (operand 0) 1\n"
                "pid (0, 0, 0) idx () t: (operand 1) 0x0000000000001234\n"
                "pid (0, 0, 0) idx (0): 0x1p-1\n"
                "pid (0, 0, 0) idx (1): -0x1p+1\n");
}
