//===- Compare.cpp - Are two memories equal? ------------------------------===//
//
// Part of the Tegula Project, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "tests/ttir/Compare.h"
#include "ir/tile/Tile.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Math/IR/Math.h"
#include "llvm/ADT/APFloat.h"
#include "llvm/ADT/StringExtras.h"
#include <cmath>
#include <cstring>

using namespace mlir;
using namespace tegula;
using namespace tegula::replay;

static unsigned digitsOf(FloatType type) {
  return llvm::APFloat::semanticsPrecision(type.getFloatSemantics());
}

Tolerance replay::toleranceOf(ModuleOp module) {
  Tolerance tolerance;
  module.walk([&](Operation *op) {
    if (isa<tile::DotOp, tile::DotScaledOp, tile::ReduceOp, tile::ScanOp,
            tile::AtomicRMWOp, tile::DescReduceOp>(op))
      tolerance.sums = true;
    if (isa<tile::ExternMathOp>(op) || isa<math::MathDialect>(op->getDialect()))
      tolerance.functions = true;
    if (isa<arith::ArithDialect, math::MathDialect>(op->getDialect()) ||
        isa<tile::FpConvertOp, tile::ExternMathOp, tile::DotOp>(op))
      if (auto real = dyn_cast<FloatType>(
              tile::elementTypeOf(op->getResult(0).getType())))
        tolerance.digits = std::min(tolerance.digits, digitsOf(real));
  });
  return tolerance;
}

Contents replay::contentsFor(ModuleOp module, uint64_t seed) {
  Contents contents;
  contents.seed = seed;
  module.walk([&](Operation *op) {
    // Indices within the axis.
    if (auto gather = dyn_cast<tile::GatherOp>(op)) {
      auto source = cast<ShapedType>(gather.getSrc().getType());
      contents.lowest = 0;
      contents.count =
          std::min(contents.count, source.getDimSize(gather.getAxis()));
    }
    // Offsets without a sign.
    if (auto extended = dyn_cast<arith::ExtUIOp>(op);
        extended &&
        tile::elementTypeOf(extended.getIn().getType()).isInteger(32))
      contents.lowest = 0;
    // As exponents 2^-31 to 2^-4, and finite as floats of any format.
    if (isa<tile::DotScaledOp>(op)) {
      contents.lowestByte = 96;
      contents.countBytes = 28;
    }
  });
  return contents;
}

namespace {

struct Elements {
  Type type;
  unsigned bits;
  explicit Elements(Type type)
      : type(type),
        bits(type.isIntOrFloat() ? std::max(8u, type.getIntOrFloatBitWidth())
                                 : 64) {}
  uint64_t raw(const char *bytes) const {
    uint64_t value = 0;
    std::memcpy(&value, bytes, bits / 8);
    return value;
  }
  double number(const char *bytes) const {
    llvm::APFloat value(cast<FloatType>(type).getFloatSemantics(),
                        llvm::APInt(bits, raw(bytes)));
    bool inexact;
    value.convert(llvm::APFloat::IEEEdouble(),
                  llvm::APFloat::rmNearestTiesToEven, &inexact);
    return value.convertToDouble();
  }
};

double largestOf(const Pages &pages, const Elements &elements) {
  double largest = 0;
  for (const auto &[address, bytes] : pages)
    for (size_t i = 0; i < bytes.size(); i += elements.bits / 8)
      if (double x = std::abs(elements.number(&bytes[i])); std::isfinite(x))
        largest = std::max(largest, x);
  return largest;
}

/// Units in the last place that results may differ by.
double ulpsOf(Tolerance tolerance, unsigned digits) {
  if (!tolerance.sums && !tolerance.functions)
    return 1; // Contraction to fma.
  if (digits > 16)
    return 64;
  return tolerance.sums ? 16 : 4; // A sum may round after each addition.
}

bool agree(double a, double b, double epsilon, double scale) {
  if (std::isnan(a) || std::isnan(b))
    return std::isnan(a) == std::isnan(b);
  if (std::isinf(a) || std::isinf(b))
    return a == b;
  return std::abs(a - b) <=
         epsilon * std::max({std::abs(a), std::abs(b), scale});
}

} // namespace

std::string replay::findDifference(const Pages &expected, const Pages &found,
                                   Type type, Tolerance tolerance) {
  Elements elements(type);
  auto real = dyn_cast<FloatType>(type);
  double epsilon = 0, scale = 0;
  if (real) {
    unsigned digits = std::min(digitsOf(real), tolerance.digits);
    epsilon = ulpsOf(tolerance, digits) * std::ldexp(1.0, 1 - int(digits));
    scale = tolerance.sums ? largestOf(expected, elements) : 0;
  }
  size_t size = elements.bits / 8;
  for (const auto &[address, bytes] : expected) {
    const std::vector<char> &others = found.at(address);
    if (bytes == others)
      continue;
    for (size_t i = 0; i < bytes.size(); i += size) {
      if (!std::memcmp(&bytes[i], &others[i], size))
        continue;
      if (!real)
        return "expected 0x" + llvm::utohexstr(elements.raw(&bytes[i])) +
               ", found 0x" + llvm::utohexstr(elements.raw(&others[i]));
      double a = elements.number(&bytes[i]), b = elements.number(&others[i]);
      if (!agree(a, b, epsilon, scale))
        return "expected " + std::to_string(a) + ", found " + std::to_string(b);
    }
  }
  return "";
}
