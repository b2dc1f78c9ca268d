//===- ParseExpr.cpp - Python expressions ---------------------------------===//
#include "frontend/lang/ParserImpl.h"
#include "llvm/ADT/StringSwitch.h"

using namespace tegula::frontend;
using llvm::StringRef;

namespace {

bool isKeyword(StringRef name) {
  return llvm::StringSwitch<bool>(name)
      .Cases({"False", "None", "True", "and", "as", "assert", "async", "await"},
             true)
      .Cases({"break", "class", "continue", "def", "del", "elif", "else"}, true)
      .Cases({"except", "finally", "for", "from", "global", "if", "import"},
             true)
      .Cases({"in", "is", "lambda", "nonlocal", "not", "or", "pass", "raise"},
             true)
      .Cases({"return", "try", "while", "with", "yield"}, true)
      .Default(false);
}

struct OperatorInfo {
  BinaryOp op;
  unsigned precedence;
};

std::optional<OperatorInfo> binaryOperator(StringRef text) {
  return llvm::StringSwitch<std::optional<OperatorInfo>>(text)
      .Case("|", OperatorInfo{BinaryOp::Or, 1})
      .Case("^", OperatorInfo{BinaryOp::Xor, 2})
      .Case("&", OperatorInfo{BinaryOp::And, 3})
      .Case("<<", OperatorInfo{BinaryOp::Shl, 4})
      .Case(">>", OperatorInfo{BinaryOp::Shr, 4})
      .Case("+", OperatorInfo{BinaryOp::Add, 5})
      .Case("-", OperatorInfo{BinaryOp::Sub, 5})
      .Case("*", OperatorInfo{BinaryOp::Mul, 6})
      .Case("/", OperatorInfo{BinaryOp::Div, 6})
      .Case("//", OperatorInfo{BinaryOp::FloorDiv, 6})
      .Case("%", OperatorInfo{BinaryOp::Mod, 6})
      .Case("@", OperatorInfo{BinaryOp::MatMul, 6})
      .Default(std::nullopt);
}

} // namespace

//===----------------------------------------------------------------------===//
// Tokens
//===----------------------------------------------------------------------===//

std::nullptr_t Parser::fail(Span span, const llvm::Twine &message) {
  // One error per statement: the rest would be guesses.
  if (!failed)
    diagnostics.error({file, span.line, span.column, span.length},
                      message.str());
  failed = true;
  return nullptr;
}

std::nullptr_t Parser::failHere(StringRef expected) {
  const Token &token = peek();
  std::string found;
  switch (token.kind) {
  case Token::Kind::Newline:
    found = "the end of the line";
    break;
  case Token::Kind::Indent:
    found = "an indented line";
    break;
  case Token::Kind::Dedent:
    found = "the end of the block";
    break;
  case Token::Kind::End:
    found = "the end of the text";
    break;
  default:
    found = "'" + token.text.str() + "'";
  }
  return fail(token.span,
              "syntax error: expected " + expected + ", found " + found);
}

bool Parser::expect(StringRef text, StringRef where) {
  if (accept(text))
    return true;
  failHere(("'" + text + "' " + where).str());
  return false;
}

bool Parser::atName() const {
  return at(Token::Kind::Name) && !isKeyword(peek().text);
}

std::string Parser::takeName(StringRef what) {
  if (!atName()) {
    failHere(what);
    return {};
  }
  return next().text.str();
}

Span Parser::spanSince(const Span &begin) const {
  const Token &last = tokens[position ? position - 1 : 0];
  Span span = begin;
  if (last.span.line == begin.line)
    span.length =
        std::max(1u, last.span.column + last.span.length - begin.column);
  return span;
}

std::string Parser::textOf(size_t begin, size_t end) const {
  if (begin >= end)
    return {};
  const Token &first = tokens[begin], &last = tokens[end - 1];
  return std::string(first.text.begin(), last.text.end());
}

//===----------------------------------------------------------------------===//
// From loose to tight
//===----------------------------------------------------------------------===//

const Expr *Parser::parseWholeExpression() {
  const Expr *expr = parseExpressionList();
  while (at(Token::Kind::Newline))
    next();
  if (expr && !at(Token::Kind::End))
    return failHere("the end of the expression");
  return expr;
}

const Expr *Parser::parseExpressionList() {
  Span begin = peek().span;
  const Expr *first = parseStarOrNamed();
  if (!first || !at(","))
    return first;
  Exprs elements{first};
  while (accept(",")) {
    if (at(Token::Kind::Newline) || at(Token::Kind::End) || at("=") ||
        at(")") || at("]") || at("}") || at(":") || at(";"))
      break;
    const Expr *element = parseStarOrNamed();
    if (!element)
      return nullptr;
    elements.push_back(element);
  }
  auto *tuple = ast.make<TupleExpr>(spanSince(begin));
  tuple->elements = std::move(elements);
  return tuple;
}

const Expr *Parser::parseStarOrNamed() {
  if (!at("*"))
    return parseNamed();
  Span begin = next().span;
  const Expr *value = parseBinary(1);
  if (!value)
    return nullptr;
  auto *starred = ast.make<StarredExpr>(spanSince(begin));
  starred->value = value;
  return starred;
}

const Expr *Parser::parseNamed() {
  if (!atName() || !peek(1).is(":="))
    return parseExpr();
  Span begin = peek().span;
  std::string name = next().text.str();
  next();
  const Expr *value = parseExpr();
  if (!value)
    return nullptr;
  auto *named = ast.make<NamedExpr>(spanSince(begin));
  named->name = std::move(name);
  named->value = value;
  return named;
}

const Expr *Parser::parseExpr() {
  Nested nested(*this);
  if (depth > maxDepth)
    return fail(peek().span, "this expression is nested too deeply");
  Span begin = peek().span;
  if (at("lambda"))
    return parseLambda();
  if (at("yield") || at("await")) {
    auto *opaque = ast.make<OpaqueExpr>(begin);
    opaque->what = next().text.str();
    accept("from");
    if (!at(")") && !at(Token::Kind::Newline) && !at("]") && !at(",") &&
        !parseExpressionList())
      return nullptr;
    return opaque;
  }
  const Expr *value = parseOr();
  if (!value || !at("if"))
    return value;
  next();
  const Expr *condition = parseOr();
  if (!condition || !expect("else", "of this conditional expression"))
    return nullptr;
  const Expr *otherwise = parseExpr();
  if (!otherwise)
    return nullptr;
  auto *conditional = ast.make<ConditionalExpr>(spanSince(begin));
  conditional->condition = condition;
  conditional->then = value;
  conditional->otherwise = otherwise;
  return conditional;
}

const Expr *Parser::parseLambda() {
  Span begin = next().span;
  std::vector<Parameter> parameters;
  if (!parseParameters(":", /*annotations=*/false, parameters) ||
      !expect(":", "after the lambda's parameters"))
    return nullptr;
  const Expr *body = parseExpr();
  if (!body)
    return nullptr;
  auto *lambda = ast.make<LambdaExpr>(spanSince(begin));
  lambda->parameters = std::move(parameters);
  lambda->body = body;
  return lambda;
}

const Expr *Parser::parseOr() {
  Span begin = peek().span;
  const Expr *first = parseAnd();
  if (!first || !at("or"))
    return first;
  Exprs operands{first};
  while (accept("or")) {
    const Expr *operand = parseAnd();
    if (!operand)
      return nullptr;
    operands.push_back(operand);
  }
  auto *expr = ast.make<BoolOpExpr>(spanSince(begin));
  expr->isAnd = false;
  expr->operands = std::move(operands);
  return expr;
}

const Expr *Parser::parseAnd() {
  Span begin = peek().span;
  const Expr *first = parseNot();
  if (!first || !at("and"))
    return first;
  Exprs operands{first};
  while (accept("and")) {
    const Expr *operand = parseNot();
    if (!operand)
      return nullptr;
    operands.push_back(operand);
  }
  auto *expr = ast.make<BoolOpExpr>(spanSince(begin));
  expr->operands = std::move(operands);
  return expr;
}

const Expr *Parser::parseNot() {
  if (!at("not"))
    return parseComparison();
  Nested nested(*this);
  if (depth > maxDepth)
    return fail(peek().span, "this expression is nested too deeply");
  Span begin = next().span;
  const Expr *operand = parseNot();
  if (!operand)
    return nullptr;
  auto *expr = ast.make<UnaryExpr>(spanSince(begin));
  expr->op = UnaryOp::Not;
  expr->operand = operand;
  return expr;
}

const Expr *Parser::parseComparison() {
  Span begin = peek().span;
  const Expr *first = parseBinary(1);
  if (!first)
    return nullptr;
  Exprs operands{first};
  std::vector<CompareOp> ops;
  while (true) {
    auto op = llvm::StringSwitch<std::optional<CompareOp>>(peek().text)
                  .Case("==", CompareOp::Eq)
                  .Case("!=", CompareOp::Ne)
                  .Case("<", CompareOp::Lt)
                  .Case("<=", CompareOp::Le)
                  .Case(">", CompareOp::Gt)
                  .Case(">=", CompareOp::Ge)
                  .Case("in", CompareOp::In)
                  .Case("is", CompareOp::Is)
                  .Default(std::nullopt);
    if (at(Token::Kind::String))
      break;
    if (at("not") && peek(1).is("in")) {
      next();
      op = CompareOp::NotIn;
    }
    if (!op)
      break;
    next();
    if (op == CompareOp::Is && accept("not"))
      op = CompareOp::IsNot;
    const Expr *operand = parseBinary(1);
    if (!operand)
      return nullptr;
    ops.push_back(*op);
    operands.push_back(operand);
  }
  if (ops.empty())
    return first;
  auto *expr = ast.make<CompareExpr>(spanSince(begin));
  expr->operands = std::move(operands);
  expr->ops = std::move(ops);
  return expr;
}

const Expr *Parser::parseBinary(unsigned minPrecedence) {
  Span begin = peek().span;
  const Expr *lhs = parseUnary();
  for (unsigned chain = 0; lhs; ++chain) {
    if (!at(Token::Kind::Op))
      return lhs;
    std::optional<OperatorInfo> info = binaryOperator(peek().text);
    if (!info || info->precedence < minPrecedence)
      return lhs;
    if (chain > maxChain)
      return fail(peek().span, "this expression has too many operators");
    Span opSpan = next().span;
    const Expr *rhs = parseBinary(info->precedence + 1);
    if (!rhs)
      return nullptr;
    auto *expr = ast.make<BinaryExpr>(spanSince(begin));
    expr->op = info->op;
    expr->opSpan = opSpan;
    expr->lhs = lhs;
    expr->rhs = rhs;
    lhs = expr;
  }
  return lhs;
}

const Expr *Parser::parseUnary() {
  std::optional<UnaryOp> op;
  if (at("-"))
    op = UnaryOp::Minus;
  else if (at("+"))
    op = UnaryOp::Plus;
  else if (at("~"))
    op = UnaryOp::Invert;
  if (!op || !at(Token::Kind::Op))
    return parsePower();
  Nested nested(*this);
  if (depth > maxDepth)
    return fail(peek().span, "this expression is nested too deeply");
  Span begin = next().span;
  const Expr *operand = parseUnary();
  if (!operand)
    return nullptr;
  auto *expr = ast.make<UnaryExpr>(spanSince(begin));
  expr->op = *op;
  expr->operand = operand;
  return expr;
}

const Expr *Parser::parsePower() {
  Span begin = peek().span;
  const Expr *base = parsePrimary();
  if (!base || !at("**"))
    return base;
  Span opSpan = next().span;
  Nested nested(*this);
  if (depth > maxDepth)
    return fail(opSpan, "this expression is nested too deeply");
  const Expr *exponent = parseUnary();
  if (!exponent)
    return nullptr;
  auto *expr = ast.make<BinaryExpr>(spanSince(begin));
  expr->op = BinaryOp::Pow;
  expr->opSpan = opSpan;
  expr->lhs = base;
  expr->rhs = exponent;
  return expr;
}

//===----------------------------------------------------------------------===//
// Calls, subscripts, attributes
//===----------------------------------------------------------------------===//

const Expr *Parser::parsePrimary() {
  Span begin = peek().span;
  if (at("await"))
    return parseExpr();
  const Expr *expr = parseAtom();
  for (unsigned chain = 0; expr; ++chain) {
    if (chain > maxChain)
      return fail(peek().span, "this expression has too many parts");
    if (at(".") && at(Token::Kind::Op)) {
      next();
      if (!at(Token::Kind::Name))
        return failHere("an attribute's name");
      std::string name = next().text.str();
      auto *attribute = ast.make<AttributeExpr>(spanSince(begin));
      attribute->object = expr;
      attribute->name = std::move(name);
      expr = attribute;
    } else if (at("(")) {
      expr = parseCall(expr, begin);
    } else if (at("[")) {
      expr = parseSubscript(expr, begin);
    } else {
      return expr;
    }
  }
  return expr;
}

const Expr *Parser::parseCall(const Expr *callee, Span begin) {
  next();
  auto *call = ast.make<CallExpr>(begin);
  call->callee = callee;
  while (!at(")")) {
    Span span = peek().span;
    if (accept("**")) {
      const Expr *value = parseExpr();
      if (!value)
        return nullptr;
      call->keywords.push_back({"", span, value});
    } else if (at(Token::Kind::Name) && peek(1).is("=")) {
      std::string name = next().text.str();
      next();
      const Expr *value = parseExpr();
      if (!value)
        return nullptr;
      call->keywords.push_back({std::move(name), span, value});
    } else {
      const Expr *argument = parseStarOrNamed();
      if (argument && (at("for") || at("async")))
        argument = parseComprehension(nullptr, argument, span);
      if (!argument)
        return nullptr;
      call->arguments.push_back(argument);
    }
    if (!accept(","))
      break;
  }
  if (!expect(")", "after the arguments of this call"))
    return nullptr;
  call->span = spanSince(begin);
  return call;
}

const Expr *Parser::parseSubscript(const Expr *object, Span begin) {
  next();
  Span indexBegin = peek().span;
  const Expr *index = parseSliceItem();
  if (index && at(",")) {
    Exprs elements{index};
    while (accept(",")) {
      if (at("]"))
        break;
      const Expr *element = parseSliceItem();
      if (!element)
        return nullptr;
      elements.push_back(element);
    }
    auto *tuple = ast.make<TupleExpr>(spanSince(indexBegin));
    tuple->elements = std::move(elements);
    index = tuple;
  }
  if (!index || !expect("]", "after the index"))
    return nullptr;
  auto *subscript = ast.make<SubscriptExpr>(spanSince(begin));
  subscript->object = object;
  subscript->index = index;
  return subscript;
}

const Expr *Parser::parseSliceItem() {
  Span begin = peek().span;
  const Expr *parts[3] = {};
  if (!at(":")) {
    parts[0] = parseStarOrNamed();
    if (!parts[0] || !at(":"))
      return parts[0];
  }
  for (unsigned i = 1; i < 3 && accept(":"); ++i) {
    if (at(":") || at("]") || at(","))
      continue;
    if (!(parts[i] = parseExpr()))
      return nullptr;
  }
  auto *slice = ast.make<SliceExpr>(spanSince(begin));
  slice->lower = parts[0];
  slice->upper = parts[1];
  slice->step = parts[2];
  return slice;
}
