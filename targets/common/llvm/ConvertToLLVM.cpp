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

/// A square transpose in log2(n) rounds of two-row shuffles: round d swaps the
/// lane bit d with the row bit d. Upstream's lowering is one shuffle of all
/// n * n lanes, which code generators take apart lane by lane.
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
    Location loc = op.getLoc();
    SmallVector<Value> rows;
    for (int64_t i = 0; i < n; ++i)
      rows.push_back(
          vector::ExtractOp::create(rewriter, loc, op.getVector(), i));
    for (int64_t d = 1; d < n; d *= 2)
      for (int64_t i = 0; i < n; ++i) {
        if (i & d)
          continue;
        SmallVector<int64_t> low, high;
        for (int64_t lane = 0; lane < n; ++lane) {
          low.push_back(lane & d ? n + (lane ^ d) : lane);
          high.push_back(lane & d ? n + lane : lane ^ d);
        }
        Value first = rows[i], second = rows[i | d];
        rows[i] = vector::ShuffleOp::create(rewriter, loc, first, second, low);
        rows[i | d] =
            vector::ShuffleOp::create(rewriter, loc, first, second, high);
      }
    Value result = ub::PoisonOp::create(rewriter, loc, type);
    for (int64_t i = 0; i < n; ++i)
      result = vector::InsertOp::create(rewriter, loc, rows[i], result, i);
    rewriter.replaceOp(op, result);
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
