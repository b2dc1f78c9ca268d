//===- Program.h - What is to be compiled ---*- C++ -*-===//
//
// Part of the Tegula Project, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// A kernel's source as the command line names it: FILE.py[::KERNEL], a file of
// tile IR, or `-` for the standard input.
//
//===----------------------------------------------------------------------===//

#ifndef TEGULA_FRONTEND_DRIVER_PROGRAM_H
#define TEGULA_FRONTEND_DRIVER_PROGRAM_H

#include "frontend/driver/Arguments.h"
#include "frontend/lang/Import.h"
#include "mlir/IR/BuiltinOps.h"
#include "mlir/IR/OwningOpRef.h"

namespace tegula::frontend {

class CompileContext;

/// A parsed source and the kernel in it that is meant.
class Program {
public:
  /// Reports what is wrong with the file; an error is about the file itself
  /// (missing, unknown suffix).
  static llvm::Expected<std::optional<Program>> open(CompileContext &context,
                                                     llvm::StringRef spelling,
                                                     Diagnostics &diagnostics);

  const std::string &kernelName() const { return name; }
  const std::shared_ptr<const SourceFile> &source() const { return file; }
  /// Null for tile IR.
  const KernelInfo *kernelInfo() const;

  std::optional<BoundArguments> bind(llvm::ArrayRef<NamedText> given,
                                     BindMode mode,
                                     Diagnostics &diagnostics) const;
  /// The tile IR for these arguments; null after an error.
  mlir::OwningOpRef<mlir::ModuleOp>
  import(CompileContext &context,
         const llvm::StringMap<ArgumentSpec> &arguments,
         Diagnostics &diagnostics) const;

private:
  /// A kernel argument of tile IR.
  struct TileArgument {
    std::string name;
    DType element = DType::Int32;
    bool pointer = false;
  };
  static std::optional<Program> openTileIR(CompileContext &context,
                                           Program program,
                                           llvm::StringRef kernel,
                                           Diagnostics &diagnostics);
  std::optional<BoundArguments> bindTileIR(llvm::ArrayRef<NamedText> given,
                                           BindMode mode,
                                           Diagnostics &diagnostics) const;

  std::shared_ptr<const SourceFile> file;
  std::string name;
  std::optional<ParsedFile> parsed;
  std::vector<TileArgument> tileArguments;
};

} // namespace tegula::frontend

#endif // TEGULA_FRONTEND_DRIVER_PROGRAM_H
