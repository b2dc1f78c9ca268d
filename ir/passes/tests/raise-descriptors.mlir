// RUN: tegula-opt %s --tegula-split-descriptors --tegula-raise-descriptors --canonicalize --cse | FileCheck %s

// Bounds come from the shape; an index that is never negative bounds one side.
// CHECK-LABEL: func.func @load
//  CHECK-SAME: (%[[P:[^:]*]]: {{.*}}, %[[M:[^:]*]]: i32, %[[N:[^:]*]]: i32, %[[LD:[^:]*]]: i64, %[[J:[^:]*]]: i32)
//   CHECK-DAG:   %[[MW:.*]] = arith.extsi %[[M]]
//   CHECK-DAG:   %[[NW:.*]] = arith.extsi %[[N]]
//   CHECK-DAG:   %[[JW:.*]] = arith.extsi %[[J]]
//   CHECK-DAG:   %[[LOW:.*]] = arith.muli %[[JW]], %c-1
//   CHECK-DAG:   %[[RIGHT:.*]] = arith.subi %[[NW]], %[[JW]]
//   CHECK-DAG:   %[[PID:.*]] = arith.extsi {{.*}} : i32 to i64
//   CHECK-DAG:   %[[BELOW:.*]] = arith.subi %[[MW]], %[[PID]]
//       CHECK:   tile.load_box {{.*}} start(%c0{{.*}}, %c0{{.*}}) stride(%[[LD]], %c1{{.*}}) lower(%c0{{.*}}, %[[LOW]]) upper(%[[BELOW]], %[[RIGHT]]) other %cst
//  CHECK-SAME:     tile.tier = "box"
func.func @load(%p: !tile.ptr<f16>, %m: i32, %n: i32, %ld: i64, %j: i32) -> tensor<4x8xf16> {
  %c1 = arith.constant 1 : i64
  %i = tile.program_id x : i32
  %d = tile.make_desc %p shape(%m, %n) stride(%ld, %c1) padding nan : !tile.ptr<f16> -> !tile.desc<4x8xf16>
  %x = tile.desc_load %d[%i, %j] : !tile.desc<4x8xf16> -> tensor<4x8xf16>
  return %x : tensor<4x8xf16>
}

// An argument becomes its parts.
// CHECK-LABEL: func.func @argument
//  CHECK-SAME: (%[[D:[^:]*]]: !tile.ptr<f32> {tile.name = "d"}, %[[S:[^:]*]]: i32 {tile.name = "d.shape0"}, %{{.*}}: i64 {tile.name = "d.stride0"}, %[[N:[^:]*]]: i32)
//       CHECK:   tile.store_box
//  CHECK-SAME:     tile.tier = "box"
func.func @argument(%d: !tile.desc<8xf32> {tile.name = "d"}, %n: i32) {
  %v = arith.constant dense<1.0> : tensor<8xf32>
  tile.desc_store %d[%n], %v : !tile.desc<8xf32>, tensor<8xf32>
  return
}

// CHECK-LABEL: func.func @rows
//  CHECK-SAME: %[[ROWS:[^:]*]]: tensor<4xi32>
//       CHECK:   arith.cmpi ult
//       CHECK:   tile.load_box {{.*}} index(%[[ROWS]] : tensor<4xi32>) mask {{.*}} {indexed_dims = array<i64: 0>, tile.tier = "rows"}
func.func @rows(%p: !tile.ptr<f32>, %m: i32, %n: i32, %ld: i64, %rows: tensor<4xi32>) -> tensor<4x8xf32> {
  %c0 = arith.constant 0 : i32
  %c1 = arith.constant 1 : i64
  %d = tile.make_desc %p shape(%m, %n) stride(%ld, %c1) : !tile.ptr<f32> -> !tile.desc<1x8xf32>
  %x = tile.desc_gather %d[%rows, %c0] : !tile.desc<1x8xf32>, tensor<4xi32> -> tensor<4x8xf32>
  return %x : tensor<4x8xf32>
}

// CHECK-LABEL: func.func @reduce
//       CHECK:   tile.atomic_rmw  fadd  relaxed  gpu {{.*}} mask
func.func @reduce(%p: !tile.ptr<f32>, %n: i32, %i: i32, %v: tensor<8xf32>) {
  %c1 = arith.constant 1 : i64
  %d = tile.make_desc %p shape(%n) stride(%c1) : !tile.ptr<f32> -> !tile.desc<8xf32>
  tile.desc_reduce add %d[%i], %v : !tile.desc<8xf32>, tensor<8xf32>
  return
}
