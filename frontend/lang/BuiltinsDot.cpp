//===- BuiltinsDot.cpp - matrix products ----------------------------------===//
#include "frontend/lang/Evaluator.h"
#include "llvm/ADT/StringSwitch.h"

using namespace tegula::frontend;
using llvm::StringRef;
namespace tile = tegula::tile;

namespace {

std::optional<tile::DotPrecision> precisionOf(Evaluator &e, const Value &name,
                                              const Value &allowTf32) {
  if (name.isNone()) {
    // allow_tf32 is the older spelling; without either, IEEE is kept.
    return !allowTf32.isNone() && allowTf32.truthy() ? tile::DotPrecision::TF32
                                                     : tile::DotPrecision::IEEE;
  }
  std::optional<std::string> text = e.constantString(name, "input_precision");
  if (!text)
    return std::nullopt;
  auto precision = llvm::StringSwitch<std::optional<tile::DotPrecision>>(
                       StringRef(*text).lower())
                       .Case("tf32", tile::DotPrecision::TF32)
                       .Case("tf32x3", tile::DotPrecision::TF32x3)
                       .Cases({"ieee", "hf32"}, tile::DotPrecision::IEEE)
                       .Case("bf16x3", tile::DotPrecision::BF16x3)
                       .Case("bf16x6", tile::DotPrecision::BF16x6)
                       .Default(std::nullopt);
  if (!precision)
    e.error("input_precision is 'ieee', 'tf32', 'tf32x3', 'bf16x3' or "
            "'bf16x6', not '" +
            *text + "'");
  return precision;
}

/// The element types that tl.dot multiplies; false after an error.
bool checkElements(Evaluator &e, const Value &a, const Value &b) {
  DType left = a.type().element, right = b.type().element;
  auto isFloat8 = [](DType type) {
    return isFloat(type) && bitWidth(type) == 8;
  };
  bool known = isFloat(left) || left == DType::Int8 || left == DType::UInt8;
  bool same = left == right || (isFloat8(left) && isFloat8(right));
  if (known && same && !a.type().isPointer() && !b.type().isPointer())
    return true;
  e.error("tl.dot takes two operands of one type (a float, int8 or uint8), "
          "not " +
              a.describe() + " and " + b.describe(),
          "convert one with .to(...)");
  return false;
}

bool checkShapes(Evaluator &e, const Value &a, const Value &b) {
  const Shape &left = a.type().shape, &right = b.type().shape;
  size_t rank = left.size();
  if (rank != right.size() || (rank != 2 && rank != 3)) {
    e.error("tl.dot takes two matrices, or two batches of them, not " +
            a.describe() + " and " + b.describe());
    return false;
  }
  if (left[rank - 1] != right[rank - 2] || (rank == 3 && left[0] != right[0])) {
    e.error("these shapes cannot be multiplied: " + a.describe() + " and " +
                b.describe(),
            "the columns of the first must be the rows of the second");
    return false;
  }
  return true;
}

Shape productShape(const Value &a, const Value &b) {
  Shape shape = a.type().shape;
  shape.back() = b.type().shape.back();
  return shape;
}

/// The accumulator: the one given, checked, or zeros.
Value accumulator(Evaluator &e, const Value &given, DType element,
                  const Shape &shape, StringRef function) {
  if (!e.emitter().isTensorShape(shape))
    return Value::poison();
  Type type = Type::block(element, shape);
  if (given.isNone())
    return e.emitter().splat(e.emitter().constantInt(0, element), shape);
  Value acc = e.emitter().toTensor(given);
  if (acc.isPoison() || acc.type() == type)
    return acc;
  // Older kernels pass a plain 0.
  if (!acc.type().isBlock)
    return e.emitter().splat(e.emitter().cast(acc, element), shape);
  return e.error("the accumulator of " + function + " must be " + type.str() +
                     ", not " + acc.describe(),
                 "pass out_dtype, or make the accumulator of that type");
}

Value dot(Evaluator &e, const Arguments &args) {
  Value a = e.emitter().toTensor(args[0]), b = e.emitter().toTensor(args[1]);
  if (a.isPoison() || b.isPoison() || !checkElements(e, a, b) ||
      !checkShapes(e, a, b))
    return Value::poison();
  auto precision = precisionOf(e, args[3], args[4]);
  if (!precision)
    return Value::poison();
  DType element = a.type().element;
  DType out = DType::Float32;
  if (!args[6].isNone()) {
    std::optional<DType> type = e.constantType(args[6], "out_dtype");
    if (!type)
      return Value::poison();
    out = *type;
  } else if (args[2].isTensor()) {
    out = args[2].type().element;
  }
  // What Triton computes in, whatever is asked for.
  DType result = out;
  if (isInteger(element))
    result = DType::Int32;
  else if (out == DType::BFloat16)
    return e.error("tl.dot accumulates in float32 or float16, not in bfloat16",
                   "use out_dtype=tl.float32 and .to(tl.bfloat16)");
  else if (element == DType::Float64)
    result = DType::Float64;
  else if (element == DType::Float32 || element == DType::BFloat16)
    result = DType::Float32;
  else if (out != DType::Float16)
    result = DType::Float32;
  Value acc = accumulator(e, args[2], result, productShape(a, b), "tl.dot");
  if (acc.isPoison())
    return acc;
  int64_t imprecise = args[5].isInt() ? int64_t(args[5].integer()) : 0;
  return e.emitter().wrap(
      tile::DotOp::create(e.emitter().builder(), acc.handle().getType(),
                          a.handle(), b.handle(), acc.handle(), *precision,
                          int32_t(imprecise)),
      acc.type());
}

//===----------------------------------------------------------------------===//
// Block-scaled operands
//===----------------------------------------------------------------------===//

std::optional<tile::ScaledFormat> formatOf(Evaluator &e, const Value &value) {
  std::optional<std::string> name = e.constantString(value, "the format");
  if (!name)
    return std::nullopt;
  auto format = llvm::StringSwitch<std::optional<tile::ScaledFormat>>(*name)
                    .Case("e4m3", tile::ScaledFormat::E4M3)
                    .Case("e5m2", tile::ScaledFormat::E5M2)
                    .Case("e2m1", tile::ScaledFormat::E2M1)
                    .Case("bf16", tile::ScaledFormat::BF16)
                    .Case("fp16", tile::ScaledFormat::FP16)
                    .Default(std::nullopt);
  if (!format)
    e.error("the format of a scaled operand is 'e2m1', 'e4m3', 'e5m2', 'bf16' "
            "or 'fp16', not '" +
            *name + "'");
  return format;
}

/// The operand with the float type of its format; e2m1 stays packed bytes.
Value formatted(Evaluator &e, const Value &value, tile::ScaledFormat format) {
  Value tensor = e.emitter().toTensor(value);
  if (tensor.isPoison())
    return tensor;
  DType wanted = DType::UInt8;
  switch (format) {
  case tile::ScaledFormat::E4M3:
    wanted = DType::Float8E4M3;
    break;
  case tile::ScaledFormat::E5M2:
    wanted = DType::Float8E5M2;
    break;
  case tile::ScaledFormat::BF16:
    wanted = DType::BFloat16;
    break;
  case tile::ScaledFormat::FP16:
    wanted = DType::Float16;
    break;
  default:
    break;
  }
  return e.emitter().bitcast(tensor, wanted);
}

Value dotScaled(Evaluator &e, const Arguments &args) {
  auto aFormat = formatOf(e, args[2]), bFormat = formatOf(e, args[5]);
  std::optional<bool> fast = e.constantBool(args[7], "fast_math"),
                      aPack = e.constantBool(args[8], "lhs_k_pack"),
                      bPack = e.constantBool(args[9], "rhs_k_pack");
  std::optional<DType> out = e.constantType(args[10], "out_dtype");
  if (!aFormat || !bFormat || !fast || !aPack || !bPack || !out)
    return Value::poison();
  Value a = formatted(e, args[0], *aFormat),
        b = formatted(e, args[3], *bFormat);
  if (a.isPoison() || b.isPoison())
    return Value::poison();
  if (a.type().shape.size() != 2 || b.type().shape.size() != 2)
    return e.error("tl.dot_scaled takes two matrices, not " + a.describe() +
                   " and " + b.describe());
  bool aPacked = *aFormat == tile::ScaledFormat::E2M1,
       bPacked = *bFormat == tile::ScaledFormat::E2M1;
  int64_t m = a.type().shape[0] * (aPacked && !*aPack ? 2 : 1);
  int64_t n = b.type().shape[1] * (bPacked && !*bPack ? 2 : 1);
  int64_t ka = a.type().shape[1] * (aPacked && *aPack ? 2 : 1);
  int64_t kb = b.type().shape[0] * (bPacked && *bPack ? 2 : 1);
  auto scaleFits = [&](const Value &value, int64_t rows) {
    if (!value.isTensor() || !value.type().isBlock)
      return true;
    const Shape &shape = value.type().shape;
    bool fits = shape.size() == 2 && shape[0] == rows &&
                (shape[1] * 32 == ka || shape[1] * 16 == ka);
    if (!fits)
      e.error("a scale of tl.dot_scaled must have shape [" + llvm::Twine(rows) +
              ", " + llvm::Twine(ka / 32) + "], not " + value.describe());
    return fits;
  };
  if (ka == kb && (!scaleFits(args[1], m) || !scaleFits(args[4], n)))
    return Value::poison();
  if (ka != kb)
    return e.error("the operands of tl.dot_scaled reduce over " +
                   llvm::Twine(ka) + " and " + llvm::Twine(kb) + " elements");
  Value acc = accumulator(e, args[6], *out, {m, n}, "tl.dot_scaled");
  if (acc.isPoison())
    return acc;
  auto scale = [&](const Value &value) {
    return value.isTensor() && value.type().isBlock ? value.handle()
                                                    : mlir::Value();
  };
  return e.emitter().wrap(
      tile::DotScaledOp::create(e.emitter().builder(), acc.handle().getType(),
                                a.handle(), b.handle(), acc.handle(),
                                scale(args[1]), scale(args[4]), *aFormat,
                                *bFormat, *fast, *aPack, *bPack),
      acc.type());
}

constexpr BuiltinInfo table[] = {
    {"tl.dot",
     "input, other, acc=None, input_precision=None, allow_tf32=None, "
     "max_num_imprecise_acc=None, out_dtype=None",
     dot},
    {"tl.dot_scaled",
     "lhs, lhs_scale, lhs_format, rhs, rhs_scale, rhs_format, acc=None, "
     "fast_math=False, lhs_k_pack=True, rhs_k_pack=True, out_dtype=float32",
     dotScaled},
};

} // namespace

llvm::ArrayRef<BuiltinInfo> tegula::frontend::dotBuiltins() { return table; }
