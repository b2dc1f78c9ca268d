//===- GenerateIdioms.cpp - Chains of ops as kernels write them
//
// Part of the Tegula Project, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Random ops rarely meet in the order that a lowering treats as a whole:
// a masked tile that is mapped, reduced and multiplied; a row that is reduced
// several times; a loop that carries its tile, its pointers and its mask. Each
// step here makes such a chain with random parts, extents and types.
//
//===----------------------------------------------------------------------===//

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Math/IR/Math.h"
#include "mlir/Dialect/SCF/IR/SCF.h"
#include "tests/fuzz/Generator.h"
#include <cmath>

using namespace mlir;
using namespace tegula;
using namespace tegula::fuzz;

//===----------------------------------------------------------------------===//
// Parts
//===----------------------------------------------------------------------===//

int64_t Generator::anyExtent(unsigned bits) {
  return chance(60) ? int64_t(1) << below(bits + 1)
                    : 1 + below(int64_t(1) << bits);
}

Value Generator::runTimeNumber(int64_t about) {
  func::FuncOp kernel = result.kernel();
  unsigned number = kernel.getNumArguments();
  (void)kernel.insertArgument(number, builder.getI32Type(), {}, location);
  result.arguments.push_back(
      {-1, 0, Fill::Zero, static_cast<int64_t>(below(about + 3))});
  return kernel.getArgument(number);
}

Generator::Array Generator::addInput(Type element, uint64_t elements) {
  addArray(element, elements, 0, Fill::Tame);
  return arrays.back();
}

Value Generator::rowMajor(ArrayRef<int64_t> shape) {
  Type type = tensorOf(shape, builder.getI32Type());
  Value index;
  int64_t stride = 1;
  for (size_t d = shape.size(); d-- > 0; stride *= shape[d]) {
    Value part = make<arith::MulIOp>(
        coordinate(shape, d), constant(type, static_cast<double>(stride)));
    index = index ? Value(make<arith::AddIOp>(index, part)) : part;
  }
  return index;
}

Value Generator::insideMask(ArrayRef<int64_t> shape, ArrayRef<Value> edges) {
  Value mask;
  for (auto [d, edge] : llvm::enumerate(edges)) {
    if (!edge)
      continue;
    Value inside = make<arith::CmpIOp>(
        arith::CmpIPredicate::slt, coordinate(shape, d), splat(edge, shape));
    mask = mask ? Value(make<arith::AndIOp>(mask, inside)) : inside;
  }
  return mask;
}

Value Generator::reduceWith(Value x, unsigned axis, unsigned kind) {
  auto type = cast<RankedTensorType>(x.getType());
  Type element = type.getElementType();
  SmallVector<int64_t> shape(type.getShape());
  shape.erase(shape.begin() + axis);
  Type out = shape.empty() ? element : Type(tensorOf(shape, element));
  auto op = make<tile::ReduceOp>(TypeRange(out), ValueRange(x), axis);
  buildCombiner(op.getCombine(), element, kind);
  return op.getResult(0);
}

Value Generator::spread(Value reduced, ArrayRef<int64_t> shape, unsigned axis) {
  if (!isa<RankedTensorType>(reduced.getType()))
    return splat(reduced, shape);
  Type element = tile::elementTypeOf(reduced.getType());
  SmallVector<int64_t> thin(shape);
  thin[axis] = 1;
  Value expanded =
      make<tile::ExpandDimsOp>(tensorOf(thin, element), reduced, axis);
  return make<tile::BroadcastOp>(tensorOf(shape, element), expanded);
}

Value Generator::convertFloat(Value x, Type element) {
  Type from = tile::elementTypeOf(x.getType());
  Type to = tile::withElementType(x.getType(), element);
  if (from == element)
    return x;
  if (from.getIntOrFloatBitWidth() < element.getIntOrFloatBitWidth())
    return make<arith::ExtFOp>(to, x);
  if (from.getIntOrFloatBitWidth() > element.getIntOrFloatBitWidth())
    return make<arith::TruncFOp>(to, x);
  return make<tile::FpConvertOp>(to, x, tile::Rounding::RTNE, false);
}

/// How far a sum of `count` rounded numbers may be off when its order is free:
/// errors of single additions are independent.
static double sumError(double magnitude, int64_t count, Type element) {
  double n = static_cast<double>(count);
  return 8 * std::sqrt(n) * epsilonOf(element) * magnitude * n;
}

//===----------------------------------------------------------------------===//
// Chains
//===----------------------------------------------------------------------===//

/// A map of a masked tile: exact (error 0) or not.
std::pair<Value, Facts> Generator::mapMasked(Value x, Value mask) {
  auto type = cast<RankedTensorType>(x.getType());
  double eps = epsilonOf(type.getElementType());
  switch (below(5)) {
  case 0:
    return {make<math::ExpOp>(x), {7.5, 128 * eps, false}};
  case 1: { // A softmax' numerator.
    unsigned axis = below(type.getRank());
    Value top = reduceWith(x, axis, /*maximum=*/1);
    Value below = make<arith::SubFOp>(x, spread(top, type.getShape(), axis));
    return {make<math::ExpOp>(below), {1, 64 * eps, false}};
  }
  case 2:
    if (mask)
      return {make<arith::SelectOp>(mask, x, constant(type, 0.5)),
              {2, 0, true}};
    [[fallthrough]];
  case 3:
    return {make<arith::MaximumFOp>(x, constant(type, 0.25)), {2, 0, false}};
  default:
    return {make<arith::AddFOp>(x, constant(type, 1)), {3, 0, true}};
  }
}

/// f(masked tile) that is reduced and multiplied.
bool Generator::stepDotChain() {
  int64_t m = anyExtent(6), k = anyExtent(6), n = anyExtent(5);
  Type element = oneOf<Type>(
      {builder.getF32Type(), builder.getF16Type(), builder.getBF16Type()});
  auto load = [&](ArrayRef<int64_t> shape) {
    SmallVector<Value> edges(2);
    for (auto [edge, extent] : llvm::zip(edges, shape))
      if (chance(60))
        edge = runTimeNumber(extent);
    Value mask = insideMask(shape, edges);
    Array array = addInput(element, shape[0] * shape[1]);
    Type type = tensorOf(shape, element);
    Value other =
        mask && chance(50) ? constant(type, oneOf({0.0, 1.5})) : Value();
    Value x = make<tile::LoadOp>(pointers(array, rowMajor(shape)), mask, other);
    return std::pair<Value, Value>(x, mask);
  };
  bool isTransposed = chance(30), isRight = chance(40);
  auto [x, mask] = load(isTransposed ? ArrayRef<int64_t>({k, m})
                                     : ArrayRef<int64_t>({m, k}));
  auto [y, fy] = mapMasked(x, mask);
  add(y, fy);
  for (unsigned i = 0, count = below(3); i < count; ++i) {
    unsigned axis = below(2), kind = below(3);
    int64_t extent = tile::shapeOf(y.getType())[axis];
    Facts made = fy;
    if (kind == 0)
      made = {fy.magnitude * extent,
              fy.error * extent + sumError(fy.magnitude, extent, element),
              true};
    add(reduceWith(y, axis, kind), made);
  }
  if (isTransposed)
    y = make<tile::TransOp>(tensorOf({m, k}, element), y,
                            ArrayRef<int32_t>{1, 0});
  auto [z, zMask] =
      load(isRight ? ArrayRef<int64_t>({n, m}) : ArrayRef<int64_t>({k, n}));
  int64_t inner = isRight ? m : k;
  SmallVector<int64_t> out =
      isRight ? SmallVector<int64_t>{n, k} : SmallVector<int64_t>{m, n};
  Type sum = tensorOf(out, builder.getF32Type());
  Value d = make<tile::DotOp>(sum, isRight ? z : y, isRight ? y : z,
                              constant(sum, 0), tile::DotPrecision::IEEE, 0);
  add(d, {2 * fy.magnitude * inner,
          2 * fy.error * inner +
              sumError(2 * fy.magnitude, inner, builder.getF32Type()),
          true});
  return true;
}

/// A row that is reduced several times: a normalisation or a softmax.
bool Generator::stepRow() {
  if (depth > 0)
    return false;
  int64_t n = anyExtent(chance(85) ? 10 : 16);
  Type f32 = builder.getF32Type(), element = chance(60) ? f32 : anyFloat();
  SmallVector<int64_t> shape = {n};
  if (chance(30))
    shape.insert(shape.begin(), n > 2048 ? 1 : anyExtent(3));
  unsigned axis = shape.size() - 1;
  SmallVector<Value> edges(shape.size());
  edges[axis] = chance(70) ? runTimeNumber(n) : Value();
  Value mask = insideMask(shape, edges);
  Array array = addInput(element, n * (axis ? shape[0] : 1));
  Value x = convertFloat(
      make<tile::LoadOp>(pointers(array, rowMajor(shape)), mask, Value()), f32);
  double count = static_cast<double>(n), eps = epsilonOf(f32);
  Type type = x.getType();
  if (chance(50)) { // A softmax.
    if (mask)
      x = make<arith::SelectOp>(mask, x, constant(type, -100));
    Value top = reduceWith(x, axis, /*maximum=*/1);
    Value e = make<math::ExpOp>(
        make<arith::SubFOp>(x, spread(top, shape, axis)).getResult());
    Value total = reduceWith(e, axis, /*sum=*/0);
    Value y = make<arith::DivFOp>(e, spread(total, shape, axis));
    add(top, {100, 0, true});
    add(y, {1, 64 * eps + 16 * std::sqrt(count) * eps, true});
    return true;
  }
  Value inverse = constant(f32, 1 / count);
  auto mean = [&](Value of) {
    Value total = reduceWith(of, axis, /*sum=*/0);
    auto tensor = dyn_cast<RankedTensorType>(total.getType());
    Value by = tensor ? splat(inverse, tensor.getShape()) : inverse;
    return Value(make<arith::MulFOp>(total, by));
  };
  Value middle = mean(x);
  double error = sumError(2, n, f32) / count + 8 * eps;
  Value centred = make<arith::SubFOp>(x, spread(middle, shape, axis));
  if (mask)
    centred = make<arith::SelectOp>(mask, centred, constant(type, 0));
  Value variance = mean(make<arith::MulFOp>(centred, centred));
  double varianceError = 8 * error + sumError(16, n, f32) / count;
  add(middle, {2, error, true});
  add(variance, {16, varianceError, true});
  Value scale = make<math::RsqrtOp>(
      make<arith::AddFOp>(variance, constant(variance.getType(), 1))
          .getResult());
  Value y = make<arith::MulFOp>(centred, spread(scale, shape, axis));
  add(y, {4, error + 4 * varianceError + 64 * eps, true});
  return true;
}

/// One program's attention: a loop of two products that rescales what it has.
bool Generator::stepAttention() {
  if (depth > 0)
    return false;
  int64_t m = anyExtent(5), n = anyExtent(4), d = anyExtent(5);
  int64_t trips = 1 + below(4);
  Type f32 = builder.getF32Type(), i32 = builder.getI32Type();
  Type element =
      chance(50) ? f32
                 : oneOf<Type>({builder.getF16Type(), builder.getBF16Type()});
  Value edge = chance(70) ? runTimeNumber(trips * n) : Value();
  Array queries = addInput(element, m * d);
  Array keys = addInput(element, trips * n * d);
  Array values = addInput(element, trips * n * d);
  auto rows = tensorOf({m}, f32), scores = tensorOf({m, n}, f32);
  auto acc = tensorOf({m, d}, f32);
  Value q = make<tile::LoadOp>(
      pointers(queries, rowMajor({m, d})),
      insideMask({m, d}, {chance(50) ? runTimeNumber(m) : Value(), Value()}),
      Value());
  auto loop = make<scf::ForOp>(
      constant(i32, 0), constant(i32, trips * n), constant(i32, n),
      ValueRange({constant(rows, -1000), constant(rows, 0), constant(acc, 0)}));
  {
    OpBuilder::InsertionGuard guard(builder);
    builder.setInsertionPointToStart(loop.getBody());
    Value at = loop.getInductionVar();
    Value left = edge ? Value(make<arith::SubIOp>(edge, at)) : Value();
    auto load = [&](const Array &array) -> Value {
      auto type = tensorOf({n, d}, i32);
      Value start = make<arith::MulIOp>(at, constant(i32, d));
      Value index =
          make<arith::AddIOp>(rowMajor({n, d}), splat(start, type.getShape()));
      return make<tile::LoadOp>(pointers(array, index),
                                insideMask({n, d}, {left, Value()}), Value());
    };
    Value turned = make<tile::TransOp>(tensorOf({d, n}, element), load(keys),
                                       ArrayRef<int32_t>{1, 0});
    Value s = make<tile::DotOp>(scores, q, turned, constant(scores, 0),
                                tile::DotPrecision::IEEE, 0);
    s = make<arith::MulFOp>(s, constant(scores, 0.125));
    if (left)
      s = make<arith::SelectOp>(insideMask({m, n}, {Value(), left}), s,
                                constant(scores, -1000));
    Value top = make<arith::MaximumFOp>(loop.getRegionIterArg(0),
                                        reduceWith(s, 1, /*maximum=*/1));
    Value p = make<math::ExpOp>(
        make<arith::SubFOp>(s, spread(top, {m, n}, 1)).getResult());
    Value rescale = make<math::ExpOp>(
        make<arith::SubFOp>(loop.getRegionIterArg(0), top).getResult());
    Value sum = make<arith::AddFOp>(
        make<arith::MulFOp>(loop.getRegionIterArg(1), rescale),
        reduceWith(p, 1, /*sum=*/0));
    Value next = make<arith::MulFOp>(loop.getRegionIterArg(2),
                                     spread(rescale, {m, d}, 1));
    next = make<tile::DotOp>(acc, convertFloat(p, element), load(values), next,
                             tile::DotPrecision::IEEE, 0);
    make<scf::YieldOp>(ValueRange({top, sum, next}));
  }
  // |score| <= d / 2; a weight is off by the score's error, relatively.
  double eps = epsilonOf(f32);
  double score = sumError(4, d, f32) + 8 * eps * static_cast<double>(d);
  double weight = 4 * score + 64 * eps;
  auto keysSeen = static_cast<double>(trips * n);
  add(loop.getResult(0), {1000, score, true});
  add(loop.getResult(1), {keysSeen, keysSeen * weight, true});
  // Two weights that are almost equal may be rounded to two neighbours.
  add(loop.getResult(2),
      {2 * keysSeen, 2 * keysSeen * (weight + 2 * epsilonOf(element)), true});
  return true;
}

/// A loop that carries its pointers, its mask and a sum.
bool Generator::stepWalk() {
  if (depth > 0)
    return false;
  SmallVector<int64_t> shape = {anyExtent(7)};
  if (chance(40))
    shape.push_back(anyExtent(4));
  int64_t elements = shape[0] * (shape.size() > 1 ? shape[1] : 1);
  int64_t trips = below(5), stride = below(elements + 3);
  Type i32 = builder.getI32Type();
  Type element = chance(50) ? Type(builder.getF32Type()) : Type(i32);
  Array array = addInput(element, elements + 5 * stride);
  Value index = rowMajor(shape);
  Value bound = runTimeNumber(2);
  auto type = tensorOf(shape, element);
  SmallVector<Value> edges(shape.size());
  unsigned bounded = below(shape.size());
  edges[bounded] = runTimeNumber(shape[bounded]);
  auto loop = make<scf::ForOp>(
      constant(i32, 0), chance(50) ? constant(i32, trips) : bound,
      constant(i32, 1),
      ValueRange({pointers(array, index), insideMask(shape, edges),
                  constant(type, 0)}));
  bool shrinks = chance(60);
  {
    OpBuilder::InsertionGuard guard(builder);
    builder.setInsertionPointToStart(loop.getBody());
    Value pointer = loop.getRegionIterArg(0), mask = loop.getRegionIterArg(1);
    Value sum = loop.getRegionIterArg(2);
    Value x = make<tile::LoadOp>(pointer, mask,
                                 chance(50) ? constant(type, 1) : Value());
    sum = isa<FloatType>(element) ? Value(make<arith::AddFOp>(sum, x))
                                  : Value(make<arith::AddIOp>(sum, x));
    pointer = make<tile::PtrAddOp>(
        pointer, constant(tensorOf(shape, i32), static_cast<double>(stride)));
    if (shrinks) {
      Value passed = make<arith::MulIOp>(loop.getInductionVar(),
                                         constant(i32, 1 + below(9)));
      for (Value &edge : edges)
        if (edge)
          edge = make<arith::SubIOp>(edge, passed);
      mask = insideMask(shape, edges);
    }
    make<scf::YieldOp>(ValueRange({pointer, mask, sum}));
  }
  add(loop.getResult(1), {});
  add(loop.getResult(2), {20, 0, true}); // Multiples of 1/64: exact.
  return true;
}

/// A linear recurrence, `h = a h + b`: two results, order matters.
bool Generator::stepRecurrence() {
  auto isInt32 = [](Value value) {
    return isa<RankedTensorType>(value.getType()) &&
           tile::elementTypeOf(value.getType()).isInteger(32);
  };
  Value x = pick(isInt32);
  if (!x)
    return false;
  Value y = partner(x, isInt32);
  auto type = cast<RankedTensorType>(x.getType());
  Type i32 = builder.getI32Type();
  unsigned axis = below(type.getRank());
  auto combine = [&](Region &region) {
    OpBuilder::InsertionGuard guard(builder);
    Block *block = builder.createBlock(&region, {}, SmallVector<Type>(4, i32),
                                       SmallVector<Location>(4, location));
    Value a = make<arith::MulIOp>(block->getArgument(0), block->getArgument(2));
    Value b = make<arith::AddIOp>(
        make<arith::MulIOp>(block->getArgument(1), block->getArgument(2)),
        block->getArgument(3));
    make<tile::YieldOp>(ValueRange({a, b}));
  };
  Operation *op;
  if (chance(50)) {
    auto scan = make<tile::ScanOp>(TypeRange({type, type}), ValueRange({x, y}),
                                   axis, chance(40));
    combine(scan.getCombine());
    op = scan;
  } else {
    SmallVector<int64_t> shape(type.getShape());
    shape.erase(shape.begin() + axis);
    Type out = shape.empty() ? i32 : Type(tensorOf(shape, i32));
    auto reduce =
        make<tile::ReduceOp>(TypeRange({out, out}), ValueRange({x, y}), axis);
    combine(reduce.getCombine());
    op = reduce;
  }
  for (Value value : op->getResults())
    add(value, {});
  return true;
}
