#include "kernels/Reference.h"

#include <algorithm>
#include <numeric>

void tegula::corpus::references::topk(ReferenceCall &call) {
  auto x = call.array("x");
  auto values = call.output("values"), indices = call.output("indices");
  int64_t cols = call.integer("n_cols"), k = call.integer("K");
  if (k > cols)
    call.reject("K is larger than the row");
  std::vector<int64_t> order(cols);
  for (int64_t row = 0; row < call.extent("values", 0); ++row) {
    const double *in = &x[row * call.integer("stride_x")];
    std::iota(order.begin(), order.end(), 0);
    // Equal values keep their order: the first one wins.
    std::sort(order.begin(), order.end(), [&](int64_t a, int64_t b) {
      return in[a] != in[b] ? in[a] > in[b] : a < b;
    });
    for (int64_t i = 0; i < k; ++i) {
      values[row * k + i] = in[order[i]];
      indices[row * k + i] = double(order[i]);
    }
  }
}
