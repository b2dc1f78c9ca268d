// RUN: tegula-opt %s --tegula-widen-scans | FileCheck %s

// CHECK-LABEL: @sum
// CHECK: %[[WIDE:.*]] = arith.extf %{{.*}} : tensor<64xbf16> to tensor<64xf32>
// CHECK: %[[SUM:.*]] = tile.scan %[[WIDE]] axis 0 reverse : (tensor<64xf32>) -> tensor<64xf32>
// CHECK: ^bb0(%[[A:.*]]: f32, %[[B:.*]]: f32):
// CHECK: arith.addf %[[A]], %[[B]] : f32
// CHECK: arith.truncf %[[SUM]] : tensor<64xf32> to tensor<64xbf16>
func.func @sum(%x: tensor<64xbf16>) -> tensor<64xbf16> {
  %s = tile.scan %x axis 0 reverse : (tensor<64xbf16>) -> tensor<64xbf16> {
  ^bb0(%a: bf16, %b: bf16):
    %c = arith.addf %a, %b : bf16
    tile.yield %c : bf16
  }
  return %s : tensor<64xbf16>
}

// Integers keep their type, constants and values from outside are widened.
// CHECK-LABEL: @mixed
// CHECK: tile.scan %{{.*}}, %{{.*}} axis 0 : (tensor<64xf32>, tensor<64xi32>) -> (tensor<64xf32>, tensor<64xi32>)
// CHECK: ^bb0(%[[A:.*]]: f32, %[[I:.*]]: i32, %[[B:.*]]: f32, %[[J:.*]]: i32):
// CHECK: %[[HALF:.*]] = arith.constant 5.000000e-01 : f16
// CHECK: %[[WIDE:.*]] = arith.extf %[[HALF]] : f16 to f32
// CHECK: %[[P:.*]] = arith.mulf %[[A]], %[[WIDE]] fastmath<contract> : f32
// CHECK: %[[OUTSIDE:.*]] = arith.extf %arg2 : f16 to f32
// CHECK: arith.cmpf olt, %[[P]], %[[OUTSIDE]] : f32
// CHECK: arith.select %{{.*}}, %[[B]], %[[P]] : f32
// CHECK: arith.addi %[[I]], %[[J]] : i32
func.func @mixed(%x: tensor<64xf16>, %n: tensor<64xi32>, %limit: f16) -> (tensor<64xf16>, tensor<64xi32>) {
  %s:2 = tile.scan %x, %n axis 0 : (tensor<64xf16>, tensor<64xi32>) -> (tensor<64xf16>, tensor<64xi32>) {
  ^bb0(%a: f16, %i: i32, %b: f16, %j: i32):
    %half = arith.constant 0.5 : f16
    %p = arith.mulf %a, %half fastmath<contract> : f16
    %less = arith.cmpf olt, %p, %limit : f16
    %q = arith.select %less, %b, %p : f16
    %k = arith.addi %i, %j : i32
    tile.yield %q, %k : f16, i32
  }
  return %s#0, %s#1 : tensor<64xf16>, tensor<64xi32>
}

// Nothing rounds here, and casts mean their type.
// CHECK-LABEL: @stay
// CHECK: tile.scan %{{.*}} : (tensor<64xbf16>) -> tensor<64xbf16>
// CHECK: tile.scan %{{.*}} : (tensor<64xbf16>) -> tensor<64xbf16>
func.func @stay(%x: tensor<64xbf16>) -> (tensor<64xbf16>, tensor<64xbf16>) {
  %s = tile.scan %x axis 0 : (tensor<64xbf16>) -> tensor<64xbf16> {
  ^bb0(%a: bf16, %b: bf16):
    %c = arith.maximumf %a, %b : bf16
    tile.yield %c : bf16
  }
  %t = tile.scan %x axis 0 : (tensor<64xbf16>) -> tensor<64xbf16> {
  ^bb0(%a: bf16, %b: bf16):
    %e = arith.extf %a : bf16 to f32
    %f = arith.truncf %e : f32 to bf16
    %c = arith.addf %f, %b : bf16
    tile.yield %c : bf16
  }
  return %s, %t : tensor<64xbf16>, tensor<64xbf16>
}

// A sum of bf16, too: in bf16 it would stop growing at 256 times its elements.
// CHECK-LABEL: @total
// CHECK:       %[[WIDE:.+]] = arith.extf %{{.+}} : tensor<4096xbf16> to tensor<4096xf32>
// CHECK:       %[[SUM:.+]] = tile.reduce %[[WIDE]] axis 0 : (tensor<4096xf32>) -> f32
// CHECK:         arith.addf %{{.+}}, %{{.+}} : f32
// CHECK:       arith.truncf %[[SUM]] : f32 to bf16
func.func @total(%x: tensor<4096xbf16>) -> bf16 {
  %s = tile.reduce %x axis 0 : (tensor<4096xbf16>) -> bf16 {
  ^bb0(%a: bf16, %b: bf16):
    %c = arith.addf %a, %b : bf16
    tile.yield %c : bf16
  }
  return %s : bf16
}
