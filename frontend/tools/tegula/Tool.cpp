//===- Tool.cpp - What the subcommands share ---*- C++ -*-===//
//
// Part of the Tegula Project, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "frontend/tools/tegula/Tool.h"
#include "frontend/driver/CorpusCase.h"
#include "frontend/driver/Tuning.h"
#include "runtime/Environment.h"
#include "llvm/Support/Format.h"
#include "llvm/Support/FormatVariadic.h"
#include "llvm/Support/Process.h"
#include <cmath>

namespace tegula::tools {

Options::Options(llvm::StringRef name, llvm::StringRef summary,
                 llvm::StringRef examples)
    : sub(name, summary), name(name.str()),
      examplesText(("\nEXAMPLES:\n" + examples).str()), examples(examplesText) {
}

Options::~Options() = default;

bool Options::parse(int argc, char **argv) {
  std::string problem;
  llvm::raw_string_ostream os(problem);
  // argv[0] is the program, argv[1] the subcommand.
  bool good = llvm::cl::ParseCommandLineOptions(argc, argv, "", &os);
  if (!good)
    llvm::errs() << problem << "See `tegula " << name << " --help`.\n";
  // lld, which links our kernels, resets every option that is registered.
  sub.forget();
  return good;
}

int report(llvm::Error error) {
  int status = Usage;
  llvm::handleAllErrors(
      std::move(error), [](const frontend::Reported &) {},
      [&](const targets::TargetUnavailable &why) {
        status = Unavailable;
        llvm::errs() << "tegula: error: ";
        why.log(llvm::errs());
        llvm::errs() << '\n';
      },
      [](const llvm::ErrorInfoBase &why) {
        llvm::errs() << "tegula: error: " << why.message() << '\n';
      });
  return status;
}

int usageError(const llvm::Twine &message) {
  llvm::errs() << "tegula: error: " << message << '\n';
  return Usage;
}

void show(const frontend::Diagnostics &diagnostics) {
  if (!diagnostics.all().empty())
    diagnostics.render(llvm::errs());
}

void printJson(const llvm::json::Value &value) {
  llvm::outs() << llvm::formatv("{0:2}", value) << '\n';
}

llvm::Expected<std::vector<frontend::NamedText>>
parseWords(llvm::ArrayRef<std::string> words) {
  std::vector<frontend::NamedText> result;
  for (const std::string &word : words) {
    llvm::Expected<frontend::NamedText> text = frontend::NamedText::parse(word);
    if (!text)
      return text.takeError();
    result.push_back(std::move(*text));
  }
  return result;
}

/// Binds again with what was found for the target, if anything was.
static void bindTuned(frontend::CompileContext &context,
                      const frontend::Program &program,
                      llvm::ArrayRef<frontend::NamedText> given,
                      llvm::StringRef spelling,
                      frontend::BoundArguments &bound) {
  auto parsed = targets::TargetSpelling::parse(
      spelling.empty() ? defaultTarget() : spelling.str());
  auto target = context.registry().find(parsed.name);
  if (!target)
    return llvm::consumeError(target.takeError());
  auto desc = target->describe(parsed.arch, parsed.features);
  if (!desc)
    return llvm::consumeError(desc.takeError());
  auto words = frontend::tunedConfig(program, bound, given, desc->name);
  if (!words)
    return;
  frontend::Diagnostics ignored;
  auto again = program.bind(*words, frontend::BindMode::Run, ignored);
  if (!again)
    return;
  bound = std::move(*again);
  bound.note = "@autotune: " + frontend::configOf(bound, program) + " (tuned)";
}

llvm::Expected<BoundKernel> openAndBind(frontend::CompileContext &context,
                                        llvm::ArrayRef<std::string> words,
                                        frontend::BindMode mode,
                                        frontend::Diagnostics &diagnostics,
                                        std::optional<std::string> tunedFor) {
  auto given = parseWords(words.drop_front());
  if (!given)
    return given.takeError();
  std::string spelling = words.front();
  // A corpus kernel is its file here; `run` knows more about it.
  if (std::optional<std::string> folder = frontend::corpusFolder(spelling)) {
    corpus::Spec spec;
    if (auto error = corpus::loadSpec(*folder, spec))
      return llvm::createStringError(*error);
    spelling = spec.source().string() + "::" + spec.kernel;
    // Without arguments, what the launch of its last case compiles.
    if (given->empty() && mode == frontend::BindMode::Compile) {
      const corpus::Case &typical = spec.cases.back();
      const std::string &dtype = typical.dtypes.front();
      for (auto &[name, text] : corpus::substitute(typical.args, dtype))
        given->push_back({name, text});
      mode = frontend::BindMode::Run;
      llvm::errs() << spec.kernel << ": as in its case '" << typical.name
                   << "' with " << dtype << '\n';
    }
  }
  auto program = frontend::Program::open(context, spelling, diagnostics);
  if (!program)
    return program.takeError();
  if (!*program)
    return llvm::make_error<frontend::Reported>();
  auto bound = (*program)->bind(*given, mode, diagnostics);
  if (!bound)
    return llvm::make_error<frontend::Reported>();
  if (tunedFor && !bound->note.empty())
    bindTuned(context, **program, *given, *tunedFor, *bound);
  if (!bound->note.empty())
    llvm::errs() << (*program)->kernelName() << ": " << bound->note << '\n';
  return BoundKernel{std::move(**program), std::move(*bound)};
}

std::string defaultTarget() {
  std::string named = runtime::Environment::read().target;
  return named.empty() ? "cpu" : named;
}

void printEnvironmentHelp() {
  Table table({"VARIABLE", "MEANING"}, 2);
  for (const runtime::EnvironmentVariable &variable :
       runtime::environmentVariables())
    table.add({variable.name, variable.help});
  table.print(llvm::outs());
}

Progress::Progress() : terminal(llvm::sys::Process::StandardErrIsDisplayed()) {}

Progress::~Progress() {
  if (shown)
    llvm::errs() << "\r\033[K";
}

void Progress::say(const llvm::Twine &text) {
  if (!terminal)
    return;
  llvm::errs() << "\r\033[K" << text;
  shown = true;
}

void Table::print(llvm::raw_ostream &os) const {
  std::vector<size_t> widths(rows.front().size(), 0);
  for (const auto &row : rows)
    for (size_t i = 0; i < row.size(); ++i)
      widths[i] = std::max(widths[i], row[i].size());
  for (const auto &row : rows) {
    std::string line;
    for (size_t i = 0; i < row.size(); ++i) {
      std::string gap(widths[i] - row[i].size(), ' ');
      line += i < left ? row[i] + gap : gap + row[i];
      line += "  ";
    }
    os << llvm::StringRef(line).rtrim() << '\n';
  }
}

std::string formatNumber(double value) {
  if (value == 0 || std::isnan(value) || std::isinf(value))
    return llvm::formatv("{0}", value == 0          ? "0"
                                : std::isnan(value) ? "nan"
                                                    : "inf");
  int digits = std::max(0, 2 - int(std::floor(std::log10(std::fabs(value)))));
  std::string text;
  llvm::raw_string_ostream os(text);
  if (digits > 5 || std::fabs(value) >= 1e7)
    os << llvm::format("%.1e", value);
  else
    os << llvm::format("%.*f", digits, value);
  return text;
}

std::string formatSeconds(double seconds) {
  for (auto [scale, unit] :
       {std::pair(1.0, " s"), std::pair(1e-3, " ms"), std::pair(1e-6, " us")})
    if (seconds >= scale)
      return formatNumber(seconds / scale) + unit;
  return formatNumber(seconds / 1e-9) + " ns";
}

std::string formatGrid(const std::array<uint32_t, 3> &grid) {
  std::string text = std::to_string(grid[0]);
  if (grid[1] != 1 || grid[2] != 1)
    text += "x" + std::to_string(grid[1]);
  if (grid[2] != 1)
    text += "x" + std::to_string(grid[2]);
  return text;
}

} // namespace tegula::tools
