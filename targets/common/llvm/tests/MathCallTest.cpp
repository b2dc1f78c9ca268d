//===- MathCallTest.cpp - Functions by name against libm ------------------===//
//
// Part of the Tegula Project, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "targets/common/llvm/MathCall.h"
#include "targets/common/llvm/tests/Harness.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/LLVMIR/LLVMDialect.h"
#include "mlir/IR/Diagnostics.h"
#include <cmath>
#include <cstring>
#include <doctest/doctest.h>
#include <functional>
#include <vector>

using namespace tegula::targets;
using namespace tegula::targets::tests;

namespace {

/// Compiles a kernel in which `name` replaces a placeholder call.
llvm::Expected<std::unique_ptr<LoadedObject>>
compileCall(const std::string &name, const char *in, const char *out,
            unsigned lanes, unsigned arity, const TargetDesc &desc) {
  std::string operands = arity == 1   ? "%x"
                         : arity == 2 ? "%x, %y"
                                      : "%x, %y, %x";
  std::string types = arity == 1 ? "$V" : arity == 2 ? "$V, $V" : "$V, $V, $V";
  std::string body = "%r = llvm.call_intrinsic \"llvm.placeholder\"(" +
                     operands + ") : (" + types + ") -> $W";
  auto edit = [&](mlir::ModuleOp module) {
    module.walk([&](mlir::LLVM::CallIntrinsicOp op) {
      mlir::OpBuilder builder(op);
      auto result = emitMathCall(builder, op.getLoc(), name, op.getArgs(),
                                 op.getResult(0).getType(), desc);
      if (failed(result))
        return;
      op.getResult(0).replaceAllUsesWith(*result);
      op.erase();
    });
  };
  return compileAndLoad(
      elementwiseKernel(body, in, out, lanes, std::min(arity, 2u)), desc, edit);
}

/// A call on vectors of 16 and on scalars.
template <typename In, typename Out>
void check(const std::string &name, unsigned arity, std::vector<In> x,
           std::vector<In> y, const std::function<double(In, In)> &exact,
           double tolerance) {
  const char *in = std::is_same_v<In, float>     ? "f32"
                   : std::is_same_v<In, double>  ? "f64"
                   : std::is_same_v<In, int32_t> ? "i32"
                                                 : "i64";
  const char *outName = std::is_same_v<Out, float>     ? "f32"
                        : std::is_same_v<Out, double>  ? "f64"
                        : std::is_same_v<Out, int32_t> ? "i32"
                                                       : "i64";
  while (x.size() % 16)
    x.push_back(x.back());
  y.resize(x.size(), y.empty() ? In(1) : y.back());
  for (unsigned lanes : {16u, 1u}) {
    CAPTURE(name);
    CAPTURE(lanes);
    auto object = compileCall(name, in, outName, lanes, arity, hostDesc());
    if (!object)
      FAIL(llvm::toString(object.takeError()));
    std::vector<Out> out(x.size());
    if (arity == 1)
      (*object)->call({x.data(), out.data(), (void *)x.size()});
    else
      (*object)->call({x.data(), y.data(), out.data(), (void *)x.size()});
    for (size_t i = 0; i < x.size(); ++i) {
      CAPTURE(x[i]);
      CAPTURE(y[i]);
      double wanted = exact(x[i], y[i]);
      if (std::isnan(wanted))
        CHECK(std::isnan(double(out[i])));
      else if (std::isinf(wanted) || wanted == 0)
        CHECK(double(out[i]) == wanted);
      else
        CHECK(std::fabs(double(out[i]) - wanted) <=
              tolerance * std::fabs(wanted));
    }
  }
}

void checkF(const char *name, std::vector<float> x, double (*exact)(double),
            double tolerance = 1.8e-7) {
  check<float, float>(
      name, 1, x, {}, [=](float v, float) { return exact(v); }, tolerance);
  std::vector<double> wide(x.begin(), x.end());
  check<double, double>(
      name, 1, wide, {}, [=](double v, double) { return exact(v); }, 1e-13);
}

std::vector<float> range(double low, double high) {
  std::vector<float> values;
  for (int i = 0; i <= 79; ++i)
    values.push_back(float(low + (high - low) * i / 79));
  return values;
}

double inverseErf(double target) {
  double low = -6, high = 6;
  for (int i = 0; i < 200; ++i) {
    double middle = (low + high) / 2;
    (std::erf(middle) < target ? low : high) = middle;
  }
  return (low + high) / 2;
}

} // namespace

TEST_CASE("float functions by name") {
  checkF("exp10", range(-20, 20), [](double x) { return double(exp10l(x)); });
  checkF("__nv_cbrtf", range(-50, 50), std::cbrt);
  checkF("rcbrt", range(0.1, 50), [](double x) { return 1 / std::cbrt(x); });
  checkF("j0", range(0.1, 2), ::j0);
  checkF("y1", range(0.5, 1.8), ::y1, 5e-7);
  checkF("lgamma", range(3, 20), [](double x) { return std::lgamma(x); });
  checkF("tgamma", range(0.5, 9), std::tgamma, 5e-7);
  checkF("logb", range(0.01, 9), std::logb);
  checkF("rint", {0.5f, 1.5f, -2.5f, 3.7f, -0.2f}, std::rint);
  checkF("round", {0.5f, 1.5f, -2.5f, 3.7f, 0.49999997f}, std::round);
  checkF("sinpi", {0.25f, -0.5f, 1.25f, 100.75f, 1e-20f, 0.999f}, [](double x) {
    long double r = fmodl(x, 2.0L);
    if (fabsl(r) > 1)
      r -= copysignl(2, r);
    return double(fabsl(r) > 0.5L ? sinl(M_PIl * (copysignl(1, r) - r))
                                  : sinl(M_PIl * r));
  });
  checkF("cospi", {0.25f, -0.25f, 1.25f, 100.75f, 1.0f, 0.0f},
         [](double x) { return double(cosl(M_PIl * fmodl(x, 2.0L))); });
}

TEST_CASE("error functions and their inverses") {
  checkF("erfc", {-3.0f, -0.5f, 0.0f, 0.3f, 1.0f, 3.0f, 5.0f, 9.0f}, std::erfc);
  checkF("normcdf", {-5.0f, -1.0f, 0.0f, 0.7f, 3.0f},
         [](double x) { return double(erfcl(-x / sqrtl(2)) / 2); });
  checkF("erfcx", {-1.0f, 0.0f, 0.5f, 3.0f, 8.0f},
         [](double x) { return double(expl((long double)x * x) * erfcl(x)); });
  std::vector<float> p = {-0.99f, -0.5f, -0.3f, 0.001f, 0.1f,
                          0.25f,  0.5f,  0.7f,  0.9f,   0.999f};
  check<float, float>(
      "erfinv", 1, p, {}, [](float v, float) { return inverseErf(v); }, 2e-7);
  check<float, float>(
      "erfinv", 1, {1.0f, -1.0f, 1.5f, 0.0f, 1e-30f}, {},
      [](float v, float) {
        return v > 1         ? NAN
               : v == 0      ? 0.0
               : v == 1e-30f ? double(v) * std::sqrt(M_PI) / 2
                             : double(v) * INFINITY;
      },
      2e-7);
  check<double, double>(
      "erfcinv", 1, {1e-3, 0.1, 0.5, 0.9, 1.5, 1.9}, {},
      [](double v, double) { return inverseErf(1 - v); }, 1e-12);
  check<double, double>(
      "normcdfinv", 1, {0.01, 0.3, 0.6, 0.9}, {},
      [](double v, double) { return std::sqrt(2.0) * inverseErf(2 * v - 1); },
      1e-12);
}

TEST_CASE("float functions of several operands") {
  std::vector<float> x = {3.0f, -5.5f, 1e30f, 2.0f, INFINITY, NAN, -0.25f};
  std::vector<float> y = {4.0f, 2.25f, 1e30f, -2.0f, NAN, 1.0f, 8.0f};
  auto two = [&](const char *name, double (*exact)(double, double)) {
    check<float, float>(
        name, 2, x, y, [=](float a, float b) { return float(exact(a, b)); },
        1.3e-7);
  };
  two("hypot", ::hypot);
  two("fdim", ::fdim);
  two("fmax", ::fmax);
  two("fmin", ::fmin);
  two("fmod", ::fmod);
  two("remainder", ::remainder);
  two("copysign", ::copysign);
  two("atan2", ::atan2);
  check<float, float>(
      "fma", 3, {3.0f, 0.1f}, {4.0f, 7.0f},
      [](float a, float b) { return fmaf(a, b, a); }, 0);
  check<float, float>(
      "nextafter", 2, {1.0f, -0.0f}, {2.0f, 3.0f},
      [](float a, float b) { return nextafterf(a, b); }, 0);
}

TEST_CASE("questions and integers") {
  std::vector<float> x = {1.0f, NAN, INFINITY, -INFINITY, -0.0f, 1e-40f, 77.5f};
  check<float, int32_t>(
      "isnan", 1, x, {}, [](float v, float) { return double(std::isnan(v)); },
      0);
  check<float, int32_t>(
      "isinf", 1, x, {}, [](float v, float) { return double(std::isinf(v)); },
      0);
  check<float, int32_t>(
      "isfinited", 1, {1.0f}, {}, [](float, float) { return 1.0; }, 0);
  check<float, int32_t>(
      "signbit", 1, x, {},
      [](float v, float) { return double(std::signbit(v)); }, 0);
  check<float, int32_t>(
      "ilogb", 1, {1.0f, 0.1f, 1e-40f, 3e30f}, {},
      [](float v, float) { return double(std::ilogb(v)); }, 0);
  check<float, int64_t>(
      "llrint", 1, {2.5f, -3.5f, 1e10f}, {},
      [](float v, float) { return double(std::llrint(v)); }, 0);
  using I = int32_t;
  std::vector<I> a = {1, 0, -1, 0x12345678, INT32_MIN, 255};
  std::vector<I> c = {-7, 3, -1, 0x7FFFFFFF, INT32_MIN, 16};
  check<I, I>(
      "clz", 1, a, {}, [](I v, I) { return v ? __builtin_clz(v) : 32.0; }, 0);
  check<I, I>(
      "popc", 1, a, {}, [](I v, I) { return __builtin_popcount(v); }, 0);
  check<I, I>("ffs", 1, a, {}, [](I v, I) { return __builtin_ffs(v); }, 0);
  check<I, I>(
      "brev", 1, a, {}, [](I v, I) { return I(__builtin_bitreverse32(v)); }, 0);
  check<I, I>(
      "mulhi", 2, a, c, [](I v, I w) { return I((int64_t(v) * w) >> 32); }, 0);
  check<I, I>(
      "umulhi", 2, a, c,
      [](I v, I w) { return I((uint64_t(uint32_t(v)) * uint32_t(w)) >> 32); },
      0);
  check<I, I>(
      "hadd", 2, a, c, [](I v, I w) { return I((int64_t(v) + w) >> 1); }, 0);
  check<I, I>(
      "rhadd", 2, a, c, [](I v, I w) { return I((int64_t(v) + w + 1) >> 1); },
      0);
  check<I, float>(
      "int_as_float", 1, {0x3F800000, 0x40490FDB}, {},
      [](I v, I) {
        float f;
        memcpy(&f, &v, 4);
        return f;
      },
      0);
}

TEST_CASE("unknown functions and wrong operands are errors that say why") {
  mlir::DialectRegistry registry;
  mlir::MLIRContext context;
  context.loadDialect<mlir::arith::ArithDialect>();
  std::string message;
  mlir::ScopedDiagnosticHandler handler(
      &context, [&](mlir::Diagnostic &d) { message = d.str(); });
  mlir::OpBuilder builder(&context);
  mlir::Location loc = builder.getUnknownLoc();
  mlir::OwningOpRef<mlir::ModuleOp> module = mlir::ModuleOp::create(loc);
  builder.setInsertionPointToStart(module->getBody());
  mlir::Value x =
      mlir::arith::ConstantOp::create(builder, loc, builder.getF32FloatAttr(1));
  auto call = [&](llvm::StringRef name, mlir::ValueRange args) {
    message.clear();
    return failed(
        emitMathCall(builder, loc, name, args, x.getType(), TargetDesc()));
  };
  CHECK(call("frobnicate", x));
  CHECK(message == "unknown math function 'frobnicate'");
  CHECK(call("atan2", x));
  CHECK(message == "math function 'atan2' takes 2 operands, not 1");
  CHECK(call("popc", x));
  CHECK(message == "math function 'popc' takes integers");
  CHECK(isKnownMathCall("__nv_expf"));
  CHECK_FALSE(isKnownMathCall("gemm"));
}
