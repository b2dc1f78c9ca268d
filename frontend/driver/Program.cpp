//===- Program.cpp - What is to be compiled ---*- C++ -*-===//
//
// Part of the Tegula Project, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "frontend/driver/Program.h"
#include "frontend/driver/Context.h"
#include "frontend/ttir/Import.h"
#include "ir/tile/Tile.h"
#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/Parser/Parser.h"
#include "llvm/Support/FileSystem.h"

namespace tegula::frontend {

namespace {

struct Spelling {
  std::string path, kernel;
};

Spelling splitSpelling(llvm::StringRef text) {
  size_t at = text.rfind("::");
  if (at == llvm::StringRef::npos)
    return {text.str(), ""};
  return {text.take_front(at).str(), text.drop_front(at + 2).str()};
}

bool looksLikeTileIR(llvm::StringRef text) {
  return text.contains("func.func") && text.contains("tile.");
}

DType elementOf(mlir::Type type) {
  if (type.isF64())
    return DType::Float64;
  if (type.isF32())
    return DType::Float32;
  if (type.isF16())
    return DType::Float16;
  if (type.isBF16())
    return DType::BFloat16;
  if (mlir::isa<mlir::Float8E4M3FNType>(type))
    return DType::Float8E4M3;
  if (mlir::isa<mlir::Float8E5M2Type>(type))
    return DType::Float8E5M2;
  if (mlir::isa<mlir::Float8E4M3FNUZType>(type))
    return DType::Float8E4M3FNUZ;
  if (mlir::isa<mlir::Float8E5M2FNUZType>(type))
    return DType::Float8E5M2FNUZ;
  switch (type.isInteger() ? type.getIntOrFloatBitWidth() : 0) {
  case 1:
    return DType::Int1;
  case 8:
    return DType::Int8;
  case 16:
    return DType::Int16;
  case 32:
    return DType::Int32;
  case 64:
    return DType::Int64;
  }
  return DType::Void;
}

mlir::func::FuncOp findKernel(mlir::ModuleOp module, llvm::StringRef name) {
  mlir::func::FuncOp found;
  for (auto function : module.getOps<mlir::func::FuncOp>())
    if (function.isPublic() && !function.isExternal() &&
        (name.empty() || function.getName() == name))
      return function;
  return found;
}

} // namespace

llvm::Expected<std::optional<Program>> Program::open(CompileContext &context,
                                                     llvm::StringRef text,
                                                     Diagnostics &diagnostics) {
  Spelling spelling = splitSpelling(text);
  llvm::StringRef path = spelling.path;
  if (path != "-" && !path.ends_with(".py") && !path.ends_with(".ttir") &&
      !path.ends_with(".mlir"))
    return llvm::createStringError(
        path + ": not a kernel; give FILE.py[::KERNEL], FILE.ttir (what stock "
               "Triton prints), FILE.mlir (tile IR), kernels/NAME or - for the "
               "standard input");
  if (llvm::sys::fs::is_directory(path))
    return llvm::createStringError(path + ": is a folder");
  auto file = SourceFile::open(path);
  if (!file)
    return file.takeError();

  return read(context, *file, formOf(path, (*file)->text()), spelling.kernel,
              diagnostics);
}

std::optional<Program> Program::read(CompileContext &context,
                                     std::shared_ptr<const SourceFile> file,
                                     Form form, llvm::StringRef kernelName,
                                     Diagnostics &diagnostics) {
  Program program;
  program.file = std::move(file);
  program.form = form;
  if (form != Form::Language)
    return openTyped(context, std::move(program), kernelName, diagnostics);
  program.parsed = parseFile(program.file, diagnostics);
  if (!program.parsed)
    return std::nullopt;
  const KernelInfo *kernel = program.parsed->choose(kernelName, diagnostics);
  if (!kernel)
    return std::nullopt;
  program.name = kernel->name;
  return program;
}

//===----------------------------------------------------------------------===//
// Kernels whose arguments have types already
//===----------------------------------------------------------------------===//

Program::Form Program::formOf(llvm::StringRef path, llvm::StringRef text) {
  if (path.ends_with(".mlir"))
    return Form::TileIR;
  if (path.ends_with(".ttir"))
    return Form::TTIR;
  // The standard input has no suffix to go by.
  if (path != "-")
    return Form::Language;
  if (looksLikeTTIR(text))
    return Form::TTIR;
  return looksLikeTileIR(text) ? Form::TileIR : Form::Language;
}

mlir::OwningOpRef<mlir::ModuleOp>
Program::readTyped(CompileContext &context, Diagnostics &diagnostics) const {
  DiagnosticBridge bridge(context.mlir(), file, diagnostics);
  if (form == Form::TTIR)
    return importTTIR(&context.mlir(), file->text(), file->path());
  return mlir::parseSourceString<mlir::ModuleOp>(
      file->text(), mlir::ParserConfig(&context.mlir()), file->path());
}

std::optional<Program> Program::openTyped(CompileContext &context,
                                          Program program,
                                          llvm::StringRef kernelName,
                                          Diagnostics &diagnostics) {
  auto module = program.readTyped(context, diagnostics);
  if (!module)
    return std::nullopt;
  mlir::func::FuncOp kernel = findKernel(*module, kernelName);
  if (!kernel) {
    std::string what = program.form == Form::TTIR ? "no public tt.func"
                                                  : "no public func.func";
    if (!kernelName.empty())
      what += " '" + kernelName.str() + "'";
    diagnostics.error({program.file, 0, 0, 1}, what + " here");
    return std::nullopt;
  }
  program.name = kernel.getName().str();
  for (auto [index, type] : llvm::enumerate(kernel.getArgumentTypes())) {
    TypedArgument argument;
    auto name = kernel.getArgAttrOfType<mlir::StringAttr>(
        index, tile::TileDialect::kNameAttr);
    argument.name = name ? name.str() : "arg" + std::to_string(index);
    if (auto multiple = kernel.getArgAttrOfType<mlir::IntegerAttr>(
            index, tile::TileDialect::kDivisibilityAttr))
      argument.divisibility = multiple.getInt();
    if (auto pointer = mlir::dyn_cast<tile::PtrType>(type)) {
      argument.pointer = true;
      argument.element = elementOf(pointer.getPointeeType());
    } else {
      argument.element = elementOf(type);
    }
    program.typedArguments.push_back(std::move(argument));
  }
  return program;
}

const Program::TypedArgument *Program::findTyped(llvm::StringRef wanted) const {
  for (const TypedArgument &argument : typedArguments)
    if (argument.name == wanted)
      return &argument;
  size_t number = 0;
  if (wanted.consume_front("arg") && !wanted.getAsInteger(10, number) &&
      number < typedArguments.size())
    return &typedArguments[number];
  return nullptr;
}

const KernelInfo *Program::kernelInfo() const {
  return parsed ? parsed->find(name) : nullptr;
}

std::optional<BoundArguments> Program::bind(llvm::ArrayRef<NamedText> given,
                                            BindMode mode,
                                            Diagnostics &diagnostics) const {
  if (parsed)
    return bindArguments(*parsed, *kernelInfo(), given, mode, diagnostics);
  return bindTyped(given, mode, diagnostics);
}

llvm::Expected<Argument> Program::bindOne(const TypedArgument &argument,
                                          llvm::StringRef text) const {
  llvm::Expected<Argument> made = frontend::bindTyped(
      argument.name, text, argument.element, argument.pointer);
  if (made && made->value && !argument.pointer &&
      made->value->integer % argument.divisibility != 0)
    return llvm::createStringError(argument.name + "=" + text + ": @" + name +
                                   " was compiled for multiples of " +
                                   llvm::Twine(argument.divisibility));
  return made;
}

std::optional<BoundArguments>
Program::bindTyped(llvm::ArrayRef<NamedText> given, BindMode mode,
                   Diagnostics &diagnostics) const {
  auto fail = [&](const llvm::Twine &why) {
    diagnostics.error({file, 0, 0, 1}, why.str());
    return std::nullopt;
  };
  if (mode == BindMode::Compile && !given.empty())
    return fail("'" + given.front().name + "=" + given.front().text +
                "': the types of @" + name +
                " are fixed by this text; compile it without arguments");
  llvm::DenseMap<const TypedArgument *, llvm::StringRef> texts;
  for (const NamedText &argument : given) {
    const TypedArgument *found = findTyped(argument.name);
    if (!found)
      return fail("@" + name + " has no argument '" + argument.name + "'");
    if (!texts.try_emplace(found, argument.text).second)
      return fail("'" + found->name + "' is given twice");
  }
  BoundArguments bound;
  for (const TypedArgument &argument : typedArguments) {
    auto text = texts.find(&argument);
    if (mode == BindMode::Compile && text == texts.end())
      continue;
    if (text == texts.end())
      return fail("no value for the argument '" + argument.name + "' of @" +
                  name);
    llvm::Expected<Argument> made = bindOne(argument, text->second);
    if (!made)
      return fail(llvm::toString(made.takeError()));
    bound.arguments.push_back(std::move(*made));
  }
  return bound;
}

mlir::OwningOpRef<mlir::ModuleOp>
Program::import(CompileContext &context,
                const llvm::StringMap<ArgumentSpec> &arguments,
                Diagnostics &diagnostics) const {
  if (!parsed)
    return readTyped(context, diagnostics);
  ImportOptions options;
  options.kernel = name;
  options.arguments = arguments;
  return importKernel(&context.mlir(), *parsed, options, diagnostics);
}

} // namespace tegula::frontend
