#include "kernels/peers/OneDnn.h"

namespace tegula::corpus::onednn {

MaybeError matmul_int8(std::shared_ptr<const PeerCall> call, PeerRun &run) {
  auto integer = [&](const char *name) { return int64_t(call->number(name)); };
  int64_t m = integer("M"), n = integer("N"), k = integer("K");
  return prepareMatmul(
      call, {"a", {m, k}, {integer("stride_am"), 1}},
      {"b", {k, n}, {integer("stride_bk"), integer("stride_bn")}},
      {"c", {m, n}, {integer("stride_cm"), 1}}, run);
}

} // namespace tegula::corpus::onednn
