// RUN: tegula-opt %s --tegula-convert-to-llvm --split-input-file --verify-diagnostics | FileCheck %s

// Reductions may be reordered.
// CHECK-LABEL: llvm.func @sum
// CHECK: reduce.fadd{{.*}}reassoc
func.func @sum(%x: vector<16xf32>) -> f32 {
  %r = vector.reduction <add>, %x : vector<16xf32> into f32
  return %r : f32
}

// -----

// n log n shuffles of two rows each, none of all elements: first within 128 bits.
// CHECK-LABEL: llvm.func @transpose
// CHECK-COUNT-8: llvm.shufflevector {{.*}} : vector<4xf32>
// CHECK-NOT: llvm.shufflevector
// CHECK: llvm.return
func.func @transpose(%x: vector<4x4xf32>) -> vector<4x4xf32> {
  %r = vector.transpose %x, [1, 0] : vector<4x4xf32> to vector<4x4xf32>
  return %r : vector<4x4xf32>
}

// Halves of 128 bits change places last.
// CHECK-LABEL: llvm.func @wide
// CHECK: llvm.shufflevector {{.*}} [0, 8, 1, 9, 4, 12, 5, 13]
// CHECK: llvm.shufflevector {{.*}} [2, 10, 3, 11, 6, 14, 7, 15]
// CHECK: llvm.shufflevector {{.*}} [0, 1, 2, 3, 8, 9, 10, 11]
// CHECK: llvm.shufflevector {{.*}} [4, 5, 6, 7, 12, 13, 14, 15]
func.func @wide(%x: vector<8x8xf32>) -> vector<8x8xf32> {
  %r = vector.transpose %x, [1, 0] : vector<8x8xf32> to vector<8x8xf32>
  return %r : vector<8x8xf32>
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
