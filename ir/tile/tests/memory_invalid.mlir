// RUN: tegula-opt %s -split-input-file -verify-diagnostics

func.func @load(%p: tensor<4xf32>) {
  // expected-error @+1 {{expected a pointer or a tensor of pointers, found 'tensor<4xf32>'}}
  %x = tile.load %p : tensor<4xf32>
  return
}

// -----

// expected-note @+1 {{prior use here}}
func.func @load(%p: tensor<4x!tile.ptr<f32>>, %m: tensor<5xi1>) {
  // expected-error @+1 {{use of value '%m' expects different type than prior uses: 'tensor<4xi1>' vs 'tensor<5xi1>'}}
  %x = tile.load %p mask %m : tensor<4x!tile.ptr<f32>>
  return
}

// -----

func.func @load(%p: !tile.ptr<f32>, %o: f32) {
  // expected-error @+1 {{'tile.load' op expects a mask where it has an 'other' value}}
  %x = tile.load %p other %o : !tile.ptr<f32>
  return
}

// -----

func.func @load(%p: !tile.ptr<f32>) {
  // expected-error @+1 {{'tile.load' op expects a result of type 'f32', found 'f16'}}
  %x = "tile.load"(%p) <{operandSegmentSizes = array<i32: 1, 0, 0>}> : (!tile.ptr<f32>) -> f16
  return
}

// -----

func.func @store(%p: !tile.ptr<f32>, %v: f16) {
  // expected-error @+1 {{'tile.store' op expects a value of type 'f32', found 'f16'}}
  "tile.store"(%p, %v) : (!tile.ptr<f32>, f16) -> ()
  return
}

// -----

func.func @store(%p: !tile.ptr<f32>, %v: f32, %m: tensor<4xi1>) {
  // expected-error @+1 {{'tile.store' op expects a mask of type 'i1', found 'tensor<4xi1>'}}
  "tile.store"(%p, %v, %m) : (!tile.ptr<f32>, f32, tensor<4xi1>) -> ()
  return
}

// -----

func.func @load_box(%p: !tile.ptr<f32>, %i: i64) {
  // expected-error @+1 {{'tile.load_box' op expects one stride for each of the tile's 2 dimensions, found 1}}
  %x = tile.load_box %p start(%i, %i) stride(%i) lower(%i, %i) upper(%i, %i)
         : !tile.ptr<f32> -> tensor<4x4xf32>
  return
}

// -----

func.func @load_box(%p: !tile.ptr<f32>, %i: i64) {
  // expected-error @+1 {{'tile.load_box' op expects one wrap for each of the tile's 1 dimensions, found 2}}
  %x = tile.load_box %p start(%i) stride(%i) lower(%i) upper(%i) wrap(%i, %i)
         : !tile.ptr<f32> -> tensor<4xf32>
  return
}

// -----

func.func @load_box(%p: !tile.ptr<f32>, %i: i64) {
  // expected-error @+1 {{'tile.load_box' op expects a tile element of type 'f32', found 'f16'}}
  %x = tile.load_box %p start(%i) stride(%i) lower(%i) upper(%i) : !tile.ptr<f32> -> tensor<4xf16>
  return
}

// -----

func.func @load_box(%p: !tile.ptr<f32>, %i: i64, %k: tensor<4xi32>) {
  // expected-error @+1 {{'tile.load_box' op expects as many index tensors as indexed_dims}}
  %x = tile.load_box %p start(%i) stride(%i) lower(%i) upper(%i) index(%k : tensor<4xi32>)
         : !tile.ptr<f32> -> tensor<4xf32>
  return
}

// -----

func.func @load_box(%p: !tile.ptr<f32>, %i: i64, %k: tensor<5xi32>) {
  // expected-error @+1 {{'tile.load_box' op expects the index of dimension 0 to be a 1-D integer tensor of that dimension's size, found 'tensor<5xi32>'}}
  %x = tile.load_box %p start(%i) stride(%i) lower(%i) upper(%i) index(%k : tensor<5xi32>)
         {indexed_dims = array<i64: 0>} : !tile.ptr<f32> -> tensor<4xf32>
  return
}

// -----

func.func @load_box(%p: !tile.ptr<f32>, %i: i64, %o: tensor<4xf16>) {
  // expected-error @+1 {{'tile.load_box' op expects an 'other' value of type 'tensor<4xf32>', found 'tensor<4xf16>'}}
  %x = tile.load_box %p start(%i) stride(%i) lower(%i) upper(%i) other %o : tensor<4xf16>
         : !tile.ptr<f32> -> tensor<4xf32>
  return
}

// -----

func.func @store_box(%p: !tile.ptr<f32>, %v: tensor<4xf32>, %i: i64, %m: tensor<5xi1>) {
  // expected-error @+1 {{'tile.store_box' op expects a mask of type 'tensor<4xi1>', found 'tensor<5xi1>'}}
  tile.store_box %p, %v start(%i) stride(%i) lower(%i) upper(%i) mask %m : tensor<5xi1>
    : !tile.ptr<f32>, tensor<4xf32>
  return
}

// -----

func.func @make_desc(%p: !tile.ptr<f32>, %n: i32, %s: i64) {
  // expected-error @+1 {{'tile.make_desc' op expects 2 sizes and strides, one for each dimension of the block, found 1 and 2}}
  %d = tile.make_desc %p shape(%n) stride(%s, %s) : !tile.ptr<f32> -> !tile.desc<4x4xf32>
  return
}

// -----

func.func @make_desc(%p: !tile.ptr<f32>, %n: i32, %s: i64) {
  // expected-error @+1 {{'tile.make_desc' op expects a base of type '!tile.ptr<f16>', found '!tile.ptr<f32>'}}
  %d = tile.make_desc %p shape(%n) stride(%s) : !tile.ptr<f32> -> !tile.desc<4xf16>
  return
}

// -----

func.func @desc_load(%d: !tile.desc<4x4xf32>, %i: i32) {
  // expected-error @+1 {{'tile.desc_load' op expects 2 indices, found 1}}
  %x = tile.desc_load %d[%i] : !tile.desc<4x4xf32> -> tensor<4x4xf32>
  return
}

// -----

func.func @desc_store(%d: !tile.desc<4x4xf32>, %i: i32, %x: tensor<4x2xf32>) {
  // expected-error @+1 {{'tile.desc_store' op expects a tile of type 'tensor<4x4xf32>', found 'tensor<4x2xf32>'}}
  tile.desc_store %d[%i, %i], %x : !tile.desc<4x4xf32>, tensor<4x2xf32>
  return
}

// -----

func.func @desc_reduce(%d: !tile.desc<4x4xf32>, %i: i32, %x: tensor<4x4xi32>) {
  // expected-error @+1 {{'tile.desc_reduce' op expects a tile of type 'tensor<4x4xf32>', found 'tensor<4x4xi32>'}}
  tile.desc_reduce add %d[%i, %i], %x : !tile.desc<4x4xf32>, tensor<4x4xi32>
  return
}

// -----

func.func @desc_gather(%d: !tile.desc<2x4xf32>, %r: tensor<4xi32>, %y: i32) {
  // expected-error @+1 {{'tile.desc_gather' op expects a descriptor of blocks 1xN, found '!tile.desc<2x4xf32>'}}
  %x = tile.desc_gather %d[%r, %y] : !tile.desc<2x4xf32>, tensor<4xi32> -> tensor<4x4xf32>
  return
}

// -----

func.func @desc_gather(%d: !tile.desc<1x4xf32>, %r: tensor<4xf32>, %y: i32) {
  // expected-error @+1 {{'tile.desc_gather' op expects a 1-D integer tensor of rows, found 'tensor<4xf32>'}}
  %x = tile.desc_gather %d[%r, %y] : !tile.desc<1x4xf32>, tensor<4xf32> -> tensor<4x4xf32>
  return
}

// -----

func.func @desc_scatter(%d: !tile.desc<1x4xf32>, %r: tensor<8xi32>, %y: i32, %x: tensor<4x4xf32>) {
  // expected-error @+1 {{'tile.desc_scatter' op expects a tile of type 'tensor<8x4xf32>', found 'tensor<4x4xf32>'}}
  tile.desc_scatter %d[%r, %y], %x : !tile.desc<1x4xf32>, tensor<8xi32>, tensor<4x4xf32>
  return
}

// -----

func.func @atomic_rmw(%p: !tile.ptr<i32>, %v: i64) {
  // expected-error @+1 {{'tile.atomic_rmw' op expects a value of type 'i32', found 'i64'}}
  %old = tile.atomic_rmw add relaxed gpu %p, %v : !tile.ptr<i32>, i64 -> i32
  return
}

// -----

func.func @atomic_rmw(%p: !tile.ptr<f32>, %v: f32) {
  // expected-error @+1 {{'tile.atomic_rmw' op add expects integers, found 'f32'}}
  %old = tile.atomic_rmw add relaxed gpu %p, %v : !tile.ptr<f32>, f32 -> f32
  return
}

// -----

func.func @atomic_rmw(%p: !tile.ptr<i32>, %v: i32) {
  // expected-error @+1 {{'tile.atomic_rmw' op fmax expects floats, found 'i32'}}
  %old = tile.atomic_rmw fmax relaxed gpu %p, %v : !tile.ptr<i32>, i32 -> i32
  return
}

// -----

func.func @atomic_cas(%p: !tile.ptr<i32>, %v: i32) {
  // expected-error @+1 {{'tile.atomic_cas' op expects a result of type 'i32', found 'i1'}}
  %old = tile.atomic_cas acq_rel gpu %p, %v, %v : !tile.ptr<i32>, i32 -> i1
  return
}

// -----

func.func @atomic_poll(%p: !tile.ptr<i32>, %v: i64) {
  // expected-error @+1 {{'tile.atomic_poll' op expects an expected value of type 'i32', found 'i64'}}
  %ok = tile.atomic_poll acquire gpu %p, %v : !tile.ptr<i32>, i64
  return
}
