#include "kernels/peers/OneDnn.h"

namespace tegula::corpus::onednn {

MaybeError softmax(std::shared_ptr<const PeerCall> call, PeerRun &run) {
  auto integer = [&](const char *name) { return int64_t(call->number(name)); };
  std::vector<int64_t> shape = {integer("n_rows"), integer("n_cols")};
  return prepareSoftmax(call, {"x", shape, {integer("stride_x"), 1}},
                        {"y", shape, {integer("stride_y"), 1}}, run);
}

} // namespace tegula::corpus::onednn
