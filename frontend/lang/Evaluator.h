//===- Evaluator.h - runs a kernel's Python at compile time ---------------===//
//
// An abstract interpreter of the syntax tree: what is known now is computed,
// what is not becomes IR. Without an Emitter it evaluates host expressions
// only (grids, heuristics, globals).
//
// Control flow on run-time values becomes scf. `return` inside an `if` and
// `continue` are handled by continuation: the statements that follow are
// emitted into the branches that reach them.
//
//===----------------------------------------------------------------------===//
#ifndef TEGULA_FRONTEND_LANG_EVALUATOR_H
#define TEGULA_FRONTEND_LANG_EVALUATOR_H

#include "frontend/lang/Builtins.h"
#include "frontend/lang/Emitter.h"
#include "frontend/lang/Module.h"
#include "llvm/ADT/StringMap.h"
#include "llvm/ADT/StringSet.h"

namespace tegula::frontend {

/// One call under way.
struct Frame {
  std::shared_ptr<Module> module;
  Scope scope;
  std::shared_ptr<const Scope> closure;
  const FunctionStmt *function = nullptr;
  Frame *caller = nullptr;
  /// Python's own meaning (constexpr functions, lambdas, module level): no
  /// value is turned into a tensor, loops run here and now.
  bool host = false;
  Span span;  // what is evaluated now
  Span broke; // the last `break` met
  /// Of the call; unknown at the outermost frame.
  mlir::LocationAttr callLoc;
  Value returned;            // by the `return` that ended it
  unsigned runtimeLoops = 0; // loops being emitted around the current point
  bool unrolling = false;    // the innermost loop is unrolled
  llvm::StringSet<> pending; // `x: tl.constexpr` without a value
  llvm::StringSet<> lost;    // had a value inside a loop or branch only

  explicit Frame(mlir::LocationAttr loc) : callLoc(loc) {}
};

/// How a list of statements ended. Ended: a branch on a run-time value took
/// over and ran everything up to the end of the function or loop body.
enum class Flow { Fell, Returned, Broke, Continued, Ended };

class Evaluator : public Reporter {
public:
  /// Host evaluation; `kernelContext` also emits IR.
  Evaluator(Diagnostics &diagnostics, mlir::MLIRContext *kernelContext);
  ~Evaluator() override;

  // Entry points.
  std::optional<KernelInfo> describe(const std::shared_ptr<Module> &module,
                                     const FunctionStmt &function);
  mlir::OwningOpRef<mlir::ModuleOp>
  importKernel(const std::shared_ptr<Module> &module,
               const FunctionStmt &function, const ImportOptions &options);
  Value evaluateHost(const std::shared_ptr<Module> &module, const Expr *expr,
                     Scope scope);

  /// The definition of a kernel that counts: a file may have several under
  /// different conditions.
  const FunctionStmt *jitFunction(const std::shared_ptr<Module> &module,
                                  llvm::StringRef name);
  Value callHost(const std::shared_ptr<Module> &module, const Value &callee,
                 Values arguments);
  const Expr *heuristicExpression(const std::shared_ptr<Module> &module,
                                  llvm::StringRef kernel, llvm::StringRef name);

  // For builtins.
  Emitter &emitter() { return *emit; }
  bool canEmit() const { return emit != nullptr; }
  bool inHost() const { return frame && frame->host; }
  mlir::MLIRContext *context() { return mlirContext; }
  Value error(const llvm::Twine &message,
              const llvm::Twine &hint = "") override;
  void warning(const llvm::Twine &message) override;
  Value call(const Value &callee, Values arguments,
             std::vector<std::pair<std::string, Value>> keywords = {});
  Value iterate(const Value &iterable); // a tuple of its elements
  /// Constants that handlers take: reports if `value` is none of the kind.
  std::optional<int64_t> constantInt(const Value &value, llvm::StringRef what);
  std::optional<bool> constantBool(const Value &value, llvm::StringRef what);
  std::optional<std::string> constantString(const Value &value,
                                            llvm::StringRef what);
  std::optional<Shape> constantShape(const Value &value, llvm::StringRef what);
  /// The same, checked to be a shape that tensors can have.
  std::optional<Shape> tensorShape(const Value &value, llvm::StringRef what);
  std::optional<DType> constantType(const Value &value, llvm::StringRef what);
  /// A function of the embedded library by name.
  Value libraryFunction(llvm::StringRef name);
  llvm::raw_ostream &printStream();

  // Names (Names.cpp).
  Value lookup(llvm::StringRef name);
  Value globalOf(const std::shared_ptr<Module> &module, llvm::StringRef name);
  Value attribute(const Value &object, llvm::StringRef name);
  bool hasAttribute(const Value &object, llvm::StringRef name);
  const BuiltinInfo *findBuiltin(llvm::StringRef name);

  // Expressions (EvalExpr.cpp, EvalCall.cpp).
  Value eval(const Expr *expr);

private:
  struct SpanScope;
  struct LocScope;
  friend struct SpanScope;

  Value evalImpl(const Expr *expr);
  Value evalName(const std::string &name);
  /// Hints for names that nothing defines.
  std::string hintForName(llvm::StringRef name);
  std::string hintForMethod(llvm::StringRef name);
  std::string hintForMember(llvm::StringRef space, llvm::StringRef name);
  Value evalFString(const FStringExpr *expr);
  Value evalSequence(const Exprs &elements, bool isList);
  Value evalDict(const DictExpr *expr);
  Value evalUnary(const UnaryExpr *expr);
  Value evalBoolOp(const BoolOpExpr *expr);
  Value evalCompare(const CompareExpr *expr);
  Value evalConditional(const ConditionalExpr *expr);
  Value evalSubscript(const SubscriptExpr *expr);
  Value evalComprehension(const ComprehensionExpr *expr);
  bool runComprehension(const ComprehensionExpr *expr, size_t clause,
                        Values &elements, Value::DictData &dict);
  Value binary(BinaryOp op, const Value &lhs, const Value &rhs);
  Value compare(CompareOp op, const Value &lhs, const Value &rhs);
  Value logical(bool isAnd, llvm::ArrayRef<Value> operands);
  Value indexTensor(const Value &tensor, const Value &index);

  Value evalCall(const CallExpr *expr);
  Value callBuiltin(const BuiltinInfo &info, Values arguments,
                    std::vector<std::pair<std::string, Value>> keywords);
  Value callFunction(const Value &callee, Values arguments,
                     std::vector<std::pair<std::string, Value>> keywords);
  /// Reports the first keyword that the callee has no parameter for.
  using Keywords = std::vector<std::pair<std::string, Value>>;
  bool checkKeywords(const Value::FunctionData &function,
                     const Keywords &keywords);
  bool checkKeywords(const BuiltinInfo &info,
                     llvm::ArrayRef<BuiltinParameter> parameters,
                     const Keywords &keywords);
  bool bindParameters(const Value::FunctionData &function, Values arguments,
                      std::vector<std::pair<std::string, Value>> keywords,
                      Scope &scope);
  bool isRecursive(const Value::FunctionData &function) const;

  // Names.
  Value attributeOfTensor(const Value &tensor, llvm::StringRef name);
  Value attributeOfType(const Type &type, llvm::StringRef name);
  Value attributeOfModule(const Value::ModuleData &module,
                          llvm::StringRef name);
  Value attributeOfConstant(const Value &value, llvm::StringRef name);
  Value attributeOfDescriptor(const Value &value, llvm::StringRef name);
  Value namespaceMember(const std::string &path, llvm::StringRef name);
  Value evalBinding(const std::shared_ptr<Module> &module,
                    const Binding &binding);
  Value importedValue(const std::shared_ptr<Module> &module,
                      const ImportStmt &import, const ImportStmt::Item &item);
  std::shared_ptr<Module> loadModule(const Module &from, unsigned level,
                                     llvm::StringRef dotted);
  std::shared_ptr<Module> libraryModule();
  /// Evaluates at a module's level, errors kept out of the diagnostics.
  Value evalQuietly(const std::shared_ptr<Module> &module, const Expr *expr);

  // Statements (EvalStmt.cpp, EvalControl.cpp).
  /// Runs what follows a list of statements up to the end of the function (or
  /// of the run-time loop's body).
  using Rest = llvm::function_ref<Flow()>;
  Flow run(const Stmts &stmts, Rest rest) { return runFrom(stmts, 0, rest); }
  Flow runFrom(const Stmts &stmts, size_t first, Rest rest);
  Flow runStmt(const Stmt *stmt, Rest rest);
  /// `asConstant` keeps numbers as they are: variables of comprehensions and
  /// unrolled loops.
  void assign(const Expr *target, const Value &value, bool asConstant = false);
  void assignName(llvm::StringRef name, const Value &value);
  Value sanitize(const Value &value);
  void runAnnotated(const AnnAssignStmt *stmt);
  void runAssert(const AssertStmt *stmt);
  void runImport(const ImportStmt *stmt);
  void runReturn(const ReturnStmt *stmt);
  void runNestedFunction(const FunctionStmt *stmt);
  Flow runTry(const TryStmt *stmt, Rest rest);
  Flow runIf(const IfStmt *stmt, Rest rest);
  Flow runEscapingIf(const IfStmt *stmt, mlir::Value condition, Rest rest);
  Flow runFor(const ForStmt *stmt, Rest rest);
  Flow runUnrolled(const ForStmt *stmt, const Values &items, size_t first,
                   Rest rest);
  void runRuntimeFor(const ForStmt *stmt, const Value::RangeData &range);
  Flow runWhile(const WhileStmt *stmt, Rest rest);
  /// `break` in a loop that is emitted: Triton has none either.
  void refuseBreak();
  Flow runHostWhile(const WhileStmt *stmt);
  void runRuntimeWhile(const WhileStmt *stmt);
  bool truth(const Value &value, bool &result);

  // Merging and carrying (Merge.cpp).
  struct Carried;
  Carried collectCarried(const Stmts &body, llvm::StringRef except);
  void leaveLoop(const Scope &outer, const Carried &carried,
                 mlir::ValueRange results);
  bool finishLoopBody(const Carried &carried,
                      llvm::SmallVectorImpl<mlir::Value> &values);
  void adoptCarried(const Carried &carried, mlir::ValueRange values);
  /// An scf.if whose branches give one value; nothing if they do not fit
  /// together (reported).
  std::optional<Value> emitIf(mlir::Value condition,
                              llvm::function_ref<Value()> thenBody,
                              llvm::function_ref<Value()> elseBody);
  /// The same for branches that change names: merges the scopes.
  void emitScopedIf(mlir::Value condition, llvm::function_ref<void()> thenBody,
                    llvm::function_ref<void()> elseBody);
  struct Branches;
  bool mergeValue(const Value &thenValue, const Value &elseValue,
                  Branches &branches, Value &model);
  void closeIf(Branches &branches);

  // Kernels (ImportKernel.cpp).
  Value compiledIn(const Value &value, std::optional<DType> type);
  void describeDecorators(const std::shared_ptr<Module> &module,
                          const FunctionStmt &function, KernelInfo &info);
  void describeAutotune(const std::shared_ptr<Module> &module,
                        const CallExpr *call, KernelInfo &info);

  SourceRange rangeOf(const Frame &frame) const;
  mlir::Location location() const;
  bool outOfBudget();

  Diagnostics *diagnostics;
  mlir::MLIRContext *mlirContext;
  std::unique_ptr<Emitter> emit;
  Frame *frame = nullptr;
  unsigned depth = 0; // of expressions, against stack overflow
  unsigned callDepth = 0;
  uint64_t steps = 0; // statements and calls run, against endless ones
  bool exhausted = false;
  llvm::StringMap<const BuiltinInfo *> builtins;
  llvm::StringMap<std::shared_ptr<Module>> modules; // by path
  std::shared_ptr<Module> library;
};

} // namespace tegula::frontend

#endif
