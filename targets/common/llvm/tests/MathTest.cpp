//===- MathTest.cpp - The inline maths against libm -----------------------===//
//
// Part of the Tegula Project, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "targets/common/llvm/Machine.h"
#include "targets/common/llvm/tests/Harness.h"
#include "targets/common/llvm/tests/Ulp.h"
#include <cmath>
#include <cstring>
#include <doctest/doctest.h>
#include <vector>

using namespace tegula::targets;
using namespace tegula::targets::tests;

namespace {

/// Bit patterns over the whole range, and the neighbourhood of 0, 1 and -1.
std::vector<float> sampleF32(uint32_t stride) {
  std::vector<float> values;
  auto add = [&](uint32_t bits) {
    float value;
    memcpy(&value, &bits, 4);
    values.push_back(value);
  };
  for (uint64_t bits = 0; bits < uint64_t(1) << 32; bits += stride)
    add(uint32_t(bits));
  for (uint32_t around :
       {0u, 0x80000000u, 0x3F800000u, 0xBF800000u, 0x7F800000u, 0xFF800000u,
        0x42B17218u, 0x42AEAC50u, 0xC2CFF1B5u, 0x43000000u, 0xC3150000u})
    for (int delta = -40; delta <= 40; ++delta)
      add(around + delta);
  // The arguments that most kernels have.
  for (double x = -20; x < 20; x += 0.00317)
    values.push_back(float(x));
  while (values.size() % 16)
    values.push_back(1.0f);
  return values;
}

std::vector<double> sampleF64() {
  std::vector<double> values;
  for (uint64_t bits = 0; bits < uint64_t(-1) - (uint64_t(1) << 48);
       bits += 0x0000F1234567890B) {
    double value;
    memcpy(&value, &bits, 8);
    values.push_back(value);
  }
  for (double x = -800; x < 800; x += 0.0417)
    values.push_back(x);
  for (double x = 0.5; x < 2; x += 0.000317)
    values.push_back(x);
  for (double x : {0.0, -0.0, 1.0, -1.0, double(INFINITY), -double(INFINITY),
                   double(NAN), 5e-324, 709.78, 709.79, -745.13, -745.14})
    values.push_back(x);
  while (values.size() % 16)
    values.push_back(1.0);
  return values;
}

template <typename T>
void checkFunction(const MathFunction &function, const char *type,
                   const std::vector<T> &x, double limit,
                   const TargetDesc &desc) {
  CAPTURE(function.op);
  CAPTURE(desc.name);
  CAPTURE(type);
  auto compiled = CompiledFunction::compile(function.op, type, desc);
  REQUIRE(compiled != nullptr);
  std::vector<T> out(x.size());
  compiled->run(x, out);
  UlpError error;
  addErrors(error, function, x, out);
  INFO("worst at ", error.where);
  CHECK(error.max <= limit);
  CHECK(error.wrongSpecials == 0);
}

} // namespace

TEST_CASE("f32 functions keep their errors and special values") {
  std::vector<float> x = sampleF32(16381);
  for (const TargetDesc &desc :
       runnable({"native", "x86-64-v3", "x86-64-v2", "cortex-a76",
                 "neoverse-v1", "rv64gcv"}))
    for (const MathFunction &function : mathFunctions()) {
      // Without fma some last bits are lost.
      double slack = desc.hasFma ? 1.0 : 1.5;
      checkFunction(function, "f32", x, function.maxUlpF32 * slack, desc);
    }
}

TEST_CASE("f64 functions keep their errors and special values") {
  std::vector<double> x = sampleF64();
  for (const TargetDesc &desc :
       runnable({"native", "x86-64-v2", "cortex-a76", "rv64gcv"}))
    for (const MathFunction &function : mathFunctions())
      if (function.maxUlpF64 != 0)
        checkFunction(function, "f64", x,
                      function.maxUlpF64 * (desc.hasFma ? 1.0 : 1.5), desc);
}

TEST_CASE("pow has C's special values and small errors") {
  std::vector<float> corners = {0.0f,       -0.0f,      1.0f,   -1.0f,  2.0f,
                                -2.0f,      3.0f,       -3.0f,  0.5f,   -0.5f,
                                INFINITY,   -INFINITY,  NAN,    1e-40f, -1e-40f,
                                3.4e38f,    -3.4e38f,   2.5f,   -2.5f,  1e10f,
                                16777216.f, 16777217.f, 0.1f,   10.0f,  33.0f,
                                -33.0f,     1.0000001f, 127.9f, -149.0f};
  for (double v = 0.013; v < 50; v *= 1.13)
    corners.push_back(float(v)), corners.push_back(float(-v));
  std::vector<float> x, y;
  for (float a : corners)
    for (float b : corners)
      x.push_back(a), y.push_back(b);
  while (x.size() % 16)
    x.push_back(1), y.push_back(1);
  for (const TargetDesc &desc : runnable({"native", "x86-64-v2"})) {
    unsigned lanes = desc.lanes(32);
    auto object = compileAndLoad(
        elementwiseKernel("%r = math.powf %x, %y : $V", "f32", "f32", lanes, 2),
        desc);
    REQUIRE(bool(object));
    std::vector<float> out(x.size());
    (*object)->call({x.data(), y.data(), out.data(), (void *)x.size()});
    for (size_t i = 0; i < x.size(); ++i) {
      double exact = std::pow(double(x[i]), double(y[i]));
      float wanted = float(exact);
      CAPTURE(x[i]);
      CAPTURE(y[i]);
      CAPTURE(out[i]);
      CAPTURE(wanted);
      bool same = out[i] == wanted
                      ? std::signbit(out[i]) == std::signbit(wanted)
                      : std::isnan(out[i]) && std::isnan(wanted);
      bool isNear = std::nextafterf(out[i], wanted) == wanted;
      CHECK((same || isNear));
    }
  }
}

TEST_CASE(
    "functions without inline code come from a library, f16 through f32") {
  std::vector<float> x(64), out(64);
  for (int i = 0; i < 64; ++i)
    x[i] = -0.98f + i * 0.03f;
  struct {
    const char *op;
    float (*exact)(float);
  } table[] = {{"math.tan", tanf},     {"math.asin", asinf},
               {"math.acos", acosf},   {"math.atan", atanf},
               {"math.sinh", sinhf},   {"math.cosh", coshf},
               {"math.asinh", asinhf}, {"math.atanh", atanhf},
               {"math.cbrt", cbrtf},   {"math.erfc", erfcf}};
  for (unsigned lanes : {1u, 2u, 4u, 16u, 32u})
    for (auto &[op, exact] : table) {
      CAPTURE(op);
      CAPTURE(lanes);
      auto object = compileAndLoad(
          elementwiseKernel(std::string("%r = ") + op + " %x : $V", "f32",
                            "f32", lanes),
          hostDesc());
      if (!object)
        FAIL(llvm::toString(object.takeError()));
      (*object)->call({x.data(), out.data(), (void *)64});
      for (int i = 0; i < 64; ++i)
        CHECK(out[i] == doctest::Approx(exact(x[i])).epsilon(1e-6));
    }
  std::string half = elementwiseKernel(R"(
    %h = arith.truncf %x : $V to vector<16xf16>
    %t = math.tan %h : vector<16xf16>
    %e = math.exp %t : vector<16xf16>
    %r = arith.extf %e : vector<16xf16> to $V)",
                                       "f32", "f32", 16);
  for (const TargetDesc &desc : runnable({"native", "x86-64-v2"})) {
    auto object = compileAndLoad(half, desc);
    REQUIRE(bool(object));
    (*object)->call({x.data(), out.data(), (void *)64});
    for (int i = 0; i < 64; ++i)
      CHECK(out[i] == doctest::Approx(expf(tanf(x[i]))).epsilon(4e-3));
  }
}
