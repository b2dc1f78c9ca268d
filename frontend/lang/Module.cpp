//===- Module.cpp - the global names of a file ----------------------------===//
#include "frontend/lang/Module.h"
#include "llvm/ADT/StringSet.h"

using namespace tegula::frontend;
using llvm::dyn_cast;
using llvm::StringRef;

std::string tegula::frontend::dottedName(const Expr *expr) {
  if (const auto *name = llvm::dyn_cast_or_null<NameExpr>(expr))
    return name->name;
  if (const auto *attribute = llvm::dyn_cast_or_null<AttributeExpr>(expr)) {
    std::string object = dottedName(attribute->object);
    if (!object.empty())
      return object + "." + attribute->name;
  }
  return {};
}

namespace {

std::string decoratorName(const Expr *decorator) {
  if (const auto *call = dyn_cast<CallExpr>(decorator))
    decorator = call->callee;
  std::string name = dottedName(decorator);
  size_t dot = name.rfind('.');
  return dot == std::string::npos ? name : name.substr(dot + 1);
}

} // namespace

const Expr *tegula::frontend::jitDecorator(const FunctionStmt &function) {
  for (const Expr *decorator : function.decorators) {
    if (decoratorName(decorator) != "jit")
      continue;
    // Other systems have a jit too: cute.jit, gluon.jit, numba.jit.
    const auto *call = dyn_cast<CallExpr>(decorator);
    std::string full = dottedName(call ? call->callee : decorator);
    if (full == "jit" || StringRef(full).starts_with("triton.") ||
        StringRef(full).starts_with("tegula."))
      return decorator;
  }
  return nullptr;
}

bool tegula::frontend::hasDecorator(const FunctionStmt &function,
                                    StringRef name) {
  for (const Expr *decorator : function.decorators)
    if (decoratorName(decorator) == name)
      return true;
  return false;
}

//===----------------------------------------------------------------------===//
// Which functions call which
//===----------------------------------------------------------------------===//

bool tegula::frontend::returnsValue(const Stmts &stmts) {
  for (const Stmt *stmt : stmts) {
    if (const auto *s = dyn_cast<ReturnStmt>(stmt)) {
      const auto *none = llvm::dyn_cast_or_null<ConstantExpr>(s->value);
      if (s->value && !(none && none->value == ConstantKind::None))
        return true;
    }
    if (const auto *s = dyn_cast<IfStmt>(stmt))
      if (returnsValue(s->then) || returnsValue(s->otherwise))
        return true;
    if (const auto *s = dyn_cast<ForStmt>(stmt))
      if (returnsValue(s->body))
        return true;
  }
  return false;
}

namespace {

/// Collects the names that expressions of a function call.
class CalledNames {
public:
  explicit CalledNames(llvm::StringMap<bool> &names) : names(names) {}

  void visit(const Stmts &stmts) {
    for (const Stmt *stmt : stmts)
      visit(stmt);
  }

private:
  void visit(const Stmt *stmt);
  void visit(const Expr *expr);
  void visit(const Exprs &exprs) {
    for (const Expr *expr : exprs)
      visit(expr);
  }

  llvm::StringMap<bool> &names;
};

void CalledNames::visit(const Stmt *stmt) {
  if (const auto *s = dyn_cast<ExprStmt>(stmt)) {
    visit(s->value);
  } else if (const auto *s = dyn_cast<AssignStmt>(stmt)) {
    visit(s->value);
  } else if (const auto *s = dyn_cast<AugAssignStmt>(stmt)) {
    visit(s->value);
  } else if (const auto *s = dyn_cast<AnnAssignStmt>(stmt)) {
    visit(s->value);
  } else if (const auto *s = dyn_cast<ReturnStmt>(stmt)) {
    visit(s->value);
  } else if (const auto *s = dyn_cast<IfStmt>(stmt)) {
    visit(s->condition);
    visit(s->then);
    visit(s->otherwise);
  } else if (const auto *s = dyn_cast<ForStmt>(stmt)) {
    visit(s->iterable);
    visit(s->body);
  } else if (const auto *s = dyn_cast<WhileStmt>(stmt)) {
    visit(s->condition);
    visit(s->body);
  }
}

void CalledNames::visit(const Expr *expr) {
  if (!expr)
    return;
  if (const auto *e = dyn_cast<CallExpr>(expr)) {
    if (const auto *callee = dyn_cast<NameExpr>(e->callee))
      names[callee->name] = true;
    else
      visit(e->callee);
    // A function handed to another one (a combiner) is called as well.
    for (const Expr *argument : e->arguments) {
      if (const auto *name = dyn_cast<NameExpr>(argument))
        names[name->name] = true;
      visit(argument);
    }
    for (const Keyword &keyword : e->keywords) {
      if (const auto *name = dyn_cast<NameExpr>(keyword.value))
        names[name->name] = true;
      visit(keyword.value);
    }
  } else if (const auto *e = dyn_cast<BinaryExpr>(expr)) {
    visit(e->lhs);
    visit(e->rhs);
  } else if (const auto *e = dyn_cast<UnaryExpr>(expr)) {
    visit(e->operand);
  } else if (const auto *e = dyn_cast<CompareExpr>(expr)) {
    visit(e->operands);
  } else if (const auto *e = dyn_cast<BoolOpExpr>(expr)) {
    visit(e->operands);
  } else if (const auto *e = dyn_cast<TupleExpr>(expr)) {
    visit(e->elements);
  } else if (const auto *e = dyn_cast<ConditionalExpr>(expr)) {
    visit(e->condition);
    visit(e->then);
    visit(e->otherwise);
  } else if (const auto *e = dyn_cast<AttributeExpr>(expr)) {
    visit(e->object);
  } else if (const auto *e = dyn_cast<SubscriptExpr>(expr)) {
    visit(e->object);
    visit(e->index);
  }
}

} // namespace

//===----------------------------------------------------------------------===//
// Bindings
//===----------------------------------------------------------------------===//

Module::Module(std::shared_ptr<const SourceFile> file,
               std::unique_ptr<Ast> tree, bool isLibrary)
    : file(std::move(file)), ast(std::move(tree)), library(isLibrary) {
  collect(ast->body, {}, 0);
  for (const FunctionStmt *function : jits)
    CalledNames(called).visit(function->body);
}

const std::vector<Binding> *Module::find(StringRef name) const {
  auto found = bindings.find(name);
  return found == bindings.end() ? nullptr : &found->second;
}

void Module::add(StringRef name, Binding binding) {
  bindings[name].push_back(std::move(binding));
}

void Module::bindTarget(const Expr *target, Binding binding) {
  if (const auto *name = dyn_cast<NameExpr>(target))
    return add(name->name, std::move(binding));
  const Exprs *elements = nullptr;
  if (const auto *tuple = dyn_cast<TupleExpr>(target))
    elements = &tuple->elements;
  else if (const auto *list = dyn_cast<ListExpr>(target))
    elements = &list->elements;
  if (!elements)
    return; // attributes and subscripts bind no name
  for (size_t i = 0; i < elements->size(); ++i) {
    Binding part = binding;
    part.path.push_back(i);
    bindTarget((*elements)[i], std::move(part));
  }
}

void Module::collect(const Stmts &stmts, const Binding &context,
                     unsigned depth) {
  for (const Stmt *stmt : stmts) {
    Binding binding = context;
    binding.span = stmt->span;
    if (const auto *s = dyn_cast<AssignStmt>(stmt)) {
      binding.value = s->value;
      for (const Expr *target : s->targets)
        bindTarget(target, binding);
    } else if (const auto *s = dyn_cast<AnnAssignStmt>(stmt)) {
      binding.value = s->value;
      if (s->value)
        bindTarget(s->target, binding);
    } else if (const auto *s = dyn_cast<FunctionStmt>(stmt)) {
      binding.kind = Binding::Kind::Function;
      binding.function = s;
      add(s->name, binding);
      if (jitDecorator(*s))
        jits.push_back(s);
    } else if (const auto *s = dyn_cast<ClassStmt>(stmt)) {
      binding.kind = Binding::Kind::Class;
      binding.classStmt = s;
      add(s->name, binding);
    } else if (const auto *s = dyn_cast<ImportStmt>(stmt)) {
      binding.kind = Binding::Kind::Import;
      binding.import = s;
      for (size_t i = 0; i < s->items.size(); ++i) {
        const ImportStmt::Item &item = s->items[i];
        binding.item = i;
        StringRef name = item.alias.empty() ? item.name : item.alias;
        if (name == "*")
          stars.insert(stars.begin(), binding);
        else if (item.alias.empty() && !s->isFrom)
          add(name.split('.').first, binding);
        else
          add(name, binding);
      }
    } else if (const auto *s = dyn_cast<IfStmt>(stmt)) {
      binding.conditions.emplace_back(s->condition, true);
      collect(s->then, binding, depth + 1);
      binding.conditions.back().second = false;
      collect(s->otherwise, binding, depth + 1);
    } else if (const auto *s = dyn_cast<TryStmt>(stmt)) {
      collect(s->body, binding, depth + 1);
      collect(s->otherwise, binding, depth + 1);
      collect(s->finally, binding, depth + 1);
      binding.fallback = true;
      for (const Stmts &handler : s->handlers)
        collect(handler, binding, depth + 1);
    } else if (const auto *s = dyn_cast<WithStmt>(stmt)) {
      collect(s->body, binding, depth + 1);
    }
  }
}
