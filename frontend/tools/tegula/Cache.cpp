//===- Cache.cpp - tegula cache ---*- C++ -*-===//
//
// Part of the Tegula Project, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "runtime/cache/Cache.h"
#include "frontend/tools/tegula/Tool.h"

namespace tegula::tools {

namespace cl = llvm::cl;

static std::string formatBytes(uint64_t bytes) {
  if (bytes < 10240)
    return std::to_string(bytes) + " bytes";
  if (bytes < (10 << 20))
    return std::to_string(bytes >> 10) + " KiB";
  return std::to_string(bytes >> 20) + " MiB";
}

int cacheMain(int argc, char **argv) {
  Options options("cache", "Shows or empties the cache of compiled kernels.",
                  "  tegula cache path\n  tegula cache stats --json\n"
                  "  tegula cache clear\n");
  cl::opt<bool> json("json", cl::desc("print JSON"), cl::sub(options.sub));
  cl::opt<std::string> action(cl::Positional, cl::Required,
                              cl::desc("path|stats|clear"),
                              cl::sub(options.sub));
  if (!options.parse(argc, argv))
    return Usage;

  runtime::Cache cache = runtime::Cache::ofUser();
  if (action == "path") {
    if (json)
      printJson(llvm::json::Object{{"path", cache.folder()}});
    else
      llvm::outs() << cache.folder() << '\n';
    return Done;
  }
  if (action != "stats" && action != "clear")
    return usageError("cache: '" + action +
                      "' isn't known; give path, stats or clear");
  bool clear = action == "clear";
  runtime::CacheStats stats = clear ? cache.clear() : cache.stats();
  if (json) {
    printJson(llvm::json::Object{{"path", cache.folder()},
                                 {"entries", int64_t(stats.entries)},
                                 {"bytes", int64_t(stats.bytes)},
                                 {"limit", int64_t(cache.limit())}});
    return Done;
  }
  llvm::outs() << (clear ? "removed " : "") << stats.entries << " kernels, "
               << formatBytes(stats.bytes)
               << (clear ? std::string()
                         : " of at most " + formatBytes(cache.limit()) +
                               ", in " + cache.folder())
               << '\n';
  return Done;
}

} // namespace tegula::tools
