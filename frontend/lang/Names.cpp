//===- Names.cpp - what names mean: scopes, globals, imports --------------===//
#include "frontend/lang/Evaluator.h"
#include "frontend/lang/Parser.h"
#include "frontend/lang/Spelling.h"
#include "llvm/ADT/StringSwitch.h"
#include "llvm/Support/FileSystem.h"
#include "llvm/Support/Path.h"
#include <cmath>

using namespace tegula::frontend;
using llvm::StringRef;
namespace path = llvm::sys::path;

//===----------------------------------------------------------------------===//
// Namespaces of the language
//===----------------------------------------------------------------------===//

namespace {

/// The namespace that a dotted module name stands for, or empty. Triton has
/// moved its functions between modules; all of its spellings are one here.
std::string canonicalNamespace(StringRef dotted) {
  // Our own package offers the language under the same names.
  if (dotted == "tegula" || dotted.starts_with("tegula."))
    return canonicalNamespace(("triton" + dotted.drop_front(6)).str());
  if (dotted == "triton" || dotted == "math" || dotted == "torch" ||
      dotted == "os" || dotted == "os.environ" || dotted == "packaging" ||
      dotted == "packaging.version" || dotted == "operator" ||
      dotted == "functools" || dotted == "warnings")
    return dotted.str();
  if (dotted == "triton.language" || dotted == "triton.language.core" ||
      dotted == "triton.language.standard" ||
      dotted == "triton.language.random" || dotted == "tl.random" ||
      dotted == "tl.core" || dotted == "tl.standard")
    return "tl";
  if (dotted == "triton.language.math" || dotted == "tl.math")
    return "tl.math";
  bool inLanguage =
      dotted.starts_with("triton.language.") || dotted.starts_with("tl.");
  if (inLanguage && (dotted.ends_with(".libdevice") ||
                     dotted.ends_with(".extra.tl_extra_shim")))
    return "libdevice";
  if (dotted == "triton.language.extra" || dotted == "tl.extra")
    return "tl.extra";
  if (dotted.consume_front("triton.language.extra.") ||
      dotted.consume_front("tl.extra."))
    return dotted.contains('.') ? "" : "tl.extra." + dotted.str();
  return "";
}

/// Constants of Python's math and of the language.
std::optional<Value> namedConstant(StringRef name) {
  return llvm::StringSwitch<std::optional<Value>>(name)
      .Case("math.pi", Value::ofFloat(M_PI))
      .Case("math.e", Value::ofFloat(M_E))
      .Case("math.tau", Value::ofFloat(2 * M_PI))
      .Case("math.inf", Value::ofFloat(INFINITY))
      .Case("math.nan", Value::ofFloat(NAN))
      .Case("triton.__version__", Value::ofString("3.9.0"))
      .Case("torch.__version__", Value::ofString("2.9.0"))
      .Case("os.name", Value::ofString("posix"))
      .Case("tl.CONSTEXPR_0", Value::ofInt(0))
      .Case("tl.TRITON_MAX_TENSOR_NUMEL", Value::ofInt(1048576))
      .Case("tl.PropagateNan", Value::ofNamespace("tl.PropagateNan"))
      .Case("tl.PropagateNan.NONE", Value::ofString("none"))
      .Case("tl.PropagateNan.ALL", Value::ofString("all"))
      .Default(std::nullopt);
}

} // namespace

const BuiltinInfo *Evaluator::findBuiltin(StringRef name) {
  if (builtins.empty())
    for (llvm::ArrayRef<BuiltinInfo> table : allBuiltins())
      for (const BuiltinInfo &info : table)
        builtins[info.name] = &info;
  return builtins.lookup(name);
}

Value Evaluator::namespaceMember(const std::string &space, StringRef name) {
  std::string full = space + "." + name.str();
  if (std::string inner = canonicalNamespace(full); !inner.empty())
    return Value::ofNamespace(inner);
  if (std::optional<Value> constant = namedConstant(full))
    return *constant;
  if (space == "tl" || space == "torch")
    if (std::optional<DType> type = parseDType(name);
        type && (space == "torch" || languageName(*type) == name))
      return Value::ofType(*type);
  if (const BuiltinInfo *info = findBuiltin(full))
    return Value::ofBuiltin(info);
  if (space == "torch")
    return Value::unknown("torch." + name.str() + " is host code");
  if (space == "tl.math") {
    for (StringRef prefix : {"tl.", "libdevice."})
      if (const BuiltinInfo *info = findBuiltin(prefix.str() + name.str()))
        return Value::ofBuiltin(info);
  }
  bool libraryName = space == "tl" || space == "tl.math" ||
                     (space == "triton" && name == "cdiv");
  if (libraryName && (!name.starts_with("_") || name == "_log2")) {
    Value found = libraryFunction(name);
    if (!found.isUnknown())
      return found;
  }
  return Value::unknown("there is no '" + full + "'");
}

//===----------------------------------------------------------------------===//
// Lookup
//===----------------------------------------------------------------------===//

Value Evaluator::lookup(StringRef name) {
  if (auto found = frame->scope.find(name); found != frame->scope.end())
    return found->second;
  if (frame->closure)
    if (auto found = frame->closure->find(name); found != frame->closure->end())
      return found->second;
  if (frame->module) {
    Value global = globalOf(frame->module, name);
    if (!global.isUnknown() || frame->module->find(name))
      return global;
  }
  if (const BuiltinInfo *info = findBuiltin("python." + name.str()))
    return Value::ofBuiltin(info);
  return Value::unknown("");
}

Value Evaluator::globalOf(const std::shared_ptr<Module> &module,
                          StringRef name) {
  if (auto known = module->known.find(name); known != module->known.end())
    return known->second;
  if (module->searching.lookup(name))
    return Value::unknown("'" + name.str() + "' is defined by itself");
  module->searching[name] = true;
  Value result = Value::unknown("");
  auto consider = [&](const Binding &binding) {
    Value value = evalBinding(module, binding);
    if (result.isUnknown() && (!value.isUnknown() || result.string().empty()))
      result = value;
    return !value.isUnknown();
  };
  bool found = false;
  if (const std::vector<Binding> *bindings = module->find(name))
    for (bool fallback : {false, true})
      for (size_t i = bindings->size(); i > 0 && !found; --i)
        if ((*bindings)[i - 1].fallback == fallback)
          found = consider((*bindings)[i - 1]);
  for (size_t i = 0; !found && i < module->starImports().size(); ++i) {
    const Binding &binding = module->starImports()[i];
    ImportStmt::Item item{name.str(), "", binding.span};
    Value value = importedValue(module, *binding.import, item);
    if ((found = !value.isUnknown()))
      result = value;
  }
  module->searching[name] = false;
  module->known[name] = result;
  return result;
}

Value Evaluator::evalBinding(const std::shared_ptr<Module> &module,
                             const Binding &binding) {
  for (const auto &[condition, wanted] : binding.conditions) {
    Value outcome = evalQuietly(module, condition);
    if (!outcome.isUnknown() && outcome.truthy() != wanted)
      return Value::unknown("");
  }
  switch (binding.kind) {
  case Binding::Kind::Function: {
    Value::FunctionData data;
    data.name = binding.function->name;
    data.def = binding.function;
    data.module = module;
    data.isJit = jitDecorator(*binding.function) != nullptr;
    return Value::ofFunction(std::move(data));
  }
  case Binding::Kind::Class:
    return Value::unknown("'" + binding.classStmt->name + "' is a class");
  case Binding::Kind::Import:
    return importedValue(module, *binding.import,
                         binding.import->items[binding.item]);
  case Binding::Kind::Value:
    break;
  }
  Value value = evalQuietly(module, binding.value);
  for (unsigned index : binding.path) {
    if (!value.isTuple() || index >= value.elements().size())
      return value.isUnknown() ? value
                               : Value::unknown("it cannot be unpacked");
    Value element = value.elements()[index];
    value = element;
  }
  return value;
}

Value Evaluator::evalQuietly(const std::shared_ptr<Module> &module,
                             const Expr *expr) {
  Diagnostics quiet;
  Diagnostics *loud = diagnostics;
  diagnostics = &quiet;
  Value value = evaluateHost(module, expr, {});
  diagnostics = loud;
  if (value.isPoison() || quiet.hasErrors())
    return Value::unknown(quiet.all().empty() ? "" : quiet.all()[0].message);
  return value;
}

//===----------------------------------------------------------------------===//
// Imports
//===----------------------------------------------------------------------===//

Value Evaluator::importedValue(const std::shared_ptr<Module> &module,
                               const ImportStmt &import,
                               const ImportStmt::Item &item) {
  if (!import.isFrom) {
    // `import a.b` binds a, `import a.b as c` binds a.b.
    StringRef dotted = item.name;
    if (item.alias.empty())
      dotted = dotted.split('.').first;
    if (std::string space = canonicalNamespace(dotted); !space.empty())
      return Value::ofNamespace(space);
    if (std::shared_ptr<Module> loaded = loadModule(*module, 0, dotted))
      return Value::ofModule(loaded);
    return Value::unknown("it comes from the module '" + dotted.str() +
                          "', which is not a kernel file");
  }
  if (import.level == 0) {
    std::string space = canonicalNamespace(import.from);
    if (!space.empty())
      return namespaceMember(space, item.name);
  }
  std::string inner =
      import.from.empty() ? item.name : import.from + "." + item.name;
  if (import.level == 0)
    if (std::string space = canonicalNamespace(inner); !space.empty())
      return Value::ofNamespace(space);
  std::shared_ptr<Module> loaded =
      loadModule(*module, import.level, import.from);
  if (loaded) {
    Value value = globalOf(loaded, item.name);
    if (!value.isUnknown() || !value.string().empty())
      return value;
  }
  if (std::shared_ptr<Module> sub = loadModule(*module, import.level, inner))
    return Value::ofModule(sub);
  std::string from(import.level, '.');
  return Value::unknown(
      "it is imported from '" + from + import.from + "'" +
      (loaded ? ", which does not define it" : ", which was not found"));
}

std::shared_ptr<Module>
Evaluator::loadModule(const Module &from, unsigned level, StringRef dotted) {
  if (from.isLibrary())
    return nullptr;
  llvm::SmallString<256> directory(from.source().path());
  path::remove_filename(directory);
  if (directory.empty())
    directory = ".";
  std::vector<std::string> roots;
  for (unsigned i = 1; i < level; ++i)
    path::append(directory, "..");
  roots.push_back(directory.str().str());
  if (level == 0) {
    // The folder above the outermost package that holds this file.
    llvm::SmallString<256> root(directory);
    for (int up = 0; up < 16; ++up) {
      llvm::SmallString<256> marker(root);
      path::append(marker, "__init__.py");
      if (!llvm::sys::fs::exists(marker))
        break;
      path::append(root, "..");
    }
    roots.push_back(root.str().str());
  }
  llvm::SmallVector<StringRef, 8> parts;
  dotted.split(parts, '.', -1, false);
  for (const std::string &root : roots) {
    llvm::SmallString<256> base(root);
    for (StringRef part : parts)
      path::append(base, part);
    for (StringRef ending : {".py", "/__init__.py"}) {
      if (parts.empty() && ending == ".py")
        continue;
      std::string name = (base + ending).str();
      if (auto known = modules.find(name); known != modules.end())
        return known->second;
      if (!llvm::sys::fs::is_regular_file(name))
        continue;
      auto file = SourceFile::open(name);
      if (!file) {
        llvm::consumeError(file.takeError());
        continue;
      }
      Diagnostics quiet;
      std::unique_ptr<Ast> ast = parseModule(*file, quiet);
      auto loaded = std::make_shared<Module>(*file, std::move(ast), false);
      modules[name] = loaded;
      return loaded;
    }
  }
  return nullptr;
}

//===----------------------------------------------------------------------===//
// Attributes
//===----------------------------------------------------------------------===//

Value Evaluator::attributeOfModule(const Value::ModuleData &module,
                                   StringRef name) {
  Value value = module.file ? globalOf(module.file, name)
                            : namespaceMember(module.path, name);
  if (!value.isUnknown())
    return value;
  if (module.file && value.string().empty()) {
    if (std::shared_ptr<Module> sub = loadModule(*module.file, 1, name))
      return Value::ofModule(sub);
    return error("the module has no '" + name + "'");
  }
  return error(value.string(), hintForMember(module.path, name));
}

std::string Evaluator::hintForName(StringRef name) {
  if (!namespaceMember("tl", name).isUnknown())
    return "did you mean 'tl." + name.str() + "'?";
  Spelling near(name);
  for (const auto &[known, value] : frame->scope)
    near.consider(known);
  if (frame->module)
    for (StringRef known : frame->module->names())
      near.consider(known);
  for (const auto &entry : builtins)
    if (StringRef known = entry.getKey(); known.consume_front("python."))
      near.consider(known);
  return near.hint();
}

/// A method that tensors lack.
std::string Evaluator::hintForMethod(StringRef name) {
  if (name == "astype" || name == "float" || name == "half" || name == "int" ||
      name == "type_as")
    return "convert with .to(tl.float32) and the like";
  Spelling near(name);
  for (StringRef known : {"shape", "dtype", "type", "numel", "T"})
    near.consider(known);
  for (const auto &entry : builtins)
    if (entry.getValue()->isMethod)
      near.consider(entry.getKey().rsplit('.').second);
  for (StringRef known : libraryModule()->names())
    if (!known.starts_with("_"))
      near.consider(known);
  return near.hint();
}

std::string Evaluator::hintForMember(StringRef space, StringRef name) {
  if (name == "float8e4b15")
    return "this float8 is not supported; use tl.float8e4nv or tl.float8e5";
  if (space == "tl" && findBuiltin("libdevice." + name.str()))
    return "it is libdevice." + name.str() +
           ": from triton.language.extra import libdevice";
  Spelling near(name);
  bool isLanguage = space == "tl" || space == "tl.math";
  for (const auto &entry : builtins)
    if (auto [owner, member] = entry.getKey().rsplit('.');
        owner == space || (isLanguage && owner == "tl"))
      near.consider(member);
  if (isLanguage)
    for (StringRef known : libraryModule()->names())
      if (!known.starts_with("_"))
        near.consider(known);
  if (space == "tl")
    for (auto type = DType::Int1; type <= DType::Float64;
         type = static_cast<DType>(static_cast<unsigned>(type) + 1))
      near.consider(languageName(type));
  return near.hint();
}

Value Evaluator::attribute(const Value &object, StringRef name) {
  switch (object.kind()) {
  case Value::Kind::Poison:
    return object;
  case Value::Kind::Unknown:
    return error("this value is not known at compile time: " + object.string());
  case Value::Kind::Module:
    return attributeOfModule(object.module(), name);
  case Value::Kind::Tensor:
    return attributeOfTensor(object, name);
  case Value::Kind::Type:
    return attributeOfType(object.type(), name);
  case Value::Kind::Descriptor:
  case Value::Kind::BlockPointer:
    return attributeOfDescriptor(object, name);
  case Value::Kind::Object: {
    const Value::ObjectData &data = object.object();
    if (auto found = data.fields.find(name); found != data.fields.end())
      return found->second;
    return error("an object of class " + data.className + " has no '" + name +
                 "'");
  }
  default:
    return attributeOfConstant(object, name);
  }
}

//===----------------------------------------------------------------------===//
// The embedded library
//===----------------------------------------------------------------------===//

namespace {
constexpr char librarySource[] = {
#include "frontend/lang/Library.inc"
    , 0};
} // namespace

std::shared_ptr<Module> Evaluator::libraryModule() {
  if (library)
    return library;
  auto file = SourceFile::fromText("<tl>", librarySource);
  Diagnostics own;
  std::unique_ptr<Ast> ast = parseModule(file, own);
  if (own.hasErrors())
    llvm::errs() << own.str();
  return library = std::make_shared<Module>(file, std::move(ast), true);
}

Value Evaluator::libraryFunction(StringRef name) {
  return globalOf(libraryModule(), name);
}

bool Evaluator::hasAttribute(const Value &object, StringRef name) {
  Diagnostics quiet;
  Diagnostics *loud = diagnostics;
  diagnostics = &quiet;
  Value value = attribute(object, name);
  diagnostics = loud;
  return !value.isPoison() && !value.isUnknown();
}
