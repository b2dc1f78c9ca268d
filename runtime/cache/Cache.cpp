//===- Cache.cpp - Compiled kernels on disk -------------------------------===//
//
// Part of the Tegula Project, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "runtime/cache/Cache.h"
#include "runtime/Environment.h"
#include "runtime/cache/Entry.h"
#include <algorithm>
#include <atomic>
#include <cerrno>
#include <cstring>
#include <ctime>
#include <fcntl.h>
#include <filesystem>
#include <sys/stat.h>
#include <unistd.h>

using namespace tegula::runtime;
namespace fs = std::filesystem;

/// What is written or removed has this in front of its name.
static constexpr std::string_view temporaryPrefix = "tmp-";
/// Nobody takes so long to write an entry: who began it is gone.
static constexpr int64_t staleSeconds = 600;

static bool isKey(std::string_view key) {
  return key.size() >= 8 && key.size() <= 128 &&
         key.find_first_not_of("0123456789abcdef") == std::string_view::npos;
}

Cache::Cache(std::string folder, uint64_t limit)
    : root(std::move(folder)), maximum(limit ? limit : defaultLimit) {}

Cache Cache::ofUser() {
  Environment env = Environment::read();
  return Cache(env.cacheDir, env.cacheLimit.value_or(0));
}

std::string Cache::pathOf(std::string_view key) const {
  return root + "/" + std::string(key);
}

bool Cache::warn(const std::string &what, int error) {
  if (firstWarning.empty())
    firstWarning =
        "the kernel cache can't be used: " + what + ": " + strerror(error);
  return false;
}

std::string Cache::temporaryName() const {
  static std::atomic<uint64_t> counter = 0;
  timespec time;
  clock_gettime(CLOCK_REALTIME, &time);
  // Home folders are shared between machines: the time tells apart what
  // processes of the same number make.
  return root + "/" + std::string(temporaryPrefix) + std::to_string(getpid()) +
         "-" + std::to_string(time.tv_sec) + "." +
         std::to_string(time.tv_nsec) + "-" +
         std::to_string(counter.fetch_add(1));
}

std::optional<std::vector<CacheFile>> Cache::load(std::string_view key) {
  if (root.empty() || !isKey(key))
    return std::nullopt;
  std::string folder = pathOf(key);
  struct stat info;
  if (lstat(folder.c_str(), &info) != 0)
    return std::nullopt;
  auto files = readEntry(folder);
  if (!files) {
    discard(key);
    return std::nullopt;
  }
  // In a cache that may only be read the time of use is not kept.
  utimensat(AT_FDCWD, (folder + "/" + manifestName).c_str(), nullptr, 0);
  return files;
}

void Cache::discard(std::string_view key) {
  // Others must not meet an entry that is half removed.
  std::string away = temporaryName();
  if (rename(pathOf(key).c_str(), away.c_str()) != 0)
    return;
  std::error_code ignored;
  fs::remove_all(away, ignored);
}

bool Cache::publish(const std::string &temporary, std::string_view key) {
  // Another process may put its entry there between the two renames; then its
  // turn to be replaced comes.
  for (int attempt = 0; attempt < 8; ++attempt) {
    if (rename(temporary.c_str(), pathOf(key).c_str()) == 0)
      return true;
    if (errno != EEXIST && errno != ENOTEMPTY && errno != ENOTDIR)
      return false;
    discard(key);
  }
  return false;
}

bool Cache::store(std::string_view key, const std::vector<CacheFile> &files) {
  if (root.empty())
    return false;
  if (!isKey(key))
    return warn("'" + std::string(key) + "' is no key", EINVAL);
  std::error_code error;
  // Compiled code is nobody else's business.
  if (!fs::is_directory(root, error)) {
    fs::create_directories(fs::path(root).parent_path(), error);
    if (mkdir(root.c_str(), 0700) != 0 && errno != EEXIST)
      return warn(root, errno);
  }
  std::string temporary = temporaryName();
  if (mkdir(temporary.c_str(), 0700) != 0)
    return warn(root, errno);
  if (!writeEntry(temporary, files) || !publish(temporary, key)) {
    int reason = errno;
    fs::remove_all(temporary, error);
    return warn(pathOf(key), reason);
  }
  tidy(key);
  return true;
}

namespace {
struct Found {
  std::string name;
  uint64_t bytes = 0;
  /// Last use in nanoseconds.
  int64_t used = 0;
};
} // namespace

static int64_t changeOf(const std::string &path) {
  struct stat info;
  if (lstat(path.c_str(), &info) != 0)
    return 0;
  return info.st_mtim.tv_sec * int64_t(1'000'000'000) + info.st_mtim.tv_nsec;
}

static uint64_t sizeOf(const fs::path &folder) {
  uint64_t bytes = 0;
  std::error_code error;
  for (fs::directory_iterator file(folder, error), end; !error && file != end;
       file.increment(error)) {
    struct stat info;
    if (lstat(file->path().c_str(), &info) == 0)
      bytes += static_cast<uint64_t>(info.st_size);
  }
  return bytes;
}

/// Everything in the folder that the cache made, temporary folders included.
static std::vector<Found> list(const std::string &root) {
  std::vector<Found> found;
  std::error_code error;
  if (root.empty())
    return found;
  for (fs::directory_iterator entry(root, error), end; !error && entry != end;
       entry.increment(error)) {
    Found item;
    item.name = entry->path().filename();
    bool temporary = item.name.starts_with(temporaryPrefix);
    if (!temporary && !isKey(item.name))
      continue;
    std::string path = entry->path();
    item.used = changeOf(temporary ? path : path + "/" + manifestName);
    item.bytes = sizeOf(entry->path());
    found.push_back(std::move(item));
  }
  return found;
}

void Cache::tidy(std::string_view keep) {
  std::vector<Found> found = list(root);
  std::error_code ignored;
  int64_t stale = (time(nullptr) - staleSeconds) * int64_t(1'000'000'000);
  uint64_t total = 0;
  std::erase_if(found, [&](const Found &item) {
    if (item.name.starts_with(temporaryPrefix)) {
      if (item.used < stale)
        fs::remove_all(root + "/" + item.name, ignored);
      return true;
    }
    total += item.bytes;
    return item.name == keep;
  });
  std::sort(found.begin(), found.end(),
            [](const Found &a, const Found &b) { return a.used < b.used; });
  for (const Found &item : found) {
    if (total <= maximum)
      return;
    discard(item.name);
    total -= item.bytes;
  }
}

CacheStats Cache::stats() const {
  CacheStats stats;
  for (const Found &item : list(root)) {
    if (item.name.starts_with(temporaryPrefix))
      continue;
    ++stats.entries;
    stats.bytes += item.bytes;
  }
  return stats;
}

CacheStats Cache::clear() {
  CacheStats removed = stats();
  std::error_code ignored;
  for (const Found &item : list(root)) {
    if (item.name.starts_with(temporaryPrefix))
      fs::remove_all(root + "/" + item.name, ignored);
    else
      discard(item.name);
  }
  return removed;
}
