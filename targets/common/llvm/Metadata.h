//===- Metadata.h - What the runtime must know of a kernel -----*- C++ -*-===//
//
// Part of the Tegula Project, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef TEGULA_TARGETS_COMMON_LLVM_METADATA_H
#define TEGULA_TARGETS_COMMON_LLVM_METADATA_H

#include "mlir/IR/BuiltinOps.h"
#include "targets/Target.h"
#include "llvm/Support/Error.h"
#include "llvm/Support/JSON.h"

namespace tegula::targets {

/// The metadata of the one kernel of a lowered module, with the keys of
/// runtime/include/tegula/runtime.h. It is read off the attributes
/// `tegula.*` that the loop lowering leaves on the entry function.
llvm::Expected<llvm::json::Object> describeKernel(mlir::ModuleOp module,
                                                  const TargetDesc &desc);

/// `stage` of a lowered module with its metadata; one of `llvm`, `asm`, `obj`,
/// `spirv` and `so`.
llvm::Expected<Artifact> emitArtifact(mlir::ModuleOp module,
                                      const TargetDesc &desc,
                                      llvm::StringRef stage);

} // namespace tegula::targets

#endif // TEGULA_TARGETS_COMMON_LLVM_METADATA_H
