// RUN: tegula-opt %s --tegula-split-descriptors --canonicalize --split-input-file --verify-diagnostics | FileCheck %s

// A branch and a loop hand on base, sizes and strides; what none of them changes
// leaves the loop.
// CHECK-LABEL: func.func @carried(
//  CHECK-SAME:   %[[P:[^:]*]]: !tile.ptr<f32>, %[[Q:[^:]*]]: !tile.ptr<f32>, %[[N:[^:]*]]: i32, %[[M:[^:]*]]: i32,
//       CHECK:   scf.for {{.*}} iter_args(%[[BASE:.*]] = %[[P]], %[[SIZE:.*]] = %[[N]]) -> (!tile.ptr<f32>, i32)
//       CHECK:     %[[B:.*]] = arith.select %{{.*}}, %[[Q]], %[[BASE]] : !tile.ptr<f32>
//       CHECK:     %[[S:.*]] = arith.select %{{.*}}, %[[M]], %[[SIZE]] : i32
//       CHECK:     %[[D:.*]] = tile.make_desc %[[B]] shape(%[[S]]) stride(%c1_i64) padding  nan
//       CHECK:     tile.desc_load %[[D]]
//       CHECK:     scf.yield %[[B]], %[[S]]
func.func @carried(%p: !tile.ptr<f32>, %q: !tile.ptr<f32>, %n: i32, %m: i32, %flag: i1) {
  %c0 = arith.constant 0 : i32
  %c1 = arith.constant 1 : i32
  %one = arith.constant 1 : i64
  %first = tile.make_desc %p shape(%n) stride(%one) padding nan : !tile.ptr<f32> -> !tile.desc<8xf32>
  %last = scf.for %i = %c0 to %n step %c1 iter_args(%d = %first) -> (!tile.desc<8xf32>) : i32 {
    %next = scf.if %flag -> (!tile.desc<8xf32>) {
      %other = tile.make_desc %q shape(%m) stride(%one) padding nan : !tile.ptr<f32> -> !tile.desc<8xf32>
      scf.yield %other : !tile.desc<8xf32>
    } else {
      scf.yield %d : !tile.desc<8xf32>
    }
    %x = tile.desc_load %next[%i] : !tile.desc<8xf32> -> tensor<8xf32>
    tile.desc_store %next[%i], %x : !tile.desc<8xf32>, tensor<8xf32>
    scf.yield %next : !tile.desc<8xf32>
  }
  return
}

// -----

// CHECK-LABEL: func.func @chosen(
//       CHECK:   %[[B:.*]] = arith.select %{{.*}}, %arg0, %arg1 : !tile.ptr<f32>
//       CHECK:   tile.make_desc %[[B]]
//       CHECK:   scf.while {{.*}} -> (!tile.ptr<f32>, i32, i64, i32)
func.func @chosen(%p: !tile.ptr<f32>, %q: !tile.ptr<f32>, %n: i32, %flag: i1) {
  %c0 = arith.constant 0 : i32
  %one = arith.constant 1 : i64
  %a = tile.make_desc %p shape(%n) stride(%one) : !tile.ptr<f32> -> !tile.desc<8xf32>
  %b = tile.make_desc %q shape(%n) stride(%one) : !tile.ptr<f32> -> !tile.desc<8xf32>
  %c = arith.select %flag, %a, %b : !tile.desc<8xf32>
  %x = tile.desc_load %c[%c0] : !tile.desc<8xf32> -> tensor<8xf32>
  %end:2 = scf.while (%d = %c, %i = %c0) : (!tile.desc<8xf32>, i32) -> (!tile.desc<8xf32>, i32) {
    %more = arith.cmpi slt, %i, %n : i32
    scf.condition(%more) %d, %i : !tile.desc<8xf32>, i32
  } do {
  ^bb0(%d: !tile.desc<8xf32>, %i: i32):
    tile.desc_store %d[%i], %x : !tile.desc<8xf32>, tensor<8xf32>
    %next = arith.addi %i, %n : i32
    %other = arith.select %flag, %d, %a : !tile.desc<8xf32>
    scf.yield %other, %next : !tile.desc<8xf32>, i32
  }
  return
}

// -----

func.func @paddings(%p: !tile.ptr<f32>, %n: i32, %flag: i1) {
  %c0 = arith.constant 0 : i32
  %one = arith.constant 1 : i64
  %a = tile.make_desc %p shape(%n) stride(%one) : !tile.ptr<f32> -> !tile.desc<8xf32>
  %b = tile.make_desc %p shape(%n) stride(%one) padding nan : !tile.ptr<f32> -> !tile.desc<8xf32>
  // expected-error@+1 {{must have the same padding_option in the whole kernel}}
  %c = arith.select %flag, %a, %b : !tile.desc<8xf32>
  %x = tile.desc_load %c[%c0] : !tile.desc<8xf32> -> tensor<8xf32>
  tile.desc_store %a[%c0], %x : !tile.desc<8xf32>, tensor<8xf32>
  return
}
