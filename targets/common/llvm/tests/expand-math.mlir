// RUN: tegula-opt %s --split-input-file --tegula-expand-math="library=1 vector-bits=512 has-fast-ldexp=1" | FileCheck %s
// RUN: tegula-opt %s --split-input-file --tegula-expand-math="library=0 vector-bits=128" | FileCheck %s --check-prefix=LIBM

// Inline: no call, one scaling instruction. Lanes whose result is 0 do not get
// there by underflow, which x86 takes 200 cycles for.
// CHECK-LABEL: func @exp
// CHECK-SAME: (%[[X:.*]]: vector<16xf32>)
// CHECK-NOT: llvm.call @
// CHECK: %[[LIVE:.*]] = arith.cmpf uge, %[[X]]
// CHECK: %[[MASK:.*]] = llvm.bitcast %[[LIVE]] : vector<16xi1> to i16
// CHECK: llvm.call_intrinsic "llvm.x86.avx512.mask.scalef.ps.512"({{.*}}, %[[MASK]], {{.*}})
// CHECK-NEXT: return
// LIBM-LABEL: func @exp
// LIBM-NOT: scalef
// LIBM: return
func.func @exp(%x: vector<16xf32>) -> vector<16xf32> {
  %r = math.exp %x : vector<16xf32>
  return %r : vector<16xf32>
}

// -----

// Part of a register.
// CHECK-LABEL: func @narrow
// CHECK-SAME: (%[[X:.*]]: vector<8xf32>)
// CHECK: %[[BELOW:.*]] = arith.cmpf olt, %[[X]]
// CHECK: arith.select %[[BELOW]], %[[ZERO:.*]], %[[X]]
// CHECK: %[[SCALED:.*]] = llvm.call_intrinsic "llvm.ldexp"
// CHECK: arith.select %[[BELOW]], %[[ZERO]], %[[SCALED]]
func.func @narrow(%x: vector<8xf32>) -> vector<8xf32> {
  %r = math.exp %x : vector<8xf32>
  return %r : vector<8xf32>
}

// -----

// Several registers; the fraction comes from one instruction.
// CHECK-LABEL: func @exp2
// CHECK-COUNT-2: llvm.call_intrinsic "llvm.x86.avx512.mask.reduce.pd.512"
// CHECK-COUNT-2: llvm.call_intrinsic "llvm.x86.avx512.mask.scalef.pd.512"
func.func @exp2(%x: vector<16xf64>) -> vector<16xf64> {
  %r = math.exp2 %x : vector<16xf64>
  return %r : vector<16xf64>
}

// -----

// One call for each register; its declaration promises no side effects.
// CHECK: llvm.func @Sleef_tanf16_u10(vector<16xf32>) -> vector<16xf32> attributes {{.*}}memory_effects
// CHECK-LABEL: func @tan
// CHECK-COUNT-2: llvm.call @Sleef_tanf16_u10
// LIBM-LABEL: func @tan
// LIBM-COUNT-32: llvm.call @tanf
func.func @tan(%x: vector<32xf32>) -> vector<32xf32> {
  %r = math.tan %x : vector<32xf32>
  return %r : vector<32xf32>
}

// -----

// Huge arguments take a uniform branch.
// CHECK-LABEL: func @sin
// CHECK: %[[ANY:.*]] = vector.reduction <or>
// CHECK: scf.if %[[ANY]]
// CHECK: llvm.call @Sleef_sinf16_u10
// CHECK: else
// CHECK-NOT: llvm.call
// CHECK: return
func.func @sin(%x: vector<16xf32>) -> vector<16xf32> {
  %r = math.sin %x : vector<16xf32>
  return %r : vector<16xf32>
}

// -----

// Half computes in single.
// CHECK-LABEL: func @half
// CHECK: arith.extf
// CHECK: arith.truncf
func.func @half(%x: vector<16xf16>) -> vector<16xf16> {
  %r = math.log %x : vector<16xf16>
  return %r : vector<16xf16>
}
