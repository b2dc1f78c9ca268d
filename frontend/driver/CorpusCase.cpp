//===- CorpusCase.cpp - A case of kernels/NAME/spec.json, run and compared ---*-
// C++ -*-===//
//
// Part of the Tegula Project, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "frontend/driver/CorpusCase.h"
#include "llvm/Support/FileSystem.h"
#include <cmath>
#include <cstring>

namespace tegula::frontend {

std::optional<std::string> corpusFolder(llvm::StringRef spelling) {
  spelling = spelling.rtrim('/');
  std::filesystem::path here(spelling.str());
  if (std::filesystem::exists(here / "spec.json"))
    return here.string();
  if (!spelling.consume_front("kernels/"))
    return std::nullopt;
  std::filesystem::path folder = corpus::kernelsFolder() / spelling.str();
  if (!std::filesystem::exists(folder / "spec.json"))
    return std::nullopt;
  return folder.string();
}

tegula_dtype corpusType(DType type) {
  return *corpus::parseDtype(std::string(shortName(type)));
}

/// Diagnostics as the text of an error: a case is one line of a table.
static llvm::Error asError(const Diagnostics &diagnostics) {
  return llvm::createStringError(llvm::StringRef(diagnostics.str()).rtrim());
}

llvm::Expected<CorpusCase>
CorpusCase::prepare(CompileContext &context, const corpus::Spec &spec,
                    const corpus::Case &testCase, llvm::StringRef dtype,
                    llvm::ArrayRef<NamedText> given) {
  Diagnostics diagnostics;
  auto program = Program::open(
      context, spec.source().string() + "::" + spec.kernel, diagnostics);
  if (!program)
    return program.takeError();
  if (!*program)
    return asError(diagnostics);
  CorpusCase result(std::move(**program));
  result.kernel = spec.name;
  result.dtype = dtype.str();
  result.outputNames = testCase.outputs;
  auto tolerance = testCase.tolerance.find(dtype.str());
  if (tolerance != testCase.tolerance.end())
    result.allowed = tolerance->second;

  result.words = corpus::substitute(testCase.args, dtype.str());
  for (const NamedText &replacement : given) {
    auto place = llvm::find_if(result.words, [&](const auto &word) {
      return word.first == replacement.name;
    });
    if (place == result.words.end())
      result.words.emplace_back(replacement.name, replacement.text);
    else
      place->second = replacement.text;
  }
  std::vector<NamedText> texts;
  for (const auto &[name, text] : result.words)
    texts.push_back({name, text});
  auto bound = result.source.bind(texts, BindMode::Run, diagnostics);
  if (!bound)
    return asError(diagnostics);
  result.boundArguments = std::move(*bound);
  auto grid = evaluateGrid(testCase.grid, result.boundArguments.bindings(),
                           diagnostics);
  if (!grid)
    return asError(diagnostics);
  result.launchGrid = *grid;
  auto memory = Execution::make(result.boundArguments);
  if (!memory)
    return memory.takeError();
  result.memory = std::move(*memory);
  return result;
}

llvm::Expected<CompiledKernel> CorpusCase::compile(CompileContext &context,
                                                   CompileRequest request) {
  Diagnostics diagnostics;
  request.arguments = boundArguments.specs();
  auto compiled = frontend::compile(context, source, request, diagnostics);
  if (compiled || !diagnostics.hasErrors())
    return compiled;
  llvm::consumeError(compiled.takeError());
  return asError(diagnostics);
}

llvm::Expected<bool> CorpusCase::computeReference() {
  if (!corpus::findReference(kernel))
    return false;
  reference = std::make_shared<corpus::ReferenceCall>();
  for (const auto &[name, array] : memory.arrays())
    reference->addArray(name, corpusType(array.element()), array.shape(),
                        array.data());
  corpus::addScalars(words, *reference);
  if (auto error = corpus::callReference(kernel, *reference)) {
    reference.reset();
    return llvm::createStringError("the reference of " + kernel + ": " +
                                   *error);
  }
  return true;
}

llvm::Error CorpusCase::keepOutputs() {
  before.clear();
  for (const std::string &name : outputNames) {
    auto copy = memory.find(name)->clone();
    if (!copy)
      return copy.takeError();
    before.push_back(std::move(*copy));
  }
  return llvm::Error::success();
}

std::vector<std::string> CorpusCase::changedOutputs() {
  std::vector<std::string> names;
  for (const auto &[name, copy] : llvm::zip_first(outputNames, before)) {
    const Array &array = *memory.find(name);
    if (std::memcmp(array.data(), copy.data(), size_t(array.bytes())))
      names.push_back(name);
  }
  return names;
}

void CorpusCase::restoreOutputs() {
  for (const auto &[name, copy] : llvm::zip_first(outputNames, before)) {
    const Array &array = *memory.find(name);
    std::memcpy(array.data(), copy.data(), size_t(array.bytes()));
  }
}

double CorpusCase::maxError(llvm::ArrayRef<std::string> names) {
  double worst = 0;
  for (const std::string &name : names) {
    const Array &array = *memory.find(name);
    double error = corpus::outputError(corpusType(array.element()),
                                       array.data(), reference->output(name));
    // NaN counts as the worst.
    if (!(error <= worst))
      worst = error;
  }
  return worst;
}

} // namespace tegula::frontend
