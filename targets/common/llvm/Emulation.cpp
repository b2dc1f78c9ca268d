//===- Emulation.cpp - A description for QEMU -----------------------------===//
//
// Part of the Tegula Project, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "targets/common/llvm/Emulation.h"
#include "llvm/TargetParser/Triple.h"

using namespace tegula;
using namespace tegula::targets;
using runtime::qemu::Machine;

/// QEMU 7.2 has few of the processors by name; its `max` has the features of
/// all, and a vector length as it is told.
Machine targets::describeForQemu(const TargetDesc &desc) {
  llvm::Triple triple(desc.triple);
  unsigned length = desc.vscale ? desc.vectorBits : 2 * desc.vectorBits;
  std::string bits = std::to_string(length);
  if (triple.isAArch64()) {
    if (!desc.maskedBits)
      return {"aarch64", "max,sve=off,pauth-impdef=on"};
    return {"aarch64", "max,sve" + bits + "=on,sve-default-vector-length=" +
                           std::to_string(length / 8) + ",pauth-impdef=on"};
  }
  if (triple.isRISCV())
    return {"riscv64", desc.vectorBits
                           ? "rv64,v=true,vext_spec=v1.0,vlen=" + bits
                           : "rv64"};
  return {triple.getArchName().str(), "max"};
}
