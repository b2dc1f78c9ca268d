// RUN: tegula-opt %s --split-input-file --tegula-lower-to-loops --cse | FileCheck %s

// Rows of the store are columns of the load. If the store's are aligned, squares
// are turned in registers, past the caches or not; else the nest gathers.
// CHECK-LABEL: tegula.kernel = "turn"
// CHECK:       scf.if
// CHECK-NOT:     llvm.intr.masked.gather
// CHECK-COUNT-16: llvm.load {{.*}} vector<16xf32>
// CHECK:         vector.transpose
// CHECK-COUNT-16: llvm.store {{.*}} nontemporal
// CHECK:       } else {
// CHECK-NOT:     llvm.intr.masked.gather
// CHECK:         vector.transpose
// CHECK:       } else {
// CHECK:         llvm.intr.masked.gather
func.func @turn(%x: !tile.ptr<f32>, %y: !tile.ptr<f32>) {
  %c0 = arith.constant 0 : i64
  %c1 = arith.constant 1 : i64
  %c16 = arith.constant 16 : i64
  %a = tile.load_box %x start(%c0, %c0) stride(%c16, %c1) lower(%c0, %c0) upper(%c16, %c16)
    : !tile.ptr<f32> -> tensor<16x16xf32>
  %t = tile.trans %a [1, 0] : tensor<16x16xf32> -> tensor<16x16xf32>
  tile.store_box %y, %t start(%c0, %c0) stride(%c16, %c1) lower(%c0, %c0) upper(%c16, %c16)
    : !tile.ptr<f32>, tensor<16x16xf32>
  return
}
// -----
// Beyond the last whole square, strips: below, and beside.
// CHECK-LABEL: tegula.kernel = "ragged"
// CHECK:       vector.transpose
// CHECK-NOT:     llvm.intr.masked.store
// CHECK:         nontemporal
// CHECK:       scf.for
// CHECK:         llvm.intr.masked.gather
// CHECK:       scf.for
// CHECK:         llvm.intr.masked.gather
func.func @ragged(%x: !tile.ptr<f32>, %y: !tile.ptr<f32>, %m: i64, %n: i64) {
  %c0 = arith.constant 0 : i64
  %c1 = arith.constant 1 : i64
  %c64 = arith.constant 64 : i64
  %a = tile.load_box %x start(%c0, %c0) stride(%c64, %c1) lower(%c0, %c0) upper(%m, %n)
    : !tile.ptr<f32> -> tensor<64x64xf32>
  %t = tile.trans %a [1, 0] : tensor<64x64xf32> -> tensor<64x64xf32>
  tile.store_box %y, %t start(%c0, %c0) stride(%c64, %c1) lower(%c0, %c0) upper(%n, %m)
    : !tile.ptr<f32>, tensor<64x64xf32>
  return
}
// -----
// A tile of the arena is read along its last dimension, so squares turn it, too.
// Narrow vectors go past the caches through a copy, and the tile is still there.
// CHECK-LABEL: tegula.kernel = "kept"
// CHECK:       scf.if
// CHECK:         vector.transpose
// CHECK:         nontemporal
// CHECK:       } else {
// CHECK:         vector.transpose
func.func @kept(%y: !tile.ptr<f16>, %n: i32) {
  %c0 = arith.constant 0 : i64
  %c1 = arith.constant 1 : i64
  %c16 = arith.constant 16 : i64
  %i0 = arith.constant 0 : i32
  %i1 = arith.constant 1 : i32
  %zero = arith.constant dense<0.0> : tensor<16x16xf16>
  %one = arith.constant dense<1.0> : tensor<16x16xf16>
  %a = scf.for %i = %i0 to %n step %i1 iter_args(%sum = %zero) -> (tensor<16x16xf16>) : i32 {
    %next = arith.addf %sum, %one : tensor<16x16xf16>
    scf.yield %next : tensor<16x16xf16>
  }
  tile.store_box %y, %a start(%c0, %c0) stride(%c1, %c16) lower(%c0, %c0) upper(%c16, %c16)
    : !tile.ptr<f16>, tensor<16x16xf16>
  return
}
