//===- BuiltinsShape.cpp - arange, full, reshape, trans, join, ... --------===//
#include "frontend/lang/Evaluator.h"

using namespace tegula::frontend;
using llvm::StringRef;
namespace tile = tegula::tile;

namespace {

std::optional<Shape> takeShape(Evaluator &e, const Value &value) {
  return e.tensorShape(value, "the shape");
}

/// A tensor operand; numbers become scalars.
Value tensorOf(Evaluator &e, const Value &value) {
  return e.emitter().toTensor(value);
}

std::optional<int64_t> axisOf(Evaluator &e, const Value &value, int64_t rank) {
  std::optional<int64_t> axis = e.constantInt(value, "the axis");
  if (!axis)
    return std::nullopt;
  if (*axis < -rank || *axis >= rank) {
    e.error("axis " + llvm::Twine(*axis) + " does not exist in a tensor of " +
            llvm::Twine(rank) + " dimensions");
    return std::nullopt;
  }
  return *axis < 0 ? *axis + rank : *axis;
}

//===----------------------------------------------------------------------===//
// Making tensors
//===----------------------------------------------------------------------===//

Value arange(Evaluator &e, const Arguments &args) {
  std::optional<int64_t> start =
      e.constantInt(args[0], "the start of tl.arange");
  std::optional<int64_t> end = e.constantInt(args[1], "the end of tl.arange");
  if (!start || !end)
    return Value::poison();
  if (*end <= *start)
    return e.error("tl.arange(" + llvm::Twine(*start) + ", " +
                   llvm::Twine(*end) +
                   ") is empty: the end must be greater "
                   "than the start");
  if (*start < INT32_MIN || *end > INT32_MAX)
    return e.error("the bounds of tl.arange must fit into 32 bits");
  int64_t count = *end - *start;
  if (count & (count - 1))
    return e.error("the range of tl.arange must be a power of two, not " +
                       llvm::Twine(count),
                   "round up with triton.next_power_of_2 and mask the rest");
  if (!e.emitter().isTensorShape({count}))
    return Value::poison();
  Type type = Type::block(DType::Int32, {count});
  return e.emitter().wrap(tile::RangeOp::create(e.emitter().builder(),
                                                e.emitter().mlirType(type),
                                                *start, *end),
                          type);
}

Value full(Evaluator &e, const Arguments &args) {
  std::optional<Shape> shape = takeShape(e, args[0]);
  std::optional<DType> type = e.constantType(args[2], "the dtype");
  if (!shape || !type)
    return Value::poison();
  Value scalar;
  if (args[1].isNumber())
    scalar = e.emitter().constant(args[1], *type);
  else
    scalar = e.emitter().cast(e.emitter().unsplat(tensorOf(e, args[1])), *type);
  return e.emitter().splat(scalar, *shape);
}

//===----------------------------------------------------------------------===//
// Shapes
//===----------------------------------------------------------------------===//

Value broadcastTo(Evaluator &e, const Arguments &args) {
  std::optional<Shape> shape = takeShape(e, args[1]);
  if (!shape)
    return Value::poison();
  return e.emitter().broadcastTo(tensorOf(e, args[0]), *shape);
}

Value broadcast(Evaluator &e, const Arguments &args) {
  Value a = tensorOf(e, args[0]), b = tensorOf(e, args[1]);
  if (!e.emitter().broadcast(a, b))
    return Value::poison();
  return Value::ofTuple({a, b});
}

Value reshape(Evaluator &e, const Arguments &args) {
  std::optional<Shape> shape = takeShape(e, args[1]);
  std::optional<bool> reorder = e.constantBool(args[2], "can_reorder");
  if (!shape || !reorder)
    return Value::poison();
  return e.emitter().reshape(tensorOf(e, args[0]), *shape, *reorder);
}

Value view(Evaluator &e, const Arguments &args) {
  std::optional<Shape> shape = takeShape(e, args[1]);
  if (!shape)
    return Value::poison();
  return e.emitter().reshape(tensorOf(e, args[0]), *shape, true);
}

Value expandDims(Evaluator &e, const Arguments &args) {
  Value input = tensorOf(e, args[0]);
  std::optional<Shape> axes = e.constantShape(args[1], "the axis");
  if (!axes || input.isPoison())
    return Value::poison();
  int64_t rank = input.type().shape.size() + axes->size();
  for (int64_t &axis : *axes) {
    if (axis < -rank || axis >= rank)
      return e.error("axis " + llvm::Twine(axis) +
                     " does not exist in a "
                     "result of " +
                     llvm::Twine(rank) + " dimensions");
    if (axis < 0)
      axis += rank;
  }
  llvm::sort(*axes);
  if (std::adjacent_find(axes->begin(), axes->end()) != axes->end())
    return e.error("the axes must differ");
  for (int64_t axis : *axes)
    input = e.emitter().expandDims(input, axis);
  return input;
}

Value permute(Evaluator &e, const Arguments &args) {
  Value input = tensorOf(e, args[0]);
  if (input.isPoison())
    return input;
  int64_t rank = input.type().shape.size();
  bool isTrans = StringRef(args.info->name) == "tl.trans";
  llvm::SmallVector<int32_t> order;
  if (isTrans && args[1].elements().empty()) {
    if (rank < 2)
      return e.error("tl.trans takes a tensor with two or more dimensions, "
                     "not " +
                     input.describe());
    for (int64_t i = 0; i < rank; ++i)
      order.push_back(i);
    std::swap(order[rank - 1], order[rank - 2]);
    return e.emitter().transpose(input, order);
  }
  std::optional<Shape> dims = e.constantShape(args[1], "the dimensions");
  if (!dims)
    return Value::poison();
  for (int64_t dim : *dims)
    order.push_back(dim < 0 ? dim + rank : dim);
  return e.emitter().transpose(input, order);
}

//===----------------------------------------------------------------------===//
// Joining and splitting
//===----------------------------------------------------------------------===//

Value join(Evaluator &e, const Arguments &args) {
  Value a = tensorOf(e, args[0]), b = tensorOf(e, args[1]);
  if (!e.emitter().broadcast(a, b))
    return Value::poison();
  if (!(a.type() == b.type()))
    return e.error("tl.join takes tensors of one type, not " + a.describe() +
                   " and " + b.describe());
  Shape shape = a.type().shape;
  shape.push_back(2);
  if (!e.emitter().isTensorShape(shape))
    return Value::poison();
  Type type = a.type().withShape(shape);
  return e.emitter().wrap(tile::JoinOp::create(e.emitter().builder(),
                                               e.emitter().mlirType(type),
                                               a.handle(), b.handle()),
                          type);
}

Value split(Evaluator &e, const Arguments &args) {
  Value input = tensorOf(e, args[0]);
  if (input.isPoison())
    return input;
  Shape shape = input.type().shape;
  if (shape.empty() || shape.back() != 2)
    return e.error("tl.split takes a tensor whose last dimension has size 2, "
                   "not " +
                   input.describe());
  shape.pop_back();
  Type type = input.type().withShape(shape);
  mlir::Type half = e.emitter().mlirType(type);
  auto op =
      tile::SplitOp::create(e.emitter().builder(), half, half, input.handle());
  return Value::ofTuple({e.emitter().wrap(op.getLhs(), type),
                         e.emitter().wrap(op.getRhs(), type)});
}

Value cat(Evaluator &e, const Arguments &args) {
  Value a = tensorOf(e, args[0]), b = tensorOf(e, args[1]);
  if (a.isPoison() || b.isPoison())
    return Value::poison();
  size_t rank = a.type().shape.size();
  if (!rank || rank != b.type().shape.size() ||
      !(a.type().scalar() == b.type().scalar()))
    return e.error("tl.cat takes two tensors of one type and rank, not " +
                   a.describe() + " and " + b.describe());
  std::optional<int64_t> axis = axisOf(e, args[3], rank);
  if (!axis)
    return Value::poison();
  if (a.type().shape != b.type().shape && *axis != 0)
    return e.error("tl.cat takes tensors of one shape, not " + a.describe() +
                   " and " + b.describe());
  Emitter &emit = e.emitter();
  llvm::SmallVector<int32_t> order;
  for (size_t i = 0; i < rank; ++i)
    order.push_back(i);
  std::swap(order[0], order[*axis]);
  a = emit.transpose(a, order);
  b = emit.transpose(b, order);
  Shape shape = a.type().shape;
  shape[0] += b.type().shape[0];
  if (!e.emitter().isTensorShape(shape))
    return Value::poison();
  Type type = a.type().withShape(shape);
  Value joined =
      emit.wrap(tile::CatOp::create(emit.builder(), emit.mlirType(type),
                                    a.handle(), b.handle()),
                type);
  return emit.transpose(joined, order);
}

Value item(Evaluator &e, const Arguments &args) {
  return e.emitter().unsplat(tensorOf(e, args[0]));
}

Value gather(Evaluator &e, const Arguments &args) {
  Value source = tensorOf(e, args[0]), index = tensorOf(e, args[1]);
  if (source.isPoison() || index.isPoison())
    return Value::poison();
  const Shape &from = source.type().shape, &at = index.type().shape;
  if (!index.type().isInt() || from.size() != at.size() || from.empty())
    return e.error("tl.gather takes an integer index of the same rank, not " +
                   source.describe() + " and " + index.describe());
  std::optional<int64_t> axis = axisOf(e, args[2], from.size());
  if (!axis)
    return Value::poison();
  for (size_t d = 0; d < from.size(); ++d)
    if (int64_t(d) != *axis && from[d] != at[d])
      return e.error("the index of tl.gather must match its source in all "
                     "dimensions but the axis: " +
                     source.describe() + " and " + index.describe());
  Type type = source.type().withShape(at);
  return e.emitter().wrap(
      tile::GatherOp::create(e.emitter().builder(), e.emitter().mlirType(type),
                             source.handle(), index.handle(), *axis),
      type);
}

constexpr BuiltinInfo table[] = {
    {"tl.arange", "start, end", arange},
    {"tl.full", "shape, value, dtype", full},
    {"tl.broadcast_to", "input, *shape", broadcastTo, true},
    {"tl.broadcast", "input, other", broadcast},
    {"tl.reshape", "input, *shape, can_reorder=False", reshape, true},
    {"tl.view", "input, *shape", view, true},
    {"tl.expand_dims", "input, axis", expandDims, true},
    {"tl.trans", "input, *dims", permute, true},
    {"tl.permute", "input, *dims", permute, true},
    {"tl.join", "a, b", join},
    {"tl.split", "a", split, true},
    {"tl.cat", "input, other, can_reorder=False, dim=0", cat},
    {"tl.item", "input", item, true},
    {"tl.gather", "src, index, axis", gather, true},
};

} // namespace

llvm::ArrayRef<BuiltinInfo> tegula::frontend::shapeBuiltins() { return table; }
