//===- BugReport.cpp - tegula bug-report ---*- C++ -*-===//
//
// Part of the Tegula Project, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "frontend/driver/CorpusCase.h"
#include "frontend/tools/tegula/Tool.h"
#include "runtime/Environment.h"
#include "llvm/Support/TarWriter.h"
#include "llvm/TargetParser/Host.h"
#include <sys/utsname.h>

namespace tegula::tools {

using namespace frontend;
namespace cl = llvm::cl;

static const char *const kExamples =
    "  tegula bug-report add.py x='*f32' out='*f32' n=i32 BLOCK=256\n"
    "  tegula bug-report kernels/softmax -o softmax.tar\n"
    "\nThe archive holds the version, the processor, the TEGULA_ variables, "
    "the kernel's\nsource and its IR at each stage; arrays are not part of "
    "it.\n";

static std::string describeHost(llvm::StringRef commandLine) {
  std::string text;
  llvm::raw_string_ostream os(text);
  os << "tegula " TEGULA_VERSION " (LLVM " LLVM_VERSION_STRING ")\n"
     << "build " << buildId() << '\n'
     << "command " << commandLine << '\n'
     << "processor " << llvm::sys::getHostCPUName() << " of "
     << llvm::sys::getDefaultTargetTriple() << '\n';
  utsname system;
  if (::uname(&system) == 0)
    os << "system " << system.sysname << ' ' << system.release << ' '
       << system.machine << '\n';
  os << "features";
  for (const auto &feature : llvm::sys::getHostCPUFeatures())
    if (feature.second)
      os << ' ' << feature.first();
  os << "\n\n" << runtime::describeEnvironment();
  return text;
}

namespace {

/// Writes what can be had: a report about a crash or an error is most useful
/// with the stages before it.
class Reporter {
public:
  Reporter(llvm::TarWriter &archive) : archive(archive) {}

  void add(llvm::StringRef name, llvm::StringRef text) {
    archive.append(name, text);
    ++files;
  }

  void kernel(llvm::ArrayRef<std::string> words, const std::string &target) {
    CompileContext context;
    Diagnostics diagnostics;
    auto given = parseWords(words.drop_front());
    std::string problems;
    if (!given)
      problems = llvm::toString(given.takeError());
    BindMode mode = BindMode::Compile;
    auto kernel = openAndBind(context, words, mode, diagnostics);
    if (kernel) {
      add("source/" + kernel->program.kernelName() + ".txt",
          kernel->program.source()->text());
      stages(context, *kernel, target);
    } else {
      problems += llvm::toString(kernel.takeError());
      addSource(words.front());
    }
    add("diagnostics.txt", problems + "\n" + diagnostics.str());
  }

  unsigned files = 0;

private:
  void addSource(llvm::StringRef spelling) {
    auto file = SourceFile::open(spelling.split("::").first);
    if (file)
      add("source/kernel.txt", (*file)->text());
    else
      llvm::consumeError(file.takeError());
  }

  void stages(CompileContext &context, const BoundKernel &kernel,
              const std::string &targetName) {
    CompileRequest request;
    request.arguments = kernel.bound.specs();
    request.target = targetName;
    request.mustRun = false;
    request.useCache = false;
    auto spelling = targets::TargetSpelling::parse(targetName);
    auto target = context.registry().find(spelling.name);
    std::vector<std::string> names = {"tile", "raised"};
    if (target)
      for (const targets::Stage &stage : target->stages())
        names.push_back(stage.name.str());
    else
      llvm::consumeError(target.takeError());
    for (const std::string &name : names) {
      Diagnostics diagnostics;
      auto bytes =
          compileToStage(context, kernel.program, request, name, diagnostics);
      if (bytes) {
        add("stages/" + name, *bytes);
        continue;
      }
      add("stages/" + name + ".failed",
          llvm::toString(bytes.takeError()) + "\n" + diagnostics.str());
      return;
    }
  }

  llvm::TarWriter &archive;
};

} // namespace

int bugReportMain(int argc, char **argv) {
  Options options("bug-report", "Collects what a report of a bug needs.",
                  kExamples);
  auto in = cl::sub(options.sub);
  cl::opt<std::string> output("o", cl::init("tegula-bug-report.tar"),
                              cl::value_desc("file"), cl::desc("the archive"),
                              in);
  cl::opt<std::string> target("target", cl::init(defaultTarget()),
                              cl::value_desc("name[:arch[:features]]"),
                              cl::desc("the machine (default: TEGULA_TARGET, "
                                       "else cpu)"),
                              in);
  cl::list<std::string> words(cl::Positional,
                              cl::desc("[SOURCE NAME=TYPE_OR_VALUE...]"), in);
  if (!options.parse(argc, argv))
    return Usage;
  auto archive = llvm::TarWriter::create(output, "tegula-bug-report");
  if (!archive)
    return report(archive.takeError());
  std::string commandLine;
  for (int i = 0; i < argc; ++i)
    commandLine += std::string(i ? " " : "") + argv[i];
  Reporter reporter(**archive);
  reporter.add("host.txt", describeHost(commandLine));
  if (!words.empty())
    reporter.kernel(words, target);
  llvm::outs() << "wrote " << output << " with " << reporter.files
               << " files; please look through it before sending it\n";
  return Done;
}

} // namespace tegula::tools
