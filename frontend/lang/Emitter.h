//===- Emitter.h - typed operations to tile IR ----------------------------===//
//
// Makes IR for operations on run-time values with the language's typing:
// promotion, broadcasting, signedness. Numbers are accepted where tensors are
// and stay weak (they take the other operand's type). Errors go to the
// reporter and give a poison value.
//
//===----------------------------------------------------------------------===//
#ifndef TEGULA_FRONTEND_LANG_EMITTER_H
#define TEGULA_FRONTEND_LANG_EMITTER_H

#include "frontend/lang/Value.h"
#include "ir/tile/Tile.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Math/IR/Math.h"
#include "mlir/IR/ImplicitLocOpBuilder.h"
#include "llvm/ADT/Twine.h"

namespace tegula::frontend {

class Reporter {
public:
  virtual ~Reporter() = default;
  /// Reports at the place that is evaluated now; gives a poison value.
  virtual Value error(const llvm::Twine &message,
                      const llvm::Twine &hint = "") = 0;
  virtual void warning(const llvm::Twine &message) = 0;
};

class Emitter {
public:
  Emitter(mlir::MLIRContext *context, Reporter &reporter)
      : b(mlir::UnknownLoc::get(context), context), reporter(reporter) {}

  mlir::ImplicitLocOpBuilder &builder() { return b; }
  mlir::MLIRContext *context() { return b.getContext(); }

  // Constants and conversions (EmitCast.cpp).
  Value constant(const Value &number, DType type);
  Value constantInt(__int128 value, DType type = DType::Int32) {
    return constant(Value::ofInt(value), type);
  }
  /// A number becomes a scalar of its natural type.
  Value toTensor(const Value &value);
  Value cast(const Value &value, const Type &scalar,
             tile::Rounding rounding = tile::Rounding::RTNE);
  Value bitcast(const Value &value, const Type &scalar);
  /// A tensor or number as a boolean of the same shape.
  Value toBool(const Value &value) {
    return cast(toTensor(value), DType::Int1);
  }

  // Shapes (EmitShape.cpp).
  /// Reports a shape that no tensor can have: Triton's limits.
  bool isTensorShape(llvm::ArrayRef<int64_t> shape);
  Value splat(const Value &scalar, llvm::ArrayRef<int64_t> shape);
  Value broadcastTo(const Value &value, llvm::ArrayRef<int64_t> shape);
  /// Gives both the same shape; false after an error.
  bool broadcast(Value &lhs, Value &rhs);
  bool broadcastAll(Values &values);
  Value expandDims(const Value &value, int64_t axis);
  Value reshape(const Value &value, llvm::ArrayRef<int64_t> shape,
                bool canReorder = false);
  Value transpose(const Value &value, llvm::ArrayRef<int32_t> order);
  Value unsplat(const Value &value);

  // Arithmetic (EmitArith.cpp).
  Value binary(BinaryOp op, const Value &lhs, const Value &rhs);
  Value compare(CompareOp op, const Value &lhs, const Value &rhs);
  Value minus(const Value &value);
  Value invert(const Value &value);
  Value logicalNot(const Value &value);
  Value logical(bool isAnd, const Value &lhs, const Value &rhs);
  Value where(const Value &condition, const Value &x, const Value &y);
  Value minMax(bool isMax, const Value &lhs, const Value &rhs,
               bool propagateNan);
  /// Promotes, converts and broadcasts both operands; false after an error.
  struct Operands {
    bool lhsPointer = false, rhsPointer = false, divOrMod = false;
  };
  bool unify(Value &lhs, Value &rhs, Operands options);
  /// The type at which all values meet, which they are converted to.
  bool unifyAll(Values &values);
  template <typename Op> Value make(const Type &type, mlir::Value operand) {
    return Value::ofTensor(Op::create(b, operand), type);
  }

  Value wrap(mlir::Value handle, const Type &type) {
    return Value::ofTensor(handle, type);
  }
  mlir::Type mlirType(const Type &type) { return type.toMlir(context()); }
  Value error(const llvm::Twine &message, const llvm::Twine &hint = "") {
    return reporter.error(message, hint);
  }

private:
  Value castFloat(const Value &value, const Type &to, tile::Rounding rounding);
  Value castInt(const Value &value, const Type &to);
  Value castPointer(const Value &value, const Type &to);
  Value addPointer(const Value &pointer, const Value &offset);
  Value floatBinary(BinaryOp op, const Value &lhs, const Value &rhs);
  Value intBinary(BinaryOp op, const Value &lhs, const Value &rhs);
  Value bitwise(BinaryOp op, Value lhs, Value rhs);
  std::optional<DType> scalarType(const Value &value);
  Value toComputationType(const Value &value, DType type);

  mlir::ImplicitLocOpBuilder b;
  Reporter &reporter;
};

} // namespace tegula::frontend

#endif
