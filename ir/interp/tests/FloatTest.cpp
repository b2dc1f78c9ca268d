//===- FloatTest.cpp - arith and math on floats
//
// Part of the Tegula Project, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "ir/interp/tests/Harness.h"
#include "llvm/ADT/APFloat.h"
#include <cmath>
#include <random>

using namespace tegula::ir::test;
using llvm::APFloat;

namespace {
struct Format {
  std::string name;
  const llvm::fltSemantics &semantics;
  unsigned bits;
};
const Format kFormats[] = {
    {"f8E4M3FN", APFloat::Float8E4M3FN(), 8},
    {"f8E5M2FNUZ", APFloat::Float8E5M2FNUZ(), 8},
    {"f16", APFloat::IEEEhalf(), 16},
    {"bf16", APFloat::BFloat(), 16},
    {"f32", APFloat::IEEEsingle(), 32},
    {"f64", APFloat::IEEEdouble(), 64},
};

/// Bit patterns in little-endian bytes, as they lie in an array.
std::vector<uint8_t> pack(const std::vector<uint64_t> &patterns,
                          unsigned bits) {
  std::vector<uint8_t> bytes;
  for (uint64_t pattern : patterns)
    for (unsigned b = 0; b < bits; b += 8)
      bytes.push_back(static_cast<uint8_t>(pattern >> b));
  return bytes;
}

std::vector<uint64_t> patterns(const Format &format, size_t count, int seed) {
  std::mt19937_64 random(seed);
  std::vector<uint64_t> result;
  uint64_t mask = ~uint64_t(0) >> (64 - format.bits);
  for (size_t i = 0; i < count; ++i) {
    APFloat zero(format.semantics);
    uint64_t special[] = {
        0, uint64_t(1) << (format.bits - 1),
        APFloat::getLargest(format.semantics).bitcastToAPInt().getZExtValue(),
        APFloat::getSmallest(format.semantics).bitcastToAPInt().getZExtValue(),
        APFloat::getNaN(format.semantics).bitcastToAPInt().getZExtValue()};
    result.push_back(i % 7 == 0 ? special[random() % 5] : random() & mask);
    // Neighbouring exponents make sums that need rounding.
    if (i % 2 && i > 0)
      result.back() = (result[i - 1] ^ (random() >> (68 - format.bits))) & mask;
  }
  return result;
}

using Oracle = APFloat (*)(APFloat, const APFloat &);
constexpr auto kNearest = llvm::RoundingMode::NearestTiesToEven;
const std::pair<const char *, Oracle> kBinary[] = {
    {"arith.addf",
     [](APFloat a, const APFloat &b) { return a.add(b, kNearest), a; }},
    {"arith.subf",
     [](APFloat a, const APFloat &b) { return a.subtract(b, kNearest), a; }},
    {"arith.mulf",
     [](APFloat a, const APFloat &b) { return a.multiply(b, kNearest), a; }},
    {"arith.divf",
     [](APFloat a, const APFloat &b) { return a.divide(b, kNearest), a; }},
    {"arith.remf", [](APFloat a, const APFloat &b) { return a.mod(b), a; }},
    {"arith.maximumf",
     [](APFloat a, const APFloat &b) { return llvm::maximum(a, b); }},
    {"arith.minimumf",
     [](APFloat a, const APFloat &b) { return llvm::minimum(a, b); }},
    {"arith.maxnumf",
     [](APFloat a, const APFloat &b) { return llvm::maximumnum(a, b); }},
    {"arith.minnumf",
     [](APFloat a, const APFloat &b) { return llvm::minimumnum(a, b); }},
};

APFloat read(const Format &format, uint64_t pattern) {
  return APFloat(format.semantics, llvm::APInt(format.bits, pattern));
}
uint64_t unpack(const std::vector<uint8_t> &bytes, unsigned bits, size_t i) {
  uint64_t pattern = 0;
  std::memcpy(&pattern, bytes.data() + i * bits / 8, bits / 8);
  return pattern;
}

void checkSame(const Format &format, uint64_t found, const APFloat &wanted) {
  APFloat value = read(format, found);
  if (wanted.isNaN())
    REQUIRE(value.isNaN());
  else
    REQUIRE(found == wanted.bitcastToAPInt().getZExtValue());
}
} // namespace

TEST_CASE("basic float ops round once") {
  constexpr size_t kCount = 4000;
  std::string n = std::to_string(kCount);
  for (const Format &format : kFormats) {
    auto a = patterns(format, kCount, 1), b = patterns(format, kCount, 2);
    std::string type = "tensor<" + n + "x" + format.name + ">";
    for (auto &[op, oracle] : kBinary) {
      INFO(op << " : " << format.name);
      Kernel kernel(unit({n + "x" + format.name, n + "x" + format.name},
                         n + "x" + format.name,
                         "%r = " + std::string(op) + " %a0, %a1 : " + type));
      auto left = pack(a, format.bits), right = pack(b, format.bits);
      std::vector<uint8_t> out(left.size());
      REQUIRE(kernel.array(left).array(right).array(out).run() == "");
      for (size_t i = 0; i < kCount; ++i) {
        INFO(a[i] << ", " << b[i]);
        checkSame(format, unpack(out, format.bits, i),
                  oracle(read(format, a[i]), read(format, b[i])));
      }
    }
  }
}

TEST_CASE("fma rounds once") {
  constexpr size_t kCount = 4000;
  std::string n = std::to_string(kCount);
  for (const Format &format : kFormats) {
    INFO(format.name);
    auto a = patterns(format, kCount, 3), b = patterns(format, kCount, 4);
    auto c = patterns(format, kCount, 5);
    std::string type = n + "x" + format.name;
    Kernel kernel(unit({type, type, type}, type,
                       "%r = math.fma %a0, %a1, %a2 : tensor<" + type + ">"));
    auto x = pack(a, format.bits), y = pack(b, format.bits);
    auto z = pack(c, format.bits);
    std::vector<uint8_t> out(x.size());
    REQUIRE(kernel.array(x).array(y).array(z).array(out).run() == "");
    for (size_t i = 0; i < kCount; ++i) {
      INFO(a[i] << ", " << b[i] << ", " << c[i]);
      APFloat wanted = read(format, a[i]);
      wanted.fusedMultiplyAdd(read(format, b[i]), read(format, c[i]), kNearest);
      checkSame(format, unpack(out, format.bits, i), wanted);
    }
  }
}

TEST_CASE("comparisons know four relations") {
  std::vector<float> a = {1, 2, 3, NAN, NAN, -0.0f};
  std::vector<float> b = {2, 2, 2, 1, NAN, 0.0f};
  // For less, equal, greater, unordered: does the predicate hold?
  std::pair<const char *, std::array<int, 4>> table[] = {
      {"false", {0, 0, 0, 0}}, {"oeq", {0, 1, 0, 0}}, {"ogt", {0, 0, 1, 0}},
      {"oge", {0, 1, 1, 0}},   {"olt", {1, 0, 0, 0}}, {"ole", {1, 1, 0, 0}},
      {"one", {1, 0, 1, 0}},   {"ord", {1, 1, 1, 0}}, {"ueq", {0, 1, 0, 1}},
      {"ugt", {0, 0, 1, 1}},   {"uge", {0, 1, 1, 1}}, {"ult", {1, 0, 0, 1}},
      {"ule", {1, 1, 0, 1}},   {"une", {1, 0, 1, 1}}, {"uno", {0, 0, 0, 1}},
      {"true", {1, 1, 1, 1}}};
  for (auto &[predicate, holds] : table) {
    INFO(predicate);
    auto result =
        evaluate<uint8_t>({"6xf32", "6xf32"}, "6xi1",
                          std::string("%r = arith.cmpf ") + predicate +
                              ", %a0, %a1 : tensor<6xf32>",
                          a, b);
    int relation[] = {0, 1, 2, 3, 3, 1};
    for (size_t i = 0; i < 6; ++i)
      CHECK(result[i] == holds[relation[i]]);
  }
}

TEST_CASE("math functions are the library's") {
  std::vector<float> x;
  for (int i = 0; i < 64; ++i)
    x.push_back(0.03f + i * 0.11f);
  auto check = [&](const char *op, double (*f)(double), float scale = 1) {
    INFO(op);
    std::vector<float> in = x;
    for (float &v : in)
      v *= scale;
    auto result = evaluate<float>(
        {"64xf32"}, "64xf32",
        std::string("%r = ") + op + " %a0 : tensor<64xf32>", in);
    for (size_t i = 0; i < in.size(); ++i) {
      float wanted = static_cast<float>(f(in[i]));
      REQUIRE((result[i] == wanted ||
               (std::isnan(wanted) && std::isnan(result[i]))));
    }
  };
  check("math.exp", std::exp);
  check("math.exp2", std::exp2);
  check("math.expm1", std::expm1);
  check("math.log", std::log);
  check("math.log2", std::log2);
  check("math.log10", std::log10);
  check("math.log1p", std::log1p);
  check("math.sin", std::sin);
  check("math.cos", std::cos);
  check("math.tan", std::tan);
  check("math.sinh", std::sinh);
  check("math.cosh", std::cosh);
  check("math.tanh", std::tanh);
  check("math.asin", std::asin, 0.1f);
  check("math.acos", std::acos, 0.1f);
  check("math.atan", std::atan);
  check("math.asinh", std::asinh);
  check("math.acosh", std::acosh);
  check("math.atanh", std::atanh, 0.1f);
  check("math.erf", std::erf);
  check("math.erfc", std::erfc);
  check("math.sqrt", std::sqrt);
  check("math.cbrt", std::cbrt);
  check("math.rsqrt", [](double v) { return 1 / std::sqrt(v); });
  check("math.absf", std::fabs, -1);
  check("math.ceil", std::ceil, -1);
  check("math.floor", std::floor, -1);
  check("math.trunc", std::trunc, -1);
  check("math.round", std::round);
  check("math.roundeven", std::nearbyint, 4.5f / 0.14f);
}

TEST_CASE("math with two operands and to flags") {
  std::vector<float> a = {2, -2, NAN, INFINITY, -3, 0.5f};
  std::vector<float> b = {-1, 3, 1, -2, 0.5f, 4};
  auto two = [&](const char *op) {
    return evaluate<float>(
        {"6xf32", "6xf32"}, "6xf32",
        std::string("%r = ") + op + " %a0, %a1 : tensor<6xf32>", a, b);
  };
  auto power = two("math.powf"), angle = two("math.atan2");
  auto sign = two("math.copysign");
  for (size_t i = 0; i < a.size(); ++i) {
    double wanted = std::pow(double(a[i]), double(b[i]));
    CHECK((power[i] == float(wanted) ||
           (std::isnan(wanted) && std::isnan(power[i]))));
    if (i != 2)
      CHECK(angle[i] == float(std::atan2(double(a[i]), double(b[i]))));
    CHECK(std::signbit(sign[i]) == std::signbit(b[i]));
  }
  auto flag = [&](const char *op) {
    return evaluate<uint8_t>({"6xf32"}, "6xi1",
                             std::string("%r = ") + op + " %a0 : tensor<6xf32>",
                             a);
  };
  using F = std::vector<uint8_t>;
  CHECK(flag("math.isnan") == F{0, 0, 1, 0, 0, 0});
  CHECK(flag("math.isinf") == F{0, 0, 0, 1, 0, 0});
  CHECK(flag("math.isfinite") == F{1, 1, 0, 0, 1, 1});
  std::vector<int32_t> n = {3, 2, 0, 1, -1, -2};
  CHECK(evaluate<float>(
            {"6xf32", "6xi32"}, "6xf32",
            "%r = math.fpowi %a0, %a1 : tensor<6xf32>, tensor<6xi32>", a,
            n) == std::vector<float>{8, 4, 1, INFINITY, -1.0f / 3, 4});
}

TEST_CASE("f16 and bf16 round after each op") {
  // 2048 + 1 rounds back to 2048 each time; together it would be 2050.
  std::vector<uint16_t> a = {0x6800}, one = {0x3C00};
  CHECK(evaluate<uint16_t>({"1xf16", "1xf16"}, "1xf16",
                           "%s = arith.addf %a0, %a1 : tensor<1xf16>\n"
                           "%r = arith.addf %s, %a1 : tensor<1xf16>",
                           a, one) == a);
  std::vector<uint16_t> b = {0x4380}, bone = {0x3F80}; // 256 + 1 + 1
  CHECK(evaluate<uint16_t>({"1xbf16", "1xbf16"}, "1xbf16",
                           "%s = arith.addf %a0, %a1 : tensor<1xbf16>\n"
                           "%r = arith.addf %s, %a1 : tensor<1xbf16>",
                           b, bone) == b);
}

TEST_CASE("conversions between floats and integers") {
  std::vector<float> x = {1.5f, -1.5f, 3e9f, -3e9f, NAN, INFINITY};
  CHECK(evaluate<int32_t>(
            {"6xf32"}, "6xi32",
            "%r = arith.fptosi %a0 : tensor<6xf32> to tensor<6xi32>", x) ==
        std::vector<int32_t>{1, -1, INT32_MAX, INT32_MIN, 0, INT32_MAX});
  CHECK(evaluate<uint32_t>(
            {"6xf32"}, "6xi32",
            "%r = arith.fptoui %a0 : tensor<6xf32> to tensor<6xi32>",
            x) == std::vector<uint32_t>{1, 0, 3000000000u, 0, 0, UINT32_MAX});
  std::vector<int64_t> i = {0, -1, (int64_t(1) << 53) + 1,
                            (int64_t(1) << 60) + (int64_t(1) << 36) + 1};
  auto f = evaluate<float>(
      {"4xi64"}, "4xf32",
      "%r = arith.sitofp %a0 : tensor<4xi64> to tensor<4xf32>", i);
  auto u = evaluate<double>(
      {"4xi64"}, "4xf64",
      "%r = arith.uitofp %a0 : tensor<4xi64> to tensor<4xf64>", i);
  for (size_t k = 0; k < 4; ++k) {
    CHECK(f[k] == static_cast<float>(i[k]));
    CHECK(u[k] == static_cast<double>(static_cast<uint64_t>(i[k])));
  }
  // 65520 is the middle between f16's largest number and infinity.
  std::vector<double> d = {65519.9, 65520, -1e9, 0x1p-25};
  auto convert = [&](const char *how) {
    return evaluate<uint16_t>({"4xf64"}, "4xf16",
                              std::string("%r = tile.fp_convert %a0 ") + how +
                                  " : tensor<4xf64> -> tensor<4xf16>",
                              d);
  };
  using H = std::vector<uint16_t>;
  CHECK(convert("rtne") == H{0x7BFF, 0x7C00, 0xFC00, 0});
  CHECK(convert("rtz") == H{0x7BFF, 0x7BFF, 0xFBFF, 0});
  CHECK(convert("rtne saturate") == H{0x7BFF, 0x7BFF, 0xFBFF, 0});
  CHECK(evaluate<uint16_t>(
            {"4xf64"}, "4xf16",
            "%r = arith.truncf %a0 : tensor<4xf64> to tensor<4xf16>",
            d) == H{0x7BFF, 0x7C00, 0xFC00, 0});
}

TEST_CASE("functions by name") {
  auto one = [&](const char *name, double x) {
    std::vector<double> in = {x};
    return evaluate<double>({"1xf64"}, "1xf64",
                            std::string("%r = tile.extern_math \"") + name +
                                "\"(%a0) : (tensor<1xf64>) -> tensor<1xf64>",
                            in)[0];
  };
  auto near = [](double value) {
    return doctest::Approx(value).epsilon(1e-14);
  };
  CHECK(one("erfinv", 0.5) == near(0.47693627620446987));
  CHECK(one("erfinv", -1e-10) == near(-8.8622692545275801e-11));
  CHECK(one("erfcinv", 1e-100) == near(15.065574702592643));
  CHECK(one("erfcx", 50) == near(0.011281536265323772));
  CHECK(one("erfcx", 1) == near(0.42758357615580700));
  CHECK(one("normcdf", 1) == near(0.84134474606854293));
  CHECK(one("normcdfinv", 0.975) == near(1.9599639845400545));
  CHECK(one("cyl_bessel_i0", 2) == near(2.2795853023360673));
  CHECK(one("cyl_bessel_i1", 2) == near(1.5906368546373291));
  CHECK(one("sinpi", 1e6 + 0.5) == 1);
  CHECK(one("cospi", 0.5) == 0);
  CHECK(one("tgamma", 5) == 24);
  CHECK(one("rcbrt", 27) == near(1.0 / 3));
  CHECK(one("rsqrt", 16) == 0.25);
  CHECK(one("saturate", NAN) == 0);
  CHECK(one("llrint", 2.5) == 2);
  std::vector<float> a = {3, 5}, b = {4, -12};
  CHECK(evaluate<float>(
            {"2xf32", "2xf32"}, "2xf32",
            "%r = tile.extern_math \"hypot\"(%a0, %a1) : (tensor<2xf32>, "
            "tensor<2xf32>) -> tensor<2xf32>",
            a, b) == std::vector<float>{5, 13});
  std::vector<int32_t> n = {-1, 3};
  CHECK(evaluate<float>(
            {"2xf32", "2xi32"}, "2xf32",
            "%r = tile.extern_math \"ldexp\"(%a0, %a1) : (tensor<2xf32>, "
            "tensor<2xi32>) -> tensor<2xf32>",
            a, n) == std::vector<float>{1.5f, 40});
  CHECK(evaluate<uint8_t>({"2xf32"}, "2xi1",
                          "%r = tile.extern_math \"signbit\"(%a0) : "
                          "(tensor<2xf32>) -> tensor<2xi1>",
                          b) == std::vector<uint8_t>{0, 1});
}

TEST_CASE("an unknown function is refused by name") {
  Kernel kernel(unit({"2xf32"}, "2xf32",
                     "%r = tile.extern_math \"frobnicate\"(%a0) : "
                     "(tensor<2xf32>) -> tensor<2xf32>"));
  CHECK(kernel.error.find("'tile.extern_math' \"frobnicate\" is no function "
                          "that is supported by interp") != std::string::npos);
  Kernel arity(unit({"2xf32"}, "2xf32",
                    "%r = tile.extern_math \"pow\"(%a0) : "
                    "(tensor<2xf32>) -> tensor<2xf32>"));
  CHECK(arity.error.find("\"pow\" takes 2 operands, found 1") !=
        std::string::npos);
}
