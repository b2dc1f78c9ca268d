// RUN: tegula-opt %s --split-input-file --tegula-orient-dots | FileCheck %s
// RUN: tegula-opt %s --split-input-file --tegula-orient-dots --tegula-lower-to-loops="micro-rows=4 micro-vectors=1" | FileCheck %s --check-prefix=LOOPS
// RUN: tegula-opt %s --split-input-file --tegula-orient-dots=has-pairs | FileCheck %s --check-prefix=PAIRS

// The scores of attention come transposed, with all that is computed from them,
// and the weights are the left operand of the next product by columns.
// CHECK-LABEL: func.func @attention
// CHECK:         %[[QT:.+]] = tile.trans %{{.+}} [1, 0] : tensor<32x8xf32> -> tensor<8x32xf32>
// CHECK:         scf.for
// CHECK:           %[[K:.+]] = tile.load_box
// CHECK:           %[[KT:.+]] = tile.trans %[[K]] [1, 0] : tensor<8x16xf32> -> tensor<16x8xf32>
// CHECK:           %[[S:.+]] = tile.dot %[[KT]], %[[QT]], {{.*}} -> tensor<16x32xf32>
// CHECK:           tile.reduce %[[S]] axis 0 : (tensor<16x32xf32>) -> tensor<32xf32>
// CHECK:           tile.expand_dims {{.*}} axis 0 : tensor<32xf32> -> tensor<1x32xf32>
// CHECK:           %[[P:.+]] = math.exp2 {{.*}} : tensor<16x32xf32>
// CHECK:           tile.reduce %[[P]] axis 0
// CHECK:           %[[PT:.+]] = tile.trans %[[P]] [1, 0] : tensor<16x32xf32> -> tensor<32x16xf32>
// CHECK:           tile.dot %[[PT]], {{.*}} -> tensor<32x8xf32>

// The queries are turned before the loop, and nothing is in it. The sums of 32
// rows run side by side, and the weights are read where they were stored:
// element k of row i stands at 32 * k + i.
// LOOPS-LABEL: tegula.kernel = "attention"
// LOOPS:         vector.transpose
// LOOPS:         scf.for {{.*}} : i32 {
// LOOPS-NOT:       vector.transpose
// LOOPS:           math.exp2 {{.*}} : vector<32xf32>
// LOOPS-NEXT:      arith.muli %{{.+}}, %c32_i64 : i64
// LOOPS:           llvm.store {{.*}} : vector<32xf32>
// LOOPS-NOT:       vector.shuffle
// LOOPS:           scf.for %[[ROW:.+]] = {{.*}} step %c4_i64
// LOOPS:             scf.for %[[STEP:.+]] = %c0_i64 to %c16_i64 step %c1_i64 iter_args
// LOOPS:               arith.andi
// LOOPS:               %[[COLUMN:.+]] = arith.muli %[[STEP]], %c32_i64 : i64
// LOOPS-NEXT:          %[[AT:.+]] = arith.addi %[[ROW]], %[[COLUMN]] : i64
// LOOPS-NEXT:          %[[BASE:.+]] = llvm.getelementptr
// LOOPS-NEXT:          %[[A:.+]] = llvm.getelementptr %[[BASE]][%[[AT]]]
// LOOPS-NEXT:          %[[VALUE:.+]] = llvm.load %[[A]] {{.*}} -> f32
// LOOPS-NEXT:          %[[WIDE:.+]] = vector.broadcast %[[VALUE]]
// LOOPS-NEXT:          math.fma %[[WIDE]]
func.func @attention(%q: !tile.ptr<f32>, %k: !tile.ptr<f32>, %out: !tile.ptr<f32>, %n: i32) {
  %c0 = arith.constant 0 : i64
  %c1 = arith.constant 1 : i64
  %c8 = arith.constant 8 : i64
  %c16 = arith.constant 16 : i64
  %c32 = arith.constant 32 : i64
  %i0 = arith.constant 0 : i32
  %i16 = arith.constant 16 : i32
  %zero = arith.constant dense<0.0> : tensor<32x16xf32>
  %acc0 = arith.constant dense<0.0> : tensor<32x8xf32>
  %sum0 = arith.constant dense<0.0> : tensor<32xf32>
  %low = arith.constant dense<0xFF800000> : tensor<32xf32>
  %queries = tile.load_box %q start(%c0, %c0) stride(%c8, %c1) lower(%c0, %c0) upper(%c32, %c8)
    : !tile.ptr<f32> -> tensor<32x8xf32>
  %r:2 = scf.for %i = %i0 to %n step %i16 iter_args(%acc = %acc0, %sum = %sum0) -> (tensor<32x8xf32>, tensor<32xf32>) : i32 {
    %at = tile.ptr_add %k, %i : !tile.ptr<f32>, i32
    %keys = tile.load_box %at start(%c0, %c0) stride(%c1, %c8) lower(%c0, %c0) upper(%c8, %c16)
      : !tile.ptr<f32> -> tensor<8x16xf32>
    %values = tile.load_box %at start(%c0, %c0) stride(%c8, %c1) lower(%c0, %c0) upper(%c16, %c8)
      : !tile.ptr<f32> -> tensor<16x8xf32>
    %s = tile.dot %queries, %keys, %zero : tensor<32x8xf32>, tensor<8x16xf32> -> tensor<32x16xf32>
    %max = tile.reduce %s axis 1 : (tensor<32x16xf32>) -> tensor<32xf32> {
    ^bb0(%a: f32, %b: f32):
      %m = arith.maxnumf %a, %b : f32
      tile.yield %m : f32
    }
    %col = tile.expand_dims %max axis 1 : tensor<32xf32> -> tensor<32x1xf32>
    %wide = tile.broadcast %col : tensor<32x1xf32> -> tensor<32x16xf32>
    %less = arith.subf %s, %wide : tensor<32x16xf32>
    %p = math.exp2 %less : tensor<32x16xf32>
    %sums = tile.reduce %p axis 1 : (tensor<32x16xf32>) -> tensor<32xf32> {
    ^bb0(%a: f32, %b: f32):
      %m = arith.addf %a, %b : f32
      tile.yield %m : f32
    }
    %d = tile.dot %p, %values, %acc : tensor<32x16xf32>, tensor<16x8xf32> -> tensor<32x8xf32>
    %next = arith.addf %sum, %sums : tensor<32xf32>
    scf.yield %d, %next : tensor<32x8xf32>, tensor<32xf32>
  }
  %c = tile.expand_dims %r#1 axis 1 : tensor<32xf32> -> tensor<32x1xf32>
  %b = tile.broadcast %c : tensor<32x1xf32> -> tensor<32x8xf32>
  %h = arith.divf %r#0, %b : tensor<32x8xf32>
  tile.store_box %out, %h start(%c0, %c0) stride(%c8, %c1) lower(%c0, %c0) upper(%c32, %c8)
    : !tile.ptr<f32>, tensor<32x8xf32>
  return
}

// -----

// Scores that are stored stay as they are: the array's rows are theirs.
// CHECK-LABEL: func.func @stored
// CHECK-NOT:     tile.trans
// CHECK:         tile.reduce {{.*}} axis 1
func.func @stored(%q: !tile.ptr<f32>, %k: !tile.ptr<f32>, %out: !tile.ptr<f32>, %n: i32) {
  %c0 = arith.constant 0 : i64
  %c1 = arith.constant 1 : i64
  %c16 = arith.constant 16 : i64
  %i0 = arith.constant 0 : i32
  %i1 = arith.constant 1 : i32
  %zero = arith.constant dense<0.0> : tensor<16x16xf32>
  %sum0 = arith.constant dense<0.0> : tensor<16xf32>
  %queries = tile.load_box %q start(%c0, %c0) stride(%c16, %c1) lower(%c0, %c0) upper(%c16, %c16)
    : !tile.ptr<f32> -> tensor<16x16xf32>
  %r = scf.for %i = %i0 to %n step %i1 iter_args(%sum = %sum0) -> (tensor<16xf32>) : i32 {
    %at = tile.ptr_add %k, %i : !tile.ptr<f32>, i32
    %keys = tile.load_box %at start(%c0, %c0) stride(%c1, %c16) lower(%c0, %c0) upper(%c16, %c16)
      : !tile.ptr<f32> -> tensor<16x16xf32>
    %s = tile.dot %queries, %keys, %zero : tensor<16x16xf32>, tensor<16x16xf32> -> tensor<16x16xf32>
    %sums = tile.reduce %s axis 1 : (tensor<16x16xf32>) -> tensor<16xf32> {
    ^bb0(%a: f32, %b: f32):
      %m = arith.addf %a, %b : f32
      tile.yield %m : f32
    }
    %to = tile.ptr_add %out, %i : !tile.ptr<f32>, i32
    tile.store_box %to, %s start(%c0, %c0) stride(%c16, %c1) lower(%c0, %c0) upper(%c16, %c16)
      : !tile.ptr<f32>, tensor<16x16xf32>
    %next = arith.addf %sum, %sums : tensor<16xf32>
    scf.yield %next : tensor<16xf32>
  }
  tile.store_box %out, %r start(%c0) stride(%c1) lower(%c0) upper(%c16)
    : !tile.ptr<f32>, tensor<16xf32>
  return
}

// -----

// Pairs of bf16 along K have to lie side by side, which weights that come
// transposed do not.
// CHECK-LABEL: func.func @pairs
// CHECK:         tile.reduce {{.*}} axis 0
// PAIRS-LABEL: func.func @pairs
// PAIRS-NOT:     tile.trans
// PAIRS:         tile.reduce {{.*}} axis 1
func.func @pairs(%q: !tile.ptr<f32>, %v: !tile.ptr<bf16>, %out: !tile.ptr<f32>, %n: i32) {
  %c0 = arith.constant 0 : i64
  %c1 = arith.constant 1 : i64
  %c16 = arith.constant 16 : i64
  %i0 = arith.constant 0 : i32
  %i1 = arith.constant 1 : i32
  %zero = arith.constant dense<0.0> : tensor<16x16xf32>
  %sum0 = arith.constant dense<0.0> : tensor<16xf32>
  %queries = tile.load_box %q start(%c0, %c0) stride(%c16, %c1) lower(%c0, %c0) upper(%c16, %c16)
    : !tile.ptr<f32> -> tensor<16x16xf32>
  %r:2 = scf.for %i = %i0 to %n step %i1 iter_args(%acc = %zero, %sum = %sum0) -> (tensor<16x16xf32>, tensor<16xf32>) : i32 {
    %at = tile.ptr_add %q, %i : !tile.ptr<f32>, i32
    %keys = tile.load_box %at start(%c0, %c0) stride(%c1, %c16) lower(%c0, %c0) upper(%c16, %c16)
      : !tile.ptr<f32> -> tensor<16x16xf32>
    %values = tile.load_box %v start(%c0, %c0) stride(%c16, %c1) lower(%c0, %c0) upper(%c16, %c16)
      : !tile.ptr<bf16> -> tensor<16x16xbf16>
    %s = tile.dot %queries, %keys, %zero : tensor<16x16xf32>, tensor<16x16xf32> -> tensor<16x16xf32>
    %sums = tile.reduce %s axis 1 : (tensor<16x16xf32>) -> tensor<16xf32> {
    ^bb0(%a: f32, %b: f32):
      %m = arith.addf %a, %b : f32
      tile.yield %m : f32
    }
    %narrow = arith.truncf %s : tensor<16x16xf32> to tensor<16x16xbf16>
    %d = tile.dot %narrow, %values, %acc : tensor<16x16xbf16>, tensor<16x16xbf16> -> tensor<16x16xf32>
    %next = arith.addf %sum, %sums : tensor<16xf32>
    scf.yield %d, %next : tensor<16x16xf32>, tensor<16xf32>
  }
  tile.store_box %out, %r#0 start(%c0, %c0) stride(%c16, %c1) lower(%c0, %c0) upper(%c16, %c16)
    : !tile.ptr<f32>, tensor<16x16xf32>
  return
}
