//===- AnalysisTest.h - Parses functions for the tests ----------*- C++ -*-===//
//
// Part of the Tegula Project, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef TEGULA_IR_ANALYSIS_TESTS_ANALYSISTEST_H
#define TEGULA_IR_ANALYSIS_TESTS_ANALYSISTEST_H

#include "ir/tile/Tile.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/Dialect/SCF/IR/SCF.h"
#include "mlir/IR/BuiltinOps.h"
#include "mlir/Parser/Parser.h"
#include <doctest/doctest.h>

namespace tegula::ir::test {

/// The first function of a text; its ops are found by a `name` attribute.
class Parsed {
public:
  explicit Parsed(llvm::StringRef text)
      : context(mlir::MLIRContext::Threading::DISABLED) {
    context.loadDialect<tile::TileDialect, mlir::arith::ArithDialect,
                        mlir::func::FuncDialect, mlir::scf::SCFDialect>();
    module = mlir::parseSourceString<mlir::ModuleOp>(
        text, mlir::ParserConfig(&context));
    REQUIRE(module);
    function = *module->getOps<mlir::func::FuncOp>().begin();
  }
  mlir::Operation *find(llvm::StringRef name) {
    mlir::Operation *found = nullptr;
    function.walk([&](mlir::Operation *op) {
      auto attribute = op->getAttrOfType<mlir::StringAttr>("name");
      if (attribute && attribute.getValue() == name)
        found = op;
    });
    REQUIRE(found);
    return found;
  }

  mlir::MLIRContext context;
  mlir::OwningOpRef<mlir::ModuleOp> module;
  mlir::func::FuncOp function;
};

} // namespace tegula::ir::test

#endif // TEGULA_IR_ANALYSIS_TESTS_ANALYSISTEST_H
