//===- Select.cpp - Which target runs a kernel ------------------*- C++ -*-===//
//
// Part of the Tegula Project, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "targets/Select.h"
#include "llvm/ADT/StringExtras.h"

namespace tegula::targets {

char TargetUnavailable::ID = 0;

TargetSpelling TargetSpelling::parse(llvm::StringRef text) {
  TargetSpelling result;
  auto [name, rest] = text.trim().split(':');
  auto [arch, features] = rest.split(':');
  result.name = name.str();
  result.arch = arch.str();
  result.features = features.str();
  return result;
}

std::string TargetSpelling::str() const {
  std::string result = name;
  if (!arch.empty() || !features.empty())
    result += ":" + arch;
  if (!features.empty())
    result += ":" + features;
  return result;
}

static llvm::Error unavailable(const Candidate &candidate) {
  return llvm::make_error<TargetUnavailable>(
      "target '" + candidate.name +
      "' isn't available here: " + candidate.available.reason);
}

static llvm::Error cannotCompile(const Candidate &candidate,
                                 llvm::StringRef kernel) {
  return llvm::createStringError("kernel %s: target '%s' can't compile it: %s",
                                 kernel.str().c_str(), candidate.name.c_str(),
                                 candidate.compiles.reason.c_str());
}

static llvm::Expected<Selection>
selectNamed(llvm::ArrayRef<Candidate> candidates,
            const SelectionRequest &request) {
  for (const auto &[index, candidate] : llvm::enumerate(candidates)) {
    if (candidate.name != request.named)
      continue;
    if (!candidate.compiles)
      return cannotCompile(candidate, request.kernel);
    if (request.mustRun && !candidate.available)
      return unavailable(candidate);
    return Selection{index, ""};
  }
  std::string known = llvm::join(
      llvm::map_range(candidates, [](const Candidate &c) { return c.name; }),
      ", ");
  return llvm::createStringError("unknown target '%s'; known: %s",
                                 request.named.c_str(), known.c_str());
}

llvm::Expected<Selection> select(llvm::ArrayRef<Candidate> candidates,
                                 const SelectionRequest &request) {
  if (!request.named.empty())
    return selectNamed(candidates, request);

  // Best first: devices, then this processor.
  llvm::SmallVector<size_t> order;
  for (Place place : {Place::Device, Place::Processor}) {
    if (place == Place::Device && !request.mustRun)
      continue;
    for (const auto &[index, candidate] : llvm::enumerate(candidates))
      if (candidate.place == place)
        order.push_back(index);
  }

  std::string passedOver;
  const Candidate *last = nullptr;
  for (size_t index : order) {
    const Candidate &candidate = candidates[index];
    last = &candidate;
    if (request.mustRun && !candidate.available)
      continue;
    if (!candidate.compiles) {
      if (request.strict)
        return cannotCompile(candidate, request.kernel);
      passedOver += (passedOver.empty() ? "" : "; ") + candidate.name +
                    " can't compile it (" + candidate.compiles.reason + ")";
      continue;
    }
    Selection selection{index, ""};
    if (!passedOver.empty())
      selection.fallback = "kernel " + request.kernel + ": " + passedOver +
                           "; using " + candidate.name;
    return selection;
  }
  if (!passedOver.empty())
    return llvm::createStringError("kernel %s: no target can compile it: %s",
                                   request.kernel.c_str(), passedOver.c_str());
  if (!last)
    return llvm::createStringError("this build has no target that runs "
                                   "kernels");
  return unavailable(*last);
}

} // namespace tegula::targets
