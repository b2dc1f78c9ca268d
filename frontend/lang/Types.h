//===- Types.h - the types of kernel values -------------------------------===//
#ifndef TEGULA_FRONTEND_LANG_TYPES_H
#define TEGULA_FRONTEND_LANG_TYPES_H

#include "frontend/lang/Literal.h"
#include "mlir/IR/Types.h"
#include "llvm/ADT/SmallVector.h"
#include <string>

namespace tegula::frontend {

using Shape = llvm::SmallVector<int64_t, 4>;

/// The type of a run-time value: an element, or a pointer to one, in a shape.
/// A scalar is no block; a block may have rank 1 and size 1.
struct Type {
  DType element = DType::Void;
  /// How many times it must be dereferenced to reach `element`.
  uint8_t pointers = 0;
  bool isBlock = false;
  Shape shape;

  Type() = default;
  Type(DType element) : element(element) {}
  static Type pointerTo(DType element) {
    Type type(element);
    type.pointers = 1;
    return type;
  }
  static Type block(Type scalar, llvm::ArrayRef<int64_t> shape);

  bool isPointer() const { return pointers != 0; }
  bool isFloat() const { return !pointers && frontend::isFloat(element); }
  bool isInt() const { return !pointers && isInteger(element); }
  bool isUnsigned() const { return !pointers && frontend::isUnsigned(element); }
  bool isBool() const { return !pointers && element == DType::Int1; }
  unsigned bits() const { return pointers ? 64 : bitWidth(element); }
  int64_t numElements() const;

  Type scalar() const;
  Type pointee() const;
  Type withScalar(Type scalar) const;
  Type withShape(llvm::ArrayRef<int64_t> newShape) const {
    return block(scalar(), newShape);
  }

  bool operator==(const Type &other) const {
    return element == other.element && pointers == other.pointers &&
           isBlock == other.isBlock && shape == other.shape;
  }
  /// "int32", "float32[128, 64]", "pointer<bfloat16>[64]".
  std::string str() const;

  mlir::Type toMlir(mlir::MLIRContext *context) const;
};

/// The MLIR type of an element; bool is i1.
mlir::Type toMlir(DType type, mlir::MLIRContext *context);

/// Why two types cannot meet, or the type at which they do.
struct Promotion {
  std::optional<DType> type;
  std::string problem;
};

/// The type of `a op b`. A weak operand is a Python number: it yields to a
/// tensor of the same or a higher kind (bool < int < float).
Promotion promote(DType a, bool aWeak, DType b, bool bWeak, bool divOrMod);
/// C's usual arithmetic conversions.
DType promoteIntegers(DType a, DType b);

/// The type that a Python int takes: int32, else uint32, int64, uint64.
std::optional<DType> typeOfInt(__int128 value);
DType typeOfFloat(double value);
__int128 minValue(DType integer);
__int128 maxValue(DType integer);

} // namespace tegula::frontend

#endif
