//===- Float.cpp - arith on floats
//
// Part of the Tegula Project, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Sums, products, quotients and square roots of f32 and narrower formats are
// rounded to double and then to the format: as 53 >= 2 * 24 + 2 that gives what
// a single rounding gives.
//
//===----------------------------------------------------------------------===//

#include "ir/interp/FloatLoops.h"
#include <cmath>

using namespace mlir;
using namespace tegula::ir::interp;

static constexpr size_t kChunk = 128;

static void readChunk(Dtype dtype, const char *from, double *to, size_t count) {
  switch (dtype) {
  case Dtype::I1:
    for (size_t i = 0; i < count; ++i)
      to[i] = from[i] ? 1 : 0;
    return;
  case Dtype::I4:
    for (size_t i = 0; i < count; ++i)
      to[i] = static_cast<int8_t>(from[i] << 4) >> 4;
    return;
  case Dtype::I8:
    for (size_t i = 0; i < count; ++i)
      to[i] = reinterpret_cast<const int8_t *>(from)[i];
    return;
  case Dtype::I16:
    for (size_t i = 0; i < count; ++i)
      to[i] = reinterpret_cast<const int16_t *>(from)[i];
    return;
  case Dtype::I32:
    for (size_t i = 0; i < count; ++i)
      to[i] = reinterpret_cast<const int32_t *>(from)[i];
    return;
  case Dtype::I64:
    for (size_t i = 0; i < count; ++i)
      to[i] = reinterpret_cast<const int64_t *>(from)[i];
    return;
  default:
    toDouble(dtype, from, to, count);
  }
}

static void writeChunk(Dtype dtype, const double *from, char *to,
                       size_t count) {
  if (isFloat(dtype))
    return fromDouble(dtype, from, to, count);
  for (size_t i = 0; i < count; ++i) {
    int64_t value =
        dtype == Dtype::I1 ? from[i] != 0 : toSigned(from[i], widthOf(dtype));
    if (dtype == Dtype::I4)
      value &= 15;
    std::memcpy(to + i * sizeOf(dtype), &value, sizeOf(dtype));
  }
}

static void runChunks(Program &program, ArrayRef<Slot> operands, Slot result,
                      FloatLoop loop) {
  double buffers[4][kChunk], out[kChunk];
  const double *in[4];
  size_t count = program.lanes(result);
  for (size_t at = 0; at < count; at += kChunk) {
    size_t here = std::min(kChunk, count - at);
    for (auto [k, operand] : llvm::enumerate(operands)) {
      const char *from =
          program.data<char>(operand) + at * sizeOf(operand.dtype);
      in[k] = buffers[k];
      if (operand.dtype == Dtype::F64)
        in[k] = reinterpret_cast<const double *>(from);
      else
        readChunk(operand.dtype, from, buffers[k], here);
    }
    loop(in, out, here);
    writeChunk(result.dtype, out,
               program.data<char>(result) + at * sizeOf(result.dtype), here);
  }
}

void tegula::ir::interp::emitFloatLoop(Compiler &compiler, ValueRange operands,
                                       Value result, FloatLoop loop) {
  SmallVector<Slot, 4> inputs;
  for (Value operand : operands)
    inputs.push_back(compiler.slot(operand));
  Slot out = compiler.slot(result);
  compiler.emitElementwise(inputs, out, [=](Program &program) {
    runChunks(program, inputs, out, loop);
    return kNext;
  });
}

namespace {
struct Add {
  template <typename T> static T apply(T a, T b) { return a + b; }
};
struct Sub {
  template <typename T> static T apply(T a, T b) { return a - b; }
};
struct Mul {
  template <typename T> static T apply(T a, T b) { return a * b; }
};
struct Div {
  template <typename T> static T apply(T a, T b) { return a / b; }
};
struct Rem {
  template <typename T> static T apply(T a, T b) { return std::fmod(a, b); }
};
struct Neg {
  template <typename T> static T apply(T a) { return -a; }
};
/// -0 < +0, as IEEE 754's maximum says.
template <typename T> bool isLess(T a, T b) {
  return a < b || (a == b && std::signbit(a) && !std::signbit(b));
}
struct Maximum {
  template <typename T> static T apply(T a, T b) {
    if (std::isnan(a) || std::isnan(b))
      return std::isnan(a) ? a : b;
    return isLess(a, b) ? b : a;
  }
};
struct Minimum {
  template <typename T> static T apply(T a, T b) {
    if (std::isnan(a) || std::isnan(b))
      return std::isnan(a) ? a : b;
    return isLess(a, b) ? a : b;
  }
};
struct MaxNum {
  template <typename T> static T apply(T a, T b) {
    return std::isnan(a) ? b : std::isnan(b) ? a : Maximum::apply(a, b);
  }
};
struct MinNum {
  template <typename T> static T apply(T a, T b) {
    return std::isnan(a) ? b : std::isnan(b) ? a : Minimum::apply(a, b);
  }
};

/// A predicate is a set of the four relations.
enum Relation : unsigned {
  kLess = 1,
  kEqual = 2,
  kGreater = 4,
  kUnordered = 8
};
template <unsigned relations> struct Compare {
  template <typename T> static T apply(T a, T b) {
    unsigned relation = a < b    ? kLess
                        : a == b ? kEqual
                        : a > b  ? kGreater
                                 : kUnordered;
    return (relation & relations) ? 1 : 0;
  }
};
} // namespace

static Result compare(Compiler &compiler, arith::CmpFOp op) {
  using P = arith::CmpFPredicate;
  switch (op.getPredicate()) {
  case P::AlwaysFalse:
    return emitFloat<Compare<0>, 2>(compiler, op);
  case P::OEQ:
    return emitFloat<Compare<kEqual>, 2>(compiler, op);
  case P::OGT:
    return emitFloat<Compare<kGreater>, 2>(compiler, op);
  case P::OGE:
    return emitFloat<Compare<kGreater | kEqual>, 2>(compiler, op);
  case P::OLT:
    return emitFloat<Compare<kLess>, 2>(compiler, op);
  case P::OLE:
    return emitFloat<Compare<kLess | kEqual>, 2>(compiler, op);
  case P::ONE:
    return emitFloat<Compare<kLess | kGreater>, 2>(compiler, op);
  case P::ORD:
    return emitFloat<Compare<kLess | kEqual | kGreater>, 2>(compiler, op);
  case P::UEQ:
    return emitFloat<Compare<kUnordered | kEqual>, 2>(compiler, op);
  case P::UGT:
    return emitFloat<Compare<kUnordered | kGreater>, 2>(compiler, op);
  case P::UGE:
    return emitFloat<Compare<kUnordered | kGreater | kEqual>, 2>(compiler, op);
  case P::ULT:
    return emitFloat<Compare<kUnordered | kLess>, 2>(compiler, op);
  case P::ULE:
    return emitFloat<Compare<kUnordered | kLess | kEqual>, 2>(compiler, op);
  case P::UNE:
    return emitFloat<Compare<kUnordered | kLess | kGreater>, 2>(compiler, op);
  case P::UNO:
    return emitFloat<Compare<kUnordered>, 2>(compiler, op);
  case P::AlwaysTrue:
    return emitFloat<Compare<15>, 2>(compiler, op);
  }
  return Result::NotMine;
}

Result tegula::ir::interp::compileFloat(Compiler &c, Operation *op) {
  return TypeSwitch<Operation *, Result>(op)
      .Case([&](arith::AddFOp) { return emitFloat<Add, 2>(c, op); })
      .Case([&](arith::SubFOp) { return emitFloat<Sub, 2>(c, op); })
      .Case([&](arith::MulFOp) { return emitFloat<Mul, 2>(c, op); })
      .Case([&](arith::DivFOp) { return emitFloat<Div, 2>(c, op); })
      .Case([&](arith::RemFOp) { return emitFloat<Rem, 2>(c, op); })
      .Case([&](arith::NegFOp) { return emitFloat<Neg, 1>(c, op); })
      .Case([&](arith::MaximumFOp) { return emitFloat<Maximum, 2>(c, op); })
      .Case([&](arith::MinimumFOp) { return emitFloat<Minimum, 2>(c, op); })
      .Case([&](arith::MaxNumFOp) { return emitFloat<MaxNum, 2>(c, op); })
      .Case([&](arith::MinNumFOp) { return emitFloat<MinNum, 2>(c, op); })
      .Case([&](arith::CmpFOp cmp) { return compare(c, cmp); })
      .Default([](Operation *) { return Result::NotMine; });
}
