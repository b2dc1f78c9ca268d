//===- BuiltinsProgram.cpp - programs, asserts, prints, hints -------------===//
#include "frontend/lang/Evaluator.h"

using namespace tegula::frontend;
using llvm::StringRef;
namespace tile = tegula::tile;

namespace {

std::optional<tile::Axis> axisOf(Evaluator &e, const Value &value) {
  std::optional<int64_t> axis = e.constantInt(value, "the axis");
  if (!axis)
    return std::nullopt;
  if (*axis < 0 || *axis > 2) {
    e.error("the axis must be 0, 1 or 2, not " + llvm::Twine(*axis));
    return std::nullopt;
  }
  return tile::Axis(*axis);
}

template <typename Op> Value gridValue(Evaluator &e, const Arguments &args) {
  std::optional<tile::Axis> axis = axisOf(e, args[0]);
  if (!axis)
    return Value::poison();
  mlir::ImplicitLocOpBuilder &b = e.emitter().builder();
  return e.emitter().wrap(Op::create(b, b.getI32Type(), *axis), DType::Int32);
}

//===----------------------------------------------------------------------===//
// Asserts and prints
//===----------------------------------------------------------------------===//

Value staticAssert(Evaluator &e, const Arguments &args) {
  std::optional<bool> holds = e.constantBool(args[0], "a static_assert");
  if (!holds)
    return Value::poison();
  if (!*holds)
    return e.error("static assertion failed" +
                   (args[1].isString() && args[1].string().empty()
                        ? std::string()
                        : ": " + args[1].str()));
  return Value::none();
}

Value staticPrint(Evaluator &e, const Arguments &args) {
  std::string text;
  for (const Value &value : args[0].elements())
    text += (text.empty() ? "" : " ") + value.str();
  e.printStream() << text << '\n';
  return Value::none();
}

Value deviceAssert(Evaluator &e, const Arguments &args) {
  Value condition = e.emitter().toBool(args[0]);
  if (condition.isPoison())
    return condition;
  // Lanes that the mask switches off always hold.
  if (!args[2].isNone()) {
    Value off = e.emitter().logicalNot(args[2]);
    condition = e.emitter().logical(/*isAnd=*/false, condition, off);
    if (condition.isPoison())
      return condition;
  }
  mlir::ImplicitLocOpBuilder &b = e.emitter().builder();
  tile::AssertOp::create(b, condition.handle(), args[1].str());
  return Value::none();
}

Value devicePrint(Evaluator &e, const Arguments &args) {
  std::string prefix;
  Values rest = args[1].elements();
  if (args[0].isString())
    prefix = args[0].string();
  else
    rest.insert(rest.begin(), args[0]);
  llvm::SmallVector<mlir::Value> handles;
  llvm::SmallVector<int32_t> isSigned;
  for (const Value &value : rest) {
    if (value.isString()) {
      prefix += (prefix.empty() ? "" : " ") + value.string();
      continue;
    }
    Value tensor = e.emitter().toTensor(value);
    if (tensor.isPoison())
      return tensor;
    handles.push_back(tensor.handle());
    isSigned.push_back(tensor.type().isInt() && !tensor.type().isUnsigned());
  }
  std::optional<bool> hex = e.constantBool(args[2], "hex");
  if (!hex)
    return Value::poison();
  mlir::ImplicitLocOpBuilder &b = e.emitter().builder();
  tile::PrintOp::create(b, prefix, handles, *hex, isSigned);
  return Value::none();
}

//===----------------------------------------------------------------------===//
// Hints
//===----------------------------------------------------------------------===//

/// tl.multiple_of and its relatives promise something about a value; the
/// promise is kept as an attribute of the op that makes it.
Value hint(Evaluator &e, const Arguments &args) {
  StringRef name = StringRef(args.info->name).drop_front(3);
  std::optional<Shape> values = e.constantShape(args[1], "the values");
  if (!values || !args[0].isTensor())
    return args[0];
  llvm::SmallVector<int32_t> numbers(values->begin(), values->end());
  if (mlir::Operation *op = args[0].handle().getDefiningOp())
    op->setAttr("tile." + name.str(),
                mlir::DenseI32ArrayAttr::get(e.context(), numbers));
  return args[0];
}

Value accept(Evaluator &, const Arguments &) { return Value::none(); }

Value refuseAssembly(Evaluator &e, const Arguments &) {
  return e.error("tl.inline_asm_elementwise is not supported: its text runs on "
                 "one machine only",
                 "write the operation in the language, or guard it by a "
                 "tl.constexpr");
}

Value condition(Evaluator &, const Arguments &args) {
  Value::ObjectData data;
  data.className = "condition";
  data.fields["condition"] = args[0];
  return Value::ofObject(std::move(data));
}

constexpr BuiltinInfo table[] = {
    {"tl.program_id", "axis", gridValue<tile::ProgramIdOp>},
    {"tl.num_programs", "axis", gridValue<tile::NumProgramsOp>},
    {"tl.static_assert", "cond, msg=''", staticAssert},
    {"tl.static_print", "*values, sep=' ', end='', file=None, flush=False",
     staticPrint},
    {"tl.device_assert", "cond, msg='', mask=None", deviceAssert},
    {"tl.device_print", "prefix, *args, hex=False", devicePrint},
    {"tl.multiple_of", "input, values", hint},
    {"tl.max_contiguous", "input, values", hint},
    {"tl.max_constancy", "input, values", hint},
    {"tl.assume", "cond", accept},
    {"tl.debug_barrier", "", accept},
    {"tl.condition", "arg1, disable_licm=False", condition},
    {"tl.inline_asm_elementwise",
     "asm, constraints, args, dtype, is_pure, pack", refuseAssembly},
    {"libdevice.gdc_wait", "", accept},
    {"libdevice.gdc_launch_dependents", "", accept},
    {"tl.extra.cuda.gdc_wait", "", accept},
    {"tl.extra.cuda.gdc_launch_dependents", "", accept},
};

} // namespace

llvm::ArrayRef<BuiltinInfo> tegula::frontend::programBuiltins() {
  return table;
}
