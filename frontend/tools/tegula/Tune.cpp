//===- Tune.cpp - tegula tune ---*- C++ -*-===//
//
// Part of the Tegula Project, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "frontend/driver/CorpusCase.h"
#include "frontend/tools/tegula/Tool.h"
#include <algorithm>

namespace tegula::tools {

using namespace frontend;
namespace cl = llvm::cl;

static const char *const kExamples =
    "  tegula tune kernels/matmul --threads 1\n"
    "  tegula tune kernels/vecadd --case stream --json\n"
    "\nTries what spec.json lists under \"tune\" and prints the times, best "
    "first.\n";

namespace {

using Config = std::vector<NamedText>;

/// Every combination of the constexprs. num_warps and its like say nothing to
/// a processor and are left out.
std::vector<Config> combinations(const corpus::Spec &spec) {
  std::vector<Config> result = {{}};
  for (const auto &[name, values] : spec.tune) {
    bool argument =
        llvm::any_of(spec.cases.front().args, [&name = name](const auto &word) {
          return word.first == name;
        });
    if (!argument)
      continue;
    std::vector<Config> longer;
    for (const Config &config : result)
      for (const std::string &value : values) {
        longer.push_back(config);
        longer.back().push_back({name, value});
      }
    result = std::move(longer);
  }
  return result;
}

struct Trial {
  std::string config, problem;
  double median = 0, compileSeconds = 0;
};

Trial tryConfig(CompileContext &context, const corpus::Spec &spec,
                const corpus::Case &testCase, const std::string &dtype,
                const Config &config, const std::string &target,
                unsigned threads) {
  Trial trial;
  for (const NamedText &word : config)
    trial.config +=
        (trial.config.empty() ? "" : " ") + word.name + "=" + word.text;
  auto fail = [&](llvm::Error error) {
    trial.problem = llvm::toString(std::move(error));
    return trial;
  };
  auto prepared = CorpusCase::prepare(context, spec, testCase, dtype, config);
  if (!prepared)
    return fail(prepared.takeError());
  CompileRequest request;
  request.target = target;
  auto compiled = prepared->compile(context, request);
  if (!compiled)
    return fail(compiled.takeError());
  trial.compileSeconds = compiled->seconds;
  auto executable = compiled->target->load(compiled->artifact, compiled->desc);
  if (!executable)
    return fail(executable.takeError());
  std::vector<double> times;
  double spent = 0;
  while (times.size() < 6 || (spent < 0.3 && times.size() < 100)) {
    auto seconds = prepared->launch(**executable, threads);
    if (!seconds)
      return fail(seconds.takeError());
    times.push_back(*seconds);
    spent += *seconds;
  }
  // The first launch touches the arrays.
  times.erase(times.begin());
  std::sort(times.begin(), times.end());
  trial.median = times[times.size() / 2];
  return trial;
}

const corpus::Case *chooseCase(const corpus::Spec &spec, llvm::StringRef name) {
  const corpus::Case *chosen = nullptr;
  for (const corpus::Case &testCase : spec.cases)
    if (name.empty() ? !testCase.smoke : testCase.name == name)
      chosen = &testCase;
  return chosen || !name.empty() ? chosen : &spec.cases.front();
}

void printTrials(llvm::ArrayRef<Trial> trials) {
  Table table({"configuration", "time", "against the best", "compile time"}, 1);
  for (const Trial &trial : trials) {
    if (!trial.problem.empty()) {
      table.add({trial.config, "-", "-", "-"});
      continue;
    }
    table.add({trial.config, formatSeconds(trial.median),
               formatNumber(trial.median / trials.front().median),
               formatSeconds(trial.compileSeconds)});
  }
  table.print(llvm::outs());
  for (const Trial &trial : trials)
    if (!trial.problem.empty())
      llvm::errs() << "tegula: error: " << trial.config << ": " << trial.problem
                   << '\n';
}

} // namespace

int tuneMain(int argc, char **argv) {
  Options options("tune", "Finds the best constexprs of a corpus kernel.",
                  kExamples);
  auto in = cl::sub(options.sub);
  cl::opt<std::string> target("target",
                              cl::value_desc("name[:arch[:features]]"),
                              cl::desc("the machine"), in);
  cl::opt<unsigned> threads("threads", cl::init(0), cl::value_desc("N"),
                            cl::desc("threads"), in);
  cl::opt<std::string> caseName("case", cl::value_desc("name"),
                                cl::desc("the case (default: the last large "
                                         "one)"),
                                in);
  cl::opt<std::string> dtype("dtype", cl::value_desc("dtype"),
                             cl::desc("the dtype (default: the case's first)"),
                             in);
  cl::opt<bool> json("json", cl::desc("print JSON"), in);
  cl::opt<std::string> word(cl::Positional, cl::Required,
                            cl::desc("kernels/NAME"), in);
  if (!options.parse(argc, argv))
    return Usage;
  std::optional<std::string> folder = corpusFolder(word);
  if (!folder)
    return usageError("'" + word +
                      "' is no corpus kernel: what to try is read "
                      "from a spec.json");
  corpus::Spec spec;
  if (auto error = corpus::loadSpec(*folder, spec))
    return usageError(*error);
  const corpus::Case *testCase = chooseCase(spec, caseName);
  if (!testCase)
    return usageError("kernels/" + spec.name + " has no case '" + caseName +
                      "'");
  std::string type = dtype.empty() ? testCase->dtypes.front() : dtype;

  CompileContext context;
  std::vector<Trial> trials;
  {
    Progress progress;
    std::vector<Config> configs = combinations(spec);
    for (const auto &[index, config] : llvm::enumerate(configs)) {
      progress.say("[" + llvm::Twine(index + 1) + "/" +
                   llvm::Twine(configs.size()) + "] " + spec.name);
      trials.push_back(
          tryConfig(context, spec, *testCase, type, config, target, threads));
    }
  }
  llvm::sort(trials, [](const Trial &a, const Trial &b) {
    return std::pair(!a.problem.empty(), a.median) <
           std::pair(!b.problem.empty(), b.median);
  });
  if (json) {
    llvm::json::Array rows;
    for (const Trial &trial : trials)
      rows.push_back(llvm::json::Object{
          {"kernel", spec.name},
          {"case", testCase->name},
          {"dtype", type},
          {"config", trial.config},
          {"seconds_median", trial.problem.empty()
                                 ? llvm::json::Value(trial.median)
                                 : llvm::json::Value(nullptr)},
          {"compile_seconds", trial.compileSeconds}});
    printJson(std::move(rows));
  } else {
    printTrials(trials);
  }
  return trials.front().problem.empty() ? Done : Failed;
}

} // namespace tegula::tools
