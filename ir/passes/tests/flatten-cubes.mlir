// RUN: tegula-opt %s --split-input-file --tegula-flatten-cubes --cse --canonicalize | FileCheck %s

// One exchange of a sorting network, as Triton writes it: the neighbour along
// dimension 1 is at the position with bit 1 flipped. The bits of the position say
// which of the two is wanted.
// CHECK-LABEL: func.func @exchange
// CHECK-SAME:    (%[[X:.+]]: tensor<8xf32>)
// CHECK-DAG:   %[[TWO:.+]] = arith.constant dense<2> : tensor<8xi32>
// CHECK-DAG:   %[[I:.+]] = tile.range 0 to 8 : tensor<8xi32>
// CHECK:       %[[FLIPPED:.+]] = arith.xori %[[I]], %[[TWO]]
// CHECK:       %[[Y:.+]] = tile.gather %[[X]][%[[FLIPPED]]] axis 0
// CHECK:       %[[ABOVE:.+]] = arith.cmpf ogt, %[[X]], %[[Y]] : tensor<8xf32>
// CHECK:       %[[SHIFTED:.+]] = arith.shrui %[[I]], %{{.+}} : tensor<8xi32>
// CHECK:       %[[BIT:.+]] = arith.andi %[[SHIFTED]], %{{.+}} : tensor<8xi32>
// CHECK:       %[[RIGHT:.+]] = arith.cmpi ne, %[[BIT]], %{{.+}} : tensor<8xi32>
// CHECK:       %[[SWAP:.+]] = arith.cmpi ne, %[[ABOVE]], %[[RIGHT]]
// CHECK:       %[[R:.+]] = arith.select %[[SWAP]], %[[Y]], %[[X]] : tensor<8xi1>, tensor<8xf32>
// CHECK:       return %[[R]]
func.func @exchange(%x: tensor<8xf32>) -> tensor<8xf32> {
  %zero = arith.constant dense<0> : tensor<1x2x1xi32>
  %h = tile.reshape %x : tensor<8xf32> -> tensor<2x2x2xf32>
  %ix = arith.bitcast %h : tensor<2x2x2xf32> to tensor<2x2x2xi32>
  %s = tile.reduce %ix axis 1 : (tensor<2x2x2xi32>) -> tensor<2x2xi32> {
  ^bb0(%a: i32, %b: i32):
    %c = arith.xori %a, %b : i32
    tile.yield %c : i32
  }
  %e = tile.expand_dims %s axis 1 : tensor<2x2xi32> -> tensor<2x1x2xi32>
  %both = tile.broadcast %e : tensor<2x1x2xi32> -> tensor<2x2x2xi32>
  %iy = arith.xori %ix, %both : tensor<2x2x2xi32>
  %y = arith.bitcast %iy : tensor<2x2x2xi32> to tensor<2x2x2xf32>
  %above = arith.cmpf ogt, %h, %y : tensor<2x2x2xf32>
  %i = tile.range 0 to 2 : tensor<2xi32>
  %j = tile.reshape %i : tensor<2xi32> -> tensor<1x2x1xi32>
  %k = arith.cmpi ne, %j, %zero : tensor<1x2x1xi32>
  %right = tile.broadcast %k : tensor<1x2x1xi1> -> tensor<2x2x2xi1>
  %swap = arith.cmpi ne, %above, %right : tensor<2x2x2xi1>
  %r = arith.select %swap, %y, %h : tensor<2x2x2xi1>, tensor<2x2x2xf32>
  %f = tile.reshape %r : tensor<2x2x2xf32> -> tensor<8xf32>
  return %f : tensor<8xf32>
}
// -----
// The larger of neighbours along a dimension, as topk wants it: a reduction along
// the middle of three dimensions.
// CHECK-LABEL: func.func @larger
// CHECK:       %[[Y:.+]] = tile.gather
// CHECK:       %[[P:.+]] = tile.reshape %[[Y]] : tensor<16xi32> -> tensor<2x2x4xi32>
// CHECK:       %[[M:.+]] = tile.reduce %[[P]] axis 1 : (tensor<2x2x4xi32>) -> tensor<2x4xi32>
// CHECK:       %[[R:.+]] = tile.reshape %[[M]] : tensor<2x4xi32> -> tensor<8xi32>
// CHECK:       return %[[R]]
func.func @larger(%x: tensor<16xi32>) -> tensor<8xi32> {
  %h = tile.reshape %x : tensor<16xi32> -> tensor<2x2x2x2xi32>
  %s = tile.reduce %h axis 3 : (tensor<2x2x2x2xi32>) -> tensor<2x2x2xi32> {
  ^bb0(%a: i32, %b: i32):
    %c = arith.xori %a, %b : i32
    tile.yield %c : i32
  }
  %e = tile.expand_dims %s axis 3 : tensor<2x2x2xi32> -> tensor<2x2x2x1xi32>
  %both = tile.broadcast %e : tensor<2x2x2x1xi32> -> tensor<2x2x2x2xi32>
  %y = arith.xori %h, %both : tensor<2x2x2x2xi32>
  %m = tile.reduce %y axis 1 : (tensor<2x2x2x2xi32>) -> tensor<2x2x2xi32> {
  ^bb0(%a: i32, %b: i32):
    %c = arith.maxsi %a, %b : i32
    tile.yield %c : i32
  }
  %f = tile.reshape %m : tensor<2x2x2xi32> -> tensor<8xi32>
  return %f : tensor<8xi32>
}
// -----
// Cubes without exchanges stay: other kernels shape tiles that way, too.
// CHECK-LABEL: func.func @other
// CHECK:       math.exp {{.*}} : tensor<2x2x2xf32>
func.func @other(%x: tensor<8xf32>) -> tensor<8xf32> {
  %h = tile.reshape %x : tensor<8xf32> -> tensor<2x2x2xf32>
  %t = tile.trans %h [1, 0, 2] : tensor<2x2x2xf32> -> tensor<2x2x2xf32>
  %e = math.exp %t : tensor<2x2x2xf32>
  %f = tile.reshape %e : tensor<2x2x2xf32> -> tensor<8xf32>
  return %f : tensor<8xf32>
}
