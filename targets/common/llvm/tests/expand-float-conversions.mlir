// RUN: tegula-opt %s --tegula-expand-float-conversions=native-f16=1 | FileCheck %s
// RUN: tegula-opt %s --tegula-expand-float-conversions=native-bf16 | FileCheck %s --check-prefix=NATIVE

// CHECK-LABEL: func @widen_bf16(
// CHECK-SAME: %[[A:.*]]: vector<16xi16>) -> vector<16xf32>
// CHECK: %[[W:.*]] = arith.extui %[[A]] : vector<16xi16> to vector<16xi32>
// CHECK: arith.shli %[[W]]
// CHECK: arith.bitcast {{.*}} : vector<16xi32> to vector<16xf32>
func.func @widen_bf16(%a: vector<16xbf16>) -> vector<16xf32> {
  %r = arith.extf %a : vector<16xbf16> to vector<16xf32>
  return %r : vector<16xf32>
}

// Native f16 stays.
// CHECK-LABEL: func @half
// CHECK: arith.addf {{.*}} : vector<8xf16>
func.func @half(%a: vector<8xf16>) -> vector<8xf16> {
  %r = arith.addf %a, %a : vector<8xf16>
  return %r : vector<8xf16>
}

// But not its rounding from f64, which x86 does by a library call.
// CHECK-LABEL: func @double_to_half
// CHECK-NOT: arith.truncf
// CHECK: return
func.func @double_to_half(%a: vector<8xf64>) -> vector<8xf16> {
  %r = arith.truncf %a : vector<8xf64> to vector<8xf16>
  return %r : vector<8xf16>
}

// Loop-carried values and constants become integers too.
// CHECK-LABEL: func @loop
// CHECK: arith.constant dense<16256> : vector<4xi16>
// CHECK: scf.for {{.*}} -> (vector<4xi16>)
// CHECK: arith.addf {{.*}} : vector<4xf32>
func.func @loop(%n: index) -> vector<4xbf16> {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %one = arith.constant dense<1.0> : vector<4xbf16>
  %r = scf.for %i = %c0 to %n step %c1 iter_args(%s = %one) -> (vector<4xbf16>) {
    %t = arith.addf %s, %one : vector<4xbf16>
    scf.yield %t : vector<4xbf16>
  }
  return %r : vector<4xbf16>
}

// An instruction that wants bf16 gets it.
// CHECK-LABEL: func @intrinsic
// CHECK: %[[C:.*]] = llvm.bitcast %{{.*}} : vector<32xi16> to vector<32xbf16>
// CHECK: llvm.call_intrinsic "llvm.x86.avx512bf16.dpbf16ps.512"({{.*}}, %[[C]]
func.func @intrinsic(%c: vector<16xf32>, %a: vector<32xbf16>) -> vector<16xf32> {
  %r = llvm.call_intrinsic "llvm.x86.avx512bf16.dpbf16ps.512"(%c, %a, %a)
    : (vector<16xf32>, vector<32xbf16>, vector<32xbf16>) -> vector<16xf32>
  return %r : vector<16xf32>
}

// The sign of a bf16 is a bit.
// CHECK-LABEL: func @negate
// CHECK-NOT: arith.negf
// CHECK: arith.xori {{.*}} : i16
func.func @negate(%a: bf16) -> bf16 {
  %r = arith.negf %a : bf16
  return %r : bf16
}

// The result of one such instruction as the operand of the next; widening is a
// shift even where conversions are instructions.
// NATIVE-LABEL: func @chain
// NATIVE: %[[T:.*]] = arith.truncf %arg1 : vector<32xf32> to vector<32xbf16>
// NATIVE: %[[BITS:.*]] = llvm.bitcast %[[T]] : vector<32xbf16> to vector<32xi16>
// NATIVE: %[[B:.*]] = llvm.bitcast %[[BITS]] : vector<32xi16> to vector<32xbf16>
// NATIVE: llvm.call_intrinsic "llvm.x86.avx512bf16.dpbf16ps.512"(%arg0, %[[B]]
// NATIVE: arith.shli
// NATIVE-NOT: arith.extf {{.*}}bf16
// NATIVE: arith.extf {{.*}} : vector<32xf32> to vector<32xf64>
func.func @chain(%c: vector<16xf32>, %a: vector<32xf32>) -> (vector<16xf32>, vector<32xf64>) {
  %b = arith.truncf %a : vector<32xf32> to vector<32xbf16>
  %r = llvm.call_intrinsic "llvm.x86.avx512bf16.dpbf16ps.512"(%c, %b, %b)
    : (vector<16xf32>, vector<32xbf16>, vector<32xbf16>) -> vector<16xf32>
  %w = arith.extf %b : vector<32xbf16> to vector<32xf64>
  return %r, %w : vector<16xf32>, vector<32xf64>
}
