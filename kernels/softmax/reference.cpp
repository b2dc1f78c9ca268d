#include "kernels/Reference.h"

#include <algorithm>
#include <cmath>
#include <limits>

void tegula::corpus::references::softmax(ReferenceCall &call) {
  auto x = call.array("x");
  auto y = call.output("y");
  int64_t rows = call.integer("n_rows"), cols = call.integer("n_cols");
  int64_t strideX = call.integer("stride_x"),
          strideY = call.integer("stride_y");
  for (int64_t row = 0; row < rows; ++row) {
    const double *in = &x[row * strideX];
    double *out = &y[row * strideY];
    double largest = -std::numeric_limits<double>::infinity();
    for (int64_t col = 0; col < cols; ++col)
      largest = std::max(largest, in[col]);
    double sum = 0;
    for (int64_t col = 0; col < cols; ++col)
      sum += out[col] = std::exp(in[col] - largest);
    for (int64_t col = 0; col < cols; ++col)
      out[col] /= sum;
  }
}
