//===- Stages.cpp - One kernel on its way through the stages ---*- C++ -*-===//
//
// Part of the Tegula Project, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "frontend/driver/Stages.h"
#include "frontend/driver/Compile.h"
#include "frontend/driver/Output.h"

#include "ir/passes/Passes.h"
#include "mlir/IR/Verifier.h"
#include "mlir/Parser/Parser.h"
#include "mlir/Pass/PassManager.h"
#include "runtime/Environment.h"
#include "llvm/Support/FileSystem.h"
#include "llvm/Support/MemoryBuffer.h"
#include "llvm/Support/Path.h"

namespace tegula::frontend {

using runtime::Environment;
using targets::Stage;

StageFiles StageFiles::fromEnvironment() {
  StageFiles files;
  runtime::Environment environment = runtime::Environment::read();
  llvm::StringRef rest = environment.dump;
  llvm::StringRef stage;
  std::tie(rest, stage) = rest.split(',');
  llvm::StringRef kernel;
  std::tie(stage, kernel) = stage.split(',');
  files.dumpFolder = rest.str();
  files.dumpStage = stage.str();
  files.dumpKernel = kernel.str();
  files.overrideFolder = environment.overrideDir;
  return files;
}

Stages::Stages(CompileContext &context, std::string kernel,
               std::shared_ptr<const SourceFile> file, Diagnostics &diagnostics,
               mlir::OwningOpRef<mlir::ModuleOp> module, StageObserver observer)
    : context(context), kernel(std::move(kernel)), file(std::move(file)),
      diagnostics(diagnostics), files(StageFiles::fromEnvironment()),
      observer(std::move(observer)), current(std::move(module)) {}

std::string Stages::print(bool withLocations) {
  std::string text;
  llvm::raw_string_ostream os(text);
  mlir::OpPrintingFlags flags;
  flags.enableDebugInfo(withLocations);
  current->print(os, flags);
  os << '\n';
  return text;
}

llvm::Error Stages::show(llvm::StringRef fileName, llvm::StringRef bytes,
                         llvm::StringRef stage) const {
  if (observer.wants(stage))
    observer.see(stage, bytes);
  if (files.dumpFolder.empty() ||
      (!files.dumpStage.empty() && files.dumpStage != stage) ||
      (!files.dumpKernel.empty() && files.dumpKernel != kernel))
    return llvm::Error::success();
  if (std::error_code error =
          llvm::sys::fs::create_directories(files.dumpFolder))
    return llvm::createStringError("TEGULA_DUMP: " + files.dumpFolder + ": " +
                                   error.message());
  llvm::SmallString<128> path(files.dumpFolder);
  llvm::sys::path::append(path, fileName);
  return writeOutput(path, [&](llvm::raw_ostream &os) { os << bytes; });
}

/// The edited file of a stage, if there is one.
static std::unique_ptr<llvm::MemoryBuffer> edited(llvm::StringRef folder,
                                                  const std::string &name) {
  if (folder.empty())
    return nullptr;
  llvm::SmallString<128> path(folder);
  llvm::sys::path::append(path, name);
  auto buffer = llvm::MemoryBuffer::getFile(path);
  return buffer ? std::move(*buffer) : nullptr;
}

llvm::Error Stages::reached(llvm::StringRef stage) {
  std::string fileName = kernel + "." + stage.str() + ".mlir";
  if (auto buffer = edited(files.overrideFolder, fileName)) {
    DiagnosticBridge bridge(context.mlir(), file, diagnostics);
    current = mlir::parseSourceString<mlir::ModuleOp>(
        buffer->getBuffer(), mlir::ParserConfig(&context.mlir()), fileName);
    if (!current)
      return llvm::make_error<Reported>();
  }
  if (!isShown(stage))
    return llvm::Error::success();
  return show(fileName, print(/*withLocations=*/false), stage);
}

llvm::Error
Stages::runPasses(llvm::StringRef stage,
                  llvm::function_ref<void(mlir::OpPassManager &)> build) {
  DiagnosticBridge bridge(context.mlir(), file, diagnostics);
  mlir::PassManager passes(&context.mlir());
  passes.enableVerifier(Environment::read().debug > 0);
  build(passes);
  if (mlir::failed(passes.run(*current))) {
    if (!diagnostics.hasErrors())
      return llvm::createStringError(
          "making the stage '" + stage + "' of kernel " + kernel +
          " failed without a reason; please send the archive that `tegula "
          "bug-report` makes");
    return llvm::make_error<Reported>();
  }
  return reached(stage);
}

llvm::Error Stages::raise() {
  if (llvm::Error error = reached("tile"))
    return error;
  return runPasses("raised", ir::buildRaisePipeline);
}

mlir::Operation *Stages::firstRefused(const targets::Target &target,
                                      const targets::TargetDesc &desc,
                                      std::string &reason) {
  mlir::Operation *refused = nullptr;
  current->walk([&](mlir::Operation *op) {
    if (op == current->getOperation() ||
        mlir::isa<mlir::func::FuncOp, mlir::func::ReturnOp>(op))
      return mlir::WalkResult::advance();
    targets::Support support = target.supports(op, desc);
    if (support)
      return mlir::WalkResult::advance();
    refused = op;
    reason = support.reason;
    return mlir::WalkResult::interrupt();
  });
  return refused;
}

targets::Support Stages::supports(const targets::Target &target,
                                  const targets::TargetDesc &desc) {
  std::string reason;
  mlir::Operation *op = firstRefused(target, desc, reason);
  if (!op)
    return targets::Support::yes();
  SourceRange where = DiagnosticBridge::place(op->getLoc(), file);
  if (where.line)
    reason += " at " + where.file->path().str() + ":" +
              std::to_string(where.line) + ":" + std::to_string(where.column);
  return targets::Support::no(reason);
}

llvm::Error Stages::requireSupport(const targets::Target &target,
                                   const targets::TargetDesc &desc) {
  std::string reason;
  mlir::Operation *op = firstRefused(target, desc, reason);
  if (!op)
    return llvm::Error::success();
  Diagnostic &made = diagnostics.error(
      DiagnosticBridge::place(op->getLoc(), file),
      "target '" + desc.name + "' can't compile this: " + reason);
  made.hint = "--target cpu or --target interp may";
  return llvm::make_error<Reported>();
}

llvm::Expected<targets::Artifact> Stages::lower(const targets::Target &target,
                                                const targets::TargetDesc &desc,
                                                llvm::StringRef wanted) {
  if (wanted.empty())
    wanted = target.stages().back().name;
  for (const Stage &stage : target.stages()) {
    if (stage.kind == Stage::Kind::Mlir) {
      if (llvm::Error error =
              runPasses(stage.name, [&](mlir::OpPassManager &passes) {
                target.buildPipeline(passes, desc, stage.name);
              }))
        return error;
      if (stage.name == wanted)
        return targets::Artifact{print(/*withLocations=*/false), {}};
      continue;
    }
    bool isWanted = stage.name == wanted;
    if (!isWanted && !isShown(stage.name))
      continue;
    DiagnosticBridge bridge(context.mlir(), file, diagnostics);
    llvm::Expected<targets::Artifact> artifact =
        target.emit(*current, desc, stage.name);
    if (!artifact)
      return artifact.takeError();
    std::string fileName = kernel + "." + stage.name.str();
    if (auto buffer = edited(files.overrideFolder, fileName))
      artifact->bytes = buffer->getBuffer().str();
    if (llvm::Error error = show(fileName, artifact->bytes, stage.name))
      return error;
    if (isWanted)
      return artifact;
  }
  std::string names = "tile raised";
  for (const Stage &stage : target.stages())
    names += " " + stage.name.str();
  return llvm::createStringError("the target '" + desc.name +
                                 "' has no stage '" + wanted +
                                 "'; it has: " + names);
}

} // namespace tegula::frontend
