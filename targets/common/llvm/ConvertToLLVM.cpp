//===- ConvertToLLVM.cpp - All dialects of a kernel to LLVM's -------------===//
//
// Part of the Tegula Project, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "targets/common/llvm/Passes.h"

#include "mlir/Conversion/ArithToLLVM/ArithToLLVM.h"
#include "mlir/Conversion/ControlFlowToLLVM/ControlFlowToLLVM.h"
#include "mlir/Conversion/FuncToLLVM/ConvertFuncToLLVM.h"
#include "mlir/Conversion/IndexToLLVM/IndexToLLVM.h"
#include "mlir/Conversion/LLVMCommon/ConversionTarget.h"
#include "mlir/Conversion/LLVMCommon/TypeConverter.h"
#include "mlir/Conversion/MathToLLVM/MathToLLVM.h"
#include "mlir/Conversion/UBToLLVM/UBToLLVM.h"
#include "mlir/Conversion/VectorToLLVM/ConvertVectorToLLVM.h"
#include "mlir/Dialect/UB/IR/UBOps.h"
#include "mlir/Dialect/Vector/Transforms/LoweringPatterns.h"
#include "mlir/Dialect/Vector/Transforms/VectorRewritePatterns.h"
#include "mlir/Transforms/GreedyPatternRewriteDriver.h"

using namespace mlir;

namespace tegula::targets {
#define GEN_PASS_DEF_CONVERTTOLLVM
#include "targets/common/llvm/Passes.h.inc"
} // namespace tegula::targets

namespace {

/// Transposes n rows of n lanes by shuffles of two rows, n/2 pairs in each of
/// log2(n) rounds. Those that stay within 128 bits are the cheap ones, so rows
/// are first interleaved within such blocks; then the blocks change places.
class Rows {
public:
  Rows(PatternRewriter &rewriter, Location loc, Value square)
      : rewriter(rewriter), loc(loc), type(cast<VectorType>(square.getType())),
        n(type.getDimSize(0)),
        block(std::clamp<int64_t>(128 / type.getElementTypeBitWidth(), 1, n)) {
    for (int64_t i = 0; i < n; ++i)
      rows.push_back(vector::ExtractOp::create(rewriter, loc, square, i));
  }

  Value transposed() {
    for (int64_t round = 1; round < block; round *= 2)
      interleave();
    for (int64_t round = block; round < n; round *= 2)
      separate();
    Value result = ub::PoisonOp::create(rewriter, loc, type);
    for (int64_t i = 0; i < n; ++i)
      result = vector::InsertOp::create(rewriter, loc, rows[i], result, i);
    return result;
  }

private:
  /// Row i of each `block` rows with row i + block / 2, block by block of
  /// lanes.
  void interleave() {
    SmallVector<Value> next(n);
    int64_t half = block / 2;
    for (int64_t i = 0; i < n / 2; ++i) {
      int64_t first = i / half * block + i % half;
      for (int64_t high : {0, 1})
        next[first + i % half + high] =
            shuffle(first, first + half, [&](int64_t lane) {
              int64_t at = lane % block;
              return lane - at + high * half + at / 2 + at % 2 * n;
            });
    }
    rows = std::move(next);
  }

  /// The even blocks of lanes of two rows go to one row, the odd ones to
  /// another.
  void separate() {
    SmallVector<Value> next(n);
    for (int64_t i = 0; i < n / 2; ++i) {
      int64_t first = 2 * (i / block) * block + i % block;
      for (int64_t odd : {0, 1})
        next[i + odd * n / 2] =
            shuffle(first, first + block, [&](int64_t lane) {
              return (2 * (lane / block) + odd) * block + lane % block;
            });
    }
    rows = std::move(next);
  }

  Value shuffle(int64_t first, int64_t second,
                function_ref<int64_t(int64_t)> from) {
    auto lanes = llvm::map_to_vector(llvm::seq<int64_t>(0, n), from);
    return vector::ShuffleOp::create(rewriter, loc, rows[first], rows[second],
                                     lanes);
  }

  PatternRewriter &rewriter;
  Location loc;
  VectorType type;
  int64_t n, block;
  SmallVector<Value> rows;
};

/// Upstream's lowering is one shuffle of all n * n lanes, which code generators
/// take apart lane by lane.
struct TransposeSquare : OpRewritePattern<vector::TransposeOp> {
  using OpRewritePattern::OpRewritePattern;
  LogicalResult matchAndRewrite(vector::TransposeOp op,
                                PatternRewriter &rewriter) const override {
    VectorType type = op.getSourceVectorType();
    if (type.getRank() != 2 || type.isScalable() ||
        op.getPermutation() != ArrayRef<int64_t>{1, 0})
      return failure();
    int64_t n = type.getDimSize(0);
    if (n != type.getDimSize(1) || !llvm::isPowerOf2_64(n) || n == 1)
      return failure();
    rewriter.replaceOp(
        op, Rows(rewriter, op.getLoc(), op.getVector()).transposed());
    return success();
  }
};

/// Turns vector operations without an LLVM counterpart into ones that have.
LogicalResult lowerVectors(Operation *root) {
  RewritePatternSet patterns(root->getContext());
  patterns.add<TransposeSquare>(root->getContext(), /*benefit=*/2);
  vector::populateVectorTransposeLoweringPatterns(
      patterns, vector::VectorTransposeLowering::Shuffle1D);
  vector::populateVectorShapeCastLoweringPatterns(patterns);
  vector::populateVectorBroadcastLoweringPatterns(patterns);
  vector::populateVectorMultiReductionLoweringPatterns(
      patterns, vector::VectorMultiReductionLowering::InnerReduction);
  vector::populateVectorMaskOpLoweringPatterns(patterns);
  vector::populateVectorStepLoweringPatterns(patterns);
  vector::populateVectorInterleaveLoweringPatterns(patterns);
  vector::populateVectorBitCastLoweringPatterns(patterns);
  vector::populateVectorShuffleLoweringPatterns(patterns);
  vector::populateVectorRankReducingFMAPattern(patterns);
  vector::populateVectorOuterProductLoweringPatterns(patterns);
  vector::populateVectorInsertExtractStridedSliceTransforms(patterns);
  return applyPatternsGreedily(
      root, std::move(patterns),
      GreedyRewriteConfig().enableFolding(false).setRegionSimplificationLevel(
          GreedySimplifyRegionLevel::Disabled));
}

struct ConvertToLLVM : tegula::targets::impl::ConvertToLLVMBase<ConvertToLLVM> {
  void runOnOperation() override {
    MLIRContext *context = &getContext();
    if (failed(lowerVectors(getOperation())))
      return signalPassFailure();
    LowerToLLVMOptions options(context);
    LLVMTypeConverter converter(context, options);
    RewritePatternSet patterns(context);
    vector::populateVectorRankReducingFMAPattern(patterns);
    // The order of a reduction's operations is free.
    populateVectorToLLVMConversionPatterns(converter, patterns,
                                           /*reassociateFPReductions=*/true);
    arith::populateArithToLLVMConversionPatterns(converter, patterns);
    populateMathToLLVMConversionPatterns(converter, patterns,
                                         /*approximateLog1p=*/false);
    index::populateIndexToLLVMConversionPatterns(converter, patterns);
    cf::populateControlFlowToLLVMConversionPatterns(converter, patterns);
    populateFuncToLLVMConversionPatterns(converter, patterns);
    ub::populateUBToLLVMConversionPatterns(converter, patterns);
    LLVMConversionTarget target(*context);
    target.addLegalOp<ModuleOp>();
    if (failed(
            applyFullConversion(getOperation(), target, std::move(patterns))))
      signalPassFailure();
  }
};

} // namespace
