//===- tegula-opt.cpp - Run any pass of Tegula on IR ------------*- C++ -*-===//
//
// Part of the Tegula Project, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "ir/passes/Passes.h"
#include "ir/tile/Tile.h"
#include "mlir/InitAllDialects.h"
#include "mlir/Tools/mlir-opt/MlirOptMain.h"
#include "mlir/Transforms/Passes.h"
#include "targets/Registry.h"
#include "targets/common/llvm/Emit.h"

int main(int argc, char **argv) {
  mlir::DialectRegistry registry;
  mlir::registerAllDialects(registry);
  registry.insert<tegula::tile::TileDialect>();
  tegula::targets::registerLLVMEmission(registry);
  mlir::registerTransformsPasses();
  tegula::ir::registerPasses();
  tegula::targets::registerPasses();
  return mlir::asMainReturnCode(
      mlir::MlirOptMain(argc, argv, "Tegula optimizer driver\n", registry));
}
