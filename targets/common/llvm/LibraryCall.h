//===- LibraryCall.h - Maths functions of a library -------------*- C++ -*-===//
//
// Part of the Tegula Project, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef TEGULA_TARGETS_COMMON_LLVM_LIBRARYCALL_H
#define TEGULA_TARGETS_COMMON_LLVM_LIBRARYCALL_H

#include "mlir/IR/Builders.h"
#include "mlir/IR/ValueRange.h"
#include "targets/TargetDesc.h"
#include "llvm/ADT/StringRef.h"

namespace tegula::targets {

/// What decides which library functions there are.
struct MathSupport {
  MathLibrary library = MathLibrary::ScalarLibm;
  unsigned vectorBits = 0;
};

/// Calls the function with the C name `base` ("sin", without the f of single
/// precision) on f32 or f64 scalars or vectors `args`: by SLEEF's vectors where
/// the library is SLEEF and has it, by one call for each lane otherwise; on
/// OpenCL by its own built-in functions. `resultType` is the type of args[0]
/// unless the function returns integers. Declares the function in the module:
/// a pass that calls this has to be a module pass and to declare the LLVM and
/// vector dialects.
mlir::Value emitLibraryCall(mlir::OpBuilder &builder, mlir::Location loc,
                            llvm::StringRef base, mlir::ValueRange args,
                            mlir::Type resultType, const MathSupport &support);

} // namespace tegula::targets

#endif // TEGULA_TARGETS_COMMON_LLVM_LIBRARYCALL_H
