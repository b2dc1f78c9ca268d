//===- Lexer.cpp - Python source text to tokens ---------------------------===//
#include "frontend/lang/Lexer.h"
#include "llvm/ADT/StringExtras.h"
#include "llvm/ADT/Twine.h"

using namespace tegula::frontend;

namespace {

bool startsName(char c) {
  return llvm::isAlpha(c) || c == '_' || static_cast<unsigned char>(c) >= 0x80;
}
bool continuesName(char c) { return startsName(c) || llvm::isDigit(c); }

/// Operators of three, two and one characters, longest first.
constexpr llvm::StringLiteral operators[] = {
    "**=", "//=", ">>=", "<<=", "...", "**", "//", ">>", "<<", "<=", ">=", "==",
    "!=",  "->",  "+=",  "-=",  "*=",  "/=", "%=", "&=", "|=", "^=", "@=", ":=",
    "+",   "-",   "*",   "/",   "%",   "@",  "&",  "|",  "^",  "~",  "<",  ">",
    "(",   ")",   "[",   "]",   "{",   "}",  ",",  ":",  ".",  ";",  "="};

class Lexer {
public:
  Lexer(llvm::StringRef text, std::shared_ptr<const SourceFile> file,
        Span origin, Diagnostics &diagnostics)
      : text(text), file(std::move(file)), diagnostics(diagnostics),
        line(origin.line), columnShift(origin.column - 1) {}

  std::vector<Token> runFile();
  std::vector<Token> runExpression();

private:
  void lexLine();
  bool lexIndentation();
  void lexToken();
  bool lexString();
  void lexNumber();
  void newline();
  void skipNewline();

  bool atEnd() const { return position >= text.size(); }
  char peek(size_t ahead = 0) const {
    return position + ahead < text.size() ? text[position + ahead] : '\0';
  }
  Span spanFrom(size_t begin, unsigned beginLine, size_t beginLineStart) const {
    unsigned column = begin - beginLineStart + 1 + columnShift;
    unsigned length = line == beginLine ? position - begin : 1;
    return {beginLine, column, std::max(1u, length)};
  }
  Span here() const {
    return {line, static_cast<unsigned>(position - lineStart) + 1 + columnShift,
            1};
  }
  void add(Token::Kind kind, size_t begin) {
    tokens.push_back(
        {kind, text.slice(begin, position), spanFrom(begin, line, lineStart)});
  }
  void error(Span span, const llvm::Twine &message) {
    diagnostics.error({file, span.line, span.column, span.length},
                      message.str());
  }

  llvm::StringRef text;
  std::shared_ptr<const SourceFile> file;
  Diagnostics &diagnostics;
  std::vector<Token> tokens;
  std::vector<unsigned> indents{0};
  size_t position = 0;
  size_t lineStart = 0;
  unsigned line = 1;
  unsigned columnShift = 0;
  unsigned brackets = 0;
};

void Lexer::skipNewline() {
  ++position;
  ++line;
  lineStart = position;
  columnShift = 0;
}

/// The spaces at the start of a line; false if the line has no code.
bool Lexer::lexIndentation() {
  unsigned width = 0;
  while (true) {
    char c = peek();
    if (c == ' ')
      ++width;
    else if (c == '\t')
      width = (width / 8 + 1) * 8;
    else if (c == '\f' || c == '\r')
      ;
    else
      break;
    ++position;
  }
  if (peek() == '#')
    while (!atEnd() && peek() != '\n')
      ++position;
  if (atEnd())
    return false;
  if (peek() == '\n') {
    skipNewline();
    return false;
  }
  if (width > indents.back()) {
    indents.push_back(width);
    tokens.push_back({Token::Kind::Indent, {}, here()});
  }
  while (width < indents.back()) {
    indents.pop_back();
    tokens.push_back({Token::Kind::Dedent, {}, here()});
    if (width > indents.back()) {
      error(here(), "this line's indentation matches no outer block");
      indents.push_back(width);
    }
  }
  return true;
}

/// A string literal at `position`, prefix included; false if there is none.
bool Lexer::lexString() {
  size_t begin = position, quoteAt = position;
  bool raw = false;
  while (quoteAt < text.size() && quoteAt - begin < 3 &&
         llvm::StringRef("rRbBuUfFtT").contains(text[quoteAt])) {
    raw |= text[quoteAt] == 'r' || text[quoteAt] == 'R';
    ++quoteAt;
  }
  if (quoteAt >= text.size() || (text[quoteAt] != '"' && text[quoteAt] != '\''))
    return false;
  (void)raw; // in raw strings too, a backslash keeps a quote from ending them
  char quote = text[quoteAt];
  bool triple = text.substr(quoteAt).starts_with(std::string(3, quote));
  unsigned beginLine = line;
  size_t beginLineStart = lineStart;
  position = quoteAt + (triple ? 3 : 1);
  while (true) {
    if (atEnd() || (!triple && peek() == '\n')) {
      error(spanFrom(begin, beginLine, beginLineStart),
            "this string is never closed");
      break;
    }
    char c = peek();
    if (c == '\\' && position + 1 < text.size()) {
      ++position;
      if (peek() == '\n')
        skipNewline();
      else
        ++position;
      continue;
    }
    if (c == '\n') {
      skipNewline();
      continue;
    }
    if (c == quote &&
        (!triple || text.substr(position).starts_with(std::string(3, quote)))) {
      position += triple ? 3 : 1;
      break;
    }
    ++position;
  }
  tokens.push_back({Token::Kind::String, text.slice(begin, position),
                    spanFrom(begin, beginLine, beginLineStart)});
  return true;
}

void Lexer::lexNumber() {
  size_t begin = position;
  if (peek() == '0' && llvm::StringRef("xXoObB").contains(peek(1))) {
    position += 2;
    while (llvm::isAlnum(peek()) || peek() == '_')
      ++position;
  } else {
    while (llvm::isDigit(peek()) || peek() == '_' || peek() == '.')
      ++position;
    if ((peek() == 'e' || peek() == 'E') &&
        (llvm::isDigit(peek(1)) ||
         ((peek(1) == '+' || peek(1) == '-') && llvm::isDigit(peek(2))))) {
      position += 2;
      while (llvm::isDigit(peek()) || peek() == '_')
        ++position;
    }
    if (peek() == 'j' || peek() == 'J')
      ++position;
  }
  add(Token::Kind::Number, begin);
}

void Lexer::lexToken() {
  char c = peek();
  if (lexString())
    return;
  if (startsName(c)) {
    size_t begin = position;
    while (!atEnd() && continuesName(peek()))
      ++position;
    return add(Token::Kind::Name, begin);
  }
  if (llvm::isDigit(c) || (c == '.' && llvm::isDigit(peek(1))))
    return lexNumber();
  for (llvm::StringRef op : operators) {
    if (!text.substr(position).starts_with(op))
      continue;
    size_t begin = position;
    position += op.size();
    if (op == "(" || op == "[" || op == "{")
      ++brackets;
    else if ((op == ")" || op == "]" || op == "}") && brackets)
      --brackets;
    return add(Token::Kind::Op, begin);
  }
  error(here(), llvm::Twine("unexpected character '") +
                    (llvm::isPrint(c) ? std::string(1, c) : std::string("?")) +
                    "'");
  ++position;
}

/// One logical line, its Newline token included.
void Lexer::lexLine() {
  size_t tokensBefore = tokens.size();
  while (!atEnd()) {
    char c = peek();
    if (c == ' ' || c == '\t' || c == '\f' || c == '\r') {
      ++position;
    } else if (c == '#') {
      while (!atEnd() && peek() != '\n')
        ++position;
    } else if (c == '\\' &&
               (peek(1) == '\n' || (peek(1) == '\r' && peek(2) == '\n'))) {
      position += peek(1) == '\r' ? 2 : 1;
      skipNewline();
    } else if (c == '\n') {
      if (!brackets)
        break;
      skipNewline();
    } else {
      lexToken();
    }
  }
  if (tokens.size() != tokensBefore)
    tokens.push_back({Token::Kind::Newline, {}, here()});
  if (!atEnd())
    skipNewline();
}

std::vector<Token> Lexer::runFile() {
  while (!atEnd())
    if (lexIndentation())
      lexLine();
  if (brackets)
    error(here(), "the file ends inside brackets");
  while (indents.size() > 1) {
    indents.pop_back();
    tokens.push_back({Token::Kind::Dedent, {}, here()});
  }
  tokens.push_back({Token::Kind::End, {}, here()});
  return std::move(tokens);
}

std::vector<Token> Lexer::runExpression() {
  brackets = 1; // line ends mean nothing here
  lexLine();
  tokens.push_back({Token::Kind::End, {}, here()});
  return std::move(tokens);
}

} // namespace

std::vector<Token>
tegula::frontend::tokenize(const std::shared_ptr<const SourceFile> &file,
                           Diagnostics &diagnostics) {
  return Lexer(file->text(), file, {1, 1, 1}, diagnostics).runFile();
}

std::vector<Token> tegula::frontend::tokenizeExpression(
    llvm::StringRef text, const std::shared_ptr<const SourceFile> &file,
    Span origin, Diagnostics &diagnostics) {
  return Lexer(text, file, origin, diagnostics).runExpression();
}
