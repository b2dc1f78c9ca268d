//===- Multiply.cpp - Products of matrices for running kernels ------------===//
//
// Part of the Tegula Project, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// oneDNN's sgemm, if the machine has the library: it is opened when a kernel
// first asks, so nothing depends on it. Else plain loops.
//
//===----------------------------------------------------------------------===//

#include "runtime/cpu/Launch.h"

#include <dlfcn.h>
#include <optional>

using namespace tegula::runtime;

extern "C" {
int omp_get_max_threads(void);
int omp_in_parallel(void);
void omp_set_num_threads(int);
}

namespace {

/// The C interface of oneDNN 1 to 3, row-major; not 0: it did nothing.
using Sgemm = int (*)(char transposeA, char transposeB, int64_t m, int64_t n,
                      int64_t k, float alpha, const float *a, int64_t lda,
                      const float *b, int64_t ldb, float beta, float *c,
                      int64_t ldc);

Sgemm findSgemm() {
  for (const char *name : {"libdnnl.so.3", "libdnnl.so.2"})
    if (void *library = ::dlopen(name, RTLD_NOW | RTLD_LOCAL))
      if (void *function = ::dlsym(library, "dnnl_sgemm"))
        return reinterpret_cast<Sgemm>(function);
  return nullptr;
}

/// How oneDNN is told of a matrix of `rows` by `columns`.
struct Layout {
  char transposed;
  int64_t leading;
};

std::optional<Layout> layoutOf(int64_t rows, int64_t columns, int64_t rowStride,
                               int64_t columnStride) {
  if (columnStride == 1 && rowStride >= columns)
    return Layout{'N', rowStride};
  if (rowStride == 1 && columnStride >= rows)
    return Layout{'T', columnStride};
  return std::nullopt;
}

/// The product is one thread's work, also where the launch has no other.
class OneThread {
public:
  OneThread() : isInTeam(omp_in_parallel()), before(omp_get_max_threads()) {
    if (!isInTeam)
      omp_set_num_threads(1);
  }
  ~OneThread() {
    if (!isInTeam)
      omp_set_num_threads(before);
  }

private:
  bool isInTeam;
  int before;
};

void multiplyPlainly(const tegula_product &p) {
  for (int64_t i = 0; i < p.m; ++i)
    for (int64_t l = 0; l < p.k; ++l) {
      float factor = p.a[i * p.a_row + l * p.a_column];
      const float *row = p.b + l * p.b_row;
      float *sums = p.c + i * p.c_row;
      for (int64_t j = 0; j < p.n; ++j)
        sums[j] += factor * row[j * p.b_column];
    }
}

} // namespace

void tegula::runtime::multiply(const tegula_program *,
                               const tegula_product *product) {
  const tegula_product &p = *product;
  if (p.m <= 0 || p.n <= 0 || p.k <= 0)
    return;
  static const Sgemm sgemm = findSgemm();
  auto a = layoutOf(p.m, p.k, p.a_row, p.a_column);
  auto b = layoutOf(p.k, p.n, p.b_row, p.b_column);
  if (sgemm && a && b) {
    OneThread scope;
    if (sgemm(a->transposed, b->transposed, p.m, p.n, p.k, 1.0f, p.a,
              a->leading, p.b, b->leading, 1.0f, p.c, p.c_row) == 0)
      return;
  }
  multiplyPlainly(p);
}
