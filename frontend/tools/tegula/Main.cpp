//===- Main.cpp - tegula: the one tool ---*- C++ -*-===//
//
// Part of the Tegula Project, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "frontend/tools/tegula/Tool.h"
#include "tegula/runtime.h"
#include "llvm/Support/InitLLVM.h"
#include "llvm/Support/Signals.h"
#include "llvm/Support/raw_ostream.h"
#include <algorithm>
#include <csignal>
#include <sys/time.h>
#include <unistd.h>

using namespace tegula::tools;

namespace {

struct Entry {
  llvm::StringRef name;
  Subcommand run;
  llvm::StringRef summary;
};

constexpr Entry subcommands[] = {
#define TEGULA_SUBCOMMAND(NAME, FUNCTION, SUMMARY) {NAME, FUNCTION, SUMMARY},
#include "frontend/tools/tegula/Subcommands.def"
};

void printHelp(llvm::raw_ostream &os) {
  os << "Tegula compiles kernels written in the Triton language and runs them "
        "here.\n\nUSAGE: tegula SUBCOMMAND ...\n\n";
  Table table({"SUBCOMMANDS:", ""}, 2);
  for (const Entry &entry : subcommands)
    table.add({"  " + entry.name.str(), entry.summary.str()});
  table.print(os);
  os << "\n`tegula SUBCOMMAND --help` has the options and examples, `tegula "
        "--help env`\nthe environment variables, `tegula --version` the "
        "version.\n\nEXAMPLES:\n"
        "  tegula run kernels/softmax\n"
        "  tegula run add.py x=randn:f32:1000 y=randn:f32:1000:1 \\\n"
        "      out=empty:f32:1000 n=1000 BLOCK=256 --grid 'cdiv(n,BLOCK)' "
        "--save out=sum.npy\n"
        "  tegula compile add.py x='*f32' y='*f32' out='*f32' n=i32 BLOCK=256 "
        "--emit asm -o -\n";
}

int unknown(llvm::StringRef word) {
  llvm::errs() << "tegula: error: unknown subcommand '" << word << "'";
  const Entry *near = nullptr;
  unsigned best = 3;
  for (const Entry &entry : subcommands)
    if (unsigned distance = entry.name.edit_distance(word); distance < best) {
      best = distance;
      near = &entry;
    }
  if (near)
    llvm::errs() << "; did you mean '" << near->name << "'?";
  llvm::errs() << "\nSee `tegula --help`.\n";
  return Usage;
}

//===----------------------------------------------------------------------===//
// Ctrl-C
//===----------------------------------------------------------------------===//

volatile sig_atomic_t interrupted = 0;

/// Ends as the signal would have, so that shells stop their scripts too.
void dieOfInterrupt() {
  std::signal(SIGINT, SIG_DFL);
  std::raise(SIGINT);
}

/// Called from the signal handler, once: a second Ctrl-C ends the process. The
/// running launch stops before its next program and says so; what doesn't stop
/// by itself, e.g. a program that runs for long, is ended after a while.
void interrupt() {
  interrupted = 1;
  tegula_interrupt();
  std::signal(SIGALRM, [](int) {
    constexpr char text[] = "tegula: interrupted\n";
    [[maybe_unused]] ssize_t written =
        ::write(STDERR_FILENO, text, sizeof text - 1);
    dieOfInterrupt();
  });
  itimerval patience = {{0, 0}, {0, 300'000}};
  ::setitimer(ITIMER_REAL, &patience, nullptr);
}

/// Output that can't be written is no success.
int finish(int status) {
  llvm::outs().flush();
  if (llvm::outs().has_error()) {
    llvm::errs() << "tegula: error: the standard output can't be written: "
                 << llvm::outs().error().message() << '\n';
    llvm::outs().clear_error();
    status = std::max<int>(status, Usage);
  }
  if (interrupted)
    dieOfInterrupt();
  return status;
}

} // namespace

int main(int argc, char **argv) {
  llvm::InitLLVM init(argc, argv);
  llvm::sys::SetInterruptFunction(interrupt);
  llvm::setBugReportMsg(
      "This is a bug in Tegula. Please send the archive that `tegula "
      "bug-report` makes\nwith the same arguments.\n");
  llvm::StringRef word = argc > 1 ? argv[1] : "";
  if (word == "--version" || word == "-version") {
    llvm::outs() << "tegula " TEGULA_VERSION " (LLVM " LLVM_VERSION_STRING
                    ")\n";
    return Done;
  }
  bool help =
      word == "--help" || word == "-h" || word == "help" || word == "-help";
  if (help && argc > 2 && llvm::StringRef(argv[2]) == "env") {
    printEnvironmentHelp();
    return Done;
  }
  if (help || word.empty()) {
    printHelp(help ? llvm::outs() : llvm::errs());
    return help ? Done : Usage;
  }
  for (const Entry &entry : subcommands)
    if (entry.name == word)
      return finish(entry.run(argc, argv));
  return unknown(word);
}
