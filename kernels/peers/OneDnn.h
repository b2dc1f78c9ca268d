// What the oneDNN peers share.
#ifndef TEGULA_KERNELS_PEERS_ONEDNN_H
#define TEGULA_KERNELS_PEERS_ONEDNN_H

#include "kernels/peers/Operand.h"

namespace tegula::corpus::onednn {

// C = A·B over 2 or 3 dimensions, the first of 3 being the batch.
MaybeError prepareMatmul(std::shared_ptr<const PeerCall> call, const Operand &a,
                         const Operand &b, const Operand &c, PeerRun &run);

// Softmax over the last of two dimensions.
MaybeError prepareSoftmax(std::shared_ptr<const PeerCall> call,
                          const Operand &x, const Operand &y, PeerRun &run);

// A two-dimensional convolution of dense NCHW images with bias.
MaybeError prepareConvolution(std::shared_ptr<const PeerCall> call,
                              const Operand &x, const Operand &weight,
                              const Operand &bias, const Operand &y,
                              int64_t stride, int64_t padding, PeerRun &run);

} // namespace tegula::corpus::onednn

#endif // TEGULA_KERNELS_PEERS_ONEDNN_H
