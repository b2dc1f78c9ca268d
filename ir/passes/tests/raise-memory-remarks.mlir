// RUN: tegula-opt %s --tegula-raise-memory=remarks=true --verify-diagnostics --split-input-file

func.func @scalar(%x: !tile.ptr<f32>) -> f32 {
  // expected-remark@+1 {{load is of tier scalar}}
  %v = tile.load %x : !tile.ptr<f32>
  return %v : f32
}

// -----

func.func @gather(%x: tensor<2x2x!tile.ptr<f32>>) -> tensor<2x2xf32> {
  // expected-remark@+1 {{load is of tier gather; a value carried by func.func at}}
  %v = tile.load %x : tensor<2x2x!tile.ptr<f32>>
  return %v : tensor<2x2xf32>
}
