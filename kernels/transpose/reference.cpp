#include "kernels/Reference.h"

void tegula::corpus::references::transpose(ReferenceCall &call) {
  auto x = call.array("x");
  auto y = call.output("y");
  int64_t m = call.integer("M"), n = call.integer("N");
  int64_t strideX = call.integer("stride_xm"),
          strideY = call.integer("stride_ym");
  for (int64_t i = 0; i < m; ++i)
    for (int64_t j = 0; j < n; ++j)
      y[j * strideY + i] = x[i * strideX + j];
}
