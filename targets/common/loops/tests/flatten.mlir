// RUN: tegula-opt %s --tegula-flatten-branches | FileCheck %s

// Both sides of a short branch are computed.
// CHECK-LABEL: func.func @first
// CHECK:       %[[C:.+]] = arith.cmpi eq
// CHECK-NEXT:  %[[Y:.+]] = arith.addf %{{.+}}, %[[A:[a-z0-9]+]] :
// CHECK-NEXT:  %[[R:.+]] = arith.select %[[C]], %[[A]], %[[Y]]
// CHECK-NEXT:  scf.yield %[[R]]
func.func @first(%a: tensor<64xf32>, %n: i32) -> tensor<64xf32> {
  %i0 = arith.constant 0 : i32
  %i1 = arith.constant 1 : i32
  %r = scf.for %i = %i0 to %n step %i1 iter_args(%v = %a) -> (tensor<64xf32>) : i32 {
    %c = arith.cmpi eq, %i, %i0 : i32
    %w = scf.if %c -> (tensor<64xf32>) {
      scf.yield %a : tensor<64xf32>
    } else {
      %y = arith.addf %v, %a : tensor<64xf32>
      scf.yield %y : tensor<64xf32>
    }
    scf.yield %w : tensor<64xf32>
  }
  return %r : tensor<64xf32>
}

// A side that reads memory must not run where it was not asked for.
// CHECK-LABEL: func.func @load
// CHECK:       scf.if
func.func @load(%a: tensor<64xf32>, %p: tensor<64x!tile.ptr<f32>>, %n: i32) -> tensor<64xf32> {
  %i0 = arith.constant 0 : i32
  %i1 = arith.constant 1 : i32
  %r = scf.for %i = %i0 to %n step %i1 iter_args(%v = %a) -> (tensor<64xf32>) : i32 {
    %c = arith.cmpi eq, %i, %i0 : i32
    %w = scf.if %c -> (tensor<64xf32>) {
      scf.yield %a : tensor<64xf32>
    } else {
      %y = tile.load %p : tensor<64x!tile.ptr<f32>>
      scf.yield %y : tensor<64xf32>
    }
    scf.yield %w : tensor<64xf32>
  }
  return %r : tensor<64xf32>
}

// Outside of loops, and where only scalars are chosen, a branch is as good.
// CHECK-LABEL: func.func @outside
// CHECK:       scf.if
func.func @outside(%a: tensor<64xf32>, %c: i1) -> tensor<64xf32> {
  %w = scf.if %c -> (tensor<64xf32>) {
    scf.yield %a : tensor<64xf32>
  } else {
    %y = arith.addf %a, %a : tensor<64xf32>
    scf.yield %y : tensor<64xf32>
  }
  return %w : tensor<64xf32>
}
