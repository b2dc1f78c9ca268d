#include "kernels/Reference.h"

#include <cmath>

void tegula::corpus::references::swiglu(ReferenceCall &call) {
  auto gate = call.array("gate"), up = call.array("up");
  auto out = call.output("out");
  int64_t cols = call.integer("n_cols"), rows = call.extent("out", 0);
  int64_t strideGate = call.integer("stride_gate");
  int64_t strideUp = call.integer("stride_up");
  int64_t strideOut = call.integer("stride_out");
  for (int64_t row = 0; row < rows; ++row)
    for (int64_t col = 0; col < cols; ++col) {
      double g = gate[row * strideGate + col];
      out[row * strideOut + col] =
          g / (1.0 + std::exp(-g)) * up[row * strideUp + col];
    }
}
