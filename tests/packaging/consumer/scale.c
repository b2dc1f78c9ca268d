/* x[i] *= factor, 64 elements for each program. */
#include <string.h>
#include <tegula/abi.h>

__attribute__((visibility("default"))) void
tegula_entry_(const uint64_t *slots,
              const struct tegula_program *program) __asm__("tegula_entry");

void tegula_entry_(const uint64_t *slots,
                   const struct tegula_program *program) {
  float *x = (float *)(uintptr_t)slots[0];
  float factor;
  memcpy(&factor, &slots[1], sizeof factor);
  uint32_t n = (uint32_t)slots[2];
  for (uint32_t i = program->id[0] * 64; i < (program->id[0] + 1) * 64; ++i)
    if (i < n)
      x[i] *= factor;
}
