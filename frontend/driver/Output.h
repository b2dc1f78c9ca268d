//===- Output.h - Files that users ask for ---*- C++ -*-===//
//
// Part of the Tegula Project, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef TEGULA_FRONTEND_DRIVER_OUTPUT_H
#define TEGULA_FRONTEND_DRIVER_OUTPUT_H

#include "llvm/ADT/STLFunctionalExtras.h"
#include "llvm/ADT/StringRef.h"
#include "llvm/Support/Error.h"
#include "llvm/Support/raw_ostream.h"

namespace tegula::frontend {

/// Writes the file at `path`; "-" is the standard output. A regular file is
/// replaced as a whole or, where that fails, stays as it was; a device, pipe or
/// link is written through. Errors start with the path.
llvm::Error writeOutput(llvm::StringRef path,
                        llvm::function_ref<void(llvm::raw_ostream &)> write);

} // namespace tegula::frontend

#endif // TEGULA_FRONTEND_DRIVER_OUTPUT_H
