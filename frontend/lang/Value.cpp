//===- Value.cpp - values of the evaluator --------------------------------===//
#include "frontend/lang/Value.h"
#include "frontend/lang/Builtins.h"
#include <cmath>

using namespace tegula::frontend;

//===----------------------------------------------------------------------===//
// Making and reading
//===----------------------------------------------------------------------===//

template <typename T> Value Value::with(Kind kind, T data) {
  Value value(kind);
  value.data = std::make_shared<const T>(std::move(data));
  return value;
}

Value Value::unknown(std::string reason) {
  return with(Kind::Unknown, std::move(reason));
}
Value Value::ofBool(bool value) {
  Value made(Kind::Bool);
  made.integerOf = value;
  return made;
}
Value Value::ofInt(__int128 value) {
  Value made(Kind::Int);
  made.integerOf = value;
  return made;
}
Value Value::ofFloat(double value) {
  Value made(Kind::Float);
  made.realOf = value;
  return made;
}
Value Value::ofString(std::string value) {
  return with(Kind::String, std::move(value));
}
Value Value::ofType(Type type) {
  return with(Kind::Type, frontend::Type(std::move(type)));
}
Value Value::ofTuple(Values elements, bool isList) {
  return with(Kind::Tuple, TupleData{std::move(elements), isList});
}
Value Value::ofDict(DictData data) { return with(Kind::Dict, std::move(data)); }
Value Value::ofFunction(FunctionData data) {
  return with(Kind::Function, std::move(data));
}
Value Value::ofBuiltin(const BuiltinInfo *info) {
  Value made(Kind::Builtin);
  made.builtinOf = info;
  return made;
}
Value Value::ofNamespace(std::string path) {
  return with(Kind::Module, ModuleData{nullptr, std::move(path)});
}
Value Value::ofModule(std::shared_ptr<Module> module) {
  return with(Kind::Module, ModuleData{std::move(module), ""});
}
Value Value::ofMethod(Value self, Value function) {
  return with(Kind::Method, MethodData{std::move(self), std::move(function)});
}
Value Value::ofSlice(SliceData data) {
  return with(Kind::Slice, std::move(data));
}
Value Value::ofRange(RangeData data) {
  return with(Kind::Range, std::move(data));
}
Value Value::ofObject(ObjectData data) {
  return with(Kind::Object, std::move(data));
}
Value Value::ofTensor(mlir::Value handle, Type type) {
  Value made = with(Kind::Tensor, std::move(type));
  made.handleOf = handle;
  return made;
}
Value Value::ofBlockPointer(BlockPointerData data) {
  return with(Kind::BlockPointer, std::move(data));
}
Value Value::ofDescriptor(DescriptorData data) {
  return with(Kind::Descriptor, std::move(data));
}

const std::string &Value::string() const { return get<std::string>(); }
const Type &Value::type() const { return get<frontend::Type>(); }
const Values &Value::elements() const { return get<TupleData>().elements; }
const Value::TupleData &Value::tuple() const { return get<TupleData>(); }
const Value::DictData &Value::dict() const { return get<DictData>(); }
const Value::FunctionData &Value::function() const {
  return get<FunctionData>();
}
const Value::ModuleData &Value::module() const { return get<ModuleData>(); }
const Value::MethodData &Value::method() const { return get<MethodData>(); }
const Value::SliceData &Value::slice() const { return get<SliceData>(); }
const Value::RangeData &Value::range() const { return get<RangeData>(); }
const Value::ObjectData &Value::object() const { return get<ObjectData>(); }
const Value::BlockPointerData &Value::blockPointer() const {
  return get<BlockPointerData>();
}
const Value::DescriptorData &Value::descriptor() const {
  return get<DescriptorData>();
}

const Value *Value::DictData::find(const Value &key) const {
  for (const auto &[name, value] : items)
    if (name.equals(key))
      return &value;
  return nullptr;
}

bool Value::isRuntime() const {
  switch (kindOf) {
  case Kind::Tensor:
  case Kind::BlockPointer:
  case Kind::Descriptor:
    return true;
  case Kind::Tuple:
    for (const Value &element : elements())
      if (element.isRuntime())
        return true;
    return false;
  default:
    return false;
  }
}

//===----------------------------------------------------------------------===//
// Literals
//===----------------------------------------------------------------------===//

Value Value::fromLiteral(const Literal &literal) {
  switch (literal.kind) {
  case Literal::Kind::None:
    return none();
  case Literal::Kind::Bool:
    return ofBool(literal.boolean);
  case Literal::Kind::Int:
    return ofInt(literal.integer);
  case Literal::Kind::Float:
    return ofFloat(literal.real);
  case Literal::Kind::String:
    return ofString(literal.string);
  case Literal::Kind::Type:
    return ofType(literal.pointer ? frontend::Type::pointerTo(literal.type)
                                  : frontend::Type(literal.type));
  case Literal::Kind::Tuple: {
    Values values;
    for (const Literal &element : literal.elements)
      values.push_back(fromLiteral(element));
    return ofTuple(std::move(values));
  }
  case Literal::Kind::Dict: {
    DictData dict;
    for (size_t i = 0; i + 1 < literal.elements.size(); i += 2)
      dict.items.emplace_back(fromLiteral(literal.elements[i]),
                              fromLiteral(literal.elements[i + 1]));
    return ofDict(std::move(dict));
  }
  }
  return none();
}

std::optional<Literal> Value::toLiteral() const {
  switch (kindOf) {
  case Kind::None:
    return Literal::none();
  case Kind::Bool:
    return Literal::ofBool(boolean());
  case Kind::Int:
    return Literal::ofInt(integer());
  case Kind::Float:
    return Literal::ofFloat(real());
  case Kind::String:
    return Literal::ofString(string());
  case Kind::Type:
    if (type().isBlock || type().pointers > 1)
      return std::nullopt;
    return Literal::ofType(type().element, type().isPointer());
  case Kind::Tuple:
  case Kind::Dict: {
    Literal literal;
    literal.kind = isTuple() ? Literal::Kind::Tuple : Literal::Kind::Dict;
    auto add = [&](const Value &value) {
      std::optional<Literal> element = value.toLiteral();
      if (element)
        literal.elements.push_back(std::move(*element));
      return element.has_value();
    };
    if (isTuple()) {
      for (const Value &element : elements())
        if (!add(element))
          return std::nullopt;
    } else {
      for (const auto &[key, value] : dict().items)
        if (!add(key) || !add(value))
          return std::nullopt;
    }
    return literal;
  }
  default:
    return std::nullopt;
  }
}

//===----------------------------------------------------------------------===//
// Python's view
//===----------------------------------------------------------------------===//

bool Value::truthy() const {
  switch (kindOf) {
  case Kind::None:
    return false;
  case Kind::Bool:
  case Kind::Int:
    return integerOf != 0;
  case Kind::Float:
    return realOf != 0;
  case Kind::String:
    return !string().empty();
  case Kind::Tuple:
    return !elements().empty();
  case Kind::Dict:
    return !dict().items.empty();
  default:
    return true;
  }
}

bool Value::equals(const Value &other) const {
  if (isNumber() && other.isNumber()) {
    if (isInt() && other.isInt())
      return integerOf == other.integerOf;
    return asDouble() == other.asDouble();
  }
  if (kindOf != other.kindOf)
    return false;
  switch (kindOf) {
  case Kind::None:
  case Kind::Ellipsis:
    return true;
  case Kind::String:
    return string() == other.string();
  case Kind::Type:
    return type() == other.type();
  case Kind::Builtin:
    return builtinOf == other.builtinOf;
  case Kind::Function:
    return function().def == other.function().def &&
           function().lambda == other.function().lambda;
  case Kind::Module:
    return module().file == other.module().file &&
           module().path == other.module().path;
  case Kind::Tuple: {
    const Values &a = elements(), &b = other.elements();
    if (a.size() != b.size())
      return false;
    for (size_t i = 0; i < a.size(); ++i)
      if (!a[i].equals(b[i]))
        return false;
    return true;
  }
  case Kind::Tensor:
    return handleOf == other.handleOf;
  default:
    return data == other.data;
  }
}

std::string Value::str() const {
  if (isString())
    return string();
  if (isType())
    return type().str();
  if (isTuple()) {
    bool isList = tuple().isList;
    std::string text = isList ? "[" : "(";
    for (size_t i = 0; i < elements().size(); ++i)
      text += (i ? ", " : "") + elements()[i].str();
    if (!isList && elements().size() == 1)
      text += ",";
    return text + (isList ? "]" : ")");
  }
  if (std::optional<Literal> literal = toLiteral())
    return literal->str();
  return describe();
}

std::string Value::describe() const {
  switch (kindOf) {
  case Kind::Poison:
    return "an erroneous value";
  case Kind::Unknown:
    return "an unknown value (" + string() + ")";
  case Kind::None:
    return "None";
  case Kind::Ellipsis:
    return "...";
  case Kind::Bool:
  case Kind::Int:
  case Kind::Float:
    return toLiteral()->str();
  case Kind::String:
    return "the string '" + string() + "'";
  case Kind::Type:
    return "the type " + type().str();
  case Kind::Tuple:
    return std::string(tuple().isList ? "a list" : "a tuple") + " of " +
           std::to_string(elements().size()) + " elements";
  case Kind::Dict:
    return "a dictionary";
  case Kind::Function:
    return "the function '" + function().name + "'";
  case Kind::Builtin:
    return "the function '" + std::string(builtinOf->name) + "'";
  case Kind::Module:
    return "a module";
  case Kind::Method:
    return "a method";
  case Kind::Slice:
    return "a slice";
  case Kind::Range:
    return "a range";
  case Kind::Object:
    return "an object of class " + object().className;
  case Kind::Tensor:
    return type().str();
  case Kind::BlockPointer:
    return "a block pointer";
  case Kind::Descriptor:
    return "a tensor descriptor";
  }
  return "a value";
}
