//===- Module.cpp - Loading kernels from memory ---------------------------===//
//
// Part of the Tegula Project, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "runtime/cpu/Module.h"
#include "runtime/Environment.h"

#include <nlohmann/json.hpp>

#include <atomic>
#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <dlfcn.h>
#include <fcntl.h>
#include <fstream>
#include <iterator>
#include <memory>
#include <sys/mman.h>
#include <unistd.h>

using namespace tegula::runtime;
using nlohmann::json;

void tegula::runtime::setMessage(char *message, size_t size,
                                 const std::string &text) {
  if (!message || !size)
    return;
  size_t length = std::min(size - 1, text.size());
  std::memcpy(message, text.data(), length);
  message[length] = 0;
}

//===----------------------------------------------------------------------===//
// Metadata
//===----------------------------------------------------------------------===//

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

/// Returns what is wrong, or nothing.
static std::string readMetadata(const char *text, tegula_module &module) {
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
  module.target = textOf(object, "target");
  module.file = textOf(object, "file");
  module.line = static_cast<int64_t>(numberOf(object, "line"));
  double arena = numberOf(object, "arena_bytes");
  if (!(arena >= 0 && arena < 1e15))
    return module.name + ": the metadata's `arena_bytes` is out of range";
  module.arenaBytes = static_cast<uint64_t>(arena);
  module.costNs = numberOf(object, "cost_ns");
  module.usesPrint = usesOf(object, "print");
  module.usesAssert = usesOf(object, "assert");
  module.usesWaits = usesOf(object, "waits");
  module.usesAtomics = usesOf(object, "atomics");
  return "";
}

//===----------------------------------------------------------------------===//
// Shared objects
//===----------------------------------------------------------------------===//

/// A spelling of the file's path that no earlier module had. dlopen answers a
/// path it has seen with the object it loaded then, even though the descriptor
/// has been closed and reused since. Extra slashes make the spelling unique.
///
/// The path holds for other processes too: a debugger that opened
/// /proc/self/fd/N would get a descriptor of its own, a pipe perhaps, and wait.
static std::string uniquePath(int fd) {
  static std::atomic<uint64_t> counter{0};
  std::string path = "/proc/" + std::to_string(::getpid()) + "/fd";
  uint64_t number = counter.fetch_add(1, std::memory_order_relaxed);
  for (; number; number >>= 1)
    path += number & 1 ? "/./" : "//.";
  return path + "/" + std::to_string(fd);
}

static bool writeAll(int fd, const char *bytes, size_t size) {
  while (size) {
    ssize_t written = ::write(fd, bytes, size);
    if (written < 0 && errno == EINTR)
      continue;
    if (written <= 0)
      return false;
    bytes += written;
    size -= written;
  }
  return true;
}

/// dlopen trusts its input: it maps what the headers say. An object that ends
/// early would fault, so the size is compared with the section table's end,
/// which linkers put last.
static bool isWholeElf(const unsigned char *bytes, size_t size) {
  if (size < 64 || std::memcmp(bytes, "\177ELF\2\1", 6) != 0)
    return false;
  uint64_t sections;
  uint16_t entrySize, count;
  std::memcpy(&sections, bytes + 40, 8);
  std::memcpy(&entrySize, bytes + 58, 2);
  std::memcpy(&count, bytes + 60, 2);
  return sections <= size && uint64_t(entrySize) * count <= size - sections;
}

static std::string openPath(const char *path, tegula_module &module) {
  module.handle = ::dlopen(path, RTLD_NOW | RTLD_LOCAL);
  if (!module.handle)
    return module.name + ": the code doesn't load: " + ::dlerror();
  module.entry =
      reinterpret_cast<tegula_entry>(::dlsym(module.handle, "tegula_entry"));
  return module.entry ? ""
                      : module.name + ": the code exports no `tegula_entry`";
}

/// A file that stays, so that gdb and perf find the symbols and lines of a
/// kernel that came from memory, even after the process.
static std::string openKept(const void *bytes, size_t size,
                            tegula_module &module) {
  std::string path = "/tmp/tegula-" + std::to_string(::getpid()) + "-XXXXXX.so";
  int fd = ::mkostemps(path.data(), 3, O_CLOEXEC);
  if (fd < 0)
    return module.name + ": " + path + ": " + std::strerror(errno);
  bool written = writeAll(fd, static_cast<const char *>(bytes), size);
  int error = errno;
  ::close(fd);
  return written ? openPath(path.c_str(), module)
                 : module.name + ": " + path + ": " + std::strerror(error);
}

/// A kernel's memory file stays open, so that a debugger which comes later
/// finds the code under its path. In a program that is short of descriptors
/// only one that watches the kernel being loaded does.
static constexpr int fewDescriptors = 256;

static std::string openObject(const void *bytes, size_t size,
                              tegula_module &module) {
  if (!isWholeElf(static_cast<const unsigned char *>(bytes), size))
    return module.name + ": not a whole 64-bit little-endian ELF object";
  if (Environment::read().debug)
    return openKept(bytes, size, module);
  int fd = ::memfd_create(module.name.substr(0, 200).c_str(), MFD_CLOEXEC);
  if (fd < 0)
    return module.name + ": no memory file: " + std::strerror(errno);
  std::string error;
  if (writeAll(fd, static_cast<const char *>(bytes), size))
    error = openPath(uniquePath(fd).c_str(), module);
  else
    error = module.name + ": no memory for the code: " + std::strerror(errno);
  if (error.empty() && fd < fewDescriptors)
    module.memoryFile = fd;
  else
    ::close(fd);
  return error;
}

static std::string readFile(const std::string &path, std::string &bytes) {
  std::ifstream file(path, std::ios::binary);
  if (file)
    bytes.assign(std::istreambuf_iterator<char>(file), {});
  // Opening a folder succeeds, reading it doesn't.
  return file && !file.bad() ? "" : path + ": " + std::strerror(errno);
}

/// The file itself is opened, not a copy of it, so that debuggers and profilers
/// find its symbols and lines.
static std::string openFile(const std::string &path, tegula_module &module) {
  std::string metadata, bytes;
  for (auto &[from, to] :
       {std::pair(path + ".json", &metadata), std::pair(path, &bytes)})
    if (std::string error = readFile(from, *to); !error.empty())
      return error;
  if (std::string error = readMetadata(metadata.c_str(), module);
      !error.empty())
    return path + ".json: " + error;
  if (!isWholeElf(reinterpret_cast<const unsigned char *>(bytes.data()),
                  bytes.size()))
    return path + ": not a whole 64-bit little-endian ELF object";
  // Without a slash dlopen would search the system's folders.
  bool plain = path.find('/') == std::string::npos;
  return openPath((plain ? "./" + path : path).c_str(), module);
}

//===----------------------------------------------------------------------===//
// The C interface
//===----------------------------------------------------------------------===//

static tegula_status finish(std::string error, tegula_module *module,
                            tegula_module **out, char *message, size_t size) {
  setMessage(message, size, error);
  if (!error.empty()) {
    tegula_module_unload(module);
    module = nullptr;
  }
  if (out)
    *out = module;
  return error.empty() ? TEGULA_OK : TEGULA_BAD_MODULE;
}

tegula_status tegula_module_load(const void *so_bytes, size_t size,
                                 const char *metadata_json, tegula_module **out,
                                 char *message, size_t message_size) {
  if (!out || !so_bytes) {
    setMessage(message, message_size, "tegula_module_load: a null argument");
    return TEGULA_INVALID_ARGUMENT;
  }
  auto *module = new tegula_module;
  std::string error = readMetadata(metadata_json, *module);
  if (error.empty())
    error = openObject(so_bytes, size, *module);
  return finish(error, module, out, message, message_size);
}

tegula_status tegula_module_open(const char *path, tegula_module **out,
                                 char *message, size_t message_size) {
  if (!out || !path) {
    setMessage(message, message_size, "tegula_module_open: a null argument");
    return TEGULA_INVALID_ARGUMENT;
  }
  auto *module = new tegula_module;
  std::string error = openFile(path, *module);
  return finish(error, module, out, message, message_size);
}

tegula_status tegula_module_from_entry(tegula_entry entry,
                                       const char *metadata_json,
                                       tegula_module **out, char *message,
                                       size_t message_size) {
  if (!out || !entry) {
    setMessage(message, message_size,
               "tegula_module_from_entry: a null argument");
    return TEGULA_INVALID_ARGUMENT;
  }
  auto *module = new tegula_module;
  module->entry = entry;
  return finish(readMetadata(metadata_json, *module), module, out, message,
                message_size);
}

void tegula_module_unload(tegula_module *module) {
  if (!module)
    return;
  if (module->handle)
    ::dlclose(module->handle);
  if (module->memoryFile >= 0)
    ::close(module->memoryFile);
  delete module;
}

const char *tegula_module_name(const tegula_module *module) {
  return module->name.c_str();
}

size_t tegula_module_num_args(const tegula_module *module) {
  return module->args.size();
}

const char *tegula_module_arg_name(const tegula_module *module, size_t index) {
  return index < module->args.size() ? module->args[index].name.c_str()
                                     : nullptr;
}

const char *tegula_module_arg_type(const tegula_module *module, size_t index) {
  return index < module->args.size() ? module->args[index].type.c_str()
                                     : nullptr;
}
