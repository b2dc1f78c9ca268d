//===- ArithTotalTest.cpp - Integer operations are total ------------------===//
//
// Part of the Tegula Project, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "targets/common/llvm/Machine.h"
#include "targets/common/llvm/tests/Harness.h"
#include "llvm/ADT/APFloat.h"
#include "llvm/ADT/APSInt.h"
#include <cmath>
#include <cstring>
#include <doctest/doctest.h>
#include <limits>
#include <vector>

using namespace tegula::targets;
using namespace tegula::targets::tests;

namespace {

/// What arith leaves open, computed with arbitrary-precision integers.
template <typename T> T expected(llvm::StringRef op, T x, T y) {
  unsigned width = 8 * sizeof(T);
  llvm::APInt a(width, uint64_t(x), false, true);
  llvm::APInt b(width, uint64_t(y), false, true);
  llvm::APInt zero(width, 0);
  auto run = [&]() -> llvm::APInt {
    if (op == "divsi")
      return b.isZero() ? zero : a.sdiv(b);
    if (op == "divui")
      return b.isZero() ? zero : a.udiv(b);
    if (op == "remsi")
      return b.isZero() ? a : a.srem(b);
    if (op == "remui")
      return b.isZero() ? a : a.urem(b);
    if (op == "shli")
      return b.uge(width) ? zero : a.shl(b);
    if (op == "shrui")
      return b.uge(width) ? zero : a.lshr(b);
    return b.uge(width) ? a.ashr(width - 1) : a.ashr(b);
  };
  return T(run().getZExtValue());
}

/// Corners and small numbers first, then a fixed pseudo-random sequence.
template <typename T> std::vector<T> interestingIntegers(size_t count) {
  using Limits = std::numeric_limits<T>;
  std::vector<T> values = {0,
                           1,
                           T(-1),
                           2,
                           T(-2),
                           3,
                           7,
                           T(-7),
                           10,
                           Limits::min(),
                           Limits::max(),
                           T(Limits::min() + 1),
                           T(Limits::max() - 1)};
  for (unsigned bit = 0; bit < 8 * sizeof(T); ++bit)
    for (int delta : {-1, 0, 1})
      values.push_back(T((uint64_t(1) << bit) + delta));
  uint64_t state = 88172645463325252ull;
  while (values.size() < count) {
    state ^= state << 13, state ^= state >> 7, state ^= state << 17;
    values.push_back(T(state >> (state % (8 * sizeof(T)))));
  }
  return values;
}

/// With `isUniform` the first lane of the right operand stands for all.
template <typename T>
void checkIntegers(const char *type, unsigned lanes, const TargetDesc &desc,
                   bool isUniform = false) {
  std::vector<T> values = interestingIntegers<T>(sizeof(T) == 1 ? 256 : 224);
  if (sizeof(T) == 1)
    for (int i = 0; i < 256; ++i)
      values[i] = T(i);
  std::vector<T> x, y;
  for (T a : values)
    for (T b : values)
      x.push_back(a), y.push_back(b);
  while (x.size() % lanes)
    x.push_back(T(0)), y.push_back(T(0));
  for (size_t i = 0; isUniform && i < y.size(); ++i)
    y[i] = y[i / lanes * lanes];
  std::string right = "%y", makeRight;
  if (isUniform) {
    right = "%u";
    makeRight = std::string("%s = vector.extract %y[0] : ") + type +
                " from $V\n%u = vector.broadcast %s : " + type + " to $V\n";
  }
  std::vector<T> out(x.size());
  for (const char *op :
       {"divsi", "divui", "remsi", "remui", "shli", "shrui", "shrsi"}) {
    CAPTURE(op);
    CAPTURE(type);
    CAPTURE(lanes);
    std::string body =
        makeRight + "%r = arith." + op + " %x, " + right + " : $V";
    auto object =
        compileAndLoad(elementwiseKernel(body, type, type, lanes, 2), desc);
    REQUIRE(bool(object));
    (*object)->call({x.data(), y.data(), out.data(), (void *)x.size()});
    size_t wrong = 0;
    for (size_t i = 0; i < x.size(); ++i)
      if (out[i] != expected<T>(op, x[i], y[i]) && wrong++ < 3)
        MESSAGE(int64_t(x[i]), " ", op, " ", int64_t(y[i]), " gave ",
                int64_t(out[i]));
    CHECK(wrong == 0);
  }
}

/// Floats around every limit of the integer types, and what isn't a number.
std::vector<double> interestingFloats() {
  std::vector<double> values = {0.0,      -0.0,      0.5,  -0.5,  -0.999,
                                0.999,    1.5,       -1.5, 1e300, -1e300,
                                INFINITY, -INFINITY, NAN,  1e-300};
  for (int exponent : {7, 8, 15, 16, 31, 32, 63, 64})
    for (double sign : {1.0, -1.0}) {
      double limit = sign * std::ldexp(1.0, exponent);
      for (double delta : {-1.0, -0.5, 0.0, 0.5, 1.0, 1.5})
        values.push_back(limit + delta);
      for (double direction : {INFINITY, -INFINITY}) {
        values.push_back(std::nextafter(limit, direction));
        values.push_back(std::nextafterf(float(limit), float(direction)));
      }
    }
  while (values.size() % 16)
    values.push_back(3.75);
  return values;
}

template <typename F, typename T>
void checkSaturation(const char *from, const char *to, bool isSigned,
                     unsigned lanes) {
  std::vector<F> x;
  for (double v : interestingFloats())
    x.push_back(F(v));
  std::vector<T> out(x.size());
  std::string body = std::string("%r = arith.") +
                     (isSigned ? "fptosi" : "fptoui") + " %x : $V to $W";
  auto object =
      compileAndLoad(elementwiseKernel(body, from, to, lanes), hostDesc());
  REQUIRE(bool(object));
  (*object)->call({x.data(), out.data(), (void *)x.size()});
  for (size_t i = 0; i < x.size(); ++i) {
    llvm::APSInt integer(8 * sizeof(T), !isSigned);
    bool exact;
    // APFloat's conversion saturates, and gives 0 for NaN.
    llvm::APFloat(x[i]).convertToInteger(integer, llvm::APFloat::rmTowardZero,
                                         &exact);
    CAPTURE(from);
    CAPTURE(to);
    CAPTURE(isSigned);
    CAPTURE(x[i]);
    CHECK(out[i] == T(integer.getZExtValue()));
  }
}

} // namespace

TEST_CASE("division, remainder and shifts are total") {
  TargetDesc desc = hostDesc();
  for (unsigned lanes : {1u, 16u}) {
    checkIntegers<int8_t>("i8", lanes, desc);
    checkIntegers<int16_t>("i16", lanes, desc);
    checkIntegers<int32_t>("i32", lanes, desc);
    checkIntegers<int64_t>("i64", lanes, desc);
    if (lanes == 1)
      continue;
    checkIntegers<int8_t>("i8", lanes, desc, /*isUniform=*/true);
    checkIntegers<int16_t>("i16", lanes, desc, /*isUniform=*/true);
    checkIntegers<int32_t>("i32", lanes, desc, /*isUniform=*/true);
  }
}

TEST_CASE("division is total without AVX-512 too") {
  for (const char *arch : {"x86-64-v2", "x86-64-v3"}) {
    TargetDesc desc = llvm::cantFail(describeProcessor(arch));
    if (llvm::Error error = hostSupports(desc)) {
      llvm::consumeError(std::move(error));
      continue;
    }
    checkIntegers<int16_t>("i16", 8, desc);
    checkIntegers<int32_t>("i32", 8, desc);
  }
}

TEST_CASE("float to integer saturates") {
  for (unsigned lanes : {1u, 16u})
    for (bool isSigned : {true, false}) {
      checkSaturation<float, int8_t>("f32", "i8", isSigned, lanes);
      checkSaturation<float, int16_t>("f32", "i16", isSigned, lanes);
      checkSaturation<float, int32_t>("f32", "i32", isSigned, lanes);
      checkSaturation<float, int64_t>("f32", "i64", isSigned, lanes);
      checkSaturation<double, int8_t>("f64", "i8", isSigned, lanes);
      checkSaturation<double, int32_t>("f64", "i32", isSigned, lanes);
      checkSaturation<double, int64_t>("f64", "i64", isSigned, lanes);
    }
}
