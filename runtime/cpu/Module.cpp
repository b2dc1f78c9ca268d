//===- Module.cpp - Loading kernels from memory ---------------------------===//
//
// Part of the Tegula Project, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "runtime/cpu/Module.h"
#include "runtime/Environment.h"
#include "runtime/cpu/Metadata.h"

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

void tegula::runtime::setMessage(char *message, size_t size,
                                 const std::string &text) {
  if (!message || !size)
    return;
  size_t length = std::min(size - 1, text.size());
  std::memcpy(message, text.data(), length);
  message[length] = 0;
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
static bool isWholeElf(std::string_view object) {
  auto *bytes = reinterpret_cast<const unsigned char *>(object.data());
  size_t size = object.size();
  if (size < 64 || std::memcmp(bytes, "\177ELF\2\1", 6) != 0)
    return false;
  uint64_t sections;
  uint16_t entrySize, count;
  std::memcpy(&sections, bytes + 40, 8);
  std::memcpy(&entrySize, bytes + 58, 2);
  std::memcpy(&count, bytes + 60, 2);
  return sections <= size && uint64_t(entrySize) * count <= size - sections;
}

/// The object of the chosen variant; nothing where the artifact is too short.
static std::string_view chosenObject(std::string_view artifact,
                                     const tegula_module &module) {
  auto [offset, bytes] = module.code;
  if (!bytes)
    return artifact;
  if (offset > artifact.size() || bytes > artifact.size() - offset)
    return {};
  return artifact.substr(offset, bytes);
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

static std::string openObject(std::string_view artifact,
                              tegula_module &module) {
  std::string_view object = chosenObject(artifact, module);
  if (!isWholeElf(object))
    return module.name + ": not a whole 64-bit little-endian ELF object";
  const void *bytes = object.data();
  size_t size = object.size();
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
  // Only the object that the file begins with can be opened by its path.
  if (module.code.offset)
    return openObject(bytes, module);
  if (!isWholeElf(chosenObject(bytes, module)))
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
    error = openObject({static_cast<const char *>(so_bytes), size}, *module);
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
