//===- PackTest.cpp - Tests of packed arguments and the C++ header --------===//
//
// Part of the Tegula Project, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "tegula/Tegula.hpp"
#include <cmath>
#include <cstring>
#include <doctest/doctest.h>
#include <filesystem>
#include <fstream>
#include <span>
#include <unistd.h>
#include <vector>

namespace fs = std::filesystem;

static void keepSlots(const uint64_t *slots, const tegula_program *program) {
  // The first argument is where the other slots go.
  auto *out = reinterpret_cast<uint64_t *>(slots[0]);
  memcpy(out, slots + 1, 3 * sizeof *slots);
  out[3] = program->grid[1];
}

static const char *metadata =
    R"({"abi": 4, "name": "keep", "args": [
        {"name": "out", "type": "*i64"}, {"name": "n", "type": "i32"},
        {"name": "eps", "type": "f16"}, {"name": "flag", "type": "i1"}]})";

static tegula_module *makeModule(const std::string &type) {
  std::string text = R"({"abi": 4, "name": "k", "args": [{"name": "a",
                      "type": ")" +
                     type + "\"}]}";
  tegula_module *module = nullptr;
  REQUIRE(tegula_module_from_entry(keepSlots, text.c_str(), &module, nullptr,
                                   0) == TEGULA_OK);
  return module;
}

TEST_CASE("integers are packed where they fit") {
  struct {
    const char *type;
    int64_t low;
    uint64_t high;
  } types[] = {{"i1", 0, 1},
               {"i8", INT8_MIN, INT8_MAX},
               {"i16", INT16_MIN, INT16_MAX},
               {"i32", INT32_MIN, INT32_MAX},
               {"i64", INT64_MIN, INT64_MAX},
               {"u8", 0, UINT8_MAX},
               {"u16", 0, UINT16_MAX},
               {"u32", 0, UINT32_MAX},
               {"u64", 0, UINT64_MAX}};
  for (const auto &type : types) {
    CAPTURE(type.type);
    tegula_module *module = makeModule(type.type);
    uint64_t slot = 0;
    char message[256];
    auto packInt = [&](int64_t value) {
      return tegula_pack_int(module, 0, value, &slot, message, sizeof message);
    };
    auto packUint = [&](uint64_t value) {
      return tegula_pack_uint(module, 0, value, &slot, message, sizeof message);
    };
    CHECK(packInt(type.low) == TEGULA_OK);
    if (type.low < 0) {
      // The bytes above the type's are zero.
      uint64_t wanted = -static_cast<uint64_t>(type.low);
      CHECK(slot == wanted);
    }
    CHECK(packUint(type.high) == TEGULA_OK);
    CHECK(slot == type.high);
    if (type.low > INT64_MIN)
      CHECK(packInt(type.low - 1) == TEGULA_INVALID_ARGUMENT);
    if (type.high < UINT64_MAX) {
      CHECK(packUint(type.high + 1) == TEGULA_INVALID_ARGUMENT);
      std::string wanted = "k: argument `a` is " + std::string(type.type) +
                           ", not " + std::to_string(type.high + 1) +
                           ", which doesn't fit it";
      CHECK(message == wanted);
    }
    CHECK(tegula_pack_float(module, 0, 1, &slot, message, sizeof message) ==
          TEGULA_INVALID_ARGUMENT);
    CHECK(tegula_pack_pointer(module, 0, &slot, &slot, message,
                              sizeof message) == TEGULA_INVALID_ARGUMENT);
    tegula_module_unload(module);
  }
}

TEST_CASE("floats are rounded to the argument's type") {
  struct {
    const char *type;
    uint64_t bits;
  } types[] = {{"f64", 0x3FB999999999999A},
               {"f32", 0x3DCCCCCD},
               {"f16", 0x2E66},
               {"bf16", 0x3DCD},
               {"f8e4m3", 0x1D},
               {"f8e5m2", 0x2E}};
  for (const auto &type : types) {
    CAPTURE(type.type);
    tegula_module *module = makeModule(type.type);
    uint64_t slot = ~uint64_t(0);
    CHECK(tegula_pack_float(module, 0, 0.1, &slot, nullptr, 0) == TEGULA_OK);
    CHECK(slot == type.bits);
    CHECK(tegula_pack_int(module, 0, -2, &slot, nullptr, 0) == TEGULA_OK);
    uint64_t fromInt = slot;
    CHECK(tegula_pack_float(module, 0, -2, &slot, nullptr, 0) == TEGULA_OK);
    CHECK(slot == fromInt);
    tegula_module_unload(module);
  }
}

TEST_CASE("packing what is not there") {
  tegula_module *module = makeModule("*f32");
  uint64_t slot = 0;
  char message[256];
  CHECK(tegula_pack_int(module, 0, 1, &slot, message, sizeof message) ==
        TEGULA_INVALID_ARGUMENT);
  CHECK(std::string(message) == "k: argument `a` is *f32, not a number");
  CHECK(tegula_pack_int(module, 1, 1, &slot, message, sizeof message) ==
        TEGULA_INVALID_ARGUMENT);
  CHECK(std::string(message) == "k: has no argument 1, only 1");
  CHECK(tegula_pack_int(nullptr, 0, 1, &slot, message, sizeof message) ==
        TEGULA_INVALID_ARGUMENT);
  tegula_module_unload(module);
}

TEST_CASE("C++ launches convert by the kernel's types") {
  tegula::Status status;
  auto kernel = tegula::Kernel::bind(keepSlots, metadata, status);
  REQUIRE(status);
  CHECK(kernel.name() == "keep");
  std::vector<int64_t> out(4);
  CHECK(kernel.launch({1, 1}, out, -1, 1, true));
  CHECK(out == std::vector<int64_t>{0xFFFFFFFF, 0x3C00, 1, 1});
  const size_t n = 7;
  int64_t plain[4];
  CHECK(kernel.launch({.y = 3}, plain, n, -0.0f, false));
  CHECK(plain[0] == 7);
  CHECK(plain[1] == 0x8000);
  CHECK(plain[3] == 3);
  CHECK(kernel.launch(tegula::LaunchOptions{1}, {}, std::span(out), short(5),
                      2.0, 0u));
  CHECK(out[0] == 5);

  status = kernel.launch({}, out, 1e3, 1, 1);
  CHECK(status.message() == "keep: argument `n` is i32, not a float");
  status = kernel.launch({}, out, out.data(), 1, 1);
  CHECK(status.message() == "keep: argument `n` is i32, not a pointer");
  status = kernel.launch({}, out, int64_t(1) << 40, 1, 1);
  CHECK(status.code() == TEGULA_INVALID_ARGUMENT);
  status = kernel.launch({}, out);
  CHECK(status.message() == "keep: takes 4 arguments, but the launch passes 1");
  status = tegula::Kernel().launch({}, out);
  CHECK(status.message() == "there is no kernel to launch");

  tegula::Kernel copy = kernel;
  kernel = {};
  CHECK_FALSE(kernel);
  CHECK(copy.launch({}, out, 1, 1, 1));
}

TEST_CASE("a kernel opens from its files") {
  char name[] = "/tmp/tegula-open-test-XXXXXX";
  fs::path folder = mkdtemp(name);
  std::string path = folder / "kernel.so";
  tegula::Status status;
  auto open = [&] { return tegula::Kernel::open(path, status); };
  open();
  CHECK(status.code() == TEGULA_BAD_MODULE);
  CHECK(status.message() == path + ".json: No such file or directory");
  std::ofstream(path + ".json") << R"({"abi": 4, "name": "copied"})";
  open();
  CHECK(status.message() == path + ": No such file or directory");
  fs::copy_file(TEGULA_TEST_KERNEL, path);
  {
    tegula::Kernel kernel = open();
    CHECK(status);
    CHECK(kernel.name() == "copied");
    // Debuggers go by the map of the process.
    std::string maps;
    std::getline(std::ifstream("/proc/self/maps"), maps, '\0');
    CHECK(maps.find(path) != std::string::npos);
  }
  // The folder's name alone is enough where it is the current one.
  fs::path before = fs::current_path();
  fs::current_path(folder);
  CHECK(tegula::Kernel::open("kernel.so", status));
  fs::current_path(before);
  fs::resize_file(path, 1000);
  open();
  CHECK(status.message() ==
        path + ": not a whole 64-bit little-endian ELF object");
  std::ofstream(path + ".json") << R"({"abi": 99, "name": "copied"})";
  open();
  CHECK(status.message().starts_with(path + ".json: copied: compiled for "
                                            "version 99"));
  path = folder;
  open();
  CHECK_FALSE(status);
  fs::remove_all(folder);
}

TEST_CASE("TEGULA_DEBUG keeps the code of kernels from memory") {
  std::string bytes, maps;
  std::ifstream file(TEGULA_TEST_KERNEL, std::ios::binary);
  bytes.assign(std::istreambuf_iterator<char>(file), {});
  setenv("TEGULA_DEBUG", "1", 1);
  tegula::Status status;
  auto kernel =
      tegula::Kernel::load(bytes, R"({"abi": 4, "name": "kept"})", status);
  unsetenv("TEGULA_DEBUG");
  REQUIRE(status);
  std::getline(std::ifstream("/proc/self/maps"), maps, '\0');
  size_t start = maps.find("/tmp/tegula-" + std::to_string(getpid()));
  REQUIRE(start != std::string::npos);
  std::string path = maps.substr(start, maps.find('\n', start) - start);
  kernel = {};
  CHECK(fs::file_size(path) == bytes.size());
  fs::remove(path);
}
