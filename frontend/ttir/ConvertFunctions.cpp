//===- ConvertFunctions.cpp - Functions, calls and arguments --------------===//
//
// Part of the Tegula Project, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "frontend/ttir/Convert.h"
#include "ir/tile/Tile.h"
#include "mlir/Dialect/Func/IR/FuncOps.h"

using namespace mlir;
using namespace tegula::frontend;
using tegula::tile::TileDialect;

/// What the user calls an argument: the name in its location, or in the text.
static std::string nameOf(BlockArgument argument, tt::FuncOp function) {
  if (auto named = dyn_cast<NameLoc>(argument.getLoc()))
    return named.getName().str();
  unsigned number = argument.getArgNumber();
  if (auto name =
          function.getArgAttrOfType<StringAttr>(number, tt::FuncOp::kNameAttr))
    return name.str();
  return "arg" + std::to_string(number);
}

static DictionaryAttr argumentAttributes(BlockArgument argument,
                                         tt::FuncOp function) {
  Builder b(function.getContext());
  NamedAttrList list;
  auto divisibility = function.getArgAttrOfType<IntegerAttr>(
      argument.getArgNumber(), "tt.divisibility");
  if (divisibility && divisibility.getInt() > 1)
    list.set(TileDialect::kDivisibilityAttr,
             b.getI32IntegerAttr(divisibility.getInt()));
  list.set(TileDialect::kNameAttr, b.getStringAttr(nameOf(argument, function)));
  return list.getDictionary(b.getContext());
}

/// Triton passes a descriptor that the host made as a pointer, sizes (i32) and
/// strides (i64), and prints the first as the descriptor itself.
static void joinDescriptor(Block &entry, unsigned number, tt::Padding padding) {
  BlockArgument descriptor = entry.getArgument(number);
  auto type = cast<tt::DescType>(descriptor.getType());
  size_t rank = type.getShape().size();
  auto following = entry.getArguments().drop_front(number + 1);
  if (following.size() < 2 * rank)
    return;
  auto sizes = following.take_front(rank);
  auto strides = following.slice(rank, rank);
  if (llvm::any_of(sizes, [](auto a) { return !a.getType().isInteger(32); }) ||
      llvm::any_of(strides, [](auto a) { return !a.getType().isInteger(64); }))
    return;
  OpBuilder b = OpBuilder::atBlockBegin(&entry);
  descriptor.setType(tt::PtrType::get(b.getContext(),
                                      tt::signless(type.getElementType()), {}));
  auto made =
      tt::MakeTensorDescOp::create(b, descriptor.getLoc(), type, descriptor,
                                   llvm::to_vector_of<Value>(sizes),
                                   llvm::to_vector_of<Value>(strides), padding);
  descriptor.replaceAllUsesExcept(made, made);
}

/// What a host's descriptor gives outside its array: Triton decides that when
/// it launches, so its text has no word for it. Whoever knows writes the
/// numbers of the descriptors that give NaN, among a kernel's, on the module:
/// `module attributes {tegula.nan_descriptors = array<i32: 0, 2>}`.
static tt::Padding paddingOf(tt::FuncOp function, int32_t number) {
  auto numbers =
      function->getParentOfType<ModuleOp>()->getAttrOfType<DenseI32ArrayAttr>(
          "tegula.nan_descriptors");
  return numbers && llvm::is_contained(numbers.asArrayRef(), number)
             ? tt::Padding::NaN
             : tt::Padding::Zero;
}

static LogicalResult convertFunction(tt::FuncOp function) {
  if (function.isExternal())
    return function.emitError()
           << "the function '" << function.getName() << "' has no body";
  Block &entry = function.getBody().front();
  SmallVector<Attribute> attributes;
  for (BlockArgument argument : entry.getArguments())
    attributes.push_back(argumentAttributes(argument, function));
  int32_t descriptors = 0;
  for (unsigned i = 0; i < entry.getNumArguments(); ++i)
    if (isa<tt::DescType>(entry.getArgument(i).getType()) &&
        function.isPublic())
      joinDescriptor(entry, i, paddingOf(function, descriptors++));

  OpBuilder b(function);
  auto made = func::FuncOp::create(
      b, function.getLoc(), function.getName(),
      b.getFunctionType(entry.getArgumentTypes(), function.getResultTypes()));
  made.setVisibility(function.getVisibility());
  made.setArgAttrsAttr(b.getArrayAttr(attributes));
  made.getBody().takeBody(function.getBody());
  function.erase();
  return success();
}

LogicalResult tt::convertFunctions(ModuleOp module) {
  for (auto function : llvm::make_early_inc_range(module.getOps<tt::FuncOp>()))
    if (failed(convertFunction(function)))
      return failure();
  module.walk([](Operation *op) {
    OpBuilder b(op);
    if (auto call = dyn_cast<tt::CallOp>(op)) {
      auto made = func::CallOp::create(b, op->getLoc(), call.getCalleeAttr(),
                                       call.getResultTypes(), call.getArgs());
      op->replaceAllUsesWith(made);
      op->erase();
    } else if (auto result = dyn_cast<tt::ReturnOp>(op)) {
      func::ReturnOp::create(b, op->getLoc(), result.getValues());
      op->erase();
    }
  });
  return success();
}
