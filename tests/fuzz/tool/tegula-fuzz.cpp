//===- tegula-fuzz.cpp - Random programs against the interpreter ----------===//
//
// Part of the Tegula Project, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/ControlFlow/IR/ControlFlowOps.h"
#include "mlir/Dialect/Func/Extensions/InlinerExtension.h"
#include "mlir/Dialect/Math/IR/Math.h"
#include "mlir/Dialect/SCF/IR/SCF.h"
#include "mlir/Dialect/UB/IR/UBOps.h"
#include "mlir/InitAllDialects.h"
#include "targets/common/llvm/Emit.h"
#include "tests/fuzz/Generator.h"
#include "tests/fuzz/Runner.h"
#include "llvm/Support/CommandLine.h"
#include "llvm/Support/FileSystem.h"
#include "llvm/Support/MemoryBuffer.h"
#include "llvm/Support/raw_ostream.h"
#include <chrono>

using namespace tegula::fuzz;
namespace cl = llvm::cl;

namespace {
struct CommandLine {
  cl::opt<std::string> file{cl::Positional, cl::desc("[reproducer.mlir]")};
  cl::opt<uint64_t> seed{"seed", cl::desc("First seed"), cl::init(1)};
  cl::opt<uint64_t> count{"count", cl::desc("Programs; 0: without end"),
                          cl::init(100)};
  cl::opt<uint64_t> seconds{"seconds", cl::desc("Stop after; 0: never"),
                            cl::init(0)};
  cl::list<std::string> targets{"targets", cl::CommaSeparated,
                                cl::desc("Default: interp, interp:random:1, "
                                         "cpu")};
  cl::opt<std::string> out{"out", cl::desc("Folder of reproducers"),
                           cl::init(".")};
  cl::opt<bool> noShrink{"no-shrink", cl::desc("Write programs as they are")};
  cl::opt<bool> keepGoing{"keep-going", cl::desc("Don't stop at a failure")};
  cl::opt<bool> print{"print", cl::desc("Print the programs, run nothing")};
};

/// What the command line said. lld, which links the code of some targets in
/// this process, puts all cl::opt back to their defaults.
struct Options {
  explicit Options(const CommandLine &given)
      : file(given.file), out(given.out), seed(given.seed), count(given.count),
        seconds(given.seconds),
        targets(given.targets.begin(), given.targets.end()),
        noShrink(given.noShrink), keepGoing(given.keepGoing),
        print(given.print) {
    if (targets.empty())
      targets = {"interp", "interp:random:1", "cpu"};
  }
  std::string file, out;
  uint64_t seed, count, seconds;
  std::vector<std::string> targets;
  bool noShrink, keepGoing, print;
};
} // namespace

/// The part of a failure that must stay the same while a program shrinks.
static std::string kindOf(llvm::StringRef failure) {
  auto [target, rest] = failure.split(": ");
  bool isDifference = rest.contains("elements differ");
  return (target + (isDifference ? "differs" : rest.take_front(12))).str();
}

static void save(const Options &options, Runner &runner, Case test,
                 const std::string &failure) {
  if (!options.noShrink) {
    std::string kind = kindOf(failure);
    test = shrink(std::move(test), [&](const Case &smaller) {
      return kindOf(runner.runIsolated(smaller)) == kind;
    });
  }
  std::string path =
      options.out + "/fuzz-" + std::to_string(test.seed) + ".mlir";
  std::error_code error;
  llvm::raw_fd_ostream os(path, error);
  if (error) {
    llvm::errs() << path << ": " << error.message() << '\n';
    return;
  }
  os << "// " << llvm::StringRef(runner.runIsolated(test)).split('\n').first
     << '\n'
     << print(test);
  llvm::errs() << "  written to " << path << '\n';
}

static int replay(const Options &options, mlir::MLIRContext &context,
                  Runner &runner) {
  auto buffer = llvm::MemoryBuffer::getFileOrSTDIN(options.file);
  if (!buffer) {
    llvm::errs() << options.file << ": " << buffer.getError().message() << '\n';
    return 2;
  }
  auto test = parse((*buffer)->getBuffer(), context);
  if (!test) {
    llvm::errs() << options.file << ": " << llvm::toString(test.takeError())
                 << '\n';
    return 2;
  }
  std::string failure = runner.runIsolated(*test);
  llvm::outs() << (failure.empty() ? "all agree" : failure) << '\n';
  return !failure.empty();
}

int main(int argc, char **argv) {
  CommandLine commandLine;
  cl::ParseCommandLineOptions(
      argc, argv,
      "Random tile programs: un-raised in the interpreter against targets\n\n"
      "  tegula-fuzz --count 0                 without end\n"
      "  tegula-fuzz --seed 17 --count 1       one program\n"
      "  tegula-fuzz fuzz-17.mlir              a reproducer again\n");
  Options options(commandLine);
  mlir::DialectRegistry dialects;
  mlir::registerAllDialects(dialects);
  dialects.insert<tegula::tile::TileDialect>();
  mlir::func::registerInlinerExtension(dialects);
  tegula::targets::registerLLVMEmission(dialects);
  mlir::MLIRContext context(dialects);
  context.disableMultithreading();
  context.allowUnregisteredDialects(); // For the attributes fuzz.*
  context.loadDialect<tegula::tile::TileDialect, mlir::arith::ArithDialect,
                      mlir::math::MathDialect, mlir::scf::SCFDialect,
                      mlir::func::FuncDialect, mlir::cf::ControlFlowDialect,
                      mlir::ub::UBDialect>();
  Runner runner(options.targets);
  if (!options.file.empty())
    return replay(options, context, runner);
  uint64_t failures = 0, programs = 0;
  auto start = std::chrono::steady_clock::now();
  auto isOver = [&] {
    return (options.count != 0 && programs == options.count) ||
           (options.seconds != 0 && std::chrono::steady_clock::now() - start >=
                                        std::chrono::seconds(options.seconds));
  };
  for (; !isOver(); ++programs) {
    Case test = generate(options.seed + programs, context);
    if (options.print) {
      llvm::outs() << print(test);
      continue;
    }
    std::string failure = runner.runIsolated(test);
    if (failure.empty())
      continue;
    ++failures;
    llvm::errs() << "seed " << test.seed << ": " << failure << '\n';
    save(options, runner, std::move(test), failure);
    if (!options.keepGoing)
      return 1;
  }
  if (!options.print)
    llvm::outs() << programs << " programs, " << failures << " failures\n";
  return failures ? 1 : 0;
}
