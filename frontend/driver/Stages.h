//===- Stages.h - One kernel on its way through the stages ---*- C++ -*-===//
//
// Part of the Tegula Project, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Holds a module and takes it from stage to stage. After each one the result is
// written to TEGULA_DUMP's folder, and an edited file of TEGULA_OVERRIDE's
// folder takes its place. Files are called KERNEL.STAGE.mlir, KERNEL.STAGE.
//
//===----------------------------------------------------------------------===//

#ifndef TEGULA_FRONTEND_DRIVER_STAGES_H
#define TEGULA_FRONTEND_DRIVER_STAGES_H

#include "frontend/driver/Context.h"
#include "targets/Target.h"

namespace tegula::frontend {

/// TEGULA_DUMP=DIR[,stage][,kernel] and TEGULA_OVERRIDE=DIR.
struct StageFiles {
  std::string dumpFolder, dumpStage, dumpKernel, overrideFolder;

  static StageFiles fromEnvironment();
  bool any() const { return !dumpFolder.empty() || !overrideFolder.empty(); }
};

/// Sees the stages that it names, in their order, as text or bytes.
struct StageObserver {
  std::vector<std::string> stages;
  std::function<void(llvm::StringRef stage, llvm::StringRef bytes)> see;

  bool wants(llvm::StringRef stage) const {
    return llvm::is_contained(stages, stage);
  }
};

class Stages {
public:
  Stages(CompileContext &context, std::string kernel,
         std::shared_ptr<const SourceFile> file, Diagnostics &diagnostics,
         mlir::OwningOpRef<mlir::ModuleOp> module, StageObserver observer = {});

  /// The module of the stage reached last.
  mlir::ModuleOp module() { return *current; }
  mlir::OwningOpRef<mlir::ModuleOp> takeModule() { return std::move(current); }

  llvm::Error raise();
  /// Can `target` take every operation of the raised module? The refusal is
  /// located: "tile.histogram: no lowering (k.py:12:9)".
  targets::Support supports(const targets::Target &target,
                            const targets::TargetDesc &desc);
  /// The same as a diagnostic at the operation's line.
  llvm::Error requireSupport(const targets::Target &target,
                             const targets::TargetDesc &desc);
  /// From the raised module to `stage`, the last one if empty.
  llvm::Expected<targets::Artifact> lower(const targets::Target &target,
                                          const targets::TargetDesc &desc,
                                          llvm::StringRef stage);
  /// The module as text with its source locations.
  std::string print(bool withLocations);

private:
  llvm::Error runPasses(llvm::StringRef stage,
                        llvm::function_ref<void(mlir::OpPassManager &)> build);
  llvm::Error reached(llvm::StringRef stage);
  /// To the observer and to TEGULA_DUMP's folder.
  llvm::Error show(llvm::StringRef fileName, llvm::StringRef bytes,
                   llvm::StringRef stage) const;
  bool isShown(llvm::StringRef stage) const {
    return !files.dumpFolder.empty() || observer.wants(stage);
  }
  mlir::Operation *firstRefused(const targets::Target &target,
                                const targets::TargetDesc &desc,
                                std::string &reason);

  CompileContext &context;
  std::string kernel;
  std::shared_ptr<const SourceFile> file;
  Diagnostics &diagnostics;
  StageFiles files;
  StageObserver observer;
  mlir::OwningOpRef<mlir::ModuleOp> current;
};

} // namespace tegula::frontend

#endif // TEGULA_FRONTEND_DRIVER_STAGES_H
