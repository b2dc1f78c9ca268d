// RUN: tegula-opt %s --split-input-file --tegula-lower-to-loops --canonicalize --cse | FileCheck %s

// A load of another place: addresses are compared at launch. Where the arrays
// are apart the nest reads while it writes; else all of it goes through a copy.
// CHECK-LABEL: tegula.arena_bytes = {{[1-9][0-9]*}} : i64, {{.*}} tegula.kernel = "shift"
// CHECK:       %[[A:.+]] = arith.cmpi ule
// CHECK:       %[[B:.+]] = arith.cmpi ule
// CHECK:       %[[APART:.+]] = arith.ori %[[A]], %[[B]]
// CHECK:       scf.if %[[APART]] {
// CHECK:         scf.if
// CHECK-NEXT:      scf.for
// CHECK-NEXT:        llvm.getelementptr
// CHECK-NEXT:        llvm.load
// CHECK-NEXT:        llvm.getelementptr
// CHECK-NEXT:        llvm.store {{.*}} {alignment = 32 : i64, nontemporal} : vector<16xf16>
// CHECK-NEXT:       {{^ *}$}}
// CHECK-NEXT:    } else {
// CHECK-NEXT:      scf.for
// CHECK-NEXT:        llvm.getelementptr
// CHECK-NEXT:        llvm.load
// CHECK-NEXT:        llvm.getelementptr
// CHECK-NEXT:        llvm.store {{.*}} {alignment = 2 : i64} : vector<16xf16>
// CHECK:       } else {
// CHECK-NEXT:    scf.for
// CHECK:           llvm.load
// CHECK:           llvm.getelementptr %[[ARENA:.+]][
// CHECK-NEXT:      llvm.store
// CHECK-NEXT:     {{^ *}$}}
// CHECK:           scf.for
// CHECK-NEXT:        llvm.getelementptr %[[ARENA]][
// CHECK-NEXT:        llvm.load
// CHECK:             llvm.store
// CHECK:       return
func.func @shift(%x: !tile.ptr<f16>, %y: !tile.ptr<f16>) {
  %c0 = arith.constant 0 : i64
  %c1 = arith.constant 1 : i64
  %c64 = arith.constant 64 : i64
  %a = tile.load_box %x start(%c0) stride(%c1) lower(%c0) upper(%c64)
    : !tile.ptr<f16> -> tensor<64xf16>
  tile.store_box %y, %a start(%c0) stride(%c1) lower(%c0) upper(%c64)
    : !tile.ptr<f16>, tensor<64xf16>
  return
}
// -----
// Each element is read where it is written: one nest, whoever calls it, and no
// way past the caches, where the element is.
// CHECK-LABEL: tegula.arena_bytes = 0 : i64, {{.*}} tegula.kernel = "in_place"
// CHECK-NOT:   tegula.uses_aliases
// CHECK-NOT:   arith.cmpi ule
// CHECK:       scf.for
// CHECK-NOT:   nontemporal
// CHECK-NOT:   scf.for
// CHECK:       return
func.func @in_place(%x: !tile.ptr<f16>) {
  %c0 = arith.constant 0 : i64
  %c1 = arith.constant 1 : i64
  %c64 = arith.constant 64 : i64
  %a = tile.load_box %x start(%c0) stride(%c1) lower(%c0) upper(%c64)
    : !tile.ptr<f16> -> tensor<64xf16>
  %b = arith.addf %a, %a : tensor<64xf16>
  tile.store_box %x, %b start(%c0) stride(%c1) lower(%c0) upper(%c64)
    : !tile.ptr<f16>, tensor<64xf16>
  return
}
// -----
// The same array, but an element is read elsewhere than it is written.
// CHECK-LABEL: tegula.kernel = "transpose_in_place"
// CHECK:       scf.if
// CHECK:       } else {
// CHECK-COUNT-2: scf.for
// CHECK-COUNT-16: llvm.store {{.*}} vector<16xf16>
// CHECK: scf.for
func.func @transpose_in_place(%x: !tile.ptr<f16>) {
  %c0 = arith.constant 0 : i64
  %c1 = arith.constant 1 : i64
  %c32 = arith.constant 32 : i64
  %a = tile.load_box %x start(%c0, %c0) stride(%c32, %c1) lower(%c0, %c0) upper(%c32, %c32)
    : !tile.ptr<f16> -> tensor<32x32xf16>
  %b = tile.trans %a [1, 0] : tensor<32x32xf16> -> tensor<32x32xf16>
  tile.store_box %x, %b start(%c0, %c0) stride(%c32, %c1) lower(%c0, %c0) upper(%c32, %c32)
    : !tile.ptr<f16>, tensor<32x32xf16>
  return
}
// -----
// Rows that an index tensor picks have no address range: only the launch's
// word (flag 2, NO_ALIAS) allows mixing; and the launcher knows that.
// CHECK-LABEL: tegula.kernel = "rows"
// CHECK-SAME:  tegula.uses_aliases
// CHECK:       %[[PF:.+]] = llvm.getelementptr %arg1[24]
// CHECK:       %[[F:.+]] = llvm.load %[[PF]] invariant : !llvm.ptr -> i32
// CHECK:       %[[BIT:.+]] = arith.andi %[[F]], %c2_i32
// CHECK:       %[[YES:.+]] = arith.cmpi ne, %[[BIT]], %c0_i32
// CHECK:       scf.if %[[YES]] {
func.func @rows(%x: !tile.ptr<f16>, %y: !tile.ptr<f16>, %i: !tile.ptr<i32>) {
  %c0 = arith.constant 0 : i64
  %c1 = arith.constant 1 : i64
  %c8 = arith.constant 8 : i64
  %c16 = arith.constant 16 : i64
  %k = tile.load_box %i start(%c0) stride(%c1) lower(%c0) upper(%c8)
    : !tile.ptr<i32> -> tensor<8xi32>
  %a = tile.load_box %x start(%c0, %c0) stride(%c16, %c1) lower(%c0, %c0) upper(%c8, %c16)
    index(%k : tensor<8xi32>) {indexed_dims = array<i64: 0>} : !tile.ptr<f16> -> tensor<8x16xf16>
  tile.store_box %y, %a start(%c0, %c0) stride(%c16, %c1) lower(%c0, %c0) upper(%c8, %c16)
    : !tile.ptr<f16>, tensor<8x16xf16>
  return
}
// -----
// Whole aligned vectors bypass the caches if the launch asks for it (flag 1).
// CHECK-LABEL: tegula.kernel = "stream"
// CHECK:       %[[AT:.+]] = llvm.ptrtoint
// CHECK:       %[[LOW:.+]] = arith.andi %[[AT]], %c63_i64
// CHECK:       %[[ALIGNED:.+]] = arith.cmpi eq, %[[LOW]], %c0_i64
// CHECK:       llvm.getelementptr %arg1[24]
// CHECK:       %[[ASKED:.+]] = arith.cmpi ne
// CHECK:       %[[YES:.+]] = arith.andi %[[ASKED]], %[[ALIGNED]]
// CHECK:       scf.if %[[YES]] {
// CHECK:         llvm.store %{{.+}} {alignment = 64 : i64, nontemporal}
// CHECK:       } else {
// CHECK:         llvm.store %{{.+}} {alignment = 4 : i64}
func.func @stream(%y: !tile.ptr<f32>) {
  %c0 = arith.constant 0 : i64
  %c1 = arith.constant 1 : i64
  %c64 = arith.constant 64 : i64
  %a = arith.constant dense<1.0> : tensor<64xf32>
  tile.store_box %y, %a start(%c0) stride(%c1) lower(%c0) upper(%c64)
    : !tile.ptr<f32>, tensor<64xf32>
  return
}
// -----
// A store between a load and its use: the tile is read before.
// CHECK-LABEL: tegula.kernel = "overwritten"
// CHECK-SAME:    why = "memory may change before its last use"
// CHECK:       scf.for
// CHECK:         llvm.load {{.*}} vector<16xf16>
// CHECK:         llvm.store {{.*}} vector<16xf16>
// CHECK:       scf.for
// CHECK-NOT:     llvm.load
// CHECK:         llvm.store %cst
// CHECK:       scf.for
// CHECK:         llvm.load
func.func @overwritten(%x: !tile.ptr<f16>, %y: !tile.ptr<f16>) {
  %c0 = arith.constant 0 : i64
  %c1 = arith.constant 1 : i64
  %c64 = arith.constant 64 : i64
  %a = tile.load_box %x start(%c0) stride(%c1) lower(%c0) upper(%c64)
    : !tile.ptr<f16> -> tensor<64xf16>
  %one = arith.constant dense<1.0> : tensor<64xf16>
  tile.store_box %x, %one start(%c0) stride(%c1) lower(%c0) upper(%c64)
    : !tile.ptr<f16>, tensor<64xf16>
  tile.store_box %y, %a start(%c0) stride(%c1) lower(%c0) upper(%c64)
    : !tile.ptr<f16>, tensor<64xf16>
  return
}
