// RUN: tegula-opt %s --tegula-convert-to-llvm --split-input-file --verify-diagnostics | FileCheck %s

// Reductions may be reordered.
// CHECK-LABEL: llvm.func @sum
// CHECK: reduce.fadd{{.*}}reassoc
func.func @sum(%x: vector<16xf32>) -> f32 {
  %r = vector.reduction <add>, %x : vector<16xf32> into f32
  return %r : f32
}

// -----

// n log n shuffles of two rows each, none of all elements.
// CHECK-LABEL: llvm.func @transpose
// CHECK-COUNT-8: llvm.shufflevector {{.*}} : vector<4xf32>
// CHECK-NOT: llvm.shufflevector
// CHECK: llvm.return
func.func @transpose(%x: vector<4x4xf32>) -> vector<4x4xf32> {
  %r = vector.transpose %x, [1, 0] : vector<4x4xf32> to vector<4x4xf32>
  return %r : vector<4x4xf32>
}

// -----

// What no pattern takes is an error at its place.
func.func @leftover(%c: i1, %p: !llvm.ptr) {
  // expected-error@+1 {{failed to legalize operation 'scf.if'}}
  scf.if %c {
    llvm.store %c, %p : i1, !llvm.ptr
  }
  return
}
