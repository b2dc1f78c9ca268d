//===- Emulation.h - A description for QEMU ---------------------*- C++ -*-===//
//
// Part of the Tegula Project, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef TEGULA_TARGETS_COMMON_LLVM_EMULATION_H
#define TEGULA_TARGETS_COMMON_LLVM_EMULATION_H

#include "runtime/qemu/Emulator.h"
#include "targets/TargetDesc.h"

namespace tegula::targets {

/// The processor of a description as QEMU spells it, with the vector length
/// that its code relies on. Code that runs with any length gets twice the least
/// one, so that a reliance on it shows.
runtime::qemu::Machine describeForQemu(const TargetDesc &desc);

} // namespace tegula::targets

#endif // TEGULA_TARGETS_COMMON_LLVM_EMULATION_H
