//===- Blame.h - Name an op for people --------------------------*- C++ -*-===//
//
// Part of the Tegula Project, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef TEGULA_IR_ANALYSIS_BLAME_H
#define TEGULA_IR_ANALYSIS_BLAME_H

#include "mlir/IR/Location.h"
#include "mlir/IR/Value.h"
#include <string>

namespace tegula::ir {

/// "kernel.py:12" (the file's name without folders), empty if unknown. Of a
/// call chain, the innermost place.
std::string placeText(mlir::Location location);

/// What defines `value`: "arith.remsi at kernel.py:12".
std::string blameText(mlir::Value value);

} // namespace tegula::ir

#endif // TEGULA_IR_ANALYSIS_BLAME_H
