// RUN: tegula-opt %s | tegula-opt | FileCheck %s

// CHECK-LABEL: func @fp_convert
func.func @fp_convert(%x: tensor<64xf32>, %s: f32) {
  // CHECK: tile.fp_convert %{{.*}} rtne saturate : tensor<64xf32> -> tensor<64xf8E4M3FN>
  %y = tile.fp_convert %x rtne saturate : tensor<64xf32> -> tensor<64xf8E4M3FN>
  // CHECK: tile.fp_convert %{{.*}} rtz : f32 -> bf16
  %z = tile.fp_convert %s rtz : f32 -> bf16
  return
}

// CHECK-LABEL: func @extern_math
func.func @extern_math(%a: tensor<64xf32>, %b: tensor<64xf32>) {
  // CHECK: tile.extern_math "atan2"(%{{.*}}, %{{.*}}) : (tensor<64xf32>, tensor<64xf32>) -> tensor<64xf32>
  %y = tile.extern_math "atan2"(%a, %b) : (tensor<64xf32>, tensor<64xf32>) -> tensor<64xf32>
  return
}

// CHECK-LABEL: func @map_elementwise
func.func @map_elementwise(%x: tensor<64xf32>) {
  // CHECK: tile.map_elementwise %{{.*}} pack 1 : (tensor<64xf32>) -> tensor<64xf32> {
  // CHECK-NEXT: ^bb0(%{{.*}}: f32):
  // CHECK-NEXT: arith.mulf
  // CHECK-NEXT: tile.yield %{{.*}} : f32
  %y = tile.map_elementwise %x pack 1 : (tensor<64xf32>) -> tensor<64xf32> {
  ^bb0(%e: f32):
    %s = arith.mulf %e, %e : f32
    tile.yield %s : f32
  }
  // CHECK: tile.map_elementwise %{{.*}}, %{{.*}} pack 2 : (tensor<64xf32>, tensor<64xf32>) -> (tensor<64xf32>, tensor<64xi1>)
  %p:2 = tile.map_elementwise %x, %y pack 2 : (tensor<64xf32>, tensor<64xf32>) -> (tensor<64xf32>, tensor<64xi1>) {
  ^bb0(%a0: f32, %a1: f32, %b0: f32, %b1: f32):
    %c = arith.cmpf olt, %a0, %b1 : f32
    tile.yield %a1, %b0, %c, %c : f32, f32, i1, i1
  }
  return
}

// CHECK-LABEL: func @reduce
func.func @reduce(%x: tensor<8x64xf32>, %v: tensor<64xf32>, %i: tensor<64xi32>) {
  // CHECK: tile.reduce %{{.*}} axis 1 : (tensor<8x64xf32>) -> tensor<8xf32> {
  %s = tile.reduce %x axis 1 : (tensor<8x64xf32>) -> tensor<8xf32> {
  ^bb0(%a: f32, %b: f32):
    %c = arith.addf %a, %b : f32
    tile.yield %c : f32
  }
  // CHECK: tile.reduce %{{.*}}, %{{.*}} axis 0 : (tensor<64xf32>, tensor<64xi32>) -> (f32, i32) {
  %m, %k = tile.reduce %v, %i axis 0 : (tensor<64xf32>, tensor<64xi32>) -> (f32, i32) {
  ^bb0(%va: f32, %ia: i32, %vb: f32, %ib: i32):
    %gt = arith.cmpf ogt, %vb, %va : f32
    %w = arith.select %gt, %vb, %va : f32
    %j = arith.select %gt, %ib, %ia : i32
    // CHECK: tile.yield %{{.*}}, %{{.*}} : f32, i32
    tile.yield %w, %j : f32, i32
  }
  return
}

// CHECK-LABEL: func @scan
func.func @scan(%x: tensor<64xf32>) {
  // CHECK: tile.scan %{{.*}} axis 0 : (tensor<64xf32>) -> tensor<64xf32> {
  %s = tile.scan %x axis 0 : (tensor<64xf32>) -> tensor<64xf32> {
  ^bb0(%a: f32, %b: f32):
    %c = arith.addf %a, %b : f32
    tile.yield %c : f32
  }
  // CHECK: tile.scan %{{.*}} axis 0 reverse : (tensor<64xf32>) -> tensor<64xf32> {
  %t = tile.scan %x axis 0 reverse : (tensor<64xf32>) -> tensor<64xf32> {
  ^bb0(%a: f32, %b: f32):
    %c = arith.maximumf %a, %b : f32
    tile.yield %c : f32
  }
  return
}

// CHECK-LABEL: func @gather
func.func @gather(%x: tensor<64xf32>, %i: tensor<32xi32>) {
  // CHECK: tile.gather %{{.*}}[%{{.*}}] axis 0 : tensor<64xf32>, tensor<32xi32> -> tensor<32xf32>
  %y = tile.gather %x[%i] axis 0 : tensor<64xf32>, tensor<32xi32> -> tensor<32xf32>
  return
}

// CHECK-LABEL: func @histogram
func.func @histogram(%x: tensor<64xi32>, %m: tensor<64xi1>) {
  // CHECK: tile.histogram %{{.*}} mask %{{.*}} : tensor<64xi1> : tensor<64xi32> -> tensor<16xi32>
  %h = tile.histogram %x mask %m : tensor<64xi1> : tensor<64xi32> -> tensor<16xi32>
  // CHECK: tile.histogram %{{[a-z0-9]*}} : tensor<64xi32> -> tensor<16xi32>
  %g = tile.histogram %x : tensor<64xi32> -> tensor<16xi32>
  return
}

// CHECK-LABEL: func @dot
func.func @dot(%a: tensor<64x32xf32>, %b: tensor<32x64xf32>, %c: tensor<64x64xf32>,
               %x: tensor<2x4x8xi8>, %y: tensor<2x8x4xi8>, %z: tensor<2x4x4xi32>) {
  // CHECK: tile.dot %{{.*}}, %{{.*}}, %{{.*}} : tensor<64x32xf32>, tensor<32x64xf32> -> tensor<64x64xf32>
  %d = tile.dot %a, %b, %c : tensor<64x32xf32>, tensor<32x64xf32> -> tensor<64x64xf32>
  // CHECK: tile.dot %{{.*}}, %{{.*}}, %{{.*}} precision tf32 {max_imprecise_acc = 4 : i32} : tensor<64x32xf32>
  %e = tile.dot %a, %b, %c precision tf32 {max_imprecise_acc = 4 : i32} : tensor<64x32xf32>, tensor<32x64xf32> -> tensor<64x64xf32>
  // CHECK: tile.dot %{{.*}}, %{{.*}}, %{{.*}} : tensor<2x4x8xi8>, tensor<2x8x4xi8> -> tensor<2x4x4xi32>
  %f = tile.dot %x, %y, %z : tensor<2x4x8xi8>, tensor<2x8x4xi8> -> tensor<2x4x4xi32>
  return
}

// CHECK-LABEL: func @dot_scaled
func.func @dot_scaled(%a: tensor<64x64xi8>, %sa: tensor<64x2xi8>, %b: tensor<32x64xi8>,
                      %sb: tensor<64x2xi8>, %c: tensor<64x64xf32>, %w: tensor<64x64xbf16>) {
  // CHECK: tile.dot_scaled %{{.*}} scale %{{.*}} : tensor<64x2xi8>, %{{.*}} scale %{{.*}} : tensor<64x2xi8>, %{{.*}} e4m3 e2m1 : tensor<64x64xi8>, tensor<32x64xi8>, tensor<64x64xf32> -> tensor<64x64xf32>
  %d = tile.dot_scaled %a scale %sa : tensor<64x2xi8>, %b scale %sb : tensor<64x2xi8>, %c
         e4m3 e2m1
         : tensor<64x64xi8>, tensor<32x64xi8>, tensor<64x64xf32> -> tensor<64x64xf32>
  // CHECK: tile.dot_scaled %{{.*}} scale %{{.*}} : tensor<64x2xi8>, %{{.*}}, %{{.*}} e5m2 bf16 {fast_math} : tensor<64x64xi8>, tensor<64x64xbf16>
  %e = tile.dot_scaled %a scale %sa : tensor<64x2xi8>, %w, %c e5m2 bf16 {fast_math}
         : tensor<64x64xi8>, tensor<64x64xbf16>, tensor<64x64xf32> -> tensor<64x64xf32>
  return
}

// CHECK-LABEL: func @assert
func.func @assert(%ok: tensor<64xi1>, %one: i1) {
  // CHECK: tile.assert %{{.*}}, "index out of range" : tensor<64xi1>
  tile.assert %ok, "index out of range" : tensor<64xi1>
  // CHECK: tile.assert %{{.*}}, "" : i1
  tile.assert %one, "" : i1
  return
}

// CHECK-LABEL: func @print
func.func @print(%x: tensor<64xi32>, %p: !tile.ptr<f32>) {
  // CHECK: tile.print "x: "(%{{.*}}) {is_signed = array<i32: 1>} : tensor<64xi32>
  tile.print "x: " (%x) {is_signed = array<i32: 1>} : tensor<64xi32>
  // CHECK: tile.print "both"(%{{.*}}, %{{.*}}) {hex} : tensor<64xi32>, !tile.ptr<f32>
  tile.print "both"(%x, %p) {hex} : tensor<64xi32>, !tile.ptr<f32>
  // CHECK: tile.print "nothing"()
  tile.print "nothing"()
  return
}
