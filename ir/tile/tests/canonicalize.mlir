// RUN: tegula-opt %s -canonicalize | FileCheck %s

// CHECK-LABEL: func @always_active
// CHECK: %[[X:.*]] = tile.load %arg0 : tensor<4x!tile.ptr<f32>>
// CHECK: tile.store %arg0, %[[X]] : tensor<4x!tile.ptr<f32>>
func.func @always_active(%p: tensor<4x!tile.ptr<f32>>, %o: tensor<4xf32>) {
  %m = arith.constant dense<true> : tensor<4xi1>
  %x = tile.load %p mask %m other %o : tensor<4x!tile.ptr<f32>>
  tile.store %p, %x mask %m : tensor<4x!tile.ptr<f32>>
  return
}

// CHECK-LABEL: func @never_active
// CHECK-NEXT: return %arg1
func.func @never_active(%p: tensor<4x!tile.ptr<f32>>, %o: tensor<4xf32>) -> tensor<4xf32> {
  %m = arith.constant dense<false> : tensor<4xi1>
  %x = tile.load %p mask %m other %o : tensor<4x!tile.ptr<f32>>
  tile.store %p, %x mask %m : tensor<4x!tile.ptr<f32>>
  return %x : tensor<4xf32>
}

// A mask that switches everything off leaves the elements open without `other`:
// `check` has to see that.
// CHECK-LABEL: func @never_active_and_open
// CHECK: tile.load %arg0 mask
func.func @never_active_and_open(%p: tensor<4x!tile.ptr<f32>>) -> tensor<4xf32> {
  %m = arith.constant dense<false> : tensor<4xi1>
  %x = tile.load %p mask %m : tensor<4x!tile.ptr<f32>>
  return %x : tensor<4xf32>
}

// CHECK-LABEL: func @volatile_stays
// CHECK: tile.load %arg0 {{.*}}is_volatile
func.func @volatile_stays(%p: !tile.ptr<f32>, %o: f32) -> f32 {
  %m = arith.constant false
  %x = tile.load %p mask %m other %o {is_volatile} : !tile.ptr<f32>
  return %x : f32
}

// CHECK-LABEL: func @splats
// CHECK-DAG: %[[T:.*]] = arith.constant dense<2.000000e+00> : tensor<2x4xf32>
// CHECK-DAG: %[[C:.*]] = arith.constant 2.000000e+00 : f32
// CHECK: return %[[T]], %[[C]], %arg0
func.func @splats(%x: f32) -> (tensor<2x4xf32>, f32, f32) {
  %c = arith.constant 2.0 : f32
  %s = tile.splat %c : f32 -> tensor<1x2xf32>
  %e = tile.trans %s [1, 0] : tensor<1x2xf32> -> tensor<2x1xf32>
  %b = tile.broadcast %e : tensor<2x1xf32> -> tensor<2x4xf32>
  %one = tile.splat %c : f32 -> tensor<1xf32>
  %u = tile.unsplat %one : tensor<1xf32> -> f32
  %t = tile.splat %x : f32 -> tensor<1x1xf32>
  %v = tile.unsplat %t : tensor<1x1xf32> -> f32
  return %b, %u, %v : tensor<2x4xf32>, f32, f32
}

// CHECK-LABEL: func @chains
// CHECK: %[[B:.*]] = tile.broadcast %arg0 : tensor<1x1xf32> -> tensor<8x4xf32>
// CHECK: %[[R:.*]] = tile.reshape %arg1 : tensor<64xf32> -> tensor<16x4xf32>
// CHECK: return %[[B]], %[[R]], %arg1
func.func @chains(%x: tensor<1x1xf32>, %y: tensor<64xf32>) -> (tensor<8x4xf32>, tensor<16x4xf32>, tensor<64xf32>) {
  %b = tile.broadcast %x : tensor<1x1xf32> -> tensor<8x1xf32>
  %c = tile.broadcast %b : tensor<8x1xf32> -> tensor<8x4xf32>
  %r = tile.reshape %y : tensor<64xf32> -> tensor<8x8xf32>
  %s = tile.reshape %r : tensor<8x8xf32> -> tensor<16x4xf32>
  %t = tile.reshape %r : tensor<8x8xf32> -> tensor<64xf32>
  return %c, %s, %t : tensor<8x4xf32>, tensor<16x4xf32>, tensor<64xf32>
}

// CHECK-LABEL: func @reordered_reshape_stays
// CHECK-COUNT-2: tile.reshape
func.func @reordered_reshape_stays(%y: tensor<64xf32>) -> tensor<64xf32> {
  %r = tile.reshape %y allow_reorder : tensor<64xf32> -> tensor<8x8xf32>
  %t = tile.reshape %r : tensor<8x8xf32> -> tensor<64xf32>
  return %t : tensor<64xf32>
}

// CHECK-LABEL: func @transposes
// CHECK: %[[T:.*]] = tile.trans %arg0 [1, 0]
// CHECK: return %arg0, %[[T]]
func.func @transposes(%x: tensor<4x4xf32>) -> (tensor<4x4xf32>, tensor<4x4xf32>) {
  %s = tile.trans %x [0, 1] : tensor<4x4xf32> -> tensor<4x4xf32>
  %t = tile.trans %x [1, 0] : tensor<4x4xf32> -> tensor<4x4xf32>
  return %s, %t : tensor<4x4xf32>, tensor<4x4xf32>
}

// CHECK-LABEL: func @no_offset
// CHECK-NEXT: return %arg0
func.func @no_offset(%p: tensor<4x!tile.ptr<f32>>) -> tensor<4x!tile.ptr<f32>> {
  %z = arith.constant dense<0> : tensor<4xi32>
  %q = tile.ptr_add %p, %z : tensor<4x!tile.ptr<f32>>, tensor<4xi32>
  return %q : tensor<4x!tile.ptr<f32>>
}
