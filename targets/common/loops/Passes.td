//===- Passes.td - Lowering tiles to loop nests ------------*- tablegen -*-===//

#ifndef TEGULA_TARGETS_COMMON_LOOPS_PASSES_TD
#define TEGULA_TARGETS_COMMON_LOOPS_PASSES_TD

include "mlir/Pass/PassBase.td"

def LowerToLoops : Pass<"tegula-lower-to-loops", "::mlir::ModuleOp"> {
  let summary = "Turn each kernel into loop nests over vectors";
  let description = [{
    Takes raised tile IR (`func.func` kernels of `tile`, `arith`, `math` and
    `scf` on tensors) and leaves one `func.func @tegula_entry` for each, of `scf`
    loops, `arith`/`math`/`vector` ops on scalars and 1-D vectors and `llvm`
    memory ops: no tensor is left. Tiles that must be kept live in the arena at
    constant offsets; attribute `tegula.arena_bytes` has its size. The order of
    float additions in reductions changes; nothing else does.

    Options name the machine, for tests; the targets give a whole description.
  }];
  let options = [
    Option<"vectorBits", "vector-bits", "unsigned", "512", "Width of a vector">,
    Option<"maskedBits", "masked-bits", "unsigned", "8",
           "Least width of elements whose loads and stores take masks">,
    Option<"microRows", "micro-rows", "unsigned", "14", "Rows of the dot micro-tile">,
    Option<"microVectors", "micro-vectors", "unsigned", "2",
           "Vectors of columns of the dot micro-tile">
  ];
  let dependentDialects = ["::mlir::LLVM::LLVMDialect",
                           "::mlir::vector::VectorDialect",
                           "::mlir::math::MathDialect",
                           "::mlir::scf::SCFDialect"];
}

def FlattenBranches : Pass<"tegula-flatten-branches", "::mlir::ModuleOp"> {
  let summary = "Compute both sides of short branches on tiles in loops";
  let description = [{
    A branch in a loop whose sides are a few operations on elements becomes a
    choice between what both of them give:

    ```mlir
    %r = scf.if %c -> (tensor<64xf32>) {
      scf.yield %x : tensor<64xf32>
    } else {
      %y = arith.addf %acc, %x : tensor<64xf32>
      scf.yield %y : tensor<64xf32>
    }
    ```
    becomes
    ```mlir
    %y = arith.addf %acc, %x : tensor<64xf32>
    %r = arith.select %c, %x, %y : tensor<64xf32>
    ```
  }];
}

def WidenDotLoops : Pass<"tegula-widen-dot-loops", "::mlir::ModuleOp"> {
  let summary = "Give the loops of matrix products longer steps along K";
  let description = [{
    Several steps of a loop that does a product and nothing else (DotLoop.h)
    become one: its boxes grow along K, and what lies beyond the loop's end is
    left out by their bounds. Loops of any other form stay as they are.
  }];
  let options = [
    Option<"depth", "depth", "int64_t", "256", "Most elements along K of a step">,
    Option<"cacheBytes", "cache-bytes", "int64_t", "524288",
           "The cache that holds the operands of a step">
  ];
}

def OrientDots : Pass<"tegula-orient-dots", "::mlir::ModuleOp"> {
  let summary = "Make products transposed where their rows are reduced";
  let description = [{
    A product in a loop that does not change its left operand, and all that is
    computed from it element by element, is made transposed if rows are reduced
    and whatever else reads it takes it as a left operand:

    ```mlir
    %s = tile.dot %q, %k, %zero : tensor<64x16xf32>, tensor<16x32xf32> -> tensor<64x32xf32>
    %m = tile.reduce %s axis 1 : (tensor<64x32xf32>) -> tensor<64xf32> {...}
    ```
    becomes
    ```mlir
    %kt = tile.trans %k [1, 0] : tensor<16x32xf32> -> tensor<32x16xf32>
    %qt = tile.trans %q [1, 0] : tensor<64x16xf32> -> tensor<16x64xf32>
    %s = tile.dot %kt, %qt, %zero : tensor<32x16xf32>, tensor<16x64xf32> -> tensor<32x64xf32>
    %m = tile.reduce %s axis 0 : (tensor<32x64xf32>) -> tensor<64xf32> {...}
    ```
  }];
  let options = [
    Option<"hasPairs", "has-pairs", "bool", "false",
           "The machine multiplies pairs of bf16 along K">,
    Option<"hasF16Pairs", "has-f16-pairs", "bool", "false",
           "The machine multiplies pairs of f16 along K">
  ];
}

def VersionThinDots : Pass<"tegula-version-thin-dots", "::mlir::ModuleOp"> {
  let summary = "Give products of few rows a form of their own";
  let description = [{
    A loop that does one product and nothing else, of few rows and of operands
    that both lie with K side by side, is made twice where the kernel's arguments
    tell whether there are more rows than those of one block. If there are not:

    ```mlir
    %r = scf.for ... iter_args(%c = %zero) -> (tensor<16x64xf32>) {
      %d = tile.dot %a, %w, %c {tegula.by_rows} : tensor<16x32xf32>, tensor<32x64xf32> -> tensor<16x64xf32>
    ```
    or, for machines that multiply tiles, with the boxes loaded transposed,
    ```mlir
    %t = scf.for ... iter_args(%c = %zero) -> (tensor<64x16xf32>) {
      %d = tile.dot %wt, %at, %c : tensor<64x32xbf16>, tensor<32x16xbf16> -> tensor<64x16xf32>
    ...
    %r = tile.trans %t [1, 0] : tensor<64x16xf32> -> tensor<16x64xf32>
    ```
  }];
  let dependentDialects = ["::mlir::arith::ArithDialect", "::mlir::scf::SCFDialect"];
}

#endif // TEGULA_TARGETS_COMMON_LOOPS_PASSES_TD
