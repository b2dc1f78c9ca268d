//===- Compiler.cpp - Slots, instructions and regions
//
// Part of the Tegula Project, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "ir/interp/Compiler.h"
#include "ir/interp/Memory.h"
#include "ir/tile/Tile.h"
#include "mlir/Dialect/ControlFlow/IR/ControlFlowOps.h"
#include "llvm/Support/raw_ostream.h"
#include <cstring>
#include <numeric>

using namespace mlir;
using namespace tegula::ir;
using namespace tegula::ir::interp;

//===----------------------------------------------------------------------===//
// Slots
//===----------------------------------------------------------------------===//

Slot Compiler::makeSlot(Dtype dtype, uint64_t elements) {
  Slot slot;
  slot.offset = function.frameBytes;
  slot.taint = function.frameTaints;
  slot.index = function.frameSlots++;
  slot.elements = elements;
  slot.dtype = dtype;
  uint64_t end = function.frameBytes + (slot.bytes() + 63) / 64 * 64;
  if (end > UINT32_MAX - 64) {
    if (error.empty())
      error = "the kernel's values need more than 4 GiB for one program";
    end = function.frameBytes;
  }
  function.frameBytes = end;
  function.frameTaints += elements;
  return slot;
}

Slot Compiler::makeSlot(Type type, uint64_t batch) {
  // A descriptor: base, padding, then sizes and strides.
  if (auto desc = dyn_cast<tile::DescType>(type))
    return makeSlot(Dtype::I64, 2 + 2 * desc.getShape().size());
  std::optional<Dtype> dtype = dtypeOf(tile::elementTypeOf(type));
  uint64_t elements = batch;
  if (auto tensor = dyn_cast<RankedTensorType>(type)) {
    if (tensor.hasStaticShape())
      elements *= tensor.getNumElements();
    else
      dtype = std::nullopt;
  }
  if (!dtype) {
    if (error.empty())
      llvm::raw_string_ostream(error)
          << "values of type " << type << " aren't supported by interp";
    return makeSlot(Dtype::I8, 1);
  }
  return makeSlot(*dtype, elements);
}

Slot Compiler::slot(Value value) {
  if (batchRegion)
    return batchedSlot(value);
  auto [it, isNew] = slots.try_emplace(value);
  if (isNew) {
    Slot made = makeSlot(value.getType());
    it->second = made;
  }
  return it->second;
}

Slot Compiler::batchedSlot(Value value) {
  bool isInside = batchRegion->isAncestor(value.getParentRegion());
  auto &map = isInside ? slots : captured;
  if (auto known = map.find(value); known != map.end())
    return known->second;
  Slot made = makeSlot(value.getType(), batchSize);
  map[value] = made;
  if (!isInside) {
    Region *region = std::exchange(batchRegion, nullptr);
    Slot scalar = slot(value);
    batchRegion = region;
    emitSplat(scalar, made);
  }
  return made;
}

//===----------------------------------------------------------------------===//
// Instructions
//===----------------------------------------------------------------------===//

void Compiler::emit(Action run, TaintAction taint, uint64_t elements) {
  code->instructions.push_back({std::move(run), std::move(taint),
                                static_cast<uint32_t>(1 + elements / 16)});
}

static void taintElementwise(Program &program, ArrayRef<Slot> operands,
                             Slot result, uint8_t keeps) {
  bool any = llvm::any_of(operands,
                          [&](Slot slot) { return program.isTainted(slot); });
  program.setTainted(result, any);
  if (!any)
    return;
  uint8_t *taint = program.taint(result);
  size_t count = program.lanes(result);
  std::memset(taint, 0, count);
  for (Slot operand : operands) {
    if (!program.isTainted(operand))
      continue;
    const uint8_t *from = program.taint(operand);
    for (size_t i = 0; i < count; ++i)
      taint[i] |= from[i] & keeps;
  }
}

void Compiler::emitElementwise(ArrayRef<Slot> operands, Slot result, Action run,
                               uint8_t keeps) {
  SmallVector<Slot, 3> inputs(operands);
  emit(
      std::move(run),
      [inputs, result, keeps](Program &program) {
        taintElementwise(program, inputs, result, keeps);
      },
      result.elements);
}

template <typename T>
static void moveElements(const char *from, char *to,
                         const std::vector<uint32_t> &map) {
  for (size_t i = 0, count = map.size(); i < count; ++i)
    reinterpret_cast<T *>(to)[i] = reinterpret_cast<const T *>(from)[map[i]];
}

static void moveElements(unsigned size, const void *from, void *to,
                         const std::vector<uint32_t> &map) {
  const char *source = static_cast<const char *>(from);
  char *target = static_cast<char *>(to);
  switch (size) {
  case 1:
    return moveElements<uint8_t>(source, target, map);
  case 2:
    return moveElements<uint16_t>(source, target, map);
  case 4:
    return moveElements<uint32_t>(source, target, map);
  default:
    return moveElements<uint64_t>(source, target, map);
  }
}

void Compiler::emitMove(Slot source, Slot result, std::vector<uint32_t> map) {
  auto shared = std::make_shared<std::vector<uint32_t>>(std::move(map));
  emit(
      [=](Program &program) {
        moveElements(sizeOf(source.dtype), program.data(source),
                     program.data(result), *shared);
        return kNext;
      },
      [=](Program &program) {
        program.setTainted(result, program.isTainted(source));
        if (program.isTainted(source))
          moveElements(1, program.taint(source), program.taint(result),
                       *shared);
      },
      result.elements);
}

template <typename T> static void fill(void *to, const void *from, size_t n) {
  std::fill_n(static_cast<T *>(to), n, *static_cast<const T *>(from));
}

void Compiler::emitSplat(Slot scalar, Slot result) {
  emit(
      [=](Program &program) {
        void *to = program.data(result);
        const void *from = program.data(scalar);
        size_t count = program.lanes(result);
        switch (sizeOf(result.dtype)) {
        case 1:
          fill<uint8_t>(to, from, count);
          break;
        case 2:
          fill<uint16_t>(to, from, count);
          break;
        case 4:
          fill<uint32_t>(to, from, count);
          break;
        default:
          fill<uint64_t>(to, from, count);
        }
        return kNext;
      },
      [=](Program &program) {
        program.setTainted(result, program.isTainted(scalar));
        if (program.isTainted(scalar))
          std::memset(program.taint(result), *program.taint(scalar),
                      program.lanes(result));
      },
      result.elements);
}

static void copySlot(Program &program, Slot from, Slot to) {
  size_t count = program.lanes(to);
  std::memcpy(program.data(to), program.data(from), count * sizeOf(to.dtype));
  if (!program.launch.check)
    return;
  program.setTainted(to, program.isTainted(from));
  if (program.isTainted(from))
    std::memcpy(program.taint(to), program.taint(from), count);
}

void Compiler::emitCopies(ArrayRef<Slot> from, ArrayRef<Slot> to) {
  SmallVector<std::pair<Slot, Slot>, 4> pairs, late;
  uint64_t elements = 0;
  for (auto [source, target] : llvm::zip(from, to)) {
    if (source.index == target.index)
      continue;
    elements += target.elements;
    // A source that an earlier pair overwrites goes by a slot of its own.
    bool isOverwritten =
        llvm::any_of(to, [&](Slot slot) { return slot.index == source.index; });
    if (!isOverwritten) {
      late.push_back({source, target});
      continue;
    }
    Slot saved = makeSlot(source.dtype, source.elements);
    pairs.push_back({source, saved});
    late.push_back({saved, target});
  }
  pairs.append(late);
  if (pairs.empty())
    return;
  emit(
      [pairs](Program &program) {
        for (auto [source, target] : pairs)
          copySlot(program, source, target);
        return kNext;
      },
      {}, elements);
}

int32_t Compiler::newLabel() {
  code->labels.push_back(0);
  return code->labels.size() - 1;
}

void Compiler::emitJump(int32_t label) {
  Flow flow = static_cast<Flow>(label);
  emit([flow](Program &) { return flow; });
}

void Compiler::emitJumpUnless(Slot condition, int32_t label, Operation *op) {
  Flow flow = static_cast<Flow>(label);
  const Site *where = site(op);
  emit([=](Program &program) {
    if (program.launch.check)
      program.launch.requireSpecified(
          program, *where, program.anyTaint(condition), "a condition");
    return program.scalar<uint8_t>(condition) ? kNext : flow;
  });
}

//===----------------------------------------------------------------------===//
// Places and errors
//===----------------------------------------------------------------------===//

static FileLineColLoc findFile(Location location) {
  FileLineColLoc found;
  location->walk([&](Location inner) {
    found = dyn_cast<FileLineColLoc>(inner);
    return found ? WalkResult::interrupt() : WalkResult::advance();
  });
  return found;
}

const Site *Compiler::site(Operation *op, Value pointer) {
  auto made = std::make_unique<Site>();
  if (FileLineColLoc place = findFile(op->getLoc())) {
    made->file = place.getFilename().str();
    made->line = place.getLine();
    made->column = place.getColumn();
  }
  if (pointer)
    made->argument = originOf(pointer, callStack.front());
  function.sites.push_back(std::move(made));
  return function.sites.back().get();
}

Result Compiler::fail(Operation *op, const Twine &message) {
  if (!error.empty())
    return Result::Failed;
  llvm::raw_string_ostream os(error);
  if (FileLineColLoc place = findFile(op->getLoc()))
    os << place.getFilename().getValue() << ':' << place.getLine() << ':'
       << place.getColumn() << ": ";
  os << "'" << op->getName() << "' " << message;
  return Result::Failed;
}

//===----------------------------------------------------------------------===//
// Regions
//===----------------------------------------------------------------------===//

bool Compiler::compileOp(Operation *op) {
  constexpr decltype(&compileControl) families[] = {
      compileInteger, compileFloat, compileCast, compileShape, compileControl,
      compileMemory,  compileMath,  compileBox,  compileAxis,  compileDot,
      compileAtomic,  compileDesc,  compileTalk};
  for (auto family : families) {
    Result result = family(*this, op);
    if (result != Result::NotMine)
      return result == Result::Done && error.empty();
  }
  fail(op, "isn't supported by interp");
  return false;
}

bool Compiler::compileRegion(Region &region,
                             function_ref<bool(Operation *)> leave) {
  DenseMap<Block *, int32_t> labels;
  for (Block &block : region)
    labels[&block] = newLabel();
  int32_t end = newLabel();
  auto branch = [&](Block *target, ValueRange operands) {
    SmallVector<Slot> from, to;
    for (auto [operand, argument] :
         llvm::zip(operands, target->getArguments())) {
      from.push_back(slot(operand));
      to.push_back(slot(argument));
    }
    emitCopies(from, to);
    emitJump(labels[target]);
  };
  for (Block &block : region) {
    bind(labels[&block]);
    for (Operation &op : block.without_terminator())
      if (!compileOp(&op))
        return false;
    Operation *last = block.getTerminator();
    if (auto jump = dyn_cast<cf::BranchOp>(last)) {
      branch(jump.getDest(), jump.getDestOperands());
    } else if (auto jump = dyn_cast<cf::CondBranchOp>(last)) {
      int32_t otherwise = newLabel();
      emitJumpUnless(slot(jump.getCondition()), otherwise, last);
      branch(jump.getTrueDest(), jump.getTrueDestOperands());
      bind(otherwise);
      branch(jump.getFalseDest(), jump.getFalseDestOperands());
    } else {
      if (!leave(last))
        return false;
      if (&block != &region.back())
        emitJump(end);
    }
  }
  bind(end);
  return error.empty();
}

bool Compiler::compileBody(Region &region, uint64_t batch, Body &body) {
  bool canBatch =
      region.hasOneBlock() &&
      llvm::all_of(region.front().without_terminator(),
                   [](Operation &op) { return isElementwise(&op); });
  body.batch = canBatch ? batch : 1;
  body.code = std::make_shared<Code>();
  Code *outerCode = std::exchange(code, body.code.get());
  Region *outerRegion = std::exchange(batchRegion, nullptr);
  uint64_t outerSize = std::exchange(batchSize, body.batch);
  auto outerCaptured = std::exchange(captured, decltype(captured)());
  if (canBatch)
    batchRegion = &region;
  for (BlockArgument argument : region.front().getArguments())
    body.arguments.push_back(slot(argument));
  bool done = compileRegion(region, [&](Operation *last) {
    SmallVector<Slot> from;
    for (Value value : last->getOperands()) {
      from.push_back(slot(value));
      if (body.yields.size() < last->getNumOperands())
        body.yields.push_back(makeSlot(from.back().dtype, body.batch));
    }
    emitCopies(from, body.yields);
    return true;
  });
  code = outerCode;
  batchRegion = outerRegion;
  batchSize = outerSize;
  captured = std::move(outerCaptured);
  return done;
}

llvm::Expected<std::unique_ptr<Function>>
tegula::ir::interp::compile(func::FuncOp kernel) {
  auto function = std::make_unique<Function>();
  function->name = kernel.getSymName().str();
  if (kernel.isExternal())
    return llvm::createStringError("kernel %s has no body",
                                   function->name.c_str());
  Compiler compiler(*function);
  compiler.addressOps = findAddressArithmetic(kernel);
  compiler.callStack.push_back(kernel);
  for (BlockArgument value : kernel.getArguments()) {
    if (isa<ShapedType, tile::DescType>(value.getType()))
      return llvm::createStringError(
          "kernel %s: argument %u is neither a number nor a pointer",
          function->name.c_str(), value.getArgNumber());
    Argument argument;
    argument.slot = compiler.slot(value);
    auto name = kernel.getArgAttrOfType<StringAttr>(
        value.getArgNumber(), tile::TileDialect::kNameAttr);
    argument.name =
        name ? name.str() : "arg" + std::to_string(value.getArgNumber());
    if (auto pointer = dyn_cast<tile::PtrType>(value.getType())) {
      argument.isPointer = true;
      argument.pointeeBytes = tile::storageBits(pointer.getPointeeType()) / 8;
    }
    function->arguments.push_back(std::move(argument));
  }
  bool done = compiler.compileRegion(kernel.getBody(),
                                     [](Operation *) { return true; });
  if (!done || !compiler.error.empty())
    return llvm::createStringError(compiler.error);
  return function;
}
