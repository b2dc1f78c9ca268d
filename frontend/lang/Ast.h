//===- Ast.h - the syntax tree of a Python file ---------------------------===//
//
// Nodes live in an `Ast` and are never changed after parsing. Host code that
// kernels cannot use (with, classes, match, ...) keeps only what name lookup
// needs.
//
//===----------------------------------------------------------------------===//
#ifndef TEGULA_FRONTEND_LANG_AST_H
#define TEGULA_FRONTEND_LANG_AST_H

#include "frontend/lang/Lexer.h"
#include "llvm/Support/Casting.h"
#include <memory>
#include <string>
#include <vector>

namespace tegula::frontend {

struct Expr {
  enum class Kind : uint8_t {
    Constant, // None True False Ellipsis
    Int,
    Float,
    String,
    FString,
    Name,
    Tuple,
    List,
    Dict, // operands: key, value, ...; a null key is **value
    Attribute,
    Subscript,
    Slice,
    Call,
    Unary,
    Binary,
    BoolOp,
    Compare,
    Conditional,
    Lambda,
    Starred,
    Named, // name := value
    Comprehension,
    Opaque, // sets, await, yield, complex numbers: host code only
  };
  Kind kind;
  Span span;

  Expr(Kind kind, Span span) : kind(kind), span(span) {}
  virtual ~Expr() = default;
};

using Exprs = std::vector<const Expr *>;

template <Expr::Kind K> struct ExprOf : Expr {
  explicit ExprOf(Span span) : Expr(K, span) {}
  static bool classof(const Expr *expr) { return expr->kind == K; }
};

enum class ConstantKind : uint8_t { None, True, False, Ellipsis };
enum class UnaryOp : uint8_t { Minus, Plus, Not, Invert };
enum class BinaryOp : uint8_t {
  Add,
  Sub,
  Mul,
  Div,
  FloorDiv,
  Mod,
  Pow,
  MatMul,
  Shl,
  Shr,
  And,
  Or,
  Xor,
};
enum class CompareOp : uint8_t { Eq, Ne, Lt, Le, Gt, Ge, Is, IsNot, In, NotIn };

struct ConstantExpr : ExprOf<Expr::Kind::Constant> {
  using ExprOf::ExprOf;
  ConstantKind value = ConstantKind::None;
};
struct IntExpr : ExprOf<Expr::Kind::Int> {
  using ExprOf::ExprOf;
  __int128 value = 0;
  bool tooBig = false;
};
struct FloatExpr : ExprOf<Expr::Kind::Float> {
  using ExprOf::ExprOf;
  double value = 0;
};
struct StringExpr : ExprOf<Expr::Kind::String> {
  using ExprOf::ExprOf;
  std::string value;
};
/// Literal pieces and values in turn: `pieces[i]` stands before `values[i]`.
struct FStringExpr : ExprOf<Expr::Kind::FString> {
  using ExprOf::ExprOf;
  std::vector<std::string> pieces;
  Exprs values;
};
struct NameExpr : ExprOf<Expr::Kind::Name> {
  using ExprOf::ExprOf;
  std::string name;
};
struct TupleExpr : ExprOf<Expr::Kind::Tuple> {
  using ExprOf::ExprOf;
  Exprs elements;
};
struct ListExpr : ExprOf<Expr::Kind::List> {
  using ExprOf::ExprOf;
  Exprs elements;
};
struct DictExpr : ExprOf<Expr::Kind::Dict> {
  using ExprOf::ExprOf;
  Exprs items;
};
struct AttributeExpr : ExprOf<Expr::Kind::Attribute> {
  using ExprOf::ExprOf;
  const Expr *object = nullptr;
  std::string name;
};
struct SubscriptExpr : ExprOf<Expr::Kind::Subscript> {
  using ExprOf::ExprOf;
  const Expr *object = nullptr;
  const Expr *index = nullptr;
};
struct SliceExpr : ExprOf<Expr::Kind::Slice> {
  using ExprOf::ExprOf;
  const Expr *lower = nullptr, *upper = nullptr, *step = nullptr;
};
struct Keyword {
  std::string name; // empty: **value
  Span span;
  const Expr *value = nullptr;
};
struct CallExpr : ExprOf<Expr::Kind::Call> {
  using ExprOf::ExprOf;
  const Expr *callee = nullptr;
  Exprs arguments;
  std::vector<Keyword> keywords;
};
struct UnaryExpr : ExprOf<Expr::Kind::Unary> {
  using ExprOf::ExprOf;
  UnaryOp op = UnaryOp::Minus;
  const Expr *operand = nullptr;
};
struct BinaryExpr : ExprOf<Expr::Kind::Binary> {
  using ExprOf::ExprOf;
  BinaryOp op = BinaryOp::Add;
  Span opSpan;
  const Expr *lhs = nullptr, *rhs = nullptr;
};
struct BoolOpExpr : ExprOf<Expr::Kind::BoolOp> {
  using ExprOf::ExprOf;
  bool isAnd = true;
  Exprs operands;
};
struct CompareExpr : ExprOf<Expr::Kind::Compare> {
  using ExprOf::ExprOf;
  Exprs operands; // one more than ops
  std::vector<CompareOp> ops;
};
struct ConditionalExpr : ExprOf<Expr::Kind::Conditional> {
  using ExprOf::ExprOf;
  const Expr *condition = nullptr, *then = nullptr, *otherwise = nullptr;
};
struct Parameter {
  enum class Kind : uint8_t { Ordinary, KeywordOnly, VarArgs, KeywordArgs };
  Kind kind = Kind::Ordinary;
  std::string name;
  Span span;
  const Expr *annotation = nullptr;
  std::string annotationText;
  const Expr *defaultValue = nullptr;
};
struct LambdaExpr : ExprOf<Expr::Kind::Lambda> {
  using ExprOf::ExprOf;
  std::vector<Parameter> parameters;
  const Expr *body = nullptr;
};
struct StarredExpr : ExprOf<Expr::Kind::Starred> {
  using ExprOf::ExprOf;
  const Expr *value = nullptr;
};
struct NamedExpr : ExprOf<Expr::Kind::Named> {
  using ExprOf::ExprOf;
  std::string name;
  const Expr *value = nullptr;
};
struct ComprehensionExpr : ExprOf<Expr::Kind::Comprehension> {
  using ExprOf::ExprOf;
  struct Clause {
    const Expr *target = nullptr, *iterable = nullptr;
    Exprs conditions;
  };
  bool isDict = false;
  const Expr *key = nullptr; // dict only
  const Expr *element = nullptr;
  std::vector<Clause> clauses;
};
struct OpaqueExpr : ExprOf<Expr::Kind::Opaque> {
  using ExprOf::ExprOf;
  std::string what;
};

struct Stmt {
  enum class Kind : uint8_t {
    Expr,
    Assign,
    AugAssign,
    AnnAssign,
    Return,
    If,
    For,
    While,
    Pass,
    Break,
    Continue,
    Assert,
    Raise,
    Function,
    Class,
    Import,
    Try,
    With,
    Global, // global and nonlocal
    Opaque, // del, match, type
  };
  Kind kind;
  Span span;

  Stmt(Kind kind, Span span) : kind(kind), span(span) {}
  virtual ~Stmt() = default;
};

using Stmts = std::vector<const Stmt *>;

template <Stmt::Kind K> struct StmtOf : Stmt {
  explicit StmtOf(Span span) : Stmt(K, span) {}
  static bool classof(const Stmt *stmt) { return stmt->kind == K; }
};

struct ExprStmt : StmtOf<Stmt::Kind::Expr> {
  using StmtOf::StmtOf;
  const Expr *value = nullptr;
};
struct AssignStmt : StmtOf<Stmt::Kind::Assign> {
  using StmtOf::StmtOf;
  Exprs targets;
  const Expr *value = nullptr;
};
struct AugAssignStmt : StmtOf<Stmt::Kind::AugAssign> {
  using StmtOf::StmtOf;
  BinaryOp op = BinaryOp::Add;
  const Expr *target = nullptr;
  const Expr *value = nullptr;
};
struct AnnAssignStmt : StmtOf<Stmt::Kind::AnnAssign> {
  using StmtOf::StmtOf;
  const Expr *target = nullptr, *annotation = nullptr, *value = nullptr;
};
struct ReturnStmt : StmtOf<Stmt::Kind::Return> {
  using StmtOf::StmtOf;
  const Expr *value = nullptr;
};
struct IfStmt : StmtOf<Stmt::Kind::If> {
  using StmtOf::StmtOf;
  const Expr *condition = nullptr;
  Stmts then, otherwise;
};
struct ForStmt : StmtOf<Stmt::Kind::For> {
  using StmtOf::StmtOf;
  const Expr *target = nullptr, *iterable = nullptr;
  Stmts body, otherwise;
};
struct WhileStmt : StmtOf<Stmt::Kind::While> {
  using StmtOf::StmtOf;
  const Expr *condition = nullptr;
  Stmts body, otherwise;
};
struct PassStmt : StmtOf<Stmt::Kind::Pass> {
  using StmtOf::StmtOf;
};
struct BreakStmt : StmtOf<Stmt::Kind::Break> {
  using StmtOf::StmtOf;
};
struct ContinueStmt : StmtOf<Stmt::Kind::Continue> {
  using StmtOf::StmtOf;
};
struct AssertStmt : StmtOf<Stmt::Kind::Assert> {
  using StmtOf::StmtOf;
  const Expr *condition = nullptr, *message = nullptr;
};
struct RaiseStmt : StmtOf<Stmt::Kind::Raise> {
  using StmtOf::StmtOf;
  const Expr *value = nullptr;
};
struct FunctionStmt : StmtOf<Stmt::Kind::Function> {
  using StmtOf::StmtOf;
  std::string name;
  Exprs decorators;
  std::vector<Parameter> parameters;
  const Expr *returns = nullptr;
  Stmts body;
};
struct ClassStmt : StmtOf<Stmt::Kind::Class> {
  using StmtOf::StmtOf;
  std::string name;
  Exprs decorators;
  Stmts body;
};
/// `import a.b as c` has no `from`; `from .m import x as y` has names.
struct ImportStmt : StmtOf<Stmt::Kind::Import> {
  using StmtOf::StmtOf;
  struct Item {
    std::string name;  // dotted for `import a.b`; "*" for a star import
    std::string alias; // empty without `as`
    Span span;
  };
  bool isFrom = false;
  unsigned level = 0; // leading dots
  std::string from;
  std::vector<Item> items;
};
struct TryStmt : StmtOf<Stmt::Kind::Try> {
  using StmtOf::StmtOf;
  Stmts body;
  std::vector<Stmts> handlers;
  Stmts otherwise, finally;
};
struct WithStmt : StmtOf<Stmt::Kind::With> {
  using StmtOf::StmtOf;
  Exprs items;
  Stmts body;
};
struct GlobalStmt : StmtOf<Stmt::Kind::Global> {
  using StmtOf::StmtOf;
};
struct OpaqueStmt : StmtOf<Stmt::Kind::Opaque> {
  using StmtOf::StmtOf;
  std::string what;
};

/// Owns the nodes of one file.
class Ast {
public:
  Stmts body;

  template <typename Node> Node *make(Span span) {
    auto owned = std::make_unique<Node>(span);
    Node *node = owned.get();
    if constexpr (std::is_base_of_v<Expr, Node>)
      exprs.push_back(std::move(owned));
    else
      stmts.push_back(std::move(owned));
    return node;
  }

private:
  std::vector<std::unique_ptr<Expr>> exprs;
  std::vector<std::unique_ptr<Stmt>> stmts;
};

} // namespace tegula::frontend

#endif
