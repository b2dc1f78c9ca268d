// RUN: tegula-opt %s --tegula-narrow-elementwise | FileCheck %s

// What is the same for all lanes is computed once.
// CHECK-LABEL: func.func @uniform
//  CHECK-SAME: (%[[A:.*]]: i32, %[[B:.*]]: i32)
//       CHECK:   %[[SUM:.*]] = arith.addi %[[A]], %[[B]] : i32
//       CHECK:   %[[LESS:.*]] = arith.cmpi slt, %[[SUM]], %c7{{.*}} : i32
//       CHECK:   tile.splat %[[LESS]] : i1 -> tensor<4x8xi1>
func.func @uniform(%a: i32, %b: i32) -> tensor<4x8xi1> {
  %seven = arith.constant dense<7> : tensor<4x8xi32>
  %x = tile.splat %a : i32 -> tensor<4x1xi32>
  %y = tile.broadcast %x : tensor<4x1xi32> -> tensor<4x8xi32>
  %z = tile.splat %b : i32 -> tensor<4x8xi32>
  %sum = arith.addi %y, %z : tensor<4x8xi32>
  %less = arith.cmpi slt, %sum, %seven : tensor<4x8xi32>
  return %less : tensor<4x8xi1>
}

// CHECK-LABEL: func.func @rows
//  CHECK-SAME: (%[[ROWS:.*]]: tensor<4xi32>, %[[N:.*]]: i32)
//       CHECK:   %[[NS:.*]] = tile.splat %[[N]] : i32 -> tensor<4xi32>
//       CHECK:   %[[LESS:.*]] = arith.cmpi slt, %[[ROWS]], %[[NS]] : tensor<4xi32>
//       CHECK:   %[[COLUMN:.*]] = tile.expand_dims %[[LESS]] axis 1
//       CHECK:   tile.broadcast %[[COLUMN]] : tensor<4x1xi1> -> tensor<4x8xi1>
func.func @rows(%rows: tensor<4xi32>, %n: i32) -> tensor<4x8xi1> {
  %x = tile.expand_dims %rows axis 1 : tensor<4xi32> -> tensor<4x1xi32>
  %y = tile.broadcast %x : tensor<4x1xi32> -> tensor<4x8xi32>
  %ns = tile.splat %n : i32 -> tensor<4x8xi32>
  %less = arith.cmpi slt, %y, %ns : tensor<4x8xi32>
  return %less : tensor<4x8xi1>
}

// Rows and columns meet at the full shape and stay there.
// CHECK-LABEL: func.func @plane
//       CHECK:   arith.addi {{.*}} : tensor<4x8xi32>
func.func @plane(%rows: tensor<4x1xi32>, %cols: tensor<1x8xi32>) -> tensor<4x8xi32> {
  %x = tile.broadcast %rows : tensor<4x1xi32> -> tensor<4x8xi32>
  %y = tile.broadcast %cols : tensor<1x8xi32> -> tensor<4x8xi32>
  %sum = arith.addi %x, %y : tensor<4x8xi32>
  return %sum : tensor<4x8xi32>
}
