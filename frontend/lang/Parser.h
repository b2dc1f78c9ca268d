//===- Parser.h - tokens to a syntax tree ---------------------------------===//
#ifndef TEGULA_FRONTEND_LANG_PARSER_H
#define TEGULA_FRONTEND_LANG_PARSER_H

#include "frontend/lang/Ast.h"

namespace tegula::frontend {

/// Parses a whole file. Errors are reported, and parsing goes on with the next
/// statement, so that one run shows several.
std::unique_ptr<Ast> parseModule(const std::shared_ptr<const SourceFile> &file,
                                 Diagnostics &diagnostics);

/// Parses text that is one expression; null after an error.
const Expr *parseExpression(Ast &ast, llvm::StringRef text,
                            const std::shared_ptr<const SourceFile> &file,
                            Span origin, Diagnostics &diagnostics);

} // namespace tegula::frontend

#endif
