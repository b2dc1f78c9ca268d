// What the hand-written SIMD loops share. Included by files that are compiled
// once per instruction set, hence the namespace named by the build.
#ifndef TEGULA_KERNELS_PEERS_SIMD_H
#define TEGULA_KERNELS_PEERS_SIMD_H

#include "kernels/Peer.h"

#include <xsimd/xsimd.hpp>

namespace tegula::corpus::TEGULA_SIMD {

using Batch = xsimd::batch<float>;
constexpr int64_t width = Batch::size;

// Folds f(x[i]) over a row with `combine`. Four independent chains hide the
// latency of the combining instruction.
template <typename MapT, typename CombineT>
float reduceRow(const float *x, int64_t cols, float neutral, MapT f,
                CombineT combine) {
  Batch lanes[4] = {Batch(neutral), Batch(neutral), Batch(neutral),
                    Batch(neutral)};
  int64_t i = 0;
  for (; i + 4 * width <= cols; i += 4 * width)
    for (int chain = 0; chain < 4; ++chain)
      lanes[chain] = combine(lanes[chain],
                             f(Batch::load_unaligned(x + i + chain * width)));
  for (; i + width <= cols; i += width)
    lanes[0] = combine(lanes[0], f(Batch::load_unaligned(x + i)));
  alignas(64) float partial[width];
  combine(combine(lanes[0], lanes[1]), combine(lanes[2], lanes[3]))
      .store_aligned(partial);
  float result = neutral;
  for (float lane : partial)
    result = combine(result, lane);
  for (; i < cols; ++i)
    result = combine(result, f(x[i]));
  return result;
}

inline constexpr auto plus = [](auto a, auto b) { return a + b; };

} // namespace tegula::corpus::TEGULA_SIMD

#endif // TEGULA_KERNELS_PEERS_SIMD_H
