//===- Settings.h - TEGULA_* as the compiler reads them ---*- C++ -*-===//
//
// Part of the Tegula Project, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef TEGULA_FRONTEND_DRIVER_SETTINGS_H
#define TEGULA_FRONTEND_DRIVER_SETTINGS_H

#include <string>

namespace tegula::frontend {

/// Read once from runtime/Environment, where each variable is described.
struct Settings {
  std::string target, dump, override;
  bool strictTarget = false, alwaysCompile = false;
  int debug = 0;
};

const Settings &settings();

} // namespace tegula::frontend

#endif // TEGULA_FRONTEND_DRIVER_SETTINGS_H
