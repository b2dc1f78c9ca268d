//===- Case.cpp - Arrays of a random program, and its file form
//
// Part of the Tegula Project, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "tests/fuzz/Case.h"
#include "ir/interp/Numbers.h"
#include "ir/tile/Tile.h"
#include "mlir/IR/Builders.h"
#include "mlir/IR/Diagnostics.h"
#include "mlir/Parser/Parser.h"
#include "llvm/Support/raw_ostream.h"
#include <cmath>
#include <cstring>
#include <random>

using namespace mlir;
using namespace tegula;
using namespace tegula::fuzz;
using ir::interp::Dtype;

func::FuncOp Case::kernel() const {
  return *module.get().getOps<func::FuncOp>().begin();
}

Case Case::clone() const {
  Case copy;
  copy.module = module.get().clone();
  copy.seed = seed;
  copy.programs = programs;
  copy.arguments = arguments;
  copy.tolerances = tolerances;
  return copy;
}

/// The element type of the buffer behind a pointer argument.
static Dtype dtypeOf(const Case &test, size_t argument) {
  auto pointer =
      cast<tile::PtrType>(test.kernel().getArgument(argument).getType());
  return *ir::interp::dtypeOf(pointer.getPointeeType());
}

//===----------------------------------------------------------------------===//
// Arrays
//===----------------------------------------------------------------------===//

static void fillElement(Dtype dtype, Fill fill, std::mt19937_64 &random,
                        char *to) {
  uint64_t bits = random();
  unsigned size = ir::interp::sizeOf(dtype);
  bool isFloat = ir::interp::isFloat(dtype);
  if (isFloat && (fill == Fill::Tame || bits % 4)) {
    // Multiples of 1/64 in [-2, 2]: many sums and products are exact.
    double value = static_cast<double>(random() % 257) / 64 - 2;
    ir::interp::fromDouble(dtype, &value, to, 1);
    return;
  }
  if (!isFloat && bits % 3 == 0) // Small numbers, also negative ones.
    bits = static_cast<uint64_t>(static_cast<int64_t>(random() % 17) - 8);
  if (dtype == Dtype::I1)
    bits &= 1;
  std::memcpy(to, &bits, size);
}

Buffers tegula::fuzz::makeBuffers(const Case &test) {
  Buffers buffers(test.tolerances.size());
  for (auto [index, argument] : llvm::enumerate(test.arguments)) {
    if (argument.buffer < 0 || !buffers[argument.buffer].empty())
      continue;
    Dtype dtype = dtypeOf(test, index);
    unsigned size = ir::interp::sizeOf(dtype);
    std::vector<char> &bytes = buffers[argument.buffer];
    bytes.resize(argument.elements * size);
    if (argument.fill == Fill::Zero)
      continue;
    std::mt19937_64 random(test.seed * 1000003 + argument.buffer);
    for (size_t i = 0; i < argument.elements; ++i)
      fillElement(dtype, argument.fill, random, bytes.data() + i * size);
  }
  return buffers;
}

Slots tegula::fuzz::makeSlots(const Case &test, Buffers &buffers) {
  Slots result;
  for (const ArgumentSpec &argument : test.arguments) {
    bool isArray = argument.buffer >= 0;
    result.slots.push_back(
        isArray ? reinterpret_cast<uint64_t>(buffers[argument.buffer].data())
                : static_cast<uint32_t>(argument.scalar));
    result.extents.push_back(isArray ? buffers[argument.buffer].size() : 0);
  }
  return result;
}

//===----------------------------------------------------------------------===//
// Comparison
//===----------------------------------------------------------------------===//

static bool isClose(Dtype dtype, const char *expected, const char *found,
                    double tolerance) {
  if (!ir::interp::isFloat(dtype))
    return std::memcmp(expected, found, ir::interp::sizeOf(dtype)) == 0;
  double a, b;
  ir::interp::toDouble(dtype, expected, &a, 1);
  ir::interp::toDouble(dtype, found, &b, 1);
  if (std::isnan(a) || std::isnan(b))
    return std::isnan(a) && std::isnan(b);
  return a == b || std::fabs(a - b) <= tolerance;
}

static std::string show(Dtype dtype, const char *place) {
  std::string text;
  llvm::raw_string_ostream os(text);
  uint64_t bits = 0;
  std::memcpy(&bits, place, ir::interp::sizeOf(dtype));
  if (ir::interp::isFloat(dtype)) {
    double value;
    ir::interp::toDouble(dtype, place, &value, 1);
    os << value << ' ';
  }
  os << "0x" << llvm::Twine::utohexstr(bits);
  return text;
}

std::string tegula::fuzz::compare(const Case &test, const Buffers &expected,
                                  const Buffers &found) {
  for (auto [index, argument] : llvm::enumerate(test.arguments)) {
    if (argument.buffer < 0)
      continue;
    Dtype dtype = dtypeOf(test, index);
    unsigned size = ir::interp::sizeOf(dtype);
    const char *wanted = expected[argument.buffer].data();
    const char *given = found[argument.buffer].data();
    double tolerance = test.tolerances[argument.buffer];
    size_t bad = 0, first = 0;
    for (size_t i = argument.elements; i-- > 0;)
      if (!isClose(dtype, wanted + i * size, given + i * size, tolerance)) {
        ++bad;
        first = i;
      }
    if (bad)
      return ("argument " + Twine(index) + ": " + Twine(bad) + " of " +
              Twine(argument.elements) + " elements differ, the first at " +
              Twine(first) + ": expected " +
              show(dtype, wanted + first * size) + ", found " +
              show(dtype, given + first * size) + ", tolerance " +
              std::to_string(tolerance))
          .str();
  }
  return "";
}

//===----------------------------------------------------------------------===//
// Files
//===----------------------------------------------------------------------===//

std::string tegula::fuzz::print(const Case &test) {
  Case copy = test.clone();
  Builder builder(copy.module->getContext());
  (*copy.module)->setAttr("fuzz.seed", builder.getI64IntegerAttr(test.seed));
  (*copy.module)
      ->setAttr("fuzz.programs", builder.getI64IntegerAttr(test.programs));
  (*copy.module)
      ->setAttr("fuzz.tolerances", builder.getF64ArrayAttr(test.tolerances));
  for (auto [index, argument] : llvm::enumerate(test.arguments))
    copy.kernel().setArgAttr(
        index, "fuzz.argument",
        builder.getI64ArrayAttr(
            {argument.buffer, static_cast<int64_t>(argument.elements),
             static_cast<int64_t>(argument.fill), argument.scalar}));
  std::string text;
  llvm::raw_string_ostream os(text);
  copy.module->print(os);
  return text + "\n";
}

llvm::Expected<Case> tegula::fuzz::parse(StringRef text, MLIRContext &context) {
  Case test;
  std::string problems;
  ScopedDiagnosticHandler handler(&context, [&](Diagnostic &diagnostic) {
    problems += diagnostic.str() + "\n";
  });
  test.module = parseSourceString<ModuleOp>(text, &context);
  if (!test.module)
    return llvm::createStringError("not a module: " + problems);
  auto seed = (*test.module)->getAttrOfType<IntegerAttr>("fuzz.seed");
  auto programs = (*test.module)->getAttrOfType<IntegerAttr>("fuzz.programs");
  auto tolerances = (*test.module)->getAttrOfType<ArrayAttr>("fuzz.tolerances");
  if (!seed || !programs || !tolerances ||
      test.module->getOps<func::FuncOp>().empty())
    return llvm::createStringError("not a reproducer: it has no fuzz.seed, "
                                   "fuzz.programs and fuzz.tolerances");
  test.seed = seed.getInt();
  test.programs = programs.getInt();
  for (auto number : tolerances.getAsRange<FloatAttr>())
    test.tolerances.push_back(number.getValueAsDouble());
  for (StringRef name : {"fuzz.seed", "fuzz.programs", "fuzz.tolerances"})
    (*test.module)->removeAttr(name);
  func::FuncOp kernel = test.kernel();
  for (unsigned index = 0; index < kernel.getNumArguments(); ++index) {
    auto numbers = kernel.getArgAttrOfType<ArrayAttr>(index, "fuzz.argument");
    if (!numbers || numbers.size() != 4)
      return llvm::createStringError("argument %u has no fuzz.argument", index);
    auto number = [&](unsigned k) {
      return cast<IntegerAttr>(numbers[k]).getInt();
    };
    test.arguments.push_back({static_cast<int>(number(0)),
                              static_cast<uint64_t>(number(1)),
                              static_cast<Fill>(number(2)), number(3)});
    kernel.removeArgAttr(index, "fuzz.argument");
  }
  return test;
}
