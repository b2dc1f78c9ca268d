//===- LowerHistogram.cpp - Counting --------------------------------------===//
//
// Part of the Tegula Project, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Bins are found in vectors, all of the tile's, and counted one by one, without
// a branch: what does not count goes to a bin of its own. An addition to a bin
// waits for the one before it, so neighbours count in different copies of the
// bins.
//
//===----------------------------------------------------------------------===//

#include "mlir/Dialect/Vector/IR/VectorOps.h"
#include "targets/common/loops/Lowering.h"

using namespace mlir;
using namespace tegula;
using namespace tegula::loops;

/// Bins are at least 32 bits wide.
static Type typeOfBins(Type element) {
  return element.getIntOrFloatBitWidth() < 64
             ? IntegerType::get(element.getContext(), 32)
             : element;
}

/// The bin of each lane; lanes that don't count have bin `numBins`.
Value Lowering::pullBins(tile::HistogramOp op, const Chunk &chunk,
                         int64_t numBins) {
  Value bins = toVector(pull(op.getSrc(), chunk), chunk.lanes);
  Type element = tile::elementTypeOf(op.getSrc().getType());
  Type wide = typeOfBins(element);
  if (element != wide)
    bins = arith::ExtSIOp::create(b, chunkType(wide, chunk.lanes), bins);
  Value none = arith::ConstantOp::create(b, b.getIntegerAttr(wide, numBins));
  none = toVector(none, chunk.lanes);
  Value counted =
      arith::CmpIOp::create(b, arith::CmpIPredicate::ult, bins, none);
  if (op.getMask())
    counted = andMasks(counted, pull(op.getMask(), chunk));
  if (chunk.lanesDim >= 0)
    if (const CoordFacts *facts = factsOf(chunk.coords[chunk.lanesDim]))
      counted = andMasks(counted, facts->tailMask);
  return arith::SelectOp::create(b, counted, bins, none);
}

LogicalResult Lowering::lowerHistogram(tile::HistogramOp op) {
  auto type = cast<RankedTensorType>(op.getType());
  auto source = cast<RankedTensorType>(op.getSrc().getType());
  Type element = type.getElementType();
  int64_t numBins = type.getDimSize(0), numElements = source.getNumElements();
  int64_t sourceLanes = lanesFor(source.getElementType(), source.getDimSize(0));
  // Copies are cleared and added up in each program: not for few elements.
  int64_t copies = 4;
  while (copies > 1 &&
         (copies * numBins > numElements || numElements % copies != 0))
    copies /= 2;
  int64_t lanes = lanesFor(element, numBins);
  // Behind each copy, the bin of what does not count.
  int64_t stride = numBins + lanes;
  Buffer all = allocate(element, {copies * stride});
  if (failed(nest(all.shape, 0, lanes, {}, [&](const Chunk &chunk) {
        storeBuffer(all, chunk, zero(chunkType(element, chunk.lanes)));
        return success();
      })))
    return failure();
  Value one = arith::ConstantOp::create(b, b.getIntegerAttr(element, 1));
  auto count = [&](Value bin, int64_t copy) {
    if (!bin.getType().isInteger(64))
      bin = arith::ExtUIOp::create(b, b.getI64Type(), bin);
    Value address = bufferAddress(all, add(bin, constant(copy * stride)));
    Value before = loadVector(address, element, 1, {}, {}, /*isArena=*/true);
    storeVector(address, arith::AddIOp::create(b, before, one), element, {},
                /*isArena=*/true);
  };
  // In a loop of their own the additions wait for nothing but each other: three
  // times as fast on a Golden Cove core as lane by lane from the registers.
  Type binType = typeOfBins(source.getElementType());
  Buffer found = allocate(binType, {numElements});
  if (failed(nest(found.shape, 0, sourceLanes, {}, [&](const Chunk &chunk) {
        storeBuffer(found, chunk, pullBins(op, chunk, numBins));
        return failure(failedPull);
      })))
    return failure();
  if (failed(nest({numElements / copies}, -1, 1, {}, [&](const Chunk &chunk) {
        for (int64_t copy = 0; copy < copies; ++copy) {
          Value at = add(mul(chunk.coords[0], copies), constant(copy));
          // Volatile, since LLVM would take the bins of a few elements lane by
          // lane from the registers again, and LLVM 22 then takes lane 0's
          // neighbour along: it drops the mask of an i64 that was two i32.
          count(LLVM::LoadOp::create(b, binType, bufferAddress(found, at),
                                     binType.getIntOrFloatBitWidth() / 8,
                                     /*isVolatile=*/true),
                copy);
        }
        return success();
      })))
    return failure();
  Buffer bins{all.offset, element, {numBins}};
  if (copies > 1 &&
      failed(nest(bins.shape, 0, lanes, {}, [&](const Chunk &chunk) {
        Value sum = loadBuffer(bins, chunk);
        for (int64_t copy = 1; copy < copies; ++copy) {
          Chunk other = chunk;
          other.coords[0] = add(chunk.coords[0], constant(copy * stride));
          sum = arith::AddIOp::create(b, sum, loadBuffer(all, other));
        }
        storeBuffer(bins, chunk, sum);
        return success();
      })))
    return failure();
  ready[op.getResult()] = bins;
  return success();
}
