//===- Carried.h - what a loop carries from round to round ----------------===//
#ifndef TEGULA_FRONTEND_LANG_CARRIED_H
#define TEGULA_FRONTEND_LANG_CARRIED_H

#include "frontend/lang/Evaluator.h"

namespace tegula::frontend {

/// The names that a loop's body assigns and that had a value before, with that
/// value. Tuples, block pointers and descriptors carry their parts.
struct Evaluator::Carried {
  std::vector<std::pair<std::string, Value>> names;

  llvm::SmallVector<mlir::Value> initial() const;
};

/// The run-time parts of a value, in a fixed order.
void flatten(const Value &value, llvm::SmallVectorImpl<mlir::Value> &parts);
/// `model` with its parts replaced from the front of `parts`, which shrinks.
Value rebuild(const Value &model, mlir::ValueRange &parts);
/// Do both have the same parts with the same types (numbers must be equal)?
bool sameShape(const Value &a, const Value &b);

} // namespace tegula::frontend

#endif
