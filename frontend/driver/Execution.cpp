//===- Execution.cpp - The memory of one launch ---*- C++ -*-===//
//
// Part of the Tegula Project, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "frontend/driver/Execution.h"

namespace tegula::frontend {

llvm::Expected<Execution> Execution::make(const BoundArguments &bound) {
  Execution result;
  for (const Argument &argument : bound.arguments) {
    if (argument.array) {
      llvm::Expected<Array> array = argument.array->make();
      if (!array)
        return llvm::createStringError(argument.name + ": " +
                                       llvm::toString(array.takeError()));
      result.slotValues.push_back(reinterpret_cast<uintptr_t>(array->data()));
      result.slotExtents.push_back(array->bytes());
      result.named.emplace_back(argument.name, std::move(*array));
      continue;
    }
    if (!argument.isRuntime())
      continue;
    result.slotValues.push_back(argument.slot);
    result.slotExtents.push_back(0);
  }
  return result;
}

Array *Execution::find(llvm::StringRef name) {
  for (auto &[known, array] : named)
    if (known == name)
      return &array;
  return nullptr;
}

} // namespace tegula::frontend
