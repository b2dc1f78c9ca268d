// RUN: tegula-opt %s --split-input-file --tegula-lower-to-loops --canonicalize --cse | FileCheck %s

// Lanes 2i and 2i+1 are lane i of either side: both are gathered by i.
// CHECK-LABEL: tegula.kernel = "join"
// CHECK-DAG:   %[[EVEN:.+]] = arith.constant dense<[true, false, true, false,
// CHECK-DAG:   %[[HALF:.+]] = arith.constant dense<[0, 0, 1, 1, 2, 2, 3, 3,
// CHECK:       %[[PX:.+]] = llvm.getelementptr %{{.+}}[%[[HALF]]]
// CHECK:       %[[X:.+]] = llvm.intr.masked.gather %[[PX]]
// CHECK:       %[[PY:.+]] = llvm.getelementptr %{{.+}}[%[[HALF]]]
// CHECK:       %[[Y:.+]] = llvm.intr.masked.gather %[[PY]]
// CHECK:       arith.select %[[EVEN]], %[[X]], %[[Y]]
func.func @join(%x: !tile.ptr<f32>, %y: !tile.ptr<f32>, %z: !tile.ptr<f16>) {
  %c0 = arith.constant 0 : i64
  %c1 = arith.constant 1 : i64
  %c8 = arith.constant 8 : i64
  %c16 = arith.constant 16 : i64
  %a = tile.load_box %x start(%c0) stride(%c1) lower(%c0) upper(%c8)
    : !tile.ptr<f32> -> tensor<8xf32>
  %b = tile.load_box %y start(%c0) stride(%c1) lower(%c0) upper(%c8)
    : !tile.ptr<f32> -> tensor<8xf32>
  %j = tile.join %a, %b : tensor<8xf32>, tensor<8xf32> -> tensor<8x2xf32>
  %f = tile.reshape %j : tensor<8x2xf32> -> tensor<16xf32>
  %h = arith.truncf %f : tensor<16xf32> to tensor<16xf16>
  tile.store_box %z, %h start(%c0) stride(%c1) lower(%c0) upper(%c16)
    : !tile.ptr<f16>, tensor<16xf16>
  return
}
// -----
// CHECK-LABEL: tegula.kernel = "split"
// CHECK-DAG:   %[[ODD:.+]] = arith.constant dense<[1, 3, 5, 7, 9, 11, 13, 15]>
// CHECK-DAG:   %[[EVEN:.+]] = arith.constant dense<[0, 2, 4, 6, 8, 10, 12, 14]>
// CHECK:       llvm.getelementptr %{{.+}}[%[[EVEN]]]
// CHECK:       %[[L:.+]] = llvm.intr.masked.gather
// CHECK:       llvm.getelementptr %{{.+}}[%[[ODD]]]
// CHECK:       %[[R:.+]] = llvm.intr.masked.gather
// CHECK:       arith.subf %[[L]], %[[R]]
func.func @split(%x: !tile.ptr<f32>, %z: !tile.ptr<f32>) {
  %c0 = arith.constant 0 : i64
  %c1 = arith.constant 1 : i64
  %c2 = arith.constant 2 : i64
  %c8 = arith.constant 8 : i64
  %a = tile.load_box %x start(%c0, %c0) stride(%c2, %c1) lower(%c0, %c0) upper(%c8, %c2)
    : !tile.ptr<f32> -> tensor<8x2xf32>
  %l, %r = tile.split %a : tensor<8x2xf32> -> tensor<8xf32>, tensor<8xf32>
  %s = arith.subf %l, %r : tensor<8xf32>
  tile.store_box %z, %s start(%c0) stride(%c1) lower(%c0) upper(%c8)
    : !tile.ptr<f32>, tensor<8xf32>
  return
}
// -----
// A strip is on one side of the seam: two vector loads and a scalar choice.
// CHECK-LABEL: tegula.kernel = "cat"
// CHECK:       scf.for %[[I:.+]] = %c0_i64 to %c64_i64 step %c16_i64
// CHECK:         %[[LEFT:.+]] = arith.cmpi slt, %[[I]], %c32_i64
// CHECK:         %[[X:.+]] = llvm.load {{.*}} vector<16xf32>
// CHECK:         %[[Y:.+]] = llvm.load {{.*}} vector<16xf32>
// CHECK:         arith.select %[[LEFT]], %[[X]], %[[Y]]
func.func @cat(%x: !tile.ptr<f32>, %y: !tile.ptr<f32>, %z: !tile.ptr<f16>) {
  %c0 = arith.constant 0 : i64
  %c1 = arith.constant 1 : i64
  %c32 = arith.constant 32 : i64
  %c64 = arith.constant 64 : i64
  %a = tile.load_box %x start(%c0) stride(%c1) lower(%c0) upper(%c32)
    : !tile.ptr<f32> -> tensor<32xf32>
  %b = tile.load_box %y start(%c0) stride(%c1) lower(%c0) upper(%c32)
    : !tile.ptr<f32> -> tensor<32xf32>
  %j = tile.cat %a, %b : tensor<32xf32>, tensor<32xf32> -> tensor<64xf32>
  %h = arith.truncf %j : tensor<64xf32> to tensor<64xf16>
  tile.store_box %z, %h start(%c0) stride(%c1) lower(%c0) upper(%c64)
    : !tile.ptr<f16>, tensor<64xf16>
  return
}
// -----
// The seam lies within a strip: each lane goes its own way.
// CHECK-LABEL: tegula.kernel = "cat_narrow"
// CHECK:       %[[X:.+]] = llvm.intr.masked.gather
// CHECK:       %[[Y:.+]] = llvm.intr.masked.gather
// CHECK:       arith.select %{{.+}}, %[[X]], %[[Y]] : vector<16xi1>
func.func @cat_narrow(%x: !tile.ptr<f32>, %y: !tile.ptr<f32>, %z: !tile.ptr<f16>) {
  %c0 = arith.constant 0 : i64
  %c1 = arith.constant 1 : i64
  %c8 = arith.constant 8 : i64
  %c16 = arith.constant 16 : i64
  %a = tile.load_box %x start(%c0) stride(%c1) lower(%c0) upper(%c8)
    : !tile.ptr<f32> -> tensor<8xf32>
  %b = tile.load_box %y start(%c0) stride(%c1) lower(%c0) upper(%c8)
    : !tile.ptr<f32> -> tensor<8xf32>
  %j = tile.cat %a, %b : tensor<8xf32>, tensor<8xf32> -> tensor<16xf32>
  %h = arith.truncf %j : tensor<16xf32> to tensor<16xf16>
  tile.store_box %z, %h start(%c0) stride(%c1) lower(%c0) upper(%c16)
    : !tile.ptr<f16>, tensor<16xf16>
  return
}
// -----
// Strips stay within a row of the source: vector loads.
// CHECK-LABEL: tegula.kernel = "reshape"
// CHECK:       %[[ROW:.+]] = arith.muli %{{.+}}, %c32_i64
// CHECK:       %[[AT:.+]] = arith.addi %[[ROW]], %{{.+}}
// CHECK:       llvm.getelementptr %{{.+}}[%[[AT]]]
// CHECK-NEXT:  llvm.load {{.*}} vector<16xf32>
// CHECK-NOT:   gather
func.func @reshape(%x: !tile.ptr<f32>, %z: !tile.ptr<f16>) {
  %c0 = arith.constant 0 : i64
  %c1 = arith.constant 1 : i64
  %c4 = arith.constant 4 : i64
  %c32 = arith.constant 32 : i64
  %c128 = arith.constant 128 : i64
  %a = tile.load_box %x start(%c0) stride(%c1) lower(%c0) upper(%c128)
    : !tile.ptr<f32> -> tensor<128xf32>
  %j = tile.reshape %a : tensor<128xf32> -> tensor<4x32xf32>
  %h = arith.truncf %j : tensor<4x32xf32> to tensor<4x32xf16>
  tile.store_box %z, %h start(%c0, %c0) stride(%c32, %c1) lower(%c0, %c0) upper(%c4, %c32)
    : !tile.ptr<f16>, tensor<4x32xf16>
  return
}
// -----
// A strip covers four rows of the source: lane l stands at (l / 4, l % 4).
// CHECK-LABEL: tegula.kernel = "reshape_narrow"
// CHECK-DAG:   %[[LANE:.+]] = arith.constant dense<[0, 1, 2, 3, 4, 5,
// CHECK:       %[[FIRST:.+]] = vector.broadcast %{{.+}} : i64 to vector<16xi64>
// CHECK:       %[[AT:.+]] = arith.addi %[[FIRST]], %[[LANE]]
// CHECK:       arith.shrui %[[AT]]
// CHECK:       arith.andi %[[AT]]
// CHECK:       llvm.intr.masked.gather
func.func @reshape_narrow(%x: !tile.ptr<f32>, %z: !tile.ptr<f16>) {
  %c0 = arith.constant 0 : i64
  %c1 = arith.constant 1 : i64
  %c4 = arith.constant 4 : i64
  %c8 = arith.constant 8 : i64
  %c32 = arith.constant 32 : i64
  %c64 = arith.constant 64 : i64
  %a = tile.load_box %x start(%c0, %c0) stride(%c64, %c1) lower(%c0, %c0) upper(%c8, %c4)
    : !tile.ptr<f32> -> tensor<8x4xf32>
  %j = tile.reshape %a : tensor<8x4xf32> -> tensor<32xf32>
  %h = arith.truncf %j : tensor<32xf32> to tensor<32xf16>
  tile.store_box %z, %h start(%c0) stride(%c1) lower(%c0) upper(%c32)
    : !tile.ptr<f16>, tensor<32xf16>
  return
}
// -----
// Strips start at multiples of their lanes even if the bound does not; the lanes
// below it are masked.
// CHECK-LABEL: tegula.kernel = "from_the_middle"
// CHECK:       %[[START:.+]] = arith.andi %{{.+}}, %c-16_i64
// CHECK:       scf.for %[[I:.+]] = %[[START]] to
// CHECK:         %[[LANES:.+]] = arith.addi
// CHECK:         %[[M:.+]] = arith.cmpi sge, %[[LANES]], %{{.+}} : vector<16xi64>
// CHECK:         llvm.intr.masked.store %{{.+}}, %{{.+}}, %[[M]]
func.func @from_the_middle(%x: !tile.ptr<f32>, %z: !tile.ptr<f16>, %n: i64) {
  %c0 = arith.constant 0 : i64
  %c1 = arith.constant 1 : i64
  %c4 = arith.constant 4 : i64
  %c32 = arith.constant 32 : i64
  %c128 = arith.constant 128 : i64
  %a = tile.load_box %x start(%c0, %c0) stride(%c32, %c1) lower(%c0, %c0) upper(%c4, %c32)
    : !tile.ptr<f32> -> tensor<4x32xf32>
  %j = tile.reshape %a : tensor<4x32xf32> -> tensor<128xf32>
  %h = arith.truncf %j : tensor<128xf32> to tensor<128xf16>
  tile.store_box %z, %h start(%c0) stride(%c1) lower(%n) upper(%c128)
    : !tile.ptr<f16>, tensor<128xf16>
  return
}
// -----
// CHECK-LABEL: tegula.kernel = "broadcast"
// CHECK:       scf.for %[[R:.+]] = %c0_i64 to %c4_i64
// CHECK:         llvm.load {{.*}} -> f32
// CHECK:         scf.for
// CHECK-NOT:       llvm.load {{.*}} -> f32
// CHECK:           llvm.load {{.*}} -> vector<16xf32>
// CHECK:           arith.mulf
func.func @broadcast(%x: !tile.ptr<f32>, %y: !tile.ptr<f32>, %z: !tile.ptr<f16>) {
  %c0 = arith.constant 0 : i64
  %c1 = arith.constant 1 : i64
  %c4 = arith.constant 4 : i64
  %c32 = arith.constant 32 : i64
  %a = tile.load_box %x start(%c0) stride(%c1) lower(%c0) upper(%c4)
    : !tile.ptr<f32> -> tensor<4xf32>
  %b = tile.load_box %y start(%c0) stride(%c1) lower(%c0) upper(%c32)
    : !tile.ptr<f32> -> tensor<32xf32>
  %c = tile.expand_dims %a axis 1 : tensor<4xf32> -> tensor<4x1xf32>
  %r = tile.expand_dims %b axis 0 : tensor<32xf32> -> tensor<1x32xf32>
  %cs = tile.broadcast %c : tensor<4x1xf32> -> tensor<4x32xf32>
  %rs = tile.broadcast %r : tensor<1x32xf32> -> tensor<4x32xf32>
  %m = arith.mulf %cs, %rs : tensor<4x32xf32>
  %h = arith.truncf %m : tensor<4x32xf32> to tensor<4x32xf16>
  tile.store_box %z, %h start(%c0, %c0) stride(%c32, %c1) lower(%c0, %c0) upper(%c4, %c32)
    : !tile.ptr<f16>, tensor<4x32xf16>
  return
}
// -----
// Many dimensions are one loop, and the place in a tile that has as many is
// that loop's counter.
// CHECK-LABEL: tegula.kernel = "deep"
// CHECK:       scf.for %[[I:.+]] = %c0_i64 to %c16_i64 step %c1_i64
// CHECK-NOT:     scf.for
// CHECK:         %[[ROW:.+]] = arith.andi %[[I]], %c15_i64
// CHECK-NEXT:    %[[AT:.+]] = arith.muli %[[ROW]], %c16_i64
// CHECK-NEXT:    llvm.getelementptr %{{.+}}[%[[AT]]]
// CHECK:         arith.addf
func.func @deep(%x: !tile.ptr<f32>, %z: !tile.ptr<f32>) {
  %c0 = arith.constant 0 : i64
  %c1 = arith.constant 1 : i64
  %c16 = arith.constant 16 : i64
  %c32 = arith.constant 32 : i64
  %c64 = arith.constant 64 : i64
  %c128 = arith.constant 128 : i64
  %c2 = arith.constant 2 : i64
  %c256 = arith.constant 256 : i64
  %a = tile.load_box %x start(%c0) stride(%c1) lower(%c0) upper(%c256)
    : !tile.ptr<f32> -> tensor<256xf32>
  %b = tile.reshape %a : tensor<256xf32> -> tensor<2x2x2x2x16xf32>
  %c = arith.addf %b, %b : tensor<2x2x2x2x16xf32>
  tile.store_box %z, %c start(%c0, %c0, %c0, %c0, %c0) stride(%c128, %c64, %c32, %c16, %c1)
    lower(%c0, %c0, %c0, %c0, %c0) upper(%c2, %c2, %c2, %c2, %c16)
    : !tile.ptr<f32>, tensor<2x2x2x2x16xf32>
  return
}
