//===- Tuning.h - What tegula tune has found out ---*- C++ -*-===//
//
// Part of the Tegula Project, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Timings of a kernel's configurations on one machine, kept in the user's cache
// so that later compilations take the best one. Without them everything is
// compiled as the descriptions say.
//
//   TuningRecord record = TuningRecord::load(program, "cpu:znver4");
//   if (const TuningRow *best = record.best(shapeOf(bound), configOf(bound)))
//     ... best->knobs, best->threads ...
//
//===----------------------------------------------------------------------===//

#ifndef TEGULA_FRONTEND_DRIVER_TUNING_H
#define TEGULA_FRONTEND_DRIVER_TUNING_H

#include "frontend/driver/Program.h"
#include "llvm/Support/JSON.h"

namespace tegula::frontend {

struct TuningRow {
  /// Types of the arrays and values of the integers: "a=*f32 M=1024".
  std::string shape;
  /// Values of the constexprs: "BLOCK_M=64 BLOCK_N=128".
  std::string config;
  /// Features of the target: "dot-rows=12,prefetch=0"; empty: its own.
  std::string knobs;
  /// 0: as many as the launch would take.
  unsigned threads = 0;
  double seconds = 0;
  /// What is taken from now on: it was confirmed against what is taken without
  /// tuning, which the least of many timings is not.
  bool chosen = false;
};

/// Of whom a record speaks: the arguments of a launch without and with those
/// that are its constexprs.
std::string shapeOf(const BoundArguments &bound, const Program &program);
std::string configOf(const BoundArguments &bound, const Program &program);

class TuningRecord {
public:
  /// What is known of a kernel (its source and name) on a target (`desc.name`,
  /// without knobs); nothing, maybe.
  static TuningRecord load(const Program &program, llvm::StringRef target);

  /// The chosen row of a shape, or null; with `config`, if it has that
  /// configuration.
  const TuningRow *best(llvm::StringRef shape,
                        std::optional<llvm::StringRef> config) const;
  /// Replaces the row of the same shape, configuration, knobs and threads. A
  /// row that is chosen takes that from the shape's other ones.
  void add(TuningRow row);
  /// Forgets the rows of a shape.
  void forget(llvm::StringRef shape);
  llvm::ArrayRef<TuningRow> rows() const { return known; }
  const std::string &kernelName() const { return kernel; }
  const std::string &targetName() const { return target; }

  /// Into the user's cache. A cache that can't be written is an error here:
  /// tuning is asked for to be kept.
  llvm::Error save() const;

  /// A file of records, for another machine of the kind.
  llvm::json::Value toJson() const;
  static llvm::Expected<TuningRecord> fromJson(const llvm::json::Value &value);

private:
  std::string key, kernel, target;
  std::vector<TuningRow> known;
};

/// The configuration of @autotune that was the fastest for arguments that were
/// bound without one, as words for another bind; nothing if none was tried.
std::optional<std::vector<NamedText>>
tunedConfig(const Program &program, const BoundArguments &bound,
            llvm::ArrayRef<NamedText> given, llvm::StringRef target);

} // namespace tegula::frontend

#endif // TEGULA_FRONTEND_DRIVER_TUNING_H
