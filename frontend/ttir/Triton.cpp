//===- Triton.cpp - The dialect of TTIR text ------------------------------===//
//
// Part of the Tegula Project, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "frontend/ttir/Triton.h"
#include "mlir/IR/Builders.h"
#include "mlir/IR/DialectImplementation.h"
#include "mlir/Interfaces/CallInterfaces.h"
#include "mlir/Interfaces/FunctionImplementation.h"
#include "llvm/ADT/TypeSwitch.h"

using namespace mlir;
using namespace tegula::frontend::tt;

#include "frontend/ttir/TritonDialect.cpp.inc"
#include "frontend/ttir/TritonGPUDialect.cpp.inc"

#include "frontend/ttir/TritonEnums.cpp.inc"

#define GET_TYPEDEF_CLASSES
#include "frontend/ttir/TritonTypes.cpp.inc"

#define GET_ATTRDEF_CLASSES
#include "frontend/ttir/TritonAttrs.cpp.inc"

#define GET_OP_CLASSES
#include "frontend/ttir/TritonOps.cpp.inc"

#define GET_OP_CLASSES
#include "frontend/ttir/TritonGPUOps.cpp.inc"

void TTDialect::initialize() {
  addTypes<
#define GET_TYPEDEF_LIST
#include "frontend/ttir/TritonTypes.cpp.inc"
      >();
  addAttributes<
#define GET_ATTRDEF_LIST
#include "frontend/ttir/TritonAttrs.cpp.inc"
      >();
  addOperations<
#define GET_OP_LIST
#include "frontend/ttir/TritonOps.cpp.inc"
      >();
}

void TTGDialect::initialize() { addOperations<BarrierOp>(); }

//===----------------------------------------------------------------------===//
// Types
//===----------------------------------------------------------------------===//

static Type elementOf(Type type) {
  auto tensor = dyn_cast<RankedTensorType>(type);
  return tensor ? tensor.getElementType() : type;
}

bool tegula::frontend::tt::isPtrLike(Type type) {
  return isa<PtrType>(elementOf(type));
}

bool tegula::frontend::tt::isBlockPtr(Type type) {
  auto pointer = dyn_cast<PtrType>(type);
  return pointer && isa<RankedTensorType>(pointer.getPointeeType());
}

Type tegula::frontend::tt::pointeeOf(Type type) {
  Type pointee = cast<PtrType>(elementOf(type)).getPointeeType();
  if (auto tensor = dyn_cast<RankedTensorType>(type))
    return tensor.clone(pointee);
  return pointee;
}

Type tegula::frontend::tt::maskOf(Type type) {
  Type flag = IntegerType::get(type.getContext(), 1);
  auto tensor = dyn_cast<RankedTensorType>(type);
  return tensor ? Type(tensor.clone(flag)) : flag;
}

Type tegula::frontend::tt::baseOf(Type blockPtr) {
  auto pointer = cast<PtrType>(blockPtr);
  return PtrType::get(blockPtr.getContext(),
                      elementOf(pointer.getPointeeType()),
                      pointer.getAddressSpace());
}

Type tegula::frontend::tt::signless(Type element) {
  auto integer = dyn_cast<IntegerType>(element);
  return integer ? IntegerType::get(element.getContext(), integer.getWidth())
                 : element;
}

Type DescType::parse(AsmParser &parser) {
  SmallVector<int64_t> shape;
  Type element;
  if (parser.parseLess() ||
      parser.parseDimensionList(shape, /*allowDynamic=*/false) ||
      parser.parseType(element))
    return {};
  if (auto block = dyn_cast<RankedTensorType>(element)) {
    shape.append(block.getShape().begin(), block.getShape().end());
    element = block.getElementType();
  }
  // A layout for shared memory, where one was chosen already.
  Attribute layout;
  if (succeeded(parser.parseOptionalComma()) && parser.parseAttribute(layout))
    return {};
  if (parser.parseGreater())
    return {};
  return get(parser.getContext(), shape, element);
}

void DescType::print(AsmPrinter &printer) const {
  printer << '<';
  printer.printDimensionList(getShape());
  printer << 'x' << getElementType() << '>';
}

//===----------------------------------------------------------------------===//
// Functions
//===----------------------------------------------------------------------===//

/// Keeps the name that the text gives to an argument.
static void keepName(OpAsmParser::Argument &argument, Builder &builder) {
  StringRef name = argument.ssaName.name.drop_front();
  int64_t number;
  StringRef digits = name;
  if (!digits.consume_front("arg") || digits.getAsInteger(10, number)) {
    NamedAttrList attributes(argument.attrs);
    attributes.set(FuncOp::kNameAttr, builder.getStringAttr(name));
    argument.attrs = attributes.getDictionary(builder.getContext());
  }
}

ParseResult FuncOp::parse(OpAsmParser &parser, OperationState &result) {
  Builder &builder = parser.getBuilder();
  (void)impl::parseOptionalVisibilityKeyword(parser, result.attributes);
  StringAttr name;
  SmallVector<OpAsmParser::Argument> arguments;
  SmallVector<Type> types, resultTypes;
  SmallVector<DictionaryAttr> resultAttributes;
  bool isVariadic = false;
  if (parser.parseSymbolName(name, getSymNameAttrName(result.name),
                             result.attributes) ||
      function_interface_impl::parseFunctionSignatureWithArguments(
          parser, /*allowVariadic=*/false, arguments, isVariadic, resultTypes,
          resultAttributes))
    return failure();
  for (OpAsmParser::Argument &argument : arguments) {
    if (!argument.ssaName.name.empty())
      keepName(argument, builder);
    types.push_back(argument.type);
  }
  result.addAttribute(
      getFunctionTypeAttrName(result.name),
      TypeAttr::get(builder.getFunctionType(types, resultTypes)));
  if (parser.parseOptionalAttrDictWithKeyword(result.attributes))
    return failure();
  call_interface_impl::addArgAndResultAttrs(
      builder, result, arguments, resultAttributes,
      getArgAttrsAttrName(result.name), getResAttrsAttrName(result.name));
  OptionalParseResult body = parser.parseOptionalRegion(
      *result.addRegion(), arguments, /*enableNameShadowing=*/false);
  return body.has_value() ? *body : success();
}

void FuncOp::print(OpAsmPrinter &printer) {
  function_interface_impl::printFunctionOp(
      printer, *this, /*isVariadic=*/false, getFunctionTypeAttrName(),
      getArgAttrsAttrName(), getResAttrsAttrName());
}

//===----------------------------------------------------------------------===//
// Barriers
//===----------------------------------------------------------------------===//

ParseResult BarrierOp::parse(OpAsmParser &parser, OperationState &result) {
  StringRef space;
  do {
    if (parser.parseKeyword(&space))
      return failure();
  } while (succeeded(parser.parseOptionalVerticalBar()));
  return parser.parseOptionalAttrDict(result.attributes);
}

void BarrierOp::print(OpAsmPrinter &printer) { printer << " all"; }
