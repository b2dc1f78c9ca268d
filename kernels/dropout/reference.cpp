#include "kernels/Reference.h"

namespace {

// Philox 4x32 with 10 rounds: the first of the four words for a counter
// (offset, 0, 0, 0) and a 64-bit key.
uint32_t philox(uint64_t key, uint32_t offset) {
  uint32_t counter[4] = {offset, 0, 0, 0};
  uint32_t key0 = uint32_t(key), key1 = uint32_t(key >> 32);
  for (int round = 0; round < 10; ++round) {
    uint64_t first = uint64_t(0xD2511F53u) * counter[0];
    uint64_t second = uint64_t(0xCD9E8D57u) * counter[2];
    counter[0] = uint32_t(second >> 32) ^ counter[1] ^ key0;
    counter[1] = uint32_t(second);
    counter[2] = uint32_t(first >> 32) ^ counter[3] ^ key1;
    counter[3] = uint32_t(first);
    key0 += 0x9E3779B9u;
    key1 += 0xBB67AE85u;
  }
  return counter[0];
}

// What tl.rand makes of 32 bits. The multiplication is a float32 one: a number
// that decides whether an element stays must be the very same.
float uniform(uint32_t bits) {
  int32_t word = int32_t(bits);
  if (word < 0)
    word = -word - 1;
  return float(word) * 4.6566127342e-10f;
}

} // namespace

void tegula::corpus::references::dropout(ReferenceCall &call) {
  auto x = call.array("x");
  auto y = call.output("y");
  int64_t n = call.integer("n");
  float p = float(call.real("p"));
  uint64_t seed = uint64_t(call.integer("seed"));
  for (int64_t i = 0; i < n; ++i) {
    bool keep = uniform(philox(seed, uint32_t(i))) >= p;
    y[i] = keep ? x[i] / (1.0 - double(p)) : 0.0;
  }
}
