#include "kernels/Reference.h"

#include <algorithm>

namespace {

double activate(double x, const std::string &activation) {
  if (activation == "relu")
    return std::max(x, 0.0);
  if (activation == "leaky_relu")
    return x >= 0 ? x : 0.01 * x;
  return x;
}

} // namespace

void tegula::corpus::references::matmul(ReferenceCall &call) {
  auto a = call.array("a"), b = call.array("b");
  auto c = call.output("c");
  int64_t m = call.integer("M"), n = call.integer("N"), k = call.integer("K");
  int64_t aM = call.integer("stride_am"), aK = call.integer("stride_ak");
  int64_t bK = call.integer("stride_bk"), bN = call.integer("stride_bn");
  int64_t cM = call.integer("stride_cm"), cN = call.integer("stride_cn");
  const std::string &activation = call.text("ACTIVATION");
  // A row of sums at a time: the inner loop then runs along rows of b.
  std::vector<double> sums(n);
  for (int64_t i = 0; i < m; ++i) {
    std::fill(sums.begin(), sums.end(), 0.0);
    for (int64_t p = 0; p < k; ++p) {
      double factor = a[i * aM + p * aK];
      const double *row = &b[p * bK];
      if (bN == 1)
        for (int64_t j = 0; j < n; ++j)
          sums[j] += factor * row[j];
      else
        for (int64_t j = 0; j < n; ++j)
          sums[j] += factor * row[j * bN];
    }
    for (int64_t j = 0; j < n; ++j)
      c[i * cM + j * cN] = activate(sums[j], activation);
  }
}
