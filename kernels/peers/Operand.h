// An argument of a kernel seen as a strided array, as libraries want it.
#ifndef TEGULA_KERNELS_PEERS_OPERAND_H
#define TEGULA_KERNELS_PEERS_OPERAND_H

#include "kernels/Peer.h"

namespace tegula::corpus {

struct Operand {
  const char *name;
  std::vector<int64_t> shape, strides;
};

// a, b and c of kernels/matmul, with the strides that the call gives.
struct MatmulOperands {
  Operand a, b, c;
};
MatmulOperands matmulOperands(const PeerCall &call);

} // namespace tegula::corpus

#endif // TEGULA_KERNELS_PEERS_OPERAND_H
