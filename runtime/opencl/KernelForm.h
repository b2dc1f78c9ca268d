//===- KernelForm.h - What an OpenCL kernel and its launch share -*- C++
//-*-===//
//
// Part of the Tegula Project, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// A kernel is called `tegula_kernel` and has these parameters: for each
// argument a buffer and a 64-bit offset (a pointer) or a 64-bit slot; then the
// scratch buffer, its bytes for one program, the linear index of the first
// program, and the grid's three sizes. Each work-item is one program and lays
// out its slice of scratch as the tegula_program, the slots, and the arena.
//
//===----------------------------------------------------------------------===//

#ifndef TEGULA_RUNTIME_OPENCL_KERNELFORM_H
#define TEGULA_RUNTIME_OPENCL_KERNELFORM_H

#include "tegula/abi.h"

namespace tegula::runtime::opencl {

inline constexpr char kKernelSymbol[] = "tegula_kernel";

/// Where the arena of a program with `slots` arguments begins in its slice.
constexpr uint64_t arenaOffset(uint64_t slots) {
  return (sizeof(tegula_program) + 8 * slots + 63) / 64 * 64;
}

} // namespace tegula::runtime::opencl

#endif // TEGULA_RUNTIME_OPENCL_KERNELFORM_H
