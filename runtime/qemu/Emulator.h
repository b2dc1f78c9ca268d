//===- Emulator.h - Kernels of other processors under QEMU ------*- C++ -*-===//
//
// Part of the Tegula Project, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// QEMU's user mode runs a guest program that holds this runtime, compiled for
// the other processor. A launch is one such process: the kernel and its arrays
// travel through a memory file, and come back by it. An access right before or
// behind the arrays ends the launch with an error.
//
//===----------------------------------------------------------------------===//

#ifndef TEGULA_RUNTIME_QEMU_EMULATOR_H
#define TEGULA_RUNTIME_QEMU_EMULATOR_H

#include "tegula/Tegula.hpp"
#include <span>

namespace tegula::runtime::qemu {

/// A processor as QEMU spells it.
struct Machine {
  std::string architecture; ///< "aarch64", "riscv64"
  std::string processor;    ///< "max,sve256=on"
};

/// Why this machine can't be emulated here; success: it can.
Status probe(const Machine &machine);

struct Program {
  std::string_view code; ///< A shared object
  std::string metadata;  ///< As tegula_module_load takes it
};

/// `extents` has the bytes behind each pointer in `slots`. A pointer without
/// leads nowhere on the other machine.
struct Launch {
  std::array<uint32_t, 3> grid = {1, 1, 1};
  std::span<const uint64_t> slots, extents;
  uint32_t threads = 0;
};

/// Runs all programs and waits for them. What they print goes to the standard
/// output of this process.
Status launch(const Machine &machine, const Program &program,
              const Launch &launch);

} // namespace tegula::runtime::qemu

#endif // TEGULA_RUNTIME_QEMU_EMULATOR_H
