//===- Entry.cpp - One entry of the cache ---------------------------------===//
//
// Part of the Tegula Project, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// The manifest is text:
//
//   tegula-cache 1
//   <checksum> <size> <name>        one line for each file
//   end <checksum of the lines above>
//
// so that a file that was cut short or mixed up shows, the manifest included.
//
//===----------------------------------------------------------------------===//

#include "runtime/cache/Entry.h"
#include <cerrno>
#include <charconv>
#include <cstdio>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>
#define XXH_INLINE_ALL
#include <xxhash.h>

using namespace tegula::runtime;

static constexpr std::string_view firstLine = "tegula-cache 1\n";

static std::string checksum(std::string_view bytes) {
  XXH128_hash_t hash = XXH3_128bits(bytes.data(), bytes.size());
  char text[33];
  snprintf(text, sizeof text, "%016llx%016llx",
           static_cast<unsigned long long>(hash.high64),
           static_cast<unsigned long long>(hash.low64));
  return text;
}

static bool writeFile(const std::string &path, std::string_view bytes) {
  int fd = open(path.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
  if (fd < 0)
    return false;
  while (!bytes.empty()) {
    ssize_t written = write(fd, bytes.data(), bytes.size());
    if (written < 0 && errno == EINTR)
      continue;
    if (written < 0) {
      int error = errno;
      close(fd);
      errno = error;
      return false;
    }
    bytes.remove_prefix(static_cast<size_t>(written));
  }
  // Some file systems report a full disk only now.
  return close(fd) == 0;
}

/// The whole file where it has `size` bytes; -1: any size up to a megabyte.
static std::optional<std::string> readFile(const std::string &path,
                                           int64_t size) {
  int fd = open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
  if (fd < 0)
    return std::nullopt;
  struct stat info;
  std::optional<std::string> bytes;
  if (fstat(fd, &info) == 0 && S_ISREG(info.st_mode) &&
      (size < 0 ? info.st_size <= (1 << 20) : info.st_size == size)) {
    bytes.emplace(static_cast<size_t>(info.st_size), '\0');
    size_t have = 0;
    while (have < bytes->size()) {
      ssize_t got = read(fd, bytes->data() + have, bytes->size() - have);
      if (got < 0 && errno == EINTR)
        continue;
      if (got <= 0)
        break;
      have += static_cast<size_t>(got);
    }
    if (have != bytes->size())
      bytes.reset();
  }
  close(fd);
  return bytes;
}

static bool isFileName(std::string_view name) {
  return !name.empty() && name != "." && name != ".." && name != manifestName &&
         name.find_first_of(std::string_view("/\n\0", 3)) ==
             std::string_view::npos;
}

bool tegula::runtime::writeEntry(const std::string &folder,
                                 const std::vector<CacheFile> &files) {
  std::string manifest(firstLine);
  for (const CacheFile &file : files) {
    if (!isFileName(file.name)) {
      errno = EINVAL;
      return false;
    }
    if (!writeFile(folder + "/" + file.name, file.bytes))
      return false;
    manifest += checksum(file.bytes) + " " + std::to_string(file.bytes.size()) +
                " " + file.name + "\n";
  }
  manifest += "end " + checksum(manifest) + "\n";
  return writeFile(folder + "/" + manifestName, manifest);
}

/// Takes the text up to `end` off the front; nothing where there is no `end`.
static std::optional<std::string_view> takeUntil(std::string_view &text,
                                                 char end) {
  size_t length = text.find(end);
  if (length == std::string_view::npos)
    return std::nullopt;
  std::string_view word = text.substr(0, length);
  text.remove_prefix(length + 1);
  return word;
}

/// The lines between the first and the last one, once both are right.
static std::optional<std::string_view> checkManifest(std::string_view text) {
  size_t end = text.rfind("end ");
  if (!text.starts_with(firstLine) || end == std::string_view::npos ||
      text[end - 1] != '\n' ||
      text.substr(end) != "end " + checksum(text.substr(0, end)) + "\n")
    return std::nullopt;
  return text.substr(firstLine.size(), end - firstLine.size());
}

std::optional<std::vector<CacheFile>>
tegula::runtime::readEntry(const std::string &folder) {
  std::optional<std::string> manifest =
      readFile(folder + "/" + manifestName, -1);
  if (!manifest)
    return std::nullopt;
  std::optional<std::string_view> lines = checkManifest(*manifest);
  if (!lines)
    return std::nullopt;
  std::vector<CacheFile> files;
  while (!lines->empty()) {
    auto sum = takeUntil(*lines, ' ');
    auto size = sum ? takeUntil(*lines, ' ') : sum;
    auto name = size ? takeUntil(*lines, '\n') : size;
    if (!name || !isFileName(*name))
      return std::nullopt;
    CacheFile file{std::string(*name), {}};
    uint64_t wanted = 0;
    auto [end, error] =
        std::from_chars(size->data(), size->data() + size->size(), wanted);
    if (error != std::errc() || wanted > INT64_MAX)
      return std::nullopt;
    auto bytes = readFile(folder + "/" + file.name, int64_t(wanted));
    if (!bytes || checksum(*bytes) != *sum)
      return std::nullopt;
    file.bytes = std::move(*bytes);
    files.push_back(std::move(file));
  }
  return files;
}
