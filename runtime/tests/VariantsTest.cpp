//===- VariantsTest.cpp - Kernels that several processors run -------------===//
//
// Part of the Tegula Project, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "runtime/cpu/Features.h"
#include "tegula/runtime.h"

#include <doctest/doctest.h>
#include <fstream>
#include <iterator>
#include <string>
#include <unistd.h>

using tegula::runtime::codeFeatures;
using tegula::runtime::findMissing;

namespace {

constexpr uint64_t readTag = 9; // As in fixtures/Kernel.c.

#if defined(__x86_64__)
const std::string here = "x86_64";
#elif defined(__aarch64__)
const std::string here = "aarch64";
#else
const std::string here = "riscv64";
#endif

/// The fixture with another tag, padded to whole pages.
std::string object(char tag) {
  std::ifstream file(TEGULA_TEST_KERNEL, std::ios::binary);
  std::string bytes{std::istreambuf_iterator<char>(file), {}};
  const std::string label = "tegula-fixture-tag:";
  size_t place = bytes.find(label);
  REQUIRE(place != std::string::npos);
  bytes[place + label.size()] = tag;
  bytes.resize((bytes.size() + 4095) / 4096 * 4096);
  return bytes;
}

std::string variant(const std::string &target, const std::string &architecture,
                    const std::string &feature, size_t offset, size_t bytes) {
  return R"({"target":")" + target + R"(","requires":{"architecture":")" +
         architecture + R"(","features":[)" + feature +
         R"(],"vector_bits":0},"offset":)" + std::to_string(offset) +
         R"(,"bytes":)" + std::to_string(bytes) + "}";
}

std::string metadata(const std::string &variants) {
  return R"({"abi":)" + std::to_string(TEGULA_ABI_VERSION) +
         R"(,"name":"fixture","target":"cpu:first","args":[)"
         R"({"name":"action","type":"i64"},{"name":"out","type":"*u32"},)"
         R"({"name":"n","type":"i64"}],"variants":[)" +
         variants + "]}";
}

uint32_t tagOf(tegula_module *module) {
  uint32_t tag = 99, grid[] = {1, 1, 1};
  uint64_t slots[] = {readTag, reinterpret_cast<uintptr_t>(&tag), 0};
  CHECK(tegula_launch(module, grid, slots, 3, nullptr, nullptr, 0) ==
        TEGULA_OK);
  tegula_module_unload(module);
  return tag;
}

} // namespace

TEST_CASE("the first variant that this processor runs is taken") {
  std::string one = object('1'), two = object('2'), bytes = one + two;
  size_t size = one.size();
  struct {
    std::string variants;
    uint32_t tag;
  } cases[] = {{variant("a", here, "", size, size) + "," +
                    variant("b", here, "", 0, size),
                2},
               {variant("a", here, "\"nonesuch\"", size, size) + "," +
                    variant("b", here, "", 0, size),
                1},
               {variant("a", "sparc", "", 0, size) + "," +
                    variant("b", here, "", size, size),
                2}};
  for (const auto &[variants, tag] : cases) {
    CAPTURE(variants);
    tegula_module *module = nullptr;
    char message[512] = "";
    REQUIRE(tegula_module_load(bytes.data(), bytes.size(),
                               metadata(variants).c_str(), &module, message,
                               sizeof message) == TEGULA_OK);
    CHECK(tagOf(module) == tag);

    std::string path = "/tmp/tegula-variants-" + std::to_string(::getpid());
    std::ofstream(path, std::ios::binary) << bytes;
    std::ofstream(path + ".json") << metadata(variants);
    REQUIRE(tegula_module_open(path.c_str(), &module, message,
                               sizeof message) == TEGULA_OK);
    CHECK(tagOf(module) == tag);
    ::unlink(path.c_str());
    ::unlink((path + ".json").c_str());
  }
}

TEST_CASE("code that this processor can't run is refused by name") {
  std::string bytes = object('1');
  auto refusal = [&](const std::string &variants) {
    tegula_module *module = nullptr;
    char message[512] = "";
    CHECK(tegula_module_load(bytes.data(), bytes.size(),
                             metadata(variants).c_str(), &module, message,
                             sizeof message) == TEGULA_BAD_MODULE);
    CHECK(module == nullptr);
    return std::string(message);
  };
  CHECK(refusal(variant("cpu:a", here, "\"nonesuch\"", 0, 0) + "," +
                variant("cpu:b", "sparc", "", 0, 0)) ==
        "fixture: the code doesn't run here: for cpu:a this processor lacks "
        "nonesuch; for cpu:b this processor isn't sparc");
  // A part that isn't in the artifact.
  CHECK(refusal(variant("a", here, "", 4096, bytes.size())) ==
        "fixture: not a whole 64-bit little-endian ELF object");
  CHECK(refusal(R"({"offset":-1})").find("out of range") != std::string::npos);
}

TEST_CASE("the features of this processor are known by name") {
  CHECK(!codeFeatures(here).empty());
  CHECK(codeFeatures("sparc").empty());
  CHECK(findMissing({here, {}, 0}).empty());
  CHECK(findMissing({here, {"nonesuch"}, 0}) ==
        "this processor lacks nonesuch");
  CHECK(findMissing({here, {}, 24}).find("bits, not 24") != std::string::npos);
#if defined(__x86_64__)
  // What every 64-bit x86 processor of the last fifteen years has.
  CHECK(findMissing({here, {"sse3", "ssse3", "sse4.1", "popcnt"}, 0}).empty());
#endif
}
