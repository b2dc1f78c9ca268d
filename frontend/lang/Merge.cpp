//===- Merge.cpp - values that meet after branches and loops --------------===//
#include "frontend/lang/Carried.h"
#include "frontend/lang/Evaluator.h"
#include "mlir/Dialect/SCF/IR/SCF.h"
#include <set>

using namespace tegula::frontend;
using llvm::dyn_cast;
namespace scf = mlir::scf;

//===----------------------------------------------------------------------===//
// Values and their parts
//===----------------------------------------------------------------------===//

void tegula::frontend::flatten(const Value &value,
                               llvm::SmallVectorImpl<mlir::Value> &parts) {
  auto all = [&](const Values &values) {
    for (const Value &element : values)
      flatten(element, parts);
  };
  switch (value.kind()) {
  case Value::Kind::Tensor:
    parts.push_back(value.handle());
    return;
  case Value::Kind::Tuple:
    return all(value.elements());
  case Value::Kind::BlockPointer: {
    const Value::BlockPointerData &data = value.blockPointer();
    flatten(data.base, parts);
    all(data.shape);
    all(data.strides);
    return all(data.offsets);
  }
  case Value::Kind::Descriptor: {
    const Value::DescriptorData &data = value.descriptor();
    parts.push_back(data.handle);
    all(data.shape);
    return all(data.strides);
  }
  default:
    return;
  }
}

Value tegula::frontend::rebuild(const Value &model, mlir::ValueRange &parts) {
  auto all = [&](const Values &models) {
    Values values;
    for (const Value &element : models)
      values.push_back(rebuild(element, parts));
    return values;
  };
  auto take = [&] {
    mlir::Value part = parts.front();
    parts = parts.drop_front();
    return part;
  };
  switch (model.kind()) {
  case Value::Kind::Tensor:
    return Value::ofTensor(take(), model.type());
  case Value::Kind::Tuple:
    return Value::ofTuple(all(model.elements()), model.tuple().isList);
  case Value::Kind::BlockPointer: {
    Value::BlockPointerData data = model.blockPointer();
    data.base = rebuild(data.base, parts);
    data.shape = all(data.shape);
    data.strides = all(data.strides);
    data.offsets = all(data.offsets);
    return Value::ofBlockPointer(std::move(data));
  }
  case Value::Kind::Descriptor: {
    Value::DescriptorData data = model.descriptor();
    data.handle = take();
    data.shape = all(data.shape);
    data.strides = all(data.strides);
    return Value::ofDescriptor(std::move(data));
  }
  default:
    return model;
  }
}

bool tegula::frontend::sameShape(const Value &a, const Value &b) {
  if (a.kind() != b.kind())
    return false;
  auto all = [](const Values &x, const Values &y) {
    if (x.size() != y.size())
      return false;
    for (size_t i = 0; i < x.size(); ++i)
      if (!sameShape(x[i], y[i]))
        return false;
    return true;
  };
  switch (a.kind()) {
  case Value::Kind::Tensor:
    return a.type() == b.type();
  case Value::Kind::Tuple:
    return all(a.elements(), b.elements());
  case Value::Kind::BlockPointer: {
    const auto &x = a.blockPointer(), &y = b.blockPointer();
    return sameShape(x.base, y.base) && all(x.shape, y.shape) &&
           all(x.strides, y.strides) && all(x.offsets, y.offsets) &&
           x.blockShape == y.blockShape;
  }
  case Value::Kind::Descriptor: {
    const auto &x = a.descriptor(), &y = b.descriptor();
    return x.element == y.element && x.blockShape == y.blockShape &&
           all(x.shape, y.shape) && all(x.strides, y.strides);
  }
  default:
    return a.equals(b);
  }
}

//===----------------------------------------------------------------------===//
// Branches
//===----------------------------------------------------------------------===//

struct Evaluator::Branches {
  scf::IfOp op;
  llvm::SmallVector<mlir::Value> thenParts, elseParts;

  mlir::Block *thenBlock() { return op.thenBlock(); }
  mlir::Block *elseBlock() { return op.elseBlock(); }
};

namespace {

scf::IfOp makeIf(mlir::ImplicitLocOpBuilder &b, mlir::TypeRange types,
                 mlir::Value condition) {
  auto op = scf::IfOp::create(b, types, condition, /*addThenBlock=*/true,
                              /*addElseBlock=*/true);
  for (mlir::Block *block : {op.thenBlock(), op.elseBlock()})
    if (!block->empty())
      block->clear();
  return op;
}

} // namespace

/// Adds the parts of both values to what the branches yield; `model` tells how
/// to put the results together. False if the values do not fit.
bool Evaluator::mergeValue(const Value &thenValue, const Value &elseValue,
                           Branches &branches, Value &model) {
  if (thenValue.isPoison() || elseValue.isPoison()) {
    model = Value::poison();
    return true;
  }
  if (!thenValue.isRuntime() && !elseValue.isRuntime() &&
      thenValue.kind() == elseValue.kind() && thenValue.equals(elseValue)) {
    model = thenValue;
    return true;
  }
  if (thenValue.isTuple() && elseValue.isTuple()) {
    const Values &a = thenValue.elements(), &c = elseValue.elements();
    if (a.size() != c.size())
      return false;
    Values models(a.size());
    for (size_t i = 0; i < a.size(); ++i)
      if (!mergeValue(a[i], c[i], branches, models[i]))
        return false;
    model = Value::ofTuple(std::move(models), thenValue.tuple().isList);
    return true;
  }
  mlir::ImplicitLocOpBuilder &b = emit->builder();
  mlir::OpBuilder::InsertionGuard guard(b);
  auto materialize = [&](const Value &value, mlir::Block *block) {
    b.setInsertionPointToEnd(block);
    return value.isNumber() ? emit->toTensor(value) : value;
  };
  Value a = materialize(thenValue, branches.thenBlock());
  Value c = materialize(elseValue, branches.elseBlock());
  if (!a.isRuntime() || !sameShape(a, c))
    return false;
  flatten(a, branches.thenParts);
  flatten(c, branches.elseParts);
  model = a;
  return true;
}

/// Gives the scf.if its results now that their types are known.
void Evaluator::closeIf(Branches &branches) {
  mlir::ImplicitLocOpBuilder &b = emit->builder();
  scf::IfOp old = branches.op;
  bool noResults = branches.thenParts.empty();
  if (!noResults) {
    mlir::OpBuilder::InsertionGuard guard(b);
    b.setInsertionPoint(old);
    llvm::SmallVector<mlir::Type> types;
    for (mlir::Value part : branches.thenParts)
      types.push_back(part.getType());
    scf::IfOp made = makeIf(b, types, old.getCondition());
    made.getThenRegion().takeBody(old.getThenRegion());
    made.getElseRegion().takeBody(old.getElseRegion());
    old.erase();
    branches.op = made;
  }
  mlir::OpBuilder::InsertionGuard guard(b);
  b.setInsertionPointToEnd(branches.thenBlock());
  scf::YieldOp::create(b, branches.thenParts);
  if (noResults && branches.elseBlock()->empty()) {
    branches.elseBlock()->erase();
    return;
  }
  b.setInsertionPointToEnd(branches.elseBlock());
  scf::YieldOp::create(b, branches.elseParts);
}

std::optional<Value> Evaluator::emitIf(mlir::Value condition,
                                       llvm::function_ref<Value()> thenBody,
                                       llvm::function_ref<Value()> elseBody) {
  mlir::ImplicitLocOpBuilder &b = emit->builder();
  Branches branches;
  branches.op = makeIf(b, {}, condition);
  Value thenValue, elseValue, model;
  {
    mlir::OpBuilder::InsertionGuard guard(b);
    b.setInsertionPointToEnd(branches.thenBlock());
    thenValue = thenBody();
    b.setInsertionPointToEnd(branches.elseBlock());
    elseValue = elseBody();
  }
  bool fits = mergeValue(thenValue, elseValue, branches, model);
  if (!fits) {
    branches.thenParts.clear();
    branches.elseParts.clear();
    error("the two branches give different types: " + thenValue.describe() +
              " and " + elseValue.describe(),
          "convert one of them with .to(...)");
    model = Value::poison();
  }
  closeIf(branches);
  mlir::ValueRange results = branches.op.getResults();
  return rebuild(model, results);
}

void Evaluator::emitScopedIf(mlir::Value condition,
                             llvm::function_ref<void()> thenBody,
                             llvm::function_ref<void()> elseBody) {
  mlir::ImplicitLocOpBuilder &b = emit->builder();
  Branches branches;
  branches.op = makeIf(b, {}, condition);
  Scope before = frame->scope, thenScope, elseScope;
  {
    mlir::OpBuilder::InsertionGuard guard(b);
    b.setInsertionPointToEnd(branches.thenBlock());
    thenBody();
    thenScope = std::move(frame->scope);
    frame->scope = before;
    b.setInsertionPointToEnd(branches.elseBlock());
    elseBody();
    elseScope = std::move(frame->scope);
  }
  frame->scope = std::move(before);
  std::vector<std::pair<std::string, Value>> merged;
  for (const auto &[name, thenValue] : thenScope) {
    auto other = elseScope.find(name);
    if (other == elseScope.end()) {
      frame->lost.insert(name);
      continue;
    }
    auto old = frame->scope.find(name);
    bool unchanged =
        thenValue.equals(other->second) &&
        (old == frame->scope.end() || thenValue.equals(old->second));
    if (unchanged && old != frame->scope.end())
      continue;
    size_t parts = branches.thenParts.size();
    Value model;
    if (mergeValue(thenValue, other->second, branches, model)) {
      merged.emplace_back(name, model);
      continue;
    }
    branches.thenParts.resize(parts);
    branches.elseParts.resize(parts);
    error("'" + name +
              "' has different types after this 'if': " + thenValue.describe() +
              " in one branch, " + other->second.describe() + " in the other",
          "convert one of them with .to(...)");
    merged.emplace_back(name, Value::poison());
  }
  for (const auto &[name, value] : elseScope)
    if (!thenScope.count(name))
      frame->lost.insert(name);
  closeIf(branches);
  mlir::ValueRange results = branches.op.getResults();
  for (auto &[name, model] : merged)
    frame->scope[name] = rebuild(model, results);
}

//===----------------------------------------------------------------------===//
// Loops
//===----------------------------------------------------------------------===//

namespace {

using Names = std::set<std::string>;

void namesOfTarget(const Expr *target, Names &names) {
  if (const auto *name = dyn_cast<NameExpr>(target))
    names.insert(name->name);
  else if (const auto *tuple = dyn_cast<TupleExpr>(target))
    for (const Expr *element : tuple->elements)
      namesOfTarget(element, names);
  else if (const auto *list = dyn_cast<ListExpr>(target))
    for (const Expr *element : list->elements)
      namesOfTarget(element, names);
}

/// `(x := ...)` where it matters: in conditions and right-hand sides.
void namesOfExpr(const Expr *expr, Names &names) {
  if (!expr)
    return;
  if (const auto *named = dyn_cast<NamedExpr>(expr))
    names.insert(named->name);
  else if (const auto *compare = dyn_cast<CompareExpr>(expr))
    for (const Expr *operand : compare->operands)
      namesOfExpr(operand, names);
  else if (const auto *binary = dyn_cast<BinaryExpr>(expr)) {
    namesOfExpr(binary->lhs, names);
    namesOfExpr(binary->rhs, names);
  }
}

void assignedNames(const Stmts &stmts, Names &names) {
  for (const Stmt *stmt : stmts) {
    if (const auto *s = dyn_cast<AssignStmt>(stmt)) {
      for (const Expr *target : s->targets)
        namesOfTarget(target, names);
      namesOfExpr(s->value, names);
    } else if (const auto *s = dyn_cast<AugAssignStmt>(stmt)) {
      namesOfTarget(s->target, names);
    } else if (const auto *s = dyn_cast<AnnAssignStmt>(stmt)) {
      namesOfTarget(s->target, names);
    } else if (const auto *s = dyn_cast<IfStmt>(stmt)) {
      namesOfExpr(s->condition, names);
      assignedNames(s->then, names);
      assignedNames(s->otherwise, names);
    } else if (const auto *s = dyn_cast<ForStmt>(stmt)) {
      namesOfTarget(s->target, names);
      assignedNames(s->body, names);
    } else if (const auto *s = dyn_cast<WhileStmt>(stmt)) {
      namesOfExpr(s->condition, names);
      assignedNames(s->body, names);
    }
  }
}

} // namespace

llvm::SmallVector<mlir::Value> Evaluator::Carried::initial() const {
  llvm::SmallVector<mlir::Value> parts;
  for (const auto &[name, value] : names)
    flatten(value, parts);
  return parts;
}

Evaluator::Carried Evaluator::collectCarried(const Stmts &body,
                                             llvm::StringRef except) {
  Names names;
  assignedNames(body, names);
  Carried carried;
  for (const std::string &name : names) {
    auto found = frame->scope.find(name);
    if (name == except || found == frame->scope.end())
      continue;
    Value value = found->second;
    // A constant of the enclosing code that the loop changes becomes a value.
    if (value.isNumber() || value.isTuple())
      value = sanitize(value);
    if (value.isRuntime())
      carried.names.emplace_back(name, value);
  }
  return carried;
}

void Evaluator::adoptCarried(const Carried &carried, mlir::ValueRange values) {
  for (const auto &[name, model] : carried.names)
    frame->scope[name] = rebuild(model, values);
}

/// What the body yields: the values its names have now.
bool Evaluator::finishLoopBody(const Carried &carried,
                               llvm::SmallVectorImpl<mlir::Value> &values) {
  bool valid = true;
  for (const auto &[name, initial] : carried.names) {
    Value now = frame->scope[name];
    if (now.isNumber())
      now = sanitize(now);
    if (sameShape(initial, now)) {
      flatten(now, values);
      continue;
    }
    valid = false;
    if (!now.isPoison()) {
      bool grows = initial.isTensor() && now.isTensor() &&
                   !initial.type().isBlock && now.type().isBlock;
      error("the loop changes the type of '" + name + "' from " +
                initial.describe() + " to " + now.describe(),
            grows ? "start it as tl.zeros(...) of the full shape"
                  : "convert it back with .to(...), or start it with the "
                    "final type");
    }
    // The module will not be used; it only has to stay well formed.
    flatten(initial, values);
  }
  return valid;
}

/// After a loop: names from before keep the carried values, others are gone.
void Evaluator::leaveLoop(const Scope &outer, const Carried &carried,
                          mlir::ValueRange results) {
  for (const auto &[name, value] : frame->scope)
    if (!outer.count(name))
      frame->lost.insert(name);
  frame->scope = outer;
  adoptCarried(carried, results);
}
