#include "kernels/Reference.h"

#include <cmath>
#include <numbers>

void tegula::corpus::references::gelu(ReferenceCall &call) {
  auto x = call.array("x");
  auto y = call.output("y");
  int64_t n = call.integer("n");
  bool useTanh = call.text("APPROXIMATE") == "tanh";
  double scale = std::sqrt(2.0 / std::numbers::pi);
  for (int64_t i = 0; i < n; ++i) {
    double v = x[i];
    double gate = useTanh ? std::tanh(scale * (v + 0.044715 * v * v * v))
                          : std::erf(v / std::numbers::sqrt2);
    y[i] = 0.5 * v * (1.0 + gate);
  }
}
