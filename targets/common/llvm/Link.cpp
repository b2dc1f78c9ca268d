//===- Link.cpp - A shared object by lld, in process ----------------------===//
//
// Part of the Tegula Project, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "targets/common/llvm/Emit.h"

#include "lld/Common/Driver.h"
#include "llvm/ADT/SmallString.h"
#include "llvm/ADT/StringExtras.h"
#include "llvm/ADT/StringSet.h"
#include "llvm/Object/ELFObjectFile.h"
#include "llvm/Support/CommandLine.h"
#include "llvm/Support/FileSystem.h"
#include "llvm/Support/MemoryBuffer.h"
#include "llvm/Support/Path.h"
#include <mutex>

LLD_HAS_DRIVER(elf)

using namespace tegula::targets;
using llvm::StringRef;

namespace {

/// A folder that is gone when the scope ends.
class ScratchFolder {
public:
  static llvm::Expected<ScratchFolder> create() {
    ScratchFolder folder;
    if (std::error_code error =
            llvm::sys::fs::createUniqueDirectory("tegula-link", folder.path))
      return llvm::createStringError(
          error, "can't make a temporary folder for linking");
    return std::move(folder);
  }
  ScratchFolder(ScratchFolder &&other) : path(std::move(other.path)) {
    other.path.clear();
  }
  ~ScratchFolder() {
    if (!path.empty())
      llvm::sys::fs::remove_directories(path);
  }
  std::string file(StringRef name) const {
    llvm::SmallString<128> result(path);
    llvm::sys::path::append(result, name);
    return std::string(result);
  }

private:
  ScratchFolder() = default;
  llvm::SmallString<128> path;
};

} // namespace

static llvm::Error writeFile(const std::string &path, StringRef bytes) {
  std::error_code error;
  llvm::raw_fd_ostream stream(path, error);
  if (!error) {
    stream << bytes;
    stream.close();
    error = stream.error();
  }
  if (error)
    return llvm::createStringError(error, "can't write '%s'", path.c_str());
  return llvm::Error::success();
}

/// lld keeps its state in globals: one link at a time in a process.
static std::mutex &linkerMutex() {
  static std::mutex mutex;
  return mutex;
}

namespace {

/// lld resets every command-line option of the process to its default, the
/// ones of the tool that called us too. While this lives there are none.
class HiddenOptions {
public:
  HiddenOptions() {
    for (llvm::cl::SubCommand *command : llvm::cl::getRegisteredSubcommands()) {
      hidden.emplace_back().command = command;
      swap(hidden.back());
    }
  }
  ~HiddenOptions() {
    for (Command &command : hidden)
      swap(command);
  }

private:
  struct Command {
    llvm::cl::SubCommand *command = nullptr;
    decltype(llvm::cl::SubCommand::OptionsMap) options;
    decltype(llvm::cl::SubCommand::PositionalOpts) positional;
    decltype(llvm::cl::SubCommand::SinkOpts) sinks;
    llvm::cl::Option *rest = nullptr;
  };
  static void swap(Command &saved) {
    std::swap(saved.command->OptionsMap, saved.options);
    std::swap(saved.command->PositionalOpts, saved.positional);
    std::swap(saved.command->SinkOpts, saved.sinks);
    std::swap(saved.command->ConsumeAfterOpt, saved.rest);
  }
  std::vector<Command> hidden;
};

} // namespace

static llvm::Error runLinker(llvm::ArrayRef<std::string> arguments) {
  llvm::SmallVector<const char *> pointers;
  for (const std::string &argument : arguments)
    pointers.push_back(argument.c_str());
  std::string messages;
  llvm::raw_string_ostream stream(messages);
  std::lock_guard<std::mutex> lock(linkerMutex());
  HiddenOptions hidden;
  lld::Result result =
      lld::lldMain(pointers, stream, stream, {{lld::Gnu, &lld::elf::link}});
  if (result.retCode != 0)
    return llvm::createStringError("linking failed: " + messages);
  return llvm::Error::success();
}

namespace {
/// The libraries that an object's undefined symbols come from.
struct Needs {
  bool libm = false, libc = false, sleef = false;
};
} // namespace

/// The functions of libc that LLVM's code generator calls by itself.
static bool isInLibC(StringRef name) {
  return name == "memcpy" || name == "memset" || name == "memmove";
}

static bool isInLibM(StringRef name) {
  static constexpr StringRef names[] = {
      "acos",      "acosh",  "asin",      "asinh",    "atan",   "atan2",
      "atanh",     "cbrt",   "ceil",      "copysign", "cos",    "cosh",
      "erf",       "erfc",   "exp",       "exp10",    "exp2",   "expm1",
      "fabs",      "fdim",   "floor",     "fma",      "fmax",   "fmin",
      "fmod",      "hypot",  "ilogb",     "j0",       "j1",     "jn",
      "ldexp",     "lgamma", "llrint",    "llround",  "log",    "log10",
      "log1p",     "log2",   "logb",      "lrint",    "lround", "nearbyint",
      "nextafter", "pow",    "remainder", "rint",     "round",  "roundeven",
      "scalbn",    "sin",    "sincos",    "sinh",     "sqrt",   "tan",
      "tanh",      "tgamma", "trunc",     "y0",       "y1",     "yn"};
  return llvm::is_contained(names, name) ||
         (name.ends_with("f") && llvm::is_contained(names, name.drop_back(1)));
}

static llvm::Expected<Needs> findNeeds(StringRef object) {
  auto file = llvm::object::ObjectFile::createELFObjectFile(
      llvm::MemoryBufferRef(object, "kernel.o"));
  if (!file)
    return file.takeError();
  Needs needs;
  for (const llvm::object::SymbolRef &symbol : (*file)->symbols()) {
    auto flags = symbol.getFlags();
    if (!flags)
      return flags.takeError();
    if (!(*flags & llvm::object::SymbolRef::SF_Undefined))
      continue;
    auto name = symbol.getName();
    if (!name)
      return name.takeError();
    if (name->empty() || *name == "_GLOBAL_OFFSET_TABLE_")
      continue;
    if (isInLibC(*name))
      needs.libc = true;
    else if (isInLibM(*name))
      needs.libm = true;
    else if (name->starts_with("Sleef_"))
      needs.sleef = true;
    else
      return llvm::createStringError(
          "the kernel calls '" + *name +
          "', which no library of its target provides");
  }
  return needs;
}

static StringRef emulationOf(const llvm::Triple &triple) {
  if (triple.isAArch64())
    return "aarch64linux";
  return triple.isRISCV() ? "elf64lriscv" : "elf_x86_64";
}

llvm::Expected<std::string>
tegula::targets::linkSharedObject(StringRef object, const TargetDesc &desc) {
  auto needs = findNeeds(object);
  if (!needs)
    return needs.takeError();
  auto folder = ScratchFolder::create();
  if (!folder)
    return folder.takeError();
  std::string objectPath = folder->file("kernel.o");
  if (llvm::Error error = writeFile(objectPath, object))
    return error;
  std::string emulation = emulationOf(llvm::Triple(desc.triple)).str();
  std::string versions = folder->file("exports"), out = folder->file("kernel");
  if (llvm::Error error = writeFile(
          versions, ("{ global: " + kEntrySymbol + "; local: *; };").str()))
    return error;
  std::vector<std::string> arguments = {"ld.lld",
                                        "-m",
                                        emulation,
                                        "-shared",
                                        "--threads=1",
                                        "--build-id=none",
                                        "-O1",
                                        "-z",
                                        "now",
                                        "-z",
                                        "noexecstack",
                                        "--hash-style=gnu",
                                        "--version-script=" + versions,
                                        "-o",
                                        out,
                                        objectPath};
  // A library is needed by its name only; an empty stand-in of that name
  // serves, so that linking doesn't depend on what this machine has installed.
  auto need = [&](bool isNeeded, const char *soname) -> llvm::Error {
    if (!isNeeded)
      return llvm::Error::success();
    // lld wants an input: one that is empty.
    std::string path = folder->file(soname), empty = folder->file("empty");
    if (llvm::Error error = writeFile(empty, ""))
      return error;
    arguments.push_back(path);
    return runLinker({"ld.lld", "-m", emulation, "-shared", "--threads=1",
                      "-soname", soname, "-o", path, "--format=binary", empty});
  };
  if (llvm::Error error = need(needs->libm, "libm.so.6"))
    return error;
  if (llvm::Error error = need(needs->libc, "libc.so.6"))
    return error;
  if (llvm::Error error = need(needs->sleef, "libsleef.so.3"))
    return error;
  if (llvm::Error error = runLinker(arguments))
    return error;
  auto bytes = llvm::MemoryBuffer::getFile(out);
  if (!bytes)
    return llvm::createStringError(bytes.getError(),
                                   "can't read the linked object");
  return (*bytes)->getBuffer().str();
}
