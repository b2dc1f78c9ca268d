//===- Compiler.cpp - The driver behind plain types -----------------------===//
//
// Part of the Tegula Project, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "frontend/python/native/Compiler.h"
#include "frontend/driver/Compile.h"
#include "llvm/TargetParser/Host.h"
#include <mutex>

namespace tegula::python {

using namespace frontend;

namespace {

/// A context keeps every type, attribute and location that it has met: after
/// this many compilations it is made anew.
constexpr unsigned mostCompilations = 512;

/// The one context of the process. It is never destroyed at exit, where LLVM's
/// own globals may be gone already.
class SharedContext {
public:
  static SharedContext &get() {
    static SharedContext &shared = *new SharedContext();
    return shared;
  }

  /// Runs `job` alone.
  template <typename Job> auto use(Job job) {
    std::lock_guard lock(mutex);
    if (!context || ++compilations > mostCompilations) {
      context = std::make_unique<CompileContext>();
      compilations = 1;
    }
    return job(*context);
  }

private:
  std::mutex mutex;
  std::unique_ptr<CompileContext> context;
  unsigned compilations = 0;
};

/// What went wrong: the located diagnostics where there are some.
Failure describe(llvm::Error error, const Diagnostics &diagnostics) {
  Failure failure;
  failure.isUnavailable = error.isA<targets::TargetUnavailable>();
  failure.message = diagnostics.str();
  if (error.isA<Reported>())
    llvm::consumeError(std::move(error));
  else
    failure.message += llvm::toString(std::move(error));
  return failure;
}

llvm::Expected<llvm::StringMap<ArgumentSpec>>
specsOf(const std::vector<Parameter> &parameters) {
  llvm::StringMap<ArgumentSpec> specs;
  for (const Parameter &parameter : parameters) {
    if (parameter.type.empty()) {
      specs[parameter.name] = ArgumentSpec::constant(parameter.constant);
      continue;
    }
    auto spec = parseArgumentType(parameter.name, parameter.type);
    if (!spec)
      return spec.takeError();
    if (!*spec)
      return llvm::createStringError(parameter.name + ": '" + parameter.type +
                                     "' is no type");
    specs[parameter.name] = **spec;
  }
  return specs;
}

/// A source that is read, and what is asked for.
struct Job {
  Program program;
  CompileRequest request;
};

llvm::Expected<Job> open(CompileContext &context, const Source &source,
                         Diagnostics &diagnostics) {
  auto specs = specsOf(source.parameters);
  if (!specs)
    return specs.takeError();
  std::optional<Program> program = Program::read(
      context, SourceFile::fromText(source.path, source.text),
      source.isTTIR ? Program::Form::TTIR : Program::Form::Language,
      source.kernel, diagnostics);
  if (!program)
    return llvm::make_error<Reported>();
  CompileRequest request;
  request.arguments = std::move(*specs);
  request.target = source.target;
  request.mustRun = source.mustRun;
  return Job{std::move(*program), std::move(request)};
}

llvm::Expected<Compiled> compileIn(CompileContext &context,
                                   const Source &source,
                                   const std::vector<std::string> &stages,
                                   Diagnostics &diagnostics) {
  llvm::Expected<Job> job = open(context, source, diagnostics);
  if (!job)
    return job.takeError();
  Compiled result;
  job->request.observer.stages = stages;
  job->request.observer.see = [&](llvm::StringRef stage, llvm::StringRef text) {
    result.stages.emplace_back(stage.str(), text.str());
  };
  llvm::Expected<CompiledKernel> kernel =
      frontend::compile(context, job->program, job->request, diagnostics);
  if (!kernel)
    return kernel.takeError();
  result.name = kernel->name;
  result.target = kernel->desc.name;
  result.cached = kernel->cached;
  result.remarks = diagnostics.str() + kernel->fallback;
  llvm::raw_string_ostream(result.metadata)
      << llvm::json::Value(std::move(kernel->artifact.metadata));
  result.bytes = std::move(kernel->artifact.bytes);
  return result;
}

} // namespace

std::variant<Compiled, Failure>
compile(const Source &source, const std::vector<std::string> &stages) {
  using Result = std::variant<Compiled, Failure>;
  return SharedContext::get().use([&](CompileContext &context) -> Result {
    Diagnostics diagnostics;
    llvm::Expected<Compiled> compiled =
        compileIn(context, source, stages, diagnostics);
    if (!compiled)
      return describe(compiled.takeError(), diagnostics);
    return std::move(*compiled);
  });
}

std::variant<std::string, Failure> compileToStage(const Source &source,
                                                  const std::string &stage) {
  using Result = std::variant<std::string, Failure>;
  return SharedContext::get().use([&](CompileContext &context) -> Result {
    Diagnostics diagnostics;
    llvm::Expected<Job> job = open(context, source, diagnostics);
    if (!job)
      return describe(job.takeError(), diagnostics);
    llvm::Expected<std::string> text = frontend::compileToStage(
        context, job->program, job->request, stage, diagnostics);
    if (!text)
      return describe(text.takeError(), diagnostics);
    return std::move(*text);
  });
}

std::string hostProcessor() { return llvm::sys::getHostCPUName().str(); }

std::string buildId() { return frontend::buildId(); }

} // namespace tegula::python
