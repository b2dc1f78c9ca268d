// RUN: tegula-opt %s --tegula-lower-to-loops --mlir-print-debuginfo --mlir-print-local-scope | FileCheck %s
// RUN: tegula compile %s --emit asm -o - | FileCheck %s --check-prefix=ASM

// A text that an inlined function prints belongs to no line.
// CHECK-COUNT-2: llvm.mlir.global internal constant @text_{{.*}} loc(unknown)
// ASM: inside
func.func @k(%n: i32) {
  %c3 = arith.constant 3 : i32
  %ok = arith.cmpi sgt, %n, %c3 : i32
  tile.assert %ok, "inside" : i1 loc(callsite("callee.py":1:2 at "caller.py":3:4))
  return
}
