//===- ParseStmt.cpp - Python statements ----------------------------------===//
#include "frontend/lang/ParserImpl.h"
#include "llvm/ADT/StringSwitch.h"

using namespace tegula::frontend;
using llvm::StringRef;

//===----------------------------------------------------------------------===//
// Files, blocks, recovery
//===----------------------------------------------------------------------===//

void Parser::parseFile() {
  while (!at(Token::Kind::End)) {
    if (at(Token::Kind::Dedent) || at(Token::Kind::Newline)) {
      next();
      continue;
    }
    if (at(Token::Kind::Indent)) {
      failHere("a statement at the file's own indentation");
      failed = false;
      skipBlock();
      continue;
    }
    parseStatement(ast.body);
  }
}

void Parser::skipLine() {
  while (!at(Token::Kind::Newline) && !at(Token::Kind::End))
    next();
  if (at(Token::Kind::Newline))
    next();
}

/// Skips an indented block if one stands here.
void Parser::skipBlock() {
  if (!at(Token::Kind::Indent))
    return;
  unsigned open = 0;
  do {
    if (at(Token::Kind::Indent))
      ++open;
    else if (at(Token::Kind::Dedent))
      --open;
    else if (at(Token::Kind::End))
      return;
    next();
  } while (open);
}

void Parser::parseStatement(Stmts &into) {
  Nested nested(*this);
  if (depth > maxDepth) {
    fail(peek().span, "blocks are nested too deeply");
    skipLine();
    skipBlock();
    return;
  }
  size_t before = position;
  if (const Stmt *compound = parseCompound())
    into.push_back(compound);
  else if (!failed)
    parseSimpleLine(into);
  if (!failed)
    return;
  failed = false;
  if (position == before)
    next();
  // A line that has not been started on may well be right.
  const Token &last = tokens[position - 1];
  if (last.kind != Token::Kind::Newline && last.kind != Token::Kind::Dedent)
    skipLine();
  skipBlock();
}

bool Parser::parseBlock(Stmts &into, StringRef what) {
  if (!expect(":", what))
    return false;
  if (!at(Token::Kind::Newline)) {
    parseSimpleLine(into);
    return !failed;
  }
  next();
  if (!at(Token::Kind::Indent)) {
    failHere(("an indented block " + what).str());
    return false;
  }
  next();
  while (!at(Token::Kind::Dedent) && !at(Token::Kind::End))
    parseStatement(into);
  if (at(Token::Kind::Dedent))
    next();
  return true;
}

//===----------------------------------------------------------------------===//
// Simple statements
//===----------------------------------------------------------------------===//

void Parser::parseSimpleLine(Stmts &into) {
  while (true) {
    const Stmt *stmt = parseSimple();
    if (!stmt)
      return;
    into.push_back(stmt);
    if (!accept(";"))
      break;
    if (at(Token::Kind::Newline))
      break;
  }
  if (at(Token::Kind::Newline))
    next();
  else if (!at(Token::Kind::End))
    failHere("the end of the statement");
}

const Stmt *Parser::parseSimple() {
  const Token &token = peek();
  Span begin = token.span;
  if (token.kind != Token::Kind::Name)
    return parseExpressionStatement();
  StringRef word = token.text;
  if (word == "pass")
    return next(), ast.make<PassStmt>(begin);
  if (word == "break")
    return next(), ast.make<BreakStmt>(begin);
  if (word == "continue")
    return next(), ast.make<ContinueStmt>(begin);
  if (word == "import")
    return parseImport();
  if (word == "from")
    return parseFromImport();
  if (word == "return") {
    next();
    const Expr *value = nullptr;
    if (!at(Token::Kind::Newline) && !at(";") && !at(Token::Kind::End) &&
        !(value = parseExpressionList()))
      return nullptr;
    auto *stmt = ast.make<ReturnStmt>(spanSince(begin));
    stmt->value = value;
    return stmt;
  }
  if (word == "raise") {
    next();
    auto *stmt = ast.make<RaiseStmt>(begin);
    if (!at(Token::Kind::Newline) && !at(";") && !(stmt->value = parseExpr()))
      return nullptr;
    if (accept("from") && !parseExpr())
      return nullptr;
    return stmt;
  }
  if (word == "assert") {
    next();
    auto *stmt = ast.make<AssertStmt>(begin);
    if (!(stmt->condition = parseNamed()))
      return nullptr;
    if (accept(",") && !(stmt->message = parseExpr()))
      return nullptr;
    stmt->span = spanSince(begin);
    return stmt;
  }
  bool isType = word == "type" && peek(1).kind == Token::Kind::Name;
  if (word == "global" || word == "nonlocal" || word == "del" || isType) {
    while (!at(Token::Kind::Newline) && !at(";") && !at(Token::Kind::End))
      next();
    if (word == "global" || word == "nonlocal")
      return ast.make<GlobalStmt>(begin);
    auto *stmt = ast.make<OpaqueStmt>(begin);
    stmt->what = word.str();
    return stmt;
  }
  return parseExpressionStatement();
}

namespace {
std::optional<BinaryOp> augmentedOperator(StringRef text) {
  return llvm::StringSwitch<std::optional<BinaryOp>>(text)
      .Case("+=", BinaryOp::Add)
      .Case("-=", BinaryOp::Sub)
      .Case("*=", BinaryOp::Mul)
      .Case("/=", BinaryOp::Div)
      .Case("//=", BinaryOp::FloorDiv)
      .Case("%=", BinaryOp::Mod)
      .Case("**=", BinaryOp::Pow)
      .Case("@=", BinaryOp::MatMul)
      .Case("<<=", BinaryOp::Shl)
      .Case(">>=", BinaryOp::Shr)
      .Case("&=", BinaryOp::And)
      .Case("|=", BinaryOp::Or)
      .Case("^=", BinaryOp::Xor)
      .Default(std::nullopt);
}
} // namespace

const Stmt *Parser::parseExpressionStatement() {
  Span begin = peek().span;
  const Expr *first = parseExpressionList();
  if (!first)
    return nullptr;
  if (accept(":")) {
    auto *stmt = ast.make<AnnAssignStmt>(begin);
    stmt->target = first;
    if (!(stmt->annotation = parseExpr()))
      return nullptr;
    if (accept("=") && !(stmt->value = parseExpressionList()))
      return nullptr;
    stmt->span = spanSince(begin);
    return stmt;
  }
  if (auto op = augmentedOperator(peek().text); op && at(Token::Kind::Op)) {
    next();
    auto *stmt = ast.make<AugAssignStmt>(begin);
    stmt->op = *op;
    stmt->target = first;
    if (!(stmt->value = parseExpressionList()))
      return nullptr;
    stmt->span = spanSince(begin);
    return stmt;
  }
  if (!at("=")) {
    auto *stmt = ast.make<ExprStmt>(first->span);
    stmt->value = first;
    return stmt;
  }
  auto *stmt = ast.make<AssignStmt>(begin);
  stmt->value = first;
  while (accept("=")) {
    stmt->targets.push_back(stmt->value);
    stmt->value = parseExpressionList();
    if (!stmt->value)
      return nullptr;
  }
  stmt->span = spanSince(begin);
  return stmt;
}

const Stmt *Parser::parseImport() {
  auto *stmt = ast.make<ImportStmt>(next().span);
  do {
    ImportStmt::Item item;
    item.span = peek().span;
    item.name = takeName("a module's name");
    while (!failed && accept("."))
      item.name += "." + takeName("a module's name");
    if (accept("as"))
      item.alias = takeName("a name after 'as'");
    if (failed)
      return nullptr;
    stmt->items.push_back(std::move(item));
  } while (accept(","));
  return stmt;
}

const Stmt *Parser::parseFromImport() {
  auto *stmt = ast.make<ImportStmt>(next().span);
  stmt->isFrom = true;
  while (at(".") || at("..."))
    stmt->level += next().text.size();
  if (!at("import")) {
    stmt->from = takeName("a module's name");
    while (!failed && accept("."))
      stmt->from += "." + takeName("a module's name");
  }
  if (failed || !expect("import", "after the module's name"))
    return nullptr;
  if (at("*")) {
    stmt->items.push_back({"*", "", next().span});
    return stmt;
  }
  bool bracket = accept("(");
  while (!(bracket && at(")"))) {
    ImportStmt::Item item;
    item.span = peek().span;
    item.name = takeName("a name to import");
    if (accept("as"))
      item.alias = takeName("a name after 'as'");
    if (failed)
      return nullptr;
    stmt->items.push_back(std::move(item));
    if (!accept(","))
      break;
  }
  if (bracket && !expect(")", "to close the imported names"))
    return nullptr;
  return stmt;
}

//===----------------------------------------------------------------------===//
// Compound statements
//===----------------------------------------------------------------------===//

bool Parser::atMatch() const {
  if (!at("match") || peek(1).kind == Token::Kind::Newline)
    return false;
  if (peek(1).kind == Token::Kind::Op && !peek(1).is("(") && !peek(1).is("[") &&
      !peek(1).is("-"))
    return false;
  // `match` is a keyword only where its line ends in a colon.
  size_t end = position;
  while (tokens[end].kind != Token::Kind::Newline &&
         tokens[end].kind != Token::Kind::End)
    ++end;
  return tokens[end - 1].is(":");
}

/// Null without failure if no compound statement starts here.
const Stmt *Parser::parseCompound() {
  if (at("@") && at(Token::Kind::Op))
    return parseDecorated();
  if (!at(Token::Kind::Name))
    return nullptr;
  if (at("async") &&
      (peek(1).is("def") || peek(1).is("for") || peek(1).is("with")))
    next();
  if (at("if"))
    return parseIf();
  if (at("for"))
    return parseFor();
  if (at("while"))
    return parseWhile();
  if (at("def"))
    return parseFunction({});
  if (at("class"))
    return parseClass({});
  if (at("try"))
    return parseTry();
  if (at("with"))
    return parseWith();
  if (atMatch())
    return parseMatch();
  return nullptr;
}

const Stmt *Parser::parseIf() {
  Span begin = next().span;
  auto *stmt = ast.make<IfStmt>(begin);
  if (!(stmt->condition = parseNamed()) ||
      !parseBlock(stmt->then, "after the condition"))
    return nullptr;
  // An else-if chain is as deep as it is long.
  Nested nested(*this);
  if (depth > maxDepth)
    return fail(begin, "this chain of conditions is too long");
  if (at("elif")) {
    const Stmt *other = parseIf();
    if (!other)
      return nullptr;
    stmt->otherwise.push_back(other);
  } else if (accept("else")) {
    if (!parseBlock(stmt->otherwise, "after 'else'"))
      return nullptr;
  }
  return stmt;
}

const Stmt *Parser::parseFor() {
  auto *stmt = ast.make<ForStmt>(next().span);
  if (!(stmt->target = parseTargetList()) ||
      !expect("in", "after the loop variable") ||
      !(stmt->iterable = parseExpressionList()) ||
      !parseBlock(stmt->body, "after the loop's range"))
    return nullptr;
  if (accept("else") && !parseBlock(stmt->otherwise, "after 'else'"))
    return nullptr;
  return stmt;
}

const Stmt *Parser::parseWhile() {
  auto *stmt = ast.make<WhileStmt>(next().span);
  if (!(stmt->condition = parseNamed()) ||
      !parseBlock(stmt->body, "after the condition"))
    return nullptr;
  if (accept("else") && !parseBlock(stmt->otherwise, "after 'else'"))
    return nullptr;
  return stmt;
}

const Stmt *Parser::parseTry() {
  auto *stmt = ast.make<TryStmt>(next().span);
  if (!parseBlock(stmt->body, "after 'try'"))
    return nullptr;
  while (accept("except")) {
    accept("*");
    if (!at(":") && !parseExpressionList())
      return nullptr;
    if (accept("as"))
      takeName("a name after 'as'");
    stmt->handlers.emplace_back();
    if (failed || !parseBlock(stmt->handlers.back(), "after 'except'"))
      return nullptr;
  }
  if (accept("else") && !parseBlock(stmt->otherwise, "after 'else'"))
    return nullptr;
  if (accept("finally") && !parseBlock(stmt->finally, "after 'finally'"))
    return nullptr;
  return stmt;
}

const Stmt *Parser::parseWith() {
  auto *stmt = ast.make<WithStmt>(next().span);
  // `with (a as b, c as d):` has brackets that hold no expression.
  size_t start = position;
  bool bracket = false;
  if (at("(")) {
    unsigned open = 0;
    size_t i = position;
    do {
      open += tokens[i].is("(");
      open -= tokens[i].is(")");
      bracket |= open == 1 && tokens[i].is("as");
      ++i;
    } while (open && i + 1 < tokens.size());
    bracket &= tokens[i].is(":");
  }
  (void)start;
  if (bracket)
    next();
  do {
    if (bracket && at(")"))
      break;
    const Expr *item = parseExpr();
    if (!item)
      return nullptr;
    stmt->items.push_back(item);
    if (accept("as") && !parsePrimary())
      return nullptr;
  } while (accept(","));
  if (bracket && !expect(")", "after the with items"))
    return nullptr;
  if (!parseBlock(stmt->body, "after the with items"))
    return nullptr;
  return stmt;
}

const Stmt *Parser::parseMatch() {
  auto *stmt = ast.make<OpaqueStmt>(peek().span);
  stmt->what = "match";
  skipLine();
  skipBlock();
  return stmt;
}

const Stmt *Parser::parseDecorated() {
  Exprs decorators;
  while (accept("@")) {
    const Expr *decorator = parseNamed();
    if (!decorator)
      return nullptr;
    decorators.push_back(decorator);
    if (!at(Token::Kind::Newline))
      return failHere("the end of the decorator's line");
    next();
  }
  accept("async");
  if (at("class"))
    return parseClass(std::move(decorators));
  if (!at("def"))
    return failHere("'def' after the decorators");
  return parseFunction(std::move(decorators));
}

/// `[T, *Ts]` after a function's or class's name.
bool Parser::skipTypeParameters() {
  if (!at("["))
    return true;
  unsigned open = 0;
  do {
    open += at("[");
    open -= at("]");
    if (at(Token::Kind::End))
      return false;
    next();
  } while (open);
  return true;
}

const Stmt *Parser::parseFunction(Exprs decorators) {
  next();
  Span nameSpan = peek().span;
  auto *stmt = ast.make<FunctionStmt>(nameSpan);
  stmt->decorators = std::move(decorators);
  stmt->name = takeName("a function's name");
  if (failed || !skipTypeParameters() ||
      !expect("(", "after the function's name") ||
      !parseParameters(")", /*annotations=*/true, stmt->parameters) ||
      !expect(")", "after the parameters"))
    return nullptr;
  if (accept("->") && !(stmt->returns = parseExpr()))
    return nullptr;
  if (!parseBlock(stmt->body, "after the function's head"))
    return nullptr;
  return stmt;
}

const Stmt *Parser::parseClass(Exprs decorators) {
  next();
  auto *stmt = ast.make<ClassStmt>(peek().span);
  stmt->decorators = std::move(decorators);
  stmt->name = takeName("a class's name");
  if (failed || !skipTypeParameters())
    return nullptr;
  if (at("(")) {
    auto *callee = ast.make<NameExpr>(stmt->span);
    if (!parseCall(callee, stmt->span))
      return nullptr;
  }
  if (!parseBlock(stmt->body, "after the class's name"))
    return nullptr;
  return stmt;
}

//===----------------------------------------------------------------------===//
// Entry points
//===----------------------------------------------------------------------===//

std::unique_ptr<Ast>
tegula::frontend::parseModule(const std::shared_ptr<const SourceFile> &file,
                              Diagnostics &diagnostics) {
  auto ast = std::make_unique<Ast>();
  Parser(*ast, tokenize(file, diagnostics), file, diagnostics).parseFile();
  return ast;
}

const Expr *
tegula::frontend::parseExpression(Ast &ast, StringRef text,
                                  const std::shared_ptr<const SourceFile> &file,
                                  Span origin, Diagnostics &diagnostics) {
  size_t errors = diagnostics.errorCount();
  auto tokens = tokenizeExpression(text, file, origin, diagnostics);
  const Expr *expr =
      Parser(ast, std::move(tokens), file, diagnostics).parseWholeExpression();
  return diagnostics.errorCount() == errors ? expr : nullptr;
}
