//===- Types.cpp - names, promotion, MLIR types ---------------------------===//
#include "frontend/lang/Types.h"
#include "ir/tile/Tile.h"
#include "mlir/IR/BuiltinTypes.h"
#include "llvm/ADT/STLExtras.h"
#include <cmath>

using namespace tegula::frontend;
using llvm::StringRef;

//===----------------------------------------------------------------------===//
// Elements
//===----------------------------------------------------------------------===//

namespace {

struct ElementInfo {
  DType type;
  StringRef shortName, tritonName, languageName;
  unsigned bits;
  /// Further spellings, separated by spaces.
  StringRef others;
};

constexpr ElementInfo elements[] = {
    {DType::Void, "void", "void", "void", 0, ""},
    {DType::Int1, "i1", "int1", "int1", 1, "bool"},
    {DType::Int8, "i8", "int8", "int8", 8, ""},
    {DType::Int16, "i16", "int16", "int16", 16, "short"},
    {DType::Int32, "i32", "int32", "int32", 32, "int"},
    {DType::Int64, "i64", "int64", "int64", 64, "long"},
    {DType::UInt8, "u8", "uint8", "uint8", 8, ""},
    {DType::UInt16, "u16", "uint16", "uint16", 16, ""},
    {DType::UInt32, "u32", "uint32", "uint32", 32, ""},
    {DType::UInt64, "u64", "uint64", "uint64", 64, ""},
    {DType::Float8E4M3, "f8e4m3", "fp8e4nv", "float8e4nv", 8,
     "f8e4m3fn float8_e4m3fn"},
    {DType::Float8E4M3FNUZ, "f8e4m3fnuz", "fp8e4b8", "float8e4b8", 8,
     "float8_e4m3fnuz"},
    {DType::Float8E5M2, "f8e5m2", "fp8e5", "float8e5", 8, "float8_e5m2"},
    {DType::Float8E5M2FNUZ, "f8e5m2fnuz", "fp8e5b16", "float8e5b16", 8,
     "float8_e5m2fnuz"},
    {DType::Float16, "f16", "fp16", "float16", 16, "half"},
    {DType::BFloat16, "bf16", "bf16", "bfloat16", 16, ""},
    {DType::Float32, "f32", "fp32", "float32", 32, "float"},
    {DType::Float64, "f64", "fp64", "float64", 64, "double"},
};

const ElementInfo &info(DType type) {
  return elements[static_cast<unsigned>(type)];
}

} // namespace

std::optional<DType> tegula::frontend::parseDType(StringRef text) {
  for (StringRef prefix : {"tl.", "torch.", "triton.language.", "np."})
    text.consume_front(prefix);
  for (const ElementInfo &element : elements) {
    if (text == element.shortName || text == element.tritonName ||
        text == element.languageName)
      return element.type;
    llvm::SmallVector<StringRef, 4> others;
    element.others.split(others, ' ', -1, false);
    if (llvm::is_contained(others, text))
      return element.type;
  }
  return std::nullopt;
}

StringRef tegula::frontend::shortName(DType type) {
  return info(type).shortName;
}
StringRef tegula::frontend::tritonName(DType type) {
  return info(type).tritonName;
}
StringRef tegula::frontend::languageName(DType type) {
  return info(type).languageName;
}
unsigned tegula::frontend::bitWidth(DType type) { return info(type).bits; }
bool tegula::frontend::isFloat(DType type) { return type >= DType::Float8E4M3; }
bool tegula::frontend::isInteger(DType type) {
  return type >= DType::Int1 && type <= DType::UInt64;
}
// A bool counts as unsigned: it widens to 0 or 1.
bool tegula::frontend::isUnsigned(DType type) {
  return type == DType::Int1 || (type >= DType::UInt8 && type <= DType::UInt64);
}

__int128 tegula::frontend::minValue(DType integer) {
  if (isUnsigned(integer))
    return 0;
  return -(static_cast<__int128>(1) << (bitWidth(integer) - 1));
}
__int128 tegula::frontend::maxValue(DType integer) {
  unsigned bits = bitWidth(integer) - (isUnsigned(integer) ? 0 : 1);
  return (static_cast<__int128>(1) << bits) - 1;
}

std::optional<DType> tegula::frontend::typeOfInt(__int128 value) {
  for (DType type : {DType::Int32, DType::UInt32, DType::Int64, DType::UInt64})
    if (value >= minValue(type) && value <= maxValue(type))
      return type;
  return std::nullopt;
}

DType tegula::frontend::typeOfFloat(double value) {
  double magnitude = std::fabs(value);
  constexpr double smallest = 0x1p-126, largest = 0x1.fffffep127;
  if (std::isnan(value) || std::isinf(value) || magnitude == 0 ||
      (magnitude >= smallest && magnitude <= largest))
    return DType::Float32;
  return DType::Float64;
}

//===----------------------------------------------------------------------===//
// Promotion
//===----------------------------------------------------------------------===//

DType tegula::frontend::promoteIntegers(DType a, DType b) {
  unsigned aBits = bitWidth(a), bBits = bitWidth(b);
  if (isUnsigned(a) == isUnsigned(b))
    return aBits > bBits ? a : b;
  if (isUnsigned(a))
    return aBits >= bBits ? a : b;
  return bBits >= aBits ? b : a;
}

namespace {

unsigned kindRank(DType type) {
  if (type == DType::Int1)
    return 0;
  return isFloat(type) ? 2 : 1;
}

bool isFloat8(DType type) { return isFloat(type) && bitWidth(type) == 8; }

} // namespace

Promotion tegula::frontend::promote(DType a, bool aWeak, DType b, bool bWeak,
                                    bool divOrMod) {
  if (aWeak != bWeak) {
    DType weak = aWeak ? a : b, strong = aWeak ? b : a;
    if (kindRank(weak) <= kindRank(strong))
      a = b = strong;
  }
  auto either = [&](DType type) { return a == type || b == type; };
  if (either(DType::Float64))
    return {DType::Float64, ""};
  if (divOrMod && (isFloat(a) || isFloat(b)))
    return {DType::Float32, ""};
  if (either(DType::Float32))
    return {DType::Float32, ""};
  if (either(DType::Float16))
    return {DType::Float16, ""};
  if (either(DType::BFloat16))
    return {a == b ? DType::BFloat16 : DType::Float32, ""};
  if (isFloat8(a) && isFloat8(b))
    return {a == b ? a : DType::Float16, ""};
  std::string names = (languageName(a) + " and " + languageName(b)).str();
  if (!isInteger(a) || !isInteger(b))
    return {std::nullopt, "no common type for " + names};
  if (divOrMod && isUnsigned(a) != isUnsigned(b))
    return {std::nullopt,
            "division and remainder of " + names + ", which differ in sign"};
  return {promoteIntegers(a, b), ""};
}

//===----------------------------------------------------------------------===//
// Shaped types
//===----------------------------------------------------------------------===//

Type Type::block(Type scalar, llvm::ArrayRef<int64_t> shape) {
  // Triton has no block of rank 0: its scalar is the element itself.
  scalar.isBlock = !shape.empty();
  scalar.shape.assign(shape.begin(), shape.end());
  return scalar;
}

int64_t Type::numElements() const {
  int64_t count = 1;
  for (int64_t size : shape)
    count *= size;
  return count;
}

Type Type::scalar() const {
  Type type = *this;
  type.isBlock = false;
  type.shape.clear();
  return type;
}

Type Type::pointee() const {
  Type type = *this;
  if (type.pointers)
    --type.pointers;
  return type;
}

Type Type::withScalar(Type scalar) const {
  scalar.isBlock = isBlock;
  scalar.shape = shape;
  return scalar;
}

std::string Type::str() const {
  std::string text;
  for (unsigned i = 0; i < pointers; ++i)
    text += "pointer<";
  text += languageName(element);
  text.append(pointers, '>');
  if (!isBlock)
    return text;
  text += '[';
  for (size_t i = 0; i < shape.size(); ++i)
    text += (i ? ", " : "") + std::to_string(shape[i]);
  return text + ']';
}

mlir::Type tegula::frontend::toMlir(DType type, mlir::MLIRContext *context) {
  switch (type) {
  case DType::Float8E4M3:
    return mlir::Float8E4M3FNType::get(context);
  case DType::Float8E4M3FNUZ:
    return mlir::Float8E4M3FNUZType::get(context);
  case DType::Float8E5M2:
    return mlir::Float8E5M2Type::get(context);
  case DType::Float8E5M2FNUZ:
    return mlir::Float8E5M2FNUZType::get(context);
  case DType::Float16:
    return mlir::Float16Type::get(context);
  case DType::BFloat16:
    return mlir::BFloat16Type::get(context);
  case DType::Float32:
    return mlir::Float32Type::get(context);
  case DType::Float64:
    return mlir::Float64Type::get(context);
  case DType::Void:
    return mlir::IntegerType::get(context, 8);
  default:
    return mlir::IntegerType::get(context, bitWidth(type));
  }
}

mlir::Type Type::toMlir(mlir::MLIRContext *context) const {
  mlir::Type type = frontend::toMlir(element, context);
  // A pointer in memory is an address of 64 bits.
  if (pointers > 1)
    type = mlir::IntegerType::get(context, 64);
  if (pointers)
    type = tile::PtrType::get(type);
  return isBlock ? mlir::RankedTensorType::get(shape, type) : type;
}
