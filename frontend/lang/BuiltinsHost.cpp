//===- BuiltinsHost.cpp - math.*, triton.*, methods of constants ----------===//
#include "frontend/lang/ConstEval.h"
#include "frontend/lang/Evaluator.h"
#include "llvm/ADT/APFloat.h"
#include "llvm/ADT/StringExtras.h"
#include <cmath>

using namespace tegula::frontend;
using llvm::StringRef;

namespace {

//===----------------------------------------------------------------------===//
// Numbers
//===----------------------------------------------------------------------===//

Value toInt(Evaluator &e, double value) {
  ConstResult result = constInt(Value::ofFloat(value));
  return result.ok() ? result.value : e.error(result.problem);
}

Value mathUnary(Evaluator &e, const Arguments &args) {
  StringRef name = StringRef(args.info->name).drop_front(5);
  const Value &x = args[0];
  if (!x.isNumber())
    return e.error("math." + name + " takes a constant number, not " +
                       x.describe(),
                   x.isTensor() ? "use tl." + name + " on tensors" : "");
  double value = x.asDouble();
  if (x.isInt() && (name == "ceil" || name == "floor" || name == "trunc"))
    return Value::ofInt(x.integer());
  if (name == "ceil")
    return toInt(e, std::ceil(value));
  if (name == "floor")
    return toInt(e, std::floor(value));
  if (name == "trunc")
    return toInt(e, std::trunc(value));
  if ((name == "sqrt" && value < 0) || (name.starts_with("log") && value <= 0))
    return e.error("math." + name + " of " + x.str() + " is not defined");
  if (name == "sqrt")
    return Value::ofFloat(std::sqrt(value));
  if (name == "exp")
    return Value::ofFloat(std::exp(value));
  if (name == "log2")
    return Value::ofFloat(std::log2(value));
  if (name == "log10")
    return Value::ofFloat(std::log10(value));
  if (name == "isnan")
    return Value::ofBool(std::isnan(value));
  if (name == "isinf")
    return Value::ofBool(std::isinf(value));
  return Value::ofFloat(std::fabs(value));
}

Value mathLog(Evaluator &e, const Arguments &args) {
  if (!args[0].isNumber() || args[0].asDouble() <= 0)
    return e.error("math.log takes a positive constant, not " +
                   args[0].describe());
  double value = std::log(args[0].asDouble());
  if (args[1].isNumber())
    value /= std::log(args[1].asDouble());
  return Value::ofFloat(value);
}

Value mathPow(Evaluator &e, const Arguments &args) {
  ConstResult result = constBinary(BinaryOp::Pow, args[0], args[1]);
  return result.ok() ? result.value : e.error(result.problem);
}

Value mathGcd(Evaluator &e, const Arguments &args) {
  std::optional<int64_t> a = e.constantInt(args[0], "the argument"),
                         b = e.constantInt(args[1], "the argument");
  if (!a || !b)
    return Value::poison();
  while (*b) {
    int64_t rest = *a % *b;
    *a = *b;
    *b = rest;
  }
  return Value::ofInt(*a < 0 ? -*a : *a);
}

Value cdiv(Evaluator &e, const Arguments &args) {
  if (args[0].isTensor() || args[1].isTensor())
    return e.call(e.libraryFunction("cdiv"), {args[0], args[1]});
  ConstResult sum = constBinary(BinaryOp::Add, args[0], args[1]);
  if (sum.ok())
    sum = constBinary(BinaryOp::Sub, sum.value, Value::ofInt(1));
  if (sum.ok())
    sum = constBinary(BinaryOp::FloorDiv, sum.value, args[1]);
  return sum.ok() ? sum.value : e.error(sum.problem);
}

Value nextPowerOf2(Evaluator &e, const Arguments &args) {
  std::optional<int64_t> n = e.constantInt(args[0], "the argument");
  if (!n)
    return Value::poison();
  __int128 power = 1;
  while (power < *n)
    power *= 2;
  return Value::ofInt(*n <= 0 ? 0 : power);
}

Value config(Evaluator &, const Arguments &args) {
  Value::ObjectData data;
  data.className = "Config";
  data.fields["kwargs"] = args[0];
  data.fields["num_warps"] = args[1];
  data.fields["num_stages"] = args[2];
  data.fields["num_ctas"] = args[3];
  return Value::ofObject(std::move(data));
}

/// tl.constexpr_function(f), triton.jit(f): the function itself.
Value passThrough(Evaluator &e, const Arguments &args) {
  if (args[0].is(Value::Kind::Function) && !args[0].function().isJit &&
      StringRef(args.info->name).ends_with(".jit")) {
    Value::FunctionData data = args[0].function();
    data.isJit = true;
    return Value::ofFunction(std::move(data));
  }
  return args[0];
}

/// os.environ.get(name, default): a kernel means the same on every machine, so
/// no variable is set.
Value environment(Evaluator &, const Arguments &args) { return args[1]; }

/// packaging.version.parse("3.5.0"): a tuple, which compares as versions do.
Value parseVersion(Evaluator &e, const Arguments &args) {
  if (!args[0].isString())
    return e.error("a version is a string, not " + args[0].describe());
  Values numbers;
  llvm::SmallVector<StringRef> parts;
  StringRef(args[0].string()).split(parts, '.');
  for (StringRef part : parts) {
    int64_t number = 0;
    part.take_while(llvm::isDigit).getAsInteger(10, number);
    numbers.push_back(Value::ofInt(number));
  }
  while (!numbers.empty() && numbers.size() > 1 &&
         numbers.back().integer() == 0)
    numbers.pop_back();
  return Value::ofTuple(std::move(numbers));
}

/// torch.finfo(type), torch.iinfo(type): the limits of a type.
Value typeInfo(Evaluator &e, const Arguments &args) {
  std::optional<DType> type = e.constantType(args[0], "the type");
  if (!type)
    return Value::poison();
  Value::ObjectData data;
  data.className = "the limits of a type";
  data.fields["bits"] = Value::ofInt(bitWidth(*type));
  if (isInteger(*type)) {
    data.fields["min"] = Value::ofInt(minValue(*type));
    data.fields["max"] = Value::ofInt(maxValue(*type));
    return Value::ofObject(std::move(data));
  }
  const llvm::fltSemantics &format =
      *type == DType::Float64      ? llvm::APFloat::IEEEdouble()
      : *type == DType::Float32    ? llvm::APFloat::IEEEsingle()
      : *type == DType::Float16    ? llvm::APFloat::IEEEhalf()
      : *type == DType::BFloat16   ? llvm::APFloat::BFloat()
      : *type == DType::Float8E5M2 ? llvm::APFloat::Float8E5M2()
                                   : llvm::APFloat::Float8E4M3FN();
  double largest = llvm::APFloat::getLargest(format).convertToDouble();
  data.fields["max"] = Value::ofFloat(largest);
  data.fields["min"] = Value::ofFloat(-largest);
  data.fields["eps"] = Value::ofFloat(
      std::ldexp(1.0, 1 - int(llvm::APFloat::semanticsPrecision(format))));
  data.fields["tiny"] = Value::ofFloat(
      llvm::APFloat::getSmallestNormalized(format).convertToDouble());
  return Value::ofObject(std::move(data));
}

Value compareOperator(Evaluator &e, const Arguments &args) {
  StringRef name = StringRef(args.info->name).rsplit('.').second;
  CompareOp op = name == "ge"   ? CompareOp::Ge
                 : name == "gt" ? CompareOp::Gt
                 : name == "le" ? CompareOp::Le
                 : name == "lt" ? CompareOp::Lt
                 : name == "ne" ? CompareOp::Ne
                                : CompareOp::Eq;
  ConstResult result = constCompare(op, args[0], args[1]);
  return result.ok() ? result.value : e.error(result.problem);
}

//===----------------------------------------------------------------------===//
// Methods of strings, dictionaries, tuples
//===----------------------------------------------------------------------===//

Value dictGet(Evaluator &e, const Arguments &args) {
  if (!args[0].is(Value::Kind::Dict))
    return e.error(args[0].describe() + " has no 'get'");
  const Value *found = args[0].dict().find(args[1]);
  return found ? *found : args[2];
}

Value dictParts(Evaluator &e, const Arguments &args) {
  StringRef name = StringRef(args.info->name).drop_front(7);
  if (!args[0].is(Value::Kind::Dict))
    return e.error(args[0].describe() + " has no '" + name + "'");
  Values parts;
  for (const auto &[key, value] : args[0].dict().items)
    parts.push_back(name == "keys"     ? key
                    : name == "values" ? value
                                       : Value::ofTuple({key, value}));
  return Value::ofTuple(std::move(parts), true);
}

Value stringMethod(Evaluator &e, const Arguments &args) {
  StringRef name = StringRef(args.info->name).drop_front(7);
  if (!args[0].isString())
    return e.error(args[0].describe() + " has no '" + name + "'");
  StringRef text = args[0].string();
  if (name == "lower")
    return Value::ofString(text.lower());
  if (name == "upper")
    return Value::ofString(text.upper());
  return Value::ofString(text.trim().str());
}

Value stringTest(Evaluator &e, const Arguments &args) {
  StringRef name = StringRef(args.info->name).drop_front(7);
  if (!args[0].isString() || !args[1].isString())
    return e.error("'" + name + "' takes strings");
  StringRef text = args[0].string(), part = args[1].string();
  return Value::ofBool(name == "startswith" ? text.starts_with(part)
                                            : text.ends_with(part));
}

Value stringSplit(Evaluator &e, const Arguments &args) {
  if (!args[0].isString())
    return e.error(args[0].describe() + " has no 'split'");
  std::string separator = args[1].isString() ? args[1].string() : " ";
  llvm::SmallVector<StringRef> parts;
  StringRef(args[0].string()).split(parts, separator, -1, !args[1].isNone());
  Values values;
  for (StringRef part : parts)
    values.push_back(Value::ofString(part.str()));
  return Value::ofTuple(std::move(values), true);
}

Value tupleIndex(Evaluator &e, const Arguments &args) {
  if (!args[0].isTuple())
    return e.error(args[0].describe() + " has no 'index'");
  const Values &elements = args[0].elements();
  for (size_t i = 0; i < elements.size(); ++i)
    if (elements[i].equals(args[1]))
      return Value::ofInt(i);
  return e.error(args[1].describe() + " is not in the sequence");
}

Value tupleCount(Evaluator &e, const Arguments &args) {
  if (!args[0].isTuple())
    return e.error(args[0].describe() + " has no 'count'");
  __int128 count = 0;
  for (const Value &element : args[0].elements())
    count += element.equals(args[1]);
  return Value::ofInt(count);
}

Value bitLength(Evaluator &e, const Arguments &args) {
  std::optional<int64_t> n = e.constantInt(args[0], "the number");
  if (!n)
    return Value::poison();
  __int128 bits = 0;
  for (uint64_t rest = *n < 0 ? -uint64_t(*n) : *n; rest; rest >>= 1)
    ++bits;
  return Value::ofInt(bits);
}

//===----------------------------------------------------------------------===//
// Methods of host arrays
//===----------------------------------------------------------------------===//

Value arrayNumel(Evaluator &, const Arguments &args) {
  return args[0].object().fields.find("size")->second;
}
Value arrayElementSize(Evaluator &, const Arguments &args) {
  return args[0].object().fields.find("itemsize")->second;
}
Value arrayStride(Evaluator &e, const Arguments &args) {
  const Value &strides = args[0].object().fields.find("strides")->second;
  if (args[1].isNone())
    return strides;
  ConstResult result = constSubscript(strides, args[1]);
  return result.ok() ? result.value : e.error(result.problem);
}
Value arraySize(Evaluator &e, const Arguments &args) {
  const Value &shape = args[0].object().fields.find("shape")->second;
  ConstResult result = constSubscript(shape, args[1]);
  return result.ok() ? result.value : e.error(result.problem);
}

/// Warnings of a library about its surroundings.
Value ignore(Evaluator &, const Arguments &) { return Value::none(); }

constexpr BuiltinInfo table[] = {
    {"math.ceil", "x", mathUnary},
    {"math.floor", "x", mathUnary},
    {"math.trunc", "x", mathUnary},
    {"math.sqrt", "x", mathUnary},
    {"math.exp", "x", mathUnary},
    {"math.log2", "x", mathUnary},
    {"math.log10", "x", mathUnary},
    {"math.fabs", "x", mathUnary},
    {"math.isnan", "x", mathUnary},
    {"math.isinf", "x", mathUnary},
    {"math.log", "x, base=None", mathLog},
    {"math.pow", "x, y", mathPow},
    {"math.gcd", "x, y", mathGcd},
    {"python.pow", "x, y", mathPow},
    {"triton.cdiv", "x, y", cdiv},
    {"triton.next_power_of_2", "n", nextPowerOf2},
    {"triton.Config",
     "kwargs, num_warps=4, num_stages=3, num_ctas=1, maxnreg=None, "
     "pre_hook=None, ir_override=None",
     config},
    {"triton.jit", "fn, do_not_specialize=None", passThrough},
    {"triton.constexpr_function", "fn", passThrough},
    {"os.environ.get", "name, default=None", environment},
    {"os.getenv", "name, default=None", environment},
    {"warnings.warn", "message, category=None, stacklevel=1", ignore},
    {"packaging.version.parse", "text", parseVersion},
    {"packaging.version.Version", "text", parseVersion},
    {"torch.finfo", "type", typeInfo},
    {"torch.iinfo", "type", typeInfo},
    {"operator.ge", "a, b", compareOperator},
    {"operator.gt", "a, b", compareOperator},
    {"operator.le", "a, b", compareOperator},
    {"operator.lt", "a, b", compareOperator},
    {"operator.eq", "a, b", compareOperator},
    {"operator.ne", "a, b", compareOperator},
    {"method.get", "self, key, default=None", dictGet},
    {"method.keys", "self", dictParts},
    {"method.values", "self", dictParts},
    {"method.items", "self", dictParts},
    {"method.lower", "self", stringMethod},
    {"method.upper", "self", stringMethod},
    {"method.strip", "self", stringMethod},
    {"method.startswith", "self, part", stringTest},
    {"method.endswith", "self, part", stringTest},
    {"method.split", "self, separator=None", stringSplit},
    {"method.index", "self, x", tupleIndex},
    {"method.count", "self, x", tupleCount},
    {"method.bit_length", "self", bitLength},
    {"host.numel", "self", arrayNumel},
    {"host.element_size", "self", arrayElementSize},
    {"host.stride", "self, dim=None", arrayStride},
    {"host.size", "self, dim", arraySize},
};

} // namespace

llvm::ArrayRef<BuiltinInfo> tegula::frontend::hostBuiltins() { return table; }
