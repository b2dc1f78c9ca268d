#include "kernels/peers/Simd.h"

namespace tegula::corpus::TEGULA_SIMD {

int64_t swigluItems(const PeerCall &call) {
  bool fits = call.f32("gate") && call.f32("up") && call.f32("out");
  return fits ? call.extent("out", 0) : 0;
}

static void swigluRow(const float *gate, const float *up, float *out,
                      int64_t cols) {
  int64_t i = 0;
  for (; i + width <= cols; i += width) {
    Batch g = Batch::load_unaligned(gate + i);
    Batch silu = g / (Batch(1.0f) + xsimd::exp(-g));
    (silu * Batch::load_unaligned(up + i)).store_unaligned(out + i);
  }
  for (; i < cols; ++i)
    out[i] = gate[i] / (1.0f + __builtin_expf(-gate[i])) * up[i];
}

void swiglu(const PeerCall &call, int64_t begin, int64_t end) {
  const float *gate = call.f32("gate"), *up = call.f32("up");
  float *out = call.f32("out");
  int64_t cols = int64_t(call.number("n_cols"));
  int64_t strideGate = int64_t(call.number("stride_gate"));
  int64_t strideUp = int64_t(call.number("stride_up"));
  int64_t strideOut = int64_t(call.number("stride_out"));
  for (int64_t row = begin; row < end; ++row)
    swigluRow(gate + row * strideGate, up + row * strideUp,
              out + row * strideOut, cols);
}

} // namespace tegula::corpus::TEGULA_SIMD
