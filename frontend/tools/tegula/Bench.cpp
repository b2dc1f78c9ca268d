//===- Bench.cpp - tegula bench ---*- C++ -*-===//
//
// Part of the Tegula Project, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "frontend/tools/tegula/BenchCase.h"
#include "frontend/tools/tegula/Tool.h"
#include "kernels/Peer.h"
#include "runtime/Environment.h"
#include "llvm/Support/FileSystem.h"
#include "llvm/Support/ToolOutputFile.h"
#include <thread>

namespace tegula::tools {

using namespace frontend;
namespace cl = llvm::cl;

static const char *const kExamples =
    "  tegula bench                          the whole corpus\n"
    "  tegula bench kernels/softmax --threads 1\n"
    "  tegula bench kernels/matmul --dtype f32 --json > matmul.json\n"
    "  tegula bench kernels/matmul --compare matmul.json\n"
    "  tegula bench kernels/gelu --peers torch,inductor --python "
    "venv/bin/python\n"
    "  tegula bench --plot roofline.svg\n"
    "\nTimes are medians. The limit is measured in the same run at the same "
    "number\nof threads: multiply-adds per second, or bytes per second of a "
    "streaming\naddition, whichever binds the kernel. Arrays that fit into "
    "the caches have\nno limit.\n"
    "\nPeers: xsimd, onednn and openblas are in this build; torch, inductor "
    "and numba\nrun in the Python that --python names. Behind each time is the "
    "largest "
    "error against\nfloat64.\n";

namespace {

struct BenchOptions {
  std::vector<std::string> words, peers;
  std::string onlyCase, onlyType, python, plot, compare;
  bool json = false, demo = false;
  BenchSettings settings;
};

//===----------------------------------------------------------------------===//
// Which cases and peers
//===----------------------------------------------------------------------===//

/// For the demo: the last case that isn't tiny, which specs keep for the size
/// that is compared with the machine's limits.
const corpus::Case *demoCase(const corpus::Spec &spec) {
  const corpus::Case *chosen = nullptr;
  for (const corpus::Case &testCase : spec.cases)
    if (!testCase.smoke && (!chosen || !testCase.peers.empty()))
      chosen = &testCase;
  return chosen ? chosen : &spec.cases.front();
}

struct Job {
  size_t spec;
  const corpus::Case *testCase;
  std::string dtype;
};

llvm::Expected<std::vector<corpus::Spec>>
loadSpecs(const BenchOptions &options) {
  std::vector<std::string> folders;
  for (const std::string &word : options.words) {
    std::optional<std::string> folder = corpusFolder(word);
    if (!folder)
      folder = corpusFolder("kernels/" + word);
    if (!folder)
      return llvm::createStringError("'" + word +
                                     "' is no kernel of the corpus");
    folders.push_back(*folder);
  }
  if (folders.empty())
    for (std::string_view name : corpus::kernelNames())
      folders.push_back((corpus::kernelsFolder() / name).string());
  std::vector<corpus::Spec> specs(folders.size());
  for (size_t i = 0; i < folders.size(); ++i)
    if (auto error = corpus::loadSpec(folders[i], specs[i]))
      return llvm::createStringError(*error);
  return specs;
}

std::vector<Job> chooseJobs(const BenchOptions &options,
                            llvm::ArrayRef<corpus::Spec> specs) {
  std::vector<Job> jobs;
  for (size_t i = 0; i < specs.size(); ++i) {
    if (options.demo) {
      const corpus::Case *testCase = demoCase(specs[i]);
      jobs.push_back({i, testCase, testCase->dtypes.front()});
      continue;
    }
    for (const corpus::Case &testCase : specs[i].cases) {
      if (!options.onlyCase.empty() ? testCase.name != options.onlyCase
                                    : testCase.smoke)
        continue;
      for (const std::string &dtype : testCase.dtypes)
        if (options.onlyType.empty() || dtype == options.onlyType)
          jobs.push_back({i, &testCase, dtype});
    }
  }
  return jobs;
}

/// Sorts the names of --peers by where they run.
llvm::Error choosePeers(BenchOptions &options) {
  BenchSettings &settings = options.settings;
  for (const std::string &peer : options.peers)
    if (corpus::isPeerName(peer))
      settings.onlyPeers.push_back(peer);
    else if (peer == "torch" || peer == "inductor" || peer == "numba")
      settings.pythonPeers.push_back(peer);
    else
      return llvm::createStringError(
          "'" + peer +
          "' is no peer; there are xsimd, onednn, openblas, torch, inductor, "
          "numba");
  if (!options.peers.empty() && settings.onlyPeers.empty())
    settings.nativePeers = false;
  return llvm::Error::success();
}

//===----------------------------------------------------------------------===//
// The run
//===----------------------------------------------------------------------===//

/// Those that a row was compared with.
void printLimits(Probes &probes, unsigned threads) {
  llvm::outs() << "\nLimits of this machine with " << threads
               << (threads == 1 ? " thread: " : " threads: ")
               << formatNumber(probes.stream()) << " GB/s streaming";
  for (Peak peak : {Peak::FmaF32, Peak::FmaF64, Peak::FmaBf16, Peak::DotI8})
    if (probes.isMeasured(peak))
      llvm::outs() << ", " << formatNumber(probes.peak(peak)) << " GFLOP/s "
                   << Probes::name(peak);
  llvm::outs() << '\n';
}

/// The rows in every form that was asked for; the exit status.
int show(const BenchOptions &options, llvm::ArrayRef<BenchRow> rows,
         Probes &probes) {
  int status = Done;
  for (const BenchRow &row : rows)
    if (!row.problem.empty() || !row.correct)
      status = Failed;
  if (!options.plot.empty()) {
    std::error_code failed;
    llvm::ToolOutputFile file(options.plot, failed, llvm::sys::fs::OF_None);
    if (failed)
      return usageError("'" + options.plot +
                        "' can't be written: " + failed.message());
    drawRoofline(rows, probes, file.os());
    file.keep();
  }
  if (options.json) {
    llvm::json::Array array;
    for (const BenchRow &row : rows)
      array.push_back(toJson(row));
    printJson(std::move(array));
  } else {
    printTable(rows, !options.demo);
    printLimits(probes, options.settings.threads);
  }
  printNotes(rows);
  if (options.compare.empty())
    return status;
  auto slower = printComparison(rows, options.compare);
  if (!slower)
    return usageError(llvm::toString(slower.takeError()));
  return *slower ? Failed : status;
}

int runBench(BenchOptions &options) {
  auto specs = loadSpecs(options);
  if (!specs)
    return report(specs.takeError());
  std::vector<Job> jobs = chooseJobs(options, *specs);
  if (jobs.empty())
    return usageError("no case matches; see the kernel's spec.json");
  if (llvm::Error error = choosePeers(options))
    return usageError(llvm::toString(std::move(error)));
  BenchSettings &settings = options.settings;
  if (!settings.threads)
    settings.threads = runtime::Environment::read().numThreads;
  if (!settings.threads)
    settings.threads = std::max(1u, std::thread::hardware_concurrency());
  std::unique_ptr<PythonPeers> python;
  if (!settings.pythonPeers.empty()) {
    auto started = PythonPeers::start(options.python);
    if (!started)
      return usageError(llvm::toString(started.takeError()));
    python = std::move(*started);
  }

  CompileContext context;
  Probes probes(settings.threads);
  std::vector<BenchRow> rows;
  {
    Progress progress;
    progress.say("measuring the machine's limits");
    probes.peak(Peak::FmaF32);
    probes.stream();
    for (const auto &[index, job] : llvm::enumerate(jobs)) {
      const corpus::Spec &spec = (*specs)[job.spec];
      progress.say("[" + llvm::Twine(index + 1) + "/" +
                   llvm::Twine(jobs.size()) + "] " + spec.name + " " +
                   job.testCase->name + " " + job.dtype);
      rows.push_back(benchCase(settings, context, probes, python.get(), spec,
                               *job.testCase, job.dtype));
    }
  }
  return show(options, rows, probes);
}

} // namespace

int benchMain(int argc, char **argv) {
  Options parser("bench", "Times the corpus against the machine's limits.",
                 kExamples);
  BenchOptions options;
  auto in = cl::sub(parser.sub);
  cl::opt<std::string, true> target(
      "target", cl::location(options.settings.target),
      cl::value_desc("name[:arch[:features]]"),
      cl::desc("the machine (default: the best one here)"), in);
  cl::opt<unsigned, true> threads(
      "threads", cl::location(options.settings.threads), cl::value_desc("N"),
      cl::desc("threads (default: TEGULA_NUM_THREADS, else all)"), in);
  cl::opt<std::string, true> onlyCase("case", cl::location(options.onlyCase),
                                      cl::value_desc("name"),
                                      cl::desc("this case only"), in);
  cl::opt<std::string, true> onlyType("dtype", cl::location(options.onlyType),
                                      cl::value_desc("dtype"),
                                      cl::desc("this dtype only"), in);
  cl::opt<double, true> budget(
      "seconds", cl::location(options.settings.budget), cl::value_desc("S"),
      cl::desc("time spent on each variant (default 0.3)"), in);
  cl::opt<bool> noPeers("no-peers", cl::desc("time only our kernels"), in);
  cl::list<std::string> peers(
      "peers", cl::CommaSeparated, cl::value_desc("NAME,..."),
      cl::desc("these peers only (default: those in this build)"), in);
  cl::opt<std::string, true> python(
      "python", cl::location(options.python), cl::init("python3"),
      cl::value_desc("program"),
      cl::desc("runs the peers torch, inductor and numba (default: python3)"),
      in);
  cl::opt<std::string, true> plot(
      "plot", cl::location(options.plot), cl::value_desc("file.svg"),
      cl::desc("draw the kernels under the machine's limits (a roofline)"), in);
  cl::opt<std::string, true> compare(
      "compare", cl::location(options.compare), cl::value_desc("old.json"),
      cl::desc("compare with an older run's --json; exit 1 if a kernel got "
               "slower by more than a tenth"),
      in);
  cl::opt<bool, true> demo(
      "demo", cl::location(options.demo),
      cl::desc("one case of each kernel, as ./bootstrap demo shows"), in);
  cl::opt<bool, true> json("json", cl::location(options.json),
                           cl::desc("print JSON"), in);
  cl::list<std::string> words(cl::Positional, cl::desc("[kernels/NAME...]"),
                              in);
  if (!parser.parse(argc, argv))
    return Usage;
  options.words = words;
  options.peers = peers;
  if (noPeers && !peers.empty())
    return usageError("--no-peers and --peers contradict each other");
  options.settings.nativePeers = !noPeers && !options.demo;
  return runBench(options);
}

} // namespace tegula::tools
