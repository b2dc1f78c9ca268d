//===- LowerStoreGroup.cpp - Several stores in one nest -------------------===//
//
// Part of the Tegula Project, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "targets/common/loops/Lowering.h"
#include "tegula/abi.h"

using namespace mlir;
using namespace tegula;
using namespace tegula::loops;

/// Each chunk: all values first, then all stores.
LogicalResult Lowering::storeTogether(ArrayRef<tile::StoreBoxOp> stores) {
  tile::StoreBoxOp first = stores.front();
  ArrayRef<int64_t> shape = first.getTileType().getShape();
  int lanesDim = shape.size() - 1;
  int64_t lanes = shape.back();
  for (tile::StoreBoxOp store : stores)
    lanes = std::min<int64_t>(
        lanes, lanesFor(store.getTileType().getElementType(), shape.back()));
  Value stream;
  for (tile::StoreBoxOp store : stores)
    if (!readsItsPlace(store)) {
      Value one = mayStream(store, lanesDim, lanes);
      if (!one) {
        stream = {};
        break;
      }
      stream = andMasks(stream, one);
    }
  auto strips = [&](bool streams) {
    return nest(shape, lanesDim, lanes, storeExtents(first),
                [&](const Chunk &chunk) {
                  SmallVector<Value> values;
                  for (tile::StoreBoxOp store : stores)
                    values.push_back(pull(store.getValue(), chunk));
                  for (auto [store, value] : llvm::zip(stores, values)) {
                    streamStores = streams && !readsItsPlace(store);
                    writeBox(store, chunk, value);
                  }
                  streamStores = false;
                  return failure(failedPull);
                });
  };
  auto plain = [&] { return strips(false); };
  return stream ? choose(stream, [&] { return strips(true); }, plain) : plain();
}

/// Every load comes before the first store: the values through copies.
LogicalResult Lowering::storeThroughCopies(ArrayRef<tile::StoreBoxOp> stores,
                                           int lanesDim) {
  auto before = ready;
  llvm::MapVector<Value, Buffer> copies;
  for (tile::StoreBoxOp store : stores) {
    RankedTensorType type = store.getTileType();
    auto [copy, isNew] = copies.try_emplace(store.getValue());
    if (!isNew)
      continue;
    copy->second = allocate(type.getElementType(), type.getShape());
    if (failed(materialize(store.getValue(), copy->second)))
      return failure();
  }
  for (auto &[value, copy] : copies)
    ready[value] = copy;
  for (tile::StoreBoxOp store : stores)
    if (failed(storeNest(store, lanesDim)))
      return failure();
  ready = std::move(before);
  return success();
}

LogicalResult Lowering::lowerStoreGroup(ArrayRef<tile::StoreBoxOp> stores) {
  // Between the stores are scalars and what their nest computes.
  for (Operation *op = stores.front()->getNextNode(); op != stores.back();
       op = op->getNextNode()) {
    if (isa<tile::StoreBoxOp>(op))
      continue;
    if (failed(llvm::any_of(op->getResults(), isTensor) ? lower(op)
                                                        : lowerScalar(op)))
      return failure();
    lowered.insert(op);
  }
  root = stores.front();
  lowered.insert(stores.begin(), stores.end());
  int lanesDim = tile::StoreBoxOp(stores.front()).getTileType().getRank() - 1;
  Value direct = mayInterleave(stores);
  if (!direct)
    return storeTogether(stores);
  return choose(
      direct, [&] { return storeTogether(stores); },
      [&] { return storeThroughCopies(stores, lanesDim); });
}
