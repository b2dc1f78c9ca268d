// RUN: tegula-opt %s -split-input-file -verify-diagnostics

func.func @fp_convert(%x: tensor<4xf32>) {
  // expected-error @+1 {{'tile.fp_convert' op expects source and result of one shape, found 'tensor<4xf32>' and 'tensor<5xf16>'}}
  %y = tile.fp_convert %x rtne : tensor<4xf32> -> tensor<5xf16>
  return
}

// -----

func.func @fp_convert(%x: i32) {
  // expected-error @+1 {{'tile.fp_convert' op operand #0 must be float or tensor of floats, but got 'i32'}}
  %y = tile.fp_convert %x rtne : i32 -> f16
  return
}

// -----

func.func @extern_math(%x: tensor<4xf32>, %s: f32) {
  // expected-error @+1 {{'tile.extern_math' op expects operands of the result's shape ('tensor<4xf32>'), found 'f32'}}
  %y = tile.extern_math "pow"(%x, %s) : (tensor<4xf32>, f32) -> tensor<4xf32>
  return
}

// -----

func.func @extern_math() {
  // expected-error @+1 {{'tile.extern_math' op expects at least one operand}}
  %y = tile.extern_math "pow"() : () -> tensor<4xf32>
  return
}

// -----

func.func @map_elementwise(%x: tensor<4xf32>, %y: tensor<5xf32>) {
  // expected-error @+1 {{'tile.map_elementwise' op expects operands and results of one shape}}
  %z = tile.map_elementwise %x, %y pack 1 : (tensor<4xf32>, tensor<5xf32>) -> tensor<4xf32> {
  ^bb0(%a: f32, %b: f32):
    tile.yield %a : f32
  }
  return
}

// -----

func.func @map_elementwise(%x: tensor<4xf32>) {
  // expected-error @+1 {{'tile.map_elementwise' op expects a pack that divides the 4 elements, found 3}}
  %z = tile.map_elementwise %x pack 3 : (tensor<4xf32>) -> tensor<4xf32> {
  ^bb0(%a: f32, %b: f32, %c: f32):
    tile.yield %a, %b, %c : f32, f32, f32
  }
  return
}

// -----

func.func @map_elementwise(%x: tensor<4xf32>) {
  // expected-error @+1 {{'tile.map_elementwise' op expects a region with arguments ('f32', 'f32'), found ('f32')}}
  %z = tile.map_elementwise %x pack 2 : (tensor<4xf32>) -> tensor<4xf32> {
  ^bb0(%a: f32):
    tile.yield %a, %a : f32, f32
  }
  return
}

// -----

func.func @map_elementwise(%x: tensor<4xf32>) {
  %z = tile.map_elementwise %x pack 2 : (tensor<4xf32>) -> tensor<4xf32> {
  ^bb0(%a: f32, %b: f32):
    // expected-error @+1 {{'tile.yield' op expects values of types ('f32', 'f32'), found ('f32')}}
    tile.yield %a : f32
  }
  return
}

// -----

func.func @reduce(%x: tensor<4x8xf32>) {
  // expected-error @+1 {{'tile.reduce' op expects an axis in [0, 2), found 2}}
  %z = tile.reduce %x axis 2 : (tensor<4x8xf32>) -> tensor<4xf32> {
  ^bb0(%a: f32, %b: f32):
    tile.yield %a : f32
  }
  return
}

// -----

func.func @reduce(%x: tensor<4x8xf32>) {
  // expected-error @+1 {{'tile.reduce' op expects a result of type 'tensor<8xf32>', found 'tensor<4xf32>'}}
  %z = tile.reduce %x axis 0 : (tensor<4x8xf32>) -> tensor<4xf32> {
  ^bb0(%a: f32, %b: f32):
    tile.yield %a : f32
  }
  return
}

// -----

func.func @reduce(%x: tensor<4xf32>) {
  // expected-error @+1 {{'tile.reduce' op expects a region with arguments ('f32', 'f32'), found ('f32', 'i32')}}
  %z = tile.reduce %x axis 0 : (tensor<4xf32>) -> f32 {
  ^bb0(%a: f32, %b: i32):
    tile.yield %a : f32
  }
  return
}

// -----

func.func @reduce(%x: tensor<4xf32>, %y: tensor<5xf32>) {
  // expected-error @+1 {{'tile.reduce' op expects operands of one shape, found 'tensor<4xf32>' and 'tensor<5xf32>'}}
  %z:2 = tile.reduce %x, %y axis 0 : (tensor<4xf32>, tensor<5xf32>) -> (f32, f32) {
  ^bb0(%a: f32, %b: f32, %c: f32, %d: f32):
    tile.yield %a, %b : f32, f32
  }
  return
}

// -----

func.func @reduce(%x: tensor<4xf32>) {
  // expected-error @+1 {{'tile.reduce' op expects as many results as operands (1), found 2}}
  %z:2 = tile.reduce %x axis 0 : (tensor<4xf32>) -> (f32, f32) {
  ^bb0(%a: f32, %b: f32):
    tile.yield %a, %b : f32, f32
  }
  return
}

// -----

func.func @scan(%x: tensor<4xf32>) {
  // expected-error @+1 {{'tile.scan' op expects a result of type 'tensor<4xf32>', found 'tensor<5xf32>'}}
  %z = tile.scan %x axis 0 : (tensor<4xf32>) -> tensor<5xf32> {
  ^bb0(%a: f32, %b: f32):
    tile.yield %a : f32
  }
  return
}

// -----

func.func @scan(%x: tensor<4xf32>) {
  // expected-error @+1 {{'tile.scan' op expects an axis in [0, 1), found -1}}
  %z = tile.scan %x axis -1 : (tensor<4xf32>) -> tensor<4xf32> {
  ^bb0(%a: f32, %b: f32):
    tile.yield %a : f32
  }
  return
}

// -----

func.func @yield(%x: f32) {
  // expected-error @+1 {{'tile.yield' op expects parent op to be one of 'tile.reduce, tile.scan, tile.map_elementwise'}}
  tile.yield %x : f32
}

// -----

func.func @gather(%x: tensor<4xf32>, %i: tensor<4xf32>) {
  // expected-error @+1 {{'tile.gather' op expects integer indices, found 'tensor<4xf32>'}}
  %y = tile.gather %x[%i] axis 0 : tensor<4xf32>, tensor<4xf32> -> tensor<4xf32>
  return
}

// -----

func.func @gather(%x: tensor<4xf32>, %i: tensor<4xi32>) {
  // expected-error @+1 {{'tile.gather' op expects source and indices of one rank and an axis within it, found 'tensor<4xf32>' and 'tensor<4xi32>'}}
  %y = tile.gather %x[%i] axis 1 : tensor<4xf32>, tensor<4xi32> -> tensor<4xf32>
  return
}

// -----

func.func @gather(%x: tensor<4x8xf32>, %i: tensor<5x8xi32>) {
  // expected-error @+1 {{'tile.gather' op expects source and indices to differ along the axis alone, found 'tensor<4x8xf32>' and 'tensor<5x8xi32>'}}
  %y = tile.gather %x[%i] axis 1 : tensor<4x8xf32>, tensor<5x8xi32> -> tensor<5x8xf32>
  return
}

// -----

func.func @gather(%x: tensor<4xf32>, %i: tensor<5xi32>) {
  // expected-error @+1 {{'tile.gather' op expects a result of type 'tensor<5xf32>', found 'tensor<4xf32>'}}
  %y = tile.gather %x[%i] axis 0 : tensor<4xf32>, tensor<5xi32> -> tensor<4xf32>
  return
}

// -----

func.func @histogram(%x: tensor<4xf32>) {
  // expected-error @+1 {{'tile.histogram' op expects integers and a 1-D integer result, found 'tensor<4xf32>' and 'tensor<8xi32>'}}
  %y = tile.histogram %x : tensor<4xf32> -> tensor<8xi32>
  return
}

// -----

func.func @histogram(%x: tensor<4xi32>, %m: tensor<5xi1>) {
  // expected-error @+1 {{'tile.histogram' op expects an i1 mask of the source's shape, found 'tensor<5xi1>'}}
  %y = tile.histogram %x mask %m : tensor<5xi1> : tensor<4xi32> -> tensor<8xi32>
  return
}

// -----

func.func @dot(%a: tensor<4x8xf32>, %b: tensor<4x8xf32>, %c: tensor<4x8xf32>) {
  // expected-error @+1 {{'tile.dot' op expects MxK, KxN and MxN, found 'tensor<4x8xf32>', 'tensor<4x8xf32>' and 'tensor<4x8xf32>'}}
  %d = tile.dot %a, %b, %c : tensor<4x8xf32>, tensor<4x8xf32> -> tensor<4x8xf32>
  return
}

// -----

func.func @dot(%a: tensor<4x4xi8>, %b: tensor<4x4xi8>, %c: tensor<4x4xf32>) {
  // expected-error @+1 {{'tile.dot' op expects three integer or three float operands, found 'tensor<4x4xi8>', 'tensor<4x4xi8>' and 'tensor<4x4xf32>'}}
  %d = tile.dot %a, %b, %c : tensor<4x4xi8>, tensor<4x4xi8> -> tensor<4x4xf32>
  return
}

// -----

func.func @dot(%a: tensor<4xf32>, %b: tensor<4xf32>, %c: tensor<4xf32>) {
  // expected-error @+1 {{'tile.dot' op expects three operands of rank 2, or of rank 3, found 'tensor<4xf32>', 'tensor<4xf32>' and 'tensor<4xf32>'}}
  %d = tile.dot %a, %b, %c : tensor<4xf32>, tensor<4xf32> -> tensor<4xf32>
  return
}

// -----

func.func @dot_scaled(%a: tensor<4x32xi8>, %b: tensor<32x4xi8>, %c: tensor<4x4xf32>) {
  // expected-error @+1 {{'tile.dot_scaled' op expects MxK, KxN and MxN, found 'tensor<4x32xi8>', 'tensor<32x4xi8>' and 'tensor<4x4xf32>'}}
  %d = tile.dot_scaled %a, %b, %c e2m1 e4m3
         : tensor<4x32xi8>, tensor<32x4xi8>, tensor<4x4xf32> -> tensor<4x4xf32>
  return
}

// -----

func.func @assert(%x: tensor<4xi32>) {
  // expected-error @+1 {{'tile.assert' op operand #0 must be i1 or tensor of i1, but got 'tensor<4xi32>'}}
  tile.assert %x, "no" : tensor<4xi32>
  return
}

// -----

func.func @print(%x: i32) {
  // expected-error @+1 {{'tile.print' op expects one is_signed entry for each argument (1), found 2}}
  tile.print "x"(%x) {is_signed = array<i32: 1, 0>} : i32
  return
}
