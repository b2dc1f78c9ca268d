//===- Variants.cpp - One artifact for several processors ---*- C++ -*-===//
//
// Part of the Tegula Project, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "frontend/driver/Variants.h"
#include "targets/Registry.h"
#include "llvm/Support/MathExtras.h"

namespace tegula::frontend {

std::vector<std::string> splitTargets(const targets::Registry &registry,
                                      llvm::StringRef text) {
  std::vector<std::string> spellings;
  llvm::SmallVector<llvm::StringRef> parts;
  text.split(parts, ',', -1, /*KeepEmpty=*/false);
  for (llvm::StringRef part : parts) {
    part = part.trim();
    bool isTarget = llvm::any_of(registry.targets(), [&](const auto &target) {
      return part.split(':').first == target->name();
    });
    if (spellings.empty() || isTarget)
      spellings.push_back(part.str());
    else
      spellings.back() += "," + part.str();
  }
  return spellings;
}

/// How much a machine asks for, to compare those of one architecture.
static std::pair<unsigned, size_t> demandOf(const CompiledKernel &kernel) {
  const llvm::json::Object *needs =
      kernel.artifact.metadata.getObject("requires");
  const llvm::json::Array *features =
      needs ? needs->getArray("features") : nullptr;
  return {kernel.desc.vectorBits, features ? features->size() : 0};
}

llvm::Expected<targets::Artifact>
joinVariants(std::vector<CompiledKernel> kernels) {
  for (const CompiledKernel &kernel : kernels)
    if (kernel.desc.callingForm != targets::CallingForm::PackedSlots ||
        !kernel.artifact.metadata.getObject("requires"))
      return llvm::createStringError(
          "an artifact for several machines can only hold shared objects of "
          "processors; '" +
          kernel.desc.name + "' has none");
  llvm::sort(kernels, [](const CompiledKernel &a, const CompiledKernel &b) {
    return demandOf(a) < demandOf(b);
  });
  constexpr uint64_t alignment = 4096;
  targets::Artifact joined{"", kernels.front().artifact.metadata};
  llvm::json::Array variants;
  for (const CompiledKernel &kernel : kernels) {
    joined.bytes.resize(llvm::alignTo(joined.bytes.size(), alignment));
    llvm::json::Object variant{{"offset", joined.bytes.size()},
                               {"bytes", kernel.artifact.bytes.size()}};
    for (const char *key : {"target", "arena_bytes", "cost_ns", "requires"})
      if (const llvm::json::Value *value = kernel.artifact.metadata.get(key))
        variant[key] = *value;
    // The best first.
    variants.insert(variants.begin(), std::move(variant));
    joined.bytes += kernel.artifact.bytes;
  }
  joined.metadata["variants"] = std::move(variants);
  return joined;
}

} // namespace tegula::frontend
