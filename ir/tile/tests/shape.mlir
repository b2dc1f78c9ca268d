// RUN: tegula-opt %s | tegula-opt | FileCheck %s

// CHECK-LABEL: func @program_id
func.func @program_id() -> (i32, i32, i32) {
  // CHECK: tile.program_id x : i32
  %pid = tile.program_id x : i32
  // CHECK: tile.program_id y : i32
  %y = tile.program_id y : i32
  // CHECK: tile.program_id z : i32
  %z = tile.program_id z : i32
  return %pid, %y, %z : i32, i32, i32
}

// CHECK-LABEL: func @num_programs
func.func @num_programs() -> i32 {
  // CHECK: tile.num_programs x : i32
  %n = tile.num_programs x : i32
  return %n : i32
}

// CHECK-LABEL: func @range
func.func @range() -> (tensor<128xi32>, tensor<3xi32>) {
  // CHECK: tile.range 0 to 128 : tensor<128xi32>
  %cols = tile.range 0 to 128 : tensor<128xi32>
  // CHECK: tile.range -1 to 2 : tensor<3xi32>
  %near = tile.range -1 to 2 : tensor<3xi32>
  return %cols, %near : tensor<128xi32>, tensor<3xi32>
}

// CHECK-LABEL: func @splat
func.func @splat(%s: f32, %p: !tile.ptr<f32>) -> (tensor<64x32xf32>, tensor<4x!tile.ptr<f32>>) {
  // CHECK: tile.splat %{{.*}} : f32 -> tensor<64x32xf32>
  %t = tile.splat %s : f32 -> tensor<64x32xf32>
  // CHECK: tile.splat %{{.*}} : !tile.ptr<f32> -> tensor<4x!tile.ptr<f32>>
  %q = tile.splat %p : !tile.ptr<f32> -> tensor<4x!tile.ptr<f32>>
  return %t, %q : tensor<64x32xf32>, tensor<4x!tile.ptr<f32>>
}

// CHECK-LABEL: func @unsplat
func.func @unsplat(%t: tensor<1x1xf32>) -> f32 {
  // CHECK: tile.unsplat %{{.*}} : tensor<1x1xf32> -> f32
  %s = tile.unsplat %t : tensor<1x1xf32> -> f32
  return %s : f32
}

// CHECK-LABEL: func @broadcast
func.func @broadcast(%row: tensor<1x64xf32>) -> tensor<32x64xf32> {
  // CHECK: tile.broadcast %{{.*}} : tensor<1x64xf32> -> tensor<32x64xf32>
  %t = tile.broadcast %row : tensor<1x64xf32> -> tensor<32x64xf32>
  return %t : tensor<32x64xf32>
}

// CHECK-LABEL: func @expand_dims
func.func @expand_dims(%x: tensor<64xi32>) -> tensor<64x1xi32> {
  // CHECK: tile.expand_dims %{{.*}} axis 1 : tensor<64xi32> -> tensor<64x1xi32>
  %t = tile.expand_dims %x axis 1 : tensor<64xi32> -> tensor<64x1xi32>
  return %t : tensor<64x1xi32>
}

// CHECK-LABEL: func @reshape
func.func @reshape(%x: tensor<64xf32>) -> (tensor<8x8xf32>, tensor<2x32xf32>) {
  // CHECK: tile.reshape %{{.*}} : tensor<64xf32> -> tensor<8x8xf32>
  %t = tile.reshape %x : tensor<64xf32> -> tensor<8x8xf32>
  // CHECK: tile.reshape %{{.*}} allow_reorder : tensor<64xf32> -> tensor<2x32xf32>
  %u = tile.reshape %x allow_reorder : tensor<64xf32> -> tensor<2x32xf32>
  return %t, %u : tensor<8x8xf32>, tensor<2x32xf32>
}

// CHECK-LABEL: func @trans
func.func @trans(%x: tensor<64x32xf32>) -> tensor<32x64xf32> {
  // CHECK: tile.trans %{{.*}} [1, 0] : tensor<64x32xf32> -> tensor<32x64xf32>
  %t = tile.trans %x [1, 0] : tensor<64x32xf32> -> tensor<32x64xf32>
  return %t : tensor<32x64xf32>
}

// CHECK-LABEL: func @join
func.func @join(%a: tensor<64xf32>, %b: tensor<64xf32>, %s: i8) -> (tensor<64x2xf32>, tensor<2xi8>) {
  // CHECK: tile.join %{{.*}}, %{{.*}} : tensor<64xf32>, tensor<64xf32> -> tensor<64x2xf32>
  %t = tile.join %a, %b : tensor<64xf32>, tensor<64xf32> -> tensor<64x2xf32>
  // CHECK: tile.join %{{.*}}, %{{.*}} : i8, i8 -> tensor<2xi8>
  %u = tile.join %s, %s : i8, i8 -> tensor<2xi8>
  return %t, %u : tensor<64x2xf32>, tensor<2xi8>
}

// CHECK-LABEL: func @split
func.func @split(%t: tensor<64x2xf32>, %u: tensor<2xi8>) -> (tensor<64xf32>, i8) {
  // CHECK: tile.split %{{.*}} : tensor<64x2xf32> -> tensor<64xf32>, tensor<64xf32>
  %a, %b = tile.split %t : tensor<64x2xf32> -> tensor<64xf32>, tensor<64xf32>
  // CHECK: tile.split %{{.*}} : tensor<2xi8> -> i8, i8
  %c, %d = tile.split %u : tensor<2xi8> -> i8, i8
  return %a, %d : tensor<64xf32>, i8
}

// CHECK-LABEL: func @cat
func.func @cat(%a: tensor<64xf32>, %b: tensor<64xf32>) -> tensor<128xf32> {
  // CHECK: tile.cat %{{.*}}, %{{.*}} : tensor<64xf32>, tensor<64xf32> -> tensor<128xf32>
  %t = tile.cat %a, %b : tensor<64xf32>, tensor<64xf32> -> tensor<128xf32>
  return %t : tensor<128xf32>
}

// CHECK-LABEL: func @ptr_add
func.func @ptr_add(%p: tensor<64x!tile.ptr<f32>>, %i: tensor<64xi32>, %s: !tile.ptr<bf16>, %n: i64)
    -> (tensor<64x!tile.ptr<f32>>, !tile.ptr<bf16>) {
  // CHECK: tile.ptr_add %{{.*}}, %{{.*}} : tensor<64x!tile.ptr<f32>>, tensor<64xi32>
  %q = tile.ptr_add %p, %i : tensor<64x!tile.ptr<f32>>, tensor<64xi32>
  // CHECK: tile.ptr_add %{{.*}}, %{{.*}} : !tile.ptr<bf16>, i64
  %t = tile.ptr_add %s, %n : !tile.ptr<bf16>, i64
  return %q, %t : tensor<64x!tile.ptr<f32>>, !tile.ptr<bf16>
}

// CHECK-LABEL: func @ptr_cast
func.func @ptr_cast(%p: !tile.ptr<f32>) -> !tile.ptr<i32> {
  // CHECK: tile.ptr_cast %{{.*}} : !tile.ptr<f32> -> !tile.ptr<i32>
  %q = tile.ptr_cast %p : !tile.ptr<f32> -> !tile.ptr<i32>
  return %q : !tile.ptr<i32>
}

// CHECK-LABEL: func @int_to_ptr
func.func @int_to_ptr(%i: i64) -> !tile.ptr<f16> {
  // CHECK: tile.int_to_ptr %{{.*}} : i64 -> !tile.ptr<f16>
  %p = tile.int_to_ptr %i : i64 -> !tile.ptr<f16>
  return %p : !tile.ptr<f16>
}

// CHECK-LABEL: func @ptr_to_int
func.func @ptr_to_int(%p: !tile.ptr<f16>) -> i64 {
  // CHECK: tile.ptr_to_int %{{.*}} : !tile.ptr<f16> -> i64
  %i = tile.ptr_to_int %p : !tile.ptr<f16> -> i64
  return %i : i64
}
