#include "kernels/Reference.h"

void tegula::corpus::references::batched_matmul(ReferenceCall &call) {
  auto a = call.array("a"), b = call.array("b");
  auto c = call.output("c");
  int64_t m = call.integer("M"), n = call.integer("N"), k = call.integer("K");
  int64_t aM = call.integer("stride_am"), aK = call.integer("stride_ak");
  int64_t bK = call.integer("stride_bk"), bN = call.integer("stride_bn");
  int64_t cM = call.integer("stride_cm"), cN = call.integer("stride_cn");
  std::vector<double> sums(n);
  for (int64_t z = 0; z < call.extent("c", 0); ++z) {
    const double *aBatch = &a[z * call.integer("stride_az")];
    const double *bBatch = &b[z * call.integer("stride_bz")];
    double *cBatch = &c[z * call.integer("stride_cz")];
    for (int64_t i = 0; i < m; ++i) {
      sums.assign(n, 0.0);
      for (int64_t p = 0; p < k; ++p)
        for (int64_t j = 0; j < n; ++j)
          sums[j] += aBatch[i * aM + p * aK] * bBatch[p * bK + j * bN];
      for (int64_t j = 0; j < n; ++j)
        cBatch[i * cM + j * cN] = sums[j];
    }
  }
}
