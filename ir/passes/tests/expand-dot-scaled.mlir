// RUN: tegula-opt %s --split-input-file --verify-diagnostics --tegula-expand-dot-scaled | FileCheck %s

// Bytes of fp8 become f32; exponents become floats by a shift, but for 2^-127
// and NaN, and are repeated 32 times along K.
// CHECK-LABEL: func.func @fp8
//  CHECK-SAME: (%[[A:[^:]*]]: tensor<16x64xi8>, %[[B:[^:]*]]: tensor<64x32xf8E5M2>, %[[C:[^:]*]]: tensor<16x32xf32>, %[[S:[^:]*]]: tensor<16x2xi8>)
//       CHECK:   %[[BITS:.*]] = arith.bitcast %[[A]] : tensor<16x64xi8> to tensor<16x64xf8E4M3FN>
//       CHECK:   %[[L:.*]] = arith.extf %[[BITS]]
//       CHECK:   %[[R:.*]] = arith.extf %[[B]] : tensor<64x32xf8E5M2> to tensor<64x32xf32>
//       CHECK:   %[[E:.*]] = arith.extui %[[S]] : tensor<16x2xi8> to tensor<16x2xi32>
//       CHECK:   arith.shli %[[E]], %{{.*}}
//       CHECK:   arith.cmpi eq, %[[E]]
//       CHECK:   arith.cmpi eq, %[[E]]
//       CHECK:   %[[F:.*]] = arith.bitcast {{.*}} : tensor<16x2xi32> to tensor<16x2xf32>
//       CHECK:   %[[X:.*]] = tile.expand_dims %[[F]] axis 2
//       CHECK:   %[[Y:.*]] = tile.broadcast %[[X]] : tensor<16x2x1xf32> -> tensor<16x2x32xf32>
//       CHECK:   %[[Z:.*]] = tile.reshape %[[Y]] : tensor<16x2x32xf32> -> tensor<16x64xf32>
//       CHECK:   %[[SCALED:.*]] = arith.mulf %[[L]], %[[Z]]
//       CHECK:   tile.dot %[[SCALED]], %[[R]], %[[C]]
//   CHECK-NOT:   dot_scaled
func.func @fp8(%a: tensor<16x64xi8>, %b: tensor<64x32xf8E5M2>, %c: tensor<16x32xf32>, %s: tensor<16x2xi8>) -> tensor<16x32xf32> {
  %d = tile.dot_scaled %a scale %s : tensor<16x2xi8>, %b, %c e4m3 e5m2
    : tensor<16x64xi8>, tensor<64x32xf8E5M2>, tensor<16x32xf32> -> tensor<16x32xf32>
  return %d : tensor<16x32xf32>
}

// -----

// The scales of b stand by column of b, so they are transposed; pairs along K
// are rows of b.
// CHECK-LABEL: func.func @rows
//  CHECK-SAME: %[[B:[^:]*]]: tensor<32x32xi8>
//       CHECK:   %[[I:.*]] = arith.extui %[[B]]
//       CHECK:   %[[LOW:.*]] = arith.andi %[[I]], %{{.*}}
//       CHECK:   %[[FIRST:.*]] = arith.select
//       CHECK:   %[[HIGH:.*]] = arith.shrui %[[I]], %{{.*}}
//       CHECK:   %[[SECOND:.*]] = arith.select
//       CHECK:   %[[J:.*]] = tile.join %[[FIRST]], %[[SECOND]] : {{.*}} -> tensor<32x32x2xf32>
//       CHECK:   %[[T:.*]] = tile.trans %[[J]] [0, 2, 1] : tensor<32x32x2xf32> -> tensor<32x2x32xf32>
//       CHECK:   %[[R:.*]] = tile.reshape %[[T]] : tensor<32x2x32xf32> -> tensor<64x32xf32>
//       CHECK:   %[[S:.*]] = tile.reshape %{{.*}} : tensor<32x4x16xf32> -> tensor<32x64xf32>
//       CHECK:   %[[ST:.*]] = tile.trans %[[S]] [1, 0] : tensor<32x64xf32> -> tensor<64x32xf32>
//       CHECK:   %[[SCALED:.*]] = arith.mulf %[[R]], %[[ST]]
//       CHECK:   tile.dot %{{.*}}, %[[SCALED]]
func.func @rows(%a: tensor<16x64xbf16>, %b: tensor<32x32xi8>, %c: tensor<16x32xf32>, %s: tensor<32x4xf8E4M3FN>) -> tensor<16x32xf32> {
  %d = tile.dot_scaled %a, %b scale %s : tensor<32x4xf8E4M3FN>, %c bf16 e2m1
    : tensor<16x64xbf16>, tensor<32x32xi8>, tensor<16x32xf32> -> tensor<16x32xf32>
  return %d : tensor<16x32xf32>
}

// -----

// Pairs along N are neighbours already.
// CHECK-LABEL: func.func @columns
//       CHECK:   %[[J:.*]] = tile.join {{.*}} -> tensor<64x16x2xf32>
//       CHECK:   tile.reshape %[[J]] : tensor<64x16x2xf32> -> tensor<64x32xf32>
// Scales that are floats may stand for 32 elements, too.
//       CHECK:   tile.reshape %{{.*}} : tensor<32x2x32xf32> -> tensor<32x64xf32>
// A narrow accumulator is summed in f32.
//       CHECK:   %[[C:.*]] = arith.extf %{{.*}} : tensor<16x32xf16> to tensor<16x32xf32>
//       CHECK:   %[[D:.*]] = tile.dot %{{.*}}, %{{.*}}, %[[C]]
//       CHECK:   arith.truncf %[[D]]
func.func @columns(%a: tensor<16x64xf16>, %b: tensor<64x16xi8>, %c: tensor<16x32xf16>, %s: tensor<32x2xf8E4M3FN>) -> tensor<16x32xf16> {
  %d = tile.dot_scaled %a, %b scale %s : tensor<32x2xf8E4M3FN>, %c fp16 e2m1 {b_k_pack = false}
    : tensor<16x64xf16>, tensor<64x16xi8>, tensor<16x32xf16> -> tensor<16x32xf16>
  return %d : tensor<16x32xf16>
}

// -----

func.func @scale_type(%a: tensor<16x64xi8>, %c: tensor<16x64xf32>, %b: tensor<64x64xi8>, %s: tensor<16x2xf32>) -> tensor<16x64xf32> {
  // expected-error @+1 {{expects scales of i8 (exponents) or f8E4M3FN, found 'f32'}}
  %d = tile.dot_scaled %a scale %s : tensor<16x2xf32>, %b, %c e4m3 e4m3
    : tensor<16x64xi8>, tensor<64x64xi8>, tensor<16x64xf32> -> tensor<16x64xf32>
  return %d : tensor<16x64xf32>
}

// -----

func.func @scale_shape(%a: tensor<16x64xi8>, %c: tensor<16x64xf32>, %b: tensor<64x64xi8>, %s: tensor<64x4xi8>) -> tensor<16x64xf32> {
  // expected-error @+1 {{expects a scale for each 32 elements along K: 'tensor<64x2xi8>', found 'tensor<64x4xi8>'}}
  %d = tile.dot_scaled %a, %b scale %s : tensor<64x4xi8>, %c e4m3 e4m3
    : tensor<16x64xi8>, tensor<64x64xi8>, tensor<16x64xf32> -> tensor<16x64xf32>
  return %d : tensor<16x64xf32>
}
