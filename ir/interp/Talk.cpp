//===- Talk.cpp - Assertions and prints
//
// Part of the Tegula Project, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "ir/interp/Compiler.h"
#include "ir/interp/Memory.h"
#include "ir/tile/Tile.h"
#include "llvm/Support/Format.h"
#include "llvm/Support/raw_ostream.h"
#include <cstring>

using namespace mlir;
using namespace tegula;
using namespace tegula::ir::interp;

static Result compileAssert(Compiler &c, tile::AssertOp op) {
  Slot condition = c.slot(op.getCondition());
  const Site *site = c.site(op);
  std::string message = op.getMessage().str();
  c.emit([=](Program &program) {
    LaunchState &launch = program.launch;
    if (launch.check)
      launch.requireSpecified(program, *site, program.anyTaint(condition),
                              "an assertion's condition");
    const uint8_t *holds = program.data<uint8_t>(condition);
    if (llvm::all_of(ArrayRef(holds, condition.elements),
                     [](uint8_t lane) { return lane; }))
      return kNext;
    launch.report(program, *site, ir::Report::Kind::AssertFailed, message);
    return kStop;
  });
  return Result::Done;
}

//===----------------------------------------------------------------------===//
// Prints
//===----------------------------------------------------------------------===//

namespace {
/// One operand of a print.
struct Printed {
  Slot slot;
  SmallVector<int64_t> shape;
  bool isSigned, isPointer;
};
} // namespace

static void printNumber(llvm::raw_ostream &os, const Printed &operand, bool hex,
                        const char *place) {
  Dtype dtype = operand.slot.dtype;
  unsigned size = sizeOf(dtype);
  uint64_t bits = 0;
  std::memcpy(&bits, place, size);
  if (isFloat(dtype)) {
    double value;
    toDouble(dtype, place, &value, 1);
    os << llvm::format(hex ? "%a" : "%f", value);
  } else if (hex || operand.isPointer) {
    os << "0x" << llvm::format_hex_no_prefix(bits, 2 * size);
  } else if (operand.isSigned && dtype != Dtype::I1) {
    unsigned unused = 64 - widthOf(dtype);
    os << (static_cast<int64_t>(bits << unused) >> unused);
  } else {
    os << bits;
  }
}

/// The coordinates of element `i`, each as wide as its largest value.
static void printIndex(llvm::raw_ostream &os, ArrayRef<int64_t> shape,
                       size_t i) {
  SmallVector<int64_t> place(shape.size());
  for (size_t d = shape.size(); d-- > 0; i /= shape[d])
    place[d] = i % shape[d];
  os << " idx (";
  for (auto [d, size] : llvm::enumerate(shape)) {
    unsigned width = std::to_string(size - 1).size();
    os << (d ? ", " : "")
       << llvm::format_decimal(place[d], static_cast<int>(width));
  }
  os << ')';
}

/// " x: ", or ": " without a name. Frontends may or may not have added Triton's
/// " " and ": " already.
static std::string label(StringRef prefix) {
  prefix = prefix.trim(' ');
  prefix.consume_back(":");
  return (prefix.empty() ? "" : " " + prefix.str()) + ": ";
}

static Result compilePrint(Compiler &c, tile::PrintOp op) {
  SmallVector<Printed, 2> operands;
  for (auto [k, value] : llvm::enumerate(op.getArgs())) {
    Printed operand;
    operand.slot = c.slot(value);
    operand.shape.assign(tile::shapeOf(value.getType()).begin(),
                         tile::shapeOf(value.getType()).end());
    operand.isSigned = op.getIsSigned().empty() || op.getIsSigned()[k];
    operand.isPointer = tile::isPtrLike(value.getType());
    operands.push_back(operand);
  }
  std::string text = op.getPrefix().str(), prefix = label(text);
  bool hex = op.getHex();
  c.emit([=](Program &program) {
    std::string start;
    llvm::raw_string_ostream(start)
        << "pid (" << program.id[0] << ", " << program.id[1] << ", "
        << program.id[2] << ')';
    if (operands.empty())
      program.printed.push_back(start + " " + text);
    for (auto [k, operand] : llvm::enumerate(operands)) {
      const char *data = program.data<char>(operand.slot);
      for (size_t i = 0; i < operand.slot.elements; ++i) {
        std::string line = start;
        llvm::raw_string_ostream os(line);
        printIndex(os, operand.shape, i);
        os << prefix;
        if (operands.size() > 1)
          os << "(operand " << k << ") ";
        printNumber(os, operand, hex, data + i * sizeOf(operand.slot.dtype));
        program.printed.push_back(line);
      }
    }
    return kNext;
  });
  return Result::Done;
}

Result tegula::ir::interp::compileTalk(Compiler &c, Operation *op) {
  if (auto assertion = dyn_cast<tile::AssertOp>(op))
    return compileAssert(c, assertion);
  if (auto print = dyn_cast<tile::PrintOp>(op))
    return compilePrint(c, print);
  return Result::NotMine;
}
