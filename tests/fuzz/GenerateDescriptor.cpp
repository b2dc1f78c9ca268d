//===- GenerateDescriptor.cpp - Blocks of described arrays
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

/// A descriptor of the first elements of `base`, at most rows x columns of it,
/// the extents known at compile time or at run time.
Value Generator::describe(Value base, Type element, int64_t rows,
                          int64_t columns, ArrayRef<int64_t> block,
                          tile::Padding padding) {
  Type i32 = builder.getI32Type(), i64 = builder.getI64Type();
  Value height = constant(i32, static_cast<double>(rows));
  if (chance(40))
    height = make<arith::MinUIOp>(runTimeNumber(rows), height);
  Value width = constant(i32, static_cast<double>(1 + below(columns)));
  auto type = tile::DescType::get(block, element);
  return make<tile::MakeDescOp>(
      type, base, ValueRange({height, width}),
      ValueRange(
          {constant(i64, static_cast<double>(columns)), constant(i64, 1)}),
      padding);
}

/// A place inside, across or outside the edges.
Value Generator::blockStart(int64_t extent) {
  Value start = constant(builder.getI32Type(),
                         static_cast<double>(below(extent + 6)) - 3);
  return chance(30) ? Value(make<arith::AddIOp>(start, program)) : start;
}

/// Rows by number: those of a range (all distinct), perhaps in reverse.
Value Generator::distinctRows(int64_t count) {
  auto type = tensorOf({count}, builder.getI32Type());
  Value rows = coordinate({count}, 0);
  if (chance(50))
    rows =
        make<arith::SubIOp>(constant(type, static_cast<double>(count)), rows);
  return make<arith::AddIOp>(rows,
                             constant(type, static_cast<double>(below(5)) - 2));
}

bool Generator::stepDescLoad() {
  int64_t rows = anyExtent(6), columns = anyExtent(6);
  Type element = chance(60) ? anyFloat() : anyInt();
  if (element.isInteger(1))
    return false;
  Array array = addInput(element, rows * columns);
  tile::Padding padding = isa<FloatType>(element) && chance(30)
                              ? tile::Padding::NaN
                              : tile::Padding::Zero;
  Facts made = array.facts;
  if (padding == tile::Padding::NaN)
    made.magnitude = std::numeric_limits<double>::infinity();
  if (chance(30)) { // Rows by number.
    int64_t width = anyExtent(4), count = anyExtent(4);
    Value desc =
        describe(array.pointer, element, rows, columns, {1, width}, padding);
    Value numbers = pickTensor([&](Value value) {
      return tile::elementTypeOf(value.getType()).isInteger(32) &&
             tile::shapeOf(value.getType()).size() == 1 &&
             tile::shapeOf(value.getType())[0] <= 64;
    });
    if (!numbers)
      numbers = distinctRows(count);
    count = tile::shapeOf(numbers.getType())[0];
    add(make<tile::DescGatherOp>(tensorOf({count, width}, element), desc,
                                 numbers, blockStart(columns)),
        made);
    return true;
  }
  SmallVector<int64_t> block = {anyExtent(5), anyExtent(5)};
  Value desc = describe(array.pointer, element, rows, columns, block, padding);
  add(make<tile::DescLoadOp>(
          tensorOf(block, element), desc,
          ValueRange({blockStart(rows), blockStart(columns)}),
          tile::CacheModifier::None, tile::EvictionPolicy::Normal),
      made);
  return true;
}

bool Generator::stepDescStore() {
  Value value = pickTensor([&](Value candidate) {
    Type element = tile::elementTypeOf(candidate.getType());
    return tile::shapeOf(candidate.getType()).size() == 2 &&
           element.getIntOrFloatBitWidth() >= 8 &&
           (depth == 0 || facts(candidate).error == 0);
  });
  if (!value)
    return false;
  auto type = cast<RankedTensorType>(value.getType());
  Type element = type.getElementType();
  int64_t rows = anyExtent(6), columns = anyExtent(6);
  addArray(element, rows * columns * result.programs, rows * columns,
           Fill::Tame);
  Array array = arrays.back();
  result.tolerances[array.buffer] = facts(value).error;
  Value start = make<arith::MulIOp>(
      program,
      constant(builder.getI32Type(), static_cast<double>(rows * columns)));
  Value base = make<tile::PtrAddOp>(array.pointer, start);
  if (chance(30)) {
    Value desc = describe(base, element, rows, columns, {1, type.getDimSize(1)},
                          tile::Padding::Zero);
    make<tile::DescScatterOp>(desc, distinctRows(type.getDimSize(0)),
                              blockStart(columns), value);
    return true;
  }
  Value desc = describe(base, element, rows, columns, type.getShape(),
                        tile::Padding::Zero);
  SmallVector<Value> place = {blockStart(rows), blockStart(columns)};
  if (isa<IntegerType>(element) && element.getIntOrFloatBitWidth() >= 32 &&
      chance(40))
    make<tile::DescReduceOp>(
        oneOf({tile::AtomicKind::Add, tile::AtomicKind::Max,
               tile::AtomicKind::Min, tile::AtomicKind::Xor}),
        desc, place, value);
  else
    make<tile::DescStoreOp>(desc, place, value);
  return true;
}
