//===- Check.cpp - tegula check ---*- C++ -*-===//
//
// Part of the Tegula Project, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "frontend/driver/CorpusCase.h"
#include "frontend/tools/tegula/Tool.h"
#include "ir/interp/Interpreter.h"
#include "mlir/Dialect/Func/IR/FuncOps.h"

namespace tegula::tools {

using namespace frontend;
namespace cl = llvm::cl;

static const char *const kExamples =
    "  tegula check kernel.py x=randn:f32:1000 out=empty:f32:1000 n=1000 \\\n"
    "      BLOCK=256 --grid 'cdiv(n,BLOCK)'\n"
    "  tegula check kernels/softmax\n"
    "  tegula check kernels/histogram --seed 7     another order of programs\n"
    "\nThe reference interpreter looks for accesses outside the arrays, lanes "
    "that\na mask left unspecified and that a kernel uses, and races between "
    "programs.\n";

namespace {

struct Finding {
  std::string where;
  ir::Report report;
};

llvm::json::Object toJson(const Finding &finding) {
  const ir::Report &report = finding.report;
  const auto &program = report.program;
  llvm::json::Object object{
      {"kind", ir::stringifyReportKind(report.kind)},
      {"message", report.message},
      {"kernel", report.kernel},
      {"file", report.file},
      {"line", report.line},
      {"column", report.column},
      {"program", llvm::json::Array{program[0], program[1], program[2]}},
      {"array", report.array},
      {"index", report.index},
      {"count", int64_t(report.count)}};
  if (!finding.where.empty())
    object["case"] = finding.where;
  return object;
}

/// Interprets the un-raised kernel: what the user wrote, not what a pass made.
llvm::Error interpret(CompileContext &context, const Program &program,
                      const BoundArguments &bound, const Execution &memory,
                      const std::array<uint32_t, 3> &grid,
                      const ir::InterpreterOptions &options,
                      std::vector<ir::Report> &reports,
                      Diagnostics &diagnostics) {
  auto module = program.import(context, bound.specs(), diagnostics);
  if (!module)
    return llvm::make_error<Reported>();
  auto kernel = module->lookupSymbol<mlir::func::FuncOp>(program.kernelName());
  auto interpreter = ir::Interpreter::create(kernel);
  if (!interpreter)
    return interpreter.takeError();
  return (*interpreter)
      ->launch({grid, memory.slots(), memory.extents()}, options, &reports);
}

} // namespace

/// Everything that `tegula check` and `tegula run --check` share.
class Checker {
public:
  Checker(CompileContext &context, const CheckRequest &request)
      : context(context), request(request) {
    options.check = true;
    if (request.seed) {
      options.order = ir::InterpreterOptions::Order::Random;
      options.seed = *request.seed;
    }
  }

  int file() {
    Diagnostics diagnostics;
    auto fail = [&](llvm::Error error) {
      show(diagnostics);
      return report(std::move(error));
    };
    auto kernel =
        openAndBind(context, request.words, BindMode::Run, diagnostics);
    if (!kernel)
      return fail(kernel.takeError());
    if (request.grid.empty())
      return usageError("give the number of programs: --grid 4 or --grid "
                        "'cdiv(n,BLOCK)'");
    auto grid =
        evaluateGrid(request.grid, kernel->bound.bindings(), diagnostics);
    if (!grid)
      return fail(llvm::make_error<Reported>());
    auto memory = Execution::make(kernel->bound);
    if (!memory)
      return fail(memory.takeError());
    std::vector<ir::Report> reports;
    if (llvm::Error error =
            interpret(context, kernel->program, kernel->bound, *memory, *grid,
                      options, reports, diagnostics))
      return fail(std::move(error));
    add("", reports);
    return finish();
  }

  int corpus(const std::string &folder) {
    corpus::Spec spec;
    if (auto error = corpus::loadSpec(folder, spec))
      return usageError(*error);
    auto given = parseWords(llvm::ArrayRef(request.words).drop_front());
    if (!given)
      return report(given.takeError());
    Progress progress;
    for (const corpus::Case &testCase : spec.cases) {
      if (!testCase.smoke && given->empty())
        continue;
      for (const std::string &dtype : testCase.dtypes) {
        progress.say(spec.name + " " + testCase.name + " " + dtype);
        if (llvm::Error error = oneCase(spec, testCase, dtype, *given))
          return report(std::move(error));
        if (!given->empty())
          return finish();
      }
    }
    return finish();
  }

private:
  llvm::Error oneCase(const corpus::Spec &spec, const corpus::Case &testCase,
                      llvm::StringRef dtype, llvm::ArrayRef<NamedText> given) {
    corpus::Case changed = testCase;
    if (!request.grid.empty())
      changed.grid = request.grid;
    auto prepared = CorpusCase::prepare(context, spec, changed, dtype, given);
    if (!prepared)
      return prepared.takeError();
    Diagnostics diagnostics;
    std::vector<ir::Report> reports;
    llvm::Error error = interpret(
        context, prepared->program(), prepared->bound(), prepared->execution(),
        prepared->grid(), options, reports, diagnostics);
    show(diagnostics);
    if (error)
      return error;
    add(testCase.name + " " + dtype.str(), reports);
    return llvm::Error::success();
  }

  void add(const std::string &where, llvm::ArrayRef<ir::Report> reports) {
    ++launches;
    for (const ir::Report &report : reports)
      findings.push_back({where, report});
  }

  int finish() const {
    if (request.json) {
      llvm::json::Array rows;
      for (const Finding &finding : findings)
        rows.push_back(toJson(finding));
      printJson(std::move(rows));
    } else {
      for (const Finding &finding : findings)
        llvm::outs() << (finding.where.empty() ? "" : finding.where + ": ")
                     << finding.report.text() << '\n';
      llvm::outs() << (findings.empty() ? "no problem" : "problems") << " in "
                   << launches << (launches == 1 ? " launch" : " launches")
                   << '\n';
    }
    return findings.empty() ? Done : Failed;
  }

  CompileContext &context;
  const CheckRequest &request;
  ir::InterpreterOptions options;
  std::vector<Finding> findings;
  unsigned launches = 0;
};

int checkKernel(CompileContext &context, const CheckRequest &request) {
  Checker checker(context, request);
  if (std::optional<std::string> folder = corpusFolder(request.words.front()))
    return checker.corpus(*folder);
  return checker.file();
}

int checkMain(int argc, char **argv) {
  Options parser("check", "Interprets a kernel and looks for mistakes.",
                 kExamples);
  auto in = cl::sub(parser.sub);
  cl::opt<std::string> grid("grid", cl::value_desc("G"),
                            cl::desc("programs: 4, 8,2 or an expression"), in);
  cl::opt<uint64_t> seed(
      "seed", cl::value_desc("N"),
      cl::desc("run programs in this random order, switching at atomics"), in);
  cl::opt<bool> json("json", cl::desc("print JSON"), in);
  cl::list<std::string> words(cl::Positional, cl::OneOrMore,
                              cl::desc("SOURCE NAME=VALUE..."), in);
  if (!parser.parse(argc, argv))
    return Usage;
  CheckRequest request;
  request.words = words;
  request.grid = grid;
  request.json = json;
  if (seed.getNumOccurrences())
    request.seed = seed;
  CompileContext context;
  return checkKernel(context, request);
}

} // namespace tegula::tools
