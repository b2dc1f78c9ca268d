//===- EvalExpr.cpp - expressions -----------------------------------------===//
#include "frontend/lang/ConstEval.h"
#include "frontend/lang/Evaluator.h"
#include "frontend/lang/SpanScope.h"
#include "mlir/Dialect/SCF/IR/SCF.h"

using namespace tegula::frontend;
using llvm::cast;
using llvm::dyn_cast;

Value Evaluator::eval(const Expr *expr) {
  if (!expr)
    return Value::none();
  SpanScope scope(*this, expr->span);
  constexpr unsigned maxDepth = 1000;
  if (depth > maxDepth)
    return error("this expression is nested too deeply");
  ++depth;
  Value value = evalImpl(expr);
  --depth;
  return value;
}

namespace {

Value constantValue(ConstantKind kind) {
  switch (kind) {
  case ConstantKind::None:
    return Value::none();
  case ConstantKind::True:
    return Value::ofBool(true);
  case ConstantKind::False:
    return Value::ofBool(false);
  case ConstantKind::Ellipsis:
    return Value::ellipsis();
  }
  return Value::none();
}

} // namespace

Value Evaluator::evalName(const std::string &name) {
  Value value = lookup(name);
  if (!value.isUnknown())
    return value;
  if (value.string().empty())
    return error("'" + name + "' is not defined",
                 frame->lost.contains(name)
                     ? "it gets its value inside a loop or branch only; give "
                       "it one before"
                     : hintForName(name));
  return error("'" + name +
               "' is not known at compile time: " + value.string());
}

Value Evaluator::evalImpl(const Expr *expr) {
  switch (expr->kind) {
  case Expr::Kind::Constant:
    return constantValue(cast<ConstantExpr>(expr)->value);
  case Expr::Kind::Int:
    if (cast<IntExpr>(expr)->tooBig)
      return error("this integer is too big");
    return Value::ofInt(cast<IntExpr>(expr)->value);
  case Expr::Kind::Float:
    return Value::ofFloat(cast<FloatExpr>(expr)->value);
  case Expr::Kind::String:
    return Value::ofString(cast<StringExpr>(expr)->value);
  case Expr::Kind::FString:
    return evalFString(cast<FStringExpr>(expr));
  case Expr::Kind::Name:
    return evalName(cast<NameExpr>(expr)->name);
  case Expr::Kind::Tuple:
    return evalSequence(cast<TupleExpr>(expr)->elements, /*isList=*/false);
  case Expr::Kind::List:
    return evalSequence(cast<ListExpr>(expr)->elements, /*isList=*/true);
  case Expr::Kind::Dict:
    return evalDict(cast<DictExpr>(expr));
  case Expr::Kind::Attribute: {
    const auto *access = cast<AttributeExpr>(expr);
    return attribute(eval(access->object), access->name);
  }
  case Expr::Kind::Subscript:
    return evalSubscript(cast<SubscriptExpr>(expr));
  case Expr::Kind::Slice: {
    const auto *slice = cast<SliceExpr>(expr);
    Value::SliceData data{eval(slice->lower), eval(slice->upper),
                          eval(slice->step)};
    return Value::ofSlice(std::move(data));
  }
  case Expr::Kind::Call:
    return evalCall(cast<CallExpr>(expr));
  case Expr::Kind::Unary:
    return evalUnary(cast<UnaryExpr>(expr));
  case Expr::Kind::Binary: {
    const auto *operation = cast<BinaryExpr>(expr);
    Value lhs = eval(operation->lhs), rhs = eval(operation->rhs);
    return binary(operation->op, lhs, rhs);
  }
  case Expr::Kind::BoolOp:
    return evalBoolOp(cast<BoolOpExpr>(expr));
  case Expr::Kind::Compare:
    return evalCompare(cast<CompareExpr>(expr));
  case Expr::Kind::Conditional:
    return evalConditional(cast<ConditionalExpr>(expr));
  case Expr::Kind::Lambda: {
    Value::FunctionData data;
    data.name = "<lambda>";
    data.lambda = cast<LambdaExpr>(expr);
    data.module = frame->module;
    data.closure = std::make_shared<const Scope>(frame->scope);
    return Value::ofFunction(std::move(data));
  }
  case Expr::Kind::Starred:
    return error("a starred expression cannot stand here");
  case Expr::Kind::Named: {
    const auto *named = cast<NamedExpr>(expr);
    assignName(named->name, sanitize(eval(named->value)));
    return lookup(named->name);
  }
  case Expr::Kind::Comprehension:
    return evalComprehension(cast<ComprehensionExpr>(expr));
  case Expr::Kind::Opaque:
    return error("kernels cannot use " + cast<OpaqueExpr>(expr)->what);
  }
  return Value::poison();
}

//===----------------------------------------------------------------------===//
// Displays
//===----------------------------------------------------------------------===//

Value Evaluator::evalFString(const FStringExpr *expr) {
  std::string text;
  for (size_t i = 0; i < expr->pieces.size(); ++i) {
    text += expr->pieces[i];
    if (i >= expr->values.size())
      continue;
    Value value = eval(expr->values[i]);
    if (value.isPoison())
      return value;
    if (value.isRuntime())
      return error("an f-string can show only what is known at compile time; "
                   "this is " +
                       value.describe(),
                   "use tl.device_print for run-time values");
    text += value.str();
  }
  return Value::ofString(std::move(text));
}

Value Evaluator::evalSequence(const Exprs &elements, bool isList) {
  Values values;
  for (const Expr *element : elements) {
    if (const auto *starred = dyn_cast<StarredExpr>(element)) {
      Value inner = iterate(eval(starred->value));
      if (inner.isPoison())
        return inner;
      values.insert(values.end(), inner.elements().begin(),
                    inner.elements().end());
      continue;
    }
    values.push_back(eval(element));
  }
  return Value::ofTuple(std::move(values), isList);
}

Value Evaluator::evalDict(const DictExpr *expr) {
  Value::DictData dict;
  for (size_t i = 0; i + 1 < expr->items.size(); i += 2) {
    if (expr->items[i]) {
      Value key = eval(expr->items[i]);
      dict.items.emplace_back(key, eval(expr->items[i + 1]));
      continue;
    }
    Value inner = eval(expr->items[i + 1]);
    if (!inner.is(Value::Kind::Dict))
      return inner.isPoison() ? inner : error("'**' takes a dictionary");
    for (const auto &item : inner.dict().items)
      dict.items.push_back(item);
  }
  return Value::ofDict(std::move(dict));
}

bool Evaluator::runComprehension(const ComprehensionExpr *expr, size_t clause,
                                 Values &elements, Value::DictData &dict) {
  if (clause == expr->clauses.size()) {
    if (expr->isDict) {
      Value key = eval(expr->key);
      dict.items.emplace_back(key, eval(expr->element));
    } else {
      elements.push_back(eval(expr->element));
    }
    return !outOfBudget();
  }
  const ComprehensionExpr::Clause &current = expr->clauses[clause];
  Value items = iterate(eval(current.iterable));
  if (items.isPoison())
    return false;
  for (const Value &item : items.elements()) {
    assign(current.target, item, /*asConstant=*/true);
    bool wanted = true;
    for (const Expr *condition : current.conditions) {
      bool holds = false;
      if (!truth(eval(condition), holds))
        return false;
      wanted = wanted && holds;
    }
    if (wanted && !runComprehension(expr, clause + 1, elements, dict))
      return false;
  }
  return true;
}

Value Evaluator::evalComprehension(const ComprehensionExpr *expr) {
  // The loop variables are the comprehension's own.
  Scope outer = frame->scope;
  Values elements;
  Value::DictData dict;
  bool done = runComprehension(expr, 0, elements, dict);
  frame->scope = std::move(outer);
  if (!done)
    return Value::poison();
  if (expr->isDict)
    return Value::ofDict(std::move(dict));
  return Value::ofTuple(std::move(elements), /*isList=*/true);
}

//===----------------------------------------------------------------------===//
// Operators
//===----------------------------------------------------------------------===//

namespace {

bool isBad(const Value &value) { return value.isPoison() || value.isUnknown(); }

} // namespace

Value Evaluator::binary(BinaryOp op, const Value &lhs, const Value &rhs) {
  if (isBad(lhs) || isBad(rhs))
    return Value::poison();
  if (lhs.isTensor() || rhs.isTensor()) {
    auto fits = [](const Value &value) {
      return value.isTensor() || value.isNumber();
    };
    if (!fits(lhs) || !fits(rhs))
      return error("operator '" + spelling(op) + "' does not take " +
                   lhs.describe() + " and " + rhs.describe());
    return emit->binary(op, lhs, rhs);
  }
  ConstResult result = constBinary(op, lhs, rhs);
  if (!result.ok())
    return error(result.problem);
  return result.value;
}

Value Evaluator::compare(CompareOp op, const Value &lhs, const Value &rhs) {
  if (isBad(lhs) || isBad(rhs))
    return Value::poison();
  bool identity = op == CompareOp::Is || op == CompareOp::IsNot;
  if (!identity && (lhs.isTensor() || rhs.isTensor())) {
    auto fits = [](const Value &value) {
      return value.isTensor() || value.isNumber();
    };
    if (fits(lhs) && fits(rhs))
      return emit->compare(op, lhs, rhs);
    // A tensor never equals a string or None.
    if (op == CompareOp::Eq || op == CompareOp::Ne)
      return Value::ofBool(op == CompareOp::Ne);
  }
  ConstResult result = constCompare(op, lhs, rhs);
  if (!result.ok())
    return error(result.problem);
  return result.value;
}

Value Evaluator::evalUnary(const UnaryExpr *expr) {
  Value operand = eval(expr->operand);
  if (isBad(operand))
    return Value::poison();
  if (!operand.isTensor()) {
    ConstResult result = constUnary(expr->op, operand);
    return result.ok() ? result.value : error(result.problem);
  }
  switch (expr->op) {
  case UnaryOp::Minus:
    return emit->minus(operand);
  case UnaryOp::Plus:
    return operand;
  case UnaryOp::Not:
    return emit->logicalNot(operand);
  case UnaryOp::Invert:
    return emit->invert(operand);
  }
  return Value::poison();
}

/// Combines the run-time operands that are left of an `and` or `or`.
Value Evaluator::logical(bool isAnd, llvm::ArrayRef<Value> operands) {
  Value result = operands.back();
  for (size_t i = operands.size() - 1; i > 0; --i)
    result = emit->logical(isAnd, operands[i - 1], result);
  return result;
}

Value Evaluator::evalBoolOp(const BoolOpExpr *expr) {
  Values runtime;
  Value last;
  for (const Expr *operand : expr->operands) {
    last = eval(operand);
    if (isBad(last))
      return Value::poison();
    if (last.isTensor()) {
      runtime.push_back(last);
      continue;
    }
    // What is known decides at once, or has no say.
    if (last.truthy() != expr->isAnd)
      return last;
  }
  return runtime.empty() ? last : logical(expr->isAnd, runtime);
}

Value Evaluator::evalCompare(const CompareExpr *expr) {
  Value lhs = eval(expr->operands[0]);
  Values runtime;
  Value last;
  for (size_t i = 0; i < expr->ops.size(); ++i) {
    Value rhs = eval(expr->operands[i + 1]);
    last = compare(expr->ops[i], lhs, rhs);
    if (last.isPoison())
      return last;
    if (last.isTensor())
      runtime.push_back(last);
    else if (!last.truthy())
      return last;
    lhs = rhs;
  }
  return runtime.empty() ? last : logical(/*isAnd=*/true, runtime);
}

Value Evaluator::evalConditional(const ConditionalExpr *expr) {
  Value condition = eval(expr->condition);
  if (isBad(condition))
    return Value::poison();
  if (!condition.isTensor())
    return eval(condition.truthy() ? expr->then : expr->otherwise);
  if (condition.type().numElements() != 1)
    return error("the condition of 'a if c else b' must be a scalar, not " +
                     condition.describe(),
                 "use tl.where to choose element by element");
  Value flag = emit->toBool(emit->unsplat(condition));
  if (flag.isPoison())
    return flag;
  std::optional<Value> merged = emitIf(
      flag.handle(), [&] { return eval(expr->then); },
      [&] { return eval(expr->otherwise); });
  return merged ? *merged : Value::poison();
}

//===----------------------------------------------------------------------===//
// Subscripts
//===----------------------------------------------------------------------===//

Value Evaluator::evalSubscript(const SubscriptExpr *expr) {
  Value object = eval(expr->object);
  if (isBad(object))
    return Value::poison();
  // `Callable[...]`, `tl.tensor[...]` and the like in annotations.
  if (object.is(Value::Kind::Builtin) || object.isType())
    return object;
  Value index = eval(expr->index);
  if (isBad(index))
    return Value::poison();
  if (object.isTensor())
    return indexTensor(object, index);
  if (canEmit() && !inHost() && object.isNumber())
    return indexTensor(emit->toTensor(object), index);
  if (object.is(Value::Kind::Object)) {
    if (index.isString())
      return attribute(object, index.string());
    return error(object.describe() + " cannot be indexed");
  }
  ConstResult result = constSubscript(object, index);
  return result.ok() ? result.value : error(result.problem);
}

/// x[:, None]: new axes and whole dimensions only, as in Triton.
Value Evaluator::indexTensor(const Value &tensor, const Value &index) {
  Values items = index.isTuple() ? index.elements() : Values{index};
  Value result = tensor;
  size_t rank = tensor.type().shape.size(), taken = 0;
  for (size_t dim = 0; dim < items.size(); ++dim) {
    const Value &item = items[dim];
    if (item.isNone()) {
      result = emit->expandDims(result, dim);
      continue;
    }
    bool whole = item.is(Value::Kind::Slice) && item.slice().lower.isNone() &&
                 item.slice().upper.isNone() && item.slice().step.isNone();
    if (!whole)
      return error("a tensor can be indexed with ':' and None only, not with " +
                       item.describe(),
                   "to pick elements use tl.gather, or a mask and tl.sum");
    if (++taken > rank)
      return error("too many indices for " + tensor.type().str());
  }
  return result;
}
