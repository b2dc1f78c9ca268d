//===- LaunchTest.cpp - Loading and launching a shared object -------------===//
//
// Part of the Tegula Project, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "runtime/cpu/Machine.h"
#include "tegula/runtime.h"

#include <algorithm>
#include <chrono>
#include <cstring>
#include <doctest/doctest.h>
#include <fstream>
#include <iterator>
#include <set>
#include <string>
#include <sys/wait.h>
#include <thread>
#include <unistd.h>
#include <vector>

namespace {

// As in fixtures/Kernel.c.
enum Action : uint64_t {
  Nothing,
  CountRuns,
  StoreIds,
  Print,
  Fail,
  TouchArena,
  Flags,
  WaitForNext,
  Sleep,
  ReadTag,
  PrintMuch,
  WaitForEver,
  AddOne
};

std::string fixture() {
  std::ifstream file(TEGULA_TEST_KERNEL, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), {}};
}

std::string metadata(double costNs, const char *more = "", bool waits = false,
                     bool atomics = false) {
  return R"({"abi":4,"name":"fixture","target":"cpu","file":"k.py","line":3,)"
         R"("args":[{"name":"action","type":"i64"},{"name":"out","type":"*u32"},)"
         R"({"name":"n","type":"i64"}],"uses":{"print":true,"assert":true,)"
         R"("atomics":)" +
         std::string(atomics ? "true" : "false") + R"(,"waits":)" +
         std::string(waits ? "true" : "false") + R"(},"cost_ns":)" +
         std::to_string(costNs) + more + "}";
}

struct Kernel {
  tegula_module *module = nullptr;
  char message[512] = "";

  explicit Kernel(double costNs = 0, const char *more = "", bool waits = false,
                  bool atomics = false) {
    std::string bytes = fixture();
    REQUIRE(bytes.size() > 0);
    tegula_status status =
        tegula_module_load(bytes.data(), bytes.size(),
                           metadata(costNs, more, waits, atomics).c_str(),
                           &module, message, sizeof message);
    INFO(message);
    REQUIRE(status == TEGULA_OK);
  }
  Kernel(const Kernel &) = delete;
  ~Kernel() { tegula_module_unload(module); }

  tegula_status launch(std::vector<uint32_t> grid, Action action, void *out,
                       uint64_t n = 0, tegula_launch_options options = {}) {
    uint64_t slots[] = {action, reinterpret_cast<uintptr_t>(out), n};
    options.allow_null = 1; // Many actions don't use `out`.
    return tegula_launch(module, grid.data(), slots, 3, &options, message,
                         sizeof message);
  }
};

tegula_status load(const std::string &bytes, const std::string &json,
                   std::string &text) {
  char message[512] = "";
  tegula_module *module = nullptr;
  tegula_status status =
      tegula_module_load(bytes.data(), bytes.size(), json.c_str(), &module,
                         message, sizeof message);
  text = message;
  CHECK((module != nullptr) == (status == TEGULA_OK));
  tegula_module_unload(module);
  return status;
}

double secondsPerLaunch(Kernel &kernel, uint32_t programs, int launches) {
  double best = 1;
  for (int round = 0; round < 20; ++round) {
    auto start = std::chrono::steady_clock::now();
    for (int i = 0; i < launches; ++i)
      kernel.launch({programs, 1, 1}, Nothing, nullptr);
    std::chrono::duration<double> time =
        std::chrono::steady_clock::now() - start;
    best = std::min(best, time.count() / launches);
  }
  return best;
}

} // namespace

TEST_CASE("every program runs once, serially and in parallel") {
  Kernel kernel;
  for (uint32_t threads : {1u, 2u, 7u})
    for (auto grid :
         {std::vector<uint32_t>{1, 1, 1}, {1000, 1, 1}, {3, 5, 7}}) {
      std::vector<uint32_t> runs(grid[0] * grid[1] * grid[2]);
      tegula_launch_options options = {};
      options.threads = threads;
      CHECK(kernel.launch(grid, CountRuns, runs.data(), 0, options) ==
            TEGULA_OK);
      CHECK(std::all_of(runs.begin(), runs.end(),
                        [](uint32_t n) { return n == 1; }));
    }
}

TEST_CASE("ids follow the linear index, x fastest") {
  Kernel kernel;
  std::vector<uint32_t> ids(4 * 3 * 2 * 3);
  REQUIRE(kernel.launch({4, 3, 2}, StoreIds, ids.data()) == TEGULA_OK);
  for (uint32_t linear = 0; linear < 24; ++linear) {
    CHECK(ids[linear * 3] == linear % 4);
    CHECK(ids[linear * 3 + 1] == linear / 4 % 3);
    CHECK(ids[linear * 3 + 2] == linear / 12);
  }
}

TEST_CASE("the lowest failing program is reported, and all below it run") {
  Kernel kernel;
  for (uint32_t threads : {1u, 4u})
    for (int round = 0; round < 50; ++round) {
      std::vector<uint32_t> runs(500);
      tegula_launch_options options = {};
      options.threads = threads;
      CHECK(kernel.launch({50, 10, 1}, Fail, runs.data(), 123, options) ==
            TEGULA_ASSERTION_FAILED);
      CHECK(std::string(kernel.message) ==
            "k.py:17: kernel `fixture`, program (23, 2, 0): assertion failed: "
            "x > 0");
      CHECK(std::all_of(runs.begin(), runs.begin() + 124,
                        [](uint32_t n) { return n == 1; }));
      CHECK(*std::max_element(runs.begin(), runs.end()) == 1);
    }
}

TEST_CASE("device_print writes Triton's lines, whole programs at a time") {
  Kernel kernel;
  std::string text;
  tegula_launch_options options = {};
  options.threads = 4;
  options.write_context = &text;
  options.write = [](void *context, const char *bytes, size_t size) {
    static_cast<std::string *>(context)->append(bytes, size);
  };
  REQUIRE(kernel.launch({8, 1, 1}, Print, nullptr, 0, options) == TEGULA_OK);
  size_t position = 0;
  std::vector<int> seen(8);
  for (int block = 0; block < 8; ++block) {
    int program = text.at(position + 5) - '0';
    ++seen.at(program);
    std::string pid = "pid (" + std::to_string(program) + ", 0, 0)";
    std::string expected;
    for (int i = 0; i < 24; ++i) {
      char line[80];
      std::snprintf(line, sizeof line, "%s idx (%d, %2d) x: %f\n", pid.c_str(),
                    i / 12, i % 12, i / 2.0);
      expected += line;
    }
    expected += pid + " idx () h: (operand 0) 1.500000\n" + pid +
                " idx () h: (operand 1) -3\n" + pid + " idx () h: 0xfd\n" +
                pid + " idx (): 0x1.8p+0\n" + pid + " done\n";
    CHECK(text.substr(position, expected.size()) == expected);
    position += expected.size();
  }
  CHECK(position == text.size());
  CHECK(seen == std::vector<int>(8, 1));
}

TEST_CASE("each running thread has an aligned arena of its own") {
  tegula_launch_options options = {};
  options.threads = 4;
  for (uint64_t bytes : {64ull, 5000ull, 3ull << 20}) {
    Kernel kernel(0, (",\"arena_bytes\":" + std::to_string(bytes)).c_str());
    CHECK(kernel.launch({200, 1, 1}, TouchArena, nullptr, bytes, options) ==
          TEGULA_OK);
  }
  Kernel greedy(0, ",\"arena_bytes\":900000000000000");
  CHECK(greedy.launch({4, 1, 1}, Nothing, nullptr) == TEGULA_OUT_OF_MEMORY);
  CHECK(std::strstr(greedy.message, "900000000000000 bytes"));
}

TEST_CASE("the footprint decides on non-temporal stores") {
  Kernel kernel;
  uint32_t flags = 0;
  uint64_t extents[] = {0, 4, 0};
  tegula_launch_options options = {};
  options.extents = extents;
  kernel.launch({1, 1, 1}, Flags, &flags, 0, options);
  CHECK(flags == TEGULA_LAUNCH_NO_ALIAS);
  extents[1] = uint64_t(1) << 40;
  kernel.launch({1, 1, 1}, Flags, &flags, 0, options);
  CHECK(flags == (TEGULA_LAUNCH_NONTEMPORAL | TEGULA_LAUNCH_NO_ALIAS));
  options.flags_off = TEGULA_LAUNCH_NONTEMPORAL;
  options.flags_on = TEGULA_LAUNCH_NO_ALIAS;
  kernel.launch({1, 1, 1}, Flags, &flags, 0, options);
  CHECK(flags == TEGULA_LAUNCH_NO_ALIAS);
}

TEST_CASE("one thread gets a bounded share of the last-level cache") {
  Kernel kernel;
  uint32_t flags = 0;
  uint64_t extents[] = {0, 16 * tegula::runtime::machine().secondLevelCache, 0};
  if (!extents[1])
    return; // not known here
  tegula_launch_options options = {};
  options.extents = extents;
  kernel.launch({1, 1, 1}, Flags, &flags, 0, options);
  CHECK((flags & TEGULA_LAUNCH_NONTEMPORAL));
  extents[1] = tegula::runtime::machine().secondLevelCache / 2;
  kernel.launch({1, 1, 1}, Flags, &flags, 0, options);
  CHECK(!(flags & TEGULA_LAUNCH_NONTEMPORAL));
}

TEST_CASE("arrays that overlap or have no known size may alias") {
  tegula_module *module = nullptr;
  auto entry = [](const uint64_t *slots, const tegula_program *program) {
    *reinterpret_cast<uint32_t *>(slots[0]) = program->flags;
  };
  REQUIRE(tegula_module_from_entry(
              entry,
              R"({"abi":4,"name":"k","args":[{"name":"x","type":"*u32"},)"
              R"({"name":"y","type":"*u32"}]})",
              &module, nullptr, 0) == TEGULA_OK);
  uint32_t data[8] = {}, grid[] = {1, 1, 1};
  auto flags = [&](int first, uint64_t firstBytes, int second,
                   uint64_t secondBytes) {
    uint64_t slots[] = {reinterpret_cast<uintptr_t>(data + first),
                        reinterpret_cast<uintptr_t>(data + second)};
    uint64_t extents[] = {firstBytes, secondBytes};
    tegula_launch_options options = {};
    options.extents = extents;
    CHECK(tegula_launch(module, grid, slots, 2, &options, nullptr, 0) ==
          TEGULA_OK);
    return data[first];
  };
  CHECK(flags(0, 16, 4, 16) == TEGULA_LAUNCH_NO_ALIAS);
  CHECK(flags(4, 16, 0, 16) == TEGULA_LAUNCH_NO_ALIAS);
  CHECK(flags(0, 20, 4, 16) == 0);
  CHECK(flags(0, 16, 0, 16) == 0);
  CHECK(flags(0, 16, 4, 0) == 0);
  CHECK((flags(0, 16, 4, UINT64_MAX) & TEGULA_LAUNCH_NO_ALIAS) == 0);
  tegula_module_unload(module);
}

TEST_CASE("programs may wait for later ones, whatever the threads") {
  Kernel kernel(0, "", /*waits=*/true);
  for (uint32_t threads : {1u, 2u}) {
    std::vector<uint32_t> out(12);
    tegula_launch_options options = {};
    options.threads = threads;
    CHECK(kernel.launch({12, 1, 1}, WaitForNext, out.data(), 0, options) ==
          TEGULA_OK);
    CHECK(out == std::vector<uint32_t>(12, 1));
  }
}

TEST_CASE("programs with atomics run alone on one thread until another comes") {
  Kernel kernel(0, "", /*waits=*/false, /*atomics=*/true);
  tegula_launch_options options = {};
  options.threads = 1;
  std::vector<uint32_t> flags(100);
  auto isAlone = [](uint32_t value) {
    return (value & TEGULA_LAUNCH_ALONE) != 0;
  };
  kernel.launch({100, 1, 1}, Flags, flags.data(), 0, options);
  CHECK(std::all_of(flags.begin(), flags.end(), isAlone));

  // The newcomer waits for one program, not for the launch.
  std::vector<uint32_t> slept(400, 99);
  std::thread first(
      [&] { kernel.launch({400, 1, 1}, Sleep, slept.data(), 0, options); });
  while (__atomic_load_n(&slept[0], __ATOMIC_ACQUIRE) == 99)
    std::this_thread::yield();
  kernel.launch({100, 1, 1}, Flags, flags.data(), 0, options);
  CHECK(std::none_of(flags.begin(), flags.end(), isAlone));
  CHECK(__atomic_load_n(&slept[399], __ATOMIC_ACQUIRE) == 99);
  first.join();
  kernel.launch({100, 1, 1}, Flags, flags.data(), 0, options);
  CHECK(std::all_of(flags.begin(), flags.end(), isAlone));

  options.flags_off = TEGULA_LAUNCH_ALONE;
  kernel.launch({100, 1, 1}, Flags, flags.data(), 0, options);
  CHECK(std::none_of(flags.begin(), flags.end(), isAlone));
  Kernel waiting(0, "", /*waits=*/true, /*atomics=*/true);
  options.flags_off = 0;
  waiting.launch({100, 1, 1}, Flags, flags.data(), 0, options);
  CHECK(std::none_of(flags.begin(), flags.end(), isAlone));
}

TEST_CASE("launches with atomics from several threads count all of theirs") {
  Kernel kernel(0, "", /*waits=*/false, /*atomics=*/true);
  uint32_t count = 0;
  std::vector<std::thread> threads;
  for (int i = 0; i < 4; ++i)
    threads.emplace_back([&, i] {
      tegula_launch_options options = {};
      options.threads = i % 2 + 1;
      for (int launch = 0; launch < 50; ++launch)
        kernel.launch({200, 1, 1}, AddOne, &count, 0, options);
    });
  for (std::thread &thread : threads)
    thread.join();
  CHECK(count == 4 * 50 * 200);
}

TEST_CASE("a cost that was underestimated does not keep a launch serial") {
  Kernel kernel(/*costNs=*/1);
  tegula_launch_options options = {};
  options.threads = 4;
  std::vector<uint32_t> threads(40, 99);
  REQUIRE(kernel.launch({40, 1, 1}, Sleep, threads.data(), 0, options) ==
          TEGULA_OK);
  CHECK(*std::max_element(threads.begin(), threads.end()) == 3);
}

TEST_CASE("wrong launches are refused with the reason") {
  Kernel kernel;
  uint32_t grid[] = {~0u, ~0u, ~0u};
  uint64_t slots[3] = {};
  char message[256];
  CHECK(tegula_launch(kernel.module, grid, slots, 3, nullptr, message,
                      sizeof message) == TEGULA_INVALID_ARGUMENT);
  CHECK(std::strstr(message, "too large"));
  grid[0] = grid[1] = grid[2] = 1;
  CHECK(tegula_launch(kernel.module, grid, slots, 2, nullptr, message,
                      sizeof message) == TEGULA_INVALID_ARGUMENT);
  CHECK(std::strstr(message, "takes 3 arguments, but the launch passes 2"));
  uint64_t extents[] = {0, 64, 0};
  tegula_launch_options options = {};
  options.extents = extents;
  CHECK(kernel.launch({1, 1, 1}, Nothing, nullptr, 0, options) ==
        TEGULA_INVALID_ARGUMENT);
  CHECK(std::strstr(kernel.message, "`out` is a null pointer"));
  CHECK(tegula_launch(kernel.module, grid, slots, 3, nullptr, message,
                      sizeof message) == TEGULA_INVALID_ARGUMENT);
  CHECK(std::string(message) == "fixture: argument `out` is a null pointer");
  CHECK(tegula_launch(nullptr, grid, slots, 3, nullptr, message,
                      sizeof message) == TEGULA_INVALID_ARGUMENT);
  CHECK(tegula_launch(kernel.module, grid, nullptr, 3, nullptr, nullptr, 0) ==
        TEGULA_INVALID_ARGUMENT);
  // A grid with a zero runs nothing: the kernel would write to null.
  CHECK(kernel.launch({5, 0, 1}, CountRuns, nullptr) == TEGULA_OK);
}

TEST_CASE("bad modules are refused with the reason") {
  std::string bytes = fixture(), text;
  CHECK(load(bytes, metadata(0), text) == TEGULA_OK);
  CHECK(text.empty());
  std::string other = metadata(0);
  other.replace(other.find("\"abi\":4"), 7, "\"abi\":9");
  CHECK(load(bytes, other, text) == TEGULA_BAD_MODULE);
  CHECK(text.find("version 9") != std::string::npos);
  CHECK(text.find("version 4") != std::string::npos);
  for (const char *json :
       {"", "{", "[]", "{}", R"({"abi":"1","name":"k"})", R"({"abi":4})",
        R"({"abi":4,"name":3})", R"({"abi":4,"name":"k","args":5})",
        R"({"abi":4,"name":"k","args":[5]})",
        R"({"abi":4,"name":"k","arena_bytes":-1})"}) {
    INFO(json);
    CHECK(load(bytes, json, text) == TEGULA_BAD_MODULE);
    CHECK(!text.empty());
  }
  for (size_t size :
       {size_t(1), size_t(63), size_t(64), bytes.size() / 2, bytes.size() - 1})
    CHECK(load(bytes.substr(0, size), metadata(0), text) == TEGULA_BAD_MODULE);
  CHECK(load(std::string(4096, 'x'), metadata(0), text) == TEGULA_BAD_MODULE);
}

TEST_CASE("modules loaded one after the other are different objects") {
  // A descriptor's number comes back at once; dlopen must not take the path
  // for the module that was loaded from it before.
  Kernel first;
  std::string bytes = fixture();
  size_t tag = bytes.find("tegula-fixture-tag:0");
  REQUIRE(tag != std::string::npos);
  bytes[tag + 19] = '7';
  tegula_module *second = nullptr;
  REQUIRE(tegula_module_load(bytes.data(), bytes.size(), metadata(0).c_str(),
                             &second, nullptr, 0) == TEGULA_OK);
  uint32_t tags[] = {9, 9}, grid[] = {1, 1, 1};
  first.launch({1, 1, 1}, ReadTag, &tags[0]);
  uint64_t slots[] = {ReadTag, reinterpret_cast<uintptr_t>(&tags[1]), 0};
  CHECK(tegula_launch(second, grid, slots, 3, nullptr, nullptr, 0) ==
        TEGULA_OK);
  CHECK(tags[0] == 0);
  CHECK(tags[1] == 7);
  tegula_module_unload(second);
}

TEST_CASE("an interrupt stops a running launch") {
  Kernel kernel;
  std::atomic<bool> done = false;
  std::thread interrupter([&] {
    while (!done) {
      std::this_thread::sleep_for(std::chrono::milliseconds(1));
      tegula_interrupt();
    }
  });
  // Two thousand million programs: minutes, unless it is stopped.
  tegula_launch_options options = {};
  options.threads = 2;
  CHECK(kernel.launch({1u << 31, 64, 1}, Nothing, nullptr, 0, options) ==
        TEGULA_INTERRUPTED);
  done = true;
  interrupter.join();
  CHECK(kernel.launch({64, 1, 1}, Nothing, nullptr) == TEGULA_OK);
}

TEST_CASE("an interrupt ends programs that wait for ever") {
  Kernel kernel(0, "", /*waits=*/true);
  for (uint32_t threads : {1u, 2u}) {
    std::atomic<bool> done = false;
    std::thread interrupter([&] {
      while (!done) {
        std::this_thread::sleep_for(std::chrono::milliseconds(10));
        tegula_interrupt();
      }
    });
    tegula_launch_options options = {};
    options.threads = threads;
    // So many that the last one, which would fail, is never reached.
    CHECK(kernel.launch({1u << 30, 1, 1}, WaitForEver, nullptr, 0, options) ==
          TEGULA_INTERRUPTED);
    done = true;
    interrupter.join();
  }
}

TEST_CASE("a failure ends the programs that wait for the failed one") {
  Kernel kernel(0, "", /*waits=*/true);
  for (uint32_t threads : {1u, 2u}) {
    tegula_launch_options options = {};
    options.threads = threads;
    CHECK(kernel.launch({4, 1, 1}, WaitForEver, nullptr, 0, options) ==
          TEGULA_ASSERTION_FAILED);
    CHECK(std::string(kernel.message).find("program (3, 0, 0)") !=
          std::string::npos);
  }
}

TEST_CASE("several host threads launch while kernels come and go, and then a "
          "forked child") {
  Kernel kernel;
  std::vector<std::thread> hosts;
  std::atomic<int> wrong = 0;
  for (int host = 0; host < 4; ++host)
    hosts.emplace_back([&] {
      for (int round = 0; round < 20; ++round) {
        std::vector<uint32_t> runs(100);
        uint64_t slots[] = {CountRuns, reinterpret_cast<uintptr_t>(runs.data()),
                            0};
        uint32_t grid[] = {100, 1, 1};
        tegula_launch_options options = {};
        options.threads = 2;
        tegula_launch(kernel.module, grid, slots, 3, &options, nullptr, 0);
        wrong += runs != std::vector<uint32_t>(100, 1);
      }
    });
  hosts.emplace_back([&] {
    for (int round = 0; round < 20; ++round) {
      Kernel other;
      std::vector<uint32_t> runs(10);
      other.launch({10, 1, 1}, CountRuns, runs.data(), 0);
      wrong += runs != std::vector<uint32_t>(10, 1);
    }
  });
  for (std::thread &host : hosts)
    host.join();
  CHECK(wrong == 0);
  tegula_launch_options options = {};
  options.threads = 4;
  std::vector<uint32_t> runs(100);
  kernel.launch({100, 1, 1}, CountRuns, runs.data(), 0, options);
  pid_t child = fork();
  REQUIRE(child >= 0);
  if (child == 0) {
    alarm(20);
    kernel.launch({100, 1, 1}, CountRuns, runs.data(), 0, options);
    _exit(runs == std::vector<uint32_t>(100, 2) ? 0 : 1);
  }
  int status = 0;
  waitpid(child, &status, 0);
  CHECK(status == 0);
}

TEST_CASE("an empty launch is quick") {
  // Ten times the goal of 1 us and 10 us, for loaded and sanitised builds; the
  // values themselves are printed.
  Kernel kernel(/*costNs=*/1);
  double one = secondsPerLaunch(kernel, 1, 1000) * 1e6;
  double thousand = secondsPerLaunch(kernel, 1000, 10) * 1e6;
  MESSAGE("1 program: " << one << " us, 1000 programs: " << thousand << " us");
  CHECK(one < 10);
  CHECK(thousand < 100);
}

TEST_CASE("a statement that prints much comes out whole and in order") {
  Kernel kernel;
  tegula_launch_options options = {};
  std::string text;
  options.write_context = &text;
  options.write = [](void *context, const char *bytes, size_t size) {
    CHECK(bytes[size - 1] == '\n');
    CHECK(size < (2 << 20));
    static_cast<std::string *>(context)->append(bytes, size);
  };
  // A long list of lines of one program: more than is kept until its end.
  REQUIRE(kernel.launch({1, 1, 1}, PrintMuch, nullptr, 200'000, options) ==
          TEGULA_OK);
  CHECK(std::count(text.begin(), text.end(), '\n') == 200'000);
  CHECK(text.starts_with("pid (0, 0, 0) idx (     0) x: 0\n"));
  CHECK(text.ends_with("pid (0, 0, 0) idx (199999) x: 0\n"));
}

TEST_CASE("a parallel launch has one OpenMP in the process") {
  Kernel kernel;
  std::vector<uint32_t> runs(64);
  tegula_launch_options options = {};
  options.threads = 4;
  REQUIRE(kernel.launch({64, 1, 1}, CountRuns, runs.data(), 0, options) ==
          TEGULA_OK);
  std::ifstream maps("/proc/self/maps");
  std::set<std::string> found;
  for (std::string line; std::getline(maps, line);)
    for (const char *name : {"libgomp", "libomp", "libiomp"})
      if (line.find(name) != std::string::npos)
        found.insert(line.substr(line.rfind('/')));
  REQUIRE(found.size() == 1);
  CHECK(found.begin()->starts_with("/libgomp.so"));
}
