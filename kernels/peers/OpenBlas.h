// What the OpenBLAS peers share. The library is opened when it is asked for.
#ifndef TEGULA_KERNELS_PEERS_OPENBLAS_H
#define TEGULA_KERNELS_PEERS_OPENBLAS_H

#include "kernels/peers/Operand.h"

namespace tegula::corpus::openblas {

// C = A·B over 2 dimensions, f32 or f64; A and B may be transposed.
MaybeError prepareMatmul(std::shared_ptr<const PeerCall> call, const Operand &a,
                         const Operand &b, const Operand &c, PeerRun &run);

} // namespace tegula::corpus::openblas

#endif // TEGULA_KERNELS_PEERS_OPENBLAS_H
