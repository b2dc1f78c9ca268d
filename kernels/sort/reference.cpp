#include "kernels/Reference.h"

#include <algorithm>
#include <functional>

void tegula::corpus::references::sort(ReferenceCall &call) {
  auto x = call.array("x");
  auto y = call.output("y");
  int64_t cols = call.integer("n_cols");
  int64_t strideX = call.integer("stride_x"),
          strideY = call.integer("stride_y");
  for (int64_t row = 0; row < call.extent("y", 0); ++row) {
    double *out = &y[row * strideY];
    std::copy_n(&x[row * strideX], cols, out);
    if (call.flag("DESCENDING"))
      std::sort(out, out + cols, std::greater<>());
    else
      std::sort(out, out + cols);
  }
}
