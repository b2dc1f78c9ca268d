// RUN: tegula-opt %s --split-input-file --tegula-widen-dot-loops="depth=128" | FileCheck %s

// Steps of 32 become steps of 128. The bound K - k, which both boxes have, is
// the loop's end too, so it stays.
// CHECK-LABEL: func.func @masked
// CHECK:       %[[STEP:.+]] = arith.constant 128 : i32
// CHECK:       scf.for %[[K:.+]] = %{{.+}} to %[[END:.+]] step %[[STEP]]
// CHECK:         %[[LEFT:.+]] = arith.subi
// CHECK:         tile.load_box {{.*}} upper(%{{.+}}, %[[LEFT]]) : <f32> -> tensor<16x128xf32>
// CHECK:         tile.load_box {{.*}} upper(%[[LEFT]], %{{.+}}) : <f32> -> tensor<128x16xf32>
// CHECK:         tile.dot {{.*}} : tensor<16x128xf32>, tensor<128x16xf32> -> tensor<16x16xf32>
func.func @masked(%a: !tile.ptr<f32>, %b: !tile.ptr<f32>, %c: !tile.ptr<f32>, %m: i64, %n: i64, %k: i32, %lda: i64, %ldb: i64) {
  %c0 = arith.constant 0 : i64
  %c1 = arith.constant 1 : i64
  %c16 = arith.constant 16 : i64
  %i0 = arith.constant 0 : i32
  %i32 = arith.constant 32 : i32
  %zero = arith.constant dense<0.0> : tensor<16x16xf32>
  %other = arith.constant dense<0.0> : tensor<16x32xf32>
  %wide = arith.extsi %k : i32 to i64
  %acc = scf.for %i = %i0 to %k step %i32 iter_args(%sum = %zero) -> (tensor<16x16xf32>) : i32 {
    %at = arith.extsi %i : i32 to i64
    %left = arith.subi %wide, %at : i64
    %pa = tile.ptr_add %a, %at : !tile.ptr<f32>, i64
    %row = arith.muli %at, %ldb : i64
    %pb = tile.ptr_add %b, %row : !tile.ptr<f32>, i64
    %x = tile.load_box %pa start(%c0, %c0) stride(%lda, %c1) lower(%c0, %c0) upper(%m, %left) other %other : tensor<16x32xf32> : <f32> -> tensor<16x32xf32>
    %y = tile.load_box %pb start(%c0, %c0) stride(%ldb, %c1) lower(%c0, %c0) upper(%left, %n) : <f32> -> tensor<32x16xf32>
    %d = tile.dot %x, %y, %sum : tensor<16x32xf32>, tensor<32x16xf32> -> tensor<16x16xf32>
    scf.yield %d : tensor<16x16xf32>
  }
  tile.store_box %c, %acc start(%c0, %c0) stride(%n, %c1) lower(%c0, %c0) upper(%m, %n) : <f32>, tensor<16x16xf32>
  return
}

// -----

// No masks, a counter of steps, B transposed and narrow: the boxes end where the
// loop does, ceil(end - i) steps of 32 further on.
// CHECK-LABEL: func.func @counted
// CHECK:       scf.for %[[I:.+]] = %{{.+}} to %{{.+}} step %c4_i64
// CHECK:         %[[REST:.+]] = arith.subi %{{.+}}, %[[I]]
// CHECK:         %[[LEFT:.+]] = arith.muli %{{.+}}, %c32
// CHECK:         tile.load_box {{.*}} upper(%{{.+}}, %[[LEFT]]) : <f32> -> tensor<16x128xf32>
// CHECK:         tile.load_box {{.*}} upper(%{{.+}}, %[[LEFT]]) : <f16> -> tensor<16x128xf16>
// CHECK:         tile.trans {{.*}} tensor<16x128xf16> -> tensor<128x16xf16>
// CHECK:         arith.extf {{.*}} tensor<128x16xf16> to tensor<128x16xf32>
func.func @counted(%a: !tile.ptr<f32>, %b: !tile.ptr<f16>, %c: !tile.ptr<f32>, %steps: i64, %lda: i64) {
  %c0 = arith.constant 0 : i64
  %c1 = arith.constant 1 : i64
  %c16 = arith.constant 16 : i64
  %c32 = arith.constant 32 : i64
  %zero = arith.constant dense<0.0> : tensor<16x16xf32>
  %acc = scf.for %i = %c0 to %steps step %c1 iter_args(%sum = %zero) -> (tensor<16x16xf32>) : i64 {
    %at = arith.muli %i, %c32 : i64
    %pa = tile.ptr_add %a, %at : !tile.ptr<f32>, i64
    %x = tile.load_box %pa start(%c0, %c0) stride(%lda, %c1) lower(%c0, %c0) upper(%c16, %c32) : <f32> -> tensor<16x32xf32>
    %h = tile.load_box %b start(%c0, %at) stride(%lda, %c1) lower(%c0, %c0) upper(%c16, %c32) : <f16> -> tensor<16x32xf16>
    %t = tile.trans %h [1, 0] : tensor<16x32xf16> -> tensor<32x16xf16>
    %y = arith.extf %t : tensor<32x16xf16> to tensor<32x16xf32>
    %d = tile.dot %x, %y, %sum : tensor<16x32xf32>, tensor<32x16xf32> -> tensor<16x16xf32>
    scf.yield %d : tensor<16x16xf32>
  }
  tile.store_box %c, %acc start(%c0, %c0) stride(%c16, %c1) lower(%c0, %c0) upper(%c16, %c16) : <f32>, tensor<16x16xf32>
  return
}

// -----

// Steps that leave gaps, and a loop that does more than a product.
// CHECK-LABEL: func.func @gaps
// CHECK-NOT:   tensor<16x128xf32>
func.func @gaps(%a: !tile.ptr<f32>, %c: !tile.ptr<f32>, %steps: i64, %lda: i64) {
  %c0 = arith.constant 0 : i64
  %c1 = arith.constant 1 : i64
  %c16 = arith.constant 16 : i64
  %c32 = arith.constant 32 : i64
  %c64 = arith.constant 64 : i64
  %zero = arith.constant dense<0.0> : tensor<16x16xf32>
  %acc = scf.for %i = %c0 to %steps step %c1 iter_args(%sum = %zero) -> (tensor<16x16xf32>) : i64 {
    %at = arith.muli %i, %c64 : i64
    %row = arith.muli %at, %lda : i64
    %x = tile.load_box %a start(%c0, %at) stride(%lda, %c1) lower(%c0, %c0) upper(%c16, %c32) : <f32> -> tensor<16x32xf32>
    %y = tile.load_box %a start(%at, %c0) stride(%lda, %c1) lower(%c0, %c0) upper(%c32, %c16) : <f32> -> tensor<32x16xf32>
    %d = tile.dot %x, %y, %sum : tensor<16x32xf32>, tensor<32x16xf32> -> tensor<16x16xf32>
    scf.yield %d : tensor<16x16xf32>
  }
  %scaled = scf.for %i = %c0 to %steps step %c1 iter_args(%sum = %acc) -> (tensor<16x16xf32>) : i64 {
    %at = arith.muli %i, %c32 : i64
    %x = tile.load_box %a start(%c0, %at) stride(%lda, %c1) lower(%c0, %c0) upper(%c16, %c32) : <f32> -> tensor<16x32xf32>
    %y = tile.load_box %a start(%at, %c0) stride(%lda, %c1) lower(%c0, %c0) upper(%c32, %c16) : <f32> -> tensor<32x16xf32>
    %twice = arith.addf %sum, %sum : tensor<16x16xf32>
    %d = tile.dot %x, %y, %twice : tensor<16x32xf32>, tensor<32x16xf32> -> tensor<16x16xf32>
    scf.yield %d : tensor<16x16xf32>
  }
  tile.store_box %c, %scaled start(%c0, %c0) stride(%c16, %c1) lower(%c0, %c0) upper(%c16, %c16) : <f32>, tensor<16x16xf32>
  return
}
