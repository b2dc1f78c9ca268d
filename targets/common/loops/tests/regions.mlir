// RUN: tegula-opt %s --split-input-file --tegula-lower-to-loops --canonicalize --cse | FileCheck %s

// A function with a branch, an assertion in it, and a constant from outside of
// its region.
// CHECK-LABEL: tegula.kernel = "mapped"
// CHECK:         scf.if
// CHECK-NEXT:      %{{.+}} = arith.muli %{{[a-z0-9]+}}, %c3_i32
// CHECK:         } else {
// CHECK-NEXT:      %[[SMALL:.+]] = arith.cmpi sle, %{{.+}}, %c-100_i32
// CHECK-NEXT:      scf.if %[[SMALL]]
// CHECK:             llvm.call
// CHECK:           %{{.+}} = arith.subi %{{[a-z0-9]+}}, %c3_i32
func.func @mapped(%x: !tile.ptr<i32>, %y: !tile.ptr<i32>) {
  %c0 = arith.constant 0 : i64
  %c1 = arith.constant 1 : i64
  %c16 = arith.constant 16 : i64
  %zero = arith.constant 0 : i32
  %three = arith.constant 3 : i32
  %low = arith.constant -100 : i32
  %v = tile.load_box %x start(%c0) stride(%c1) lower(%c0) upper(%c16)
    : !tile.ptr<i32> -> tensor<16xi32>
  %m = tile.map_elementwise %v pack 1 : (tensor<16xi32>) -> tensor<16xi32> {
  ^bb0(%a: i32):
    %big = arith.cmpi sgt, %a, %zero : i32
    %r = scf.if %big -> (i32) {
      %t = arith.muli %a, %three : i32
      scf.yield %t : i32
    } else {
      %ok = arith.cmpi sgt, %a, %low : i32
      tile.assert %ok, "too small" : i1
      %t = arith.subi %a, %three : i32
      scf.yield %t : i32
    }
    tile.yield %r : i32
  }
  tile.store_box %y, %m start(%c0) stride(%c1) lower(%c0) upper(%c16)
    : !tile.ptr<i32>, tensor<16xi32>
  return
}
