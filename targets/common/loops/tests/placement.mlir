// RUN: tegula-opt %s --split-input-file --tegula-lower-to-loops --canonicalize --cse | FileCheck %s

// Cheap values are computed again in each nest that uses them.
// CHECK-LABEL: tegula.arena_bytes = 0 : i64, {{.*}} tegula.kernel = "cheap"
// CHECK-SAME:    op = "arith.addi", placement = "virtual"
// CHECK-SAME:    why = "cheaper to compute again than to keep"
// CHECK:       arith.addi %{{.+}} : vector<16xi32>
// CHECK:       arith.addi %{{.+}} : vector<16xi32>
func.func @cheap(%x: !tile.ptr<i32>, %y: !tile.ptr<i32>, %k: i32) {
  %c0 = arith.constant 0 : i64
  %c1 = arith.constant 1 : i64
  %c64 = arith.constant 64 : i64
  %i = tile.range 0 to 64 : tensor<64xi32>
  %ks = tile.splat %k : i32 -> tensor<64xi32>
  %a = arith.addi %i, %ks : tensor<64xi32>
  tile.store_box %x, %a start(%c0) stride(%c1) lower(%c0) upper(%c64)
    : !tile.ptr<i32>, tensor<64xi32>
  tile.store_box %y, %a start(%c0) stride(%c1) lower(%c0) upper(%c64)
    : !tile.ptr<i32>, tensor<64xi32>
  return
}
// -----
// Expensive ones are kept: one exponential for two nests.
// CHECK-LABEL: tegula.kernel = "expensive"
// CHECK-SAME:    op = "math.exp", placement = "arena"
// CHECK-SAME:    why = "cheaper to keep than to compute again"
// CHECK:       math.exp
// CHECK-NOT:   math.exp
func.func @expensive(%x: !tile.ptr<f16>, %y: !tile.ptr<f32>, %z: !tile.ptr<f16>) {
  %c0 = arith.constant 0 : i64
  %c1 = arith.constant 1 : i64
  %c60 = arith.constant 60 : i64
  %c64 = arith.constant 64 : i64
  %a = tile.load_box %x start(%c0) stride(%c1) lower(%c0) upper(%c64)
    : !tile.ptr<f16> -> tensor<64xf16>
  %w = arith.extf %a : tensor<64xf16> to tensor<64xf32>
  %e = math.exp %w : tensor<64xf32>
  %h = arith.truncf %e : tensor<64xf32> to tensor<64xf16>
  tile.store_box %y, %e start(%c0) stride(%c1) lower(%c0) upper(%c64)
    : !tile.ptr<f32>, tensor<64xf32>
  tile.store_box %z, %h start(%c0) stride(%c1) lower(%c0) upper(%c60)
    : !tile.ptr<f16>, tensor<64xf16>
  return
}
// -----
// One use: no reason to keep it.
// CHECK-LABEL: tegula.kernel = "single"
// CHECK-SAME:    op = "math.exp", placement = "virtual"
// CHECK-SAME:    why = "one nest needs it, once"
func.func @single(%y: !tile.ptr<f32>) {
  %c0 = arith.constant 0 : i64
  %c1 = arith.constant 1 : i64
  %c64 = arith.constant 64 : i64
  %i = tile.range 0 to 64 : tensor<64xi32>
  %w = arith.sitofp %i : tensor<64xi32> to tensor<64xf32>
  %e = math.exp %w : tensor<64xf32>
  tile.store_box %y, %e start(%c0) stride(%c1) lower(%c0) upper(%c64)
    : !tile.ptr<f32>, tensor<64xf32>
  return
}
// -----
// A row that is repeated over 32 others is evaluated once, and only that is kept.
// CHECK-LABEL: tegula.kernel = "repeated"
// CHECK-SAME:    op = "math.exp", placement = "arena"
// CHECK-SAME:    op = "tile.expand_dims", placement = "virtual"
// CHECK:       scf.for
// CHECK:         math.exp %{{.+}} : vector<16xf32>
// CHECK:       scf.for
// CHECK-NOT:     math.exp
func.func @repeated(%y: !tile.ptr<f32>) {
  %c0 = arith.constant 0 : i64
  %c1 = arith.constant 1 : i64
  %c32 = arith.constant 32 : i64
  %c64 = arith.constant 64 : i64
  %i = tile.range 0 to 64 : tensor<64xi32>
  %w = arith.sitofp %i : tensor<64xi32> to tensor<64xf32>
  %e = math.exp %w : tensor<64xf32>
  %r = tile.expand_dims %e axis 0 : tensor<64xf32> -> tensor<1x64xf32>
  %b = tile.broadcast %r : tensor<1x64xf32> -> tensor<32x64xf32>
  tile.store_box %y, %b start(%c0, %c0) stride(%c64, %c1) lower(%c0, %c0) upper(%c32, %c64)
    : !tile.ptr<f32>, tensor<32x64xf32>
  return
}
// -----
// What a loop does not change is not computed in each iteration.
// CHECK-LABEL: tegula.kernel = "invariant"
// CHECK-SAME:    op = "math.exp", placement = "arena"
// CHECK:       math.exp
// CHECK:       scf.for %{{.+}} = %c0_i32
// CHECK-NOT:   math.exp
func.func @invariant(%y: !tile.ptr<f32>, %n: i32) {
  %c0 = arith.constant 0 : i64
  %c1 = arith.constant 1 : i64
  %c64 = arith.constant 64 : i64
  %i0 = arith.constant 0 : i32
  %i1 = arith.constant 1 : i32
  %i = tile.range 0 to 64 : tensor<64xi32>
  %w = arith.sitofp %i : tensor<64xi32> to tensor<64xf32>
  %e = math.exp %w : tensor<64xf32>
  scf.for %k = %i0 to %n step %i1 : i32 {
    %p = tile.ptr_add %y, %k : !tile.ptr<f32>, i32
    tile.store_box %p, %e start(%c0) stride(%c1) lower(%c0) upper(%c64)
    : !tile.ptr<f32>, tensor<64xf32>
  }
  return
}
// -----
// Work that does not depend on the column is done once a row.
// CHECK-LABEL: tegula.kernel = "hoisted"
// CHECK:       scf.for %[[ROW:.+]] = %c0_i64 to %c8_i64 step %c1_i64
// CHECK:         arith.muli %{{.+}}, %{{.+}} : i32
// CHECK:         scf.for
// CHECK-NOT:       arith.muli {{.*}} i32
// CHECK:           llvm.store
func.func @hoisted(%y: !tile.ptr<i32>, %k: i32) {
  %c0 = arith.constant 0 : i64
  %c1 = arith.constant 1 : i64
  %c8 = arith.constant 8 : i64
  %c64 = arith.constant 64 : i64
  %i = tile.range 0 to 8 : tensor<8xi32>
  %ks = tile.splat %k : i32 -> tensor<8xi32>
  %a = arith.muli %i, %ks : tensor<8xi32>
  %c = tile.expand_dims %a axis 1 : tensor<8xi32> -> tensor<8x1xi32>
  %b = tile.broadcast %c : tensor<8x1xi32> -> tensor<8x64xi32>
  tile.store_box %y, %b start(%c0, %c0) stride(%c64, %c1) lower(%c0, %c0) upper(%c8, %c64)
    : !tile.ptr<i32>, tensor<8x64xi32>
  return
}
