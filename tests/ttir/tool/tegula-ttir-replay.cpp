//===- tegula-ttir-replay.cpp - Recorded modules, many at once ------------===//
//
// Part of the Tegula Project, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// tegula-ttir-replay [OPTIONS] FILE.ttir...
//   --until=import|compile|run   how far (run)
//   --target=T --seed=N --grid=X,Y,Z
//   --jobs=N                     processes (1)
//   --timeout=SECONDS            for one file (60)
//   --verbose                    a line for each file that is well, too
//
// Imports each module and parses what it prints again; compiles it; runs it on
// arrays of random numbers in the interpreter and then, with the same memory,
// on the target. Files go to processes of their own, which are replaced when a
// file ends one. Exit status 1 if any file failed.
//
//===----------------------------------------------------------------------===//

#include "tests/ttir/Replay.h"
#include "llvm/ADT/StringExtras.h"
#include "llvm/Support/CommandLine.h"
#include "llvm/Support/InitLLVM.h"
#include <chrono>
#include <csignal>
#include <cstring>
#include <poll.h>
#include <sys/wait.h>
#include <unistd.h>

using namespace tegula::replay;
namespace cl = llvm::cl;
using Clock = std::chrono::steady_clock;

static cl::list<std::string> files(cl::Positional, cl::OneOrMore,
                                   cl::desc("FILE.ttir..."));
static cl::opt<Stage>
    until("until", cl::init(Stage::Run),
          cl::values(clEnumValN(Stage::Import, "import", ""),
                     clEnumValN(Stage::Compile, "compile", ""),
                     clEnumValN(Stage::Run, "run", "")));
static cl::opt<std::string> targetName("target", cl::init("cpu"));
static cl::opt<uint64_t> seed("seed", cl::init(1));
static cl::list<uint32_t> grid("grid", cl::CommaSeparated);
static cl::opt<unsigned> jobs("jobs", cl::init(1));
static cl::opt<unsigned> timeoutSeconds("timeout", cl::init(60));
static cl::opt<bool> verbose("verbose");

namespace {

/// What a worker sends: one for each stage that it enters, one at the end.
struct Message {
  enum class Kind : int { Entered, Done } kind;
  size_t file;
  Stage stage;
  Outcome::Kind outcome;
  double importMs, compileMs;
  char text[400];
};

void work(int pipe, size_t first, size_t step) {
  tegula::frontend::CompileContext context;
  Options options;
  options.until = until;
  options.target = targetName;
  options.seed = seed;
  std::copy_n(grid.begin(), std::min<size_t>(3, grid.size()),
              options.grid.begin());
  for (size_t file = first; file < files.size(); file += step) {
    Message message = {};
    auto send = [&] {
      if (write(pipe, &message, sizeof message) != sizeof message)
        _exit(1);
    };
    message.file = file;
    Outcome outcome = replay(context, files[file], options, [&](Stage stage) {
      message.kind = Message::Kind::Entered;
      message.stage = stage;
      send();
    });
    message.kind = Message::Kind::Done;
    message.stage = outcome.stage;
    message.outcome = outcome.kind;
    message.importMs = outcome.importMs;
    message.compileMs = outcome.compileMs;
    std::strncpy(message.text, outcome.message.c_str(),
                 sizeof message.text - 1);
    send();
  }
  _exit(0);
}

class Worker {
public:
  Worker(size_t first, size_t step) : next(first), step(step) { start(); }
  int pipe() const { return input; }
  bool running() const { return process > 0; }
  Clock::time_point deadline() const {
    return since + std::chrono::seconds(timeoutSeconds);
  }

  /// Reads one message; false at the end of the process.
  bool receive(Message &message) {
    size_t have = 0;
    while (have < sizeof message) {
      ssize_t got = read(input, reinterpret_cast<char *>(&message) + have,
                         sizeof message - have);
      if (got <= 0)
        return false;
      have += got;
    }
    since = Clock::now();
    stage = message.stage;
    if (message.kind == Message::Kind::Done)
      next = message.file + step;
    return true;
  }
  void kill() { ::kill(process, SIGKILL); }

  /// After the process has ended: the message of the file that ended it, if one
  /// did; goes on with the next file.
  std::optional<Message> bury(bool timedOut) {
    int status = 0;
    waitpid(process, &status, 0);
    close(input);
    process = 0;
    if (next >= files.size())
      return std::nullopt;
    Message message = {};
    message.kind = Message::Kind::Done;
    message.file = next;
    message.stage = stage;
    message.outcome = Outcome::Kind::Failed;
    std::string text =
        timedOut ? "more than " + std::to_string(timeoutSeconds) + " s"
        : WIFSIGNALED(status)
            ? std::string("the process ended: ") + strsignal(WTERMSIG(status))
            : "the process ended";
    std::strncpy(message.text, text.c_str(), sizeof message.text - 1);
    next += step;
    if (next < files.size())
      start();
    return message;
  }

private:
  void start() {
    int ends[2];
    if (::pipe(ends))
      _exit(1);
    stage = Stage::Import;
    since = Clock::now();
    process = fork();
    if (process == 0) {
      close(ends[0]);
      work(ends[1], next, step);
    }
    close(ends[1]);
    input = ends[0];
  }

  size_t next, step;
  pid_t process = 0;
  int input = -1;
  Stage stage = Stage::Import;
  Clock::time_point since;
};

/// Counts and prints.
class Summary {
public:
  void add(const Message &message) {
    ++done;
    bool failed = message.outcome == Outcome::Kind::Failed;
    size_t reached = static_cast<size_t>(message.stage) + (failed ? 0 : 1);
    for (size_t stage = 0; stage < reached && stage < 3; ++stage)
      ++passed[stage];
    waiting += message.outcome == Outcome::Kind::Waits;
    failures += failed;
    if (message.compileMs > 0)
      compileMs.push_back(message.compileMs);
    if (failed)
      llvm::outs() << "FAILED " << stringifyStage(message.stage) << ' '
                   << files[message.file] << ": "
                   << llvm::StringRef(message.text).rtrim() << '\n';
    else if (verbose)
      llvm::outs() << "ok " << stringifyStage(message.stage) << ' '
                   << files[message.file]
                   << llvm::formatv(" import {0:F2} ms compile {1:F2} ms\n",
                                    message.importMs, message.compileMs);
    llvm::outs().flush();
  }

  void print() {
    llvm::outs() << "modules " << done << " imported " << passed[0];
    if (until >= Stage::Compile)
      llvm::outs() << " compiled " << passed[1];
    if (until >= Stage::Run)
      llvm::outs() << " equal " << passed[2]
                   << " (not run, they wait: " << waiting << ')';
    llvm::outs() << '\n';
    if (compileMs.empty())
      return;
    llvm::sort(compileMs);
    auto at = [&](double part) {
      return compileMs[size_t(part * (compileMs.size() - 1))];
    };
    llvm::outs() << llvm::formatv(
        "compile ms: median {0:F1} p90 {1:F1} p99 {2:F1} max {3:F1}\n", at(.5),
        at(.9), at(.99), compileMs.back());
  }
  bool good() const { return failures == 0; }

private:
  size_t done = 0, waiting = 0, failures = 0;
  size_t passed[3] = {};
  std::vector<double> compileMs;
};

void serve(std::vector<Worker> &workers, Summary &summary) {
  for (;;) {
    std::vector<pollfd> polls;
    std::vector<Worker *> polled;
    for (Worker &worker : workers)
      if (worker.running()) {
        polls.push_back({worker.pipe(), POLLIN, 0});
        polled.push_back(&worker);
      }
    if (polls.empty())
      return;
    poll(polls.data(), polls.size(), 1000);
    for (auto [entry, worker] : llvm::zip(polls, polled)) {
      Message message;
      bool late = !entry.revents && Clock::now() > worker->deadline();
      if (late)
        worker->kill();
      else if (!entry.revents)
        continue;
      else if (worker->receive(message)) {
        if (message.kind == Message::Kind::Done)
          summary.add(message);
        continue;
      }
      if (std::optional<Message> last = worker->bury(late))
        summary.add(*last);
    }
  }
}

} // namespace

int main(int argc, char **argv) {
  llvm::InitLLVM init(argc, argv);
  cl::ParseCommandLineOptions(argc, argv, "Replays recorded TTIR modules\n");
  std::vector<Worker> workers;
  for (size_t job = 0; job < std::min<size_t>(jobs, files.size()); ++job)
    workers.emplace_back(job, jobs);
  Summary summary;
  serve(workers, summary);
  summary.print();
  return summary.good() ? 0 : 1;
}
