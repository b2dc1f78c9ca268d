//===- CallingForm.cpp - How the code is called and calls back
//
// Part of the Tegula Project, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "targets/common/loops/Lowering.h"
#include "tegula/abi.h"

using namespace mlir;
using namespace tegula;
using namespace tegula::loops;

static_assert(offsetof(tegula_program, grid) == 12 &&
              offsetof(tegula_program, flags) == 24 &&
              offsetof(tegula_program, arena) == 32 &&
              offsetof(tegula_program, services) == 40);

Type Lowering::scalarType(Type type) {
  if (isa<tile::PtrType>(type))
    return LLVM::LLVMPointerType::get(type.getContext());
  return type;
}

/// tegula_entry(slots, program): the arguments are loaded from their slots.
LogicalResult Lowering::beginFunction() {
  Type ptr = LLVM::LLVMPointerType::get(b.getContext());
  b.setLoc(source.getLoc());
  b.setInsertionPoint(source);
  target = func::FuncOp::create(b, "tegula_entry",
                                b.getFunctionType({ptr, ptr}, {}));
  Block *entry = target.addEntryBlock();
  b.setInsertionPointToStart(entry);
  constants.clear();
  Value slots = entry->getArgument(0);
  program = entry->getArgument(1);
  for (auto [index, argument] : llvm::enumerate(source.getArguments())) {
    Type type = argument.getType();
    if (!isa<tile::PtrType, IntegerType, FloatType>(type))
      return source.emitError()
             << "an argument of type " << type << " has no slot";
    Value slot = LLVM::GEPOp::create(
        b, ptr, b.getI64Type(), slots,
        ArrayRef<LLVM::GEPArg>{static_cast<int32_t>(index)});
    Type memory = isa<tile::PtrType>(type) ? ptr : memoryType(type);
    Value value = LLVM::LoadOp::create(b, memory, slot, 8, false, false,
                                       /*isInvariant=*/true);
    mapping.map(argument,
                isa<tile::PtrType>(type) ? value : fromMemory(value, type));
  }
  arenaBase = programField(offsetof(tegula_program, arena), ptr);
  return success();
}

Value Lowering::programField(int64_t offset, Type type) {
  Value address =
      LLVM::GEPOp::create(b, program.getType(), b.getI8Type(), program,
                          ArrayRef<LLVM::GEPArg>{static_cast<int32_t>(offset)});
  return LLVM::LoadOp::create(b, type, address, 0, false, false,
                              /*isInvariant=*/true);
}

/// How many programs the grid has along this axis.
Value Lowering::numPrograms(unsigned axis) {
  return programField(12 + 4 * axis, b.getI32Type());
}

/// A C string in the module's constants.
Value Lowering::stringConstant(StringRef text) {
  std::string content = (text + Twine('\0')).str();
  auto module = source->getParentOfType<ModuleOp>();
  LLVM::GlobalOp global;
  module.walk([&](LLVM::GlobalOp known) {
    if (auto value = dyn_cast_or_null<StringAttr>(known.getValueAttr());
        value && value.getValue() == content)
      global = known;
  });
  if (!global) {
    OpBuilder::InsertionGuard guard(b);
    b.setInsertionPointToStart(module.getBody());
    auto type = LLVM::LLVMArrayType::get(b.getI8Type(), content.size());
    // A text stands on no line; the pass that adds debug info takes the place
    // of an inlined call for one in a function.
    global = LLVM::GlobalOp::create(
        b, b.getUnknownLoc(), type, /*isConstant=*/true,
        LLVM::Linkage::Internal, "text_" + std::to_string(texts++),
        b.getStringAttr(content));
  }
  return LLVM::AddressOfOp::create(
      b, LLVM::LLVMPointerType::get(b.getContext()), global.getSymName());
}

/// Calls the service at `offset` of tegula_services, which gives `result`.
static LLVM::CallOp callService(ImplicitLocOpBuilder &b, Value services,
                                int64_t offset, ValueRange arguments,
                                Type result = {}) {
  Type ptr = LLVM::LLVMPointerType::get(b.getContext());
  Value address =
      LLVM::GEPOp::create(b, ptr, b.getI8Type(), services,
                          ArrayRef<LLVM::GEPArg>{static_cast<int32_t>(offset)});
  Value callee = LLVM::LoadOp::create(b, ptr, address, 8);
  if (!result)
    result = LLVM::LLVMVoidType::get(b.getContext());
  auto type = LLVM::LLVMFunctionType::get(
      result, llvm::to_vector(arguments.getTypes()));
  SmallVector<Value> operands{callee};
  operands.append(arguments.begin(), arguments.end());
  return LLVM::CallOp::create(b, type, operands);
}

static FileLineColLoc fileLocation(Location loc) {
  if (auto file = loc->findInstanceOf<FileLineColLoc>())
    return file;
  return FileLineColLoc::get(loc.getContext(), "", 0, 0);
}

void Lowering::callAssertFailed(tile::AssertOp op) {
  FileLineColLoc where = fileLocation(op.getLoc());
  Value services =
      programField(offsetof(tegula_program, services), program.getType());
  Value line =
      arith::ConstantOp::create(b, b.getI32IntegerAttr(where.getLine()));
  callService(b, services, offsetof(tegula_services, assert_failed),
              {program, stringConstant(op.getMessage()),
               stringConstant(where.getFilename().getValue()), line});
}

/// Lets a waiting program be stopped; see tegula_services.
void Lowering::callYield() {
  Value services =
      programField(offsetof(tegula_program, services), program.getType());
  callService(b, services, offsetof(tegula_services, yield), {program});
}

void Lowering::callMultiply(ArrayRef<Value> words) {
  assert(words.size() * 8 == sizeof(tegula_product));
  Buffer sent = allocate(b.getI64Type(), {static_cast<int64_t>(words.size())});
  for (auto [i, word] : llvm::enumerate(words))
    LLVM::StoreOp::create(b, word, bufferAddress(sent, constant(i)));
  Value services =
      programField(offsetof(tegula_program, services), program.getType());
  callService(b, services, offsetof(tegula_services, multiply),
              {program, bufferAddress(sent, constant(0))});
}

static int32_t dtypeCode(Type type, bool isSigned) {
  if (auto integer = dyn_cast<IntegerType>(type)) {
    switch (integer.getWidth()) {
    case 1:
      return TEGULA_I1;
    case 8:
      return isSigned ? TEGULA_I8 : TEGULA_U8;
    case 16:
      return isSigned ? TEGULA_I16 : TEGULA_U16;
    case 32:
      return isSigned ? TEGULA_I32 : TEGULA_U32;
    default:
      return isSigned ? TEGULA_I64 : TEGULA_U64;
    }
  }
  if (isa<tile::PtrType>(type))
    return TEGULA_POINTER;
  if (type.isF16())
    return TEGULA_F16;
  if (type.isBF16())
    return TEGULA_BF16;
  if (type.isF32())
    return TEGULA_F32;
  if (type.isF64())
    return TEGULA_F64;
  if (isa<Float8E4M3FNType>(type))
    return TEGULA_F8E4M3;
  if (isa<Float8E5M2Type>(type))
    return TEGULA_F8E5M2;
  return isa<Float8E4M3FNUZType>(type) ? TEGULA_F8E4M3FNUZ : TEGULA_F8E5M2FNUZ;
}

void Lowering::callPrint(tile::PrintOp op, Value values, Type element,
                         ArrayRef<int64_t> shape, bool isSigned, bool last) {
  Value services =
      programField(offsetof(tegula_program, services), program.getType());
  auto int32 = [&](int32_t value) -> Value {
    return arith::ConstantOp::create(b, b.getI32IntegerAttr(value));
  };
  Type ptr = program.getType();
  // The shape lies in the arena, behind the tiles.
  Buffer sizes = allocate(b.getI64Type(), {std::max<int64_t>(1, shape.size())});
  for (auto [dim, size] : llvm::enumerate(shape))
    LLVM::StoreOp::create(b, constant(size),
                          bufferAddress(sizes, constant(dim)));
  int32_t dtype = element ? dtypeCode(element, isSigned) : -1;
  if (!values)
    values = LLVM::ZeroOp::create(b, ptr);
  callService(b, services, offsetof(tegula_services, print),
              {program, stringConstant(op.getPrefix()), int32(dtype),
               int32(op.getHex()), int32(shape.size()),
               bufferAddress(sizes, constant(0)), values, int32(last)});
}

/// The 64 bits of a scalar.
static Value asWord(ImplicitLocOpBuilder &b, Value value) {
  Type word = b.getI64Type();
  if (isa<LLVM::LLVMPointerType>(value.getType()))
    return LLVM::PtrToIntOp::create(b, word, value);
  unsigned bits = tile::storageBits(value.getType());
  if (isa<FloatType>(value.getType()))
    value = arith::BitcastOp::create(b, b.getIntegerType(bits), value);
  if (value.getType() == word)
    return value;
  return arith::ExtUIOp::create(b, word, value);
}

/// Gives `buffer` the place of the operand that `key` determines, and how far
/// ahead the next one lies. Returns whether it must still be put there, always
/// where the launch's arrays overlap or `mayFindAgain` (null: true) is false.
Value Lowering::callShare(ArrayRef<Value> key, Value mayFindAgain,
                          Buffer &buffer) {
  Type ptr = program.getType(), flag = b.getI1Type();
  Value own = bufferAddress(buffer, constant(0));
  Value mayShare = andMasks(launchFlag(TEGULA_LAUNCH_NO_ALIAS), mayFindAgain);
  auto branch = scf::IfOp::create(b, TypeRange{ptr, ptr, flag}, mayShare,
                                  /*withElseRegion=*/true);
  {
    OpBuilder::InsertionGuard guard(b);
    b.setInsertionPointToStart(branch.thenBlock());
    // The operand's number tells apart what is packed in different ways.
    SmallVector<Value> words{constant(shared++)};
    for (Value value : key)
      words.push_back(asWord(b, scalar(value)));
    constexpr int64_t answerWords = sizeof(tegula_shared) / sizeof(uint64_t);
    int64_t count = words.size();
    Buffer sent = allocate(b.getI64Type(), {count + answerWords});
    for (auto [i, word] : llvm::enumerate(words))
      LLVM::StoreOp::create(b, word, bufferAddress(sent, constant(i)));
    Value answer = bufferAddress(sent, constant(count));
    auto int32 = [&](int64_t value) {
      return arith::ConstantOp::create(b, b.getI32IntegerAttr(value));
    };
    auto field = [&](size_t offset, Type type) -> Value {
      Value at = LLVM::GEPOp::create(
          b, ptr, b.getI8Type(), answer,
          ArrayRef<LLVM::GEPArg>{static_cast<int32_t>(offset)});
      return LLVM::LoadOp::create(b, type, at);
    };
    Value services = programField(offsetof(tegula_program, services), ptr);
    int64_t bytes = buffer.elements() * (tile::storageBits(buffer.element) / 8);
    auto call = callService(b, services, offsetof(tegula_services, share),
                            {program, bufferAddress(sent, constant(0)),
                             int32(count), constant(bytes), own, answer},
                            ptr);
    Value next = field(offsetof(tegula_shared, next), ptr);
    Value isNew = arith::CmpIOp::create(
        b, arith::CmpIPredicate::ne,
        field(offsetof(tegula_shared, is_new), b.getI32Type()), int32(0));
    scf::YieldOp::create(b, ValueRange{call.getResult(), next, isNew});
    b.setInsertionPointToStart(branch.elseBlock());
    scf::YieldOp::create(
        b, ValueRange{own, own,
                      arith::ConstantOp::create(b, b.getBoolAttr(true))});
  }
  buffer.base = branch.getResult(0);
  auto asInteger = [&](Value pointer) {
    return LLVM::PtrToIntOp::create(b, b.getI64Type(), pointer);
  };
  buffer.ahead =
      sub(asInteger(branch.getResult(1)), asInteger(branch.getResult(0)));
  return branch.getResult(2);
}
