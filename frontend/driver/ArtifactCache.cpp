//===- ArtifactCache.cpp - Artifacts on disk ---*- C++ -*-===//
//
// Part of the Tegula Project, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "frontend/driver/ArtifactCache.h"
#include "frontend/driver/Compile.h"
#include "runtime/cache/Cache.h"
#include "llvm/ADT/StringExtras.h"
#include "llvm/Support/SHA256.h"
#include "llvm/Support/WithColor.h"
#include <link.h>
#include <sys/stat.h>

namespace tegula::frontend {

/// The file that holds this code: the program, or a library that it loaded.
static std::string ownFile() {
  std::string file;
  ::dl_iterate_phdr(
      [](dl_phdr_info *object, size_t, void *result) {
        auto here = reinterpret_cast<uintptr_t>(&ownFile);
        for (int i = 0; i < object->dlpi_phnum; ++i) {
          const auto &segment = object->dlpi_phdr[i];
          if (segment.p_type == PT_LOAD &&
              here - (object->dlpi_addr + segment.p_vaddr) < segment.p_memsz) {
            *static_cast<std::string *>(result) = object->dlpi_name;
            return 1;
          }
        }
        return 0;
      },
      &file);
  return file.empty() ? "/proc/self/exe" : file;
}

std::string buildId() {
  struct stat exe;
  if (::stat(ownFile().c_str(), &exe) != 0)
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

/// The names of an entry's files.
static constexpr const char *kCode = "code", *kMetadata = "metadata.json";

std::optional<targets::Artifact> loadArtifact(llvm::StringRef key) {
  auto files = runtime::Cache::ofUser().load({key.data(), key.size()});
  if (!files || files->size() != 2 || (*files)[0].name != kCode ||
      (*files)[1].name != kMetadata)
    return std::nullopt;
  llvm::Expected<llvm::json::Value> metadata =
      llvm::json::parse((*files)[1].bytes);
  if (!metadata) {
    llvm::consumeError(metadata.takeError());
    return std::nullopt;
  }
  llvm::json::Object *object = metadata->getAsObject();
  if (!object)
    return std::nullopt;
  return targets::Artifact{std::move((*files)[0].bytes), std::move(*object)};
}

void storeArtifact(llvm::StringRef key, const targets::Artifact &artifact) {
  std::string metadata;
  llvm::raw_string_ostream(metadata)
      << llvm::json::Value(llvm::json::Object(artifact.metadata));
  runtime::Cache cache = runtime::Cache::ofUser();
  if (!cache.store({key.data(), key.size()},
                   {{kCode, artifact.bytes}, {kMetadata, metadata}}) &&
      !cache.warning().empty())
    llvm::WithColor::warning(llvm::errs(), "tegula") << cache.warning() << '\n';
}

} // namespace tegula::frontend
