#include "kernels/Peer.h"

#include <xsimd/xsimd.hpp>

namespace tegula::corpus::TEGULA_SIMD {

int64_t rmsnormItems(const PeerCall &call) {
  for (const char *name : {"x", "y", "weight", "rstd"})
    if (!call.f32(name))
      return 0;
  return call.extent("rstd", 0);
}

void rmsnorm(const PeerCall &call, int64_t begin, int64_t end) {
  using Batch = xsimd::batch<float>;
  constexpr int64_t width = Batch::size;
  const float *weight = call.f32("weight");
  int64_t cols = int64_t(call.number("n_cols"));
  float eps = float(call.number("eps")), offset = float(call.number("offset"));
  int64_t full = cols - cols % width;
  for (int64_t row = begin; row < end; ++row) {
    const float *x = call.f32("x") + row * int64_t(call.number("stride_x"));
    float *y = call.f32("y") + row * int64_t(call.number("stride_y"));
    Batch lanes(0.0f);
    for (int64_t i = 0; i < full; i += width) {
      Batch value = Batch::load_unaligned(x + i);
      lanes = xsimd::fma(value, value, lanes);
    }
    alignas(64) float partial[width];
    lanes.store_aligned(partial);
    float squares = 0;
    for (float lane : partial)
      squares += lane;
    for (int64_t i = full; i < cols; ++i)
      squares += x[i] * x[i];
    float rstd = 1.0f / __builtin_sqrtf(squares / float(cols) + eps);
    call.f32("rstd")[row] = rstd;
    for (int64_t i = 0; i < full; i += width)
      (Batch::load_unaligned(x + i) * rstd *
       (Batch::load_unaligned(weight + i) + offset))
          .store_unaligned(y + i);
    for (int64_t i = full; i < cols; ++i)
      y[i] = x[i] * rstd * (offset + weight[i]);
  }
}

} // namespace tegula::corpus::TEGULA_SIMD
