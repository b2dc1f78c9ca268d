//===- Squares.cpp - Rows that become columns -----------------------------===//
//
// Part of the Tegula Project, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Where a tile is read along one dimension and written along another, squares
// of lanes x lanes are turned in registers: neither side goes element by
// element.
//
//===----------------------------------------------------------------------===//

#include "mlir/Dialect/Vector/IR/VectorOps.h"
#include "targets/common/loops/Lowering.h"

using namespace mlir;
using namespace tegula;
using namespace tegula::loops;

/// The square at `chunk`, whose lanes run along `from`, as vectors along `to`.
/// `outside` gets each vector with its chunk.
void Lowering::turnSquare(const Chunk &chunk, int to,
                          function_ref<Value(const Chunk &)> inside,
                          function_ref<void(const Chunk &, Value)> outside) {
  int from = chunk.lanesDim;
  // A coordinate of the square keeps what is known of all of it.
  auto along = [&](int dim, int64_t by) {
    Value first = chunk.coords[dim], coord = add(first, constant(by));
    const CoordFacts *facts = factsOf(first);
    if (coord == first || !facts)
      return coord;
    levels[current].coords.insert(coord);
    levels[current].facts[coord] = CoordFacts(*facts);
    return coord;
  };
  Value rows;
  for (int64_t i = 0; i < chunk.lanes; ++i) {
    Chunk row = chunk;
    row.coords[to] = along(to, i);
    Value vector = toVector(inside(row), chunk.lanes);
    if (!rows)
      rows = zero(VectorType::get({chunk.lanes, chunk.lanes},
                                  getElementTypeOrSelf(vector.getType())));
    rows = vector::InsertOp::create(b, vector, rows, ArrayRef<int64_t>{i});
  }
  Value columns = vector::TransposeOp::create(b, rows, ArrayRef<int64_t>{1, 0});
  for (int64_t i = 0; i < chunk.lanes; ++i) {
    Chunk column = chunk;
    column.coords[from] = along(from, i);
    column.lanesDim = to;
    outside(column, vector::ExtractOp::create(b, columns, i));
  }
}

/// A nest over the squares of `lanes` lanes; `extents` count squares in the two
/// dimensions, and the chunk's lanes run along `from`.
LogicalResult Lowering::nestSquares(ArrayRef<int64_t> shape, int from, int to,
                                    int64_t lanes, ArrayRef<Extent> extents,
                                    Body body) {
  SmallVector<int64_t> squares(shape);
  squares[from] /= lanes;
  squares[to] /= lanes;
  return nest(squares, -1, 1, extents, [&](const Chunk &chunk) {
    Chunk square = chunk;
    square.lanesDim = from;
    square.lanes = lanes;
    for (int dim : {from, to}) {
      square.coords[dim] = mul(chunk.coords[dim], lanes);
      levels[current].coords.insert(square.coords[dim]);
    }
    return body(square);
  });
}

LogicalResult Lowering::materializeTransposed(Value value, const Buffer &buffer,
                                              int lanesDim, int64_t lanes) {
  auto type = cast<RankedTensorType>(value.getType());
  int last = type.getRank() - 1;
  return nestSquares(type.getShape(), lanesDim, last, lanes, {},
                     [&](const Chunk &square) {
                       turnSquare(
                           square, last,
                           [&](const Chunk &row) {
                             return widened(pull(value, row), buffer, lanes);
                           },
                           [&](const Chunk &column, Value vector) {
                             storeBuffer(buffer, column, vector);
                           });
                       return failure(failedPull);
                     });
}

/// Stores the whole squares within `extents`, the rest by `strips`.
LogicalResult
Lowering::storeSquares(tile::StoreBoxOp op, int lanesDim, int across,
                       int64_t lanes, ArrayRef<Extent> extents,
                       function_ref<LogicalResult(ArrayRef<Extent>)> strips) {
  ArrayRef<int64_t> shape = op.getTileType().getShape();
  SmallVector<Extent> squares(extents), below(extents), beside(extents);
  auto countSquares = [&](int dim) {
    Value upper = clamp(scalar(op.getUppers()[dim]), 0, shape[dim]);
    return divRem(upper, lanes).first;
  };
  squares[across].upper = countSquares(across);
  squares[lanesDim].upper = countSquares(lanesDim);
  below[across].lower = mul(squares[across].upper, lanes);
  beside[across].upper = below[across].lower;
  beside[lanesDim].lower = mul(squares[lanesDim].upper, lanes);
  LogicalResult done = nestSquares(
      shape, across, lanesDim, lanes, squares, [&](const Chunk &square) {
        for (int dim : {lanesDim, across})
          levels[current].facts[square.coords[dim]].below.push_back(
              op.getUppers()[dim]);
        turnSquare(
            square, lanesDim,
            [&](const Chunk &row) { return pull(op.getValue(), row); },
            [&](const Chunk &column, Value vector) {
              writeBox(op, column, vector);
            });
        return failure(failedPull);
      });
  // Where all is whole the rest has no code.
  if (succeeded(done) && !extents[across].isWhole())
    done = strips(below);
  if (succeeded(done) && !extents[lanesDim].isWhole())
    done = strips(beside);
  return done;
}
