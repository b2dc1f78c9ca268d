//===- Interpreter.h - Reference semantics of tile IR -----------*- C++ -*-===//
//
// Part of the Tegula Project, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Executes a kernel op by op as the descriptions of ir/tile say, on arrays in
// this process's memory. It is the oracle for every target and the engine of
// `tegula check`.
//
//   auto interpreter = Interpreter::create(kernel);   // un-raised or raised
//   InterpreterOptions options;
//   options.check = true;
//   std::vector<Report> reports;
//   llvm::Error error = (*interpreter)->launch(
//       {{grid, 1, 1}, slots, extents}, options, &reports);
//
// Programs start in increasing linear id. In linear order each runs until it
// ends or must wait for another one; in random order the running program
// changes at every atomic, as the seed says.
//
//===----------------------------------------------------------------------===//

#ifndef TEGULA_IR_INTERP_INTERPRETER_H
#define TEGULA_IR_INTERP_INTERPRETER_H

#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "llvm/Support/Error.h"
#include <array>
#include <functional>
#include <memory>
#include <string>
#include <vector>

namespace tegula::ir {

namespace interp {
struct Function;
} // namespace interp

/// Something wrong that a launch did.
struct Report {
  enum class Kind {
    OutOfBounds,
    Misaligned,
    UnspecifiedLane,
    Race,
    GatherIndex,
    AssertFailed,
    AddressOverflow,
    Deadlock
  };
  Kind kind = Kind::OutOfBounds;
  std::string message;
  std::string kernel;
  /// Where the op was written; line 0 where that isn't known.
  std::string file;
  unsigned line = 0, column = 0;
  std::array<uint32_t, 3> program = {0, 0, 0};
  /// The array that the access goes to and the element's index in it, counted
  /// from the pointer argument; empty where no one argument is its origin.
  std::string array;
  int64_t index = 0;
  /// How often this happened at this place; the rest describes the first time.
  uint64_t count = 1;

  /// One line: "file:12:4: kernel `k`, program (3, 0, 0): out of bounds: ...".
  std::string text() const;
};

llvm::StringRef stringifyReportKind(Report::Kind kind);

struct InterpreterOptions {
  enum class Order { Linear, Random };
  Order order = Order::Linear;
  uint64_t seed = 0;
  /// Looks for all kinds of reports and goes on after one. Without it, the
  /// first access outside the extents or failed assertion ends the launch.
  bool check = false;
  /// Different reports that are kept.
  unsigned maxReports = 100;
  /// Work (about one unit for an op on 16 elements) that a program may do
  /// before memory changes; then the launch ends with a report.
  uint64_t maxIdleWork = uint64_t(1) << 28;
  /// Takes each line of `tile.print`, those of a program together when it ends;
  /// standard output where empty.
  std::function<void(llvm::StringRef line)> print;
};

/// Arguments as tegula/abi.h packs them, one slot for each argument of the
/// function; `extents` has the bytes behind each pointer, 0 (or no entry at
/// all) where unknown: such arrays are accessed without a bounds check.
struct InterpreterLaunch {
  std::array<uint32_t, 3> grid = {1, 1, 1};
  llvm::ArrayRef<uint64_t> slots;
  llvm::ArrayRef<uint64_t> extents;
};

class Interpreter {
public:
  /// Prepares a kernel, once. The error names the first op that can't be
  /// executed and its place. The function need not outlive the interpreter.
  static llvm::Expected<std::unique_ptr<Interpreter>>
  create(mlir::func::FuncOp kernel);
  ~Interpreter();

  /// Runs all programs of the grid. Safe from several threads at once. With
  /// `options.check` what is found goes to `reports` and the launch succeeds.
  llvm::Error launch(const InterpreterLaunch &launch,
                     const InterpreterOptions &options = {},
                     std::vector<Report> *reports = nullptr) const;

private:
  explicit Interpreter(std::unique_ptr<interp::Function> function);
  std::unique_ptr<interp::Function> function;
};

} // namespace tegula::ir

#endif // TEGULA_IR_INTERP_INTERPRETER_H
