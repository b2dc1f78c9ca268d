//===- MathCall.h - Maths functions by name ---------------------*- C++ -*-===//
//
// Part of the Tegula Project, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// tile.extern_math names a function; this builds it for scalars and vectors
// of any length, out of arith and math operations where they suffice (the
// passes of this folder then expand those), of library calls otherwise.
//
//===----------------------------------------------------------------------===//

#ifndef TEGULA_TARGETS_COMMON_LLVM_MATHCALL_H
#define TEGULA_TARGETS_COMMON_LLVM_MATHCALL_H

#include "mlir/IR/Builders.h"
#include "mlir/IR/ValueRange.h"
#include "targets/TargetDesc.h"
#include "llvm/ADT/StringRef.h"

namespace tegula::targets {

/// Builds `name`(args). `name` is C's without a type suffix ("erfc"), or
/// libdevice's ("rsqrt", "mulhi"), also with its prefix ("__nv_erfcf"). Fails,
/// with an error at `loc` that says why, on an unknown name or wrong operands.
/// Library functions are declared in the module: the caller has to be a module
/// pass that declares the arith, math, vector and LLVM dialects.
mlir::FailureOr<mlir::Value>
emitMathCall(mlir::OpBuilder &builder, mlir::Location loc, llvm::StringRef name,
             mlir::ValueRange args, mlir::Type resultType,
             const TargetDesc &desc);

/// Whether emitMathCall knows `name`.
bool isKnownMathCall(llvm::StringRef name);

} // namespace tegula::targets

#endif // TEGULA_TARGETS_COMMON_LLVM_MATHCALL_H
