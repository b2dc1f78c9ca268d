//===- WrapOpenClKernel.cpp - The packed entry as an OpenCL kernel --------===//
//
// Part of the Tegula Project, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "targets/common/llvm/Emit.h"
#include "targets/common/llvm/Passes.h"

#include "runtime/opencl/KernelForm.h"

using namespace mlir;
using namespace tegula::targets;
namespace opencl = tegula::runtime::opencl;

namespace tegula::targets {
#define GEN_PASS_DEF_WRAPOPENCLKERNEL
#include "targets/common/llvm/Passes.h.inc"
} // namespace tegula::targets

namespace {

/// Builds the kernel around `entry`, which has C's calling form.
class Wrapper {
public:
  Wrapper(LLVM::LLVMFuncOp entry, unsigned space)
      : entry(entry), builder(entry->getContext()), loc(entry.getLoc()),
        ptr(LLVM::LLVMPointerType::get(entry->getContext(), space)),
        i32(builder.getI32Type()), i64(builder.getI64Type()) {}
  LogicalResult run();

private:
  Value constant(Type type, int64_t value) {
    return LLVM::ConstantOp::create(builder, loc,
                                    builder.getIntegerAttr(type, value));
  }
  Value at(Value base, Value offset) {
    return LLVM::GEPOp::create(builder, loc, ptr, builder.getI8Type(), base,
                               ArrayRef<LLVM::GEPArg>{offset});
  }
  void store(Value value, Value base, int64_t offset) {
    LLVM::StoreOp::create(builder, loc, value, at(base, constant(i64, offset)));
  }
  Value globalId();
  void storeArguments(Value slots, ArrayAttr args, Block *body);
  void storeProgram(Value program, Value linear, ValueRange grid);

  LLVM::LLVMFuncOp entry;
  OpBuilder builder;
  Location loc;
  Type ptr, i32, i64;
};

} // namespace

Value Wrapper::globalId() {
  constexpr StringRef name = "_Z13get_global_idj";
  auto module = entry->getParentOfType<ModuleOp>();
  auto function = module.lookupSymbol<LLVM::LLVMFuncOp>(name);
  if (!function) {
    OpBuilder::InsertionGuard guard(builder);
    builder.setInsertionPointToStart(module.getBody());
    function = LLVM::LLVMFuncOp::create(
        builder, loc, name, LLVM::LLVMFunctionType::get(i64, {i32}));
    function.setCConv(LLVM::CConv::SPIR_FUNC);
  }
  auto call = LLVM::CallOp::create(builder, loc, function,
                                   ValueRange{constant(i32, 0)});
  call.setCConv(LLVM::CConv::SPIR_FUNC);
  return call.getResult();
}

/// A pointer comes as a buffer and an offset into it, all else as its slot.
void Wrapper::storeArguments(Value slots, ArrayAttr args, Block *body) {
  unsigned parameter = 0;
  for (auto [index, arg] : llvm::enumerate(args.getAsRange<DictionaryAttr>())) {
    bool isPointer = arg.getAs<StringAttr>("type").getValue().starts_with("*");
    Value value = body->getArgument(parameter++);
    if (isPointer)
      value = at(value, body->getArgument(parameter++));
    store(value, slots, 8 * index);
  }
}

void Wrapper::storeProgram(Value program, Value linear, ValueRange grid) {
  auto to32 = [&](Value v) {
    return LLVM::TruncOp::create(builder, loc, i32, v);
  };
  Value rest = linear;
  for (unsigned axis = 0; axis < 3; ++axis) {
    Value id = LLVM::URemOp::create(builder, loc, rest, grid[axis]);
    rest = LLVM::UDivOp::create(builder, loc, rest, grid[axis]);
    store(to32(id), program, offsetof(tegula_program, id) + 4 * axis);
    store(to32(grid[axis]), program, offsetof(tegula_program, grid) + 4 * axis);
  }
  store(constant(i32, 0), program, offsetof(tegula_program, flags));
  store(constant(i32, 0), program, offsetof(tegula_program, thread));
}

LogicalResult Wrapper::run() {
  auto args = entry->getAttrOfType<ArrayAttr>("tegula.args");
  if (!args)
    return entry.emitError("expected a kernel with the attribute tegula.args");
  SmallVector<Type> types;
  for (auto arg : args.getAsRange<DictionaryAttr>()) {
    bool isPointer = arg.getAs<StringAttr>("type").getValue().starts_with("*");
    types.push_back(isPointer ? ptr : i64);
    if (isPointer)
      types.push_back(i64);
  }
  // The launch: scratch, bytes of it for one program, first program, grid.
  unsigned launch = types.size();
  types.push_back(ptr);
  types.append(5, i64);
  builder.setInsertionPointAfter(entry);
  auto kernel = LLVM::LLVMFuncOp::create(
      builder, loc, opencl::kKernelSymbol,
      LLVM::LLVMFunctionType::get(LLVM::LLVMVoidType::get(builder.getContext()),
                                  types));
  kernel.setCConv(LLVM::CConv::SPIR_KERNEL);
  Block *body = kernel.addEntryBlock(builder);
  builder.setInsertionPointToStart(body);
  auto parameter = [&](unsigned i) { return body->getArgument(launch + i); };
  Value item = globalId();
  Value offset = LLVM::MulOp::create(builder, loc, item, parameter(1));
  // A program's scratch: the structure, its slots, the arena from 64 on.
  Value program = at(parameter(0), offset);
  int64_t slotsAt = sizeof(tegula_program);
  int64_t arenaAt = opencl::arenaOffset(args.size());
  Value slots = at(program, constant(i64, slotsAt));
  storeArguments(slots, args, body);
  Value linear = LLVM::AddOp::create(builder, loc, item, parameter(2));
  storeProgram(program, linear, {parameter(3), parameter(4), parameter(5)});
  store(at(program, constant(i64, arenaAt)), program,
        offsetof(tegula_program, arena));
  auto call =
      LLVM::CallOp::create(builder, loc, entry, ValueRange{slots, program});
  call.setCConv(LLVM::CConv::SPIR_FUNC);
  LLVM::ReturnOp::create(builder, loc, ValueRange());
  entry.setCConv(LLVM::CConv::SPIR_FUNC);
  entry.setAlwaysInline(true);
  entry.setLinkage(LLVM::Linkage::Internal);
  return success();
}

namespace {
struct WrapOpenClKernel
    : tegula::targets::impl::WrapOpenClKernelBase<WrapOpenClKernel> {
  using WrapOpenClKernelBase::WrapOpenClKernelBase;
  void runOnOperation() override {
    // All memory of a kernel is global: arrays, arena and structures.
    AttrTypeReplacer replacer;
    replacer.addReplacement(
        [this](LLVM::LLVMPointerType type) -> std::optional<Type> {
          if (type.getAddressSpace() != 0)
            return std::nullopt;
          return LLVM::LLVMPointerType::get(type.getContext(), addressSpace);
        });
    getOperation()->walk([&](Operation *op) {
      replacer.replaceElementsIn(op, /*replaceAttrs=*/true,
                                 /*replaceLocs=*/false, /*replaceTypes=*/true);
      // What the entry reads is written here, in the same function once the
      // entry is inlined: no longer invariant.
      if (auto load = dyn_cast<LLVM::LoadOp>(op))
        load.setInvariant(false);
    });
    auto entry = getOperation().lookupSymbol<LLVM::LLVMFuncOp>(kEntrySymbol);
    if (!entry || entry.isExternal()) {
      getOperation().emitError("the module holds no kernel");
      return signalPassFailure();
    }
    if (failed(Wrapper(entry, addressSpace).run()))
      signalPassFailure();
  }
};
} // namespace
