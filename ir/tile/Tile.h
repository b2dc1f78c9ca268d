//===- Tile.h - The tile dialect --------------------------------*- C++ -*-===//
//
// Part of the Tegula Project, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// The dialect that every frontend produces and every target consumes. The ops
// are specified in TileOps.td, TileMemoryOps.td and TileComputeOps.td; what
// they mean is executed in ir/interp.
//
//===----------------------------------------------------------------------===//

#ifndef TEGULA_IR_TILE_TILE_H
#define TEGULA_IR_TILE_TILE_H

#include "mlir/Bytecode/BytecodeOpInterface.h"
#include "mlir/IR/BuiltinTypes.h"
#include "mlir/IR/Dialect.h"
#include "mlir/IR/OpDefinition.h"
#include "mlir/IR/OpImplementation.h"
#include "mlir/Interfaces/ControlFlowInterfaces.h"
#include "mlir/Interfaces/InferTypeOpInterface.h"
#include "mlir/Interfaces/SideEffectInterfaces.h"

#include "ir/tile/TileDialect.h.inc"
#include "ir/tile/TileEnums.h.inc"

#define GET_TYPEDEF_CLASSES
#include "ir/tile/TileTypes.h.inc"

#define GET_ATTRDEF_CLASSES
#include "ir/tile/TileAttrs.h.inc"

namespace tegula::tile {
/// The element type of a tensor, the type itself otherwise.
mlir::Type elementTypeOf(mlir::Type type);
/// `type` with its element replaced: shapes are kept, scalars become `element`.
mlir::Type withElementType(mlir::Type type, mlir::Type element);
/// The shape of a tensor, empty for a scalar.
llvm::ArrayRef<int64_t> shapeOf(mlir::Type type);
/// Bits of a scalar in memory: i1 takes 8, a pointer 64.
unsigned storageBits(mlir::Type element);

bool isPtrLike(mlir::Type type);
bool isIntLike(mlir::Type type);
bool isBoolLike(mlir::Type type);
bool isFloatLike(mlir::Type type);
} // namespace tegula::tile

#define GET_OP_CLASSES
#include "ir/tile/TileOps.h.inc"

#endif // TEGULA_IR_TILE_TILE_H
