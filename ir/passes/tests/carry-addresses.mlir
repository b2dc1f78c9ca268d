// RUN: tegula-opt %s --tegula-carry-addresses | FileCheck %s

// CHECK-LABEL: func.func @select
//  CHECK-SAME: (%[[C:[^:]*]]: tensor<4xi1>, %[[P:[^:]*]]: {{.*}}, %[[Q:[^:]*]]:
//       CHECK:   %[[A:.*]] = tile.ptr_to_int %[[P]]
//       CHECK:   %[[B:.*]] = tile.ptr_to_int %[[Q]]
//       CHECK:   %[[R:.*]] = arith.select %[[C]], %[[A]], %[[B]] : tensor<4xi1>, tensor<4xi64>
//       CHECK:   tile.int_to_ptr %[[R]]
func.func @select(%c: tensor<4xi1>, %p: tensor<4x!tile.ptr<f32>>, %q: tensor<4x!tile.ptr<f32>>) -> tensor<4x!tile.ptr<f32>> {
  %r = arith.select %c, %p, %q : tensor<4xi1>, tensor<4x!tile.ptr<f32>>
  return %r : tensor<4x!tile.ptr<f32>>
}

// CHECK-LABEL: func.func @swap
//       CHECK:   scf.for {{.*}} iter_args(%[[A:.*]] = {{.*}}, %[[B:.*]] = {{.*}}) -> (tensor<4xi64>, tensor<4xi64>)
//       CHECK:     %[[Q:.*]] = tile.int_to_ptr %[[B]]
//       CHECK:     tile.load %[[Q]]
//       CHECK:     scf.yield %[[B]], %[[A]]
func.func @swap(%p: tensor<4x!tile.ptr<f32>>, %q: tensor<4x!tile.ptr<f32>>, %n: i32) {
  %c0 = arith.constant 0 : i32
  %c1 = arith.constant 1 : i32
  %r:2 = scf.for %k = %c0 to %n step %c1 iter_args(%a = %p, %b = %q) -> (tensor<4x!tile.ptr<f32>>, tensor<4x!tile.ptr<f32>>) : i32 {
    %v = tile.load %b : tensor<4x!tile.ptr<f32>>
    tile.store %a, %v : tensor<4x!tile.ptr<f32>>
    scf.yield %b, %a : tensor<4x!tile.ptr<f32>>, tensor<4x!tile.ptr<f32>>
  }
  return
}

// CHECK-LABEL: func.func @while
//       CHECK:   scf.while ({{.*}}) : (tensor<4xi64>) -> tensor<4xi64>
//       CHECK:   scf.condition({{.*}}) {{.*}} : tensor<4xi64>
//       CHECK:   ^bb0(%{{.*}}: tensor<4xi64>):
//       CHECK:   scf.yield {{.*}} : tensor<4xi64>
func.func @while(%p: tensor<4x!tile.ptr<i1>>, %go: i1) {
  %r = scf.while (%a = %p) : (tensor<4x!tile.ptr<i1>>) -> (tensor<4x!tile.ptr<i1>>) {
    scf.condition(%go) %a : tensor<4x!tile.ptr<i1>>
  } do {
  ^bb0(%a: tensor<4x!tile.ptr<i1>>):
    %m = tile.load %a : tensor<4x!tile.ptr<i1>>
    %n = arith.select %m, %a, %p : tensor<4xi1>, tensor<4x!tile.ptr<i1>>
    scf.yield %n : tensor<4x!tile.ptr<i1>>
  }
  return
}
