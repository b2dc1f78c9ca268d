//===- EmitShape.cpp - shapes and broadcasting ----------------------------===//
#include "frontend/lang/Emitter.h"

using namespace tegula::frontend;
namespace arith = mlir::arith;

namespace {

std::string shapeText(llvm::ArrayRef<int64_t> shape) {
  std::string text = "[";
  for (size_t i = 0; i < shape.size(); ++i)
    text += (i ? ", " : "") + std::to_string(shape[i]);
  return text + "]";
}

} // namespace

bool Emitter::isTensorShape(llvm::ArrayRef<int64_t> shape) {
  constexpr int64_t maxElements = 1 << 20;
  __int128 count = 1;
  for (int64_t size : shape) {
    if (size <= 0) {
      error("a tensor's dimensions must be positive, not " + llvm::Twine(size));
      return false;
    }
    if (size & (size - 1)) {
      error("a tensor's dimensions must be powers of two, not " +
                llvm::Twine(size),
            "round up with triton.next_power_of_2 and mask the rest");
      return false;
    }
    count *= size;
    if (count > maxElements) {
      error("a tensor has at most " + llvm::Twine(maxElements) +
                " elements; this one would have shape " + shapeText(shape),
            "go through it in a loop over smaller blocks");
      return false;
    }
  }
  return true;
}

Value Emitter::splat(const Value &scalar, llvm::ArrayRef<int64_t> shape) {
  if (scalar.isPoison() || shape.empty())
    return scalar;
  Type type = Type::block(scalar.type(), shape);
  auto result = mlir::cast<mlir::RankedTensorType>(mlirType(type));
  // A splat constant says more to every later pass than an op does.
  if (auto constant = scalar.handle().getDefiningOp<arith::ConstantOp>()) {
    auto dense = mlir::DenseElementsAttr::get(
        result, mlir::cast<mlir::Attribute>(constant.getValue()));
    return wrap(arith::ConstantOp::create(b, dense), type);
  }
  return wrap(tile::SplatOp::create(b, result, scalar.handle()), type);
}

Value Emitter::unsplat(const Value &value) {
  if (value.isPoison() || !value.type().isBlock)
    return value;
  if (value.type().numElements() != 1)
    return error("only a tensor of one element is a scalar; this is " +
                 value.type().str());
  Type type = value.type().scalar();
  return wrap(tile::UnsplatOp::create(b, mlirType(type), value.handle()), type);
}

Value Emitter::broadcastTo(const Value &value, llvm::ArrayRef<int64_t> shape) {
  if (value.isPoison())
    return value;
  const Type &type = value.type();
  if (!type.isBlock)
    return splat(value, shape);
  if (type.shape == shape)
    return value;
  bool fits = type.shape.size() == shape.size();
  for (size_t i = 0; fits && i < shape.size(); ++i)
    fits = type.shape[i] == shape[i] || type.shape[i] == 1;
  if (!fits)
    return error("cannot broadcast " + type.str() + " to shape " +
                 shapeText(shape));
  // A broadcast constant is a constant.
  mlir::DenseElementsAttr dense;
  if (auto constant = value.handle().getDefiningOp<arith::ConstantOp>())
    dense = mlir::dyn_cast<mlir::DenseElementsAttr>(constant.getValue());
  Type to = type.withShape(shape);
  if (dense && dense.isSplat()) {
    auto result = mlir::cast<mlir::RankedTensorType>(mlirType(to));
    return wrap(arith::ConstantOp::create(
                    b, mlir::DenseElementsAttr::get(
                           result, dense.getSplatValue<mlir::Attribute>())),
                to);
  }
  return wrap(tile::BroadcastOp::create(b, mlirType(to), value.handle()), to);
}

bool Emitter::broadcast(Value &lhs, Value &rhs) {
  if (lhs.isPoison() || rhs.isPoison())
    return false;
  Type left = lhs.type(), right = rhs.type();
  if (left.shape == right.shape && left.isBlock == right.isBlock)
    return true;
  if (!left.isBlock) {
    lhs = splat(lhs, right.shape);
    return true;
  }
  if (!right.isBlock) {
    rhs = splat(rhs, left.shape);
    return true;
  }
  while (lhs.type().shape.size() < right.shape.size())
    lhs = expandDims(lhs, 0);
  while (rhs.type().shape.size() < left.shape.size())
    rhs = expandDims(rhs, 0);
  Shape common;
  for (auto [a, c] : llvm::zip(lhs.type().shape, rhs.type().shape)) {
    if (a != c && a != 1 && c != 1) {
      error("shapes do not fit together: " + left.str() + " and " +
                right.str() + " (" + llvm::Twine(a) + " against " +
                llvm::Twine(c) + " in dimension " + llvm::Twine(common.size()) +
                ")",
            "each dimension must be the same or 1");
      return false;
    }
    common.push_back(a == 1 ? c : a);
  }
  if (!isTensorShape(common))
    return false;
  lhs = broadcastTo(lhs, common);
  rhs = broadcastTo(rhs, common);
  return true;
}

bool Emitter::broadcastAll(Values &values) {
  // Twice: the first round finds the full shape, the second spreads it.
  for (int round = 0; round < 2; ++round)
    for (size_t i = 1; i < values.size(); ++i)
      if (!broadcast(values[0], values[i]))
        return false;
  return true;
}

Value Emitter::expandDims(const Value &value, int64_t axis) {
  if (value.isPoison())
    return value;
  const Type &type = value.type();
  int64_t rank = type.shape.size();
  if (axis < 0)
    axis += rank + 1;
  if (axis < 0 || axis > rank)
    return error("axis " + llvm::Twine(axis) + " does not exist for " +
                 type.str());
  Shape shape = type.shape;
  shape.insert(shape.begin() + axis, 1);
  if (!type.isBlock)
    return splat(value, shape);
  Type to = type.withShape(shape);
  return wrap(tile::ExpandDimsOp::create(b, mlirType(to), value.handle(), axis),
              to);
}

Value Emitter::reshape(const Value &value, llvm::ArrayRef<int64_t> shape,
                       bool canReorder) {
  if (value.isPoison())
    return value;
  const Type &type = value.type();
  if (!type.isBlock)
    return splat(value, shape);
  int64_t count = 1;
  for (int64_t size : shape)
    count *= size;
  if (count != type.numElements())
    return error("reshape cannot change the number of elements: " + type.str() +
                 " has " + llvm::Twine(type.numElements()) + ", shape " +
                 shapeText(shape) + " has " + llvm::Twine(count));
  if (type.shape == shape)
    return value;
  if (shape.empty())
    return unsplat(value);
  Type to = type.withShape(shape);
  return wrap(
      tile::ReshapeOp::create(b, mlirType(to), value.handle(), canReorder), to);
}

Value Emitter::transpose(const Value &value, llvm::ArrayRef<int32_t> order) {
  if (value.isPoison())
    return value;
  const Type &type = value.type();
  llvm::SmallVector<bool> seen(type.shape.size(), false);
  bool valid = order.size() == type.shape.size();
  for (int32_t dim : order) {
    valid = valid && dim >= 0 && dim < int32_t(seen.size()) && !seen[dim];
    if (valid)
      seen[dim] = true;
  }
  if (!valid)
    return error("the dimensions given are no permutation of those of " +
                 type.str());
  Shape shape;
  bool identity = true;
  for (size_t i = 0; i < order.size(); ++i) {
    shape.push_back(type.shape[order[i]]);
    identity &= order[i] == int32_t(i);
  }
  if (identity)
    return value;
  Type to = type.withShape(shape);
  return wrap(tile::TransOp::create(b, mlirType(to), value.handle(), order),
              to);
}
