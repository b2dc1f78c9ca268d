//===- SourceFile.h - the text of a kernel file ---------------------------===//
#ifndef TEGULA_FRONTEND_LANG_SOURCEFILE_H
#define TEGULA_FRONTEND_LANG_SOURCEFILE_H

#include "llvm/ADT/StringRef.h"
#include "llvm/Support/Error.h"
#include <memory>
#include <string>
#include <vector>

namespace tegula::frontend {

/// A file's name and text, with its lines found once.
class SourceFile {
public:
  /// Reads `path`; "-" is the standard input.
  static llvm::Expected<std::shared_ptr<const SourceFile>>
  open(llvm::StringRef path);
  static std::shared_ptr<const SourceFile> fromText(llvm::StringRef path,
                                                    llvm::StringRef text);

  llvm::StringRef path() const { return name; }
  llvm::StringRef text() const { return contents; }
  /// Line `number` (from 1) without its line end; empty past the end.
  llvm::StringRef line(unsigned number) const;
  unsigned lineCount() const { return lineStarts.size(); }

private:
  SourceFile() = default;
  std::string name;
  std::string contents;
  std::vector<size_t> lineStarts;
};

} // namespace tegula::frontend

#endif
