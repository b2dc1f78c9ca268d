// RUN: tegula-opt %s --tegula-accumulate-dots | FileCheck %s

// On either side, and where the sum is a later product's start.
// CHECK-LABEL: @sums
// CHECK-SAME:  %[[A:.*]]: tensor<16x16xf32>, %[[C:.*]]: tensor<16x16xf32>
// CHECK:       %[[FIRST:.*]] = tile.dot %[[A]], %[[A]], %[[C]]
// CHECK:       %[[SECOND:.*]] = tile.dot %[[A]], %[[C]], %[[FIRST]]
// CHECK-NOT:   arith.addf
// CHECK:       return %[[SECOND]]
func.func @sums(%a: tensor<16x16xf32>, %c: tensor<16x16xf32>) -> tensor<16x16xf32> {
  %zeros = arith.constant dense<0.0> : tensor<16x16xf32>
  %x = tile.dot %a, %a, %zeros : tensor<16x16xf32>, tensor<16x16xf32> -> tensor<16x16xf32>
  %y = tile.dot %a, %c, %zeros : tensor<16x16xf32>, tensor<16x16xf32> -> tensor<16x16xf32>
  %s = arith.addf %x, %c : tensor<16x16xf32>
  %t = arith.addf %s, %y : tensor<16x16xf32>
  return %t : tensor<16x16xf32>
}

// CHECK-LABEL: @bytes
// CHECK:       tile.dot %{{.*}}, %{{.*}}, %arg1
// CHECK-NOT:   arith.addi
func.func @bytes(%a: tensor<16x16xi8>, %c: tensor<16x16xi32>) -> tensor<16x16xi32> {
  %zeros = arith.constant dense<0> : tensor<16x16xi32>
  %x = tile.dot %a, %a, %zeros : tensor<16x16xi8>, tensor<16x16xi8> -> tensor<16x16xi32>
  %s = arith.addi %c, %x : tensor<16x16xi32>
  return %s : tensor<16x16xi32>
}

// Sums that are rounded to 16 bits, and products that are needed by themselves.
// CHECK-LABEL: @others
// CHECK:       arith.addf
// CHECK:       arith.addf
func.func @others(%a: tensor<16x16xf16>, %b: tensor<16x16xf32>) -> (tensor<16x16xf16>, tensor<16x16xf32>, tensor<16x16xf32>) {
  %narrow = arith.constant dense<0.0> : tensor<16x16xf16>
  %zeros = arith.constant dense<0.0> : tensor<16x16xf32>
  %x = tile.dot %a, %a, %narrow : tensor<16x16xf16>, tensor<16x16xf16> -> tensor<16x16xf16>
  %s = arith.addf %x, %a : tensor<16x16xf16>
  %y = tile.dot %b, %b, %zeros : tensor<16x16xf32>, tensor<16x16xf32> -> tensor<16x16xf32>
  %t = arith.addf %y, %b : tensor<16x16xf32>
  return %s, %t, %y : tensor<16x16xf16>, tensor<16x16xf32>, tensor<16x16xf32>
}
