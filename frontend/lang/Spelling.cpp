//===- Spelling.cpp - what a misspelt name was probably meant to be -------===//
#include "frontend/lang/Spelling.h"
#include "llvm/ADT/STLExtras.h"

using namespace tegula::frontend;
using llvm::StringRef;

namespace {

/// "lt" for "tl": letters out of order, which edit distance counts twice.
bool sameLetters(StringRef a, StringRef b) {
  std::string x = a.str(), y = b.str();
  llvm::sort(x);
  llvm::sort(y);
  return x == y;
}

} // namespace

// A name of two letters is near to too many: only its own letters count.
Spelling::Spelling(StringRef name)
    : name(name), limit(name.size() < 3 ? 0 : (name.size() + 2) / 3) {}

void Spelling::consider(StringRef candidate) {
  if (candidate == name || candidate.empty())
    return;
  std::string given = StringRef(name).lower(), other = candidate.lower();
  unsigned distance = given == other || sameLetters(given, other)
                          ? 0
                          : StringRef(given).edit_distance(
                                other, /*AllowReplacements=*/true, limit + 1);
  bool nearer = distance < limit || (distance == limit && best.empty());
  if (!nearer || distance >= candidate.size())
    return;
  limit = distance;
  best = candidate.str();
}

std::string Spelling::hint() const {
  return best.empty() ? "" : "did you mean '" + best + "'?";
}
