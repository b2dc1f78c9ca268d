//===- Diagnostics.h - what is wrong with a kernel, and where -------------===//
//
// Errors and warnings about source text, several per run. Each has a place,
// a message and perhaps a hint; `render` shows the source line and a caret.
//
//===----------------------------------------------------------------------===//
#ifndef TEGULA_FRONTEND_LANG_DIAGNOSTICS_H
#define TEGULA_FRONTEND_LANG_DIAGNOSTICS_H

#include "frontend/lang/SourceFile.h"
#include "llvm/Support/raw_ostream.h"
#include <memory>
#include <string>
#include <vector>

namespace tegula::frontend {

/// A place in a source file. Lines and columns count from 1; line 0 means
/// that only the file is known.
struct SourceRange {
  std::shared_ptr<const SourceFile> file;
  unsigned line = 0;
  unsigned column = 0;
  /// How many characters the caret line underlines.
  unsigned length = 1;
};

struct Diagnostic {
  enum class Kind { Error, Warning, Note };
  Kind kind = Kind::Error;
  SourceRange where;
  std::string message;
  std::string hint;
  /// The call sites that led to `where`, innermost first.
  std::vector<SourceRange> calls;
};

/// Collects the diagnostics of one import.
class Diagnostics {
public:
  /// More errors than this are counted but not kept.
  static constexpr size_t maxErrors = 20;

  Diagnostic &report(Diagnostic::Kind kind, SourceRange where,
                     std::string message);
  Diagnostic &error(SourceRange where, std::string message) {
    return report(Diagnostic::Kind::Error, std::move(where),
                  std::move(message));
  }
  Diagnostic &warning(SourceRange where, std::string message) {
    return report(Diagnostic::Kind::Warning, std::move(where),
                  std::move(message));
  }

  bool hasErrors() const { return numErrors != 0; }
  size_t errorCount() const { return numErrors; }
  const std::vector<Diagnostic> &all() const { return diagnostics; }

  /// Puts the diagnostics of one file into the order of its lines.
  void sortByPlace();

  /// Everything as text: "file:line:column: error: message", the source line,
  /// a caret, the hint and the calls that led there.
  void render(llvm::raw_ostream &os) const;
  std::string str() const;

private:
  std::vector<Diagnostic> diagnostics;
  Diagnostic overflow;
  size_t numErrors = 0;
};

} // namespace tegula::frontend

#endif
