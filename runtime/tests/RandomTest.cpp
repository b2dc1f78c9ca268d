//===- RandomTest.cpp - Tests of the random numbers -----------------------===//
//
// Part of the Tegula Project, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// The checksums are of NumPy's arrays: for instance
// default_rng(42).standard_normal(20000).tobytes(). compare_numpy.py compares
// with the NumPy that is installed.
//
//===----------------------------------------------------------------------===//

#include "runtime/arrays/Random.h"
#include <doctest/doctest.h>
#include <vector>

using namespace tegula::runtime;

static constexpr size_t count = 20000;

static uint64_t fnv1a(const std::vector<unsigned char> &bytes) {
  uint64_t hash = 0xcbf29ce484222325;
  for (unsigned char byte : bytes)
    hash = (hash ^ byte) * 0x100000001b3;
  return hash;
}

template <typename Fill>
static uint64_t hashOf(tegula_dtype dtype, uint64_t seed, Fill fill) {
  std::vector<unsigned char> bytes(count * dtypeInfo(dtype).bytes);
  Random random(seed);
  fill(random, dtype, bytes.data(), count);
  return fnv1a(bytes);
}

TEST_CASE("uniform and normal floats are NumPy's") {
  CHECK(hashOf(TEGULA_F32, 0, fillUniform) == 0xf92de0384ecbbd31);
  CHECK(hashOf(TEGULA_F64, 42, fillUniform) == 0xce47c9e68b1e4e2c);
  CHECK(hashOf(TEGULA_F32, 0, fillNormal) == 0x99233aed7a0c846c);
  CHECK(hashOf(TEGULA_F64, 42, fillNormal) == 0x59a82ec39964b9c4);
  // standard_normal(dtype=float32).astype(float16)
  CHECK(hashOf(TEGULA_F16, 3, fillNormal) == 0x7af03d353b55c6e);
}

TEST_CASE("integers of each width are NumPy's") {
  struct {
    tegula_dtype dtype;
    int64_t low, high;
    uint64_t hash;
  } cases[] = {{TEGULA_I8, -100, 101, 0x9b1f325697748d3},
               {TEGULA_I16, 0, 1000, 0x7260a0f2596be9},
               {TEGULA_I32, -7, 8, 0x6eed9c63f17f943c},
               {TEGULA_I64, 0, int64_t(1) << 40, 0x3a1c0f4eb6fd4f02},
               {TEGULA_U8, 0, 256, 0x28839352b08da62e},
               {TEGULA_I1, 0, 2, 0xd96eeba3ce5b0d41}};
  for (const auto &known : cases) {
    CAPTURE(dtypeInfo(known.dtype).name);
    CHECK(hashOf(known.dtype, 1,
                 [&](Random &random, tegula_dtype dtype, void *to, size_t n) {
                   fillIntegers(random, dtype, known.low, known.high, to, n);
                 }) == known.hash);
  }
}

TEST_CASE("the first numbers, as anyone can check") {
  Random uniforms(0), normals(0), integers(0);
  double values[3];
  fillUniform(uniforms, TEGULA_F64, values, 3);
  CHECK(values[0] == 0.6369616873214543);
  CHECK(values[2] == 0.04097352393619469);
  fillNormal(normals, TEGULA_F64, values, 3);
  CHECK(values[0] == 0.1257302210933933);
  CHECK(values[1] == -0.1321048632913019);
  int64_t numbers[5];
  fillIntegers(integers, TEGULA_I64, 0, 1000, numbers, 5);
  CHECK(numbers[0] == 850);
  CHECK(numbers[4] == 307);
}

TEST_CASE("a range of one number and floats that are integers") {
  Random random(5);
  int16_t ones[100];
  fillIntegers(random, TEGULA_I16, -3, -2, ones, 100);
  for (int16_t value : ones)
    CHECK(value == -3);
  float floats[1000];
  Random again(9);
  fillIntegers(again, TEGULA_F32, -2, 3, floats, 1000);
  bool seen[5] = {};
  for (float value : floats) {
    REQUIRE(value >= -2);
    REQUIRE(value <= 2);
    REQUIRE(value == static_cast<float>(static_cast<int>(value)));
    seen[static_cast<int>(value) + 2] = true;
  }
  for (bool number : seen)
    CHECK(number);
}
