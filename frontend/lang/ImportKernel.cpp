//===- ImportKernel.cpp - one kernel to one module ------------------------===//
#include "frontend/lang/Evaluator.h"
#include "frontend/lang/SpanScope.h"
#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/Dialect/SCF/IR/SCF.h"
#include "mlir/IR/Verifier.h"
#include "llvm/Support/SaveAndRestore.h"

using namespace tegula::frontend;
using llvm::StringRef;

//===----------------------------------------------------------------------===//
// Arguments
//===----------------------------------------------------------------------===//

namespace {

/// The functions' arguments as they are collected, before the function exists.
struct KernelSignature {
  llvm::SmallVector<mlir::Type> types;
  llvm::SmallVector<mlir::DictionaryAttr> attributes;
  /// What each parameter is; the handle of run-time ones is filled in later.
  std::vector<std::pair<std::string, Value>> parameters;
  /// For each parameter, its argument's number or -1 for a constant.
  std::vector<int> numbers;
};

mlir::DictionaryAttr argumentAttributes(mlir::MLIRContext *context,
                                        StringRef name, int64_t divisibility) {
  mlir::OpBuilder b(context);
  llvm::SmallVector<mlir::NamedAttribute> list;
  if (divisibility > 1)
    list.push_back(b.getNamedAttr(tegula::tile::TileDialect::kDivisibilityAttr,
                                  b.getI32IntegerAttr(divisibility)));
  list.push_back(b.getNamedAttr(tegula::tile::TileDialect::kNameAttr,
                                b.getStringAttr(name)));
  return b.getDictionaryAttr(list);
}

void addRuntime(KernelSignature &signature, mlir::MLIRContext *context,
                const std::string &name, const Value &model, mlir::Type type,
                int64_t divisibility) {
  signature.numbers.push_back(signature.types.size());
  signature.types.push_back(type);
  signature.attributes.push_back(
      argumentAttributes(context, name, divisibility));
  signature.parameters.emplace_back(name, model);
}

} // namespace

/// Adds one parameter to the signature; false after an error.
static bool addParameter(Evaluator &evaluator, const ParameterInfo &info,
                         const ArgumentSpec *spec, KernelSignature &signature) {
  mlir::MLIRContext *context = evaluator.context();
  auto constant = [&](Value value) {
    signature.numbers.push_back(-1);
    signature.parameters.emplace_back(info.name, std::move(value));
    return true;
  };
  if (!spec) {
    if (info.defaultValue)
      return constant(Value::fromLiteral(*info.defaultValue));
    evaluator.error("the kernel's parameter '" + info.name + "' has no value",
                    info.isConstexpr
                        ? "it is a tl.constexpr: give " + info.name + "=VALUE"
                        : "give " + info.name +
                              "=TYPE_OR_VALUE, for instance " + info.name +
                              "=*f32 or " + info.name + "=i32");
    return false;
  }
  using Kind = ArgumentSpec::Kind;
  if (info.isConstexpr && spec->kind != Kind::Constant) {
    // A type given for a constexpr is a constant too: OUT_DTYPE=f16.
    if (spec->kind == Kind::Scalar)
      return constant(Value::ofType(spec->element));
    evaluator.error("the parameter '" + info.name +
                    "' is a tl.constexpr and needs a constant");
    return false;
  }
  switch (spec->kind) {
  case Kind::Constant:
    return constant(Value::fromLiteral(spec->value));
  case Kind::Pointer:
  case Kind::Scalar: {
    bool pointer = spec->kind == Kind::Pointer;
    Type type = pointer ? Type::pointerTo(spec->element) : Type(spec->element);
    addRuntime(signature, context, info.name, Value::ofTensor({}, type),
               type.toMlir(context), spec->divisibility);
    return true;
  }
  case Kind::Descriptor: {
    Value::DescriptorData data;
    data.element = spec->element;
    data.blockShape.assign(spec->blockShape.begin(), spec->blockShape.end());
    mlir::Type type = tegula::tile::DescType::get(
        context, data.blockShape, toMlir(spec->element, context));
    addRuntime(signature, context, info.name, Value::ofDescriptor(data), type,
               1);
    return true;
  }
  }
  return false;
}

/// Gives a parameter its block argument.
static Value withHandle(const Value &model, mlir::Value handle) {
  if (model.is(Value::Kind::Descriptor)) {
    Value::DescriptorData data = model.descriptor();
    data.handle = handle;
    return Value::ofDescriptor(std::move(data));
  }
  return Value::ofTensor(handle, model.type());
}

//===----------------------------------------------------------------------===//
// Kernels
//===----------------------------------------------------------------------===//

/// A number compiled in for a parameter that is no constexpr has the type it
/// would have as an argument; 1 is the constant that Triton makes of it.
Value Evaluator::compiledIn(const Value &value, std::optional<DType> type) {
  bool one = value.is(Value::Kind::Int) && value.integer() == 1;
  if (!value.isNumber() || one)
    return value;
  return type ? emit->constant(value, *type) : emit->toTensor(value);
}

mlir::OwningOpRef<mlir::ModuleOp>
Evaluator::importKernel(const std::shared_ptr<Module> &module,
                        const FunctionStmt &function,
                        const ImportOptions &options) {
  mlirContext->loadDialect<tile::TileDialect, mlir::arith::ArithDialect,
                           mlir::math::MathDialect, mlir::scf::SCFDialect,
                           mlir::func::FuncDialect>();
  Frame outermost{mlir::LocationAttr()};
  outermost.module = module;
  outermost.function = &function;
  outermost.span = function.span;
  llvm::SaveAndRestore<Frame *> entered(frame, &outermost);

  std::optional<KernelInfo> info = describe(module, function);
  KernelSignature signature;
  bool valid = info.has_value();
  for (size_t i = 0; valid && i < info->parameters.size(); ++i) {
    const ParameterInfo &parameter = info->parameters[i];
    SpanScope place(*this, function.parameters[i].span);
    auto spec = options.arguments.find(parameter.name);
    valid &= addParameter(
        *this, parameter,
        spec == options.arguments.end() ? nullptr : &spec->second, signature);
  }
  for (const auto &entry : options.arguments) {
    bool known = valid && llvm::any_of(info->parameters, [&](const auto &p) {
                   return p.name == entry.getKey();
                 });
    if (valid && !known) {
      error("the kernel '" + function.name + "' has no parameter '" +
            entry.getKey() + "'");
      valid = false;
    }
  }
  if (!valid)
    return nullptr;

  mlir::ImplicitLocOpBuilder &b = emit->builder();
  b.setLoc(location());
  mlir::OwningOpRef<mlir::ModuleOp> made = mlir::ModuleOp::create(b.getLoc());
  b.setInsertionPointToEnd(made->getBody());
  auto type = b.getFunctionType(signature.types, {});
  auto kernel = mlir::func::FuncOp::create(b, function.name, type);
  kernel.setPublic();
  for (auto [i, attributes] : llvm::enumerate(signature.attributes))
    kernel.setArgAttrs(i, attributes);
  mlir::Block *entry = kernel.addEntryBlock();
  b.setInsertionPointToEnd(entry);
  for (size_t i = 0; i < signature.parameters.size(); ++i) {
    auto &[name, value] = signature.parameters[i];
    if (signature.numbers[i] >= 0)
      value = withHandle(value, entry->getArgument(signature.numbers[i]));
    else if (!info->parameters[i].isConstexpr)
      value = compiledIn(value, info->parameters[i].annotatedType);
    outermost.scope[name] = value;
  }
  run(function.body, []() { return Flow::Fell; });
  if (!outermost.returned.isNone() && !outermost.returned.isPoison())
    error("a kernel returns nothing, but this one returns " +
              outermost.returned.describe(),
          "store the result through a pointer");
  mlir::func::ReturnOp::create(b);
  if (diagnostics->hasErrors())
    return nullptr;
  return made;
}

//===----------------------------------------------------------------------===//
// What a file says about its kernels
//===----------------------------------------------------------------------===//

namespace {

/// Does `list`, a list of names or positions, hold this parameter?
bool listHolds(const Value &list, StringRef name, size_t index) {
  if (!list.isTuple())
    return list.isString() && list.string() == name;
  for (const Value &element : list.elements())
    if ((element.isString() && element.string() == name) ||
        (element.isInt() && element.integer() == __int128(index)))
      return true;
  return false;
}

bool isConstexprName(StringRef text) {
  text = text.trim("\"' ");
  return text == "constexpr" || text.ends_with(".constexpr");
}

/// Python's own `int` and `float` say nothing about the width.
std::optional<DType> annotatedType(StringRef text) {
  text = text.trim("\"' ");
  if (text == "int" || text == "float" || text == "bool" || text == "long")
    return std::nullopt;
  return parseDType(text);
}

std::string sourceOf(const SourceFile &file, const Span &span) {
  StringRef line = file.line(span.line);
  if (span.column == 0 || span.column > line.size())
    return {};
  return line.substr(span.column - 1, span.length).str();
}

} // namespace

std::optional<KernelInfo>
Evaluator::describe(const std::shared_ptr<Module> &module,
                    const FunctionStmt &function) {
  KernelInfo info;
  info.name = function.name;
  info.line = function.span.line;
  bool valid = true;
  for (const Parameter &parameter : function.parameters) {
    ParameterInfo made;
    made.name = parameter.name;
    made.annotation = parameter.annotationText;
    made.isConstexpr = isConstexprName(parameter.annotationText);
    made.annotatedType = annotatedType(parameter.annotationText);
    made.hasDefault = parameter.defaultValue != nullptr;
    if (parameter.defaultValue) {
      Value value = evalQuietly(module, parameter.defaultValue);
      if (!value.isUnknown())
        made.defaultValue = value.toLiteral();
    }
    if (parameter.kind == Parameter::Kind::VarArgs ||
        parameter.kind == Parameter::Kind::KeywordArgs)
      valid = false;
    info.parameters.push_back(std::move(made));
  }
  describeDecorators(module, function, info);
  info.looksLikeKernel =
      !returnsValue(function.body) &&
      (!module->isCalled(function.name) || !info.configs.empty());
  if (!valid && frame)
    error("a kernel has no '*' parameters");
  if (!valid && frame)
    return std::nullopt;
  return info;
}

void Evaluator::describeDecorators(const std::shared_ptr<Module> &module,
                                   const FunctionStmt &function,
                                   KernelInfo &info) {
  for (const Expr *decorator : function.decorators) {
    const auto *call = llvm::dyn_cast<CallExpr>(decorator);
    if (!call)
      continue;
    std::string dotted = dottedName(call->callee);
    StringRef name = StringRef(dotted).substr(dotted.rfind('.') + 1);
    if (name == "jit") {
      for (const Keyword &keyword : call->keywords) {
        bool value = keyword.name == "do_not_specialize";
        if (!value && keyword.name != "do_not_specialize_on_alignment")
          continue;
        Value list = evalQuietly(module, keyword.value);
        for (size_t i = 0; i < info.parameters.size(); ++i)
          if (listHolds(list, info.parameters[i].name, i))
            (value ? info.parameters[i].doNotSpecialize
                   : info.parameters[i].doNotSpecializeOnAlignment) = true;
      }
    } else if (name == "autotune") {
      describeAutotune(module, call, info);
    } else if (name == "heuristics" && call->arguments.size() == 1) {
      const auto *dict = llvm::dyn_cast<DictExpr>(call->arguments[0]);
      for (size_t i = 0; dict && i + 1 < dict->items.size(); i += 2)
        if (const auto *key =
                llvm::dyn_cast_or_null<StringExpr>(dict->items[i]))
          info.heuristics.push_back(
              {key->value,
               sourceOf(module->source(), dict->items[i + 1]->span)});
    }
  }
}

void Evaluator::describeAutotune(const std::shared_ptr<Module> &module,
                                 const CallExpr *call, KernelInfo &info) {
  const Expr *configs = call->arguments.empty() ? nullptr : call->arguments[0];
  const Expr *keys = call->arguments.size() < 2 ? nullptr : call->arguments[1];
  for (const Keyword &keyword : call->keywords) {
    if (keyword.name == "configs")
      configs = keyword.value;
    if (keyword.name == "key")
      keys = keyword.value;
  }
  if (keys) {
    Value list = evalQuietly(module, keys);
    if (list.isTuple())
      for (const Value &key : list.elements())
        if (key.isString())
          info.autotuneKeys.push_back(key.string());
  }
  if (!configs)
    return;
  Value list = evalQuietly(module, configs);
  if (!list.isTuple()) {
    info.configsProblem = list.isUnknown() ? list.string() : list.describe();
    return;
  }
  for (const Value &config : list.elements()) {
    if (!config.is(Value::Kind::Object))
      continue;
    AutotuneConfig made;
    const auto &fields = config.object().fields;
    auto number = [&](StringRef name) -> std::optional<int64_t> {
      auto found = fields.find(name);
      if (found == fields.end() || !found->second.isInt())
        return std::nullopt;
      return int64_t(found->second.integer());
    };
    made.numWarps = number("num_warps");
    made.numStages = number("num_stages");
    made.numCtas = number("num_ctas");
    auto kwargs = fields.find("kwargs");
    if (kwargs != fields.end() && kwargs->second.is(Value::Kind::Dict))
      for (const auto &[key, value] : kwargs->second.dict().items)
        if (std::optional<Literal> literal = value.toLiteral())
          made.arguments.emplace_back(key.str(), std::move(*literal));
    info.configs.push_back(std::move(made));
  }
}

const FunctionStmt *
Evaluator::jitFunction(const std::shared_ptr<Module> &module, StringRef name) {
  Value value = globalOf(module, name);
  if (value.is(Value::Kind::Function) && value.function().isJit)
    return value.function().def;
  // The name may stand for a wrapped kernel: autotuned(kernel).
  for (const FunctionStmt *function : module->jitFunctions())
    if (function->name == name)
      return function;
  return nullptr;
}

const Expr *
Evaluator::heuristicExpression(const std::shared_ptr<Module> &module,
                               StringRef kernel, StringRef name) {
  if (const FunctionStmt *function = jitFunction(module, kernel)) {
    for (const Expr *decorator : function->decorators) {
      const auto *call = llvm::dyn_cast<CallExpr>(decorator);
      if (!call || call->arguments.size() != 1)
        continue;
      const auto *dict = llvm::dyn_cast<DictExpr>(call->arguments[0]);
      for (size_t i = 0; dict && i + 1 < dict->items.size(); i += 2)
        if (const auto *key =
                llvm::dyn_cast_or_null<StringExpr>(dict->items[i]))
          if (key->value == name)
            return dict->items[i + 1];
    }
  }
  return nullptr;
}
