// RUN: tegula-opt %s --tegula-make-arith-total | FileCheck %s
// RUN: tegula-opt %s --tegula-make-arith-total=integer-divide | FileCheck %s --check-prefix=NATIVE

// A vector division has no scalar division in it, and no zero divisor.
// CHECK-LABEL: func @vector_division
// CHECK: %[[ZERO:.*]] = arith.cmpi eq, %arg1
// CHECK: %[[SAFE:.*]] = arith.select
// CHECK: arith.divf {{.*}} : vector<8xf64>
// CHECK-NOT: arith.divsi
// CHECK: arith.select %[[ZERO]]
// Where there is an instruction, it is guarded all the same.
// NATIVE-LABEL: func @vector_division
// NATIVE: %[[ZERO:.*]] = arith.cmpi eq, %arg1
// NATIVE: %[[SAFE:.*]] = arith.select
// NATIVE: %[[Q:.*]] = arith.divsi %arg0, %[[SAFE]] : vector<8xi32>
// NATIVE: arith.select %[[ZERO]], {{.*}}, %[[Q]]
func.func @vector_division(%a: vector<8xi32>, %b: vector<8xi32>) -> vector<8xi32> {
  %r = arith.divsi %a, %b : vector<8xi32>
  return %r : vector<8xi32>
}

// A constant divisor is left to LLVM, which multiplies.
// CHECK-LABEL: func @constant_divisor
// CHECK: arith.divui %arg0
// CHECK-NOT: arith.select
func.func @constant_divisor(%a: vector<8xi32>) -> vector<8xi32> {
  %c = arith.constant dense<7> : vector<8xi32>
  %r = arith.divui %a, %c : vector<8xi32>
  return %r : vector<8xi32>
}

// -1 is not safe for signed division.
// CHECK-LABEL: func @minus_one
// CHECK: arith.select
func.func @minus_one(%a: i32) -> i32 {
  %c = arith.constant -1 : i32
  %r = arith.remsi %a, %c : i32
  return %r : i32
}

// CHECK-LABEL: func @shift_in_range
// CHECK-NOT: arith.select
// CHECK: return
func.func @shift_in_range(%a: vector<4xi16>) -> vector<4xi16> {
  %c = arith.constant dense<15> : vector<4xi16>
  %r = arith.shli %a, %c : vector<4xi16>
  return %r : vector<4xi16>
}

// CHECK-LABEL: func @sign_fill
// CHECK: %[[N:.*]] = arith.minui %arg1
// CHECK: arith.shrsi %arg0, %[[N]]
func.func @sign_fill(%a: i8, %n: i8) -> i8 {
  %r = arith.shrsi %a, %n : i8
  return %r : i8
}

// Half has no room for the limits of i32: convert through f32.
// CHECK-LABEL: func @from_half
// CHECK: arith.extf %arg0 : f16 to f32
func.func @from_half(%a: f16) -> i32 {
  %r = arith.fptosi %a : f16 to i32
  return %r : i32
}

// CHECK-LABEL: func @rounded_up
// CHECK-NOT: ceildiv
// CHECK: arith.select
// CHECK: return
func.func @rounded_up(%a: i32, %b: i32) -> i32 {
  %r = arith.ceildivui %a, %b : i32
  return %r : i32
}
