// RUN: tegula-opt %s --split-input-file --tegula-lower-to-loops --canonicalize --cse | FileCheck %s

// From the last strip on, each in log2(16) steps; the accumulated side is the
// first argument.
// CHECK-LABEL: tegula.kernel = "reverse"
// CHECK:       %[[LAST:.+]] = llvm.getelementptr %{{.+}}[48]
// CHECK:       %[[V:.+]] = llvm.load %[[LAST]] {{.*}} vector<16xf32>
// CHECK:       %[[FROM:.+]] = vector.shuffle %[[V]], %[[V]] [1, 2, {{.*}}, 15, 15]
// CHECK:       %[[BOTH:.+]] = arith.subf %[[FROM]], %[[V]]
// CHECK:       arith.select %{{.+}}, %[[BOTH]], %[[V]]
// CHECK-COUNT-3: arith.subf
// CHECK:       llvm.store
// CHECK:       %[[CARRY:.+]] = vector.shuffle {{.*}} [0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0]
// CHECK:       scf.for %[[I:.+]] = %c16_i64 to %c64_i64 step %c16_i64 iter_args(%[[ACC:.+]] = %[[CARRY]]) -> (vector<16xf32>)
// CHECK:         arith.subi %c48_i64, %[[I]]
// CHECK-COUNT-4: arith.subf
// CHECK:         %[[NEXT:.+]] = arith.subf %[[ACC]], %
// CHECK:         llvm.store %[[NEXT]]
// CHECK:         vector.shuffle %[[NEXT]], %[[NEXT]] [0, 0
func.func @reverse(%x: !tile.ptr<f32>, %y: !tile.ptr<f32>) {
  %c0 = arith.constant 0 : i64
  %c1 = arith.constant 1 : i64
  %c64 = arith.constant 64 : i64
  %v = tile.load_box %x start(%c0) stride(%c1) lower(%c0) upper(%c64)
    : !tile.ptr<f32> -> tensor<64xf32>
  %s = tile.scan %v axis 0 reverse : (tensor<64xf32>) -> tensor<64xf32> {
  ^bb0(%a: f32, %b: f32):
    %r = arith.subf %a, %b : f32
    tile.yield %r : f32
  }
  tile.store_box %y, %s start(%c0) stride(%c1) lower(%c0) upper(%c64)
    : !tile.ptr<f32>, tensor<64xf32>
  return
}
// -----
// Down the columns: 16 of them at a time.
// CHECK-LABEL: tegula.kernel = "columns"
// CHECK:       scf.for %{{.+}} = %c0_i64 to %c64_i64 step %c16_i64
// CHECK:         %[[ROW:.+]] = llvm.load {{.*}} vector<16xf32>
// CHECK:         scf.for %{{.+}} = %c1_i64 to %c4_i64 step %c1_i64 iter_args(%{{.+}} = %[[ROW]]) -> (vector<16xf32>)
// CHECK:           arith.addf {{.*}} : vector<16xf32>
func.func @columns(%x: !tile.ptr<f32>, %y: !tile.ptr<f32>) {
  %c0 = arith.constant 0 : i64
  %c1 = arith.constant 1 : i64
  %c4 = arith.constant 4 : i64
  %c64 = arith.constant 64 : i64
  %v = tile.load_box %x start(%c0, %c0) stride(%c64, %c1) lower(%c0, %c0) upper(%c4, %c64)
    : !tile.ptr<f32> -> tensor<4x64xf32>
  %s = tile.scan %v axis 0 : (tensor<4x64xf32>) -> tensor<4x64xf32> {
  ^bb0(%a: f32, %b: f32):
    %r = arith.addf %a, %b : f32
    tile.yield %r : f32
  }
  tile.store_box %y, %s start(%c0, %c0) stride(%c64, %c1) lower(%c0, %c0) upper(%c4, %c64)
    : !tile.ptr<f32>, tensor<4x64xf32>
  return
}
// -----
// Two results at once.
// CHECK-LABEL: tegula.kernel = "pair"
// CHECK:       scf.for {{.*}} -> (vector<16xf32>, vector<16xf32>)
// CHECK:         arith.mulf
// CHECK:         arith.addf
// CHECK:         llvm.store
// CHECK:         llvm.store
func.func @pair(%x: !tile.ptr<f32>, %y: !tile.ptr<f32>) {
  %c0 = arith.constant 0 : i64
  %c1 = arith.constant 1 : i64
  %c64 = arith.constant 64 : i64
  %v = tile.load_box %x start(%c0) stride(%c1) lower(%c0) upper(%c64)
    : !tile.ptr<f32> -> tensor<64xf32>
  %s:2 = tile.scan %v, %v axis 0 : (tensor<64xf32>, tensor<64xf32>) -> (tensor<64xf32>, tensor<64xf32>) {
  ^bb0(%a: f32, %b: f32, %c: f32, %d: f32):
    %p = arith.mulf %a, %c : f32
    %q = arith.addf %b, %d : f32
    tile.yield %p, %q : f32, f32
  }
  tile.store_box %y, %s#1 start(%c0) stride(%c1) lower(%c0) upper(%c64)
    : !tile.ptr<f32>, tensor<64xf32>
  return
}
// -----
// Four copies of the bins are cleared, counted in by neighbouring lanes, and
// added up. What the mask or the range excludes has a bin of its own.
// CHECK-LABEL: tegula.kernel = "histogram"
// CHECK:       llvm.store %cst{{.*}}, %{{.+}} {alignment
// CHECK:       scf.for %{{.+}} = %c0_i64 to %c64_i64 step %c16_i64
// CHECK:         %[[V:.+]] = llvm.load
// CHECK:         %[[IN:.+]] = arith.cmpi ult, %[[V]], %{{.+}}
// CHECK:         %[[M:.+]] = arith.cmpi ne, %[[V]], %{{.+}}
// CHECK:         %[[BOTH:.+]] = arith.andi %[[IN]], %[[M]]
// CHECK:         %[[BIN:.+]] = arith.select %[[BOTH]], %[[V]], %cst{{.*}}
// CHECK:         llvm.store %[[BIN]]
// CHECK:       scf.for %{{.+}} = %c0_i64 to %c16_i64 step %c1_i64
// CHECK:         %[[L0:.+]] = llvm.load {{.*}} -> i32
// CHECK:         %[[I0:.+]] = arith.extui %[[L0]] : i32 to i64
// CHECK:         %[[P:.+]] = llvm.getelementptr %{{.+}}[%[[I0]]]
// CHECK:         %[[OLD:.+]] = llvm.load %[[P]]
// CHECK:         %[[NEW:.+]] = arith.addi %[[OLD]], %c1_i32
// CHECK:         llvm.store %[[NEW]], %[[P]]
// CHECK:         %[[L1:.+]] = llvm.load {{.*}} -> i32
// CHECK:         %[[I1:.+]] = arith.extui %[[L1]] : i32 to i64
// CHECK:         arith.addi %[[I1]], %c32_i64
// CHECK:       llvm.load {{.*}} -> vector<16xi32>
// CHECK:       arith.addi {{.*}} : vector<16xi32>
func.func @histogram(%x: !tile.ptr<i32>, %y: !tile.ptr<i32>) {
  %c0 = arith.constant 0 : i64
  %c1 = arith.constant 1 : i64
  %c16 = arith.constant 16 : i64
  %c64 = arith.constant 64 : i64
  %v = tile.load_box %x start(%c0) stride(%c1) lower(%c0) upper(%c64)
    : !tile.ptr<i32> -> tensor<64xi32>
  %k = arith.constant dense<3> : tensor<64xi32>
  %m = arith.cmpi ne, %v, %k : tensor<64xi32>
  %h = tile.histogram %v mask %m : tensor<64xi1> : tensor<64xi32> -> tensor<16xi32>
  tile.store_box %y, %h start(%c0) stride(%c1) lower(%c0) upper(%c16)
    : !tile.ptr<i32>, tensor<16xi32>
  return
}
// -----
// Each of an odd number of elements is counted.
// CHECK-LABEL: tegula.kernel = "odd_histogram"
// CHECK:       scf.for %{{.+}} = %c0_i64 to %c11_i64 step %c1_i64
// CHECK:         arith.addi %{{.+}}, %c1_i32
func.func @odd_histogram(%y: !tile.ptr<i32>) {
  %c0 = arith.constant 0 : i64
  %c1 = arith.constant 1 : i64
  %v = tile.range 0 to 11 : tensor<11xi32>
  %h = tile.histogram %v : tensor<11xi32> -> tensor<1xi32>
  tile.store_box %y, %h start(%c0) stride(%c1) lower(%c0) upper(%c1)
    : !tile.ptr<i32>, tensor<1xi32>
  return
}
// -----
// The source of a gather is kept; an index outside is pulled back into it.
// CHECK-LABEL: tegula.kernel = "gather"
// CHECK-SAME:    why = "source of a gather"
// CHECK:       %[[INDEX:.+]] = arith.extsi %{{.+}} : vector<16xi32> to vector<16xi64>
// CHECK:       %[[INSIDE:.+]] = arith.minui %[[INDEX]], %{{.+}}
// CHECK:       %[[P:.+]] = llvm.getelementptr %{{.+}}[%[[INSIDE]]]
// CHECK:       llvm.intr.masked.gather %[[P]]
func.func @gather(%x: !tile.ptr<f32>, %i: !tile.ptr<i32>, %y: !tile.ptr<f32>) {
  %c0 = arith.constant 0 : i64
  %c1 = arith.constant 1 : i64
  %c16 = arith.constant 16 : i64
  %c64 = arith.constant 64 : i64
  %v = tile.load_box %x start(%c0) stride(%c1) lower(%c0) upper(%c64)
    : !tile.ptr<f32> -> tensor<64xf32>
  %k = tile.load_box %i start(%c0) stride(%c1) lower(%c0) upper(%c16)
    : !tile.ptr<i32> -> tensor<16xi32>
  %g = tile.gather %v[%k] axis 0 : tensor<64xf32>, tensor<16xi32> -> tensor<16xf32>
  tile.store_box %y, %g start(%c0) stride(%c1) lower(%c0) upper(%c16)
    : !tile.ptr<f32>, tensor<16xf32>
  return
}
// -----
// Any scalar function, two elements at a time.
// CHECK-LABEL: tegula.kernel = "map"
// CHECK:       scf.for %[[I:.+]] = %c0_i64 to %c32_i64 step %c1_i64
// CHECK:         %[[TWICE:.+]] = arith.muli %[[I]], %c2_i64
// CHECK:         %[[NEXT:.+]] = arith.addi %[[TWICE]], %c1_i64
// CHECK:         %[[A:.+]] = llvm.load
// CHECK:         %[[B:.+]] = llvm.load
// CHECK:         arith.cmpf ogt, %[[A]], %[[B]]
// CHECK:         scf.if
// CHECK:           arith.divf %[[A]], %[[B]]
// CHECK:         llvm.getelementptr %{{.+}}[%[[TWICE]]]
// CHECK-NEXT:    llvm.store
// CHECK:         llvm.getelementptr %{{.+}}[%[[NEXT]]]
// CHECK-NEXT:    llvm.store
func.func @map(%x: !tile.ptr<f32>, %z: !tile.ptr<f16>) {
  %c0 = arith.constant 0 : i64
  %c1 = arith.constant 1 : i64
  %c64 = arith.constant 64 : i64
  %a = tile.load_box %x start(%c0) stride(%c1) lower(%c0) upper(%c64)
    : !tile.ptr<f32> -> tensor<64xf32>
  %r = tile.map_elementwise %a pack 2 : (tensor<64xf32>) -> tensor<64xf16> {
  ^bb0(%e: f32, %f: f32):
    %gt = arith.cmpf ogt, %e, %f : f32
    %b = scf.if %gt -> f32 {
      %s = arith.divf %e, %f : f32
      scf.yield %s : f32
    } else {
      scf.yield %f : f32
    }
    %h = arith.truncf %b : f32 to f16
    %i = arith.truncf %e : f32 to f16
    tile.yield %h, %i : f16, f16
  }
  tile.store_box %z, %r start(%c0) stride(%c1) lower(%c0) upper(%c64)
    : !tile.ptr<f16>, tensor<64xf16>
  return
}

// -----

// A branch in a function of elements takes a value from outside.
// CHECK-LABEL: tegula.kernel = "map_branch"
// CHECK: %[[OUTSIDE:.*]] = llvm.load {{.*}} -> i32
// CHECK: scf.for
// CHECK: scf.if
// CHECK-NEXT: arith.divsi %[[OUTSIDE]],
func.func @map_branch(%p: !tile.ptr<i32>, %n: i32) {
  %c0 = arith.constant 0 : i64
  %c1 = arith.constant 1 : i64
  %c64 = arith.constant 64 : i64
  %x = tile.load_box %p start(%c0) stride(%c1) lower(%c0) upper(%c64)
         {tile.tier = "box"} : !tile.ptr<i32> -> tensor<64xi32>
  %y = tile.map_elementwise %x pack 1 : (tensor<64xi32>) -> tensor<64xi32> {
  ^bb0(%e: i32):
    %less = arith.cmpi slt, %e, %n : i32
    %r = scf.if %less -> (i32) {
      %q = arith.divsi %n, %e : i32
      scf.yield %q : i32
    } else {
      scf.yield %e : i32
    }
    tile.yield %r : i32
  }
  tile.store_box %p, %y start(%c0) stride(%c1) lower(%c0) upper(%c64)
    {tile.tier = "box"} : !tile.ptr<i32>, tensor<64xi32>
  return
}

// -----

// A combiner that asserts, as sanitize_overflow makes them.
// CHECK-LABEL: tegula.kernel = "checked_sum"
// CHECK-SAME: tegula.uses_assert
// CHECK-NOT: tile.assert
// CHECK: scf.if
// CHECK: llvm.call
func.func @checked_sum(%p: !tile.ptr<i32>) {
  %c0 = arith.constant 0 : i64
  %c1 = arith.constant 1 : i64
  %c64 = arith.constant 64 : i64
  %limit = arith.constant 1000 : i32
  %x = tile.load_box %p start(%c0) stride(%c1) lower(%c0) upper(%c64)
         {tile.tier = "box"} : !tile.ptr<i32> -> tensor<64xi32>
  %s = tile.reduce %x axis 0 : (tensor<64xi32>) -> i32 {
  ^bb0(%a: i32, %b: i32):
    %c = arith.addi %a, %b : i32
    %small = arith.cmpi slt, %c, %limit : i32
    tile.assert %small, "sum" : i1
    tile.yield %c : i32
  }
  tile.store %p, %s {tile.tier = "scalar"} : !tile.ptr<i32>
  return
}
// -----
// A gather that flips bits of the position is no gather: high bits choose another
// strip, low ones lanes of it.
// CHECK-LABEL: tegula.kernel = "flip"
// CHECK:       scf.for %[[I:.+]] = %c0_i64
// CHECK:         %[[J:.+]] = arith.xori %[[I]], %c32_i64
// CHECK:         %[[P:.+]] = llvm.getelementptr %{{.+}}[%[[J]]]
// CHECK:         %[[V:.+]] = llvm.load %[[P]] {{.*}} vector<16xf32>
// CHECK:         vector.shuffle %[[V]], %[[V]] [1, 0, 3, 2,
// CHECK-NOT:   llvm.intr.masked.gather
// A number that is known when it runs: one branch for each bit of the lanes.
// CHECK:       %[[HIGH:.+]] = arith.andi %[[BITS:.+]], %c48_i64
// CHECK:         arith.xori %{{.+}}, %[[HIGH]]
// CHECK-NOT:   llvm.intr.masked.gather
// CHECK-COUNT-4: vector.shuffle
func.func @flip(%x: !tile.ptr<f32>, %y: !tile.ptr<f32>, %n: i32) {
  %c0 = arith.constant 0 : i64
  %c1 = arith.constant 1 : i64
  %c64 = arith.constant 64 : i64
  %v = tile.load_box %x start(%c0) stride(%c1) lower(%c0) upper(%c64)
    : !tile.ptr<f32> -> tensor<64xf32>
  %i = tile.range 0 to 64 : tensor<64xi32>
  %k = arith.constant dense<33> : tensor<64xi32>
  %j = arith.xori %i, %k : tensor<64xi32>
  %g = tile.gather %v[%j] axis 0 : tensor<64xf32>, tensor<64xi32> -> tensor<64xf32>
  tile.store_box %y, %g start(%c0) stride(%c1) lower(%c0) upper(%c64)
    : !tile.ptr<f32>, tensor<64xf32>
  %ns = tile.splat %n : i32 -> tensor<64xi32>
  %l = arith.xori %ns, %i : tensor<64xi32>
  %h = tile.gather %v[%l] axis 0 : tensor<64xf32>, tensor<64xi32> -> tensor<64xf32>
  tile.store_box %y, %h start(%c0) stride(%c1) lower(%c0) upper(%c64)
    : !tile.ptr<f32>, tensor<64xf32>
  return
}
