//===- BuiltinsAtomic.cpp - atomic updates --------------------------------===//
#include "frontend/lang/MemoryAccess.h"
#include "llvm/ADT/StringSwitch.h"

using namespace tegula::frontend;
using llvm::StringRef;
namespace tile = tegula::tile;

namespace {

std::optional<tile::MemoryOrder> orderOf(Evaluator &e, const Value &value,
                                         tile::MemoryOrder missing) {
  std::optional<std::string> name = e.constantString(value, "sem");
  if (!name)
    return std::nullopt;
  auto order = llvm::StringSwitch<std::optional<tile::MemoryOrder>>(*name)
                   .Case("", missing)
                   .Case("acq_rel", tile::MemoryOrder::AcqRel)
                   .Case("acquire", tile::MemoryOrder::Acquire)
                   .Case("release", tile::MemoryOrder::Release)
                   .Case("relaxed", tile::MemoryOrder::Relaxed)
                   .Default(std::nullopt);
  if (!order)
    e.error("unknown memory order '" + *name + "'",
            "it is 'acq_rel', 'acquire', 'release' or 'relaxed'");
  return order;
}

std::optional<tile::MemoryScope> scopeOf(Evaluator &e, const Value &value) {
  std::optional<std::string> name = e.constantString(value, "scope");
  if (!name)
    return std::nullopt;
  auto scope = llvm::StringSwitch<std::optional<tile::MemoryScope>>(*name)
                   .Cases({"", "gpu"}, tile::MemoryScope::Gpu)
                   .Case("cta", tile::MemoryScope::Cta)
                   .Case("sys", tile::MemoryScope::System)
                   .Default(std::nullopt);
  if (!scope)
    e.error("unknown memory scope '" + *name + "'",
            "it is 'gpu', 'cta' or 'sys'");
  return scope;
}

/// The element type that the pointer points to; nothing after an error.
std::optional<DType> elementOf(Evaluator &e, const Value &pointer,
                               StringRef function) {
  if (pointer.isTensor() && pointer.type().pointers == 1)
    return pointer.type().element;
  if (!pointer.isPoison())
    e.error(function + " takes a pointer, not " + pointer.describe());
  return std::nullopt;
}

Value valueOf(Evaluator &e, const Value &value, DType element) {
  if (value.isNumber() && !(value.is(Value::Kind::Float) && isInteger(element)))
    return e.emitter().constant(value, element);
  return e.emitter().cast(e.emitter().toTensor(value), element);
}

std::optional<tile::AtomicKind> kindOf(Evaluator &e, StringRef name,
                                       DType element) {
  using Kind = tile::AtomicKind;
  bool real = isFloat(element), isUns = isUnsigned(element);
  bool bitwise = name == "and" || name == "or" || name == "xor";
  if (bitwise && real) {
    e.error("tl.atomic_" + name + " takes integers, not " +
            languageName(element));
    return std::nullopt;
  }
  return llvm::StringSwitch<Kind>(name)
      .Case("add", real ? Kind::FAdd : Kind::Add)
      .Case("max", real    ? Kind::FMax
                   : isUns ? Kind::UMax
                           : Kind::Max)
      .Case("min", real    ? Kind::FMin
                   : isUns ? Kind::UMin
                           : Kind::Min)
      .Case("and", Kind::And)
      .Case("or", Kind::Or)
      .Case("xor", Kind::Xor)
      .Default(Kind::Xchg);
}

Value update(Evaluator &e, StringRef name, const Value &pointer,
             const Value &given, const Value &mask, const Value &sem,
             const Value &scopeName) {
  std::optional<DType> element =
      elementOf(e, pointer, "tl.atomic_" + name.str());
  auto order = orderOf(e, sem, tile::MemoryOrder::AcqRel);
  auto scope = scopeOf(e, scopeName);
  if (!element || !order || !scope)
    return Value::poison();
  if (*element == DType::Int1 || bitWidth(*element) < 16)
    return e.error("tl.atomic_" + name +
                   " takes elements of 16 bits or more, "
                   "not " +
                   languageName(*element));
  auto kind = kindOf(e, name, *element);
  Value value = valueOf(e, given, *element);
  if (!kind || value.isPoison())
    return Value::poison();
  Values parts{pointer, value};
  if (!mask.isNone())
    parts.push_back(e.emitter().toBool(mask));
  Shape shape = pointer.type().shape;
  if (!e.emitter().broadcastAll(parts))
    return Value::poison();
  if (parts[0].type().shape != shape)
    return e.error("the pointers " + pointer.describe() +
                   " do not cover the values: " + value.describe());
  Emitter &emit = e.emitter();
  Type type = parts[1].type();
  mlir::Value maskHandle = parts.size() > 2 ? parts[2].handle() : mlir::Value();
  return emit.wrap(tile::AtomicRMWOp::create(emit.builder(),
                                             emit.mlirType(type), *kind, *order,
                                             *scope, parts[0].handle(),
                                             parts[1].handle(), maskHandle),
                   type);
}

Value atomicUpdate(Evaluator &e, const Arguments &args) {
  StringRef name = StringRef(args.info->name).drop_front(10);
  return update(e, name, args[0], args[1], args[2], args[3], args[4]);
}

Value atomicCas(Evaluator &e, const Arguments &args) {
  std::optional<DType> element = elementOf(e, args[0], "tl.atomic_cas");
  auto order = orderOf(e, args[3], tile::MemoryOrder::AcqRel);
  auto scope = scopeOf(e, args[4]);
  if (!element || !order || !scope)
    return Value::poison();
  Values parts{args[0], valueOf(e, args[1], *element),
               valueOf(e, args[2], *element)};
  if (parts[1].isPoison() || parts[2].isPoison() ||
      !e.emitter().broadcastAll(parts))
    return Value::poison();
  Type type = parts[1].type();
  return e.emitter().wrap(tile::AtomicCASOp::create(
                              e.emitter().builder(), e.emitter().mlirType(type),
                              *order, *scope, parts[0].handle(),
                              parts[1].handle(), parts[2].handle()),
                          type);
}

Value atomicPoll(Evaluator &e, const Arguments &args) {
  std::optional<DType> element = elementOf(e, args[0], "tl.atomic_poll");
  auto order = orderOf(e, args[2], tile::MemoryOrder::Acquire);
  auto scope = scopeOf(e, args[3]);
  if (!element || !order || !scope)
    return Value::poison();
  if (args[0].type().isBlock)
    return e.error("tl.atomic_poll takes one pointer, not " +
                   args[0].describe());
  Value expected = valueOf(e, args[1], *element);
  mlir::Value timeout;
  if (!args[4].isNone()) {
    Value limit = toIndex(e, args[4], "the timeout");
    if (limit.isPoison())
      return limit;
    timeout = limit.handle();
  }
  if (expected.isPoison())
    return expected;
  mlir::ImplicitLocOpBuilder &b = e.emitter().builder();
  return e.emitter().wrap(
      tile::AtomicPollOp::create(b, b.getI1Type(), *order, *scope,
                                 args[0].handle(), expected.handle(), timeout),
      DType::Int1);
}

/// An atomic read is an `or` with nothing, an atomic write an exchange.
Value atomicLoad(Evaluator &e, const Arguments &args) {
  std::optional<DType> element = elementOf(e, args[0], "tl.atomic_load");
  if (!element)
    return Value::poison();
  std::optional<DType> bits =
      parseDType("int" + std::to_string(bitWidth(*element)));
  if (!bits)
    return e.error("tl.atomic_load does not take " + args[0].describe());
  Value pointer = e.emitter().cast(args[0], Type::pointerTo(*bits));
  Value read =
      update(e, "or", pointer, Value::ofInt(0), args[1], args[2], args[3]);
  return e.emitter().bitcast(read, *element);
}

Value atomicStore(Evaluator &e, const Arguments &args) {
  Value old = update(e, "xchg", args[0], args[1], args[2], args[3], args[4]);
  return old.isPoison() ? old : Value::none();
}

constexpr const char *updateSignature =
    "pointer, val, mask=None, sem=None, scope=None";

constexpr BuiltinInfo table[] = {
    {"tl.atomic_add", updateSignature, atomicUpdate, true},
    {"tl.atomic_max", updateSignature, atomicUpdate, true},
    {"tl.atomic_min", updateSignature, atomicUpdate, true},
    {"tl.atomic_and", updateSignature, atomicUpdate, true},
    {"tl.atomic_or", updateSignature, atomicUpdate, true},
    {"tl.atomic_xor", updateSignature, atomicUpdate, true},
    {"tl.atomic_xchg", updateSignature, atomicUpdate, true},
    {"tl.atomic_cas", "pointer, cmp, val, sem=None, scope=None", atomicCas,
     true},
    {"tl.atomic_poll",
     "pointer, expected_value, sem=None, scope=None, timeout_ns=None",
     atomicPoll},
    {"tl.atomic_load", "pointer, mask=None, sem=None, scope=None", atomicLoad},
    {"tl.atomic_store", "pointer, val, mask=None, sem=None, scope=None",
     atomicStore},
};

} // namespace

llvm::ArrayRef<BuiltinInfo> tegula::frontend::atomicBuiltins() { return table; }
