#include "kernels/peers/Simd.h"

namespace tegula::corpus::TEGULA_SIMD {

int64_t softmaxItems(const PeerCall &call) {
  return call.f32("x") && call.f32("y") ? int64_t(call.number("n_rows")) : 0;
}

static float maximum(float a, float b) { return a > b ? a : b; }
static Batch maximum(Batch a, Batch b) { return xsimd::max(a, b); }

// Writes exp(x - shift) and returns the sum of what was written.
static float exponentials(const float *x, float *y, int64_t cols, float shift) {
  Batch lanes[2] = {Batch(0.0f), Batch(0.0f)};
  int64_t i = 0;
  for (; i + 2 * width <= cols; i += 2 * width)
    for (int chain = 0; chain < 2; ++chain) {
      int64_t at = i + chain * width;
      Batch value = xsimd::exp(Batch::load_unaligned(x + at) - shift);
      value.store_unaligned(y + at);
      lanes[chain] += value;
    }
  alignas(64) float partial[width];
  (lanes[0] + lanes[1]).store_aligned(partial);
  float sum = 0;
  for (float lane : partial)
    sum += lane;
  for (; i < cols; ++i)
    sum += y[i] = __builtin_expf(x[i] - shift);
  return sum;
}

// Three passes over rows that stay in the first-level cache; the exponentials
// are parked in the output.
void softmax(const PeerCall &call, int64_t begin, int64_t end) {
  const float *allX = call.f32("x");
  float *allY = call.f32("y");
  int64_t cols = int64_t(call.number("n_cols"));
  int64_t strideX = int64_t(call.number("stride_x"));
  int64_t strideY = int64_t(call.number("stride_y"));
  for (int64_t row = begin; row < end; ++row) {
    const float *x = allX + row * strideX;
    float *y = allY + row * strideY;
    auto value = [](auto v) { return v; };
    auto larger = [](auto a, auto b) { return maximum(a, b); };
    float largest = reduceRow(x, cols, -__builtin_inff(), value, larger);
    float scale = 1.0f / exponentials(x, y, cols, largest);
    int64_t i = 0;
    for (; i + width <= cols; i += width)
      (Batch::load_unaligned(y + i) * scale).store_unaligned(y + i);
    for (; i < cols; ++i)
      y[i] *= scale;
  }
}

} // namespace tegula::corpus::TEGULA_SIMD
