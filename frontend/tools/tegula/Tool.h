//===- Tool.h - What the subcommands share ---*- C++ -*-===//
//
// Part of the Tegula Project, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef TEGULA_FRONTEND_TOOLS_TOOL_H
#define TEGULA_FRONTEND_TOOLS_TOOL_H

#include "frontend/driver/Compile.h"
#include "llvm/Support/CommandLine.h"
#include "llvm/Support/JSON.h"

namespace tegula::tools {

/// Exit status, fixed by INTERFACES.md.
enum Status : int { Done = 0, Failed = 1, Usage = 2, Unavailable = 3 };

/// A subcommand: a function in a file of its own, and one line in
/// Subcommands.def.
using Subcommand = int (*)(int argc, char **argv);

/// The options of one subcommand, apart from those that LLVM's libraries
/// register for themselves. Options are local objects with
/// `cl::sub(options.sub)`.
class Options {
public:
  /// `examples` ends the help text.
  Options(llvm::StringRef name, llvm::StringRef summary,
          llvm::StringRef examples);
  ~Options();
  /// False after telling what is wrong: the caller returns Usage. `--help`
  /// doesn't come back.
  bool parse(int argc, char **argv);

  struct SubCommand : llvm::cl::SubCommand {
    using llvm::cl::SubCommand::SubCommand;
    void forget() { unregisterSubCommand(); }
  };
  SubCommand sub;

private:
  std::string name;
  /// extrahelp keeps only a reference.
  std::string examplesText;
  llvm::cl::extrahelp examples;
};

/// Prints "tegula: error: ..." and says with which status to exit.
int report(llvm::Error error);
int usageError(const llvm::Twine &message);
/// Prints diagnostics, if there are any, to the standard error output.
void show(const frontend::Diagnostics &diagnostics);

void printJson(const llvm::json::Value &value);

/// A kernel and its arguments, from the positional words of a command line.
struct BoundKernel {
  frontend::Program program;
  frontend::BoundArguments bound;
};
/// `words` is SOURCE NAME=VALUE...; prints what was chosen for the user: a
/// configuration, the arguments of a corpus kernel that is to be compiled. With
/// the spelling of a target, the configuration that `tegula tune` found for it.
llvm::Expected<BoundKernel>
openAndBind(frontend::CompileContext &context,
            llvm::ArrayRef<std::string> words, frontend::BindMode mode,
            frontend::Diagnostics &diagnostics,
            std::optional<std::string> tunedFor = std::nullopt);
llvm::Expected<std::vector<frontend::NamedText>>
parseWords(llvm::ArrayRef<std::string> words);

void printEnvironmentHelp();
/// TEGULA_TARGET, else cpu: for subcommands that need one target by name.
std::string defaultTarget();

/// `tegula check`, which `tegula run --check` is too.
struct CheckRequest {
  std::vector<std::string> words;
  std::string grid;
  /// A random order of programs instead of the increasing one.
  std::optional<uint64_t> seed;
  bool json = false;
};
int checkKernel(frontend::CompileContext &context, const CheckRequest &request);

/// A line that is overwritten while something takes long; silent unless the
/// standard error output is a terminal.
class Progress {
public:
  Progress();
  ~Progress();
  void say(const llvm::Twine &text);

private:
  bool shown = false;
  bool terminal = false;
};

/// A table with columns as wide as their widest cell; the first `left` columns
/// are aligned to the left.
class Table {
public:
  Table(std::vector<std::string> header, unsigned left)
      : rows{std::move(header)}, left(left) {}
  void add(std::vector<std::string> row) { rows.push_back(std::move(row)); }
  void print(llvm::raw_ostream &os) const;

private:
  std::vector<std::vector<std::string>> rows;
  unsigned left;
};

/// "1.23 ms".
std::string formatSeconds(double seconds);
/// Three digits: "12.3", "0.00123", "1.2e-08".
std::string formatNumber(double value);
/// "128" or "8x2".
std::string formatGrid(const std::array<uint32_t, 3> &grid);

#define TEGULA_SUBCOMMAND(NAME, FUNCTION, SUMMARY)                             \
  int FUNCTION(int argc, char **argv);
#include "frontend/tools/tegula/Subcommands.def"

} // namespace tegula::tools

#endif // TEGULA_FRONTEND_TOOLS_TOOL_H
