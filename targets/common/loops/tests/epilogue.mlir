// RUN: tegula-opt %s --split-input-file --tegula-lower-to-loops="micro-rows=4 micro-vectors=1" | FileCheck %s

// The result is stored in the last step, block by block, and the first one
// starts from zeros; scalars of the store are computed before the loop. After
// it, all that is left is a loop without steps.
// CHECK-LABEL: tegula.kernel = "relu"
// CHECK:         %[[OUT:.+]] = llvm.getelementptr %{{.+}}[%{{.+}}] : (!llvm.ptr, i32) -> !llvm.ptr, f32
// CHECK-NEXT:    %[[EMPTY:.+]] = arith.cmpi sge, %c0_i32, %[[N:.+]] : i32
// CHECK-NOT:     scf.for
// CHECK:         scf.for %[[I:.+]] = %c0_i32 to %[[N]] step %c16_i32 : i32 {
// CHECK:           %[[FIRST:.+]] = arith.cmpi eq, %[[I]], %c0_i32
// CHECK:           %[[LEFT:.+]] = arith.subi %[[N]], %[[I]]
// CHECK:           %[[LAST:.+]] = arith.cmpi ule, %[[LEFT]], %c16_i32
// CHECK:           scf.for
// CHECK:             scf.if %[[FIRST]]
// CHECK-COUNT-4:     math.fma
// CHECK:             scf.if %[[LAST]] {
// CHECK:               arith.maximumf
// CHECK:               llvm.store
// CHECK:             }
// CHECK:         scf.if %[[EMPTY]] {
// CHECK:         scf.if %[[EMPTY]] {
// CHECK:           arith.maximumf
func.func @relu(%a: !tile.ptr<f32>, %out: !tile.ptr<f32>, %n: i32) {
  %c0 = arith.constant 0 : i64
  %c1 = arith.constant 1 : i64
  %c16 = arith.constant 16 : i64
  %i0 = arith.constant 0 : i32
  %i16 = arith.constant 16 : i32
  %zero = arith.constant dense<0.0> : tensor<16x16xf32>
  %r = scf.for %i = %i0 to %n step %i16 iter_args(%acc = %zero) -> (tensor<16x16xf32>) : i32 {
    %at = tile.ptr_add %a, %i : !tile.ptr<f32>, i32
    %l = tile.load_box %at start(%c0, %c0) stride(%c16, %c1) lower(%c0, %c0) upper(%c16, %c16)
      : !tile.ptr<f32> -> tensor<16x16xf32>
    %row = arith.muli %i, %i16 : i32
    %bt = tile.ptr_add %a, %row : !tile.ptr<f32>, i32
    %m = tile.load_box %bt start(%c0, %c0) stride(%c16, %c1) lower(%c0, %c0) upper(%c16, %c16)
      : !tile.ptr<f32> -> tensor<16x16xf32>
    %d = tile.dot %l, %m, %acc : tensor<16x16xf32>, tensor<16x16xf32> -> tensor<16x16xf32>
    scf.yield %d : tensor<16x16xf32>
  }
  %to = tile.ptr_add %out, %n : !tile.ptr<f32>, i32
  %h = arith.maximumf %r, %zero : tensor<16x16xf32>
  tile.store_box %to, %h start(%c0, %c0) stride(%c16, %c1) lower(%c0, %c0) upper(%c16, %c16)
    : !tile.ptr<f32>, tensor<16x16xf32>
  return
}

// -----

// A result that a reduction reads, too, is stored after the loop.
// CHECK-LABEL: tegula.kernel = "reduced"
// CHECK:         scf.for {{.*}} : i32 {
// CHECK-NOT:       scf.if
// CHECK:         vector.shuffle
func.func @reduced(%a: !tile.ptr<f32>, %out: !tile.ptr<f32>, %n: i32) {
  %c0 = arith.constant 0 : i64
  %c1 = arith.constant 1 : i64
  %c16 = arith.constant 16 : i64
  %i0 = arith.constant 0 : i32
  %i16 = arith.constant 16 : i32
  %zero = arith.constant dense<0.0> : tensor<16x16xf32>
  %r = scf.for %i = %i0 to %n step %i16 iter_args(%acc = %zero) -> (tensor<16x16xf32>) : i32 {
    %at = tile.ptr_add %a, %i : !tile.ptr<f32>, i32
    %l = tile.load_box %at start(%c0, %c0) stride(%c16, %c1) lower(%c0, %c0) upper(%c16, %c16)
      : !tile.ptr<f32> -> tensor<16x16xf32>
    %row = arith.muli %i, %i16 : i32
    %bt = tile.ptr_add %a, %row : !tile.ptr<f32>, i32
    %m = tile.load_box %bt start(%c0, %c0) stride(%c16, %c1) lower(%c0, %c0) upper(%c16, %c16)
      : !tile.ptr<f32> -> tensor<16x16xf32>
    %d = tile.dot %l, %m, %acc : tensor<16x16xf32>, tensor<16x16xf32> -> tensor<16x16xf32>
    scf.yield %d : tensor<16x16xf32>
  }
  %s = tile.reduce %r axis 1 : (tensor<16x16xf32>) -> tensor<16xf32> {
  ^bb0(%x: f32, %y: f32):
    %sum = arith.addf %x, %y : f32
    tile.yield %sum : f32
  }
  tile.store_box %out, %s start(%c0) stride(%c1) lower(%c0) upper(%c16)
    : !tile.ptr<f32>, tensor<16xf32>
  tile.store_box %out, %r start(%c16, %c0) stride(%c16, %c1) lower(%c0, %c0) upper(%c16, %c16)
    : !tile.ptr<f32>, tensor<16x16xf32>
  return
}

// -----

// Neither need the loop's steps join nor its operands be boxes: here the bound
// on K is the smaller of two, and the left operand is gathered.
// CHECK-LABEL: tegula.kernel = "gathered"
// CHECK:         scf.for {{.*}} : i32 {
// CHECK:           %[[LAST:.+]] = arith.cmpi ule, %{{.+}}, %c1_i32
// CHECK-COUNT-4:     math.fma
// CHECK:             scf.if %[[LAST]] {
// CHECK:               llvm.store
func.func @gathered(%a: !tile.ptr<f32>, %out: !tile.ptr<f32>, %n: i32, %k: i64) {
  %c0 = arith.constant 0 : i64
  %c1 = arith.constant 1 : i64
  %c16 = arith.constant 16 : i64
  %i0 = arith.constant 0 : i32
  %i1 = arith.constant 1 : i32
  %zero = arith.constant dense<0.0> : tensor<16x16xf32>
  %range = tile.range 0 to 16 : tensor<16xi32>
  %line = tile.expand_dims %range axis 0 : tensor<16xi32> -> tensor<1x16xi32>
  %numbers = tile.broadcast %line : tensor<1x16xi32> -> tensor<16x16xi32>
  %squares = arith.muli %numbers, %numbers : tensor<16x16xi32>
  %r = scf.for %i = %i0 to %n step %i1 iter_args(%acc = %zero) -> (tensor<16x16xf32>) : i32 {
    %at = tile.ptr_add %a, %i : !tile.ptr<f32>, i32
    %many = tile.splat %at : !tile.ptr<f32> -> tensor<16x16x!tile.ptr<f32>>
    %all = tile.ptr_add %many, %squares : tensor<16x16x!tile.ptr<f32>>, tensor<16x16xi32>
    %l = tile.load %all : tensor<16x16x!tile.ptr<f32>>
    %wide = arith.extsi %i : i32 to i64
    %rest = arith.subi %k, %wide : i64
    %bound = arith.minsi %rest, %c16 : i64
    %m = tile.load_box %at start(%c0, %c0) stride(%c16, %c1) lower(%c0, %c0) upper(%bound, %c16)
      : !tile.ptr<f32> -> tensor<16x16xf32>
    %d = tile.dot %l, %m, %acc : tensor<16x16xf32>, tensor<16x16xf32> -> tensor<16x16xf32>
    scf.yield %d : tensor<16x16xf32>
  }
  tile.store_box %out, %r start(%c0, %c0) stride(%c16, %c1) lower(%c0, %c0) upper(%c16, %c16)
    : !tile.ptr<f32>, tensor<16x16xf32>
  return
}

// -----

// What reads memory after the product must not see its result there.
// CHECK-LABEL: tegula.kernel = "asked_after"
// CHECK:         scf.for {{.*}} : i32 {
// CHECK-NOT:       arith.cmpi ule
// CHECK:         }
func.func @asked_after(%a: !tile.ptr<f32>, %out: !tile.ptr<f32>, %n: i32) {
  %c0 = arith.constant 0 : i64
  %c1 = arith.constant 1 : i64
  %c16 = arith.constant 16 : i64
  %i0 = arith.constant 0 : i32
  %i1 = arith.constant 1 : i32
  %zero = arith.constant dense<0.0> : tensor<16x16xf32>
  %r = scf.for %i = %i0 to %n step %i1 iter_args(%acc = %zero) -> (tensor<16x16xf32>) : i32 {
    %at = tile.ptr_add %a, %i : !tile.ptr<f32>, i32
    %m = tile.load_box %at start(%c0, %c0) stride(%c16, %c1) lower(%c0, %c0) upper(%c16, %c16)
      : !tile.ptr<f32> -> tensor<16x16xf32>
    %d = tile.dot %m, %m, %acc : tensor<16x16xf32>, tensor<16x16xf32> -> tensor<16x16xf32>
    tile.print "after " (%i) {is_signed = array<i32: 1>} : i32
    scf.yield %d : tensor<16x16xf32>
  }
  tile.store_box %out, %r start(%c0, %c0) stride(%c16, %c1) lower(%c0, %c0) upper(%c16, %c16)
    : !tile.ptr<f32>, tensor<16x16xf32>
  return
}
