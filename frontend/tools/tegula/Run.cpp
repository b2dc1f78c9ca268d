//===- Run.cpp - tegula run ---*- C++ -*-===//
//
// Part of the Tegula Project, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "frontend/driver/CorpusCase.h"
#include "frontend/tools/tegula/Tool.h"
#include <cmath>

namespace tegula::tools {

using namespace frontend;
namespace cl = llvm::cl;

static const char *const kExamples =
    "  tegula run add.py x=randn:f32:1000 y=@y.npy out=empty:f32:1000 n=1000 "
    "\\\n"
    "      BLOCK=256 --grid 'cdiv(n,BLOCK)' --save out=sum.npy\n"
    "  tegula run kernels/softmax               every case, compared\n"
    "  tegula run kernels/softmax --target interp\n"
    "\nValues: n=5, n=i64:5, eps=1e-5, flag=true, arrays zeros:f32:8x16,\n"
    "rand:, randn:, empty: (each with :SEED), randint:i32:100:LOW:HIGH,\n"
    "@in.npy, bf16@bits.npy; a constexpr takes a Python literal, a dtype or "
    "a\nstring.\n";

namespace {

struct RunOptions {
  std::string target, grid, on;
  unsigned threads = 0;
  bool check = false, json = false;
  std::vector<std::string> save, words;
  std::string onlyCase, onlyType;

  bool onSimulator() const { return on == "sim"; }
};

struct RunRecord {
  std::string kernel, target, fallback;
  std::array<uint32_t, 3> grid = {1, 1, 1};
  double seconds = 0, compileSeconds = 0;
  bool cached = false;
  std::optional<double> maxError;

  llvm::json::Object toJson() const {
    llvm::json::Object object{
        {"kernel", kernel},
        {"target", target},
        {"grid", llvm::json::Array{grid[0], grid[1], grid[2]}},
        {"seconds", seconds},
        {"compile_seconds", compileSeconds},
        {"cached", cached}};
    if (maxError)
      object["max_error"] = std::isfinite(*maxError)
                                ? llvm::json::Value(*maxError)
                                : llvm::json::Value(nullptr);
    if (!fallback.empty())
      object["fallback"] = fallback;
    return object;
  }
};

void describeCompiled(const CompiledKernel &compiled, RunRecord &record) {
  record.kernel = compiled.name;
  record.target = compiled.desc.name;
  record.fallback = compiled.fallback;
  record.compileSeconds = compiled.seconds;
  record.cached = compiled.cached;
  if (!compiled.fallback.empty())
    llvm::errs() << "tegula: " << compiled.fallback << '\n';
}

/// `--save NAME=FILE`, checked before anything runs.
llvm::Expected<std::vector<NamedText>> parseSaves(const RunOptions &options,
                                                  const BoundArguments &bound) {
  auto saves = parseWords(options.save);
  if (!saves)
    return saves.takeError();
  for (const NamedText &save : *saves) {
    const Argument *argument = bound.find(save.name);
    if (!argument || !argument->array)
      return llvm::createStringError("--save %s: '%s' is no array argument",
                                     (save.name + "=" + save.text).c_str(),
                                     save.name.c_str());
  }
  return saves;
}

llvm::Error saveArrays(llvm::ArrayRef<NamedText> saves, Execution &memory) {
  for (const NamedText &save : saves)
    if (llvm::Error error = writeNpy(save.text, *memory.find(save.name)))
      return error;
  return llvm::Error::success();
}

void printRecord(const RunRecord &record, bool toErrors) {
  llvm::raw_ostream &os = toErrors ? llvm::errs() : llvm::outs();
  os << record.kernel << " on " << record.target << ": grid "
     << formatGrid(record.grid) << ", " << formatSeconds(record.seconds)
     << (record.cached ? " (loaded from the cache in " : " (compiled in ")
     << formatSeconds(record.compileSeconds) << ")";
  if (record.maxError)
    os << ", max error " << formatNumber(*record.maxError);
  os << '\n';
}

/// A kernel's own failure at run time: an assertion, an access out of bounds.
int reportLaunch(llvm::Error error) {
  llvm::errs() << "tegula: error: " << llvm::toString(std::move(error)) << '\n';
  return Failed;
}

//===----------------------------------------------------------------------===//
// One launch of a file
//===----------------------------------------------------------------------===//

int runFile(const RunOptions &options, CompileContext &context) {
  Diagnostics diagnostics;
  auto fail = [&](llvm::Error error) {
    show(diagnostics);
    return report(std::move(error));
  };
  auto kernel = openAndBind(context, options.words, BindMode::Run, diagnostics,
                            options.target);
  if (!kernel)
    return fail(kernel.takeError());
  if (options.grid.empty())
    return usageError("give the number of programs: --grid 4, --grid 8,2 or "
                      "--grid 'cdiv(n,BLOCK)'");
  auto grid = evaluateGrid(options.grid, kernel->bound.bindings(), diagnostics);
  if (!grid)
    return fail(llvm::make_error<Reported>());
  auto saves = parseSaves(options, kernel->bound);
  if (!saves)
    return fail(saves.takeError());

  CompileRequest request;
  request.arguments = kernel->bound.specs();
  request.target = options.target;
  request.tuned = &kernel->bound;
  request.onSimulator = options.onSimulator();
  auto compiled = compile(context, kernel->program, request, diagnostics);
  show(diagnostics);
  if (!compiled)
    return report(compiled.takeError());
  RunRecord record;
  record.grid = *grid;
  describeCompiled(*compiled, record);
  auto memory = Execution::make(kernel->bound);
  if (!memory)
    return report(memory.takeError());
  auto loaded = LoadedKernel::load(std::move(*compiled));
  if (!loaded)
    return report(loaded.takeError());
  auto seconds = loaded->launch(*memory, *grid, options.threads);
  if (!seconds)
    return reportLaunch(seconds.takeError());
  record.seconds = *seconds;
  if (llvm::Error error = saveArrays(*saves, *memory))
    return report(std::move(error));
  bool stdoutTaken = llvm::any_of(
      *saves, [](const NamedText &save) { return save.text == "-"; });
  if (options.json)
    printJson(record.toJson());
  else
    printRecord(record, stdoutTaken);
  return Done;
}

//===----------------------------------------------------------------------===//
// The cases of a corpus kernel
//===----------------------------------------------------------------------===//

struct CaseOutcome {
  RunRecord record;
  std::string name, dtype, problem;
  double tolerance = 0;
  int status = Done;
};

CaseOutcome runCase(const RunOptions &options, CompileContext &context,
                    const corpus::Spec &spec, const corpus::Case &testCase,
                    llvm::StringRef dtype) {
  CaseOutcome outcome;
  outcome.name = testCase.name;
  outcome.dtype = dtype.str();
  outcome.record.kernel = spec.kernel;
  auto fail = [&](int status, llvm::Error error) {
    outcome.status = status;
    outcome.problem = llvm::toString(std::move(error));
    return outcome;
  };
  auto given = parseWords(llvm::ArrayRef(options.words).drop_front());
  if (!given)
    return fail(Usage, given.takeError());
  corpus::Case changed = testCase;
  if (!options.grid.empty())
    changed.grid = options.grid;
  auto prepared = CorpusCase::prepare(context, spec, changed, dtype, *given);
  if (!prepared)
    return fail(Usage, prepared.takeError());
  outcome.tolerance = prepared->tolerance();
  outcome.record.grid = prepared->grid();
  CompileRequest request;
  request.target = options.target;
  request.tuned = &prepared->bound();
  request.onSimulator = options.onSimulator();
  auto compiled = prepared->compile(context, request);
  if (!compiled) {
    llvm::Error error = compiled.takeError();
    bool absent = error.isA<targets::TargetUnavailable>();
    return fail(absent ? Unavailable : Usage, std::move(error));
  }
  describeCompiled(*compiled, outcome.record);
  auto loaded = LoadedKernel::load(std::move(*compiled));
  if (!loaded)
    return fail(Failed, loaded.takeError());
  auto compared = prepared->computeReference();
  if (!compared)
    return fail(Failed, compared.takeError());
  auto saves = parseSaves(options, prepared->bound());
  if (!saves)
    return fail(Usage, saves.takeError());
  auto seconds = prepared->launch(*loaded, options.threads);
  if (!seconds)
    return fail(Failed, seconds.takeError());
  outcome.record.seconds = *seconds;
  if (llvm::Error error = saveArrays(*saves, prepared->execution()))
    return fail(Usage, std::move(error));
  if (!*compared)
    return outcome;
  outcome.record.maxError = prepared->maxError();
  if (!(*outcome.record.maxError <= outcome.tolerance)) {
    outcome.status = Failed;
    outcome.problem = "differs from the reference: max error " +
                      formatNumber(*outcome.record.maxError) + ", allowed " +
                      formatNumber(outcome.tolerance);
  }
  return outcome;
}

void printOutcomes(llvm::ArrayRef<CaseOutcome> outcomes) {
  Table table({"kernel", "case", "dtype", "target", "grid", "time", "max error",
               "allowed", ""},
              4);
  for (const CaseOutcome &outcome : outcomes) {
    const RunRecord &record = outcome.record;
    bool ran = outcome.problem.empty() || record.maxError;
    table.add({record.kernel, outcome.name, outcome.dtype, record.target,
               formatGrid(record.grid),
               ran ? formatSeconds(record.seconds) : "-",
               record.maxError ? formatNumber(*record.maxError) : "-",
               formatNumber(outcome.tolerance),
               outcome.status == Done ? "ok" : "FAILED"});
  }
  table.print(llvm::outs());
  for (const CaseOutcome &outcome : outcomes)
    if (!outcome.problem.empty())
      llvm::errs() << "tegula: error: " << outcome.record.kernel << ' '
                   << outcome.name << ' ' << outcome.dtype << ": "
                   << outcome.problem << '\n';
}

/// An emulated target gets the tiny cases only.
bool isEmulated(const CompileContext &context, llvm::StringRef spelling) {
  auto parsed = targets::TargetSpelling::parse(spelling);
  auto target = context.registry().find(parsed.name);
  if (!target) {
    llvm::consumeError(target.takeError());
    return false;
  }
  auto desc = target->describe(parsed.arch, parsed.features);
  if (!desc) {
    llvm::consumeError(desc.takeError());
    return false;
  }
  return desc->place == targets::Place::Emulation;
}

int runCorpus(const RunOptions &options, CompileContext &context,
              const std::string &folder) {
  corpus::Spec spec;
  if (auto error = corpus::loadSpec(folder, spec))
    return usageError(*error);
  // Values of the user's own go with the first case: its grid and the
  // arguments that they leave open.
  bool ownValues = options.words.size() > 1;
  bool smokeOnly = options.onSimulator() || isEmulated(context, options.target);
  std::vector<CaseOutcome> outcomes;
  int status = Done;
  {
    Progress progress;
    for (const corpus::Case &testCase : spec.cases) {
      if (!options.onlyCase.empty() ? testCase.name != options.onlyCase
                                    : smokeOnly && !testCase.smoke)
        continue;
      for (const std::string &dtype : testCase.dtypes) {
        if (!options.onlyType.empty() && dtype != options.onlyType)
          continue;
        progress.say(spec.name + " " + testCase.name + " " + dtype);
        outcomes.push_back(runCase(options, context, spec, testCase, dtype));
        status = std::max(status, outcomes.back().status);
        if (ownValues)
          break;
      }
      if (ownValues && !outcomes.empty())
        break;
    }
  }
  if (outcomes.empty())
    return usageError("kernels/" + spec.name +
                      " has no such case; see its spec.json");
  if (options.json) {
    llvm::json::Array rows;
    for (CaseOutcome &outcome : outcomes) {
      llvm::json::Object row = outcome.record.toJson();
      row["case"] = outcome.name;
      row["dtype"] = outcome.dtype;
      row["tolerance"] = outcome.tolerance;
      if (!outcome.problem.empty())
        row["error"] = outcome.problem;
      rows.push_back(std::move(row));
    }
    if (ownValues)
      printJson(rows[0]);
    else
      printJson(std::move(rows));
  } else {
    printOutcomes(outcomes);
  }
  return status;
}

} // namespace

int runMain(int argc, char **argv) {
  Options parser("run", "Compiles a kernel and runs it on arrays.", kExamples);
  RunOptions options;
  auto in = cl::sub(parser.sub);
  cl::opt<std::string, true> target(
      "target", cl::location(options.target),
      cl::value_desc("name[:arch[:features]]"),
      cl::desc("the machine (default: the best one here)"), in);
  cl::opt<std::string, true> on(
      "on", cl::location(options.on), cl::value_desc("device|sim"),
      cl::desc("the real machine (default) or its simulator"), in);
  cl::opt<std::string, true> grid(
      "grid", cl::location(options.grid), cl::value_desc("G"),
      cl::desc("programs: 4, 8,2 or an expression over the arguments"), in);
  cl::opt<unsigned, true> threads(
      "threads", cl::location(options.threads), cl::value_desc("N"),
      cl::desc("threads (default: TEGULA_NUM_THREADS, else all)"), in);
  cl::opt<bool, true> check(
      "check", cl::location(options.check),
      cl::desc("interpret, and look for wrong accesses and races; see `tegula "
               "check`"),
      in);
  cl::list<std::string> save(
      "save", cl::value_desc("NAME=OUT.npy"),
      cl::desc("write an array after the run; may be repeated"), in);
  cl::opt<std::string, true> onlyCase(
      "case", cl::location(options.onlyCase), cl::value_desc("name"),
      cl::desc("of a corpus kernel, this case only"), in);
  cl::opt<std::string, true> onlyType(
      "dtype", cl::location(options.onlyType), cl::value_desc("dtype"),
      cl::desc("of a corpus kernel, this dtype only"), in);
  cl::opt<bool, true> json("json", cl::location(options.json),
                           cl::desc("print JSON"), in);
  cl::list<std::string> words(cl::Positional, cl::OneOrMore,
                              cl::desc("SOURCE NAME=VALUE..."), in);
  if (!parser.parse(argc, argv))
    return Usage;
  options.save = save;
  options.words = words;
  if (!options.on.empty() && options.on != "device" && options.on != "sim")
    return usageError("--on is device or sim, not '" + options.on + "'");

  CompileContext context;
  if (options.check)
    return checkKernel(context,
                       {options.words, options.grid, {}, options.json});
  if (options.onSimulator() && options.target.empty())
    return usageError("--on sim simulates a machine that --target names");
  if (std::optional<std::string> folder = corpusFolder(options.words.front()))
    return runCorpus(options, context, *folder);
  return runFile(options, context);
}

} // namespace tegula::tools
