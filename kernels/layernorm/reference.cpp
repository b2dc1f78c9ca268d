#include "kernels/Reference.h"

#include <cmath>

void tegula::corpus::references::layernorm(ReferenceCall &call) {
  auto x = call.array("x"), weight = call.array("weight");
  auto bias = call.array("bias");
  auto y = call.output("y"), mean = call.output("mean");
  auto rstd = call.output("rstd");
  int64_t cols = call.integer("n_cols"), rows = call.extent("mean", 0);
  int64_t strideX = call.integer("stride_x"),
          strideY = call.integer("stride_y");
  double eps = call.real("eps");
  for (int64_t row = 0; row < rows; ++row) {
    const double *in = &x[row * strideX];
    double sum = 0, squares = 0;
    for (int64_t col = 0; col < cols; ++col)
      sum += in[col];
    double average = sum / double(cols);
    for (int64_t col = 0; col < cols; ++col)
      squares += (in[col] - average) * (in[col] - average);
    double inverse = 1.0 / std::sqrt(squares / double(cols) + eps);
    for (int64_t col = 0; col < cols; ++col)
      y[row * strideY + col] =
          (in[col] - average) * inverse * weight[col] + bias[col];
    mean[row] = average;
    rstd[row] = inverse;
  }
}
