// The corpus of kernels: one folder per kernel with NAME.py, reference.cpp,
// spec.json and README.md. This header lists the kernels and reads their specs;
// Reference.h calls references, Peer.h times other implementations, Elements.h
// compares results. No LLVM; errors come back as text.
//
//   Spec spec;
//   if (MaybeError error = loadSpec(kernelsFolder() / "softmax", spec)) ...
//   for (const Case &c : spec.cases)
//     for (const std::string &dtype : c.dtypes) {
//       ... substitute(c.args, dtype) ...   // NAME=VALUE of the command line
//       ... run, then callReference("softmax", call), outputError(...)
//     }
#ifndef TEGULA_KERNELS_CORPUS_H
#define TEGULA_KERNELS_CORPUS_H

#include "kernels/Elements.h"
#include "kernels/Expression.h"
#include "kernels/Reference.h"

#include <filesystem>
#include <map>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace tegula::corpus {

// Arguments in the order of spec.json: name and value as on the command line.
using Arguments = std::vector<std::pair<std::string, std::string>>;

// One set of arguments, for each of `dtypes`.
struct Case {
  std::string name;
  // "f32", …: what `{dtype}` stands for. Never empty; a kernel without a
  // choice of types names the type of its data.
  std::vector<std::string> dtypes;
  Arguments args;
  // Expressions over the arguments, see Expression.h. `flops` and `bytes` are
  // empty when they mean nothing for the kernel; `bytes` counts the compulsory
  // ones (each input and output once).
  std::string grid, flops, bytes;
  // The arrays to compare, by argument name.
  std::vector<std::string> outputs;
  // Per dtype, the largest elementError allowed against float64.
  std::map<std::string, double, std::less<>> tolerance;
  std::vector<std::string> peers;
  // Tiny: runs in the default tests on every target, the interpreter included.
  bool smoke = false;
};

struct Spec {
  // The folder's name, e.g. "softmax"; NAME.py in it holds the kernel.
  std::string name;
  std::filesystem::path folder;
  // The function in NAME.py.
  std::string kernel;
  std::vector<Case> cases;
  // What the tuner may try, constexprs and launch options alike.
  std::vector<std::pair<std::string, std::vector<std::string>>> tune;

  std::filesystem::path source() const { return folder / (name + ".py"); }
};

// All kernels in the library, sorted.
std::vector<std::string_view> kernelNames();

// Where the kernels' files are: `installed` (for instance <prefix>/share/
// tegula/kernels) when it is a folder, else this build's source folder.
std::filesystem::path
kernelsFolder(const std::filesystem::path &installed = {});

// Reads FOLDER/spec.json. Works for folders outside the corpus too (they have
// no reference).
MaybeError loadSpec(const std::filesystem::path &folder, Spec &spec);

// Reads a spec from text; `origin` names it in errors.
MaybeError parseSpec(std::string_view text, std::string_view origin,
                     Spec &spec);

// Replaces `{dtype}` in the values.
Arguments substitute(const Arguments &args, std::string_view dtype);

// The scope in which a case's grid, flops and bytes are evaluated: arrays with
// their shapes, numbers, True and False as 1 and 0; other texts are left out.
// An array given by a file (`@x.npy`) has no known shape and is an error.
MaybeError scopeOf(const Arguments &substituted, ExpressionScope &scope);

// Gives a call every argument that is not an array, from its command-line
// value: numbers (`5`, `i64:5`, `1e-5`), True and False as 1 and 0, everything
// else as text without its quotes. The caller adds the arrays.
class PeerCall;
void addScalars(const Arguments &substituted, ReferenceCall &call);
void addScalars(const Arguments &substituted, PeerCall &call);

} // namespace tegula::corpus

#endif // TEGULA_KERNELS_CORPUS_H
