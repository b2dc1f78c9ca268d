//===- Random.h - NumPy's random numbers, bit by bit ------------*- C++ -*-===//
//
// Part of the Tegula Project, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// `numpy.random.default_rng(seed)`: PCG64 (XSL-RR, 128 bits of state) seeded
// through SeedSequence. A fill gives the very bits of NumPy's call with that
// dtype, so that a Python script can make the same arrays:
//
//   fillUniform(rng, f32)      rng.random(n, dtype=np.float32)
//   fillNormal(rng, f64)       rng.standard_normal(n)
//   fillIntegers(rng, i8, l, h)  rng.integers(l, h, n, dtype=np.int8)
//
// f16, bf16 and the 8-bit floats, which NumPy doesn't draw, are f32 numbers
// rounded to nearest even.
//
//===----------------------------------------------------------------------===//

#ifndef TEGULA_RUNTIME_ARRAYS_RANDOM_H
#define TEGULA_RUNTIME_ARRAYS_RANDOM_H

#include "runtime/arrays/Dtype.h"
#include <cstddef>

namespace tegula::runtime {

class Random {
public:
  explicit Random(uint64_t seed);

  uint64_t next64();
  /// The low half of a 64-bit number, then its high half.
  uint32_t next32();

private:
  unsigned __int128 state = 0, increment = 0;
  uint32_t half = 0;
  bool hasHalf = false;
};

/// Uniform in [0, 1); `dtype` is a float.
void fillUniform(Random &random, tegula_dtype dtype, void *elements,
                 size_t count);

/// Normal with mean 0 and variance 1; `dtype` is a float.
void fillNormal(Random &random, tegula_dtype dtype, void *elements,
                size_t count);

/// Integers in [low, high), which the dtype must hold; needs low < high. Floats
/// get the numbers of i64. `high` of u64 above 2^63 can't be said.
void fillIntegers(Random &random, tegula_dtype dtype, int64_t low, int64_t high,
                  void *elements, size_t count);

} // namespace tegula::runtime

#endif // TEGULA_RUNTIME_ARRAYS_RANDOM_H
