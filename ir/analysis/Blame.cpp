//===- Blame.cpp - Name an op for people
//
// Part of the Tegula Project, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "ir/analysis/Blame.h"
#include "mlir/IR/Operation.h"
#include "llvm/Support/Path.h"

using namespace mlir;

std::string tegula::ir::placeText(Location location) {
  if (auto place = dyn_cast<FileLineColLoc>(location))
    return (llvm::sys::path::filename(place.getFilename().getValue()) + ":" +
            Twine(place.getLine()))
        .str();
  if (auto named = dyn_cast<NameLoc>(location))
    return placeText(named.getChildLoc());
  if (auto call = dyn_cast<CallSiteLoc>(location))
    return placeText(call.getCallee());
  if (auto fused = dyn_cast<FusedLoc>(location))
    for (Location part : fused.getLocations())
      if (std::string text = placeText(part); !text.empty())
        return text;
  return "";
}

std::string tegula::ir::blameText(Value value) {
  std::string text;
  if (Operation *op = value.getDefiningOp()) {
    text = op->getName().getStringRef().str();
  } else {
    Operation *parent = value.getParentBlock()->getParentOp();
    text = "a value carried by " + parent->getName().getStringRef().str();
  }
  std::string place = placeText(value.getLoc());
  return place.empty() ? text : text + " at " + place;
}
