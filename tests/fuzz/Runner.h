//===- Runner.h - Runs a case on several targets ----------------*- C++ -*-===//
//
// Part of the Tegula Project, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef TEGULA_TESTS_FUZZ_RUNNER_H
#define TEGULA_TESTS_FUZZ_RUNNER_H

#include "targets/Registry.h"
#include "tests/fuzz/Case.h"

namespace tegula::fuzz {

class Runner {
public:
  /// `targets` are spelled `name[:arch[:features]]`.
  explicit Runner(std::vector<std::string> targets)
      : names(std::move(targets)) {}

  /// Executes the case as it is in the interpreter, checks the accesses, and
  /// compares every target (fed with the raised form) with that. Gives what is
  /// wrong, empty if all agree.
  std::string run(const Case &test);

  /// The same in a process of its own: a crash or a hang is a failure too.
  std::string runIsolated(const Case &test);

private:
  std::string run(const Case &test,
                  llvm::function_ref<void(llvm::StringRef)> begins);
  llvm::Error runReference(const Case &test, Buffers &buffers);
  llvm::Error runTarget(const Case &test, llvm::StringRef spelling,
                        Buffers &buffers);

  targets::Registry registry;
  std::vector<std::string> names;
};

/// Makes a failing case smaller while `stillFails` says so.
Case shrink(Case test, llvm::function_ref<bool(const Case &)> stillFails);

} // namespace tegula::fuzz

#endif // TEGULA_TESTS_FUZZ_RUNNER_H
