// RUN: tegula-opt %s --tegula-lower-to-loops | FileCheck %s

// Bins are found in vectors and counted in a loop of their own. Its loads are
// volatile: LLVM would take the few bins of an unrolled loop from the registers
// again, and LLVM 22 then took two i32 for one index: it drops the mask in
// `(extract (bitcast <4 x i32> to <2 x i64>) 0) & 7`, whose high half is lane 1.

// CHECK-LABEL: tegula.kernel = "few_elements"
// CHECK: arith.select {{.*}} : vector<4xi1>, vector<4xi32>
// CHECK: llvm.load volatile {{.*}} {alignment = 4 : i64} : !llvm.ptr -> i32
// CHECK: arith.extui {{.*}} : i32 to i64
func.func @few_elements(%x: !tile.ptr<i32>, %y: !tile.ptr<i32>, %n: i32) {
  %i = tile.range 0 to 4 : tensor<4xi32>
  %ns = tile.splat %n : i32 -> tensor<4xi32>
  %m = arith.cmpi slt, %i, %ns : tensor<4xi32>
  %xs = tile.splat %x : !tile.ptr<i32> -> tensor<4x!tile.ptr<i32>>
  %xp = tile.ptr_add %xs, %i : tensor<4x!tile.ptr<i32>>, tensor<4xi32>
  %v = tile.load %xp : tensor<4x!tile.ptr<i32>>
  %h = tile.histogram %v mask %m : tensor<4xi1> : tensor<4xi32> -> tensor<4xi32>
  %ys = tile.splat %y : !tile.ptr<i32> -> tensor<4x!tile.ptr<i32>>
  %yp = tile.ptr_add %ys, %i : tensor<4x!tile.ptr<i32>>, tensor<4xi32>
  tile.store %yp, %h : tensor<4x!tile.ptr<i32>>
  return
}
