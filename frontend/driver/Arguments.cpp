//===- Arguments.cpp - NAME=VALUE to kernel arguments ---*- C++ -*-===//
//
// Part of the Tegula Project, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "frontend/driver/Arguments.h"
#include "llvm/ADT/STLExtras.h"
#include "llvm/ADT/StringExtras.h"
#include <cmath>
#include <cstring>

namespace tegula::frontend {

using Kind = ArgumentSpec::Kind;

llvm::Expected<NamedText> NamedText::parse(llvm::StringRef word) {
  auto [name, text] = word.split('=');
  if (name.empty() || name.size() == word.size())
    return llvm::createStringError(
        "'" + word +
        "' isn't an argument; write NAME=VALUE, for instance "
        "n=1000 or x=randn:f32:1000");
  return NamedText{name.str(), text.str()};
}

const Argument *BoundArguments::find(llvm::StringRef name) const {
  for (const Argument &argument : arguments)
    if (argument.name == name)
      return &argument;
  return nullptr;
}

llvm::StringMap<ArgumentSpec> BoundArguments::specs() const {
  llvm::StringMap<ArgumentSpec> result;
  for (const Argument &argument : arguments)
    result[argument.name] = argument.spec;
  return result;
}

Bindings BoundArguments::bindings() const {
  Bindings result;
  for (const Argument &argument : arguments) {
    if (argument.array)
      result.arrays[argument.name] = {argument.array->element,
                                      argument.array->shape};
    else if (argument.value)
      result.values[argument.name] = *argument.value;
  }
  return result;
}

//===----------------------------------------------------------------------===//
// One value
//===----------------------------------------------------------------------===//

static llvm::Error wrong(llvm::StringRef name, llvm::StringRef text,
                         const llvm::Twine &why) {
  return llvm::createStringError(name + "=" + text + ": " + why);
}

/// The type that Triton gives a Python number.
static DType typeOfNumber(const Literal &value) {
  if (value.kind == Literal::Kind::Bool)
    return DType::Int1;
  if (value.kind == Literal::Kind::Float)
    return DType::Float32;
  if (value.integer == int32_t(value.integer))
    return DType::Int32;
  return value.integer <= INT64_MAX ? DType::Int64 : DType::UInt64;
}

static bool fits(const Literal &value, DType type) {
  if (value.kind == Literal::Kind::Float)
    return isFloat(type);
  __int128 integer =
      value.kind == Literal::Kind::Bool ? value.boolean : value.integer;
  if (isFloat(type))
    return true;
  unsigned bits = bitWidth(type);
  __int128 one = 1;
  if (type == DType::Int1)
    return integer == 0 || integer == 1;
  if (isUnsigned(type))
    return integer >= 0 && integer < one << bits;
  return integer >= -(one << (bits - 1)) && integer < one << (bits - 1);
}

static uint64_t packSlot(const Literal &value, DType type) {
  uint64_t slot = 0;
  if (isFloat(type)) {
    storeNumber(type, value.asDouble(), &slot);
    return slot;
  }
  __int128 integer =
      value.kind == Literal::Kind::Bool ? value.boolean : value.integer;
  slot = uint64_t(integer);
  unsigned bits = bitWidth(type);
  return bits == 64 ? slot : slot & ((uint64_t(1) << bits) - 1);
}

/// A run-time number of a known type.
static llvm::Expected<Argument> bindNumber(llvm::StringRef name,
                                           llvm::StringRef text,
                                           const Literal &value, DType type) {
  if (!fits(value, type))
    return wrong(name, text,
                 value.str() + " doesn't fit into " + shortName(type));
  Argument argument;
  argument.name = name.str();
  argument.value = value;
  if (isFloat(type))
    argument.value = Literal::ofFloat(value.asDouble());
  argument.slot = packSlot(value, type);
  argument.spec = ArgumentSpec::scalar(type);
  return argument;
}

static Argument makeConstant(llvm::StringRef name, Literal value) {
  Argument argument;
  argument.name = name.str();
  argument.value = value;
  argument.spec = ArgumentSpec::constant(std::move(value));
  return argument;
}

static Argument makePointer(llvm::StringRef name, ArraySpec array) {
  Argument argument;
  argument.name = name.str();
  argument.spec = ArgumentSpec::pointer(array.element, 16);
  argument.array = std::move(array);
  return argument;
}

/// `i64:5`: a number with its type.
static std::optional<std::pair<DType, Literal>>
parseTypedNumber(llvm::StringRef text) {
  auto [type, number] = text.split(':');
  std::optional<DType> element = parseDType(type);
  if (!element || number.empty())
    return std::nullopt;
  Literal value = Literal::parse(number);
  if (!value.isNumber())
    return std::nullopt;
  return std::make_pair(*element, value);
}

llvm::Expected<std::optional<ArgumentSpec>>
parseArgumentType(llvm::StringRef name, llvm::StringRef text) {
  auto [type, multiple] = text.split(':');
  bool pointer = type.consume_front("*");
  std::optional<DType> element = parseDType(type);
  if (!element) {
    if (pointer)
      return wrong(name, text, "unknown dtype '" + type + "'");
    return std::nullopt;
  }
  int64_t divisibility = 1;
  if (!multiple.empty() &&
      (multiple.getAsInteger(10, divisibility) || divisibility < 1 ||
       (divisibility & (divisibility - 1)) != 0))
    return wrong(name, text,
                 "the divisibility '" + multiple + "' isn't a power of two");
  return pointer ? ArgumentSpec::pointer(*element, divisibility)
                 : ArgumentSpec::scalar(*element, divisibility);
}

static llvm::StringRef arrayHint(BindMode mode) {
  return mode == BindMode::Run
             ? "a run-time argument is a number (5, 1e-5, i64:5, true) or an "
               "array (x=randn:f32:1000, x=@in.npy)"
             : "give a type (*f32, i32, *f32:16) or a number to compile in";
}

/// Triton's rules; they don't hold for what the user's annotation fixes.
static void specialise(Argument &argument, const ParameterInfo &parameter,
                       bool annotated) {
  if (parameter.doNotSpecialize)
    argument.spec.divisibility = 1;
  if (argument.spec.kind == Kind::Pointer &&
      parameter.doNotSpecializeOnAlignment)
    argument.spec.divisibility = 1;
  if (argument.spec.kind != Kind::Scalar || parameter.doNotSpecialize ||
      isFloat(argument.spec.element) || argument.spec.element == DType::Int1)
    return;
  __int128 value = argument.value->integer;
  if (value == 1 && !annotated)
    argument.spec = ArgumentSpec::constant(*argument.value);
  else if (value % 16 == 0 && !parameter.doNotSpecializeOnAlignment)
    argument.spec.divisibility = 16;
}

static llvm::Expected<Argument> bindOne(const ParameterInfo &parameter,
                                        llvm::StringRef text, BindMode mode) {
  llvm::StringRef name = parameter.name;
  if (parameter.isConstexpr)
    return makeConstant(name, Literal::parse(text));

  if (mode == BindMode::Compile) {
    llvm::Expected<std::optional<ArgumentSpec>> type =
        parseArgumentType(name, text);
    if (!type)
      return type.takeError();
    if (*type) {
      Argument argument;
      argument.name = name.str();
      argument.spec = **type;
      return argument;
    }
  }
  llvm::Expected<std::optional<ArraySpec>> array = ArraySpec::parse(text);
  if (!array)
    return wrong(name, text, llvm::toString(array.takeError()));
  if (*array) {
    Argument argument = makePointer(name, std::move(**array));
    specialise(argument, parameter, /*annotated=*/false);
    return argument;
  }

  Literal value;
  std::optional<DType> type;
  if (auto typed = parseTypedNumber(text)) {
    type = typed->first;
    value = typed->second;
  } else {
    value = Literal::parse(text);
  }
  if (value.kind == Literal::Kind::None)
    return makeConstant(name, value);
  if (!value.isNumber())
    return wrong(name, text, arrayHint(mode));
  if (mode == BindMode::Compile)
    return makeConstant(name, value);
  std::optional<DType> annotation =
      parseDType(llvm::StringRef(parameter.annotation).trim("\"'"));
  bool annotated = !type && annotation;
  DType element = type ? *type : annotation ? *annotation : typeOfNumber(value);
  llvm::Expected<Argument> argument = bindNumber(name, text, value, element);
  if (argument)
    specialise(*argument, parameter, annotated);
  return argument;
}

llvm::Expected<Argument> bindTyped(llvm::StringRef name, llvm::StringRef text,
                                   DType element, bool pointer) {
  llvm::Expected<std::optional<ArraySpec>> array = ArraySpec::parse(text);
  if (!array)
    return wrong(name, text, llvm::toString(array.takeError()));
  if (pointer != bool(*array))
    return wrong(name, text,
                 pointer ? "an array is wanted here" : "a number is wanted");
  if (pointer) {
    if (bitWidth((*array)->element) != bitWidth(element))
      return wrong(name, text, "the kernel wants " + shortName(element));
    return makePointer(name, std::move(**array));
  }
  auto typed = parseTypedNumber(text);
  Literal value = typed ? typed->second : Literal::parse(text);
  if (!value.isNumber())
    return wrong(name, text, "a number is wanted");
  return bindNumber(name, text, value, element);
}

//===----------------------------------------------------------------------===//
// All of them
//===----------------------------------------------------------------------===//

namespace {

class Binder {
public:
  Binder(const ParsedFile &file, const KernelInfo &kernel, BindMode mode,
         Diagnostics &diagnostics)
      : file(file), kernel(kernel), mode(mode), diagnostics(diagnostics) {}

  std::optional<BoundArguments> run(llvm::ArrayRef<NamedText> given) {
    bindGiven(given);
    if (!failed)
      bindFirstConfig();
    if (!failed)
      bindHeuristics();
    if (!failed)
      checkMissing();
    if (failed)
      return std::nullopt;
    sortByParameter();
    return std::move(bound);
  }

private:
  void fail(const llvm::Twine &message, llvm::StringRef hint = "") {
    Diagnostic &made = diagnostics.error({nullptr, 0, 0, 1}, message.str());
    made.hint = hint.str();
    failed = true;
  }

  std::string parameterNames() const {
    return llvm::join(llvm::map_range(kernel.parameters,
                                      [](const auto &p) { return p.name; }),
                      ", ");
  }

  /// "did you mean 'x_ptr'?" where a parameter is spelt much the same.
  std::string nearest(llvm::StringRef name) const {
    std::string hint;
    size_t best = std::max<size_t>(1, name.size() / 3) + 1;
    for (const ParameterInfo &parameter : kernel.parameters)
      if (size_t distance = name.edit_distance(parameter.name);
          distance < best) {
        best = distance;
        hint = "did you mean '" + parameter.name + "'?";
      }
    return hint;
  }

  void bindGiven(llvm::ArrayRef<NamedText> given) {
    for (const NamedText &argument : given) {
      auto parameter = llvm::find_if(kernel.parameters, [&](const auto &p) {
        return p.name == argument.name;
      });
      if (parameter == kernel.parameters.end()) {
        fail("the kernel '" + kernel.name + "' has no parameter '" +
                 argument.name + "'; it has " + parameterNames(),
             nearest(argument.name));
        continue;
      }
      if (bound.find(argument.name)) {
        fail("'" + argument.name + "' is given twice");
        continue;
      }
      llvm::Expected<Argument> made = bindOne(*parameter, argument.text, mode);
      if (made)
        bound.arguments.push_back(std::move(*made));
      else
        fail(llvm::toString(made.takeError()));
    }
  }

  void bindFirstConfig() {
    if (!kernel.configsProblem.empty() && kernel.configs.empty()) {
      configsMissing = kernel.configsProblem;
      return;
    }
    if (kernel.configs.empty())
      return;
    std::string chosen;
    for (const auto &[name, value] : kernel.configs.front().arguments) {
      if (bound.find(name))
        continue;
      bound.arguments.push_back(makeConstant(name, value));
      chosen += (chosen.empty() ? "" : " ") + name + "=" + value.str();
    }
    if (!chosen.empty())
      bound.note = "@autotune: " + chosen + " (the first of " +
                   std::to_string(kernel.configs.size()) + " configurations)";
  }

  void bindHeuristics() {
    for (const Heuristic &heuristic : kernel.heuristics) {
      if (bound.find(heuristic.name))
        continue;
      std::optional<Literal> value = evaluateHeuristic(
          file, kernel, heuristic, bound.bindings(), diagnostics);
      if (!value) {
        fail("the @heuristics value of '" + heuristic.name +
                 "' can't be computed",
             "give it: " + heuristic.name + "=VALUE");
        continue;
      }
      bound.arguments.push_back(makeConstant(heuristic.name, *value));
    }
  }

  void checkMissing() {
    for (const ParameterInfo &parameter : kernel.parameters) {
      if (parameter.hasDefault || bound.find(parameter.name))
        continue;
      std::string hint =
          parameter.isConstexpr
              ? "it is a tl.constexpr: " + parameter.name + "=VALUE"
              : arrayHint(mode).str();
      if (!configsMissing.empty())
        hint +=
            "; the @autotune configurations can't be read: " + configsMissing;
      fail("no value for the parameter '" + parameter.name + "' of '" +
               kernel.name + "'",
           hint);
    }
  }

  void sortByParameter() {
    llvm::StringMap<size_t> place;
    for (const auto &[index, parameter] : llvm::enumerate(kernel.parameters))
      place[parameter.name] = index;
    llvm::sort(bound.arguments, [&](const Argument &a, const Argument &b) {
      return place[a.name] < place[b.name];
    });
  }

  const ParsedFile &file;
  const KernelInfo &kernel;
  BindMode mode;
  Diagnostics &diagnostics;
  BoundArguments bound;
  std::string configsMissing;
  bool failed = false;
};

} // namespace

std::optional<BoundArguments> bindArguments(const ParsedFile &file,
                                            const KernelInfo &kernel,
                                            llvm::ArrayRef<NamedText> given,
                                            BindMode mode,
                                            Diagnostics &diagnostics) {
  return Binder(file, kernel, mode, diagnostics).run(given);
}

std::optional<std::array<uint32_t, 3>> evaluateGrid(llvm::StringRef text,
                                                    const Bindings &bindings,
                                                    Diagnostics &diagnostics) {
  // `8,2` is a tuple only in parentheses; `(8,2)` and `cdiv(n,2)` stay right.
  std::optional<Literal> value = evaluateExpression(
      ("(" + text + ")").str(), bindings, "--grid", diagnostics);
  if (!value)
    return std::nullopt;
  std::vector<Literal> extents = value->kind == Literal::Kind::Tuple
                                     ? value->elements
                                     : std::vector<Literal>{*value};
  auto fail = [&](const llvm::Twine &why) {
    diagnostics.error({nullptr, 0, 0, 1},
                      ("--grid '" + text + "': " + why).str());
    return std::nullopt;
  };
  if (extents.empty() || extents.size() > 3)
    return fail("a grid has one to three numbers");
  std::array<uint32_t, 3> grid = {1, 1, 1};
  for (auto [index, extent] : llvm::enumerate(extents)) {
    if (extent.kind != Literal::Kind::Int)
      return fail(extent.str() + " isn't an integer");
    if (extent.integer < 1 || extent.integer > INT32_MAX)
      return fail(extent.str() + " isn't from 1 to 2147483647");
    grid[index] = uint32_t(extent.integer);
  }
  return grid;
}

} // namespace tegula::frontend
