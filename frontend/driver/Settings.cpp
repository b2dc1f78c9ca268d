//===- Settings.cpp - TEGULA_* as the compiler reads them ---*- C++ -*-===//
//
// Part of the Tegula Project, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "frontend/driver/Settings.h"
#include <cstdlib>

namespace tegula::frontend {

static Settings read() {
  auto text = [](const char *name) {
    const char *value = ::getenv(name);
    return std::string(value ? value : "");
  };
  auto flag = [&](const char *name) {
    std::string value = text(name);
    return !value.empty() && value != "0";
  };
  Settings result;
  result.target = text("TEGULA_TARGET");
  result.dump = text("TEGULA_DUMP");
  result.override = text("TEGULA_OVERRIDE");
  result.strictTarget = flag("TEGULA_STRICT_TARGET");
  result.alwaysCompile = flag("TEGULA_ALWAYS_COMPILE");
  result.debug = std::atoi(text("TEGULA_DEBUG").c_str());
  return result;
}

const Settings &settings() {
  static const Settings read_ = read();
  return read_;
}

} // namespace tegula::frontend
