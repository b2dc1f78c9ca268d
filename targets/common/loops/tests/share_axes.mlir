// RUN: tegula-opt %s --split-input-file --tegula-cpu-loops="arch=znver4" | FileCheck %s

// A's rows are told by the program's x, its columns by the loop: another
// program comes to the same tile only if the grid has a y or z. B's tile is
// the same for all programs.
// CHECK-LABEL: tegula.kernel = "rows"
// CHECK:       arith.constant false
// CHECK:       llvm.getelementptr %arg1[16]
// CHECK:       arith.cmpi sgt
// CHECK:       llvm.getelementptr %arg1[20]
// CHECK:       arith.cmpi sgt
// CHECK:       %[[MANY:.+]] = arith.ori
// CHECK:       %[[MAY:.+]] = arith.andi %{{.+}}, %[[MANY]] : i1
// CHECK:       scf.if %[[MAY]] -> (!llvm.ptr, !llvm.ptr, i1)
// CHECK-NOT:   arith.cmpi sgt
// CHECK:       scf.if %{{.+}} -> (!llvm.ptr, !llvm.ptr, i1)
func.func @rows(%a: !tile.ptr<f32>, %b: !tile.ptr<f32>, %c: !tile.ptr<f32>, %k: i64, %lda: i64, %ldb: i64) {
  %c0 = arith.constant 0 : i64
  %c1 = arith.constant 1 : i64
  %c64 = arith.constant 64 : i64
  %pid = tile.program_id x : i32
  %id = arith.extsi %pid : i32 to i64
  %row = arith.muli %id, %c64 : i64
  %zero = arith.constant dense<0.0> : tensor<64x64xf32>
  %acc = scf.for %i = %c0 to %k step %c64 iter_args(%sum = %zero) -> (tensor<64x64xf32>) : i64 {
    %x = tile.load_box %a start(%row, %i) stride(%lda, %c1) lower(%c0, %c0) upper(%c64, %c64) : <f32> -> tensor<64x64xf32>
    %y = tile.load_box %b start(%i, %c0) stride(%ldb, %c1) lower(%c0, %c0) upper(%c64, %c64) : <f32> -> tensor<64x64xf32>
    %d = tile.dot %x, %y, %sum : tensor<64x64xf32>, tensor<64x64xf32> -> tensor<64x64xf32>
    scf.yield %d : tensor<64x64xf32>
  }
  tile.store_box %c, %acc start(%row, %c0) stride(%c64, %c1) lower(%c0, %c0) upper(%c64, %c64) : <f32>, tensor<64x64xf32>
  return
}

// -----
// A program that comes back to a tile in an outer loop shares it with itself.
// CHECK-LABEL: tegula.kernel = "again"
// CHECK-NOT:   arith.cmpi sgt
// CHECK:       return
func.func @again(%a: !tile.ptr<f32>, %b: !tile.ptr<f32>, %c: !tile.ptr<f32>, %n: i64, %k: i64, %lda: i64, %ldb: i64) {
  %c0 = arith.constant 0 : i64
  %c1 = arith.constant 1 : i64
  %c64 = arith.constant 64 : i64
  %pid = tile.program_id x : i32
  %id = arith.extsi %pid : i32 to i64
  %row = arith.muli %id, %c64 : i64
  %zero = arith.constant dense<0.0> : tensor<64x64xf32>
  scf.for %j = %c0 to %n step %c64 : i64 {
    %acc = scf.for %i = %c0 to %k step %c64 iter_args(%sum = %zero) -> (tensor<64x64xf32>) : i64 {
      %x = tile.load_box %a start(%row, %i) stride(%lda, %c1) lower(%c0, %c0) upper(%c64, %c64) : <f32> -> tensor<64x64xf32>
      %y = tile.load_box %b start(%i, %j) stride(%ldb, %c1) lower(%c0, %c0) upper(%c64, %c64) : <f32> -> tensor<64x64xf32>
      %d = tile.dot %x, %y, %sum : tensor<64x64xf32>, tensor<64x64xf32> -> tensor<64x64xf32>
      scf.yield %d : tensor<64x64xf32>
    }
    tile.store_box %c, %acc start(%row, %j) stride(%n, %c1) lower(%c0, %c0) upper(%c64, %c64) : <f32>, tensor<64x64xf32>
  }
  return
}
