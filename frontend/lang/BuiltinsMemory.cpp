//===- BuiltinsMemory.cpp - load and store --------------------------------===//
#include "frontend/lang/MemoryAccess.h"
#include "llvm/ADT/StringSwitch.h"
#include <cmath>

using namespace tegula::frontend;
using llvm::StringRef;
namespace tile = tegula::tile;

std::optional<tile::CacheModifier>
tegula::frontend::cacheModifierOf(Evaluator &e, const Value &value) {
  std::optional<std::string> name = e.constantString(value, "cache_modifier");
  if (!name)
    return std::nullopt;
  StringRef text = *name;
  text.consume_front(".");
  auto found = llvm::StringSwitch<std::optional<tile::CacheModifier>>(text)
                   .Case("", tile::CacheModifier::None)
                   .Case("ca", tile::CacheModifier::CA)
                   .Case("cg", tile::CacheModifier::CG)
                   .Case("wb", tile::CacheModifier::WB)
                   .Case("cs", tile::CacheModifier::CS)
                   .Case("wt", tile::CacheModifier::WT)
                   .Case("cv", tile::CacheModifier::CV)
                   .Default(std::nullopt);
  if (!found)
    e.error("unknown cache_modifier '" + *name + "'",
            "it is '.ca', '.cg', '.wb', '.cs', '.wt' or '.cv'");
  return found;
}

std::optional<tile::EvictionPolicy>
tegula::frontend::evictionPolicyOf(Evaluator &e, const Value &value) {
  std::optional<std::string> name = e.constantString(value, "eviction_policy");
  if (!name)
    return std::nullopt;
  auto found = llvm::StringSwitch<std::optional<tile::EvictionPolicy>>(*name)
                   .Cases({"", "evict_normal"}, tile::EvictionPolicy::Normal)
                   .Case("evict_first", tile::EvictionPolicy::First)
                   .Case("evict_last", tile::EvictionPolicy::Last)
                   .Default(std::nullopt);
  if (!found)
    e.error("unknown eviction_policy '" + *name + "'",
            "it is 'evict_first' or 'evict_last'");
  return found;
}

std::optional<Access> tegula::frontend::takeAccess(Evaluator &e,
                                                   const Value &pointer,
                                                   const Value &mask,
                                                   const Value &boundaryCheck,
                                                   StringRef function) {
  if (pointer.isPoison() || mask.isPoison())
    return std::nullopt;
  if (pointer.is(Value::Kind::BlockPointer)) {
    if (!mask.isNone()) {
      e.error(function + " of a block pointer takes no mask",
              "use boundary_check");
      return std::nullopt;
    }
    std::optional<Shape> checked =
        e.constantShape(boundaryCheck, "boundary_check");
    if (!checked)
      return std::nullopt;
    return expandBlockPointer(e, pointer.blockPointer(), *checked);
  }
  if (!pointer.isTensor() || !pointer.type().isPointer()) {
    e.error(function + " takes a pointer, not " + pointer.describe(),
            pointer.isTensor() ? "add the offsets to a pointer argument" : "");
    return std::nullopt;
  }
  Access access{pointer, mask};
  if (mask.isNone())
    return access;
  access.mask = e.emitter().toBool(mask);
  if (access.mask.isPoison())
    return std::nullopt;
  if (!pointer.type().isBlock && access.mask.type().isBlock) {
    e.error("the mask " + access.mask.describe() +
            " has a shape, but the pointer is a scalar");
    return std::nullopt;
  }
  return access;
}

namespace {

/// Memory holds a bool as a byte that is 0 or not.
Access asBytes(Evaluator &e, Access access) {
  if (access.pointer.type().pointee().isBool())
    access.pointer =
        e.emitter().cast(access.pointer, Type::pointerTo(DType::Int8));
  return access;
}

/// The padding of a block pointer's masked elements.
Value paddingValue(Evaluator &e, const Value &option, DType element,
                   const Shape &shape) {
  std::optional<std::string> name = e.constantString(option, "padding_option");
  if (!name)
    return Value::poison();
  if (*name != "" && *name != "zero" && *name != "nan")
    return e.error("padding_option is 'zero' or 'nan', not '" + *name + "'");
  if (*name == "nan" && !isFloat(element))
    return e.error("padding with NaN needs a float, not " +
                   languageName(element));
  double value = *name == "nan" ? NAN : 0;
  return e.emitter().splat(e.emitter().constant(Value::ofFloat(value), element),
                           shape);
}

/// A number that becomes a constant of the element type at once. A float for an
/// integer is converted as at run time (it saturates).
bool exactNumber(const Value &value, const Type &scalar) {
  return value.isNumber() && !scalar.isPointer() &&
         !(value.is(Value::Kind::Float) && isInteger(scalar.element));
}

Value load(Evaluator &e, const Arguments &args) {
  bool isBlock = args[0].is(Value::Kind::BlockPointer);
  if (isBlock && !args[2].isNone())
    return e.error("tl.load of a block pointer takes no 'other'",
                   "use padding_option");
  if (!isBlock && args[1].isNone() && !args[2].isNone())
    return e.error("tl.load takes 'other' only together with a mask",
                   "'other' is what the masked elements read");
  std::optional<Access> taken =
      takeAccess(e, args[0], args[1], args[3], "tl.load");
  auto cache = cacheModifierOf(e, args[5]);
  auto evict = evictionPolicyOf(e, args[6]);
  std::optional<bool> isVolatile = e.constantBool(args[7], "volatile");
  if (!taken || !cache || !evict || !isVolatile)
    return Value::poison();
  Emitter &emit = e.emitter();
  bool isBool = taken->pointer.type().pointee().isBool();
  Access access = asBytes(e, *taken);
  Type scalar = access.pointer.type().scalar().pointee();
  Value other = args[2];
  if (!other.isNone()) {
    other = exactNumber(other, scalar)
                ? emit.constant(other, scalar.element)
                : emit.cast(emit.toTensor(other), scalar);
    if (other.isPoison())
      return other;
    if (!access.pointer.type().isBlock && other.type().isBlock)
      return e.error("'other' has a shape, but the pointer is a scalar: " +
                     other.describe());
  }
  Values parts{access.pointer};
  if (access.mask.isTensor())
    parts.push_back(access.mask);
  if (other.isTensor())
    parts.push_back(other);
  if (!emit.broadcastAll(parts))
    return Value::poison();
  Type type = parts[0].type().withScalar(scalar);
  if (isBlock && access.mask.isTensor()) {
    Value padding = paddingValue(e, args[4], scalar.element, type.shape);
    if (padding.isPoison())
      return padding;
    parts.push_back(padding);
  }
  mlir::ImplicitLocOpBuilder &b = emit.builder();
  mlir::Value mask = parts.size() > 1 ? parts[1].handle() : mlir::Value();
  mlir::Value fill = parts.size() > 2 ? parts[2].handle() : mlir::Value();
  auto op = tile::LoadOp::create(b, emit.mlirType(type), parts[0].handle(),
                                 mask, fill, *cache, *evict, *isVolatile);
  Value result = emit.wrap(op.getResult(), type);
  return isBool ? emit.toBool(result) : result;
}

Value store(Evaluator &e, const Arguments &args) {
  std::optional<Access> taken =
      takeAccess(e, args[0], args[2], args[3], "tl.store");
  auto cache = cacheModifierOf(e, args[4]);
  auto evict = evictionPolicyOf(e, args[5]);
  if (!taken || !cache || !evict)
    return Value::poison();
  Emitter &emit = e.emitter();
  bool isBool = taken->pointer.type().pointee().isBool();
  Access access = asBytes(e, *taken);
  Type scalar = access.pointer.type().scalar().pointee();
  Value value = args[1];
  if (isBool)
    value = emit.toBool(value);
  else if (exactNumber(value, scalar))
    value = emit.constant(value, scalar.element);
  value = emit.cast(emit.toTensor(value), scalar);
  if (value.isPoison())
    return value;
  if (!access.pointer.type().isBlock && value.type().isBlock)
    return e.error("cannot store " + args[1].describe() +
                       " through a scalar pointer",
                   "add tl.arange(...) to the pointer");
  Values parts{access.pointer, value};
  if (access.mask.isTensor())
    parts.push_back(access.mask);
  // The pointers' shape decides; a value or mask must spread to it.
  Shape shape = access.pointer.type().shape;
  if (!emit.broadcastAll(parts))
    return Value::poison();
  if (parts[0].type().shape != shape)
    return e.error("the pointers " + access.pointer.describe() +
                   " do not cover what is stored: " + value.describe());
  mlir::Value mask = parts.size() > 2 ? parts[2].handle() : mlir::Value();
  tile::StoreOp::create(emit.builder(), parts[0].handle(), parts[1].handle(),
                        mask, *cache, *evict);
  return Value::none();
}

constexpr BuiltinInfo table[] = {
    {"tl.load",
     "pointer, mask=None, other=None, boundary_check=(), padding_option='', "
     "cache_modifier='', eviction_policy='', volatile=False",
     load},
    {"tl.store",
     "pointer, value, mask=None, boundary_check=(), cache_modifier='', "
     "eviction_policy=''",
     store},
};

} // namespace

llvm::ArrayRef<BuiltinInfo> tegula::frontend::memoryBuiltins() { return table; }
