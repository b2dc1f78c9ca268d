//===- Compile.cpp - tegula compile ---*- C++ -*-===//
//
// Part of the Tegula Project, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "frontend/driver/Output.h"
#include "frontend/driver/Variants.h"
#include "frontend/tools/tegula/Tool.h"
#include "llvm/Support/Path.h"

namespace tegula::tools {

using namespace frontend;
namespace cl = llvm::cl;

static const char *const kExamples =
    "  tegula compile add.py x='*f32' out='*f32' n=i32 BLOCK=256 --emit llvm\n"
    "  tegula compile add.py::add_kernel --target cpu:x86-64-v3 x='*f32:16' "
    "\\\n"
    "      out='*f32:16' n=i32:16 BLOCK=256 -o add.so\n"
    "  tegula compile add.py --target cpu:x86-64-v2,cpu:x86-64-v4 x='*f32' \\\n"
    "      out='*f32' n=i32 BLOCK=256 -o add.so      two machines in one file\n"
    "\nTypes: *f32 (pointer), i32, *f32:16 (divisible by 16); a number is "
    "compiled in.\nStages: tile, raised, then the target's own; `tegula "
    "targets` lists them.\n";

/// The stage that a file name asks for.
static llvm::StringRef stageOfFile(llvm::StringRef path) {
  return llvm::StringSwitch<llvm::StringRef>(llvm::sys::path::extension(path))
      .Case(".so", "so")
      .Case(".o", "obj")
      .Cases({".s", ".asm"}, "asm")
      .Case(".ll", "llvm")
      .Case(".mlir", "raised")
      .Case(".ptx", "ptx")
      .Case(".spv", "spirv")
      .Default("");
}

/// The loadable artifact for the machine that `request` names, or for all of
/// `machines`.
static llvm::Expected<targets::Artifact>
makeArtifact(CompileContext &context, const Program &program,
             CompileRequest request, llvm::ArrayRef<std::string> machines,
             Diagnostics &diagnostics) {
  std::vector<CompiledKernel> kernels;
  for (const std::string &machine : machines) {
    request.target = machine;
    auto compiled = compile(context, program, request, diagnostics);
    if (!compiled)
      return compiled.takeError();
    kernels.push_back(std::move(*compiled));
  }
  if (kernels.size() == 1)
    return std::move(kernels.front().artifact);
  return joinVariants(std::move(kernels));
}

static llvm::Error write(llvm::StringRef path, llvm::StringRef bytes) {
  return writeOutput(path, [&](llvm::raw_ostream &os) { os << bytes; });
}

int compileMain(int argc, char **argv) {
  Options options("compile", "Compiles a kernel to any stage of its road.",
                  kExamples);
  cl::opt<std::string> target(
      "target", cl::value_desc("name[:arch[:features]],..."),
      cl::desc("the machine (default: this processor); of several processors "
               "the runtime takes the best that it runs on"),
      cl::sub(options.sub));
  cl::opt<std::string> emit("emit", cl::value_desc("stage"),
                            cl::desc("tile, raised, or a stage of the target "
                                     "(default: by the file's suffix, or the "
                                     "target's artifact)"),
                            cl::sub(options.sub));
  cl::opt<std::string> output("o", cl::value_desc("file"),
                              cl::desc("where to write it; - is the standard "
                                       "output (default for text)"),
                              cl::sub(options.sub));
  cl::list<std::string> words(cl::Positional, cl::OneOrMore,
                              cl::desc("SOURCE NAME=TYPE_OR_VALUE..."),
                              cl::sub(options.sub));
  if (!options.parse(argc, argv))
    return Usage;

  Diagnostics diagnostics;
  CompileContext context;
  llvm::Expected<BoundKernel> kernel =
      openAndBind(context, words, BindMode::Compile, diagnostics);
  if (!kernel) {
    show(diagnostics);
    return report(kernel.takeError());
  }
  CompileRequest request;
  request.arguments = kernel->bound.specs();
  request.target = target;
  request.mustRun = false;
  std::string stage = emit.empty() ? stageOfFile(output).str() : emit;
  if (stage.empty() && output.empty())
    return usageError("say what to write: --emit STAGE or -o FILE");

  std::vector<std::string> machines = splitTargets(context.registry(), target);
  if (machines.empty())
    machines.emplace_back(); // TEGULA_TARGET, or this processor
  if (stage == "so" || stage.empty()) {
    llvm::Expected<targets::Artifact> artifact =
        makeArtifact(context, kernel->program, request, machines, diagnostics);
    show(diagnostics);
    if (!artifact)
      return report(artifact.takeError());
    if (output.empty())
      return usageError("'" + stage + "' isn't text: give -o FILE");
    if (llvm::Error error = write(output, artifact->bytes))
      return report(std::move(error));
    // What the runtime must know of the kernel lies beside it.
    std::string metadata;
    llvm::raw_string_ostream(metadata)
        << llvm::json::Value(std::move(artifact->metadata)) << '\n';
    if (output == "-")
      return Done;
    if (llvm::Error error = write(output + ".json", metadata))
      return report(std::move(error));
    return Done;
  }
  if (machines.size() > 1)
    return usageError("'" + stage + "' is made for one machine at a time; " +
                      "several go into one file with -o FILE.so");
  llvm::Expected<std::string> bytes =
      compileToStage(context, kernel->program, request, stage, diagnostics);
  show(diagnostics);
  if (!bytes)
    return report(bytes.takeError());
  bool isText = !llvm::is_contained(
      {"obj", "cubin", "hsaco", "spirv", "tilebc"}, llvm::StringRef(stage));
  if (output.empty() && !isText)
    return usageError("'" + stage + "' isn't text: give -o FILE");
  if (llvm::Error error =
          write(output.empty() ? std::string("-") : output, *bytes))
    return report(std::move(error));
  return Done;
}

} // namespace tegula::tools
