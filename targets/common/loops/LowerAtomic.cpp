//===- LowerAtomic.cpp - Atomic updates -----------------------------------===//
//
// Part of the Tegula Project, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// An atomic of device scope has two forms, and the launch says which runs: one
// locked instruction an element or, where no other program runs, a load and a
// store, in vectors if the addresses are adjacent.
//
//===----------------------------------------------------------------------===//

#include "ir/analysis/AffineIndex.h"
#include "mlir/Dialect/Vector/IR/VectorOps.h"
#include "targets/common/loops/Lowering.h"
#include "tegula/abi.h"

using namespace mlir;
using namespace tegula;
using namespace tegula::loops;

//===----------------------------------------------------------------------===//
// Read, modify, write
//===----------------------------------------------------------------------===//

static LLVM::AtomicOrdering ordering(tile::MemoryOrder order) {
  switch (order) {
  case tile::MemoryOrder::Relaxed:
    return LLVM::AtomicOrdering::monotonic;
  case tile::MemoryOrder::Acquire:
    return LLVM::AtomicOrdering::acquire;
  case tile::MemoryOrder::Release:
    return LLVM::AtomicOrdering::release;
  case tile::MemoryOrder::AcqRel:
    return LLVM::AtomicOrdering::acq_rel;
  }
  return LLVM::AtomicOrdering::seq_cst;
}

static LLVM::AtomicBinOp binaryOp(tile::AtomicKind kind) {
  switch (kind) {
  case tile::AtomicKind::And:
    return LLVM::AtomicBinOp::_and;
  case tile::AtomicKind::Or:
    return LLVM::AtomicBinOp::_or;
  case tile::AtomicKind::Xor:
    return LLVM::AtomicBinOp::_xor;
  case tile::AtomicKind::Add:
    return LLVM::AtomicBinOp::add;
  case tile::AtomicKind::FAdd:
    return LLVM::AtomicBinOp::fadd;
  case tile::AtomicKind::Max:
    return LLVM::AtomicBinOp::max;
  case tile::AtomicKind::Min:
    return LLVM::AtomicBinOp::min;
  case tile::AtomicKind::UMax:
    return LLVM::AtomicBinOp::umax;
  case tile::AtomicKind::UMin:
    return LLVM::AtomicBinOp::umin;
  case tile::AtomicKind::Xchg:
    return LLVM::AtomicBinOp::xchg;
  case tile::AtomicKind::FMax:
    return LLVM::AtomicBinOp::fmax;
  case tile::AtomicKind::FMin:
    return LLVM::AtomicBinOp::fmin;
  case tile::AtomicKind::Inc:
    return LLVM::AtomicBinOp::uinc_wrap;
  case tile::AtomicKind::Dec:
    return LLVM::AtomicBinOp::udec_wrap;
  }
  return LLVM::AtomicBinOp::xchg;
}

/// What memory holds after an update, lane by lane.
Value Lowering::combine(tile::AtomicKind kind, Value old, Value value) {
  auto select = [&](arith::CmpIPredicate predicate, Value rhs, Value then,
                    Value otherwise) -> Value {
    Value holds = arith::CmpIOp::create(b, predicate, old, rhs);
    return arith::SelectOp::create(b, holds, then, otherwise);
  };
  auto step = [&](int64_t by) -> Value {
    Value one = arith::ConstantOp::create(
        b, b.getIntegerAttr(getElementTypeOrSelf(old.getType()), by));
    auto vector = dyn_cast<VectorType>(old.getType());
    return arith::AddIOp::create(
        b, old, vector ? toVector(one, vector.getDimSize(0)) : one);
  };
  switch (kind) {
  case tile::AtomicKind::And:
    return arith::AndIOp::create(b, old, value);
  case tile::AtomicKind::Or:
    return arith::OrIOp::create(b, old, value);
  case tile::AtomicKind::Xor:
    return arith::XOrIOp::create(b, old, value);
  case tile::AtomicKind::Add:
    return arith::AddIOp::create(b, old, value);
  case tile::AtomicKind::FAdd:
    return arith::AddFOp::create(b, old, value);
  case tile::AtomicKind::Max:
    return arith::MaxSIOp::create(b, old, value);
  case tile::AtomicKind::Min:
    return arith::MinSIOp::create(b, old, value);
  case tile::AtomicKind::UMax:
    return arith::MaxUIOp::create(b, old, value);
  case tile::AtomicKind::UMin:
    return arith::MinUIOp::create(b, old, value);
  case tile::AtomicKind::FMax:
    return arith::MaxNumFOp::create(b, old, value);
  case tile::AtomicKind::FMin:
    return arith::MinNumFOp::create(b, old, value);
  case tile::AtomicKind::Inc:
    return select(arith::CmpIPredicate::uge, value, zero(old.getType()),
                  step(1));
  case tile::AtomicKind::Dec:
    return select(arith::CmpIPredicate::eq, zero(old.getType()), value,
                  select(arith::CmpIPredicate::ugt, value, value, step(-1)));
  case tile::AtomicKind::Xchg:
    return value;
  }
  return value;
}

/// Narrow floats are combined in f32 and exchanged as integers in a loop.
Value Lowering::narrowFloatUpdate(tile::AtomicRMWOp op, Value ptr,
                                  Value value) {
  Type element = value.getType();
  Type bits = b.getIntegerType(element.getIntOrFloatBitWidth());
  auto order = ordering(op.getOrder());
  Value first =
      LLVM::LoadOp::create(b, bits, ptr, bits.getIntOrFloatBitWidth() / 8);
  auto loop = scf::WhileOp::create(
      b, TypeRange{bits}, ValueRange{first},
      [&](OpBuilder &, Location, ValueRange args) {
        OpBuilder::InsertionGuard guard(b);
        b.setInsertionPointToEnd(args[0].getParentBlock());
        Value old = arith::BitcastOp::create(b, element, args[0]);
        Value next = combine(op.getKind(), old, value);
        Value swap = LLVM::AtomicCmpXchgOp::create(
            b, ptr, args[0], arith::BitcastOp::create(b, bits, next), order,
            order == LLVM::AtomicOrdering::acq_rel ||
                    order == LLVM::AtomicOrdering::acquire
                ? LLVM::AtomicOrdering::acquire
                : LLVM::AtomicOrdering::monotonic);
        Value seen =
            LLVM::ExtractValueOp::create(b, swap, ArrayRef<int64_t>{0});
        Value done =
            LLVM::ExtractValueOp::create(b, swap, ArrayRef<int64_t>{1});
        Value again = arith::XOrIOp::create(
            b, done, arith::ConstantOp::create(b, b.getBoolAttr(true)));
        scf::ConditionOp::create(b, again, ValueRange(seen));
      },
      [&](OpBuilder &, Location, ValueRange args) {
        OpBuilder::InsertionGuard guard(b);
        b.setInsertionPointToEnd(args[0].getParentBlock());
        scf::YieldOp::create(b, args);
      });
  return arith::BitcastOp::create(b, element, loop.getResult(0));
}

Value Lowering::atomicUpdate(tile::AtomicRMWOp op, Value ptr, Value value) {
  Type element = value.getType();
  bool isXchg = op.getKind() == tile::AtomicKind::Xchg;
  if (isa<FloatType>(element) && !isXchg &&
      (element.getIntOrFloatBitWidth() < 32))
    return narrowFloatUpdate(op, ptr, value);
  if (isa<FloatType>(element) && isXchg) {
    Type bits = b.getIntegerType(element.getIntOrFloatBitWidth());
    Value old = LLVM::AtomicRMWOp::create(
        b, LLVM::AtomicBinOp::xchg, ptr,
        arith::BitcastOp::create(b, bits, value), ordering(op.getOrder()));
    return arith::BitcastOp::create(b, element, old);
  }
  Value stored = toMemory(value, element);
  Value old = LLVM::AtomicRMWOp::create(b, binaryOp(op.getKind()), ptr, stored,
                                        ordering(op.getOrder()));
  return fromMemory(old, element);
}

/// The dimension along which neighbours of a tensor of pointers are neighbours
/// in memory, -1 if there is none.
static int findAdjacentDim(Value ptrs) {
  ir::IndexAnalysis analysis;
  ir::Expressed<ir::PointerForm> form = analysis.pointer(ptrs);
  if (!form)
    return -1;
  for (auto [dim, size] : llvm::enumerate(tile::shapeOf(ptrs.getType()))) {
    const ir::DimForm &along = form->offset.dims[dim];
    if (size > 1 && along.terms.empty() && along.stride.isOne())
      return dim;
  }
  return -1;
}

/// One element after the other by `update`, which gets a pointer and a value.
/// The old values go to `old`, if that is not null.
LogicalResult Lowering::updateElements(tile::AtomicRMWOp op, const Buffer *old,
                                       Update update) {
  Type element = tile::elementTypeOf(op.getType());
  return nest(tile::shapeOf(op.getType()), -1, 1, {}, [&](const Chunk &chunk) {
    Value mask = op.getMask() ? pull(op.getMask(), chunk) : Value();
    Value value = pull(op.getValue(), chunk);
    Value result =
        updateIf(mask, element, addresses(op.getPtr(), chunk), value, update);
    if (old)
      storeBuffer(*old, chunk, result);
    return failure(failedPull);
  });
}

/// The old value, 0 where the mask (null: true) is not set.
Value Lowering::updateIf(Value mask, Type element, Value ptr, Value value,
                         Update update) {
  if (!mask)
    return update(ptr, value);
  auto branch = scf::IfOp::create(b, element, mask, /*withElseRegion=*/true);
  OpBuilder::InsertionGuard guard(b);
  b.setInsertionPointToStart(branch.thenBlock());
  scf::YieldOp::create(b, ValueRange(update(ptr, value)));
  b.setInsertionPointToStart(branch.elseBlock());
  scf::YieldOp::create(b, ValueRange(zero(element)));
  return branch.getResult(0);
}

/// The update of a program that runs alone.
LogicalResult Lowering::updateAlone(tile::AtomicRMWOp op, const Buffer *old) {
  auto type = cast<RankedTensorType>(op.getType());
  Type element = type.getElementType();
  int lanesDim = findAdjacentDim(op.getPtr());
  int64_t lanes =
      lanesDim < 0 ? 1 : lanesFor(element, type.getDimSize(lanesDim));
  if (lanes == 1)
    return updateElements(op, old, [&](Value ptr, Value value) {
      Value before = loadVector(ptr, element, 1, {}, {}, /*isArena=*/false);
      storeVector(ptr, combine(op.getKind(), before, value), element, {},
                  /*isArena=*/false);
      return before;
    });
  return nest(type.getShape(), lanesDim, lanes, {}, [&](const Chunk &chunk) {
    Value mask = op.getMask() ? pull(op.getMask(), chunk) : Value();
    if (const CoordFacts *facts = factsOf(chunk.coords[lanesDim]))
      mask = andMasks(mask, facts->tailMask);
    Chunk first = chunk;
    first.lanesDim = -1;
    first.lanes = 1;
    Value ptr = addresses(op.getPtr(), first);
    Value value = toVector(pull(op.getValue(), chunk), chunk.lanes);
    Value before =
        loadVector(ptr, element, chunk.lanes, mask, {}, /*isArena=*/false);
    storeVector(ptr, combine(op.getKind(), before, value), element, mask,
                /*isArena=*/false);
    if (old)
      storeBuffer(*old, chunk, before);
    return failure(failedPull);
  });
}

SmallVector<Value> Lowering::loadsOf(tile::AtomicRMWOp op) {
  PulledLoads loads;
  for (Value operand : op->getOperands())
    collectLoads(operand, /*samePlace=*/false, loads);
  SmallVector<Value> results;
  for (const PulledLoad &load : loads.list)
    results.push_back(load.op->getResult(0));
  return results;
}

/// Runs `body` with all loads of the operands done before the first update.
LogicalResult Lowering::withCopies(tile::AtomicRMWOp op, Emit body) {
  SmallVector<Value> loads = loadsOf(op);
  for (Value load : loads) {
    Buffer copy = allocate(tile::elementTypeOf(load.getType()),
                           tile::shapeOf(load.getType()));
    if (failed(materialize(load, copy)))
      return failure();
    ready[load] = copy;
  }
  LogicalResult done = body();
  for (Value load : loads)
    ready.erase(load);
  return done;
}

LogicalResult Lowering::lowerAtomicRMW(tile::AtomicRMWOp op) {
  auto locked = [&](Value ptr, Value value) {
    return atomicUpdate(op, ptr, value);
  };
  auto type = dyn_cast<RankedTensorType>(op.getType());
  if (!type) {
    Value mask = op.getMask() ? scalar(op.getMask()) : Value();
    mapping.map(op.getResult(),
                updateIf(mask, op.getType(), scalar(op.getPtr()),
                         scalar(op.getValue()), locked));
    return success();
  }
  bool isUsed = !op.getResult().use_empty();
  Buffer old;
  if (isUsed)
    old = allocate(type.getElementType(), type.getShape());
  const Buffer *results = isUsed ? &old : nullptr;
  auto alone = [&] { return updateAlone(op, results); };
  auto shared = [&] { return updateElements(op, results, locked); };
  LogicalResult done = success();
  if (op.getScope() == tile::MemoryScope::System) {
    // Other machines and processes may update, too.
    done = withCopies(op, shared);
  } else {
    Value isAlone = launchFlag(TEGULA_LAUNCH_ALONE);
    auto copied = [&] {
      return withCopies(op, [&] { return choose(isAlone, alone, shared); });
    };
    if (loadsOf(op).empty())
      done = choose(isAlone, alone, shared);
    else
      done = choose(andMasks(isAlone, launchFlag(TEGULA_LAUNCH_NO_ALIAS)),
                    alone, copied);
  }
  if (isUsed)
    ready[op.getResult()] = old;
  return done;
}

//===----------------------------------------------------------------------===//
// Compare and swap, wait
//===----------------------------------------------------------------------===//

Value Lowering::compareAndSwap(tile::AtomicCASOp op, Value ptr, Value expected,
                               Value value) {
  Type element = value.getType();
  Type bits = b.getIntegerType(tile::storageBits(element));
  auto asBits = [&](Value v) -> Value {
    if (isa<FloatType>(element))
      return arith::BitcastOp::create(b, bits, v);
    return toMemory(v, element);
  };
  auto order = ordering(op.getOrder());
  auto onFailure = order == LLVM::AtomicOrdering::acquire ||
                           order == LLVM::AtomicOrdering::acq_rel
                       ? LLVM::AtomicOrdering::acquire
                       : LLVM::AtomicOrdering::monotonic;
  Value swap = LLVM::AtomicCmpXchgOp::create(b, ptr, asBits(expected),
                                             asBits(value), order, onFailure);
  Value old = LLVM::ExtractValueOp::create(b, swap, ArrayRef<int64_t>{0});
  if (isa<FloatType>(element))
    return arith::BitcastOp::create(b, element, old);
  return fromMemory(old, element);
}

LogicalResult Lowering::lowerAtomicCAS(tile::AtomicCASOp op) {
  auto type = dyn_cast<RankedTensorType>(op.getType());
  if (!type) {
    mapping.map(op.getResult(), compareAndSwap(op, scalar(op.getPtr()),
                                               scalar(op.getExpected()),
                                               scalar(op.getValue())));
    return success();
  }
  Buffer old = allocate(type.getElementType(), type.getShape());
  LogicalResult done =
      nest(type.getShape(), -1, 1, {}, [&](const Chunk &chunk) {
        Value expected = pull(op.getExpected(), chunk);
        Value value = pull(op.getValue(), chunk);
        storeBuffer(
            old, chunk,
            compareAndSwap(op, addresses(op.getPtr(), chunk), expected, value));
        return failure(failedPull);
      });
  ready[op.getResult()] = old;
  return done;
}

/// Spins until memory holds the value. A timeout counts spins, taken as 2 ns
/// at least.
LogicalResult Lowering::lowerAtomicPoll(tile::AtomicPollOp op) {
  Value ptr = scalar(op.getPtr()), expected = scalar(op.getExpected());
  Type element = expected.getType();
  Type bits = b.getIntegerType(tile::storageBits(element));
  Value target = isa<FloatType>(element)
                     ? Value(arith::BitcastOp::create(b, bits, expected))
                     : toMemory(expected, element);
  Value limit;
  if (op.getTimeout())
    limit = divRem(scalar(op.getTimeout()), 2).first;
  auto loop = scf::WhileOp::create(
      b, TypeRange{b.getI64Type(), b.getI1Type()}, ValueRange{constant(0)},
      [&](OpBuilder &, Location, ValueRange args) {
        OpBuilder::InsertionGuard guard(b);
        b.setInsertionPointToEnd(args[0].getParentBlock());
        Value seen = LLVM::LoadOp::create(
            b, bits, ptr, bits.getIntOrFloatBitWidth() / 8,
            /*isVolatile=*/false,
            /*isNonTemporal=*/false, /*isInvariant=*/false,
            /*isInvariantGroup=*/false, LLVM::AtomicOrdering::acquire);
        Value met =
            arith::CmpIOp::create(b, arith::CmpIPredicate::eq, seen, target);
        Value again =
            arith::CmpIOp::create(b, arith::CmpIPredicate::ne, seen, target);
        if (limit)
          again = arith::AndIOp::create(
              b, again,
              arith::CmpIOp::create(b, arith::CmpIPredicate::slt, args[0],
                                    limit));
        Value next = arith::AddIOp::create(b, args[0], constant(1));
        scf::ConditionOp::create(b, again, ValueRange{next, met});
      },
      [&](OpBuilder &, Location, ValueRange args) {
        OpBuilder::InsertionGuard guard(b);
        b.setInsertionPointToEnd(args[0].getParentBlock());
        callYield();
        scf::YieldOp::create(b, args.take_front());
      });
  mapping.map(op.getResult(), loop.getResult(1));
  return success();
}
