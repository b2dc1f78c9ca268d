//===- Diagnostics.cpp - showing what is wrong ----------------------------===//
#include "frontend/lang/Diagnostics.h"
#include "llvm/ADT/STLExtras.h"

using namespace tegula::frontend;

Diagnostic &Diagnostics::report(Diagnostic::Kind kind, SourceRange where,
                                std::string message) {
  Diagnostic made;
  made.kind = kind;
  made.where = std::move(where);
  made.message = std::move(message);
  if (kind == Diagnostic::Kind::Error) {
    ++numErrors;
    // The same place is told once: unrolled loops and inlined calls visit it
    // many times.
    for (Diagnostic &old : diagnostics)
      if (old.where.file == made.where.file &&
          old.where.line == made.where.line &&
          old.where.column == made.where.column && old.message == made.message)
        return overflow = std::move(made);
    if (numErrors > maxErrors)
      return overflow = std::move(made);
  }
  diagnostics.push_back(std::move(made));
  return diagnostics.back();
}

void Diagnostics::sortByPlace() {
  llvm::sort(diagnostics, [](const Diagnostic &a, const Diagnostic &b) {
    return std::pair(a.where.line, a.where.column) <
           std::pair(b.where.line, b.where.column);
  });
}

namespace {

llvm::StringRef kindName(Diagnostic::Kind kind) {
  switch (kind) {
  case Diagnostic::Kind::Error:
    return "error";
  case Diagnostic::Kind::Warning:
    return "warning";
  case Diagnostic::Kind::Note:
    return "note";
  }
  return "error";
}

void printPlace(llvm::raw_ostream &os, const SourceRange &where) {
  if (!where.file)
    return;
  os << where.file->path() << ':';
  if (where.line)
    os << where.line << ':' << where.column << ':';
  os << ' ';
}

/// A name or a string of the kernel may be of any length.
void printText(llvm::raw_ostream &os, llvm::StringRef text) {
  constexpr size_t longest = 2000, half = longest / 2;
  if (text.size() <= longest)
    os << text << '\n';
  else
    os << text.take_front(half) << " ... " << text.take_back(half) << '\n';
}

void printCaret(llvm::raw_ostream &os, const SourceRange &where) {
  if (!where.file || !where.line || where.line > where.file->lineCount())
    return;
  llvm::StringRef line = where.file->line(where.line);
  size_t column = where.column ? where.column - 1 : 0;
  // Of a very long line, what stands around the place.
  constexpr size_t widest = 200, around = 80;
  if (line.size() > widest) {
    size_t begin = column > around ? column - around : 0;
    line = line.substr(begin, 2 * around);
    column -= begin;
  }
  os << "    ";
  for (char c : line)
    os << (c == '\t' || static_cast<unsigned char>(c) >= ' ' ? c : '?');
  os << "\n    ";
  for (size_t i = 0; i < column && i < line.size(); ++i)
    os << (line[i] == '\t' ? '\t' : ' ');
  os << '^';
  for (size_t i = 1; i < where.length && column + i < line.size(); ++i)
    os << '~';
  os << '\n';
}

} // namespace

void Diagnostics::render(llvm::raw_ostream &os) const {
  for (const Diagnostic &diagnostic : diagnostics) {
    printPlace(os, diagnostic.where);
    os << kindName(diagnostic.kind) << ": ";
    printText(os, diagnostic.message);
    printCaret(os, diagnostic.where);
    if (!diagnostic.hint.empty()) {
      os << "    hint: ";
      printText(os, diagnostic.hint);
    }
    for (const SourceRange &call : diagnostic.calls) {
      printPlace(os, call);
      os << "note: called from here\n";
      printCaret(os, call);
    }
  }
  if (numErrors > maxErrors)
    os << "error: " << numErrors - maxErrors << " more errors not shown\n";
}

std::string Diagnostics::str() const {
  std::string text;
  llvm::raw_string_ostream os(text);
  render(os);
  return text;
}
