//===- ConvertMemory.cpp - Loads, stores, descriptors, atomics ------------===//
//
// Part of the Tegula Project, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "frontend/ttir/Convert.h"
#include "ir/tile/Tile.h"

using namespace mlir;
using namespace tegula::frontend;
namespace tile = tegula::tile;

// The enumerations of both dialects share their words, but for a few.

template <typename Op> static tile::CacheModifier cacheOf(Op op) {
  tt::CacheModifier cache = op.getCachePolicy()
                                ? op.getCachePolicy()->getCacheModifier()
                                : op.getCache();
  return *tile::symbolizeCacheModifier(tt::stringifyCacheModifier(cache));
}

template <typename Op> static tile::EvictionPolicy evictOf(Op op) {
  tt::EvictionPolicy evict = op.getCachePolicy()
                                 ? op.getCachePolicy()->getEvictionPolicy()
                                 : op.getEvict();
  StringRef word = tt::stringifyEvictionPolicy(evict);
  word.consume_front("evict_");
  return *tile::symbolizeEvictionPolicy(word);
}

static tile::AtomicKind kindOf(tt::AtomicKind kind) {
  if (kind == tt::AtomicKind::Exch)
    return tile::AtomicKind::Xchg;
  return *tile::symbolizeAtomicKind(tt::stringifyAtomicKind(kind));
}

template <typename Op> static tile::MemoryOrder orderOf(Op op) {
  return *tile::symbolizeMemoryOrder(tt::stringifyMemoryOrder(op.getOrder()));
}

template <typename Op> static tile::MemoryScope scopeOf(Op op) {
  return *tile::symbolizeMemoryScope(tt::stringifyMemoryScope(op.getScope()));
}

static LogicalResult convertLoad(tt::LoadOp op, PatternRewriter &rewriter) {
  rewriter.replaceOpWithNewOp<tile::LoadOp>(
      op, op.getType(), op.getPtr(), op.getMask(), op.getOther(), cacheOf(op),
      evictOf(op), op.getIsVolatile());
  return success();
}

static LogicalResult convertStore(tt::StoreOp op, PatternRewriter &rewriter) {
  rewriter.replaceOpWithNewOp<tile::StoreOp>(
      op, op.getPtr(), op.getValue(), op.getMask(), cacheOf(op), evictOf(op));
  return success();
}

static LogicalResult convertMakeDesc(tt::MakeTensorDescOp op,
                                     PatternRewriter &rewriter) {
  rewriter.replaceOpWithNewOp<tile::MakeDescOp>(
      op, op.getType(), op.getBase(), op.getShape(), op.getStrides(),
      *tile::symbolizePadding(tt::stringifyPadding(op.getPadding())));
  return success();
}

template <typename Op>
static LogicalResult convertDescLoad(Op op, PatternRewriter &rewriter) {
  rewriter.replaceOpWithNewOp<tile::DescLoadOp>(op, op.getType(), op.getDesc(),
                                                op.getIndices(), cacheOf(op),
                                                evictOf(op));
  return success();
}

template <typename Op>
static LogicalResult convertDescStore(Op op, PatternRewriter &rewriter) {
  rewriter.replaceOpWithNewOp<tile::DescStoreOp>(op, op.getDesc(),
                                                 op.getIndices(), op.getSrc());
  return success();
}

static LogicalResult convertDescReduce(tt::DescReduceOp op,
                                       PatternRewriter &rewriter) {
  auto kind = *tile::symbolizeAtomicKind(tt::stringifyReduceKind(op.getKind()));
  // The descriptor alone knows whether its integers have a sign.
  if (op.getDesc().getType().getElementType().isUnsignedInteger()) {
    if (kind == tile::AtomicKind::Max)
      kind = tile::AtomicKind::UMax;
    if (kind == tile::AtomicKind::Min)
      kind = tile::AtomicKind::UMin;
  }
  rewriter.replaceOpWithNewOp<tile::DescReduceOp>(op, kind, op.getDesc(),
                                                  op.getIndices(), op.getSrc());
  return success();
}

static LogicalResult convertDescGather(tt::DescGatherOp op,
                                       PatternRewriter &rewriter) {
  rewriter.replaceOpWithNewOp<tile::DescGatherOp>(
      op, op.getType(), op.getDesc(), op.getRows(), op.getColumn());
  return success();
}

static LogicalResult convertDescScatter(tt::DescScatterOp op,
                                        PatternRewriter &rewriter) {
  rewriter.replaceOpWithNewOp<tile::DescScatterOp>(
      op, op.getDesc(), op.getRows(), op.getColumn(), op.getSrc());
  return success();
}

static LogicalResult convertAtomicRMW(tt::AtomicRMWOp op,
                                      PatternRewriter &rewriter) {
  rewriter.replaceOpWithNewOp<tile::AtomicRMWOp>(
      op, op.getType(), kindOf(op.getKind()), orderOf(op), scopeOf(op),
      op.getPtr(), op.getValue(), op.getMask());
  return success();
}

static LogicalResult convertAtomicCAS(tt::AtomicCASOp op,
                                      PatternRewriter &rewriter) {
  rewriter.replaceOpWithNewOp<tile::AtomicCASOp>(
      op, op.getType(), orderOf(op), scopeOf(op), op.getPtr(), op.getExpected(),
      op.getValue());
  return success();
}

static LogicalResult convertAtomicPoll(tt::AtomicPollOp op,
                                       PatternRewriter &rewriter) {
  rewriter.replaceOpWithNewOp<tile::AtomicPollOp>(
      op, op.getType(), orderOf(op), scopeOf(op), op.getPtr(), op.getExpected(),
      op.getTimeout());
  return success();
}

void tt::addMemoryPatterns(RewritePatternSet &patterns) {
  patterns.add(convertLoad);
  patterns.add(convertStore);
  patterns.add(convertMakeDesc);
  patterns.add(convertDescLoad<tt::DescLoadOp>);
  patterns.add(convertDescLoad<tt::ExperimentalDescLoadOp>);
  patterns.add(convertDescStore<tt::DescStoreOp>);
  patterns.add(convertDescStore<tt::ExperimentalDescStoreOp>);
  patterns.add(convertDescReduce);
  patterns.add(convertDescGather);
  patterns.add(convertDescScatter);
  patterns.add(convertAtomicRMW);
  patterns.add(convertAtomicCAS);
  patterns.add(convertAtomicPoll);
}
