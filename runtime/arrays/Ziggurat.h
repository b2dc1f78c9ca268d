//===- Ziggurat.h - Tables for normal random numbers ------------*- C++ -*-===//
//
// Part of the Tegula Project, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Marsaglia and Tsang's ziggurat: the half bell curve is covered by 255 layers
// of equal area, each a rectangle up to the edge where the curve leaves it, and
// a base layer with the tail. The edges follow from the tail's start and the
// area alone, so the tables are computed, not stored.
//
//===----------------------------------------------------------------------===//

#ifndef TEGULA_RUNTIME_ARRAYS_ZIGGURAT_H
#define TEGULA_RUNTIME_ARRAYS_ZIGGURAT_H

#include <array>
#include <cmath>
#include <cstdint>
#include <type_traits>

namespace tegula::runtime {

template <typename T> struct Ziggurat {
  using Word = std::conditional_t<sizeof(T) == 8, uint64_t, uint32_t>;
  /// Bits of a place within a layer.
  static constexpr int bits = sizeof(T) == 8 ? 52 : 23;
  static constexpr T tail = T(3.6541528853610088);
  static constexpr T inverseTail = T(0.27366123732975827203338247596);

  /// A place below this is under the curve for sure. Those of double differ by
  /// one place in 2^52 from NumPy's in 60 layers, which no feasible number of
  /// draws shows; all else is NumPy's to the last bit.
  std::array<Word, 256> threshold;
  /// Place times this is the number.
  std::array<T, 256> width;
  /// The curve at the layer's edge.
  std::array<T, 256> height;

  static const Ziggurat &tables() {
    static const Ziggurat made;
    return made;
  }

private:
  Ziggurat() {
    constexpr double area = 0.0049286732339746519;
    constexpr double start = 3.6541528853610088;
    const double scale = std::ldexp(1.0, bits);
    std::array<double, 256> edge, curve;
    auto bell = [](double x) { return std::exp(-0.5 * x * x); };
    edge[255] = start;
    curve[255] = bell(start);
    for (int i = 254; i >= 1; --i) {
      edge[i] = std::sqrt(-2 * std::log(area / edge[i + 1] + curve[i + 1]));
      curve[i] = bell(edge[i]);
      // The one place where the exp that made NumPy's tables was not exact.
      if (i == 38)
        curve[i] = std::nextafter(curve[i], 1.0);
    }
    // The base layer is as wide as a rectangle of its area would be.
    edge[0] = area / curve[255];
    curve[0] = 1;
    for (int i = 0; i < 256; ++i) {
      width[i] = static_cast<T>(edge[i] / scale);
      height[i] = static_cast<T>(curve[i]);
      double inner = i == 0 ? start * curve[255] / area : edge[i - 1] / edge[i];
      threshold[i] =
          i == 1 ? 0 : static_cast<Word>(std::llround(inner * scale));
    }
  }
};

} // namespace tegula::runtime

#endif // TEGULA_RUNTIME_ARRAYS_ZIGGURAT_H
