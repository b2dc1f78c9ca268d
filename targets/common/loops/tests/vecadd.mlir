// RUN: tegula-opt %s --tegula-lower-to-loops --canonicalize --cse | FileCheck %s

// Full strips carry no mask; what is left is one masked strip. The loads are
// virtual: nothing is kept in the arena where the arrays are apart.
// CHECK-LABEL: tegula.kernel = "vecadd"
// CHECK:       nontemporal
// CHECK:       } else {
// CHECK:       %[[N:.+]] = arith.minsi %{{.+}}, %c1024_i64
// CHECK:       %[[FULL:.+]] = arith.andi %{{.+}}, %c-16_i64
// CHECK:       scf.for %[[I:.+]] = %c0_i64 to %[[FULL]] step %c16_i64
// CHECK-NEXT:    %[[PX:.+]] = llvm.getelementptr %[[X:.+]][%[[I]]]
// CHECK-NEXT:    %[[VX:.+]] = llvm.load %[[PX]] {alignment = 4 : i64} : !llvm.ptr -> vector<16xf32>
// CHECK-NEXT:    %[[PY:.+]] = llvm.getelementptr %[[Y:.+]][%[[I]]]
// CHECK-NEXT:    %[[VY:.+]] = llvm.load %[[PY]] {alignment = 4 : i64} : !llvm.ptr -> vector<16xf32>
// CHECK-NEXT:    %[[S:.+]] = arith.addf %[[VX]], %[[VY]] : vector<16xf32>
// CHECK-NEXT:    %[[PZ:.+]] = llvm.getelementptr %[[Z:.+]][%[[I]]]
// CHECK-NEXT:    llvm.store %[[S]], %[[PZ]]
// CHECK-NEXT:     {{^ *}$}}
// CHECK:       %[[ANY:.+]] = arith.cmpi slt, %[[FULL]], %[[N]]
// CHECK:       scf.if %[[ANY]] {
// CHECK:         %[[LEFT:.+]] = arith.subi %[[N]], %[[FULL]]
// CHECK:         %[[M:.+]] = arith.cmpi sgt, %{{.+}}, %{{.+}} : vector<16xi32>
// CHECK:         llvm.intr.masked.load %{{.+}}, %[[M]], %{{.+}} -> vector<16xf32>
// CHECK:         llvm.intr.masked.load %{{.+}}, %[[M]], %{{.+}} -> vector<16xf32>
// CHECK:         arith.addf
// CHECK:         llvm.intr.masked.store %{{.+}}, %{{.+}}, %[[M]]
// CHECK:     {{^ *}$}}
func.func @vecadd(%x: !tile.ptr<f32>, %y: !tile.ptr<f32>, %z: !tile.ptr<f32>, %n: i64) {
  %c0 = arith.constant 0 : i64
  %c1 = arith.constant 1 : i64
  %a = tile.load_box %x start(%c0) stride(%c1) lower(%c0) upper(%n)
    : !tile.ptr<f32> -> tensor<1024xf32>
  %b = tile.load_box %y start(%c0) stride(%c1) lower(%c0) upper(%n)
    : !tile.ptr<f32> -> tensor<1024xf32>
  %s = arith.addf %a, %b : tensor<1024xf32>
  tile.store_box %z, %s start(%c0) stride(%c1) lower(%c0) upper(%n)
    : !tile.ptr<f32>, tensor<1024xf32>
  return
}
