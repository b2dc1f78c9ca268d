//===- ArtifactCache.h - Artifacts on disk ---*- C++ -*-===//
//
// Part of the Tegula Project, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef TEGULA_FRONTEND_DRIVER_ARTIFACTCACHE_H
#define TEGULA_FRONTEND_DRIVER_ARTIFACTCACHE_H

#include "targets/Target.h"
#include <optional>

namespace tegula::frontend {

/// The key of an artifact: everything that its bytes depend on.
std::string artifactKey(const targets::TargetDesc &desc,
                        llvm::StringRef tileText);

std::optional<targets::Artifact> loadArtifact(llvm::StringRef key);
/// A cache that can't be written is no error: the next run compiles again.
void storeArtifact(llvm::StringRef key, const targets::Artifact &artifact);

} // namespace tegula::frontend

#endif // TEGULA_FRONTEND_DRIVER_ARTIFACTCACHE_H
