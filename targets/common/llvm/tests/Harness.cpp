//===- Harness.cpp - Compile a kernel in a test and call it ---------------===//
//
// Part of the Tegula Project, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "targets/common/llvm/tests/Harness.h"

#include "targets/common/llvm/Emit.h"
#include "targets/common/llvm/Machine.h"

#include "mlir/IR/BuiltinOps.h"
#include "mlir/IR/MLIRContext.h"
#include "mlir/Parser/Parser.h"
#include "mlir/Pass/PassManager.h"
#include "llvm/Support/FileSystem.h"
#include "llvm/Support/raw_ostream.h"
#include <dlfcn.h>

using namespace tegula::targets;
using namespace tegula::targets::tests;

llvm::Expected<std::unique_ptr<LoadedObject>>
LoadedObject::open(llvm::StringRef bytes) {
  llvm::SmallString<64> path;
  int descriptor;
  if (auto error = llvm::sys::fs::createTemporaryFile("tegula-test", "so",
                                                      descriptor, path))
    return llvm::createStringError(error, "no temporary file");
  llvm::raw_fd_ostream(descriptor, /*shouldClose=*/true) << bytes;
  auto object = std::make_unique<LoadedObject>();
  object->handle = dlopen(path.c_str(), RTLD_NOW | RTLD_LOCAL);
  llvm::sys::fs::remove(path);
  if (!object->handle)
    return llvm::createStringError(dlerror());
  return object;
}

LoadedObject::~LoadedObject() {
  if (handle)
    dlclose(handle);
}

void *LoadedObject::find(const char *symbol) const {
  return dlsym(handle, symbol);
}

void LoadedObject::call(llvm::ArrayRef<const void *> slots) const {
  auto entry = reinterpret_cast<Entry>(find("tegula_entry"));
  entry(reinterpret_cast<const uint64_t *>(slots.data()), nullptr);
}

TargetDesc tegula::targets::tests::hostDesc() {
  return llvm::cantFail(describeProcessor("native"));
}

llvm::Expected<std::string>
tegula::targets::tests::compileText(llvm::StringRef text,
                                    const TargetDesc &desc, Edit edit) {
  mlir::DialectRegistry registry;
  registerLLVMEmission(registry);
  mlir::MLIRContext context(registry, mlir::MLIRContext::Threading::DISABLED);
  context.loadAllAvailableDialects(); // `edit` may build any operation
  auto module = mlir::parseSourceString<mlir::ModuleOp>(text, &context);
  if (!module)
    return llvm::createStringError("test kernel doesn't parse");
  if (edit)
    edit(*module);
  mlir::PassManager pm(&context);
  buildLowerToLLVMPipeline(pm, desc);
  if (mlir::failed(pm.run(*module)))
    return llvm::createStringError("test kernel doesn't lower");
  return emitCode(*module, desc, CodeStage::SharedObject);
}

llvm::Expected<std::unique_ptr<LoadedObject>>
tegula::targets::tests::compileAndLoad(llvm::StringRef text,
                                       const TargetDesc &desc, Edit edit) {
  auto bytes = compileText(text, desc, edit);
  if (!bytes)
    return bytes.takeError();
  return LoadedObject::open(*bytes);
}

static std::string vectorOf(llvm::StringRef type, unsigned lanes) {
  return lanes == 1
             ? type.str()
             : "vector<" + std::to_string(lanes) + "x" + type.str() + ">";
}

std::string tegula::targets::tests::elementwiseKernel(llvm::StringRef body,
                                                      llvm::StringRef inType,
                                                      llvm::StringRef outType,
                                                      unsigned lanes,
                                                      unsigned inputs) {
  std::string text;
  llvm::raw_string_ostream out(text);
  std::string in = vectorOf(inType, lanes), result = vectorOf(outType, lanes);
  out << "llvm.func @tegula_entry(%slots: !llvm.ptr, %program: !llvm.ptr) {\n";
  for (unsigned i = 0; i < inputs + 1; ++i)
    out << "  %s" << i << " = llvm.getelementptr %slots[" << i
        << "] : (!llvm.ptr) -> !llvm.ptr, i64\n  %p" << i << " = llvm.load %s"
        << i << " : !llvm.ptr -> !llvm.ptr\n";
  out << "  %sn = llvm.getelementptr %slots[" << inputs + 1
      << "] : (!llvm.ptr) -> !llvm.ptr, i64\n"
         "  %n = llvm.load %sn : !llvm.ptr -> i64\n"
         "  %zero = arith.constant 0 : i64\n  %step = arith.constant "
      << lanes << " : i64\n  scf.for %i = %zero to %n step %step : i64 {\n";
  for (unsigned i = 0; i < inputs; ++i)
    out << "    %a" << i << " = llvm.getelementptr %p" << i
        << "[%i] : (!llvm.ptr, i64) -> !llvm.ptr, " << inType << "\n    %"
        << (i ? "y" : "x") << " = llvm.load %a" << i
        << " {alignment = 1 : i64} : !llvm.ptr -> " << in << "\n";
  out << "    " << body << "\n    %o = llvm.getelementptr %p" << inputs
      << "[%i] : (!llvm.ptr, i64) -> !llvm.ptr, " << outType
      << "\n    llvm.store %r, %o {alignment = 1 : i64} : " << result
      << ", !llvm.ptr\n  }\n  llvm.return\n}\n";
  // $V and $W in the body stand for the input's and the output's type.
  std::string replaced;
  for (size_t i = 0; i < text.size(); ++i)
    if (text[i] == '$' && i + 1 < text.size() && text[i + 1] == 'V') {
      replaced += in;
      ++i;
    } else if (text[i] == '$' && i + 1 < text.size() && text[i + 1] == 'W') {
      replaced += result;
      ++i;
    } else {
      replaced += text[i];
    }
  return replaced;
}
