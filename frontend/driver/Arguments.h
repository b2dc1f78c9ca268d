//===- Arguments.h - NAME=VALUE to kernel arguments ---*- C++ -*-===//
//
// Part of the Tegula Project, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// The command line's arguments, bound to a kernel's parameters: what the
// compiler sees of each (with Triton's specialisation: 1 becomes a constant,
// multiples of 16 are known to be ones), and what a launch passes.
//
//===----------------------------------------------------------------------===//

#ifndef TEGULA_FRONTEND_DRIVER_ARGUMENTS_H
#define TEGULA_FRONTEND_DRIVER_ARGUMENTS_H

#include "frontend/driver/Array.h"
#include "frontend/lang/Import.h"
#include <array>

namespace tegula::frontend {

/// One `NAME=VALUE` of the command line.
struct NamedText {
  std::string name, text;
  static llvm::Expected<NamedText> parse(llvm::StringRef word);
};

/// `run` has values; `compile` has types, and a number is compiled in.
enum class BindMode { Run, Compile };

struct Argument {
  std::string name;
  ArgumentSpec spec;
  /// The array behind a pointer, when the command line describes one.
  std::optional<ArraySpec> array;
  /// A number's value, for constants and run-time scalars alike.
  std::optional<Literal> value;
  /// A run-time scalar as a launch passes it, see tegula/abi.h.
  uint64_t slot = 0;

  /// Does it have a slot in the launch?
  bool isRuntime() const { return spec.kind != ArgumentSpec::Kind::Constant; }
};

struct BoundArguments {
  /// In the order of the kernel's parameters; those that take a default which
  /// the frontend supplies are absent.
  std::vector<Argument> arguments;
  /// What was chosen for the user: "@autotune: BLOCK=128, the first of 4".
  std::string note;

  const Argument *find(llvm::StringRef name) const;
  llvm::StringMap<ArgumentSpec> specs() const;
  /// The names that a grid or a heuristic may use.
  Bindings bindings() const;
};

/// Reports unknown, missing and impossible arguments; nothing after an error.
std::optional<BoundArguments> bindArguments(const ParsedFile &file,
                                            const KernelInfo &kernel,
                                            llvm::ArrayRef<NamedText> given,
                                            BindMode mode,
                                            Diagnostics &diagnostics);

/// `*f32`, `i32`, `*f32:16`; nothing if `text` names no type.
llvm::Expected<std::optional<ArgumentSpec>>
parseArgumentType(llvm::StringRef name, llvm::StringRef text);

/// One value for a parameter of a fixed type, as the arguments of .mlir
/// sources have. `pointer` says that an array is wanted.
llvm::Expected<Argument> bindTyped(llvm::StringRef name, llvm::StringRef text,
                                   DType element, bool pointer);

/// "8,2", "(8, 2)" or "cdiv(n, BLOCK)" over the arguments.
std::optional<std::array<uint32_t, 3>> evaluateGrid(llvm::StringRef text,
                                                    const Bindings &bindings,
                                                    Diagnostics &diagnostics);

} // namespace tegula::frontend

#endif // TEGULA_FRONTEND_DRIVER_ARGUMENTS_H
