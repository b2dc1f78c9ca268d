//===- ConvertToTile.cpp - Ops of tt to ops of tile -----------------------===//
//
// Part of the Tegula Project, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "frontend/ttir/Convert.h"
#include "ir/tile/Tile.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/Dialect/GPU/IR/GPUDialect.h"
#include "mlir/Dialect/LLVMIR/LLVMDialect.h"
#include "mlir/Dialect/Math/IR/Math.h"
#include "mlir/Dialect/SCF/IR/SCF.h"
#include "mlir/Dialect/UB/IR/UBOps.h"
#include "mlir/IR/AttrTypeSubElements.h"
#include "mlir/IR/BuiltinDialect.h"
#include "mlir/Transforms/WalkPatternRewriteDriver.h"

using namespace mlir;
using namespace tegula::frontend;
namespace tile = tegula::tile;

//===----------------------------------------------------------------------===//
// What isn't Triton's own
//===----------------------------------------------------------------------===//

/// A promise that nothing here relies on, or a wait for other threads or
/// kernels, of which a program has none.
template <typename Op>
static LogicalResult eraseOp(Op op, PatternRewriter &rewriter) {
  rewriter.eraseOp(op);
  return success();
}

/// What is never looked at may be 0.
static Value zeroOf(OpBuilder &b, Location loc, Type type) {
  if (auto tensor = dyn_cast<RankedTensorType>(type);
      tensor && isa<tt::PtrType>(tensor.getElementType())) {
    Value scalar = zeroOf(b, loc, tensor.getElementType());
    return tile::SplatOp::create(b, loc, type, scalar);
  }
  if (isa<tt::PtrType>(type))
    return tile::IntToPtrOp::create(b, loc, type,
                                    zeroOf(b, loc, b.getI64Type()));
  if (auto desc = dyn_cast<tt::DescType>(type)) {
    Type element = tt::signless(desc.getElementType());
    Value base = zeroOf(b, loc, tt::PtrType::get(b.getContext(), element, {}));
    size_t rank = desc.getShape().size();
    SmallVector<Value> sizes(rank, zeroOf(b, loc, b.getI32Type()));
    SmallVector<Value> strides(rank, zeroOf(b, loc, b.getI64Type()));
    return tile::MakeDescOp::create(b, loc, type, base, sizes, strides,
                                    tile::Padding::Zero);
  }
  return arith::ConstantOp::create(b, loc, b.getZeroAttr(type));
}

static LogicalResult convertPoison(ub::PoisonOp op, PatternRewriter &rewriter) {
  rewriter.replaceOp(op, zeroOf(rewriter, op.getLoc(), op.getType()));
  return success();
}

/// Lifting makes switches where blocks have several ways to go; targets know
/// scf.if.
static LogicalResult convertSwitch(scf::IndexSwitchOp op,
                                   PatternRewriter &rewriter) {
  if (op.getCases().empty())
    return failure();
  Location loc = op.getLoc();
  auto take = [&](Region &from, Region &to) {
    rewriter.eraseBlock(&to.front());
    rewriter.inlineRegionBefore(from, to, to.end());
  };
  auto cases = llvm::zip(op.getCases(), op.getCaseRegions());
  scf::IfOp outermost;
  for (auto [number, region] : cases) {
    Value constant = arith::ConstantIndexOp::create(rewriter, loc, number);
    Value isCase = arith::CmpIOp::create(
        rewriter, loc, arith::CmpIPredicate::eq, op.getArg(), constant);
    auto branch = scf::IfOp::create(rewriter, loc, op.getResultTypes(), isCase,
                                    /*addThenBlock=*/true,
                                    /*addElseBlock=*/true);
    take(region, branch.getThenRegion());
    if (!outermost)
      outermost = branch;
    else if (branch.getNumResults())
      scf::YieldOp::create(rewriter, loc, branch.getResults());
    rewriter.setInsertionPointToStart(&branch.getElseRegion().front());
  }
  Operation *innermost = rewriter.getInsertionBlock()->getParentOp();
  take(op.getDefaultRegion(), cast<scf::IfOp>(innermost).getElseRegion());
  rewriter.replaceOp(op, outermost);
  return success();
}

static RewritePatternSet allPatterns(MLIRContext *context) {
  RewritePatternSet patterns(context);
  tt::addShapePatterns(patterns);
  tt::addMemoryPatterns(patterns);
  tt::addComputePatterns(patterns);
  tt::addExternPatterns(patterns);
  patterns.add(convertPoison);
  patterns.add(convertSwitch);
  patterns.add(eraseOp<LLVM::AssumeOp>);
  patterns.add(eraseOp<gpu::BarrierOp>);
  patterns.add(eraseOp<tt::BarrierOp>);
  patterns.add(eraseOp<tt::GridDependencyWaitOp>);
  patterns.add(eraseOp<tt::GridDependencyLaunchOp>);
  return patterns;
}

//===----------------------------------------------------------------------===//
// Everything at once
//===----------------------------------------------------------------------===//

static void convertTypes(ModuleOp module) {
  AttrTypeReplacer replacer;
  replacer.addReplacement([](tt::PtrType type) -> Type {
    return tile::PtrType::get(type.getContext(), type.getPointeeType());
  });
  replacer.addReplacement([](tt::DescType type) -> Type {
    return tile::DescType::get(type.getContext(), type.getShape(),
                               tt::signless(type.getElementType()));
  });
  replacer.recursivelyReplaceElementsIn(module, /*replaceAttrs=*/true,
                                        /*replaceLocs=*/false,
                                        /*replaceTypes=*/true);
}

/// Hints to other compilers (`tt.num_stages`, `llvm.loop_annotation`).
static void dropHints(Operation *op) {
  SmallVector<StringAttr> names;
  for (NamedAttribute attribute : op->getDiscardableAttrs())
    names.push_back(attribute.getName());
  for (StringAttr name : names)
    op->removeDiscardableAttr(name);
}

/// A converter that refused has said why; the others have not been asked.
static LogicalResult refuseRest(ModuleOp module) {
  bool refused = false;
  module.walk([&](Operation *op) {
    if (isa<BuiltinDialect, tile::TileDialect, arith::ArithDialect,
            func::FuncDialect, math::MathDialect, scf::SCFDialect>(
            op->getDialect()))
      return;
    refused = true;
    if (auto text = dyn_cast<tt::InlineAsmOp>(op)) {
      op->emitError() << "'tt.elementwise_inline_asm' is assembly of one "
                         "machine and can't be compiled for others: \""
                      << text.getText() << '"';
      return;
    }
    if (!isa<tt::ExternElementwiseOp>(op))
      op->emitError() << "'" << op->getName()
                      << "' isn't supported by the TTIR frontend";
  });
  return failure(refused);
}

LogicalResult tt::convertToTile(ModuleOp module) {
  FrozenRewritePatternSet patterns(allPatterns(module.getContext()));
  walkAndApplyPatterns(module, patterns);
  if (failed(refuseRest(module)))
    return failure();
  module.walk(dropHints);
  convertTypes(module);
  return success();
}
