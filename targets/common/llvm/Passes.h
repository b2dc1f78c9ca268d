//===- Passes.h - Passes of every LLVM-backed machine -----------*- C++ -*-===//
//
// Part of the Tegula Project, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef TEGULA_TARGETS_COMMON_LLVM_PASSES_H
#define TEGULA_TARGETS_COMMON_LLVM_PASSES_H

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/LLVMIR/LLVMDialect.h"
#include "mlir/Dialect/Math/IR/Math.h"
#include "mlir/Dialect/SCF/IR/SCF.h"
#include "mlir/Dialect/UB/IR/UBOps.h"
#include "mlir/Dialect/Vector/IR/VectorOps.h"
#include "mlir/IR/BuiltinOps.h"
#include "mlir/Pass/Pass.h"

namespace tegula::targets {

#define GEN_PASS_DECL
#define GEN_PASS_REGISTRATION
#include "targets/common/llvm/Passes.h.inc"

} // namespace tegula::targets

#endif // TEGULA_TARGETS_COMMON_LLVM_PASSES_H
