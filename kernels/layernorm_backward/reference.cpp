#include "kernels/Reference.h"

void tegula::corpus::references::layernorm_backward(ReferenceCall &call) {
  auto dy = call.array("dy"), x = call.array("x"),
       weight = call.array("weight");
  auto mean = call.array("mean"), rstd = call.array("rstd");
  auto dx = call.output("dx"), dweight = call.output("dweight");
  auto dbias = call.output("dbias");
  int64_t rows = call.integer("n_rows"), cols = call.integer("n_cols");
  int64_t stride = call.integer("stride");
  for (int64_t row = 0; row < rows; ++row) {
    int64_t base = row * stride;
    auto normal = [&](int64_t col) {
      return (x[base + col] - mean[row]) * rstd[row];
    };
    double alongNormal = 0, alongOnes = 0;
    for (int64_t col = 0; col < cols; ++col) {
      alongNormal += normal(col) * weight[col] * dy[base + col];
      alongOnes += weight[col] * dy[base + col];
    }
    alongNormal /= double(cols);
    alongOnes /= double(cols);
    for (int64_t col = 0; col < cols; ++col) {
      dx[base + col] = (weight[col] * dy[base + col] - alongOnes -
                        normal(col) * alongNormal) *
                       rstd[row];
      dweight[col] += dy[base + col] * normal(col);
      dbias[col] += dy[base + col];
    }
  }
}
