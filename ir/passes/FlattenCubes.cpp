//===- FlattenCubes.cpp - Sorting networks on one dimension ---------------===//
//
// Part of the Tegula Project, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Triton sorts on a tile of 2 x 2 x ... x 2: along each dimension, neighbours
// are exchanged by taking a value out of the exclusive or of both. Such a tile
// has no long dimension for vectors and one loop for each bit of its size. The
// same values as one dimension: coordinate d of the cube is a bit of the
// position, and the neighbour along d is at the position with that bit flipped.
//
//===----------------------------------------------------------------------===//

#include "ir/passes/Passes.h"
#include "ir/tile/Tile.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/IR/ImplicitLocOpBuilder.h"
#include "mlir/IR/Matchers.h"
#include "llvm/ADT/TypeSwitch.h"

using namespace mlir;
using namespace tegula;

namespace tegula::ir {
#define GEN_PASS_DEF_FLATTENCUBES
#include "ir/passes/Passes.h.inc"
} // namespace tegula::ir

static bool isCube(Type type) {
  ArrayRef<int64_t> shape = tile::shapeOf(type);
  return shape.size() > 2 &&
         llvm::all_of(shape, [](int64_t size) { return size <= 2; });
}

static int64_t product(ArrayRef<int64_t> sizes) {
  int64_t total = 1;
  for (int64_t size : sizes)
    total *= size;
  return total;
}

static bool isXor(tile::ReduceOp op) {
  Block &combine = op.getCombine().front();
  return op.getSrcs().size() == 1 &&
         llvm::hasSingleElement(combine.without_terminator()) &&
         isa<arith::XOrIOp>(combine.front()) &&
         combine.front().getOperand(0) != combine.front().getOperand(1);
}

/// The dimension of size 2 along which `sum` is the exclusive or of all
/// elements of `value`, in the shape of `value`; -1 if it is something else.
static int xorDim(Value sum, Value value) {
  auto broadcast = sum.getDefiningOp<tile::BroadcastOp>();
  auto expand = broadcast
                    ? broadcast.getSrc().getDefiningOp<tile::ExpandDimsOp>()
                    : tile::ExpandDimsOp();
  auto reduce = expand ? expand.getSrc().getDefiningOp<tile::ReduceOp>()
                       : tile::ReduceOp();
  if (!reduce || !isXor(reduce) || reduce.getSrcs().front() != value ||
      expand.getAxis() != reduce.getAxis() ||
      tile::shapeOf(value.getType())[reduce.getAxis()] != 2)
    return -1;
  return reduce.getAxis();
}

namespace {
/// Makes the flat form of values: all elements in row-major order.
class Flattener {
public:
  explicit Flattener(Location loc) : builder(loc, loc.getContext()) {}

  /// Null if `value` has no flat form.
  Value flatten(Value value);
  /// How many exchanges the flat forms contain.
  unsigned numFlips = 0;

private:
  Value make(Value value);
  Value flip(Value value, int dim);
  Value reduce(tile::ReduceOp op);
  /// `value` repeated to `shape`, flat.
  Value spread(Value value, ArrayRef<int64_t> shape);
  Value elementwise(Operation *op, int64_t size,
                    function_ref<Value(Value)> operand);
  Value position(Value value, ArrayRef<int64_t> shape);
  /// The builder, behind the definition of `value`.
  ImplicitLocOpBuilder &at(Value value) {
    builder.setLoc(value.getLoc());
    builder.setInsertionPointAfterValue(value);
    return builder;
  }
  static Type flatType(Type type, int64_t size) {
    return RankedTensorType::get({size}, tile::elementTypeOf(type));
  }

  ImplicitLocOpBuilder builder;
  DenseMap<Value, Value> known;
};
} // namespace

Value Flattener::flatten(Value value) {
  auto [it, isNew] = known.try_emplace(value);
  if (!isNew)
    return it->second;
  Value result = make(value);
  return known[value] = result;
}

Value Flattener::make(Value value) {
  Operation *op = value.getDefiningOp();
  ArrayRef<int64_t> shape = tile::shapeOf(value.getType());
  int64_t size = product(shape);
  if (shape.size() == 1)
    return value;
  if (!op)
    return {};
  if (auto reshape = dyn_cast<tile::ReshapeOp>(op)) {
    if (reshape.getAllowReorder())
      return {};
    Value src = reshape.getSrc();
    if (tile::shapeOf(src.getType()).size() == 1 || isCube(src.getType()))
      return flatten(src);
    return tile::ReshapeOp::create(at(value), flatType(value.getType(), size),
                                   src, /*allow_reorder=*/UnitAttr());
  }
  if (auto expand = dyn_cast<tile::ExpandDimsOp>(op))
    return flatten(expand.getSrc());
  if (auto broadcast = dyn_cast<tile::BroadcastOp>(op))
    return spread(broadcast.getSrc(), shape);
  if (auto reduction = dyn_cast<tile::ReduceOp>(op))
    return reduce(reduction);
  if (isa<arith::XOrIOp>(op))
    for (unsigned i : {0, 1})
      if (int dim = xorDim(op->getOperand(1 - i), op->getOperand(i)); dim >= 0)
        return flip(op->getOperand(i), dim);
  return spread(value, shape);
}

/// The neighbours along `dim`.
Value Flattener::flip(Value value, int dim) {
  // Looked at as what they are compared as, not as bits.
  if (auto cast = value.getDefiningOp<arith::BitcastOp>()) {
    Value flipped = flip(cast.getIn(), dim);
    return flipped ? arith::BitcastOp::create(
                         at(flipped),
                         flatType(value.getType(),
                                  product(tile::shapeOf(value.getType()))),
                         flipped)
                   : Value();
  }
  Value flat = flatten(value);
  if (!flat)
    return {};
  ArrayRef<int64_t> shape = tile::shapeOf(value.getType());
  int64_t size = product(shape), bit = product(shape.drop_front(dim + 1));
  ImplicitLocOpBuilder &b = at(flat);
  Type indices = RankedTensorType::get({size}, b.getI32Type());
  Value positions = tile::RangeOp::create(b, indices, 0, size);
  Value mask = arith::ConstantOp::create(
      b, DenseElementsAttr::get(cast<ShapedType>(indices),
                                static_cast<int32_t>(bit)));
  ++numFlips;
  return tile::GatherOp::create(
      b, flat.getType(), flat,
      arith::XOrIOp::create(b, positions, mask).getResult(), /*axis=*/0);
}

/// A reduction along one dimension: of (before, size, behind) along the middle.
Value Flattener::reduce(tile::ReduceOp op) {
  if (op.getSrcs().size() != 1)
    return {};
  Value flat = flatten(op.getSrcs().front());
  if (!flat)
    return {};
  ArrayRef<int64_t> shape = tile::shapeOf(op.getSrcs().front().getType());
  int axis = op.getAxis();
  int64_t before = product(shape.take_front(axis));
  int64_t behind = product(shape.drop_front(axis + 1));
  Type element = tile::elementTypeOf(flat.getType());
  ImplicitLocOpBuilder &b = at(op.getResult(0));
  Value parted = tile::ReshapeOp::create(
      b, RankedTensorType::get({before, shape[axis], behind}, element), flat,
      UnitAttr());
  auto reduced = tile::ReduceOp::create(
      b, TypeRange{RankedTensorType::get({before, behind}, element)},
      ValueRange{parted}, 1);
  IRMapping mapping;
  reduced.getCombine().getBlocks().clear();
  op.getCombine().cloneInto(&reduced.getCombine(), mapping);
  return tile::ReshapeOp::create(
      b, RankedTensorType::get({before * behind}, element),
      reduced.getResult(0), UnitAttr());
}

Value Flattener::elementwise(Operation *op, int64_t size,
                             function_ref<Value(Value)> operand) {
  SmallVector<Value> operands;
  for (Value before : op->getOperands()) {
    Value flat =
        isa<RankedTensorType>(before.getType()) ? operand(before) : before;
    if (!flat)
      return {};
    operands.push_back(flat);
  }
  OperationState state(op->getLoc(), op->getName());
  state.addOperands(operands);
  state.addTypes(flatType(op->getResult(0).getType(), size));
  state.addAttributes(op->getAttrs());
  return at(op->getResult(0)).create(state)->getResult(0);
}

/// A range along the only long dimension of `value`, as bits of the position.
Value Flattener::position(Value value, ArrayRef<int64_t> shape) {
  ArrayRef<int64_t> own = tile::shapeOf(value.getType());
  Value source = value;
  while (Operation *op = source.getDefiningOp()) {
    if (!isa<tile::ReshapeOp, tile::ExpandDimsOp>(op))
      break;
    source = op->getOperand(0);
  }
  auto range = source.getDefiningOp<tile::RangeOp>();
  auto isLong = [](int64_t size) { return size > 1; };
  if (!range || llvm::count_if(own, isLong) != 1)
    return {};
  int dim = llvm::find_if(own, isLong) - own.begin();
  int64_t behind = product(shape.drop_front(dim + 1)), size = product(shape);
  if (own[dim] != shape[dim] || !llvm::isPowerOf2_64(behind) ||
      !llvm::isPowerOf2_64(own[dim]))
    return {};
  ImplicitLocOpBuilder &b = at(value);
  auto type = RankedTensorType::get({size}, b.getI32Type());
  auto number = [&](int32_t number) {
    return arith::ConstantOp::create(b, DenseElementsAttr::get(type, number));
  };
  Value result = tile::RangeOp::create(b, type, 0, size);
  result = arith::ShRUIOp::create(b, result, number(llvm::Log2_64(behind)));
  result = arith::AndIOp::create(b, result, number(own[dim] - 1));
  return range.getStart() == 0
             ? result
             : arith::AddIOp::create(b, result, number(range.getStart()));
}

Value Flattener::spread(Value value, ArrayRef<int64_t> shape) {
  Operation *op = value.getDefiningOp();
  int64_t size = product(shape);
  bool isWhole = tile::shapeOf(value.getType()) == shape;
  if (!op || tile::shapeOf(value.getType()).size() != shape.size())
    return {};
  DenseElementsAttr constant;
  if (matchPattern(value, m_Constant(&constant)))
    return constant.isSplat()
               ? arith::ConstantOp::create(
                     at(value), constant.resizeSplat(cast<ShapedType>(
                                    flatType(value.getType(), size))))
               : Value();
  if (auto splat = dyn_cast<tile::SplatOp>(op))
    return tile::SplatOp::create(at(value), flatType(value.getType(), size),
                                 splat.getSrc());
  if (auto broadcast = dyn_cast<tile::BroadcastOp>(op))
    return spread(broadcast.getSrc(), shape);
  if (op->hasTrait<OpTrait::Elementwise>() && op->getNumResults() == 1)
    return elementwise(op, size, [&](Value operand) {
      return isWhole ? flatten(operand) : spread(operand, shape);
    });
  return position(value, shape);
}

namespace {
struct FlattenCubes : ir::impl::FlattenCubesBase<FlattenCubes> {
  void runOnOperation() override {
    Flattener flattener(getOperation().getLoc());
    SmallVector<tile::ReshapeOp> ends;
    getOperation().walk([&](tile::ReshapeOp op) {
      if (isCube(op.getSrc().getType()) && !isCube(op.getType()))
        ends.push_back(op);
    });
    for (tile::ReshapeOp end : ends) {
      flattener.numFlips = 0;
      Value flat = flattener.flatten(end.getSrc());
      if (!flat || flattener.numFlips == 0)
        continue;
      OpBuilder builder(end);
      if (flat.getType() != end.getType())
        flat = tile::ReshapeOp::create(builder, end.getLoc(), end.getType(),
                                       flat, UnitAttr());
      end.replaceAllUsesWith(flat);
    }
  }
};
} // namespace
