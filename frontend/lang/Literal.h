//===- Literal.h - compile-time values that cross the public interface ----===//
#ifndef TEGULA_FRONTEND_LANG_LITERAL_H
#define TEGULA_FRONTEND_LANG_LITERAL_H

#include "llvm/ADT/StringRef.h"
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace tegula::frontend {

/// The element types of the language; signedness lives here and in the ops
/// chosen, not in MLIR's integer types.
enum class DType : uint8_t {
  Void,
  Int1,
  Int8,
  Int16,
  Int32,
  Int64,
  UInt8,
  UInt16,
  UInt32,
  UInt64,
  Float8E4M3,     // tl.float8e4nv
  Float8E4M3FNUZ, // tl.float8e4b8
  Float8E5M2,     // tl.float8e5
  Float8E5M2FNUZ, // tl.float8e5b16
  Float16,
  BFloat16,
  Float32,
  Float64,
};

/// Reads any of the spellings "f32", "float32", "tl.float32", "fp32",
/// "torch.float32"; nothing for other text.
std::optional<DType> parseDType(llvm::StringRef text);
/// "f32": the spelling of the command line.
llvm::StringRef shortName(DType type);
/// "fp32", "int32": the spelling of Triton's own messages.
llvm::StringRef tritonName(DType type);
/// "float32", "int1", "bfloat16": the name in `tl`.
llvm::StringRef languageName(DType type);
unsigned bitWidth(DType type);
bool isFloat(DType type);
bool isInteger(DType type); // int1 included
bool isUnsigned(DType type);

/// A Python value known before the kernel runs.
struct Literal {
  enum class Kind { None, Bool, Int, Float, String, Type, Tuple, Dict };
  Kind kind = Kind::None;
  bool boolean = false;
  __int128 integer = 0;
  double real = 0;
  std::string string;
  /// For Type: the element type; with `pointer`, a pointer to it.
  DType type = DType::Void;
  bool pointer = false;
  /// Tuple: the elements. Dict: key, value, key, value, ...
  std::vector<Literal> elements;

  static Literal none() { return {}; }
  static Literal ofBool(bool value);
  static Literal ofInt(__int128 value);
  static Literal ofFloat(double value);
  static Literal ofString(llvm::StringRef value);
  static Literal ofType(DType value, bool pointer = false);
  static Literal ofTuple(std::vector<Literal> elements);

  bool isNumber() const {
    return kind == Kind::Bool || kind == Kind::Int || kind == Kind::Float;
  }
  /// The value as a number; 0 for what is none.
  int64_t asInt() const;
  double asDouble() const;
  /// As Python's repr() writes it.
  std::string str() const;

  /// Reads what the command line calls a constexpr: a Python literal, a dtype,
  /// or a string, bare or quoted.
  static Literal parse(llvm::StringRef text);
};

} // namespace tegula::frontend

#endif
