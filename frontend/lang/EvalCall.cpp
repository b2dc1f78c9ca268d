//===- EvalCall.cpp - calls: builtins, inlined functions, methods ---------===//
#include "frontend/lang/Evaluator.h"
#include "frontend/lang/SpanScope.h"
#include "frontend/lang/Spelling.h"
#include "llvm/Support/SaveAndRestore.h"

using namespace tegula::frontend;
using llvm::dyn_cast;
using llvm::StringRef;

using Keywords = std::vector<std::pair<std::string, Value>>;

Value Evaluator::evalCall(const CallExpr *expr) {
  Value callee = eval(expr->callee);
  if (callee.isPoison())
    return callee;
  Values arguments;
  for (const Expr *argument : expr->arguments) {
    if (const auto *starred = dyn_cast<StarredExpr>(argument)) {
      Value inner = iterate(eval(starred->value));
      if (inner.isPoison())
        return inner;
      arguments.insert(arguments.end(), inner.elements().begin(),
                       inner.elements().end());
      continue;
    }
    arguments.push_back(eval(argument));
  }
  Keywords keywords;
  for (const Keyword &keyword : expr->keywords) {
    Value value = eval(keyword.value);
    if (!keyword.name.empty()) {
      keywords.emplace_back(keyword.name, value);
      continue;
    }
    if (!value.is(Value::Kind::Dict))
      return value.isPoison() ? value : error("'**' takes a dictionary");
    for (const auto &[key, inner] : value.dict().items)
      keywords.emplace_back(key.str(), inner);
  }
  // An argument that is wrong has been reported; the call would only repeat.
  for (const Value &argument : arguments)
    if (argument.isPoison())
      return argument;
  for (const auto &[name, value] : keywords)
    if (value.isPoison())
      return value;
  return call(callee, std::move(arguments), std::move(keywords));
}

Value Evaluator::call(const Value &callee, Values arguments,
                      Keywords keywords) {
  switch (callee.kind()) {
  case Value::Kind::Builtin:
    return callBuiltin(*callee.builtin(), std::move(arguments),
                       std::move(keywords));
  case Value::Kind::Function:
    return callFunction(callee, std::move(arguments), std::move(keywords));
  case Value::Kind::Method: {
    const Value::MethodData &method = callee.method();
    arguments.insert(arguments.begin(), method.self);
    return call(method.function, std::move(arguments), std::move(keywords));
  }
  case Value::Kind::Type:
    // tl.float32(x) converts, as in Triton's own functions.
    if (arguments.size() == 1 && keywords.empty())
      return call(Value::ofBuiltin(findBuiltin("tl.cast")),
                  {arguments[0], callee});
    return error("a type takes one value to convert");
  case Value::Kind::Poison:
    return callee;
  default:
    return error(callee.describe() + " cannot be called");
  }
}

//===----------------------------------------------------------------------===//
// Builtins
//===----------------------------------------------------------------------===//

namespace {

Value parseDefault(StringRef text) {
  if (text == "()")
    return Value::ofTuple({});
  return Value::fromLiteral(Literal::parse(text));
}

} // namespace

std::vector<BuiltinParameter> tegula::frontend::parseSignature(StringRef text) {
  std::vector<BuiltinParameter> parameters;
  bool keywordOnly = false;
  llvm::SmallVector<StringRef, 8> parts;
  text.split(parts, ',', -1, false);
  for (StringRef part : parts) {
    part = part.trim();
    if (part == "*") {
      keywordOnly = true;
      continue;
    }
    BuiltinParameter parameter;
    parameter.takesRest = part.consume_front("*");
    auto [name, value] = part.split('=');
    parameter.name = name;
    parameter.keywordOnly = keywordOnly;
    if (part.contains('='))
      parameter.defaultValue = parseDefault(value);
    keywordOnly |= parameter.takesRest;
    parameters.push_back(std::move(parameter));
  }
  return parameters;
}

bool Evaluator::checkKeywords(const BuiltinInfo &info,
                              llvm::ArrayRef<BuiltinParameter> parameters,
                              const Keywords &keywords) {
  for (const auto &[name, value] : keywords) {
    Spelling near(name);
    bool known = false;
    for (const BuiltinParameter &parameter : parameters) {
      known |= parameter.name == name;
      near.consider(parameter.name);
    }
    if (known)
      continue;
    std::string hint = near.hint();
    error("'" + StringRef(info.name).rsplit('.').second +
              "' has no parameter '" + name + "'",
          hint.empty()
              ? "its parameters are (" + std::string(info.signature) + ")"
              : hint);
    return false;
  }
  return true;
}

Value Evaluator::callBuiltin(const BuiltinInfo &info, Values arguments,
                             Keywords keywords) {
  StringRef name = StringRef(info.name).rsplit('.').second;
  std::vector<BuiltinParameter> parameters = parseSignature(info.signature);
  if (!checkKeywords(info, parameters, keywords))
    return Value::poison();
  Arguments bound;
  bound.info = &info;
  size_t next = 0;
  for (const BuiltinParameter &parameter : parameters) {
    if (parameter.takesRest) {
      Values rest(arguments.begin() + std::min(next, arguments.size()),
                  arguments.end());
      next = arguments.size();
      bound.values.push_back(Value::ofTuple(std::move(rest)));
      continue;
    }
    auto keyword = llvm::find_if(keywords, [&](const auto &entry) {
      return entry.first == parameter.name;
    });
    if (!parameter.keywordOnly && next < arguments.size()) {
      if (keyword != keywords.end())
        return error("'" + name + "' is given '" + parameter.name + "' twice");
      bound.values.push_back(arguments[next++]);
    } else if (keyword != keywords.end()) {
      bound.values.push_back(keyword->second);
      keywords.erase(keyword);
    } else if (parameter.defaultValue) {
      bound.values.push_back(*parameter.defaultValue);
    } else {
      return error("'" + name + "' needs the argument '" + parameter.name + "'",
                   "its parameters are (" + llvm::Twine(info.signature) + ")");
    }
  }
  if (next < arguments.size())
    return error("'" + name + "' takes at most " + llvm::Twine(next) +
                     " positional arguments, but " +
                     llvm::Twine(arguments.size()) + " are given",
                 "its parameters are (" + llvm::Twine(info.signature) + ")");
  StringRef space = StringRef(info.name).split('.').first;
  bool needsKernel = space == "tl" || space == "desc" || space == "libdevice";
  bool constant = StringRef(info.name) == "tl.constexpr" ||
                  StringRef(info.name) == "tl.pointer_type" ||
                  StringRef(info.name) == "tl.dtype" ||
                  StringRef(info.name) == "tl.static_range" ||
                  StringRef(info.name) == "tl.range" ||
                  StringRef(info.name) == "tl.static_assert" ||
                  StringRef(info.name) == "tl.get_int_dtype";
  if (needsKernel && !constant && !canEmit())
    return error("'" + name + "' can be called in a kernel only");
  return info.handler(*this, bound);
}

//===----------------------------------------------------------------------===//
// Functions of the file
//===----------------------------------------------------------------------===//

bool Evaluator::isRecursive(const Value::FunctionData &function) const {
  for (const Frame *at = frame; at; at = at->caller)
    if (function.def && at->function == function.def)
      return true;
  return false;
}

bool Evaluator::checkKeywords(const Value::FunctionData &function,
                              const Keywords &keywords) {
  for (const auto &[name, value] : keywords) {
    Spelling near(name);
    bool known = false;
    for (const Parameter &parameter : function.parameters()) {
      known |= parameter.kind == Parameter::Kind::KeywordArgs ||
               parameter.name == name;
      near.consider(parameter.name);
    }
    if (known)
      continue;
    error("'" + function.name + "' has no parameter '" + name + "'",
          near.hint());
    return false;
  }
  return true;
}

bool Evaluator::bindParameters(const Value::FunctionData &function,
                               Values arguments, Keywords keywords,
                               Scope &scope) {
  if (!checkKeywords(function, keywords))
    return false;
  size_t next = 0;
  auto take = [&](StringRef name) -> std::optional<Value> {
    for (size_t i = 0; i < keywords.size(); ++i)
      if (keywords[i].first == name) {
        Value value = keywords[i].second;
        keywords.erase(keywords.begin() + i);
        return value;
      }
    return std::nullopt;
  };
  for (const Parameter &parameter : function.parameters()) {
    std::optional<Value> value;
    switch (parameter.kind) {
    case Parameter::Kind::VarArgs:
      value = Value::ofTuple(
          Values(arguments.begin() + std::min(next, arguments.size()),
                 arguments.end()));
      next = arguments.size();
      break;
    case Parameter::Kind::KeywordArgs: {
      Value::DictData dict;
      for (auto &[name, given] : keywords)
        dict.items.emplace_back(Value::ofString(name), given);
      keywords.clear();
      value = Value::ofDict(std::move(dict));
      break;
    }
    case Parameter::Kind::Ordinary:
      if (next < arguments.size()) {
        value = arguments[next++];
        if (take(parameter.name)) {
          error("'" + function.name + "' is given '" + parameter.name +
                "' twice");
          return false;
        }
        break;
      }
      [[fallthrough]];
    case Parameter::Kind::KeywordOnly:
      value = take(parameter.name);
      if (!value && parameter.defaultValue)
        value = function.closure
                    ? evaluateHost(function.module, parameter.defaultValue,
                                   *function.closure)
                    : evaluateHost(function.module, parameter.defaultValue, {});
    }
    if (!value) {
      error("'" + function.name + "' needs the argument '" + parameter.name +
            "'");
      return false;
    }
    scope[parameter.name] = *value;
  }
  if (next < arguments.size()) {
    error("'" + function.name + "' takes " + llvm::Twine(next) +
          " positional arguments, but " + llvm::Twine(arguments.size()) +
          " are given");
    return false;
  }
  return true;
}

Value Evaluator::callFunction(const Value &callee, Values arguments,
                              Keywords keywords) {
  const Value::FunctionData &function = callee.function();
  bool host = !function.isJit || inHost() || !canEmit();
  if (host && !inHost() && canEmit() && function.def &&
      !hasDecorator(*function.def, "constexpr_function"))
    for (const Value &argument : arguments)
      if (argument.isRuntime())
        return error("'" + function.name +
                         "' is an ordinary Python function, called with " +
                         argument.describe(),
                     "decorate it with @triton.jit");
  if (!host && isRecursive(function))
    return error("'" + function.name + "' calls itself",
                 "kernels cannot recurse; use a loop");
  if (callDepth > 100)
    return error("calls are nested too deeply");
  if (outOfBudget())
    return Value::poison();
  Scope scope;
  if (!bindParameters(function, std::move(arguments), std::move(keywords),
                      scope))
    return Value::poison();
  Frame inner(canEmit() ? mlir::LocationAttr(location()) : frame->callLoc);
  inner.module = function.module;
  inner.scope = std::move(scope);
  inner.closure = function.closure;
  inner.function = function.def;
  inner.caller = frame;
  inner.host = host;
  inner.span = function.def ? function.def->span : function.lambda->span;
  llvm::SaveAndRestore<Frame *> entered(frame, &inner);
  llvm::SaveAndRestore<unsigned> deeper(callDepth, callDepth + 1);
  if (function.lambda)
    return eval(function.lambda->body);
  run(function.def->body, []() { return Flow::Fell; });
  return frame->returned;
}

Value Evaluator::evaluateHost(const std::shared_ptr<Module> &module,
                              const Expr *expr, Scope scope) {
  Frame inner(frame ? frame->callLoc : mlir::LocationAttr());
  inner.module = module;
  inner.scope = std::move(scope);
  inner.caller = frame;
  inner.host = true;
  if (callDepth > 100)
    return error("this is nested too deeply");
  llvm::SaveAndRestore<Frame *> entered(frame, &inner);
  llvm::SaveAndRestore<unsigned> deeper(callDepth, callDepth + 1);
  return eval(expr);
}

Value Evaluator::callHost(const std::shared_ptr<Module> &module,
                          const Value &callee, Values arguments) {
  Frame inner{mlir::LocationAttr()};
  inner.module = module;
  inner.host = true;
  llvm::SaveAndRestore<Frame *> entered(frame, &inner);
  return call(callee, std::move(arguments));
}
