//===- ElementwiseTest.cpp - Every scalar op on the corners of every type -===//
//
// Part of the Tegula Project, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// One kernel for each element type holds all its ops; each op's results are
// stored to a row of their own. Floats are widened before they are stored, so
// that any NaN equals any other.
//
//===----------------------------------------------------------------------===//

#include "targets/cpu/tests/Differential.h"
#include "llvm/ADT/APFloat.h"
#include <cmath>
#include <doctest/doctest.h>
#include <limits>

using llvm::APFloat;
using tegula::test::Differential;

namespace {
/// Pairs of corners: %a holds each 16 times in a row, %b all of them in turn.
constexpr int kCorners = 16, kLanes = kCorners * kCorners;

std::string tensorOf(const std::string &element) {
  return "tensor<" + std::to_string(kLanes) + "x" + element + ">";
}

/// A kernel of two inputs of `type` and one output of `out` that is written row
/// by row.
class KernelText {
public:
  KernelText(std::string type, std::string out)
      : type(std::move(type)), out(std::move(out)) {}

  /// A line that computes %r, with $a and $b for the operands, $T for their
  /// tensor type and $O for the output's.
  void row(std::string line) {
    std::string number = std::to_string(rows++);
    replace(line, "%t", "%t" + number + "_");
    replace(line, "%r", "%r" + number);
    replace(line, "$a", "%a");
    replace(line, "$b", "%b");
    replace(line, "$T", tensorOf(type));
    replace(line, "$O", tensorOf(out));
    replace(line, "$I", tensorOf("i1"));
    body += line + "\n" + "%o" + number + " = arith.constant " +
            std::to_string((rows - 1) * kLanes) + " : i32\n" + "%q" + number +
            " = tile.ptr_add %y, %o" + number + " : !tile.ptr<" + out +
            ">, i32\n" + pointers("y" + number, "q" + number, out) +
            "tile.store %y" + number + "p, %r" + number + " : " +
            tensorOf("!tile.ptr<" + out + ">") + "\n";
  }
  int count() const { return rows; }

  std::string text() const {
    std::string loads;
    for (const char *name : {"a", "b"})
      loads += pointers(name, std::string("x") + name, type) + "%" + name +
               " = tile.load %" + name +
               "p : " + tensorOf("!tile.ptr<" + type + ">") + "\n";
    return "func.func @k(%xa: !tile.ptr<" + type + ">, %xb: !tile.ptr<" + type +
           ">, %y: !tile.ptr<" + out + ">) {\n%i = tile.range 0 to " +
           std::to_string(kLanes) + " : " + tensorOf("i32") + "\n" + loads +
           body + "return\n}\n";
  }

private:
  static void replace(std::string &text, const std::string &what,
                      const std::string &with) {
    for (size_t at = 0; (at = text.find(what, at)) != std::string::npos;
         at += with.size())
      text.replace(at, what.size(), with);
  }
  static std::string pointers(const std::string &name, const std::string &base,
                              const std::string &element) {
    std::string pointer = "!tile.ptr<" + element + ">";
    return "%" + name + "s = tile.splat %" + base + " : " + pointer + " -> " +
           tensorOf(pointer) + "\n%" + name + "p = tile.ptr_add %" + name +
           "s, %i : " + tensorOf(pointer) + ", " + tensorOf("i32") + "\n";
  }

  std::string type, out, body;
  int rows = 0;
};

template <typename T> std::vector<T> outer(const std::vector<T> &corners) {
  REQUIRE(corners.size() == kCorners);
  std::vector<T> values;
  for (T corner : corners)
    values.insert(values.end(), kCorners, corner);
  return values;
}

template <typename T> std::vector<T> inner(const std::vector<T> &corners) {
  std::vector<T> values;
  for (int i = 0; i < kCorners; ++i)
    values.insert(values.end(), corners.begin(), corners.end());
  return values;
}

template <typename In, typename Out>
void check(const KernelText &kernel, const std::vector<In> &corners) {
  CAPTURE(kernel.text());
  Differential(kernel.text())
      .array(outer(corners))
      .array(inner(corners))
      .array(std::vector<Out>(size_t(kernel.count()) * kLanes, Out(0)))
      .template run<Out>();
}

template <typename T> std::vector<T> integerCorners() {
  using Limits = std::numeric_limits<std::make_signed_t<T>>;
  T least = Limits::min(), most = Limits::max();
  return {0,    1,          2,     3,     7,     8,     16,
          31,   64,         T(-1), T(-2), T(-8), least, T(least + 1),
          most, T(most - 1)};
}

struct FloatFormat {
  const char *name;
  const llvm::fltSemantics &semantics;
};

/// Zeros, ones, a tie, the ends of the normal and subnormal ranges, the
/// infinities and NaN, as bits.
template <typename T>
std::vector<T> floatCorners(const llvm::fltSemantics &semantics) {
  std::vector<T> corners;
  auto add = [&](const APFloat &value) {
    corners.push_back(T(value.bitcastToAPInt().getZExtValue()));
  };
  auto number = [&](double value) {
    APFloat converted(value);
    bool loses;
    converted.convert(semantics, APFloat::rmNearestTiesToEven, &loses);
    add(converted);
  };
  bool hasInfinity = APFloat::semanticsHasInf(semantics);
  for (double value : {0.0, -0.0, 1.0, -1.0, 0.75, 2.5, -3.5, 14.0})
    number(value);
  add(APFloat::getLargest(semantics));
  add(APFloat::getLargest(semantics, /*Negative=*/true));
  add(APFloat::getSmallest(semantics));
  add(APFloat::getSmallestNormalized(semantics));
  APFloat below = APFloat::getSmallestNormalized(semantics, true);
  below.next(/*nextDown=*/false);
  add(below);
  add(APFloat::getNaN(semantics));
  if (hasInfinity) {
    add(APFloat::getInf(semantics));
    add(APFloat::getInf(semantics, true));
  } else {
    number(5.0);
    number(-0.375);
  }
  return corners;
}

void integerOps(KernelText &kernel) {
  for (const char *op : {"addi", "subi", "muli", "divsi", "divui", "remsi",
                         "remui", "andi", "ori", "xori", "shli", "shrsi",
                         "shrui", "maxsi", "maxui", "minsi", "minui"})
    kernel.row("%r = arith." + std::string(op) + " $a, $b : $T");
  for (const char *predicate :
       {"eq", "ne", "slt", "sle", "sgt", "sge", "ult", "ule", "ugt", "uge"})
    kernel.row("%t = arith.cmpi " + std::string(predicate) +
               ", $a, $b : $T\n%r = arith.select %t, $a, $b : $I, $T");
}

/// `finish` turns a result of the type into the output.
void floatOps(KernelText &kernel, const std::string &finish) {
  auto row = [&](const std::string &op) {
    kernel.row("%t = " + op + "\n" + finish);
  };
  for (const char *op :
       {"addf", "subf", "mulf", "divf", "maximumf", "minimumf"})
    row("arith." + std::string(op) + " $a, $b : $T");
  // Of two zeros maxnumf may give either.
  for (const char *op : {"maxnumf", "minnumf"})
    kernel.row("%tm = arith." + std::string(op) +
               " $a, $b : $T\n%tz = arith.subf $a, $a : $T\n%t = arith.addf "
               "%tm, %tz : $T\n" +
               finish);
  row("arith.negf $a : $T");
  for (const char *op : {"absf", "floor", "ceil", "sqrt"})
    row("math." + std::string(op) + " $a : $T");
  row("math.fma $a, $b, $a : $T");
  for (const char *predicate :
       {"oeq", "one", "olt", "ole", "ogt", "oge", "ord", "ueq", "une", "ult",
        "ule", "ugt", "uge", "uno"})
    kernel.row("%tc = arith.cmpf " + std::string(predicate) +
               ", $a, $b : $T\n%t = arith.select %tc, $a, $b : $I, $T\n" +
               finish);
}

/// Every conversion of $a, of float type `from`, into every other type; the
/// results are seen as f64 or as i64.
void floatCasts(const std::string &from, unsigned width, KernelText &floats,
                KernelText &integers) {
  for (auto [to, toWidth] : {std::pair{"f8E4M3FN", 8u},
                             {"f8E5M2", 8u},
                             {"f8E4M3FNUZ", 8u},
                             {"f8E5M2FNUZ", 8u},
                             {"f16", 16u},
                             {"bf16", 16u},
                             {"f32", 32u}}) {
    if (to == from || toWidth > width)
      continue;
    std::string type = tensorOf(to);
    for (const char *how : {"rtne", "rtz", "rtne saturate", "rtz saturate"})
      floats.row("%t = tile.fp_convert $a " + std::string(how) + " : $T -> " +
                 type + "\n%r = arith.extf %t : " + type + " to $O");
  }
  for (const char *to : {"i1", "i8", "i16", "i32", "i64"})
    for (const char *sign : {"si", "ui"}) {
      std::string type = tensorOf(to);
      std::string cast =
          "arith.fpto" + std::string(sign) + " $a : $T to " + type;
      integers.row(to == std::string("i64")
                       ? "%r = " + cast
                       : "%t = " + cast + "\n%r = arith.extsi %t : " + type +
                             " to $O");
    }
}
} // namespace

TEST_CASE_TEMPLATE("integers", T, int8_t, int16_t, int32_t, int64_t) {
  std::string type = "i" + std::to_string(8 * sizeof(T));
  KernelText kernel(type, type);
  integerOps(kernel);
  check<T, T>(kernel, integerCorners<T>());
}

TEST_CASE_TEMPLATE("integers become others", T, int8_t, int16_t, int32_t,
                   int64_t) {
  std::string type = "i" + std::to_string(8 * sizeof(T));
  KernelText floats(type, "f64"), integers(type, "i64");
  for (const char *sign : {"si", "ui"}) {
    std::string name = "arith." + std::string(sign) + "tofp $a : $T to ";
    for (const char *to : {"f8E4M3FN", "f8E5M2", "f16", "bf16", "f32"})
      floats.row("%t = " + name + tensorOf(to) +
                 "\n%r = arith.extf %t : " + tensorOf(to) + " to $O");
    floats.row("%r = " + name + "$O");
    if (sizeof(T) < 8)
      integers.row("%r = arith.ext" + std::string(sign) + " $a : $T to $O");
  }
  for (const char *to : {"i1", "i8", "i16", "i32"})
    if (std::atoi(to + 1) < int(8 * sizeof(T)))
      integers.row("%t = arith.trunci $a : $T to " + tensorOf(to) +
                   "\n%r = arith.extsi %t : " + tensorOf(to) + " to $O");
  if (sizeof(T) == 8)
    integers.row("%t1, %r = arith.mului_extended $a, $b : $T");
  else
    integers.row("%t1, %t = arith.mului_extended $a, $b : $T\n"
                 "%r = arith.extui %t : $T to $O");
  check<T, double>(floats, integerCorners<T>());
  check<T, int64_t>(integers, integerCorners<T>());
}

TEST_CASE("wide floats") {
  {
    KernelText kernel("f32", "f32");
    floatOps(kernel, "%r = arith.addf %t, %t : $T");
    std::vector<float> corners;
    for (uint32_t bits : floatCorners<uint32_t>(APFloat::IEEEsingle()))
      corners.push_back(llvm::bit_cast<float>(bits));
    check<float, float>(kernel, corners);
    KernelText floats("f32", "f64"), integers("f32", "i64");
    floatCasts("f32", 32, floats, integers);
    check<float, double>(floats, corners);
    check<float, int64_t>(integers, corners);
  }
  KernelText kernel("f64", "f64");
  floatOps(kernel, "%r = arith.addf %t, %t : $T");
  std::vector<double> corners;
  for (uint64_t bits : floatCorners<uint64_t>(APFloat::IEEEdouble()))
    corners.push_back(llvm::bit_cast<double>(bits));
  check<double, double>(kernel, corners);
  KernelText floats("f64", "f64"), integers("f64", "i64");
  floatCasts("f64", 64, floats, integers);
  check<double, double>(floats, corners);
  check<double, int64_t>(integers, corners);
}

TEST_CASE("narrow floats") {
  for (const FloatFormat &format : {FloatFormat{"f16", APFloat::IEEEhalf()},
                                    FloatFormat{"bf16", APFloat::BFloat()}}) {
    CAPTURE(format.name);
    auto corners = floatCorners<uint16_t>(format.semantics);
    KernelText kernel(format.name, "f32");
    floatOps(kernel, "%r = arith.extf %t : $T to $O");
    check<uint16_t, float>(kernel, corners);
    KernelText floats(format.name, "f64"), integers(format.name, "i64");
    floatCasts(format.name, 16, floats, integers);
    check<uint16_t, double>(floats, corners);
    check<uint16_t, int64_t>(integers, corners);
  }
  for (const FloatFormat &format :
       {FloatFormat{"f8E4M3FN", APFloat::Float8E4M3FN()},
        FloatFormat{"f8E5M2", APFloat::Float8E5M2()},
        FloatFormat{"f8E4M3FNUZ", APFloat::Float8E4M3FNUZ()},
        FloatFormat{"f8E5M2FNUZ", APFloat::Float8E5M2FNUZ()}}) {
    CAPTURE(format.name);
    auto corners = floatCorners<uint8_t>(format.semantics);
    KernelText floats(format.name, "f64"), integers(format.name, "i64");
    floats.row("%r = arith.extf $a : $T to $O");
    floatCasts(format.name, 8, floats, integers);
    check<uint8_t, double>(floats, corners);
    check<uint8_t, int64_t>(integers, corners);
  }
}

// One divisor for all lanes takes another way than a division lane by lane.
TEST_CASE("quotients of one divisor are rounded once, the smallest too") {
  std::vector<float> x;
  uint32_t state = 1;
  for (int i = 0; i < 4096; ++i) {
    state = state * 1664525u + 1013904223u;
    x.push_back(std::ldexp(float(1 + (state >> 9)), -172 + int(state % 61)));
  }
  for (float divisor : {3.0f, 0.7f, 1.9999999f, 1e-7f, 1e20f, -5.5f, 4097.0f}) {
    CAPTURE(divisor);
    std::vector<float> quotients = Differential(R"(
func.func @k(%x: !tile.ptr<f32>, %s: f32, %y: !tile.ptr<f32>) {
  %i = tile.range 0 to 4096 : tensor<4096xi32>
  %xs = tile.splat %x : !tile.ptr<f32> -> tensor<4096x!tile.ptr<f32>>
  %ys = tile.splat %y : !tile.ptr<f32> -> tensor<4096x!tile.ptr<f32>>
  %xp = tile.ptr_add %xs, %i : tensor<4096x!tile.ptr<f32>>, tensor<4096xi32>
  %yp = tile.ptr_add %ys, %i : tensor<4096x!tile.ptr<f32>>, tensor<4096xi32>
  %a = tile.load %xp : tensor<4096x!tile.ptr<f32>>
  %d = tile.splat %s : f32 -> tensor<4096xf32>
  %q = arith.divf %a, %d : tensor<4096xf32>
  %b = arith.bitcast %q : tensor<4096xf32> to tensor<4096xi32>
  %yi = tile.ptr_cast %yp : tensor<4096x!tile.ptr<f32>> -> tensor<4096x!tile.ptr<i32>>
  tile.store %yi, %b : tensor<4096x!tile.ptr<i32>>
  return
}
)")
                                       .array(x)
                                       .scalar(divisor)
                                       .array(std::vector<int32_t>(4096))
                                       .run<float>();
    for (size_t i = 0; i < x.size(); ++i)
      REQUIRE(quotients[i] == x[i] / divisor);
  }
}
