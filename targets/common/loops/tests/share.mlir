// RUN: tegula-opt %s --tegula-cpu-loops="arch=znver4" | FileCheck %s
// RUN: sed -e 's/store_box %c/store_box %b/' %s | tegula-opt --tegula-cpu-loops="arch=znver4" | FileCheck %s --check-prefix=WRITTEN

// An operand that the kernel does not write is looked up by the scalars that
// determine it, if the launch's arrays are apart, and packed if it is new.
// CHECK:     scf.for {{.*}} : i32 {
// CHECK:       %[[A:.+]]:3 = scf.if %{{.+}} -> (!llvm.ptr, !llvm.ptr, i1) {
// CHECK:         llvm.call
// CHECK:       scf.if %[[A]]#2 {
// CHECK:         llvm.store {{.*}} : vector<32xbf16>
// Rows 2i and 2i+1 of B go in turn; of an odd number, the last one with zeros.
// CHECK:       %[[B:.+]]:3 = scf.if %{{.+}} -> (!llvm.ptr, !llvm.ptr, i1) {
// CHECK:         llvm.call
// CHECK:       scf.if %[[B]]#2 {
// CHECK-COUNT-2: vector.interleave {{.*}} -> vector<64xbf16>
// One pair of A in all lanes times a vector of pairs of B.
// CHECK:       llvm.intr.prefetch
// CHECK:       llvm.call_intrinsic "llvm.x86.avx512bf16.dpbf16ps.512"

// Only A may be shared by a kernel that writes B.
// WRITTEN-COUNT-1: scf.if %{{.+}} -> (!llvm.ptr, !llvm.ptr, i1)
// WRITTEN-NOT:     scf.if %{{.+}} -> (!llvm.ptr, !llvm.ptr, i1)
func.func @share(%a: !tile.ptr<bf16>, %b: !tile.ptr<bf16>, %c: !tile.ptr<bf16>, %m: i64, %n: i64, %k: i32, %lda: i64, %ldb: i64) {
  %c0 = arith.constant 0 : i64
  %c1 = arith.constant 1 : i64
  %i0 = arith.constant 0 : i32
  %i64 = arith.constant 64 : i32
  %zero = arith.constant dense<0.0> : tensor<64x64xf32>
  %wide = arith.extsi %k : i32 to i64
  %acc = scf.for %i = %i0 to %k step %i64 iter_args(%sum = %zero) -> (tensor<64x64xf32>) : i32 {
    %at = arith.extsi %i : i32 to i64
    %left = arith.subi %wide, %at : i64
    %x = tile.load_box %a start(%c0, %at) stride(%lda, %c1) lower(%c0, %c0) upper(%m, %left) : <bf16> -> tensor<64x64xbf16>
    %y = tile.load_box %b start(%at, %c0) stride(%ldb, %c1) lower(%c0, %c0) upper(%left, %n) : <bf16> -> tensor<64x64xbf16>
    %d = tile.dot %x, %y, %sum : tensor<64x64xbf16>, tensor<64x64xbf16> -> tensor<64x64xf32>
    scf.yield %d : tensor<64x64xf32>
  }
  %out = arith.truncf %acc : tensor<64x64xf32> to tensor<64x64xbf16>
  tile.store_box %c, %out start(%c0, %c0) stride(%n, %c1) lower(%c0, %c0) upper(%m, %n) : <bf16>, tensor<64x64xbf16>
  return
}
