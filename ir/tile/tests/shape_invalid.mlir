// RUN: tegula-opt %s -split-input-file -verify-diagnostics

func.func @range() {
  // expected-error @+1 {{'tile.range' op expects start < end, found 5 to -5}}
  %r = tile.range 5 to -5 : tensor<10xi32>
  return
}

// -----

func.func @range() {
  // expected-error @+1 {{'tile.range' op expects a result of type 'tensor<4xi32>', found 'tensor<5xi32>'}}
  %r = tile.range 0 to 4 : tensor<5xi32>
  return
}

// -----

func.func @splat(%s: f32) {
  // expected-error @+1 {{'tile.splat' op expects a scalar of type 'f16', found 'f32'}}
  %t = tile.splat %s : f32 -> tensor<4xf16>
  return
}

// -----

func.func @splat(%s: f32) {
  // expected-error @+1 {{'tile.splat' op result #0 must be statically shaped tensor of any type values, but got 'tensor<?xf32>'}}
  %t = tile.splat %s : f32 -> tensor<?xf32>
  return
}

// -----

func.func @unsplat(%t: tensor<2xf32>) {
  // expected-error @+1 {{'tile.unsplat' op expects a tensor of one element, found 'tensor<2xf32>'}}
  %s = tile.unsplat %t : tensor<2xf32> -> f32
  return
}

// -----

func.func @unsplat(%t: tensor<1xf32>) {
  // expected-error @+1 {{'tile.unsplat' op expects a result of type 'f32', found 'f64'}}
  %s = tile.unsplat %t : tensor<1xf32> -> f64
  return
}

// -----

func.func @broadcast(%t: tensor<2x4xf32>) {
  // expected-error @+1 {{'tile.broadcast' op expects dimension 0 to be 1 or 8, found 2}}
  %s = tile.broadcast %t : tensor<2x4xf32> -> tensor<8x4xf32>
  return
}

// -----

func.func @broadcast(%t: tensor<4xf32>) {
  // expected-error @+1 {{'tile.broadcast' op expects source and result of the same rank, found 'tensor<4xf32>' and 'tensor<8x4xf32>'}}
  %s = tile.broadcast %t : tensor<4xf32> -> tensor<8x4xf32>
  return
}

// -----

func.func @broadcast(%t: tensor<1xf32>) {
  // expected-error @+1 {{'tile.broadcast' op requires the same element type for all operands and results}}
  %s = tile.broadcast %t : tensor<1xf32> -> tensor<8xf16>
  return
}

// -----

func.func @expand_dims(%t: tensor<4xf32>) {
  // expected-error @+1 {{'tile.expand_dims' op expects an axis in [0, 1], found 2}}
  %s = tile.expand_dims %t axis 2 : tensor<4xf32> -> tensor<4x1xf32>
  return
}

// -----

func.func @expand_dims(%t: tensor<4xf32>) {
  // expected-error @+1 {{'tile.expand_dims' op expects an axis in [0, 1], found -1}}
  %s = tile.expand_dims %t axis -1 : tensor<4xf32> -> tensor<4x1xf32>
  return
}

// -----

func.func @expand_dims(%t: tensor<4xf32>) {
  // expected-error @+1 {{'tile.expand_dims' op expects a result of type 'tensor<1x4xf32>', found 'tensor<4x1xf32>'}}
  %s = tile.expand_dims %t axis 0 : tensor<4xf32> -> tensor<4x1xf32>
  return
}

// -----

func.func @reshape(%t: tensor<4xf32>) {
  // expected-error @+1 {{'tile.reshape' op expects as many elements as its source has (4), found 6 in 'tensor<2x3xf32>'}}
  %s = tile.reshape %t : tensor<4xf32> -> tensor<2x3xf32>
  return
}

// -----

func.func @trans(%t: tensor<4x2xf32>) {
  // expected-error @+1 {{'tile.trans' op expects an order of 2 dimensions, found 1}}
  %s = tile.trans %t [0] : tensor<4x2xf32> -> tensor<4x2xf32>
  return
}

// -----

func.func @trans(%t: tensor<4x2xf32>) {
  // expected-error @+1 {{'tile.trans' op expects a permutation of the dimensions; 1 is out of range or stands twice}}
  %s = tile.trans %t [1, 1] : tensor<4x2xf32> -> tensor<2x2xf32>
  return
}

// -----

func.func @trans(%t: tensor<4x2xf32>) {
  // expected-error @+1 {{'tile.trans' op expects a result of type 'tensor<2x4xf32>', found 'tensor<4x2xf32>'}}
  %s = tile.trans %t [1, 0] : tensor<4x2xf32> -> tensor<4x2xf32>
  return
}

// -----

func.func @join(%a: tensor<4xf32>, %b: tensor<4xf16>) {
  // expected-error @+1 {{'tile.join' op expects a right operand of type 'tensor<4xf32>', found 'tensor<4xf16>'}}
  %s = tile.join %a, %b : tensor<4xf32>, tensor<4xf16> -> tensor<4x2xf32>
  return
}

// -----

func.func @join(%a: tensor<4xf32>) {
  // expected-error @+1 {{'tile.join' op expects a result of type 'tensor<4x2xf32>', found 'tensor<2x4xf32>'}}
  %s = tile.join %a, %a : tensor<4xf32>, tensor<4xf32> -> tensor<2x4xf32>
  return
}

// -----

func.func @split(%a: tensor<4x3xf32>) {
  // expected-error @+1 {{'tile.split' op expects a source of type 'tensor<4x2xf32>', found 'tensor<4x3xf32>'}}
  %s, %t = tile.split %a : tensor<4x3xf32> -> tensor<4xf32>, tensor<4xf32>
  return
}

// -----

func.func @split(%a: tensor<4x2xf32>) {
  // expected-error @+1 {{'tile.split' op expects a second result of type 'tensor<4xf32>', found 'f32'}}
  %s, %t = tile.split %a : tensor<4x2xf32> -> tensor<4xf32>, f32
  return
}

// -----

func.func @cat(%a: tensor<4x2xf32>, %b: tensor<4x3xf32>) {
  // expected-error @+1 {{'tile.cat' op expects operands that differ in the first dimension alone, found 'tensor<4x2xf32>' and 'tensor<4x3xf32>'}}
  %s = tile.cat %a, %b : tensor<4x2xf32>, tensor<4x3xf32> -> tensor<8x2xf32>
  return
}

// -----

func.func @cat(%a: tensor<4xf32>) {
  // expected-error @+1 {{'tile.cat' op expects a result of type 'tensor<8xf32>', found 'tensor<4xf32>'}}
  %s = tile.cat %a, %a : tensor<4xf32>, tensor<4xf32> -> tensor<4xf32>
  return
}

// -----

func.func @ptr_add(%p: tensor<4x!tile.ptr<f32>>, %i: tensor<5xi32>) {
  // expected-error @+1 {{'tile.ptr_add' op expects an offset of the shape of 'tensor<4x!tile.ptr<f32>>', found 'tensor<5xi32>'}}
  %q = tile.ptr_add %p, %i : tensor<4x!tile.ptr<f32>>, tensor<5xi32>
  return
}

// -----

func.func @ptr_add(%p: !tile.ptr<f32>, %i: f32) {
  // expected-error @+1 {{'tile.ptr_add' op operand #1 must be integer or tensor of integers, but got 'f32'}}
  %q = tile.ptr_add %p, %i : !tile.ptr<f32>, f32
  return
}

// -----

func.func @ptr_add(%p: i64, %i: i32) {
  // expected-error @+1 {{'tile.ptr_add' op operand #0 must be pointer or tensor of pointers, but got 'i64'}}
  %q = tile.ptr_add %p, %i : i64, i32
  return
}

// -----

func.func @ptr_cast(%p: !tile.ptr<f32>) {
  // expected-error @+1 {{'tile.ptr_cast' op expects a pointer as its result, found 'i64'}}
  %q = tile.ptr_cast %p : !tile.ptr<f32> -> i64
  return
}

// -----

func.func @int_to_ptr(%i: i32) {
  // expected-error @+1 {{'tile.int_to_ptr' op expects an i64 and a pointer, found 'i32' and '!tile.ptr<f32>'}}
  %q = tile.int_to_ptr %i : i32 -> !tile.ptr<f32>
  return
}

// -----

func.func @ptr_to_int(%p: !tile.ptr<f32>) {
  // expected-error @+1 {{'tile.ptr_to_int' op expects an i64 result, found 'i32'}}
  %q = tile.ptr_to_int %p : !tile.ptr<f32> -> i32
  return
}

// -----

func.func @ptr_to_int(%p: tensor<4x!tile.ptr<f32>>) {
  // expected-error @+1 {{'tile.ptr_to_int' op expects a result of the shape of 'tensor<4x!tile.ptr<f32>>', found 'i64'}}
  %q = tile.ptr_to_int %p : tensor<4x!tile.ptr<f32>> -> i64
  return
}

// -----

// expected-error @+1 {{expected an integer, a float or a !tile.ptr, found 'index'}}
func.func private @pointee(!tile.ptr<index>)

// -----

// expected-error @+1 {{expected positive block sizes, found 0}}
func.func private @block(!tile.desc<4x0xf32>)

// -----

func.func @program_id() {
  // expected-error @+1 {{'tile.program_id' op result #0 must be 32-bit signless integer, but got 'i64'}}
  %p = tile.program_id x : i64
  return
}

// -----

func.func @num_programs() {
  // expected-error @+1 {{'tile.num_programs' op result #0 must be 32-bit signless integer, but got 'i16'}}
  %p = tile.num_programs z : i16
  return
}
