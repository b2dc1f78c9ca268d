#include "kernels/Peer.h"

#include <xsimd/xsimd.hpp>

namespace tegula::corpus::TEGULA_SIMD {

int64_t softmaxItems(const PeerCall &call) {
  return call.f32("x") && call.f32("y") ? int64_t(call.number("n_rows")) : 0;
}

// Three passes over a row that stays in the first-level cache; the
// exponentials are parked in the output.
static void softmaxRow(const float *x, float *y, int64_t cols) {
  using Batch = xsimd::batch<float>;
  constexpr int64_t width = Batch::size;
  int64_t full = cols - cols % width;
  Batch largestLanes(-__builtin_inff());
  for (int64_t i = 0; i < full; i += width)
    largestLanes = xsimd::max(largestLanes, Batch::load_unaligned(x + i));
  alignas(64) float lanes[width];
  largestLanes.store_aligned(lanes);
  float largest = -__builtin_inff();
  for (float lane : lanes)
    largest = lane > largest ? lane : largest;
  for (int64_t i = full; i < cols; ++i)
    largest = x[i] > largest ? x[i] : largest;

  Batch sumLanes(0.0f), shift(largest);
  for (int64_t i = 0; i < full; i += width) {
    Batch value = xsimd::exp(Batch::load_unaligned(x + i) - shift);
    value.store_unaligned(y + i);
    sumLanes += value;
  }
  sumLanes.store_aligned(lanes);
  float sum = 0;
  for (float lane : lanes)
    sum += lane;
  for (int64_t i = full; i < cols; ++i)
    sum += y[i] = __builtin_expf(x[i] - largest);

  float scale = 1.0f / sum;
  for (int64_t i = 0; i < full; i += width)
    (Batch::load_unaligned(y + i) * scale).store_unaligned(y + i);
  for (int64_t i = full; i < cols; ++i)
    y[i] *= scale;
}

void softmax(const PeerCall &call, int64_t begin, int64_t end) {
  const float *x = call.f32("x");
  float *y = call.f32("y");
  int64_t cols = int64_t(call.number("n_cols"));
  int64_t strideX = int64_t(call.number("stride_x"));
  int64_t strideY = int64_t(call.number("stride_y"));
  for (int64_t row = begin; row < end; ++row)
    softmaxRow(x + row * strideX, y + row * strideY, cols);
}

} // namespace tegula::corpus::TEGULA_SIMD
