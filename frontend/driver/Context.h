//===- Context.h - Everything a compilation shares ---*- C++ -*-===//
//
// Part of the Tegula Project, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef TEGULA_FRONTEND_DRIVER_CONTEXT_H
#define TEGULA_FRONTEND_DRIVER_CONTEXT_H

#include "frontend/lang/Diagnostics.h"
#include "mlir/IR/Diagnostics.h"
#include "mlir/IR/MLIRContext.h"
#include "targets/Registry.h"

namespace tegula::frontend {

/// Made once per process and then handed down: dialects and targets. Used by
/// one thread at a time.
class CompileContext {
public:
  CompileContext();
  mlir::MLIRContext &mlir() { return *context; }
  const targets::Registry &registry() const { return targetRegistry; }

private:
  std::unique_ptr<mlir::MLIRContext> context;
  targets::Registry targetRegistry;
};

/// While it lives, what MLIR reports goes to `diagnostics`, with the source
/// line when the place is in `file`. Remarks are left out.
class DiagnosticBridge {
public:
  DiagnosticBridge(mlir::MLIRContext &context,
                   std::shared_ptr<const SourceFile> file,
                   Diagnostics &diagnostics);
  /// The place of an operation in its source.
  static SourceRange place(mlir::Location location,
                           const std::shared_ptr<const SourceFile> &file);

private:
  mlir::ScopedDiagnosticHandler handler;
};

} // namespace tegula::frontend

#endif // TEGULA_FRONTEND_DRIVER_CONTEXT_H
