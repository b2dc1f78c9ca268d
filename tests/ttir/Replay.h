//===- Replay.h - One recorded module through all stages --------*- C++ -*-===//
//
// Part of the Tegula Project, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef TEGULA_TESTS_TTIR_REPLAY_H
#define TEGULA_TESTS_TTIR_REPLAY_H

#include "frontend/driver/Context.h"
#include <array>
#include <functional>
#include <string>

namespace tegula::replay {

/// How far a module has come, or is to go.
enum class Stage { Import, Compile, Run };

struct Options {
  Stage until = Stage::Run;
  std::string target = "cpu";
  uint64_t seed = 1;
  std::array<uint32_t, 3> grid = {2, 2, 1};
};

struct Outcome {
  enum class Kind { Ok, Waits, Failed };
  Kind kind = Kind::Ok;
  /// What was reached; for a failure, where it happened.
  Stage stage = Stage::Import;
  /// Milliseconds of processor time: the import, and all from the text to the
  /// artifact.
  double importMs = 0, compileMs = 0;
  std::string message;
};

/// `entered` hears of each stage before it begins: the process may end in it.
Outcome replay(frontend::CompileContext &context, const std::string &path,
               const Options &options,
               const std::function<void(Stage)> &entered);

llvm::StringRef stringifyStage(Stage stage);

} // namespace tegula::replay

#endif // TEGULA_TESTS_TTIR_REPLAY_H
