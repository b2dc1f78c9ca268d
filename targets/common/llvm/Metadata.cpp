//===- Metadata.cpp - What the runtime must know of a kernel --------------===//
//
// Part of the Tegula Project, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "targets/common/llvm/Metadata.h"
#include "mlir/IR/BuiltinAttributes.h"
#include "targets/common/llvm/Emit.h"
#include "tegula/abi.h"
#include "llvm/ADT/StringSwitch.h"

using namespace mlir;
using namespace tegula;

static Operation *findKernel(ModuleOp module) {
  Operation *kernel = nullptr;
  for (Operation &op : *module.getBody())
    if (op.hasAttr("tegula.kernel"))
      kernel = &op;
  return kernel;
}

llvm::Expected<llvm::json::Object>
targets::describeKernel(ModuleOp module, const TargetDesc &desc) {
  Operation *kernel = findKernel(module);
  if (!kernel)
    return llvm::createStringError("the module holds no lowered kernel");
  llvm::json::Object metadata;
  metadata["abi"] = TEGULA_ABI_VERSION;
  metadata["name"] = kernel->getAttrOfType<StringAttr>("tegula.kernel").str();
  metadata["target"] = desc.name;
  if (auto where = kernel->getLoc()->findInstanceOf<FileLineColLoc>()) {
    metadata["file"] = where.getFilename().str();
    metadata["line"] = where.getLine();
  }
  llvm::json::Array args;
  for (auto entry : kernel->getAttrOfType<ArrayAttr>("tegula.args")
                        .getAsRange<DictionaryAttr>())
    args.push_back(
        llvm::json::Object{{"name", entry.getAs<StringAttr>("name").str()},
                           {"type", entry.getAs<StringAttr>("type").str()}});
  metadata["args"] = std::move(args);
  metadata["arena_bytes"] =
      kernel->getAttrOfType<IntegerAttr>("tegula.arena_bytes").getInt();
  if (auto cost = kernel->getAttrOfType<FloatAttr>("tegula.cost_ns"))
    metadata["cost_ns"] = cost.getValueAsDouble();
  auto uses = [&](StringRef what) {
    return kernel->hasAttr(("tegula.uses_" + what).str());
  };
  metadata["uses"] = llvm::json::Object{{"print", uses("print")},
                                        {"assert", uses("assert")},
                                        {"atomics", uses("atomics")},
                                        {"waits", uses("waits")},
                                        {"aliases", uses("aliases")}};
  return metadata;
}

llvm::Expected<targets::Artifact> targets::emitArtifact(ModuleOp module,
                                                        const TargetDesc &desc,
                                                        StringRef stage) {
  CodeStage code = llvm::StringSwitch<CodeStage>(stage)
                       .Case("llvm", CodeStage::LLVMIR)
                       .Case("asm", CodeStage::Assembly)
                       .Case("so", CodeStage::SharedObject)
                       .Default(CodeStage::Object);
  llvm::Expected<llvm::json::Object> metadata = describeKernel(module, desc);
  if (!metadata)
    return metadata.takeError();
  llvm::Expected<std::string> bytes = emitCode(module, desc, code);
  if (!bytes)
    return bytes.takeError();
  return Artifact{std::move(*bytes), std::move(*metadata)};
}
