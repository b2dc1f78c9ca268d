// RUN: tegula-opt %s --split-input-file --tegula-lower-to-loops --canonicalize --cse | FileCheck %s

// A failed assertion calls the service at 8 with the program, the message, the
// file and the line.
// CHECK-DAG:   llvm.mlir.global internal constant @[[MESSAGE:.+]]("index out of range\00")
// CHECK-DAG:   llvm.mlir.global internal constant @[[FILE:.+]]("kernel.py\00")
// CHECK-LABEL: tegula.kernel = "check"
// CHECK-SAME:    tegula.uses_assert
// CHECK-DAG:   %[[M:.+]] = llvm.mlir.addressof @[[MESSAGE]]
// CHECK-DAG:   %[[F:.+]] = llvm.mlir.addressof @[[FILE]]
// CHECK:       scf.for
// CHECK:         %[[OK:.+]] = arith.cmpi {{.*}} : vector<16xi32>
// CHECK:         %[[ALL:.+]] = vector.reduction <and>, %[[OK]] : vector<16xi1> into i1
// CHECK:         %[[BAD:.+]] = arith.xori %[[ALL]], %true
// CHECK:         scf.if %[[BAD]] {
// CHECK:           %[[SLOT:.+]] = llvm.getelementptr %arg1[40]
// CHECK:           %[[SERVICES:.+]] = llvm.load %[[SLOT]]
// CHECK:           llvm.getelementptr %[[SERVICES]][8]
// CHECK:           llvm.call %{{.+}}(%arg1, %[[M]], %[[F]], %c12_i32)
func.func @check(%n: i32) {
  %i = tile.range 0 to 64 : tensor<64xi32>
  %ns = tile.splat %n : i32 -> tensor<64xi32>
  %ok = arith.cmpi slt, %i, %ns : tensor<64xi32>
  tile.assert %ok, "index out of range" : tensor<64xi1> loc("kernel.py":12:3)
  return
}
// -----
// A printed tile is put down first; the service at 0 gets its type (f32 is 11),
// rank, shape and address.
// CHECK-DAG:   llvm.mlir.global internal constant @[[PREFIX:.+]]("x: \00")
// CHECK-LABEL: tegula.kernel = "print"
// CHECK-SAME:    tegula.uses_print
// CHECK:       scf.for
// CHECK:         llvm.store {{.*}} vector<16xf32>
// CHECK:       llvm.store %c4_i64
// CHECK:       llvm.store %c32_i64
// CHECK:       llvm.call %{{.+}}(%arg1, %{{.+}}, %c11_i32, %c0_i32, %c2_i32, %{{.+}}, %{{.+}}, %c1_i32)
func.func @print(%x: !tile.ptr<f32>) {
  %c0 = arith.constant 0 : i64
  %c1 = arith.constant 1 : i64
  %c4 = arith.constant 4 : i64
  %c32 = arith.constant 32 : i64
  %v = tile.load_box %x start(%c0, %c0) stride(%c32, %c1) lower(%c0, %c0) upper(%c4, %c32)
    : !tile.ptr<f32> -> tensor<4x32xf32>
  tile.print "x: " (%v) : tensor<4x32xf32>
  return
}
// -----
// Two operands are two calls, the last one says so; i32 read as unsigned is 7.
// CHECK-LABEL: tegula.kernel = "two"
// CHECK:       llvm.call %{{.+}}(%arg1, %{{.+}}, %c3_i32, %c1_i32, %c0_i32, %{{.+}}, %{{.+}}, %c0_i32)
// CHECK:       llvm.call %{{.+}}(%arg1, %{{.+}}, %c7_i32, %c1_i32, %c0_i32, %{{.+}}, %{{.+}}, %c1_i32)
func.func @two(%a: i32, %b: i32) {
  tile.print "ab" (%a, %b) {hex, is_signed = array<i32: 1, 0>} : i32, i32
  return
}
