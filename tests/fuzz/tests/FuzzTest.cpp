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
} // namespace

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
