//===- Attributes.cpp - x.shape, x.dtype, x.sum, "a".upper ----------------===//
#include "frontend/lang/Evaluator.h"
#include "llvm/ADT/StringSwitch.h"

using namespace tegula::frontend;
using llvm::StringRef;

namespace {

Value shapeValue(llvm::ArrayRef<int64_t> shape) {
  Values sizes;
  for (int64_t size : shape)
    sizes.push_back(Value::ofInt(size));
  return Value::ofTuple(std::move(sizes), /*isList=*/true);
}

/// Library functions, written in the language, that are methods too.
bool isLibraryMethod(StringRef name) {
  return llvm::StringSwitch<bool>(name)
      .Cases({"sum", "max", "min", "argmax", "argmin", "xor_sum"}, true)
      .Cases({"reduce_or", "cumsum", "cumprod", "softmax", "sigmoid"}, true)
      .Cases({"ravel", "flip", "sort", "topk", "cdiv"}, true)
      .Cases({"squeeze", "unsqueeze"}, true)
      .Default(false);
}

} // namespace

Value Evaluator::attributeOfTensor(const Value &tensor, StringRef name) {
  const Type &type = tensor.type();
  if (name == "shape")
    return shapeValue(type.shape);
  if (name == "dtype")
    return Value::ofType(type.scalar());
  if (name == "type")
    return Value::ofType(type);
  if (name == "numel")
    return Value::ofInt(type.numElements());
  if (name == "ndim" || name == "rank")
    return Value::ofInt(type.shape.size());
  if (name == "T") {
    if (type.shape.size() != 2)
      return error("'.T' takes a tensor with two dimensions, not " + type.str(),
                   "use tl.permute for others");
    return emit->transpose(tensor, {1, 0});
  }
  if (name == "handle" || name == "value")
    return tensor;
  if (const BuiltinInfo *info = findBuiltin("tl." + name.str()))
    if (info->isMethod)
      return Value::ofMethod(tensor, Value::ofBuiltin(info));
  if (isLibraryMethod(name))
    return Value::ofMethod(tensor, libraryFunction(name));
  return error("a tensor has no '" + name + "' (this is " + type.str() + ")",
               hintForMethod(name));
}

namespace {

/// x.dtype.is_fp32() and its like; nothing for other names.
std::optional<bool> typePredicate(const Type &type, StringRef name) {
  DType element = type.element;
  bool scalar = !type.isPointer();
  bool isInt = scalar && isInteger(element);
  bool isSigned = isInt && !isUnsigned(element);
  auto is = [&](DType other) { return scalar && element == other; };
  if (name == "is_ptr")
    return type.isPointer();
  if (name == "is_block")
    return type.isBlock;
  if (name == "is_const")
    return false;
  if (name == "is_int")
    return isInt;
  if (name == "is_int_signed")
    return isSigned;
  if (name == "is_int_unsigned")
    return isInt && !isSigned;
  if (name == "is_bool" || name == "is_int1")
    return is(DType::Int1);
  if (name == "is_floating")
    return scalar && isFloat(element);
  if (name == "is_fp8")
    return scalar && isFloat(element) && bitWidth(element) == 8;
  if (name == "is_standard_floating")
    return scalar && isFloat(element) && bitWidth(element) > 8;
  if (name == "is_void")
    return is(DType::Void);
  if (name.consume_front("is_")) {
    if (std::optional<DType> other = parseDType(name))
      return is(*other);
    if (name == "fp8e4b15")
      return false;
  }
  return std::nullopt;
}

} // namespace

Value Evaluator::attributeOfType(const Type &type, StringRef name) {
  if (std::optional<bool> outcome = typePredicate(type, name))
    return Value::ofMethod(Value::ofBool(*outcome),
                           Value::ofBuiltin(findBuiltin("python.identity")));
  if (name == "element_ty")
    return Value::ofType(type.isBlock ? type.scalar() : type.pointee());
  if (name == "scalar")
    return Value::ofType(type.scalar());
  if (name == "shape" || name == "get_block_shapes") {
    Value shape = shapeValue(type.shape);
    if (name == "shape")
      return shape;
    return Value::ofMethod(shape,
                           Value::ofBuiltin(findBuiltin("python.identity")));
  }
  if (name == "numel")
    return Value::ofInt(type.numElements());
  if (name == "primitive_bitwidth" || name == "int_bitwidth" ||
      name == "bitwidth")
    return Value::ofInt(type.bits());
  if (name == "itemsize")
    return Value::ofInt(type.bits() < 8 ? 1 : type.bits() / 8);
  if (name == "name" || name == "__name__")
    return Value::ofString(type.isPointer() ? type.str()
                                            : tritonName(type.element).str());
  if (name == "fp_mantissa_width") {
    unsigned width = llvm::StringSwitch<unsigned>(tritonName(type.element))
                         .Case("fp64", 52)
                         .Case("fp32", 23)
                         .Case("fp16", 10)
                         .Case("bf16", 7)
                         .Cases({"fp8e5", "fp8e5b16"}, 2)
                         .Default(3);
    return Value::ofInt(width);
  }
  if (name == "value" || name == "dtype")
    return Value::ofType(type);
  return error("a type has no '" + name + "' (this is " + type.str() + ")");
}

Value Evaluator::attributeOfDescriptor(const Value &value, StringRef name) {
  bool isDescriptor = value.is(Value::Kind::Descriptor);
  if (isDescriptor) {
    const Value::DescriptorData &data = value.descriptor();
    Type block = Type::block(data.element, data.blockShape);
    if (name == "dtype")
      return Value::ofType(data.element);
    if (name == "block_shape")
      return shapeValue(data.blockShape);
    if (name == "type" || name == "block_type")
      return Value::ofType(block);
    if ((name == "shape" || name == "strides")) {
      const Values &sizes = name == "shape" ? data.shape : data.strides;
      if (sizes.empty())
        return error("the " + name +
                     " of a descriptor argument is not known "
                     "inside the kernel");
      return Value::ofTuple(sizes);
    }
    if (const BuiltinInfo *info = findBuiltin("desc." + name.str()))
      return Value::ofMethod(value, Value::ofBuiltin(info));
    return error("a tensor descriptor has no '" + name + "'");
  }
  const Value::BlockPointerData &data = value.blockPointer();
  Type pointee = data.base.type().scalar();
  if (name == "type" || name == "dtype")
    return Value::ofType(pointee);
  if (const BuiltinInfo *info = findBuiltin("tl." + name.str()))
    if (name == "load" || name == "store" || name == "advance")
      return Value::ofMethod(value, Value::ofBuiltin(info));
  return error("a block pointer has no '" + name + "'");
}

Value Evaluator::attributeOfConstant(const Value &value, StringRef name) {
  if (name == "value")
    return value;
  if (value.isString() || value.isTuple() || value.is(Value::Kind::Dict)) {
    if (const BuiltinInfo *info = findBuiltin("method." + name.str()))
      return Value::ofMethod(value, Value::ofBuiltin(info));
  }
  if (value.isNumber()) {
    // Numbers are tensors to be: they take the methods of tensors.
    if (name == "dtype" || name == "type") {
      DType type = DType::Int1;
      if (value.is(Value::Kind::Float))
        type = typeOfFloat(value.real());
      else if (value.is(Value::Kind::Int))
        type = typeOfInt(value.integer()).value_or(DType::Int64);
      return Value::ofType(type);
    }
    if (name == "shape")
      return shapeValue({});
    if (name == "bit_length")
      return Value::ofMethod(
          value, Value::ofBuiltin(findBuiltin("method.bit_length")));
    if (const BuiltinInfo *info = findBuiltin("tl." + name.str()))
      if (info->isMethod && canEmit() && !inHost())
        return Value::ofMethod(emit->toTensor(value), Value::ofBuiltin(info));
  }
  bool isFunction =
      value.is(Value::Kind::Function) || value.is(Value::Kind::Builtin);
  if (isFunction && name == "__name__")
    return Value::ofString(
        value.is(Value::Kind::Function)
            ? value.function().name
            : StringRef(value.builtin()->name).rsplit('.').second.str());
  if (isFunction && name == "fn")
    return value;
  return error(value.describe() + " has no attribute '" + name + "'");
}
