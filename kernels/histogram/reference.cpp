#include "kernels/Reference.h"

void tegula::corpus::references::histogram(ReferenceCall &call) {
  auto x = call.array("x");
  auto counts = call.output("counts");
  int64_t bins = call.integer("BINS");
  for (int64_t i = 0; i < call.integer("n"); ++i) {
    if (x[i] < 0 || x[i] >= double(bins))
      call.reject("a value outside the bins");
    counts[size_t(x[i])] += 1;
  }
}
