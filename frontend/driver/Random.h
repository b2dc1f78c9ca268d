//===- Random.h - NumPy's random numbers, bit by bit -===//
//
// Part of the Tegula Project, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// `numpy.random.default_rng(seed)`: PCG64 (XSL-RR, 128 bits of state) seeded
// through SeedSequence. The command line's rand, randn and randint arrays come
// from here, so that a Python script can make the same ones.
//
//===----------------------------------------------------------------------===//

#ifndef TEGULA_FRONTEND_DRIVER_RANDOM_H
#define TEGULA_FRONTEND_DRIVER_RANDOM_H

#include <cstdint>
#include <optional>

namespace tegula::frontend {

class Random {
public:
  explicit Random(uint64_t seed);
  /// rng.random(): uniform in [0, 1).
  double uniform() { return (next64() >> 11) * 0x1p-53; }
  /// rng.standard_normal().
  double normal();
  /// rng.integers(low, high), high excluded; needs low < high.
  int64_t integer(int64_t low, int64_t high);

private:
  uint64_t next64();
  /// The low half of a 64-bit number, then its high half.
  uint32_t next32();
  uint64_t below32(uint32_t range);
  uint64_t below64(uint64_t range);

  unsigned __int128 state = 0, increment = 0;
  std::optional<uint32_t> half;
};

} // namespace tegula::frontend

#endif // TEGULA_FRONTEND_DRIVER_RANDOM_H
