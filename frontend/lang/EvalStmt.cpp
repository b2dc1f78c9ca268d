//===- EvalStmt.cpp - statements without control flow ---------------------===//
#include "frontend/lang/ConstEval.h"
#include "frontend/lang/Evaluator.h"
#include "frontend/lang/SpanScope.h"

using namespace tegula::frontend;
using llvm::cast;
using llvm::dyn_cast;
using llvm::StringRef;

Flow Evaluator::runFrom(const Stmts &stmts, size_t first, Rest rest) {
  for (size_t i = first; i < stmts.size(); ++i) {
    auto following = [&]() -> Flow {
      Flow flow = runFrom(stmts, i + 1, rest);
      return flow == Flow::Fell ? rest() : flow;
    };
    Flow flow = runStmt(stmts[i], following);
    if (flow != Flow::Fell)
      return flow;
  }
  return Flow::Fell;
}

Flow Evaluator::runStmt(const Stmt *stmt, Rest rest) {
  if (outOfBudget())
    return Flow::Returned;
  SpanScope scope(*this, stmt->span);
  switch (stmt->kind) {
  case Stmt::Kind::Expr: {
    const Expr *value = cast<ExprStmt>(stmt)->value;
    if (!llvm::isa<StringExpr>(value)) // a doc string says nothing
      eval(value);
    return Flow::Fell;
  }
  case Stmt::Kind::Assign: {
    const auto *assignment = cast<AssignStmt>(stmt);
    Value value = eval(assignment->value);
    for (const Expr *target : assignment->targets)
      assign(target, value);
    return Flow::Fell;
  }
  case Stmt::Kind::AugAssign: {
    const auto *assignment = cast<AugAssignStmt>(stmt);
    Value old = eval(assignment->target);
    Value value = eval(assignment->value);
    assign(assignment->target, binary(assignment->op, old, value));
    return Flow::Fell;
  }
  case Stmt::Kind::AnnAssign:
    runAnnotated(cast<AnnAssignStmt>(stmt));
    return Flow::Fell;
  case Stmt::Kind::Return:
    runReturn(cast<ReturnStmt>(stmt));
    return Flow::Returned;
  case Stmt::Kind::If:
    return runIf(cast<IfStmt>(stmt), rest);
  case Stmt::Kind::For:
    return runFor(cast<ForStmt>(stmt), rest);
  case Stmt::Kind::While:
    return runWhile(cast<WhileStmt>(stmt), rest);
  case Stmt::Kind::Break:
    frame->broke = stmt->span;
    return Flow::Broke;
  case Stmt::Kind::Continue:
    return Flow::Continued;
  case Stmt::Kind::Assert:
    runAssert(cast<AssertStmt>(stmt));
    return Flow::Fell;
  case Stmt::Kind::Raise:
    error("this 'raise' is reached while the kernel is compiled");
    return Flow::Returned;
  case Stmt::Kind::Import:
    runImport(cast<ImportStmt>(stmt));
    return Flow::Fell;
  case Stmt::Kind::Pass:
  case Stmt::Kind::Global:
    return Flow::Fell;
  case Stmt::Kind::Function:
    runNestedFunction(cast<FunctionStmt>(stmt));
    return Flow::Fell;
  case Stmt::Kind::Class:
    error("kernels cannot define classes");
    return Flow::Fell;
  case Stmt::Kind::Try:
    if (inHost())
      return runTry(cast<TryStmt>(stmt), rest);
    error("kernels cannot use 'try'");
    return Flow::Fell;
  case Stmt::Kind::With:
    error("kernels cannot use 'with'");
    return Flow::Fell;
  case Stmt::Kind::Opaque:
    error("kernels cannot use '" + cast<OpaqueStmt>(stmt)->what + "'");
    return Flow::Fell;
  }
  return Flow::Fell;
}

void Evaluator::runReturn(const ReturnStmt *stmt) {
  if (frame->runtimeLoops)
    error("a 'return' cannot stand inside a loop that runs at run time",
          "compute the result in a variable and return it after the loop");
  else
    frame->returned = eval(stmt->value);
}

void Evaluator::runNestedFunction(const FunctionStmt *stmt) {
  if (!inHost()) {
    error("a function cannot be defined inside a kernel",
          "move it to the file's top level and decorate it with @triton.jit");
    return;
  }
  Value::FunctionData data;
  data.def = stmt;
  data.name = stmt->name;
  data.module = frame->module;
  data.closure = std::make_shared<const Scope>(frame->scope);
  frame->scope[data.name] = Value::ofFunction(data);
}

/// At compile time an error takes the place of an exception: the first handler
/// runs when the body has one.
Flow Evaluator::runTry(const TryStmt *stmt, Rest rest) {
  Diagnostics quiet;
  Diagnostics *loud = diagnostics;
  diagnostics = &quiet;
  Scope before = frame->scope;
  Flow flow = run(stmt->body, rest);
  diagnostics = loud;
  if (!quiet.hasErrors())
    return flow == Flow::Fell ? run(stmt->otherwise, rest) : flow;
  frame->scope = std::move(before);
  frame->returned = Value::none();
  if (!stmt->handlers.empty())
    return run(stmt->handlers.front(), rest);
  error(quiet.all().front().message);
  return Flow::Returned;
}

//===----------------------------------------------------------------------===//
// Assignments
//===----------------------------------------------------------------------===//

/// What a plain assignment stores: in a kernel a number becomes a tensor.
Value Evaluator::sanitize(const Value &value) {
  if (inHost() || !canEmit())
    return value;
  if (value.isNumber())
    return emit->toTensor(value);
  if (value.isTuple()) {
    Values elements;
    for (const Value &element : value.elements())
      elements.push_back(sanitize(element));
    return Value::ofTuple(std::move(elements), value.tuple().isList);
  }
  return value;
}

void Evaluator::assignName(StringRef name, const Value &value) {
  frame->scope.insert_or_assign(name.str(), value);
}

void Evaluator::assign(const Expr *target, const Value &value,
                       bool asConstant) {
  SpanScope scope(*this, target->span);
  if (const auto *name = dyn_cast<NameExpr>(target)) {
    bool constant = frame->pending.erase(name->name) || asConstant;
    assignName(name->name, constant ? value : sanitize(value));
    return;
  }
  const Exprs *targets = nullptr;
  if (const auto *tuple = dyn_cast<TupleExpr>(target))
    targets = &tuple->elements;
  else if (const auto *list = dyn_cast<ListExpr>(target))
    targets = &list->elements;
  if (!targets) {
    error(llvm::isa<SubscriptExpr>(target)
              ? "elements of a tensor cannot be assigned"
              : "this cannot be assigned to",
          "tensors are values: build the new one with tl.where, or write to "
          "memory with tl.store");
    return;
  }
  if (!value.isTuple()) {
    if (!value.isPoison())
      error(value.describe() + " cannot be unpacked");
    for (const Expr *element : *targets)
      assign(element, Value::poison());
    return;
  }
  const Values &elements = value.elements();
  if (elements.size() != targets->size()) {
    error("cannot unpack " + llvm::Twine(elements.size()) + " values into " +
          llvm::Twine(targets->size()) + " names");
    for (const Expr *element : *targets)
      assign(element, Value::poison());
    return;
  }
  for (size_t i = 0; i < elements.size(); ++i)
    assign((*targets)[i], elements[i], asConstant);
}

namespace {

/// `tl.constexpr`, `constexpr` or `triton.language.constexpr`.
bool isConstexprAnnotation(const Expr *annotation) {
  std::string name = dottedName(annotation);
  return StringRef(name) == "constexpr" ||
         StringRef(name).ends_with(".constexpr");
}

} // namespace

void Evaluator::runAnnotated(const AnnAssignStmt *stmt) {
  bool constant = isConstexprAnnotation(stmt->annotation);
  const auto *name = dyn_cast<NameExpr>(stmt->target);
  if (!stmt->value) {
    if (constant && name)
      frame->pending.insert(name->name);
    return;
  }
  Value value = eval(stmt->value);
  if (!constant || !name)
    return assign(stmt->target, value);
  if (value.isTensor()) {
    error("'" + name->name +
              "' is declared tl.constexpr, but its value is "
              "known only at run time: " +
              value.describe(),
          "drop the annotation");
    value = Value::poison();
  }
  assignName(name->name, value);
}

//===----------------------------------------------------------------------===//
// Others
//===----------------------------------------------------------------------===//

void Evaluator::runAssert(const AssertStmt *stmt) {
  Value condition = eval(stmt->condition);
  if (condition.isPoison())
    return;
  Value message = stmt->message ? eval(stmt->message) : Value::ofString("");
  if (condition.isTensor()) {
    call(Value::ofBuiltin(findBuiltin("tl.device_assert")),
         {condition, message});
    return;
  }
  bool holds = false;
  if (truth(condition, holds) && !holds)
    error("assertion failed while the kernel was compiled" +
          (message.isString() && !message.string().empty()
               ? ": " + message.string()
               : ""));
}

void Evaluator::runImport(const ImportStmt *stmt) {
  for (const ImportStmt::Item &item : stmt->items) {
    std::string name = item.alias.empty()
                           ? StringRef(item.name).split('.').first.str()
                           : item.alias;
    assignName(name, importedValue(frame->module, *stmt, item));
  }
}
