// RUN: tegula-opt %s --split-input-file --tegula-lower-to-loops="micro-rows=3 micro-vectors=2" | FileCheck %s

// 32 rows by 3 become 10 blocks of 3 and 1 of 2, never 1: rows are shared out
// evenly. B lies in panels of 2 vectors; the accumulators are carried in the
// order of the micro-tile, updated in place, 6 of them in registers.
// CHECK-LABEL: tegula.kernel = "dot"
// CHECK-DAG:   %[[SPLIT:.+]] = arith.constant 30 : i64
// CHECK-DAG:   %[[END:.+]] = arith.constant 32 : i64
// CHECK:       scf.for {{.*}} : i32 {
// Packing: rows of A as they are, B by panels.
// CHECK:         llvm.store
// CHECK:         llvm.store
// Panels outside, blocks of rows inside.
// CHECK:         scf.for
// CHECK:           scf.for %{{.+}} = %{{.+}} to %[[SPLIT]] step %c3_i64
// CHECK-COUNT-6:     llvm.load {{.*}} -> vector<16xf32>
// CHECK:             scf.for {{.*}} -> (vector<16xf32>, vector<16xf32>, vector<16xf32>, vector<16xf32>, vector<16xf32>, vector<16xf32>)
// CHECK-COUNT-6:       math.fma
// CHECK-NOT:           math.fma
// CHECK:               scf.yield
// CHECK-COUNT-6:     llvm.store {{.*}} vector<16xf32>
// CHECK:           scf.for %{{.+}} = %[[SPLIT]] to %[[END]] step %c2_i64
// CHECK-COUNT-4:     llvm.load {{.*}} -> vector<16xf32>
// CHECK:             scf.for {{.*}} -> (vector<16xf32>, vector<16xf32>, vector<16xf32>, vector<16xf32>)
// CHECK-COUNT-4:       math.fma
// CHECK-NOT:           math.fma
// CHECK:             scf.yield
// CHECK-COUNT-4:     llvm.store {{.*}} vector<16xf32>
// Nothing is moved between rounds.
// CHECK-NOT:     scf.for
// CHECK:       scf.for
// CHECK:         arith.truncf
func.func @dot(%a: !tile.ptr<f32>, %b: !tile.ptr<f32>, %z: !tile.ptr<f16>, %n: i32) {
  %c0 = arith.constant 0 : i64
  %c1 = arith.constant 1 : i64
  %c16 = arith.constant 16 : i64
  %c32 = arith.constant 32 : i64
  %c64 = arith.constant 64 : i64
  %i0 = arith.constant 0 : i32
  %i1 = arith.constant 1 : i32
  %zero = arith.constant dense<0.0> : tensor<32x64xf32>
  %r = scf.for %i = %i0 to %n step %i1 iter_args(%acc = %zero) -> (tensor<32x64xf32>) : i32 {
    %at = tile.ptr_add %a, %i : !tile.ptr<f32>, i32
    %bt = tile.ptr_add %b, %i : !tile.ptr<f32>, i32
    %l = tile.load_box %at start(%c0, %c0) stride(%c16, %c1) lower(%c0, %c0) upper(%c32, %c16)
    : !tile.ptr<f32> -> tensor<32x16xf32>
    %m = tile.load_box %bt start(%c0, %c0) stride(%c64, %c1) lower(%c0, %c0) upper(%c16, %c64)
    : !tile.ptr<f32> -> tensor<16x64xf32>
    %d = tile.dot %l, %m, %acc : tensor<32x16xf32>, tensor<16x64xf32> -> tensor<32x64xf32>
    scf.yield %d : tensor<32x64xf32>
  }
  %h = arith.truncf %r : tensor<32x64xf32> to tensor<32x64xf16>
  tile.store_box %z, %h start(%c0, %c0) stride(%c64, %c1) lower(%c0, %c0) upper(%c32, %c64)
    : !tile.ptr<f16>, tensor<32x64xf16>
  return
}
// -----
// 17 rows: 5 blocks of 3 and 1 of 2, not 6 and a rest that is thinner still.
// CHECK-LABEL: tegula.kernel = "odd_rows"
// CHECK:       scf.for %{{.+}} = %{{.+}} to %c15_i64 step %c3_i64
// CHECK:       scf.for %{{.+}} = %c15_i64 to %c17_i64 step %c2_i64
func.func @odd_rows(%a: !tile.ptr<f32>, %b: !tile.ptr<f32>, %z: !tile.ptr<f32>) {
  %c0 = arith.constant 0 : i64
  %c1 = arith.constant 1 : i64
  %c16 = arith.constant 16 : i64
  %c17 = arith.constant 17 : i64
  %zero = arith.constant dense<0.0> : tensor<17x16xf32>
  %l = tile.load_box %a start(%c0, %c0) stride(%c16, %c1) lower(%c0, %c0) upper(%c17, %c16)
    : !tile.ptr<f32> -> tensor<17x16xf32>
  %m = tile.load_box %b start(%c0, %c0) stride(%c16, %c1) lower(%c0, %c0) upper(%c16, %c16)
    : !tile.ptr<f32> -> tensor<16x16xf32>
  %d = tile.dot %l, %m, %zero : tensor<17x16xf32>, tensor<16x16xf32> -> tensor<17x16xf32>
  tile.store_box %z, %d start(%c0, %c0) stride(%c16, %c1) lower(%c0, %c0) upper(%c17, %c16)
    : !tile.ptr<f32>, tensor<17x16xf32>
  return
}
// -----
// A batch is one more loop; half-precision operands are widened while packing;
// a product that starts from zero reads no accumulators.
// CHECK-LABEL: tegula.kernel = "batched"
// CHECK:       scf.for
// CHECK:         arith.extf {{.*}} vector<16xf16> to vector<16xf32>
// CHECK:         llvm.store {{.*}} vector<16xf32>
// CHECK:       arith.extf {{.*}} vector<16xf16> to vector<16xf32>
// CHECK:       scf.for %{{.+}} = %c0_i64 to %c4_i64 step %c1_i64
// CHECK:         scf.for %{{.+}} = %{{.+}} to %c6_i64 step %c3_i64
// CHECK-NOT:       llvm.load
// CHECK:           scf.for {{.*}} -> (vector<16xf32>, vector<16xf32>, vector<16xf32>)
// CHECK-COUNT-3:     math.fma
func.func @batched(%a: !tile.ptr<f16>, %b: !tile.ptr<f16>, %z: !tile.ptr<f32>) {
  %c0 = arith.constant 0 : i64
  %c1 = arith.constant 1 : i64
  %c4 = arith.constant 4 : i64
  %c8 = arith.constant 8 : i64
  %c16 = arith.constant 16 : i64
  %c128 = arith.constant 128 : i64
  %c256 = arith.constant 256 : i64
  %zero = arith.constant dense<0.0> : tensor<4x8x16xf32>
  %l = tile.load_box %a start(%c0, %c0, %c0) stride(%c128, %c16, %c1) lower(%c0, %c0, %c0) upper(%c4, %c8, %c16)
    : !tile.ptr<f16> -> tensor<4x8x16xf16>
  %m = tile.load_box %b start(%c0, %c0, %c0) stride(%c256, %c16, %c1) lower(%c0, %c0, %c0) upper(%c4, %c16, %c16)
    : !tile.ptr<f16> -> tensor<4x16x16xf16>
  %d = tile.dot %l, %m, %zero : tensor<4x8x16xf16>, tensor<4x16x16xf16> -> tensor<4x8x16xf32>
  tile.store_box %z, %d start(%c0, %c0, %c0) stride(%c128, %c16, %c1) lower(%c0, %c0, %c0) upper(%c4, %c8, %c16)
    : !tile.ptr<f32>, tensor<4x8x16xf32>
  return
}
// -----
// B^T is read along its rows and transposed in registers, 16 x 16 at a time.
// CHECK-LABEL: tegula.kernel = "transposed"
// CHECK:       vector.transpose %{{.+}}, [1, 0] : vector<16x16xf32> to vector<16x16xf32>
// CHECK-COUNT-16: llvm.store {{.*}} vector<16xf32>
// CHECK-NOT:   scatter
// CHECK:       math.fma
func.func @transposed(%a: !tile.ptr<f32>, %b: !tile.ptr<f32>, %z: !tile.ptr<f16>) {
  %c0 = arith.constant 0 : i64
  %c1 = arith.constant 1 : i64
  %c16 = arith.constant 16 : i64
  %c32 = arith.constant 32 : i64
  %zero = arith.constant dense<0.0> : tensor<16x32xf32>
  %l = tile.load_box %a start(%c0, %c0) stride(%c16, %c1) lower(%c0, %c0) upper(%c16, %c16)
    : !tile.ptr<f32> -> tensor<16x16xf32>
  %m = tile.load_box %b start(%c0, %c0) stride(%c16, %c1) lower(%c0, %c0) upper(%c32, %c16)
    : !tile.ptr<f32> -> tensor<32x16xf32>
  %t = tile.trans %m [1, 0] : tensor<32x16xf32> -> tensor<16x32xf32>
  %d = tile.dot %l, %t, %zero : tensor<16x16xf32>, tensor<16x32xf32> -> tensor<16x32xf32>
  %h = arith.truncf %d : tensor<16x32xf32> to tensor<16x32xf16>
  tile.store_box %z, %h start(%c0, %c0) stride(%c32, %c1) lower(%c0, %c0) upper(%c16, %c32)
    : !tile.ptr<f16>, tensor<16x32xf16>
  return
}
// -----
// An operand that the loop does not change is packed once, before it.
// CHECK-LABEL: tegula.kernel = "invariant"
// CHECK:       math.exp
// CHECK:       scf.for {{.*}} : i32 {
// CHECK-NOT:   math.exp
// CHECK:       math.fma
func.func @invariant(%a: !tile.ptr<f32>, %b: !tile.ptr<f32>, %z: !tile.ptr<f32>, %n: i32) {
  %c0 = arith.constant 0 : i64
  %c1 = arith.constant 1 : i64
  %c8 = arith.constant 8 : i64
  %c16 = arith.constant 16 : i64
  %i0 = arith.constant 0 : i32
  %i1 = arith.constant 1 : i32
  %zero = arith.constant dense<0.0> : tensor<8x16xf32>
  %l = tile.load_box %a start(%c0, %c0) stride(%c8, %c1) lower(%c0, %c0) upper(%c8, %c8)
    : !tile.ptr<f32> -> tensor<8x8xf32>
  %e = math.exp %l : tensor<8x8xf32>
  %r = scf.for %i = %i0 to %n step %i1 iter_args(%acc = %zero) -> (tensor<8x16xf32>) : i32 {
    %bt = tile.ptr_add %b, %i : !tile.ptr<f32>, i32
    %m = tile.load_box %bt start(%c0, %c0) stride(%c16, %c1) lower(%c0, %c0) upper(%c8, %c16)
    : !tile.ptr<f32> -> tensor<8x16xf32>
    %d = tile.dot %e, %m, %acc : tensor<8x8xf32>, tensor<8x16xf32> -> tensor<8x16xf32>
    scf.yield %d : tensor<8x16xf32>
  }
  tile.store_box %z, %r start(%c0, %c0) stride(%c16, %c1) lower(%c0, %c0) upper(%c8, %c16)
    : !tile.ptr<f32>, tensor<8x16xf32>
  return
}
// -----
// The old accumulator is used elsewhere: no update in place.
// CHECK-LABEL: tegula.kernel = "shared_accumulator"
// CHECK:       scf.for {{.*}} : i32 {
// CHECK:         math.fma
// CHECK:         scf.for
// CHECK:           arith.addf
func.func @shared_accumulator(%a: !tile.ptr<f32>, %b: !tile.ptr<f32>, %z: !tile.ptr<f32>, %n: i32) {
  %c0 = arith.constant 0 : i64
  %c1 = arith.constant 1 : i64
  %c8 = arith.constant 8 : i64
  %c16 = arith.constant 16 : i64
  %i0 = arith.constant 0 : i32
  %i1 = arith.constant 1 : i32
  %zero = arith.constant dense<0.0> : tensor<8x16xf32>
  %l = tile.load_box %a start(%c0, %c0) stride(%c8, %c1) lower(%c0, %c0) upper(%c8, %c8)
    : !tile.ptr<f32> -> tensor<8x8xf32>
  %m = tile.load_box %b start(%c0, %c0) stride(%c16, %c1) lower(%c0, %c0) upper(%c8, %c16)
    : !tile.ptr<f32> -> tensor<8x16xf32>
  %r = scf.for %i = %i0 to %n step %i1 iter_args(%acc = %zero) -> (tensor<8x16xf32>) : i32 {
    %d = tile.dot %l, %m, %acc : tensor<8x8xf32>, tensor<8x16xf32> -> tensor<8x16xf32>
    %s = arith.addf %d, %acc : tensor<8x16xf32>
    scf.yield %s : tensor<8x16xf32>
  }
  tile.store_box %z, %r start(%c0, %c0) stride(%c16, %c1) lower(%c0, %c0) upper(%c8, %c16)
    : !tile.ptr<f32>, tensor<8x16xf32>
  return
}
// -----
// i8 operands are summed in i32.
// CHECK-LABEL: tegula.kernel = "integers"
// CHECK:       arith.extsi {{.*}} vector<16xi8> to vector<16xi32>
// CHECK:       arith.muli {{.*}} vector<16xi32>
// CHECK-NEXT:  arith.addi {{.*}} vector<16xi32>
func.func @integers(%a: !tile.ptr<i8>, %b: !tile.ptr<i8>, %z: !tile.ptr<i32>) {
  %c0 = arith.constant 0 : i64
  %c1 = arith.constant 1 : i64
  %c8 = arith.constant 8 : i64
  %c16 = arith.constant 16 : i64
  %c32 = arith.constant 32 : i64
  %zero = arith.constant dense<0> : tensor<8x16xi32>
  %l = tile.load_box %a start(%c0, %c0) stride(%c32, %c1) lower(%c0, %c0) upper(%c8, %c32)
    : !tile.ptr<i8> -> tensor<8x32xi8>
  %m = tile.load_box %b start(%c0, %c0) stride(%c16, %c1) lower(%c0, %c0) upper(%c32, %c16)
    : !tile.ptr<i8> -> tensor<32x16xi8>
  %d = tile.dot %l, %m, %zero : tensor<8x32xi8>, tensor<32x16xi8> -> tensor<8x16xi32>
  tile.store_box %z, %d start(%c0, %c0) stride(%c16, %c1) lower(%c0, %c0) upper(%c8, %c16)
    : !tile.ptr<i32>, tensor<8x16xi32>
  return
}

// -----

// Blocks of rows and panels that the store leaves out are not multiplied.
// CHECK-LABEL: tegula.kernel = "demanded"
// CHECK:       %[[ROWS:.+]] = arith.minsi %{{.+}}, %c32
// CHECK:       %[[COLUMNS:.+]] = arith.addi %{{.+}}, %c31
// CHECK:       %[[PANELS:.+]] = arith.shrui %[[COLUMNS]], %c5
// CHECK:       arith.maxsi %[[PANELS]]
// CHECK:       scf.for
// CHECK:         %[[END:.+]] = arith.minsi %c30_i64, %[[ROWS]]
// CHECK:         scf.for %{{.+}} = %{{.+}} to %[[END]] step %c3_i64
// CHECK:         %[[REST:.+]] = arith.minsi %c32_i64, %[[ROWS]]
// CHECK:         scf.for %{{.+}} = %c30_i64 to %[[REST]] step %c2_i64
func.func @demanded(%a: !tile.ptr<f32>, %b: !tile.ptr<f32>, %z: !tile.ptr<f16>, %m: i64, %n: i64, %k: i32) {
  %c0 = arith.constant 0 : i64
  %c1 = arith.constant 1 : i64
  %c16 = arith.constant 16 : i64
  %c32 = arith.constant 32 : i64
  %c64 = arith.constant 64 : i64
  %i0 = arith.constant 0 : i32
  %i1 = arith.constant 1 : i32
  %zero = arith.constant dense<0.0> : tensor<32x64xf32>
  %r = scf.for %i = %i0 to %k step %i1 iter_args(%acc = %zero) -> (tensor<32x64xf32>) : i32 {
    %l = tile.load_box %a start(%c0, %c0) stride(%c16, %c1) lower(%c0, %c0) upper(%c32, %c16)
    : !tile.ptr<f32> -> tensor<32x16xf32>
    %o = tile.load_box %b start(%c0, %c0) stride(%c64, %c1) lower(%c0, %c0) upper(%c16, %c64)
    : !tile.ptr<f32> -> tensor<16x64xf32>
    %d = tile.dot %l, %o, %acc : tensor<32x16xf32>, tensor<16x64xf32> -> tensor<32x64xf32>
    scf.yield %d : tensor<32x64xf32>
  }
  %h = arith.truncf %r : tensor<32x64xf32> to tensor<32x64xf16>
  tile.store_box %z, %h start(%c0, %c0) stride(%c64, %c1) lower(%c0, %c0) upper(%m, %n)
    : !tile.ptr<f16>, tensor<32x64xf16>
  return
}

// -----

// The store of one turn does not bound what the next one stores.
// CHECK-LABEL: tegula.kernel = "turns"
// CHECK-NOT:   arith.minsi %c30_i64
// CHECK:       scf.for %{{.+}} = %{{.+}} to %c30_i64 step %c3_i64
func.func @turns(%a: !tile.ptr<f32>, %b: !tile.ptr<f32>, %z: !tile.ptr<f32>, %k: i64) {
  %c0 = arith.constant 0 : i64
  %c1 = arith.constant 1 : i64
  %c16 = arith.constant 16 : i64
  %c32 = arith.constant 32 : i64
  %c64 = arith.constant 64 : i64
  %zero = arith.constant dense<0.0> : tensor<32x64xf32>
  %r = scf.for %i = %c0 to %k step %c1 iter_args(%acc = %zero) -> (tensor<32x64xf32>) : i64 {
    %rows = arith.muli %i, %c16 : i64
    tile.store_box %z, %acc start(%c0, %c0) stride(%c64, %c1) lower(%c0, %c0) upper(%rows, %rows)
    : !tile.ptr<f32>, tensor<32x64xf32>
    %l = tile.load_box %a start(%c0, %c0) stride(%c16, %c1) lower(%c0, %c0) upper(%c32, %c16)
    : !tile.ptr<f32> -> tensor<32x16xf32>
    %o = tile.load_box %b start(%c0, %c0) stride(%c64, %c1) lower(%c0, %c0) upper(%c16, %c64)
    : !tile.ptr<f32> -> tensor<16x64xf32>
    %d = tile.dot %l, %o, %acc : tensor<32x16xf32>, tensor<16x64xf32> -> tensor<32x64xf32>
    scf.yield %d : tensor<32x64xf32>
  }
  return
}

// -----

// A reduction over the columns of a product reads vectors of each panel.
// CHECK-LABEL: tegula.kernel = "rows"
// CHECK-NOT:   masked.gather
// CHECK:       %[[LOW:.+]] = llvm.load {{.*}} -> vector<32xf32>
// CHECK:       %[[HIGH:.+]] = llvm.load {{.*}} -> vector<32xf32>
// CHECK:       vector.shuffle %[[LOW]], %[[HIGH]] {{.*}} vector<32xf32>, vector<32xf32>
// CHECK-NOT:   masked.gather
func.func @rows(%a: !tile.ptr<f32>, %b: !tile.ptr<f32>, %z: !tile.ptr<f32>) {
  %c0 = arith.constant 0 : i64
  %c1 = arith.constant 1 : i64
  %c16 = arith.constant 16 : i64
  %c32 = arith.constant 32 : i64
  %c64 = arith.constant 64 : i64
  %zero = arith.constant dense<0.0> : tensor<32x64xf32>
  %l = tile.load_box %a start(%c0, %c0) stride(%c16, %c1) lower(%c0, %c0) upper(%c32, %c16)
    : !tile.ptr<f32> -> tensor<32x16xf32>
  %o = tile.load_box %b start(%c0, %c0) stride(%c64, %c1) lower(%c0, %c0) upper(%c16, %c64)
    : !tile.ptr<f32> -> tensor<16x64xf32>
  %d = tile.dot %l, %o, %zero : tensor<32x16xf32>, tensor<16x64xf32> -> tensor<32x64xf32>
  %s = tile.reduce %d axis 1 : (tensor<32x64xf32>) -> tensor<32xf32> {
  ^bb0(%x: f32, %y: f32):
    %both = arith.addf %x, %y : f32
    tile.yield %both : f32
  }
  tile.store_box %z, %s start(%c0) stride(%c1) lower(%c0) upper(%c32)
    : !tile.ptr<f32>, tensor<32xf32>
  return
}

// -----

// What the sums start from is made in their registers, not stored first.
// CHECK-LABEL: tegula.kernel = "scaled"
// CHECK:       scf.for %{{.+}} = %{{.+}} to %c30_i64 step %c3_i64
// CHECK-COUNT-6: arith.mulf {{.*}} vector<16xf32>
// CHECK:         scf.for {{.*}} -> (vector<16xf32>
func.func @scaled(%a: !tile.ptr<f32>, %b: !tile.ptr<f32>, %z: !tile.ptr<f32>, %f: f32, %k: i64) {
  %c0 = arith.constant 0 : i64
  %c1 = arith.constant 1 : i64
  %c16 = arith.constant 16 : i64
  %c32 = arith.constant 32 : i64
  %c64 = arith.constant 64 : i64
  %zero = arith.constant dense<0.0> : tensor<32x64xf32>
  %r = scf.for %i = %c0 to %k step %c1 iter_args(%acc = %zero) -> (tensor<32x64xf32>) : i64 {
    %l = tile.load_box %a start(%c0, %c0) stride(%c16, %c1) lower(%c0, %c0) upper(%c32, %c16)
    : !tile.ptr<f32> -> tensor<32x16xf32>
    %o = tile.load_box %b start(%c0, %c0) stride(%c64, %c1) lower(%c0, %c0) upper(%c16, %c64)
    : !tile.ptr<f32> -> tensor<16x64xf32>
    %fs = tile.splat %f : f32 -> tensor<32x64xf32>
    %scaled = arith.mulf %acc, %fs : tensor<32x64xf32>
    %d = tile.dot %l, %o, %scaled : tensor<32x16xf32>, tensor<16x64xf32> -> tensor<32x64xf32>
    scf.yield %d : tensor<32x64xf32>
  }
  tile.store_box %z, %r start(%c0, %c0) stride(%c64, %c1) lower(%c0, %c0) upper(%c32, %c64)
    : !tile.ptr<f32>, tensor<32x64xf32>
  return
}
