#include "kernels/peers/OneDnn.h"

namespace tegula::corpus::onednn {

MaybeError batched_matmul(std::shared_ptr<const PeerCall> call, PeerRun &run) {
  auto integer = [&](const char *name) { return int64_t(call->number(name)); };
  int64_t m = integer("M"), n = integer("N"), k = integer("K");
  int64_t batch = call->extent("c", 0);
  if (integer("stride_az") == 0 || integer("stride_bz") == 0)
    return "the oneDNN peer has no shared operand";
  return prepareMatmul(
      call,
      {"a",
       {batch, m, k},
       {integer("stride_az"), integer("stride_am"), integer("stride_ak")}},
      {"b",
       {batch, k, n},
       {integer("stride_bz"), integer("stride_bk"), integer("stride_bn")}},
      {"c",
       {batch, m, n},
       {integer("stride_cz"), integer("stride_cm"), integer("stride_cn")}},
      run);
}

} // namespace tegula::corpus::onednn
