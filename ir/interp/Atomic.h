//===- Atomic.h - Atomic updates of one element -----------------*- C++ -*-===//
//
// Part of the Tegula Project, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef TEGULA_IR_INTERP_ATOMIC_H
#define TEGULA_IR_INTERP_ATOMIC_H

#include "ir/interp/Access.h"
#include "ir/tile/Tile.h"

namespace tegula::ir::interp {

/// The bits that an update leaves where `old` was.
uint64_t updatedBits(tile::AtomicKind kind, Dtype dtype, uint64_t old,
                     uint64_t operand);

/// Updates the admitted lanes in row-major order; their old values go to
/// `result`, where there is one (0 where inactive). True if memory changed.
bool updateLanes(Program &program, tile::AtomicKind kind, Slot operand,
                 std::optional<Slot> result, const Site &site);

/// The order that an atomic makes between programs: none if its scope is one
/// program.
void setOrder(Access &access, tile::MemoryOrder order, tile::MemoryScope scope);

/// Where a program goes on after an atomic: other programs take their turn if
/// it changed nothing (a lock that is held) or if the launch wants it.
Flow afterAtomic(Program &program, size_t lanes, bool changed);

} // namespace tegula::ir::interp

#endif // TEGULA_IR_INTERP_ATOMIC_H
