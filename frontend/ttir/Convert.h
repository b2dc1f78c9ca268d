//===- Convert.h - The steps from TTIR to tile IR ---------------*- C++ -*-===//
//
// Part of the Tegula Project, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef TEGULA_FRONTEND_TTIR_CONVERT_H
#define TEGULA_FRONTEND_TTIR_CONVERT_H

#include "frontend/ttir/Triton.h"
#include "mlir/IR/BuiltinOps.h"
#include "mlir/IR/PatternMatch.h"

namespace tegula::frontend::tt {

/// tt.func, tt.call and tt.return become func's, arguments get their names, and
/// a descriptor that the host passes in parts becomes one of its parts.
mlir::LogicalResult convertFunctions(mlir::ModuleOp module);

/// Pointers to blocks become a base, a shape, strides and offsets; accesses
/// through them, pointers and masks.
mlir::LogicalResult expandBlockPointers(mlir::ModuleOp module);

/// Everything else: ops of `tt` become ops of `tile`, one by one, and then all
/// types change at once. Reports each op that can't be converted.
mlir::LogicalResult convertToTile(mlir::ModuleOp module);

// The patterns of convertToTile, a file each. Results keep their `tt` types.
void addShapePatterns(mlir::RewritePatternSet &patterns);
void addMemoryPatterns(mlir::RewritePatternSet &patterns);
void addComputePatterns(mlir::RewritePatternSet &patterns);
void addExternPatterns(mlir::RewritePatternSet &patterns);

/// What libdevice's functions of integers compute (`__nv_popc`); null if there
/// is none of this name and number of operands.
mlir::Value makeOfIntegers(mlir::OpBuilder &b, ExternElementwiseOp op);

/// An attribute of this type, all of whose elements are `value`.
mlir::TypedAttr splatOf(mlir::OpBuilder &b, mlir::Type type, int64_t value);

} // namespace tegula::frontend::tt

#endif // TEGULA_FRONTEND_TTIR_CONVERT_H
