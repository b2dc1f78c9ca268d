//===- FuzzTest.cpp - Does the fuzzer see anything?
//
// Part of the Tegula Project, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "ir/interp/Interpreter.h"
#include "ir/tile/Tile.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Math/IR/Math.h"
#include "mlir/Dialect/SCF/IR/SCF.h"
#include "tests/fuzz/Generator.h"
#include "tests/fuzz/Runner.h"
#include <doctest/doctest.h>

using namespace tegula;
using namespace tegula::fuzz;

namespace {
struct Context : mlir::MLIRContext {
  Context() : MLIRContext(Threading::DISABLED) {
    allowUnregisteredDialects();
    loadDialect<tile::TileDialect, mlir::arith::ArithDialect,
                mlir::math::MathDialect, mlir::scf::SCFDialect,
                mlir::func::FuncDialect>();
  }
};

Buffers interpret(const Case &test) {
  auto interpreter = ir::Interpreter::create(test.kernel());
  REQUIRE(bool(interpreter));
  Buffers buffers = makeBuffers(test);
  Slots slots = makeSlots(test, buffers);
  CHECK(llvm::toString((*interpreter)
                           ->launch({{test.programs, 1, 1},
                                     slots.slots,
                                     slots.extents})) == "");
  return buffers;
}

/// Makes one op wrong, as a bug of a target would; false if there is none.
bool breakSomething(Case &test) {
  mlir::SmallVector<mlir::Operation *> victims;
  test.module->walk([&](mlir::Operation *op) {
    if (llvm::isa<mlir::arith::AddFOp, mlir::arith::MaximumFOp,
                  mlir::arith::SelectOp, mlir::arith::XOrIOp>(op) &&
        !op->use_empty())
      victims.push_back(op);
  });
  if (victims.empty())
    return false;
  mlir::Operation *op = victims[test.seed % victims.size()];
  op->getResult(0).replaceAllUsesWith(op->getOperand(op->getNumOperands() - 1));
  return true;
}

/// The mask of the masked load that an elementwise tree of `value`'s own shape
/// reads, or null.
mlir::Value maskBehind(mlir::Value value) {
  mlir::Operation *op = value.getDefiningOp();
  if (!op)
    return {};
  if (auto load = llvm::dyn_cast<tile::LoadOp>(op))
    return load.getMask();
  if (!op->hasTrait<mlir::OpTrait::Elementwise>())
    return {};
  for (mlir::Value operand : op->getOperands())
    if (tile::shapeOf(operand.getType()) == tile::shapeOf(value.getType()))
      if (mlir::Value mask = maskBehind(operand))
        return mask;
  return {};
}

/// Garbage where the mask of a product's operand is false, if a reduction reads
/// that operand, too: so does a target that keeps the tile in a buffer up to
/// its mask and forgets the rest. False if there is no such product.
bool spoilOperand(Case &test) {
  bool isSpoilt = false;
  test.module->walk([&](tile::DotOp dot) {
    for (mlir::OpOperand &operand : dot->getOpOperands().take_front(2)) {
      mlir::OpOperand *use = &operand;
      if (auto trans = use->get().getDefiningOp<tile::TransOp>())
        use = &trans.getSrcMutable();
      mlir::Value value = use->get(), mask = maskBehind(value);
      auto type = llvm::cast<mlir::RankedTensorType>(value.getType());
      bool isReduced =
          llvm::any_of(value.getUsers(), llvm::IsaPred<tile::ReduceOp>);
      if (!mask || !isReduced)
        continue;
      mlir::OpBuilder b(use->getOwner());
      mlir::Type element = type.getElementType();
      mlir::TypedAttr hundred =
          llvm::isa<mlir::FloatType>(element)
              ? mlir::TypedAttr(b.getFloatAttr(element, 100))
              : mlir::TypedAttr(b.getIntegerAttr(element, 100));
      mlir::Value garbage = mlir::arith::ConstantOp::create(
          b, dot.getLoc(), mlir::SplatElementsAttr::get(type, hundred));
      use->set(
          mlir::arith::SelectOp::create(b, dot.getLoc(), mask, value, garbage));
      isSpoilt = true;
    }
  });
  return isSpoilt;
}
} // namespace

TEST_CASE("products of tiles that are reduced, too, mind what a mask hides") {
  Context context;
  unsigned spoilt = 0, noticed = 0;
  for (uint64_t seed = 1; seed <= 300; ++seed) {
    Case test = generate(seed, context);
    Case wrong = test.clone();
    if (!spoilOperand(wrong))
      continue;
    ++spoilt;
    noticed += !compare(test, interpret(test), interpret(wrong)).empty();
  }
  MESSAGE(noticed, " of ", spoilt, " spoilt products are noticed");
  CHECK(spoilt > 15);
  CHECK(noticed * 3 > spoilt); // A mask may be true everywhere.
}

TEST_CASE("programs write something, and a wrong op is noticed") {
  Context context;
  unsigned writing = 0, broken = 0, noticed = 0;
  for (uint64_t seed = 1; seed <= 150; ++seed) {
    Case test = generate(seed, context);
    Buffers after = interpret(test);
    writing += after != makeBuffers(test);
    CHECK(compare(test, after, interpret(test)) == "");
    Case wrong = test.clone();
    if (!breakSomething(wrong))
      continue;
    ++broken;
    noticed += !compare(test, after, interpret(wrong)).empty();
  }
  MESSAGE(writing, " of 150 programs write, ", noticed, " of ", broken,
          " wrong ones are noticed");
  CHECK(writing > 130);
  CHECK(broken > 75);
  // Many wrong ops have no effect: maxima of equal numbers, unused lanes.
  CHECK(noticed * 4 > broken);
}

TEST_CASE("a case survives its file") {
  Context context;
  for (uint64_t seed : {3, 4, 5}) {
    Case test = generate(seed, context);
    auto again = parse(print(test), context);
    REQUIRE(bool(again));
    CHECK(print(*again) == print(test));
    CHECK(interpret(*again) == interpret(test));
  }
  CHECK(llvm::toString(parse("module {}", context).takeError()) ==
        "not a reproducer: it has no fuzz.seed, fuzz.programs and "
        "fuzz.tolerances");
}

TEST_CASE("shrinking keeps what fails") {
  Context context;
  Case test = generate(7, context);
  auto hasStore = [](const Case &smaller) {
    bool found = false;
    smaller.module.get().walk([&](tile::StoreOp) { found = true; });
    return found;
  };
  REQUIRE(hasStore(test));
  size_t before = 0, after = 0;
  test.module->walk([&](mlir::Operation *) { ++before; });
  Case smaller = shrink(std::move(test), hasStore);
  smaller.module->walk([&](mlir::Operation *) { ++after; });
  CHECK(hasStore(smaller));
  CHECK(after < 30);
  CHECK(after < before);
}

TEST_CASE("the same seed makes the same program") {
  Context context;
  CHECK(print(generate(11, context)) == print(generate(11, context)));
  CHECK(print(generate(11, context)) != print(generate(12, context)));
}
