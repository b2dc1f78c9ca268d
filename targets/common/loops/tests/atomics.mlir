// RUN: tegula-opt %s --split-input-file --tegula-lower-to-loops --canonicalize --cse | FileCheck %s

// Where no other program runs (4), a load and a store of vectors. If arrays may
// alias (2), all loads come first. Elsewhere one element at a time, in order. The
// launcher is told.
// CHECK-LABEL: tegula.kernel = "add"
// CHECK-SAME:    tegula.uses_atomics
// CHECK:       %[[ALONE:.+]] = arith.andi %{{.+}}, %c4_i32
// CHECK:       %[[APART:.+]] = arith.andi %{{.+}}, %c2_i32
// CHECK:       scf.if
// CHECK:         %[[V:.+]] = llvm.load {{.*}} vector<16xi32>
// CHECK:         %[[OLD:.+]] = llvm.load %[[P:.+]] {{{.*}}} : !llvm.ptr -> vector<16xi32>
// CHECK:         %[[NEW:.+]] = arith.addi %[[OLD]], %[[V]]
// CHECK:         llvm.store %[[NEW]], %[[P]]
// CHECK:       } else {
// CHECK:         scf.for
// CHECK:           llvm.store {{.*}} : vector<16xi32>
// CHECK:         scf.if
// CHECK:           arith.addi {{.*}} : vector<16xi32>
// CHECK:         } else {
// CHECK:         scf.for %[[I:.+]] = %c0_i64 to %c64_i64 step %c1_i64
// CHECK:           %[[V:.+]] = llvm.load
// CHECK:           llvm.atomicrmw add %{{.+}}, %[[V]] acq_rel
func.func @add(%x: !tile.ptr<i32>, %y: !tile.ptr<i32>) {
  %c0 = arith.constant 0 : i64
  %c1 = arith.constant 1 : i64
  %c64 = arith.constant 64 : i64
  %v = tile.load_box %x start(%c0) stride(%c1) lower(%c0) upper(%c64)
    : !tile.ptr<i32> -> tensor<64xi32>
  %i = tile.range 0 to 64 : tensor<64xi32>
  %ys = tile.splat %y : !tile.ptr<i32> -> tensor<64x!tile.ptr<i32>>
  %p = tile.ptr_add %ys, %i : tensor<64x!tile.ptr<i32>>, tensor<64xi32>
  %old = tile.atomic_rmw add acq_rel gpu %p, %v : tensor<64x!tile.ptr<i32>>, tensor<64xi32> -> tensor<64xi32>
  return
}
// -----
// A lane that is masked off touches nothing and gives 0.
// CHECK-LABEL: tegula.kernel = "masked"
// CHECK:       %[[OLD:.+]] = llvm.intr.masked.load %[[P:.+]], %[[M:.+]], %cst
// CHECK:       llvm.intr.masked.store %{{.+}}, %[[P]], %[[M]]
// CHECK:       llvm.store %[[OLD]]
// CHECK:       scf.for
// CHECK:         %[[M:.+]] = arith.cmpi
// CHECK:         %[[OLD:.+]] = scf.if %[[M]] -> (f32) {
// CHECK:           %[[R:.+]] = llvm.atomicrmw fadd
// CHECK:           scf.yield %[[R]]
// CHECK:         } else {
// CHECK:           scf.yield %cst
// CHECK:         llvm.store %[[OLD]]
func.func @masked(%x: !tile.ptr<f32>, %z: !tile.ptr<f32>, %n: i32) {
  %c0 = arith.constant 0 : i64
  %c1 = arith.constant 1 : i64
  %c64 = arith.constant 64 : i64
  %one = arith.constant dense<1.0> : tensor<64xf32>
  %i = tile.range 0 to 64 : tensor<64xi32>
  %ns = tile.splat %n : i32 -> tensor<64xi32>
  %m = arith.cmpi slt, %i, %ns : tensor<64xi32>
  %xs = tile.splat %x : !tile.ptr<f32> -> tensor<64x!tile.ptr<f32>>
  %p = tile.ptr_add %xs, %i : tensor<64x!tile.ptr<f32>>, tensor<64xi32>
  %old = tile.atomic_rmw fadd relaxed gpu %p, %one mask %m : tensor<64xi1> : tensor<64x!tile.ptr<f32>>, tensor<64xf32> -> tensor<64xf32>
  tile.store_box %z, %old start(%c0) stride(%c1) lower(%c0) upper(%c64)
    : !tile.ptr<f32>, tensor<64xf32>
  return
}
// -----
// CHECK-LABEL: tegula.kernel = "swap"
// CHECK-NOT:     tegula.uses_waits
// CHECK:       llvm.cmpxchg %{{.+}}, %{{.+}}, %{{.+}} acq_rel acquire : !llvm.ptr, i32
// CHECK:       llvm.extractvalue
// CHECK:       arith.bitcast {{.*}} : i32 to f32
func.func @swap(%p: !tile.ptr<f32>, %q: !tile.ptr<f32>, %e: f32, %v: f32) {
  %old = tile.atomic_cas acq_rel gpu %p, %e, %v : !tile.ptr<f32>, f32 -> f32
  tile.store %q, %old : !tile.ptr<f32>
  return
}
// -----
// A loop around an atomic, or a poll, may wait for another program.
// CHECK-LABEL: tegula.kernel = "lock"
// CHECK-SAME:    tegula.uses_waits
// CHECK:       scf.while
// CHECK:         llvm.cmpxchg
// CHECK:       } do {
// CHECK:         llvm.call %{{.*}}(%arg1)
func.func @lock(%p: !tile.ptr<i32>) {
  %i0 = arith.constant 0 : i32
  %i1 = arith.constant 1 : i32
  scf.while : () -> () {
    %old = tile.atomic_cas acquire gpu %p, %i0, %i1 : !tile.ptr<i32>, i32 -> i32
    %taken = arith.cmpi ne, %old, %i0 : i32
    scf.condition(%taken)
  } do {
    scf.yield
  }
  return
}
// -----
// CHECK-LABEL: tegula.kernel = "poll"
// CHECK-SAME:    tegula.uses_waits
// CHECK:       scf.while
// CHECK:         llvm.load {{.*}} atomic acquire
// CHECK:         arith.cmpi ne
// CHECK:         scf.condition
// CHECK:         llvm.call %{{.*}}(%arg1)
func.func @poll(%p: !tile.ptr<i32>, %q: !tile.ptr<i32>) {
  %i1 = arith.constant 1 : i32
  %ok = tile.atomic_poll acquire gpu %p, %i1 : !tile.ptr<i32>, i32
  %k = arith.extui %ok : i1 to i32
  tile.store %q, %k : !tile.ptr<i32>
  return
}
// -----
// bf16 has no atomic addition: the old word is exchanged until nobody was
// faster.
// CHECK-LABEL: tegula.kernel = "narrow"
// CHECK:       scf.while
// CHECK:         arith.addf {{.*}} : bf16
// CHECK:         llvm.cmpxchg {{.*}} i16
func.func @narrow(%p: !tile.ptr<bf16>, %v: bf16) {
  %old = tile.atomic_rmw fadd relaxed gpu %p, %v : !tile.ptr<bf16>, bf16 -> bf16
  return
}
// -----
// What other machines and processes see is never updated in two steps, and
// addresses without order one by one.
// CHECK-LABEL: tegula.kernel = "system"
// CHECK-NOT:   arith.andi %{{.+}}, %c4_i32
// CHECK:       llvm.atomicrmw add
// CHECK:       arith.andi %{{.+}}, %c4_i32
// CHECK:       %[[OLD:.+]] = llvm.load %[[P:.+]] {alignment = 4 : i64} : !llvm.ptr -> i32
// CHECK:       %[[NEW:.+]] = arith.maxsi %[[OLD]], %{{.+}} : i32
// CHECK:       llvm.store %[[NEW]], %[[P]]
// CHECK:       llvm.atomicrmw max
func.func @system(%x: !tile.ptr<i32>) {
  %i = tile.range 0 to 64 : tensor<64xi32>
  %xs = tile.splat %x : !tile.ptr<i32> -> tensor<64x!tile.ptr<i32>>
  %p = tile.ptr_add %xs, %i : tensor<64x!tile.ptr<i32>>, tensor<64xi32>
  %a = tile.atomic_rmw add relaxed sys %p, %i : tensor<64x!tile.ptr<i32>>, tensor<64xi32> -> tensor<64xi32>
  %k = arith.constant dense<7> : tensor<64xi32>
  %j = arith.xori %i, %k : tensor<64xi32>
  %q = tile.ptr_add %xs, %j : tensor<64x!tile.ptr<i32>>, tensor<64xi32>
  %b = tile.atomic_rmw max relaxed gpu %q, %i : tensor<64x!tile.ptr<i32>>, tensor<64xi32> -> tensor<64xi32>
  return
}
