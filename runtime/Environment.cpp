//===- Environment.cpp - Everything read from the environment -------------===//
//
// Part of the Tegula Project, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "runtime/Environment.h"

#include <charconv>
#include <cstdlib>
#include <filesystem>
#include <string_view>

using namespace tegula::runtime;

static constexpr EnvironmentVariable variables[] = {
    {"TEGULA_TARGET", "the target when --target isn't given, e.g. "
                      "cpu:x86-64-v3 (default: cpu)"},
    {"TEGULA_STRICT_TARGET", "1: an unavailable target is an error instead of "
                             "a fallback to cpu"},
    {"TEGULA_NUM_THREADS", "threads of a launch on the CPU (default: "
                           "OpenMP's, i.e. OMP_NUM_THREADS or all cores)"},
    {"TEGULA_CACHE_DIR", "folder of compiled kernels (default: "
                         "$XDG_CACHE_HOME/tegula or ~/.cache/tegula)"},
    {"TEGULA_CACHE_LIMIT", "bytes that the cache may hold; the least recently "
                           "used kernels go first (default: 2 GiB)"},
    {"TEGULA_ALWAYS_COMPILE", "1: compile even what the cache holds"},
    {"TEGULA_DUMP", "DIR[,stage][,kernel]: write each stage of each "
                    "compilation to DIR"},
    {"TEGULA_OVERRIDE", "DIR: use the stage files found in DIR, edited after "
                        "TEGULA_DUMP wrote them"},
    {"TEGULA_OPENCL", "OpenCL library to use, a loader or a driver (default: "
                      "libOpenCL.so.1; for intel:cpu also the driver that "
                      "'./bootstrap test' fetches)"},
    {"TEGULA_DEBUG", "1: say what the compiler and the runtime decide and "
                     "why; keep the code of kernels in /tmp for gdb and perf"},
};

std::span<const EnvironmentVariable> tegula::runtime::environmentVariables() {
  return variables;
}

static std::string text(const char *name) {
  const char *value = std::getenv(name);
  return value ? value : "";
}

/// Set and neither "0" nor empty.
static bool isOn(const char *name) {
  std::string value = text(name);
  return !value.empty() && value != "0";
}

template <typename T> static std::optional<T> number(const char *name) {
  std::string value = text(name);
  T result;
  auto [end, error] =
      std::from_chars(value.data(), value.data() + value.size(), result);
  if (error != std::errc() || end != value.data() + value.size())
    return std::nullopt;
  return result;
}

static std::string defaultCacheDir() {
  if (std::string dir = text("TEGULA_CACHE_DIR"); !dir.empty())
    return dir;
  // The XDG rules: a relative path is invalid and ignored.
  if (std::string dir = text("XDG_CACHE_HOME"); dir.starts_with('/'))
    return dir + "/tegula";
  if (std::string home = text("HOME"); !home.empty())
    return home + "/.cache/tegula";
  return "";
}

/// The build's folder, where the running program belongs to one.
static std::filesystem::path buildFolder() {
  std::error_code error;
  return std::filesystem::read_symlink("/proc/self/exe", error)
      .parent_path()
      .parent_path();
}

static std::string findFetchedOpenCl() {
  std::error_code error;
  std::filesystem::path driver = buildFolder() / "opencl/lib/libintelocl.so";
  return std::filesystem::exists(driver, error) ? driver.string() : "";
}

Environment Environment::read() {
  Environment result;
  result.target = text("TEGULA_TARGET");
  result.strictTarget = isOn("TEGULA_STRICT_TARGET");
  result.numThreads = number<unsigned>("TEGULA_NUM_THREADS").value_or(0);
  result.cacheDir = defaultCacheDir();
  result.cacheLimit = number<uint64_t>("TEGULA_CACHE_LIMIT");
  result.alwaysCompile = isOn("TEGULA_ALWAYS_COMPILE");
  result.dump = text("TEGULA_DUMP");
  result.overrideDir = text("TEGULA_OVERRIDE");
  result.openCl = text("TEGULA_OPENCL");
  result.fetchedOpenCl = findFetchedOpenCl();
  result.emulators = buildFolder() / "qemu";
  result.debug = number<int>("TEGULA_DEBUG").value_or(isOn("TEGULA_DEBUG"));
  return result;
}

unsigned tegula::runtime::numThreadsFromEnvironment() {
  static const unsigned threads =
      number<unsigned>("TEGULA_NUM_THREADS").value_or(0);
  return threads;
}

std::string tegula::runtime::describeEnvironment() {
  std::string result;
  for (const EnvironmentVariable &variable : variables)
    if (std::string value = text(variable.name); !value.empty())
      result += std::string(variable.name) + "=" + value + "\n";
  return result;
}
