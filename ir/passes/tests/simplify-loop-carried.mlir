// RUN: tegula-opt %s --tegula-simplify-loop-carried --canonicalize --cse | FileCheck %s

// A step that the induction variable's step divides needs no carried value.
// CHECK-LABEL: func.func @induction
//  CHECK-SAME: (%[[P:[^:]*]]: {{.*}}, %[[STRIDE:[^:]*]]: i32, %[[N:[^:]*]]: i32)
//       CHECK:   %[[WIDE:.*]] = arith.extsi %[[STRIDE]]
//   CHECK-NOT:   iter_args
//       CHECK:   scf.for %[[K:.*]] = {{.*}} {
//       CHECK:     %[[KW:.*]] = arith.extsi %[[K]]
//       CHECK:     %[[OFFSET:.*]] = arith.muli %[[WIDE]], %[[KW]] : i64
//       CHECK:     %[[SPLAT:.*]] = tile.splat %[[OFFSET]]
//       CHECK:     tile.ptr_add %[[P]], %[[SPLAT]]
func.func @induction(%p: tensor<8x!tile.ptr<f32>>, %stride: i32, %n: i32) {
  %c0 = arith.constant 0 : i32
  %c16 = arith.constant 16 : i32
  %v = arith.constant dense<0.0> : tensor<8xf32>
  %end = scf.for %k = %c0 to %n step %c16 iter_args(%q = %p) -> (tensor<8x!tile.ptr<f32>>) : i32 {
    tile.store %q, %v : tensor<8x!tile.ptr<f32>>
    %step = arith.muli %stride, %c16 : i32
    %steps = tile.splat %step : i32 -> tensor<8xi32>
    %next = tile.ptr_add %q, %steps : tensor<8x!tile.ptr<f32>>, tensor<8xi32>
    scf.yield %next : tensor<8x!tile.ptr<f32>>
  }
  return
}

// A step that differs from iteration to iteration is carried as a sum; the
// final pointers are the first ones, moved.
// CHECK-LABEL: func.func @sum
//  CHECK-SAME: (%[[P:[^:]*]]:
//       CHECK:   %[[SUM:.*]] = scf.for {{.*}} iter_args(%[[ACC:.*]] = %c0{{.*}}) -> (i64)
//       CHECK:     tile.splat %[[ACC]]
//       CHECK:   %[[MOVED:.*]] = tile.splat %[[SUM]]
//       CHECK:   %[[END:.*]] = tile.ptr_add %[[P]], %[[MOVED]]
//       CHECK:   return %[[END]]
func.func @sum(%p: tensor<8x!tile.ptr<f32>>, %n: i32) -> tensor<8x!tile.ptr<f32>> {
  %c0 = arith.constant 0 : i32
  %c1 = arith.constant 1 : i32
  %v = arith.constant dense<0.0> : tensor<8xf32>
  %end = scf.for %k = %c0 to %n step %c1 iter_args(%q = %p) -> (tensor<8x!tile.ptr<f32>>) : i32 {
    tile.store %q, %v : tensor<8x!tile.ptr<f32>>
    %steps = tile.splat %k : i32 -> tensor<8xi32>
    %next = tile.ptr_add %q, %steps : tensor<8x!tile.ptr<f32>>, tensor<8xi32>
    scf.yield %next : tensor<8x!tile.ptr<f32>>
  }
  return %end : tensor<8x!tile.ptr<f32>>
}

// Lanes that move apart, by the same amounts each time: a count is carried.
// CHECK-LABEL: func.func @count
//  CHECK-SAME: (%[[P:[^:]*]]: {{.*}}, %[[D:[^:]*]]: tensor<8xi32>
//       CHECK:   scf.for {{.*}} iter_args(%[[COUNT:.*]] = %c0{{.*}}) -> (i64)
//       CHECK:     %[[WIDE:.*]] = arith.extsi %[[D]]
//       CHECK:     %[[COUNTS:.*]] = tile.splat %[[COUNT]]
//       CHECK:     arith.muli %[[WIDE]], %[[COUNTS]]
//       CHECK:     arith.addi %[[COUNT]], %c1
func.func @count(%p: tensor<8x!tile.ptr<f32>>, %d: tensor<8xi32>, %n: i32) {
  %c0 = arith.constant 0 : i32
  %c1 = arith.constant 1 : i32
  %v = arith.constant dense<0.0> : tensor<8xf32>
  %end = scf.for %k = %c0 to %n step %c1 iter_args(%q = %p) -> (tensor<8x!tile.ptr<f32>>) : i32 {
    tile.store %q, %v : tensor<8x!tile.ptr<f32>>
    %next = tile.ptr_add %q, %d : tensor<8x!tile.ptr<f32>>, tensor<8xi32>
    scf.yield %next : tensor<8x!tile.ptr<f32>>
  }
  return
}

// CHECK-LABEL: func.func @while
//  CHECK-SAME: (%[[P:[^:]*]]:
//       CHECK:   scf.while ({{.*}}) : {{.*}} -> {{.*}}i64
//   CHECK-NOT:   tensor<8x!tile.ptr<f32>>)
//       CHECK:   } do {
//       CHECK:     tile.ptr_add %[[P]]
func.func @while(%p: tensor<8x!tile.ptr<f32>>, %n: i32) {
  %c0 = arith.constant 0 : i32
  %c1 = arith.constant 1 : i32
  %v = arith.constant dense<0.0> : tensor<8xf32>
  %end:2 = scf.while (%q = %p, %k = %c0) : (tensor<8x!tile.ptr<f32>>, i32) -> (tensor<8x!tile.ptr<f32>>, i32) {
    %go = arith.cmpi slt, %k, %n : i32
    scf.condition(%go) %q, %k : tensor<8x!tile.ptr<f32>>, i32
  } do {
  ^bb0(%q: tensor<8x!tile.ptr<f32>>, %k: i32):
    tile.store %q, %v : tensor<8x!tile.ptr<f32>>
    %steps = tile.splat %k : i32 -> tensor<8xi32>
    %next = tile.ptr_add %q, %steps : tensor<8x!tile.ptr<f32>>, tensor<8xi32>
    %more = arith.addi %k, %c1 : i32
    scf.yield %next, %more : tensor<8x!tile.ptr<f32>>, i32
  }
  return
}

// A branch chooses how far, not where.
// CHECK-LABEL: func.func @branch
//  CHECK-SAME: (%[[P:[^:]*]]: {{.*}}, %[[C:[^:]*]]: i1)
//       CHECK:   %[[STEP:.*]] = arith.select %[[C]], %c4{{.*}}, %c0{{.*}} : i64
//       CHECK:   %[[STEPS:.*]] = tile.splat %[[STEP]]
//       CHECK:   tile.ptr_add %[[P]], %[[STEPS]]
func.func @branch(%p: tensor<8x!tile.ptr<f32>>, %c: i1) -> tensor<8x!tile.ptr<f32>> {
  %q = scf.if %c -> (tensor<8x!tile.ptr<f32>>) {
    %four = arith.constant dense<4> : tensor<8xi32>
    %next = tile.ptr_add %p, %four : tensor<8x!tile.ptr<f32>>, tensor<8xi32>
    scf.yield %next : tensor<8x!tile.ptr<f32>>
  } else {
    scf.yield %p : tensor<8x!tile.ptr<f32>>
  }
  return %q : tensor<8x!tile.ptr<f32>>
}
