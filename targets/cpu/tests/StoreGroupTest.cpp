//===- StoreGroupTest.cpp - Several stores in one nest --------------------===//
//
// Part of the Tegula Project, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Differential.h"

#include <doctest/doctest.h>
#include <numeric>

using tegula::test::Differential;

namespace {
std::vector<float> numbers(size_t count) {
  std::vector<float> values(count);
  for (size_t i = 0; i < count; ++i)
    values[i] = float(int(i * 37 % 101) - 50) / 16;
  return values;
}
/// %<name>p: pointers to as many elements as %i has from %<base> + %<at> on.
std::string pointers(const std::string &name, const std::string &base,
                     const std::string &element, int size) {
  std::string tensor = "tensor<" + std::to_string(size) + "x",
              pointer = "!tile.ptr<" + element + ">";
  return "%" + name + "q = tile.ptr_add %" + base + ", %" + name + " : " +
         pointer + ", i32\n%" + name + "s = tile.splat %" + name +
         "q : " + pointer + " -> " + tensor + pointer + ">\n%" + name +
         "p = tile.ptr_add %" + name + "s, %i : " + tensor + pointer + ">, " +
         tensor + "i32>\n";
}
} // namespace

TEST_CASE("stores of one nest may overlap what is read and each other") {
  // All four boxes lie in one array, at places that the launch gives.
  std::string text = R"mlir(
func.func @step(%x: !tile.ptr<f32>, %g: i32, %m: i32, %u: i32, %v: i32, %n: i32) {
  %i = tile.range 0 to 256 : tensor<256xi32>
  %ns = tile.splat %n : i32 -> tensor<256xi32>
  %k = arith.cmpi slt, %i, %ns : tensor<256xi32>
)mlir";
  for (const char *name : {"g", "m", "u", "v"})
    text += pointers(name, "x", "f32", 256);
  text += R"mlir(
  %a = tile.load %gp mask %k : tensor<256x!tile.ptr<f32>>
  %b = tile.load %mp mask %k : tensor<256x!tile.ptr<f32>>
  %s = arith.addf %a, %b : tensor<256xf32>
  %d = arith.subf %s, %a : tensor<256xf32>
  %p = arith.mulf %d, %b : tensor<256xf32>
  tile.store %mp, %s mask %k : tensor<256x!tile.ptr<f32>>
  tile.store %up, %d mask %k : tensor<256x!tile.ptr<f32>>
  tile.store %vp, %p mask %k : tensor<256x!tile.ptr<f32>>
  return
})mlir";
  struct Places {
    int32_t g, m, u, v;
  };
  for (Places p : {Places{0, 300, 600, 900}, Places{0, 300, 600, 605},
                   Places{0, 300, 600, 595}, Places{0, 300, 600, 600},
                   Places{0, 300, 5, 900}, Places{20, 300, 600, 0},
                   Places{0, 17, 600, 900}, Places{17, 0, 600, 900},
                   Places{0, 0, 600, 900}, Places{300, 300, 317, 283}})
    for (int32_t n : {256, 100, 1, 0}) {
      CAPTURE(p.g);
      CAPTURE(p.m);
      CAPTURE(p.u);
      CAPTURE(p.v);
      CAPTURE(n);
      Differential(text)
          .array(numbers(1200))
          .scalar(p.g)
          .scalar(p.m)
          .scalar(p.u)
          .scalar(p.v)
          .scalar(n)
          .run<float>();
    }
}

TEST_CASE("stores of one nest of different types") {
  std::string text = R"mlir(
func.func @both(%px: !tile.ptr<f32>, %py: !tile.ptr<i8>, %pz: !tile.ptr<f64>, %n: i32) {
  %i = tile.range 0 to 128 : tensor<128xi32>
  %c128 = arith.constant 128 : i32
  %pid = tile.program_id x : i32
  %x = arith.muli %pid, %c128 : i32
  %y = arith.muli %pid, %c128 : i32
  %z = arith.muli %pid, %c128 : i32
  %at = tile.splat %x : i32 -> tensor<128xi32>
  %place = arith.addi %i, %at : tensor<128xi32>
  %ns = tile.splat %n : i32 -> tensor<128xi32>
  %k = arith.cmpi slt, %place, %ns : tensor<128xi32>
)mlir" + pointers("x", "px", "f32", 128) +
                     pointers("y", "py", "i8", 128) +
                     pointers("z", "pz", "f64", 128) + R"mlir(
  %a = tile.load %xp mask %k : tensor<128x!tile.ptr<f32>>
  %w = arith.extf %a : tensor<128xf32> to tensor<128xf64>
  %j = arith.fptosi %a : tensor<128xf32> to tensor<128xi8>
  tile.store %yp, %j mask %k : tensor<128x!tile.ptr<i8>>
  %h = arith.addf %a, %a : tensor<128xf32>
  tile.store %xp, %h mask %k : tensor<128x!tile.ptr<f32>>
  %q = arith.mulf %w, %w : tensor<128xf64>
  tile.store %zp, %q mask %k : tensor<128x!tile.ptr<f64>>
  return
})mlir";
  for (int32_t n : {128, 1000, 5})
    Differential(text)
        .array(numbers(n))
        .array(std::vector<int8_t>(n, 3))
        .array(std::vector<double>(n, 4))
        .scalar(n)
        .run<double>((n + 127) / 128);
}
