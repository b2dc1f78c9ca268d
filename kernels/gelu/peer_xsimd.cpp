#include "kernels/peers/Simd.h"

namespace tegula::corpus::TEGULA_SIMD {

int64_t geluItems(const PeerCall &call) {
  return call.f32("x") && call.f32("y") ? int64_t(call.number("n")) : 0;
}

template <bool useTanh, typename T> static T geluOf(T x) {
  T half = x * 0.5f;
  if constexpr (useTanh)
    return half +
           half * xsimd::tanh(x * 0.79788456f * (T(1.0f) + x * x * 0.044715f));
  else
    return half + half * xsimd::erf(x * 0.70710678f);
}

template <bool useTanh>
static void geluRange(const float *x, float *y, int64_t count) {
  int64_t i = 0;
  for (; i + width <= count; i += width)
    geluOf<useTanh>(Batch::load_unaligned(x + i)).store_unaligned(y + i);
  if (i == count)
    return;
  alignas(64) float rest[width] = {};
  for (int64_t j = i; j < count; ++j)
    rest[j - i] = x[j];
  geluOf<useTanh>(Batch::load_aligned(rest)).store_aligned(rest);
  for (int64_t j = i; j < count; ++j)
    y[j] = rest[j - i];
}

void gelu(const PeerCall &call, int64_t begin, int64_t end) {
  const float *x = call.f32("x") + begin;
  float *y = call.f32("y") + begin;
  if (call.isText("APPROXIMATE", "tanh"))
    geluRange<true>(x, y, end - begin);
  else
    geluRange<false>(x, y, end - begin);
}

} // namespace tegula::corpus::TEGULA_SIMD
