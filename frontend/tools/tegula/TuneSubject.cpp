//===- TuneSubject.cpp - A kernel that is tuned ---*- C++ -*-===//
//
// Part of the Tegula Project, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "frontend/tools/tegula/TuneSubject.h"

namespace tegula::tools {

using namespace frontend;

namespace {

//===----------------------------------------------------------------------===//
// A case of the corpus
//===----------------------------------------------------------------------===//

class CorpusTrial final : public Trial {
public:
  explicit CorpusTrial(CorpusCase made)
      : prepared(std::make_shared<CorpusCase>(std::move(made))) {}

  const BoundArguments &bound() const override { return prepared->bound(); }
  const Program &program() const override { return prepared->program(); }

  /// `first`: the case of the first trial, which sets it: the reference
  /// is computed once for all.
  llvm::Error load(CompileContext &context, llvm::StringRef target,
                   std::shared_ptr<CorpusCase> &first) {
    CompileRequest request;
    request.target = target.str();
    auto made = prepared->compile(context, request);
    if (!made)
      return made.takeError();
    auto kernel = LoadedKernel::load(std::move(*made));
    if (!kernel)
      return kernel.takeError();
    loaded = std::move(*kernel);
    if (first) {
      prepared->shareReference(*first);
      return llvm::Error::success();
    }
    auto compared = prepared->computeReference();
    if (!compared)
      return compared.takeError();
    first = prepared;
    return llvm::Error::success();
  }

  llvm::Expected<double> launch(unsigned threads) override {
    return prepared->launch(*loaded, threads);
  }

  llvm::Error check() override {
    if (!prepared->hasReference() ||
        prepared->maxError() <= prepared->tolerance())
      return llvm::Error::success();
    return llvm::createStringError("differs from the reference: max error " +
                                   formatNumber(prepared->maxError()) +
                                   ", allowed " +
                                   formatNumber(prepared->tolerance()));
  }

private:
  std::shared_ptr<CorpusCase> prepared;
};

class CorpusSubject final : public TuneSubject {
public:
  CorpusSubject(corpus::Spec spec, corpus::Case testCase, std::string dtype)
      : spec(std::move(spec)), testCase(std::move(testCase)),
        dtype(std::move(dtype)) {}

  /// The case's own, then every combination of what the spec lists. num_warps
  /// and its like say nothing to a processor and are left out.
  std::vector<Config> configs() const override {
    std::vector<Config> result = {{}};
    for (const auto &[name, values] : spec.tune) {
      bool isArgument =
          llvm::any_of(testCase.args, [&name = name](const auto &word) {
            return word.first == name;
          });
      if (!isArgument)
        continue;
      std::vector<Config> longer;
      for (const Config &config : result)
        for (const std::string &value : values) {
          longer.push_back(config);
          longer.back().push_back({name, value});
        }
      result = std::move(longer);
    }
    if (!result.front().empty())
      result.insert(result.begin(), Config());
    return result;
  }

  llvm::Expected<std::unique_ptr<Trial>>
  prepare(CompileContext &context, const Config &config,
          llvm::StringRef target) override {
    auto prepared = CorpusCase::prepare(context, spec, testCase, dtype, config);
    if (!prepared)
      return prepared.takeError();
    auto trial = std::make_unique<CorpusTrial>(std::move(*prepared));
    if (llvm::Error error = trial->load(context, target, first))
      return error;
    return trial;
  }

private:
  corpus::Spec spec;
  corpus::Case testCase;
  std::string dtype;
  std::shared_ptr<CorpusCase> first;
};

//===----------------------------------------------------------------------===//
// A kernel of a file
//===----------------------------------------------------------------------===//

class FileTrial final : public Trial {
public:
  FileTrial(const Program &source, BoundArguments arguments)
      : source(source), arguments(std::move(arguments)) {}

  const BoundArguments &bound() const override { return arguments; }
  const Program &program() const override { return source; }

  llvm::Error load(CompileContext &context, llvm::StringRef target,
                   llvm::StringRef gridText) {
    Diagnostics diagnostics;
    auto fail = [&](llvm::Error error) -> llvm::Error {
      if (!diagnostics.hasErrors())
        return error;
      llvm::consumeError(std::move(error));
      return llvm::createStringError(
          llvm::StringRef(diagnostics.str()).rtrim());
    };
    auto programs =
        evaluateGrid(gridText.str(), arguments.bindings(), diagnostics);
    if (!programs)
      return fail(llvm::make_error<Reported>());
    grid = *programs;
    CompileRequest request;
    request.arguments = arguments.specs();
    request.target = target.str();
    auto made = compile(context, source, request, diagnostics);
    if (!made)
      return fail(made.takeError());
    auto kernel = LoadedKernel::load(std::move(*made));
    if (!kernel)
      return kernel.takeError();
    loaded = std::move(*kernel);
    auto arrays = Execution::make(arguments);
    if (!arrays)
      return arrays.takeError();
    memory = std::move(*arrays);
    return llvm::Error::success();
  }

  llvm::Expected<double> launch(unsigned threads) override {
    return loaded->launch(memory, grid, threads);
  }

private:
  const Program &source;
  BoundArguments arguments;
  Execution memory;
  std::array<uint32_t, 3> grid = {1, 1, 1};
};

class FileSubject final : public TuneSubject {
public:
  FileSubject(Program program, std::vector<NamedText> given, std::string grid)
      : program(std::move(program)), given(std::move(given)),
        grid(std::move(grid)) {}

  /// Those of @autotune, less what was given.
  std::vector<Config> configs() const override {
    std::vector<Config> result;
    if (const KernelInfo *info = program.kernelInfo())
      for (const AutotuneConfig &one : info->configs) {
        Config config;
        for (const auto &[name, value] : one.arguments)
          if (llvm::none_of(given, [&name = name](const NamedText &word) {
                return word.name == name;
              }))
            config.push_back({name, value.str()});
        // Several may differ in num_warps only.
        if (llvm::none_of(result, [&](const Config &other) {
              return llvm::equal(other, config, [](auto &a, auto &b) {
                return a.name == b.name && a.text == b.text;
              });
            }))
          result.push_back(std::move(config));
      }
    if (result.empty())
      result.emplace_back();
    return result;
  }

  llvm::Expected<std::unique_ptr<Trial>>
  prepare(CompileContext &context, const Config &config,
          llvm::StringRef target) override {
    std::vector<NamedText> words = given;
    words.insert(words.end(), config.begin(), config.end());
    Diagnostics diagnostics;
    auto bound = program.bind(words, BindMode::Run, diagnostics);
    if (!bound)
      return llvm::createStringError(
          llvm::StringRef(diagnostics.str()).rtrim());
    auto trial = std::make_unique<FileTrial>(program, std::move(*bound));
    if (llvm::Error error = trial->load(context, target, grid))
      return error;
    return trial;
  }

private:
  Program program;
  std::vector<NamedText> given;
  std::string grid;
};

} // namespace

llvm::Expected<std::unique_ptr<TuneSubject>>
tuneCorpusKernel(llvm::StringRef folder, llvm::StringRef caseName,
                 llvm::StringRef dtype) {
  corpus::Spec spec;
  if (auto error = corpus::loadSpec(folder.str(), spec))
    return llvm::createStringError(*error);
  const corpus::Case *chosen = nullptr;
  for (const corpus::Case &testCase : spec.cases)
    if (caseName.empty() ? !testCase.smoke : testCase.name == caseName)
      chosen = &testCase;
  if (!chosen && !caseName.empty())
    return llvm::createStringError("kernels/" + spec.name + " has no case '" +
                                   caseName + "'");
  if (!chosen)
    chosen = &spec.cases.front();
  std::string type = dtype.empty() ? chosen->dtypes.front() : dtype.str();
  corpus::Case testCase = *chosen;
  return std::make_unique<CorpusSubject>(std::move(spec), std::move(testCase),
                                         std::move(type));
}

llvm::Expected<std::unique_ptr<TuneSubject>>
tuneFile(CompileContext &context, llvm::ArrayRef<std::string> words,
         llvm::StringRef grid, Diagnostics &diagnostics) {
  auto given = parseWords(words.drop_front());
  if (!given)
    return given.takeError();
  auto program = Program::open(context, words.front(), diagnostics);
  if (!program)
    return program.takeError();
  if (!*program)
    return llvm::make_error<Reported>();
  if (grid.empty())
    return llvm::createStringError("give the number of programs: --grid 4, "
                                   "--grid 8,2 or --grid 'cdiv(n,BLOCK)'");
  return std::make_unique<FileSubject>(std::move(**program), std::move(*given),
                                       grid.str());
}

} // namespace tegula::tools
