// RUN: tegula-opt %s --split-input-file --tegula-lower-to-loops --canonicalize --cse | FileCheck %s

// Two stores whose values share a load are one nest: nothing is kept in the
// arena unless the launch's arrays overlap.
// CHECK-LABEL: tegula.kernel = "moments"
// CHECK-NOT:   placement = "arena"
// CHECK:       arith.cmpi ule
// What is updated in place does not go past the caches.
// CHECK:         scf.for
// CHECK-COUNT-2:   llvm.load
// CHECK-NOT:     scf.for
// CHECK-NOT:       nontemporal
// CHECK:           llvm.store
// CHECK-NEXT:      llvm.getelementptr
// CHECK-NEXT:      llvm.store {{.*}}nontemporal
// CHECK:         scf.for
// CHECK-COUNT-2:   llvm.load
// CHECK-NOT:     scf.for
// CHECK-COUNT-2:   llvm.store
// CHECK:       } else {
// CHECK:         scf.for
// CHECK:       return
func.func @moments(%g: !tile.ptr<f32>, %m: !tile.ptr<f32>, %v: !tile.ptr<f32>) {
  %c0 = arith.constant 0 : i64
  %c1 = arith.constant 1 : i64
  %c64 = arith.constant 64 : i64
  %a = tile.load_box %g start(%c0) stride(%c1) lower(%c0) upper(%c64)
    : !tile.ptr<f32> -> tensor<64xf32>
  %b = tile.load_box %m start(%c0) stride(%c1) lower(%c0) upper(%c64)
    : !tile.ptr<f32> -> tensor<64xf32>
  %s = arith.addf %a, %b : tensor<64xf32>
  tile.store_box %m, %s start(%c0) stride(%c1) lower(%c0) upper(%c64)
    : !tile.ptr<f32>, tensor<64xf32>
  %p = arith.mulf %s, %a : tensor<64xf32>
  %q = math.sqrt %p : tensor<64xf32>
  tile.store_box %v, %q start(%c0) stride(%c1) lower(%c0) upper(%c64)
    : !tile.ptr<f32>, tensor<64xf32>
  return
}
// -----
// What is loaded after the first store may be what that stored.
// CHECK-LABEL: tegula.kernel = "reload"
// CHECK:       llvm.store
// CHECK:       scf.for
// CHECK:       llvm.load
func.func @reload(%g: !tile.ptr<f32>, %m: !tile.ptr<f32>, %v: !tile.ptr<f32>) {
  %c0 = arith.constant 0 : i64
  %c1 = arith.constant 1 : i64
  %c64 = arith.constant 64 : i64
  %a = tile.load_box %g start(%c0) stride(%c1) lower(%c0) upper(%c64)
    : !tile.ptr<f32> -> tensor<64xf32>
  tile.store_box %m, %a start(%c0) stride(%c1) lower(%c0) upper(%c64)
    : !tile.ptr<f32>, tensor<64xf32>
  %b = tile.load_box %m start(%c1) stride(%c1) lower(%c0) upper(%c64)
    : !tile.ptr<f32> -> tensor<64xf32>
  %s = arith.addf %a, %b : tensor<64xf32>
  tile.store_box %v, %s start(%c0) stride(%c1) lower(%c0) upper(%c64)
    : !tile.ptr<f32>, tensor<64xf32>
  return
}
// -----
// Stores that cover different parts have nests of their own, and an in-place
// update does not go past the caches.
// CHECK-LABEL: tegula.kernel = "parts"
// CHECK:       tile.load_box{{.*}}placement = "arena"
// CHECK-NOT:   nontemporal
// CHECK:       scf.if
// CHECK:       nontemporal
func.func @parts(%x: !tile.ptr<f32>, %y: !tile.ptr<f32>) {
  %c0 = arith.constant 0 : i64
  %c1 = arith.constant 1 : i64
  %c60 = arith.constant 60 : i64
  %c64 = arith.constant 64 : i64
  %a = tile.load_box %x start(%c0) stride(%c1) lower(%c0) upper(%c64)
    : !tile.ptr<f32> -> tensor<64xf32>
  %s = arith.addf %a, %a : tensor<64xf32>
  tile.store_box %x, %s start(%c0) stride(%c1) lower(%c0) upper(%c64)
    : !tile.ptr<f32>, tensor<64xf32>
  tile.store_box %y, %a start(%c0) stride(%c1) lower(%c0) upper(%c60)
    : !tile.ptr<f32>, tensor<64xf32>
  return
}
