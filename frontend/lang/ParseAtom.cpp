//===- ParseAtom.cpp - names, brackets, comprehensions, parameters --------===//
#include "frontend/lang/ParserImpl.h"

using namespace tegula::frontend;
using llvm::StringRef;

//===----------------------------------------------------------------------===//
// Atoms
//===----------------------------------------------------------------------===//

const Expr *Parser::parseAtom() {
  const Token &token = peek();
  switch (token.kind) {
  case Token::Kind::Number:
    return parseNumber();
  case Token::Kind::String:
    return parseStrings();
  case Token::Kind::Op:
    if (at("("))
      return parseParenthesized();
    if (at("["))
      return parseListDisplay();
    if (at("{"))
      return parseBraces();
    if (at("...")) {
      auto *constant = ast.make<ConstantExpr>(next().span);
      constant->value = ConstantKind::Ellipsis;
      return constant;
    }
    return failHere("an expression");
  case Token::Kind::Name: {
    if (at("None") || at("True") || at("False")) {
      auto *constant = ast.make<ConstantExpr>(token.span);
      constant->value = at("None")   ? ConstantKind::None
                        : at("True") ? ConstantKind::True
                                     : ConstantKind::False;
      next();
      return constant;
    }
    if (!atName())
      return failHere("an expression");
    auto *name = ast.make<NameExpr>(token.span);
    name->name = next().text.str();
    return name;
  }
  default:
    return failHere("an expression");
  }
}

const Expr *Parser::parseParenthesized() {
  Nested nested(*this);
  if (depth > maxDepth)
    return fail(peek().span, "this expression is nested too deeply");
  Span begin = next().span;
  if (accept(")"))
    return ast.make<TupleExpr>(spanSince(begin));
  const Expr *expr = at("yield") ? parseExpr() : parseExpressionList();
  if (expr && (at("for") || at("async")))
    expr = parseComprehension(nullptr, expr, begin);
  if (!expr || !expect(")", "to close the bracket"))
    return nullptr;
  return expr;
}

const Expr *Parser::parseListDisplay() {
  Nested nested(*this);
  if (depth > maxDepth)
    return fail(peek().span, "this expression is nested too deeply");
  Span begin = next().span;
  Exprs elements;
  while (!at("]")) {
    const Expr *element = parseStarOrNamed();
    if (element && elements.empty() && (at("for") || at("async"))) {
      element = parseComprehension(nullptr, element, begin);
      if (!element || !expect("]", "to close the list"))
        return nullptr;
      return element;
    }
    if (!element)
      return nullptr;
    elements.push_back(element);
    if (!accept(","))
      break;
  }
  if (!expect("]", "to close the list"))
    return nullptr;
  auto *list = ast.make<ListExpr>(spanSince(begin));
  list->elements = std::move(elements);
  return list;
}

/// One `key: value`, `**mapping` or set element; the comprehension if that is
/// what follows.
const Expr *Parser::parseBracesElement(DictExpr *dict, bool &isSet) {
  Span begin = peek().span;
  if (accept("**")) {
    const Expr *value = parseBinary(1);
    dict->items.insert(dict->items.end(), {nullptr, value});
    return value;
  }
  const Expr *key = parseStarOrNamed();
  if (!key)
    return nullptr;
  const Expr *value = nullptr;
  if (accept(":")) {
    if (!(value = parseExpr()))
      return nullptr;
  } else {
    isSet = true;
  }
  if (at("for") || at("async"))
    return parseComprehension(value ? key : nullptr, value ? value : key,
                              begin);
  dict->items.insert(dict->items.end(), {key, value});
  return key;
}

const Expr *Parser::parseBraces() {
  Nested nested(*this);
  if (depth > maxDepth)
    return fail(peek().span, "this expression is nested too deeply");
  Span begin = next().span;
  auto *dict = ast.make<DictExpr>(begin);
  bool isSet = false;
  while (!at("}")) {
    const Expr *element = parseBracesElement(dict, isSet);
    if (!element)
      return nullptr;
    if (dict->items.empty() && llvm::isa<ComprehensionExpr>(element)) {
      if (!expect("}", "to close the comprehension"))
        return nullptr;
      return element;
    }
    if (!accept(","))
      break;
  }
  if (!expect("}", "to close the braces"))
    return nullptr;
  dict->span = spanSince(begin);
  if (!isSet)
    return dict;
  auto *opaque = ast.make<OpaqueExpr>(dict->span);
  opaque->what = "a set";
  return opaque;
}

const Expr *Parser::parseTargetList() {
  Span begin = peek().span;
  Exprs elements;
  bool comma = false;
  do {
    if (at("in") || at("="))
      break;
    const Expr *element = nullptr;
    if (at("*")) {
      element = parseStarOrNamed();
    } else {
      element = parsePrimary();
    }
    if (!element)
      return nullptr;
    elements.push_back(element);
    comma |= at(",");
  } while (accept(","));
  if (!comma)
    return elements.empty() ? nullptr : elements.front();
  auto *tuple = ast.make<TupleExpr>(spanSince(begin));
  tuple->elements = std::move(elements);
  return tuple;
}

const Expr *Parser::parseComprehension(const Expr *key, const Expr *element,
                                       Span begin) {
  auto *expr = ast.make<ComprehensionExpr>(begin);
  expr->isDict = key != nullptr;
  expr->key = key;
  expr->element = element;
  while (at("for") || at("async")) {
    accept("async");
    if (!expect("for", "of the comprehension"))
      return nullptr;
    ComprehensionExpr::Clause clause;
    clause.target = parseTargetList();
    if (!clause.target || !expect("in", "of the comprehension"))
      return nullptr;
    if (!(clause.iterable = parseOr()))
      return nullptr;
    while (accept("if")) {
      const Expr *condition =
          atName() && peek(1).is(":=") ? parseNamed() : parseOr();
      if (!condition)
        return nullptr;
      clause.conditions.push_back(condition);
    }
    expr->clauses.push_back(std::move(clause));
  }
  expr->span = spanSince(begin);
  return expr;
}

//===----------------------------------------------------------------------===//
// Parameters
//===----------------------------------------------------------------------===//

bool Parser::parseParameters(StringRef close, bool annotations,
                             std::vector<Parameter> &parameters) {
  bool keywordOnly = false;
  while (!at(close)) {
    if (accept("/")) {
      // Positional-only parameters behave as ordinary ones here.
    } else if (at("*") && (peek(1).is(",") || peek(1).is(close))) {
      next();
      keywordOnly = true;
    } else {
      Parameter parameter;
      if (accept("*")) {
        parameter.kind = Parameter::Kind::VarArgs;
        keywordOnly = true;
      } else if (accept("**")) {
        parameter.kind = Parameter::Kind::KeywordArgs;
      } else if (keywordOnly) {
        parameter.kind = Parameter::Kind::KeywordOnly;
      }
      parameter.span = peek().span;
      parameter.name = takeName("a parameter's name");
      if (failed)
        return false;
      if (annotations && accept(":")) {
        size_t begin = position;
        parameter.annotation = parseStarOrNamed();
        if (!parameter.annotation)
          return false;
        parameter.annotationText = textOf(begin, position);
      }
      if (accept("=") && !(parameter.defaultValue = parseExpr()))
        return false;
      parameters.push_back(std::move(parameter));
    }
    if (!accept(","))
      break;
  }
  return true;
}
