//===- Compiler.h - The driver behind plain types ---------------*- C++ -*-===//
//
// Part of the Tegula Project, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// What the Python module needs of the compiler, without MLIR's headers and
// without exceptions. One compilation runs at a time; any thread may ask.
//
//===----------------------------------------------------------------------===//

#ifndef TEGULA_FRONTEND_PYTHON_NATIVE_COMPILER_H
#define TEGULA_FRONTEND_PYTHON_NATIVE_COMPILER_H

#include "frontend/lang/Literal.h"
#include <string>
#include <utility>
#include <variant>
#include <vector>

namespace tegula::python {

/// What one parameter of a function in the Triton language is compiled for.
struct Parameter {
  std::string name;
  /// "*f32:16", "i32", as `tegula compile` takes it; empty: a constant.
  std::string type;
  frontend::Literal constant;
};

struct Source {
  /// Names the text in messages; relative imports start at its folder.
  std::string path;
  std::string text;
  /// TTIR, whose arguments have their types; else the Triton language.
  bool isTTIR = false;
  /// Empty: the only kernel.
  std::string kernel;
  std::vector<Parameter> parameters;
  /// `name[:arch[:features]]`; empty: TEGULA_TARGET, else the best one here.
  std::string target;
  /// False: code for another machine is fine.
  bool mustRun = true;
};

struct Compiled {
  std::string name, target;
  /// The loadable artifact and what the runtime must know of it, a JSON object.
  std::string bytes, metadata;
  /// The stages that were asked for, in their order.
  std::vector<std::pair<std::string, std::string>> stages;
  /// Warnings, and why a better target was passed over; or empty.
  std::string remarks;
  bool cached = false;
};

struct Failure {
  std::string message;
  /// The source is fine, but this machine can't run the target.
  bool isUnavailable = false;
};

/// With `stages` nothing is taken from the cache of artifacts.
std::variant<Compiled, Failure> compile(const Source &source,
                                        const std::vector<std::string> &stages);

/// One stage, also one that `compile` has passed already.
std::variant<std::string, Failure> compileToStage(const Source &source,
                                                  const std::string &stage);

/// The processor that `cpu` means here: "znver4".
std::string hostProcessor();

/// Changes with every build of this module.
std::string buildId();

} // namespace tegula::python

#endif // TEGULA_FRONTEND_PYTHON_NATIVE_COMPILER_H
