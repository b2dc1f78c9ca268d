// RUN: tegula-opt %s --tegula-verify-raised --verify-diagnostics --split-input-file

func.func private @f(i32) -> i32
func.func @call(%x: i32) -> i32 {
  // expected-error@+1 {{is a call that could not be inlined}}
  %y = func.call @f(%x) : (i32) -> i32
  return %y : i32
}

// -----

func.func @select(%c: tensor<4xi1>, %p: tensor<4x!tile.ptr<f32>>, %q: tensor<4x!tile.ptr<f32>>) {
  // expected-error@+1 {{gives a tensor of pointers; expected a base and offsets}}
  %r = arith.select %c, %p, %q : tensor<4xi1>, tensor<4x!tile.ptr<f32>>
  return
}

// -----

func.func @tier(%p: !tile.ptr<f32>) {
  // expected-error@+1 {{has no tier}}
  %r = tile.load %p : !tile.ptr<f32>
  return
}

// -----

// expected-error@+1 {{has blocks that branch to each other}}
func.func @blocks() {
  cf.br ^bb1
^bb1:
  return
}

// -----

func.func @desc(%c: i1, %p: !tile.ptr<f32>, %n: i32, %s: i64) {
  // expected-error@+1 {{uses a tensor descriptor in a way that is not supported}}
  %d = tile.make_desc %p shape(%n) stride(%s) : !tile.ptr<f32> -> !tile.desc<8xf32>
  return
}
