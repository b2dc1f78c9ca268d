//===- MultiplyPairs.cpp - Products of two rows by two columns ------------===//
//
// Part of the Tegula Project, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Arm's smmla and bfmmla multiply groups along K of two rows by those of two
// columns: twice the products of sdot and bfdot. A vector holds the groups of
// two rows of A, which PackGroups.cpp packs side by side, or of two columns of
// a panel, which lie so already. The four sums take the places of two rows by
// two columns: before and after the loop along K, they are exchanged with
// vectors of a row.
//
//===----------------------------------------------------------------------===//

#include "mlir/Dialect/Vector/IR/VectorOps.h"
#include "targets/common/loops/Lowering.h"

using namespace mlir;
using namespace tegula;
using namespace tegula::loops;

/// Exchanges two vectors of a row each, [r0 r1 r2 r3] and [s0 s1 s2 s3], and
/// two pairs of rows and columns, [r0 r1 s0 s1] and [r2 r3 s2 s3], which is its
/// own inverse, in blocks of rows by `vectors` vectors.
void Lowering::turnPairs(MutableArrayRef<Value> sums, int64_t vectors) {
  int64_t rows = sums.size() / vectors;
  for (int64_t row = 0; row < rows; row += 2)
    for (int64_t v = 0; v < vectors; ++v) {
      Value &first = sums[row * vectors + v];
      Value &second = sums[(row + 1) * vectors + v];
      Value low = vector::ShuffleOp::create(b, first, second,
                                            ArrayRef<int64_t>{0, 1, 4, 5});
      second = vector::ShuffleOp::create(b, first, second,
                                         ArrayRef<int64_t>{2, 3, 6, 7});
      first = low;
    }
}

/// One step along K: `sums` with the products of the groups at `step` of the
/// block's rows and those at `bAt` of the panel added.
SmallVector<Value> Lowering::multiplyPairs(const DotForm &form, const Buffer &a,
                                           const Buffer &bPacked,
                                           const MicroTile &tile, Value step,
                                           Value bAt, ValueRange sums) {
  int64_t elements = 2 * form.group(), pairs = form.panel / 2;
  auto load = [&](const Buffer &buffer, Value at) {
    return loadVector(bufferAddress(buffer, at), form.operand, elements, {}, {},
                      /*isArena=*/true);
  };
  prefetchPanels(a, bPacked, tile, step);
  SmallVector<Value> rows, next(sums);
  for (int64_t row = 0; row < tile.rows; row += 2)
    rows.push_back(load(a, indexInA(a, tile, row, step)));
  // Columns 4v and on lie in the first of two vectors of a row, 4v + 2 and on
  // in the second.
  int64_t vectors = pairs / 2;
  for (int64_t pair = 0; pair < pairs; ++pair) {
    Value columns = load(bPacked, add(bAt, constant(pair * elements)));
    for (auto [i, row] : llvm::enumerate(rows)) {
      Value &sum = next[(2 * i + pair % 2) * vectors + pair / 2];
      sum = multiplyAdd(form, row, columns, sum);
    }
  }
  return next;
}
