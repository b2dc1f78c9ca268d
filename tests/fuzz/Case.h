//===- Case.h - A random program with its arrays ----------------*- C++ -*-===//
//
// Part of the Tegula Project, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// A case is a module with one kernel and a description of its arguments. As a
// file, the description stands in attributes `fuzz.*` of the module and of the
// kernel's arguments, so that a reproducer is one .mlir file.
//
//===----------------------------------------------------------------------===//

#ifndef TEGULA_TESTS_FUZZ_CASE_H
#define TEGULA_TESTS_FUZZ_CASE_H

#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/IR/BuiltinOps.h"
#include "llvm/Support/Error.h"
#include <string>
#include <vector>

namespace tegula::fuzz {

/// What an array is filled with.
enum class Fill {
  Zero,
  Tame, ///< floats in [-2, 2], any integers
  Wild  ///< any bits: infinities, NaN, subnormals
};

/// One argument of the kernel.
struct ArgumentSpec {
  /// Arguments with one buffer number share their memory. -1: a scalar.
  int buffer = -1;
  uint64_t elements = 0;
  Fill fill = Fill::Tame;
  int64_t scalar = 0;
};

struct Case {
  mlir::OwningOpRef<mlir::ModuleOp> module;
  uint64_t seed = 0;
  uint32_t programs = 1;
  std::vector<ArgumentSpec> arguments;
  /// By buffer: how far floats may be from the reference, absolutely. 0: not
  /// at all.
  std::vector<double> tolerances;

  mlir::func::FuncOp kernel() const;
  Case clone() const;
};

/// The bytes of all buffers before the launch; the same for the same case.
using Buffers = std::vector<std::vector<char>>;
Buffers makeBuffers(const Case &test);

/// The packed slots and extents of a launch on these buffers.
struct Slots {
  std::vector<uint64_t> slots, extents;
};
Slots makeSlots(const Case &test, Buffers &buffers);

/// The first difference that matters, in words; empty if there is none.
std::string compare(const Case &test, const Buffers &expected,
                    const Buffers &found);

/// The case as text, and back.
std::string print(const Case &test);
llvm::Expected<Case> parse(llvm::StringRef text, mlir::MLIRContext &context);

} // namespace tegula::fuzz

#endif // TEGULA_TESTS_FUZZ_CASE_H
