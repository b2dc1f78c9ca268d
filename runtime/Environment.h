//===- Environment.h - Everything read from the environment -----*- C++ -*-===//
//
// Part of the Tegula Project, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef TEGULA_RUNTIME_ENVIRONMENT_H
#define TEGULA_RUNTIME_ENVIRONMENT_H

#include <cstdint>
#include <optional>
#include <span>
#include <string>

namespace tegula::runtime {

/// The environment variables of Tegula with their values. Read anew by each
/// call of `read`, so a test or an embedding program may change them.
struct Environment {
  std::string target;                 ///< TEGULA_TARGET
  bool strictTarget = false;          ///< TEGULA_STRICT_TARGET
  unsigned numThreads = 0;            ///< TEGULA_NUM_THREADS, 0: unset
  std::string cacheDir;               ///< TEGULA_CACHE_DIR or its default
  std::optional<uint64_t> cacheLimit; ///< TEGULA_CACHE_LIMIT
  bool alwaysCompile = false;         ///< TEGULA_ALWAYS_COMPILE
  std::string dump;                   ///< TEGULA_DUMP
  std::string overrideDir;            ///< TEGULA_OVERRIDE
  std::string openCl;                 ///< TEGULA_OPENCL
  /// Intel's OpenCL driver for processors where `./bootstrap test` puts it:
  /// beside the folder of the running program. Empty if it isn't there.
  std::string fetchedOpenCl;
  /// Where a build puts its emulators (runtime/qemu): beside that folder too.
  std::string emulators;
  int debug = 0; ///< TEGULA_DEBUG

  static Environment read();
};

/// The thread count alone, read once per process: a launch takes less than a
/// microsecond and a scan of the environment would show.
unsigned numThreadsFromEnvironment();

/// One line of `tegula --help env`.
struct EnvironmentVariable {
  const char *name;
  const char *help;
};
std::span<const EnvironmentVariable> environmentVariables();

/// How the variables are set now: "NAME=VALUE" for each that is set.
std::string describeEnvironment();

} // namespace tegula::runtime

#endif // TEGULA_RUNTIME_ENVIRONMENT_H
