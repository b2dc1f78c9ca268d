//===- Dot.cpp - Matrix products
//
// Part of the Tegula Project, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "ir/interp/Compiler.h"
#include "ir/interp/Memory.h"
#include "ir/tile/Tile.h"
#include <cmath>
#include <cstring>

using namespace mlir;
using namespace tegula;
using namespace tegula::ir::interp;

namespace {
/// Sizes of a product: `batch` times (m x k) * (k x n).
struct Sizes {
  size_t batch = 1, m, k, n;
};

/// c += a * b. Numbers are doubles, or 64-bit integers that wrap.
template <typename T> void multiply(Sizes s, const T *a, const T *b, T *c) {
  for (size_t row = 0; row < s.batch * s.m; ++row) {
    const T *block = b + row / s.m * s.k * s.n;
    T *sums = c + row * s.n;
    for (size_t k = 0; k < s.k; ++k) {
      T factor = a[row * s.k + k];
      const T *line = block + k * s.n;
      for (size_t n = 0; n < s.n; ++n)
        sums[n] += factor * line[n];
    }
  }
}

/// An element depends on its row of a, its column of b and its own of c.
void taintProduct(Program &program, Sizes s, const uint8_t *a, const uint8_t *b,
                  Slot c, Slot result) {
  std::vector<uint8_t> columns(s.batch * s.n);
  for (size_t i = 0; b && i < s.batch * s.k * s.n; ++i)
    columns[i / (s.k * s.n) * s.n + i % s.n] |= b[i] & kUnspecified;
  bool any = false;
  for (size_t row = 0; row < s.batch * s.m; ++row) {
    uint8_t own = 0;
    for (size_t k = 0; a && k < s.k; ++k)
      own |= a[row * s.k + k] & kUnspecified;
    for (size_t n = 0; n < s.n; ++n) {
      size_t i = row * s.n + n;
      uint8_t taint = own | columns[row / s.m * s.n + n];
      if (program.isTainted(c))
        taint |= program.taint(c)[i] & kUnspecified;
      program.taint(result)[i] = taint;
      any |= taint != 0;
    }
  }
  program.setTainted(result, any);
}

const uint8_t *taintOf(Program &program, Slot slot) {
  return program.isTainted(slot) ? program.taint(slot) : nullptr;
}

Sizes sizesOf(RankedTensorType a, RankedTensorType c) {
  ArrayRef<int64_t> left = a.getShape(), out = c.getShape();
  Sizes sizes;
  size_t rank = out.size();
  sizes.batch = rank == 3 ? out[0] : 1;
  sizes.m = out[rank - 2];
  sizes.n = out[rank - 1];
  sizes.k = left[rank - 1];
  return sizes;
}

/// The elements of a slot as signed integers.
void readIntegers(Program &program, Slot slot, std::vector<uint64_t> &to) {
  to.resize(slot.elements);
  unsigned size = sizeOf(slot.dtype), unused = 64 - widthOf(slot.dtype);
  for (size_t i = 0; i < slot.elements; ++i) {
    uint64_t bits = 0;
    std::memcpy(&bits, program.data<char>(slot) + i * size, size);
    to[i] =
        static_cast<uint64_t>(static_cast<int64_t>(bits << unused) >> unused);
  }
}

Flow multiplyIntegers(Program &program, Sizes sizes, Slot a, Slot b, Slot c,
                      Slot result) {
  std::vector<uint64_t> left, right, sums;
  readIntegers(program, a, left);
  readIntegers(program, b, right);
  readIntegers(program, c, sums);
  multiply(sizes, left.data(), right.data(), sums.data());
  unsigned size = sizeOf(result.dtype), width = widthOf(result.dtype);
  for (size_t i = 0; i < result.elements; ++i) {
    uint64_t bits = width < 8 ? sums[i] & ((1u << width) - 1) : sums[i];
    std::memcpy(program.data<char>(result) + i * size, &bits, size);
  }
  return kNext;
}

Flow multiplyFloats(Program &program, Sizes sizes, Slot a, Slot b, Slot c,
                    Slot result) {
  auto &[left, right, sums] = program.launch.numbers;
  left.resize(a.elements);
  right.resize(b.elements);
  sums.resize(c.elements);
  toDouble(a.dtype, program.data(a), left.data(), a.elements);
  toDouble(b.dtype, program.data(b), right.data(), b.elements);
  toDouble(c.dtype, program.data(c), sums.data(), c.elements);
  multiply(sizes, left.data(), right.data(), sums.data());
  fromDouble(result.dtype, sums.data(), program.data(result), result.elements);
  return kNext;
}

Result compileProduct(Compiler &compiler, tile::DotOp op) {
  Slot a = compiler.slot(op.getA()), b = compiler.slot(op.getB());
  Slot c = compiler.slot(op.getC()), result = compiler.slot(op.getResult());
  Sizes sizes = sizesOf(cast<RankedTensorType>(op.getA().getType()),
                        cast<RankedTensorType>(op.getC().getType()));
  bool isReal = isFloat(c.dtype);
  compiler.emit(
      [=](Program &program) {
        return isReal ? multiplyFloats(program, sizes, a, b, c, result)
                      : multiplyIntegers(program, sizes, a, b, c, result);
      },
      [=](Program &program) {
        taintProduct(program, sizes, taintOf(program, a), taintOf(program, b),
                     c, result);
      },
      result.elements * sizes.k / 8);
  return Result::Done;
}

//===----------------------------------------------------------------------===//
// Block-scaled operands
//===----------------------------------------------------------------------===//

/// One side of a scaled product, in row-major order of `outer x k` (a) or
/// `k x outer` (b).
struct ScaledOperand {
  Slot elements;
  std::optional<Slot> scale;
  tile::ScaledFormat format;
  size_t batch, k, outer;
  bool isLeft, packsAlongK;

  void read(Program &program, std::vector<double> &to,
            std::vector<uint8_t> *taints) const;

private:
  double element(Program &program, size_t batch, size_t outer, size_t k,
                 size_t &stored) const;
  double scaleOf(Program &program, size_t batch, size_t outer, size_t k,
                 size_t &stored) const;
};

/// The 6- and 4-bit formats: `mantissa` bits after an exponent of `exponent`
/// bits, no infinity, no NaN.
double decodeSmall(unsigned bits, unsigned exponent, unsigned mantissa) {
  unsigned width = exponent + mantissa;
  int bias = (1 << (exponent - 1)) - 1;
  int power = (bits >> mantissa) & ((1 << exponent) - 1);
  double value = bits & ((1 << mantissa) - 1);
  if (power == 0)
    power = 1;
  else
    value += 1 << mantissa;
  value = std::ldexp(value, power - bias - static_cast<int>(mantissa));
  return (bits >> width) & 1 ? -value : value;
}

double ScaledOperand::element(Program &program, size_t b, size_t o, size_t k,
                              size_t &stored) const {
  bool isPacked = format == tile::ScaledFormat::E2M1;
  size_t columns = isLeft ? this->k : outer, rows = isLeft ? outer : this->k;
  size_t row = isLeft ? o : k, column = isLeft ? k : o;
  // Packed pairs lie along one of the two dimensions.
  bool alongColumns = packsAlongK == isLeft;
  unsigned half = 0;
  if (isPacked) {
    half = (alongColumns ? column : row) & 1;
    (alongColumns ? column : row) /= 2;
    (alongColumns ? columns : rows) /= 2;
  }
  stored = (b * rows + row) * columns + column;
  const char *place =
      program.data<char>(elements) + stored * sizeOf(elements.dtype);
  unsigned byte = static_cast<uint8_t>(*place);
  double value;
  switch (format) {
  case tile::ScaledFormat::E2M1:
    return decodeSmall((byte >> (4 * half)) & 15, 2, 1);
  case tile::ScaledFormat::E2M3:
    return decodeSmall(byte & 63, 2, 3);
  case tile::ScaledFormat::E3M2:
    return decodeSmall(byte & 63, 3, 2);
  case tile::ScaledFormat::E4M3:
    toDouble(Dtype::F8E4M3FN, place, &value, 1);
    return value;
  case tile::ScaledFormat::E5M2:
    toDouble(Dtype::F8E5M2, place, &value, 1);
    return value;
  case tile::ScaledFormat::BF16:
    toDouble(Dtype::BF16, place, &value, 1);
    return value;
  case tile::ScaledFormat::FP16:
    toDouble(Dtype::F16, place, &value, 1);
    return value;
  }
  return 0;
}

double ScaledOperand::scaleOf(Program &program, size_t b, size_t o, size_t i,
                              size_t &stored) const {
  if (!scale)
    return 1;
  bool isExponent = !isFloat(scale->dtype);
  size_t groups = scale->elements / (batch * outer);
  size_t group = isExponent || groups * 32 == k ? 32 : 16;
  stored = (b * outer + o) * groups + std::min(i / group, groups - 1);
  const char *place = program.data<char>(*scale) + stored;
  double value;
  if (!isExponent) {
    toDouble(scale->dtype, place, &value, 1);
    return value;
  }
  int exponent = static_cast<uint8_t>(*place);
  return exponent == 255 ? std::nan("") : std::ldexp(1.0, exponent - 127);
}

void ScaledOperand::read(Program &program, std::vector<double> &to,
                         std::vector<uint8_t> *taints) const {
  to.resize(batch * k * outer);
  if (taints)
    taints->assign(to.size(), 0);
  for (size_t b = 0; b < batch; ++b)
    for (size_t o = 0; o < outer; ++o)
      for (size_t i = 0; i < k; ++i) {
        size_t at = b * k * outer + (isLeft ? o * k + i : i * outer + o);
        size_t place = 0, scalePlace = 0;
        to[at] = element(program, b, o, i, place) *
                 scaleOf(program, b, o, i, scalePlace);
        if (taints && program.isTainted(elements))
          (*taints)[at] |= program.taint(elements)[place];
        if (taints && scale && program.isTainted(*scale))
          (*taints)[at] |= program.taint(*scale)[scalePlace];
      }
}

Result compileScaled(Compiler &compiler, tile::DotScaledOp op) {
  auto type = cast<RankedTensorType>(op.getC().getType());
  Sizes sizes = sizesOf(cast<RankedTensorType>(op.getA().getType()), type);
  if (op.getAFormat() == tile::ScaledFormat::E2M1 && op.getAKPack())
    sizes.k *= 2;
  ScaledOperand a = {compiler.slot(op.getA()),
                     std::nullopt,
                     op.getAFormat(),
                     sizes.batch,
                     sizes.k,
                     sizes.m,
                     /*isLeft=*/true,
                     op.getAKPack()};
  ScaledOperand b = {compiler.slot(op.getB()),
                     std::nullopt,
                     op.getBFormat(),
                     sizes.batch,
                     sizes.k,
                     sizes.n,
                     /*isLeft=*/false,
                     op.getBKPack()};
  for (auto [value, side] :
       {std::pair(op.getAScale(), &a), {op.getBScale(), &b}})
    if (value) {
      side->scale = compiler.slot(value);
      if (sizeOf(side->scale->dtype) != 1)
        return compiler.fail(op, "expects scales of one byte");
    }
  Slot c = compiler.slot(op.getC()), result = compiler.slot(op.getResult());
  if (!isFloat(c.dtype))
    return compiler.fail(op, "expects an accumulator of floats");
  compiler.emit(
      [=](Program &program) {
        auto &[left, right, sums] = program.launch.numbers;
        std::vector<uint8_t> taintA, taintB;
        bool check = program.launch.check;
        a.read(program, left, check ? &taintA : nullptr);
        b.read(program, right, check ? &taintB : nullptr);
        sums.resize(c.elements);
        toDouble(c.dtype, program.data(c), sums.data(), c.elements);
        multiply(sizes, left.data(), right.data(), sums.data());
        fromDouble(result.dtype, sums.data(), program.data(result),
                   result.elements);
        if (check)
          taintProduct(program, sizes, taintA.data(), taintB.data(), c, result);
        return kNext;
      },
      {}, result.elements * sizes.k);
  return Result::Done;
}
} // namespace

Result tegula::ir::interp::compileDot(Compiler &compiler, Operation *op) {
  if (auto dot = dyn_cast<tile::DotOp>(op))
    return compileProduct(compiler, dot);
  if (auto dot = dyn_cast<tile::DotScaledOp>(op))
    return compileScaled(compiler, dot);
  return Result::NotMine;
}
