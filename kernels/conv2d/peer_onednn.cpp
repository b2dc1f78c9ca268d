#include "kernels/peers/OneDnn.h"

namespace tegula::corpus::onednn {

// An array of any rank, dense.
static Operand dense(const PeerCall &call, const char *name, int rank) {
  Operand operand{name, {}, std::vector<int64_t>(rank, 1)};
  for (int dim = 0; dim < rank; ++dim)
    operand.shape.push_back(call.extent(name, dim));
  for (int dim = rank - 1; dim > 0; --dim)
    operand.strides[dim - 1] = operand.strides[dim] * operand.shape[dim];
  return operand;
}

MaybeError conv2d(std::shared_ptr<const PeerCall> call, PeerRun &run) {
  return prepareConvolution(
      call, dense(*call, "x", 4), dense(*call, "weight", 4),
      dense(*call, "bias", 1), dense(*call, "y", 4),
      int64_t(call->number("stride")), int64_t(call->number("padding")), run);
}

} // namespace tegula::corpus::onednn
