//===- Compile.cpp - The road from source to artifact ---*- C++ -*-===//
//
// Part of the Tegula Project, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "frontend/driver/Compile.h"
#include "frontend/driver/ArtifactCache.h"
#include "frontend/driver/Tuning.h"
#include "runtime/Environment.h"
#include <chrono>

namespace tegula::frontend {

using runtime::Environment;
using targets::Candidate;
using targets::Place;
using targets::Support;
using targets::Target;
using targets::TargetDesc;
using targets::TargetSpelling;

char Reported::ID = 0;

namespace {

struct Choice {
  const Target *target = nullptr;
  TargetDesc desc;
  std::string fallback;
};

std::string targetName(const CompileRequest &request) {
  return request.target.empty() ? Environment::read().target : request.target;
}

/// The target that the user named. It is described before anything is
/// compiled: a wrong name is told at once.
llvm::Expected<Choice> describeNamed(CompileContext &context,
                                     const CompileRequest &request) {
  TargetSpelling spelling = TargetSpelling::parse(targetName(request));
  llvm::Expected<const Target &> target =
      context.registry().find(spelling.name);
  if (!target)
    return target.takeError();
  llvm::Expected<TargetDesc> desc =
      target->describe(spelling.arch, spelling.features);
  if (!desc)
    return desc.takeError();
  TargetDesc simulated = targets::onSimulator(*desc);
  if (request.onSimulator)
    desc = simulated;
  if (request.mustRun)
    if (Support here = target->probe(*desc); !here)
      return llvm::make_error<targets::TargetUnavailable>(
          "target '" + desc->name + "' isn't available here: " + here.reason +
          (!request.onSimulator && target->probe(simulated)
               ? "; --on sim simulates it"
               : ""));
  return Choice{&*target, std::move(*desc), ""};
}

/// The best target for a raised kernel, when none was named.
llvm::Expected<Choice> chooseBest(CompileContext &context, Stages &stages,
                                  const std::string &kernel,
                                  const CompileRequest &request) {
  std::vector<Candidate> candidates;
  std::vector<Choice> choices;
  for (const auto &target : context.registry().targets()) {
    llvm::Expected<TargetDesc> desc = target->describe("", "");
    if (!desc) {
      llvm::consumeError(desc.takeError());
      continue;
    }
    Candidate candidate{target->name().str(), desc->place, {}, {}};
    if (desc->place != Place::Emulation) {
      candidate.available = target->probe(*desc);
      if (candidate.available)
        candidate.compiles = stages.supports(*target, *desc);
    }
    candidates.push_back(std::move(candidate));
    choices.push_back({target.get(), std::move(*desc), ""});
  }
  llvm::Expected<targets::Selection> selection =
      targets::select(candidates, {"", kernel, Environment::read().strictTarget,
                                   request.mustRun});
  if (!selection)
    return selection.takeError();
  choices[selection->index].fallback = selection->fallback;
  return std::move(choices[selection->index]);
}

/// One compilation from import to artifact.
class Compilation {
public:
  Compilation(CompileContext &context, const Program &program,
              const CompileRequest &request, Diagnostics &diagnostics)
      : context(context), program(program), request(request),
        diagnostics(diagnostics) {}

  llvm::Expected<CompiledKernel> compile();
  llvm::Expected<std::string> toStage(llvm::StringRef stage);

private:
  llvm::Error begin();
  llvm::Error chooseTarget();
  void applyTuning();
  llvm::Expected<targets::Artifact> lowerOrLoad(bool &cached);

  CompileContext &context;
  const Program &program;
  const CompileRequest &request;
  Diagnostics &diagnostics;
  std::unique_ptr<Stages> stages;
  std::optional<Choice> choice;
  unsigned tunedThreads = 0;
  bool raised = false;
};

llvm::Error Compilation::begin() {
  if (!targetName(request).empty()) {
    llvm::Expected<Choice> named = describeNamed(context, request);
    if (!named)
      return named.takeError();
    choice = std::move(*named);
  }
  auto module = program.import(context, request.arguments, diagnostics);
  if (!module)
    return llvm::make_error<Reported>();
  stages = std::make_unique<Stages>(context, program.kernelName(),
                                    program.source(), diagnostics,
                                    std::move(module), request.observer);
  return llvm::Error::success();
}

llvm::Error Compilation::chooseTarget() {
  if (llvm::Error error = stages->raise())
    return error;
  raised = true;
  if (choice)
    return stages->requireSupport(*choice->target, choice->desc);
  llvm::Expected<Choice> best =
      chooseBest(context, *stages, program.kernelName(), request);
  if (!best)
    return best.takeError();
  choice = std::move(*best);
  return llvm::Error::success();
}

/// Takes the features that were the fastest for these arguments.
void Compilation::applyTuning() {
  if (!request.tuned)
    return;
  TargetSpelling spelling = TargetSpelling::parse(choice->desc.name);
  if (!spelling.features.empty())
    return;
  TuningRecord record = TuningRecord::load(program, choice->desc.name);
  const TuningRow *best = record.best(shapeOf(*request.tuned, program),
                                      configOf(*request.tuned, program));
  if (!best)
    return;
  tunedThreads = best->threads;
  if (best->knobs.empty())
    return;
  llvm::Expected<TargetDesc> desc =
      choice->target->describe(spelling.arch, best->knobs);
  // A record of an older version may name what there is no more.
  if (desc)
    choice->desc = std::move(*desc);
  else
    llvm::consumeError(desc.takeError());
}

llvm::Expected<targets::Artifact> Compilation::lowerOrLoad(bool &cached) {
  bool useCache = request.useCache && request.observer.stages.empty() &&
                  !Environment::read().alwaysCompile &&
                  !StageFiles::fromEnvironment().any();
  std::string text = useCache ? stages->print(/*withLocations=*/true) : "";
  // With a named target nothing needs to be raised to look it up.
  if (!choice)
    if (llvm::Error error = chooseTarget())
      return error;
  applyTuning();
  std::string key = useCache ? artifactKey(choice->desc, text) : "";
  if (useCache)
    if (std::optional<targets::Artifact> found = loadArtifact(key)) {
      cached = true;
      return std::move(*found);
    }
  if (!raised)
    if (llvm::Error error = chooseTarget())
      return error;
  llvm::Expected<targets::Artifact> artifact =
      stages->lower(*choice->target, choice->desc, "");
  if (artifact && useCache)
    storeArtifact(key, *artifact);
  return artifact;
}

llvm::Expected<CompiledKernel> Compilation::compile() {
  auto start = std::chrono::steady_clock::now();
  if (llvm::Error error = begin())
    return error;
  CompiledKernel result;
  result.name = program.kernelName();
  llvm::Expected<targets::Artifact> artifact = lowerOrLoad(result.cached);
  if (!artifact)
    return artifact.takeError();
  result.artifact = std::move(*artifact);
  result.target = choice->target;
  result.desc = choice->desc;
  result.fallback = choice->fallback;
  result.threads = tunedThreads;
  result.seconds =
      std::chrono::duration<double>(std::chrono::steady_clock::now() - start)
          .count();
  return result;
}

llvm::Expected<std::string> Compilation::toStage(llvm::StringRef stage) {
  if (llvm::Error error = begin())
    return error;
  if (stage == "tile")
    return stages->print(/*withLocations=*/false);
  if (stage == "raised") {
    if (llvm::Error error = stages->raise())
      return error;
    return stages->print(/*withLocations=*/false);
  }
  if (llvm::Error error = chooseTarget())
    return error;
  llvm::Expected<targets::Artifact> artifact =
      stages->lower(*choice->target, choice->desc, stage);
  if (!artifact)
    return artifact.takeError();
  return std::move(artifact->bytes);
}

} // namespace

llvm::Expected<CompiledKernel> compile(CompileContext &context,
                                       const Program &program,
                                       const CompileRequest &request,
                                       Diagnostics &diagnostics) {
  return Compilation(context, program, request, diagnostics).compile();
}

llvm::Expected<std::string> compileToStage(CompileContext &context,
                                           const Program &program,
                                           const CompileRequest &request,
                                           llvm::StringRef stage,
                                           Diagnostics &diagnostics) {
  return Compilation(context, program, request, diagnostics).toStage(stage);
}

llvm::Expected<mlir::OwningOpRef<mlir::ModuleOp>>
compileToRaised(CompileContext &context, const Program &program,
                const llvm::StringMap<ArgumentSpec> &arguments,
                Diagnostics &diagnostics) {
  auto module = program.import(context, arguments, diagnostics);
  if (!module)
    return llvm::make_error<Reported>();
  Stages stages(context, program.kernelName(), program.source(), diagnostics,
                std::move(module));
  if (llvm::Error error = stages.raise())
    return error;
  return stages.takeModule();
}

} // namespace tegula::frontend
