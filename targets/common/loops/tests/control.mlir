// RUN: tegula-opt %s --split-input-file --tegula-lower-to-loops --canonicalize --cse | FileCheck %s

// A tile that a loop carries has one buffer, updated in place: each element is
// read where it is written. (The counter is stored so that the loop stays outside
// of the nest.)
// CHECK-LABEL: tegula.arena_bytes = 320 : i64, {{.*}} tegula.kernel = "in_place"
// CHECK:       scf.for
// CHECK:         llvm.store
// CHECK:       scf.for %{{.+}} = %c0_i32
// CHECK-NEXT:    llvm.store %{{.+}} : i32
// CHECK-NEXT:    scf.for
// CHECK-NEXT:      %[[P:.+]] = llvm.getelementptr
// CHECK-NEXT:      %[[V:.+]] = llvm.load %[[P]]
// CHECK-NEXT:      %[[W:.+]] = arith.mulf %[[V]], %[[V]]
// CHECK-NEXT:      llvm.store %[[W]], %[[P]]
// CHECK-NEXT:    {{^ *}$}}
// CHECK-NEXT:  {{^ *}$}}
func.func @in_place(%x: !tile.ptr<f32>, %z: !tile.ptr<f16>, %p: !tile.ptr<i32>, %n: i32) {
  %c0 = arith.constant 0 : i64
  %c1 = arith.constant 1 : i64
  %c64 = arith.constant 64 : i64
  %i0 = arith.constant 0 : i32
  %i1 = arith.constant 1 : i32
  %a = tile.load_box %x start(%c0) stride(%c1) lower(%c0) upper(%c64)
    : !tile.ptr<f32> -> tensor<64xf32>
  %r = scf.for %i = %i0 to %n step %i1 iter_args(%v = %a) -> (tensor<64xf32>) : i32 {
    tile.store %p, %i : !tile.ptr<i32>
    %w = arith.mulf %v, %v : tensor<64xf32>
    scf.yield %w : tensor<64xf32>
  }
  %h = arith.truncf %r : tensor<64xf32> to tensor<64xf16>
  tile.store_box %z, %h start(%c0) stride(%c1) lower(%c0) upper(%c64)
    : !tile.ptr<f16>, tensor<64xf16>
  return
}
// -----
// x, y = y, x: both new values are complete before either buffer is written.
// CHECK-LABEL: tegula.kernel = "swap"
// CHECK:       scf.for %{{.+}} = %c0_i32
// CHECK:         llvm.getelementptr %[[ARENA:.+]][[[Y:[0-9]+]]] : (!llvm.ptr) -> !llvm.ptr, i8
// CHECK:         llvm.load
// CHECK:         llvm.getelementptr %[[ARENA]][[[COPY1:[0-9]+]]] : (!llvm.ptr) -> !llvm.ptr, i8
// CHECK:         llvm.store
// CHECK:         llvm.getelementptr %[[ARENA]][%{{.+}}]
// CHECK:         llvm.load
// CHECK:         llvm.getelementptr %[[ARENA]][[[COPY2:[0-9]+]]] : (!llvm.ptr) -> !llvm.ptr, i8
// CHECK:         llvm.store
// CHECK:         llvm.getelementptr %[[ARENA]][[[COPY1]]] : (!llvm.ptr) -> !llvm.ptr, i8
// CHECK:         llvm.load
// CHECK:         llvm.getelementptr %[[ARENA]][%{{.+}}]
// CHECK:         llvm.store
// CHECK:         llvm.getelementptr %[[ARENA]][[[COPY2]]] : (!llvm.ptr) -> !llvm.ptr, i8
// CHECK:         llvm.load
// CHECK:         llvm.getelementptr %[[ARENA]][[[Y]]] : (!llvm.ptr) -> !llvm.ptr, i8
// CHECK:         llvm.store
func.func @swap(%x: !tile.ptr<f32>, %y: !tile.ptr<f32>, %z: !tile.ptr<f16>, %p: !tile.ptr<i32>, %n: i32) {
  %c0 = arith.constant 0 : i64
  %c1 = arith.constant 1 : i64
  %c64 = arith.constant 64 : i64
  %i0 = arith.constant 0 : i32
  %i1 = arith.constant 1 : i32
  %a = tile.load_box %x start(%c0) stride(%c1) lower(%c0) upper(%c64)
    : !tile.ptr<f32> -> tensor<64xf32>
  %b = tile.load_box %y start(%c0) stride(%c1) lower(%c0) upper(%c64)
    : !tile.ptr<f32> -> tensor<64xf32>
  %r:2 = scf.for %i = %i0 to %n step %i1 iter_args(%v = %a, %w = %b) -> (tensor<64xf32>, tensor<64xf32>) : i32 {
    tile.store %p, %i : !tile.ptr<i32>
    scf.yield %w, %v : tensor<64xf32>, tensor<64xf32>
  }
  %h = arith.truncf %r#0 : tensor<64xf32> to tensor<64xf16>
  tile.store_box %z, %h start(%c0) stride(%c1) lower(%c0) upper(%c64)
    : !tile.ptr<f16>, tensor<64xf16>
  return
}
// -----
// One tile, but each element is read elsewhere than it is written.
// CHECK-LABEL: tegula.arena_bytes = {{6[0-9][0-9]}} : i64, {{.*}} tegula.kernel = "flip"
// CHECK:       scf.for %{{.+}} = %c0_i32
// CHECK-COUNT-8: llvm.load {{.*}} vector<8xf32>
// CHECK-COUNT-8: llvm.store {{.*}} vector<8xf32>
// CHECK:         scf.for
// CHECK:           llvm.load
// CHECK:           llvm.store
func.func @flip(%x: !tile.ptr<f32>, %z: !tile.ptr<f16>, %n: i32) {
  %c0 = arith.constant 0 : i64
  %c1 = arith.constant 1 : i64
  %c8 = arith.constant 8 : i64
  %i0 = arith.constant 0 : i32
  %i1 = arith.constant 1 : i32
  %a = tile.load_box %x start(%c0, %c0) stride(%c8, %c1) lower(%c0, %c0) upper(%c8, %c8)
    : !tile.ptr<f32> -> tensor<8x8xf32>
  %r = scf.for %i = %i0 to %n step %i1 iter_args(%v = %a) -> (tensor<8x8xf32>) : i32 {
    %t = tile.trans %v [1, 0] : tensor<8x8xf32> -> tensor<8x8xf32>
    scf.yield %t : tensor<8x8xf32>
  }
  %h = arith.truncf %r : tensor<8x8xf32> to tensor<8x8xf16>
  tile.store_box %z, %h start(%c0, %c0) stride(%c8, %c1) lower(%c0, %c0) upper(%c8, %c8)
    : !tile.ptr<f16>, tensor<8x8xf16>
  return
}
// -----
// Both branches fill the result's buffer; the scalar result stays one.
// CHECK-LABEL: tegula.arena_bytes = 320 : i64, {{.*}} tegula.kernel = "branch"
// CHECK:       %[[K:.+]] = arith.select %[[C:.+]], %c5_i64, %c3_i64
// CHECK:       scf.if %[[C]] {
// CHECK:         arith.addf
// CHECK:         llvm.store %{{.+}}, %{{.+}} : vector<16xf32>
// CHECK:       } else {
// CHECK-NOT:     llvm.load
// CHECK:         llvm.store %cst
// CHECK:       }
func.func @branch(%x: !tile.ptr<f32>, %z: !tile.ptr<f16>, %o: !tile.ptr<i64>, %c: i1) {
  %c0 = arith.constant 0 : i64
  %c1 = arith.constant 1 : i64
  %c3 = arith.constant 3 : i64
  %c5 = arith.constant 5 : i64
  %c64 = arith.constant 64 : i64
  %a = tile.load_box %x start(%c0) stride(%c1) lower(%c0) upper(%c64)
    : !tile.ptr<f32> -> tensor<64xf32>
  %zero = arith.constant dense<0.0> : tensor<64xf32>
  %r, %k = scf.if %c -> (tensor<64xf32>, i64) {
    %w = arith.addf %a, %a : tensor<64xf32>
    scf.yield %w, %c5 : tensor<64xf32>, i64
  } else {
    scf.yield %zero, %c3 : tensor<64xf32>, i64
  }
  tile.store %o, %k : !tile.ptr<i64>
  %h = arith.truncf %r : tensor<64xf32> to tensor<64xf16>
  tile.store_box %z, %h start(%c0) stride(%c1) lower(%c0) upper(%c64)
    : !tile.ptr<f16>, tensor<64xf16>
  return
}
// -----
// The condition's nest runs before each round; its region's tile and the body's
// have a buffer each.
// CHECK-LABEL: tegula.kernel = "while"
// CHECK:       scf.while : () -> () {
// CHECK:         scf.for {{.*}} iter_args
// CHECK:           arith.maximumf
// CHECK:         %[[GO:.+]] = arith.cmpf ogt
// CHECK:         scf.for
// CHECK:           llvm.store
// CHECK:         scf.condition(%[[GO]])
// CHECK:       } do {
// CHECK:         scf.for
// CHECK:           arith.mulf
// CHECK:           llvm.store
// CHECK:         scf.yield
func.func @while(%x: !tile.ptr<f32>, %z: !tile.ptr<f16>) {
  %c0 = arith.constant 0 : i64
  %c1 = arith.constant 1 : i64
  %c256 = arith.constant 256 : i64
  %a = tile.load_box %x start(%c0) stride(%c1) lower(%c0) upper(%c256)
    : !tile.ptr<f32> -> tensor<256xf32>
  %one = arith.constant 1.0 : f32
  %half = arith.constant dense<0.5> : tensor<256xf32>
  %r = scf.while (%v = %a) : (tensor<256xf32>) -> tensor<256xf32> {
    %m = tile.reduce %v axis 0 : (tensor<256xf32>) -> f32 {
    ^bb0(%p: f32, %q: f32):
      %s = arith.maximumf %p, %q : f32
      tile.yield %s : f32
    }
    %go = arith.cmpf ogt, %m, %one : f32
    scf.condition(%go) %v : tensor<256xf32>
  } do {
  ^bb0(%v: tensor<256xf32>):
    %w = arith.mulf %v, %half : tensor<256xf32>
    scf.yield %w : tensor<256xf32>
  }
  %h = arith.truncf %r : tensor<256xf32> to tensor<256xf16>
  tile.store_box %z, %h start(%c0) stride(%c1) lower(%c0) upper(%c256)
    : !tile.ptr<f16>, tensor<256xf16>
  return
}
// -----
// Tiles of two branches, or of two loops one after the other, share the arena.
// CHECK-LABEL: tegula.arena_bytes = {{6[0-9][0-9]}} : i64, {{.*}} tegula.kernel = "reuse"
func.func @reuse(%x: !tile.ptr<f32>, %z: !tile.ptr<f16>, %n: i32) {
  %c0 = arith.constant 0 : i64
  %c1 = arith.constant 1 : i64
  %c64 = arith.constant 64 : i64
  %i0 = arith.constant 0 : i32
  %i1 = arith.constant 1 : i32
  %a = tile.load_box %x start(%c0) stride(%c1) lower(%c0) upper(%c64)
    : !tile.ptr<f32> -> tensor<64xf32>
  scf.for %i = %i0 to %n step %i1 : i32 {
    %s = tile.scan %a axis 0 : (tensor<64xf32>) -> tensor<64xf32> {
    ^bb0(%p: f32, %q: f32):
      %t = arith.addf %p, %q : f32
      tile.yield %t : f32
    }
    %h = arith.truncf %s : tensor<64xf32> to tensor<64xf16>
    tile.store_box %z, %h start(%c0) stride(%c1) lower(%c0) upper(%c64)
    : !tile.ptr<f16>, tensor<64xf16>
  }
  scf.for %i = %i0 to %n step %i1 : i32 {
    %s = tile.scan %a axis 0 : (tensor<64xf32>) -> tensor<64xf32> {
    ^bb0(%p: f32, %q: f32):
      %t = arith.mulf %p, %q : f32
      tile.yield %t : f32
    }
    %h = arith.truncf %s : tensor<64xf32> to tensor<64xf16>
    tile.store_box %z, %h start(%c0) stride(%c1) lower(%c0) upper(%c64)
    : !tile.ptr<f16>, tensor<64xf16>
  }
  return
}
