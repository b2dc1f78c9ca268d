#include "kernels/Reference.h"

void tegula::corpus::references::matmul_int8(ReferenceCall &call) {
  auto a = call.array("a"), b = call.array("b");
  auto c = call.output("c");
  int64_t m = call.integer("M"), n = call.integer("N"), k = call.integer("K");
  int64_t aM = call.integer("stride_am"), cM = call.integer("stride_cm");
  int64_t bK = call.integer("stride_bk"), bN = call.integer("stride_bn");
  // Sums of products of bytes are exact in double.
  std::vector<double> sums(n);
  for (int64_t i = 0; i < m; ++i) {
    std::fill(sums.begin(), sums.end(), 0.0);
    for (int64_t p = 0; p < k; ++p) {
      double factor = a[i * aM + p];
      for (int64_t j = 0; j < n; ++j)
        sums[j] += factor * b[p * bK + j * bN];
    }
    for (int64_t j = 0; j < n; ++j)
      c[i * cM + j] = sums[j];
  }
}
