// RUN: tegula-opt %s --split-input-file --tegula-version-thin-dots | FileCheck %s
// RUN: tegula-opt %s --split-input-file --tegula-version-thin-dots --tegula-lower-to-loops | FileCheck %s --check-prefix=LOOPS

// Whether there are more rows than these is a bound of theirs: the loop and the
// store are there twice.
// CHECK-LABEL: func.func @bounded
// CHECK:       %[[FEW:.+]] = arith.cmpi sle, %arg3, %c16_i64
// CHECK:       scf.if %[[FEW]] {
// CHECK:         scf.for
// CHECK:           tile.dot {{.*}} {tegula.by_rows}
// CHECK:         tile.store_box
// CHECK:       } else {
// CHECK:         scf.for
// CHECK-NOT:       by_rows
// CHECK:         tile.store_box
// CHECK:       }

// Vectors run along K, of four columns as they lie and of the packed rows. What
// is left along K is masked. At the end four sums become one vector.
// LOOPS-LABEL: tegula.kernel = "bounded"
// LOOPS:       scf.for {{.*}} -> (vector<16xf32>
// LOOPS:         llvm.load {{.*}} -> vector<16xf32>
// LOOPS:         math.fma {{.*}} : vector<16xf32>
// LOOPS:       scf.if
// LOOPS:         llvm.intr.masked.load
// LOOPS:       vector.shuffle
// LOOPS:       arith.addf {{.*}} : vector<4xf32>
func.func @bounded(%a: !tile.ptr<f32>, %w: !tile.ptr<f32>, %c: !tile.ptr<f32>, %m: i64, %n: i64, %k: i64) {
  %c0 = arith.constant 0 : i64
  %c1 = arith.constant 1 : i64
  %c32 = arith.constant 32 : i64
  %zero = arith.constant dense<0.0> : tensor<16x64xf32>
  %acc = scf.for %i = %c0 to %k step %c32 iter_args(%sum = %zero) -> (tensor<16x64xf32>) : i64 {
    %left = arith.subi %k, %i : i64
    %pa = tile.ptr_add %a, %i : !tile.ptr<f32>, i64
    %pw = tile.ptr_add %w, %i : !tile.ptr<f32>, i64
    %x = tile.load_box %pa start(%c0, %c0) stride(%k, %c1) lower(%c0, %c0) upper(%m, %left) : <f32> -> tensor<16x32xf32>
    %y = tile.load_box %pw start(%c0, %c0) stride(%c1, %k) lower(%c0, %c0) upper(%left, %n) : <f32> -> tensor<32x64xf32>
    %d = tile.dot %x, %y, %sum : tensor<16x32xf32>, tensor<32x64xf32> -> tensor<16x64xf32>
    scf.yield %d : tensor<16x64xf32>
  }
  tile.store_box %c, %acc start(%c0, %c0) stride(%n, %c1) lower(%c0, %c0) upper(%m, %n) : <f32>, tensor<16x64xf32>
  return
}

// -----

// Nothing tells how many rows there are: the smallest block is taken for few.
// CHECK-LABEL: func.func @unbounded
// CHECK-NOT:   scf.if
// CHECK:       tile.dot {{.*}} {tegula.by_rows}
func.func @unbounded(%a: !tile.ptr<f32>, %w: !tile.ptr<f32>, %c: !tile.ptr<f32>, %n: i64, %k: i64) {
  %c0 = arith.constant 0 : i64
  %c1 = arith.constant 1 : i64
  %c16 = arith.constant 16 : i64
  %c32 = arith.constant 32 : i64
  %zero = arith.constant dense<0.0> : tensor<16x32xf32>
  %acc = scf.for %i = %c0 to %k step %c32 iter_args(%sum = %zero) -> (tensor<16x32xf32>) : i64 {
    %pa = tile.ptr_add %a, %i : !tile.ptr<f32>, i64
    %pw = tile.ptr_add %w, %i : !tile.ptr<f32>, i64
    %x = tile.load_box %pa start(%c0, %c0) stride(%k, %c1) lower(%c0, %c0) upper(%c16, %c32) : <f32> -> tensor<16x32xf32>
    %y = tile.load_box %pw start(%c0, %c0) stride(%c1, %k) lower(%c0, %c0) upper(%c32, %c32) : <f32> -> tensor<32x32xf32>
    %d = tile.dot %x, %y, %sum : tensor<16x32xf32>, tensor<32x32xf32> -> tensor<16x32xf32>
    scf.yield %d : tensor<16x32xf32>
  }
  tile.store_box %c, %acc start(%c0, %c0) stride(%n, %c1) lower(%c0, %c0) upper(%c16, %c32) : <f32>, tensor<16x32xf32>
  return
}

// -----

// Columns side by side are packed as ever, and many rows are.
// CHECK-LABEL: func.func @by_columns
// CHECK-NOT:   by_rows
func.func @by_columns(%a: !tile.ptr<f32>, %w: !tile.ptr<f32>, %c: !tile.ptr<f32>, %n: i64, %k: i64) {
  %c0 = arith.constant 0 : i64
  %c1 = arith.constant 1 : i64
  %c16 = arith.constant 16 : i64
  %c32 = arith.constant 32 : i64
  %zero = arith.constant dense<0.0> : tensor<16x32xf32>
  %acc = scf.for %i = %c0 to %k step %c32 iter_args(%sum = %zero) -> (tensor<16x32xf32>) : i64 {
    %pa = tile.ptr_add %a, %i : !tile.ptr<f32>, i64
    %row = arith.muli %i, %n : i64
    %pw = tile.ptr_add %w, %row : !tile.ptr<f32>, i64
    %x = tile.load_box %pa start(%c0, %c0) stride(%k, %c1) lower(%c0, %c0) upper(%c16, %c32) : <f32> -> tensor<16x32xf32>
    %y = tile.load_box %pw start(%c0, %c0) stride(%n, %c1) lower(%c0, %c0) upper(%c32, %c32) : <f32> -> tensor<32x32xf32>
    %d = tile.dot %x, %y, %sum : tensor<16x32xf32>, tensor<32x32xf32> -> tensor<16x32xf32>
    scf.yield %d : tensor<16x32xf32>
  }
  tile.store_box %c, %acc start(%c0, %c0) stride(%n, %c1) lower(%c0, %c0) upper(%c16, %c32) : <f32>, tensor<16x32xf32>
  return
}
