//===- Harness.h - Compile a kernel in a test and call it -------*- C++ -*-===//
//
// Part of the Tegula Project, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef TEGULA_TARGETS_COMMON_LLVM_TESTS_HARNESS_H
#define TEGULA_TARGETS_COMMON_LLVM_TESTS_HARNESS_H

#include "mlir/IR/BuiltinOps.h"
#include "targets/TargetDesc.h"
#include "llvm/ADT/STLFunctionalExtras.h"
#include "llvm/ADT/StringRef.h"
#include "llvm/Support/Error.h"
#include <memory>

namespace tegula::targets::tests {

/// A shared object, written to a temporary file, opened, closed at the end.
class LoadedObject {
public:
  using Entry = void (*)(const uint64_t *slots, const void *program);
  static llvm::Expected<std::unique_ptr<LoadedObject>>
  open(llvm::StringRef bytes);
  ~LoadedObject();
  void call(llvm::ArrayRef<const void *> slots) const;
  void *find(const char *symbol) const;

private:
  void *handle = nullptr;
};

/// This processor.
TargetDesc hostDesc();

/// Parses MLIR text, lowers it with the whole pipeline for `desc`, emits it.
/// `edit` may change the parsed module first.
using Edit = llvm::function_ref<void(mlir::ModuleOp)>;
llvm::Expected<std::string>
compileText(llvm::StringRef mlir, const TargetDesc &desc, Edit edit = nullptr);

/// compileText, then open.
llvm::Expected<std::unique_ptr<LoadedObject>>
compileAndLoad(llvm::StringRef mlir, const TargetDesc &desc,
               Edit edit = nullptr);

/// The text of a kernel that applies `body` to n elements, `lanes` at a time
/// (n is a multiple): slots are input pointers, the output pointer, n.
/// `body` computes %r from %x (and %y).
std::string elementwiseKernel(llvm::StringRef body, llvm::StringRef inType,
                              llvm::StringRef outType, unsigned lanes,
                              unsigned inputs = 1);

} // namespace tegula::targets::tests

#endif
