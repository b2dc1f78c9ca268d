#include "kernels/Peer.h"

#include <xsimd/xsimd.hpp>

namespace tegula::corpus::TEGULA_SIMD {

using Batch = xsimd::batch<float>;

int64_t layernormItems(const PeerCall &call) {
  for (const char *name : {"x", "y", "weight", "bias", "mean", "rstd"})
    if (!call.f32(name))
      return 0;
  return call.extent("mean", 0);
}

static float laneSum(Batch batch) {
  alignas(64) float lanes[Batch::size];
  batch.store_aligned(lanes);
  float sum = 0;
  for (float lane : lanes)
    sum += lane;
  return sum;
}

static float sumOf(const float *x, int64_t cols) {
  constexpr int64_t width = Batch::size;
  Batch lanes(0.0f);
  int64_t i = 0;
  for (; i + width <= cols; i += width)
    lanes += Batch::load_unaligned(x + i);
  float sum = laneSum(lanes);
  for (; i < cols; ++i)
    sum += x[i];
  return sum;
}

static float sumOfSquares(const float *x, float mean, int64_t cols) {
  constexpr int64_t width = Batch::size;
  Batch lanes(0.0f);
  int64_t i = 0;
  for (; i + width <= cols; i += width) {
    Batch centred = Batch::load_unaligned(x + i) - mean;
    lanes = xsimd::fma(centred, centred, lanes);
  }
  float sum = laneSum(lanes);
  for (; i < cols; ++i)
    sum += (x[i] - mean) * (x[i] - mean);
  return sum;
}

void layernorm(const PeerCall &call, int64_t begin, int64_t end) {
  constexpr int64_t width = Batch::size;
  const float *weight = call.f32("weight"), *bias = call.f32("bias");
  int64_t cols = int64_t(call.number("n_cols"));
  float eps = float(call.number("eps"));
  for (int64_t row = begin; row < end; ++row) {
    const float *x = call.f32("x") + row * int64_t(call.number("stride_x"));
    float *y = call.f32("y") + row * int64_t(call.number("stride_y"));
    float mean = sumOf(x, cols) / float(cols);
    float variance = sumOfSquares(x, mean, cols) / float(cols);
    float rstd = 1.0f / __builtin_sqrtf(variance + eps);
    call.f32("mean")[row] = mean;
    call.f32("rstd")[row] = rstd;
    int64_t i = 0;
    for (; i + width <= cols; i += width) {
      Batch value = (Batch::load_unaligned(x + i) - mean) * rstd;
      xsimd::fma(value, Batch::load_unaligned(weight + i),
                 Batch::load_unaligned(bias + i))
          .store_unaligned(y + i);
    }
    for (; i < cols; ++i)
      y[i] = (x[i] - mean) * rstd * weight[i] + bias[i];
  }
}

} // namespace tegula::corpus::TEGULA_SIMD
