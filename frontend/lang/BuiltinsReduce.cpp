//===- BuiltinsReduce.cpp - reduce, scan, map, histogram ------------------===//
#include "frontend/lang/Evaluator.h"

using namespace tegula::frontend;
using llvm::StringRef;
namespace tile = tegula::tile;

namespace {

/// The operands of a reduction or scan: one tensor or a tuple of them, all of
/// one shape.
bool takeOperands(Evaluator &e, const Value &input, StringRef what,
                  Values &operands) {
  operands = input.isTuple() ? input.elements() : Values{input};
  for (Value &operand : operands) {
    operand = e.emitter().toTensor(operand);
    if (operand.isPoison())
      return false;
  }
  if (operands.empty() || !operands[0].type().isBlock) {
    e.error(what + " takes a tensor, not " +
            (operands.empty() ? "nothing" : operands[0].describe()));
    return false;
  }
  for (const Value &operand : operands)
    if (operand.type().shape != operands[0].type().shape) {
      e.error(what + " takes tensors of one shape, not " +
              operands[0].describe() + " and " + operand.describe());
      return false;
    }
  return true;
}

std::optional<int64_t> takeAxis(Evaluator &e, const Value &value,
                                const Value &operand) {
  std::optional<int64_t> axis = e.constantInt(value, "the axis");
  if (!axis)
    return std::nullopt;
  int64_t rank = operand.type().shape.size();
  if (*axis < -rank || *axis >= rank) {
    e.error("axis " + llvm::Twine(*axis) + " does not exist in " +
            operand.describe());
    return std::nullopt;
  }
  return *axis < 0 ? *axis + rank : *axis;
}

/// Fills a region with a call of the combining function on scalars.
/// `arguments` gives the type of each block argument, `results` what must come
/// out.
bool fillRegion(Evaluator &e, mlir::Region &region, const Value &function,
                llvm::ArrayRef<Type> arguments, llvm::ArrayRef<Type> results,
                StringRef what) {
  mlir::ImplicitLocOpBuilder &b = e.emitter().builder();
  mlir::OpBuilder::InsertionGuard guard(b);
  llvm::SmallVector<mlir::Type> types;
  llvm::SmallVector<mlir::Location> locations(arguments.size(), b.getLoc());
  for (const Type &type : arguments)
    types.push_back(e.emitter().mlirType(type));
  mlir::Block *block = region.empty()
                           ? b.createBlock(&region, {}, types, locations)
                           : &region.front();
  b.setInsertionPointToEnd(block);
  Values values;
  for (auto [i, type] : llvm::enumerate(arguments))
    values.push_back(e.emitter().wrap(block->getArgument(i), type));
  Value combined = e.call(function, std::move(values));
  Values parts = combined.isTuple() ? combined.elements() : Values{combined};
  llvm::SmallVector<mlir::Value> yielded;
  bool valid = !combined.isPoison();
  if (valid && parts.size() != results.size()) {
    e.error("the function given to " + what + " must return " +
            llvm::Twine(results.size()) + " values, not " +
            llvm::Twine(parts.size()));
    valid = false;
  }
  for (size_t i = 0; valid && i < results.size(); ++i) {
    Value part = e.emitter().toTensor(parts[i]);
    if (part.isPoison() || !(part.type() == results[i])) {
      if (!part.isPoison())
        e.error("the function given to " + what + " must return " +
                    results[i].str() + ", not " + part.describe(),
                "convert its result with .to(...)");
      valid = false;
      break;
    }
    yielded.push_back(part.handle());
  }
  if (valid)
    tile::YieldOp::create(b, yielded);
  return valid;
}

llvm::SmallVector<mlir::Value> handlesOf(const Values &values) {
  llvm::SmallVector<mlir::Value> handles;
  for (const Value &value : values)
    handles.push_back(value.handle());
  return handles;
}

/// Each operand's scalar type, `times` over: the arguments of a combiner.
std::vector<Type> scalarTypes(const Values &operands, unsigned times) {
  std::vector<Type> types;
  for (unsigned i = 0; i < times; ++i)
    for (const Value &operand : operands)
      types.push_back(operand.type().scalar());
  return types;
}

Value packResults(Values results, bool asTuple) {
  return asTuple ? Value::ofTuple(std::move(results)) : results[0];
}

Value reduce(Evaluator &e, const Arguments &args) {
  Values operands;
  if (!takeOperands(e, args[0], "a reduction", operands))
    return Value::poison();
  std::optional<bool> keep = e.constantBool(args[3], "keep_dims");
  if (!keep)
    return Value::poison();
  Emitter &emit = e.emitter();
  Shape full = operands[0].type().shape;
  bool all = args[1].isNone();
  if (all)
    for (Value &operand : operands)
      operand = emit.reshape(operand, {operand.type().numElements()}, true);
  std::optional<int64_t> axis =
      all ? std::optional<int64_t>(0) : takeAxis(e, args[1], operands[0]);
  if (!axis)
    return Value::poison();
  Shape shape = operands[0].type().shape;
  shape.erase(shape.begin() + *axis);
  llvm::SmallVector<mlir::Type> types;
  for (const Value &operand : operands)
    types.push_back(emit.mlirType(operand.type().withShape(shape)));
  auto op =
      tile::ReduceOp::create(emit.builder(), types, handlesOf(operands), *axis);
  if (!fillRegion(e, op.getCombine(), args[2], scalarTypes(operands, 2),
                  scalarTypes(operands, 1), "a reduction")) {
    op.erase();
    return Value::poison();
  }
  Values results;
  for (auto [i, operand] : llvm::enumerate(operands)) {
    Value result = emit.wrap(op.getOuts()[i], operand.type().withShape(shape));
    if (*keep && all)
      result = emit.splat(result, Shape(full.size(), 1));
    else if (*keep)
      result = emit.expandDims(result, *axis);
    results.push_back(result);
  }
  return packResults(std::move(results), args[0].isTuple());
}

Value scan(Evaluator &e, const Arguments &args) {
  Values operands;
  if (!takeOperands(e, args[0], "a scan", operands))
    return Value::poison();
  std::optional<int64_t> axis = takeAxis(e, args[1], operands[0]);
  std::optional<bool> reverse = e.constantBool(args[3], "reverse");
  if (!axis || !reverse)
    return Value::poison();
  Emitter &emit = e.emitter();
  llvm::SmallVector<mlir::Type> types;
  for (const Value &operand : operands)
    types.push_back(operand.handle().getType());
  auto op = tile::ScanOp::create(emit.builder(), types, handlesOf(operands),
                                 *axis, *reverse);
  if (!fillRegion(e, op.getCombine(), args[2], scalarTypes(operands, 2),
                  scalarTypes(operands, 1), "a scan")) {
    op.erase();
    return Value::poison();
  }
  Values results;
  for (auto [i, operand] : llvm::enumerate(operands))
    results.push_back(emit.wrap(op.getOuts()[i], operand.type()));
  return packResults(std::move(results), args[0].isTuple());
}

/// tl.map_elementwise(f, *args): the result types are found by calling the
/// function once on scratch arguments.
Value mapElementwise(Evaluator &e, const Arguments &args) {
  Values operands = args[1].elements();
  std::optional<int64_t> pack = e.constantInt(args[2], "pack");
  for (Value &operand : operands) {
    operand = e.emitter().toTensor(operand);
    if (operand.isPoison())
      return operand;
  }
  if (!pack || operands.empty() || !e.emitter().broadcastAll(operands))
    return Value::poison();
  if (*pack != 1)
    return e.error("tl.map_elementwise is supported with pack=1 only");
  Emitter &emit = e.emitter();
  mlir::ImplicitLocOpBuilder &b = emit.builder();
  mlir::Region scratch;
  std::vector<Type> results;
  {
    mlir::OpBuilder::InsertionGuard guard(b);
    mlir::Block *block = b.createBlock(&scratch);
    Values values;
    for (const Value &operand : operands) {
      Type scalar = operand.type().scalar();
      values.push_back(emit.wrap(
          block->addArgument(emit.mlirType(scalar), b.getLoc()), scalar));
    }
    Value out = e.call(args[0], std::move(values));
    if (out.isPoison())
      return out;
    for (const Value &part : out.isTuple() ? out.elements() : Values{out}) {
      Value tensor = emit.toTensor(part);
      if (tensor.isPoison())
        return tensor;
      results.push_back(tensor.type());
    }
  }
  llvm::SmallVector<mlir::Type> types;
  for (const Type &type : results)
    types.push_back(emit.mlirType(type.withShape(operands[0].type().shape)));
  auto op = tile::MapElementwiseOp::create(b, types, handlesOf(operands), 1);
  if (!fillRegion(e, op.getBody(), args[0], scalarTypes(operands, 1), results,
                  "tl.map_elementwise")) {
    op.erase();
    return Value::poison();
  }
  Values outs;
  for (auto [i, type] : llvm::enumerate(results))
    outs.push_back(
        emit.wrap(op.getOuts()[i], type.withShape(operands[0].type().shape)));
  return outs.size() == 1 ? outs[0] : Value::ofTuple(std::move(outs));
}

Value histogram(Evaluator &e, const Arguments &args) {
  Value input = e.emitter().toTensor(args[0]);
  std::optional<int64_t> bins = e.constantInt(args[1], "num_bins");
  if (!bins || input.isPoison())
    return Value::poison();
  const Type &type = input.type();
  if (type.shape.size() != 1 || !type.isInt() || type.bits() != 32)
    return e.error("tl.histogram takes a tensor of 32-bit integers with one "
                   "dimension, not " +
                       input.describe(),
                   "reshape it and convert it with .to(tl.int32)");
  if (!e.emitter().isTensorShape({*bins}))
    return Value::poison();
  mlir::Value mask;
  if (!args[2].isNone()) {
    Value flags =
        e.emitter().broadcastTo(e.emitter().toBool(args[2]), type.shape);
    if (flags.isPoison())
      return flags;
    mask = flags.handle();
  }
  Type result = Type::block(DType::Int32, {*bins});
  return e.emitter().wrap(
      tile::HistogramOp::create(e.emitter().builder(),
                                e.emitter().mlirType(result), input.handle(),
                                mask),
      result);
}

constexpr BuiltinInfo table[] = {
    {"tl.reduce", "input, axis, combine_fn, keep_dims=False", reduce, true},
    {"tl.associative_scan", "input, axis, combine_fn, reverse=False", scan,
     true},
    {"tl.map_elementwise", "scalar_fn, *args, pack=1", mapElementwise},
    {"tl.histogram", "input, num_bins, mask=None", histogram, true},
};

} // namespace

llvm::ArrayRef<BuiltinInfo> tegula::frontend::reduceBuiltins() { return table; }
