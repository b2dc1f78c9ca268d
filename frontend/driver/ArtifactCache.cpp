//===- ArtifactCache.cpp - Artifacts on disk ---*- C++ -*-===//
//
// Part of the Tegula Project, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "frontend/driver/ArtifactCache.h"
#include "frontend/driver/Compile.h"
#include "llvm/ADT/StringExtras.h"
#include "llvm/Support/SHA256.h"
#include <sys/stat.h>

namespace tegula::frontend {

std::string buildId() {
  struct stat exe;
  if (::stat("/proc/self/exe", &exe) != 0)
    return LLVM_VERSION_STRING;
  return std::string(LLVM_VERSION_STRING) + "-" + std::to_string(exe.st_size) +
         "-" + std::to_string(exe.st_mtim.tv_sec) + "." +
         std::to_string(exe.st_mtim.tv_nsec);
}

std::string artifactKey(const targets::TargetDesc &desc,
                        llvm::StringRef tileText) {
  llvm::SHA256 hash;
  auto add = [&](llvm::StringRef text) {
    hash.update(text);
    hash.update(llvm::StringRef("\0", 1));
  };
  add(buildId());
  add(desc.name);
  add(desc.triple);
  add(desc.cpu);
  add(desc.features);
  add(tileText);
  return llvm::toHex(hash.final(), /*LowerCase=*/true);
}

std::optional<targets::Artifact> loadArtifact(llvm::StringRef) {
  return std::nullopt;
}

void storeArtifact(llvm::StringRef, const targets::Artifact &) {}

} // namespace tegula::frontend
