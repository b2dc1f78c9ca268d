//===- ParseLiteral.cpp - numbers and strings -----------------------------===//
#include "frontend/lang/ParserImpl.h"
#include "llvm/ADT/StringExtras.h"
#include "llvm/Support/ConvertUTF.h"
#include <cstdlib>

using namespace tegula::frontend;
using llvm::StringRef;

//===----------------------------------------------------------------------===//
// Numbers
//===----------------------------------------------------------------------===//

namespace {

/// Reads digits of `radix`; false on a digit that is none, `tooBig` past the
/// 128 bits that compile-time integers have.
bool readInteger(StringRef digits, unsigned radix, __int128 &value,
                 bool &tooBig) {
  const __int128 limit = (static_cast<__int128>(1) << 120) / radix;
  value = 0;
  for (char c : digits) {
    unsigned digit = llvm::hexDigitValue(c);
    if (digit >= radix)
      return false;
    tooBig |= value > limit;
    if (!tooBig)
      value = value * radix + digit;
  }
  return !digits.empty();
}

} // namespace

const Expr *Parser::parseNumber() {
  const Token &token = next();
  std::string text;
  for (char c : token.text)
    if (c != '_')
      text += c;
  StringRef digits = text;
  unsigned radix = 10;
  if (digits.consume_front_insensitive("0x"))
    radix = 16;
  else if (digits.consume_front_insensitive("0o"))
    radix = 8;
  else if (digits.consume_front_insensitive("0b"))
    radix = 2;
  if (radix == 10 && digits.ends_with_insensitive("j")) {
    auto *opaque = ast.make<OpaqueExpr>(token.span);
    opaque->what = "a complex number";
    return opaque;
  }
  if (radix == 10 && digits.find_first_of(".eE") != StringRef::npos) {
    char *end = nullptr;
    double value = std::strtod(text.c_str(), &end);
    if (*end)
      return fail(token.span, "'" + token.text + "' is not a number");
    auto *expr = ast.make<FloatExpr>(token.span);
    expr->value = value;
    return expr;
  }
  auto *expr = ast.make<IntExpr>(token.span);
  if (!readInteger(digits, radix, expr->value, expr->tooBig))
    return fail(token.span, "'" + token.text + "' is not a number");
  return expr;
}

//===----------------------------------------------------------------------===//
// Strings
//===----------------------------------------------------------------------===//

namespace {

void appendUtf8(std::string &out, uint32_t codePoint) {
  char buffer[UNI_MAX_UTF8_BYTES_PER_CODE_POINT];
  char *end = buffer;
  if (llvm::ConvertCodePointToUTF8(codePoint, end))
    out.append(buffer, end);
}

/// Reads `count` hexadecimal digits at `i`; leaves `i` behind them.
bool readHex(StringRef body, size_t &i, unsigned count, uint32_t &value) {
  if (i + count > body.size())
    return false;
  if (body.substr(i, count).getAsInteger(16, value))
    return false;
  i += count;
  return true;
}

/// The character after a backslash at `body[i - 1]`.
void appendEscape(StringRef body, size_t &i, std::string &out) {
  char c = body[i++];
  uint32_t code = 0;
  switch (c) {
  case '\n':
    return;
  case 'n':
    out += '\n';
    return;
  case 't':
    out += '\t';
    return;
  case 'r':
    out += '\r';
    return;
  case 'a':
    out += '\a';
    return;
  case 'b':
    out += '\b';
    return;
  case 'f':
    out += '\f';
    return;
  case 'v':
    out += '\v';
    return;
  case '\\':
  case '\'':
  case '"':
    out += c;
    return;
  case 'x':
  case 'u':
  case 'U':
    if (readHex(body, i, c == 'x' ? 2 : c == 'u' ? 4 : 8, code))
      return appendUtf8(out, code);
    break;
  default:
    if (c >= '0' && c <= '7') {
      code = c - '0';
      for (unsigned n = 0;
           n < 2 && i < body.size() && body[i] >= '0' && body[i] <= '7'; ++n)
        code = code * 8 + (body[i++] - '0');
      return appendUtf8(out, code);
    }
  }
  // Python keeps the backslash of an escape it doesn't know.
  out += '\\';
  out += c;
}

void appendPlain(StringRef body, bool raw, std::string &out) {
  for (size_t i = 0; i < body.size();) {
    if (body[i] == '\\' && !raw && i + 1 < body.size()) {
      ++i;
      appendEscape(body, i, out);
    } else {
      out += body[i++];
    }
  }
}

/// Where the replacement field that starts after `{` at `i` ends: its
/// expression's end (before `!`, `=`, `:` or `}`) and the closing brace.
struct Field {
  size_t exprEnd = 0;
  size_t close = 0;
};
std::optional<Field> findField(StringRef body, size_t i) {
  unsigned depth = 0;
  Field field;
  bool inSpec = false;
  char quote = 0;
  for (; i < body.size(); ++i) {
    char c = body[i];
    if (quote) {
      quote = c == quote ? 0 : quote;
      continue;
    }
    if (!inSpec && (c == '"' || c == '\'')) {
      quote = c;
    } else if (c == '(' || c == '[' || c == '{') {
      ++depth;
    } else if (depth && (c == ')' || c == ']' || c == '}')) {
      --depth;
    } else if (!depth && c == '}') {
      if (!inSpec)
        field.exprEnd = i;
      field.close = i;
      return field;
    } else if (!depth && !inSpec &&
               (c == ':' || (c == '!' && !body.substr(i).starts_with("!=")))) {
      field.exprEnd = i;
      inSpec = true;
    }
  }
  return std::nullopt;
}

} // namespace

bool Parser::appendFString(const Token &token, StringRef body, bool raw,
                           FStringExpr &formatted, std::string &piece) {
  size_t i = 0;
  while (i < body.size()) {
    size_t brace = body.find_first_of("{}", i);
    appendPlain(body.slice(i, brace), raw, piece);
    if (brace == StringRef::npos)
      return true;
    char c = body[brace];
    if (brace + 1 < body.size() && body[brace + 1] == c) {
      piece += c;
      i = brace + 2;
      continue;
    }
    std::optional<Field> field;
    if (c == '{')
      field = findField(body, brace + 1);
    if (!field) {
      fail(token.span, "the braces of this f-string do not match");
      return false;
    }
    StringRef text = body.slice(brace + 1, field->exprEnd).trim();
    // `{x=}` shows the text and the value.
    bool shows = text.ends_with("=") && !text.ends_with("==");
    if (shows) {
      piece += text.str();
      text = text.drop_back().trim();
    }
    const Expr *value =
        parseExpression(ast, text, file, token.span, diagnostics);
    if (!value) {
      failed = true;
      return false;
    }
    formatted.pieces.push_back(std::move(piece));
    piece.clear();
    formatted.values.push_back(value);
    i = field->close + 1;
  }
  return true;
}

/// Adds one literal of a row of adjacent literals.
bool Parser::appendString(const Token &token, std::string &plain,
                          FStringExpr *&formatted, Span begin) {
  StringRef text = token.text;
  StringRef prefix =
      text.take_until([](char c) { return c == '"' || c == '\''; });
  bool raw = prefix.contains_insensitive("r");
  bool format = prefix.contains_insensitive("f");
  StringRef body = text.drop_front(prefix.size());
  StringRef quotes = body.take_front(3);
  bool triple = quotes == "\"\"\"" || quotes == "'''";
  body = body.drop_front(triple ? 3 : 1);
  body = body.drop_back(std::min<size_t>(body.size(), triple ? 3 : 1));
  if (!format) {
    appendPlain(body, raw, plain);
    return true;
  }
  if (!formatted)
    formatted = ast.make<FStringExpr>(begin);
  return appendFString(token, body, raw, *formatted, plain);
}

const Expr *Parser::parseStrings() {
  Span begin = peek().span;
  std::string plain;
  FStringExpr *formatted = nullptr;
  while (at(Token::Kind::String))
    if (!appendString(next(), plain, formatted, begin))
      return nullptr;
  if (formatted) {
    formatted->pieces.push_back(std::move(plain));
    formatted->span = spanSince(begin);
    return formatted;
  }
  auto *expr = ast.make<StringExpr>(spanSince(begin));
  expr->value = std::move(plain);
  return expr;
}
