//===- Machine.cpp - What the runtime must know of this machine -----------===//
//
// Part of the Tegula Project, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "runtime/cpu/Machine.h"
#include <algorithm>
#include <fstream>
#include <sstream>
#include <unistd.h>

extern "C" int omp_get_max_threads(void);

using namespace tegula::runtime;

static std::string readLine(const std::string &path) {
  std::ifstream file(path);
  std::string line;
  std::getline(file, line);
  return line;
}

uint32_t tegula::runtime::parseCpuMax(const std::string &text) {
  std::istringstream words(text);
  double quota = 0, period = 0;
  // "max 100000" has no number in front.
  if (!(words >> quota >> period) || quota <= 0 || period <= 0)
    return 0;
  return static_cast<uint32_t>(
      std::max<int64_t>(1, (int64_t(quota) + int64_t(period) - 1) /
                               std::max<int64_t>(1, int64_t(period))));
}

uint64_t tegula::runtime::parseCacheSize(const std::string &text) {
  std::istringstream words(text);
  uint64_t number = 0;
  char unit = 0;
  if (!(words >> number))
    return 0;
  words >> unit;
  return unit == 'K' ? number << 10 : unit == 'M' ? number << 20 : number;
}

/// The tightest limit of this process's cgroup and those around it; both
/// hierarchies, version 2 ("0::/path") and version 1 ("4:cpu,cpuacct:/path").
static uint32_t readCgroupLimit() {
  uint32_t limit = 0;
  auto consider = [&](uint32_t found) {
    if (found && (!limit || found < limit))
      limit = found;
  };
  std::ifstream groups("/proc/self/cgroup");
  for (std::string line; std::getline(groups, line);) {
    size_t first = line.find(':'), second = line.find(':', first + 1);
    if (first == std::string::npos || second == std::string::npos)
      continue;
    std::string controllers = line.substr(first + 1, second - first - 1);
    bool unified = controllers.empty();
    if (!unified &&
        ("," + controllers + ",").find(",cpu,") == std::string::npos)
      continue;
    std::string root =
        unified ? "/sys/fs/cgroup" : "/sys/fs/cgroup/" + controllers;
    for (std::string path = line.substr(second + 1);;
         path.resize(std::max<size_t>(path.rfind('/'), 0))) {
      std::string folder = root + path;
      consider(parseCpuMax(unified
                               ? readLine(folder + "/cpu.max")
                               : readLine(folder + "/cpu.cfs_quota_us") + " " +
                                     readLine(folder + "/cpu.cfs_period_us")));
      if (path.empty() || path.find('/') == std::string::npos)
        break;
    }
  }
  return limit;
}

/// Bytes of the data cache of this level, or of the last one up to it.
static uint64_t readCache(int highest) {
  int bestLevel = 0;
  uint64_t best = 0;
  for (int index = 0; index < 16; ++index) {
    std::string folder = "/sys/devices/system/cpu/cpu0/cache/index" +
                         std::to_string(index) + "/";
    std::string text = readLine(folder + "level");
    if (text.empty())
      break;
    int level = text.front() - '0';
    if (readLine(folder + "type") == "Instruction" || level <= bestLevel ||
        level > highest)
      continue;
    bestLevel = level;
    best = parseCacheSize(readLine(folder + "size"));
  }
  if (best)
    return best;
  constexpr int names[] = {_SC_LEVEL2_CACHE_SIZE, _SC_LEVEL3_CACHE_SIZE,
                           _SC_LEVEL4_CACHE_SIZE};
  for (int level = std::min(highest, 4); level >= 2; --level)
    if (long size = sysconf(names[level - 2]); size > 0)
      return static_cast<uint64_t>(size);
  return 0;
}

const Machine &tegula::runtime::machine() {
  static const Machine found = [] {
    auto threads = static_cast<uint32_t>(std::max(1, omp_get_max_threads()));
    if (uint32_t limit = readCgroupLimit())
      threads = std::min(threads, limit);
    return Machine{threads, readCache(9), readCache(2)};
  }();
  return found;
}
