//===- ParserImpl.h - recursive descent over Python's grammar -------------===//
#ifndef TEGULA_FRONTEND_LANG_PARSERIMPL_H
#define TEGULA_FRONTEND_LANG_PARSERIMPL_H

#include "frontend/lang/Parser.h"
#include "llvm/ADT/STLFunctionalExtras.h"
#include "llvm/ADT/Twine.h"

namespace tegula::frontend {

/// Expressions are in ParseExpr.cpp, statements in ParseStmt.cpp. After an
/// error the functions return null and `failed` is set until the statement
/// level recovers.
class Parser {
public:
  Parser(Ast &ast, std::vector<Token> tokens,
         std::shared_ptr<const SourceFile> file, Diagnostics &diagnostics)
      : ast(ast), tokens(std::move(tokens)), file(std::move(file)),
        diagnostics(diagnostics) {}

  void parseFile();
  const Expr *parseWholeExpression();

private:
  // Tokens.
  const Token &peek(size_t ahead = 0) const {
    return tokens[std::min(position + ahead, tokens.size() - 1)];
  }
  const Token &next() {
    const Token &token = peek();
    if (position + 1 < tokens.size())
      ++position;
    return token;
  }
  bool at(llvm::StringRef text) const { return peek().is(text); }
  bool at(Token::Kind kind) const { return peek().kind == kind; }
  bool accept(llvm::StringRef text) {
    if (!at(text))
      return false;
    next();
    return true;
  }
  bool expect(llvm::StringRef text, llvm::StringRef where);
  std::nullptr_t fail(Span span, const llvm::Twine &message);
  std::nullptr_t failHere(llvm::StringRef expected);
  bool atName() const;
  std::string takeName(llvm::StringRef what);
  Span spanSince(const Span &begin) const;
  /// Source text between two token positions, for annotations and decorators.
  std::string textOf(size_t begin, size_t end) const;

  // Expressions, from loose to tight.
  const Expr *parseExpressionList(); // a, *b, c: a tuple if there is a comma
  const Expr *parseStarOrNamed();
  const Expr *parseNamed();
  const Expr *parseExpr();
  const Expr *parseLambda();
  const Expr *parseOr();
  const Expr *parseAnd();
  const Expr *parseNot();
  const Expr *parseComparison();
  const Expr *parseBinary(unsigned minPrecedence);
  const Expr *parseUnary();
  const Expr *parsePower();
  const Expr *parsePrimary();
  const Expr *parseAtom();
  const Expr *parseNumber();
  const Expr *parseStrings();
  const Expr *parseParenthesized();
  const Expr *parseListDisplay();
  const Expr *parseBraces();
  const Expr *parseBracesElement(DictExpr *dict, bool &isSet);
  const Expr *parseCall(const Expr *callee, Span begin);
  const Expr *parseSubscript(const Expr *object, Span begin);
  const Expr *parseSliceItem();
  const Expr *parseComprehension(const Expr *key, const Expr *element,
                                 Span begin);
  const Expr *parseTargetList();
  bool parseParameters(llvm::StringRef close, bool annotations,
                       std::vector<Parameter> &parameters);
  bool appendString(const Token &token, std::string &plain,
                    FStringExpr *&formatted, Span begin);
  bool appendFString(const Token &token, llvm::StringRef body, bool raw,
                     FStringExpr &formatted, std::string &piece);

  // Statements.
  void parseStatement(Stmts &into);
  void parseSimpleLine(Stmts &into);
  const Stmt *parseSimple();
  const Stmt *parseExpressionStatement();
  const Stmt *parseImport();
  const Stmt *parseFromImport();
  const Stmt *parseCompound();
  const Stmt *parseIf();
  const Stmt *parseFor();
  const Stmt *parseWhile();
  const Stmt *parseTry();
  const Stmt *parseWith();
  const Stmt *parseDecorated();
  const Stmt *parseFunction(Exprs decorators);
  const Stmt *parseClass(Exprs decorators);
  const Stmt *parseMatch();
  bool atMatch() const;
  bool parseBlock(Stmts &into, llvm::StringRef what);
  void skipBlock();
  void skipLine();
  bool skipTypeParameters();

  /// Guards against stacks that run out on hostile nesting.
  struct Nested {
    explicit Nested(Parser &parser) : parser(parser) { ++parser.depth; }
    ~Nested() { --parser.depth; }
    Parser &parser;
  };
  static constexpr unsigned maxDepth = 200;
  /// Left-leaning chains `a + b + ...` are as deep as they are long.
  static constexpr unsigned maxChain = 500;

  Ast &ast;
  std::vector<Token> tokens;
  std::shared_ptr<const SourceFile> file;
  Diagnostics &diagnostics;
  size_t position = 0;
  unsigned depth = 0;
  bool failed = false;
};

} // namespace tegula::frontend

#endif
