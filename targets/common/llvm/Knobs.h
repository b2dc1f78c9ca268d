//===- Knobs.h - Numbers of a description that may be turned ---*- C++ -*-===//
//
// Part of the Tegula Project, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// What generated loops owe to a guess about the machine, by name: a target's
// features may set them (`cpu:native:dot-rows=12,prefetch=0`), and `tegula
// tune` tries them.
//
//===----------------------------------------------------------------------===//

#ifndef TEGULA_TARGETS_COMMON_LLVM_KNOBS_H
#define TEGULA_TARGETS_COMMON_LLVM_KNOBS_H

#include "targets/TargetDesc.h"
#include "llvm/ADT/ArrayRef.h"
#include "llvm/ADT/StringRef.h"
#include "llvm/Support/Error.h"

namespace tegula::targets {

struct Knob {
  llvm::StringRef name, help;
  unsigned least, most;
  /// What is worth a try, whatever the machine.
  llvm::ArrayRef<unsigned> values;
  unsigned (*get)(const TargetDesc &desc);
  void (*set)(TargetDesc &desc, unsigned value);
};

llvm::ArrayRef<Knob> knobs();

/// Sets one knob, given as `name=value`. The error lists the names, or the
/// range.
llvm::Error setKnob(TargetDesc &desc, llvm::StringRef assignment);

} // namespace tegula::targets

#endif // TEGULA_TARGETS_COMMON_LLVM_KNOBS_H
