//===- BuiltinsBlock.cpp - block pointers and tensor descriptors ----------===//
//
// A block pointer exists in the frontend only: a base, the array's shape and
// strides, offsets. A load or store expands it to pointers and a mask, which
// raising recognises as a box.
//
//===----------------------------------------------------------------------===//
#include "frontend/lang/MemoryAccess.h"
#include "llvm/ADT/StringSwitch.h"

using namespace tegula::frontend;
using llvm::StringRef;
namespace tile = tegula::tile;

Value tegula::frontend::toIndex(Evaluator &e, const Value &value,
                                StringRef what, DType type) {
  if (value.isInt())
    return e.emitter().constant(value, type);
  Value scalar = value.isTensor() ? e.emitter().unsplat(value) : value;
  if (scalar.isPoison())
    return scalar;
  if (!scalar.isTensor() || !scalar.type().isInt())
    return e.error(what + " must be integers, not " + value.describe());
  return e.emitter().cast(scalar, type);
}

namespace {

bool toIndices(Evaluator &e, const Value &list, StringRef what, size_t count,
               Values &out, DType type = DType::Int64) {
  Values values = list.isTuple() ? list.elements() : Values{list};
  if (values.size() != count) {
    e.error(what + " must have " + llvm::Twine(count) + " elements, not " +
            llvm::Twine(values.size()));
    return false;
  }
  for (const Value &value : values) {
    out.push_back(toIndex(e, value, what, type));
    if (out.back().isPoison())
      return false;
  }
  return true;
}

/// `value`, a vector, spread along dimension `dim` of `rank`.
Value along(Evaluator &e, Value value, size_t dim, size_t rank) {
  for (size_t d = 0; d < rank; ++d)
    if (d != dim)
      value = e.emitter().expandDims(value, d);
  return value;
}

} // namespace

std::optional<Access>
tegula::frontend::expandBlockPointer(Evaluator &e,
                                     const Value::BlockPointerData &data,
                                     llvm::ArrayRef<int64_t> checked) {
  Emitter &emit = e.emitter();
  size_t rank = data.blockShape.size();
  Access access{data.base, Value::none()};
  for (int64_t dim : checked)
    if (dim < 0 || dim >= int64_t(rank)) {
      e.error("boundary_check names dimension " + llvm::Twine(dim) +
              " of a block with " + llvm::Twine(rank));
      return std::nullopt;
    }
  for (size_t d = 0; d < rank; ++d) {
    Type range = Type::block(DType::Int32, {data.blockShape[d]});
    Value position =
        emit.wrap(tile::RangeOp::create(emit.builder(), emit.mlirType(range), 0,
                                        data.blockShape[d]),
                  range);
    position = emit.cast(position, DType::Int64);
    position = emit.binary(BinaryOp::Add, position, data.offsets[d]);
    Value spread = along(e, position, d, rank);
    Value steps = emit.binary(BinaryOp::Mul, spread, data.strides[d]);
    access.pointer = emit.binary(BinaryOp::Add, access.pointer, steps);
    if (!llvm::is_contained(checked, int64_t(d)))
      continue;
    Value low = emit.compare(CompareOp::Ge, spread, Value::ofInt(0));
    Value high = emit.compare(CompareOp::Lt, spread, data.shape[d]);
    Value inside = emit.binary(BinaryOp::And, low, high);
    access.mask = access.mask.isNone()
                      ? inside
                      : emit.binary(BinaryOp::And, access.mask, inside);
  }
  if (access.mask.isTensor())
    access.mask = emit.broadcastTo(access.mask, data.blockShape);
  access.pointer = emit.broadcastTo(access.pointer, data.blockShape);
  return access;
}

namespace {

//===----------------------------------------------------------------------===//
// Block pointers
//===----------------------------------------------------------------------===//

Value makeBlockPointer(Evaluator &e, const Arguments &args) {
  if (!args[0].isScalarTensor() || !args[0].type().isPointer())
    return e.error("the base of a block pointer must be a pointer, not " +
                   args[0].describe());
  std::optional<Shape> block = e.tensorShape(args[4], "block_shape");
  if (!block)
    return Value::poison();
  Value::BlockPointerData data;
  data.base = args[0];
  data.blockShape = *block;
  size_t rank = block->size();
  if (!toIndices(e, args[1], "the shape", rank, data.shape) ||
      !toIndices(e, args[2], "the strides", rank, data.strides) ||
      !toIndices(e, args[3], "the offsets", rank, data.offsets))
    return Value::poison();
  return Value::ofBlockPointer(std::move(data));
}

Value advance(Evaluator &e, const Arguments &args) {
  if (!args[0].is(Value::Kind::BlockPointer))
    return e.error("tl.advance takes a block pointer, not " +
                   args[0].describe());
  Value::BlockPointerData data = args[0].blockPointer();
  Values steps;
  if (!toIndices(e, args[1], "the offsets", data.offsets.size(), steps))
    return Value::poison();
  for (size_t i = 0; i < steps.size(); ++i) {
    bool still = args[1].isTuple() && args[1].elements()[i].isInt() &&
                 args[1].elements()[i].integer() == 0;
    if (!still)
      data.offsets[i] =
          e.emitter().binary(BinaryOp::Add, data.offsets[i], steps[i]);
  }
  return Value::ofBlockPointer(std::move(data));
}

//===----------------------------------------------------------------------===//
// Descriptors
//===----------------------------------------------------------------------===//

Value makeDescriptor(Evaluator &e, const Arguments &args) {
  if (!args[0].isScalarTensor() || !args[0].type().isPointer())
    return e.error("the base of a tensor descriptor must be a pointer, not " +
                   args[0].describe());
  std::optional<Shape> block = e.tensorShape(args[3], "block_shape");
  std::optional<std::string> padding =
      e.constantString(args[4], "padding_option");
  Values shape, strides;
  if (!block || !padding ||
      !toIndices(e, args[1], "the shape", block->size(), shape, DType::Int32) ||
      !toIndices(e, args[2], "the strides", block->size(), strides))
    return Value::poison();
  Value::DescriptorData data;
  data.element = args[0].type().element;
  data.blockShape = *block;
  llvm::SmallVector<mlir::Value> sizes, steps;
  for (Value &size : shape) {
    sizes.push_back(size.handle());
    data.shape.push_back(size);
  }
  for (Value &stride : strides) {
    steps.push_back(stride.handle());
    data.strides.push_back(stride);
  }
  mlir::Type type = tile::DescType::get(e.context(), *block,
                                        toMlir(data.element, e.context()));
  data.handle = tile::MakeDescOp::create(
      e.emitter().builder(), type, args[0].handle(), sizes, steps,
      *padding == "nan" ? tile::Padding::NaN : tile::Padding::Zero);
  return Value::ofDescriptor(std::move(data));
}

/// The block's position as int32 scalars.
bool takeIndices(Evaluator &e, const Value &desc, const Value &list,
                 llvm::SmallVectorImpl<mlir::Value> &indices) {
  if (!desc.is(Value::Kind::Descriptor)) {
    e.error("expected a tensor descriptor, got " + desc.describe());
    return false;
  }
  Values values;
  if (!toIndices(e, list, "the offsets", desc.descriptor().blockShape.size(),
                 values, DType::Int32))
    return false;
  for (const Value &value : values)
    indices.push_back(value.handle());
  return true;
}

Value descLoad(Evaluator &e, const Arguments &args) {
  llvm::SmallVector<mlir::Value> indices;
  auto cache = cacheModifierOf(e, args[2]);
  auto evict = evictionPolicyOf(e, args[3]);
  if (!cache || !evict || !takeIndices(e, args[0], args[1], indices))
    return Value::poison();
  const Value::DescriptorData &data = args[0].descriptor();
  Type type = Type::block(data.element, data.blockShape);
  return e.emitter().wrap(tile::DescLoadOp::create(
                              e.emitter().builder(), e.emitter().mlirType(type),
                              data.handle, indices, *cache, *evict),
                          type);
}

/// `value` as the descriptor's element type and shape.
Value blockValue(Evaluator &e, const Value &desc, const Value &value) {
  const Value::DescriptorData &data = desc.descriptor();
  Value block = e.emitter().cast(e.emitter().toTensor(value), data.element);
  return e.emitter().broadcastTo(block, data.blockShape);
}

Value descStore(Evaluator &e, const Arguments &args) {
  llvm::SmallVector<mlir::Value> indices;
  if (!takeIndices(e, args[0], args[1], indices))
    return Value::poison();
  Value block = blockValue(e, args[0], args[2]);
  if (block.isPoison())
    return block;
  tile::DescStoreOp::create(e.emitter().builder(), args[0].descriptor().handle,
                            indices, block.handle());
  return Value::none();
}

Value descAtomic(Evaluator &e, const Arguments &args) {
  llvm::SmallVector<mlir::Value> indices;
  if (!takeIndices(e, args[0], args[1], indices))
    return Value::poison();
  Value block = blockValue(e, args[0], args[2]);
  if (block.isPoison())
    return block;
  bool isFloat = block.type().isFloat(), isUnsigned = block.type().isUnsigned();
  StringRef name = StringRef(args.info->name).rsplit('_').second;
  if (isFloat && (name == "and" || name == "or" || name == "xor"))
    return e.error("atomic_" + name + " takes integers, not " +
                   block.describe());
  using Kind = tile::AtomicKind;
  Kind kind = llvm::StringSwitch<Kind>(name)
                  .Case("add", isFloat ? Kind::FAdd : Kind::Add)
                  .Case("max", isFloat      ? Kind::FMax
                               : isUnsigned ? Kind::UMax
                                            : Kind::Max)
                  .Case("min", isFloat      ? Kind::FMin
                               : isUnsigned ? Kind::UMin
                                            : Kind::Min)
                  .Case("and", Kind::And)
                  .Case("or", Kind::Or)
                  .Default(Kind::Xor);
  tile::DescReduceOp::create(e.emitter().builder(), kind,
                             args[0].descriptor().handle, indices,
                             block.handle());
  return Value::none();
}

/// The row numbers and the column of a gather or scatter.
bool takeRows(Evaluator &e, const Value &desc, const Value &rows,
              const Value &column, mlir::Value &rowHandle,
              mlir::Value &columnHandle, int64_t &count) {
  const Value::DescriptorData &data = desc.descriptor();
  if (data.blockShape.size() != 2 || data.blockShape[0] != 1) {
    e.error("gather and scatter need a descriptor whose block is one row, "
            "[1, N]");
    return false;
  }
  Value list = e.emitter().toTensor(rows);
  if (list.isPoison())
    return false;
  if (!list.type().isInt() || list.type().shape.size() != 1) {
    e.error("the row numbers must be a tensor of integers with one dimension, "
            "not " +
            list.describe());
    return false;
  }
  Value first = toIndex(e, column, "the column", DType::Int32);
  if (first.isPoison())
    return false;
  list = e.emitter().cast(list, DType::Int32);
  count = list.type().shape[0];
  rowHandle = list.handle();
  columnHandle = first.handle();
  return true;
}

Value descGather(Evaluator &e, const Arguments &args) {
  mlir::Value rows, column;
  int64_t count = 0;
  if (!takeRows(e, args[0], args[1], args[2], rows, column, count))
    return Value::poison();
  const Value::DescriptorData &data = args[0].descriptor();
  if (!e.emitter().isTensorShape({count, data.blockShape[1]}))
    return Value::poison();
  Type type = Type::block(data.element, {count, data.blockShape[1]});
  return e.emitter().wrap(tile::DescGatherOp::create(e.emitter().builder(),
                                                     e.emitter().mlirType(type),
                                                     data.handle, rows, column),
                          type);
}

Value descScatter(Evaluator &e, const Arguments &args) {
  mlir::Value rows, column;
  int64_t count = 0;
  if (!takeRows(e, args[0], args[2], args[3], rows, column, count))
    return Value::poison();
  const Value::DescriptorData &data = args[0].descriptor();
  Value value = e.emitter().cast(e.emitter().toTensor(args[1]), data.element);
  value = e.emitter().broadcastTo(value, {count, data.blockShape[1]});
  if (value.isPoison())
    return value;
  tile::DescScatterOp::create(e.emitter().builder(), data.handle, rows, column,
                              value.handle());
  return Value::none();
}

constexpr const char *loadSignature =
    "desc, offsets, cache_modifier='', eviction_policy=''";
constexpr const char *atomicSignature = "desc, offsets, value";

constexpr BuiltinInfo table[] = {
    {"tl.make_block_ptr", "base, shape, strides, offsets, block_shape, order",
     makeBlockPointer},
    {"tl.advance", "base, offsets", advance, true},
    {"tl.make_tensor_descriptor",
     "base, shape, strides, block_shape, padding_option='zero'",
     makeDescriptor},
    {"tl._experimental_make_tensor_descriptor",
     "base, shape, strides, block_shape, padding_option='zero'",
     makeDescriptor},
    {"tl.load_tensor_descriptor", loadSignature, descLoad},
    {"tl.store_tensor_descriptor", "desc, offsets, value", descStore},
    {"desc.load", loadSignature, descLoad},
    {"desc.store", "desc, offsets, value", descStore},
    {"desc.gather", "desc, x_offsets, y_offset", descGather},
    {"desc.scatter", "desc, value, x_offsets, y_offset", descScatter},
    {"desc.atomic_add", atomicSignature, descAtomic},
    {"desc.atomic_max", atomicSignature, descAtomic},
    {"desc.atomic_min", atomicSignature, descAtomic},
    {"desc.atomic_and", atomicSignature, descAtomic},
    {"desc.atomic_or", atomicSignature, descAtomic},
    {"desc.atomic_xor", atomicSignature, descAtomic},
};

} // namespace

llvm::ArrayRef<BuiltinInfo> tegula::frontend::blockBuiltins() { return table; }
