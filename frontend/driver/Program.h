//===- Program.h - What is to be compiled ---*- C++ -*-===//
//
// Part of the Tegula Project, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// A kernel's source as the command line names it: FILE.py[::KERNEL], FILE.ttir
// (what stock Triton prints), a file of tile IR, or `-` for the standard input.
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
  enum class Form { Language, TTIR, TileIR };

  /// Reports what is wrong with the file; an error is about the file itself
  /// (missing, unknown suffix).
  static llvm::Expected<std::optional<Program>> open(CompileContext &context,
                                                     llvm::StringRef spelling,
                                                     Diagnostics &diagnostics);
  /// A source in memory, which `file` names in messages. An empty `kernel`
  /// means the only one. Nothing after an error.
  static std::optional<Program> read(CompileContext &context,
                                     std::shared_ptr<const SourceFile> file,
                                     Form form, llvm::StringRef kernel,
                                     Diagnostics &diagnostics);

  const std::string &kernelName() const { return name; }
  const std::shared_ptr<const SourceFile> &source() const { return file; }
  /// Null for a kernel whose arguments have their types already: tile IR, TTIR.
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
  /// An argument whose type the source fixes.
  struct TypedArgument {
    std::string name;
    DType element = DType::Int32;
    bool pointer = false;
    /// The kernel was compiled for multiples of this.
    int64_t divisibility = 1;
  };
  static Form formOf(llvm::StringRef path, llvm::StringRef text);
  static std::optional<Program> openTyped(CompileContext &context,
                                          Program program,
                                          llvm::StringRef kernel,
                                          Diagnostics &diagnostics);
  mlir::OwningOpRef<mlir::ModuleOp> readTyped(CompileContext &context,
                                              Diagnostics &diagnostics) const;
  std::optional<BoundArguments> bindTyped(llvm::ArrayRef<NamedText> given,
                                          BindMode mode,
                                          Diagnostics &diagnostics) const;
  llvm::Expected<Argument> bindOne(const TypedArgument &argument,
                                   llvm::StringRef text) const;
  /// By its name or as argN; null if there is none.
  const TypedArgument *findTyped(llvm::StringRef name) const;

  std::shared_ptr<const SourceFile> file;
  std::string name;
  Form form = Form::Language;
  std::optional<ParsedFile> parsed;
  std::vector<TypedArgument> typedArguments;
};

} // namespace tegula::frontend

#endif // TEGULA_FRONTEND_DRIVER_PROGRAM_H
