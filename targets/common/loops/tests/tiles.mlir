// RUN: tegula-opt %s --split-input-file --tegula-cpu-loops="arch=sapphirerapids" | FileCheck %s

// Tile registers take whole rows of A from where they lie. While blocks are
// multiplied, what is read next in place of A is asked for: the next step's
// rows, and in the last step the first ones of the next program.
// CHECK:     scf.for {{.*}} : i32 {
// CHECK:       %[[LAST:.+]] = arith.cmpi ule
// CHECK:       %[[NEXT:.+]] = arith.addi %{{.+}}, %{{.+}} : i32
// CHECK:       %[[AHEAD:.+]] = arith.select %[[LAST]], %{{.+}}, %{{.+}} : i64
// CHECK:       llvm.call_intrinsic "llvm.x86.tileloadd64.internal"
// CHECK:       llvm.call_intrinsic "llvm.x86.tdpbf16ps.internal"
// CHECK:       llvm.getelementptr %{{.+}}[%[[AHEAD]]] : (!llvm.ptr, i64) -> !llvm.ptr, i8
// CHECK:       "llvm.intr.prefetch"({{.*}}) <{cache = 1 : i32, hint = 2 : i32, rw = 0 : i32}>
// CHECK-COUNT-3: llvm.call_intrinsic "llvm.x86.tdpbf16ps.internal"
// CHECK-COUNT-4: llvm.call_intrinsic "llvm.x86.tilestored64.internal"
// Results past the caches, if the launch asks for it.
// CHECK:       llvm.store {{.*}} {alignment = 64 : i64, nontemporal} : vector<16xf32>
func.func @in_place(%a: !tile.ptr<bf16>, %b: !tile.ptr<bf16>, %c: !tile.ptr<f32>, %n: i64, %k: i32, %lda: i64, %ldb: i64) {
  %c0 = arith.constant 0 : i64
  %c1 = arith.constant 1 : i64
  %c64 = arith.constant 64 : i64
  %i0 = arith.constant 0 : i32
  %i64 = arith.constant 64 : i32
  %zero = arith.constant dense<0.0> : tensor<64x64xf32>
  %pid = tile.program_id x : i32
  %id = arith.extsi %pid : i32 to i64
  %row = arith.muli %id, %c64 : i64
  %acc = scf.for %i = %i0 to %k step %i64 iter_args(%sum = %zero) -> (tensor<64x64xf32>) : i32 {
    %at = arith.extsi %i : i32 to i64
    %x = tile.load_box %a start(%row, %at) stride(%lda, %c1) lower(%c0, %c0) upper(%c64, %c64) : <bf16> -> tensor<64x64xbf16>
    %y = tile.load_box %b start(%at, %c0) stride(%ldb, %c1) lower(%c0, %c0) upper(%c64, %c64) : <bf16> -> tensor<64x64xbf16>
    %d = tile.dot %x, %y, %sum : tensor<64x64xbf16>, tensor<64x64xbf16> -> tensor<64x64xf32>
    scf.yield %d : tensor<64x64xf32>
  }
  tile.store_box %c, %acc start(%row, %c0) stride(%n, %c1) lower(%c0, %c0) upper(%c64, %c64) : <f32>, tensor<64x64xf32>
  return
}

// -----
// f32 in three parts: what was packed tells its magnitudes; the products of
// parts that count, six for each of four tiles, are added to the same sums.
// CHECK-LABEL: tegula.kernel = "split"
// CHECK:       arith.maxui {{.*}} : vector<16xi32>
// CHECK-COUNT-3: llvm.store {{.*}} : vector<32xbf16>
// CHECK:       arith.maxui {{.*}} : vector<16xi32>
// CHECK-COUNT-3: llvm.store {{.*}} : vector<32xbf16>
// CHECK-COUNT-2: vector.reduction <maxui>
// CHECK:       scf.if
// What was packed for tiles lies tile by tile.
// CHECK:       "llvm.x86.tileloadd64.internal"(%c16_i16, %c64_i16, %{{.+}}, %c64_i64)
// CHECK-COUNT-24: llvm.call_intrinsic "llvm.x86.tdpbf16ps.internal"
// CHECK-NOT:   tdpbf16ps
// CHECK:       } else {
// CHECK:       math.fma
func.func @split(%a: !tile.ptr<f32>, %b: !tile.ptr<f32>, %c: !tile.ptr<f32>, %n: i64, %k: i32, %lda: i64, %ldb: i64) {
  %c0 = arith.constant 0 : i64
  %c1 = arith.constant 1 : i64
  %c64 = arith.constant 64 : i64
  %c128 = arith.constant 128 : i64
  %i0 = arith.constant 0 : i32
  %i64 = arith.constant 64 : i32
  %zero = arith.constant dense<0.0> : tensor<64x128xf32>
  %pid = tile.program_id x : i32
  %id = arith.extsi %pid : i32 to i64
  %row = arith.muli %id, %c64 : i64
  %acc = scf.for %i = %i0 to %k step %i64 iter_args(%sum = %zero) -> (tensor<64x128xf32>) : i32 {
    %at = arith.extsi %i : i32 to i64
    %x = tile.load_box %a start(%row, %at) stride(%lda, %c1) lower(%c0, %c0) upper(%c64, %c64) : <f32> -> tensor<64x64xf32>
    %y = tile.load_box %b start(%at, %c0) stride(%ldb, %c1) lower(%c0, %c0) upper(%c64, %c128) : <f32> -> tensor<64x128xf32>
    %d = tile.dot %x, %y, %sum : tensor<64x64xf32>, tensor<64x128xf32> -> tensor<64x128xf32>
    scf.yield %d : tensor<64x128xf32>
  }
  tile.store_box %c, %acc start(%row, %c0) stride(%n, %c1) lower(%c0, %c0) upper(%c64, %c128) : <f32>, tensor<64x128xf32>
  return
}
