#include "kernels/peers/Simd.h"

namespace tegula::corpus::TEGULA_SIMD {

int64_t vecaddItems(const PeerCall &call) {
  bool fits = call.f32("x") && call.f32("y") && call.f32("out");
  return fits ? int64_t(call.number("n")) : 0;
}

void vecadd(const PeerCall &call, int64_t begin, int64_t end) {
  const float *x = call.f32("x"), *y = call.f32("y");
  float *out = call.f32("out");
  int64_t i = begin;
  for (; i + width <= end; i += width)
    (Batch::load_unaligned(x + i) + Batch::load_unaligned(y + i))
        .store_unaligned(out + i);
  for (; i < end; ++i)
    out[i] = x[i] + y[i];
}

} // namespace tegula::corpus::TEGULA_SIMD
