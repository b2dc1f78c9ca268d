//===- Conformance.cpp - Every target on every kernel of the corpus ---*- C++
//-*-===//
//
// Part of the Tegula Project, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Enumerates registry x corpus (tiny cases) x dtypes, and odd numbers of
// programs, compares with the references and prints the support matrix:
//
//   conformance [--target NAME[:ARCH[:FEATURES]]]... [--on sim]
//               [--kernel NAME] [--brief] [--markdown]
//
// What a target refuses must stand in refusals.txt, and what stands there must
// be refused: an unexpected pass fails too. A target that can't run here is
// only asked to compile. `--on sim` runs the named targets on what simulates
// them, `--brief` takes one case and one dtype of each kernel.
//
//===----------------------------------------------------------------------===//

#include "frontend/driver/CorpusCase.h"
#include "frontend/tools/tegula/Tool.h"
#include "llvm/Support/MemoryBuffer.h"
#include "llvm/Support/Path.h"
#include <set>

using namespace tegula;
using namespace tegula::frontend;
using targets::Place;

namespace {

/// `TARGET KERNEL` or `TARGET *`; `#` begins a comment.
class Refusals {
public:
  static llvm::Expected<Refusals> read(llvm::StringRef path) {
    auto buffer = llvm::MemoryBuffer::getFile(path);
    if (!buffer)
      return llvm::createStringError(path + ": " + buffer.getError().message());
    Refusals result;
    llvm::SmallVector<llvm::StringRef> lines;
    (*buffer)->getBuffer().split(lines, '\n');
    for (llvm::StringRef line : lines) {
      auto [target, kernel] = line.split('#').first.trim().split(' ');
      if (!target.empty())
        result.expected.insert({target.str(), kernel.trim().str()});
    }
    return result;
  }
  bool expects(llvm::StringRef target, llvm::StringRef kernel) const {
    return expected.count({target.str(), "*"}) ||
           expected.count({target.str(), kernel.str()});
  }

private:
  std::set<std::pair<std::string, std::string>> expected;
};

/// One cell of the matrix.
struct Cell {
  unsigned passed = 0, compiled = 0, refused = 0, failed = 0;
  std::string refusal;

  std::string text() const {
    if (failed)
      return "FAILED";
    if (refused)
      return passed || compiled ? "partly" : "refused";
    if (compiled)
      return "compiles";
    return passed ? "ok" : "-";
  }
};

struct Column {
  const targets::Target *target = nullptr;
  targets::TargetDesc desc;
  bool runs = false, onSimulator = false;
};

class Suite {
public:
  Suite(const Refusals &refusals, bool isBrief)
      : refusals(refusals), isBrief(isBrief) {}

  bool addTarget(const targets::Target &target,
                 const targets::TargetSpelling &spelling, bool onSimulator) {
    auto desc = target.describe(spelling.arch, spelling.features);
    if (!desc) {
      llvm::errs() << target.name() << ": " << llvm::toString(desc.takeError())
                   << '\n';
      return false;
    }
    if (onSimulator)
      desc = targets::onSimulator(*desc);
    targets::Support here = target.probe(*desc);
    if (!here && !desc->standIn.empty()) {
      llvm::outs() << desc->name << " can't run here (" << here.reason
                   << "): " << desc->standIn << " stands in\n";
      auto spelling = targets::TargetSpelling::parse(desc->standIn);
      desc = target.describe(spelling.arch, spelling.features);
      if (!desc) {
        llvm::errs() << llvm::toString(desc.takeError()) << '\n';
        return false;
      }
      here = target.probe(*desc);
    }
    if (!here)
      llvm::outs() << desc->name
                   << " can't run here, is only compiled for: " << here.reason
                   << '\n';
    columns.push_back({&target, *desc, bool(here), onSimulator});
    return true;
  }

  void kernel(const corpus::Spec &spec) {
    std::vector<Cell> cells;
    for (const Column &column : columns) {
      Cell cell;
      for (const auto &[testCase, dtype] : chosenCases(spec))
        one(column, spec, *testCase, dtype, {}, cell);
      judge(column, spec.name, cell);
      cells.push_back(cell);
    }
    rows.emplace_back(spec.name, std::move(cells));
  }

  /// Grids that are no round numbers, on a kernel whose last program has a
  /// tail.
  void programCounts(const corpus::Spec &spec) {
    std::vector<Cell> cells;
    for (const Column &column : columns) {
      Cell cell;
      for (int64_t programs : {1, 3, 127, 1000, 65537}) {
        if (programs > 4000 && column.desc.place == Place::Emulation)
          continue;
        std::string size = std::to_string(programs * 8 - 5);
        one(column, spec, spec.cases.front(), "f32",
            {{"x", "randn:f32:" + size},
             {"y", "randn:f32:" + size + ":1"},
             {"out", "empty:f32:" + size},
             {"n", size},
             {"BLOCK", "8"}},
            cell);
      }
      judge(column, spec.name, cell);
      cells.push_back(cell);
    }
    rows.emplace_back("1 to 65537 programs", std::move(cells));
  }

  void print(bool markdown) const {
    std::vector<std::string> header = {"kernel"};
    for (const Column &column : columns)
      header.push_back(column.desc.place == Place::Emulation ||
                               column.onSimulator
                           ? column.desc.name
                           : column.target->name().str());
    if (!markdown) {
      tools::Table table(header, columns.size() + 1);
      for (const auto &[name, cells] : rows)
        table.add(line(name, cells));
      table.print(llvm::outs());
      return;
    }
    auto row = [](llvm::ArrayRef<std::string> texts) {
      for (const std::string &text : texts)
        llvm::outs() << "| " << text << ' ';
      llvm::outs() << "|\n";
    };
    row(header);
    row(std::vector<std::string>(header.size(), "---"));
    for (const auto &[name, cells] : rows)
      row(line(name, cells));
  }

  unsigned problems = 0, checks = 0;

private:
  std::vector<std::pair<const corpus::Case *, std::string>>
  chosenCases(const corpus::Spec &spec) const {
    std::vector<std::pair<const corpus::Case *, std::string>> chosen;
    for (const corpus::Case &testCase : spec.cases)
      if (testCase.smoke)
        for (const std::string &dtype : testCase.dtypes)
          chosen.emplace_back(&testCase, dtype);
    if (isBrief && chosen.size() > 1)
      chosen.resize(1);
    return chosen;
  }

  static std::vector<std::string> line(const std::string &name,
                                       llvm::ArrayRef<Cell> cells) {
    std::vector<std::string> result = {name};
    for (const Cell &cell : cells)
      result.push_back(cell.text());
    return result;
  }

  void one(const Column &column, const corpus::Spec &spec,
           const corpus::Case &testCase, const std::string &dtype,
           const std::vector<NamedText> &given, Cell &cell) {
    ++checks;
    std::string what =
        column.desc.name + " " + spec.name + " " + testCase.name + " " + dtype;
    auto fail = [&](const llvm::Twine &why) {
      ++cell.failed;
      ++problems;
      llvm::outs() << "FAILED " << what << ": " << why << '\n';
    };
    // Fresh each time: what one kernel leaves behind can't hide in another.
    CompileContext context;
    auto prepared = CorpusCase::prepare(context, spec, testCase, dtype, given);
    if (!prepared)
      return fail(llvm::toString(prepared.takeError()));
    CompileRequest request;
    request.target = column.desc.name;
    request.mustRun = column.runs;
    request.onSimulator = column.onSimulator;
    request.useCache = false;
    auto compiled = prepared->compile(context, request);
    if (!compiled) {
      ++cell.refused;
      cell.refusal = llvm::toString(compiled.takeError());
      return;
    }
    if (!column.runs) {
      ++cell.compiled;
      return;
    }
    auto loaded = LoadedKernel::load(std::move(*compiled));
    if (!loaded)
      return fail(llvm::toString(loaded.takeError()));
    auto compared = prepared->computeReference();
    if (!compared)
      return fail(llvm::toString(compared.takeError()));
    auto seconds = prepared->launch(*loaded, /*threads=*/0);
    if (!seconds)
      return fail(llvm::toString(seconds.takeError()));
    double error = *compared ? prepared->maxError() : 0;
    if (!(error <= prepared->tolerance()))
      return fail("max error " + tools::formatNumber(error) + ", allowed " +
                  tools::formatNumber(prepared->tolerance()));
    ++cell.passed;
  }

  void judge(const Column &column, const std::string &kernel,
             const Cell &cell) {
    bool expected = refusals.expects(column.target->name(), kernel);
    if (cell.refused && !expected) {
      ++problems;
      llvm::outs() << "REFUSED " << column.desc.name << ' ' << kernel << ": "
                   << cell.refusal << '\n';
    }
    if (!cell.refused && !cell.failed && expected) {
      ++problems;
      llvm::outs() << "UNEXPECTED PASS " << column.desc.name << ' ' << kernel
                   << ": take it off refusals.txt\n";
    }
  }

  const Refusals &refusals;
  bool isBrief;
  std::vector<Column> columns;
  std::vector<std::pair<std::string, std::vector<Cell>>> rows;
};

} // namespace

int main(int argc, char **argv) {
  std::vector<targets::TargetSpelling> named;
  llvm::StringRef onlyKernel;
  bool markdown = false, onSimulator = false, isBrief = false;
  for (int i = 1; i < argc; ++i) {
    llvm::StringRef word = argv[i];
    if (word == "--markdown")
      markdown = true;
    else if (word == "--brief")
      isBrief = true;
    else if (word == "--on" && i + 1 < argc &&
             argv[i + 1] == llvm::StringRef("sim"))
      onSimulator = ++i;
    else if (word == "--target" && i + 1 < argc)
      named.push_back(targets::TargetSpelling::parse(argv[++i]));
    else if (word == "--kernel" && i + 1 < argc)
      onlyKernel = argv[++i];
    else
      return llvm::errs() << "unknown argument " << word << '\n', 2;
  }
  auto refusals = Refusals::read(TEGULA_REFUSALS);
  if (!refusals)
    return llvm::errs() << llvm::toString(refusals.takeError()) << '\n', 2;
  targets::Registry registry;
  if (named.empty())
    for (const auto &target : registry.targets())
      named.push_back({target->name().str(), "", ""});
  Suite suite(*refusals, isBrief);
  for (const targets::TargetSpelling &spelling : named) {
    auto target = registry.find(spelling.name);
    if (!target)
      return llvm::errs() << llvm::toString(target.takeError()) << '\n', 2;
    suite.problems += !suite.addTarget(*target, spelling, onSimulator);
  }
  for (std::string_view name : corpus::kernelNames()) {
    if (!onlyKernel.empty() && onlyKernel != llvm::StringRef(name))
      continue;
    corpus::Spec spec;
    if (auto error = corpus::loadSpec(corpus::kernelsFolder() / name, spec))
      return llvm::errs() << *error << '\n', 2;
    suite.kernel(spec);
    if (name == "vecadd" && !isBrief)
      suite.programCounts(spec);
  }
  suite.print(markdown);
  llvm::outs() << suite.checks << " checks, " << suite.problems
               << " problems\n";
  return suite.problems ? 1 : 0;
}
