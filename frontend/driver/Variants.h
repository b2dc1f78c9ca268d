//===- Variants.h - One artifact for several processors ---*- C++ -*-===//
//
// Part of the Tegula Project, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// `cpu:x86-64-v2,cpu:x86-64-v4` names two machines. Their shared objects lie
// one behind the other in the artifact and its metadata lists them (`variants`
// of tegula/runtime.h): the runtime takes the best that its processor runs. The
// first object is that of the machine that asks for least, so the file can be
// opened as it is.
//
//===----------------------------------------------------------------------===//

#ifndef TEGULA_FRONTEND_DRIVER_VARIANTS_H
#define TEGULA_FRONTEND_DRIVER_VARIANTS_H

#include "frontend/driver/Compile.h"

namespace tegula::frontend {

/// The machines that `text` names. Features have commas too: a new machine
/// begins where a target's name follows.
std::vector<std::string> splitTargets(const targets::Registry &registry,
                                      llvm::StringRef text);

/// One artifact out of those of one kernel for several machines. An error names
/// the machine whose artifact is no shared object.
llvm::Expected<targets::Artifact>
joinVariants(std::vector<CompiledKernel> kernels);

} // namespace tegula::frontend

#endif // TEGULA_FRONTEND_DRIVER_VARIANTS_H
