// RUN: tegula-opt %s --split-input-file --tegula-lower-to-loops --canonicalize --cse | FileCheck %s

// A row of %n columns in a block of 1024: every nest stops at %n. The maximum
// and the sum account for the columns beyond at once; the exponentials are kept
// by the nest that sums them.
// CHECK-LABEL: tegula.arena_bytes = 4160 : i64, {{.*}} tegula.kernel = "softmax"
// CHECK-SAME:    op = "math.exp", placement = "arena"
// CHECK:       %[[END:.+]] = arith.minsi %{{.+}}, %c1024_i64
// CHECK:       %[[FULL:.+]] = arith.andi %[[END]], %c-64_i64
// CHECK:       scf.for %{{.+}} = %c0_i64 to %[[FULL]] step %c64_i64 iter_args
// CHECK:         llvm.load
// CHECK-NEXT:    arith.maxnumf
// CHECK-NEXT:    scf.yield
// CHECK:       scf.if
// CHECK:         llvm.intr.masked.load
// CHECK:         %[[MORE:.+]] = arith.maxnumf
// CHECK:         arith.select %{{.+}}, %[[MORE]]
// CHECK:       %[[OUT:.+]] = arith.subi %c1024_i64, %[[END]]
// CHECK:       %[[ANY:.+]] = arith.cmpi sgt, %[[OUT]], %c0_i64
// CHECK:       %[[WITH:.+]] = arith.maxnumf %[[MAX:.+]], %{{.+}} : f32
// CHECK:       arith.select %[[ANY]], %[[WITH]], %[[MAX]] : f32
// CHECK:       scf.for %{{.+}} = %c0_i64 to %[[FULL]] step %c64_i64 iter_args
// CHECK:         %[[E:.+]] = math.exp
// CHECK:         llvm.store %[[E]]
// CHECK:         arith.addf %{{.+}}, %[[E]]
// CHECK:       math.exp %{{.+}} : f32
// CHECK:       %[[TIMES:.+]] = arith.sitofp %[[OUT]] : i64 to f32
// CHECK:       arith.mulf %{{.+}}, %[[TIMES]]
// CHECK-NOT:   math.exp
func.func @softmax(%x: !tile.ptr<f32>, %y: !tile.ptr<f32>, %n: i64) {
  %c0 = arith.constant 0 : i64
  %c1 = arith.constant 1 : i64
  %low = arith.constant dense<0xFF800000> : tensor<1024xf32>
  %x0 = tile.load_box %x start(%c0) stride(%c1) lower(%c0) upper(%n)
    other %low : tensor<1024xf32> : !tile.ptr<f32> -> tensor<1024xf32>
  %max = tile.reduce %x0 axis 0 : (tensor<1024xf32>) -> f32 {
  ^bb0(%a: f32, %b: f32):
    %m = arith.maxnumf %a, %b : f32
    tile.yield %m : f32
  }
  %maxes = tile.splat %max : f32 -> tensor<1024xf32>
  %d = arith.subf %x0, %maxes : tensor<1024xf32>
  %e = math.exp %d : tensor<1024xf32>
  %sum = tile.reduce %e axis 0 : (tensor<1024xf32>) -> f32 {
  ^bb0(%a: f32, %b: f32):
    %s = arith.addf %a, %b : f32
    tile.yield %s : f32
  }
  %sums = tile.splat %sum : f32 -> tensor<1024xf32>
  %r = arith.divf %e, %sums : tensor<1024xf32>
  tile.store_box %y, %r start(%c0) stride(%c1) lower(%c0) upper(%n)
    : !tile.ptr<f32>, tensor<1024xf32>
  return
}
// -----
// Beyond the bound the elements differ (their own numbers are added): the whole
// row is walked, without masks below the bound.
// CHECK-LABEL: tegula.kernel = "not_uniform"
// CHECK:       scf.for %{{.+}} = %c0_i64 to %[[END:.+]] step
// CHECK-NOT:     masked
// CHECK:       scf.for %{{.+}} = %[[END]] to %c256_i64 step
// CHECK:         llvm.intr.masked.load
func.func @not_uniform(%x: !tile.ptr<f32>, %y: !tile.ptr<f32>, %n: i64) {
  %c0 = arith.constant 0 : i64
  %c1 = arith.constant 1 : i64
  %x0 = tile.load_box %x start(%c0) stride(%c1) lower(%c0) upper(%n)
    : !tile.ptr<f32> -> tensor<256xf32>
  %i = tile.range 0 to 256 : tensor<256xi32>
  %f = arith.sitofp %i : tensor<256xi32> to tensor<256xf32>
  %v = arith.addf %x0, %f : tensor<256xf32>
  %s = tile.reduce %v axis 0 : (tensor<256xf32>) -> f32 {
  ^bb0(%a: f32, %b: f32):
    %t = arith.addf %a, %b : f32
    tile.yield %t : f32
  }
  tile.store %y, %s : !tile.ptr<f32>
  return
}
// -----
// Equal elements can't be multiplied together at once.
// CHECK-LABEL: tegula.kernel = "product"
// CHECK:       scf.for %{{.+}} = %c0_i64 to %[[END:.+]] step
// CHECK:       scf.for %{{.+}} = %[[END]] to %c256_i64 step
func.func @product(%x: !tile.ptr<f32>, %y: !tile.ptr<f32>, %n: i64) {
  %c0 = arith.constant 0 : i64
  %c1 = arith.constant 1 : i64
  %x0 = tile.load_box %x start(%c0) stride(%c1) lower(%c0) upper(%n)
    : !tile.ptr<f32> -> tensor<256xf32>
  %s = tile.reduce %x0 axis 0 : (tensor<256xf32>) -> f32 {
  ^bb0(%a: f32, %b: f32):
    %t = arith.mulf %a, %b : f32
    tile.yield %t : f32
  }
  tile.store %y, %s : !tile.ptr<f32>
  return
}
// -----
// Half-precision sums count the rest in f32: f16 has no 65535.
// CHECK-LABEL: tegula.kernel = "narrow"
// CHECK:       arith.sitofp %{{.+}} : i64 to f32
func.func @narrow(%x: !tile.ptr<f16>, %y: !tile.ptr<f16>, %n: i64) {
  %c0 = arith.constant 0 : i64
  %c1 = arith.constant 1 : i64
  %three = arith.constant dense<3.0> : tensor<64xf16>
  %x0 = tile.load_box %x start(%c0) stride(%c1) lower(%c0) upper(%n)
    other %three : tensor<64xf16> : !tile.ptr<f16> -> tensor<64xf16>
  %s = tile.reduce %x0 axis 0 : (tensor<64xf16>) -> f16 {
  ^bb0(%a: f16, %b: f16):
    %t = arith.addf %a, %b : f16
    tile.yield %t : f16
  }
  tile.store %y, %s : !tile.ptr<f16>
  return
}
// -----
// One row is not cut, least of all one that only a buffer holds.
// CHECK-LABEL: tegula.kernel = "one_row"
func.func @one_row(%x: !tile.ptr<f32>, %y: !tile.ptr<f32>, %n: i64) {
  %c0 = arith.constant 0 : i64
  %c1 = arith.constant 1 : i64
  %c4 = arith.constant 4 : i64
  %x0 = tile.load_box %x start(%c0, %c0) stride(%c4, %c1) lower(%c0, %c0)
    upper(%n, %c4) : !tile.ptr<f32> -> tensor<1x4xf32>
  %s = tile.scan %x0 axis 0 : (tensor<1x4xf32>) -> tensor<1x4xf32> {
  ^bb0(%a: f32, %b: f32):
    %t = arith.addf %a, %b : f32
    tile.yield %t : f32
  }
  %d = arith.subf %x0, %s : tensor<1x4xf32>
  %m = tile.reduce %d axis 0 : (tensor<1x4xf32>) -> tensor<4xf32> {
  ^bb0(%a: f32, %b: f32):
    %t = arith.maximumf %a, %b : f32
    tile.yield %t : f32
  }
  tile.store_box %y, %m start(%c0) stride(%c1) lower(%c0) upper(%c4)
    : !tile.ptr<f32>, tensor<4xf32>
  return
}
// -----
// What the condition compares is known below the bound only, but beyond it the
// mask chooses the constant: the sum stops there.
// CHECK-LABEL: tegula.kernel = "support"
// CHECK:       %[[END:.+]] = arith.minsi %{{.+}}, %c256_i64
// CHECK:       %[[FULL:.+]] = arith.andi %[[END]], %c-64_i64
// CHECK:       scf.for %{{.+}} = %c0_i64 to %[[FULL]] step %c64_i64 iter_args
// CHECK:         arith.cmpf ogt
// CHECK:       return
func.func @support(%x: !tile.ptr<f32>, %y: !tile.ptr<f32>, %n: i32) {
  %c0 = arith.constant 0 : i64
  %c1 = arith.constant 1 : i64
  %upper = arith.extsi %n : i32 to i64
  %zero = arith.constant dense<0.0> : tensor<256xf32>
  %columns = tile.range 0 to 256 : tensor<256xi32>
  %ns = tile.splat %n : i32 -> tensor<256xi32>
  %inside = arith.cmpi slt, %columns, %ns : tensor<256xi32>
  %a = tile.load_box %x start(%c0) stride(%c1) lower(%c0) upper(%upper)
    other %zero : tensor<256xf32> : !tile.ptr<f32> -> tensor<256xf32>
  %sums = tile.scan %a axis 0 : (tensor<256xf32>) -> tensor<256xf32> {
  ^bb0(%l: f32, %r: f32):
    %s = arith.addf %l, %r : f32
    tile.yield %s : f32
  }
  %more = arith.cmpf ogt, %a, %sums : tensor<256xf32>
  %both = arith.andi %more, %inside : tensor<256xi1>
  %chosen = arith.select %both, %a, %zero : tensor<256xi1>, tensor<256xf32>
  %total = tile.reduce %chosen axis 0 : (tensor<256xf32>) -> f32 {
  ^bb0(%l: f32, %r: f32):
    %s = arith.addf %l, %r : f32
    tile.yield %s : f32
  }
  tile.store %y, %total : !tile.ptr<f32>
  return
}
