// RUN: tegula-opt %s --split-input-file --tegula-lower-to-loops | FileCheck %s

// The pixels of an image follow each other but where a row ends: lanes run along
// them, and whether they lie side by side is asked.
// CHECK-LABEL: tegula.kernel = "pixels"
// CHECK:         %[[STEPS:.+]] = vector.reduction <and>, %{{.+}} : vector<16xi1> into i1
// CHECK:         scf.if %[[STEPS]]
// CHECK:           llvm.load {{.*}} -> vector<16xf32>
// CHECK:         else
// CHECK:           masked.gather
func.func @pixels(%x: !tile.ptr<f32>, %y: !tile.ptr<f32>, %pitch: i32) {
  %c0 = arith.constant 0 : i64
  %c1 = arith.constant 1 : i64
  %c4 = arith.constant 4 : i64
  %c64 = arith.constant 64 : i64
  %i = tile.range 0 to 64 : tensor<64xi32>
  %w = arith.constant dense<24> : tensor<64xi32>
  %p = tile.splat %pitch : i32 -> tensor<64xi32>
  %row = arith.divsi %i, %w : tensor<64xi32>
  %column = arith.remsi %i, %w : tensor<64xi32>
  %start = arith.muli %row, %p : tensor<64xi32>
  %at = arith.addi %start, %column : tensor<64xi32>
  %k = tile.range 0 to 4 : tensor<4xi32>
  %twos = arith.constant dense<2> : tensor<4xi32>
  %tap = arith.remsi %k, %twos : tensor<4xi32>
  %v = tile.load_box %x start(%c0, %c0) stride(%c1, %c1) lower(%c0, %c0) upper(%c64, %c4)
    index(%at, %tap : tensor<64xi32>, tensor<4xi32>) {indexed_dims = array<i64: 0, 1>}
    : !tile.ptr<f32> -> tensor<64x4xf32>
  tile.store_box %y, %v start(%c0, %c0) stride(%c1, %c64) lower(%c0, %c0) upper(%c64, %c4)
    : !tile.ptr<f32>, tensor<64x4xf32>
  return
}

// -----

// Runs shorter than a vector, and indices from memory, are gathered.
// CHECK-LABEL: tegula.kernel = "short"
// CHECK-NOT:     vector.reduction
// CHECK:         masked.gather
// CHECK-NOT:     vector.reduction
// CHECK:         masked.gather
func.func @short(%x: !tile.ptr<f32>, %n: !tile.ptr<i32>, %y: !tile.ptr<f32>) {
  %c0 = arith.constant 0 : i64
  %c1 = arith.constant 1 : i64
  %c64 = arith.constant 64 : i64
  %i = tile.range 0 to 64 : tensor<64xi32>
  %threes = arith.constant dense<3> : tensor<64xi32>
  %tap = arith.remsi %i, %threes : tensor<64xi32>
  %v = tile.load_box %x start(%c0) stride(%c1) lower(%c0) upper(%c64)
    index(%tap : tensor<64xi32>) {indexed_dims = array<i64: 0>}
    : !tile.ptr<f32> -> tensor<64xf32>
  tile.store_box %y, %v start(%c0) stride(%c1) lower(%c0) upper(%c64)
    : !tile.ptr<f32>, tensor<64xf32>
  %numbers = tile.load_box %n start(%c0) stride(%c1) lower(%c0) upper(%c64)
    : !tile.ptr<i32> -> tensor<64xi32>
  %u = tile.load_box %x start(%c0) stride(%c1) lower(%c0) upper(%c64)
    index(%numbers : tensor<64xi32>) {indexed_dims = array<i64: 0>}
    : !tile.ptr<f32> -> tensor<64xf32>
  tile.store_box %y, %u start(%c64) stride(%c1) lower(%c0) upper(%c64)
    : !tile.ptr<f32>, tensor<64xf32>
  return
}

// -----

// What is written so is asked, too.
// CHECK-LABEL: tegula.kernel = "written"
// CHECK:         %[[STEPS:.+]] = vector.reduction <and>, %{{.+}} : vector<16xi1> into i1
// CHECK:         scf.if %[[STEPS]]
// CHECK:           llvm.store {{.*}} : vector<16xf32>
// CHECK:         else
// CHECK:           masked.scatter
func.func @written(%x: !tile.ptr<f32>, %y: !tile.ptr<f32>) {
  %c0 = arith.constant 0 : i64
  %c1 = arith.constant 1 : i64
  %c64 = arith.constant 64 : i64
  %i = tile.range 0 to 64 : tensor<64xi32>
  %w = arith.constant dense<24> : tensor<64xi32>
  %at = arith.remsi %i, %w : tensor<64xi32>
  %v = tile.load_box %x start(%c0) stride(%c1) lower(%c0) upper(%c64)
    : !tile.ptr<f32> -> tensor<64xf32>
  tile.store_box %y, %v start(%c0) stride(%c1) lower(%c0) upper(%c64)
    index(%at : tensor<64xi32>) {indexed_dims = array<i64: 0>}
    : !tile.ptr<f32>, tensor<64xf32>
  return
}

// -----

// Pixels share a channel for long: one element for all lanes, if a lane asks.
// CHECK-LABEL: tegula.kernel = "channels"
// CHECK:         %[[SAME:.+]] = vector.reduction <and>, %{{.+}} : vector<16xi1> into i1
// CHECK:         %[[ANY:.+]] = vector.reduction <or>, %{{.+}} : vector<16xi1> into i1
// CHECK:         %[[BOTH:.+]] = arith.andi %[[SAME]], %[[ANY]]
// CHECK:         scf.if %[[BOTH]]
// CHECK:           llvm.load {{.*}} -> f32
// CHECK:           arith.select
// CHECK:         else
// CHECK:           masked.gather
func.func @channels(%x: !tile.ptr<f32>, %y: !tile.ptr<f32>, %n: i32) {
  %c0 = arith.constant 0 : i64
  %c1 = arith.constant 1 : i64
  %c64 = arith.constant 64 : i64
  %i = tile.range 0 to 64 : tensor<64xi32>
  %s = arith.constant dense<24> : tensor<64xi32>
  %all = tile.splat %n : i32 -> tensor<64xi32>
  %asked = arith.cmpi ne, %i, %all : tensor<64xi32>
  %channel = arith.divsi %i, %s : tensor<64xi32>
  %v = tile.load_box %x start(%c0) stride(%c1) lower(%c0) upper(%c64)
    index(%channel : tensor<64xi32>) mask %asked : tensor<64xi1> {indexed_dims = array<i64: 0>}
    : !tile.ptr<f32> -> tensor<64xf32>
  tile.store_box %y, %v start(%c0) stride(%c1) lower(%c0) upper(%c64)
    : !tile.ptr<f32>, tensor<64xf32>
  return
}
