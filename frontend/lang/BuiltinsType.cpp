//===- BuiltinsType.cpp - conversions and type functions ------------------===//
#include "frontend/lang/Evaluator.h"

using namespace tegula::frontend;
using llvm::StringRef;
namespace tile = tegula::tile;

namespace {

/// Triton wraps whatever it is given, tensors too; here there is no wrapper.
Value constexprOf(Evaluator &, const Arguments &args) { return args[0]; }

Value pointerType(Evaluator &e, const Arguments &args) {
  if (args[0].isType()) {
    Type type = args[0].type().scalar();
    ++type.pointers;
    return Value::ofType(type);
  }
  std::optional<DType> element = e.constantType(args[0], "the element type");
  if (!element)
    return Value::poison();
  return Value::ofType(Type::pointerTo(*element));
}

Value blockType(Evaluator &e, const Arguments &args) {
  std::optional<DType> element = e.constantType(args[0], "the element type");
  std::optional<Shape> shape = e.constantShape(args[1], "the shape");
  if (!element || !shape)
    return Value::poison();
  return Value::ofType(Type::block(*element, *shape));
}

Value dtypeOf(Evaluator &e, const Arguments &args) {
  std::optional<DType> element = e.constantType(args[0], "the type's name");
  return element ? Value::ofType(*element) : Value::poison();
}

Value intType(Evaluator &e, const Arguments &args) {
  std::optional<int64_t> bits = e.constantInt(args[0], "the width");
  std::optional<bool> isSigned = e.constantBool(args[1], "signed");
  if (!bits || !isSigned)
    return Value::poison();
  std::string name =
      (*isSigned || *bits == 1 ? "int" : "uint") + std::to_string(*bits);
  std::optional<DType> type = parseDType(name);
  if (!type)
    return e.error("there is no integer of " + llvm::Twine(*bits) + " bits");
  return Value::ofType(*type);
}

std::optional<tile::Rounding> roundingOf(Evaluator &e, const Value &value) {
  std::optional<std::string> name =
      e.constantString(value, "fp_downcast_rounding");
  if (!name)
    return std::nullopt;
  if (name->empty() || *name == "rtne")
    return tile::Rounding::RTNE;
  if (*name == "rtz")
    return tile::Rounding::RTZ;
  e.error("fp_downcast_rounding is 'rtne' or 'rtz', not '" + *name + "'");
  return std::nullopt;
}

/// tl.cast(x, dtype), x.to(dtype).
Value cast(Evaluator &e, const Arguments &args) {
  Value target = args[1];
  if (target.is(Value::Kind::Builtin) || target.isString()) {
    std::optional<DType> type = e.constantType(target, "the type");
    if (!type)
      return Value::poison();
    target = Value::ofType(*type);
  }
  if (!target.isType())
    return e.error("the type to convert to must be one such as tl.float32, "
                   "not " +
                   target.describe());
  std::optional<tile::Rounding> rounding = roundingOf(e, args[2]);
  std::optional<bool> bits = e.constantBool(args[3], "bitcast");
  if (!rounding || !bits)
    return Value::poison();
  const Type &type = target.type();
  if (args[0].isNumber() && !type.isPointer() && !*bits && !type.isBlock) {
    // A constant keeps its exact value until it has its type.
    Value number = args[0];
    if (isInteger(type.element) && number.is(Value::Kind::Float))
      return e.emitter().cast(e.emitter().toTensor(number), type);
    return e.emitter().constant(number, type.element);
  }
  Value input = e.emitter().toTensor(args[0]);
  if (*bits)
    return e.emitter().bitcast(input, type);
  return e.emitter().cast(input, type, *rounding);
}

Value toTensor(Evaluator &e, const Arguments &args) {
  return e.emitter().toTensor(args[0]);
}

/// Names that stand in annotations and isinstance().
Value notCallable(Evaluator &e, const Arguments &args) {
  return e.error("'" + llvm::Twine(args.info->name) + "' cannot be called");
}

constexpr BuiltinInfo table[] = {
    {"tl.constexpr", "value", constexprOf},
    {"tl.pointer_type", "element_ty, address_space=1, const=False",
     pointerType},
    {"tl.block_type", "element_ty, shape", blockType},
    {"tl.dtype", "name", dtypeOf},
    {"tl.get_int_dtype", "bitwidth, signed", intType},
    {"tl.cast", "input, dtype, fp_downcast_rounding=None, bitcast=False", cast,
     true},
    {"tl.to",
     "input, dtype, fp_downcast_rounding=None, bitcast=False, "
     "allow_reorder=False",
     cast, true},
    {"tl.to_tensor", "x", toTensor},
    {"tl.tensor", "*args", notCallable},
    {"tl.tuple", "*args", notCallable},
    {"tl.tensor_descriptor", "*args", notCallable},
};

} // namespace

llvm::ArrayRef<BuiltinInfo> tegula::frontend::typeBuiltins() { return table; }
