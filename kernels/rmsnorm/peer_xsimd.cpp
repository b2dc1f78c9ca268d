#include "kernels/peers/Simd.h"

namespace tegula::corpus::TEGULA_SIMD {

int64_t rmsnormItems(const PeerCall &call) {
  for (const char *name : {"x", "y", "weight", "rstd"})
    if (!call.f32(name))
      return 0;
  return call.extent("rstd", 0);
}

void rmsnorm(const PeerCall &call, int64_t begin, int64_t end) {
  const float *weight = call.f32("weight"), *allX = call.f32("x");
  float *allY = call.f32("y"), *rstds = call.f32("rstd");
  int64_t cols = int64_t(call.number("n_cols"));
  int64_t strideX = int64_t(call.number("stride_x"));
  int64_t strideY = int64_t(call.number("stride_y"));
  float eps = float(call.number("eps")), offset = float(call.number("offset"));
  for (int64_t row = begin; row < end; ++row) {
    const float *x = allX + row * strideX;
    float *y = allY + row * strideY;
    auto square = [](auto v) { return v * v; };
    float squares = reduceRow(x, cols, 0.0f, square, plus);
    float rstd = 1.0f / __builtin_sqrtf(squares / float(cols) + eps);
    rstds[row] = rstd;
    int64_t i = 0;
    for (; i + width <= cols; i += width)
      (Batch::load_unaligned(x + i) * rstd *
       (Batch::load_unaligned(weight + i) + offset))
          .store_unaligned(y + i);
    for (; i < cols; ++i)
      y[i] = x[i] * rstd * (offset + weight[i]);
  }
}

} // namespace tegula::corpus::TEGULA_SIMD
