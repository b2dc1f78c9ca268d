//===- NewTarget.cpp - tegula new-target ---*- C++ -*-===//
//
// Part of the Tegula Project, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "frontend/driver/Output.h"
#include "frontend/tools/tegula/Tool.h"
#include "llvm/ADT/StringExtras.h"
#include "llvm/Support/FileSystem.h"
#include "llvm/Support/MemoryBuffer.h"
#include "llvm/Support/Path.h"

namespace tegula::tools {

namespace cl = llvm::cl;

static bool isName(llvm::StringRef name) {
  return !name.empty() && llvm::isLower(name.front()) &&
         llvm::all_of(name, [](char c) {
           return llvm::isLower(c) || llvm::isDigit(c) || c == '_';
         });
}

static std::string replaceAll(std::string text, llvm::StringRef from,
                              llvm::StringRef to) {
  for (size_t at = 0; (at = text.find(from.str(), at)) != std::string::npos;
       at += to.size())
    text.replace(at, from.size(), to.str());
  return text;
}

/// The skeleton's names in one of its files become the new target's.
static std::string renamed(llvm::StringRef text, llvm::StringRef name) {
  std::string camel = llvm::convertToCamelFromSnakeCase(name, true);
  std::string result =
      replaceAll(text.str(), "create__template", ("create_" + name).str());
  result = replaceAll(result, "TemplateTarget", camel + "Target");
  result = replaceAll(result, "TegulaTargetTemplate", "TegulaTarget" + camel);
  return replaceAll(result, "_template", name);
}

/// The part of the skeleton's README that holds for every new target.
static std::string readmeOf(llvm::StringRef text, llvm::StringRef name) {
  return ("# " + name + "\nWhat the machine is: to be written.\n\n").str() +
         replaceAll(text.substr(text.find("## ")).str(), "NAME", name);
}

static llvm::Error writeFile(llvm::StringRef path, llvm::StringRef text) {
  return frontend::writeOutput(path,
                               [&](llvm::raw_ostream &os) { os << text; });
}

static llvm::Expected<std::string> readFile(const llvm::Twine &path) {
  auto buffer = llvm::MemoryBuffer::getFile(path);
  if (!buffer)
    return llvm::createStringError(path + ": " + buffer.getError().message());
  return (*buffer)->getBuffer().str();
}

static llvm::Error addToList(const std::string &targets, llvm::StringRef name) {
  std::string path = targets + "/Targets.def";
  llvm::Expected<std::string> list = readFile(path);
  if (!list)
    return list.takeError();
  size_t end = list->find("#undef TEGULA_TARGET");
  if (end == std::string::npos)
    return llvm::createStringError(path + ": has no '#undef TEGULA_TARGET'");
  list->insert(end, ("TEGULA_TARGET(" + name + ")\n").str());
  return writeFile(path, *list);
}

static llvm::Error createTarget(const std::string &targets,
                                llvm::StringRef name) {
  std::string folder = targets + "/" + name.str();
  if (llvm::sys::fs::exists(folder))
    return llvm::createStringError(folder + ": is there already");
  // All files first: a half-made target would break the build.
  std::vector<std::pair<std::string, std::string>> files;
  for (llvm::StringRef file : {"Target.cpp", "CMakeLists.txt", "README.md"}) {
    llvm::Expected<std::string> text = readFile(targets + "/_template/" + file);
    if (!text)
      return text.takeError();
    files.emplace_back(folder + "/" + file.str(), file == "README.md"
                                                      ? readmeOf(*text, name)
                                                      : renamed(*text, name));
  }
  if (std::error_code error = llvm::sys::fs::create_directories(folder))
    return llvm::createStringError(folder + ": " + error.message());
  for (const auto &[path, text] : files)
    if (llvm::Error error = writeFile(path, text))
      return error;
  return addToList(targets, name);
}

int newTargetMain(int argc, char **argv) {
  Options options("new-target", "Makes the skeleton of a target.",
                  "  tegula new-target mychip\n");
  cl::opt<std::string> folder(
      "in", cl::init(TEGULA_TARGETS_SOURCE_DIR), cl::value_desc("folder"),
      cl::desc("the targets/ folder (default: this build's)"),
      cl::sub(options.sub));
  cl::opt<std::string> name(cl::Positional, cl::Required, cl::desc("NAME"),
                            cl::sub(options.sub));
  if (!options.parse(argc, argv))
    return Usage;
  if (!isName(name))
    return usageError("'" + name +
                      "' is no name for a target: small letters, "
                      "digits and _, a letter first");
  if (llvm::Error error = createTarget(folder, name))
    return report(std::move(error));
  llvm::outs() << "made " << folder << '/' << name
               << " and its line in Targets.def; build again, then\n  tegula "
                  "explain kernels/vecadd --target "
               << name << "\nsays what to fill in first\n";
  return Done;
}

} // namespace tegula::tools
