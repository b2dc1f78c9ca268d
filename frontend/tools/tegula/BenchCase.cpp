//===- BenchCase.cpp - Timing one case of one kernel ---*- C++ -*-===//
//
// Part of the Tegula Project, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "frontend/tools/tegula/BenchCase.h"
#include "kernels/Peer.h"
#include "llvm/Object/ObjectFile.h"
#include <algorithm>
#include <chrono>
#include <cmath>
#include <limits>
#include <thread>

namespace tegula::tools {

using namespace frontend;

namespace {

/// Below this the caches, not the memory, feed a kernel.
constexpr double kStreamingBytes = 16e6;
/// How often a timing that ran at reduced speed is repeated.
constexpr int kTries = 20;

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
  // Some processors multiply pairs of bf16 at half the rate of f32.
  if (dtype == "bf16" && probes.peak(Peak::FmaBf16) > probes.peak(Peak::FmaF32))
    return Peak::FmaBf16;
  if (dtype == "i8" && probes.peak(Peak::DotI8) > 0)
    return Peak::DotI8;
  return Peak::FmaF32;
}

/// Seconds of so many runs together, after one that isn't timed: others had the
/// caches, and sleeping threads have to wake up.
using TimedRuns = std::function<double(int)>;

TimedRuns timed(std::function<void()> run) {
  return [run = std::move(run)](int repeats) {
    run();
    auto start = std::chrono::steady_clock::now();
    for (int i = 0; i < repeats; ++i)
      run();
    return std::chrono::duration<double>(std::chrono::steady_clock::now() -
                                         start)
        .count();
  };
}

/// One thing to be timed: our kernel or a peer.
struct Variant {
  std::string name;
  TimedRuns run;
  std::optional<double> maxError = std::nullopt;
  int repeats = 1;
  std::vector<double> times = {};
  double spent = 0;

  double once() const { return run(repeats) / repeats; }
  double median() {
    std::sort(times.begin(), times.end());
    return times[times.size() / 2];
  }
};

/// Waits until the threads of either process sleep. libgomp's spin for 300,000
/// pauses before, 16 ms where one takes 140 cycles, and would hold the
/// processors that the other process wants.
void letThreadsSleep() {
  std::this_thread::sleep_for(std::chrono::milliseconds(20));
}

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
      // The run that isn't timed counts as well.
      variant.spent += time * (variant.repeats + 1);
      // A peer that broke down while it was timed.
      if (std::isnan(time)) {
        variant.times.assign(5, time);
        variant.spent = std::numeric_limits<double>::infinity();
        continue;
      }
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
  CaseBench(const BenchSettings &options, CompileContext &context,
            Probes &probes, PythonPeers *python, const corpus::Spec &spec,
            const corpus::Case &testCase, llvm::StringRef dtype)
      : options(options), context(context), probes(probes), python(python),
        spec(spec), testCase(testCase) {
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
    request.tuned = &prepared->bound();
    auto compiled = prepared->compile(context, request);
    if (!compiled)
      return compiled.takeError();
    row.target = compiled->desc.name;
    row.compileSeconds = compiled->seconds;
    row.codeBytes = codeBytes(compiled->artifact);
    auto loaded = LoadedKernel::load(std::move(*compiled));
    if (!loaded)
      return loaded.takeError();
    if (llvm::Error error = checkResult(*loaded))
      return error;
    time(*loaded);
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

  llvm::Error checkResult(LoadedKernel &loaded) {
    row.tolerance = prepared->tolerance();
    auto compared = prepared->computeReference();
    if (!compared)
      return compared.takeError();
    // Peers start from what our kernel starts from.
    bool hasPeers = options.nativePeers || !options.pythonPeers.empty();
    if (*compared && hasPeers)
      if (llvm::Error error = prepared->keepOutputs())
        return error;
    auto seconds = prepared->launch(loaded, options.threads);
    if (!seconds)
      return seconds.takeError();
    if (*compared) {
      row.maxError = prepared->maxError();
      row.correct = *row.maxError <= row.tolerance;
    }
    return llvm::Error::success();
  }

  void time(LoadedKernel &loaded) {
    std::vector<Variant> variants;
    variants.push_back({"tegula", timed([&] {
                          if (auto seconds =
                                  prepared->launch(loaded, options.threads))
                            return;
                          else
                            llvm::consumeError(seconds.takeError());
                        })});
    if (options.nativePeers)
      addNativePeers(variants);
    addPythonPeers(variants);
    row.dropped = timeVariants(variants, probes, options.budget);
    row.median = variants[0].median();
    row.minimum = variants[0].times.front();
    for (Variant &variant : llvm::drop_begin(variants))
      row.peers.push_back({variant.name, variant.median(), variant.maxError});
    for (int id : pythonIds)
      python->forget(id);
  }

  /// The error of what a peer has just made of the restored outputs. It may
  /// have left some of the kernel's alone.
  std::optional<double> errorOfPeer() {
    std::vector<std::string> written = prepared->changedOutputs();
    if (!row.maxError || written.empty())
      return std::nullopt;
    return prepared->maxError(written);
  }

  bool isWanted(llvm::StringRef peer) const {
    return options.onlyPeers.empty() ||
           llvm::is_contained(options.onlyPeers, peer);
  }

  void addNativePeers(std::vector<Variant> &variants) {
    auto call = std::make_shared<corpus::PeerCall>();
    call->threads = int(options.threads);
    for (const auto &[name, array] : prepared->execution().arrays())
      call->addArray(name, corpusType(array.element()), array.shape(),
                     array.data());
    corpus::addScalars(prepared->arguments(), *call);
    for (const std::string &peer : testCase.peers) {
      if (!isWanted(peer))
        continue;
      corpus::PeerRun run;
      if (auto why = corpus::preparePeer(spec.name, peer, call, run)) {
        row.notes.push_back(peer + ": " + *why);
        continue;
      }
      prepared->restoreOutputs();
      run();
      variants.push_back({peer, timed(std::move(run)), errorOfPeer()});
    }
  }

  void addPythonPeers(std::vector<Variant> &variants) {
    for (const std::string &name : options.pythonPeers) {
      prepared->restoreOutputs();
      auto peer = python->prepare(name, spec, *prepared, options.threads);
      if (!peer) {
        row.notes.push_back(name + ": " + llvm::toString(peer.takeError()));
        continue;
      }
      pythonIds.push_back(peer->id);
      auto run = [this, id = peer->id](int repeats) {
        // Our threads, and then theirs, before the next probe.
        if (options.threads > 1)
          letThreadsSleep();
        auto seconds = python->run(id, repeats);
        if (options.threads > 1)
          letThreadsSleep();
        if (seconds)
          return *seconds;
        llvm::consumeError(seconds.takeError());
        return std::numeric_limits<double>::quiet_NaN();
      };
      variants.push_back(
          {name, run, peer->comparable ? errorOfPeer() : std::nullopt});
    }
  }

  void compareWithLimits() {
    corpus::ExpressionScope scope;
    if (corpus::scopeOf(prepared->arguments(), scope))
      return;
    double &flops = row.flops, &bytes = row.bytes;
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

  const BenchSettings &options;
  CompileContext &context;
  Probes &probes;
  PythonPeers *python;
  const corpus::Spec &spec;
  const corpus::Case &testCase;
  std::optional<CorpusCase> prepared;
  std::vector<int> pythonIds;
  BenchRow row;
};

} // namespace

BenchRow benchCase(const BenchSettings &settings, CompileContext &context,
                   Probes &probes, PythonPeers *python,
                   const corpus::Spec &spec, const corpus::Case &testCase,
                   llvm::StringRef dtype) {
  return CaseBench(settings, context, probes, python, spec, testCase, dtype)
      .run();
}

} // namespace tegula::tools
