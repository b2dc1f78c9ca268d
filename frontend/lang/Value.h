//===- Value.h - what an expression of a kernel file evaluates to ---------===//
//
// One class for what is known while compiling (numbers, strings, types,
// functions, modules) and for what exists only at run time (tensors, block
// pointers, descriptors). Values are immutable and cheap to copy.
//
//===----------------------------------------------------------------------===//
#ifndef TEGULA_FRONTEND_LANG_VALUE_H
#define TEGULA_FRONTEND_LANG_VALUE_H

#include "frontend/lang/Ast.h"
#include "frontend/lang/Literal.h"
#include "frontend/lang/Types.h"
#include "mlir/IR/Value.h"
#include <map>
#include <memory>
#include <string>
#include <vector>

namespace tegula::frontend {

class Module;
class Value;
struct BuiltinInfo;
using Scope = std::map<std::string, Value, std::less<>>;
using Values = std::vector<Value>;

class Value {
public:
  enum class Kind : uint8_t {
    Poison,  // an error was reported already
    Unknown, // host code that cannot be computed; the reason is kept
    None,
    Ellipsis,
    Bool,
    Int,
    Float,
    String,
    Type,
    Tuple, // and list
    Dict,
    Function, // def or lambda
    Builtin,
    Module, // a file, or a namespace of the language
    Method, // a function with its first argument
    Slice,
    Range,  // range, tl.range, tl.static_range
    Object, // named fields: a Config, a host array
    Tensor, // a run-time scalar or tensor
    BlockPointer,
    Descriptor,
  };
  struct TupleData;
  struct DictData;
  struct FunctionData;
  struct ModuleData;
  struct MethodData;
  struct SliceData;
  struct RangeData;
  struct ObjectData;
  struct BlockPointerData;
  struct DescriptorData;

  Value() = default; // None
  static Value poison() { return Value(Kind::Poison); }
  static Value unknown(std::string reason);
  static Value none() { return {}; }
  static Value ellipsis() { return Value(Kind::Ellipsis); }
  static Value ofBool(bool value);
  static Value ofInt(__int128 value);
  static Value ofFloat(double value);
  static Value ofString(std::string value);
  static Value ofType(Type type);
  static Value ofTuple(Values elements, bool isList = false);
  static Value ofDict(DictData data);
  static Value ofFunction(FunctionData data);
  static Value ofBuiltin(const BuiltinInfo *info);
  static Value ofNamespace(std::string path);
  static Value ofModule(std::shared_ptr<Module> module);
  static Value ofMethod(Value self, Value function);
  static Value ofSlice(SliceData data);
  static Value ofRange(RangeData data);
  static Value ofObject(ObjectData data);
  static Value ofTensor(mlir::Value handle, Type type);
  static Value ofBlockPointer(BlockPointerData data);
  static Value ofDescriptor(DescriptorData data);
  static Value fromLiteral(const Literal &literal);

  Kind kind() const { return kindOf; }
  bool is(Kind kind) const { return kindOf == kind; }
  bool isPoison() const { return is(Kind::Poison); }
  bool isUnknown() const { return is(Kind::Unknown); }
  bool isNone() const { return is(Kind::None); }
  bool isTensor() const { return is(Kind::Tensor); }
  bool isTuple() const { return is(Kind::Tuple); }
  bool isString() const { return is(Kind::String); }
  bool isType() const { return is(Kind::Type); }
  bool isInt() const { return is(Kind::Int) || is(Kind::Bool); }
  /// A Python number: bool, int or float.
  bool isNumber() const { return isInt() || is(Kind::Float); }
  /// Exists only at run time (a tuple counts if one of its elements does).
  bool isRuntime() const;
  bool isScalarTensor() const { return isTensor() && !type().isBlock; }

  bool boolean() const { return integerOf != 0; }
  __int128 integer() const { return integerOf; }
  double real() const { return realOf; }
  /// Any number as a double.
  double asDouble() const {
    return is(Kind::Float) ? realOf : static_cast<double>(integerOf);
  }
  /// Python's bool(x); a tensor has none.
  bool truthy() const;
  const std::string &string() const; // String, and Unknown's reason
  const Type &type() const;          // Type and Tensor
  mlir::Value handle() const { return handleOf; }
  const Values &elements() const; // Tuple
  const TupleData &tuple() const;
  const DictData &dict() const;
  const FunctionData &function() const;
  const BuiltinInfo *builtin() const { return builtinOf; }
  const ModuleData &module() const;
  const MethodData &method() const;
  const SliceData &slice() const;
  const RangeData &range() const;
  const ObjectData &object() const;
  const BlockPointerData &blockPointer() const;
  const DescriptorData &descriptor() const;

  /// What error messages call it: "float32[128]", "the integer 3", ...
  std::string describe() const;
  /// As Python's str() prints it.
  std::string str() const;
  std::optional<Literal> toLiteral() const;

  /// Python's `==` between compile-time values.
  bool equals(const Value &other) const;

private:
  explicit Value(Kind kind) : kindOf(kind) {}
  template <typename T> static Value with(Kind kind, T data);
  template <typename T> const T &get() const {
    return *static_cast<const T *>(data.get());
  }

  Kind kindOf = Kind::None;
  double realOf = 0;
  __int128 integerOf = 0;
  mlir::Value handleOf;
  const BuiltinInfo *builtinOf = nullptr;
  std::shared_ptr<const void> data;
};

struct Value::TupleData {
  Values elements;
  bool isList = false;
};
struct Value::DictData {
  std::vector<std::pair<Value, Value>> items;
  const Value *find(const Value &key) const;
};
struct Value::FunctionData {
  std::string name;
  const FunctionStmt *def = nullptr;  // one of these
  const LambdaExpr *lambda = nullptr; //
  std::shared_ptr<Module> module;
  /// What a lambda or nested function sees of its surroundings.
  std::shared_ptr<const Scope> closure;
  bool isJit = false;

  const std::vector<Parameter> &parameters() const {
    return def ? def->parameters : lambda->parameters;
  }
};
struct Value::ModuleData {
  std::shared_ptr<Module> file; // or
  std::string path;             // "tl", "tl.math", "math", "torch"
};
struct Value::MethodData {
  Value self, function;
};
struct Value::SliceData {
  Value lower, upper, step;
};
struct Value::RangeData {
  Value start, stop, step;
  bool isStatic = false;
  /// num_stages and the like, as attributes of the loop.
  std::vector<std::pair<std::string, int64_t>> hints;
};
struct Value::ObjectData {
  std::string className;
  std::map<std::string, Value, std::less<>> fields;
};
/// A window of an array: what tl.make_block_ptr makes.
struct Value::BlockPointerData {
  Value base;                     // a scalar pointer
  Values shape, strides, offsets; // int64 scalars
  Shape blockShape;
};
struct Value::DescriptorData {
  mlir::Value handle;
  DType element;
  Shape blockShape;
  Values shape, strides; // as given; empty for a kernel argument
};

} // namespace tegula::frontend

#endif
