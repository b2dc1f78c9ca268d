//===- Bench.cpp - tegula bench ---*- C++ -*-===//
//
// Part of the Tegula Project, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "frontend/driver/CorpusCase.h"
#include "frontend/tools/tegula/Probes.h"
#include "frontend/tools/tegula/Tool.h"
#include "kernels/Peer.h"
#include "runtime/Environment.h"
#include "llvm/Object/ObjectFile.h"
#include <algorithm>
#include <chrono>
#include <cmath>
#include <thread>

namespace tegula::tools {

using namespace frontend;
namespace cl = llvm::cl;

static const char *const kExamples =
    "  tegula bench                          the whole corpus\n"
    "  tegula bench kernels/softmax --threads 1\n"
    "  tegula bench kernels/matmul --dtype f32 --json > matmul.json\n"
    "\nTimes are medians. The limit is measured in the same run at the same "
    "number\nof threads: multiply-adds per second, or bytes per second of a "
    "streaming\naddition, whichever binds the kernel. Arrays that fit into "
    "the caches have\nno limit.\n";

namespace {

/// Below this the caches, not the memory, feed a kernel.
constexpr double kStreamingBytes = 16e6;
/// How often a timing that ran at reduced speed is repeated.
constexpr int kTries = 20;

struct BenchOptions {
  std::vector<std::string> words;
  std::string target, onlyCase, onlyType;
  unsigned threads = 0;
  bool json = false, demo = false, noPeers = false;
  double budget = 0.3;
};

struct BenchRow {
  std::string kernel, caseName, target, dtype, limit = "none", problem;
  std::vector<std::vector<int64_t>> shapes;
  llvm::json::Object config;
  unsigned threads = 1;
  double median = 0, minimum = 0, compileSeconds = 0;
  int64_t codeBytes = 0;
  std::optional<double> gflops, gbps, limitValue, fraction, maxError;
  double tolerance = 0;
  std::vector<std::pair<std::string, double>> peers;
  int dropped = 0;
  bool correct = true;
};

llvm::json::Value orNull(const std::optional<double> &value) {
  if (!value || !std::isfinite(*value))
    return nullptr;
  return *value;
}

llvm::json::Object toJson(BenchRow &row) {
  llvm::json::Array shapes;
  for (const auto &shape : row.shapes)
    shapes.push_back(llvm::json::Array(shape));
  llvm::json::Object peers;
  for (const auto &[name, time] : row.peers)
    peers[name] = time;
  llvm::json::Object object{{"kernel", row.kernel},
                            {"case", row.caseName},
                            {"target", row.target},
                            {"shape", std::move(shapes)},
                            {"dtype", row.dtype},
                            {"config", std::move(row.config)},
                            {"threads", row.threads},
                            {"limit", row.limit},
                            {"limit_value", orNull(row.limitValue)},
                            {"fraction", orNull(row.fraction)},
                            {"gflops", orNull(row.gflops)},
                            {"gbps", orNull(row.gbps)},
                            {"peers", std::move(peers)},
                            {"max_error", orNull(row.maxError)},
                            {"tolerance", row.tolerance}};
  bool ran = row.problem.empty();
  auto number = [&](llvm::json::Value value) {
    return ran ? std::move(value) : llvm::json::Value(nullptr);
  };
  object["seconds_median"] = number(row.median);
  object["seconds_min"] = number(row.minimum);
  object["compile_seconds"] = number(row.compileSeconds);
  object["code_bytes"] = number(row.codeBytes);
  object["dropped"] =
      row.dropped ? llvm::json::Value(row.dropped) : llvm::json::Value(nullptr);
  if (!ran)
    object["error"] = row.problem;
  return object;
}

/// Bytes of machine code in an artifact; 0 if it isn't an object file.
int64_t codeBytes(const targets::Artifact &artifact) {
  auto object = llvm::object::ObjectFile::createObjectFile(
      llvm::MemoryBufferRef(artifact.bytes, "artifact"));
  if (!object) {
    llvm::consumeError(object.takeError());
    return 0;
  }
  int64_t bytes = 0;
  for (const llvm::object::SectionRef &section : (*object)->sections())
    if (section.isText())
      bytes += section.getSize();
  return bytes;
}

/// The limit of arithmetic on a type.
Peak peakOf(llvm::StringRef dtype, Probes &probes) {
  if (dtype == "f64")
    return Peak::FmaF64;
  if (dtype == "bf16" && probes.peak(Peak::FmaBf16) > 0)
    return Peak::FmaBf16;
  if (dtype == "i8" && probes.peak(Peak::DotI8) > 0)
    return Peak::DotI8;
  return Peak::FmaF32;
}

/// One thing to be timed: our kernel or a peer.
struct Variant {
  std::string name;
  std::function<void()> run;
  int repeats = 1;
  std::vector<double> times = {};
  double spent = 0;

  double once() const {
    auto start = std::chrono::steady_clock::now();
    for (int i = 0; i < repeats; ++i)
      run();
    return std::chrono::duration<double>(std::chrono::steady_clock::now() -
                                         start)
               .count() /
           repeats;
  }
  double median() {
    std::sort(times.begin(), times.end());
    return times[times.size() / 2];
  }
};

/// Times all variants in turn until each has used its budget.
int timeVariants(std::vector<Variant> &variants, Probes &probes,
                 double budget) {
  for (Variant &variant : variants) {
    double first = variant.once();
    // A sample should be long against the clock.
    if (first < 50e-6)
      variant.repeats = std::min(1000, int(50e-6 / std::max(first, 1e-8)) + 1);
  }
  int dropped = 0, retries = 0;
  bool more = true;
  for (int round = 0; more && round < 200; ++round) {
    more = false;
    for (Variant &variant : variants) {
      if (variant.times.size() >= 5 && variant.spent > budget)
        continue;
      bool before = probes.atFullSpeed();
      double time = variant.once();
      bool good = before && probes.atFullSpeed();
      variant.spent += time * variant.repeats;
      if (!good && retries < kTries) {
        ++retries;
        ++dropped;
        more = true;
        continue;
      }
      variant.times.push_back(time);
      more |= variant.times.size() < 5 || variant.spent <= budget;
    }
  }
  return dropped;
}

/// One case on one dtype.
class CaseBench {
public:
  CaseBench(const BenchOptions &options, CompileContext &context,
            Probes &probes, const corpus::Spec &spec,
            const corpus::Case &testCase, llvm::StringRef dtype)
      : options(options), context(context), probes(probes), spec(spec),
        testCase(testCase) {
    row.kernel = spec.name;
    row.caseName = testCase.name;
    row.dtype = dtype.str();
    row.threads = options.threads;
  }

  BenchRow run() {
    if (llvm::Error error = measure())
      row.problem = llvm::toString(std::move(error));
    return std::move(row);
  }

private:
  llvm::Error measure() {
    auto made = CorpusCase::prepare(context, spec, testCase, row.dtype);
    if (!made)
      return made.takeError();
    prepared.emplace(std::move(*made));
    describeArguments();
    CompileRequest request;
    request.target = options.target;
    // The time to compile is one of the figures.
    request.useCache = false;
    auto compiled = prepared->compile(context, request);
    if (!compiled)
      return compiled.takeError();
    row.target = compiled->desc.name;
    row.compileSeconds = compiled->seconds;
    row.codeBytes = codeBytes(compiled->artifact);
    auto executable =
        compiled->target->load(compiled->artifact, compiled->desc);
    if (!executable)
      return executable.takeError();
    if (llvm::Error error = checkResult(**executable))
      return error;
    time(**executable);
    compareWithLimits();
    return llvm::Error::success();
  }

  void describeArguments() {
    for (const auto &[name, array] : prepared->execution().arrays())
      row.shapes.push_back(array.shape());
    for (const Argument &argument : prepared->bound().arguments)
      if (!argument.isRuntime() && argument.value) {
        const Literal &value = *argument.value;
        if (value.kind == Literal::Kind::Int)
          row.config[argument.name] = value.asInt();
        else
          row.config[argument.name] = value.str();
      }
  }

  llvm::Error checkResult(targets::Executable &executable) {
    row.tolerance = prepared->tolerance();
    auto compared = prepared->computeReference();
    if (!compared)
      return compared.takeError();
    auto seconds = prepared->launch(executable, options.threads);
    if (!seconds)
      return seconds.takeError();
    if (*compared) {
      row.maxError = prepared->maxError();
      row.correct = *row.maxError <= row.tolerance;
    }
    return llvm::Error::success();
  }

  void time(targets::Executable &executable) {
    std::vector<Variant> variants;
    variants.push_back({"tegula", [&] {
                          if (auto seconds =
                                  prepared->launch(executable, options.threads))
                            return;
                          else
                            llvm::consumeError(seconds.takeError());
                        }});
    if (!options.noPeers)
      addPeers(variants);
    row.dropped = timeVariants(variants, probes, options.budget);
    row.median = variants[0].median();
    row.minimum = variants[0].times.front();
    for (size_t i = 1; i < variants.size(); ++i)
      row.peers.emplace_back(variants[i].name, variants[i].median());
  }

  void addPeers(std::vector<Variant> &variants) {
    auto call = std::make_shared<corpus::PeerCall>();
    call->threads = int(options.threads);
    for (const auto &[name, array] : prepared->execution().arrays())
      call->addArray(name, corpusType(array.element()), array.shape(),
                     array.data());
    corpus::addScalars(prepared->arguments(), *call);
    for (const std::string &peer : testCase.peers) {
      corpus::PeerRun run;
      // A peer that can't do this case is simply not in the row.
      if (!corpus::preparePeer(spec.name, peer, call, run))
        variants.push_back({peer, std::move(run)});
    }
  }

  void compareWithLimits() {
    corpus::ExpressionScope scope;
    if (corpus::scopeOf(prepared->arguments(), scope))
      return;
    double flops = 0, bytes = 0;
    if (!testCase.flops.empty() &&
        !corpus::evaluateOne(testCase.flops, scope, flops))
      row.gflops = flops / row.median * 1e-9;
    if (!testCase.bytes.empty() &&
        !corpus::evaluateOne(testCase.bytes, scope, bytes))
      row.gbps = bytes / row.median * 1e-9;
    Peak peak = peakOf(row.dtype, probes);
    // A limit that a kernel beats was measured while others used the machine.
    // Memory may be beaten a little: arrays lie partly in the caches.
    if (row.gflops.value_or(0) > 1.02 * probes.peak(peak) ||
        (bytes >= kStreamingBytes &&
         row.gbps.value_or(0) > 1.3 * probes.stream()))
      probes.measureAgain(peak);
    double arithmetic = row.gflops ? flops * 1e-9 / probes.peak(peak) : 0;
    double memory = row.gbps ? bytes * 1e-9 / probes.stream() : 0;
    if (arithmetic > memory) {
      row.limit = Probes::name(peak);
      row.limitValue = probes.peak(peak);
      row.fraction = arithmetic / row.median;
    } else if (memory > 0 && bytes >= kStreamingBytes) {
      row.limit = "stream";
      row.limitValue = probes.stream();
      row.fraction = memory / row.median;
    }
  }

  const BenchOptions &options;
  CompileContext &context;
  Probes &probes;
  const corpus::Spec &spec;
  const corpus::Case &testCase;
  std::optional<CorpusCase> prepared;
  BenchRow row;
};

//===----------------------------------------------------------------------===//
// Which cases
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

//===----------------------------------------------------------------------===//
// The table
//===----------------------------------------------------------------------===//

std::string formatShape(const BenchRow &row) {
  if (row.shapes.empty())
    return "-";
  std::string text;
  for (int64_t extent : row.shapes.front())
    text += (text.empty() ? "" : "x") + std::to_string(extent);
  return text;
}

/// A bar of eighths of a character, the plot beside the numbers.
std::string bar(double fraction) {
  std::string text;
  int filled = int(std::lround(std::clamp(fraction, 0.0, 1.0) * 10));
  for (int i = 0; i < 10; ++i)
    text += i < filled ? '#' : '.';
  return text;
}

void printTable(llvm::ArrayRef<BenchRow> rows, bool peers) {
  std::vector<std::string> header = {"kernel", "shape", "dtype",   "correct",
                                     "time",   "GB/s",  "GFLOP/s", "% of limit",
                                     "limit",  "plot"};
  if (peers)
    header.push_back("peers");
  Table table(header, 4);
  for (const BenchRow &row : rows) {
    bool ran = row.problem.empty();
    std::string correct = "FAILED";
    if (ran && row.maxError)
      correct =
          (row.correct ? "yes (" : "NO (") + formatNumber(*row.maxError) + ")";
    else if (ran)
      correct = "-";
    auto number = [&](const std::optional<double> &value) {
      return ran && value ? formatNumber(*value) : std::string("-");
    };
    std::vector<std::string> cells = {
        row.kernel,
        formatShape(row),
        row.dtype,
        correct,
        ran ? formatSeconds(row.median) : "-",
        number(row.gbps),
        number(row.gflops),
        ran && row.fraction ? std::to_string(int(*row.fraction * 100 + 0.5))
                            : "-",
        row.limit,
        ran && row.fraction ? bar(*row.fraction) : ""};
    if (peers) {
      std::string text;
      for (const auto &[name, time] : row.peers)
        text += (text.empty() ? "" : ", ") + name + " " + formatSeconds(time);
      cells.push_back(text);
    }
    table.add(std::move(cells));
  }
  table.print(llvm::outs());
  for (const BenchRow &row : rows)
    if (!row.problem.empty())
      llvm::errs() << "tegula: error: " << row.kernel << ' ' << row.caseName
                   << ' ' << row.dtype << ": " << row.problem << '\n';
}

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

int runBench(BenchOptions &options) {
  auto specs = loadSpecs(options);
  if (!specs)
    return report(specs.takeError());
  std::vector<Job> jobs = chooseJobs(options, *specs);
  if (jobs.empty())
    return usageError("no case matches; see the kernel's spec.json");
  if (!options.threads)
    options.threads = runtime::Environment::read().numThreads;
  if (!options.threads)
    options.threads = std::max(1u, std::thread::hardware_concurrency());

  CompileContext context;
  Probes probes(options.threads);
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
      rows.push_back(
          CaseBench(options, context, probes, spec, *job.testCase, job.dtype)
              .run());
    }
  }
  int status = Done;
  for (const BenchRow &row : rows)
    if (!row.problem.empty() || !row.correct)
      status = Failed;
  if (options.json) {
    llvm::json::Array array;
    for (BenchRow &row : rows)
      array.push_back(toJson(row));
    printJson(std::move(array));
  } else {
    printTable(rows, !options.demo);
    printLimits(probes, options.threads);
  }
  return status;
}

} // namespace

int benchMain(int argc, char **argv) {
  Options parser("bench", "Times the corpus against the machine's limits.",
                 kExamples);
  BenchOptions options;
  auto in = cl::sub(parser.sub);
  cl::opt<std::string, true> target(
      "target", cl::location(options.target),
      cl::value_desc("name[:arch[:features]]"),
      cl::desc("the machine (default: the best one here)"), in);
  cl::opt<unsigned, true> threads(
      "threads", cl::location(options.threads), cl::value_desc("N"),
      cl::desc("threads (default: TEGULA_NUM_THREADS, else all)"), in);
  cl::opt<std::string, true> onlyCase("case", cl::location(options.onlyCase),
                                      cl::value_desc("name"),
                                      cl::desc("this case only"), in);
  cl::opt<std::string, true> onlyType("dtype", cl::location(options.onlyType),
                                      cl::value_desc("dtype"),
                                      cl::desc("this dtype only"), in);
  cl::opt<double, true> budget(
      "seconds", cl::location(options.budget), cl::value_desc("S"),
      cl::desc("time spent on each variant (default 0.3)"), in);
  cl::opt<bool, true> noPeers("no-peers", cl::location(options.noPeers),
                              cl::desc("time only our kernels"), in);
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
  if (options.demo)
    options.noPeers = true;
  return runBench(options);
}

} // namespace tegula::tools
