// RUN: tegula-opt %s --split-input-file --tegula-lower-to-loops --canonicalize --cse | FileCheck %s

// What a loop carries stays in registers: the nest goes around the loop.
// CHECK-LABEL: tegula.kernel = "power"
// CHECK:       %[[V0:.+]] = llvm.load {{.*}} vector<64xf32>
// CHECK-NEXT:  %[[R:.+]] = scf.for %{{.+}} = %c0_i32 {{.*}} iter_args(%[[V:.+]] = %[[V0]])
// CHECK-NEXT:    %[[W:.+]] = arith.mulf %[[V]], %[[V]] : vector<64xf32>
// CHECK-NEXT:    scf.yield %[[W]]
// CHECK-NEXT:  }
// CHECK:       llvm.store %[[R]]
func.func @power(%x: !tile.ptr<f32>, %z: !tile.ptr<f16>, %n: i32) {
  %c0 = arith.constant 0 : i64
  %c1 = arith.constant 1 : i64
  %c64 = arith.constant 64 : i64
  %i0 = arith.constant 0 : i32
  %i1 = arith.constant 1 : i32
  %a = tile.load_box %x start(%c0) stride(%c1) lower(%c0) upper(%c64)
    : !tile.ptr<f32> -> tensor<64xf32>
  %r = scf.for %i = %i0 to %n step %i1 iter_args(%v = %a) -> (tensor<64xf32>) : i32 {
    %w = arith.mulf %v, %v : tensor<64xf32>
    scf.yield %w : tensor<64xf32>
  }
  %h = arith.truncf %r : tensor<64xf32> to tensor<64xf16>
  tile.store_box %z, %h start(%c0) stride(%c1) lower(%c0) upper(%c64)
    : !tile.ptr<f16>, tensor<64xf16>
  return
}
// -----
// Several tiles change at once, and scalars of the body are made in the loop.
// CHECK-LABEL: tegula.kernel = "swap"
// CHECK:       %[[R:.+]]:3 = scf.for %[[I:.+]] = %c0_i32 {{.*}} iter_args(%[[S:.+]] = %{{.+}}, %[[V:.+]] = %{{.+}}, %[[W:.+]] = %{{.+}})
// CHECK-DAG:     %[[T:.+]] = arith.muli %[[S]], %[[I]]
// CHECK-DAG:     %[[B:.+]] = vector.broadcast %[[T]]
// CHECK-DAG:     %[[X:.+]] = arith.addi %[[W]], %[[B]]
// CHECK:         scf.yield %[[T]], %[[X]], %[[V]]
func.func @swap(%x: !tile.ptr<i32>, %y: !tile.ptr<i32>, %z: !tile.ptr<i32>, %n: i32) {
  %c0 = arith.constant 0 : i64
  %c1 = arith.constant 1 : i64
  %c64 = arith.constant 64 : i64
  %i0 = arith.constant 0 : i32
  %i1 = arith.constant 1 : i32
  %a = tile.load_box %x start(%c0) stride(%c1) lower(%c0) upper(%c64)
    : !tile.ptr<i32> -> tensor<64xi32>
  %b = tile.load_box %y start(%c0) stride(%c1) lower(%c0) upper(%c64)
    : !tile.ptr<i32> -> tensor<64xi32>
  %r:3 = scf.for %i = %i0 to %n step %i1 iter_args(%s = %i1, %v = %a, %w = %b)
      -> (i32, tensor<64xi32>, tensor<64xi32>) : i32 {
    %t = arith.muli %s, %i : i32
    %u = tile.splat %t : i32 -> tensor<64xi32>
    %w1 = arith.addi %w, %u : tensor<64xi32>
    scf.yield %t, %w1, %v : i32, tensor<64xi32>, tensor<64xi32>
  }
  %h = arith.subi %r#1, %r#2 : tensor<64xi32>
  tile.store_box %z, %h start(%c0) stride(%c1) lower(%c0) upper(%c64)
    : !tile.ptr<i32>, tensor<64xi32>
  return
}
// -----
// A chunk below the bound is read without masks, another one vector by vector.
// CHECK-LABEL: tegula.kernel = "sum"
// CHECK:       scf.for %[[I:.+]] = %c0_i32 {{.*}} iter_args
// CHECK:         %[[FITS:.+]] = arith.cmpi sge
// CHECK:         scf.if %[[FITS]]
// CHECK-NOT:       masked
// CHECK:           llvm.load {{.*}} vector<64xf32>
// CHECK-NOT:       masked
// CHECK:           scf.yield
// CHECK:         } else {
// CHECK-COUNT-4:   llvm.store {{.*}} vector<16xf32>
// CHECK:           scf.for
// CHECK:             llvm.intr.masked.load {{.*}} vector<16xf32>
// CHECK:             llvm.store {{.*}} vector<16xf32>
// CHECK:           llvm.load {{.*}} vector<64xf32>
// CHECK-NEXT:      scf.yield
func.func @sum(%x: !tile.ptr<f32>, %z: !tile.ptr<f32>, %n: i64) {
  %c0 = arith.constant 0 : i64
  %c1 = arith.constant 1 : i64
  %c64 = arith.constant 64 : i64
  %i0 = arith.constant 0 : i32
  %i64 = arith.constant 64 : i32
  %n32 = arith.trunci %n : i64 to i32
  %zero = arith.constant dense<0.0> : tensor<64xf32>
  %r = scf.for %i = %i0 to %n32 step %i64 iter_args(%v = %zero) -> (tensor<64xf32>) : i32 {
    %start = arith.extsi %i : i32 to i64
    %left = arith.subi %n, %start : i64
    %a = tile.load_box %x start(%start) stride(%c1) lower(%c0) upper(%left) other %zero : tensor<64xf32>
      : !tile.ptr<f32> -> tensor<64xf32>
    %w = arith.addf %v, %a : tensor<64xf32>
    scf.yield %w : tensor<64xf32>
  }
  tile.store_box %z, %r start(%c0) stride(%c1) lower(%c0) upper(%c64)
    : !tile.ptr<f32>, tensor<64xf32>
  return
}
// -----
// A tile that is read elsewhere than at the element that is made stays in the
// arena.
// CHECK-LABEL: tegula.kernel = "transpose"
// CHECK:       scf.for %{{.+}} = %c0_i32
// CHECK-NOT:     iter_args
// CHECK:         scf.for
func.func @transpose(%z: !tile.ptr<f32>, %n: i32) {
  %c0 = arith.constant 0 : i64
  %c1 = arith.constant 1 : i64
  %c8 = arith.constant 8 : i64
  %i0 = arith.constant 0 : i32
  %i1 = arith.constant 1 : i32
  %zero = arith.constant dense<0.0> : tensor<8x8xf32>
  %r = scf.for %i = %i0 to %n step %i1 iter_args(%v = %zero) -> (tensor<8x8xf32>) : i32 {
    %t = tile.trans %v [1, 0] : tensor<8x8xf32> -> tensor<8x8xf32>
    %w = arith.addf %v, %t : tensor<8x8xf32>
    scf.yield %w : tensor<8x8xf32>
  }
  tile.store_box %z, %r start(%c0, %c0) stride(%c8, %c1) lower(%c0, %c0) upper(%c8, %c8)
    : !tile.ptr<f32>, tensor<8x8xf32>
  return
}
// -----
// Rows and columns that are repeated over the tile are read once an iteration.
// CHECK-LABEL: tegula.kernel = "outer"
// CHECK:       scf.for %{{.+}} = %c0_i64 to %{{.+}} step
// CHECK-NOT:     iter_args
// CHECK:         scf.for
// CHECK:           llvm.store
func.func @outer(%x: !tile.ptr<f32>, %z: !tile.ptr<f32>, %n: i64) {
  %c0 = arith.constant 0 : i64
  %c1 = arith.constant 1 : i64
  %c8 = arith.constant 8 : i64
  %c64 = arith.constant 64 : i64
  %zero = arith.constant dense<0.0> : tensor<8x64xf32>
  %r = scf.for %i = %c0 to %n step %c1 iter_args(%v = %zero) -> (tensor<8x64xf32>) : i64 {
    %a = tile.load_box %x start(%i) stride(%c1) lower(%c0) upper(%c64)
      : !tile.ptr<f32> -> tensor<64xf32>
    %e = tile.expand_dims %a axis 0 : tensor<64xf32> -> tensor<1x64xf32>
    %t = tile.broadcast %e : tensor<1x64xf32> -> tensor<8x64xf32>
    %w = arith.addf %v, %t : tensor<8x64xf32>
    scf.yield %w : tensor<8x64xf32>
  }
  tile.store_box %z, %r start(%c0, %c0) stride(%c64, %c1) lower(%c0, %c0) upper(%c8, %c64)
    : !tile.ptr<f32>, tensor<8x64xf32>
  return
}
// -----
// A volatile value is read once an iteration, not once for each chunk of it.
// CHECK-LABEL: tegula.kernel = "volatile"
// CHECK:       scf.for %{{.+}} = %c0_i64 to %{{.+}} step
// CHECK:         llvm.fence syncscope("singlethread") seq_cst
// CHECK:         scf.for
func.func @volatile(%x: !tile.ptr<f32>, %z: !tile.ptr<f32>, %n: i64) {
  %c0 = arith.constant 0 : i64
  %c1 = arith.constant 1 : i64
  %c256 = arith.constant 256 : i64
  %zero = arith.constant dense<0.0> : tensor<256xf32>
  %r = scf.for %i = %c0 to %n step %c1 iter_args(%v = %zero) -> (tensor<256xf32>) : i64 {
    %a = tile.load %x {is_volatile} : !tile.ptr<f32>
    %t = tile.splat %a : f32 -> tensor<256xf32>
    %w = arith.addf %v, %t : tensor<256xf32>
    scf.yield %w : tensor<256xf32>
  }
  tile.store_box %z, %r start(%c0) stride(%c1) lower(%c0) upper(%c256)
    : !tile.ptr<f32>, tensor<256xf32>
  return
}
