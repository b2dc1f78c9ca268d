//===- Builtins.h - the functions of the language -------------------------===//
//
// Each family is a table of {name, signature, handler}. The signature is
// Python text; arguments are bound to it before the handler runs. To add a
// function: one line in a table and its handler.
//
//===----------------------------------------------------------------------===//
#ifndef TEGULA_FRONTEND_LANG_BUILTINS_H
#define TEGULA_FRONTEND_LANG_BUILTINS_H

#include "frontend/lang/Value.h"
#include "llvm/ADT/ArrayRef.h"

namespace tegula::frontend {

class Evaluator;
class Emitter;

/// The arguments of one call in the order of the signature; what `*rest` took
/// is a tuple.
class Arguments {
public:
  const BuiltinInfo *info = nullptr;
  Values values;
  const Value &operator[](size_t i) const { return values[i]; }
  size_t size() const { return values.size(); }
};

using BuiltinHandler = Value (*)(Evaluator &, const Arguments &);

struct BuiltinInfo {
  /// "tl.load", "tl.math.exp", "libdevice.atan2", "python.len", "triton.cdiv".
  const char *name;
  /// "pointer, mask=None, *, volatile=False"; "*args" takes the rest.
  const char *signature;
  BuiltinHandler handler;
  /// Also a method of tensors: x.sum(axis) is tl.sum(x, axis).
  bool isMethod = false;
};

// One table per family (BuiltinsX.cpp).
llvm::ArrayRef<BuiltinInfo> pythonBuiltins();  // len, min, int, range, ...
llvm::ArrayRef<BuiltinInfo> hostBuiltins();    // math.*, triton.*, methods
llvm::ArrayRef<BuiltinInfo> programBuiltins(); // program_id, assert, print
llvm::ArrayRef<BuiltinInfo> shapeBuiltins();
llvm::ArrayRef<BuiltinInfo> memoryBuiltins();
llvm::ArrayRef<BuiltinInfo> blockBuiltins(); // block pointers, descriptors
llvm::ArrayRef<BuiltinInfo> atomicBuiltins();
llvm::ArrayRef<BuiltinInfo> mathBuiltins();
llvm::ArrayRef<BuiltinInfo> libdeviceBuiltins();
llvm::ArrayRef<BuiltinInfo> reduceBuiltins();
llvm::ArrayRef<BuiltinInfo> dotBuiltins();
llvm::ArrayRef<BuiltinInfo> typeBuiltins(); // dtype, pointer_type, constexpr

/// Every table.
std::vector<llvm::ArrayRef<BuiltinInfo>> allBuiltins();

/// A parameter of a signature text.
struct BuiltinParameter {
  llvm::StringRef name;
  std::optional<Value> defaultValue;
  bool takesRest = false;
  bool keywordOnly = false;
};
std::vector<BuiltinParameter> parseSignature(llvm::StringRef text);

} // namespace tegula::frontend

#endif
