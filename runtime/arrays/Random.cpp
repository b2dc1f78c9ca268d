//===- Random.cpp - NumPy's random numbers, bit by bit --------------------===//
//
// Part of the Tegula Project, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "runtime/arrays/Random.h"
#include "runtime/arrays/Ziggurat.h"
#include <array>
#include <cmath>
#include <cstring>

using namespace tegula::runtime;

//===----------------------------------------------------------------------===//
// The generator
//===----------------------------------------------------------------------===//

namespace {

/// NumPy's SeedSequence for one integer: hashes the seed into a pool of four
/// words and the pool into the state of the generator.
class SeedSequence {
public:
  explicit SeedSequence(uint64_t seed) {
    const std::array<uint32_t, 4> entropy = {uint32_t(seed),
                                             uint32_t(seed >> 32), 0, 0};
    for (size_t i = 0; i < 4; ++i)
      pool[i] = hash(entropy[i]);
    for (size_t from = 0; from < 4; ++from)
      for (size_t to = 0; to < 4; ++to)
        if (from != to)
          pool[to] = mix(pool[to], hash(pool[from]));
  }

  std::array<uint64_t, 4> state() const {
    std::array<uint64_t, 4> result = {};
    uint32_t constant = 0x8b51f9dd;
    for (size_t i = 0; i < 8; ++i) {
      uint32_t value = pool[i % 4] ^ constant;
      constant *= 0x58f38ded;
      value *= constant;
      result[i / 2] |= uint64_t(value ^ (value >> 16)) << (32 * (i % 2));
    }
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

} // namespace

Random::Random(uint64_t seed) {
  std::array<uint64_t, 4> words = SeedSequence(seed).state();
  auto wide = [](uint64_t high, uint64_t low) {
    return static_cast<unsigned __int128>(high) << 64 | low;
  };
  increment = wide(words[2], words[3]) << 1 | 1;
  next64();
  state += wide(words[0], words[1]);
  next64();
}

uint64_t Random::next64() {
  constexpr unsigned __int128 multiplier =
      static_cast<unsigned __int128>(0x2360ED051FC65DA4) << 64 |
      0x4385DF649FCCF645;
  state = state * multiplier + increment;
  uint64_t folded = uint64_t(state >> 64) ^ uint64_t(state);
  auto turn = unsigned(state >> 122);
  return folded >> turn | folded << (-turn & 63);
}

uint32_t Random::next32() {
  hasHalf = !hasHalf;
  if (!hasHalf)
    return half;
  uint64_t whole = next64();
  half = uint32_t(whole >> 32);
  return uint32_t(whole);
}

//===----------------------------------------------------------------------===//
// Floats
//===----------------------------------------------------------------------===//

template <typename T> static T uniform(Random &random);
template <> double uniform(Random &random) {
  return static_cast<double>(random.next64() >> 11) * 0x1p-53;
}
template <> float uniform(Random &random) {
  return static_cast<float>(random.next32() >> 8) * 0x1p-24f;
}

template <typename T> static T normal(Random &random) {
  const Ziggurat<T> &tables = Ziggurat<T>::tables();
  using Word = typename Ziggurat<T>::Word;
  constexpr Word placeMask = (Word(1) << Ziggurat<T>::bits) - 1;
  while (true) {
    Word bits = sizeof(T) == 8 ? Word(random.next64()) : Word(random.next32());
    size_t layer = bits & 0xFF;
    Word place = bits >> 9 & placeMask;
    T x = static_cast<T>(place) * tables.width[layer];
    if (bits >> 8 & 1)
      x = -x;
    if (place < tables.threshold[layer])
      return x;
    if (layer != 0) {
      T low = tables.height[layer], high = tables.height[layer - 1];
      // NumPy evaluates the right side in double for both types.
      if ((high - low) * uniform<T>(random) + low <
          std::exp(-0.5 * static_cast<double>(x) * static_cast<double>(x)))
        return x;
      continue;
    }
    // Beyond the last layer: Marsaglia's tail.
    while (true) {
      T far = -Ziggurat<T>::inverseTail * std::log1p(-uniform<T>(random));
      T y = -std::log1p(-uniform<T>(random));
      if (y + y > far * far)
        return place >> 8 & 1 ? -(Ziggurat<T>::tail + far)
                              : Ziggurat<T>::tail + far;
    }
  }
}

template <typename Draw32, typename Draw64>
static void fillFloats(tegula_dtype dtype, void *elements, size_t count,
                       Draw32 draw32, Draw64 draw64) {
  auto *next = static_cast<char *>(elements);
  size_t bytes = dtypeInfo(dtype).bytes;
  for (size_t i = 0; i < count; ++i, next += bytes) {
    if (dtype == TEGULA_F64) {
      double value = draw64();
      memcpy(next, &value, sizeof value);
    } else if (dtype == TEGULA_F32) {
      float value = draw32();
      memcpy(next, &value, sizeof value);
    } else {
      storeFromDouble(next, dtype, static_cast<double>(draw32()));
    }
  }
}

void tegula::runtime::fillUniform(Random &random, tegula_dtype dtype,
                                  void *elements, size_t count) {
  fillFloats(
      dtype, elements, count, [&] { return uniform<float>(random); },
      [&] { return uniform<double>(random); });
}

void tegula::runtime::fillNormal(Random &random, tegula_dtype dtype,
                                 void *elements, size_t count) {
  fillFloats(
      dtype, elements, count, [&] { return normal<float>(random); },
      [&] { return normal<double>(random); });
}

//===----------------------------------------------------------------------===//
// Integers
//===----------------------------------------------------------------------===//

namespace {

/// Words of a narrow type, cut from 32-bit ones from the low end.
template <typename Word> class Cutter {
public:
  explicit Cutter(Random &random) : random(random) {}
  Word operator()() {
    if constexpr (sizeof(Word) == 8)
      return random.next64();
    if constexpr (sizeof(Word) == 4)
      return random.next32();
    buffer = left ? buffer >> (8 * sizeof(Word) % 32) : random.next32();
    left = left ? left - 1 : 4 / sizeof(Word) - 1;
    return static_cast<Word>(buffer);
  }

private:
  Random &random;
  uint32_t buffer = 0;
  size_t left = 0;
};

} // namespace

/// Lemire's method: numbers in [0, range], mostly without a division.
template <typename Word, typename Wide, typename Draw>
static Word below(Draw &draw, Word range) {
  constexpr Word most = ~Word(0);
  constexpr int width = 8 * sizeof(Word);
  if (range == most)
    return draw();
  Word count = static_cast<Word>(range + 1);
  Wide product = static_cast<Wide>(Wide(draw()) * count);
  if (static_cast<Word>(product) < count) {
    Word reject = static_cast<Word>(static_cast<Word>(most - range) % count);
    while (static_cast<Word>(product) < reject)
      product = static_cast<Wide>(Wide(draw()) * count);
  }
  return static_cast<Word>(product >> width);
}

/// `store` gets each offset from `low`.
template <typename Word, typename Wide, typename Store>
static void drawOffsets(Random &random, uint64_t range, size_t count,
                        Store store) {
  Cutter<Word> cutter(random);
  for (size_t i = 0; i < count; ++i)
    store(range ? below<Word, Wide>(cutter, static_cast<Word>(range)) : 0);
}

template <typename Store>
static void drawBits(Random &random, uint64_t range, size_t count,
                     Store store) {
  uint32_t buffer = 0;
  for (size_t i = 0; i < count; ++i) {
    if (range)
      buffer = i % 32 ? buffer >> 1 : random.next32();
    store(buffer & 1);
  }
}

void tegula::runtime::fillIntegers(Random &random, tegula_dtype dtype,
                                   int64_t low, int64_t high, void *elements,
                                   size_t count) {
  const DtypeInfo &info = dtypeInfo(dtype);
  uint64_t range = uint64_t(high) - uint64_t(low) - 1;
  auto *next = static_cast<char *>(elements);
  auto store = [&](uint64_t offset) {
    uint64_t value = uint64_t(low) + offset;
    if (info.kind == DtypeKind::Float)
      storeFromDouble(next, dtype, static_cast<double>(int64_t(value)));
    else
      memcpy(next, &value, info.bytes);
    next += info.bytes;
  };
  if (info.kind == DtypeKind::Bool)
    return drawBits(random, range, count, store);
  size_t bytes = info.kind == DtypeKind::Float ? 8 : info.bytes;
  if (bytes == 1)
    return drawOffsets<uint8_t, uint16_t>(random, range, count, store);
  if (bytes == 2)
    return drawOffsets<uint16_t, uint32_t>(random, range, count, store);
  if (bytes == 4 || range <= UINT32_MAX)
    return drawOffsets<uint32_t, uint64_t>(random, range, count, store);
  drawOffsets<uint64_t, unsigned __int128>(random, range, count, store);
}
