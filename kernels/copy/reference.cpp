#include "kernels/Reference.h"

void tegula::corpus::references::copy(ReferenceCall &call) {
  auto x = call.array("x");
  auto y = call.output("y");
  int64_t m = call.integer("M"), n = call.integer("N");
  int64_t xM = call.integer("stride_xm"), xN = call.integer("stride_xn");
  int64_t yM = call.integer("stride_ym"), yN = call.integer("stride_yn");
  for (int64_t i = 0; i < m; ++i)
    for (int64_t j = 0; j < n; ++j)
      y[i * yM + j * yN] = x[i * xM + j * xN];
}
