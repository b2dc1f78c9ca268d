#include "kernels/peers/OpenBlas.h"

namespace tegula::corpus::openblas {

MaybeError matmul(std::shared_ptr<const PeerCall> call, PeerRun &run) {
  if (!call->isText("ACTIVATION", "none"))
    return "the OpenBLAS peer has no activation";
  auto [a, b, c] = matmulOperands(*call);
  return prepareMatmul(call, a, b, c, run);
}

} // namespace tegula::corpus::openblas
