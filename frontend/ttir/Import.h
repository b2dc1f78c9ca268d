//===- Import.h - TTIR text to tile IR --------------------------*- C++ -*-===//
//
// Part of the Tegula Project, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Reads the custom assembly that stock Triton prints (`str(module)`,
// `kernel.asm["ttir"]`), versions 3.3 to 3.9, with or without locations.
//
//   module {
//     tt.func public @k(%x_ptr: !tt.ptr<f32> {tt.divisibility = 16 : i32}) {
//
// becomes
//
//   func.func @k(%arg0: !tile.ptr<f32> {tile.divisibility = 16 : i32,
//                                       tile.name = "x_ptr"}) {
//
// Locations are kept: an op stands at its line of the user's Python file where
// the text says so, else at its line of the text.
//
//===----------------------------------------------------------------------===//

#ifndef TEGULA_FRONTEND_TTIR_IMPORT_H
#define TEGULA_FRONTEND_TTIR_IMPORT_H

#include "mlir/IR/BuiltinOps.h"
#include "mlir/IR/OwningOpRef.h"

namespace tegula::frontend {

/// Adds the dialects that TTIR text uses.
void registerTTIR(mlir::DialectRegistry &registry);

/// Is this TTIR, to judge by the text alone?
bool looksLikeTTIR(llvm::StringRef text);

/// Tile IR with one public func.func for each kernel of the text; calls are
/// inlined. Errors go to the context's diagnostic handlers, and the result is
/// null then. `path` names the text in them. The context must have the dialects
/// of `registerTTIR`.
mlir::OwningOpRef<mlir::ModuleOp> importTTIR(mlir::MLIRContext *context,
                                             llvm::StringRef text,
                                             llvm::StringRef path);

} // namespace tegula::frontend

#endif // TEGULA_FRONTEND_TTIR_IMPORT_H
