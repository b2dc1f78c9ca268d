//===- tegula-lang-import.cpp - the frontend alone, for its tests ---------===//
//
// tegula-lang-import FILE.py[::KERNEL] NAME=TYPE_OR_VALUE...   prints tile IR
//   (--locations before FILE.py: with source locations)
// tegula-lang-import --list FILE.py                            lists kernels
// tegula-lang-import --eval EXPRESSION NAME=VALUE...           prints a value
// tegula-lang-import --try FILE.py...        imports every kernel with guessed
//                                            arguments and counts
//
//===----------------------------------------------------------------------===//
#include "frontend/lang/Import.h"
#include "mlir/IR/MLIRContext.h"
#include "mlir/IR/OperationSupport.h"
#include "llvm/Support/InitLLVM.h"
#include "llvm/Support/raw_ostream.h"

using namespace tegula::frontend;
using llvm::StringRef;

namespace {

/// "*f32:16", "i32", "desc:f16:64x32", or a constant.
ArgumentSpec parseArgument(StringRef text) {
  StringRef rest = text;
  if (rest.consume_front("desc:")) {
    auto [type, shape] = rest.split(':');
    std::vector<int64_t> sizes;
    llvm::SmallVector<StringRef> parts;
    shape.split(parts, 'x');
    for (StringRef part : parts) {
      int64_t size = 1;
      part.getAsInteger(10, size);
      sizes.push_back(size);
    }
    return ArgumentSpec::descriptor(parseDType(type).value_or(DType::Float32),
                                    sizes);
  }
  auto [typeText, divisor] = rest.split(':');
  int64_t divisibility = 1;
  divisor.getAsInteger(10, divisibility);
  bool pointer = typeText.consume_front("*");
  std::optional<DType> type = parseDType(typeText);
  if (pointer && type)
    return ArgumentSpec::pointer(*type, divisibility);
  if (type)
    return ArgumentSpec::scalar(*type, divisibility);
  return ArgumentSpec::constant(Literal::parse(text));
}

int finish(const Diagnostics &diagnostics) {
  diagnostics.render(llvm::errs());
  return diagnostics.hasErrors() ? 2 : 0;
}

int listKernels(StringRef path) {
  auto source = SourceFile::open(path);
  if (!source) {
    llvm::errs() << llvm::toString(source.takeError()) << '\n';
    return 2;
  }
  Diagnostics diagnostics;
  std::optional<ParsedFile> file = parseFile(*source, diagnostics);
  if (!file)
    return finish(diagnostics);
  for (const KernelInfo &kernel : file->kernels()) {
    llvm::outs() << kernel.name << " line " << kernel.line
                 << (kernel.looksLikeKernel ? "" : " (called by others)")
                 << '\n';
    for (const ParameterInfo &parameter : kernel.parameters) {
      llvm::outs() << "  " << parameter.name;
      if (parameter.isConstexpr)
        llvm::outs() << ": constexpr";
      if (parameter.doNotSpecialize)
        llvm::outs() << " (not specialised)";
      if (parameter.defaultValue)
        llvm::outs() << " = " << parameter.defaultValue->str();
      llvm::outs() << '\n';
    }
    for (const AutotuneConfig &config : kernel.configs) {
      llvm::outs() << "  config";
      for (const auto &[name, value] : config.arguments)
        llvm::outs() << ' ' << name << '=' << value.str();
      if (config.numWarps)
        llvm::outs() << " num_warps=" << *config.numWarps;
      llvm::outs() << '\n';
    }
    for (const Heuristic &heuristic : kernel.heuristics)
      llvm::outs() << "  heuristic " << heuristic.name << ": "
                   << heuristic.source << '\n';
  }
  return finish(diagnostics);
}

int evaluate(StringRef expression, llvm::ArrayRef<char *> arguments) {
  Bindings bindings;
  for (StringRef argument : arguments) {
    auto [name, value] = argument.split('=');
    if (value.consume_front("array:")) {
      auto [type, shape] = value.split(':');
      Bindings::Array array;
      array.element = parseDType(type).value_or(DType::Float32);
      llvm::SmallVector<StringRef> parts;
      shape.split(parts, 'x');
      for (StringRef part : parts) {
        int64_t size = 1;
        part.getAsInteger(10, size);
        array.shape.push_back(size);
      }
      bindings.arrays[name] = array;
    } else {
      bindings.values[name] = Literal::parse(value);
    }
  }
  Diagnostics diagnostics;
  if (auto value =
          evaluateExpression(expression, bindings, "<expression>", diagnostics))
    llvm::outs() << value->str() << '\n';
  return finish(diagnostics);
}

/// A plausible value for a parameter nobody gave one.
ArgumentSpec guess(const ParameterInfo &parameter) {
  StringRef name = parameter.name;
  std::string lower = name.lower();
  if (parameter.isConstexpr) {
    if (StringRef(lower).contains("dtype") || lower == "out_type")
      return ArgumentSpec::constant(Literal::ofType(DType::Float32));
    for (StringRef flag : {"use_", "has_", "is_", "store_", "save_", "even_",
                           "causal", "_is", "return_", "apply"})
      if (StringRef(lower).contains(flag))
        return ArgumentSpec::constant(Literal::ofBool(true));
    return ArgumentSpec::constant(Literal::ofInt(
        StringRef(lower).starts_with("b") || name.size() == 2 ? 32 : 64));
  }
  StringRef annotation = parameter.annotation;
  for (StringRef word : {"stride", "num", "size", "_n", "n_", "len", "dim",
                         "_m", "offset", "seed"})
    if (StringRef(lower).contains(word) && !StringRef(lower).contains("ptr") &&
        !StringRef(lower).contains("cu_seqlens"))
      return ArgumentSpec::scalar(DType::Int32, 16);
  for (StringRef word : {"eps", "scale", "alpha", "beta", "momentum", "softcap",
                         "smoothing", "p_drop", "lse_square"})
    if (lower == word)
      return ArgumentSpec::scalar(DType::Float32);
  if (annotation.contains("int"))
    return ArgumentSpec::scalar(DType::Int32);
  if (name.size() <= 2 && name == name.upper() && name != "X" && name != "Y" &&
      name != "A" && name != "B" && name != "C" && name != "O" && name != "Q" &&
      name != "K" && name != "V" && name != "W")
    return ArgumentSpec::scalar(DType::Int32);
  return ArgumentSpec::pointer(DType::Float32);
}

/// How far an import came: `line` is that of the first error in the kernel.
struct Attempt {
  size_t errors = 0;
  unsigned line = 0;
  std::string text;
  /// The source lines of the errors.
  std::string lines;

  bool betterThan(const Attempt &other) const {
    if (!errors || !other.errors)
      return errors < other.errors;
    return line != other.line ? line > other.line : errors < other.errors;
  }
};

Attempt attempt(const ParsedFile &file, const ImportOptions &options) {
  mlir::MLIRContext context(mlir::MLIRContext::Threading::DISABLED);
  Diagnostics own;
  importKernel(&context, file, options, own);
  Attempt made;
  made.errors = own.errorCount();
  made.text = own.str();
  for (const Diagnostic &error : own.all()) {
    if (error.kind != Diagnostic::Kind::Error)
      continue;
    const SourceRange &place =
        error.calls.empty() ? error.where : error.calls.back();
    made.line = made.line ? std::min(made.line, place.line) : place.line;
    if (error.where.file)
      made.lines += error.where.file->line(error.where.line);
  }
  return made;
}

/// Guesses arguments, then changes one guess at a time as long as the import
/// comes further; gives what errors remain. Parameters that the errors' lines
/// name are tried first.
std::string searchArguments(const ParsedFile &file, const KernelInfo &kernel,
                            ImportOptions &options) {
  const ArgumentSpec types[] = {
      ArgumentSpec::pointer(DType::Float32),
      ArgumentSpec::scalar(DType::Int32),
      ArgumentSpec::scalar(DType::Float32),
      ArgumentSpec::pointer(DType::Int32),
      ArgumentSpec::pointer(DType::Int64),
      ArgumentSpec::constant({}),
      ArgumentSpec::descriptor(DType::Float32, {32, 32})};
  const ArgumentSpec constants[] = {
      ArgumentSpec::constant(Literal::ofInt(16)),
      ArgumentSpec::constant(Literal::ofInt(4)),
      ArgumentSpec::constant(Literal::ofInt(64)),
      ArgumentSpec::constant(Literal::ofInt(256)),
      ArgumentSpec::constant(Literal::ofBool(false)),
      ArgumentSpec::constant(Literal::ofString("ieee")),
      ArgumentSpec::constant({})};
  Attempt best = attempt(file, options);
  auto improve = [&](const ParameterInfo &parameter) {
    ArgumentSpec old = options.arguments[parameter.name];
    for (const ArgumentSpec &choice : parameter.isConstexpr
                                          ? llvm::ArrayRef(constants)
                                          : llvm::ArrayRef(types)) {
      options.arguments[parameter.name] = choice;
      Attempt made = attempt(file, options);
      if (made.betterThan(best)) {
        best = std::move(made);
        return true;
      }
    }
    options.arguments[parameter.name] = old;
    return false;
  };
  for (bool better = true; better && best.errors;) {
    better = false;
    for (bool named : {true, false})
      for (const ParameterInfo &parameter : kernel.parameters)
        if (!better && options.arguments.count(parameter.name) &&
            StringRef(best.lines).contains(parameter.name) == named)
          better = improve(parameter);
  }
  return best.text;
}

int tryAll(llvm::ArrayRef<char *> paths) {
  size_t files = 0, parsed = 0, kernels = 0, imported = 0;
  for (StringRef path : paths) {
    auto source = SourceFile::open(path);
    if (!source) {
      llvm::consumeError(source.takeError());
      continue;
    }
    ++files;
    Diagnostics diagnostics;
    std::optional<ParsedFile> file = parseFile(*source, diagnostics);
    if (!file) {
      diagnostics.render(llvm::outs());
      continue;
    }
    ++parsed;
    for (const KernelInfo &kernel : file->kernels()) {
      if (!kernel.looksLikeKernel)
        continue;
      ++kernels;
      ImportOptions options;
      options.kernel = kernel.name;
      for (const ParameterInfo &parameter : kernel.parameters)
        if (!parameter.defaultValue)
          options.arguments[parameter.name] = guess(parameter);
      if (!kernel.configs.empty())
        for (const auto &[name, value] : kernel.configs[0].arguments)
          for (const ParameterInfo &parameter : kernel.parameters)
            if (parameter.name == name)
              options.arguments[name] = ArgumentSpec::constant(value);
      std::string problems = searchArguments(*file, kernel, options);
      if (problems.empty())
        ++imported;
      else
        llvm::outs() << "== " << path << "::" << kernel.name << '\n'
                     << problems;
    }
  }
  llvm::outs() << "files " << files << " parsed " << parsed << " kernels "
               << kernels << " imported " << imported << '\n';
  return 0;
}

} // namespace

int main(int argc, char **argv) {
  llvm::InitLLVM init(argc, argv);
  llvm::ArrayRef<char *> arguments(argv + 1, argc - 1);
  if (arguments.size() < 1) {
    llvm::errs()
        << "usage: tegula-lang-import FILE.py[::KERNEL] NAME=TYPE...\n";
    return 2;
  }
  StringRef first = arguments[0];
  if (first == "--list" && arguments.size() > 1)
    return listKernels(arguments[1]);
  if (first == "--eval" && arguments.size() > 1)
    return evaluate(arguments[1], arguments.drop_front(2));
  if (first == "--try")
    return tryAll(arguments.drop_front());
  mlir::OpPrintingFlags flags;
  if (first == "--locations" && arguments.size() > 1) {
    flags.enableDebugInfo(true);
    arguments = arguments.drop_front();
    first = arguments[0];
  }
  auto [path, kernel] = first.split("::");
  auto source = SourceFile::open(path);
  if (!source) {
    llvm::errs() << llvm::toString(source.takeError()) << '\n';
    return 2;
  }
  ImportOptions options;
  options.kernel = kernel.str();
  for (StringRef argument : arguments.drop_front()) {
    auto [name, text] = argument.split('=');
    options.arguments[name] = parseArgument(text);
  }
  mlir::MLIRContext context(mlir::MLIRContext::Threading::DISABLED);
  Diagnostics diagnostics;
  mlir::OwningOpRef<mlir::ModuleOp> module =
      importKernel(&context, *source, options, diagnostics);
  if (module)
    module->print(llvm::outs(), flags);
  return finish(diagnostics);
}
