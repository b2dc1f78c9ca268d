//===- ConstEval.h - Python's operators on compile-time values ------------===//
#ifndef TEGULA_FRONTEND_LANG_CONSTEVAL_H
#define TEGULA_FRONTEND_LANG_CONSTEVAL_H

#include "frontend/lang/Value.h"

namespace tegula::frontend {

llvm::StringRef spelling(BinaryOp op);
llvm::StringRef spelling(CompareOp op);

/// A value, or why there is none.
struct ConstResult {
  Value value;
  std::string problem;

  ConstResult(Value value) : value(std::move(value)) {}
  static ConstResult fail(std::string problem) {
    ConstResult result{Value::poison()};
    result.problem = std::move(problem);
    return result;
  }
  bool ok() const { return problem.empty(); }
};

ConstResult constBinary(BinaryOp op, const Value &lhs, const Value &rhs);
ConstResult constCompare(CompareOp op, const Value &lhs, const Value &rhs);
ConstResult constUnary(UnaryOp op, const Value &operand);
/// `x[index]` of tuples, strings and dictionaries, with ints and slices.
ConstResult constSubscript(const Value &object, const Value &index);
/// int(x), float(x), bool(x) as Python has them.
ConstResult constInt(const Value &value);
ConstResult constFloat(const Value &value);

} // namespace tegula::frontend

#endif
