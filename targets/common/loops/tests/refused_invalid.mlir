// RUN: tegula-opt %s --split-input-file --verify-diagnostics --tegula-lower-to-loops

// expected-error @+1 {{expected structured control flow, found branches}}
func.func @branches(%c: i1) {
  cf.cond_br %c, ^a, ^b
^a:
  cf.br ^b
^b:
  return
}
// -----
// expected-error @+1 {{an argument of type 'index' has no slot}}
func.func @argument(%n: index) {
  return
}
// -----
// expected-error @+1 {{an argument of type 'tensor<4xf32>' has no slot}}
func.func @tile_argument(%t: tensor<4xf32>) {
  return
}
// -----
func.func @descriptor(%p: !tile.ptr<f32>, %n: i32) {
  %c1 = arith.constant 1 : i64
  // expected-error @+1 {{'tile.make_desc' cannot be compiled for a machine of pass options yet}}
  %d = tile.make_desc %p shape(%n) stride(%c1) : !tile.ptr<f32> -> !tile.desc<16xf32>
  return
}
// -----
func.func @switch(%p: !tile.ptr<f32>, %n: i32) {
  %k = arith.index_cast %n : i32 to index
  // expected-error @+1 {{'scf.index_switch' cannot be compiled for a machine of pass options yet}}
  scf.index_switch %k
  case 0 {
    scf.yield
  }
  default {
  }
  return
}
// -----
func.func @foreign(%p: !tile.ptr<f32>) {
  %c0 = arith.constant 0 : i64
  %c1 = arith.constant 1 : i64
  %c16 = arith.constant 16 : i64
  // expected-error @+1 {{tile value is not available in its consumer}}
  %t = tensor.empty() : tensor<16xf32>
  tile.store_box %p, %t start(%c0) stride(%c1) lower(%c0) upper(%c16)
    : !tile.ptr<f32>, tensor<16xf32>
  return
}
// -----
func.func @unknown_function(%p: !tile.ptr<f32>) {
  %c0 = arith.constant 0 : i64
  %c1 = arith.constant 1 : i64
  %c16 = arith.constant 16 : i64
  %v = tile.load_box %p start(%c0) stride(%c1) lower(%c0) upper(%c16)
    : !tile.ptr<f32> -> tensor<16xf32>
  // expected-error @+1 {{unknown math function 'frobnicate'}}
  %t = tile.extern_math "frobnicate"(%v) : (tensor<16xf32>) -> tensor<16xf32>
  tile.store_box %p, %t start(%c0) stride(%c1) lower(%c0) upper(%c16)
    : !tile.ptr<f32>, tensor<16xf32>
  return
}
