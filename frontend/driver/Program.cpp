//===- Program.cpp - What is to be compiled ---*- C++ -*-===//
//
// Part of the Tegula Project, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "frontend/driver/Program.h"
#include "frontend/driver/Context.h"
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

/// The standard input has no suffix to go by.
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

mlir::OwningOpRef<mlir::ModuleOp> parseTileIR(CompileContext &context,
                                              const SourceFile &file,
                                              const DiagnosticBridge &) {
  return mlir::parseSourceString<mlir::ModuleOp>(
      file.text(), mlir::ParserConfig(&context.mlir()), file.path());
}

} // namespace

llvm::Expected<std::optional<Program>> Program::open(CompileContext &context,
                                                     llvm::StringRef text,
                                                     Diagnostics &diagnostics) {
  Spelling spelling = splitSpelling(text);
  llvm::StringRef path = spelling.path;
  if (path.ends_with(".ttir"))
    return llvm::createStringError(path + ": TTIR isn't read by this version; "
                                          "give the Triton-language file");
  if (path != "-" && !path.ends_with(".py") && !path.ends_with(".mlir"))
    return llvm::createStringError(
        path + ": not a kernel; give FILE.py[::KERNEL], FILE.mlir (tile IR), "
               "kernels/NAME or - for the standard input");
  if (llvm::sys::fs::is_directory(path))
    return llvm::createStringError(path + ": is a folder");
  auto file = SourceFile::open(path);
  if (!file)
    return file.takeError();

  Program program;
  program.file = *file;
  bool tileIR = path.ends_with(".mlir") ||
                (path == "-" && looksLikeTileIR((*file)->text()));
  if (tileIR)
    return openTileIR(context, std::move(program), spelling.kernel,
                      diagnostics);
  program.parsed = parseFile(program.file, diagnostics);
  if (!program.parsed)
    return std::nullopt;
  const KernelInfo *kernel =
      program.parsed->choose(spelling.kernel, diagnostics);
  if (!kernel)
    return std::nullopt;
  program.name = kernel->name;
  return program;
}

std::optional<Program> Program::openTileIR(CompileContext &context,
                                           Program program,
                                           llvm::StringRef kernelName,
                                           Diagnostics &diagnostics) {
  DiagnosticBridge bridge(context.mlir(), program.file, diagnostics);
  auto module = parseTileIR(context, *program.file, bridge);
  if (!module)
    return std::nullopt;
  mlir::func::FuncOp kernel = findKernel(*module, kernelName);
  if (!kernel) {
    diagnostics.error({program.file, 0, 0, 1},
                      kernelName.empty() ? "no public func.func here"
                                         : "no public func.func '" +
                                               kernelName.str() + "' here");
    return std::nullopt;
  }
  program.name = kernel.getName().str();
  for (auto [index, type] : llvm::enumerate(kernel.getArgumentTypes())) {
    TileArgument argument;
    auto name = kernel.getArgAttrOfType<mlir::StringAttr>(
        index, tile::TileDialect::kNameAttr);
    argument.name = name ? name.str() : "arg" + std::to_string(index);
    if (auto pointer = mlir::dyn_cast<tile::PtrType>(type)) {
      argument.pointer = true;
      argument.element = elementOf(pointer.getPointeeType());
    } else {
      argument.element = elementOf(type);
    }
    program.tileArguments.push_back(std::move(argument));
  }
  return program;
}

const KernelInfo *Program::kernelInfo() const {
  return parsed ? parsed->find(name) : nullptr;
}

std::optional<BoundArguments> Program::bind(llvm::ArrayRef<NamedText> given,
                                            BindMode mode,
                                            Diagnostics &diagnostics) const {
  if (parsed)
    return bindArguments(*parsed, *kernelInfo(), given, mode, diagnostics);
  return bindTileIR(given, mode, diagnostics);
}

std::optional<BoundArguments>
Program::bindTileIR(llvm::ArrayRef<NamedText> given, BindMode mode,
                    Diagnostics &diagnostics) const {
  BoundArguments bound;
  auto fail = [&](const llvm::Twine &why) {
    diagnostics.error({file, 0, 0, 1}, why.str());
    return std::nullopt;
  };
  for (const NamedText &argument : given)
    if (llvm::none_of(tileArguments, [&](const TileArgument &a) {
          return a.name == argument.name;
        }))
      return fail("@" + name + " has no argument '" + argument.name + "'");
  for (const TileArgument &argument : tileArguments) {
    auto text = llvm::find_if(given, [&](const NamedText &text) {
      return text.name == argument.name;
    });
    if (mode == BindMode::Compile && text == given.end())
      continue;
    if (text == given.end())
      return fail("no value for the argument '" + argument.name + "' of @" +
                  name);
    llvm::Expected<Argument> made = bindTyped(
        argument.name, text->text, argument.element, argument.pointer);
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
  if (!parsed) {
    DiagnosticBridge bridge(context.mlir(), file, diagnostics);
    return parseTileIR(context, *file, bridge);
  }
  ImportOptions options;
  options.kernel = name;
  options.arguments = arguments;
  return importKernel(&context.mlir(), *parsed, options, diagnostics);
}

} // namespace tegula::frontend
