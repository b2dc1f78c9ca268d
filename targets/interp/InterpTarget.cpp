//===- InterpTarget.cpp - The reference interpreter as a target -----------===//
//
// Part of the Tegula Project, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// The artifact is the raised module as MLIR bytecode. It runs anywhere and
// supports everything, slowly, and says where a kernel goes wrong.
//
//===----------------------------------------------------------------------===//

#include "ir/interp/Interpreter.h"
#include "ir/tile/Tile.h"
#include "mlir/Bytecode/BytecodeWriter.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/ControlFlow/IR/ControlFlowOps.h"
#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/Dialect/Math/IR/Math.h"
#include "mlir/Dialect/SCF/IR/SCF.h"
#include "mlir/Dialect/UB/IR/UBOps.h"
#include "mlir/IR/Diagnostics.h"
#include "mlir/Parser/Parser.h"
#include "targets/Target.h"
#include "tegula/abi.h"
#include "llvm/Support/raw_ostream.h"

using namespace mlir;
using namespace tegula;
using namespace tegula::targets;

static constexpr llvm::StringLiteral kStage = "tilebc";

/// The one kernel of a module: its public function with a body.
static llvm::Expected<func::FuncOp> findKernel(ModuleOp module) {
  func::FuncOp kernel;
  for (auto function : module.getOps<func::FuncOp>()) {
    if (function.isExternal() || function.isPrivate())
      continue;
    if (kernel)
      return llvm::createStringError(
          "interp: the module has two kernels, %s and %s",
          kernel.getSymName().str().c_str(),
          function.getSymName().str().c_str());
    kernel = function;
  }
  if (!kernel)
    return llvm::createStringError("interp: the module has no kernel");
  return kernel;
}

/// A type as the command line spells it: `*f32`, `i32`, `f8e4m3`.
static std::string spell(Type type) {
  if (auto pointer = dyn_cast<tile::PtrType>(type))
    return "*" + spell(pointer.getPointeeType());
  if (isa<Float8E4M3FNType>(type))
    return "f8e4m3";
  std::string text;
  llvm::raw_string_ostream(text) << type;
  return StringRef(text).lower();
}

static llvm::json::Object describe(func::FuncOp kernel,
                                   const TargetDesc &desc) {
  llvm::json::Object metadata;
  metadata["abi"] = TEGULA_ABI_VERSION;
  metadata["name"] = kernel.getSymName().str();
  metadata["target"] = desc.name;
  if (auto where = kernel.getLoc()->findInstanceOf<FileLineColLoc>()) {
    metadata["file"] = where.getFilename().str();
    metadata["line"] = where.getLine();
  }
  llvm::json::Array arguments;
  for (BlockArgument argument : kernel.getArguments()) {
    unsigned number = argument.getArgNumber();
    auto name = kernel.getArgAttrOfType<StringAttr>(
        number, tile::TileDialect::kNameAttr);
    arguments.push_back(llvm::json::Object{
        {"name", name ? name.str() : "arg" + std::to_string(number)},
        {"type", spell(argument.getType())}});
  }
  metadata["args"] = std::move(arguments);
  return metadata;
}

namespace {
class InterpExecutable final : public Executable {
public:
  InterpExecutable(std::unique_ptr<ir::Interpreter> interpreter,
                   ir::InterpreterOptions options)
      : interpreter(std::move(interpreter)), options(std::move(options)) {}

  llvm::Error launch(const LaunchRequest &request) override {
    return interpreter->launch({request.grid, request.slots, request.extents},
                               options);
  }

private:
  std::unique_ptr<ir::Interpreter> interpreter;
  ir::InterpreterOptions options;
};

class InterpTarget final : public Target {
public:
  StringRef name() const override { return "interp"; }
  StringRef description() const override {
    return "the reference interpreter: slow, exact, runs everywhere";
  }
  llvm::Expected<TargetDesc> describe(StringRef arch,
                                      StringRef features) const override;
  Support supports(Operation *, const TargetDesc &) const override {
    return Support::yes();
  }
  llvm::ArrayRef<Stage> stages() const override {
    static constexpr Stage list[] = {{kStage, Stage::Kind::Binary}};
    return list;
  }
  void buildPipeline(OpPassManager &, const TargetDesc &,
                     StringRef) const override {}
  llvm::Expected<Artifact> emit(ModuleOp module, const TargetDesc &desc,
                                StringRef stage) const override;
  Support probe(const TargetDesc &) const override { return Support::yes(); }
  llvm::Expected<std::unique_ptr<Executable>>
  load(const Artifact &artifact, const TargetDesc &desc) const override;
};
} // namespace

// The order of programs is the "architecture", the seed its feature:
// `interp`, `interp:linear`, `interp:random`, `interp:random:7`.
llvm::Expected<TargetDesc> InterpTarget::describe(StringRef arch,
                                                  StringRef features) const {
  TargetDesc desc;
  desc.place = Place::Emulation;
  desc.cpu = arch.empty() ? "linear" : arch.str();
  if (desc.cpu != "linear" && desc.cpu != "random")
    return llvm::createStringError(
        "interp: unknown order of programs '%s'; known: linear, random",
        desc.cpu.c_str());
  uint64_t seed = 0;
  if (!features.empty() &&
      (desc.cpu == "linear" || features.getAsInteger(10, seed)))
    return llvm::createStringError(
        "interp: '%s' is no seed; write interp:random:7",
        features.str().c_str());
  desc.features = std::to_string(seed);
  desc.name = "interp";
  if (desc.cpu == "random")
    desc.name += ":random:" + desc.features;
  return desc;
}

llvm::Expected<Artifact> InterpTarget::emit(ModuleOp module,
                                            const TargetDesc &desc,
                                            StringRef stage) const {
  llvm::Expected<func::FuncOp> kernel = findKernel(module);
  if (!kernel)
    return kernel.takeError();
  Artifact artifact;
  llvm::raw_string_ostream os(artifact.bytes);
  if (failed(writeBytecodeToFile(module, os)))
    return llvm::createStringError("interp: the module can't be written");
  artifact.metadata = ::describe(*kernel, desc);
  return artifact;
}

llvm::Expected<std::unique_ptr<Executable>>
InterpTarget::load(const Artifact &artifact, const TargetDesc &desc) const {
  DialectRegistry registry;
  registry.insert<tile::TileDialect, arith::ArithDialect,
                  cf::ControlFlowDialect, func::FuncDialect, math::MathDialect,
                  scf::SCFDialect, ub::UBDialect>();
  MLIRContext context(registry, MLIRContext::Threading::DISABLED);
  std::string problems;
  ScopedDiagnosticHandler handler(&context, [&](Diagnostic &diagnostic) {
    problems += "\n" + diagnostic.str();
  });
  OwningOpRef<ModuleOp> module = parseSourceString<ModuleOp>(
      artifact.bytes, ParserConfig(&context), "artifact");
  if (!module)
    return llvm::createStringError("interp: not an artifact of this version:" +
                                   problems);
  llvm::Expected<func::FuncOp> kernel = findKernel(*module);
  if (!kernel)
    return kernel.takeError();
  auto interpreter = ir::Interpreter::create(*kernel);
  if (!interpreter)
    return interpreter.takeError();
  ir::InterpreterOptions options;
  if (desc.cpu == "random")
    options.order = ir::InterpreterOptions::Order::Random;
  StringRef(desc.features).getAsInteger(10, options.seed);
  return std::make_unique<InterpExecutable>(std::move(*interpreter),
                                            std::move(options));
}

namespace tegula::targets {
std::unique_ptr<Target> create_interp();
std::unique_ptr<Target> create_interp() {
  return std::make_unique<InterpTarget>();
}
} // namespace tegula::targets
