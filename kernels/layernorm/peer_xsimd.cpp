#include "kernels/peers/Simd.h"

namespace tegula::corpus::TEGULA_SIMD {

int64_t layernormItems(const PeerCall &call) {
  for (const char *name : {"x", "y", "weight", "bias", "mean", "rstd"})
    if (!call.f32(name))
      return 0;
  return call.extent("mean", 0);
}

void layernorm(const PeerCall &call, int64_t begin, int64_t end) {
  const float *weight = call.f32("weight"), *bias = call.f32("bias");
  const float *allX = call.f32("x");
  float *allY = call.f32("y"), *means = call.f32("mean");
  float *rstds = call.f32("rstd");
  int64_t cols = int64_t(call.number("n_cols"));
  int64_t strideX = int64_t(call.number("stride_x"));
  int64_t strideY = int64_t(call.number("stride_y"));
  float eps = float(call.number("eps"));
  for (int64_t row = begin; row < end; ++row) {
    const float *x = allX + row * strideX;
    float *y = allY + row * strideY;
    auto value = [](auto v) { return v; };
    float mean = reduceRow(x, cols, 0.0f, value, plus) / float(cols);
    auto square = [&](auto v) { return (v - mean) * (v - mean); };
    float variance = reduceRow(x, cols, 0.0f, square, plus) / float(cols);
    float rstd = 1.0f / __builtin_sqrtf(variance + eps);
    means[row] = mean;
    rstds[row] = rstd;
    int64_t i = 0;
    for (; i + width <= cols; i += width) {
      Batch normal = (Batch::load_unaligned(x + i) - mean) * rstd;
      xsimd::fma(normal, Batch::load_unaligned(weight + i),
                 Batch::load_unaligned(bias + i))
          .store_unaligned(y + i);
    }
    for (; i < cols; ++i)
      y[i] = (x[i] - mean) * rstd * weight[i] + bias[i];
  }
}

} // namespace tegula::corpus::TEGULA_SIMD
