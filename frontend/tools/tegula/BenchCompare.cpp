//===- BenchCompare.cpp - tegula bench against an older run ---*- C++ -*-===//
//
// Part of the Tegula Project, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "frontend/tools/tegula/BenchRow.h"
#include "frontend/tools/tegula/Tool.h"
#include "llvm/Support/MemoryBuffer.h"
#include <cmath>

namespace tegula::tools {

namespace {

/// Less than this is what two runs of the same code may differ by.
constexpr double kNoise = 0.10;

struct OldRow {
  double seconds = 0;
  std::optional<double> fraction;
};

/// What makes two rows the same measurement.
std::string keyOf(llvm::StringRef kernel, llvm::StringRef caseName,
                  llvm::StringRef dtype, int64_t threads) {
  return llvm::formatv("{0} {1} {2} {3}", kernel, caseName, dtype, threads);
}

llvm::Expected<std::map<std::string, OldRow>> readRows(llvm::StringRef file) {
  auto buffer = llvm::MemoryBuffer::getFileOrSTDIN(file);
  if (!buffer)
    return llvm::createStringError(
        "'" + file + "' can't be read: " + buffer.getError().message());
  auto parsed = llvm::json::parse((*buffer)->getBuffer());
  if (!parsed)
    return llvm::createStringError(
        "'" + file + "' is no JSON: " + llvm::toString(parsed.takeError()));
  const llvm::json::Array *array = parsed->getAsArray();
  if (!array)
    return llvm::createStringError(
        "'" + file + "' is no list of rows as tegula bench --json prints it");
  std::map<std::string, OldRow> rows;
  for (const llvm::json::Value &value : *array) {
    const llvm::json::Object *row = value.getAsObject();
    // A case that failed then has no time.
    if (!row || !row->getNumber("seconds_median"))
      continue;
    OldRow &old = rows[keyOf(row->getString("kernel").value_or(""),
                             row->getString("case").value_or(""),
                             row->getString("dtype").value_or(""),
                             row->getInteger("threads").value_or(0))];
    old.seconds = *row->getNumber("seconds_median");
    old.fraction = row->getNumber("fraction");
  }
  return rows;
}

} // namespace

llvm::Expected<int> printComparison(llvm::ArrayRef<BenchRow> rows,
                                    llvm::StringRef oldFile) {
  auto old = readRows(oldFile);
  if (!old)
    return old.takeError();
  int slower = 0;
  auto percent = [](const std::optional<double> &fraction) {
    return fraction ? std::to_string(int(std::lround(*fraction * 100)))
                    : std::string("-");
  };
  Table table({"kernel", "case", "dtype", "then", "now", "% then", "% now",
               "speed-up", ""},
              3);
  for (const BenchRow &row : rows) {
    auto found = old->find(
        keyOf(row.kernel, row.caseName, row.dtype, int64_t(row.threads)));
    if (found == old->end() || !row.problem.empty()) {
      table.add(
          {row.kernel, row.caseName, row.dtype,
           found == old->end() ? "-" : formatSeconds(found->second.seconds),
           row.problem.empty() ? formatSeconds(row.median) : "failed", "-",
           percent(row.fraction), "-", row.problem.empty() ? "new" : "FAILED"});
      slower += !row.problem.empty() && found != old->end();
      continue;
    }
    const OldRow &then = found->second;
    double speedUp = then.fraction && row.fraction
                         ? *row.fraction / *then.fraction
                         : then.seconds / row.median;
    bool isSlower = speedUp < 1 / (1 + kNoise);
    slower += isSlower;
    table.add({row.kernel, row.caseName, row.dtype, formatSeconds(then.seconds),
               formatSeconds(row.median), percent(then.fraction),
               percent(row.fraction), formatNumber(speedUp),
               isSlower               ? "SLOWER"
               : speedUp > 1 + kNoise ? "faster"
                                      : ""});
  }
  llvm::raw_ostream &os = llvm::errs();
  os << "\nAgainst " << oldFile << ":\n";
  table.print(os);
  return slower;
}

} // namespace tegula::tools
