//===- Metadata.h - What the runtime must know of a CPU kernel --*- C++ -*-===//
//
// Part of the Tegula Project, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef TEGULA_TARGETS_CPU_METADATA_H
#define TEGULA_TARGETS_CPU_METADATA_H

#include "mlir/IR/BuiltinOps.h"
#include "targets/TargetDesc.h"
#include "llvm/Support/Error.h"
#include "llvm/Support/JSON.h"

namespace tegula::targets {

/// The metadata of the one kernel of a lowered module, with the keys of
/// runtime/include/tegula/runtime.h. It is read off the attributes
/// `tegula.*` that the loop lowering leaves on the entry function.
llvm::Expected<llvm::json::Object> describeKernel(mlir::ModuleOp module,
                                                  const TargetDesc &desc);

} // namespace tegula::targets

#endif // TEGULA_TARGETS_CPU_METADATA_H
