#include "kernels/peers/Operand.h"

namespace tegula::corpus {

MatmulOperands matmulOperands(const PeerCall &call) {
  auto integer = [&](const char *name) { return int64_t(call.number(name)); };
  int64_t m = integer("M"), n = integer("N"), k = integer("K");
  return {{"a", {m, k}, {integer("stride_am"), integer("stride_ak")}},
          {"b", {k, n}, {integer("stride_bk"), integer("stride_bn")}},
          {"c", {m, n}, {integer("stride_cm"), integer("stride_cn")}}};
}

} // namespace tegula::corpus
