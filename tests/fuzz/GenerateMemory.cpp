//===- GenerateMemory.cpp - Loads, stores and atomics
//
// Part of the Tegula Project, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "tests/fuzz/Generator.h"

using namespace mlir;
using namespace tegula;
using namespace tegula::fuzz;

static int64_t sizeOf(ArrayRef<int64_t> shape) {
  int64_t elements = 1;
  for (int64_t size : shape)
    elements *= size;
  return elements;
}

/// Positions `start + sum of coordinate * stride`. Writes get row-major strides
/// (with gaps between rows), so that no two lanes meet; reads may walk
/// backwards, wrap around or stand still. Bounds come as one comparison of the
/// whole position or as one for each dimension.
Generator::Positions Generator::positions(ArrayRef<int64_t> shape,
                                          uint64_t limit, bool isWrite) {
  auto bound = static_cast<int64_t>(limit);
  SmallVector<int64_t> strides(shape.size(), 1);
  int64_t span = 1;
  for (size_t d = shape.size(); d-- > 0;) {
    strides[d] = span;
    span = span * shape[d] + (chance(30) ? below(4) : 0);
  }
  if (chance(25) && shape.size() > 1) // Columns instead of rows.
    std::reverse(strides.begin(), strides.end());
  bool isTransposed = strides.size() > 1 && strides.front() < strides.back();
  if (isTransposed && isWrite) {
    span = 1;
    for (size_t d = 0; d < shape.size(); ++d) {
      strides[d] = span;
      span *= shape[d];
    }
  }
  if (!isWrite && chance(15))
    strides[below(strides.size())] = oneOf<int64_t>({0, 2, 3, -1});
  auto type = tensorOf(shape, builder.getI32Type());
  Value index = constant(type, static_cast<double>(below(6)));
  Value mask;
  auto conjoin = [&](Value condition) {
    mask = mask ? Value(make<arith::AndIOp>(mask, condition)) : condition;
  };
  bool boundsDims = chance(30);
  for (size_t d = 0; d < shape.size(); ++d) {
    Value place = coordinate(shape, d);
    if (boundsDims) {
      Value edge = pick([&](Value value) { // Mostly an argument.
        return value.getType().isInteger(32) &&
               (!value.getDefiningOp() || chance(3));
      });
      if (edge)
        conjoin(make<arith::CmpIOp>(arith::CmpIPredicate::slt, place,
                                    splat(edge, shape)));
    }
    if (!isWrite && chance(15)) // % N wrap-around.
      place = make<arith::RemSIOp>(
          make<arith::AddIOp>(place, constant(type, below(20))),
          constant(type, 1 + below(shape[d] + 8)));
    index = make<arith::AddIOp>(
        index, make<arith::MulIOp>(
                   place, constant(type, static_cast<double>(strides[d]))));
  }
  conjoin(make<arith::CmpIOp>(arith::CmpIPredicate::slt, index,
                              constant(type, static_cast<double>(bound))));
  conjoin(
      make<arith::CmpIOp>(arith::CmpIPredicate::sge, index, constant(type, 0)));
  return {index, mask};
}

Value Generator::pointers(const Array &array, Value index) {
  Value base = array.pointer;
  if (array.chunk) {
    Value start = make<arith::MulIOp>(
        program,
        constant(builder.getI32Type(), static_cast<double>(array.chunk)));
    base = make<tile::PtrAddOp>(base, start);
  }
  auto tensor = dyn_cast<RankedTensorType>(index.getType());
  if (!tensor)
    return make<tile::PtrAddOp>(base, index);
  if (chance(20)) // The offset in 64 bits.
    index = make<arith::ExtSIOp>(
        tensorOf(tensor.getShape(), builder.getI64Type()), index);
  return make<tile::PtrAddOp>(splat(base, tensor.getShape()), index);
}

bool Generator::loadFrom(const Array &array, ArrayRef<int64_t> shape) {
  if (array.atomic)
    return false;
  Positions where = positions(shape, array.chunk ? array.chunk : array.elements,
                              /*isWrite=*/false);
  Value other;
  if (chance(60))
    other = constant(tensorOf(shape, array.element), oneOf({0.0, 1.0, -1.5}));
  Value pointer = pointers(array, where.index);
  Facts facts = array.facts;
  // A buffer that inexact values were stored to is not exact any more.
  if (array.chunk && result.tolerances[array.buffer] > 0)
    return false;
  add(make<tile::LoadOp>(pointer, where.mask, other), facts);
  return true;
}

bool Generator::stepLoad() {
  const Array &array = arrays[below(arrays.size())];
  return loadFrom(array, anyShape());
}

bool Generator::stepLoadScalar() {
  const Array &array = arrays[below(arrays.size())];
  if (array.atomic || (array.chunk && result.tolerances[array.buffer] > 0))
    return false;
  uint64_t limit = array.chunk ? array.chunk : array.elements;
  Value index =
      constant(builder.getI32Type(), below(std::min<uint64_t>(limit, 32)));
  add(make<tile::LoadOp>(pointers(array, index)), array.facts);
  return true;
}

/// Rows or elements by number, from an array of integers; always in range.
bool Generator::stepGatherLoad() {
  const Array &array = arrays[below(arrays.size())];
  Value number = pickTensor([&](Value value) {
    return tile::elementTypeOf(value.getType()).isInteger(32);
  });
  if (!number || array.atomic || array.chunk)
    return false;
  auto type = cast<RankedTensorType>(number.getType());
  int64_t limit = array.elements;
  if (type.getRank() == 1 && chance(50)) { // Rows of a few elements.
    int64_t columns = oneOf<int64_t>({1, 4, 8, 16});
    SmallVector<int64_t> shape = {type.getDimSize(0), columns};
    if (sizeOf(shape) > 2048 || limit < columns)
      return false;
    Value row = make<arith::RemUIOp>(
        number, constant(type, static_cast<double>(limit / columns)));
    auto thin = tensorOf({type.getDimSize(0), 1}, builder.getI32Type());
    auto wide = tensorOf(shape, builder.getI32Type());
    Value rows =
        make<tile::BroadcastOp>(wide, make<tile::ExpandDimsOp>(thin, row, 1));
    Value index = make<arith::AddIOp>(
        make<arith::MulIOp>(rows, constant(wide, static_cast<double>(columns))),
        coordinate(shape, 1));
    add(make<tile::LoadOp>(pointers(array, index)), array.facts);
    return true;
  }
  Value index =
      make<arith::RemUIOp>(number, constant(type, static_cast<double>(limit)));
  add(make<tile::LoadOp>(pointers(array, index)), array.facts);
  return true;
}

void Generator::storeTo(const Array &array, Value value) {
  auto type = cast<RankedTensorType>(value.getType());
  Positions where = positions(type.getShape(), array.chunk, /*isWrite=*/true);
  double &tolerance = result.tolerances[array.buffer];
  tolerance = std::max(tolerance, facts(value).error);
  make<tile::StoreOp>(pointers(array, where.index), value, where.mask);
}

bool Generator::stepStore() {
  if (!mayWrite)
    return false;
  const Array &array = arrays[below(arrays.size())];
  if (!array.chunk)
    return false;
  // Within a loop or branch an earlier load of the same array would have to
  // know that it became inexact.
  Value value = pickTensor([&](Value candidate) {
    return tile::elementTypeOf(candidate.getType()) == array.element &&
           (depth == 0 || facts(candidate).error == 0);
  });
  if (!value)
    return false;
  storeTo(array, value);
  return true;
}

void Generator::storeLeaves() {
  std::vector<Value> leaves;
  for (Value value : pool)
    if (value.use_empty() && value.getDefiningOp())
      leaves.push_back(value);
  std::shuffle(leaves.begin(), leaves.end(), random);
  if (leaves.size() > 16)
    leaves.resize(16);
  Type i32 = builder.getI32Type();
  for (Value value : leaves) {
    Type element = tile::elementTypeOf(value.getType());
    ArrayRef<int64_t> shape = tile::shapeOf(value.getType());
    uint64_t chunk = sizeOf(shape);
    addArray(element, chunk * result.programs, chunk, Fill::Zero);
    const Array &array = arrays.back();
    if (!shape.empty() && chance(30)) {
      storeTo(array, value);
      continue;
    }
    // Every element, in row-major order.
    Value index = constant(i32, 0);
    if (!shape.empty()) {
      index = constant(tensorOf(shape, i32), 0);
      uint64_t stride = chunk;
      for (auto [dim, size] : llvm::enumerate(shape)) {
        stride /= size;
        index = make<arith::AddIOp>(
            index, make<arith::MulIOp>(
                       coordinate(shape, dim),
                       constant(index.getType(), static_cast<double>(stride))));
      }
    }
    result.tolerances[array.buffer] = facts(value).error;
    make<tile::StoreOp>(pointers(array, index), value, Value());
  }
}

bool Generator::stepAtomic() {
  if (!mayWrite)
    return false;
  for (const Array &array : arrays) {
    if (!array.atomic)
      continue;
    Value value = pickTensor([&](Value candidate) {
      return tile::elementTypeOf(candidate.getType()) == array.element;
    });
    if (!value)
      return false;
    auto type = cast<RankedTensorType>(value.getType());
    Value index = constant(tensorOf(type.getShape(), builder.getI32Type()), 0);
    for (unsigned d = 0; d < type.getRank(); ++d)
      index = make<arith::AddIOp>(index, coordinate(type.getShape(), d));
    index = make<arith::RemUIOp>(
        index, constant(index.getType(), static_cast<double>(array.elements)));
    Value mask = chance(50) ? pick([&](Value candidate) {
      return candidate.getType() ==
             tensorOf(type.getShape(), builder.getI1Type());
    })
                            : Value();
    make<tile::AtomicRMWOp>(type, *array.atomic, tile::MemoryOrder::Relaxed,
                            tile::MemoryScope::Gpu, pointers(array, index),
                            value, mask);
    return true;
  }
  return false;
}
