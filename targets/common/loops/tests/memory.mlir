// RUN: tegula-opt %s --split-input-file --tegula-lower-to-loops --canonicalize --cse | FileCheck %s
// RUN: tegula-opt %s --split-input-file --tegula-lower-to-loops=vector-bits=0 | FileCheck %s --check-prefix=SCALAR


// Pointers that no box describes: one address a lane, masked lanes untouched.
// CHECK-LABEL: tegula.kernel = "pointers"
// CHECK:       %[[BASE:.+]] = llvm.ptrtoint
// CHECK:       %[[AT:.+]] = llvm.inttoptr %{{.+}} : vector<16xi64> to vector<16x!llvm.ptr>
// CHECK:       llvm.intr.masked.gather %[[AT]], %{{.+}}, %{{.+}} {alignment = 4 : i32}
// CHECK:       %[[M:.+]] = arith.cmpi slt, {{.*}} : vector<16xi32>
// CHECK:       llvm.intr.masked.scatter %{{.+}}, %{{.+}}, %[[M]]
func.func @pointers(%x: !tile.ptr<f32>, %i: !tile.ptr<i32>, %n: i32) {
  %c0 = arith.constant 0 : i64
  %c1 = arith.constant 1 : i64
  %c64 = arith.constant 64 : i64
  %o = tile.load_box %i start(%c0) stride(%c1) lower(%c0) upper(%c64)
    : !tile.ptr<i32> -> tensor<64xi32>
  %k = arith.muli %o, %o : tensor<64xi32>
  %ns = tile.splat %n : i32 -> tensor<64xi32>
  %m = arith.cmpi slt, %o, %ns : tensor<64xi32>
  %xs = tile.splat %x : !tile.ptr<f32> -> tensor<64x!tile.ptr<f32>>
  %p = tile.ptr_add %xs, %k : tensor<64x!tile.ptr<f32>>, tensor<64xi32>
  %v = tile.load %p mask %m : tensor<64x!tile.ptr<f32>>
  %w = arith.addf %v, %v : tensor<64xf32>
  tile.store %p, %w mask %m : tensor<64x!tile.ptr<f32>>
  return
}
// -----
// Rows by index: the row's number is read once a row, its columns as vectors.
// CHECK-LABEL: tegula.kernel = "rows"
// CHECK:       scf.for %[[R:.+]] = %c0_i64 to %c8_i64 step %c1_i64
// CHECK:         %[[K:.+]] = llvm.load {{.*}} -> i32
// CHECK:         scf.for
// CHECK-NOT:       llvm.load {{.*}} -> i32
// CHECK:           %[[ROW:.+]] = arith.extsi %[[K]]
// CHECK:           arith.muli %[[ROW]], %c512_i64
// CHECK:           llvm.load {{.*}} -> vector<64xf16>
func.func @rows(%x: !tile.ptr<f16>, %i: !tile.ptr<i32>, %z: !tile.ptr<f32>) {
  %c0 = arith.constant 0 : i64
  %c1 = arith.constant 1 : i64
  %c8 = arith.constant 8 : i64
  %c256 = arith.constant 256 : i64
  %c512 = arith.constant 512 : i64
  %k = tile.load_box %i start(%c0) stride(%c1) lower(%c0) upper(%c8)
    : !tile.ptr<i32> -> tensor<8xi32>
  %a = tile.load_box %x start(%c0, %c0) stride(%c512, %c1) lower(%c0, %c0) upper(%c8, %c256)
    index(%k : tensor<8xi32>) {indexed_dims = array<i64: 0>} : !tile.ptr<f16> -> tensor<8x256xf16>
  %s = tile.reduce %a axis 1 : (tensor<8x256xf16>) -> tensor<8xf16> {
  ^bb0(%p: f16, %q: f16):
    %t = arith.maximumf %p, %q : f16
    tile.yield %t : f16
  }
  %f = arith.extf %s : tensor<8xf16> to tensor<8xf32>
  tile.store_box %z, %f start(%c0) stride(%c1) lower(%c0) upper(%c8)
    : !tile.ptr<f32>, tensor<8xf32>
  return
}
// -----
// Columns modulo %n: a strip that does not cross the end is one vector load.
// CHECK-LABEL: tegula.kernel = "wrapped"
// CHECK:       scf.for
// CHECK:         %[[FIRST:.+]] = arith.remui
// CHECK:         %[[END:.+]] = arith.addi %[[FIRST]], %c64_i64
// CHECK:         %[[FITS:.+]] = arith.cmpi sle, %[[END]], %{{.+}}
// CHECK:         scf.if %[[FITS]]
// CHECK:           llvm.load {{.*}} vector<64xf32>
// CHECK:         } else {
// CHECK:           llvm.intr.masked.gather
func.func @wrapped(%x: !tile.ptr<f32>, %z: !tile.ptr<f32>, %s: i64, %n: i64) {
  %c0 = arith.constant 0 : i64
  %c1 = arith.constant 1 : i64
  %c256 = arith.constant 256 : i64
  %a = tile.load_box %x start(%s) stride(%c1) lower(%c0) upper(%c256) wrap(%n)
    : !tile.ptr<f32> -> tensor<256xf32>
  %m = tile.reduce %a axis 0 : (tensor<256xf32>) -> f32 {
  ^bb0(%p: f32, %q: f32):
    %t = arith.maximumf %p, %q : f32
    tile.yield %t : f32
  }
  tile.store %z, %m : !tile.ptr<f32>
  return
}
// -----
// i1 takes a byte in memory; any byte but 0 is true.
// CHECK-LABEL: tegula.kernel = "booleans"
// CHECK:       %[[B:.+]] = llvm.load {{.*}} -> vector<16xi8>
// CHECK:       %[[T:.+]] = arith.cmpi ne, %[[B]], %{{.+}} : vector<16xi8>
// CHECK:       arith.extui %{{.+}} : vector<16xi1> to vector<16xi8>
func.func @booleans(%x: !tile.ptr<i1>) {
  %c0 = arith.constant 0 : i64
  %c1 = arith.constant 1 : i64
  %c64 = arith.constant 64 : i64
  %a = tile.load_box %x start(%c0) stride(%c1) lower(%c0) upper(%c64)
    : !tile.ptr<i1> -> tensor<64xi1>
  %t = arith.constant dense<true> : tensor<64xi1>
  %b = arith.xori %a, %t : tensor<64xi1>
  tile.store_box %x, %b start(%c0) stride(%c1) lower(%c0) upper(%c64)
    : !tile.ptr<i1>, tensor<64xi1>
  return
}

// A machine without vectors goes one by one.
// SCALAR-NOT: vector<
// SCALAR:     tegula.kernel = "booleans"
// SCALAR-NOT: vector<
