#include "kernels/Reference.h"

#include <cmath>

void tegula::corpus::references::rmsnorm(ReferenceCall &call) {
  auto x = call.array("x"), weight = call.array("weight");
  auto y = call.output("y"), rstd = call.output("rstd");
  int64_t cols = call.integer("n_cols"), rows = call.extent("rstd", 0);
  int64_t strideX = call.integer("stride_x"),
          strideY = call.integer("stride_y");
  double eps = call.real("eps"), offset = call.real("offset");
  for (int64_t row = 0; row < rows; ++row) {
    const double *in = &x[row * strideX];
    double squares = 0;
    for (int64_t col = 0; col < cols; ++col)
      squares += in[col] * in[col];
    rstd[row] = 1.0 / std::sqrt(squares / double(cols) + eps);
    for (int64_t col = 0; col < cols; ++col)
      y[row * strideY + col] = in[col] * rstd[row] * (offset + weight[col]);
  }
}
