#include "kernels/Reference.h"

void tegula::corpus::references::embedding(ReferenceCall &call) {
  auto ids = call.array("ids"), weight = call.array("weight");
  auto out = call.output("out");
  int64_t dim = call.integer("dim");
  int64_t strideWeight = call.integer("stride_weight");
  int64_t strideOut = call.integer("stride_out");
  for (int64_t i = 0; i < call.integer("n"); ++i) {
    int64_t row = int64_t(ids[i]);
    bool isPadding = row == call.integer("padding_id");
    if (!isPadding && (row < 0 || row >= call.extent("weight", 0)))
      call.reject("an id outside the table");
    for (int64_t col = 0; col < dim; ++col)
      out[i * strideOut + col] =
          isPadding ? 0.0 : weight[row * strideWeight + col];
  }
}
