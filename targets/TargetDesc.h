//===- TargetDesc.h - What a machine is, as data ----------------*- C++ -*-===//
//
// Part of the Tegula Project, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Everything that shared lowerings may know about a machine. A shared pass that
// needs to ask for a target's name lacks a field here: add the field.
//
//===----------------------------------------------------------------------===//

#ifndef TEGULA_TARGETS_TARGETDESC_H
#define TEGULA_TARGETS_TARGETDESC_H

#include "llvm/ADT/SmallVector.h"
#include <cstdint>
#include <string>

namespace tegula::targets {

/// How the generated code is called.
enum class CallingForm {
  /// `tegula_entry` of runtime/include/tegula/abi.h: packed 8-byte slots and a
  /// `tegula_program`; the artifact is a shared object.
  PackedSlots,
  /// An OpenCL kernel: one parameter for each argument, program ids from
  /// `get_group_id`-style builtins, one work-item per program; arena given as
  /// the last parameter (a global buffer, one slice for each work-item).
  OpenClKernel,
};

/// Where the code runs, which decides who is chosen when no target is named: a
/// device wins over this processor; an emulated or processor-backed device
/// (a simulator, the interpreter, OpenCL on the CPU) never wins.
enum class Place { Processor, Device, Emulation };

/// Where vectorised math functions come from, beside the inline ones.
enum class MathLibrary { ScalarLibm, Sleef, OpenCl };

/// The register block of the dot micro-kernel for one element type: at most
/// `rows` broadcast rows by `vectors` vectors of columns in accumulators.
struct MicroTile {
  unsigned rows;
  unsigned vectors;
};

/// An instruction that adds the products of a group of neighbours along K,
/// `size` elements of `bits` bits, to each 32-bit lane of a vector of
/// `vectorBits`.
struct GroupDot {
  /// LLVM's intrinsic; empty where there is none.
  std::string intrinsic;
  unsigned bits = 0, size = 1;
  /// f(sums, lhs, rhs); else f(lhs, rhs) is what to add to the sums.
  bool accumulates = true;
  /// The integers of lhs are unsigned (x86's VNNI).
  bool unsignedLhs = false;
  /// So many rows of lhs and columns of rhs are multiplied at once. 1: a group
  /// of lhs by a vector of columns. 2: two rows by two columns, whose four sums
  /// lie side by side (Arm's mmla).
  unsigned tileRows = 1;
  /// Tiles fill registers of their own (AMX), of `tileRows` rows of a vector's
  /// size: f(rows, bytes of a row of sums, bytes of a row of lhs, sums, lhs,
  /// rhs).
  bool ownRegisters = false;

  explicit operator bool() const { return !intrinsic.empty(); }
};

struct TargetDesc {
  /// The full spelling, e.g. "cpu:znver4".
  std::string name;
  /// What LLVM is told, for the optimiser, the code generator and the cache
  /// key alike.
  std::string triple, cpu, features;
  /// A machine of the same target that runs this one's programs on any host,
  /// for tests where the device is missing: "intel:cpu". Empty: there is none.
  std::string standIn;
  CallingForm callingForm = CallingForm::PackedSlots;
  Place place = Place::Processor;
  /// Width of the vectors of generated loops; 0 makes scalar code.
  unsigned vectorBits = 0;
  /// The factor of a scalable vector register (SVE: bits / 128, RVV: bits / 64)
  /// that the code relies on: it runs with that length only. 0 where vectors
  /// have one length, and for code that runs with any from `vectorBits` on.
  unsigned vscale = 0;
  unsigned numVectorRegisters = 16;
  /// Loading and storing some lanes of a vector is one instruction for elements
  /// of this many bits and more: 8 with mask registers (AVX-512, SVE, RVV), 32
  /// on AVX2; 0 where it never is (SSE, NEON).
  unsigned maskedBits = 0;
  bool hasFma = false;
  /// Vectors of integers are divided by an instruction (SVE, RVV).
  bool hasIntegerDivide = false;
  /// A load of a line that nobody waits for, and that never faults.
  bool hasPrefetch = false;
  /// Scaling by a power of two is an instruction (AVX-512's vscalef).
  bool hasFastLdexp = false;
  /// Native conversion f32 -> bf16 that is exact (Arm's; x86's flushes
  /// denormals to zero); else integer arithmetic.
  bool hasBf16Convert = false;
  /// LLVM's intrinsic f(f32) -> bf16 for a vector of `vectorBits` that rounds
  /// to nearest even and flushes denormals, as bf16 products do that read it;
  /// empty where there is none or an exact one. And one that tells which lanes
  /// are denormal: f(vector, 0x20) -> i1.
  std::string bf16FlushingConvert, denormalTest;
  /// Products of bf16 summed as f32, which may flush denormals and round in
  /// between, and of i8 (extended to `bits`) summed as i32.
  GroupDot bf16Dot, i8Dot;
  /// The same on whole tiles, for products that tiles divide; of f16, too.
  GroupDot bf16TileDot, f16TileDot, i8TileDot;
  /// `bf16TileDot` multiplies three parts of f32 numbers faster than vectors do
  /// the numbers themselves.
  bool splitsFloats = false;
  /// Native f16 <-> f32 conversion (F16C, NEON).
  bool hasF16Convert = false;
  MathLibrary mathLibrary = MathLibrary::ScalarLibm;
  MicroTile microTile = {4, 2};
  /// Elements along K after which accumulators may leave the registers: shorter
  /// steps of a kernel are joined up to it. 0: none are.
  unsigned dotDepth = 256;
  /// The runtime keeps packed operands for later programs (`share` of abi.h).
  bool sharesPanels = false;
  /// Products of whole f32 tiles are left to the runtime (`multiply` of abi.h).
  bool dotLibrary = false;
  /// LLVM address spaces of user memory and of the arena.
  unsigned globalAddressSpace = 0, arenaAddressSpace = 0;
  uint64_t l1Bytes = 32 << 10, l2Bytes = 512 << 10;

  /// Lanes of a vector of `elementBits`-wide elements; 1 for scalar code.
  unsigned lanes(unsigned elementBits) const {
    return vectorBits <= elementBits ? 1 : vectorBits / elementBits;
  }
};

} // namespace tegula::targets

#endif // TEGULA_TARGETS_TARGETDESC_H
