//===- Module.h - a parsed file and its global names ----------------------===//
#ifndef TEGULA_FRONTEND_LANG_MODULE_H
#define TEGULA_FRONTEND_LANG_MODULE_H

#include "frontend/lang/Ast.h"
#include "frontend/lang/Import.h"
#include "frontend/lang/Value.h"
#include "llvm/ADT/StringMap.h"

namespace tegula::frontend {

/// One place that gives a global name its value. A name may have several:
/// reassignments, the arms of `if`, `try` and its handlers.
struct Binding {
  enum class Kind { Value, Function, Class, Import };
  Kind kind = Kind::Value;
  Span span;
  /// Value: the expression, and the path into it for tuple targets.
  const Expr *value = nullptr;
  std::vector<unsigned> path;
  const FunctionStmt *function = nullptr;
  const ClassStmt *classStmt = nullptr;
  const ImportStmt *import = nullptr;
  unsigned item = 0; // of `import`
  /// The conditions under which it is reached, with the outcome needed.
  std::vector<std::pair<const Expr *, bool>> conditions;
  /// In an `except` handler: used only if nothing else gives the name.
  bool fallback = false;
};

class Module {
public:
  Module(std::shared_ptr<const SourceFile> file, std::unique_ptr<Ast> ast,
         bool isLibrary);

  const SourceFile &source() const { return *file; }
  const std::shared_ptr<const SourceFile> &sourcePtr() const { return file; }
  /// Part of the language's own library: errors are shown at its callers.
  bool isLibrary() const { return library; }

  /// Null if the file never binds `name`.
  const std::vector<Binding> *find(llvm::StringRef name) const;
  /// Every name that the file binds somewhere.
  std::vector<llvm::StringRef> names() const {
    return {bindings.keys().begin(), bindings.keys().end()};
  }
  /// The imports with a star, last first.
  const std::vector<Binding> &starImports() const { return stars; }
  /// @triton.jit functions in file order.
  const std::vector<const FunctionStmt *> &jitFunctions() const { return jits; }
  /// Names that some jit function of the file calls.
  bool isCalled(llvm::StringRef name) const { return called.contains(name); }

  /// Globals found so far, and those whose search is under way.
  llvm::StringMap<Value> known;
  llvm::StringMap<bool> searching;

  std::vector<KernelInfo> kernels;

private:
  void collect(const Stmts &stmts, const Binding &context, unsigned depth);
  void bindTarget(const Expr *target, Binding binding);
  void add(llvm::StringRef name, Binding binding);

  std::shared_ptr<const SourceFile> file;
  std::unique_ptr<Ast> ast;
  bool library;
  llvm::StringMap<std::vector<Binding>> bindings;
  std::vector<Binding> stars;
  std::vector<const FunctionStmt *> jits;
  llvm::StringMap<bool> called;
};

/// The decorator `@triton.jit`, `@jit`, `@triton.jit(...)`; null without one.
const Expr *jitDecorator(const FunctionStmt &function);
/// Does a `return` with a value stand in these statements?
bool returnsValue(const Stmts &stmts);
bool hasDecorator(const FunctionStmt &function, llvm::StringRef name);
/// "a.b.c" of a name or attribute chain, empty for other expressions.
std::string dottedName(const Expr *expr);

} // namespace tegula::frontend

#endif
