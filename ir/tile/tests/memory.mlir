// RUN: tegula-opt %s | tegula-opt | FileCheck %s

// CHECK-LABEL: func @load
func.func @load(%p: tensor<64x!tile.ptr<f32>>, %m: tensor<64xi1>, %o: tensor<64xf32>, %s: !tile.ptr<i8>) {
  // CHECK: tile.load %{{.*}} mask %{{.*}} other %{{.*}} : tensor<64x!tile.ptr<f32>>
  %x = tile.load %p mask %m other %o : tensor<64x!tile.ptr<f32>>
  // CHECK: tile.load %{{.*}} mask %{{.*}} {cache = #tile<cache cg>, evict = #tile<evict last>, is_volatile} : tensor<64x!tile.ptr<f32>>
  %y = tile.load %p mask %m {cache = #tile<cache cg>, evict = #tile<evict last>, is_volatile} : tensor<64x!tile.ptr<f32>>
  // CHECK: tile.load %{{[a-z0-9]*}} : !tile.ptr<i8>
  %z = tile.load %s : !tile.ptr<i8>
  return
}

// CHECK-LABEL: func @store
func.func @store(%p: tensor<64x!tile.ptr<f32>>, %v: tensor<64xf32>, %m: tensor<64xi1>, %s: !tile.ptr<i8>, %c: i8) {
  // CHECK: tile.store %{{.*}}, %{{.*}} mask %{{.*}} : tensor<64x!tile.ptr<f32>>
  tile.store %p, %v mask %m : tensor<64x!tile.ptr<f32>>
  // CHECK: tile.store %{{.*}}, %{{[a-z0-9]*}} {cache = #tile<cache cs>} : !tile.ptr<i8>
  tile.store %s, %c {cache = #tile<cache cs>} : !tile.ptr<i8>
  return
}

// CHECK-LABEL: func @load_box
func.func @load_box(%p: !tile.ptr<f32>, %i: i64, %ld: i64, %m: i64, %n: i64, %mask: tensor<64x32xi1>,
                    %o: tensor<64x32xf32>, %k: tensor<64xi32>) {
  %c0 = arith.constant 0 : i64
  %c1 = arith.constant 1 : i64
  // CHECK: tile.load_box %{{.*}} start(%{{.*}}, %{{.*}}) stride(%{{.*}}, %{{.*}}) lower(%{{.*}}, %{{.*}}) upper(%{{.*}}, %{{.*}}) : <f32> -> tensor<64x32xf32>
  %x = tile.load_box %p start(%i, %c0) stride(%ld, %c1) lower(%c0, %c0)
         upper(%m, %n) : !tile.ptr<f32> -> tensor<64x32xf32>
  // CHECK: tile.load_box {{.*}} wrap(%{{.*}}, %{{.*}}) mask %{{.*}} : tensor<64x32xi1> other %{{.*}} : tensor<64x32xf32> : <f32>
  %y = tile.load_box %p start(%i, %c0) stride(%ld, %c1) lower(%c0, %c0)
         upper(%m, %n) wrap(%m, %c0) mask %mask : tensor<64x32xi1>
         other %o : tensor<64x32xf32> : !tile.ptr<f32> -> tensor<64x32xf32>
  // CHECK: tile.load_box {{.*}} index(%{{.*}} : tensor<64xi32>) {indexed_dims = array<i64: 0>} : <f32>
  %z = tile.load_box %p start(%c0, %c0) stride(%ld, %c1) lower(%c0, %c0)
         upper(%m, %n) index(%k : tensor<64xi32>) {indexed_dims = array<i64: 0>}
         : !tile.ptr<f32> -> tensor<64x32xf32>
  return
}

// CHECK-LABEL: func @store_box
func.func @store_box(%p: !tile.ptr<f32>, %v: tensor<64x32xf32>, %i: i64, %ld: i64, %m: i64, %n: i64) {
  %c0 = arith.constant 0 : i64
  %c1 = arith.constant 1 : i64
  // CHECK: tile.store_box %{{.*}}, %{{.*}} start({{.*}}) stride({{.*}}) lower({{.*}}) upper({{.*}}) : <f32>, tensor<64x32xf32>
  tile.store_box %p, %v start(%i, %c0) stride(%ld, %c1) lower(%c0, %c0)
    upper(%m, %n) : !tile.ptr<f32>, tensor<64x32xf32>
  return
}

// CHECK-LABEL: func @make_desc
func.func @make_desc(%p: !tile.ptr<f16>, %m: i32, %n: i32, %ld: i64) {
  %c1 = arith.constant 1 : i64
  // CHECK: tile.make_desc %{{.*}} shape(%{{.*}}, %{{.*}}) stride(%{{.*}}, %{{.*}}) : <f16> -> <64x32xf16>
  %d = tile.make_desc %p shape(%m, %n) stride(%ld, %c1) padding zero
         : !tile.ptr<f16> -> !tile.desc<64x32xf16>
  // CHECK: tile.make_desc {{.*}} padding nan
  %e = tile.make_desc %p shape(%m, %n) stride(%ld, %c1) padding nan
         : !tile.ptr<f16> -> !tile.desc<64x32xf16>
  return
}

// CHECK-LABEL: func @desc_load
func.func @desc_load(%d: !tile.desc<64x32xf16>, %i: i32, %j: i32) {
  // CHECK: tile.desc_load %{{.*}}[%{{.*}}, %{{.*}}] : <64x32xf16> -> tensor<64x32xf16>
  %x = tile.desc_load %d[%i, %j] : !tile.desc<64x32xf16> -> tensor<64x32xf16>
  return
}

// CHECK-LABEL: func @desc_store
func.func @desc_store(%d: !tile.desc<64x32xf16>, %i: i32, %j: i32, %x: tensor<64x32xf16>) {
  // CHECK: tile.desc_store %{{.*}}[%{{.*}}, %{{.*}}], %{{.*}} : <64x32xf16>, tensor<64x32xf16>
  tile.desc_store %d[%i, %j], %x : !tile.desc<64x32xf16>, tensor<64x32xf16>
  return
}

// CHECK-LABEL: func @desc_reduce
func.func @desc_reduce(%d: !tile.desc<64x32xf32>, %i: i32, %j: i32, %x: tensor<64x32xf32>) {
  // CHECK: tile.desc_reduce add %{{.*}}[%{{.*}}, %{{.*}}], %{{.*}} : <64x32xf32>, tensor<64x32xf32>
  tile.desc_reduce add %d[%i, %j], %x : !tile.desc<64x32xf32>, tensor<64x32xf32>
  return
}

// CHECK-LABEL: func @desc_rows
func.func @desc_rows(%d: !tile.desc<1x32xf16>, %rows: tensor<8xi32>, %y: i32) {
  // CHECK: tile.desc_gather %{{.*}}[%{{.*}}, %{{.*}}] : <1x32xf16>, tensor<8xi32> -> tensor<8x32xf16>
  %x = tile.desc_gather %d[%rows, %y] : !tile.desc<1x32xf16>, tensor<8xi32> -> tensor<8x32xf16>
  // CHECK: tile.desc_scatter %{{.*}}[%{{.*}}, %{{.*}}], %{{.*}} : <1x32xf16>, tensor<8xi32>, tensor<8x32xf16>
  tile.desc_scatter %d[%rows, %y], %x : !tile.desc<1x32xf16>, tensor<8xi32>, tensor<8x32xf16>
  return
}

// CHECK-LABEL: func @atomic_rmw
func.func @atomic_rmw(%p: tensor<64x!tile.ptr<i32>>, %v: tensor<64xi32>, %m: tensor<64xi1>,
                      %q: !tile.ptr<f32>, %f: f32) {
  // CHECK: tile.atomic_rmw add relaxed gpu %{{.*}}, %{{.*}} mask %{{.*}} : tensor<64xi1> : tensor<64x!tile.ptr<i32>>, tensor<64xi32> -> tensor<64xi32>
  %old = tile.atomic_rmw add relaxed gpu %p, %v mask %m : tensor<64xi1>
           : tensor<64x!tile.ptr<i32>>, tensor<64xi32> -> tensor<64xi32>
  // CHECK: tile.atomic_rmw xchg acquire sys %{{.*}}, %{{.*}} : !tile.ptr<f32>, f32 -> f32
  %one = tile.atomic_rmw xchg acquire sys %q, %f : !tile.ptr<f32>, f32 -> f32
  return
}

// CHECK-LABEL: func @atomic_cas
func.func @atomic_cas(%p: !tile.ptr<i32>, %expected: i32, %new: i32) {
  // CHECK: tile.atomic_cas acq_rel gpu %{{.*}}, %{{.*}}, %{{.*}} : !tile.ptr<i32>, i32 -> i32
  %old = tile.atomic_cas acq_rel gpu %p, %expected, %new : !tile.ptr<i32>, i32 -> i32
  return
}

// CHECK-LABEL: func @atomic_poll
func.func @atomic_poll(%p: !tile.ptr<i32>, %expected: i32, %t: i64) {
  // CHECK: tile.atomic_poll acquire gpu %{{.*}}, %{{.*}} : <i32>, i32
  %ok = tile.atomic_poll acquire gpu %p, %expected : !tile.ptr<i32>, i32
  // CHECK: tile.atomic_poll acquire cta %{{.*}}, %{{.*}} timeout %{{.*}} : <i32>, i32
  %in = tile.atomic_poll acquire cta %p, %expected timeout %t : !tile.ptr<i32>, i32
  return
}
