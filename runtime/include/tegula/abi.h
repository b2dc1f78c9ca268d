/* The binary interface between a compiled CPU kernel and the runtime.
 *
 * Every CPU kernel, whatever its arguments, has one entry signature
 * (tegula_entry). A launch packs each kernel argument into one 8-byte slot:
 * a pointer as it is, an integer or float in the low bytes of the slot
 * (i1 and i8 in byte 0, f16/bf16 in bytes 0-1, f32 in bytes 0-3), the rest
 * zero. Arguments that were compiled in as constants have no slot.
 *
 * Example (what the generated code does for program (3, 0, 0) of vecadd):
 *   tegula_entry(slots = {&x, &y, &out, n}, program = {id = {3,0,0}, ...})
 *
 * A change of any layout here must raise TEGULA_ABI_VERSION: it is part of
 * the cache key and is compared when an artifact is loaded.
 */
#ifndef TEGULA_ABI_H
#define TEGULA_ABI_H

#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

#define TEGULA_ABI_VERSION 4

/* Element types, as kernels name them to the print service. */
/* clang-format off */
enum tegula_dtype {
  TEGULA_I1 = 0, TEGULA_I8, TEGULA_I16, TEGULA_I32, TEGULA_I64,
  TEGULA_U8, TEGULA_U16, TEGULA_U32, TEGULA_U64,
  TEGULA_F16, TEGULA_BF16, TEGULA_F32, TEGULA_F64,
  TEGULA_F8E4M3, TEGULA_F8E5M2, TEGULA_F8E4M3FNUZ, TEGULA_F8E5M2FNUZ,
  TEGULA_POINTER
};
/* clang-format on */

/* Decisions taken at launch that the code of a kernel reads. */
enum tegula_launch_flags {
  /* Stores bypass the caches: the launch's footprint exceeds them. */
  TEGULA_LAUNCH_NONTEMPORAL = 1u << 0,
  /* No two pointer arguments' access hulls overlap (see tegula_hull). */
  TEGULA_LAUNCH_NO_ALIAS = 1u << 1,
  /* No other program runs, of this launch or of another one that updates memory
   * atomically: plain loads and stores will do for atomics of device scope. Set
   * from one program to the next. */
  TEGULA_LAUNCH_ALONE = 1u << 2
};

struct tegula_program;

/* c[i, j] += sum over l < k of a[i, l] * b[l, j], in f32, for i < m and j < n.
 * Element (i, j) of a matrix is at i * row + j * column elements from its
 * first; the columns of c are 1 apart. */
struct tegula_product {
  int64_t m, n, k;
  const float *a;
  int64_t a_row, a_column;
  const float *b;
  int64_t b_row, b_column;
  float *c;
  int64_t c_row;
};

/* What `share` says beside the address. */
struct tegula_shared {
  /* What this thread asked for after the same memory before, if it did: where
   * it is likely to go on. Else the memory itself. */
  const void *next;
  uint32_t is_new; /* It must be filled first. */
};

/* What a running kernel may ask of the runtime. */
struct tegula_services {
  /* Prints one operand of a device_print. `values` holds the elements densely
   * in row-major order; a scalar has rank 0. `last` is 1 on the last operand
   * of the print statement (0 operands: dtype -1, values null). */
  void (*print)(const struct tegula_program *program, const char *prefix,
                int32_t dtype, int32_t hex, int32_t rank, const int64_t *shape,
                const void *values, int32_t last);
  /* Reports a failed assertion; does not return (it unwinds to the launcher
   * with longjmp, kernels own nothing that needs releasing). */
  void (*assert_failed)(const struct tegula_program *program,
                        const char *message, const char *file, int32_t line);
  /* Called in each turn of a loop that waits for another program. Comes back
   * unless the launch was interrupted or another program has failed; then it
   * unwinds as assert_failed does. */
  void (*yield)(const struct tegula_program *program);
  /* Memory (64-byte aligned, `bytes` of it) that later programs of this thread
   * may find again under the same key within the launch, and that stays as it
   * is until this program ends. The first word of the key is the number of
   * what is shared, the others tell its values apart. Returns `fallback`, then
   * always new, where there is no memory. */
  void *(*share)(const struct tegula_program *program, const uint64_t *key,
                 uint32_t words, uint64_t bytes, void *fallback,
                 struct tegula_shared *answer);
  /* A product of matrices on this thread alone. */
  void (*multiply)(const struct tegula_program *program,
                   const struct tegula_product *product);
};

/* One program of a launch, as its code sees it. */
struct tegula_program {
  uint32_t id[3];                         /* offset  0: program id x, y, z   */
  uint32_t grid[3];                       /* offset 12: number of programs   */
  uint32_t flags;                         /* offset 24: tegula_launch_flags  */
  uint32_t thread;                        /* offset 28: index of the thread  */
  void *arena;                            /* offset 32: 64-byte aligned      */
  const struct tegula_services *services; /* offset 40                       */
  void *launch;                           /* offset 48: the runtime's own    */
};

/* The one entry signature. Exported from the artifact as "tegula_entry". */
typedef void (*tegula_entry)(const uint64_t *slots,
                             const struct tegula_program *program);

#ifdef __cplusplus
}
#endif
#endif /* TEGULA_ABI_H */
