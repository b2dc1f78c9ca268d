//===- Metadata.cpp - What a kernel's metadata says -----------------------===//
//
// Part of the Tegula Project, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "runtime/cpu/Metadata.h"
#include "runtime/cpu/Features.h"

#include <nlohmann/json.hpp>

using namespace tegula::runtime;
using nlohmann::json;

/// Values of a wrong type count as absent, but for the compulsory ones.
static std::string textOf(const json &object, const char *key) {
  auto it = object.find(key);
  return it != object.end() && it->is_string() ? it->get<std::string>() : "";
}

static double numberOf(const json &object, const char *key) {
  auto it = object.find(key);
  return it != object.end() && it->is_number() ? it->get<double>() : 0;
}

/// A kernel whose metadata doesn't say counts as a user of the service.
static bool usesOf(const json &object, const char *key) {
  auto uses = object.find("uses");
  if (uses == object.end() || !uses->is_object())
    return true;
  auto it = uses->find(key);
  return it == uses->end() || !it->is_boolean() || it->get<bool>();
}

static bool readArgs(const json &object, tegula_module &module) {
  auto args = object.find("args");
  if (args == object.end())
    return true;
  if (!args->is_array())
    return false;
  module.hasArgs = true;
  for (const json &arg : *args) {
    if (!arg.is_object())
      return false;
    module.args.push_back({textOf(arg, "name"), textOf(arg, "type")});
  }
  return true;
}

/// What an object needs of the processor, or why it doesn't run here.
static std::string findObstacle(const json &object) {
  auto entry = object.find("requires");
  if (entry == object.end() || !entry->is_object())
    return "";
  Requirements requirements;
  requirements.architecture = textOf(*entry, "architecture");
  requirements.vectorBits = unsigned(numberOf(*entry, "vector_bits"));
  auto features = entry->find("features");
  if (features != entry->end() && features->is_array())
    for (const json &feature : *features)
      if (feature.is_string())
        requirements.features.push_back(feature.get<std::string>());
  return findMissing(requirements);
}

/// What differs between the variants of a kernel.
static std::string readVariant(const json &object, tegula_module &module) {
  module.target = textOf(object, "target");
  module.costNs = numberOf(object, "cost_ns");
  for (auto [key, size] : {std::pair("arena_bytes", &module.arenaBytes),
                           std::pair("offset", &module.code.offset),
                           std::pair("bytes", &module.code.bytes)}) {
    double number = numberOf(object, key);
    if (!(number >= 0 && number < 1e15))
      return module.name + ": the metadata's `" + key + "` is out of range";
    *size = static_cast<uint64_t>(number);
  }
  return "";
}

/// Reads the first variant that this processor runs; the object itself is the
/// only one where none are listed.
static std::string chooseVariant(const json &object, tegula_module &module) {
  auto variants = object.find("variants");
  bool hasVariants = variants != object.end() && variants->is_array();
  std::string obstacles;
  for (const json &variant : hasVariants ? *variants : json::array({object})) {
    std::string obstacle = findObstacle(variant);
    if (obstacle.empty())
      return readVariant(variant, module);
    obstacles += (obstacles.empty() ? "" : "; ") + std::string("for ") +
                 textOf(variant, "target") + " " + obstacle;
  }
  return module.name + ": the code doesn't run here: " + obstacles;
}

std::string tegula::runtime::readMetadata(const char *text,
                                          tegula_module &module) {
  json object =
      text ? json::parse(text, nullptr, /*allow_exceptions=*/false) : json();
  if (!object.is_object())
    return "the kernel's metadata is no JSON object";
  auto abi = object.find("abi");
  if (abi == object.end() || !abi->is_number_integer())
    return "the kernel's metadata names no ABI version";
  module.name = textOf(object, "name");
  if (module.name.empty())
    return "the kernel's metadata names no kernel";
  if (abi->get<int64_t>() != TEGULA_ABI_VERSION)
    return module.name + ": compiled for version " +
           std::to_string(abi->get<int64_t>()) +
           " of the kernel ABI, but this runtime has version " +
           std::to_string(TEGULA_ABI_VERSION) + "; compile the kernel again";
  if (!readArgs(object, module))
    return module.name + ": the metadata's `args` is no list of objects";
  module.file = textOf(object, "file");
  module.line = static_cast<int64_t>(numberOf(object, "line"));
  module.usesPrint = usesOf(object, "print");
  module.usesAssert = usesOf(object, "assert");
  module.usesWaits = usesOf(object, "waits");
  module.usesAtomics = usesOf(object, "atomics");
  return chooseVariant(object, module);
}
