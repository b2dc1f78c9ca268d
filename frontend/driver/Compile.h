//===- Compile.h - The road from source to artifact ---*- C++ -*-===//
//
// Part of the Tegula Project, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// The only place where stages are put in sequence:
//
//   CompileContext context;
//   auto program = Program::open(context, "softmax.py", diagnostics);
//   auto bound = (*program)->bind(words, BindMode::Run, diagnostics);
//   CompileRequest request;
//   request.arguments = bound->specs();
//   auto kernel = compile(context, **program, request, diagnostics);
//
//===----------------------------------------------------------------------===//

#ifndef TEGULA_FRONTEND_DRIVER_COMPILE_H
#define TEGULA_FRONTEND_DRIVER_COMPILE_H

#include "frontend/driver/Context.h"
#include "frontend/driver/Program.h"
#include "frontend/driver/Stages.h"
#include "targets/Select.h"

namespace tegula::frontend {

struct CompileRequest {
  llvm::StringMap<ArgumentSpec> arguments;
  /// `name[:arch[:features]]`; empty: TEGULA_TARGET, else the best one here.
  std::string target;
  /// The artifact is meant for this machine, now.
  bool mustRun = true;
  /// Not on the named machine but on what simulates it.
  bool onSimulator = false;
  bool useCache = true;
  /// Of whom `tegula tune` may know which features are the best ones here;
  /// null: nobody. Features that the target is given with win.
  const BoundArguments *tuned = nullptr;
  /// With stages to see, everything is compiled, whatever the cache has.
  StageObserver observer;
};

struct CompiledKernel {
  std::string name;
  const targets::Target *target = nullptr;
  targets::TargetDesc desc;
  targets::Artifact artifact;
  bool cached = false;
  double seconds = 0;
  /// How many threads are the best ones, as far as known; else 0.
  unsigned threads = 0;
  /// Why a better target was passed over, or empty.
  std::string fallback;
};

/// What went wrong with the source is in `diagnostics` (the error is then
/// Reported); everything else is in the error. TargetUnavailable: this machine
/// can't run what was asked for.
llvm::Expected<CompiledKernel> compile(CompileContext &context,
                                       const Program &program,
                                       const CompileRequest &request,
                                       Diagnostics &diagnostics);

/// One stage as text or bytes: "tile", "raised" or one of the target's.
llvm::Expected<std::string> compileToStage(CompileContext &context,
                                           const Program &program,
                                           const CompileRequest &request,
                                           llvm::StringRef stage,
                                           Diagnostics &diagnostics);

/// The raised module alone, for tools that read it.
llvm::Expected<mlir::OwningOpRef<mlir::ModuleOp>>
compileToRaised(CompileContext &context, const Program &program,
                const llvm::StringMap<ArgumentSpec> &arguments,
                Diagnostics &diagnostics);

/// The diagnostics say it all.
class Reported : public llvm::ErrorInfo<Reported> {
public:
  static char ID;
  void log(llvm::raw_ostream &os) const override { os << "see above"; }
  std::error_code convertToErrorCode() const override {
    return std::make_error_code(std::errc::invalid_argument);
  }
};

/// Identifies this build in cache keys.
std::string buildId();

} // namespace tegula::frontend

#endif // TEGULA_FRONTEND_DRIVER_COMPILE_H
