//===- Knobs.cpp - Numbers of a description that may be turned ---*- C++
//-*-===//
//
// Part of the Tegula Project, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "targets/common/llvm/Knobs.h"

using namespace tegula::targets;
using llvm::StringRef;

static constexpr unsigned kFlag[] = {0, 1};
static constexpr unsigned kRows[] = {4, 6, 8, 10, 12, 14};
static constexpr unsigned kVectors[] = {1, 2, 3, 4};
static constexpr unsigned kDepths[] = {0, 128, 256, 512};

static constexpr Knob kKnobs[] = {
    {"dot-rows", "rows of the register block of a product", 1, 32, kRows,
     [](const TargetDesc &desc) { return desc.microTile.rows; },
     [](TargetDesc &desc, unsigned value) { desc.microTile.rows = value; }},
    {"dot-vectors", "vectors of columns of that block", 1, 8, kVectors,
     [](const TargetDesc &desc) { return desc.microTile.vectors; },
     [](TargetDesc &desc, unsigned value) { desc.microTile.vectors = value; }},
    {"dot-depth", "elements along K to which steps are joined; 0: none are", 0,
     65536, kDepths, [](const TargetDesc &desc) { return desc.dotDepth; },
     [](TargetDesc &desc, unsigned value) { desc.dotDepth = value; }},
    {"dot-library", "products of f32 tiles are calls of oneDNN", 0, 1, kFlag,
     [](const TargetDesc &desc) { return unsigned(desc.dotLibrary); },
     [](TargetDesc &desc, unsigned value) { desc.dotLibrary = value != 0; }},
    {"share", "programs of a thread share packed operands", 0, 1, kFlag,
     [](const TargetDesc &desc) { return unsigned(desc.sharesPanels); },
     [](TargetDesc &desc, unsigned value) { desc.sharesPanels = value != 0; }},
    {"prefetch", "ask for lines before they are needed", 0, 1, kFlag,
     [](const TargetDesc &desc) { return unsigned(desc.hasPrefetch); },
     [](TargetDesc &desc, unsigned value) { desc.hasPrefetch = value != 0; }},
};

llvm::ArrayRef<Knob> tegula::targets::knobs() { return kKnobs; }

llvm::Error tegula::targets::setKnob(TargetDesc &desc, StringRef assignment) {
  auto [name, text] = assignment.split('=');
  std::string names;
  for (const Knob &knob : kKnobs) {
    names += (names.empty() ? "" : ", ") + knob.name.str();
    if (knob.name != name)
      continue;
    unsigned value = 0;
    if (text.getAsInteger(10, value) || value < knob.least || value > knob.most)
      return llvm::createStringError(
          "'" + assignment + "': " + name + " is a number from " +
          llvm::Twine(knob.least) + " to " + llvm::Twine(knob.most));
    knob.set(desc, value);
    return llvm::Error::success();
  }
  return llvm::createStringError("'" + assignment + "': there is no knob '" +
                                 name + "'; there are " + names);
}
