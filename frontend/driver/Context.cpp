//===- Context.cpp - Everything a compilation shares ---*- C++ -*-===//
//
// Part of the Tegula Project, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "frontend/driver/Context.h"
#include "frontend/ttir/Import.h"
#include "ir/tile/Tile.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Func/Extensions/InlinerExtension.h"
#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/Dialect/Math/IR/Math.h"
#include "mlir/Dialect/SCF/IR/SCF.h"
#include "targets/common/llvm/Emit.h"

namespace tegula::frontend {

CompileContext::CompileContext() {
  mlir::DialectRegistry dialects;
  dialects.insert<tile::TileDialect, mlir::arith::ArithDialect,
                  mlir::math::MathDialect, mlir::scf::SCFDialect,
                  mlir::func::FuncDialect>();
  mlir::func::registerInlinerExtension(dialects);
  registerTTIR(dialects);
  targets::registerLLVMEmission(dialects);
  // One kernel is one function: threads would only cost their start.
  context = std::make_unique<mlir::MLIRContext>(
      dialects, mlir::MLIRContext::Threading::DISABLED);
  context->printOpOnDiagnostic(false);
}

SourceRange
DiagnosticBridge::place(mlir::Location location,
                        const std::shared_ptr<const SourceFile> &file) {
  SourceRange range{file, 0, 0, 1};
  auto found = location->findInstanceOf<mlir::FileLineColLoc>();
  if (!found)
    return range;
  if (!file || found.getFilename().strref() != file->path()) {
    auto other = SourceFile::open(found.getFilename().strref());
    // A file that isn't here, as when TTIR was printed elsewhere, has a name.
    range.file =
        other ? *other : SourceFile::fromText(found.getFilename().strref(), "");
    llvm::consumeError(other.takeError());
  }
  range.line = found.getLine();
  range.column = found.getColumn();
  return range;
}

DiagnosticBridge::DiagnosticBridge(mlir::MLIRContext &context,
                                   std::shared_ptr<const SourceFile> file,
                                   Diagnostics &diagnostics)
    : handler(&context, [file, &diagnostics](mlir::Diagnostic &diagnostic) {
        if (diagnostic.getSeverity() == mlir::DiagnosticSeverity::Remark)
          return mlir::success();
        auto kind = diagnostic.getSeverity() == mlir::DiagnosticSeverity::Error
                        ? Diagnostic::Kind::Error
                        : Diagnostic::Kind::Warning;
        Diagnostic &made = diagnostics.report(
            kind, place(diagnostic.getLocation(), file), diagnostic.str());
        for (mlir::Diagnostic &note : diagnostic.getNotes())
          made.hint += (made.hint.empty() ? "" : "; ") + note.str();
        return mlir::success();
      }) {}

} // namespace tegula::frontend
