//===- IntegerTest.cpp - arith and math on integers
//
// Part of the Tegula Project, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// The expectations are written on unlimited numbers and wrapped at the end.
//
//===----------------------------------------------------------------------===//

#include "ir/interp/tests/Harness.h"
#include <functional>
#include <random>

using namespace tegula::ir::test;
using Wide = __int128;

namespace {
/// All operands of an op read as signed (s) and unsigned (u), of `w` bits.
struct Operands {
  Wide as, bs, au, bu;
  int w;
};
using Expectation = std::function<Wide(Operands)>;

Wide floorDiv(Wide a, Wide b) {
  Wide q = a / b;
  return q * b != a && ((a < 0) != (b < 0)) ? q - 1 : q;
}
Wide power2(int w) { return Wide(1) << w; }

const std::pair<const char *, Expectation> kBinary[] = {
    {"arith.addi", [](Operands o) { return o.au + o.bu; }},
    {"arith.subi", [](Operands o) { return o.as - o.bs; }},
    {"arith.muli",
     [](Operands o) {
       return Wide(static_cast<unsigned __int128>(o.au) *
                   static_cast<unsigned __int128>(o.bu));
     }},
    {"arith.andi", [](Operands o) { return o.au & o.bu; }},
    {"arith.ori", [](Operands o) { return o.au | o.bu; }},
    {"arith.xori", [](Operands o) { return o.au ^ o.bu; }},
    {"arith.divsi", [](Operands o) { return o.bs ? o.as / o.bs : 0; }},
    {"arith.divui", [](Operands o) { return o.bu ? o.au / o.bu : 0; }},
    {"arith.remsi", [](Operands o) { return o.bs ? o.as % o.bs : o.as; }},
    {"arith.remui", [](Operands o) { return o.bu ? o.au % o.bu : o.au; }},
    {"arith.floordivsi",
     [](Operands o) { return o.bs ? floorDiv(o.as, o.bs) : 0; }},
    {"arith.ceildivsi",
     [](Operands o) { return o.bs ? -floorDiv(-o.as, o.bs) : 0; }},
    {"arith.ceildivui",
     [](Operands o) { return o.bu ? (o.au + o.bu - 1) / o.bu : 0; }},
    {"arith.shli", [](Operands o) { return o.bu >= o.w ? 0 : o.au << o.bu; }},
    {"arith.shrui", [](Operands o) { return o.bu >= o.w ? 0 : o.au >> o.bu; }},
    {"arith.shrsi",
     [](Operands o) {
       return o.bu >= o.w ? (o.as < 0 ? -1 : 0) : floorDiv(o.as, power2(o.bu));
     }},
    {"arith.maxsi", [](Operands o) { return o.as > o.bs ? o.as : o.bs; }},
    {"arith.minsi", [](Operands o) { return o.as < o.bs ? o.as : o.bs; }},
    {"arith.maxui", [](Operands o) { return o.au > o.bu ? o.au : o.bu; }},
    {"arith.minui", [](Operands o) { return o.au < o.bu ? o.au : o.bu; }},
};

const std::pair<const char *, Expectation> kCompare[] = {
    {"eq", [](Operands o) { return o.as == o.bs; }},
    {"ne", [](Operands o) { return o.as != o.bs; }},
    {"slt", [](Operands o) { return o.as < o.bs; }},
    {"sle", [](Operands o) { return o.as <= o.bs; }},
    {"sgt", [](Operands o) { return o.as > o.bs; }},
    {"sge", [](Operands o) { return o.as >= o.bs; }},
    {"ult", [](Operands o) { return o.au < o.bu; }},
    {"ule", [](Operands o) { return o.au <= o.bu; }},
    {"ugt", [](Operands o) { return o.au > o.bu; }},
    {"uge", [](Operands o) { return o.au >= o.bu; }},
};

/// Pairs of operands of `w` bits: all of them, or edges and random ones.
template <typename S>
void operandsOf(int w, std::vector<S> &a, std::vector<S> &b) {
  std::mt19937_64 random(w);
  std::vector<uint64_t> edges;
  if (w <= 4)
    for (uint64_t i = 0; i < (1u << w); ++i)
      edges.push_back(i);
  else
    for (uint64_t base : {uint64_t(0), uint64_t(1) << (w - 1), uint64_t(w),
                          ~uint64_t(0) >> (64 - w)})
      for (int64_t d = -2; d <= 2; ++d)
        edges.push_back(base + d);
  uint64_t mask = ~uint64_t(0) >> (64 - w);
  for (uint64_t x : edges)
    for (uint64_t y : edges) {
      a.push_back(static_cast<S>(x & mask));
      b.push_back(static_cast<S>(y & mask));
    }
  while (a.size() < 512) {
    a.push_back(static_cast<S>(random() & mask));
    b.push_back(static_cast<S>((random() >> random() % 64) & mask));
  }
}

template <typename S> void testWidth(int w) {
  std::vector<S> a, b;
  operandsOf(w, a, b);
  std::string n = std::to_string(a.size());
  std::string type = n + "xi" + std::to_string(w);
  Wide mask = power2(w) - 1;
  auto expect = [&](const Expectation &f, size_t i) {
    Operands o;
    o.w = w;
    o.au = Wide(static_cast<uint64_t>(a[i])) & mask;
    o.bu = Wide(static_cast<uint64_t>(b[i])) & mask;
    o.as = o.au >= power2(w - 1) ? o.au - power2(w) : o.au;
    o.bs = o.bu >= power2(w - 1) ? o.bu - power2(w) : o.bu;
    return f(o);
  };
  for (auto &[op, f] : kBinary) {
    INFO(op << " : " << type);
    auto result = evaluate<S>(
        {type, type}, type,
        "%r = " + std::string(op) + " %a0, %a1 : tensor<" + type + ">", a, b);
    for (size_t i = 0; i < a.size(); ++i)
      REQUIRE_MESSAGE(uint64_t(result[i]) == uint64_t(expect(f, i) & mask),
                      uint64_t(a[i]), ", ", uint64_t(b[i]));
  }
  for (auto &[predicate, f] : kCompare) {
    INFO(predicate << " : " << type);
    auto result =
        evaluate<uint8_t>({type, type}, n + "xi1",
                          "%r = arith.cmpi " + std::string(predicate) +
                              ", %a0, %a1 : tensor<" + type + ">",
                          a, b);
    for (size_t i = 0; i < a.size(); ++i)
      REQUIRE(result[i] == expect(f, i));
  }
}
} // namespace

TEST_CASE("integer ops of each width") {
  SUBCASE("i1") { testWidth<uint8_t>(1); }
  SUBCASE("i4") { testWidth<uint8_t>(4); }
  SUBCASE("i8") { testWidth<uint8_t>(8); }
  SUBCASE("i16") { testWidth<uint16_t>(16); }
  SUBCASE("i32") { testWidth<uint32_t>(32); }
  SUBCASE("i64") { testWidth<uint64_t>(64); }
}

TEST_CASE("both halves of products and sums") {
  std::vector<uint64_t> a, b;
  operandsOf(64, a, b);
  std::string n = std::to_string(a.size()), type = n + "xi64";
  std::string t = " : tensor<" + type + ">";
  auto unsignedHigh = evaluate<uint64_t>(
      {type, type}, type, "%l, %r = arith.mului_extended %a0, %a1" + t, a, b);
  auto signedHigh = evaluate<int64_t>(
      {type, type}, type, "%l, %r = arith.mulsi_extended %a0, %a1" + t, a, b);
  auto low = evaluate<uint64_t>(
      {type, type}, type, "%r, %h = arith.mulsi_extended %a0, %a1" + t, a, b);
  auto carry =
      evaluate<uint8_t>({type, type}, n + "xi1",
                        "%s, %r = arith.addui_extended %a0, %a1 : tensor<" +
                            type + ">, tensor<" + n + "xi1>",
                        a, b);
  for (size_t i = 0; i < a.size(); ++i) {
    auto product = static_cast<unsigned __int128>(a[i]) * b[i];
    CHECK(unsignedHigh[i] == uint64_t(product >> 64));
    CHECK(signedHigh[i] ==
          int64_t((Wide(int64_t(a[i])) * int64_t(b[i])) >> 64));
    CHECK(low[i] == uint64_t(product));
    CHECK(carry[i] == (a[i] + b[i] < a[i]));
  }
}

TEST_CASE("math on integers") {
  std::vector<int32_t> x = {0, 1, -1, INT32_MIN, 12, 1 << 30, 6, -7};
  auto one = [&](const char *op) {
    return evaluate<int32_t>({"8xi32"}, "8xi32",
                             std::string("%r = ") + op + " %a0 : tensor<8xi32>",
                             x);
  };
  using V = std::vector<int32_t>;
  CHECK(one("math.absi") == V{0, 1, 1, INT32_MIN, 12, 1 << 30, 6, 7});
  CHECK(one("math.ctlz") == V{32, 31, 0, 0, 28, 1, 29, 0});
  CHECK(one("math.cttz") == V{32, 0, 0, 31, 2, 30, 1, 0});
  CHECK(one("math.ctpop") == V{0, 1, 32, 1, 2, 1, 2, 30});
  V power = {3, -5, -3, 2, -2, 2, 3, 0};
  CHECK(evaluate<int32_t>({"8xi32", "8xi32"}, "8xi32",
                          "%r = math.ipowi %a0, %a1 : tensor<8xi32>", x,
                          power) == V{0, 1, -1, 0, 0, 0, 216, 1});
}

TEST_CASE("integer conversions") {
  std::vector<int8_t> x = {0, 1, -1, -128, 127, 100};
  CHECK(
      evaluate<int32_t>({"6xi8"}, "6xi32",
                        "%r = arith.extsi %a0 : tensor<6xi8> to tensor<6xi32>",
                        x) == std::vector<int32_t>{0, 1, -1, -128, 127, 100});
  CHECK(
      evaluate<int32_t>({"6xi8"}, "6xi32",
                        "%r = arith.extui %a0 : tensor<6xi8> to tensor<6xi32>",
                        x) == std::vector<int32_t>{0, 1, 255, 128, 127, 100});
  CHECK(
      evaluate<uint8_t>({"6xi8"}, "6xi4",
                        "%r = arith.trunci %a0 : tensor<6xi8> to tensor<6xi4>",
                        x) == std::vector<uint8_t>{0, 1, 15, 0, 15, 4});
  CHECK(
      evaluate<uint8_t>({"6xi8"}, "6xi1",
                        "%r = arith.trunci %a0 : tensor<6xi8> to tensor<6xi1>",
                        x) == std::vector<uint8_t>{0, 1, 1, 0, 1, 0});
  std::vector<uint8_t> flags = {0, 1, 7}; // A byte in memory that isn't 0 or 1.
  CHECK(evaluate<int8_t>({"3xi1"}, "3xi8",
                         "%r = arith.extsi %a0 : tensor<3xi1> to tensor<3xi8>",
                         flags) == std::vector<int8_t>{0, -1, -1});
  CHECK(evaluate<int64_t>(
            {"6xi8"}, "6xi64",
            "%i = arith.index_castui %a0 : tensor<6xi8> to tensor<6xindex>\n"
            "%r = arith.index_cast %i : tensor<6xindex> to tensor<6xi64>",
            x) == std::vector<int64_t>{0, 1, 255, 128, 127, 100});
}
