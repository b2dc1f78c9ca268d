// RUN: tegula-opt %s --tegula-narrow-elementwise --tegula-raise-memory --canonicalize --cse | FileCheck %s

// The base moves by what all lanes share; the mask is one bound, the same value
// for the load and the store.
// CHECK-LABEL: func.func @copy
//  CHECK-SAME: (%[[X:[^:]*]]: {{.*}}, %[[Y:[^:]*]]: {{.*}}, %[[N:[^:]*]]: i32)
//       CHECK:   %[[NW:.*]] = arith.extsi %[[N]]
//       CHECK:   %[[START:.*]] = arith.muli {{.*}}, %c64{{.*}} : i64
//       CHECK:   %[[BOUND:.*]] = arith.subi %[[NW]], %[[START]] : i64
//   CHECK-DAG:   %[[FROM:.*]] = tile.ptr_add %[[X]], %[[START]]
//   CHECK-DAG:   %[[TO:.*]] = tile.ptr_add %[[Y]], %[[START]]
//       CHECK:   %[[V:.*]] = tile.load_box %[[FROM]] start(%c0{{.*}}) stride(%c1{{.*}}) lower(%c0{{.*}}) upper(%[[BOUND]])
//  CHECK-SAME:     tile.tier = "box"
//       CHECK:   tile.store_box %[[TO]], %[[V]] start(%c0{{.*}}) stride(%c1{{.*}}) lower(%c0{{.*}}) upper(%[[BOUND]])
func.func @copy(%x: !tile.ptr<f32>, %y: !tile.ptr<f32>, %n: i32) {
  %c64 = arith.constant 64 : i32
  %pid = tile.program_id x : i32
  %start = arith.muli %pid, %c64 : i32
  %r = tile.range 0 to 64 : tensor<64xi32>
  %s = tile.splat %start : i32 -> tensor<64xi32>
  %i = arith.addi %s, %r : tensor<64xi32>
  %ns = tile.splat %n : i32 -> tensor<64xi32>
  %m = arith.cmpi slt, %i, %ns : tensor<64xi32>
  %xs = tile.splat %x : !tile.ptr<f32> -> tensor<64x!tile.ptr<f32>>
  %xp = tile.ptr_add %xs, %i : tensor<64x!tile.ptr<f32>>, tensor<64xi32>
  %v = tile.load %xp mask %m : tensor<64x!tile.ptr<f32>>
  %ys = tile.splat %y : !tile.ptr<f32> -> tensor<64x!tile.ptr<f32>>
  %yp = tile.ptr_add %ys, %i : tensor<64x!tile.ptr<f32>>, tensor<64xi32>
  // Another way to write the same mask.
  %again = arith.cmpi sgt, %ns, %i : tensor<64xi32>
  tile.store %yp, %v mask %again : tensor<64x!tile.ptr<f32>>
  return
}

// A modulo of a position that isn't negative wraps around; the start stays out
// of the base.
// CHECK-LABEL: func.func @wrap
//  CHECK-SAME: (%[[X:[^:]*]]: {{.*}}, %[[N:[^:]*]]: i32, %[[LD:[^:]*]]: i32)
//   CHECK-DAG:   %[[LDW:.*]] = arith.extsi %[[LD]]
//   CHECK-DAG:   %[[NW:.*]] = arith.extsi %[[N]]
//       CHECK:   %[[START:.*]] = arith.muli {{.*}}, %c4{{.*}} : i64
//       CHECK:   tile.load_box %[[X]] start(%[[START]], %c0{{.*}}) stride(%[[LDW]], %c1{{.*}}) lower(%c0{{.*}}, %c0{{.*}}) upper(%c4{{.*}}, %c8{{.*}}) wrap(%[[NW]], %c0{{.*}})
func.func @wrap(%x: !tile.ptr<f32>, %n: i32, %ld: i32) -> tensor<4x8xf32> {
  %c4 = arith.constant 4 : i32
  %pid = tile.program_id x : i32
  %first = arith.muli %pid, %c4 : i32
  %r = tile.range 0 to 4 : tensor<4xi32>
  %s = tile.splat %first : i32 -> tensor<4xi32>
  %i = arith.addi %s, %r : tensor<4xi32>
  %ns = tile.splat %n : i32 -> tensor<4xi32>
  %w = arith.remsi %i, %ns : tensor<4xi32>
  %lds = tile.splat %ld : i32 -> tensor<4xi32>
  %rows = arith.muli %w, %lds : tensor<4xi32>
  %v = call @load_rows(%x, %rows) : (!tile.ptr<f32>, tensor<4xi32>) -> tensor<4x8xf32>
  %e = tile.expand_dims %rows axis 1 : tensor<4xi32> -> tensor<4x1xi32>
  %b = tile.broadcast %e : tensor<4x1xi32> -> tensor<4x8xi32>
  %c = tile.range 0 to 8 : tensor<8xi32>
  %ce = tile.expand_dims %c axis 0 : tensor<8xi32> -> tensor<1x8xi32>
  %cb = tile.broadcast %ce : tensor<1x8xi32> -> tensor<4x8xi32>
  %o = arith.addi %b, %cb : tensor<4x8xi32>
  %xs = tile.splat %x : !tile.ptr<f32> -> tensor<4x8x!tile.ptr<f32>>
  %p = tile.ptr_add %xs, %o : tensor<4x8x!tile.ptr<f32>>, tensor<4x8xi32>
  %u = tile.load %p : tensor<4x8x!tile.ptr<f32>>
  %sum = arith.addf %u, %v : tensor<4x8xf32>
  return %sum : tensor<4x8xf32>
}

// Row numbers that come from elsewhere: the rows tier.
// CHECK-LABEL: func.func private @load_rows
//  CHECK-SAME: (%[[X:[^:]*]]: {{.*}}, %[[ROWS:[^:]*]]: tensor<4xi32>)
//       CHECK:   %[[WIDE:.*]] = arith.extsi %[[ROWS]]
//       CHECK:   tile.load_box %[[X]] {{.*}} stride(%c1{{.*}}, %c1{{.*}}) {{.*}} index(%[[WIDE]] : tensor<4xi64>)
//  CHECK-SAME:     indexed_dims = array<i64: 0>
//  CHECK-SAME:     tile.blocked_by = "a value carried by func.func at raise-memory.mlir:{{[0-9]+}}"
//  CHECK-SAME:     tile.tier = "rows"
func.func private @load_rows(%x: !tile.ptr<f32>, %rows: tensor<4xi32>) -> tensor<4x8xf32> {
  %e = tile.expand_dims %rows axis 1 : tensor<4xi32> -> tensor<4x1xi32>
  %b = tile.broadcast %e : tensor<4x1xi32> -> tensor<4x8xi32>
  %c = tile.range 0 to 8 : tensor<8xi32>
  %ce = tile.expand_dims %c axis 0 : tensor<8xi32> -> tensor<1x8xi32>
  %cb = tile.broadcast %ce : tensor<1x8xi32> -> tensor<4x8xi32>
  %o = arith.addi %b, %cb : tensor<4x8xi32>
  %xs = tile.splat %x : !tile.ptr<f32> -> tensor<4x8x!tile.ptr<f32>>
  %p = tile.ptr_add %xs, %o : tensor<4x8x!tile.ptr<f32>>, tensor<4x8xi32>
  %u = tile.load %p : tensor<4x8x!tile.ptr<f32>>
  return %u : tensor<4x8xf32>
}

// A position that may be negative has a negative remainder: that is no wrap.
// CHECK-LABEL: func.func @negative_remainder
//   CHECK-NOT:   wrap(
//       CHECK:   tile.blocked_by = "arith.remsi at raise-memory.mlir:{{[0-9]+}}", tile.tier = "rows"
func.func @negative_remainder(%x: !tile.ptr<f32>, %first: i32, %n: i32) -> tensor<8xf32> {
  %r = tile.range 0 to 8 : tensor<8xi32>
  %s = tile.splat %first : i32 -> tensor<8xi32>
  %i = arith.addi %s, %r : tensor<8xi32>
  %ns = tile.splat %n : i32 -> tensor<8xi32>
  %w = arith.remsi %i, %ns : tensor<8xi32>
  %xs = tile.splat %x : !tile.ptr<f32> -> tensor<8x!tile.ptr<f32>>
  %p = tile.ptr_add %xs, %w : tensor<8x!tile.ptr<f32>>, tensor<8xi32>
  %u = tile.load %p : tensor<8x!tile.ptr<f32>>
  return %u : tensor<8xf32>
}

// As unsigned, a modulus that may be negative is a large number: no wrap.
// CHECK-LABEL: func.func @unsigned_modulus
//   CHECK-NOT:   wrap(
//       CHECK:   tile.blocked_by = "arith.remui at raise-memory.mlir:{{[0-9]+}}", tile.tier = "rows"
func.func @unsigned_modulus(%x: !tile.ptr<f32>, %n: i32) -> tensor<8xf32> {
  %r = tile.range 0 to 8 : tensor<8xi32>
  %c6 = arith.constant 6 : i32
  %less = arith.subi %n, %c6 : i32
  %ns = tile.splat %less : i32 -> tensor<8xi32>
  %w = arith.remui %r, %ns : tensor<8xi32>
  %xs = tile.splat %x : !tile.ptr<f32> -> tensor<8x!tile.ptr<f32>>
  %p = tile.ptr_add %xs, %w : tensor<8x!tile.ptr<f32>>, tensor<8xi32>
  %u = tile.load %p : tensor<8x!tile.ptr<f32>>
  return %u : tensor<8xf32>
}

// Offsets that are no sum over rows and columns stay a gather.
// CHECK-LABEL: func.func @gather
//       CHECK:   tile.load {{.*}} {tile.blocked_by = "arith.xori at raise-memory.mlir:{{[0-9]+}}", tile.tier = "gather"}
func.func @gather(%x: !tile.ptr<f32>, %a: tensor<4x8xi32>, %b: tensor<4x8xi32>) -> tensor<4x8xf32> {
  %o = arith.xori %a, %b : tensor<4x8xi32>
  %xs = tile.splat %x : !tile.ptr<f32> -> tensor<4x8x!tile.ptr<f32>>
  %p = tile.ptr_add %xs, %o : tensor<4x8x!tile.ptr<f32>>, tensor<4x8xi32>
  %u = tile.load %p : tensor<4x8x!tile.ptr<f32>>
  return %u : tensor<4x8xf32>
}

// 2 <= i, i < n, 2i < k; a condition for all lanes empties dimension 0, and what
// isn't a bound stays a mask.
// CHECK-LABEL: func.func @masks
//  CHECK-SAME: (%[[X:[^:]*]]: {{.*}}, %[[N:[^:]*]]: i32, %[[K:[^:]*]]: i32, %[[C:[^:]*]]: i1, %[[REST:[^:]*]]: tensor<8xi1>)
//   CHECK-DAG:   %[[NW:.*]] = arith.extsi %[[N]]
//   CHECK-DAG:   %[[KW:.*]] = arith.extsi %[[K]]
//       CHECK:   %[[UP:.*]] = arith.addi %[[KW]], %c1{{.*}}
//       CHECK:   %[[HALF:.*]] = arith.divsi %[[UP]], %c2{{.*}}
//       CHECK:   %[[MIN:.*]] = arith.minsi {{.*}} : i64
//       CHECK:   %[[UPPER:.*]] = arith.select %[[C]], %[[MIN]], %c0
//       CHECK:   tile.load_box %[[X]] {{.*}} lower(%c2{{.*}}) upper(%[[UPPER]]) mask %[[REST]]
func.func @masks(%x: !tile.ptr<f32>, %n: i32, %k: i32, %c: i1, %rest: tensor<8xi1>) -> tensor<8xf32> {
  %i = tile.range 0 to 8 : tensor<8xi32>
  %two = arith.constant dense<2> : tensor<8xi32>
  %a = arith.cmpi sle, %two, %i : tensor<8xi32>
  %ns = tile.splat %n : i32 -> tensor<8xi32>
  %outside = arith.cmpi sge, %i, %ns : tensor<8xi32>
  %true = arith.constant dense<true> : tensor<8xi1>
  %b = arith.xori %outside, %true : tensor<8xi1>
  %twice = arith.muli %i, %two : tensor<8xi32>
  %ks = tile.splat %k : i32 -> tensor<8xi32>
  %d = arith.cmpi slt, %twice, %ks : tensor<8xi32>
  %cs = tile.splat %c : i1 -> tensor<8xi1>
  %ab = arith.andi %a, %b : tensor<8xi1>
  %abc = arith.andi %ab, %cs : tensor<8xi1>
  %abcd = arith.andi %abc, %d : tensor<8xi1>
  %m = arith.andi %abcd, %rest : tensor<8xi1>
  %xs = tile.splat %x : !tile.ptr<f32> -> tensor<8x!tile.ptr<f32>>
  %p = tile.ptr_add %xs, %i : tensor<8x!tile.ptr<f32>>, tensor<8xi32>
  %u = tile.load %p mask %m : tensor<8x!tile.ptr<f32>>
  return %u : tensor<8xf32>
}

// A causal mask bounds no single dimension.
// CHECK-LABEL: func.func @causal
//       CHECK:   %[[LOWER:.*]] = arith.cmpi sge, {{.*}} : tensor<4x4xi32>
//       CHECK:   tile.load_box {{.*}} upper(%c4{{.*}}, %c4{{.*}}) mask %[[LOWER]]
func.func @causal(%x: !tile.ptr<f32>) -> tensor<4x4xf32> {
  %i = tile.range 0 to 4 : tensor<4xi32>
  %r = tile.expand_dims %i axis 1 : tensor<4xi32> -> tensor<4x1xi32>
  %c = tile.expand_dims %i axis 0 : tensor<4xi32> -> tensor<1x4xi32>
  %rows = tile.broadcast %r : tensor<4x1xi32> -> tensor<4x4xi32>
  %cols = tile.broadcast %c : tensor<1x4xi32> -> tensor<4x4xi32>
  %m = arith.cmpi sge, %rows, %cols : tensor<4x4xi32>
  %four = arith.constant dense<4> : tensor<4x4xi32>
  %far = arith.muli %rows, %four : tensor<4x4xi32>
  %o = arith.addi %far, %cols : tensor<4x4xi32>
  %xs = tile.splat %x : !tile.ptr<f32> -> tensor<4x4x!tile.ptr<f32>>
  %p = tile.ptr_add %xs, %o : tensor<4x4x!tile.ptr<f32>>, tensor<4x4xi32>
  %u = tile.load %p mask %m : tensor<4x4x!tile.ptr<f32>>
  return %u : tensor<4x4xf32>
}

// The arithmetic of a hash is meant to wrap: no bound comes from it.
// CHECK-LABEL: func.func @hash
//       CHECK:   %[[M:.*]] = arith.cmpi slt, {{.*}} : tensor<8xi32>
//       CHECK:   tile.load_box {{.*}} upper(%c8{{.*}}) mask %[[M]]
func.func @hash(%x: !tile.ptr<f32>) -> tensor<8xf32> {
  %i = tile.range 0 to 8 : tensor<8xi32>
  %a = arith.constant dense<1664525> : tensor<8xi32>
  %c = arith.constant dense<1013904223> : tensor<8xi32>
  %ia = arith.muli %i, %a : tensor<8xi32>
  %h = arith.addi %ia, %c : tensor<8xi32>
  %zero = arith.constant dense<0> : tensor<8xi32>
  %m = arith.cmpi slt, %h, %zero : tensor<8xi32>
  %xs = tile.splat %x : !tile.ptr<f32> -> tensor<8x!tile.ptr<f32>>
  %p = tile.ptr_add %xs, %i : tensor<8x!tile.ptr<f32>>, tensor<8xi32>
  %u = tile.load %p mask %m : tensor<8x!tile.ptr<f32>>
  return %u : tensor<8xf32>
}

// A bit cut out of an index is data: 1, not -1.
// CHECK-LABEL: func.func @bit
//       CHECK:   %[[BIT:.*]] = arith.trunci %{{.*}} : i32 to i1
//       CHECK:   %[[WIDE:.*]] = arith.extui %[[BIT]] : i1 to i64
//       CHECK:   tile.load_box {{.*}} upper(%[[WIDE]])
func.func @bit(%x: !tile.ptr<f32>) -> tensor<8xf32> {
  %pid = tile.program_id x : i32
  %bit = arith.trunci %pid : i32 to i1
  %n = arith.extui %bit : i1 to i32
  %i = tile.range 0 to 8 : tensor<8xi32>
  %ns = tile.splat %n : i32 -> tensor<8xi32>
  %m = arith.cmpi slt, %i, %ns : tensor<8xi32>
  %xs = tile.splat %x : !tile.ptr<f32> -> tensor<8x!tile.ptr<f32>>
  %p = tile.ptr_add %xs, %i : tensor<8x!tile.ptr<f32>>, tensor<8xi32>
  %u = tile.load %p mask %m : tensor<8x!tile.ptr<f32>>
  return %u : tensor<8xf32>
}

// One of several results isn't the first of them.
// CHECK-LABEL: func.func @second_result
//  CHECK-SAME: %[[C:[^:]*]]: i1, %[[FIRST:[^:]*]]: tensor<8xi32>, %[[SECOND:[^:]*]]: tensor<8xi32>
//       CHECK:   %[[ROWS:.*]] = arith.select %[[C]], %[[SECOND]], %[[FIRST]]
//       CHECK:   %[[WIDE:.*]] = arith.extsi %[[ROWS]]
//       CHECK:   tile.load_box {{.*}} index(%[[WIDE]] : tensor<8xi64>)
func.func @second_result(%x: !tile.ptr<f32>, %c: i1, %first: tensor<8xi32>, %second: tensor<8xi32>) -> tensor<8x4xf32> {
  %r:2 = scf.if %c -> (tensor<8xi32>, tensor<8xi32>) {
    scf.yield %first, %second : tensor<8xi32>, tensor<8xi32>
  } else {
    scf.yield %second, %first : tensor<8xi32>, tensor<8xi32>
  }
  %rows = tile.expand_dims %r#1 axis 1 : tensor<8xi32> -> tensor<8x1xi32>
  %j = tile.range 0 to 4 : tensor<4xi32>
  %cols = tile.expand_dims %j axis 0 : tensor<4xi32> -> tensor<1x4xi32>
  %rb = tile.broadcast %rows : tensor<8x1xi32> -> tensor<8x4xi32>
  %cb = tile.broadcast %cols : tensor<1x4xi32> -> tensor<8x4xi32>
  %o = arith.addi %rb, %cb : tensor<8x4xi32>
  %xs = tile.splat %x : !tile.ptr<f32> -> tensor<8x4x!tile.ptr<f32>>
  %p = tile.ptr_add %xs, %o : tensor<8x4x!tile.ptr<f32>>, tensor<8x4xi32>
  %u = tile.load %p : tensor<8x4x!tile.ptr<f32>>
  return %u : tensor<8x4xf32>
}
