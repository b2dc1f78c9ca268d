//===- Metadata.h - What a kernel's metadata says ---------------*- C++ -*-===//
//
// Part of the Tegula Project, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef TEGULA_RUNTIME_CPU_METADATA_H
#define TEGULA_RUNTIME_CPU_METADATA_H

#include "runtime/cpu/Module.h"

namespace tegula::runtime {

/// Fills in what tegula_module_load's metadata says: of several variants, the
/// first that this processor runs. Returns what is wrong, or nothing.
std::string readMetadata(const char *text, tegula_module &module);

} // namespace tegula::runtime

#endif // TEGULA_RUNTIME_CPU_METADATA_H
