//===- Triton.h - The dialect of TTIR text ----------------------*- C++ -*-===//
//
// Part of the Tegula Project, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Lives only between the parser and ConvertToTile. The ops and their syntax are
// in TritonOps.td.
//
//===----------------------------------------------------------------------===//

#ifndef TEGULA_FRONTEND_TTIR_TRITON_H
#define TEGULA_FRONTEND_TTIR_TRITON_H

#include "mlir/Bytecode/BytecodeOpInterface.h"
#include "mlir/IR/BuiltinTypes.h"
#include "mlir/IR/Dialect.h"
#include "mlir/IR/OpDefinition.h"
#include "mlir/IR/OpImplementation.h"
#include "mlir/IR/SymbolTable.h"
#include "mlir/Interfaces/ControlFlowInterfaces.h"
#include "mlir/Interfaces/FunctionInterfaces.h"
#include "mlir/Interfaces/InferTypeOpInterface.h"
#include "mlir/Interfaces/SideEffectInterfaces.h"

#include "frontend/ttir/TritonDialect.h.inc"
#include "frontend/ttir/TritonGPUDialect.h.inc"

#include "frontend/ttir/TritonEnums.h.inc"

#define GET_TYPEDEF_CLASSES
#include "frontend/ttir/TritonTypes.h.inc"

#define GET_ATTRDEF_CLASSES
#include "frontend/ttir/TritonAttrs.h.inc"

namespace tegula::frontend::tt {
/// A pointer to a scalar or a block, or a tensor of pointers.
bool isPtrLike(mlir::Type type);
/// `!tt.ptr<tensor<64x32xf16>>`.
bool isBlockPtr(mlir::Type type);
/// What a load through `type`, which is pointer-like, gives.
mlir::Type pointeeOf(mlir::Type type);
/// i1 in the shape of `type`.
mlir::Type maskOf(mlir::Type type);
/// The pointer to an element that a pointer to a block is made from.
mlir::Type baseOf(mlir::Type blockPtr);
/// An element of a descriptor as memory and tensors have it: i8 for ui8.
mlir::Type signless(mlir::Type element);
} // namespace tegula::frontend::tt

#define GET_OP_CLASSES
#include "frontend/ttir/TritonOps.h.inc"

#define GET_OP_CLASSES
#include "frontend/ttir/TritonGPUOps.h.inc"

#endif // TEGULA_FRONTEND_TTIR_TRITON_H
