//===- Access.h - Moving elements between slots and memory ------*- C++ -*-===//
//
// Part of the Tegula Project, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Every memory op first writes the addresses and the activity of its lanes to
// the launch's scratch memory, has them checked (LaunchState::admit) and then
// moves the elements of the lanes that are left.
//
//===----------------------------------------------------------------------===//

#ifndef TEGULA_IR_INTERP_ACCESS_H
#define TEGULA_IR_INTERP_ACCESS_H

#include "ir/interp/Compiler.h"
#include "ir/interp/Memory.h"

namespace tegula::ir::interp {

/// Fills the lanes' activity from a mask slot, or with ones. A mask that isn't
/// known is reported.
void readMask(Program &program, const Site &site, std::optional<Slot> mask,
              size_t count);

/// Takes the lanes from a slot of pointers and a mask, and has them checked.
bool admitPointers(Program &program, const Access &access, Slot pointer,
                   std::optional<Slot> mask);

/// What a lane that isn't read gives.
struct Fallback {
  std::optional<Slot> other; ///< zero without it
  /// Without `other` the element is unspecified, and `check` follows it.
  bool isUnspecified = true;
  /// The bits of the element where there is no `other`.
  uint64_t bits = 0;
};

/// Reads the admitted lanes to `result`, the others from the fallback.
void readLanes(Program &program, Slot result, const Fallback &fallback);
/// Writes the admitted lanes; counts as progress if memory changes.
void writeLanes(Program &program, const Site &site, Slot value);

} // namespace tegula::ir::interp

#endif // TEGULA_IR_INTERP_ACCESS_H
