//===- Module.h - A loaded kernel -------------------------------*- C++ -*-===//
//
// Part of the Tegula Project, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef TEGULA_RUNTIME_CPU_MODULE_H
#define TEGULA_RUNTIME_CPU_MODULE_H

#include "tegula/runtime.h"

#include <atomic>
#include <string>
#include <vector>

/// Immutable once loaded but for what launches have learned, so launches share
/// it without locks.
struct tegula_module {
  struct Arg {
    std::string name, type;
    bool isPointer() const { return type.starts_with('*'); }
  };

  void *handle = nullptr; ///< From dlopen; null for a linked-in entry.
  int memoryFile = -1;    ///< Holds the code; -1: a file does, or nothing.
  tegula_entry entry = nullptr;
  /// The part of the artifact's bytes that is the chosen object; no bytes: all.
  struct {
    uint64_t offset = 0, bytes = 0;
  } code;
  std::string name, target, file;
  int64_t line = 0;
  std::vector<Arg> args;
  bool hasArgs = false; ///< Whether the metadata lists the arguments.
  uint64_t arenaBytes = 0;
  double costNs = 0;
  bool usesPrint = true, usesAssert = true, usesWaits = true,
       usesAtomics = true;
  /// Time of one program in the last launch that was timed; 0: none was.
  mutable std::atomic<float> measuredNs{0};
  /// The same of programs with atomics that ran alone.
  mutable std::atomic<float> aloneNs{0};
};

namespace tegula::runtime {

/// Copies `text` into a caller's message buffer, cut to its size.
void setMessage(char *message, size_t size, const std::string &text);

} // namespace tegula::runtime

#endif // TEGULA_RUNTIME_CPU_MODULE_H
