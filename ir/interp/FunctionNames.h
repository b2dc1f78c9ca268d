//===- FunctionNames.h - Functions that extern_math may call ----*- C++ -*-===//
//
// Part of the Tegula Project, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef TEGULA_IR_INTERP_FUNCTIONNAMES_H
#define TEGULA_IR_INTERP_FUNCTIONNAMES_H

#include "llvm/ADT/StringRef.h"
#include <optional>

namespace tegula::ir {

/// How many operands the function has that `tile.extern_math` calls by this
/// name; nothing if the interpreter knows none.
std::optional<unsigned> operandsOfFunction(llvm::StringRef name);

} // namespace tegula::ir

#endif // TEGULA_IR_INTERP_FUNCTIONNAMES_H
