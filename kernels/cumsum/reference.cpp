#include "kernels/Reference.h"

void tegula::corpus::references::cumsum(ReferenceCall &call) {
  auto x = call.array("x");
  auto y = call.output("y");
  int64_t cols = call.integer("n_cols");
  int64_t strideX = call.integer("stride_x"),
          strideY = call.integer("stride_y");
  bool isReverse = call.flag("REVERSE");
  for (int64_t row = 0; row < call.extent("y", 0); ++row) {
    double sum = 0;
    for (int64_t i = 0; i < cols; ++i) {
      int64_t col = isReverse ? cols - 1 - i : i;
      sum += x[row * strideX + col];
      y[row * strideY + col] = sum;
    }
  }
}
