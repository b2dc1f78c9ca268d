//===- Cast.cpp - Constants, conversions and choices
//
// Part of the Tegula Project, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "ir/interp/Compiler.h"
#include "ir/interp/Memory.h"
#include "ir/tile/Tile.h"
#include "mlir/Dialect/UB/IR/UBOps.h"
#include <cmath>
#include <cstring>

using namespace mlir;
using namespace tegula;
using namespace tegula::ir::interp;

//===----------------------------------------------------------------------===//
// Constants
//===----------------------------------------------------------------------===//

static uint64_t bitsOf(Attribute scalar) {
  if (auto number = dyn_cast<IntegerAttr>(scalar))
    return number.getValue().getZExtValue();
  return cast<FloatAttr>(scalar).getValue().bitcastToAPInt().getZExtValue();
}

/// The elements of a constant as they lie in memory; false if there is no such
/// form.
static bool readConstant(Attribute value, Slot slot, std::vector<char> &bytes) {
  unsigned size = sizeOf(slot.dtype);
  bytes.resize(slot.bytes());
  if (isa<IntegerAttr, FloatAttr>(value)) {
    uint64_t bits = bitsOf(value);
    for (size_t i = 0; i < slot.elements; ++i)
      std::memcpy(bytes.data() + i * size, &bits, size);
    return true;
  }
  auto dense = dyn_cast<DenseElementsAttr>(value);
  if (!dense)
    return false;
  char *to = bytes.data();
  auto append = [&](const APInt &element) {
    uint64_t bits = element.getZExtValue();
    std::memcpy(to, &bits, size);
    to += size;
  };
  if (isa<FloatType>(dense.getElementType()))
    for (const APFloat &element : dense.getValues<APFloat>())
      append(element.bitcastToAPInt());
  else
    for (const APInt &element : dense.getValues<APInt>())
      append(element);
  return true;
}

static Result compileConstant(Compiler &compiler, arith::ConstantOp op) {
  Slot slot = compiler.slot(op.getResult());
  std::vector<char> bytes;
  if (!readConstant(op.getValue(), slot, bytes))
    return compiler.fail(op, "has a value of a kind that isn't supported by "
                             "interp");
  auto action = [slot, bytes = std::move(bytes)](Program &program) {
    std::memcpy(program.data(slot), bytes.data(), bytes.size());
    return kNext;
  };
  // Nothing else writes this slot: once for each frame is enough.
  compiler.function.constants.instructions.push_back(
      {std::move(action), {}, 1});
  return Result::Done;
}

static Result compilePoison(Compiler &compiler, Value result) {
  Slot slot = compiler.slot(result);
  compiler.emit(
      [slot](Program &program) {
        std::memset(program.data(slot), 0, slot.bytes());
        return kNext;
      },
      [slot](Program &program) {
        program.setTainted(slot, true);
        std::memset(program.taint(slot), kUnspecified, slot.elements);
      });
  return Result::Done;
}

//===----------------------------------------------------------------------===//
// Integers
//===----------------------------------------------------------------------===//

namespace {
int64_t readSigned(Dtype dtype, const char *from, size_t i) {
  switch (dtype) {
  case Dtype::I1:
    return from[i] ? -1 : 0;
  case Dtype::I4:
    return static_cast<int8_t>(from[i] << 4) >> 4;
  case Dtype::I8:
    return reinterpret_cast<const int8_t *>(from)[i];
  case Dtype::I16:
    return reinterpret_cast<const int16_t *>(from)[i];
  case Dtype::I32:
    return reinterpret_cast<const int32_t *>(from)[i];
  default:
    return reinterpret_cast<const int64_t *>(from)[i];
  }
}

uint64_t mask(Dtype dtype) {
  unsigned width = widthOf(dtype);
  return width == 64 ? ~uint64_t(0) : (uint64_t(1) << width) - 1;
}

template <typename T>
void writeIntegers(const int64_t *from, char *to, size_t count, uint64_t keep) {
  for (size_t i = 0; i < count; ++i)
    reinterpret_cast<T *>(to)[i] =
        static_cast<T>(static_cast<uint64_t>(from[i]) & keep);
}

void writeIntegers(Dtype dtype, const int64_t *from, char *to, size_t count) {
  switch (sizeOf(dtype)) {
  case 1:
    return writeIntegers<uint8_t>(from, to, count, mask(dtype));
  case 2:
    return writeIntegers<uint16_t>(from, to, count, mask(dtype));
  case 4:
    return writeIntegers<uint32_t>(from, to, count, mask(dtype));
  default:
    return writeIntegers<uint64_t>(from, to, count, mask(dtype));
  }
}

constexpr size_t kChunk = 128;

/// Calls `convert(from, to, count)` for pieces of the operand and the result.
template <typename F>
Result emitConversion(Compiler &compiler, Operation *op, F convert,
                      uint8_t keeps = kUnspecified) {
  Slot a = compiler.slot(op->getOperand(0));
  Slot r = compiler.slot(op->getResult(0));
  compiler.emitElementwise(
      {a}, r,
      [=](Program &program) {
        size_t count = program.lanes(r);
        for (size_t at = 0; at < count; at += kChunk)
          convert(program.data<char>(a) + at * sizeOf(a.dtype),
                  program.data<char>(r) + at * sizeOf(r.dtype),
                  std::min(kChunk, count - at));
        return kNext;
      },
      keeps);
  return Result::Done;
}

Result convertInteger(Compiler &compiler, Operation *op, bool isSigned) {
  Dtype from = compiler.slot(op->getOperand(0)).dtype;
  Dtype to = compiler.slot(op->getResult(0)).dtype;
  uint64_t keep = isSigned ? ~uint64_t(0) : mask(from);
  return emitConversion(
      compiler, op,
      [=](const char *a, char *r, size_t count) {
        int64_t buffer[kChunk];
        for (size_t i = 0; i < count; ++i)
          buffer[i] = static_cast<int64_t>(readSigned(from, a, i) & keep);
        writeIntegers(to, buffer, r, count);
      },
      kUnspecified | kOverflowed);
}

//===----------------------------------------------------------------------===//
// Floats
//===----------------------------------------------------------------------===//

Result integerToFloat(Compiler &compiler, Operation *op, bool isSigned) {
  Dtype from = compiler.slot(op->getOperand(0)).dtype;
  Dtype to = compiler.slot(op->getResult(0)).dtype;
  return emitConversion(compiler, op, [=](const char *a, char *r, size_t n) {
    double buffer[kChunk];
    for (size_t i = 0; i < n; ++i) {
      int64_t value = readSigned(from, a, i);
      uint64_t bits = static_cast<uint64_t>(value) & mask(from);
      if (to == Dtype::F64)
        buffer[i] =
            isSigned ? static_cast<double>(value) : static_cast<double>(bits);
      else
        buffer[i] = isSigned ? roundToOdd(value) : roundToOdd(bits);
    }
    fromDouble(to, buffer, r, n);
  });
}

Result floatToInteger(Compiler &compiler, Operation *op, bool isSigned) {
  Dtype from = compiler.slot(op->getOperand(0)).dtype;
  Dtype to = compiler.slot(op->getResult(0)).dtype;
  return emitConversion(compiler, op, [=](const char *a, char *r, size_t n) {
    double buffer[kChunk];
    int64_t integers[kChunk];
    toDouble(from, a, buffer, n);
    for (size_t i = 0; i < n; ++i)
      integers[i] =
          isSigned ? toSigned(buffer[i], widthOf(to))
                   : static_cast<int64_t>(toUnsigned(buffer[i], widthOf(to)));
    writeIntegers(to, integers, r, n);
  });
}

Result convertFloat(Compiler &compiler, Operation *op, RoundTo rounding,
                    bool saturate) {
  Dtype from = compiler.slot(op->getOperand(0)).dtype;
  Dtype to = compiler.slot(op->getResult(0)).dtype;
  return emitConversion(compiler, op, [=](const char *a, char *r, size_t n) {
    double buffer[kChunk];
    toDouble(from, a, buffer, n);
    fromDouble(to, buffer, r, n, rounding, saturate);
  });
}

Result truncateFloat(Compiler &compiler, arith::TruncFOp op) {
  arith::RoundingMode mode =
      op.getRoundingmode().value_or(arith::RoundingMode::to_nearest_even);
  if (mode != arith::RoundingMode::to_nearest_even &&
      mode != arith::RoundingMode::toward_zero)
    return compiler.fail(op, "rounds in a way that isn't supported by interp");
  return convertFloat(compiler, op,
                      mode == arith::RoundingMode::toward_zero
                          ? RoundTo::Zero
                          : RoundTo::NearestEven,
                      /*saturate=*/false);
}

/// The same bytes as another type.
Result reinterpret(Compiler &compiler, Operation *op) {
  Slot a = compiler.slot(op->getOperand(0));
  Slot r = compiler.slot(op->getResult(0));
  if (sizeOf(a.dtype) != sizeOf(r.dtype))
    return compiler.fail(op, "changes the size of elements, which isn't "
                             "supported by interp");
  compiler.emitElementwise(
      {a}, r,
      [=](Program &program) {
        std::memcpy(program.data(r), program.data(a),
                    program.lanes(r) * sizeOf(r.dtype));
        return kNext;
      },
      kUnspecified | kOverflowed);
  return Result::Done;
}

//===----------------------------------------------------------------------===//
// Choices
//===----------------------------------------------------------------------===//

template <typename T>
void choose(const uint8_t *condition, const char *a, const char *b, char *r,
            size_t count) {
  for (size_t i = 0; i < count; ++i)
    reinterpret_cast<T *>(r)[i] = condition[i]
                                      ? reinterpret_cast<const T *>(a)[i]
                                      : reinterpret_cast<const T *>(b)[i];
}

void choose(unsigned size, const uint8_t *condition, const char *a,
            const char *b, char *r, size_t count) {
  switch (size) {
  case 1:
    return choose<uint8_t>(condition, a, b, r, count);
  case 2:
    return choose<uint16_t>(condition, a, b, r, count);
  case 4:
    return choose<uint32_t>(condition, a, b, r, count);
  default:
    return choose<uint64_t>(condition, a, b, r, count);
  }
}

/// The taint of the chosen side, and of a condition that isn't known.
void taintSelect(Program &program, Slot c, Slot a, Slot b, Slot r) {
  bool any =
      program.isTainted(c) || program.isTainted(a) || program.isTainted(b);
  program.setTainted(r, any);
  if (!any)
    return;
  bool isWhole = c.elements != r.elements;
  const uint8_t *condition = program.data<uint8_t>(c);
  for (size_t i = 0, count = program.lanes(r); i < count; ++i) {
    size_t k = isWhole ? 0 : i;
    Slot side = condition[k] ? a : b;
    program.taint(r)[i] =
        (program.isTainted(side) ? program.taint(side)[i] : 0) |
        (program.isTainted(c) ? program.taint(c)[k] & kUnspecified : 0);
  }
}

Result compileSelect(Compiler &compiler, arith::SelectOp op) {
  Slot c = compiler.slot(op.getCondition());
  Slot a = compiler.slot(op.getTrueValue());
  Slot b = compiler.slot(op.getFalseValue());
  Slot r = compiler.slot(op.getResult());
  compiler.emit(
      [=](Program &program) {
        size_t count = program.lanes(r);
        unsigned size = sizeOf(r.dtype);
        const uint8_t *condition = program.data<uint8_t>(c);
        if (c.elements != r.elements)
          std::memcpy(program.data(r), program.data(*condition ? a : b),
                      count * size);
        else
          choose(size, condition, program.data<char>(a), program.data<char>(b),
                 program.data<char>(r), count);
        return kNext;
      },
      [=](Program &program) { taintSelect(program, c, a, b, r); }, r.elements);
  return Result::Done;
}
} // namespace

Result tegula::ir::interp::compileCast(Compiler &c, Operation *op) {
  return TypeSwitch<Operation *, Result>(op)
      .Case([&](arith::ConstantOp constant) {
        return compileConstant(c, constant);
      })
      .Case([&](ub::PoisonOp) { return compilePoison(c, op->getResult(0)); })
      .Case([&](arith::SelectOp select) { return compileSelect(c, select); })
      .Case<arith::ExtSIOp, arith::TruncIOp, arith::IndexCastOp>(
          [&](auto) { return convertInteger(c, op, /*isSigned=*/true); })
      .Case<arith::ExtUIOp, arith::IndexCastUIOp>(
          [&](auto) { return convertInteger(c, op, /*isSigned=*/false); })
      .Case([&](arith::SIToFPOp) { return integerToFloat(c, op, true); })
      .Case([&](arith::UIToFPOp) { return integerToFloat(c, op, false); })
      .Case([&](arith::FPToSIOp) { return floatToInteger(c, op, true); })
      .Case([&](arith::FPToUIOp) { return floatToInteger(c, op, false); })
      .Case([&](arith::ExtFOp) {
        return convertFloat(c, op, RoundTo::NearestEven, false);
      })
      .Case(
          [&](arith::TruncFOp truncate) { return truncateFloat(c, truncate); })
      .Case([&](tile::FpConvertOp convert) {
        return convertFloat(c, op,
                            convert.getRounding() == tile::Rounding::RTZ
                                ? RoundTo::Zero
                                : RoundTo::NearestEven,
                            convert.getSaturate());
      })
      .Case<arith::BitcastOp, tile::PtrCastOp, tile::IntToPtrOp,
            tile::PtrToIntOp>([&](auto) { return reinterpret(c, op); })
      .Default([](Operation *) { return Result::NotMine; });
}
