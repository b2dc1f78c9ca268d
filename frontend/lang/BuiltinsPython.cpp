//===- BuiltinsPython.cpp - len, range, min, int, dict.get, math.* --------===//
#include "frontend/lang/ConstEval.h"
#include "frontend/lang/Evaluator.h"
#include "llvm/ADT/StringExtras.h"
#include <cmath>

using namespace tegula::frontend;
using llvm::StringRef;

std::vector<llvm::ArrayRef<BuiltinInfo>> tegula::frontend::allBuiltins() {
  return {pythonBuiltins(), hostBuiltins(),   programBuiltins(),
          shapeBuiltins(),  memoryBuiltins(), blockBuiltins(),
          atomicBuiltins(), mathBuiltins(),   libdeviceBuiltins(),
          reduceBuiltins(), dotBuiltins(),    typeBuiltins()};
}

namespace {

Value settle(Evaluator &e, const ConstResult &result) {
  return result.ok() ? result.value : e.error(result.problem);
}

Value identity(Evaluator &, const Arguments &args) { return args[0]; }

Value pyLen(Evaluator &e, const Arguments &args) {
  const Value &x = args[0];
  if (x.isTuple())
    return Value::ofInt(x.elements().size());
  if (x.isString())
    return Value::ofInt(x.string().size());
  if (x.is(Value::Kind::Dict))
    return Value::ofInt(x.dict().items.size());
  if (x.isTensor() && x.type().isBlock)
    return Value::ofInt(x.type().shape[0]);
  if (x.is(Value::Kind::Range))
    return Value::ofInt(e.iterate(x).elements().size());
  return e.error(x.describe() + " has no length");
}

Value makeRange(Evaluator &, const Arguments &args, bool isStatic) {
  Value::RangeData data;
  bool single = args[1].isNone();
  data.start = single ? Value::ofInt(0) : args[0];
  data.stop = single ? args[0] : args[1];
  data.step = args[2].isNone() ? Value::ofInt(1) : args[2];
  data.isStatic = isStatic;
  return Value::ofRange(std::move(data));
}

Value pyRange(Evaluator &e, const Arguments &args) {
  return makeRange(e, args, false);
}
Value staticRange(Evaluator &e, const Arguments &args) {
  return makeRange(e, args, true);
}

Value tlRange(Evaluator &e, const Arguments &args) {
  Value range = makeRange(e, args, false);
  Value::RangeData data = range.range();
  if (args[3].isInt())
    data.hints.emplace_back("tile.num_stages", int64_t(args[3].integer()));
  if (args[4].isInt())
    data.hints.emplace_back("tile.unroll", int64_t(args[4].integer()));
  return Value::ofRange(std::move(data));
}

Value pick(Evaluator &e, const Arguments &args, bool isMax) {
  Values values = args[0].elements();
  if (values.size() == 1 && values[0].isTuple()) {
    Values inner = values[0].elements();
    values = std::move(inner);
  }
  if (values.empty())
    return e.error("there is nothing to choose from");
  Value best = values[0];
  for (size_t i = 1; i < values.size(); ++i) {
    if (best.isTensor() || values[i].isTensor()) {
      best = e.emitter().minMax(isMax, best, values[i], false);
      continue;
    }
    ConstResult wins =
        constCompare(isMax ? CompareOp::Gt : CompareOp::Lt, values[i], best);
    if (!wins.ok())
      return e.error(wins.problem);
    if (wins.value.truthy())
      best = values[i];
  }
  return best;
}

Value pyMax(Evaluator &e, const Arguments &args) { return pick(e, args, true); }
Value pyMin(Evaluator &e, const Arguments &args) {
  return pick(e, args, false);
}

Value refuseTensor(Evaluator &e, const Value &value, StringRef type) {
  return e.error(type + "() takes constants, not " + value.describe(),
                 "convert a tensor with .to(...)");
}

Value pyInt(Evaluator &e, const Arguments &args) {
  if (args[0].isTensor())
    return refuseTensor(e, args[0], "int");
  return settle(e, constInt(args[0]));
}
Value pyFloat(Evaluator &e, const Arguments &args) {
  if (args[0].isTensor())
    return refuseTensor(e, args[0], "float");
  return settle(e, constFloat(args[0]));
}
Value pyBool(Evaluator &e, const Arguments &args) {
  if (args[0].isTensor())
    return refuseTensor(e, args[0], "bool");
  return Value::ofBool(args[0].truthy());
}
Value pyStr(Evaluator &, const Arguments &args) {
  return Value::ofString(args[0].str());
}

Value pyAbs(Evaluator &e, const Arguments &args) {
  const Value &x = args[0];
  if (x.isTensor())
    return e.call(Value::ofBuiltin(e.findBuiltin("tl.abs")), {x});
  if (x.isInt())
    return Value::ofInt(x.integer() < 0 ? -x.integer() : x.integer());
  if (x.isNumber())
    return Value::ofFloat(std::fabs(x.real()));
  return e.error("abs() does not take " + x.describe());
}

Value fold(Evaluator &e, const Value &items, Value start, BinaryOp op) {
  Value list = e.iterate(items);
  if (list.isPoison())
    return list;
  for (const Value &item : list.elements()) {
    ConstResult next = constBinary(op, start, item);
    if (!next.ok())
      return e.error(next.problem);
    start = next.value;
  }
  return start;
}
Value pySum(Evaluator &e, const Arguments &args) {
  return fold(e, args[0], args[1], BinaryOp::Add);
}
Value mathProd(Evaluator &e, const Arguments &args) {
  return fold(e, args[0], Value::ofInt(1), BinaryOp::Mul);
}

Value pyRound(Evaluator &e, const Arguments &args) {
  if (!args[0].isNumber())
    return e.error("round() takes a constant number");
  if (args[1].isNone())
    return settle(e,
                  constInt(Value::ofFloat(std::nearbyint(args[0].asDouble()))));
  double scale = std::pow(10.0, args[1].asDouble());
  return Value::ofFloat(std::nearbyint(args[0].asDouble() * scale) / scale);
}

Value pyTuple(Evaluator &e, const Arguments &args) {
  Value items = e.iterate(args[0]);
  if (items.isPoison())
    return items;
  bool isList = StringRef(args.info->name) == "python.list";
  return Value::ofTuple(items.elements(), isList);
}

Value pyEnumerate(Evaluator &e, const Arguments &args) {
  Value items = e.iterate(args[0]);
  if (items.isPoison())
    return items;
  Values pairs;
  __int128 i = args[1].isInt() ? args[1].integer() : 0;
  for (const Value &item : items.elements())
    pairs.push_back(Value::ofTuple({Value::ofInt(i++), item}));
  return Value::ofTuple(std::move(pairs));
}

Value pyZip(Evaluator &e, const Arguments &args) {
  std::vector<Values> columns;
  size_t count = SIZE_MAX;
  for (const Value &argument : args[0].elements()) {
    Value items = e.iterate(argument);
    if (items.isPoison())
      return items;
    columns.push_back(items.elements());
    count = std::min(count, columns.back().size());
  }
  Values rows;
  for (size_t i = 0; !columns.empty() && i < count; ++i) {
    Values row;
    for (const Values &column : columns)
      row.push_back(column[i]);
    rows.push_back(Value::ofTuple(std::move(row)));
  }
  return Value::ofTuple(std::move(rows));
}

Value pyReversed(Evaluator &e, const Arguments &args) {
  Value items = e.iterate(args[0]);
  if (items.isPoison())
    return items;
  Values values(items.elements().rbegin(), items.elements().rend());
  return Value::ofTuple(std::move(values), true);
}

Value anyAll(Evaluator &e, const Arguments &args) {
  bool isAny = StringRef(args.info->name) == "python.any";
  Value items = e.iterate(args[0]);
  if (items.isPoison())
    return items;
  for (const Value &item : items.elements()) {
    if (item.isRuntime())
      return e.error("any() and all() take constants, not " + item.describe());
    if (item.truthy() == isAny)
      return Value::ofBool(isAny);
  }
  return Value::ofBool(!isAny);
}

bool isInstance(const Value &x, StringRef type) {
  if (type == "python.int")
    return x.isInt();
  if (type == "python.bool")
    return x.is(Value::Kind::Bool);
  if (type == "python.float")
    return x.is(Value::Kind::Float);
  if (type == "python.str")
    return x.isString();
  if (type == "python.tuple" || type == "tl.tuple")
    return x.isTuple();
  if (type == "python.list")
    return x.isTuple() && x.tuple().isList;
  if (type == "tl.tensor")
    return x.isTensor();
  if (type == "tl.dtype" || type == "tl.pointer_type" ||
      type == "tl.block_type")
    return x.isType();
  if (type == "tl.constexpr")
    return !x.isRuntime();
  if (type == "tl.tensor_descriptor")
    return x.is(Value::Kind::Descriptor);
  return false;
}

Value pyIsInstance(Evaluator &e, const Arguments &args) {
  Values types = args[1].isTuple() ? args[1].elements() : Values{args[1]};
  for (const Value &type : types) {
    if (!type.is(Value::Kind::Builtin))
      return e.error("isinstance() does not know " + type.describe());
    if (isInstance(args[0], type.builtin()->name))
      return Value::ofBool(true);
  }
  return Value::ofBool(false);
}

Value pyHasAttr(Evaluator &e, const Arguments &args) {
  if (!args[1].isString())
    return e.error("hasattr() takes a name");
  return Value::ofBool(e.hasAttribute(args[0], args[1].string()));
}

Value pyGetAttr(Evaluator &e, const Arguments &args) {
  if (!args[1].isString())
    return e.error("getattr() takes a name");
  if (!args[2].isTuple() || !args[2].elements().empty())
    if (!e.hasAttribute(args[0], args[1].string()))
      return args[2];
  return e.attribute(args[0], args[1].string());
}

Value pyType(Evaluator &e, const Arguments &args) {
  if (args[0].isTensor())
    return Value::ofBuiltin(e.findBuiltin("tl.tensor"));
  return Value::ofBuiltin(
      e.findBuiltin(args[0].is(Value::Kind::Bool)    ? "python.bool"
                    : args[0].isInt()                ? "python.int"
                    : args[0].is(Value::Kind::Float) ? "python.float"
                    : args[0].isString()             ? "python.str"
                                                     : "python.tuple"));
}

Value pyPrint(Evaluator &e, const Arguments &args) {
  if (!e.canEmit() || e.inHost())
    return Value::none();
  return e.call(Value::ofBuiltin(e.findBuiltin("tl.device_print")),
                args[0].elements());
}

constexpr BuiltinInfo table[] = {
    {"python.identity", "x", identity},
    {"python.len", "x", pyLen},
    {"python.range", "arg1, arg2=None, step=None", pyRange},
    {"tl.range",
     "arg1, arg2=None, step=None, num_stages=None, loop_unroll_factor=None, "
     "disallow_acc_multi_buffer=False, flatten=False, warp_specialize=False, "
     "disable_licm=False",
     tlRange},
    {"tl.static_range", "arg1, arg2=None, step=None", staticRange},
    {"python.max", "*args, propagate_nan=None", pyMax},
    {"python.min", "*args, propagate_nan=None", pyMin},
    {"python.int", "x=0", pyInt},
    {"python.float", "x=0.0", pyFloat},
    {"python.bool", "x=False", pyBool},
    {"python.str", "x=''", pyStr},
    {"python.repr", "x", pyStr},
    {"python.abs", "x", pyAbs},
    {"python.sum", "x, start=0", pySum},
    {"python.round", "x, digits=None", pyRound},
    {"python.tuple", "x=()", pyTuple},
    {"python.list", "x=()", pyTuple},
    {"python.enumerate", "x, start=0", pyEnumerate},
    {"python.zip", "*args", pyZip},
    {"python.reversed", "x", pyReversed},
    {"python.any", "x", anyAll},
    {"python.all", "x", anyAll},
    {"python.isinstance", "x, type", pyIsInstance},
    {"python.hasattr", "x, name", pyHasAttr},
    {"python.getattr", "x, name, default=()", pyGetAttr},
    {"python.type", "x", pyType},
    {"python.print", "*args", pyPrint},
    {"math.prod", "x", mathProd},
};

} // namespace

llvm::ArrayRef<BuiltinInfo> tegula::frontend::pythonBuiltins() { return table; }
