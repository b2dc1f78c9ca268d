//===- Emit.h - From a lowered module to machine code -----------*- C++ -*-===//
//
// Part of the Tegula Project, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// The last part of the road of every LLVM-backed machine:
//
//   PassManager pm(ctx);
//   buildLowerToLLVMPipeline(pm, desc);          // MLIR -> LLVM dialect
//   if (failed(pm.run(module))) ...
//   auto code = emitCode(module, desc, CodeStage::SharedObject);
//
// Nothing here runs another program: LLVM and lld are linked in.
//
//===----------------------------------------------------------------------===//

#ifndef TEGULA_TARGETS_COMMON_LLVM_EMIT_H
#define TEGULA_TARGETS_COMMON_LLVM_EMIT_H

#include "targets/TargetDesc.h"
#include "llvm/ADT/StringRef.h"
#include "llvm/Support/Error.h"
#include <string>

namespace mlir {
class DialectRegistry;
class ModuleOp;
class OpPassManager;
} // namespace mlir

namespace tegula::targets {

/// The one symbol that a shared object exports (see tegula/abi.h).
inline constexpr llvm::StringLiteral kEntrySymbol = "tegula_entry";

/// Adds the dialects and interfaces that lowering and emission need.
void registerLLVMEmission(mlir::DialectRegistry &registry);

/// Lowers scf, cf, arith, math, vector and func to the LLVM dialect, with
/// Tegula's semantics: total arithmetic, exact float conversions, inline maths.
void buildLowerToLLVMPipeline(mlir::OpPassManager &pm, const TargetDesc &desc);

/// What emitCode hands out.
enum class CodeStage {
  LLVMIR,       ///< optimised LLVM IR as text
  Assembly,     ///< assembly text
  Object,       ///< relocatable object, or a SPIR-V module
  SharedObject, ///< ELF shared object exporting `tegula_entry`
};

/// Translates a module in the LLVM dialect, optimises it for `desc` and
/// generates code. Locations of the MLIR become line tables.
llvm::Expected<std::string> emitCode(mlir::ModuleOp module,
                                     const TargetDesc &desc, CodeStage stage);

/// Links one relocatable object into a shared object. Symbols that neither the
/// object nor the C and maths libraries have are an error.
llvm::Expected<std::string> linkSharedObject(llvm::StringRef object,
                                             const TargetDesc &desc);

} // namespace tegula::targets

#endif // TEGULA_TARGETS_COMMON_LLVM_EMIT_H
