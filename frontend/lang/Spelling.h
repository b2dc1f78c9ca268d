//===- Spelling.h - what a misspelt name was probably meant to be ---------===//
#ifndef TEGULA_FRONTEND_LANG_SPELLING_H
#define TEGULA_FRONTEND_LANG_SPELLING_H

#include "llvm/ADT/StringRef.h"
#include <string>

namespace tegula::frontend {

/// Looks for the name nearest to a misspelt one:
///   Spelling near("laod"); near.consider("load"); near.hint()
///   == "did you mean 'load'?"
class Spelling {
public:
  explicit Spelling(llvm::StringRef name);
  void consider(llvm::StringRef candidate);
  /// Empty if no candidate is near.
  std::string hint() const;

private:
  std::string name, best;
  unsigned limit; // the largest distance that still counts
};

} // namespace tegula::frontend

#endif
