//===- FloatConvertTest.cpp - Every conversion against APFloat ------------===//
//
// Part of the Tegula Project, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "targets/common/llvm/FloatConvert.h"
#include "targets/common/llvm/Machine.h"
#include "targets/common/llvm/tests/Harness.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "llvm/ADT/APFloat.h"
#include <cmath>
#include <cstring>
#include <doctest/doctest.h>
#include <random>
#include <vector>

using namespace tegula::targets;
using namespace tegula::targets::tests;
using llvm::APFloat;
using llvm::APInt;

namespace {

struct Named {
  const char *name;
  const llvm::fltSemantics &semantics;
  unsigned width;
};

const Named kF64{"f64", APFloat::IEEEdouble(), 64};
const Named kF32{"f32", APFloat::IEEEsingle(), 32};
const Named kNarrow[] = {
    {"f16", APFloat::IEEEhalf(), 16},
    {"bf16", APFloat::BFloat(), 16},
    {"f8E4M3FN", APFloat::Float8E4M3FN(), 8},
    {"f8E5M2", APFloat::Float8E5M2(), 8},
    {"f8E4M3FNUZ", APFloat::Float8E4M3FNUZ(), 8},
    {"f8E5M2FNUZ", APFloat::Float8E5M2FNUZ(), 8},
};

/// Values as their bits, in an array of their width.
class Bits {
public:
  Bits(unsigned width, size_t count) : width(width), bytes(count * width / 8) {}
  void set(size_t i, uint64_t v) {
    memcpy(&bytes[i * width / 8], &v, width / 8);
  }
  uint64_t get(size_t i) const {
    uint64_t v = 0;
    memcpy(&v, &bytes[i * width / 8], width / 8);
    return v;
  }
  void *data() { return bytes.data(); }

private:
  unsigned width;
  std::vector<char> bytes;
};

std::string intName(unsigned width) { return "i" + std::to_string(width); }

std::string vectorName(const char *element) {
  return std::string("vector<16x") + element + ">";
}

/// Runs `op` (arith.truncf, ...) from one type to another; floats travel as
/// integers, as 8-bit floats have to.
Bits runConversion(const char *op, const char *from, unsigned fromWidth,
                   const char *to, unsigned toWidth,
                   const std::vector<uint64_t> &inputs, const TargetDesc &desc,
                   Edit edit = nullptr) {
  std::string a = vectorName(from), b = vectorName(to);
  std::string ia = vectorName(intName(fromWidth).c_str());
  std::string ib = vectorName(intName(toWidth).c_str());
  std::string body = "%a = arith.bitcast %x : " + ia + " to " + a +
                     "\n%b = " + op + " %a : " + a + " to " + b +
                     "\n%r = arith.bitcast %b : " + b + " to " + ib;
  std::string text =
      elementwiseKernel(body, intName(fromWidth), intName(toWidth), 16);
  size_t padded = (inputs.size() + 15) / 16 * 16;
  Bits in(fromWidth, padded), out(toWidth, padded);
  for (size_t i = 0; i < inputs.size(); ++i)
    in.set(i, inputs[i]);
  auto object = compileAndLoad(text, desc, edit);
  if (!object) {
    FAIL(llvm::toString(object.takeError()));
    std::abort();
  }
  (*object)->call({in.data(), out.data(), (void *)padded});
  return out;
}

APFloat valueOf(const Named &type, uint64_t bits) {
  return APFloat(type.semantics, APInt(type.width, bits));
}

uint64_t bitsOf(const APFloat &value) {
  return value.bitcastToAPInt().getZExtValue();
}

uint64_t convert(const Named &from, const Named &to, uint64_t bits,
                 RoundingMode rounding, bool saturate) {
  APFloat value = valueOf(from, bits);
  bool wasNan = value.isNaN(), wasInf = value.isInfinity(), lost;
  bool negative = value.isNegative();
  value.convert(to.semantics,
                rounding == RoundingMode::NearestEven
                    ? APFloat::rmNearestTiesToEven
                    : APFloat::rmTowardZero,
                &lost);
  bool overflowed = !wasNan && !value.isFinite();
  if (saturate && overflowed)
    return bitsOf(APFloat::getLargest(to.semantics, negative));
  // APFloat keeps to the format's NaN when it overflows by rounding, and
  // toward zero only infinity may.
  if (overflowed && !wasInf && rounding == RoundingMode::TowardZero)
    return bitsOf(APFloat::getLargest(to.semantics, negative));
  return bitsOf(value);
}

bool same(const Named &type, uint64_t got, uint64_t wanted) {
  return got == wanted ||
         (valueOf(type, got).isNaN() && valueOf(type, wanted).isNaN());
}

/// All neighbours of `to`'s values and of the points halfway between them:
/// where a rounding can go wrong.
std::vector<uint64_t> criticalInputs(const Named &from, const Named &to) {
  std::vector<uint64_t> inputs;
  auto add = [&](double value) {
    for (double v : {value, std::nextafter(value, INFINITY),
                     std::nextafter(value, -INFINITY)}) {
      if (from.width == 64) {
        inputs.push_back(bitsOf(APFloat(v)));
        continue;
      }
      float single = float(v);
      for (float s : {single, std::nextafterf(single, INFINITY),
                      std::nextafterf(single, -INFINITY)})
        inputs.push_back(bitsOf(APFloat(s)));
    }
  };
  uint64_t count = uint64_t(1) << to.width;
  for (uint64_t bits = 0; bits < count; ++bits) {
    APFloat value = valueOf(to, bits);
    bool lost;
    APFloat next = value;
    next.next(false);
    value.convert(APFloat::IEEEdouble(), APFloat::rmNearestTiesToEven, &lost);
    next.convert(APFloat::IEEEdouble(), APFloat::rmNearestTiesToEven, &lost);
    add(value.convertToDouble());
    if (value.isFinite() && next.isFinite())
      add((value.convertToDouble() + next.convertToDouble()) / 2);
  }
  // Powers of two over the whole range, and specials.
  for (int e = -1074; e < 1024; ++e)
    for (double m : {1.0, 1.25, 1.5, 1.75, -1.375})
      add(std::ldexp(m, e));
  for (uint64_t bits : {0x7F800001u, 0xFFC00123u, 0x7FFFFFFFu})
    inputs.push_back(from.width == 64 ? bits << 32 | 1 : bits);
  return inputs;
}

void checkNarrowing(const Named &from, const Named &to, RoundingMode rounding,
                    bool saturate, const TargetDesc &desc) {
  std::vector<uint64_t> inputs = criticalInputs(from, to);
  bool isPlain = rounding == RoundingMode::NearestEven && !saturate;
  auto edit = [&](mlir::ModuleOp module) {
    module.walk([&](mlir::arith::TruncFOp op) {
      mlir::OpBuilder builder(op);
      op.replaceAllUsesWith(emitFloatConvert(builder, op.getLoc(), op.getIn(),
                                             op.getType(), rounding, saturate,
                                             floatSupport(desc)));
      op.erase();
    });
  };
  Bits out =
      runConversion("arith.truncf", from.name, from.width, to.name, to.width,
                    inputs, desc, isPlain ? Edit() : Edit(edit));
  size_t wrong = 0;
  for (size_t i = 0; i < inputs.size(); ++i) {
    uint64_t wanted = convert(from, to, inputs[i], rounding, saturate);
    if (!same(to, out.get(i), wanted) && wrong++ < 4)
      MESSAGE(from.name, " ", inputs[i], " -> ", to.name, " gave ", out.get(i),
              ", wanted ", wanted);
  }
  CAPTURE(int(rounding));
  CAPTURE(saturate);
  CHECK(wrong == 0);
}

void checkWidening(const Named &from, const Named &to, const TargetDesc &desc) {
  std::vector<uint64_t> inputs(size_t(1) << from.width);
  for (size_t i = 0; i < inputs.size(); ++i)
    inputs[i] = i;
  Bits out = runConversion("arith.extf", from.name, from.width, to.name,
                           to.width, inputs, desc);
  size_t wrong = 0;
  for (size_t i = 0; i < inputs.size(); ++i) {
    uint64_t wanted =
        convert(from, to, inputs[i], RoundingMode::NearestEven, false);
    if (!same(to, out.get(i), wanted) && wrong++ < 4)
      MESSAGE(from.name, " ", inputs[i], " -> ", to.name, " gave ", out.get(i),
              ", wanted ", wanted);
  }
  CHECK(wrong == 0);
}

void checkFromInteger(const char *op, unsigned width, const Named &to) {
  bool isSigned = llvm::StringRef(op) == "arith.sitofp";
  std::vector<uint64_t> inputs;
  for (unsigned top = 0; top < width; ++top)
    for (unsigned low = 0; low <= top; ++low)
      for (int delta : {-1, 0, 1})
        for (uint64_t sign : {1, -1})
          inputs.push_back(
              sign * ((uint64_t(1) << top) + (uint64_t(1) << low) + delta));
  Bits out = runConversion(op, intName(width).c_str(), width, to.name, to.width,
                           inputs, hostDesc());
  size_t wrong = 0;
  for (size_t i = 0; i < inputs.size(); ++i) {
    APFloat value(to.semantics);
    value.convertFromAPInt(APInt(width, inputs[i], false, true), isSigned,
                           APFloat::rmNearestTiesToEven);
    if (!same(to, out.get(i), bitsOf(value)) && wrong++ < 4)
      MESSAGE(op, " ", int64_t(inputs[i]), " -> ", to.name, " gave ",
              out.get(i), ", wanted ", bitsOf(value));
  }
  CAPTURE(width);
  CHECK(wrong == 0);
}

/// This processor, and it without any conversion instruction.
std::vector<TargetDesc> machines() {
  TargetDesc plain = hostDesc();
  plain.hasF16Convert = plain.hasBf16Convert = false;
  plain.bf16FlushingConvert.clear();
  return {hostDesc(), plain};
}

} // namespace

TEST_CASE("narrowing rounds once, to nearest even") {
  for (const TargetDesc &desc : machines())
    for (const Named &to : kNarrow)
      for (const Named &from : {kF32, kF64})
        checkNarrowing(from, to, RoundingMode::NearestEven, false, desc);
}

TEST_CASE("narrowing toward zero and with saturation") {
  for (const Named &to : kNarrow)
    for (const Named &from : {kF32, kF64}) {
      checkNarrowing(from, to, RoundingMode::TowardZero, false, hostDesc());
      checkNarrowing(from, to, RoundingMode::NearestEven, true, hostDesc());
      checkNarrowing(from, to, RoundingMode::TowardZero, true, hostDesc());
    }
}

TEST_CASE("widening is exact") {
  for (const TargetDesc &desc : machines())
    for (const Named &from : kNarrow) {
      checkWidening(from, kF32, desc);
      checkWidening(from, kF64, desc);
    }
}

TEST_CASE("integers are rounded once") {
  for (const Named &to : kNarrow)
    for (unsigned width : {8u, 16u, 32u, 64u}) {
      checkFromInteger("arith.sitofp", width, to);
      checkFromInteger("arith.uitofp", width, to);
    }
}

TEST_CASE("f64 to f32 toward zero") {
  std::vector<uint64_t> inputs;
  for (int e = -160; e < 140; ++e)
    for (double m : {1.0, 1.0 + 0x1p-24, 1.0 + 0x1p-23, 2.0 - 0x1p-30, -1.7})
      inputs.push_back(bitsOf(APFloat(std::ldexp(m, e))));
  inputs.push_back(bitsOf(APFloat(double(INFINITY))));
  auto edit = [](mlir::ModuleOp module) {
    module.walk([](mlir::arith::TruncFOp op) {
      mlir::OpBuilder builder(op);
      op.replaceAllUsesWith(emitFloatConvert(builder, op.getLoc(), op.getIn(),
                                             op.getType(),
                                             RoundingMode::TowardZero));
      op.erase();
    });
  };
  Bits out = runConversion("arith.truncf", "f64", 64, "f32", 32, inputs,
                           hostDesc(), edit);
  for (size_t i = 0; i < inputs.size(); ++i)
    CHECK(out.get(i) ==
          convert(kF64, kF32, inputs[i], RoundingMode::TowardZero, false));
}

TEST_CASE("bf16 and fp8 arithmetic rounds after each operation") {
  // (a + b) + c in bf16, all through a select and a constant.
  std::string text = elementwiseKernel(R"(
    %s = arith.addf %x, %y : $V
    %c = arith.constant dense<0.00390625> : $V
    %t = arith.addf %s, %c : $V
    %big = arith.cmpf ogt, %t, %x : $V
    %r = arith.select %big, %t, %x : vector<16xi1>, $V)",
                                       "bf16", "bf16", 16, 2);
  auto bf16 = [](float v) {
    return uint16_t(bitsOf([&] {
      APFloat f(v);
      bool lost;
      f.convert(APFloat::BFloat(), APFloat::rmNearestTiesToEven, &lost);
      return f;
    }()));
  };
  std::vector<uint16_t> x(16), y(16), out(16);
  for (int i = 0; i < 16; ++i)
    x[i] = bf16(1.0f + i), y[i] = bf16(0.001f * i);
  for (const char *arch : {"x86-64-v2", "x86-64-v3", "native"}) {
    TargetDesc desc = llvm::cantFail(describeProcessor(arch));
    if (llvm::Error error = hostSupports(desc)) {
      llvm::consumeError(std::move(error));
      continue;
    }
    auto object = compileAndLoad(text, desc);
    REQUIRE(bool(object));
    (*object)->call({x.data(), y.data(), out.data(), (void *)16});
    for (int i = 0; i < 16; ++i) {
      auto value = [](uint16_t v) {
        uint32_t bits = uint32_t(v) << 16;
        float f;
        memcpy(&f, &bits, 4);
        return f;
      };
      float t =
          value(bf16(value(bf16(value(x[i]) + value(y[i]))) + 0.00390625f));
      CHECK(out[i] == (t > value(x[i]) ? bf16(t) : x[i]));
    }
  }
}

TEST_CASE("a narrow fma rounds once") {
  constexpr int count = 1 << 16;
  for (const Named &type : {kNarrow[0], kNarrow[1]}) {
    CAPTURE(type.name);
    std::string text = elementwiseKernel("%r = math.fma %x, %y, %x : $V",
                                         type.name, type.name, 16, 2);
    auto object = compileAndLoad(text, hostDesc());
    REQUIRE(bool(object));
    // x * y + x: all x, and of y those whose product is of the size of x or
    // far from it, so that ties are broken by bits of all places.
    std::vector<uint16_t> x(count), y(count), out(count);
    std::mt19937 random(5);
    uint16_t one = bitsOf(APFloat::getOne(type.semantics));
    for (int i = 0; i < count; ++i) {
      x[i] = uint16_t(i);
      int exponents = int(random() % 31) - 15;
      int shift = APFloat::semanticsPrecision(type.semantics) - 1;
      y[i] = uint16_t((one & 0x7FFF) + exponents * (1 << shift) +
                      int(random() % (1u << shift)));
    }
    (*object)->call({x.data(), y.data(), out.data(), (void *)count});
    for (int i = 0; i < count; ++i) {
      APFloat value(type.semantics, APInt(16, x[i])), addend = value;
      APFloat factor(type.semantics, APInt(16, y[i]));
      value.fusedMultiplyAdd(factor, addend, APFloat::rmNearestTiesToEven);
      APFloat found(type.semantics, APInt(16, out[i]));
      CAPTURE(i);
      if (value.isNaN())
        CHECK(found.isNaN());
      else
        CHECK(out[i] == bitsOf(value));
    }
  }
}
