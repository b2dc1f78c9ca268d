//===- Lexer.h - Python source text to tokens -----------------------------===//
#ifndef TEGULA_FRONTEND_LANG_LEXER_H
#define TEGULA_FRONTEND_LANG_LEXER_H

#include "frontend/lang/Diagnostics.h"
#include "llvm/ADT/StringRef.h"
#include <memory>
#include <vector>

namespace tegula::frontend {

/// A place without its file: what syntax trees keep.
struct Span {
  unsigned line = 0;
  unsigned column = 0;
  unsigned length = 1;
};

struct Token {
  enum class Kind : uint8_t {
    Name,    // also keywords
    Number,  //
    String,  // prefix, quotes and all
    Op,      // operators and brackets
    Newline, // the end of a logical line
    Indent,
    Dedent,
    End,
  };
  Kind kind = Kind::End;
  llvm::StringRef text;
  Span span;

  bool is(llvm::StringRef spelling) const {
    return (kind == Kind::Op || kind == Kind::Name) && text == spelling;
  }
};

/// Splits a whole file. Errors are reported; the rest is still split.
std::vector<Token> tokenize(const std::shared_ptr<const SourceFile> &file,
                            Diagnostics &diagnostics);

/// Splits one expression that stands at `origin` of `file` (the inside of an
/// f-string, a command-line expression).
std::vector<Token>
tokenizeExpression(llvm::StringRef text,
                   const std::shared_ptr<const SourceFile> &file, Span origin,
                   Diagnostics &diagnostics);

} // namespace tegula::frontend

#endif
