//===- CorpusCase.h - A case of kernels/NAME/spec.json, run and compared ---*-
// C++ -*-===//
//
// Part of the Tegula Project, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Shared by `tegula run`, `tegula bench` and the conformance suite:
//
//   auto prepared = CorpusCase::prepare(context, spec, testCase, "f32");
//   auto compiled = prepared->compile(context, request);
//   auto kernel = LoadedKernel::load(std::move(*compiled));
//   prepared->computeReference();
//   prepared->launch(*kernel, threads);
//   double error = prepared->maxError();
//
//===----------------------------------------------------------------------===//

#ifndef TEGULA_FRONTEND_DRIVER_CORPUSCASE_H
#define TEGULA_FRONTEND_DRIVER_CORPUSCASE_H

#include "frontend/driver/LoadedKernel.h"
#include "kernels/Corpus.h"

namespace tegula::frontend {

/// The folder of `kernels/NAME`, if that is what `spelling` names: a folder
/// with a spec.json, or a kernel of the corpus.
std::optional<std::string> corpusFolder(llvm::StringRef spelling);

class CorpusCase {
public:
  /// Parses the kernel, makes the arrays, evaluates the grid. `given` replaces
  /// arguments of the case.
  static llvm::Expected<CorpusCase>
  prepare(CompileContext &context, const corpus::Spec &spec,
          const corpus::Case &testCase, llvm::StringRef dtype,
          llvm::ArrayRef<NamedText> given = {});

  /// The request's arguments are the case's. What `tegula tune` has found
  /// counts if `request.tuned` is `&bound()`.
  llvm::Expected<CompiledKernel> compile(CompileContext &context,
                                         CompileRequest request);
  /// Before the launch: the reference reads what the kernel will overwrite.
  /// False where the kernel has no reference.
  llvm::Expected<bool> computeReference();
  bool hasReference() const { return reference != nullptr; }
  /// Takes over the reference of the same case with other constexprs.
  void shareReference(const CorpusCase &other) { reference = other.reference; }
  /// Seconds of one launch.
  llvm::Expected<double> launch(LoadedKernel &loaded, unsigned threads) {
    return loaded.launch(memory, launchGrid, threads);
  }
  /// The largest error of these outputs, after a launch.
  double maxError(llvm::ArrayRef<std::string> names);
  double maxError() { return maxError(outputNames); }
  /// For several launches of a kernel that adds to its outputs, or leaves some
  /// alone: keeps what they hold now, and puts it back.
  llvm::Error keepOutputs();
  void restoreOutputs();
  /// Outputs that differ from what was kept.
  std::vector<std::string> changedOutputs();

  const std::array<uint32_t, 3> &grid() const { return launchGrid; }
  double tolerance() const { return allowed; }
  llvm::ArrayRef<std::string> outputs() const { return outputNames; }
  Execution &execution() { return memory; }
  const corpus::Arguments &arguments() const { return words; }
  const Program &program() const { return source; }
  const BoundArguments &bound() const { return boundArguments; }

private:
  CorpusCase(Program program) : source(std::move(program)) {}

  Program source;
  std::string kernel, dtype;
  corpus::Arguments words;
  std::vector<std::string> outputNames;
  BoundArguments boundArguments;
  Execution memory;
  std::array<uint32_t, 3> launchGrid = {1, 1, 1};
  double allowed = 0;
  std::shared_ptr<corpus::ReferenceCall> reference;
  std::vector<Array> before;
};

/// The corpus' name of an element type.
tegula_dtype corpusType(DType type);

} // namespace tegula::frontend

#endif // TEGULA_FRONTEND_DRIVER_CORPUSCASE_H
