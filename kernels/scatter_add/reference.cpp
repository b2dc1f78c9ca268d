#include "kernels/Reference.h"

void tegula::corpus::references::scatter_add(ReferenceCall &call) {
  auto index = call.array("index"), source = call.array("source");
  auto out = call.output("out");
  int64_t strideSource = call.integer("stride_source");
  int64_t strideOut = call.integer("stride_out");
  for (int64_t i = 0; i < call.integer("n"); ++i) {
    int64_t row = int64_t(index[i]);
    if (row < 0 || row >= call.extent("out", 0))
      call.reject("an index outside the output");
    for (int64_t col = 0; col < call.integer("dim"); ++col)
      out[row * strideOut + col] += source[i * strideSource + col];
  }
}
