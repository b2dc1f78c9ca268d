#include "kernels/Reference.h"

#include <algorithm>
#include <cmath>

namespace {

// One query against the first `visible` keys.
struct Head {
  const double *keys, *values;
  int64_t strideK, strideV, dim;
  double scale;
  std::vector<double> weights;

  double attend(const double *query, double *out, int64_t visible) {
    weights.resize(visible);
    for (int64_t j = 0; j < visible; ++j) {
      double score = 0;
      for (int64_t d = 0; d < dim; ++d)
        score += query[d] * keys[j * strideK + d];
      weights[j] = score * scale;
    }
    double largest = *std::max_element(weights.begin(), weights.end());
    double total = 0;
    for (double &weight : weights)
      total += weight = std::exp(weight - largest);
    std::fill(out, out + dim, 0.0);
    for (int64_t j = 0; j < visible; ++j)
      for (int64_t d = 0; d < dim; ++d)
        out[d] += weights[j] / total * values[j * strideV + d];
    return largest + std::log(total);
  }
};

} // namespace

void tegula::corpus::references::attention(ReferenceCall &call) {
  auto q = call.array("q"), k = call.array("k"), v = call.array("v");
  auto out = call.output("out"), lse = call.output("lse");
  int64_t seqQ = call.integer("seq_q"), seqK = call.integer("seq_k");
  Head head;
  head.strideK = call.integer("stride_ks");
  head.strideV = call.integer("stride_vs");
  head.dim = call.integer("HEAD_DIM");
  head.scale = call.real("scale");
  for (int64_t h = 0; h < call.extent("q", 0); ++h) {
    int64_t shared = h / call.integer("kv_group");
    head.keys = &k[shared * call.integer("stride_kh")];
    head.values = &v[shared * call.integer("stride_vh")];
    for (int64_t i = 0; i < seqQ; ++i) {
      int64_t visible = call.flag("CAUSAL") ? std::min(seqK, i + 1) : seqK;
      lse[h * seqQ + i] = head.attend(
          &q[h * call.integer("stride_qh") + i * call.integer("stride_qs")],
          &out[h * call.integer("stride_oh") + i * call.integer("stride_os")],
          visible);
    }
  }
}
