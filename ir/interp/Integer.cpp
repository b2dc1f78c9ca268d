//===- Integer.cpp - arith and math on integers
//
// Part of the Tegula Project, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Every op is a function on 64-bit numbers (`apply`), instantiated for each
// storage type by a loop that extends the operands and truncates the result.
//
//===----------------------------------------------------------------------===//

#include "ir/interp/Compiler.h"
#include "ir/interp/Memory.h"
#include "ir/tile/Tile.h"
#include "llvm/ADT/bit.h"
#include <cstring>

using namespace mlir;
using namespace tegula;
using namespace tegula::ir::interp;

namespace {
/// An operand: its bits, and read as unsigned and signed.
struct Number {
  uint64_t u;
  int64_t s;
};

template <typename S, unsigned W> struct IntType {
  using Storage = S;
  static constexpr unsigned width = W;
  static Number read(Storage value) {
    constexpr unsigned shift = 64 - width;
    uint64_t bits = static_cast<uint64_t>(value) << shift;
    return {bits >> shift, static_cast<int64_t>(bits) >> shift};
  }
  static Storage write(uint64_t value) {
    if constexpr (width < 8)
      value &= (1u << width) - 1;
    return static_cast<Storage>(value);
  }
};

using Loop1 = void (*)(const void *a, void *r, size_t count);
using Loop2 = void (*)(const void *a, const void *b, void *r, size_t count);

template <typename T, typename Op>
void unaryLoop(const void *a, void *r, size_t count) {
  using S = typename T::Storage;
  for (size_t i = 0; i < count; ++i)
    static_cast<S *>(r)[i] =
        T::write(Op::apply(T::read(static_cast<const S *>(a)[i]), T::width));
}

template <typename T, typename Op>
void binaryLoop(const void *a, const void *b, void *r, size_t count) {
  using S = typename T::Storage;
  for (size_t i = 0; i < count; ++i)
    static_cast<S *>(r)[i] =
        T::write(Op::apply(T::read(static_cast<const S *>(a)[i]),
                           T::read(static_cast<const S *>(b)[i]), T::width));
}

/// Comparisons and overflow checks: a byte for each element.
template <typename T, typename Op>
void flagLoop(const void *a, const void *b, void *r, size_t count) {
  using S = typename T::Storage;
  for (size_t i = 0; i < count; ++i)
    static_cast<uint8_t *>(r)[i] =
        Op::apply(T::read(static_cast<const S *>(a)[i]),
                  T::read(static_cast<const S *>(b)[i]), T::width);
}

/// Calls `pick` with the IntType of a storage.
template <typename F> auto dispatch(Dtype dtype, F pick) {
  switch (dtype) {
  case Dtype::I1:
    return pick(IntType<uint8_t, 1>());
  case Dtype::I4:
    return pick(IntType<uint8_t, 4>());
  case Dtype::I8:
    return pick(IntType<uint8_t, 8>());
  case Dtype::I16:
    return pick(IntType<uint16_t, 16>());
  case Dtype::I32:
    return pick(IntType<uint32_t, 32>());
  default:
    return pick(IntType<uint64_t, 64>());
  }
}

template <typename Op> Loop1 unaryFor(Dtype dtype) {
  return dispatch(
      dtype, [](auto type) -> Loop1 { return unaryLoop<decltype(type), Op>; });
}
template <typename Op> Loop2 binaryFor(Dtype dtype) {
  return dispatch(
      dtype, [](auto type) -> Loop2 { return binaryLoop<decltype(type), Op>; });
}
template <typename Op> Loop2 flagFor(Dtype dtype) {
  return dispatch(
      dtype, [](auto type) -> Loop2 { return flagLoop<decltype(type), Op>; });
}

//===----------------------------------------------------------------------===//
// The ops
//===----------------------------------------------------------------------===//

#define BINARY(NAME, EXPRESSION)                                               \
  struct NAME {                                                                \
    static uint64_t apply(Number a, Number b, [[maybe_unused]] unsigned w) {   \
      return EXPRESSION;                                                       \
    }                                                                          \
  };
#define UNARY(NAME, EXPRESSION)                                                \
  struct NAME {                                                                \
    static uint64_t apply(Number a, [[maybe_unused]] unsigned w) {             \
      return EXPRESSION;                                                       \
    }                                                                          \
  };

/// The quotient towards zero; `x / 0 = 0`, and -1 negates (and wraps).
int64_t divide(int64_t a, int64_t b) {
  if (b == 0)
    return 0;
  return b == -1 ? static_cast<int64_t>(-static_cast<uint64_t>(a)) : a / b;
}
int64_t remainderOf(int64_t a, int64_t b) {
  return b == 0 ? a : b == -1 ? 0 : a % b;
}

BINARY(Add, a.u + b.u)
BINARY(Sub, a.u - b.u)
BINARY(Mul, a.u *b.u)
BINARY(And, a.u & b.u)
BINARY(Or, a.u | b.u)
BINARY(Xor, a.u ^ b.u)
BINARY(DivS, divide(a.s, b.s))
BINARY(DivU, b.u == 0 ? 0 : a.u / b.u)
BINARY(RemS, remainderOf(a.s, b.s))
BINARY(RemU, b.u == 0 ? a.u : a.u % b.u)
BINARY(FloorDivS, divide(a.s, b.s) - (remainderOf(a.s, b.s) != 0 && b.s != 0 &&
                                      (a.s < 0) != (b.s < 0)))
BINARY(CeilDivS, divide(a.s, b.s) + (remainderOf(a.s, b.s) != 0 && b.s != 0 &&
                                     (a.s < 0) == (b.s < 0)))
BINARY(CeilDivU, b.u == 0 ? 0 : a.u / b.u + (a.u % b.u != 0))
BINARY(Shl, b.u >= w ? 0 : a.u << b.u)
BINARY(ShrU, b.u >= w ? 0 : a.u >> b.u)
BINARY(ShrS, a.s >> std::min<uint64_t>(b.u, w - 1))
BINARY(MaxS, std::max(a.s, b.s))
BINARY(MinS, std::min(a.s, b.s))
BINARY(MaxU, std::max(a.u, b.u))
BINARY(MinU, std::min(a.u, b.u))
BINARY(MulHighS, static_cast<uint64_t>((__int128(a.s) * b.s) >> w))
BINARY(MulHighU,
       static_cast<uint64_t>((static_cast<unsigned __int128>(a.u) * b.u) >> w))

BINARY(Eq, a.u == b.u)
BINARY(Ne, a.u != b.u)
BINARY(LtS, a.s < b.s)
BINARY(LeS, a.s <= b.s)
BINARY(GtS, a.s > b.s)
BINARY(GeS, a.s >= b.s)
BINARY(LtU, a.u < b.u)
BINARY(LeU, a.u <= b.u)
BINARY(GtU, a.u > b.u)
BINARY(GeU, a.u >= b.u)

/// Does a signed result leave the type?
bool leaves(__int128 value, unsigned w) {
  __int128 limit = __int128(1) << (w - 1);
  return value < -limit || value >= limit;
}
BINARY(AddLeaves, leaves(__int128(a.s) + b.s, w))
BINARY(SubLeaves, leaves(__int128(a.s) - b.s, w))
BINARY(MulLeaves, leaves(__int128(a.s) * b.s, w))
BINARY(AddCarries, ((static_cast<unsigned __int128>(a.u) + b.u) >> w) != 0)

/// a to the b; 1 / x^n for a negative exponent, truncated.
uint64_t power(Number a, Number b, unsigned w) {
  if (b.s < 0)
    return a.s == 1 ? 1 : a.s == -1 ? ((b.u & 1) ? ~uint64_t(0) : 1) : 0;
  uint64_t result = 1, base = a.u;
  for (uint64_t left = b.u; left; left >>= 1, base *= base)
    if (left & 1)
      result *= base;
  return result;
}
BINARY(Power, power(a, b, w))

UNARY(Abs, a.s < 0 ? -a.u : a.u)
UNARY(CountLeading, llvm::countl_zero(a.u) - (64 - w))
UNARY(CountTrailing, std::min<uint64_t>(llvm::countr_zero(a.u), w))
UNARY(CountOnes, llvm::popcount(a.u))
#undef BINARY
#undef UNARY

//===----------------------------------------------------------------------===//
// Instructions
//===----------------------------------------------------------------------===//

class Emitter {
public:
  Emitter(Compiler &compiler, Operation *op) : compiler(compiler), op(op) {}

  template <typename Op> Result unary() {
    return emit(unaryFor<Op>(operand(0).dtype));
  }
  template <typename Op> Result binary(unsigned result = 0) {
    return emit(binaryFor<Op>(operand(0).dtype), result);
  }
  template <typename Op> Result flag(unsigned result = 0) {
    return emit(flagFor<Op>(operand(0).dtype), result);
  }
  /// An op that may be part of an address: overflow is noted in the taint.
  template <typename Op, typename Leaves> Result address() {
    binary<Op>();
    if (!compiler.addressOps.contains(op))
      return Result::Done;
    Slot a = operand(0), b = operand(1), r = compiler.slot(op->getResult(0));
    Loop2 leaves = flagFor<Leaves>(a.dtype);
    // Runs after the operation; its own taint action runs before, as always.
    compiler.emit([=](Program &program) {
      if (program.launch.check)
        noteOverflow(program, a, b, r, leaves);
      return kNext;
    });
    return Result::Done;
  }
  /// Where an operand that is known to be 0 (or all ones) makes the result.
  Result absorbing(Loop2 loop, bool isZero);
  bool isAddress() const { return compiler.addressOps.contains(op); }
  template <typename F> Loop2 loopOf() {
    return binaryFor<F>(operand(0).dtype);
  }

private:
  Slot operand(unsigned index) { return compiler.slot(op->getOperand(index)); }
  Result emit(Loop1 loop) {
    Slot a = operand(0), r = compiler.slot(op->getResult(0));
    compiler.emitElementwise({a}, r, [=](Program &program) {
      loop(program.data(a), program.data(r), program.lanes(r));
      return kNext;
    });
    return Result::Done;
  }
  Result emit(Loop2 loop, unsigned result = 0) {
    Slot a = operand(0), b = operand(1);
    Slot r = compiler.slot(op->getResult(result));
    uint8_t keeps = compiler.addressOps.contains(op)
                        ? kUnspecified | kOverflowed
                        : kUnspecified;
    compiler.emitElementwise(
        {a, b}, r,
        [=](Program &program) {
          loop(program.data(a), program.data(b), program.data(r),
               program.lanes(r));
          return kNext;
        },
        keeps);
    return Result::Done;
  }
  static void noteOverflow(Program &program, Slot a, Slot b, Slot r,
                           Loop2 leaves) {
    size_t count = program.lanes(r);
    std::vector<char> &flags = program.launch.copies;
    flags.resize(std::max(flags.size(), count));
    leaves(program.data(a), program.data(b), flags.data(), count);
    if (llvm::none_of(ArrayRef(flags.data(), count), [](char c) { return c; }))
      return;
    if (!program.isTainted(r))
      std::memset(program.taint(r), 0, count);
    program.setTainted(r, true);
    for (size_t i = 0; i < count; ++i)
      program.taint(r)[i] |= flags[i] ? kOverflowed : 0;
  }

  Compiler &compiler;
  Operation *op;
};

/// A product or `and` with a known 0 and an `or` with known ones have a known
/// result whatever the other side is: a mask may well contain what another mask
/// excludes.
void taintAbsorbing(Program &program, Slot a, Slot b, Slot r, bool isZero) {
  bool any = program.isTainted(a) || program.isTainted(b);
  program.setTainted(r, any);
  if (!any)
    return;
  size_t size = sizeOf(r.dtype);
  uint8_t ones = r.dtype == Dtype::I1 ? 1 : r.dtype == Dtype::I4 ? 15 : 255;
  uint8_t decisive = isZero ? 0 : ones;
  auto decides = [&](Slot side, size_t i) {
    if (program.isTainted(side) && program.taint(side)[i])
      return false;
    const uint8_t *bytes = program.data<uint8_t>(side) + i * size;
    return llvm::all_of(ArrayRef(bytes, size),
                        [&](uint8_t byte) { return byte == decisive; });
  };
  for (size_t i = 0, count = program.lanes(r); i < count; ++i) {
    uint8_t both = (program.isTainted(a) ? program.taint(a)[i] : 0) |
                   (program.isTainted(b) ? program.taint(b)[i] : 0);
    bool isKnown = both && (decides(a, i) || decides(b, i));
    program.taint(r)[i] = isKnown ? 0 : both & kUnspecified;
  }
}

Result Emitter::absorbing(Loop2 loop, bool isZero) {
  Slot a = operand(0), b = operand(1), r = compiler.slot(op->getResult(0));
  compiler.emit(
      [=](Program &program) {
        loop(program.data(a), program.data(b), program.data(r),
             program.lanes(r));
        return kNext;
      },
      [=](Program &program) { taintAbsorbing(program, a, b, r, isZero); },
      r.elements);
  return Result::Done;
}

Result compare(Emitter emitter, arith::CmpIPredicate predicate) {
  switch (predicate) {
  case arith::CmpIPredicate::eq:
    return emitter.flag<Eq>();
  case arith::CmpIPredicate::ne:
    return emitter.flag<Ne>();
  case arith::CmpIPredicate::slt:
    return emitter.flag<LtS>();
  case arith::CmpIPredicate::sle:
    return emitter.flag<LeS>();
  case arith::CmpIPredicate::sgt:
    return emitter.flag<GtS>();
  case arith::CmpIPredicate::sge:
    return emitter.flag<GeS>();
  case arith::CmpIPredicate::ult:
    return emitter.flag<LtU>();
  case arith::CmpIPredicate::ule:
    return emitter.flag<LeU>();
  case arith::CmpIPredicate::ugt:
    return emitter.flag<GtU>();
  case arith::CmpIPredicate::uge:
    return emitter.flag<GeU>();
  }
  return Result::NotMine;
}
} // namespace

Result tegula::ir::interp::compileInteger(Compiler &compiler, Operation *op) {
  Emitter e(compiler, op);
  return TypeSwitch<Operation *, Result>(op)
      .Case([&](arith::AddIOp) { return e.address<Add, AddLeaves>(); })
      .Case([&](arith::SubIOp) { return e.address<Sub, SubLeaves>(); })
      .Case([&](arith::MulIOp) {
        return e.isAddress() ? e.address<Mul, MulLeaves>()
                             : e.absorbing(e.loopOf<Mul>(), /*isZero=*/true);
      })
      .Case([&](arith::AndIOp) {
        return e.absorbing(e.loopOf<And>(), /*isZero=*/true);
      })
      .Case([&](arith::OrIOp) {
        return e.absorbing(e.loopOf<Or>(), /*isZero=*/false);
      })
      .Case([&](arith::XOrIOp) { return e.binary<Xor>(); })
      .Case([&](arith::DivSIOp) { return e.binary<DivS>(); })
      .Case([&](arith::DivUIOp) { return e.binary<DivU>(); })
      .Case([&](arith::RemSIOp) { return e.binary<RemS>(); })
      .Case([&](arith::RemUIOp) { return e.binary<RemU>(); })
      .Case([&](arith::FloorDivSIOp) { return e.binary<FloorDivS>(); })
      .Case([&](arith::CeilDivSIOp) { return e.binary<CeilDivS>(); })
      .Case([&](arith::CeilDivUIOp) { return e.binary<CeilDivU>(); })
      .Case([&](arith::ShLIOp) { return e.binary<Shl>(); })
      .Case([&](arith::ShRUIOp) { return e.binary<ShrU>(); })
      .Case([&](arith::ShRSIOp) { return e.binary<ShrS>(); })
      .Case([&](arith::MaxSIOp) { return e.binary<MaxS>(); })
      .Case([&](arith::MinSIOp) { return e.binary<MinS>(); })
      .Case([&](arith::MaxUIOp) { return e.binary<MaxU>(); })
      .Case([&](arith::MinUIOp) { return e.binary<MinU>(); })
      .Case([&](arith::MulSIExtendedOp) {
        e.binary<Mul>(0);
        return e.binary<MulHighS>(1);
      })
      .Case([&](arith::MulUIExtendedOp) {
        e.binary<Mul>(0);
        return e.binary<MulHighU>(1);
      })
      .Case([&](arith::AddUIExtendedOp) {
        e.binary<Add>(0);
        return e.flag<AddCarries>(1);
      })
      .Case([&](arith::CmpIOp cmp) { return compare(e, cmp.getPredicate()); })
      .Case([&](math::IPowIOp) { return e.binary<Power>(); })
      .Case([&](math::AbsIOp) { return e.unary<Abs>(); })
      .Case([&](math::CountLeadingZerosOp) { return e.unary<CountLeading>(); })
      .Case(
          [&](math::CountTrailingZerosOp) { return e.unary<CountTrailing>(); })
      .Case([&](math::CtPopOp) { return e.unary<CountOnes>(); })
      .Default([](Operation *) { return Result::NotMine; });
}
