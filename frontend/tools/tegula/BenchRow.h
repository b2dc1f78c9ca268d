//===- BenchRow.h - One line of tegula bench ---*- C++ -*-===//
//
// Part of the Tegula Project, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// What is measured of one case of one kernel on one dtype, and the forms in
// which it is shown: JSON (INTERFACES.md), a table, a comparison with an older
// run, a roofline plot.
//
//===----------------------------------------------------------------------===//

#ifndef TEGULA_FRONTEND_TOOLS_BENCHROW_H
#define TEGULA_FRONTEND_TOOLS_BENCHROW_H

#include "llvm/Support/JSON.h"
#include "llvm/Support/raw_ostream.h"
#include <optional>
#include <string>
#include <vector>

namespace tegula::tools {

class Probes;

/// Another implementation of the kernel, timed in turn with ours.
struct PeerResult {
  std::string name;
  double median = 0;
  /// Against float64, as ours; nothing where it has no output of the kernel's.
  std::optional<double> maxError = std::nullopt;
};

struct BenchRow {
  std::string kernel, caseName, target, dtype, limit = "none", problem;
  std::vector<std::vector<int64_t>> shapes;
  llvm::json::Object config;
  unsigned threads = 1;
  double median = 0, minimum = 0, compileSeconds = 0;
  int64_t codeBytes = 0;
  /// Operations and compulsory bytes of one run; 0 where unknown.
  double flops = 0, bytes = 0;
  std::optional<double> gflops, gbps, limitValue, fraction, maxError;
  double tolerance = 0;
  std::vector<PeerResult> peers;
  /// Peers that were asked for and can't do this case.
  std::vector<std::string> notes;
  int dropped = 0;
  bool correct = true;
};

llvm::json::Object toJson(const BenchRow &row);

void printTable(llvm::ArrayRef<BenchRow> rows, bool peers);
/// To the standard error output: what went wrong, which peers couldn't do what.
void printNotes(llvm::ArrayRef<BenchRow> rows);

/// Rows beside those of an older run's JSON: the shares of the limits where
/// both have one, which a slower machine changes less than times, else the
/// times. Returns how many got slower by more than a tenth.
llvm::Expected<int> printComparison(llvm::ArrayRef<BenchRow> rows,
                                    llvm::StringRef oldFile);

/// Arithmetic per byte against operations per second, both logarithmic, under
/// the measured limits: an SVG picture.
void drawRoofline(llvm::ArrayRef<BenchRow> rows, Probes &probes,
                  llvm::raw_ostream &os);

} // namespace tegula::tools

#endif // TEGULA_FRONTEND_TOOLS_BENCHROW_H
