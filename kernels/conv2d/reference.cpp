#include "kernels/Reference.h"

#include <algorithm>

void tegula::corpus::references::conv2d(ReferenceCall &call) {
  auto x = call.array("x"), weight = call.array("weight");
  auto bias = call.array("bias");
  auto y = call.output("y");
  int64_t channels = call.integer("channels"), height = call.integer("height");
  int64_t width = call.integer("width"), outs = call.integer("out_channels");
  int64_t outHeight = call.integer("out_height");
  int64_t outWidth = call.integer("out_width"), stride = call.integer("stride");
  int64_t padding = call.integer("padding");
  int64_t filterHeight = call.integer("R"), filterWidth = call.integer("S");
  // Adds one filter tap to a row of outputs: plain shifted rows.
  auto addTap = [&](const double *in, double factor, int64_t s, double *out) {
    for (int64_t q = 0; q < outWidth; ++q) {
      int64_t w = q * stride - padding + s;
      if (w >= 0 && w < width)
        out[q] += factor * in[w];
    }
  };
  for (int64_t n = 0; n < call.integer("batch"); ++n)
    for (int64_t k = 0; k < outs; ++k)
      for (int64_t p = 0; p < outHeight; ++p) {
        double *out = &y[((n * outs + k) * outHeight + p) * outWidth];
        std::fill(out, out + outWidth, bias[k]);
        for (int64_t c = 0; c < channels; ++c)
          for (int64_t r = 0; r < filterHeight; ++r) {
            int64_t h = p * stride - padding + r;
            if (h < 0 || h >= height)
              continue;
            const double *in = &x[((n * channels + c) * height + h) * width];
            const double *taps =
                &weight[((k * channels + c) * filterHeight + r) * filterWidth];
            for (int64_t s = 0; s < filterWidth; ++s)
              addTap(in, taps[s], s, out);
          }
      }
}
