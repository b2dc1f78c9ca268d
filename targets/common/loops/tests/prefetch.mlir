// RUN: tegula-opt %s --split-input-file --tegula-lower-to-loops --canonicalize --cse | FileCheck %s

// The second nest reads the row again and asks for that of the next program,
// into the first level of the caches: a row of 1 KB.
// CHECK-LABEL: tegula.kernel = "centre"
// CHECK:       %[[ID:.+]] = llvm.load %{{.+}} invariant : !llvm.ptr -> i32
// CHECK:       scf.for
// CHECK-NOT:     llvm.intr.prefetch
// CHECK:         arith.addf
// CHECK:       %[[NEXT:.+]] = arith.addi %[[ID]], %c1_i32
// CHECK:       arith.extsi %[[NEXT]]
// CHECK:       %[[DISTANCE:.+]] = arith.subi
// CHECK:       scf.for
// CHECK:         llvm.getelementptr %{{.+}}[%[[DISTANCE]]]
// CHECK:         "llvm.intr.prefetch"({{.*}}) <{cache = 1 : i32, hint = 3 : i32, rw = 0 : i32}>
// CHECK:         nontemporal
func.func @centre(%x: !tile.ptr<f32>, %y: !tile.ptr<f32>, %stride: i64) {
  %c0 = arith.constant 0 : i64
  %c1 = arith.constant 1 : i64
  %c256 = arith.constant 256 : i64
  %id = tile.program_id x : i32
  %row = arith.extsi %id : i32 to i64
  %offset = arith.muli %row, %stride : i64
  %base = tile.ptr_add %x, %offset : !tile.ptr<f32>, i64
  %out = tile.ptr_add %y, %offset : !tile.ptr<f32>, i64
  %v = tile.load_box %base start(%c0) stride(%c1) lower(%c0) upper(%c256)
    : !tile.ptr<f32> -> tensor<256xf32>
  %s = tile.reduce %v axis 0 : (tensor<256xf32>) -> f32 {
  ^bb0(%a: f32, %b: f32):
    %r = arith.addf %a, %b : f32
    tile.yield %r : f32
  }
  %t = tile.splat %s : f32 -> tensor<256xf32>
  %z = arith.subf %v, %t : tensor<256xf32>
  tile.store_box %out, %z start(%c0) stride(%c1) lower(%c0) upper(%c256)
    : !tile.ptr<f32>, tensor<256xf32>
  return
}
// -----
// Within a loop over rows the next one is the next iteration's; what all rows
// share is not asked for. Three nests: two kinds of stores and a copy in case
// that the arrays overlap.
// CHECK-LABEL: tegula.kernel = "rows"
// CHECK:       scf.for %[[I:.+]] = %{{.+}} to %{{.+}} step %[[STEP:.+]] : i64
// CHECK:         arith.addi %[[I]], %[[STEP]]
// CHECK-COUNT-3: llvm.intr.prefetch
// CHECK-NOT:   llvm.intr.prefetch
// CHECK:       return
func.func @rows(%x: !tile.ptr<f32>, %w: !tile.ptr<f32>, %y: !tile.ptr<f32>, %n: i64, %step: i64) {
  %c0 = arith.constant 0 : i64
  %c1 = arith.constant 1 : i64
  %c16 = arith.constant 16 : i64
  scf.for %i = %c0 to %n step %step : i64 {
    %offset = arith.muli %i, %c16 : i64
    %base = tile.ptr_add %x, %offset : !tile.ptr<f32>, i64
    %out = tile.ptr_add %y, %offset : !tile.ptr<f32>, i64
    %v = tile.load_box %base start(%c0) stride(%c1) lower(%c0) upper(%c16)
      : !tile.ptr<f32> -> tensor<16xf32>
    %k = tile.load_box %w start(%c0) stride(%c1) lower(%c0) upper(%c16)
      : !tile.ptr<f32> -> tensor<16xf32>
    %p = arith.mulf %v, %k : tensor<16xf32>
    %s = tile.reduce %p axis 0 : (tensor<16xf32>) -> f32 {
    ^bb0(%a: f32, %b: f32):
      %r = arith.addf %a, %b : f32
      tile.yield %r : f32
    }
    %t = tile.splat %s : f32 -> tensor<16xf32>
    %z = arith.subf %v, %t : tensor<16xf32>
    %q = arith.mulf %z, %k : tensor<16xf32>
    tile.store_box %out, %q start(%c0) stride(%c1) lower(%c0) upper(%c16)
      : !tile.ptr<f32>, tensor<16xf32>
  }
  return
}
// -----
// One run of memory that much is computed from: what follows is asked for.
// CHECK-LABEL: tegula.kernel = "ahead"
// CHECK:       scf.for
// CHECK:         llvm.getelementptr %{{.+}}[2048] : (!llvm.ptr) -> !llvm.ptr, i8
// CHECK:         "llvm.intr.prefetch"({{.*}}) <{cache = 1 : i32, hint = 3 : i32, rw = 0 : i32}>
// CHECK:         llvm.load
// CHECK:         math.exp
func.func @ahead(%x: !tile.ptr<f32>, %y: !tile.ptr<f32>) {
  %c0 = arith.constant 0 : i64
  %c1 = arith.constant 1 : i64
  %c256 = arith.constant 256 : i64
  %v = tile.load_box %x start(%c0) stride(%c1) lower(%c0) upper(%c256)
    : !tile.ptr<f32> -> tensor<256xf32>
  %e = math.exp %v : tensor<256xf32>
  %z = arith.divf %v, %e : tensor<256xf32>
  tile.store_box %y, %z start(%c0) stride(%c1) lower(%c0) upper(%c256)
    : !tile.ptr<f32>, tensor<256xf32>
  return
}
// -----
// Two runs are asked for half as far ahead each.
// CHECK-LABEL: tegula.kernel = "both"
// CHECK:       llvm.getelementptr %{{.+}}[1024] : (!llvm.ptr) -> !llvm.ptr, i8
// CHECK:       llvm.getelementptr %{{.+}}[1024] : (!llvm.ptr) -> !llvm.ptr, i8
func.func @both(%x: !tile.ptr<f32>, %w: !tile.ptr<f32>, %y: !tile.ptr<f32>) {
  %c0 = arith.constant 0 : i64
  %c1 = arith.constant 1 : i64
  %c256 = arith.constant 256 : i64
  %v = tile.load_box %x start(%c0) stride(%c1) lower(%c0) upper(%c256)
    : !tile.ptr<f32> -> tensor<256xf32>
  %u = tile.load_box %w start(%c0) stride(%c1) lower(%c0) upper(%c256)
    : !tile.ptr<f32> -> tensor<256xf32>
  %e = math.exp %v : tensor<256xf32>
  %z = arith.divf %u, %e : tensor<256xf32>
  tile.store_box %y, %z start(%c0) stride(%c1) lower(%c0) upper(%c256)
    : !tile.ptr<f32>, tensor<256xf32>
  return
}
