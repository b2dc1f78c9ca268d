//===- Select.h - Which target runs a kernel --------------------*- C++ -*-===//
//
// Part of the Tegula Project, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// The whole policy, as one function over plain data:
//
// - A named target wins. If it can't do the job that is an error: nobody who
//   named a target gets another one.
// - Without a name the devices come first, in the order of the registry, this
//   processor last. Emulated targets are never chosen.
// - A device that is present but can't compile this kernel is passed over with
//   one line that says why; in strict mode that is an error.
//
// Whether a kernel can be compiled is known before it runs, so the choice is
// made once per kernel, at compile time.
//
//===----------------------------------------------------------------------===//

#ifndef TEGULA_TARGETS_SELECT_H
#define TEGULA_TARGETS_SELECT_H

#include "targets/Target.h"

namespace tegula::targets {

/// `name[:arch[:features]]`.
struct TargetSpelling {
  std::string name, arch, features;
  static TargetSpelling parse(llvm::StringRef text);
  std::string str() const;
};

/// What selection knows of one target.
struct Candidate {
  std::string name;
  Place place = Place::Processor;
  /// Can artifacts run here, now?
  Support available;
  /// Can this kernel be compiled for it?
  Support compiles;
};

struct SelectionRequest {
  /// Empty: the best one.
  std::string named = {};
  /// The kernel, for the line about a fallback.
  std::string kernel = {};
  /// TEGULA_STRICT_TARGET: a fallback is an error.
  bool strict = false;
  /// False when only machine code is wanted: any known target will do, and
  /// without a name it is this processor.
  bool mustRun = true;
};

struct Selection {
  /// Index of the chosen candidate.
  size_t index = 0;
  /// Empty, or why a better target was passed over, e.g. "kernel softmax:
  /// nvidia can't compile it (tile.histogram: no lowering); using cpu".
  std::string fallback;
};

/// The target exists but can't run here: exit status 3 of the tools.
class TargetUnavailable : public llvm::ErrorInfo<TargetUnavailable> {
public:
  static char ID;
  TargetUnavailable(std::string message) : message(std::move(message)) {}
  void log(llvm::raw_ostream &os) const override { os << message; }
  std::error_code convertToErrorCode() const override {
    return std::make_error_code(std::errc::no_such_device);
  }

private:
  std::string message;
};

/// The same machine, simulated: for `--on sim` and tests.
inline TargetDesc onSimulator(TargetDesc desc) {
  desc.place = Place::Emulation;
  return desc;
}

llvm::Expected<Selection> select(llvm::ArrayRef<Candidate> candidates,
                                 const SelectionRequest &request);

} // namespace tegula::targets

#endif // TEGULA_TARGETS_SELECT_H
