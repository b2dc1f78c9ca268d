#include "kernels/Reference.h"

void tegula::corpus::references::vecadd(ReferenceCall &call) {
  auto x = call.array("x"), y = call.array("y");
  auto out = call.output("out");
  int64_t n = call.integer("n");
  for (int64_t i = 0; i < n; ++i)
    out[i] = x[i] + y[i];
}
