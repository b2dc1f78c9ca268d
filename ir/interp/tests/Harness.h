//===- Harness.h - Parses and runs kernels for the tests --------*- C++ -*-===//
//
// Part of the Tegula Project, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef TEGULA_IR_INTERP_TESTS_HARNESS_H
#define TEGULA_IR_INTERP_TESTS_HARNESS_H

#include "ir/interp/Interpreter.h"
#include "ir/tile/Tile.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/ControlFlow/IR/ControlFlowOps.h"
#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/Dialect/Math/IR/Math.h"
#include "mlir/Dialect/SCF/IR/SCF.h"
#include "mlir/Dialect/UB/IR/UBOps.h"
#include "mlir/IR/BuiltinOps.h"
#include "mlir/IR/Diagnostics.h"
#include "mlir/Parser/Parser.h"
#include <cstring>
#include <doctest/doctest.h>

namespace tegula::ir::test {

/// A kernel that was parsed from text; the first function of the module.
class Kernel {
public:
  explicit Kernel(llvm::StringRef text) {
    mlir::DialectRegistry registry;
    registry.insert<tile::TileDialect, mlir::arith::ArithDialect,
                    mlir::cf::ControlFlowDialect, mlir::func::FuncDialect,
                    mlir::math::MathDialect, mlir::scf::SCFDialect,
                    mlir::ub::UBDialect>();
    context.appendDialectRegistry(registry);
    context.disableMultithreading();
    module = mlir::parseSourceString<mlir::ModuleOp>(
        text, mlir::ParserConfig(&context), "kernel.mlir");
    REQUIRE(module);
    auto function = *module->getOps<mlir::func::FuncOp>().begin();
    auto made = Interpreter::create(function);
    if (made)
      interpreter = std::move(*made);
    else
      error = llvm::toString(made.takeError());
  }

  /// An array argument; its extent is known to the launch.
  template <typename T> Kernel &array(std::vector<T> &values) {
    slots.push_back(reinterpret_cast<uint64_t>(values.data()));
    extents.push_back(values.size() * sizeof(T));
    return *this;
  }
  template <typename T> Kernel &scalar(T value) {
    uint64_t slot = 0;
    std::memcpy(&slot, &value, sizeof(T));
    slots.push_back(slot);
    extents.push_back(0);
    return *this;
  }
  /// Runs `programs` programs; gives the error's text, empty if it went well.
  std::string run(uint32_t programs = 1) { return run({programs, 1, 1}); }
  std::string run(std::array<uint32_t, 3> grid) {
    REQUIRE_MESSAGE(interpreter, error);
    reports.clear();
    InterpreterLaunch launch{grid, slots, extents};
    return llvm::toString(interpreter->launch(launch, options, &reports));
  }
  /// Runs with all checks on.
  std::vector<Report> &check(uint32_t programs = 1) {
    options.check = true;
    CHECK(run(programs) == "");
    return reports;
  }

  mlir::MLIRContext context;
  mlir::OwningOpRef<mlir::ModuleOp> module;
  std::unique_ptr<Interpreter> interpreter;
  std::string error;
  InterpreterOptions options;
  std::vector<uint64_t> slots, extents;
  std::vector<Report> reports;
};

/// A kernel that loads a tensor of each type of `ins` (%a0, %a1, ... from the
/// arguments %p0, %p1, ...), does `body` and stores its %r to the last
/// argument. Types are written as in "8xi32"; ranks above 1 are loaded flat and
/// reshaped.
inline std::string unit(std::vector<std::string> ins, std::string out,
                        std::string body) {
  std::string arguments, loads;
  auto split = [](const std::string &type) {
    size_t at = type.rfind('x');
    std::string element = type.substr(at + 1);
    int64_t count = 1;
    llvm::SmallVector<llvm::StringRef> sizes;
    llvm::StringRef(type).take_front(at).split(sizes, 'x');
    for (llvm::StringRef size : sizes)
      count *= std::stoll(size.str());
    return std::make_pair(element, std::to_string(count));
  };
  auto pointers = [&](const std::string &name, const std::string &type) {
    auto [element, count] = split(type);
    std::string ptr = "!tile.ptr<" + element + ">";
    std::string tensor = "tensor<" + count + "x" + ptr + ">";
    return "%" + name + "r = tile.range 0 to " + count + " : tensor<" + count +
           "xi32>\n%" + name + "s = tile.splat %" + name + " : " + ptr +
           " -> " + tensor + "\n%" + name + "p = tile.ptr_add %" + name +
           "s, %" + name + "r : " + tensor + ", tensor<" + count + "xi32>\n";
  };
  for (size_t k = 0; k < ins.size(); ++k) {
    std::string n = std::to_string(k);
    auto [element, count] = split(ins[k]);
    arguments += "%p" + n + ": !tile.ptr<" + element + ">, ";
    loads += pointers("p" + n, ins[k]) + "%f" + n + " = tile.load %p" + n +
             "p : tensor<" + count + "x!tile.ptr<" + element + ">>\n%a" + n +
             " = tile.reshape %f" + n + " : tensor<" + count + "x" + element +
             "> -> tensor<" + ins[k] + ">\n";
  }
  auto [element, count] = split(out);
  return "func.func @unit(" + arguments + "%o: !tile.ptr<" + element +
         ">) {\n" + loads + body + "\n%flat = tile.reshape %r : tensor<" + out +
         "> -> tensor<" + count + "x" + element + ">\n" + pointers("o", out) +
         "tile.store %op, %flat : tensor<" + count + "x!tile.ptr<" + element +
         ">>\nreturn\n}\n";
}

/// `unit`, run on arrays; the result has as many elements as `out` says.
template <typename R, typename... A>
std::vector<R> evaluate(std::vector<std::string> ins, std::string out,
                        std::string body, std::vector<A>... arguments) {
  Kernel kernel(unit(ins, out, body));
  size_t count = 1;
  llvm::SmallVector<llvm::StringRef> sizes;
  llvm::StringRef(out).split(sizes, 'x');
  for (llvm::StringRef size : llvm::ArrayRef(sizes).drop_back())
    count *= std::stoll(size.str());
  std::vector<R> result(count);
  (kernel.array(arguments), ...);
  kernel.array(result);
  CHECK(kernel.run() == "");
  return result;
}

} // namespace tegula::ir::test

#endif // TEGULA_IR_INTERP_TESTS_HARNESS_H
