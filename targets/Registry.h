//===- Registry.h - The list of targets -------------------------*- C++ -*-===//
//
// Part of the Tegula Project, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef TEGULA_TARGETS_REGISTRY_H
#define TEGULA_TARGETS_REGISTRY_H

#include "targets/Target.h"

namespace tegula::targets {

/// Every target of Targets.def, made explicitly (no static constructors: they
/// get lost in static libraries).
class Registry {
public:
  Registry();
  ~Registry();
  llvm::ArrayRef<std::unique_ptr<Target>> targets() const { return all; }
  /// The target called `name`, or an error that lists the known ones.
  llvm::Expected<const Target &> find(llvm::StringRef name) const;

private:
  std::vector<std::unique_ptr<Target>> all;
};

/// Registers every pass of the targets and of their shared lowerings.
void registerPasses();

} // namespace tegula::targets

#endif // TEGULA_TARGETS_REGISTRY_H
