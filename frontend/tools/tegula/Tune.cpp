//===- Tune.cpp - tegula tune ---*- C++ -*-===//
//
// Part of the Tegula Project, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "frontend/driver/Tuning.h"
#include "frontend/tools/tegula/TuneSubject.h"
#include "targets/common/llvm/Knobs.h"
#include "llvm/Support/FileSystem.h"
#include <algorithm>
#include <chrono>
#include <numeric>
#include <set>
#include <thread>

namespace tegula::tools {

using namespace frontend;
namespace cl = llvm::cl;

static const char *const kExamples =
    "  tegula tune kernels/matmul --threads 1\n"
    "  tegula tune mm.py a=randn:f32:512x512 b=randn:f32:512x512 "
    "c=empty:f32:512x512 \\\n"
    "      M=512 N=512 K=512 --grid 'cdiv(M,BLOCK_M)*cdiv(N,BLOCK_N)'\n"
    "  tegula tune kernels/softmax --budget 60 --export softmax.json\n"
    "  tegula tune --import softmax.json\n"
    "\nTries the configurations of @autotune (of a corpus kernel, what its "
    "spec.json\nlists under \"tune\"), then the numbers that the target "
    "guesses (register block,\ndepth, prefetch, sharing) and the threads. "
    "The fastest is kept in the cache:\n`tegula run` with arguments of "
    "these types and sizes takes it from then on.\n";

namespace {

/// Less than this is noise, and what is known without tuning stays.
constexpr double kGain = 0.02;

struct TuneOptions {
  std::string target, caseName, dtype, grid, exportFile, importFile;
  unsigned threads = 0;
  double budget = 30;
  bool json = false, again = false;
  std::vector<std::string> words;
};

/// A point of what is searched, and its time.
struct Point {
  Config config;
  std::string knobs;
  unsigned threads = 0;
  double seconds = 0, compileSeconds = 0;
  std::string shape, configText, problem;

  std::string str() const {
    std::string text = configText;
    if (!knobs.empty())
      text += (text.empty() ? "" : " ") + knobs;
    if (threads)
      text +=
          (text.empty() ? "" : " ") + ("threads=" + std::to_string(threads));
    return text;
  }
};

/// The median of a few launches, the first of which touches the arrays.
llvm::Expected<double> measure(Trial &trial, unsigned threads, double budget) {
  std::vector<double> times;
  double spent = 0;
  while (times.size() < 4 || (spent < budget && times.size() < 50)) {
    auto seconds = trial.launch(threads);
    if (!seconds)
      return seconds.takeError();
    if (times.empty())
      if (llvm::Error error = trial.check())
        return error;
    times.push_back(*seconds);
    spent += *seconds;
  }
  times.erase(times.begin());
  std::sort(times.begin(), times.end());
  return times[times.size() / 2];
}

class Tuner {
public:
  Tuner(const TuneOptions &options, CompileContext &context,
        TuneSubject &subject, Progress &progress)
      : options(options), context(context), subject(subject),
        progress(progress), start(std::chrono::steady_clock::now()) {}

  /// Fills `points`; the error says why not even the first could be run.
  llvm::Error search();

  std::vector<Point> points;
  /// Into `points`: what is taken from now on.
  size_t best = 0;
  std::optional<TuningRecord> record;

private:
  double spent() const {
    return std::chrono::duration<double>(std::chrono::steady_clock::now() -
                                         start)
        .count();
  }
  bool isOver() const { return spent() > options.budget; }
  void say();
  unsigned threadsOf(const Point &point) const {
    return point.threads ? point.threads : options.threads;
  }
  std::unique_ptr<Trial> prepare(Point &point);
  bool tryPoint(Point point);
  void searchConfigs();
  void searchKnobs();
  void searchThreads();
  void confirm();

  const TuneOptions &options;
  CompileContext &context;
  TuneSubject &subject;
  Progress &progress;
  std::chrono::steady_clock::time_point start;
  targets::TargetDesc desc;
  /// The code that was timed, with how many threads: a knob that changes
  /// nothing of a kernel isn't timed.
  std::set<std::pair<std::string, unsigned>> timed;
};

void Tuner::say() {
  constexpr int width = 20;
  double done = std::min(1.0, spent() / options.budget);
  std::string bar(size_t(done * width), '#');
  bar.resize(width, '.');
  std::string text =
      llvm::formatv("[{0}] {1:f0} s of {2:f0} s", bar, spent(), options.budget);
  if (!points.empty() && points[best].problem.empty())
    text += ", best " + formatSeconds(points[best].seconds) + " " +
            points[best].str();
  progress.say(text);
}

/// Null after noting the problem.
std::unique_ptr<Trial> Tuner::prepare(Point &point) {
  std::string target = options.target;
  if (!point.knobs.empty())
    target = desc.name + ":" + point.knobs;
  else if (!desc.name.empty())
    target = desc.name;
  auto trial = subject.prepare(context, point.config, target);
  if (!trial) {
    point.problem = llvm::toString(trial.takeError());
    return nullptr;
  }
  point.compileSeconds = (*trial)->compiled().seconds;
  point.shape = shapeOf((*trial)->bound(), (*trial)->program());
  point.configText = configOf((*trial)->bound(), (*trial)->program());
  return std::move(*trial);
}

/// Times a point and keeps it; true if it is the best one now.
bool Tuner::tryPoint(Point point) {
  say();
  std::unique_ptr<Trial> trial = prepare(point);
  if (trial && !record)
    record = TuningRecord::load(trial->program(), trial->compiled().desc.name);
  if (trial && desc.name.empty()) {
    desc = trial->compiled().desc;
    if (options.again)
      record->forget(point.shape);
  }
  if (trial &&
      !timed.insert({trial->compiled().artifact.bytes, point.threads}).second)
    return false;
  if (trial) {
    auto seconds = measure(*trial, threadsOf(point), 0.1);
    if (seconds)
      point.seconds = *seconds;
    else
      point.problem = llvm::toString(seconds.takeError());
  }
  points.push_back(std::move(point));
  const Point &now = points.back();
  bool isBetter = now.problem.empty() &&
                  (points.size() == 1 || !points[best].problem.empty() ||
                   now.seconds < points[best].seconds * (1 - kGain));
  if (isBetter)
    best = points.size() - 1;
  return isBetter;
}

void Tuner::searchConfigs() {
  for (const Config &config : subject.configs()) {
    if (!points.empty() && isOver())
      return;
    Point point;
    point.config = config;
    tryPoint(std::move(point));
  }
}

/// One knob after the other, from the best configuration on.
void Tuner::searchKnobs() {
  // Features of the user's own, or a target without such knobs, stay.
  if (points[best].problem.size() || llvm::StringRef(desc.name).count(':') > 1)
    return;
  for (const targets::Knob &knob : targets::knobs()) {
    std::string others = points[best].knobs;
    for (unsigned value : knob.values) {
      if (isOver())
        return;
      if (value == knob.get(desc))
        continue;
      Point point = points[best];
      point.knobs = others + (others.empty() ? "" : ",") + knob.name.str() +
                    "=" + std::to_string(value);
      tryPoint(std::move(point));
    }
  }
}

void Tuner::searchThreads() {
  if (options.threads || points[best].problem.size())
    return;
  for (unsigned threads = std::thread::hardware_concurrency() / 2; threads > 0;
       threads /= 2) {
    if (isOver())
      return;
    Point point = points[best];
    point.threads = threads;
    if (!tryPoint(std::move(point)))
      return;
  }
}

/// The winner against what is taken without tuning, in turn: a lucky timing
/// must not decide.
void Tuner::confirm() {
  if (best == 0 || !points[0].problem.empty())
    return;
  say();
  Point &first = points[0], &winner = points[best];
  std::unique_ptr<Trial> trials[] = {prepare(first), prepare(winner)};
  if (!trials[0] || !trials[1])
    return;
  std::vector<double> times[2];
  for (int round = 0; round < 5; ++round)
    for (int i : {0, 1}) {
      const Point &point = i ? winner : first;
      auto seconds = measure(*trials[i], threadsOf(point), 0.05);
      if (!seconds)
        return llvm::consumeError(seconds.takeError());
      times[i].push_back(*seconds);
    }
  for (auto &list : times)
    std::sort(list.begin(), list.end());
  first.seconds = times[0][2];
  winner.seconds = times[1][2];
  if (winner.seconds > first.seconds * (1 - kGain))
    best = 0;
}

llvm::Error Tuner::search() {
  searchConfigs();
  if (llvm::all_of(points, [](const Point &p) { return !p.problem.empty(); }))
    return llvm::createStringError(points.front().problem);
  searchKnobs();
  searchThreads();
  confirm();
  for (const Point &point : points)
    if (point.problem.empty())
      record->add({point.shape, point.configText, point.knobs, threadsOf(point),
                   point.seconds, /*chosen=*/&point == &points[best]});
  return llvm::Error::success();
}

//===----------------------------------------------------------------------===//
// The subcommand
//===----------------------------------------------------------------------===//

void printPoints(const Tuner &tuner, llvm::ArrayRef<size_t> order) {
  Table table({"configuration", "time", "against the best", "compile time"}, 1);
  const Point &best = tuner.points[tuner.best];
  for (size_t index : order) {
    const Point &point = tuner.points[index];
    std::string name = point.str().empty() ? "(the only one)" : point.str();
    if (index == 0)
      name += "  [without tuning]";
    if (point.problem.empty())
      table.add({name, formatSeconds(point.seconds),
                 formatNumber(point.seconds / best.seconds),
                 formatSeconds(point.compileSeconds)});
    else
      table.add({name, "-", "-", "-"});
  }
  table.print(llvm::outs());
  for (const Point &point : tuner.points)
    if (!point.problem.empty())
      llvm::errs() << "tegula: error: " << point.str() << ": " << point.problem
                   << '\n';
}

llvm::json::Value toJson(const Tuner &tuner, llvm::ArrayRef<size_t> order) {
  llvm::json::Array rows;
  for (size_t index : order) {
    const Point &point = tuner.points[index];
    llvm::json::Object row{{"kernel", tuner.record->kernelName()},
                           {"target", tuner.record->targetName()},
                           {"shape", point.shape},
                           {"config", point.configText},
                           {"knobs", point.knobs},
                           {"threads", point.threads},
                           {"compile_seconds", point.compileSeconds},
                           {"chosen", index == tuner.best}};
    row["seconds_median"] = point.problem.empty()
                                ? llvm::json::Value(point.seconds)
                                : llvm::json::Value(nullptr);
    if (!point.problem.empty())
      row["error"] = point.problem;
    rows.push_back(std::move(row));
  }
  return rows;
}

llvm::Error writeRecord(const TuningRecord &record, llvm::StringRef file) {
  std::error_code failed;
  llvm::raw_fd_ostream os(file, failed);
  if (failed)
    return llvm::createStringError("'" + file +
                                   "' can't be written: " + failed.message());
  os << llvm::formatv("{0:2}", record.toJson()) << '\n';
  return llvm::Error::success();
}

int importRecord(llvm::StringRef file) {
  auto buffer = llvm::MemoryBuffer::getFileOrSTDIN(file);
  if (!buffer)
    return usageError("'" + file +
                      "' can't be read: " + buffer.getError().message());
  auto parsed = llvm::json::parse((*buffer)->getBuffer());
  if (!parsed)
    return usageError("'" + file +
                      "' is no JSON: " + llvm::toString(parsed.takeError()));
  auto record = TuningRecord::fromJson(*parsed);
  if (!record)
    return usageError("'" + file + "': " + llvm::toString(record.takeError()));
  if (llvm::Error error = record->save())
    return report(std::move(error));
  return Done;
}

int runTune(const TuneOptions &options) {
  CompileContext context;
  Diagnostics diagnostics;
  std::optional<std::string> folder = corpusFolder(options.words.front());
  if (folder && options.words.size() > 1)
    return usageError("a corpus kernel takes its arguments from a case: --case "
                      "NAME; or give its file");
  auto subject =
      folder ? tuneCorpusKernel(*folder, options.caseName, options.dtype)
             : tuneFile(context, options.words, options.grid, diagnostics);
  show(diagnostics);
  if (!subject)
    return report(subject.takeError());
  std::optional<Tuner> tuner;
  llvm::Error failed = llvm::Error::success();
  {
    Progress progress;
    tuner.emplace(options, context, **subject, progress);
    failed = tuner->search();
  }
  if (failed)
    return report(std::move(failed));
  if (llvm::Error error = tuner->record->save())
    llvm::errs() << "tegula: warning: " << llvm::toString(std::move(error))
                 << '\n';
  if (!options.exportFile.empty())
    if (llvm::Error error = writeRecord(*tuner->record, options.exportFile))
      return report(std::move(error));
  std::vector<size_t> order(tuner->points.size());
  std::iota(order.begin(), order.end(), 0);
  llvm::sort(order, [&](size_t a, size_t b) {
    const Point &left = tuner->points[a], &right = tuner->points[b];
    return std::tuple(!left.problem.empty(), a != tuner->best, left.seconds) <
           std::tuple(!right.problem.empty(), b != tuner->best, right.seconds);
  });
  if (options.json)
    printJson(toJson(*tuner, order));
  else
    printPoints(*tuner, order);
  return Done;
}

} // namespace

int tuneMain(int argc, char **argv) {
  Options parser("tune", "Finds what runs a kernel fastest here, and keeps it.",
                 kExamples);
  TuneOptions options;
  auto in = cl::sub(parser.sub);
  cl::opt<std::string, true> target("target", cl::location(options.target),
                                    cl::value_desc("name[:arch[:features]]"),
                                    cl::desc("the machine"), in);
  cl::opt<unsigned, true> threads(
      "threads", cl::location(options.threads), cl::value_desc("N"),
      cl::desc("threads (default: all, and fewer are tried)"), in);
  cl::opt<std::string, true> grid(
      "grid", cl::location(options.grid), cl::value_desc("G"),
      cl::desc("programs, as for `tegula run`"), in);
  cl::opt<double, true> budget("budget", cl::location(options.budget),
                               cl::value_desc("S"),
                               cl::desc("seconds to search (default 30)"), in);
  cl::opt<bool, true> again(
      "again", cl::location(options.again),
      cl::desc("forget what was found for these sizes before"), in);
  cl::opt<std::string, true> exportFile(
      "export", cl::location(options.exportFile), cl::value_desc("file.json"),
      cl::desc("write what is known of the kernel, too"), in);
  cl::opt<std::string, true> importFile(
      "import", cl::location(options.importFile), cl::value_desc("file.json"),
      cl::desc("take over what --export has written, and do nothing else"), in);
  cl::opt<std::string, true> caseName(
      "case", cl::location(options.caseName), cl::value_desc("name"),
      cl::desc("of a corpus kernel (default: the last large one)"), in);
  cl::opt<std::string, true> dtype(
      "dtype", cl::location(options.dtype), cl::value_desc("dtype"),
      cl::desc("of a corpus kernel (default: the case's first)"), in);
  cl::opt<bool, true> json("json", cl::location(options.json),
                           cl::desc("print JSON"), in);
  cl::list<std::string> words(
      cl::Positional, cl::desc("SOURCE NAME=VALUE... | kernels/NAME"), in);
  if (!parser.parse(argc, argv))
    return Usage;
  options.words = words;
  if (!options.importFile.empty())
    return importRecord(options.importFile);
  if (options.words.empty())
    return usageError("what is to be tuned? kernels/NAME, or SOURCE "
                      "NAME=VALUE... with --grid");
  return runTune(options);
}

} // namespace tegula::tools
