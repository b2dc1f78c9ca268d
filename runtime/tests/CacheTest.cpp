//===- CacheTest.cpp - Tests of the kernel cache --------------------------===//
//
// Part of the Tegula Project, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "runtime/cache/Cache.h"
#include <csignal>
#include <doctest/doctest.h>
#include <fcntl.h>
#include <filesystem>
#include <fstream>
#include <sys/stat.h>
#include <sys/wait.h>
#include <thread>
#include <unistd.h>

using namespace tegula::runtime;
namespace fs = std::filesystem;

namespace {

struct Folder {
  std::string path;
  Folder() {
    char name[] = "/tmp/tegula-cache-test-XXXXXX";
    path = mkdtemp(name);
  }
  ~Folder() { fs::remove_all(path); }
};

std::string keyOf(unsigned number) {
  char text[17];
  snprintf(text, sizeof text, "%016x", number);
  return text;
}

std::vector<CacheFile> entry(size_t bytes, char fill = 'x') {
  return {{"kernel.so", std::string(bytes, fill)}, {"metadata.json", "{}"}};
}

size_t countTemporaries(const std::string &folder) {
  size_t count = 0;
  for (const auto &item : fs::directory_iterator(folder))
    count += item.path().filename().string().starts_with("tmp-");
  return count;
}

} // namespace

TEST_CASE("an entry comes back as it was stored") {
  Folder folder;
  Cache cache(folder.path + "/deep/er");
  CHECK_FALSE(cache.load(keyOf(1)));
  std::vector<CacheFile> files = {{"kernel.so", std::string("\0\1\n end ", 8)},
                                  {"metadata.json", ""}};
  REQUIRE(cache.store(keyOf(1), files));
  auto loaded = cache.load(keyOf(1));
  REQUIRE(loaded);
  REQUIRE(loaded->size() == 2);
  for (size_t i = 0; i < 2; ++i) {
    CHECK((*loaded)[i].name == files[i].name);
    CHECK((*loaded)[i].bytes == files[i].bytes);
  }
  CHECK(cache.stats().entries == 1);
  CHECK(cache.warning().empty());
  struct stat info;
  REQUIRE(stat(cache.folder().c_str(), &info) == 0);
  CHECK((info.st_mode & 077) == 0);
}

TEST_CASE("storing again replaces, even what is no entry") {
  Folder folder;
  Cache cache(folder.path);
  REQUIRE(cache.store(keyOf(1), entry(10, 'a')));
  REQUIRE(cache.store(keyOf(1), entry(20, 'b')));
  CHECK((*cache.load(keyOf(1)))[0].bytes == std::string(20, 'b'));
  std::ofstream(cache.pathOf(keyOf(2))) << "a file in the way";
  REQUIRE(cache.store(keyOf(2), entry(5)));
  CHECK(cache.load(keyOf(2)));
  CHECK(countTemporaries(folder.path) == 0);
}

TEST_CASE("a damaged entry is removed") {
  Folder folder;
  Cache cache(folder.path);
  std::string path = cache.pathOf(keyOf(7));
  auto damage = [&](const char *name, auto change) {
    REQUIRE(cache.store(keyOf(7), entry(1000)));
    REQUIRE(cache.load(keyOf(7)));
    change(path + "/" + name);
    CHECK_FALSE(cache.load(keyOf(7)));
    CHECK_FALSE(fs::exists(path));
  };
  auto flip = [](const std::string &file) {
    std::fstream stream(file, std::ios::in | std::ios::out);
    stream.seekp(3);
    stream.put('#');
  };
  auto cut = [](const std::string &file) { fs::resize_file(file, 12); };
  auto grow = [](const std::string &file) {
    std::ofstream(file, std::ios::app) << "more";
  };
  auto remove = [](const std::string &file) { fs::remove(file); };
  auto link = [](const std::string &file) {
    fs::remove(file);
    fs::create_symlink("/etc/passwd", file);
  };
  for (const char *name : {"kernel.so", "manifest"}) {
    CAPTURE(name);
    damage(name, flip);
    damage(name, cut);
    damage(name, grow);
    damage(name, remove);
    damage(name, link);
  }
  damage("kernel.so",
         [](const std::string &file) { fs::resize_file(file, 0); });
  CHECK(countTemporaries(folder.path) == 0);
}

TEST_CASE("manifests of any bytes do no harm") {
  Folder folder;
  Cache cache(folder.path);
  unsigned random = 1;
  for (unsigned round = 0; round < 500; ++round) {
    REQUIRE(cache.store(keyOf(3), entry(8)));
    std::string file = cache.pathOf(keyOf(3)) + "/manifest", text;
    std::getline(std::ifstream(file), text, '\0');
    for (int change = 0; change < 3; ++change) {
      random = random * 1664525 + 1013904223;
      text[(random >> 8) % text.size()] ^= char(1 + (random >> 24) % 255);
    }
    std::string before;
    std::getline(std::ifstream(file), before, '\0');
    std::ofstream(file, std::ios::trunc) << text;
    CHECK(bool(cache.load(keyOf(3))) == (text == before));
  }
}

TEST_CASE("the least recently used entries go first") {
  Folder folder;
  Cache cache(folder.path, 5000);
  for (unsigned key = 0; key < 4; ++key) {
    REQUIRE(cache.store(keyOf(key), entry(1000)));
    std::this_thread::sleep_for(std::chrono::milliseconds(10));
  }
  CHECK(cache.stats().entries == 4);
  REQUIRE(cache.load(keyOf(0)));
  std::this_thread::sleep_for(std::chrono::milliseconds(10));
  REQUIRE(cache.store(keyOf(4), entry(1000)));
  CHECK(cache.load(keyOf(0)));
  CHECK_FALSE(cache.load(keyOf(1)));
  CHECK(cache.load(keyOf(4)));
  CHECK(cache.stats().bytes <= 5000);
  // What was just stored stays, however large it is.
  REQUIRE(cache.store(keyOf(5), entry(9000)));
  CHECK(cache.stats().entries == 1);
  CHECK(cache.load(keyOf(5)));
}

TEST_CASE("keys are checked before they become paths") {
  Folder folder;
  Cache cache(folder.path + "/cache");
  for (const char *key : {"", "../cache", "ABCDEF0123456789", "0123456", "."}) {
    CHECK_FALSE(cache.load(key));
    CHECK_FALSE(cache.store(key, entry(1)));
  }
  CHECK_FALSE(cache.store(keyOf(1), {{"../escape", "x"}}));
  CHECK_FALSE(fs::exists(folder.path + "/cache/escape"));
  CHECK_FALSE(cache.warning().empty());
}

TEST_CASE("without a folder there is no cache and no warning") {
  Cache cache("");
  CHECK_FALSE(cache.store(keyOf(1), entry(1)));
  CHECK_FALSE(cache.load(keyOf(1)));
  CHECK(cache.stats().entries == 0);
  CHECK(cache.clear().entries == 0);
  CHECK(cache.warning().empty());
}

TEST_CASE("a folder that can't be written gives one warning") {
  Folder folder;
  // A file in the way stops root too, which may write anywhere.
  std::ofstream(folder.path + "/file") << "x";
  Cache cache(folder.path + "/file/cache");
  CHECK_FALSE(cache.store(keyOf(1), entry(1)));
  std::string warning = cache.warning();
  CHECK(warning.find("the kernel cache can't be used: " + folder.path) == 0);
  CHECK_FALSE(cache.store(keyOf(2), entry(1)));
  CHECK(cache.warning() == warning);
}

TEST_CASE("clear removes entries and leaves foreign files") {
  Folder folder;
  Cache cache(folder.path);
  for (unsigned key = 0; key < 3; ++key)
    REQUIRE(cache.store(keyOf(key), entry(100)));
  std::ofstream(folder.path + "/notes.txt") << "mine";
  CHECK(cache.clear().entries == 3);
  CHECK(cache.stats().entries == 0);
  CHECK(fs::exists(folder.path + "/notes.txt"));
}

TEST_CASE("what killed processes leave is cleaned later") {
  Folder folder;
  Cache cache(folder.path);
  std::string left = folder.path + "/tmp-1-1.1-1", fresh = left + "2";
  fs::create_directories(left);
  fs::create_directories(fresh);
  std::ofstream(left + "/kernel.so") << "half";
  timespec old[2] = {{1'000'000, 0}, {1'000'000, 0}};
  REQUIRE(utimensat(AT_FDCWD, left.c_str(), old, 0) == 0);
  REQUIRE(cache.store(keyOf(1), entry(1)));
  CHECK_FALSE(fs::exists(left));
  CHECK(fs::exists(fresh));
}

TEST_CASE("a writer that is killed leaves whole entries or none") {
  Folder folder;
  for (unsigned round = 0; round < 20; ++round) {
    pid_t child = fork();
    REQUIRE(child >= 0);
    if (child == 0) {
      Cache cache(folder.path);
      for (unsigned i = 0;; ++i)
        cache.store(keyOf(i % 4), entry(200'000, char('a' + i % 26)));
    }
    std::this_thread::sleep_for(std::chrono::microseconds(1500 + 700 * round));
    kill(child, SIGKILL);
    waitpid(child, nullptr, 0);
    // Whatever is visible under a key is whole.
    Cache cache(folder.path);
    for (unsigned i = 0; i < 4; ++i) {
      bool there = fs::exists(cache.pathOf(keyOf(i)));
      auto files = cache.load(keyOf(i));
      CHECK(bool(files) == there);
      if (files)
        CHECK((*files)[0].bytes ==
              std::string(200'000, (*files)[0].bytes.front()));
    }
  }
}

TEST_CASE("processes and threads store and load the same keys at once") {
  Folder folder;
  auto work = [&](unsigned seed) {
    Cache cache(folder.path, 200'000);
    unsigned bad = 0;
    for (unsigned i = 0; i < 200; ++i) {
      std::string key = keyOf((seed + i * 7) % 5);
      if (i % 3 == seed % 3)
        cache.store(key, entry(20'000, char('a' + seed)));
      if (auto files = cache.load(key)) {
        char fill = (*files)[0].bytes.front();
        bad += (*files)[0].bytes != std::string(20'000, fill);
      }
    }
    return bad;
  };
  std::vector<pid_t> children;
  for (unsigned seed = 0; seed < 3; ++seed) {
    pid_t child = fork();
    REQUIRE(child >= 0);
    if (child == 0)
      _exit(work(seed) ? 1 : 0);
    children.push_back(child);
  }
  unsigned bad = 0;
  std::thread other([&] { bad = work(4); });
  CHECK(work(3) == 0);
  other.join();
  CHECK(bad == 0);
  for (pid_t child : children) {
    int status = 0;
    waitpid(child, &status, 0);
    CHECK(status == 0);
  }
}
