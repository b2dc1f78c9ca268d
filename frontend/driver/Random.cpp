//===- Random.cpp - NumPy's random numbers, bit by bit -===//
//
// Part of the Tegula Project, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "frontend/driver/Random.h"
#include <array>
#include <cmath>

namespace tegula::frontend {

namespace {

/// NumPy's SeedSequence for one integer: hashes the seed into a pool of four
/// words and the pool into the state of the generator.
class SeedSequence {
public:
  explicit SeedSequence(uint64_t seed) {
    std::array<uint32_t, 4> entropy = {uint32_t(seed), uint32_t(seed >> 32), 0,
                                       0};
    for (size_t i = 0; i < 4; ++i)
      pool[i] = hash(entropy[i]);
    for (size_t from = 0; from < 4; ++from)
      for (size_t to = 0; to < 4; ++to)
        if (from != to)
          pool[to] = mix(pool[to], hash(pool[from]));
  }

  std::array<uint64_t, 4> state() const {
    std::array<uint32_t, 8> words;
    uint32_t constant = 0x8b51f9dd;
    for (size_t i = 0; i < 8; ++i) {
      uint32_t value = pool[i % 4] ^ constant;
      constant *= 0x58f38ded;
      value *= constant;
      words[i] = value ^ (value >> 16);
    }
    std::array<uint64_t, 4> result;
    for (size_t i = 0; i < 4; ++i)
      result[i] = words[2 * i] | uint64_t(words[2 * i + 1]) << 32;
    return result;
  }

private:
  uint32_t hash(uint32_t value) {
    value ^= constant;
    constant *= 0x931e8875;
    value *= constant;
    return value ^ (value >> 16);
  }
  static uint32_t mix(uint32_t x, uint32_t y) {
    uint32_t result = 0xca01f9dd * x - 0x4973f715 * y;
    return result ^ (result >> 16);
  }

  uint32_t constant = 0x43b0d7e5;
  std::array<uint32_t, 4> pool;
};

constexpr double kTail = 3.6541528853610088;
constexpr double kLayerArea = 0.0049286732339746519;

/// The 256 layers of the Ziggurat for the normal distribution. The order of the
/// operations is the one that gives NumPy's tables to the last bit.
struct Ziggurat {
  std::array<uint64_t, 256> threshold;
  std::array<double, 256> width, height;

  Ziggurat() {
    const double scale = 0x1p52;
    double above = kTail;
    width[255] = above / scale;
    height[255] = std::exp(-0.5 * above * above);
    threshold[0] = uint64_t(above * height[255] / kLayerArea * scale);
    threshold[1] = 0;
    width[0] = kLayerArea / height[255] / scale;
    height[0] = 1;
    for (int i = 254; i >= 1; --i) {
      double edge =
          std::sqrt(-2 * std::log(kLayerArea / above + height[i + 1]));
      threshold[i + 1] = uint64_t(edge / above * scale);
      width[i] = edge / scale;
      height[i] = std::exp(-0.5 * edge * edge);
      // The one place where the exp that made NumPy's tables was not exact.
      if (i == 38)
        height[i] = std::nextafter(height[i], 1.0);
      above = edge;
    }
  }
};

const Ziggurat &ziggurat() {
  static const Ziggurat tables;
  return tables;
}

} // namespace

Random::Random(uint64_t seed) {
  std::array<uint64_t, 4> words = SeedSequence(seed).state();
  auto wide = [](uint64_t high, uint64_t low) {
    return (unsigned __int128)(high) << 64 | low;
  };
  increment = wide(words[2], words[3]) << 1 | 1;
  next64();
  state += wide(words[0], words[1]);
  next64();
}

uint64_t Random::next64() {
  const unsigned __int128 multiplier =
      (unsigned __int128)(0x2360ED051FC65DA4) << 64 | 0x4385DF649FCCF645;
  state = state * multiplier + increment;
  uint64_t folded = uint64_t(state >> 64) ^ uint64_t(state);
  unsigned turn = unsigned(state >> 122);
  return folded >> turn | folded << (-turn & 63);
}

uint32_t Random::next32() {
  if (half) {
    uint32_t result = *half;
    half.reset();
    return result;
  }
  uint64_t whole = next64();
  half = uint32_t(whole >> 32);
  return uint32_t(whole);
}

double Random::normal() {
  const Ziggurat &tables = ziggurat();
  while (true) {
    uint64_t bits = next64();
    size_t layer = bits & 0xff;
    bool negative = bits >> 8 & 1;
    uint64_t place = bits >> 9 & 0x000fffffffffffff;
    double x = place * tables.width[layer];
    if (negative)
      x = -x;
    if (place < tables.threshold[layer])
      return x;
    if (layer != 0) {
      double low = tables.height[layer], high = tables.height[layer - 1];
      if ((high - low) * uniform() + low < std::exp(-0.5 * x * x))
        return x;
      continue;
    }
    while (true) {
      double far = -0.27366123732975827203338247596 * std::log1p(-uniform());
      double y = -std::log1p(-uniform());
      if (y + y > far * far)
        return place >> 8 & 1 ? -(kTail + far) : kTail + far;
    }
  }
}

/// Lemire's method: a number in [0, range], without a division in most cases.
uint64_t Random::below32(uint32_t range) {
  if (range == UINT32_MAX)
    return next32();
  uint32_t count = range + 1;
  uint64_t product = uint64_t(next32()) * count;
  if (uint32_t(product) < count) {
    uint32_t reject = (UINT32_MAX - range) % count;
    while (uint32_t(product) < reject)
      product = uint64_t(next32()) * count;
  }
  return product >> 32;
}

uint64_t Random::below64(uint64_t range) {
  if (range == UINT64_MAX)
    return next64();
  uint64_t count = range + 1;
  unsigned __int128 product = (unsigned __int128)(next64()) * count;
  if (uint64_t(product) < count) {
    uint64_t reject = (UINT64_MAX - range) % count;
    while (uint64_t(product) < reject)
      product = (unsigned __int128)(next64()) * count;
  }
  return uint64_t(product >> 64);
}

int64_t Random::integer(int64_t low, int64_t high) {
  uint64_t range = uint64_t(high) - uint64_t(low) - 1;
  if (range == 0)
    return low;
  uint64_t offset =
      range <= UINT32_MAX ? below32(uint32_t(range)) : below64(range);
  return int64_t(uint64_t(low) + offset);
}

} // namespace tegula::frontend
