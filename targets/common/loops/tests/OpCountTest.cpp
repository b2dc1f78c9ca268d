//===- OpCountTest.cpp - The size of the code does not follow the tile ----===//
//
// Part of the Tegula Project, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "ir/tile/Tile.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/Dialect/Math/IR/Math.h"
#include "mlir/Dialect/SCF/IR/SCF.h"
#include "mlir/Parser/Parser.h"
#include "mlir/Pass/PassManager.h"
#include "targets/common/loops/Loops.h"
#include <doctest/doctest.h>

using namespace mlir;
using namespace tegula;

/// Replaces each `$N` of a kernel's text by a number.
static std::string fill(std::string text, int64_t n) {
  for (size_t at; (at = text.find("$N")) != std::string::npos;)
    text.replace(at, 2, std::to_string(n));
  return text;
}

/// Ops of the loop form of a kernel for 512-bit vectors.
static int64_t countOps(const std::string &text) {
  DialectRegistry registry;
  registry.insert<tile::TileDialect, arith::ArithDialect, func::FuncDialect,
                  math::MathDialect, scf::SCFDialect>();
  MLIRContext context(registry, MLIRContext::Threading::DISABLED);
  auto module = parseSourceString<ModuleOp>(text, ParserConfig(&context));
  REQUIRE(bool(module));
  targets::TargetDesc desc;
  desc.name = "test";
  desc.vectorBits = 512;
  desc.maskedBits = 8;
  desc.hasFma = true;
  desc.microTile = {14, 2};
  PassManager pm(&context);
  pm.addPass(loops::createLowerToLoopsPass(desc));
  REQUIRE(succeeded(pm.run(*module)));
  int64_t count = 0;
  module->walk([&](Operation *) { ++count; });
  return count;
}

static const char *kSoftmax = R"(
func.func @softmax(%x: !tile.ptr<f32>, %y: !tile.ptr<f32>, %n: i64) {
  %c0 = arith.constant 0 : i64
  %c1 = arith.constant 1 : i64
  %low = arith.constant dense<0xFF800000> : tensor<$Nxf32>
  %x0 = tile.load_box %x start(%c0) stride(%c1) lower(%c0) upper(%n)
    other %low : tensor<$Nxf32> : !tile.ptr<f32> -> tensor<$Nxf32>
  %max = tile.reduce %x0 axis 0 : (tensor<$Nxf32>) -> f32 {
  ^bb0(%a: f32, %b: f32):
    %m = arith.maxnumf %a, %b : f32
    tile.yield %m : f32
  }
  %maxes = tile.splat %max : f32 -> tensor<$Nxf32>
  %d = arith.subf %x0, %maxes : tensor<$Nxf32>
  %e = math.exp %d : tensor<$Nxf32>
  %sum = tile.reduce %e axis 0 : (tensor<$Nxf32>) -> f32 {
  ^bb0(%a: f32, %b: f32):
    %s = arith.addf %a, %b : f32
    tile.yield %s : f32
  }
  %sums = tile.splat %sum : f32 -> tensor<$Nxf32>
  %r = arith.divf %e, %sums : tensor<$Nxf32>
  tile.store_box %y, %r start(%c0) stride(%c1) lower(%c0) upper(%n)
    : !tile.ptr<f32>, tensor<$Nxf32>
  return
}
)";

static const char *kDot = R"(
func.func @dot(%a: !tile.ptr<f32>, %b: !tile.ptr<f32>, %z: !tile.ptr<f32>, %n: i32) {
  %i0 = arith.constant 0 : i32
  %i1 = arith.constant 1 : i32
  %c0 = arith.constant 0 : i64
  %c1 = arith.constant 1 : i64
  %c64 = arith.constant 64 : i64
  %c256 = arith.constant 256 : i64
  %rows = arith.constant $N : i64
  %zero = arith.constant dense<0.0> : tensor<$Nx256xf32>
  %r = scf.for %i = %i0 to %n step %i1 iter_args(%acc = %zero) -> (tensor<$Nx256xf32>) : i32 {
    %at = tile.ptr_add %a, %i : !tile.ptr<f32>, i32
    %bt = tile.ptr_add %b, %i : !tile.ptr<f32>, i32
    %l = tile.load_box %at start(%c0, %c0) stride(%c64, %c1) lower(%c0, %c0)
      upper(%rows, %c64) : !tile.ptr<f32> -> tensor<$Nx64xf32>
    %m = tile.load_box %bt start(%c0, %c0) stride(%c256, %c1) lower(%c0, %c0)
      upper(%c64, %c256) : !tile.ptr<f32> -> tensor<64x256xf32>
    %d = tile.dot %l, %m, %acc : tensor<$Nx64xf32>, tensor<64x256xf32> -> tensor<$Nx256xf32>
    scf.yield %d : tensor<$Nx256xf32>
  }
  tile.store_box %z, %r start(%c0, %c0) stride(%c256, %c1) lower(%c0, %c0)
    upper(%rows, %c256) : !tile.ptr<f32>, tensor<$Nx256xf32>
  return
}
)";

/// v = v * v + v, `depth` times: 2^depth paths through 2 * depth ops.
static std::string diamonds(int64_t depth, const std::string &loadOrRange) {
  std::string text = R"(
func.func @diamonds(%x: !tile.ptr<f32>, %y: !tile.ptr<f32>, %n: i64) {
  %c0 = arith.constant 0 : i64
  %c1 = arith.constant 1 : i64
)" + loadOrRange;
  for (int64_t i = 0; i < depth; ++i) {
    std::string v = std::to_string(i), next = std::to_string(i + 1);
    text += "  %s" + v + " = arith.mulf %v" + v + ", %v" + v +
            " : tensor<4096xf32>\n  %v" + next + " = arith.addf %s" + v +
            ", %v" + v + " : tensor<4096xf32>\n";
  }
  return text + "  tile.store_box %y, %v" + std::to_string(depth) + R"(
    start(%c0) stride(%c1) lower(%c0) upper(%n) : !tile.ptr<f32>, tensor<4096xf32>
  return
}
)";
}

TEST_CASE("softmax has the same code for any block") {
  int64_t small = countOps(fill(kSoftmax, 256));
  CHECK(countOps(fill(kSoftmax, 16384)) * 10 <= small * 11);
  CHECK(countOps(fill(kSoftmax, 65536)) * 10 <= small * 11);
  CHECK(small < 450);
}

TEST_CASE("code grows with the length of a chain, not with its paths") {
  for (const char *source :
       {"  %v0 = tile.load_box %x start(%c0) stride(%c1) lower(%c0) upper(%n)\n"
        "    : !tile.ptr<f32> -> tensor<4096xf32>\n",
        "  %i = tile.range 0 to 4096 : tensor<4096xi32>\n"
        "  %v0 = arith.sitofp %i : tensor<4096xi32> to tensor<4096xf32>\n"}) {
    int64_t at10 = countOps(diamonds(10, source));
    int64_t at20 = countOps(diamonds(20, source));
    int64_t at80 = countOps(diamonds(80, source));
    CAPTURE(at10);
    CAPTURE(at20);
    CAPTURE(at80);
    // Each nest (with and without a mask, streaming or not, copied or not) has
    // each of the chain's 160 ops once.
    CHECK(at80 - at10 <= 16 * 2 * 70);
    CHECK(at80 - at20 <= (at20 - at10) * 6 * 11 / 10);
  }
}

TEST_CASE("a product of more rows has the same code") {
  int64_t at128 = countOps(fill(kDot, 128));
  CHECK(countOps(fill(kDot, 256)) <= at128 * 11 / 10);
  // Rows that are no multiple of the micro-tile cost one more kernel at most.
  CHECK(countOps(fill(kDot, 131)) <= at128 * 2);
  CHECK(countOps(fill(kDot, 1)) <= at128);
}
