//===- LowerStore.cpp - Stores and atomics
//
// Part of the Tegula Project, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "mlir/Dialect/Vector/IR/VectorOps.h"
#include "targets/common/loops/Lowering.h"
#include "llvm/ADT/TypeSwitch.h"

using namespace mlir;
using namespace tegula;
using namespace tegula::loops;

/// Does `value` come from an array alone that varies along `dim` but is
/// contiguous along another dimension?
static bool readsAcross(Value value, int dim,
                        llvm::function_ref<bool(Value)> isReady) {
  Operation *op = value.getDefiningOp();
  while (
      op && !isReady(value) &&
      (isa<tile::TransOp, tile::FpConvertOp>(op) ||
       (op->hasTrait<OpTrait::Elementwise>() && op->getNumOperands() == 1))) {
    if (auto trans = dyn_cast<tile::TransOp>(op))
      dim = trans.getOrder()[dim];
    value = op->getOperand(0);
    op = value.getDefiningOp();
  }
  auto box = dyn_cast_or_null<tile::LoadBoxOp>(op);
  if (!box || isReady(value) || !box.getIndices().empty())
    return false;
  ArrayRef<int64_t> shape = box.getTileType().getShape();
  for (int other = 0, rank = shape.size(); other < rank; ++other)
    if (other != dim && shape[other] > 1 && shape[dim] > 1 &&
        matchPattern(box.getStrides()[other], m_One()))
      return !matchPattern(box.getStrides()[dim], m_One());
  return false;
}

LogicalResult Lowering::lowerStoreBox(tile::StoreBoxOp op) {
  RankedTensorType type = op.getTileType();
  // Lanes run where the array is contiguous, else where its source is.
  int lanesDim = -1;
  for (int dim = 0, rank = type.getRank(); dim < rank; ++dim)
    if (constantOf(op.getStrides()[dim]) == 1 && type.getDimSize(dim) > 1 &&
        op.indexOperandOf(dim) < 0 &&
        (op.getWraps().empty() || constantOf(op.getWraps()[dim]) == 0))
      lanesDim = dim;
  if (lanesDim < 0)
    lanesDim = chooseLanesDim({op.getValue()}, type.getRank());
  auto choose = [&](Value condition, auto then, auto otherwise) {
    auto branch = scf::IfOp::create(b, condition, /*withElseRegion=*/true);
    OpBuilder::InsertionGuard guard(b);
    b.setInsertionPointToStart(branch.thenBlock());
    if (failed(then()))
      return failure();
    b.setInsertionPointToStart(branch.elseBlock());
    return LogicalResult(otherwise());
  };
  // Through a copy: every load comes before the first store.
  auto storeCopy = [&]() -> LogicalResult {
    Buffer copy = allocate(type.getElementType(), type.getShape());
    if (failed(materialize(op.getValue(), copy)))
      return failure();
    ready[op.getValue()] = copy;
    LogicalResult done = storeNest(op, lanesDim);
    ready.erase(op.getValue());
    return done;
  };
  auto storeAny = [&] {
    Value direct = mayInterleave(op);
    return direct
               ? choose(
                     direct, [&] { return storeNest(op, lanesDim); }, storeCopy)
               : storeNest(op, lanesDim);
  };
  // Where the nest would gather, a copy turns squares in registers; only stores
  // past the caches are so cheap that they need not overlap with the loads.
  auto isReady = [&](Value value) { return ready.contains(value); };
  if (lanesDim != type.getRank() - 1 ||
      !readsAcross(op.getValue(), lanesDim, isReady))
    return storeAny();
  int64_t lanes = lanesFor(type.getElementType(), type.getDimSize(lanesDim));
  Value stream = mayStream(op, lanesDim, lanes);
  return stream ? choose(stream, storeCopy, storeAny) : storeAny();
}

/// The nest itself, once with plain and once with streaming stores.
LogicalResult Lowering::storeNest(tile::StoreBoxOp op, int lanesDim) {
  RankedTensorType type = op.getTileType();
  SmallVector<Extent> extents;
  for (auto [lower, upper, size] :
       llvm::zip(op.getLowers(), op.getUppers(), type.getShape())) {
    auto low = constantOf(lower), high = constantOf(upper);
    extents.push_back({low && *low <= 0 ? Value() : lower,
                       high && *high >= size ? Value() : upper});
  }
  int64_t lanes = lanesFor(type.getElementType(), type.getDimSize(lanesDim));
  auto run = [&] {
    return nest(type.getShape(), lanesDim, lanes, extents,
                [&](const Chunk &chunk) {
                  writeBox(op, chunk, pull(op.getValue(), chunk));
                  return failure(failedPull);
                });
  };
  Value stream = mayStream(op, lanesDim, lanes);
  if (!stream)
    return run();
  auto branch = scf::IfOp::create(b, stream, /*withElseRegion=*/true);
  OpBuilder::InsertionGuard guard(b);
  b.setInsertionPointToStart(branch.thenBlock());
  streamStores = true;
  LogicalResult streamed = run();
  streamStores = false;
  if (failed(streamed))
    return failure();
  b.setInsertionPointToStart(branch.elseBlock());
  return run();
}

LogicalResult Lowering::lowerStore(tile::StoreOp op) {
  auto type = dyn_cast<RankedTensorType>(op.getValue().getType());
  if (!type) {
    Value mask = op.getMask() ? scalar(op.getMask()) : Value();
    storeVector(scalar(op.getPtr()), scalar(op.getValue()),
                op.getValue().getType(), mask, /*isArena=*/false);
    return success();
  }
  int lanesDim = chooseLanesDim({op.getValue()}, type.getRank());
  int64_t lanes = lanesFor(type.getElementType(), type.getDimSize(lanesDim));
  return nest(type.getShape(), lanesDim, lanes, {}, [&](const Chunk &chunk) {
    Value mask = op.getMask() ? pull(op.getMask(), chunk) : Value();
    if (chunk.lanesDim >= 0)
      if (const CoordFacts *facts = factsOf(chunk.coords[chunk.lanesDim]))
        mask = andMasks(mask, facts->tailMask);
    Value value = pull(op.getValue(), chunk);
    scatterLanes(addresses(op.getPtr(), chunk), value, type.getElementType(),
                 mask, /*isArena=*/false);
    return failure(failedPull);
  });
}

/// The chunk of a tensor of pointers as pointers (i64 lanes otherwise).
Value Lowering::addresses(Value ptrs, const Chunk &chunk) {
  Type type = LLVM::LLVMPointerType::get(b.getContext());
  if (chunk.lanes > 1)
    type = VectorType::get({chunk.lanes}, type);
  return LLVM::IntToPtrOp::create(b, type, pull(ptrs, chunk));
}

//===----------------------------------------------------------------------===//
// Atomics: one element at a time
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
        Value next;
        switch (op.getKind()) {
        case tile::AtomicKind::FMax:
          next = arith::MaxNumFOp::create(b, old, value);
          break;
        case tile::AtomicKind::FMin:
          next = arith::MinNumFOp::create(b, old, value);
          break;
        case tile::AtomicKind::FAdd:
          next = arith::AddFOp::create(b, old, value);
          break;
        default:
          next = value;
        }
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

LogicalResult Lowering::lowerAtomicRMW(tile::AtomicRMWOp op) {
  Type element = tile::elementTypeOf(op.getType());
  auto guarded = [&](Value ptr, Value value, Value mask) -> Value {
    if (!mask)
      return atomicUpdate(op, ptr, value);
    auto branch = scf::IfOp::create(b, element, mask, /*withElseRegion=*/true);
    OpBuilder::InsertionGuard guard(b);
    b.setInsertionPointToStart(branch.thenBlock());
    scf::YieldOp::create(b, ValueRange(atomicUpdate(op, ptr, value)));
    b.setInsertionPointToStart(branch.elseBlock());
    scf::YieldOp::create(b, ValueRange(zero(element)));
    return branch.getResult(0);
  };
  auto type = dyn_cast<RankedTensorType>(op.getType());
  if (!type) {
    Value mask = op.getMask() ? scalar(op.getMask()) : Value();
    mapping.map(op.getResult(),
                guarded(scalar(op.getPtr()), scalar(op.getValue()), mask));
    return success();
  }
  bool isUsed = !op.getResult().use_empty();
  Buffer old;
  if (isUsed)
    old = allocate(element, type.getShape());
  LogicalResult done =
      nest(type.getShape(), -1, 1, {}, [&](const Chunk &chunk) {
        Value mask = op.getMask() ? pull(op.getMask(), chunk) : Value();
        Value value = pull(op.getValue(), chunk);
        Value result = guarded(addresses(op.getPtr(), chunk), value, mask);
        if (isUsed)
          storeBuffer(old, chunk, result);
        return failure(failedPull);
      });
  if (isUsed)
    ready[op.getResult()] = old;
  return done;
}

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
