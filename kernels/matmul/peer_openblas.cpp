#include "kernels/peers/OpenBlas.h"

namespace tegula::corpus::openblas {

MaybeError matmul(std::shared_ptr<const PeerCall> call, PeerRun &run) {
  if (!call->isText("ACTIVATION", "none"))
    return "the OpenBLAS peer has no activation";
  auto integer = [&](const char *name) { return int64_t(call->number(name)); };
  int64_t m = integer("M"), n = integer("N"), k = integer("K");
  return prepareMatmul(
      call, {"a", {m, k}, {integer("stride_am"), integer("stride_ak")}},
      {"b", {k, n}, {integer("stride_bk"), integer("stride_bn")}},
      {"c", {m, n}, {integer("stride_cm"), integer("stride_cn")}}, run);
}

} // namespace tegula::corpus::openblas
