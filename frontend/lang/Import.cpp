//===- Import.cpp - the public interface ----------------------------------===//
#include "frontend/lang/Import.h"
#include "frontend/lang/Evaluator.h"
#include "frontend/lang/Parser.h"
#include "mlir/IR/Verifier.h"

using namespace tegula::frontend;
using llvm::StringRef;

//===----------------------------------------------------------------------===//
// Arguments
//===----------------------------------------------------------------------===//

ArgumentSpec ArgumentSpec::pointer(DType element, int64_t divisibility) {
  ArgumentSpec spec;
  spec.kind = Kind::Pointer;
  spec.element = element;
  spec.divisibility = divisibility;
  return spec;
}
ArgumentSpec ArgumentSpec::scalar(DType element, int64_t divisibility) {
  ArgumentSpec spec = pointer(element, divisibility);
  spec.kind = Kind::Scalar;
  return spec;
}
ArgumentSpec ArgumentSpec::constant(Literal value) {
  ArgumentSpec spec;
  spec.value = std::move(value);
  return spec;
}
ArgumentSpec ArgumentSpec::descriptor(DType element,
                                      std::vector<int64_t> blockShape) {
  ArgumentSpec spec;
  spec.kind = Kind::Descriptor;
  spec.element = element;
  spec.blockShape = std::move(blockShape);
  return spec;
}

//===----------------------------------------------------------------------===//
// Files
//===----------------------------------------------------------------------===//

const SourceFile &ParsedFile::source() const { return impl->source(); }
llvm::ArrayRef<KernelInfo> ParsedFile::kernels() const { return impl->kernels; }

const KernelInfo *ParsedFile::find(StringRef name) const {
  for (const KernelInfo &kernel : impl->kernels)
    if (kernel.name == name)
      return &kernel;
  return nullptr;
}

std::string ParsedFile::kernelNames() const {
  std::string text;
  size_t count = impl->kernels.size();
  for (size_t i = 0; i < count; ++i)
    text += (i == 0           ? ""
             : i + 1 == count ? " and "
                              : ", ") +
            impl->kernels[i].name;
  return text;
}

const KernelInfo *ParsedFile::choose(StringRef name,
                                     Diagnostics &diagnostics) const {
  SourceRange where{impl->sourcePtr(), 0, 0, 1};
  if (impl->kernels.empty()) {
    diagnostics.error(where, "the file has no @triton.jit function");
    return nullptr;
  }
  if (!name.empty()) {
    const KernelInfo *kernel = find(name);
    if (!kernel)
      diagnostics.error(where, "the file has no kernel '" + name.str() + "'")
          .hint = "its kernels are " + kernelNames();
    return kernel;
  }
  const KernelInfo *only = nullptr;
  size_t candidates = 0;
  for (const KernelInfo &kernel : impl->kernels)
    if (kernel.looksLikeKernel) {
      only = &kernel;
      ++candidates;
    }
  if (impl->kernels.size() == 1)
    return &impl->kernels[0];
  if (candidates == 1)
    return only;
  diagnostics.error(where, "the file has several kernels: " + kernelNames())
      .hint = "choose one with FILE.py::KERNEL";
  return nullptr;
}

std::optional<ParsedFile>
tegula::frontend::parseFile(std::shared_ptr<const SourceFile> source,
                            Diagnostics &diagnostics) {
  std::unique_ptr<Ast> ast = parseModule(source, diagnostics);
  diagnostics.sortByPlace();
  if (diagnostics.hasErrors())
    return std::nullopt;
  ParsedFile file;
  file.impl = std::make_shared<Module>(source, std::move(ast),
                                       /*isLibrary=*/false);
  Diagnostics quiet;
  Evaluator evaluator(quiet, nullptr);
  for (const FunctionStmt *function : file.impl->jitFunctions()) {
    if (evaluator.jitFunction(file.impl, function->name) != function)
      continue; // another definition of the name counts
    if (std::optional<KernelInfo> info =
            evaluator.describe(file.impl, *function))
      file.impl->kernels.push_back(std::move(*info));
  }
  return file;
}

mlir::OwningOpRef<mlir::ModuleOp> tegula::frontend::importKernel(
    mlir::MLIRContext *context, const ParsedFile &file,
    const ImportOptions &options, Diagnostics &diagnostics) {
  const KernelInfo *kernel = file.choose(options.kernel, diagnostics);
  if (!kernel)
    return nullptr;
  // What the verifier finds is our mistake, not the user's; it is told as one
  // line instead of a dump.
  std::string problem;
  mlir::ScopedDiagnosticHandler handler(context,
                                        [&](mlir::Diagnostic &diagnostic) {
                                          if (problem.empty())
                                            problem = diagnostic.str();
                                          return mlir::success();
                                        });
  Evaluator evaluator(diagnostics, context);
  const FunctionStmt *function =
      evaluator.jitFunction(file.module(), kernel->name);
  if (!function)
    return nullptr;
  mlir::OwningOpRef<mlir::ModuleOp> module =
      evaluator.importKernel(file.module(), *function, options);
  if (module && mlir::failed(mlir::verify(*module))) {
    diagnostics
        .error({file.module()->sourcePtr(), function->span.line,
                function->span.column, function->span.length},
               "internal error: the imported kernel is invalid: " + problem)
        .hint = "please report this";
    return nullptr;
  }
  return module;
}

mlir::OwningOpRef<mlir::ModuleOp> tegula::frontend::importKernel(
    mlir::MLIRContext *context, std::shared_ptr<const SourceFile> source,
    const ImportOptions &options, Diagnostics &diagnostics) {
  std::optional<ParsedFile> file = parseFile(std::move(source), diagnostics);
  if (!file)
    return nullptr;
  return importKernel(context, *file, options, diagnostics);
}

//===----------------------------------------------------------------------===//
// Host expressions
//===----------------------------------------------------------------------===//

namespace {

Value arrayObject(const Bindings::Array &array) {
  Value::ObjectData data;
  data.className = "array";
  Values shape, strides;
  __int128 size = 1;
  for (int64_t extent : array.shape) {
    shape.push_back(Value::ofInt(extent));
    size *= extent;
  }
  __int128 stride = size;
  for (int64_t extent : array.shape) {
    stride = extent ? stride / extent : 0;
    strides.push_back(Value::ofInt(stride));
  }
  data.fields["ndim"] = Value::ofInt(shape.size());
  data.fields["shape"] = Value::ofTuple(std::move(shape));
  data.fields["strides"] = Value::ofTuple(strides);
  data.fields["size"] = Value::ofInt(size);
  data.fields["dtype"] = Value::ofType(array.element);
  data.fields["nbytes"] =
      Value::ofInt(size * std::max(1u, bitWidth(array.element) / 8));
  data.fields["itemsize"] =
      Value::ofInt(std::max(1u, bitWidth(array.element) / 8));
  return Value::ofObject(std::move(data));
}

Scope scopeOf(Evaluator &evaluator, const Bindings &bindings) {
  Scope scope;
  for (const auto &entry : bindings.values)
    scope[entry.getKey().str()] = Value::fromLiteral(entry.getValue());
  for (const auto &entry : bindings.arrays) {
    Value object = arrayObject(entry.getValue());
    Value::ObjectData data = object.object();
    for (const char *name : {"numel", "stride", "element_size"})
      data.fields[name] = Value::ofMethod(
          object,
          Value::ofBuiltin(evaluator.findBuiltin(std::string("host.") + name)));
    scope[entry.getKey().str()] = Value::ofObject(std::move(data));
  }
  return scope;
}

/// Calls lambdas and functions with the bindings as a dictionary.
Value settle(Evaluator &evaluator, Value value, const Scope &scope,
             const std::shared_ptr<Module> &module) {
  if (!value.is(Value::Kind::Function))
    return value;
  Value::DictData dict;
  for (const auto &[name, bound] : scope)
    dict.items.emplace_back(Value::ofString(name), bound);
  return evaluator.callHost(module, value, {Value::ofDict(std::move(dict))});
}

std::optional<Literal> finish(const Value &value, Diagnostics &diagnostics,
                              SourceRange where) {
  if (value.isPoison())
    return std::nullopt;
  std::optional<Literal> literal = value.toLiteral();
  if (!literal)
    diagnostics.error(std::move(where),
                      "this gives no constant but " + value.describe());
  return literal;
}

} // namespace

std::optional<Literal>
tegula::frontend::evaluateExpression(StringRef expression,
                                     const Bindings &bindings, StringRef where,
                                     Diagnostics &diagnostics) {
  auto source = SourceFile::fromText(where, expression);
  auto ast = std::make_unique<Ast>();
  const Expr *expr =
      parseExpression(*ast, source->text(), source, {1, 1, 1}, diagnostics);
  if (!expr)
    return std::nullopt;
  auto module = std::make_shared<Module>(source, std::move(ast), false);
  Evaluator evaluator(diagnostics, nullptr);
  Scope scope = scopeOf(evaluator, bindings);
  // The functions of grids are there without a prefix.
  for (const char *name : {"triton", "tl", "math"})
    if (!scope.count(name))
      scope[name] = Value::ofNamespace(name);
  for (const char *name : {"cdiv", "next_power_of_2"})
    if (!scope.count(name))
      scope[name] = Value::ofBuiltin(
          evaluator.findBuiltin(std::string("triton.") + name));
  Value value = evaluator.evaluateHost(module, expr, scope);
  value = settle(evaluator, value, scope, module);
  return finish(value, diagnostics, {source, 1, 1, 1});
}

std::optional<Literal> tegula::frontend::evaluateHeuristic(
    const ParsedFile &file, const KernelInfo &kernel,
    const Heuristic &heuristic, const Bindings &bindings,
    Diagnostics &diagnostics) {
  Evaluator evaluator(diagnostics, nullptr);
  Scope scope = scopeOf(evaluator, bindings);
  const Expr *expr =
      evaluator.heuristicExpression(file.module(), kernel.name, heuristic.name);
  if (!expr)
    return std::nullopt;
  Value value = evaluator.evaluateHost(file.module(), expr, {});
  value = settle(evaluator, value, scope, file.module());
  return finish(value, diagnostics,
                {file.module()->sourcePtr(), expr->span.line, expr->span.column,
                 expr->span.length});
}
