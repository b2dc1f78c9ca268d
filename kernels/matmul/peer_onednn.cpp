#include "kernels/peers/OneDnn.h"

namespace tegula::corpus::onednn {

MaybeError matmul(std::shared_ptr<const PeerCall> call, PeerRun &run) {
  if (!call->isText("ACTIVATION", "none"))
    return "the oneDNN peer has no activation";
  auto [a, b, c] = matmulOperands(*call);
  return prepareMatmul(call, a, b, c, run);
}

} // namespace tegula::corpus::onednn
