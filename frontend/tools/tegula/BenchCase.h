//===- BenchCase.h - Timing one case of one kernel ---*- C++ -*-===//
//
// Part of the Tegula Project, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef TEGULA_FRONTEND_TOOLS_BENCHCASE_H
#define TEGULA_FRONTEND_TOOLS_BENCHCASE_H

#include "frontend/driver/CorpusCase.h"
#include "frontend/tools/tegula/BenchRow.h"
#include "frontend/tools/tegula/Probes.h"
#include "frontend/tools/tegula/PythonPeers.h"

namespace tegula::tools {

/// How all cases are timed.
struct BenchSettings {
  std::string target;
  unsigned threads = 0;
  /// Seconds spent on each variant.
  double budget = 0.3;
  /// Peers of the spec, and those in Python; names are checked.
  bool nativePeers = true;
  std::vector<std::string> onlyPeers, pythonPeers;
};

/// Compiles, checks and times a case on one dtype, and its peers in turn with
/// it. What goes wrong is the row's `problem`. `python` may be null.
BenchRow benchCase(const BenchSettings &settings,
                   frontend::CompileContext &context, Probes &probes,
                   PythonPeers *python, const corpus::Spec &spec,
                   const corpus::Case &testCase, llvm::StringRef dtype);

} // namespace tegula::tools

#endif // TEGULA_FRONTEND_TOOLS_BENCHCASE_H
