// RUN: tegula-opt %s --split-input-file --tegula-lower-to-loops --canonicalize --cse | FileCheck %s

// Along the contiguous axis lanes accumulate and are combined at the end.
// CHECK-LABEL: tegula.kernel = "along"
// CHECK:       scf.for %{{.+}} = %c0_i64 to %c4_i64 step %c1_i64
// CHECK:         %[[ACC:.+]] = scf.for %{{.+}} = %c0_i64 to %c256_i64 step %c64_i64 iter_args(%{{.+}} = %cst) -> (vector<64xf32>)
// CHECK:           llvm.load {{.*}} -> vector<64xf32>
// CHECK-NEXT:      arith.addf {{.*}} : vector<64xf32>
// CHECK:         vector.shuffle %[[ACC]], %[[ACC]] [0, 1, 2
// CHECK:         vector.shuffle %[[ACC]], %[[ACC]] [32, 33, 34
// CHECK:         arith.addf {{.*}} : vector<32xf32>
// CHECK:         arith.addf {{.*}} : vector<2xf32>
// CHECK:         %[[SUM:.+]] = arith.addf {{.*}} : f32
// CHECK:         llvm.store %[[SUM]]
func.func @along(%x: !tile.ptr<f32>, %y: !tile.ptr<f32>) {
  %c0 = arith.constant 0 : i64
  %c1 = arith.constant 1 : i64
  %c4 = arith.constant 4 : i64
  %c256 = arith.constant 256 : i64
  %v = tile.load_box %x start(%c0, %c0) stride(%c256, %c1) lower(%c0, %c0) upper(%c4, %c256)
    : !tile.ptr<f32> -> tensor<4x256xf32>
  %s = tile.reduce %v axis 1 : (tensor<4x256xf32>) -> tensor<4xf32> {
  ^bb0(%a: f32, %b: f32):
    %r = arith.addf %a, %b : f32
    tile.yield %r : f32
  }
  tile.store_box %y, %s start(%c0) stride(%c1) lower(%c0) upper(%c4)
    : !tile.ptr<f32>, tensor<4xf32>
  return
}
// -----
// Along the other axis each lane has a column of its own, four vectors at once.
// CHECK-LABEL: tegula.kernel = "across"
// CHECK:       scf.for %[[J:.+]] = %c0_i64 to %c256_i64 step %c64_i64
// CHECK:         %[[ACC:.+]] = scf.for %{{.+}} = %c0_i64 to %c4_i64 step %c1_i64 iter_args(%{{.+}} = %cst) -> (vector<64xf32>)
// CHECK:           llvm.load {{.*}} -> vector<64xf32>
// CHECK-NEXT:      arith.addf
// CHECK-NEXT:      scf.yield
// CHECK-NOT:     vector.shuffle
// CHECK:         llvm.store %[[ACC]]
func.func @across(%x: !tile.ptr<f32>, %y: !tile.ptr<f32>) {
  %c0 = arith.constant 0 : i64
  %c1 = arith.constant 1 : i64
  %c4 = arith.constant 4 : i64
  %c256 = arith.constant 256 : i64
  %v = tile.load_box %x start(%c0, %c0) stride(%c256, %c1) lower(%c0, %c0) upper(%c4, %c256)
    : !tile.ptr<f32> -> tensor<4x256xf32>
  %s = tile.reduce %v axis 0 : (tensor<4x256xf32>) -> tensor<256xf32> {
  ^bb0(%a: f32, %b: f32):
    %r = arith.addf %a, %b : f32
    tile.yield %r : f32
  }
  tile.store_box %y, %s start(%c0) stride(%c1) lower(%c0) upper(%c256)
    : !tile.ptr<f32>, tensor<256xf32>
  return
}
// -----
// Lanes follow memory, not the last dimension: the array is transposed.
// CHECK-LABEL: tegula.kernel = "transposed"
// CHECK:         scf.for %{{.+}} = %c0_i64 to %c32_i64 step %c1_i64 iter_args
// CHECK:           llvm.load {{.*}} -> vector<64xf32>
func.func @transposed(%x: !tile.ptr<f32>, %y: !tile.ptr<f32>) {
  %c0 = arith.constant 0 : i64
  %c1 = arith.constant 1 : i64
  %c32 = arith.constant 32 : i64
  %c64 = arith.constant 64 : i64
  %v = tile.load_box %x start(%c0, %c0) stride(%c1, %c64) lower(%c0, %c0) upper(%c64, %c32)
    : !tile.ptr<f32> -> tensor<64x32xf32>
  %s = tile.reduce %v axis 1 : (tensor<64x32xf32>) -> tensor<64xf32> {
  ^bb0(%a: f32, %b: f32):
    %r = arith.addf %a, %b : f32
    tile.yield %r : f32
  }
  tile.store_box %y, %s start(%c0) stride(%c1) lower(%c0) upper(%c64)
    : !tile.ptr<f32>, tensor<64xf32>
  return
}
// -----
// Of equals the last one: this combiner does not commute, so neighbours are
// combined first and the strip before the next one.
// CHECK-LABEL: tegula.kernel = "argmax_last"
// CHECK:       llvm.load {{.*}} -> vector<16xf32>
// CHECK:       vector.shuffle {{.*}} [0, 2, 4, 6, 8, 10, 12, 14]
// CHECK:       vector.shuffle {{.*}} [1, 3, 5, 7, 9, 11, 13, 15]
// CHECK:       %[[FIRST:.+]] = arith.select {{.*}} : f32
// CHECK:       scf.for %{{.+}} = %c16_i64 to %c64_i64 step %c16_i64 iter_args(%[[ACC:.+]] = %[[FIRST]], %{{.+}} = %{{.+}}) -> (f32, i32)
// CHECK:         %[[NEXT:.+]] = arith.select {{.*}} : f32
// CHECK:         arith.cmpf ogt, %[[ACC]], %[[NEXT]] : f32
func.func @argmax_last(%x: !tile.ptr<f32>, %y: !tile.ptr<i32>) {
  %c0 = arith.constant 0 : i64
  %c1 = arith.constant 1 : i64
  %c64 = arith.constant 64 : i64
  %v = tile.load_box %x start(%c0) stride(%c1) lower(%c0) upper(%c64)
    : !tile.ptr<f32> -> tensor<64xf32>
  %i = tile.range 0 to 64 : tensor<64xi32>
  %m:2 = tile.reduce %v, %i axis 0 : (tensor<64xf32>, tensor<64xi32>) -> (f32, i32) {
  ^bb0(%a: f32, %ai: i32, %b: f32, %bi: i32):
    %gt = arith.cmpf ogt, %a, %b : f32
    %r = arith.select %gt, %a, %b : f32
    %ri = arith.select %gt, %ai, %bi : i32
    tile.yield %r, %ri : f32, i32
  }
  tile.store %y, %m#1 : !tile.ptr<i32>
  return
}
// -----
// With ties decided by the index it does: each lane has its own result until the
// end.
// CHECK-LABEL: tegula.kernel = "argmax"
// CHECK:       llvm.load {{.*}} -> vector<64xf32>
// CHECK-NOT:   [0, 2, 4,
// CHECK:       vector.shuffle {{.*}} [0, 1, 2, {{.*}}, 31]
// CHECK:       arith.cmpf ogt, {{.*}} : vector<32xf32>
func.func @argmax(%x: !tile.ptr<f32>, %y: !tile.ptr<i32>) {
  %c0 = arith.constant 0 : i64
  %c1 = arith.constant 1 : i64
  %c64 = arith.constant 64 : i64
  %v = tile.load_box %x start(%c0) stride(%c1) lower(%c0) upper(%c64)
    : !tile.ptr<f32> -> tensor<64xf32>
  %i = tile.range 0 to 64 : tensor<64xi32>
  %m:2 = tile.reduce %v, %i axis 0 : (tensor<64xf32>, tensor<64xi32>) -> (f32, i32) {
  ^bb0(%a: f32, %ai: i32, %b: f32, %bi: i32):
    %gt = arith.cmpf ogt, %a, %b : f32
    %eq = arith.cmpf oeq, %a, %b : f32
    %lt = arith.cmpi slt, %ai, %bi : i32
    %tie = arith.andi %eq, %lt : i1
    %left = arith.ori %gt, %tie : i1
    %r = arith.select %left, %a, %b : f32
    %ri = arith.select %left, %ai, %bi : i32
    tile.yield %r, %ri : f32, i32
  }
  tile.store %y, %m#1 : !tile.ptr<i32>
  return
}
// -----
// A combiner with control flow runs one element at a time.
// CHECK-LABEL: tegula.kernel = "branchy"
// CHECK:       %[[FIRST:.+]] = llvm.load {{.*}} -> f32
// CHECK:       scf.for %{{.+}} = %c1_i64 to %c64_i64 step %c1_i64 iter_args(%{{.+}} = %[[FIRST]]) -> (f32)
// CHECK:         scf.if
// CHECK:           arith.divf {{.*}} : f32
func.func @branchy(%x: !tile.ptr<f32>, %y: !tile.ptr<f32>) {
  %c0 = arith.constant 0 : i64
  %c1 = arith.constant 1 : i64
  %c64 = arith.constant 64 : i64
  %v = tile.load_box %x start(%c0) stride(%c1) lower(%c0) upper(%c64)
    : !tile.ptr<f32> -> tensor<64xf32>
  %m = tile.reduce %v axis 0 : (tensor<64xf32>) -> f32 {
  ^bb0(%a: f32, %b: f32):
    %gt = arith.cmpf ogt, %a, %b : f32
    %r = scf.if %gt -> f32 {
      %d = arith.divf %a, %b : f32
      scf.yield %d : f32
    } else {
      scf.yield %b : f32
    }
    tile.yield %r : f32
  }
  tile.store %y, %m : !tile.ptr<f32>
  return
}
