//===- LowerToLoops.cpp - The walk over a kernel --------------------------===//
//
// Part of the Tegula Project, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "ir/analysis/MemoryEffects.h"
#include "mlir/Dialect/Vector/IR/VectorOps.h"
#include "targets/common/loops/Clip.h"
#include "targets/common/loops/Loops.h"
#include "targets/common/loops/Lowering.h"
#include "llvm/ADT/StringSwitch.h"
#include "llvm/ADT/TypeSwitch.h"

using namespace mlir;
using namespace tegula;
using namespace tegula::loops;

namespace tegula::loops {
#define GEN_PASS_DEF_LOWERTOLOOPS
#define GEN_PASS_DECL
#define GEN_PASS_REGISTRATION
#include "targets/common/loops/Passes.h.inc"
} // namespace tegula::loops

/// A rough time of one program: a vector of 16 elements costs half a
/// nanosecond an op, loops of unknown length run 8 times. It only has to tell
/// a launch of microseconds from one of milliseconds.
static double estimateNanoseconds(Operation *root) {
  double total = 0;
  root->walk([&](Operation *op) {
    double elements = 1;
    for (Type type : op->getOperandTypes())
      if (auto tensor = dyn_cast<RankedTensorType>(type))
        elements = std::max<double>(elements, tensor.getNumElements());
    if (auto dot = dyn_cast<tile::DotOp>(op))
      elements *= tile::shapeOf(dot.getA().getType()).back();
    double times = 1;
    for (Operation *loop = op->getParentOp(); loop && loop != root;
         loop = loop->getParentOp())
      if (isa<scf::ForOp, scf::WhileOp>(loop))
        times *= 8;
    total += times * elements / 32;
  });
  return total;
}

Lowering::Lowering(func::FuncOp source, const targets::TargetDesc &desc)
    : source(source), desc(desc), placement(source), reuse(source, placement),
      b(source.getLoc(), source.getContext()), launchConstants(source),
      levels(1) {}

Value Lowering::scalar(Value value) {
  if (Value known = mapping.lookupOrNull(value))
    return known;
  // Values that the lowering made itself stand for themselves.
  if (value.getParentRegion() &&
      target->isAncestor(value.getParentRegion()->getParentOp()))
    return value;
  emitError(value.getLoc()) << "scalar value is not available here";
  failedPull = true;
  return zero(scalarType(value.getType()));
}

FailureOr<func::FuncOp> Lowering::run() {
  if (!source.getBody().hasOneBlock())
    return source.emitError()
           << "expected structured control flow, found branches";
  if (failed(beginFunction()) || failed(lowerBlock(source.getBody().front())))
    return failure();
  b.setLoc(source.getLoc());
  func::ReturnOp::create(b);
  target->setAttr("tegula.kernel", source.getSymNameAttr());
  target->setAttr("tegula.arena_bytes", b.getI64IntegerAttr(arenaSize));
  describeArguments();
  describeUse();
  target->setAttr("tegula.placement", b.getArrayAttr(placements));
  source.erase();
  return target;
}

/// "*f32", "i32", ...: the spelling of the command line.
static std::string spell(Type type) {
  if (auto ptr = dyn_cast<tile::PtrType>(type))
    return "*" + spell(ptr.getPointeeType());
  std::string text;
  llvm::raw_string_ostream(text) << type;
  return llvm::StringSwitch<std::string>(text)
      .Case("f8E4M3FN", "f8e4m3")
      .Case("f8E5M2", "f8e5m2")
      .Case("f8E4M3FNUZ", "f8e4m3fnuz")
      .Case("f8E5M2FNUZ", "f8e5m2fnuz")
      .Default(text);
}

/// {line, op, type, placement, why, bytes} of a tile value.
void Lowering::describePlacement(Value value) {
  Operation *op = value.getDefiningOp();
  if (isa<arith::ConstantOp, tile::SplatOp>(op))
    return;
  std::string type;
  llvm::raw_string_ostream(type) << value.getType();
  auto where = op->getLoc()->findInstanceOf<FileLineColLoc>();
  bool kept = placement.inArena(value);
  int64_t bytes = cast<RankedTensorType>(value.getType()).getNumElements() *
                  (tile::storageBits(tile::elementTypeOf(value.getType())) / 8);
  placements.push_back(b.getDictionaryAttr(
      {b.getNamedAttr("line", b.getI64IntegerAttr(where ? where.getLine() : 0)),
       b.getNamedAttr("op", b.getStringAttr(op->getName().getStringRef())),
       b.getNamedAttr("type", b.getStringAttr(type)),
       b.getNamedAttr("placement", b.getStringAttr(kept ? "arena" : "virtual")),
       b.getNamedAttr("why", b.getStringAttr(placement.reason(value))),
       b.getNamedAttr("bytes", b.getI64IntegerAttr(kept ? bytes : 0))}));
}

void Lowering::describeArguments() {
  SmallVector<Attribute> args;
  for (unsigned i = 0; i < source.getNumArguments(); ++i) {
    auto name =
        source.getArgAttrOfType<StringAttr>(i, tile::TileDialect::kNameAttr);
    args.push_back(b.getDictionaryAttr(
        {b.getNamedAttr("name",
                        name ? name : b.getStringAttr("arg" + Twine(i))),
         b.getNamedAttr("type", b.getStringAttr(
                                    spell(source.getArgument(i).getType())))}));
  }
  target->setAttr("tegula.args", b.getArrayAttr(args));
}

/// What the launcher wants to know: does the kernel use atomics, may it wait
/// for another program, and how long does a program take?
void Lowering::describeUse() {
  bool atomics = false;
  source.walk([&](Operation *op) { atomics |= ir::isAtomic(op); });
  if (atomics)
    target->setAttr("tegula.uses_atomics", b.getUnitAttr());
  if (ir::kernelWaits(source))
    target->setAttr("tegula.uses_waits", b.getUnitAttr());
  target->setAttr("tegula.cost_ns",
                  b.getF64FloatAttr(estimateNanoseconds(source)));
}

LogicalResult Lowering::lowerBlock(Block &block) {
  for (Operation &op : block.without_terminator()) {
    b.setLoc(op.getLoc());
    if (failed(lower(&op)) || failedPull)
      return failure();
  }
  return success();
}

/// The reduction of `value` that follows with nothing but virtual values in
/// between, if it is the first to evaluate it.
static tile::ReduceOp nextReduction(Value value) {
  for (Operation *op = value.getDefiningOp()->getNextNode(); op;
       op = op->getNextNode()) {
    if (auto reduce = dyn_cast<tile::ReduceOp>(op);
        reduce && llvm::is_contained(reduce.getSrcs(), value))
      return reduce;
    if (isRoot(op) && !isPure(op))
      return {};
    // Another nest that reads the value needs it now.
    if (isRoot(op) && !isa<tile::ReduceOp>(op) && op->getNumRegions() != 0)
      return {};
    if (isa<tile::ReduceOp, tile::DotOp, tile::ScanOp>(op))
      return {};
  }
  return {};
}

LogicalResult Lowering::lower(Operation *op) {
  if (lowered.contains(op))
    return success();
  root = op;
  bool makesTiles = llvm::any_of(op->getResultTypes(), [](Type type) {
    return isa<RankedTensorType>(type);
  });
  for (Value result : op->getResults())
    if (isTensor(result))
      describePlacement(result);
  if (isPullable(op) && makesTiles) {
    // Virtual values are made where they are used.
    for (Value result : op->getResults()) {
      if (!placement.inArena(result))
        continue;
      Buffer buffer = allocate(tile::elementTypeOf(result.getType()),
                               tile::shapeOf(result.getType()));
      if (tile::ReduceOp reduce = nextReduction(result)) {
        pending[result] = buffer; // its nest computes the tile anyway
        continue;
      }
      // Nothing is computed where the tile is uniform.
      int lanesDim = chooseLanesDim({result}, buffer.shape.size());
      if (Value upper = findClip(result, lanesDim)) {
        buffer.clipDim = lanesDim;
        buffer.clipUpper = upper;
      }
      if (failed(materialize(result, buffer)))
        return failure();
      ready[result] = buffer;
    }
    return success();
  }
  return TypeSwitch<Operation *, LogicalResult>(op)
      .Case([&](tile::StoreOp op) { return lowerStore(op); })
      .Case([&](tile::StoreBoxOp op) { return lowerStoreBox(op); })
      .Case([&](tile::ReduceOp op) { return lowerReduce(op); })
      .Case([&](tile::ScanOp op) { return lowerScan(op); })
      .Case([&](tile::MapElementwiseOp op) { return lowerMapElementwise(op); })
      .Case([&](tile::DotOp op) { return lowerDot(op); })
      .Case([&](tile::HistogramOp op) { return lowerHistogram(op); })
      .Case([&](tile::AtomicRMWOp op) { return lowerAtomicRMW(op); })
      .Case([&](tile::AtomicCASOp op) { return lowerAtomicCAS(op); })
      .Case([&](tile::AtomicPollOp op) { return lowerAtomicPoll(op); })
      .Case([&](tile::AssertOp op) { return lowerAssert(op); })
      .Case([&](tile::PrintOp op) { return lowerPrint(op); })
      .Case([&](scf::ForOp op) { return lowerFor(op); })
      .Case([&](scf::IfOp op) { return lowerIf(op); })
      .Case([&](scf::WhileOp op) { return lowerWhile(op); })
      .Default([&](Operation *op) { return lowerScalar(op); });
}

//===----------------------------------------------------------------------===//
// Scalars
//===----------------------------------------------------------------------===//

static unsigned axisIndex(tile::Axis axis) {
  return static_cast<unsigned>(axis);
}

LogicalResult Lowering::lowerScalar(Operation *op) {
  auto set = [&](Value result) {
    mapping.map(op->getResult(0), result);
    return success();
  };
  Type ptr = LLVM::LLVMPointerType::get(b.getContext());
  return TypeSwitch<Operation *, LogicalResult>(op)
      .Case([&](tile::ProgramIdOp op) {
        Value id = programField(4 * axisIndex(op.getAxis()), b.getI32Type());
        if (axisIndex(op.getAxis()) == 0)
          programIds.push_back(id);
        return set(id);
      })
      .Case([&](tile::NumProgramsOp op) {
        return set(numPrograms(axisIndex(op.getAxis())));
      })
      .Case([&](tile::UnsplatOp op) {
        Chunk first;
        first.coords.assign(tile::shapeOf(op.getSrc().getType()).size(),
                            constant(0));
        Value element = pull(op.getSrc(), first);
        levels[0] = Level();
        if (isa<tile::PtrType>(op.getType()))
          element = LLVM::IntToPtrOp::create(b, ptr, element);
        return set(element);
      })
      .Case([&](tile::SplitOp op) {
        SmallVector<Value> halves;
        for (Value result : op.getResults())
          halves.push_back(pullSplit(op, result, Chunk()));
        levels[0] = Level();
        mapping.map(op.getResults(), halves);
        return success();
      })
      .Case([&](tile::PtrAddOp op) {
        Type pointee = cast<tile::PtrType>(op.getType()).getPointeeType();
        return set(
            elementPtr(scalar(op.getPtr()), scalar(op.getOffset()), pointee));
      })
      .Case([&](tile::PtrCastOp op) { return set(scalar(op.getSrc())); })
      .Case([&](tile::IntToPtrOp op) {
        return set(LLVM::IntToPtrOp::create(b, ptr, scalar(op.getSrc())));
      })
      .Case([&](tile::PtrToIntOp op) {
        return set(
            LLVM::PtrToIntOp::create(b, op.getType(), scalar(op.getSrc())));
      })
      .Case([&](tile::LoadOp op) {
        Value mask = op.getMask() ? scalar(op.getMask()) : Value();
        Value other = op.getOther() ? scalar(op.getOther()) : Value();
        if (other && isa<tile::PtrType>(op.getType()))
          other = LLVM::PtrToIntOp::create(b, b.getI64Type(), other);
        forgetMemory(op.getIsVolatile());
        Value loaded = loadVector(scalar(op.getPtr()), op.getType(), 1, mask,
                                  other, /*isArena=*/false);
        if (isa<tile::PtrType>(op.getType()))
          loaded = LLVM::IntToPtrOp::create(b, ptr, loaded);
        return set(loaded);
      })
      .Case<tile::FpConvertOp, tile::ExternMathOp>(
          [&](auto op) { return set(pullElementwise(op, Chunk())); })
      .Default([&](Operation *op) -> LogicalResult {
        if (op->getNumRegions() != 0 ||
            isa<tile::TileDialect>(op->getDialect()))
          return op->emitError()
                 << "'" << op->getName() << "' cannot be compiled for "
                 << desc.name << " yet";
        if (auto number = dyn_cast<arith::ConstantOp>(op);
            number && op->getResult(0).getType().isInteger(64))
          return set(constant(cast<IntegerAttr>(number.getValue()).getInt()));
        OperationState state(op->getLoc(), op->getName());
        for (Value operand : op->getOperands())
          state.addOperands(scalar(operand));
        for (Type type : op->getResultTypes())
          state.addTypes(scalarType(type));
        state.addAttributes(op->getAttrs());
        mapping.map(op->getResults(), b.create(state)->getResults());
        return success();
      });
}

//===----------------------------------------------------------------------===//
// Talking to the user
//===----------------------------------------------------------------------===//

void Lowering::requireAll(tile::AssertOp op, Value holds) {
  target->setAttr("tegula.uses_assert", b.getUnitAttr());
  if (isa<VectorType>(holds.getType()))
    holds = vector::ReductionOp::create(b, vector::CombiningKind::AND, holds);
  Value broken = arith::XOrIOp::create(
      b, holds, arith::ConstantOp::create(b, b.getBoolAttr(true)));
  auto branch = scf::IfOp::create(b, broken, /*withElseRegion=*/false);
  OpBuilder::InsertionGuard guard(b);
  b.setInsertionPointToStart(branch.thenBlock());
  callAssertFailed(op);
}

LogicalResult Lowering::lowerAssert(tile::AssertOp op) {
  auto type = dyn_cast<RankedTensorType>(op.getCondition().getType());
  if (!type) {
    requireAll(op, scalar(op.getCondition()));
    return success();
  }
  int last = type.getRank() - 1;
  int64_t lanes = lanesFor(b.getI32Type(), type.getDimSize(last));
  return nest(type.getShape(), last, lanes, {}, [&](const Chunk &chunk) {
    Value holds = pull(op.getCondition(), chunk);
    if (chunk.lanes > 1) {
      const CoordFacts *facts = factsOf(chunk.coords[last]);
      if (facts && facts->tailMask) {
        Value dead = arith::XOrIOp::create(
            b, facts->tailMask,
            arith::ConstantOp::create(
                b, DenseElementsAttr::get(cast<ShapedType>(holds.getType()),
                                          true)));
        holds = arith::OrIOp::create(b, holds, dead);
      }
    }
    requireAll(op, holds);
    return failure(failedPull);
  });
}

LogicalResult Lowering::lowerPrint(tile::PrintOp op) {
  target->setAttr("tegula.uses_print", b.getUnitAttr());
  if (op.getArgs().empty())
    callPrint(op, {}, {}, {}, false, true);
  for (auto [index, arg] : llvm::enumerate(op.getArgs())) {
    bool isSigned = op.getIsSigned().empty() || op.getIsSigned()[index] != 0;
    bool last = index + 1 == op.getArgs().size();
    Type element = tile::elementTypeOf(arg.getType());
    ArrayRef<int64_t> shape = tile::shapeOf(arg.getType());
    Buffer values =
        allocate(element, shape.empty() ? ArrayRef<int64_t>{1} : shape);
    if (!shape.empty()) {
      if (failed(materialize(arg, values)))
        return failure();
    } else {
      Value value = scalar(arg);
      if (isa<LLVM::LLVMPointerType>(value.getType()))
        value = LLVM::PtrToIntOp::create(b, b.getI64Type(), value);
      storeVector(bufferAddress(values, constant(0)), value, element, {}, true);
    }
    callPrint(op, bufferAddress(values, constant(0)), element, shape, isSigned,
              last);
  }
  return success();
}

//===----------------------------------------------------------------------===//
// The pass
//===----------------------------------------------------------------------===//

namespace {
struct LowerToLoops : loops::impl::LowerToLoopsBase<LowerToLoops> {
  explicit LowerToLoops(const targets::TargetDesc &desc) : desc(desc) {}
  explicit LowerToLoops(const loops::LowerToLoopsOptions &options = {})
      : loops::impl::LowerToLoopsBase<LowerToLoops>(options) {
    desc.name = "a machine of pass options";
    desc.hasFma = true;
    desc.hasPrefetch = true;
  }
  LowerToLoops(const LowerToLoops &other)
      : loops::impl::LowerToLoopsBase<LowerToLoops>(other), desc(other.desc),
        fromDesc(other.fromDesc) {}

  void runOnOperation() override {
    targets::TargetDesc machine = desc;
    if (!fromDesc) {
      machine.vectorBits = vectorBits;
      machine.maskedBits = maskedBits;
      machine.microTile = {microRows, microVectors};
    }
    for (auto func :
         llvm::make_early_inc_range(getOperation().getOps<func::FuncOp>())) {
      if (func.isPrivate() || func.isExternal())
        continue;
      if (failed(Lowering(func, machine).run()))
        return signalPassFailure();
    }
  }

  targets::TargetDesc desc;
  bool fromDesc = false;
};
} // namespace

std::unique_ptr<Pass>
loops::createLowerToLoopsPass(const targets::TargetDesc &desc) {
  auto pass = std::make_unique<LowerToLoops>(desc);
  pass->fromDesc = true;
  return pass;
}

void loops::registerPasses() { registerLoopsPasses(); }
