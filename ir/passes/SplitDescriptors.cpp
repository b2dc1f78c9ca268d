//===- SplitDescriptors.cpp - Descriptors travel in parts -----------------===//
//
// Part of the Tegula Project, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "ir/passes/Passes.h"
#include "ir/tile/Tile.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/Dialect/SCF/IR/SCF.h"
#include "mlir/Dialect/SCF/Transforms/Patterns.h"
#include "mlir/Pass/PassManager.h"
#include "mlir/Transforms/DialectConversion.h"
#include "mlir/Transforms/Passes.h"

using namespace mlir;
using namespace tegula;

namespace tegula::ir {
#define GEN_PASS_DEF_SPLITDESCRIPTORS
#include "ir/passes/Passes.h.inc"
} // namespace tegula::ir

//===----------------------------------------------------------------------===//
// Arguments
//===----------------------------------------------------------------------===//

/// An argument that is a descriptor becomes its base pointer, its sizes (i32)
/// and its strides (i64), made a descriptor again inside. The parts are named
/// after it: d, d.shape0, d.shape1, ..., d.stride0, ...
static LogicalResult expandArguments(func::FuncOp function) {
  Block &entry = function.getBody().front();
  OpBuilder builder(function.getContext());
  for (unsigned i = 0; i < function.getNumArguments(); ++i) {
    auto desc = dyn_cast<tile::DescType>(function.getArgument(i).getType());
    if (!desc)
      continue;
    Location loc = function.getArgument(i).getLoc();
    auto name =
        function.getArgAttrOfType<StringAttr>(i, tile::TileDialect::kNameAttr);
    std::string prefix = name ? name.str() : "arg" + std::to_string(i);
    unsigned rank = desc.getShape().size(), next = i + 1;
    auto insert = [&](Type type, const std::string &suffix) {
      auto attributes = builder.getDictionaryAttr(
          builder.getNamedAttr(tile::TileDialect::kNameAttr,
                               builder.getStringAttr(prefix + suffix)));
      return function.insertArgument(next++, type, attributes, loc);
    };
    auto pointer = tile::PtrType::get(desc.getElementType());
    if (failed(insert(pointer, "")))
      return failure();
    for (unsigned d = 0; d < rank; ++d)
      if (failed(insert(builder.getI32Type(), ".shape" + std::to_string(d))))
        return failure();
    for (unsigned d = 0; d < rank; ++d)
      if (failed(insert(builder.getI64Type(), ".stride" + std::to_string(d))))
        return failure();
    ValueRange parts(ArrayRef<BlockArgument>(function.getArguments())
                         .slice(i + 1, 1 + 2 * rank));
    builder.setInsertionPointToStart(&entry);
    Value made = tile::MakeDescOp::create(
        builder, loc, desc, parts[0], parts.slice(1, rank),
        parts.slice(1 + rank, rank), tile::Padding::Zero);
    function.getArgument(i).replaceAllUsesWith(made);
    if (failed(function.eraseArgument(i)))
      return failure();
    i += 2 * rank;
  }
  return success();
}

//===----------------------------------------------------------------------===//
// Branches, loops and choices
//===----------------------------------------------------------------------===//

/// Base, sizes and strides.
static SmallVector<Type> partsOf(tile::DescType type) {
  MLIRContext *context = type.getContext();
  size_t rank = type.getShape().size();
  SmallVector<Type> parts = {tile::PtrType::get(type.getElementType())};
  parts.append(rank, IntegerType::get(context, 32));
  parts.append(rank, IntegerType::get(context, 64));
  return parts;
}

/// What reads outside of an array give isn't a part that can be chosen: the
/// padding that all descriptors of the kernel have, if it is one.
static FailureOr<tile::Padding> commonPadding(func::FuncOp function) {
  std::optional<tile::Padding> padding;
  bool differs = false;
  function.walk([&](tile::MakeDescOp made) {
    differs |= padding && *padding != made.getPadding();
    padding = made.getPadding();
  });
  if (differs)
    return failure();
  return padding.value_or(tile::Padding::Zero);
}

namespace {
class PartsConverter : public TypeConverter {
public:
  explicit PartsConverter(tile::Padding padding) {
    addConversion([](Type type) { return type; });
    addConversion([](tile::DescType type, SmallVectorImpl<Type> &parts) {
      parts.append(partsOf(type));
      return success();
    });
    addSourceMaterialization([padding](OpBuilder &b, tile::DescType type,
                                       ValueRange parts, Location loc) {
      size_t rank = type.getShape().size();
      return tile::MakeDescOp::create(b, loc, type, parts.front(),
                                      parts.slice(1, rank),
                                      parts.slice(1 + rank, rank), padding)
          .getResult();
    });
    addTargetMaterialization([](OpBuilder &, TypeRange, ValueRange values,
                                Location) -> SmallVector<Value> {
      if (values.size() == 1)
        if (auto made = values.front().getDefiningOp<tile::MakeDescOp>())
          return llvm::to_vector(made->getOperands());
      return {};
    });
  }
};

struct SplitSelect : OpConversionPattern<arith::SelectOp> {
  using OpConversionPattern::OpConversionPattern;
  LogicalResult
  matchAndRewrite(arith::SelectOp op, OneToNOpAdaptor adaptor,
                  ConversionPatternRewriter &rewriter) const override {
    SmallVector<Value> parts;
    for (auto [yes, no] :
         llvm::zip(adaptor.getTrueValue(), adaptor.getFalseValue()))
      parts.push_back(arith::SelectOp::create(rewriter, op.getLoc(),
                                              op.getCondition(), yes, no));
    rewriter.replaceOpWithMultiple(op, {parts});
    return success();
  }
};
} // namespace

/// The op that hands on a descriptor, if there is one.
static Operation *findCarrier(func::FuncOp function) {
  Operation *carrier = nullptr;
  function.walk([&](Operation *op) {
    bool carries = !isa<tile::MakeDescOp>(op) &&
                   llvm::any_of(op->getResultTypes(), [](Type type) {
                     return isa<tile::DescType>(type);
                   });
    if (carries)
      carrier = op;
    return carries ? WalkResult::interrupt() : WalkResult::advance();
  });
  return carrier;
}

static LogicalResult splitCarried(func::FuncOp function) {
  FailureOr<tile::Padding> padding = commonPadding(function);
  if (failed(padding))
    return findCarrier(function)->emitError()
           << "descriptors that branches choose from or loops change must have "
              "the same padding_option in the whole kernel";
  MLIRContext *context = function.getContext();
  PartsConverter converter(*padding);
  RewritePatternSet patterns(context);
  ConversionTarget target(*context);
  target.markUnknownOpDynamicallyLegal([](Operation *) { return true; });
  scf::populateSCFStructuralTypeConversionsAndLegality(converter, patterns,
                                                       target);
  patterns.add<SplitSelect>(converter, context);
  target.addDynamicallyLegalOp<arith::SelectOp>([](Operation *op) {
    return !isa<tile::DescType>(op->getResult(0).getType());
  });
  return applyPartialConversion(function, target, std::move(patterns));
}

namespace {
struct SplitDescriptors
    : tegula::ir::impl::SplitDescriptorsBase<SplitDescriptors> {
  void runOnOperation() override {
    func::FuncOp function = getOperation();
    if (function.isExternal())
      return;
    if (failed(expandArguments(function)))
      return signalPassFailure();
    if (!findCarrier(function))
      return;
    // Strides and sizes that are the same constant on all ways stay known.
    OpPassManager constants(func::FuncOp::getOperationName());
    constants.addPass(createSCCPPass());
    if (failed(splitCarried(function)) ||
        failed(runPipeline(constants, function)))
      signalPassFailure();
  }
};
} // namespace
