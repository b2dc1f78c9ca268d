//===- Cache.h - Compiled kernels on disk -----------------------*- C++ -*-===//
//
// Part of the Tegula Project, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Compiled kernels on disk, shared by all processes of a user. An entry is a
// folder of files with a manifest of their sizes and checksums:
//
//   <folder>/3fa9c2.../manifest
//   <folder>/3fa9c2.../kernel.so
//   <folder>/3fa9c2.../metadata.json
//
// It is written under another name and renamed, so it is there as a whole or
// not at all, whatever is killed when. What does not fit its manifest is never
// used: it is removed, and the caller compiles again.
//
//===----------------------------------------------------------------------===//

#ifndef TEGULA_RUNTIME_CACHE_CACHE_H
#define TEGULA_RUNTIME_CACHE_CACHE_H

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace tegula::runtime {

struct CacheFile {
  std::string name;
  std::string bytes;
};

struct CacheStats {
  uint64_t entries = 0;
  uint64_t bytes = 0;
};

class Cache {
public:
  static constexpr uint64_t defaultLimit = uint64_t(2) << 30;

  /// An empty `folder`: nothing is found and nothing kept. It is made when the
  /// first entry is stored. `limit` is in bytes, 0: the default.
  explicit Cache(std::string folder, uint64_t limit = 0);

  /// The cache that the environment names.
  static Cache ofUser();

  /// All files of an entry, checked, in the order in which they were stored. A
  /// key is 8 to 128 lower-case hexadecimal digits; no other key is ever found.
  std::optional<std::vector<CacheFile>> load(std::string_view key);

  /// Keeps an entry in place of an older one of that key. False where it can't;
  /// then `warning` says why, and the caller goes on without.
  bool store(std::string_view key, const std::vector<CacheFile> &files);

  /// Where the files of an entry lie, whether or not it is there.
  std::string pathOf(std::string_view key) const;

  const std::string &folder() const { return root; }
  uint64_t limit() const { return maximum; }
  CacheStats stats() const;
  /// Removes everything that the cache made and tells how much it was.
  CacheStats clear();

  /// The first reason why something couldn't be stored; empty: none.
  const std::string &warning() const { return firstWarning; }

private:
  bool warn(const std::string &what, int error);
  std::string temporaryName() const;
  bool publish(const std::string &temporary, std::string_view key);
  void discard(std::string_view key);
  /// Removes what killed processes left and, above the limit, the entries that
  /// were not used for longest; never `keep`.
  void tidy(std::string_view keep);

  std::string root;
  uint64_t maximum;
  std::string firstWarning;
};

} // namespace tegula::runtime

#endif // TEGULA_RUNTIME_CACHE_CACHE_H
