//===- GenerateShape.cpp - Shapes, axes and products
//
// Part of the Tegula Project, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/SCF/IR/SCF.h"
#include "tests/fuzz/Generator.h"
#include <numeric>

using namespace mlir;
using namespace tegula;
using namespace tegula::fuzz;

static constexpr int64_t kMaxElements = 4096;

static int64_t elementsOf(ArrayRef<int64_t> shape) {
  return std::accumulate(shape.begin(), shape.end(), int64_t(1),
                         std::multiplies<int64_t>());
}
static bool isInt(Value value) {
  return isa<IntegerType>(tile::elementTypeOf(value.getType()));
}
static bool isWide(Value value) { // No 8-bit floats: nobody computes in them.
  Type element = tile::elementTypeOf(value.getType());
  return isa<IntegerType>(element) || element.getIntOrFloatBitWidth() > 8;
}

bool Generator::stepShape() {
  Value x = pickTensor([](Value) { return true; });
  if (!x)
    return false;
  auto type = cast<RankedTensorType>(x.getType());
  Type element = type.getElementType();
  SmallVector<int64_t> shape(type.getShape());
  switch (below(4)) {
  case 0: {
    if (type.getRank() >= 4)
      return false;
    unsigned axis = below(shape.size() + 1);
    shape.insert(shape.begin() + axis, 1);
    Value thin = make<tile::ExpandDimsOp>(tensorOf(shape, element), x, axis);
    add(thin, facts(x));
    shape[axis] = 1 + below(8);
    if (elementsOf(shape) > kMaxElements)
      return true;
    add(make<tile::BroadcastOp>(tensorOf(shape, element), thin), facts(x));
    return true;
  }
  case 1: {
    SmallVector<int32_t> order(shape.size());
    std::iota(order.begin(), order.end(), 0);
    std::shuffle(order.begin(), order.end(), random);
    SmallVector<int64_t> moved;
    for (int32_t dim : order)
      moved.push_back(shape[dim]);
    add(make<tile::TransOp>(tensorOf(moved, element), x, order), facts(x));
    return true;
  }
  case 2: { // To another shape of the program, or flat, or split in two.
    int64_t elements = elementsOf(shape);
    SmallVector<int64_t> other(anyShape());
    if (elementsOf(other) != elements) {
      other = {elements};
      for (int64_t factor : {8, 4, 3, 2})
        if (elements % factor == 0 && chance(50)) {
          other = {elements / factor, factor};
          break;
        }
    }
    add(make<tile::ReshapeOp>(tensorOf(other, element), x), facts(x));
    return true;
  }
  default: {
    SmallVector<int64_t> wide(shape);
    for (int64_t &size : wide)
      if (size == 1)
        size = 1 + below(16);
    if (wide == shape || elementsOf(wide) > kMaxElements)
      return false;
    add(make<tile::BroadcastOp>(tensorOf(wide, element), x), facts(x));
    return true;
  }
  }
}

bool Generator::stepJoin() {
  Value a = pickTensor([](Value value) {
    return elementsOf(tile::shapeOf(value.getType())) * 2 <= kMaxElements;
  });
  if (!a)
    return false;
  Value b = partner(a, [](Value) { return true; });
  SmallVector<int64_t> shape(tile::shapeOf(a.getType()));
  Type element = tile::elementTypeOf(a.getType());
  Facts fa = facts(a), fb = facts(b);
  Facts both = {std::max(fa.magnitude, fb.magnitude),
                std::max(fa.error, fb.error),
                fa.zeroSignIsFree || fb.zeroSignIsFree};
  if (chance(40)) {
    shape.front() *= 2;
    add(make<tile::CatOp>(tensorOf(shape, element), a, b), both);
    return true;
  }
  shape.push_back(2);
  Value joined = make<tile::JoinOp>(tensorOf(shape, element), a, b);
  add(joined, both);
  if (chance(50)) {
    auto halves = make<tile::SplitOp>(a.getType(), a.getType(), joined);
    add(halves.getLhs(), fa);
    add(halves.getRhs(), fb);
  }
  return true;
}

bool Generator::stepGather() {
  Value x = pickTensor([](Value) { return true; });
  if (!x)
    return false;
  auto type = cast<RankedTensorType>(x.getType());
  Value number = pickTensor([&](Value value) {
    return tile::shapeOf(value.getType()) == type.getShape() &&
           tile::elementTypeOf(value.getType()).isInteger(32);
  });
  if (!number)
    return false;
  unsigned axis = below(type.getRank());
  Value index = make<arith::RemUIOp>(
      number,
      constant(number.getType(), static_cast<double>(type.getDimSize(axis))));
  add(make<tile::GatherOp>(type, x, index, axis), facts(x));
  return true;
}

bool Generator::stepHistogram() {
  Value x = pickTensor([](Value value) {
    return tile::elementTypeOf(value.getType()).isInteger(32) &&
           tile::shapeOf(value.getType()).size() == 1;
  });
  if (!x)
    return false;
  auto mask = pick([&](Value value) {
    return value.getType() ==
           tile::withElementType(x.getType(), builder.getI1Type());
  });
  add(make<tile::HistogramOp>(
          tensorOf({int64_t(1) << below(7)}, builder.getI32Type()), x,
          chance(50) ? mask : Value()),
      {});
  return true;
}

//===----------------------------------------------------------------------===//
// Along an axis
//===----------------------------------------------------------------------===//

/// Fills a region with a combiner of two scalars. For floats kind 0 is a sum;
/// the others choose one of the two.
bool Generator::buildCombiner(Region &region, Type element, unsigned kind) {
  OpBuilder::InsertionGuard guard(builder);
  Block *block = builder.createBlock(&region, {}, {element, element},
                                     {location, location});
  Value a = block->getArgument(0), b = block->getArgument(1);
  Value both;
  if (isa<FloatType>(element)) {
    if (kind == 0)
      both = make<arith::AddFOp>(a, b);
    else if (kind % 2)
      both = make<arith::MaximumFOp>(a, b);
    else
      both = make<arith::MinimumFOp>(a, b);
  } else {
    const char *const names[] = {"arith.addi",  "arith.maxsi", "arith.minui",
                                 "arith.xori",  "arith.andi",  "arith.ori",
                                 "arith.minsi", "arith.maxui", "arith.muli"};
    OperationState state(location, names[kind % std::size(names)]);
    state.addOperands({a, b});
    state.addTypes(element);
    both = builder.create(state)->getResult(0);
  }
  make<tile::YieldOp>(both);
  return true;
}

/// What a sum of `count` elements may be, and how far off.
static Facts sumFacts(Facts from, int64_t count, Type element) {
  double total = from.magnitude * static_cast<double>(count);
  double error = from.error * static_cast<double>(count) +
                 2.0 * static_cast<double>(count) * epsilonOf(element) * total;
  return {total, error, true};
}

bool Generator::stepReduce() {
  Value x = pickTensor(isWide);
  if (!x)
    return false;
  auto type = cast<RankedTensorType>(x.getType());
  Type element = type.getElementType();
  unsigned axis = below(type.getRank());
  unsigned kind = below(9);
  Facts made = facts(x);
  bool isSum = isa<FloatType>(element) && kind == 0;
  if (isSum) {
    if (!made.isTame())
      return false;
    made = sumFacts(made, type.getDimSize(axis), element);
    if (made.magnitude > comfortOf(element))
      return false;
  }
  SmallVector<int64_t> shape(type.getShape());
  shape.erase(shape.begin() + axis);
  Type out = shape.empty() ? element : Type(tensorOf(shape, element));
  auto op = make<tile::ReduceOp>(TypeRange(out), ValueRange(x), axis);
  buildCombiner(op.getCombine(), element, kind);
  add(op.getResult(0), made);
  return true;
}

/// The largest element and its number; the lower number among equals.
bool Generator::stepArgReduce() {
  Value x = pickTensor([&](Value value) {
    return isWide(value) && facts(value).error == 0 &&
           (isInt(value) || facts(value).isTame()) &&
           !tile::elementTypeOf(value.getType()).isInteger(1);
  });
  if (!x)
    return false;
  auto type = cast<RankedTensorType>(x.getType());
  Type element = type.getElementType(), i32 = builder.getI32Type();
  unsigned axis = below(type.getRank());
  Value number = coordinate(type.getShape(), axis);
  SmallVector<int64_t> shape(type.getShape());
  shape.erase(shape.begin() + axis);
  SmallVector<Type> outs;
  for (Type out : {element, i32})
    outs.push_back(shape.empty() ? out : Type(tensorOf(shape, out)));
  auto op = make<tile::ReduceOp>(outs, ValueRange({x, number}), axis);
  {
    OpBuilder::InsertionGuard guard(builder);
    Block *block =
        builder.createBlock(&op.getCombine(), {}, {element, i32, element, i32},
                            SmallVector<Location>(4, location));
    Value va = block->getArgument(0), ia = block->getArgument(1);
    Value vb = block->getArgument(2), ib = block->getArgument(3);
    Value more =
        isInt(x)
            ? Value(make<arith::CmpIOp>(arith::CmpIPredicate::sgt, vb, va))
            : Value(make<arith::CmpFOp>(arith::CmpFPredicate::OGT, vb, va));
    Value v = make<arith::SelectOp>(more, vb, va);
    Value i = make<arith::SelectOp>(more, ib, ia);
    make<tile::YieldOp>(ValueRange({v, i}));
  }
  Facts made = facts(x);
  made.zeroSignIsFree = true;
  add(op.getResult(0), made);
  add(op.getResult(1), {});
  return true;
}

bool Generator::stepScan() {
  Value x = pickTensor(isWide);
  if (!x)
    return false;
  auto type = cast<RankedTensorType>(x.getType());
  unsigned axis = below(type.getRank()), kind = below(9);
  Facts made = facts(x);
  if (isa<FloatType>(type.getElementType()) && kind == 0) {
    if (!made.isTame())
      return false;
    made = sumFacts(made, type.getDimSize(axis), type.getElementType());
    if (made.magnitude > comfortOf(type.getElementType()))
      return false;
  }
  auto op =
      make<tile::ScanOp>(TypeRange(type), ValueRange(x), axis, chance(40));
  buildCombiner(op.getCombine(), type.getElementType(), kind);
  add(op.getResult(0), made);
  return true;
}

/// A scalar function with a branch in it.
bool Generator::stepMap() {
  Value x = pickTensor([&](Value value) {
    return tile::elementTypeOf(value.getType()).isInteger(32) ||
           (isWide(value) && !isInt(value) && facts(value).error == 0);
  });
  if (!x)
    return false;
  Value y = partner(x, [&](Value value) { return facts(value).error == 0; });
  auto type = cast<RankedTensorType>(x.getType());
  Type element = type.getElementType();
  unsigned pack = type.getNumElements() % 2 == 0 && chance(50) ? 2 : 1;
  auto op =
      make<tile::MapElementwiseOp>(TypeRange(type), ValueRange({x, y}), pack);
  OpBuilder::InsertionGuard guard(builder);
  Block *block = builder.createBlock(&op.getBody(), {},
                                     SmallVector<Type>(2 * pack, element),
                                     SmallVector<Location>(2 * pack, location));
  SmallVector<Value> yields;
  for (unsigned k = 0; k < pack; ++k) {
    Value a = block->getArgument(pack - 1 - k),
          b = block->getArgument(pack + k);
    Value less =
        isInt(x) ? Value(make<arith::CmpIOp>(arith::CmpIPredicate::slt, a, b))
                 : Value(make<arith::CmpFOp>(arith::CmpFPredicate::OLT, a, b));
    auto branch = make<scf::IfOp>(
        less,
        [&](OpBuilder &b2, Location loc) {
          Value sum = isInt(x) ? Value(arith::AddIOp::create(b2, loc, a, b))
                               : Value(arith::AddFOp::create(b2, loc, a, b));
          scf::YieldOp::create(b2, loc, sum);
        },
        [&](OpBuilder &b2, Location loc) { scf::YieldOp::create(b2, loc, a); });
    yields.push_back(branch.getResult(0));
  }
  make<tile::YieldOp>(yields);
  Facts made; // Exact, and perhaps anything.
  made.zeroSignIsFree = facts(x).zeroSignIsFree || facts(y).zeroSignIsFree;
  add(op.getResult(0), made);
  return true;
}

//===----------------------------------------------------------------------===//
// Products
//===----------------------------------------------------------------------===//

bool Generator::stepDot() {
  bool useInts = chance(30);
  Value a = pickTensor([&](Value value) {
    Type element = tile::elementTypeOf(value.getType());
    size_t rank = tile::shapeOf(value.getType()).size();
    if (rank != 2 && rank != 3)
      return false;
    return useInts ? element.isInteger(8)
                   : isWide(value) && isa<FloatType>(element) &&
                         facts(value).isTame() && facts(value).error == 0 &&
                         facts(value).magnitude < 100;
  });
  if (!a)
    return false;
  SmallVector<int64_t> shape(tile::shapeOf(a.getType()));
  Type element = tile::elementTypeOf(a.getType());
  size_t rank = shape.size();
  // The other side: one that fits, else the transpose.
  Value b = pickTensor([&](Value value) {
    ArrayRef<int64_t> other = tile::shapeOf(value.getType());
    return tile::elementTypeOf(value.getType()) == element &&
           other.size() == rank && other[rank - 2] == shape[rank - 1] &&
           (rank == 2 || other[0] == shape[0]) &&
           facts(value).magnitude <= (useInts ? 1e308 : 100) * 1.0 &&
           facts(value).error == 0;
  });
  if (useInts && !b)
    b = nullptr;
  if (!b) {
    SmallVector<int64_t> turned(shape);
    std::swap(turned[rank - 1], turned[rank - 2]);
    SmallVector<int32_t> order(rank);
    std::iota(order.begin(), order.end(), 0);
    std::swap(order[rank - 1], order[rank - 2]);
    b = make<tile::TransOp>(tensorOf(turned, element), a, order);
    known[b] = facts(a);
  }
  SmallVector<int64_t> out(shape);
  out.back() = tile::shapeOf(b.getType()).back();
  if (elementsOf(out) > kMaxElements)
    return false;
  Type sum = useInts           ? Type(builder.getI32Type())
             : element.isF64() ? element
                               : Type(builder.getF32Type());
  Value c = pickTensor([&](Value value) {
    return value.getType() == tensorOf(out, sum) &&
           (useInts || facts(value).isTame());
  });
  if (!c || chance(50)) {
    c = constant(tensorOf(out, sum), 0);
    known[c] = {0, 0, false};
  }
  Facts made;
  if (!useInts) {
    Facts product = {facts(a).magnitude * facts(b).magnitude, 0, true};
    made = sumFacts(product, shape.back() + 1, sum);
    made.magnitude += facts(c).magnitude;
    made.error +=
        facts(c).error + shape.back() * epsilonOf(sum) * made.magnitude;
    if (made.magnitude > comfortOf(sum))
      return false;
  }
  Value d = make<tile::DotOp>(tensorOf(out, sum), a, b, c,
                              tile::DotPrecision::IEEE, 0);
  add(d, made);
  return true;
}

/// acc += a[.., k] * b[k, ..] with loads that walk along K, as kernels do it.
bool Generator::stepDotLoop() {
  if (depth > 0)
    return false;
  const Array *left = nullptr, *right = nullptr;
  for (const Array &array : arrays) {
    if (array.chunk || array.atomic || !array.facts.isTame() ||
        !isa<FloatType>(array.element) || array.elements < 300)
      continue;
    if (!left || chance(30))
      left = &array;
    if (array.element == left->element)
      right = &array;
  }
  if (!left || !right || left->element != right->element)
    return false;
  int64_t m = int64_t(1) << below(6), n = int64_t(1) << below(6);
  int64_t k = 1 + below(16), depthK = 1 + below(40);
  Type i32 = builder.getI32Type();
  Type sum = left->element.isF64() ? left->element : Type(builder.getF32Type());
  Value zero = constant(i32, 0), step = constant(i32, k);
  Value bound = constant(i32, depthK),
        start = constant(tensorOf({m, n}, sum), 0);
  auto load = [&](const Array &array, int64_t rows, int64_t columns,
                  bool walksColumns, Value at) -> Value {
    SmallVector<int64_t> shape = {rows, columns};
    auto type = tensorOf(shape, i32);
    Value r = coordinate(shape, 0), c = coordinate(shape, 1);
    Value &walked = walksColumns ? c : r;
    walked = make<arith::AddIOp>(walked, splat(at, shape));
    Value inside = make<arith::CmpIOp>(arith::CmpIPredicate::slt, walked,
                                       constant(type, depthK));
    Value index = make<arith::AddIOp>(
        make<arith::MulIOp>(r, constant(type, walksColumns ? depthK : columns)),
        c);
    Value fits = make<arith::CmpIOp>(
        arith::CmpIPredicate::slt, index,
        constant(type, static_cast<double>(array.elements)));
    Value other = constant(tensorOf(shape, array.element), 0);
    return make<tile::LoadOp>(pointers(array, index),
                              make<arith::AndIOp>(inside, fits), other);
  };
  auto loop = make<scf::ForOp>(zero, bound, step, ValueRange(start));
  {
    OpBuilder::InsertionGuard guard(builder);
    builder.setInsertionPointToStart(loop.getBody());
    Value at = loop.getInductionVar();
    Value a = load(*left, m, k, true, at), b = load(*right, k, n, false, at);
    Value d =
        make<tile::DotOp>(tensorOf({m, n}, sum), a, b, loop.getRegionIterArg(0),
                          tile::DotPrecision::IEEE, 0);
    make<scf::YieldOp>(d);
  }
  add(loop.getResult(0), sumFacts({4, 0, true}, depthK + 1, sum));
  return true;
}
