//===- LibraryCall.cpp - Maths functions of a library ---------------------===//
//
// Part of the Tegula Project, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "targets/common/llvm/LibraryCall.h"

#include "targets/common/llvm/Build.h"

#include "mlir/Dialect/LLVMIR/LLVMDialect.h"
#include "mlir/Dialect/Vector/IR/VectorOps.h"
#include "mlir/IR/SymbolTable.h"

using namespace mlir;
using namespace tegula::targets;
using llvm::StringRef;

/// The accuracy suffix of SLEEF's vector functions; empty: SLEEF lacks it.
static StringRef sleefSuffix(StringRef base) {
  if (base == "erfc")
    return "_u15";
  if (base == "sinpi" || base == "cospi" || base == "hypot")
    return "_u05";
  if (base == "fmod" || base == "remainder" || base == "nextafter")
    return "_";
  static constexpr StringRef precise[] = {
      "acos",  "acosh",  "asin", "asinh", "atan",  "atan2", "atanh",
      "cbrt",  "cos",    "cosh", "erf",   "exp",   "exp10", "exp2",
      "expm1", "lgamma", "log",  "log10", "log1p", "log2",  "pow",
      "sin",   "sinh",   "tan",  "tanh",  "tgamma"};
  return llvm::is_contained(precise, base) ? "_u10" : "";
}

/// The function `name`, declared once in the module as free of side effects.
static LLVM::LLVMFuncOp declare(OpBuilder &builder, Location loc,
                                StringRef name, Type result,
                                ArrayRef<Type> parameters, bool isSpirFunc) {
  Operation *module = builder.getInsertionBlock()->getParentOp();
  while (module && !module->hasTrait<OpTrait::SymbolTable>())
    module = module->getParentOp();
  if (auto found = dyn_cast_or_null<LLVM::LLVMFuncOp>(
          SymbolTable::lookupSymbolIn(module, name)))
    return found;
  OpBuilder::InsertionGuard guard(builder);
  builder.setInsertionPointToStart(&module->getRegion(0).front());
  auto function = LLVM::LLVMFuncOp::create(
      builder, loc, name, LLVM::LLVMFunctionType::get(result, parameters));
  if (isSpirFunc)
    function.setCConv(LLVM::CConv::SPIR_FUNC);
  auto none = LLVM::ModRefInfo::NoModRef;
  function.setMemoryEffectsAttr(LLVM::MemoryEffectsAttr::get(
      builder.getContext(), {none, none, none, none, none, none}));
  function.setNoUnwind(true);
  function.setWillReturn(true);
  return function;
}

static Value call(OpBuilder &builder, Location loc, StringRef name,
                  ValueRange args, Type result, bool isSpirFunc = false) {
  auto function = declare(builder, loc, name, result,
                          llvm::to_vector(args.getTypes()), isSpirFunc);
  auto op = LLVM::CallOp::create(builder, loc, function, args);
  if (isSpirFunc)
    op.setCConv(LLVM::CConv::SPIR_FUNC);
  return op.getResult();
}

/// The name of a scalar function: C's, or OpenCL's mangled built-in.
static std::string scalarName(StringRef base, ValueRange args, bool isOpenCl) {
  bool isF64 = getElementTypeOrSelf(args[0]).isF64();
  if (!isOpenCl)
    return (base + (isF64 ? "" : "f")).str();
  std::string name = "_Z" + std::to_string(base.size()) + base.str();
  for (Value arg : args)
    name += getElementTypeOrSelf(arg).isInteger() ? "i" : isF64 ? "d" : "f";
  return name;
}

/// `count` lanes of a vector from `offset`.
static Value slice(Build &b, Value vector, int64_t offset, int64_t count) {
  return b.op<vector::ExtractStridedSliceOp>(vector, ArrayRef<int64_t>{offset},
                                             ArrayRef<int64_t>{count},
                                             ArrayRef<int64_t>{1});
}

/// One call of SLEEF's dispatching function for each register.
static Value callVectors(Build &b, StringRef base, StringRef suffix,
                         ValueRange args, VectorType type, int64_t chunk) {
  bool isF64 = type.getElementType().isF64();
  std::string name =
      ("Sleef_" + base + (isF64 ? "d" : "f") + llvm::Twine(chunk) + suffix)
          .str();
  // Functions without an accuracy have no dispatcher: their ISA is named.
  auto chunkType = VectorType::get(chunk, type.getElementType());
  if (chunk == type.getNumElements())
    return call(b.builder, b.loc, name, args, type);
  Value result = b.op<arith::ConstantOp>(b.builder.getZeroAttr(type));
  for (int64_t i = 0; i < type.getNumElements(); i += chunk) {
    SmallVector<Value> parts;
    for (Value arg : args)
      parts.push_back(slice(b, arg, i, chunk));
    Value part = call(b.builder, b.loc, name, parts, chunkType);
    result = b.op<vector::InsertStridedSliceOp>(
        part, result, ArrayRef<int64_t>{i}, ArrayRef<int64_t>{1});
  }
  return result;
}

Value tegula::targets::emitLibraryCall(OpBuilder &builder, Location loc,
                                       StringRef base, ValueRange args,
                                       Type resultType,
                                       const MathSupport &support) {
  Build b(builder, loc);
  bool isOpenCl = support.library == MathLibrary::OpenCl;
  auto type = dyn_cast<VectorType>(args[0].getType());
  if (!type)
    return call(builder, loc, scalarName(base, args, isOpenCl), args,
                resultType, isOpenCl);
  unsigned bits = type.getElementTypeBitWidth();
  int64_t lanes = type.getNumElements(), chunk = support.vectorBits / bits;
  chunk = std::min(chunk, lanes);
  StringRef suffix = support.library == MathLibrary::Sleef && type == resultType
                         ? sleefSuffix(base)
                         : "";
  if (!suffix.empty() && suffix != "_" && chunk * bits >= 128 &&
      lanes % chunk == 0)
    return callVectors(b, base, suffix, args, type, chunk);
  std::string name = scalarName(base, args, isOpenCl);
  Value result = b.op<arith::ConstantOp>(builder.getZeroAttr(resultType));
  for (int64_t lane = 0; lane < lanes; ++lane) {
    SmallVector<Value> scalars;
    for (Value arg : args)
      scalars.push_back(b.op<vector::ExtractOp>(arg, lane));
    Value scalar = call(builder, loc, name, scalars,
                        getElementTypeOrSelf(resultType), isOpenCl);
    result = b.op<vector::InsertOp>(scalar, result, lane);
  }
  return result;
}
