//===- TuneSubject.h - A kernel that is tuned ---*- C++ -*-===//
//
// Part of the Tegula Project, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// A case of a corpus kernel or a file's kernel with its arguments: what may be
// tried of it, and one configuration made ready to be launched.
//
//===----------------------------------------------------------------------===//

#ifndef TEGULA_FRONTEND_TOOLS_TUNESUBJECT_H
#define TEGULA_FRONTEND_TOOLS_TUNESUBJECT_H

#include "frontend/driver/CorpusCase.h"
#include "frontend/tools/tegula/Tool.h"

namespace tegula::tools {

/// Values of constexprs, as on the command line.
using Config = std::vector<frontend::NamedText>;

/// One configuration, compiled and loaded.
class Trial {
public:
  virtual ~Trial() = default;
  virtual const frontend::BoundArguments &bound() const = 0;
  virtual const frontend::Program &program() const = 0;
  /// Seconds of one launch.
  virtual llvm::Expected<double> launch(unsigned threads) = 0;
  /// Is what the last launch wrote right? Not known of a file's kernel.
  virtual llvm::Error check() { return llvm::Error::success(); }
  const frontend::CompiledKernel &compiled() const {
    return loaded->compiled();
  }

protected:
  std::optional<frontend::LoadedKernel> loaded;
};

class TuneSubject {
public:
  virtual ~TuneSubject() = default;
  /// The first one is what is taken without tuning. Never empty.
  virtual std::vector<Config> configs() const = 0;
  virtual llvm::Expected<std::unique_ptr<Trial>>
  prepare(frontend::CompileContext &context, const Config &config,
          llvm::StringRef target) = 0;
};

/// `caseName` and `dtype` may be empty: the last large case, its first dtype.
llvm::Expected<std::unique_ptr<TuneSubject>>
tuneCorpusKernel(llvm::StringRef folder, llvm::StringRef caseName,
                 llvm::StringRef dtype);

/// `words` is SOURCE NAME=VALUE..., as of `tegula run`.
llvm::Expected<std::unique_ptr<TuneSubject>>
tuneFile(frontend::CompileContext &context, llvm::ArrayRef<std::string> words,
         llvm::StringRef grid, frontend::Diagnostics &diagnostics);

} // namespace tegula::tools

#endif // TEGULA_FRONTEND_TOOLS_TUNESUBJECT_H
