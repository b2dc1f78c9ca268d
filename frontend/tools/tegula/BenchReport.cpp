//===- BenchReport.cpp - The rows of tegula bench as JSON and as a table ---*-
// C++ -*-===//
//
// Part of the Tegula Project, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "frontend/tools/tegula/BenchRow.h"
#include "frontend/tools/tegula/Tool.h"
#include <algorithm>
#include <cmath>

namespace tegula::tools {

namespace {

llvm::json::Value orNull(const std::optional<double> &value) {
  if (!value || !std::isfinite(*value))
    return nullptr;
  return *value;
}

} // namespace

llvm::json::Object toJson(const BenchRow &row) {
  llvm::json::Array shapes;
  for (const auto &shape : row.shapes)
    shapes.push_back(llvm::json::Array(shape));
  llvm::json::Object peers, peerErrors, config(row.config);
  for (const PeerResult &peer : row.peers) {
    peers[peer.name] = peer.median;
    peerErrors[peer.name] = orNull(peer.maxError);
  }
  llvm::json::Object object{{"kernel", row.kernel},
                            {"case", row.caseName},
                            {"target", row.target},
                            {"shape", std::move(shapes)},
                            {"dtype", row.dtype},
                            {"config", std::move(config)},
                            {"threads", row.threads},
                            {"limit", row.limit},
                            {"limit_value", orNull(row.limitValue)},
                            {"fraction", orNull(row.fraction)},
                            {"gflops", orNull(row.gflops)},
                            {"gbps", orNull(row.gbps)},
                            {"peers", std::move(peers)},
                            {"peer_errors", std::move(peerErrors)},
                            {"max_error", orNull(row.maxError)},
                            {"tolerance", row.tolerance}};
  bool ran = row.problem.empty();
  auto number = [&](llvm::json::Value value) {
    return ran ? std::move(value) : llvm::json::Value(nullptr);
  };
  object["seconds_median"] = number(row.median);
  object["seconds_min"] = number(row.minimum);
  object["compile_seconds"] = number(row.compileSeconds);
  object["code_bytes"] = number(row.codeBytes);
  object["dropped"] =
      row.dropped ? llvm::json::Value(row.dropped) : llvm::json::Value(nullptr);
  if (!ran)
    object["error"] = row.problem;
  return object;
}

namespace {

std::string formatShape(const BenchRow &row) {
  if (row.shapes.empty())
    return "-";
  std::string text;
  for (int64_t extent : row.shapes.front())
    text += (text.empty() ? "" : "x") + std::to_string(extent);
  return text;
}

/// A bar of eighths of a character, the plot beside the numbers.
std::string bar(double fraction) {
  std::string text;
  int filled = int(std::lround(std::clamp(fraction, 0.0, 1.0) * 10));
  for (int i = 0; i < 10; ++i)
    text += i < filled ? '#' : '.';
  return text;
}

} // namespace

void printTable(llvm::ArrayRef<BenchRow> rows, bool peers) {
  std::vector<std::string> header = {"kernel", "shape", "dtype",   "correct",
                                     "time",   "GB/s",  "GFLOP/s", "% of limit",
                                     "limit",  "plot"};
  if (peers)
    header.push_back("peers");
  Table table(header, 4);
  for (const BenchRow &row : rows) {
    bool ran = row.problem.empty();
    std::string correct = "FAILED";
    if (ran && row.maxError)
      correct =
          (row.correct ? "yes (" : "NO (") + formatNumber(*row.maxError) + ")";
    else if (ran)
      correct = "-";
    auto number = [&](const std::optional<double> &value) {
      return ran && value ? formatNumber(*value) : std::string("-");
    };
    std::vector<std::string> cells = {
        row.kernel,
        formatShape(row),
        row.dtype,
        correct,
        ran ? formatSeconds(row.median) : "-",
        number(row.gbps),
        number(row.gflops),
        ran && row.fraction ? std::to_string(int(*row.fraction * 100 + 0.5))
                            : "-",
        row.limit,
        ran && row.fraction ? bar(*row.fraction) : ""};
    if (peers) {
      std::string text;
      for (const PeerResult &peer : row.peers) {
        text += (text.empty() ? "" : ", ") + peer.name + " " +
                formatSeconds(peer.median);
        if (peer.maxError)
          text += " (" + formatNumber(*peer.maxError) + ")";
      }
      cells.push_back(text);
    }
    table.add(std::move(cells));
  }
  table.print(llvm::outs());
}

void printNotes(llvm::ArrayRef<BenchRow> rows) {
  for (const BenchRow &row : rows)
    for (const std::string &note : row.notes)
      llvm::errs() << "tegula: note: " << row.kernel << ' ' << row.caseName
                   << ' ' << row.dtype << ": " << note << '\n';
  for (const BenchRow &row : rows)
    if (!row.problem.empty())
      llvm::errs() << "tegula: error: " << row.kernel << ' ' << row.caseName
                   << ' ' << row.dtype << ": " << row.problem << '\n';
}

} // namespace tegula::tools
