//===- Features.h - What this processor can ---------------------*- C++ -*-===//
//
// Part of the Tegula Project, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// A kernel's metadata says what its code needs of a processor: `requires` in
// tegula/runtime.h. The compiler writes those of the names below that its
// target has; the runtime refuses a kernel whose names this processor lacks.
//
//===----------------------------------------------------------------------===//

#ifndef TEGULA_RUNTIME_CPU_FEATURES_H
#define TEGULA_RUNTIME_CPU_FEATURES_H

#include <span>
#include <string>
#include <vector>

namespace tegula::runtime {

struct Requirements {
  std::string architecture; ///< As LLVM's triples begin: "x86_64"
  std::vector<std::string> features;
  /// The length of a scalable register that the code was compiled for; 0: any.
  unsigned vectorBits = 0;
};

/// The features that code of an architecture may need, as LLVM spells them;
/// none for an unknown architecture.
std::span<const char *const> codeFeatures(const std::string &architecture);

/// Can this process use a feature, which must be one of `codeFeatures`? Asks
/// the system for it where that is needed.
bool hasFeature(const std::string &name);

/// Why code that needs this doesn't run here, or nothing: "this processor lacks
/// avx512f".
std::string findMissing(const Requirements &requirements);

} // namespace tegula::runtime

#endif // TEGULA_RUNTIME_CPU_FEATURES_H
