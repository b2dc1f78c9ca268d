// RUN: tegula-opt %s --split-input-file --tegula-lower-to-loops | FileCheck %s

// Neighbours by a number that the launch gives: one division and a comparison, if
// the first is not negative and the number not smaller than a vector. Quotients
// that all are the same are divided once.
// CHECK-LABEL: tegula.kernel = "rows"
// CHECK:         arith.cmpi sge, %{{.+}}, %c16_i32
// CHECK:         %[[ROWS:.+]] = scf.if
// CHECK:           arith.divui {{.*}} : i32
// CHECK:           arith.cmpi uge, {{.*}} : vector<16xi32>
// CHECK:         } else {
// CHECK:           arith.divsi {{.*}} : vector<16xi32>
// CHECK:         scf.if
// CHECK:           arith.remsi {{.*}} : i32
// CHECK:         } else {
// CHECK:           arith.remsi {{.*}} : vector<16xi32>
func.func @rows(%y: !tile.ptr<i32>, %width: i32, %height: i32) {
  %c0 = arith.constant 0 : i64
  %c1 = arith.constant 1 : i64
  %c64 = arith.constant 64 : i64
  %i = tile.range 0 to 64 : tensor<64xi32>
  %w = tile.splat %width : i32 -> tensor<64xi32>
  %h = tile.splat %height : i32 -> tensor<64xi32>
  %row = arith.divsi %i, %w : tensor<64xi32>
  %r = arith.remsi %row, %h : tensor<64xi32>
  tile.store_box %y, %r start(%c0) stride(%c1) lower(%c0) upper(%c64)
    : !tile.ptr<i32>, tensor<64xi32>
  return
}

// -----

// Numbers from memory, and constants, by which LLVM multiplies.
// CHECK-LABEL: tegula.kernel = "others"
// CHECK-NOT:     arith.divui
// CHECK:         arith.divsi {{.*}} : vector<16xi32>
// CHECK-NOT:     arith.divui
func.func @others(%x: !tile.ptr<i32>, %y: !tile.ptr<i32>, %width: i32) {
  %c0 = arith.constant 0 : i64
  %c1 = arith.constant 1 : i64
  %c64 = arith.constant 64 : i64
  %w = tile.splat %width : i32 -> tensor<64xi32>
  %n = tile.load_box %x start(%c0) stride(%c1) lower(%c0) upper(%c64)
    : !tile.ptr<i32> -> tensor<64xi32>
  %q = arith.divsi %n, %w : tensor<64xi32>
  tile.store_box %y, %q start(%c0) stride(%c1) lower(%c0) upper(%c64)
    : !tile.ptr<i32>, tensor<64xi32>
  %i = tile.range 0 to 64 : tensor<64xi32>
  %sevens = arith.constant dense<7> : tensor<64xi32>
  %p = arith.divsi %i, %sevens : tensor<64xi32>
  tile.store_box %y, %p start(%c64) stride(%c1) lower(%c0) upper(%c64)
    : !tile.ptr<i32>, tensor<64xi32>
  return
}
