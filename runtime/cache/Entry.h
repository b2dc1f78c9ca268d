//===- Entry.h - One entry of the cache -------------------------*- C++ -*-===//
//
// Part of the Tegula Project, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef TEGULA_RUNTIME_CACHE_ENTRY_H
#define TEGULA_RUNTIME_CACHE_ENTRY_H

#include "runtime/cache/Cache.h"

namespace tegula::runtime {

/// The file that lists the others. Its time of change is the entry's last use.
inline constexpr const char *manifestName = "manifest";

/// Writes all files and the manifest into a new folder. False: errno says why.
bool writeEntry(const std::string &folder, const std::vector<CacheFile> &files);

/// Nothing where any file is missing or isn't what the manifest says.
std::optional<std::vector<CacheFile>> readEntry(const std::string &folder);

} // namespace tegula::runtime

#endif // TEGULA_RUNTIME_CACHE_ENTRY_H
