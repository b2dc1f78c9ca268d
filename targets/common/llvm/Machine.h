//===- Machine.h - From the name of a processor to LLVM ---------*- C++ -*-===//
//
// Part of the Tegula Project, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// A machine enters as the name that a user typed ("native", "znver4",
// "x86-64-v3", "neoverse-v2", "rv64gcv") and leaves as a TargetDesc, whose
// numbers are computed from what LLVM knows about that processor. One
// TargetDesc makes one llvm::TargetMachine, which serves the optimiser and the
// code generator alike.
//
//===----------------------------------------------------------------------===//

#ifndef TEGULA_TARGETS_COMMON_LLVM_MACHINE_H
#define TEGULA_TARGETS_COMMON_LLVM_MACHINE_H

#include "targets/TargetDesc.h"
#include "llvm/ADT/StringRef.h"
#include "llvm/Support/Error.h"
#include <memory>
#include <vector>

namespace llvm {
class TargetMachine;
} // namespace llvm

namespace tegula::targets {

/// Describes the processor `arch` with `features` added or removed, spelled as
/// LLVM does ("+avx512bf16,-fma"; a name without a sign is added). Besides
/// LLVM's own names: "" and "native" (this processor, without what a virtual
/// machine hides), "rv64..." (a RISC-V ISA string), "aarch64", and the feature
/// "vlN" (SVE and RVV: the vector length in bits). An unknown name is an error
/// that lists near ones.
llvm::Expected<TargetDesc> describeProcessor(llvm::StringRef arch,
                                             llvm::StringRef features = {});

/// Success if code for `desc` runs on this processor, else an error that names
/// the first feature that is missing here.
llvm::Error hostSupports(const TargetDesc &desc);

/// Those of `names`, LLVM's for features, that the processors of a description
/// have.
std::vector<std::string> presentFeatures(const TargetDesc &desc,
                                         llvm::ArrayRef<const char *> names);

/// The LLVM machine of a description; also initialises LLVM's back end for it.
llvm::Expected<std::unique_ptr<llvm::TargetMachine>>
createTargetMachine(const TargetDesc &desc);

} // namespace tegula::targets

#endif // TEGULA_TARGETS_COMMON_LLVM_MACHINE_H
