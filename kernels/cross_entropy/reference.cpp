#include "kernels/Reference.h"

#include <algorithm>
#include <cmath>

void tegula::corpus::references::cross_entropy(ReferenceCall &call) {
  auto logits = call.array("logits"), target = call.array("target");
  auto loss = call.output("loss"), lse = call.output("lse");
  int64_t cols = call.integer("n_cols"), stride = call.integer("stride");
  int64_t ignored = call.integer("ignore_index");
  double smoothing = call.real("SMOOTHING");
  for (int64_t row = 0; row < call.extent("target", 0); ++row) {
    int64_t label = int64_t(target[row]);
    if (label == ignored) {
      loss[row] = lse[row] = 0;
      continue;
    }
    if (label < 0 || label >= cols)
      call.reject("target out of range");
    const double *in = &logits[row * stride];
    double largest = *std::max_element(in, in + cols), total = 0, sum = 0;
    for (int64_t col = 0; col < cols; ++col) {
      total += std::exp(in[col] - largest);
      sum += in[col];
    }
    lse[row] = largest + std::log(total);
    loss[row] = (1 - smoothing) * (lse[row] - in[label]) +
                smoothing * (lse[row] - sum / double(cols));
  }
}
