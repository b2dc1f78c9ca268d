// RUN: tegula-opt %s --split-input-file --tegula-lower-to-loops="vector-bits=128 masked-bits=0" | FileCheck %s
// RUN: tegula-opt %s --split-input-file --tegula-lower-to-loops="vector-bits=128 masked-bits=32" | FileCheck %s --check-prefix=MASKS

// Without masked instructions, a tail is loaded whole where it can't fault: the
// vector lies in one page, and an active lane does too. Its store goes by halves,
// a branch for each bit of the number of lanes, and writes nothing else.
// CHECK-LABEL: tegula.kernel = "tail"
// CHECK:       scf.for
// CHECK:       scf.if
// CHECK:         %[[COUNT:.+]] = arith.trunci {{.*}} : i64 to i32
// CHECK:         %[[MASK:.+]] = arith.cmpi slt, {{.*}} : vector<4xi32>
// CHECK:         %[[AT:.+]] = llvm.ptrtoint %[[P:.+]] : !llvm.ptr to i64
// CHECK:         %[[IN:.+]] = arith.andi %[[AT]], %c4095
// CHECK:         %[[FITS:.+]] = arith.cmpi sle, %[[IN]], %c4080
// CHECK:         %[[ANY:.+]] = vector.reduction <or>, %[[MASK]]
// CHECK:         %[[SAFE:.+]] = arith.andi %[[FITS]], %[[ANY]]
// CHECK:         %[[X:.+]] = scf.if %[[SAFE]]
// CHECK:           %[[ALL:.+]] = llvm.load %[[P]]
// CHECK:           arith.select %[[MASK]], %[[ALL]]
// CHECK:         } else {
// CHECK:           llvm.intr.masked.load %[[P]], %[[MASK]]
// CHECK:         arith.addf %[[X]], %[[X]]
// CHECK:         arith.andi %[[COUNT]], %c2_i32
// CHECK:         %[[REST:.+]]:2 = scf.if
// CHECK:           llvm.store %{{.+}}, %{{.+}} : vector<2xf32>
// CHECK:         arith.andi %[[COUNT]], %c1_i32
// CHECK:         scf.if
// CHECK:           llvm.store %{{.+}}, %{{.+}} : vector<1xf32>
// CHECK-NOT:     masked.store

// AVX2 has them for 32 bits.
// MASKS-LABEL: tegula.kernel = "tail"
// MASKS-NOT:   vector.reduction
// MASKS:       llvm.intr.masked.load
// MASKS:       llvm.intr.masked.store
func.func @tail(%x: !tile.ptr<f32>, %y: !tile.ptr<f32>, %n: i64) {
  %c0 = arith.constant 0 : i64
  %c1 = arith.constant 1 : i64
  %v = tile.load_box %x start(%c0) stride(%c1) lower(%c0) upper(%n)
    : !tile.ptr<f32> -> tensor<64xf32>
  %w = arith.addf %v, %v : tensor<64xf32>
  tile.store_box %y, %w start(%c0) stride(%c1) lower(%c0) upper(%n)
    : !tile.ptr<f32>, tensor<64xf32>
  return
}

// -----
// A sum takes several registers at a time; masked loads take one.
// MASKS-LABEL: tegula.kernel = "sum"
// MASKS:         llvm.load {{.*}} -> vector<16xf32>
// MASKS:       scf.if
// MASKS-COUNT-4: llvm.intr.masked.load {{.*}} -> vector<4xf32>
// MASKS-NOT:     llvm.intr.masked.load
func.func @sum(%x: !tile.ptr<f32>, %y: !tile.ptr<f32>, %n: i64) {
  %c0 = arith.constant 0 : i64
  %c1 = arith.constant 1 : i64
  %v = tile.load_box %x start(%c0) stride(%c1) lower(%c0) upper(%n)
    : !tile.ptr<f32> -> tensor<64xf32>
  %s = tile.reduce %v axis 0 : (tensor<64xf32>) -> f32 {
  ^bb0(%a: f32, %b: f32):
    %t = arith.addf %a, %b : f32
    tile.yield %t : f32
  }
  tile.store %y, %s : !tile.ptr<f32>
  return
}

// -----
// A change of shape makes addresses of a strip's lanes: those beyond the end of
// the tail are not read.
// MASKS-LABEL: tegula.kernel = "reshaped"
// MASKS:       scf.if
// MASKS:         %[[MASK:.+]] = arith.cmpi slt, {{.*}} : vector<4xi32>
// MASKS:         llvm.intr.masked.gather %{{.+}}, %[[MASK]]
// MASKS:         llvm.intr.masked.store %{{.+}}, %{{.+}}, %[[MASK]]
func.func @reshaped(%x: !tile.ptr<f32>, %y: !tile.ptr<f32>) {
  %c0 = arith.constant 0 : i64
  %c1 = arith.constant 1 : i64
  %c3 = arith.constant 3 : i64
  %c7 = arith.constant 7 : i64
  %i = tile.range 0 to 21 : tensor<21xi32>
  %xs = tile.splat %x : !tile.ptr<f32> -> tensor<21x!tile.ptr<f32>>
  %p = tile.ptr_add %xs, %i : tensor<21x!tile.ptr<f32>>, tensor<21xi32>
  %v = tile.load %p : tensor<21x!tile.ptr<f32>>
  %w = tile.reshape %v : tensor<21xf32> -> tensor<3x7xf32>
  tile.store_box %y, %w start(%c0, %c0) stride(%c7, %c1) lower(%c0, %c0)
    upper(%c3, %c7) : !tile.ptr<f32>, tensor<3x7xf32>
  return
}
// -----
// A tile that is computed whole has strips below the bound of what it reads,
// without masks, and others.
// CHECK-LABEL: tegula.kernel = "split"
// CHECK:       scf.for %{{.+}} = %c0_i64
// CHECK:         scf.for
// CHECK-NOT:       masked
// CHECK:           llvm.store
// CHECK:         scf.for
// CHECK:           llvm.intr.masked.load
// CHECK:           llvm.store
func.func @split(%x: !tile.ptr<f32>, %z: !tile.ptr<f32>, %p: !tile.ptr<i64>, %n: i64) {
  %c0 = arith.constant 0 : i64
  %c1 = arith.constant 1 : i64
  %c64 = arith.constant 64 : i64
  %zero = arith.constant dense<0.0> : tensor<64xf32>
  %r = scf.for %i = %c0 to %n step %c64 iter_args(%v = %zero) -> (tensor<64xf32>) : i64 {
    tile.store %p, %i : !tile.ptr<i64>
    %left = arith.subi %n, %i : i64
    %a = tile.load_box %x start(%i) stride(%c1) lower(%c0) upper(%left)
      : !tile.ptr<f32> -> tensor<64xf32>
    %w = arith.addf %v, %a : tensor<64xf32>
    scf.yield %w : tensor<64xf32>
  }
  tile.store_box %z, %r start(%c0) stride(%c1) lower(%c0) upper(%c64)
    : !tile.ptr<f32>, tensor<64xf32>
  return
}
